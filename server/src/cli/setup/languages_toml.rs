//! Helix's languages.toml with Whittle in it. In: the file's text, and the servers that each language has now. Out: the
//! text with `whittle` last in each list, everything else as it was; what was added. Never reads or writes a file.

use std::fmt::Write as _;

use anyhow::{Result, anyhow, bail};
use toml_edit::{Array, Document, DocumentMut, InlineTable, Item, TableLike, Value};

/// The server's name in the file.
const SERVER: &str = "whittle";

/// A language that is to have Whittle.
#[derive(Clone, Debug)]
pub(super) struct Language {
    /// As Helix calls it.
    pub(super) name: String,
    /// The servers that it has now, in their order.
    pub(super) servers: Vec<String>,
}

/// Something to add to the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Addition {
    /// The line, from one, of the entry that gets it; `None`: at the end of the file.
    pub(super) line: Option<usize>,
    /// What stands there afterwards.
    pub(super) text: String,
}

/// The file as it is to be.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) text: String,
    /// Empty: all is there.
    pub(super) additions: Vec<Addition>,
}

/// Adds Whittle, started by `command`, to `languages`.
pub(super) fn plan(old: &str, command: &str, languages: &[Language]) -> Result<Planned> {
    let bare = old.strip_prefix('\u{feff}').unwrap_or(old);
    let spans = Document::parse(bare).map_err(|error| anyhow!(said(&error, bare)))?;
    let mut doc = spans.clone().into_mut();
    let (mut additions, mut end) = (Vec::new(), String::new());

    match doc.get("language-server") {
        Some(servers) if servers.as_table_like().is_none() => bail!("`language-server` is no table: mend it first"),
        Some(servers) if servers.get(SERVER).is_some() => {}
        Some(Item::Value(_)) => {
            let server = format!("{{ command = {}, args = [\"lsp\"] }}", Value::from(command));
            let value: Value = server.parse().map_err(|_| anyhow!("`{command}` can't be written as TOML"))?;
            let servers = doc.get_mut("language-server").and_then(Item::as_table_like_mut);
            servers.map(|servers| servers.insert(SERVER, Item::Value(value)));
            let line = line_of(bare, spans.get("language-server").and_then(Item::span));
            additions.push(Addition { line, text: format!("{SERVER} = {server}") });
        }
        _ => {
            let _ = write!(end, "[language-server.{SERVER}]\ncommand = {}\nargs = [\"lsp\"]\n", Value::from(command));
        }
    }

    for language in languages {
        match entry(doc.get_mut("language"), &language.name)? {
            Entry::There(index, entry) => {
                if let Some(text) = extend(entry, &language.servers)? {
                    additions.push(Addition { line: entry_line(&spans, bare, index), text });
                }
            }
            Entry::Inline(entries) => {
                let mut entry = InlineTable::new();
                entry.insert("name", language.name.as_str().into());
                entry.insert("language-servers", with_whittle(&language.servers).into());
                let text = entry.to_string();
                push(entries, entry.into());
                let line = line_of(bare, spans.get("language").and_then(Item::span));
                additions.push(Addition { line, text });
            }
            Entry::Absent => {
                let (name, servers) = (Value::from(language.name.as_str()), with_whittle(&language.servers));
                let gap = if end.is_empty() { "" } else { "\n" };
                let _ = write!(end, "{gap}[[language]]\nname = {name}\nlanguage-servers = {servers}\n");
            }
        }
    }

    let mut text = if additions.is_empty() { bare.to_owned() } else { doc.to_string() };
    if !end.is_empty() {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        if !text.trim().is_empty() {
            text.push('\n');
        }
        text.push_str(&end);
        additions.push(Addition { line: None, text: end });
    }
    if old.contains("\r\n") {
        text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    }
    if bare.len() < old.len() {
        text.insert(0, '\u{feff}');
    }
    check(&text, languages)?;
    Ok(Planned { text, additions })
}

/// What is wrong with a file, and where.
fn said(error: &toml_edit::TomlError, text: &str) -> String {
    let line = line_of(text, error.span()).map(|line| format!("line {line}: ")).unwrap_or_default();
    format!("{line}{}", error.message())
}

