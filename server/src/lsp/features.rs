//! What the client can do, read leniently: a capability of an unexpected shape counts as absent.

use serde_json::Value;

use crate::text::Encoding;

/// Abilities of the client that change what is sent to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Features {
    /// What its columns count.
    pub encoding: Encoding,
    /// Creates files within an edit.
    pub creates_files: bool,
    /// Deletes files within an edit.
    pub deletes_files: bool,
    /// Renames files within an edit.
    pub renames_files: bool,
    /// Takes an edit of several files as a whole or not at all.
    pub edits_whole: bool,
    /// Shows an edit that says so and asks before it applies it.
    pub annotates: bool,
    /// Shows progress that the server begins.
    pub progress: bool,
    /// Opens a document that the server names.
    pub shows_documents: bool,
    /// Asks the server for the text of documents that are nowhere on disk.
    pub virtual_documents: bool,
    /// Takes actions that can't be chosen, with the reason.
    pub disabled_actions: bool,
    /// Registers hovering later.
    pub dynamic_hover: bool,
    /// Registers watching later.
    pub dynamic_watching: bool,
    /// Asks the user questions for the server.
    pub asks_questions: bool,
    /// Answers `workspace/configuration`.
    pub configuration: bool,
    /// Its extension asks the user for instructions when an action carries `"ask": ""`.
    pub asks: bool,
    /// Its extension shows `whittle/status`.
    pub status: bool,
    /// Neovim checks no version when the edit's is 0.
    pub is_neovim: bool,
    /// Helix replaces what is being edited when a document is shown.
    pub is_helix: bool,
}

impl Features {
    /// From the parameters of `initialize`.
    pub(super) fn read(params: &Value) -> Self {
        let at = |path: &str| params.pointer(&format!("/capabilities{path}"));
        let yes = |path: &str| at(path).and_then(Value::as_bool).unwrap_or(false);
        let list = |path: &str| -> Vec<&str> {
            at(path)
                .and_then(Value::as_array)
                .map_or(Vec::new(), |list| list.iter().filter_map(Value::as_str).collect())
        };
        let operations = list("/workspace/workspaceEdit/resourceOperations");
        let handling = at("/workspace/workspaceEdit/failureHandling").and_then(Value::as_str);
        let option = |name: &str| params["initializationOptions"][name] == true;
        let name = params.pointer("/clientInfo/name").and_then(Value::as_str).unwrap_or_default();
        let is_neovim = name.eq_ignore_ascii_case("neovim");
        Self {
            encoding: encoding(&list("/general/positionEncodings")),
            creates_files: operations.contains(&"create"),
            deletes_files: operations.contains(&"delete"),
            renames_files: operations.contains(&"rename"),
            edits_whole: matches!(handling, Some("transactional" | "textOnlyTransactional" | "undo")),
            // Neovim's question shows nothing of the edit
            annotates: !is_neovim
                && at("/workspace/workspaceEdit/changeAnnotationSupport").is_some_and(Value::is_object),
            progress: yes("/window/workDoneProgress"),
            shows_documents: yes("/window/showDocument/support"),
            virtual_documents: at("/workspace/textDocumentContent").is_some_and(Value::is_object),
            disabled_actions: yes("/textDocument/codeAction/disabledSupport"),
            dynamic_hover: yes("/textDocument/hover/dynamicRegistration"),
            dynamic_watching: yes("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            asks_questions: at("/window/showMessage").is_some_and(Value::is_object),
            configuration: yes("/workspace/configuration"),
            asks: option("asks"),
            status: option("status"),
            is_neovim,
            is_helix: name.eq_ignore_ascii_case("helix"),
        }
    }

    /// The version that an edit of a document at `version` carries. Neovim opens documents at version 0 and takes an edit
    /// with that version as one for any version; it refuses one with version 1 once anything was typed.
    pub(super) fn edit_version(&self, version: i32) -> i32 {
        if self.is_neovim { version.max(1) } else { version }
    }

    /// The agreed encoding as the protocol names it.
    pub(super) const fn encoding_name(&self) -> &'static str {
        match self.encoding {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16 => "utf-16",
            Encoding::Utf32 => "utf-32",
        }
    }
}

/// UTF-8 where the client has it, as texts are kept so; else its first choice that is known; else UTF-16, which every
/// client has.
fn encoding(offered: &[&str]) -> Encoding {
    let known = |name: &&str| match *name {
        "utf-8" => Some(Encoding::Utf8),
        "utf-16" => Some(Encoding::Utf16),
        "utf-32" => Some(Encoding::Utf32),
        _ => None,
    };
    let offered: Vec<Encoding> = offered.iter().filter_map(known).collect();
    if offered.contains(&Encoding::Utf8) { Encoding::Utf8 } else { offered.first().copied().unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn encodings_are_agreed_on() {
        let check = |offered: Value, name: &str| {
            let features = Features::read(&json!({ "capabilities": { "general": { "positionEncodings": offered } } }));
            assert_eq!(features.encoding_name(), name);
        };
        check(json!(["utf-16", "utf-8"]), "utf-8");
        check(json!(["utf-32", "utf-16"]), "utf-32");
        check(json!(["utf-7"]), "utf-16");
        check(json!([]), "utf-16");
        check(json!(17), "utf-16");
        assert_eq!(Features::read(&json!({})), Features::default());
    }
}
