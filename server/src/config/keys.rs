//! The keys that settings may have, and what each takes. In: a path and a value. Out: the value checked, or words for
//! the user. A new key is one row.

use std::time::Duration;

use url::Url;

use super::providers::PROVIDER_NAMES;
use super::tree::{Node, Raw};

/// A key.
pub(super) struct Key {
    /// From the outermost table inwards; `*` stands for a name that the user chooses.
    pub(super) path: &'static [&'static str],
    pub(super) kind: Kind,
}

/// What a key takes.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    /// The name of an environment variable.
    Variable,
    /// An http:// or https:// address.
    Address,
    Flag,
    /// A whole number in this range.
    Count(u64, u64),
    /// A number in this range.
    Number(f64, f64),
    /// An amount of money, 0 or more.
    Amount,
    /// `"5s"`, `"500ms"`, `"2m"` or seconds.
    Time,
    Texts,
    /// Globs.
    Globs,
    OneOf(&'static [&'static str]),
    /// One of these words, or a list of commands.
    OneOfOrTexts(&'static [&'static str]),
}

/// A checked value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Flag(bool),
    Count(u64),
    Amount(f64),
    Time(Duration),
    Texts(Vec<String>),
}

/// The longest time that a key takes.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The names that a route may have, besides those that the user's own operations name.
pub(super) const ROUTES: &[&str] = &["default", "explain", "refactor", "test", "document", "fix"];

/// Ways to choose among the models of a route.
const ROUTE_POLICIES: &[&str] = &["ordered", "round-robin", "least-busy", "sticky", "fastest", "race"];

/// Every key.
pub(super) const KEYS: &[Key] = &[
    key(&["models", "*", "provider"], Kind::OneOf(PROVIDER_NAMES)),
    key(&["models", "*", "base_url"], Kind::Address),
    key(&["models", "*", "api_version"], Kind::Text),
    key(&["models", "*", "model"], Kind::Text),
    key(&["models", "*", "key_env"], Kind::Variable),
    key(&["models", "*", "key_command"], Kind::OneOfOrTexts(&[])),
    key(&["models", "*", "local"], Kind::Flag),
    key(&["models", "*", "context_window"], Kind::Count(1, 100_000_000)),
    key(&["models", "*", "max_output_tokens"], Kind::Count(1, 100_000_000)),
    key(&["models", "*", "effort"], Kind::OneOf(&["none", "minimal", "low", "medium", "high", "xhigh", "max"])),
    key(&["models", "*", "temperature"], Kind::Number(0.0, 2.0)),
    key(&["models", "*", "prompt_cache"], Kind::Flag),
    key(&["models", "*", "price", "input"], Kind::Amount),
    key(&["models", "*", "price", "output"], Kind::Amount),
    key(&["models", "*", "price", "cache_read"], Kind::Amount),
    key(&["models", "*", "price", "cache_written"], Kind::Amount),
    key(&["models", "*", "max_retry_wait"], Kind::Time),
    key(&["models", "*", "timeout", "connect"], Kind::Time),
    key(&["models", "*", "timeout", "first_byte"], Kind::Time),
    key(&["models", "*", "timeout", "between"], Kind::Time),
    key(&["models", "*", "limits", "requests_per_minute"], Kind::Count(1, 1_000_000_000)),
    key(&["models", "*", "limits", "tokens_per_minute"], Kind::Count(1, 1_000_000_000_000)),
    key(&["models", "*", "limits", "concurrent"], Kind::Count(1, 10_000)),
    key(&["models", "*", "limits", "cost_per_day"], Kind::Amount),
    key(&["routes", "*", "models"], Kind::Texts),
    key(&["routes", "*", "policy"], Kind::OneOf(ROUTE_POLICIES)),
    key(&["context", "budget"], Kind::Count(1, 10_000_000)),
    key(&["edits", "apply"], Kind::OneOf(&["direct", "offer"])),
    key(&["edits", "format"], Kind::Flag),
    key(&["edits", "verify"], Kind::OneOfOrTexts(&["auto", "off"])),
    key(&["edits", "verify_wait"], Kind::Time),
    key(&["edits", "repair_attempts"], Kind::Count(0, 10)),
    key(&["edits", "review"], Kind::OneOf(&["until-kept", "until-save", "off"])),
    key(&["index", "disk"], Kind::Flag),
    key(&["policy", "deny"], Kind::Globs),
    key(&["usage", "keep"], Kind::Flag),
    key(&["cache", "answers"], Kind::Flag),
    key(&["cache", "size_mb"], Kind::Count(1, 1_000_000)),
    key(&["cache", "age_days"], Kind::Count(1, 3650)),
    key(&["explain", "show_in"], Kind::OneOf(&["auto", "file", "hover"])),
];

const fn key(path: &'static [&'static str], kind: Kind) -> Key {
    Key { path, kind }
}

