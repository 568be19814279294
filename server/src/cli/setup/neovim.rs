//! Neovim: a file of its own in the user's configuration, which Neovim reads by itself. In: the version, and what is
//! there. Out: the file to write.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use etcetera::BaseStrategy as _;

use super::{SetupJson, StepJson, program_of_whittle};
use crate::cli::editors::{Editor, EditorJson};
use crate::syntax;

/// What makes a folder the root of a project.
const ROOTS: &str = "{ '.git', 'Cargo.toml', 'package.json', 'pyproject.toml', 'go.mod' }";

/// Files of the configuration that are looked into at most.
const MOST_FILES: usize = 1000;

pub(super) fn run(found: Option<EditorJson>) -> Result<SetupJson> {
    let version = found.as_ref().and_then(|found| found.version.as_deref()).and_then(read_version);
    if let Some((major, minor)) = version.filter(|version| *version < (0, 10)) {
        bail!("this Neovim is {major}.{minor}; Whittle needs 0.10 or later");
    }
    let folder = folder()?;
    let mut setup = SetupJson::new(Editor::Neovim, found, mentions(&folder));
    if !setup.done {
        let file = folder.join("plugin/whittle.lua").display().to_string();
        let text = if version.is_some_and(|version| version < (0, 11)) { for_0_10() } else { for_0_11() };
        setup.steps.push(StepJson { what: format!("In {file}, a new file"), file: Some(file), line: None, text });
    }
    setup.next.push(
        "Start Neovim anew, then `gra` on some code lists the actions (0.10: :lua vim.lsp.buf.code_action())."
            .to_owned(),
    );
    setup
        .next
        .push("The plugin in editors/neovim adds `:Whittle`, a window for explanations and :checkhealth.".to_owned());
    Ok(setup)
}

/// Whether anything in the configuration names Whittle.
pub(super) fn is_set_up() -> bool {
    folder().is_ok_and(|folder| mentions(&folder))
}

fn folder() -> Result<PathBuf> {
    let name = std::env::var_os("NVIM_APPNAME").unwrap_or_else(|| "nvim".into());
    let home = || std::env::home_dir().context("this user has no home folder");
    if cfg!(windows) {
        return Ok(home()?.join("AppData/Local").join(name));
    }
    Ok(etcetera::choose_base_strategy().context("this user has no home folder")?.config_dir().join(name))
}

/// Whether a script of the folder says `whittle`.
fn mentions(folder: &Path) -> bool {
    let is_script = |path: &Path| path.extension().is_some_and(|ending| ending == "lua" || ending == "vim");
    let walk = ignore::WalkBuilder::new(folder).max_depth(Some(5)).follow_links(true).git_ignore(false).build();
    let scripts = walk.flatten().map(ignore::DirEntry::into_path).filter(|path| is_script(path)).take(MOST_FILES);
    let mut texts = scripts.filter_map(|path| std::fs::read_to_string(path).ok());
    texts.any(|text| text.contains("whittle"))
}

/// `NVIM v0.12.4` as numbers.
fn read_version(words: &str) -> Option<(u32, u32)> {
    let (major, rest) = words.split_once('v')?.1.split_once('.')?;
    let minor: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// The command as a list of Lua.
fn command() -> String {
    format!("{{ '{}', 'lsp' }}", program_of_whittle().replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The languages as a list of Lua, within the width of a page.
fn filetypes() -> String {
    let code = syntax::languages().iter().filter(|language| !language.document);
    let names = code.map(|language| match language.name {
        "bash" => "sh",
        "csharp" => "cs",
        "tsx" => "typescriptreact",
        name => name,
    });
    let mut lines = vec!["   ".to_owned()];
    for name in names.chain(["javascriptreact"]) {
        if lines.last().is_some_and(|line| line.len() + name.len() > 90) {
            lines.push("   ".to_owned());
        }
        lines.last_mut().into_iter().for_each(|line| line.push_str(&format!(" '{name}',")));
    }
    format!("{{\n{}\n  }}", lines.join("\n"))
}

fn for_0_11() -> String {
    format!(
        "vim.lsp.config('whittle', {{\n  cmd = {},\n  root_markers = {ROOTS},\n  filetypes = {},\n}})\n\
         vim.lsp.enable('whittle')\n",
        command(),
        filetypes()
    )
}

fn for_0_10() -> String {
    format!(
        "vim.api.nvim_create_autocmd('FileType', {{\n  pattern = {},\n  callback = function(args)\n    \
         local root = vim.fs.root(args.buf, {ROOTS})\n    \
         vim.lsp.start({{ name = 'whittle', cmd = {}, root_dir = root }})\n  end,\n}})\n",
        filetypes(),
        command()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    // the pages show what a build without the large grammars prints
    #[cfg(not(any(
        feature = "elixir",
        feature = "haskell",
        feature = "kotlin",
        feature = "scala",
        feature = "swift",
        feature = "zig"
    )))]
    #[test]
    fn the_documentation_has_the_same_lines() {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let pages = [include_str!("../../../../README.md"), include_str!("../../../../docs/editors.md")];
        for page in pages.map(plain) {
            assert!(page.contains(&plain(&format!("filetypes = {}", filetypes()))), "{}", filetypes());
            assert!(page.contains(&plain(&format!("root_markers = {ROOTS}"))));
        }
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(read_version("NVIM v0.12.4"), Some((0, 12)));
        assert_eq!(read_version("NVIM v0.10.0-dev-3051+g1"), Some((0, 10)));
        assert_eq!(read_version("NVIM"), None);
    }
}
