//! Models that need no settings: a known key is there, or Ollama answers on this machine. In: the environment. Out: the
//! first that is found. Asks nobody but Ollama what it has installed, and sends it nothing.

use std::net::IpAddr;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use crate::config::{FoundModel, Kept, LOOKED_FOR, OLLAMA, ProviderRow, is_loopback, ollama_rank};

/// Longest time that Ollama may take to tell what it has.
const TIME: Duration = Duration::from_secs(2);

/// A model that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The model.
    pub model: FoundModel,
    /// How it was found, as the beginning of a sentence: `OPENAI_API_KEY is set`.
    pub how: String,
}

/// The first provider whose key is there: in its usual variable, or in the keyring. `env` reads a variable.
#[must_use]
pub fn find_key(env: &dyn Fn(&str) -> Option<String>, kept: &Kept) -> Option<Found> {
    let is_set = |variable: &&&str| env(variable).is_some_and(|value| !value.trim().is_empty());
    LOOKED_FOR.into_iter().find_map(|provider| {
        let variable = ProviderRow::named(provider)?.keys.iter().find(is_set);
        let in_keyring = || kept.keyring.contains(provider).then(|| format!("The keyring has a key of {provider}"));
        let how = variable.map(|name| format!("{name} is set")).or_else(in_keyring)?;
        Some(Found { model: FoundModel::of_provider(provider), how })
    })
}

/// The best model for code that Ollama has, if it answers at `host`, the value of `OLLAMA_HOST`, or else at its usual
/// place.
pub async fn find_ollama(host: Option<&str>) -> Option<Found> {
    let base_url = match host.filter(|host| !host.trim().is_empty()) {
        Some(host) => address(host)?,
        None => Url::parse(ProviderRow::named(OLLAMA)?.base_url).ok()?,
    };
    let shown = base_url.as_str().trim_end_matches('/').to_owned();
    let installed = tokio::time::timeout(TIME, installed(&base_url)).await.ok()??;
    let model = best(installed)?;
    let how = format!("Ollama answers at {shown}");
    let base_url = ProviderRow::named(OLLAMA).filter(|row| row.base_url != shown).map(|_| shown);
    Some(Found { model: FoundModel { provider: OLLAMA.to_owned(), model: Some(model), base_url }, how })
}