impl Key {
    /// True when `path` is this key or a table around it.
    pub(super) fn is_at_or_below(&self, path: &[String]) -> bool {
        self.path.len() >= path.len() && path.iter().zip(self.path).all(|(is, should)| *should == "*" || is == should)
    }

    /// `WHITTLE_CONTEXT_BUDGET`; `None` for keys below a name and for lists, which have no such variable.
    pub(super) fn variable(&self) -> Option<String> {
        let is_list = matches!(self.kind, Kind::Texts | Kind::Globs);
        (!is_list && !self.path.contains(&"*")).then(|| format!("WHITTLE_{}", self.path.join("_").to_uppercase()))
    }
}

impl Kind {
    /// The value, or what it must be.
    pub(super) fn check(self, node: &Node) -> Result<Value, String> {
        let found = match (self, &node.raw) {
            (Self::Text, Raw::Text(text)) => (!text.trim().is_empty()).then(|| Value::Text(text.clone())),
            (Self::Variable, Raw::Text(text)) => is_variable(text).then(|| Value::Text(text.clone())),
            (Self::Address, Raw::Text(text)) => is_address(text).then(|| Value::Text(text.clone())),
            (Self::Flag, Raw::Flag(flag)) => Some(Value::Flag(*flag)),
            (Self::Count(from, to), Raw::Number(number)) => {
                whole(*number).filter(|count| (from..=to).contains(count)).map(Value::Count)
            }
            (Self::Number(from, to), Raw::Number(number)) => {
                (from..=to).contains(number).then_some(Value::Amount(*number))
            }
            (Self::Amount, Raw::Number(number)) => {
                (number.is_finite() && *number >= 0.0).then_some(Value::Amount(*number))
            }
            (Self::Time, Raw::Number(seconds)) => time(*seconds, 1.0).map(Value::Time),
            (Self::Time, Raw::Text(text)) => read_time(text).map(Value::Time),
            (Self::OneOf(words), Raw::Text(text)) => {
                let word = words.contains(&text.as_str());
                if !word && let Some(nearest) = nearest(text, words.iter().copied()) {
                    return Err(format!("must be {}; did you mean \"{nearest}\"?", self.wanted()));
                }
                word.then(|| Value::Text(text.clone()))
            }
            (Self::OneOfOrTexts(words), Raw::Text(text)) => {
                (words.is_empty() || words.contains(&text.as_str())).then(|| Value::Text(text.clone()))
            }
            (Self::Globs, raw) => {
                let globs = texts(raw);
                for glob in globs.iter().flatten() {
                    globset::Glob::new(glob).map_err(|error| format!("holds a glob that cannot be read: {error}"))?;
                }
                globs.map(Value::Texts)
            }
            (Self::Texts | Self::OneOfOrTexts(_), raw) => texts(raw).map(Value::Texts),
            _ => None,
        };
        found.ok_or_else(|| format!("must be {}", self.wanted()))
    }

    /// The same for the text of a variable, which has no types.
    pub(super) fn check_text(self, text: &str) -> Result<Value, String> {
        let raw = match self {
            Self::Flag => match text {
                "true" | "1" => Raw::Flag(true),
                "false" | "0" => Raw::Flag(false),
                _ => Raw::Other,
            },
            Self::Count(..) | Self::Number(..) | Self::Amount => text.trim().parse().map_or(Raw::Other, Raw::Number),
            Self::Time => text.trim().parse().map_or_else(|_| Raw::Text(text.to_owned()), Raw::Number),
            _ => return self.check(&Node::text(text)),
        };
        self.check(&Node { raw, line: None })
    }

    fn wanted(self) -> String {
        let quoted = |words: &[&str]| words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        match self {
            Self::Text => "a text that is not empty".to_owned(),
            // Its value is not repeated: some users put the key itself there.
            Self::Variable => "the name of an environment variable that holds the key, not the key itself".to_owned(),
            Self::Address => "an address such as \"http://127.0.0.1:8080/v1\"".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Count(from, to) => format!("a whole number from {from} to {to}"),
            Self::Number(from, to) => format!("a number from {from} to {to}"),
            Self::Amount => "an amount of US dollars, 0 or more".to_owned(),
            Self::Time => "a time up to a day such as \"5s\", \"500ms\", \"2m\", or a number of seconds".to_owned(),
            Self::Texts => "a list of texts such as [\"a\", \"b\"]".to_owned(),
            Self::Globs => "a list of globs such as [\"secrets/**\"]".to_owned(),
            Self::OneOf([word]) => format!("\"{word}\""),
            Self::OneOf(words) => format!("one of {}", quoted(words)),
            Self::OneOfOrTexts([]) => "a command: a text, or a list of texts".to_owned(),
            Self::OneOfOrTexts(words) => format!("one of {}, or a list of commands", quoted(words)),
        }
    }
}

