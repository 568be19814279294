//! What sets the editors apart: what they say of themselves, and how they write file addresses.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The editor to play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// VS Code with vscode-languageclient 10.
    VsCode,
    /// Neovim 0.12.
    Neovim,
    /// Helix 25.07.
    Helix,
}

impl Profile {
    pub(crate) const ALL: [Self; 3] = [Self::VsCode, Self::Neovim, Self::Helix];

    pub(super) fn client_info(self) -> Value {
        match self {
            Self::VsCode => json!({ "name": "Visual Studio Code", "version": "1.104.0" }),
            Self::Neovim => json!({ "name": "Neovim", "version": "0.12.4" }),
            Self::Helix => json!({ "name": "helix", "version": "25.07.1 (a05c151b)" }),
        }
    }

    pub(super) fn capabilities(self) -> Value {
        match self {
            Self::VsCode => vscode(),
            Self::Neovim => neovim(),
            Self::Helix => helix(),
        }
    }

    /// The address of a file, escaped as this editor does: VS Code most, Helix least (`[id].tsx` stays as it is).
    pub(crate) fn uri(self, path: &Path) -> String {
        let plain = |byte: u8| match self {
            Self::VsCode => byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte),
            Self::Neovim => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte),
            Self::Helix => byte.is_ascii_graphic() && !b"\"#<>?`{}%\\".contains(&byte),
        };
        if !path.is_absolute() {
            return path.to_str().unwrap().to_owned(); // a document that is nowhere on disk goes by its address
        }
        let mut uri = String::from("file://");
        for &byte in path.to_str().unwrap().as_bytes() {
            if plain(byte) {
                uri.push(byte.into());
            } else {
                uri.push_str(&format!("%{byte:02X}"));
            }
        }
        uri
    }
}

/// The file of an address, in whatever way it is escaped; none for other schemes.
pub(crate) fn path_of(uri: &str) -> Option<PathBuf> {
    let mut bytes = Vec::new();
    let mut rest = uri.strip_prefix("file://")?.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    Some(PathBuf::from(String::from_utf8(bytes).unwrap()))
}

/// What a document of an address is known by here: its file, else the address.
pub(super) fn document_of(uri: &str) -> PathBuf {
    path_of(uri).unwrap_or_else(|| PathBuf::from(uri))
}

/// The id that an editor gives to a file's language.
pub(crate) fn language_of(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("rs") => "rust",
        Some("py") => "python",
        Some("ts") => "typescript",
        Some("tsx") => "typescriptreact",
        Some("js" | "mjs" | "cjs") => "javascript",
        Some("jsx") => "javascriptreact",
        Some("go") => "go",
        Some("java") => "java",
        Some("c" | "h") => "c",
        Some("cpp" | "hpp" | "cc") => "cpp",
        Some("md") => "markdown",
        Some("toml") => "toml",
        Some("json") => "json",
        _ => "plaintext",
    }
}

fn vscode() -> Value {
    json!({
        "general": {
            "staleRequestSupport": { "cancel": true, "retryOnContentModified": ["textDocument/semanticTokens/full"] },
            "regularExpressions": { "engine": "ECMAScript", "version": "ES2020" },
            "markdown": { "parser": "marked", "version": "1.1.0" },
            "positionEncodings": ["utf-16"],
        },
        "workspace": {
            "applyEdit": true,
            "workspaceEdit": {
                "documentChanges": true,
                "resourceOperations": ["create", "rename", "delete"],
                "failureHandling": "textOnlyTransactional",
                "normalizesLineEndings": true,
                "changeAnnotationSupport": { "groupsOnLabel": true },
                "metadataSupport": true,
                "snippetEditSupport": true,
            },
            "configuration": true,
            "didChangeConfiguration": { "dynamicRegistration": true },
            "didChangeWatchedFiles": { "dynamicRegistration": true, "relativePatternSupport": true },
            "workspaceFolders": true,
            "executeCommand": { "dynamicRegistration": true },
            "codeLens": { "refreshSupport": true },
            "diagnostics": { "refreshSupport": true },
            "textDocumentContent": { "dynamicRegistration": true },
            "fileOperations": {
                "dynamicRegistration": true, "didCreate": true, "didRename": true, "didDelete": true,
                "willCreate": true, "willRename": true, "willDelete": true,
            },
        },
        "textDocument": {
            "synchronization": {
                "dynamicRegistration": true, "willSave": true, "willSaveWaitUntil": true, "didSave": true,
            },
            "hover": { "dynamicRegistration": true, "contentFormat": ["markdown", "plaintext"] },
            "codeAction": {
                "dynamicRegistration": true,
                "isPreferredSupport": true,
                "disabledSupport": true,
                "dataSupport": true,
                "resolveSupport": { "properties": ["edit", "command"] },
                "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [
                    "", "quickfix", "refactor", "refactor.extract", "refactor.inline", "refactor.rewrite", "source",
                    "source.organizeImports", "notebook",
                ] } },
                "honorsChangeAnnotations": true,
                "documentationSupport": true,
            },
            "publishDiagnostics": {
                "relatedInformation": true, "versionSupport": false, "tagSupport": { "valueSet": [1, 2] },
                "codeDescriptionSupport": true, "dataSupport": true,
            },
            "diagnostic": { "dynamicRegistration": true, "relatedDocumentSupport": false },
        },
        "window": {
            "showMessage": { "messageActionItem": { "additionalPropertiesSupport": true } },
            "showDocument": { "support": true },
            "workDoneProgress": true,
        },
    })
}

