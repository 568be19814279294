//! Templates: Markdown with a front matter. In: a file's text. Out: what its front matter says and the instructions, cut
//! where they begin to differ from one question to the next. Reads no file; whatever is wrong has its line.

use crate::config::nearest;
use crate::syntax;

use super::operation::AnswerForm;

/// What is wrong in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from one.
    pub line: usize,
    /// What is wrong there, and what would be right.
    pub message: String,
}

/// What the model is told, as far as it is known before anything is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// The paragraphs before the first with a placeholder: the same for every question.
    pub(super) system: String,
    /// The rest.
    pub(super) task: Vec<Piece>,
}

/// A piece of instructions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Placeholder(Placeholder),
}

/// What instructions may name as `{{name}}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placeholder {
    Focus,
    Context,
    Selection,
    Ask,
    Language,
    Label,
    File,
}

const PLACEHOLDERS: &[(&str, Placeholder)] = &[
    ("focus", Placeholder::Focus),
    ("context", Placeholder::Context),
    ("selection", Placeholder::Selection),
    ("ask", Placeholder::Ask),
    ("language", Placeholder::Language),
    ("label", Placeholder::Label),
    ("file", Placeholder::File),
];

/// The placeholders of a new file's path.
const PATH_PLACEHOLDERS: &[&str] = &["name", "stem", "dir", "ext"];

const KEYS: &[&str] = &["title", "languages", "answer", "route", "path"];
const ANSWERS: &[&str] = &["explanation", "edit", "tests", "new-file"];
const FENCE: &str = "---";

/// A template file as it is written.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) title: Option<String>,
    pub(super) languages: Vec<&'static str>,
    pub(super) route: Option<String>,
    pub(super) template: Template,
    entries: Vec<Entry>,
}

/// A line `key: value` of the front matter.
#[derive(Debug)]
struct Entry {
    key: String,
    value: Value,
    line: usize,
}

#[derive(Debug)]
enum Value {
    Text(String),
    List(Vec<String>),
}

impl Value {
    const fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
        }
    }
}

impl Written {
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let (entries, body, first) = front_matter(&text)?;
        let mut written = Self { entries, ..Self::default() };
        for entry in &written.entries {
            if !KEYS.contains(&entry.key.as_str()) {
                let hint = match nearest(&entry.key, KEYS.iter().copied()) {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => format!("there are {}", quoted(KEYS)),
                };
                return Err(fault(entry.line, format!("`{}` is no key of a front matter; {hint}", entry.key)));
            }
        }
        written.title = written.text("title")?;
        written.route = written.text("route")?;
        written.languages = written.languages()?;
        written.template = Template::read(body, first)?;
        Ok(written)
    }

    /// What `answer` and `path` say.
    pub(super) fn answer(&self) -> Result<Option<AnswerForm>, Fault> {
        let path = self.text("path")?;
        let Some(answer) = self.text("answer")? else { return Ok(None) };
        if let Some(path) = path.as_ref().filter(|_| answer == "new-file") {
            return self.path(path).map(|path| Some(AnswerForm::NewFile { path }));
        }
        if path.is_some() {
            return Err(
                self.fault_at("path", "`path` says where a new file goes, but `answer` is not new-file".to_owned())
            );
        }
        match answer.as_str() {
            "explanation" => Ok(Some(AnswerForm::Explanation)),
            "edit" => Ok(Some(AnswerForm::Edit)),
            "tests" => Ok(Some(AnswerForm::Tests)),
            "new-file" => {
                Err(self.fault_at("answer", "a new file needs a place, such as `path: docs/{name}.md`".to_owned()))
            }
            other => {
                let hint =
                    nearest(other, ANSWERS.iter().copied()).map(|nearest| format!("; did you mean `{nearest}`?"));
                let message = format!("`answer` must be one of {}{}", quoted(ANSWERS), hint.unwrap_or_default());
                Err(self.fault_at("answer", message))
            }
        }
    }

    /// A fault in the line of a key.
    pub(super) fn fault_at(&self, key: &str, message: String) -> Fault {
        fault(self.entry(key).map_or(1, |entry| entry.line), message)
    }

    /// The fault of a line that is not there.
    pub(super) fn missing(&self, line: &str) -> Fault {
        let message = match self.entries.is_empty() {
            true => "must begin with a front matter: `---`, `title: …`, `answer: explanation`, `---`".to_owned(),
            false => format!("the front matter has no line such as `{line}`"),
        };
        fault(1, message)
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    fn text(&self, key: &str) -> Result<Option<String>, Fault> {
        match self.entry(key) {
            None => Ok(None),
            Some(Entry { value: Value::Text(text), .. }) if !text.is_empty() => Ok(Some(text.clone())),
            Some(entry) => Err(fault(entry.line, format!("`{key}` must be a text on this line"))),
        }
    }

    fn languages(&self) -> Result<Vec<&'static str>, Fault> {
        let Some(entry) = self.entry("languages") else { return Ok(Vec::new()) };
        let names = match &entry.value {
            Value::Text(name) => std::slice::from_ref(name),
            Value::List(names) => names,
        };
        let known = |name: &String| {
            syntax::by_name(name).or_else(|| syntax::by_id(name)).map(|language| language.name).ok_or_else(|| {
                let all = syntax::languages().iter().map(|language| language.name);
                let hint = nearest(name, all.clone()).map(|nearest| format!("did you mean `{nearest}`?"));
                let hint = hint.unwrap_or_else(|| format!("there are {}", quoted(&all.collect::<Vec<_>>())));
                fault(entry.line, format!("`{name}` is no language that is known here; {hint}"))
            })
        };
        names.iter().map(known).collect()
    }

    /// A path that stays in the workspace.
    fn path(&self, path: &str) -> Result<String, Fault> {
        let wrong = |message: String| Err(self.fault_at("path", message));
        let parts = || path.split('/');
        if path.starts_with('/')
            || path.contains(['\\', ':'])
            || parts().any(|part| part == "..")
            || path.ends_with('/')
        {
            return wrong("`path` must name a file in the workspace, such as `docs/{name}.md`".to_owned());
        }
        for (at, _) in path.match_indices('{') {
            let name = path[at + 1..].split('}').next().unwrap_or_default(); // `{` has one byte
            if !PATH_PLACEHOLDERS.contains(&name) {
                let all: Vec<String> = PATH_PLACEHOLDERS.iter().map(|name| format!("`{{{name}}}`")).collect();
                return wrong(format!("`path` has `{{{name}}}`, but there are {}", all.join(", ")));
            }
        }
        Ok(path.to_owned())
    }
}