/// The right word nearest to a wrong one, if one is near enough to have been meant.
#[must_use]
pub fn nearest<'a>(wrong: &str, right: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let normal = |word: &str| word.to_lowercase().replace('-', "_");
    let wrong = normal(wrong);
    right
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&wrong, &normal(word)), word))
        .filter(|(distance, word)| *distance <= (word.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

fn texts(raw: &Raw) -> Option<Vec<String>> {
    match raw {
        Raw::List(list) => list
            .iter()
            .map(|item| match &item.raw {
                Raw::Text(text) => Some(text.clone()),
                _ => None,
            })
            .collect(),
        // Nobody can have meant anything else by a single text.
        Raw::Text(text) => Some(vec![text.clone()]),
        // Lua writes an empty list and an empty table alike.
        Raw::Table(rows) if rows.is_empty() => Some(Vec::new()),
        _ => None,
    }
}

fn whole(number: f64) -> Option<u64> {
    // 2^53: above it, not every whole number can be told from the next.
    (number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number)).then_some(number as u64)
}

fn time(number: f64, unit: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(number * unit).ok().filter(|time| !time.is_zero() && *time <= LONGEST)
}

fn read_time(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..)? {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    time(digits.trim_end().parse().ok()?, unit)
}

fn is_variable(text: &str) -> bool {
    let name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(name) && text.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

fn is_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        let check = |text: &str, wanted: Option<u64>| {
            assert_eq!(read_time(text), wanted.map(Duration::from_millis), "{text}");
        };
        check("5s", Some(5000));
        check("500ms", Some(500));
        check("2m", Some(120_000));
        check("1.5 s", Some(1500));
        check("24h", Some(86_400_000));
        for wrong in ["", "s", "5", "5 weeks", "-5s", "0s", "25h", "1e99s", "infs", "ä"] {
            check(wrong, None);
        }
    }

    #[test]
    fn the_nearest_word_is_one_that_was_meant() {
        let words = ["base_url", "model", "provider"];
        assert_eq!(nearest("base-url", words), Some("base_url"));
        assert_eq!(nearest("baseUrl", words), Some("base_url"));
        assert_eq!(nearest("modle", words), Some("model"));
        assert_eq!(nearest("temperature", words), None);
    }

    #[test]
    fn every_key_is_a_table_or_a_value_and_not_both() {
        for a in KEYS {
            for b in KEYS {
                assert!(a.path == b.path || !b.path.starts_with(a.path), "{:?} {:?}", a.path, b.path);
            }
        }
    }

    /// The extension of VS Code describes each key for its settings.
    #[test]
    fn the_settings_of_vs_code_are_these_keys() {
        use serde_json::Value;
        let manifest = include_str!("../../../editors/vscode/package.json");
        let manifest: Value = serde_json::from_str(manifest).unwrap();
        let parts = manifest["contributes"]["configuration"].as_array().unwrap();
        let settings: Vec<(&String, &Value)> =
            parts.iter().flat_map(|part| part["properties"].as_object().unwrap()).collect();
        let of_name = |name: &str| settings.iter().find(|(key, _)| *key == name).map(|(_, schema)| *schema);
        for key in KEYS {
            let star = key.path.iter().position(|part| *part == "*");
            let (outer, inner) = key.path.split_at(star.unwrap_or(key.path.len()));
            let name = format!("whittle.{}", outer.join("."));
            let mut schema = of_name(&name).unwrap_or_else(|| panic!("{name} is missing"));
            for part in inner {
                let all =
                    schema["oneOf"].as_array().and_then(|all| all.iter().find(|one| one["properties"].is_object()));
                schema = all.unwrap_or(schema);
                schema = if *part == "*" { &schema["additionalProperties"] } else { &schema["properties"][*part] };
            }
            assert!(schema.is_object(), "{:?} is missing", key.path);
            if let Kind::OneOf(words) = key.kind {
                let mut listed: Vec<&str> =
                    schema["enum"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
                let mut words = words.to_vec();
                listed.sort_unstable();
                words.sort_unstable();
                assert_eq!(listed, words, "{:?}", key.path);
            }
        }
        let routes = of_name("whittle.routes").unwrap()["properties"].as_object().unwrap();
        assert!(routes.len() == ROUTES.len() && ROUTES.iter().all(|route| routes.contains_key(*route)));
        // nothing else but the extension's own
        let tables: Vec<String> = KEYS
            .iter()
            .map(|key| key.path.iter().take_while(|part| **part != "*").copied().collect::<Vec<_>>().join("."))
            .collect();
        let own = ["whittle.server.path", "whittle.trace.server"];
        for (name, _) in settings.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
            assert!(tables.iter().any(|table| format!("whittle.{table}") == **name), "{name} is no setting");
        }
    }
}