/// What Ollama says of one of its models.
#[derive(Debug, Deserialize)]
struct Installed {
    name: String,
    /// Bytes.
    #[serde(default)]
    size: u64,
    /// Where it really runs, if not here.
    remote_host: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Tags {
    models: Vec<Installed>,
}

async fn installed(base_url: &Url) -> Option<Vec<Installed>> {
    let mut client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    if is_loopback(base_url.as_str()) {
        client = client.no_proxy();
    }
    if base_url.scheme() == "http" {
        client = client.tls_certs_only([]); // saves reading the certificates
    }
    // fails when it is installed already, which is as good
    let _ = rustls::crypto::ring::default_provider().install_default();
    let answer = client.build().ok()?.get(base_url.join("api/tags").ok()?).send().await.ok()?;
    Some(answer.error_for_status().ok()?.json::<Tags>().await.ok()?.models)
}

/// The best one for code: of the best family the largest; those that run elsewhere or don't write text are left out.
fn best(installed: Vec<Installed>) -> Option<String> {
    let runs_here = |model: &Installed| {
        model.remote_host.as_deref().unwrap_or_default().is_empty() && !model.name.ends_with("cloud")
    };
    let ranked = installed.into_iter().filter(runs_here).filter_map(|model| Some((ollama_rank(&model.name)?, model)));
    let writes = |name: &str| !["embed", "ocr", "guard"].iter().any(|word| name.contains(word));
    let best =
        ranked.filter(|(_, model)| writes(&model.name)).min_by_key(|(rank, model)| (*rank, u64::MAX - model.size));
    best.map(|(_, model)| model.name)
}

/// `OLLAMA_HOST` as Ollama itself reads it: a host, a port, both, or an address; what it listens at everywhere is asked
/// on this machine.
fn address(host: &str) -> Option<Url> {
    const PORT: u16 = 11434;
    let host = host.trim().trim_matches(['"', '\'']);
    let host = match (host.parse::<std::net::Ipv6Addr>(), host.strip_prefix(':')) {
        (Ok(address), _) => format!("[{address}]"),
        (Err(_), Some(port)) => format!("127.0.0.1:{port}"),
        (Err(_), None) => host.to_owned(),
    };
    let (text, port) = if host.contains("://") { (host, None) } else { (format!("http://{host}"), Some(PORT)) };
    let mut url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let names_port = text.rsplit(']').next().is_some_and(|rest| rest.trim_start_matches("http://").contains(':'));
    if let Some(port) = port.filter(|_| !names_port) {
        url.set_port(Some(port)).ok()?;
    }
    let anywhere = match url.host()? {
        url::Host::Ipv4(address) => IpAddr::V4(address).is_unspecified(),
        url::Host::Ipv6(address) => IpAddr::V6(address).is_unspecified(),
        url::Host::Domain(_) => false,
    };
    if anywhere {
        url.set_host(Some("127.0.0.1")).ok()?;
    }
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_counts() {
        let check = |variables: &[(&str, &str)], keyring: &[&str], wanted: Option<(&str, &str)>| {
            let env =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string());
            let kept = Kept { keyring: keyring.iter().map(ToString::to_string).collect(), ..Kept::default() };
            let found = find_key(&env, &kept);
            assert_eq!(found.as_ref().map(|found| (found.model.provider.as_str(), found.how.as_str())), wanted);
        };
        check(&[], &[], None);
        check(&[("OPENAI_API_KEY", " ")], &[], None);
        check(&[("OPENROUTER_API_KEY", "k"), ("OPENAI_API_KEY", "k")], &[], Some(("openai", "OPENAI_API_KEY is set")));
        check(&[("GOOGLE_API_KEY", "k")], &[], Some(("gemini", "GOOGLE_API_KEY is set")));
        check(&[("GEMINI_API_KEY", "k"), ("GOOGLE_API_KEY", "k")], &[], Some(("gemini", "GEMINI_API_KEY is set")));
        check(&[("OPENAI_API_KEY", "k")], &["anthropic"], Some(("anthropic", "The keyring has a key of anthropic")));
        check(&[("GROQ_API_KEY", "k")], &["big"], None);
    }

    #[test]
    fn the_best_model_for_code_is_chosen() {
        let check = |models: &[(&str, u64)], wanted: Option<&str>| {
            let model =
                |(name, size): &(&str, u64)| Installed { name: name.to_string(), size: *size, remote_host: None };
            assert_eq!(best(models.iter().map(model).collect()).as_deref(), wanted, "{models:?}");
        };
        check(&[], None);
        check(&[("llama3.2:3b", 2), ("qwen2.5-coder:7b", 5), ("qwen2.5-coder:32b", 20)], Some("qwen2.5-coder:32b"));
        check(&[("qwen3-coder:480b-cloud", 0), ("llama3.2:3b", 2)], Some("llama3.2:3b"));
        check(&[("qwen3-embedding:8b", 5), ("nomic-embed-text", 1)], None);
        let elsewhere =
            Installed { name: "qwen3-coder".into(), size: 0, remote_host: Some("https://ollama.com".into()) };
        assert_eq!(best(vec![elsewhere]), None);
    }

    #[test]
    fn ollamas_variable_is_read_as_ollama_does() {
        let check = |host: &str, wanted: &str| assert_eq!(address(host).unwrap().as_str(), wanted, "{host}");
        check("127.0.0.1", "http://127.0.0.1:11434/");
        check("localhost:8080", "http://localhost:8080/");
        check(":8080", "http://127.0.0.1:8080/");
        check("0.0.0.0", "http://127.0.0.1:11434/");
        check("0.0.0.0:80", "http://127.0.0.1/");
        check("::1", "http://[::1]:11434/");
        check("[::]:8080", "http://127.0.0.1:8080/");
        check("http://box:1234/ollama", "http://box:1234/ollama/");
        check("https://box.example.com", "https://box.example.com/");
        check("\"gpu\"", "http://gpu:11434/");
        assert_eq!(address("ftp://box"), None);
        assert_eq!(address("http://me:secret@box"), None);
    }
}