impl Template {
    /// Reads instructions whose first line has the number `first`.
    fn read(body: &str, first: usize) -> Result<Self, Fault> {
        if body.trim().is_empty() {
            return Err(fault(first, "there are no instructions below the front matter".to_owned()));
        }
        let mut pieces = Vec::new();
        let (mut text, mut rest) = (String::new(), body);
        while let Some(at) = rest.find("{{") {
            let (before, from) = rest.split_at(at);
            let inner = from[2..].split_once("}}").map(|(inner, after)| (inner.trim(), after)); // `{{` has two bytes
            let named = inner.filter(|(name, _)| {
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            });
            match named {
                Some(_) if before.ends_with('\\') => {
                    text.push_str(&before[..before.len() - 1]); // the backslash
                    text.push_str("{{");
                    rest = &from[2..];
                }
                Some((name, after)) => {
                    let Some((_, placeholder)) = PLACEHOLDERS.iter().find(|(known, _)| *known == name) else {
                        let line = first + body[..body.len() - from.len()].matches('\n').count();
                        let all: Vec<&str> = PLACEHOLDERS.iter().map(|(known, _)| *known).collect();
                        let hint = match nearest(name, all.iter().copied()) {
                            Some(nearest) => format!("did you mean `{{{{{nearest}}}}}`?"),
                            None => format!("there are {}", quoted(&all)),
                        };
                        let message = format!(
                            "`{{{{{name}}}}}` is no placeholder; {hint} Write `\\{{{{` for the braces themselves"
                        );
                        return Err(fault(line, message));
                    };
                    text.push_str(before);
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                    pieces.push(Piece::Placeholder(*placeholder));
                    rest = after;
                }
                None => {
                    text.push_str(before);
                    text.push_str("{{");
                    rest = &from[2..];
                }
            }
        }
        text.push_str(rest);
        pieces.push(Piece::Text(text));
        if pieces.len() == 1 {
            let system = pieces.iter().map(Piece::text).collect::<String>();
            return Ok(Self { system: format!("{}\n", system.trim()), task: Vec::new() });
        }
        // the paragraph of the first placeholder begins the task
        let mut system = String::new();
        if let Some(Piece::Text(text)) = pieces.first_mut()
            && let Some(at) = text.rfind("\n\n")
        {
            let task = text.split_off(at);
            system = format!("{}\n", std::mem::replace(text, task.trim_start().to_owned()).trim());
        }
        if let Some(Piece::Text(text)) = pieces.last_mut() {
            text.truncate(text.trim_end().len());
        }
        Ok(Self { system, task: pieces })
    }