fn line_of(text: &str, span: Option<std::ops::Range<usize>>) -> Option<usize> {
    Some(1 + text.get(..span?.start)?.matches('\n').count())
}

/// A language's place in the file.
enum Entry<'a> {
    /// Its index and its table.
    There(usize, &'a mut dyn TableLike),
    /// It has none in this list of tables in one value.
    Inline(&'a mut Array),
    Absent,
}

fn entry<'a>(languages: Option<&'a mut Item>, name: &str) -> Result<Entry<'a>> {
    let is = |table: &dyn TableLike| table.get("name").and_then(Item::as_str) == Some(name);
    Ok(match languages {
        None => Entry::Absent,
        Some(Item::ArrayOfTables(tables)) => {
            let found = counting(tables.iter().map(|table| table as &dyn TableLike), &is);
            match found.and_then(|index| Some((index, tables.get_mut(index)?))) {
                Some((index, table)) => Entry::There(index, table),
                None => Entry::Absent,
            }
        }
        Some(Item::Value(Value::Array(entries))) => {
            let tables: Vec<&InlineTable> = entries.iter().filter_map(Value::as_inline_table).collect();
            let found = (tables.len() == entries.len())
                .then(|| counting(tables.into_iter().map(|table| table as &dyn TableLike), &is))
                .flatten();
            match found {
                Some(index) => match entries.get_mut(index).and_then(Value::as_inline_table_mut) {
                    Some(table) => Entry::There(index, table),
                    None => Entry::Absent,
                },
                None => Entry::Inline(entries),
            }
        }
        Some(_) => bail!("`language` is no list of tables: mend it first"),
    })
}

/// The entry whose servers count: Helix lays later entries of a language over earlier ones, so the last that lists any, else
/// the last.
fn counting<'a>(
    entries: impl Iterator<Item = &'a dyn TableLike>,
    is: &dyn Fn(&dyn TableLike) -> bool,
) -> Option<usize> {
    let own: Vec<(usize, bool)> = entries
        .enumerate()
        .filter(|(_, entry)| is(*entry))
        .map(|(index, entry)| (index, entry.contains_key("language-servers")))
        .collect();
    own.iter().rev().find(|(_, lists)| *lists).or(own.last()).map(|(index, _)| *index)
}

/// What the list of a language's servers is in a file: with Whittle, or without; `None`: it has none.
pub(super) fn lists_whittle(text: &str, language: &str) -> Option<bool> {
    let mut doc: DocumentMut = text.strip_prefix('\u{feff}').unwrap_or(text).parse().ok()?;
    let Ok(Entry::There(_, table)) = entry(doc.get_mut("language"), language) else { return None };
    let list = table.get("language-servers")?.as_array()?;
    Some(list.iter().any(|server| name_of(server) == Some(SERVER)))
}

/// The line of an entry, or of its list where it has one.
fn entry_line(spans: &Document<&str>, text: &str, index: usize) -> Option<usize> {
    let languages = spans.get("language")?;
    let (list, whole) = match languages {
        Item::ArrayOfTables(tables) => {
            let table = tables.get(index)?;
            (table.get("language-servers").and_then(Item::span), table.span())
        }
        Item::Value(Value::Array(entries)) => {
            let entry = entries.get(index)?;
            let list = entry.as_inline_table().and_then(|table| table.get("language-servers"));
            (list.and_then(Value::span), entry.span())
        }
        _ => return None,
    };
    line_of(text, list.or(whole))
}

/// Adds Whittle to an entry's list; the text of the list afterwards, or `None` where it was there.
fn extend(entry: &mut dyn TableLike, servers: &[String]) -> Result<Option<String>> {
    let Some(list) = entry.get_mut("language-servers") else {
        let list = with_whittle(servers);
        let text = format!("language-servers = {list}");
        entry.insert("language-servers", Item::Value(list.into()));
        return Ok(Some(text));
    };
    let list = list.as_array_mut().ok_or_else(|| anyhow!("`language-servers` is no list: mend it first"))?;
    if list.iter().any(|server| name_of(server) == Some(SERVER)) {
        return Ok(None);
    }
    push(list, SERVER.into());
    Ok(Some(format!("language-servers = {}", list.to_string().trim())))
}

