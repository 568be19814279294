//! Generated tests, checked from before to after.

use std::sync::Arc;

use super::*;
use crate::chunks::Chunks;
use crate::context::{ProjectFiles, Subject, place};
use crate::syntax::{Tree, by_path};
use crate::text::{Span, Text};

struct Files(Vec<(String, String)>);

impl ProjectFiles for Files {
    fn paths(&self) -> Vec<String> {
        self.0.iter().map(|(path, _)| path.clone()).collect()
    }

    fn read(&self, path: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| known == path).map(|(_, text)| text.clone())
    }
}

/// The tests of what stands at `$0`.
#[track_caller]
fn generated(path: &str, marked: &str) -> Result<String, NoTests> {
    let at = marked.find("$0").expect("a cursor");
    let source = marked.replace("$0", "");
    let manifest =
        "[package]\nname = \"my-crate\"\n[dev-dependencies]\ntokio = { version = \"1\", features = [\"full\"] }\n";
    let files = Files(vec![(path.to_owned(), source.clone()), ("Cargo.toml".to_owned(), manifest.to_owned())]);
    let text = Text::from(source.as_str());
    let language = by_path(std::path::Path::new(path));
    let tree = language.and_then(|language| Tree::parse(&text, language, None, None));
    let chunks = Arc::new(Chunks::cut(&text, tree.as_ref()));
    let selection = Span::new(at, at);
    let focus = chunks.focus_at(selection);
    let subject = Subject { path: path.to_owned(), language, text, tree, chunks, focus, selection };
    let place = place(&subject, &files).expect("a place");
    generate(&Context::bare(subject), &place)
}

#[track_caller]
fn check_rust(source: &str, after: &str) {
    let code = generated("src/lib.rs", source).expect("tests");
    assert_eq!(code, after, "\n{code}");
}

#[track_caller]
fn check_python(source: &str, after: &str) {
    let code = generated("m.py", source).expect("tests");
    assert_eq!(code, after, "\n{code}");
}

#[test]
fn rust_guards_say_what_to_expect() {
    check_rust(
        r#"
fn $0first(text: &str, limit: usize) -> Option<char> {
    if text.is_empty() || limit == 0 {
        return None;
    }
    text.chars().next()
}
"#,
        r#"#[test]
fn first_returns_none_when_text_is_empty() {
    assert_eq!(first("", 1), None);
}

#[test]
fn first_returns_none_when_limit_is_0() {
    assert_eq!(first("abc", 0), None);
}

#[test]
fn first_gives_the_same_result_twice() {
    assert_eq!(first("abc", 1), first("abc", 1));
}
"#,
    );
}

#[test]
fn a_guard_counts_only_where_those_before_it_do_not_hold() {
    check_rust(
        "fn $0f(n: u32) -> Result<u32, String> {\n    if n < 5 {\n        return Ok(0);\n    }\n    if n == 3 {\n        return Ok(7);\n    }\n    if n > 9 {\n        return Err(String::new());\n    }\n    other(n)\n}\n",
        "#[test]\nfn f_returns_ok_0_when_n_is_4() {\n    assert_eq!(f(4), Ok(0));\n}\n\n#[test]\nfn f_returns_an_error_when_n_is_10() {\n    assert!(f(10).is_err());\n}\n\n#[test]\nfn f_gives_the_same_result_twice() {\n    assert_eq!(f(1), f(1));\n}\n",
    );
}

#[test]
fn a_match_on_an_enum_gives_one_test_an_arm() {
    check_rust(
        "enum Mode {\n    Fast,\n    Slow(u8),\n    Off,\n}\nimpl Mode {\n    fn $0word(&self) -> &'static str {\n        match self {\n            Self::Fast => \"fast\",\n            Self::Slow(_) => \"slow\",\n            Mode::Off => \"off\",\n        }\n    }\n}\n",
        "#[test]\nfn mode_word_returns_fast_when_self_is_fast() {\n    let subject = Mode::Fast;\n    assert_eq!(subject.word(), \"fast\");\n}\n\n#[test]\nfn mode_word_gives_the_same_result_twice() {\n    let subject = Mode::Fast;\n    assert_eq!(subject.word(), subject.word());\n}\n",
    );
}

#[test]
fn documentation_examples_become_tests() {
    check_rust(
        "/// Twice.\n///\n/// ```\n/// # use my_crate::twice;\n/// assert_eq!(twice(2), 4);\n/// ```\npub fn $0twice(n: u8) -> u8 {\n    n.checked_mul(2).unwrap()\n}\n",
        "#[test]\nfn twice_example() {\n    use crate::twice;\n    assert_eq!(twice(2), 4);\n}\n",
    );
}