    /// Whether the instructions say where something goes.
    pub(super) fn places(&self, placeholder: Placeholder) -> bool {
        self.task.contains(&Piece::Placeholder(placeholder))
    }
}

impl Piece {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Placeholder(_) => "",
        }
    }
}

/// The entries of the front matter, the text below it, and the number of that text's first line.
fn front_matter(text: &str) -> Result<(Vec<Entry>, &str, usize), Fault> {
    let mut lines = text.split_inclusive('\n');
    if lines.next().map(str::trim_end) != Some(FENCE) {
        return Ok((Vec::new(), text, 1));
    }
    let mut entries: Vec<Entry> = Vec::new();
    let mut read = text.find('\n').map_or(text.len(), |at| at + 1);
    for (number, line) in (2..).zip(lines) {
        read += line.len();
        let trimmed = line.trim();
        if line.trim_end() == FENCE {
            return Ok((entries, &text[read..], number + 1)); // whole lines were read
        }
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if let Some(item) = trimmed.strip_prefix("- ") {
            let item = scalar(item, number)?;
            match entries.last_mut().map(|entry| &mut entry.value) {
                Some(Value::List(items)) => items.push(item),
                Some(value) if value.is_empty() => *value = Value::List(vec![item]),
                _ => return Err(fault(number, "this item belongs to no list".to_owned())),
            }
            continue;
        }
        let Some((key, value)) = trimmed.split_once(':').filter(|_| !line.starts_with([' ', '\t'])) else {
            let message = "must be `key: value`, `- item`, a comment or `---`, the end of the front matter";
            return Err(fault(number, message.to_owned()));
        };
        let (key, value) = (key.trim().to_owned(), value.trim());
        if entries.iter().any(|entry| entry.key == key) {
            return Err(fault(number, format!("`{key}` stands here for the second time")));
        }
        let value = match value.strip_prefix('[') {
            Some(list) => Value::List(inline_list(list, number)?),
            None => Value::Text(scalar(value, number)?),
        };
        entries.push(Entry { key, value, line: number });
    }
    Err(fault(1, "the front matter that begins here is not ended by a line `---`".to_owned()))
}

/// `a, "b"] # comment`
fn inline_list(list: &str, line: usize) -> Result<Vec<String>, Fault> {
    let list = without_comment(list);
    let Some(items) = list.trim_end().strip_suffix(']') else {
        return Err(fault(line, "this list must end on its line with `]`".to_owned()));
    };
    items.split(',').map(str::trim).filter(|item| !item.is_empty()).map(|item| scalar(item, line)).collect()
}

/// A text with or without quotes; a comment behind it does not count.
fn scalar(text: &str, line: usize) -> Result<String, Fault> {
    for quote in ['"', '\''] {
        if let Some(rest) = text.strip_prefix(quote) {
            return match rest.split_once(quote) {
                Some((inner, after)) if after.trim().is_empty() || after.trim().starts_with('#') => {
                    Ok(inner.to_owned())
                }
                _ => Err(fault(line, format!("the text must end on its line with {quote}"))),
            };
        }
    }
    let text = without_comment(text).trim();
    if text.starts_with(['|', '>', '{', '&', '*', '!']) {
        return Err(fault(line, "must be a plain text on one line; put it in quotes if it begins so".to_owned()));
    }
    Ok(text.to_owned())
}