/// The name of a server in a list: itself, or that of a table with the features that it is for.
fn name_of(server: &Value) -> Option<&str> {
    server.as_str().or_else(|| server.as_inline_table()?.get("name")?.as_str())
}

fn with_whittle(servers: &[String]) -> Array {
    let others = servers.iter().map(String::as_str).filter(|server| *server != SERVER);
    others.chain([SERVER]).collect()
}

/// Adds a value at the end, in the shape of what stands before it: comments stay with their own values.
fn push(list: &mut Array, mut value: Value) {
    let raw = |raw: Option<&toml_edit::RawString>| raw.and_then(|raw| raw.as_str()).unwrap_or_default().to_owned();
    let comma = list.trailing_comma() || list.is_empty();
    let last = list.len().checked_sub(1).and_then(|last| list.get(last));
    let before = raw(last.and_then(|last| last.decor().prefix()));
    let tail = raw(if comma { Some(list.trailing()) } else { last.and_then(|last| last.decor().suffix()) });
    if !comma && let Some(last) = list.iter_mut().last() {
        last.decor_mut().set_suffix("");
    }
    let (comment, rest) = tail.split_at(tail.trim_end().len());
    let gap = match before.rfind('\n') {
        Some(line) => before[line..].to_owned(),
        None if !comment.is_empty() => "\n".to_owned(), // else it would be part of the comment
        None if list.is_empty() => String::new(),
        None => " ".to_owned(),
    };
    value.decor_mut().set_prefix(format!("{comment}{gap}"));
    value.decor_mut().set_suffix(if comma { "" } else { rest });
    if comma {
        list.set_trailing(rest);
    }
    list.push_formatted(value);
}

