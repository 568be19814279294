//! Text that looks like a key or a password is blotted out before it can leave.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// Well-known forms of keys, after the rules that secret scanners share (gitleaks, detect-secrets): each is a form
/// that its issuer documents, so that ordinary code does not match.
const FORMS: &[&str] = &[
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(-----END [A-Z ]*PRIVATE KEY-----|\z)",
    r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
    r"\bgithub_pat_[A-Za-z0-9_]{22,}\b",
    r"\bglpat-[A-Za-z0-9_\-]{20,}",
    r"\bsk-(ant-|proj-|or-)?[A-Za-z0-9_\-]{32,}",
    r"\bxox[abprs]-[A-Za-z0-9\-]{10,}",
    r"\bAIza[0-9A-Za-z_\-]{35}",
    r"\b[sr]k_live_[0-9A-Za-z]{20,}",
    r"\beyJ[A-Za-z0-9_\-]{10,}\.eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}",
    r"\bnpm_[A-Za-z0-9]{36}\b",
    r"\bpypi-[A-Za-z0-9_\-]{50,}",
];

#[expect(clippy::expect_used, reason = "constant patterns, compiled by a test")]
static SECRETS: LazyLock<Regex> = LazyLock::new(|| Regex::new(&FORMS.join("|")).expect("the forms are valid"));

/// `text` with everything that looks like a key replaced by `[secret held back]`, and how many there were.
#[must_use]
pub fn mask_secrets(text: &str) -> (Cow<'_, str>, usize) {
    let count = SECRETS.find_iter(text).count();
    if count == 0 { (Cow::Borrowed(text), 0) } else { (SECRETS.replace_all(text, "[secret held back]"), count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_blotted_out_and_code_is_not() {
        let key = format!("AKIA{}", "IOSFODNN7EXAMPLE");
        assert_eq!(mask_secrets(&format!("k = \"{key}\"")), ("k = \"[secret held back]\"".into(), 1));
        let pem = "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nlet a;";
        assert_eq!(mask_secrets(pem).0, "[secret held back]\nlet a;");
        let code = "let sk_live = skip(task-1); // sk-learn, risk-averse";
        assert_eq!(mask_secrets(code), (code.into(), 0));
    }
}