fn without_comment(text: &str) -> &str {
    if text.starts_with('#') { "" } else { text.split(" #").next().unwrap_or_default() }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn fault(line: usize, message: String) -> Fault {
    Fault { line, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file → its fault, `line: message`.
    fn check_fault(text: &str, wanted: &str) {
        let fault = Written::read(text).and_then(|written| written.answer().map(|_| ())).unwrap_err();
        assert_eq!(format!("{}: {}", fault.line, fault.message), wanted, "{text}");
    }

    #[test]
    fn front_matter_is_read() {
        let text = "\u{feff}---\r\n# mine\r\ntitle: \"Say: #1\" # why\r\nlanguages: [rust, 'python']\r\nanswer: new-file\r\n\
                    route: big #2\r\npath: docs/{dir}/{name}.md\r\n\r\n---\r\nDo it.\r\n";
        let written = Written::read(text).unwrap();
        assert_eq!(written.title.as_deref(), Some("Say: #1"));
        assert_eq!(written.languages, ["rust", "python"]);
        assert_eq!(written.route.as_deref(), Some("big"));
        assert_eq!(written.answer(), Ok(Some(AnswerForm::NewFile { path: "docs/{dir}/{name}.md".to_owned() })));
        assert_eq!(written.template, Template { system: "Do it.\n".to_owned(), task: Vec::new() });

        let written = Written::read("---\nlanguages:\n  - rust # first\n  - python\n---\nx").unwrap();
        assert_eq!(written.languages, ["rust", "python"]);
        assert_eq!(Written::read("No front matter.\n").unwrap().answer(), Ok(None));
    }

    #[test]
    fn faults_have_their_lines() {
        check_fault("---\ntitel: x\n---\nx", "2: `titel` is no key of a front matter; did you mean `title`?");
        check_fault(
            "---\ncolour: x\n---\nx",
            "2: `colour` is no key of a front matter; there are `title`, `languages`, `answer`, `route`, `path`",
        );
        check_fault(
            "---\ntitle: x\n\nx",
            "4: must be `key: value`, `- item`, a comment or `---`, the end of the front matter",
        );
        check_fault("---\ntitle: x\n", "1: the front matter that begins here is not ended by a line `---`");
        check_fault("---\ntitle: a\ntitle: b\n---\nx", "3: `title` stands here for the second time");
        check_fault("---\ntitle: \"a\n---\nx", "2: the text must end on its line with \"");
        check_fault(
            "---\ntitle: |\n  a\n---\nx",
            "2: must be a plain text on one line; put it in quotes if it begins so",
        );
        check_fault("---\ntitle: a\n- b\n---\nx", "3: this item belongs to no list");
        check_fault("---\ntitle:\n---\nx", "2: `title` must be a text on this line");
        check_fault("---\nlanguages: [rust\n---\nx", "2: this list must end on its line with `]`");
        check_fault(
            "---\nlanguages: pyhton\n---\nx",
            "2: `pyhton` is no language that is known here; did you mean `python`?",
        );
        check_fault(
            "---\n\nanswer: edits\n---\nx",
            "3: `answer` must be one of `explanation`, `edit`, `tests`, `new-file`; did you mean `edit`?",
        );
        check_fault("---\nanswer: new-file\n---\nx", "2: a new file needs a place, such as `path: docs/{name}.md`");
        check_fault(
            "---\nanswer: edit\npath: a.md\n---\nx",
            "3: `path` says where a new file goes, but `answer` is not new-file",
        );
        for path in ["/etc/a", "../a", "a/../../b", "C:/a", "a\\b", "docs/"] {
            check_fault(
                &format!("---\nanswer: new-file\npath: {path}\n---\nx"),
                "3: `path` must name a file in the workspace, such as `docs/{name}.md`",
            );
        }
        check_fault(
            "---\nanswer: new-file\npath: \"{file}.md\"\n---\nx",
            "3: `path` has `{file}`, but there are `{name}`, `{stem}`, `{dir}`, `{ext}`",
        );
        check_fault("---\nanswer: edit\n---\n\n", "4: there are no instructions below the front matter");
        check_fault(
            "---\nanswer: edit\n---\nOne.\n\nUse {{ fokus }}.",
            "6: `{{fokus}}` is no placeholder; did you mean `{{focus}}`? Write `\\{{` for the braces themselves",
        );
    }

    /// Instructions → what is the same for every question, and the rest with `<PLACEHOLDERS>`.
    fn check_cut(body: &str, system: &str, task: &str) {
        let template = Template::read(body, 1).unwrap();
        let shown = template.task.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Placeholder(placeholder) => format!("<{placeholder:?}>"),
        });
        assert_eq!((template.system.as_str(), shown.collect::<String>().as_str()), (system, task), "{body}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_has_a_fault_in_one_of_its_lines(
            text in "(---\n)?(([a-z]{1,3}|title|answer|- |# |\\[|\"|é|: |, |\\]|\n|\r\n|\\{\\{|\\}\\}|focus|\\\\){0,30})(\n---\n)?[a-z{}\n]{0,20}",
        ) {
            if let Err(fault) = Written::read(&text) {
                proptest::prop_assert!((1..=text.lines().count() + 1).contains(&fault.line), "{fault:?}");
            }
        }
    }

    #[test]
    fn what_differs_between_questions_comes_last() {
        check_cut("Be brief.\n\nBe kind.\n", "Be brief.\n\nBe kind.\n", "");
        check_cut(
            "Be brief.\n\nLook at {{label}}\nof {{ file }}.\n\nEnd.\n",
            "Be brief.\n",
            "Look at <Label>\nof <File>.\n\nEnd.",
        );
        check_cut("{{focus}}\n\nSay {{ask}}", "", "<Focus>\n\nSay <Ask>");
        check_cut("Vue's \\{{label}} and {{ user.name }} and {{\n", "Vue's {{label}} and {{ user.name }} and {{\n", "");
    }
}
