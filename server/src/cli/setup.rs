//! `whittle setup`: what to add to an editor's configuration, and where. In: the editors that are there and their
//! configuration. Out: the exact text, or with `--write` for Helix the changed file. Writes nothing else of an editor's.

mod helix;
mod languages_toml;
mod neovim;
mod vscode;

use std::fmt::Write as _;

use anyhow::{Result, bail};
use serde::Serialize;

use super::Options;
use super::editors::{Editor, EditorJson, find, names};
use super::output::{BOLD, DIM, GREEN, print, print_json, styled};

/// Where the other editors' configuration is told.
const OTHERS: &str = "docs/other-editors.md has Emacs, Kate, Sublime Text, Vim, Zed and JetBrains";

#[derive(Debug, clap::Args)]
pub(super) struct SetupArgs {
    /// helix, neovim or vscode; without it, the editors that are found are listed
    editor: Option<String>,
    /// Change Helix's languages.toml instead of printing what to add; the old one is kept beside it
    #[arg(long, requires = "editor")]
    write: bool,
    /// Only for this language, as Helix calls it; can be given several times [default: all that have code]
    #[arg(long, requires = "editor", value_name = "NAME")]
    language: Vec<String>,
}

/// The JSON document of one editor.
#[derive(Serialize)]
struct SetupJson {
    /// As the argument takes it.
    name: &'static str,
    title: &'static str,
    /// The program; `null` where it was not found.
    found: Option<EditorJson>,
    /// Whittle is in the configuration, now or already.
    done: bool,
    /// The file that was changed.
    written: Option<WrittenJson>,
    /// What is to be added.
    steps: Vec<StepJson>,
    /// What may be added as well.
    optional: Vec<StepJson>,
    /// Anything else to do or to know.
    next: Vec<String>,
}

#[derive(Serialize)]
struct WrittenJson {
    file: String,
    /// The old one, if there was one.
    copy: Option<String>,
}

#[derive(Serialize)]
struct StepJson {
    file: Option<String>,
    /// The line, from one, that is to be changed; `null`: the text is new.
    line: Option<usize>,
    /// Where, in words.
    what: String,
    text: String,
}

/// The JSON document of all editors.
#[derive(Serialize)]
struct EditorsJson {
    editors: Vec<StateJson>,
}

#[derive(Serialize)]
struct StateJson {
    #[serde(flatten)]
    editor: EditorJson,
    /// Whittle is in its configuration.
    done: bool,
}

pub(super) fn run(options: &Options, args: &SetupArgs) -> Result<()> {
    let Some(name) = &args.editor else { return list(options) };
    let Some(editor) = Editor::named(name) else {
        bail!("`whittle setup` knows {}, but no `{name}`; {OTHERS}", names().collect::<Vec<_>>().join(", "));
    };
    let found = editor.find();
    if !args.language.is_empty() && editor != Editor::Helix {
        bail!("--language is for Helix alone: {} asks the server for every language that is listed", editor.title());
    }
    let setup = match (editor, found) {
        (Editor::Helix, Some(found)) => helix::run(&found, &args.language, args.write)?,
        (Editor::Helix, None) => bail!(
            "Helix (hx) is neither in PATH nor in the usual folders: its own list of servers has to be asked for, so \
             add its folder to PATH and try again"
        ),
        (Editor::Neovim, _) if args.write => bail!(
            "Neovim's configuration is a program of yours, so nothing is written into it: `whittle setup neovim` \
             prints a file to put there"
        ),
        (Editor::VsCode, _) if args.write => bail!(
            "VS Code's configuration needs no change, but an extension: `whittle setup vscode` prints the command that \
             installs it"
        ),
        (Editor::Neovim, found) => neovim::run(found)?,
        (Editor::VsCode, found) => vscode::run(found),
    };
    if options.json { print_json(&setup) } else { print(&setup.page()) }
}

/// The editors that are there, and whether Whittle is in their configuration.
fn list(options: &Options) -> Result<()> {
    let state = |editor: Editor| {
        let found = editor.find()?;
        let done = match editor {
            Editor::Helix => helix::Found::read().is_ok_and(|found| found.is_set_up()),
            Editor::Neovim => neovim::is_set_up(),
            Editor::VsCode => vscode::is_set_up(),
        };
        Some(StateJson { editor: found, done })
    };
    let found = EditorsJson { editors: Editor::ALL.into_iter().filter_map(state).collect() };
    if options.json {
        return print_json(&found);
    }
    let mut out = String::new();
    for StateJson { editor, done } in &found.editors {
        let words =
            if *done { styled("is set up", GREEN) } else { format!("not set up yet: `whittle setup {}`", editor.name) };
        let version = editor.version.as_deref().map(|version| format!(", {version}")).unwrap_or_default();
        let _ = writeln!(out, "{:<8} {words}", editor.title);
        let _ = writeln!(out, "         {}", styled(&format!("{}{version}", editor.path), DIM));
    }
    if found.editors.is_empty() {
        let _ = writeln!(out, "None of Helix, Neovim and VS Code is in PATH or in the usual folders.");
    }
    let _ = writeln!(out, "{OTHERS}.");
    print(&out)
}

impl SetupJson {
    fn new(editor: Editor, found: Option<EditorJson>, done: bool) -> Self {
        let (name, title) = (editor.name(), editor.title());
        Self { name, title, found, done, written: None, steps: Vec::new(), optional: Vec::new(), next: Vec::new() }
    }

    fn page(&self) -> String {
        let mut out = String::new();
        match &self.found {
            Some(found) => {
                let version = found.version.as_deref().map(|version| format!(", {version}")).unwrap_or_default();
                let _ =
                    writeln!(out, "{} {}", styled(self.title, BOLD), styled(&format!("{}{version}", found.path), DIM));
            }
            None => {
                let _ = writeln!(out, "{} was not found here; this is for a recent one.", styled(self.title, BOLD));
            }
        }
        match &self.written {
            Some(WrittenJson { file, copy: None }) => {
                let _ = writeln!(out, "\n{file} is written, a new file.");
            }
            Some(WrittenJson { file, copy: Some(copy) }) => {
                let _ = writeln!(out, "\n{file} is changed; the old one is {copy}.");
            }
            None if self.done => {
                let _ = writeln!(out, "\nWhittle is set up in {}.", self.title);
            }
            None => {}
        }
        for StepJson { file, what, text, .. } in self.steps.iter().chain(&self.optional) {
            let form = file.as_deref().and_then(|file| file.rsplit_once('.')).map_or("sh", |(_, ending)| ending);
            let _ = writeln!(out, "\n{}\n", styled(&format!("{what}:"), BOLD));
            let _ = writeln!(out, "```{form}\n{}\n```", text.trim_end());
        }
        if !self.next.is_empty() {
            out.push('\n');
        }
        self.next.iter().for_each(|step| {
            let _ = writeln!(out, "{step}");
        });
        out
    }
}

/// How an editor starts this program: by its name where PATH leads to it, else by where it lies.
fn program_of_whittle() -> String {
    let own = std::env::current_exe().ok();
    let real = |path: &std::path::Path| std::fs::canonicalize(path).ok();
    let in_path = find("whittle", &[]);
    match own {
        Some(own) if in_path.as_deref().and_then(real) != real(&own) => own.display().to_string(),
        _ => "whittle".to_owned(),
    }
}
