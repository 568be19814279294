//! Helix: languages.toml lists the servers of a language, and a user's list replaces Helix's own. In: what `hx --health`
//! says and the user's file. Out: what to add, or the file with it, the old one beside it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{fs, io};

use anyhow::{Context as _, Result, bail};
use etcetera::BaseStrategy as _;

use super::languages_toml::{self, Language, Planned};
use super::{SetupJson, StepJson, WrittenJson, program_of_whittle};
use crate::cli::editors::{Editor, EditorJson, output};
use crate::syntax;

/// Longest time that Helix may take to tell a language's servers.
const HEALTH_TIME: Duration = Duration::from_secs(5);

/// Keys and settings that are worth having.
const KEYS: &str = include_str!("../../../../editors/helix/config.toml");

/// Where Whittle stands in Helix.
pub(super) struct Found {
    file: PathBuf,
    old: Option<String>,
}

impl Found {
    /// Reads the user's file.
    pub(super) fn read() -> Result<Self> {
        let file = folder()?.join("languages.toml");
        let old = match fs::read_to_string(&file) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("{} can't be read", file.display())),
        };
        Ok(Self { file, old })
    }

    /// Whether the file has Whittle among the servers of a language, and no workspace's file here takes it away.
    pub(super) fn is_set_up(&self) -> bool {
        let text = self.old.as_deref().unwrap_or_default();
        let has: Vec<&str> =
            languages().filter(|name| languages_toml::lists_whittle(text, name) == Some(true)).collect();
        !has.is_empty() && of_workspace(&has).is_none()
    }
}

/// Helix's folder of the user's configuration, on every system.
fn folder() -> Result<PathBuf> {
    Ok(etcetera::choose_base_strategy().context("this user has no home folder")?.config_dir().join("helix"))
}

/// The languages that Whittle cuts along their trees, as Helix calls them; documents only where they are asked for.
fn languages() -> impl Iterator<Item = &'static str> {
    let code = syntax::languages().iter().filter(|language| !language.document);
    code.flat_map(|language| match language.name {
        "csharp" => &["c-sharp"][..],
        "javascript" => &["javascript", "jsx"],
        _ => std::slice::from_ref(&language.name),
    })
    .copied()
}

pub(super) fn run(editor: &EditorJson, only: &[String], write: bool) -> Result<SetupJson> {
    let found = Found::read()?;
    let program = Path::new(&editor.path);
    let wanted: Vec<&str> =
        if only.is_empty() { languages().collect() } else { only.iter().map(String::as_str).collect() };
    let mut all = Vec::new();
    for name in wanted {
        match servers(program, name)? {
            Some(servers) => all.push(Language { name: name.to_owned(), servers }),
            None if only.is_empty() => {} // an older Helix may not know it
            None => bail!("Helix knows no language `{name}`: `hx --health` lists those that it knows"),
        }
    }
    let old = found.old.as_deref().unwrap_or_default();
    let planned = languages_toml::plan(old, &program_of_whittle(), &all)
        .with_context(|| format!("{} was left as it is", found.file.display()))?;
    let file = found.file.display().to_string();
    let mut setup = SetupJson::new(Editor::Helix, Some(editor.clone()), planned.additions.is_empty());
    if write && !setup.done {
        let copy = replace(&found, &planned)?;
        setup.done = true;
        setup.written = Some(WrittenJson { file: file.clone(), copy: copy.map(|copy| copy.display().to_string()) });
    }
    let step = |one: &languages_toml::Addition| StepJson {
        file: Some(file.clone()),
        line: one.line,
        what: match one.line {
            Some(line) => format!("In {file}, line {line}, have"),
            None if found.old.is_none() => format!("In {file}, a new file"),
            None => format!("At the end of {file}"),
        },
        text: one.text.clone(),
    };
    if setup.written.is_none() {
        setup.steps.extend(planned.additions.iter().map(step));
        if !setup.done {
            setup.next.push("`whittle setup helix --write` does this, and keeps a copy of the old file.".to_owned());
        }
    }
    let config = found.file.with_file_name("config.toml");
    if !fs::read_to_string(&config).is_ok_and(|text| text.contains("whittle.")) {
        let what = format!("Keys, if you like, and progress on the status line: in {}", config.display());
        let file = Some(config.display().to_string());
        setup.optional.push(StepJson { file, line: None, what, text: KEYS.to_owned() });
    }
    let names: Vec<&str> = all.iter().map(|language| language.name.as_str()).collect();
    if let Some((own, without)) = of_workspace(&names) {
        setup.done = false;
        setup.next.push(format!(
            "{} names only other servers for {}, and counts more than your own file in that folder: add \"whittle\" to its \
             lists there.",
            own.display(),
            without.join(", ")
        ));
    }
    if setup.done {
        setup.next.push("Start Helix anew, then `space a` on some code lists the actions.".to_owned());
    }
    Ok(setup)
}