#[test]
fn what_can_not_be_made_up_is_named_and_skipped() {
    check_rust(
        "fn $0load(db: &Database, name: &str) -> u8 {\n    0\n}\n",
        "#[test]\n#[ignore = \"needs a value for `db: &Database`\"]\nfn load_returns() {\n    // let result = load(db, \"abc\");\n    // assert_eq!(result, …): say what you expect\n}\n",
    );
    check_rust(
        "unsafe fn $0raw(n: u8) -> u8 {\n    n\n}\n",
        "#[test]\n#[ignore = \"is unsafe: a test must first make sure of what it demands\"]\nfn raw_returns() {\n    // let result = raw(…);\n    // assert_eq!(result, …): say what you expect\n}\n",
    );
}

#[test]
fn what_may_panic_or_reach_outside_does_not_run() {
    check_rust(
        "fn $0at(list: &[u8], n: usize) -> u8 {\n    list[n]\n}\n",
        "#[test]\n#[ignore = \"may panic for made-up values: check them and say what you expect\"]\nfn at_returns() {\n    let _ = at(b\"abc\", 1);\n}\n",
    );
    let code = generated(
        "src/lib.rs",
        "fn $0wipe(path: &str) {\n    clean(path);\n}\nfn clean(path: &str) {\n    std::fs::remove_file(path).ok();\n}\n",
    );
    assert!(code.unwrap().contains("#[ignore = \"reaches outside"));
}

#[test]
fn generics_closures_and_own_types() {
    check_rust(
        "use std::path::Path;\n#[derive(Default)]\nstruct Options {\n    deep: bool,\n}\nasync fn $0walk<P: AsRef<Path>, F: Fn(&str) -> bool>(root: P, options: &Options, mut each: F, list: Vec<(u8, Option<String>)>) {\n}\n",
        "#[tokio::test]\nasync fn walk_does_not_panic() {\n    walk(\"abc\", &Options::default(), |_| true, vec![(1, Some(String::from(\"abc\")))]).await;\n}\n",
    );
}

#[test]
fn python_guards_and_results() {
    check_python(
        "def $0f(name: str, count: int = 1) -> str:\n    \"\"\"Doc.\"\"\"\n    if not name:\n        raise ValueError(\"name\")\n    if count < 1:\n        return \"\"\n    return name.upper()\n",
        "import pytest\n\n\ndef test_f_raises_value_error_when_name_is_empty():\n    with pytest.raises(ValueError):\n        f(\"\")\n\n\ndef test_f_returns_nothing_when_count_is_0():\n    assert f(\"abc\", 0) == \"\"\n",
    );
}

#[test]
fn a_condition_that_may_fail_before_the_known_part_gives_no_test() {
    let code = generated("m.py", "def $0f(a, b):\n    if a.deep or b is None:\n        return None\n    return a\n");
    assert!(!code.unwrap().contains("returns_none"));
}

#[test]
fn constructors_whose_bounds_are_not_met_are_not_called() {
    let code = generated(
        "src/lib.rs",
        "pub struct Chars<I> {\n    iter: I,\n}\nimpl<I: Iterator<Item = char>> Chars<I> {\n    pub fn new(iter: I) -> Self {\n        Self { iter }\n    }\n}\nimpl<I> Chars<I> {\n    pub fn $0size(&self) -> usize {\n        0\n    }\n}\n",
    );
    assert!(code.unwrap().contains("#[ignore"));
}

#[test]
fn python_doctests() {
    check_python(
        "import math\n\nclass V:\n    def $0scale(self, by):\n        \"\"\"\n        >>> v = V()\n        >>> v.scale(2)\n        4\n        >>> v.scale(math.pi) is None\n        True\n        >>> v.scale('a')\n        Traceback (most recent call last):\n          ...\n        TypeError: no\n        \"\"\"\n        return work(by)\n",
        "from m import V\nfrom m import math\nimport pytest\n\n\ndef test_v_scale_example():\n    v = V()\n    assert v.scale(2) == 4\n    assert (v.scale(math.pi) is None) is True\n    with pytest.raises(TypeError):\n        v.scale('a')\n",
    );
}

#[test]
fn python_says_what_is_missing() {
    check_python(
        "def $0f(db):\n    return db.all()\n",
        "import pytest\n\n\n@pytest.mark.skip(reason=\"needs a value for `db`\")\ndef test_f_returns():\n    # result = f(db)\n    # assert result == …: say what you expect\n    pass\n",
    );
}
