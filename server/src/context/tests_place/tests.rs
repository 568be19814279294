use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::chunks::Chunks;
use crate::syntax::{Tree, by_path};
use crate::text::{Span, Text, apply_edits};

struct Files(BTreeMap<String, String>);

impl ProjectFiles for Files {
    fn paths(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    fn read(&self, path: &str) -> Option<String> {
        self.0.get(path).cloned()
    }
}

/// The first file holds the focus, marked by `$0`.
fn project(files: &[(&str, &str)]) -> (Subject, Files) {
    let (path, marked) = files[0];
    let at = marked.find("$0").expect("a cursor");
    let source = marked.replace("$0", "");
    let mut all: BTreeMap<String, String> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    all.insert(path.to_owned(), source.clone());
    let text = Text::from(source.as_str());
    let language = by_path(std::path::Path::new(path));
    let tree = language.and_then(|language| Tree::parse(&text, language, None, None));
    let chunks = Arc::new(Chunks::cut(&text, tree.as_ref()));
    let selection = Span::new(at, at);
    let focus = chunks.focus_at(selection);
    (Subject { path: path.to_owned(), language, text, tree, chunks, focus, selection }, Files(all))
}

/// The file after `code` was put into the place of the focus's tests.
#[track_caller]
fn check(files: &[(&str, &str)], code: &str, path: &str, after: &str) {
    let (subject, files) = project(files);
    let place = place(&subject, &files).expect("a place");
    let current = files.read(&place.path).map(|text| Text::from(text.as_str()));
    let edit = insert(&place, code, current.as_ref());
    assert_eq!(edit.path, path);
    let text = apply_edits(&current.unwrap_or_default(), &edit.edits).to_text();
    assert_eq!(text, after, "\n{text}");
}

#[track_caller]
fn refused(files: &[(&str, &str)]) -> NoPlace {
    let (subject, files) = project(files);
    place(&subject, &files).expect_err("no place")
}

const TEST: &str = "#[test]\nfn one() {\n    assert!(f());\n}\n";

#[test]
fn rust_gets_a_new_module() {
    check(
        &[("src/a.rs", "$0fn f() -> bool {\n    true\n}\n")],
        TEST,
        "src/a.rs",
        "fn f() -> bool {\n    true\n}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn one() {\n        assert!(f());\n    }\n}\n",
    );
}

#[test]
fn rust_goes_into_the_module_that_is_there_with_each_import_once() {
    let before = "$0fn f() -> bool {\r\n    true\r\n}\r\n\r\n#[cfg(test)]\r\nmod tests {\r\n    use super::*;\r\n    use std::{fmt, io};\r\n\r\n    #[test]\r\n    fn zero() {}\r\n}\r\n";
    check(
        &[("src/a.rs", before)],
        "use super::f;\nuse std::fmt;\nuse std::rc::Rc;\n\n#[test]\nfn one() {\n    let _ = r\"a\nb\";\n}",
        "src/a.rs",
        "fn f() -> bool {\r\n    true\r\n}\r\n\r\n#[cfg(test)]\r\nmod tests {\r\n    use super::*;\r\n    use std::{fmt, io};\r\n    use std::rc::Rc;\r\n\r\n    #[test]\r\n    fn zero() {}\r\n\r\n    #[test]\r\n    fn one() {\r\n        let _ = r\"a\r\nb\";\r\n    }\r\n}\r\n",
    );
}

#[test]
fn a_wrapper_around_rust_tests_is_taken_off() {
    check(
        &[("src/a.rs", "$0fn f() {}\n\n#[cfg(test)]\nmod tests {}\n")],
        "#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn one() {\n        f();\n    }\n}\n",
        "src/a.rs",
        "fn f() {}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn one() {\n        f();\n    }\n}\n",
    );
}

#[test]
fn rust_tests_of_an_inner_module_and_of_one_in_a_file_of_its_own() {
    check(
        &[("src/lib.rs", "mod a {\n    $0fn f() -> bool {\n        true\n    }\n}\n")],
        TEST,
        "src/lib.rs",
        "mod a {\n    fn f() -> bool {\n        true\n    }\n\n    #[cfg(test)]\n    mod tests {\n        use super::*;\n\n        #[test]\n        fn one() {\n            assert!(f());\n        }\n    }\n}\n",
    );
    check(
        &[
            ("src/a.rs", "$0fn f() {}\n#[cfg(test)]\nmod tests;\n"),
            ("src/a/tests.rs", "use super::*;\n\n#[test]\nfn zero() {}\n"),
        ],
        "#[test]\nfn one() {}\n",
        "src/a/tests.rs",
        "use super::*;\n\n#[test]\nfn zero() {}\n\n#[test]\nfn one() {}\n",
    );
}

#[test]
fn what_has_no_place_says_why() {
    let of = |source: &str| refused(&[("src/a.rs", source)]);
    assert!(matches!(of("#[test]\n$0fn f() {}"), NoPlace::Test(_)));
    assert!(matches!(of("fn f() {\n    $0fn g() {}\n}"), NoPlace::Nested(_)));
    assert!(matches!(of("$0const A: u8 = 1;"), NoPlace::NotCallable(..)));
    assert!(matches!(refused(&[("tests/a.rs", "$0fn f() {}"), ("Cargo.toml", "")]), NoPlace::Test(_)));
    assert!(matches!(refused(&[("a.py", "class A:\n    $0def __x(self): pass\n")]), NoPlace::Private(_)));
    assert!(matches!(refused(&[("a.ts", "$0function f() {}\n")]), NoPlace::Private(_)));
    assert!(matches!(refused(&[("a.txt", "$0x")]), NoPlace::Language(_)));
}

#[test]
fn python_new_file_in_the_tests_folder() {
    check(
        &[
            ("src/pkg/sub/m.py", "def $0f():\n    pass\n"),
            ("src/pkg/__init__.py", ""),
            ("src/pkg/sub/__init__.py", ""),
            ("pyproject.toml", ""),
            ("tests/test_other.py", "import pytest\n"),
        ],
        "import pytest\nimport math\n\n\ndef test_f():\n    f()\n",
        "tests/test_m.py",
        "import math\n\nimport pytest\n\nfrom pkg.sub.m import f\n\n\ndef test_f():\n    f()\n",
    );
}

const PACKAGE: (&str, &str) = ("pkg/__init__.py", "from .m import f\n");
const PY: &str = "from pkg.m import f\n\n\ndef test_f():\n    f()\n";

#[test]
fn python_imports_of_a_package_are_not_doubled() {
    let tests = ("tests/test_m.py", "from pkg import f\n\n\ndef test_one():\n    f(1)\n");
    let after = "from pkg import f\n\n\ndef test_one():\n    f(1)\n\n\ndef test_f():\n    f()\n";
    check(&[("pkg/m.py", "def $0f(): pass\n"), PACKAGE, tests], PY, "tests/test_m.py", after);
    // nor does a file of that name lose what its tests mean by the name
    let sub = [("pkg/sub/m.py", "def $0f(): pass\n"), PACKAGE, ("pkg/m.py", "def f(): pass\n"), tests];
    let sub = [&sub[..], &[("pkg/sub/__init__.py", "")]].concat();
    let code = "def test_f():\n    f()\n";
    check(&sub, code, "tests/test_sub_m.py", "from pkg.sub.m import f\n\n\ndef test_f():\n    f()\n");
    // a new file never takes the name of one that is there
    let other = ("tests/test_m.py", "from elsewhere import g\n\n\ndef test_g():\n    g()\n");
    check(&[("pkg/m.py", "def $0f(): pass\n"), PACKAGE, other], PY, "tests/test_pkg_m.py", PY);
}

#[test]
fn python_merges_into_the_file_that_tests_the_module() {
    check(
        &[
            ("m.py", "def $0f():\n    pass\n"),
            (
                "tests/test_all.py",
                "\"\"\"Doc.\"\"\"\nfrom m import g, f as ff\n\n\ndef test_g():\n    g(ff)\n    f = 1\n\n\nif __name__ == \"__main__\":\n    main()\n",
            ),
        ],
        "import pytest\n\n\ndef test_f():\n    f()\n",
        "tests/test_all.py",
        "\"\"\"Doc.\"\"\"\nfrom m import g, f as ff, f\nimport pytest\n\n\ndef test_g():\n    g(ff)\n    f = 1\n\n\ndef test_f():\n    f()\n\n\nif __name__ == \"__main__\":\n    main()\n",
    );
}

#[test]
fn scripts_follow_the_habits_of_the_project() {
    check(
        &[
            ("src/x.ts", "export function $0f() {}\n"),
            ("package.json", "{\"devDependencies\": {\"vitest\": \"1\"}}"),
            ("src/__tests__/y.spec.ts", "import { y } from \"../y.js\";\nimport { test } from 'vitest'\n"),
        ],
        "test(\"f\", () => {\n  f();\n});\n",
        "src/__tests__/x.spec.ts",
        "import { expect, test } from \"vitest\";\nimport { f } from \"../x.js\";\n\ntest(\"f\", () => {\n  f();\n});\n",
    );
    check(
        &[("lib/x.js", "function $0f() {}\nmodule.exports = { f };\n"), ("package.json", "{}")],
        "test(\"f\", () => {});",
        "lib/x.test.js",
        "const { test } = require(\"node:test\");\nconst assert = require(\"node:assert/strict\");\nconst { f } = require(\"./x\");\n\ntest(\"f\", () => {});\n",
    );
    check(
        &[
            ("x.mjs", "export function $0f() {}\nexport function g() {}\n"),
            (
                "x.test.mjs",
                "import { test } from \"node:test\";\nimport { g } from \"./x.mjs\";\n\ntest(\"g\", () => g());\n",
            ),
        ],
        "test(\"f\", () => {});",
        "x.test.mjs",
        "import { test } from \"node:test\";\nimport { g, f } from \"./x.mjs\";\nimport assert from \"node:assert/strict\";\n\ntest(\"g\", () => g());\n\ntest(\"f\", () => {});\n",
    );
}