/// No `documentChanges`, though it does apply them with their versions.
fn neovim() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-8", "utf-16", "utf-32"] },
        "workspace": {
            "applyEdit": true,
            "workspaceEdit": {
                "resourceOperations": ["rename", "create", "delete"],
                "normalizesLineEndings": true,
                "changeAnnotationSupport": { "groupsOnLabel": true },
            },
            "configuration": true,
            "didChangeConfiguration": { "dynamicRegistration": false },
            "didChangeWatchedFiles": { "dynamicRegistration": false, "relativePatternSupport": true },
            "workspaceFolders": true,
            "codeLens": { "refreshSupport": true },
            "diagnostics": { "refreshSupport": true },
            "inlayHint": { "refreshSupport": true },
        },
        "textDocument": {
            "synchronization": {
                "dynamicRegistration": false, "willSave": true, "willSaveWaitUntil": true, "didSave": true,
            },
            "hover": { "dynamicRegistration": true, "contentFormat": ["markdown", "plaintext"] },
            "codeAction": {
                "dynamicRegistration": true,
                "isPreferredSupport": true,
                "disabledSupport": true,
                "dataSupport": true,
                "resolveSupport": { "properties": ["edit", "command"] },
                "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [
                    "", "quickfix", "refactor", "refactor.extract", "refactor.inline", "refactor.rewrite", "source",
                    "source.fixAll", "source.organizeImports",
                ] } },
                "honorsChangeAnnotations": true,
            },
            "publishDiagnostics": {
                "relatedInformation": true, "tagSupport": { "valueSet": [1, 2] }, "dataSupport": true,
            },
            "diagnostic": { "dynamicRegistration": true, "dataSupport": true },
        },
        "window": {
            "workDoneProgress": true,
            "showMessage": { "messageActionItem": { "additionalPropertiesSupport": true } },
            "showDocument": { "support": true },
        },
    })
}

fn helix() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-8", "utf-32", "utf-16"] },
        "workspace": {
            "applyEdit": true,
            "workspaceEdit": {
                "documentChanges": true,
                "resourceOperations": ["create", "rename", "delete"],
                "failureHandling": "abort",
                "normalizesLineEndings": false,
            },
            "configuration": true,
            "didChangeConfiguration": { "dynamicRegistration": false },
            "didChangeWatchedFiles": { "dynamicRegistration": true, "relativePatternSupport": false },
            "executeCommand": { "dynamicRegistration": false },
            "workspaceFolders": true,
            "fileOperations": { "willRename": true, "didRename": true },
        },
        "textDocument": {
            "hover": { "contentFormat": ["markdown"] },
            "codeAction": {
                "isPreferredSupport": true,
                "disabledSupport": true,
                "dataSupport": true,
                "resolveSupport": { "properties": ["edit", "command"] },
                "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [
                    "", "quickfix", "refactor", "refactor.extract", "refactor.inline", "refactor.rewrite", "source",
                    "source.organizeImports",
                ] } },
            },
            "publishDiagnostics": { "versionSupport": true, "tagSupport": { "valueSet": [1, 2] } },
        },
        "window": { "workDoneProgress": true, "showDocument": { "support": true } },
    })
}