/// The new text must be good TOML in which every language has Whittle.
fn check(text: &str, languages: &[Language]) -> Result<()> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut doc: DocumentMut =
        bare.parse().map_err(|error| anyhow!("the file is in a shape that can't be extended: {error}"))?;
    for language in languages {
        let has = match entry(doc.get_mut("language"), &language.name)? {
            Entry::There(_, table) => table
                .get("language-servers")
                .and_then(Item::as_array)
                .is_some_and(|list| list.iter().any(|server| name_of(server) == Some(SERVER))),
            _ => false,
        };
        if !has {
            bail!("the entry of {} is in a shape that can't be extended", language.name);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust() -> Vec<Language> {
        vec![Language { name: "rust".into(), servers: vec!["rust-analyzer".into()] }]
    }

    const SERVER_ENTRY: &str = "[language-server.whittle]\ncommand = \"whittle\"\nargs = [\"lsp\"]\n";
    const RUST_ENTRY: &str = "\n[[language]]\nname = \"rust\"\nlanguage-servers = [\"rust-analyzer\", \"whittle\"]\n";

    #[test]
    fn only_what_is_missing_is_added() {
        let check = |before: &str, after: &str| {
            let planned = plan(before, "whittle", &rust()).unwrap();
            assert_eq!(planned.text, after, "{before}");
            let again = plan(&planned.text, "whittle", &rust()).unwrap();
            assert_eq!((again.text, again.additions), (planned.text, Vec::new()), "{before}");
        };
        let both = format!("{SERVER_ENTRY}{RUST_ENTRY}");
        check("", &both);
        check("# mine\n", &format!("# mine\n\n{both}"));
        check("a = 1", &format!("a = 1\n\n{both}"));
        check("\u{feff}a = 1\r\n", &format!("\u{feff}a = 1\n\n{both}").replace('\n', "\r\n"));
        // another language, comments before and after
        let python = "# the one\n[[language]] # two\nname = \"python\"\nlanguage-servers = []\n# the end\n";
        check(python, &format!("{python}\n{both}"));
        // an entry without a list
        check(
            "[[language]]\nname = \"rust\"\nauto-format = true # always\n",
            &format!(
                "[[language]]\nname = \"rust\"\nauto-format = true # always\nlanguage-servers = [\"rust-analyzer\", \
                 \"whittle\"]\n\n{SERVER_ENTRY}"
            ),
        );
        // lists in all shapes
        let list = |before: &str, after: &str| {
            let file =
                |list: &str| format!("{SERVER_ENTRY}\n[[language]]\nname = \"rust\"\nlanguage-servers = {list}\n");
            check(&file(before), &file(after));
        };
        list("[]", "[\"whittle\"]");
        list("[ \"a\" ]", "[ \"a\", \"whittle\" ]");
        list("['a', \"b\"] # c", "['a', \"b\", \"whittle\"] # c");
        list("[\n  \"a\",\n  \"b\",\n]", "[\n  \"a\",\n  \"b\",\n  \"whittle\",\n]");
        list("[\n  \"a\",\n  \"b\"\n]", "[\n  \"a\",\n  \"b\",\n  \"whittle\"\n]");
        list("[\n  \"a\", # c\n]", "[\n  \"a\", # c\n  \"whittle\",\n]");
        list("[\n  \"a\" # c\n]", "[\n  \"a\", # c\n  \"whittle\"\n]");
        list(
            "[{ name = \"a\", only-features = [\"hover\"] }]",
            "[{ name = \"a\", only-features = [\"hover\"] }, \"whittle\"]",
        );
        list(
            "[{ name = \"whittle\", except-features = [\"hover\"] }]",
            "[{ name = \"whittle\", except-features = [\"hover\"] }]",
        );
        // all in values
        check(
            "language-server = { a = { command = \"a\" } }\nlanguage = [{ name = \"c\" }]\n",
            "language-server = { a = { command = \"a\" } , whittle = { command = \"whittle\", args = [\"lsp\"] } }\n\
             language = [{ name = \"c\" }, { name = \"rust\", language-servers = [\"rust-analyzer\", \"whittle\"] }]\n",
        );
        // dotted
        check("language-server.a.command = \"a\"\n", &format!("language-server.a.command = \"a\"\n\n{both}"));
    }

    #[test]
    fn of_several_entries_the_one_that_counts_is_extended() {
        let entry = |rest: &str| format!("[[language]]\nname = \"rust\"\n{rest}\n");
        let check = |entries: [&str; 2], after: [&str; 2], line: usize| {
            let whole = |entries: [&str; 2]| format!("{SERVER_ENTRY}\n{}", entries.map(entry).concat());
            let planned = plan(&whole(entries), "whittle", &rust()).unwrap();
            assert_eq!(planned.text, whole(after));
            assert_eq!(planned.additions[0].line, Some(line));
            assert_eq!(lists_whittle(&planned.text, "rust"), Some(true));
            assert_eq!(plan(&planned.text, "whittle", &rust()).unwrap().additions, []);
        };
        let (with, without) = ("language-servers = [\"a\", \"whittle\"]", "language-servers = [\"a\"]");
        check([with, without], [with, with], 10);
        check([without, "auto-format = true"], [with, "auto-format = true"], 7);
        assert_eq!(lists_whittle(&[with, without].map(entry).concat(), "rust"), Some(false));
        assert_eq!(lists_whittle(&entry("indent = 1"), "rust"), None);
    }

    #[test]
    fn additions_say_where() {
        let text = "# mine\n[[language]]\nname = \"rust\"\nindent = { tab-width = 2 }\nlanguage-servers = [\"a\"]\n";
        let planned = plan(text, "/opt/my whittle", &rust()).unwrap();
        let found: Vec<_> = planned.additions.iter().map(|one| (one.line, one.text.as_str())).collect();
        let server = "[language-server.whittle]\ncommand = \"/opt/my whittle\"\nargs = [\"lsp\"]\n";
        assert_eq!(found, [(Some(5), "language-servers = [\"a\", \"whittle\"]"), (None, server)]);
    }

    #[test]
    fn broken_files_are_refused() {
        let check = |text: &str, part: &str| {
            let error = plan(text, "whittle", &rust()).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        check("a = 1\n[[language]\n", "line 2");
        check("language = 3\n", "no list of tables");
        check("language-server = 3\n", "no table");
        check("[[language]]\nname = \"rust\"\nlanguage-servers = \"a\"\n", "no list");
    }
}