/// The servers that a language has now, or `None` where Helix does not know it. Asked where no workspace's own settings
/// count.
fn servers(program: &Path, language: &str) -> Result<Option<Vec<String>>> {
    let root = program.ancestors().last().unwrap_or(program);
    let mut command = Command::new(program);
    let health = output(command.args(["--health", language]).current_dir(root), HEALTH_TIME);
    let health = health.with_context(|| format!("`{} --health {language}` does not answer", program.display()))?;
    read_health(&health).with_context(|| format!("`{} --health {language}` can't be understood", program.display()))
}

/// Reads what `hx --health LANGUAGE` prints.
fn read_health(text: &str) -> Result<Option<Vec<String>>> {
    let plain = without_colours(text);
    if plain.contains("not found\n") && !plain.contains("Configured language server") {
        return Ok(None);
    }
    let mut lines = plain.lines().skip_while(|line| !line.starts_with("Configured language servers:"));
    let Some(first) = lines.next() else { bail!("it names no language servers") };
    if first.trim_end().ends_with("None") {
        return Ok(Some(Vec::new()));
    }
    let listed = lines.take_while(|line| line.starts_with(' '));
    let name = |line: &str| Some(line.trim_start().split_once(' ')?.1.split_once(':')?.0.to_owned());
    listed.map(|line| name(line).with_context(|| format!("`{line}` names no server"))).collect::<Result<_>>().map(Some)
}

/// Helix colours what it prints to a pipe, too.
fn without_colours(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or("", |(_, rest)| rest))
}

/// The languages.toml of the workspace that the current folder lies in, and the languages for which it names only others.
fn of_workspace<'a>(languages: &[&'a str]) -> Option<(PathBuf, Vec<&'a str>)> {
    let here = std::env::current_dir().ok()?;
    let own = here.ancestors().map(|folder| folder.join(".helix/languages.toml")).find(|file| file.is_file())?;
    let text = fs::read_to_string(&own).ok()?;
    let is_without = |name: &&&str| languages_toml::lists_whittle(&text, name) == Some(false);
    let without: Vec<&str> = languages.iter().filter(is_without).copied().collect();
    (!without.is_empty()).then_some((own, without))
}

/// Writes the new file whole or not at all, through links, with the old one's rights; gives the copy of the old.
fn replace(found: &Found, planned: &Planned) -> Result<Option<PathBuf>> {
    let file = &found.file;
    let failed = || format!("{} can't be written", file.display());
    // `fs::canonicalize` needs the file; a link may lead to one that is not there yet
    let target = match fs::read_link(file) {
        Ok(_) if found.old.is_some() => fs::canonicalize(file).with_context(failed)?,
        Ok(link) => file.parent().unwrap_or(file).join(link),
        Err(_) => file.clone(),
    };
    let folder = target.parent().with_context(failed)?;
    fs::create_dir_all(folder).with_context(failed)?;
    let copy = match &found.old {
        Some(old) => {
            let copy = free_name(file);
            let mut new = fs::OpenOptions::new().write(true).create_new(true).open(&copy).with_context(failed)?;
            io::Write::write_all(&mut new, old.as_bytes())
                .with_context(|| format!("{} can't be written", copy.display()))?;
            Some(copy)
        }
        None => None,
    };
    let beside = folder.join(format!(".languages.toml.{}.new", std::process::id()));
    let write = || -> io::Result<()> {
        let mut new = fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
        if let Ok(old) = fs::metadata(&target) {
            new.set_permissions(old.permissions())?;
        }
        io::Write::write_all(&mut new, planned.text.as_bytes())?;
        new.sync_all()?;
        fs::rename(&beside, &target)
    };
    write().inspect_err(|_| drop(fs::remove_file(&beside))).with_context(failed)?;
    Ok(copy)
}

/// `languages.toml.before-whittle`, numbered where there is one.
fn free_name(file: &Path) -> PathBuf {
    let name = |end: &str| PathBuf::from(format!("{}.before-whittle{end}", file.display()));
    let numbered = (2..).map(|number| name(&format!("-{number}")));
    std::iter::once(name("")).chain(numbered).find(|copy| !copy.exists()).unwrap_or_else(|| name(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_names_the_servers() {
        let check = |text: &str, wanted: Option<&[&str]>| {
            let found = read_health(text).unwrap();
            assert_eq!(found, wanted.map(|names| names.iter().map(ToString::to_string).collect::<Vec<_>>()), "{text}");
        };
        let some = "Configured language servers:\n  \u{1b}[0;32m✓\u{1b}[m rust-analyzer: \u{1b}[0;32m/bin/ra\u{1b}[m\n  \
                    \u{1b}[0;31m✘\u{1b}[m a b: \u{1b}[0;31m'a' not found in $PATH\u{1b}[m\nConfigured debug adapter:\n  x y: z\n";
        check(some, Some(&["rust-analyzer", "a b"]));
        check("Configured language servers:\u{1b}[0;33m None\u{1b}[m\nConfigured debug adapter: None\n", Some(&[]));
        check("\u{1b}[0;31mLanguage 'x' not found\u{1b}[m\nDid you mean one of these: nix ?\n", None);
        assert!(read_health("Configured language server: a\n").is_err());
        assert!(read_health("").is_err());
    }
}
