//! Settings as a source writes them, before anybody knows what the keys mean. In: TOML or JSON. Out: one kind of
//! [`Node`] for both, with lines where there are any. Never fails on a value of an odd type: that is for the keys to
//! judge.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) raw: Raw,
    /// Counted from 1; `None` where a source has no lines.
    pub(super) line: Option<usize>,
}

/// A value of any type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Raw {
    Text(String),
    Flag(bool),
    Number(f64),
    List(Vec<Node>),
    /// In the order of the source.
    Table(Vec<(String, Node)>),
    /// A date, or anything else that no key takes.
    Other,
}

/// A fault of TOML's grammar.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) line: usize,
    /// In characters, from 1.
    pub(super) column: usize,
}

impl Node {
    /// Reads TOML.
    pub(super) fn from_toml(text: &str) -> Result<Self, Fault> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match DeTable::parse(text) {
            Ok(table) => Ok(Self { raw: toml_table(table.get_ref(), text), line: Some(1) }),
            Err(error) => {
                let start = error.span().map_or(0, |span| span.start);
                let before = text.get(..start).unwrap_or(text);
                let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
                Err(Fault { message: error.message().to_owned(), line: line_at(text, start), column })
            }
        }
    }

    /// Reads JSON. `null` counts as not there: editors send it for what the user did not set.
    pub(super) fn from_json(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        let raw = match value {
            Value::Null => Raw::Other,
            Value::Bool(flag) => Raw::Flag(*flag),
            Value::Number(number) => number.as_f64().map_or(Raw::Other, Raw::Number),
            Value::String(text) => Raw::Text(text.clone()),
            Value::Array(list) => Raw::List(list.iter().map(Self::from_json).collect()),
            Value::Object(table) => Raw::Table(
                table
                    .iter()
                    .filter(|(_, value)| !value.is_null())
                    .map(|(key, value)| (key.clone(), Self::from_json(value)))
                    .collect(),
            ),
        };
        Self { raw, line: None }
    }

    /// A text from a source without lines.
    pub(super) fn text(text: &str) -> Self {
        Self { raw: Raw::Text(text.to_owned()), line: None }
    }
}

fn toml_table(table: &DeTable<'_>, text: &str) -> Raw {
    let mut rows: Vec<_> = table.iter().collect();
    // The parser sorts by name; the order in the file is the user's order of preference.
    rows.sort_by_key(|(key, _)| key.span().start);
    let node = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| Node {
        raw: toml_value(value.get_ref(), text),
        line: Some(line_at(text, key.span().start)),
    };
    Raw::Table(rows.into_iter().map(|(key, value)| (key.get_ref().to_string(), node((key, value)))).collect())
}

fn toml_value(value: &DeValue<'_>, text: &str) -> Raw {
    match value {
        DeValue::String(value) => Raw::Text(value.to_string()),
        DeValue::Boolean(flag) => Raw::Flag(*flag),
        // Whole numbers up to 2^53 are exact, and no setting is larger.
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Raw::Other, |number| Raw::Number(number as f64))
        }
        DeValue::Float(number) => number.as_str().parse().map_or(Raw::Other, Raw::Number),
        DeValue::Array(list) => Raw::List(
            list.iter()
                .map(|item| Node {
                    raw: toml_value(item.get_ref(), text),
                    line: Some(line_at(text, item.span().start)),
                })
                .collect(),
        ),
        DeValue::Table(table) => toml_table(table, text),
        DeValue::Datetime(_) => Raw::Other,
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_lines() {
        let node = Node::from_toml("\u{feff}z = 1\n\n[b]\nlist = [\n  \"x\",\n]\n[a]\nk.l = 0x10\n").unwrap();
        let number = |number, line| Node { raw: Raw::Number(number), line: Some(line) };
        let table = |rows: Vec<(&str, Node)>| Raw::Table(rows.into_iter().map(|(k, v)| (k.to_owned(), v)).collect());
        let x = Node { raw: Raw::Text("x".to_owned()), line: Some(5) };
        let list = Node { raw: Raw::List(vec![x]), line: Some(4) };
        let k = Node { raw: table(vec![("l", number(16.0, 8))]), line: Some(8) };
        let wanted = table(vec![
            ("z", number(1.0, 1)),
            ("b", Node { raw: table(vec![("list", list)]), line: Some(3) }),
            ("a", Node { raw: table(vec![("k", k)]), line: Some(7) }),
        ]);
        assert_eq!(node.raw, wanted);
    }

    #[test]
    fn a_fault_of_grammar_has_its_place() {
        let fault = Node::from_toml("a = 1\nb = \"ä\" \"\"\n").unwrap_err();
        assert_eq!((fault.line, fault.column), (2, 9));
        let fault = Node::from_toml("a = 1\n  b = = 2\n").unwrap_err();
        assert_eq!((fault.line, fault.column), (2, 7));
    }
}
