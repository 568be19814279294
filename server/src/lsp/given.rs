//! What a command was given. In: its arguments in any of the ways that clients can say them: objects, plain words, a
//! place as on the command line. Out: one object with `uri` and `range`. Never runs anything.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::convert::{lsp_range, uri_of};
use super::message::{Code, Error};
use super::session::Session;
use crate::text::{Place, Span, Target};

/// Commands whose plain words are what the user asks for.
const ASKING: &[&str] = &[
    "whittle.explain",
    "whittle.refactor",
    "whittle.test",
    "whittle.document",
    "whittle.fix",
    "whittle.run", // after the operation's name
];

/// One object of all arguments: later objects win; words are the ask; `at` becomes `uri` and `range`.
pub(super) fn gather(session: &Session, command: &str, arguments: Vec<Value>) -> Result<Value, Error> {
    let (mut all, mut words) = (Map::new(), Vec::new());
    for argument in arguments {
        match argument {
            Value::Object(object) => all.extend(object),
            Value::String(word) => words.push(word),
            Value::Null => {}
            other => return Err(wrong(&format!("`{command}` takes an object or words in quotes, not {other}"))),
        }
    }
    if command == "whittle.run" && !all.contains_key("name") && !words.is_empty() {
        all.insert("name".to_owned(), words.remove(0).into());
    }
    let ask = words.join(" ");
    if !ask.trim().is_empty() {
        if !ASKING.contains(&command) {
            return Err(wrong(&format!("`{command}` takes no words: “{ask}” says nothing to it")));
        }
        all.insert("ask".to_owned(), ask.into());
    }
    if let Some(at) = all.remove("at") {
        let Value::String(at) = at else { return Err(wrong("`at` is FILE:LINE or FILE:START-END in quotes")) };
        let (uri, range) = place(session, &at)?;
        all.insert("uri".to_owned(), uri);
        all.insert("range".to_owned(), range);
    }
    Ok(if all.is_empty() { Value::Null } else { all.into() })
}

fn wrong(message: &str) -> Error {
    Error::new(Code::InvalidParams, message)
}

/// The address and the range of a place in an open document. A single line stands for a cursor in it, also as `3-3`:
/// where a client knows no more than the lines of its selection, a cursor is one.
fn place(session: &Session, at: &str) -> Result<(Value, Value), Error> {
    let open = session.documents.paths();
    let roots: Vec<PathBuf> = session.workspaces().iter().map(|one| one.policy().root().to_owned()).collect();
    let mut target = Target::parse(at, &|file| named(&open, &roots, file).is_some())
        .map_err(|why| wrong(&format!("{why}; it has to be open in this editor")))?;
    if let Place::Lines(first, last) = target.place
        && first == last
    {
        target.place = Place::Line(first);
    }
    let path = named(&open, &roots, &target.file).ok_or_else(|| wrong(&format!("{at} is not open in this editor")))?;
    let now = session.documents.now(path).ok_or_else(|| wrong(&format!("{at} is not open in this editor")))?;
    let span = target.span(&now.text).map_err(|why| wrong(&why.to_string()))?;
    let span = span.unwrap_or_else(|| Span::new(0, now.text.len()));
    Ok((json!(uri_of(path)), json!(lsp_range(&now.text, span, session.features.encoding))))
}

/// The open document that a name means. A client that names it relative to a folder of its own does not say which: that
/// of a workspace counts first, then the one that ends so, if it is the only one.
fn named<'a>(open: &'a [PathBuf], roots: &[PathBuf], file: &Path) -> Option<&'a PathBuf> {
    let home = std::env::home_dir().filter(|_| file.starts_with("~"));
    let file = match (home, file.strip_prefix("~")) {
        (Some(home), Ok(rest)) => home.join(rest),
        _ => file.to_owned(),
    };
    let mut ends = open.iter().filter(|path| path.ends_with(&file));
    let in_root = roots.iter().find_map(|root| open.iter().find(|path| **path == root.join(&file)));
    in_root.or_else(|| ends.next().filter(|_| ends.next().is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn names_mean_open_documents() {
        let open = ["/w/src/lib.rs", "/w/a/src/lib.rs", "/w/a/b.rs", "/x/c.rs"].map(PathBuf::from);
        let check = |file: &str, wanted: Option<&str>| {
            let found = named(&open, &[PathBuf::from("/w")], Path::new(file));
            assert_eq!(found.map(PathBuf::as_path), wanted.map(Path::new), "{file}");
        };
        check("/x/c.rs", Some("/x/c.rs"));
        check("src/lib.rs", Some("/w/src/lib.rs")); // in the root, though another ends so
        check("lib.rs", None); // two end so
        check("b.rs", Some("/w/a/b.rs"));
        check("[scratch]", None);
    }
}
