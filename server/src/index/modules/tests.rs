use std::fs;
use std::path::Path;

use super::super::{Index, SymbolId};
use super::*;
use crate::config::PolicySettings;
use crate::policy::Policy;

/// A workspace from texts that start with `//- path` lines (in every language).
struct Workspace {
    folder: tempfile::TempDir,
    index: Index,
}

impl Workspace {
    fn new(files: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in files.split("//- ").skip(1) {
            let (path, text) = file.split_once('\n').unwrap();
            let path = folder.path().join(path.trim());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let (policy, _) = Policy::new(folder.path(), &PolicySettings::default());
        let index = Index::default();
        index.build(&policy, &|| false);
        Self { folder, index }
    }

    fn with<T>(&self, ask: impl FnOnce(&Modules<'_>) -> T) -> T {
        let read = |path: &str| fs::read_to_string(self.folder.path().join(Path::new(path))).ok();
        ask(&Modules::new(&self.index, &read))
    }

    /// What a path means in a file, at its start or right after `after`; each as `file name`.
    fn path(&self, file: &str, after: &str, path: &str) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join(file)).unwrap();
        let at = text.find(after).unwrap() + after.len();
        let id = self.index.id(file).unwrap();
        let separator = if path.contains("::") { "::" } else { "." };
        let parts: Vec<&str> = path.split(separator).collect();
        self.with(|modules| modules.by_path(id, &parts, at)).iter().map(|target| self.show(target)).collect()
    }

    /// The files that a module of a file means.
    fn files(&self, file: &str, module: &str) -> Vec<String> {
        let id = self.index.id(file).unwrap();
        let files = self.with(|modules| modules.module_files(id, module));
        files.iter().map(|id| self.index.path(*id).unwrap().to_string()).collect()
    }

    fn show(&self, target: &Target) -> String {
        let path = |id: FileId| self.index.path(id).unwrap();
        match target {
            Target::Module(Module::File(id)) => format!("{} *", path(*id)),
            Target::Module(Module::Inner(id, chunk)) => {
                let file = self.index.file(*id).unwrap();
                format!("{} {} *", file.path, file.facts.chunks.path(*chunk))
            }
            Target::Module(Module::Folder(folder)) => format!("{folder}/ *"),
            Target::Symbol(entry) => {
                let file = self.index.file(entry.file).unwrap();
                match entry.symbol {
                    SymbolId::Chunk(chunk, _) => format!("{} {}", file.path, file.facts.chunks.path(chunk)),
                    SymbolId::Member(number, _) => {
                        let member = &file.facts.symbols.members[number as usize];
                        format!("{} {}::{}", file.path, entry.owner.as_deref().unwrap(), member.name)
                    }
                }
            }
        }
    }
}

/// Each line: `file: path` → what it means; `file @text: path` asks right after the text.
pub(super) fn check_paths(files: &str, expected: &[(&str, &str)]) {
    let workspace = Workspace::new(files);
    for (question, answer) in expected {
        let (place, path) = question.split_once(": ").unwrap();
        let (file, after) = place.split_once(" @").unwrap_or((place, ""));
        assert_eq!(workspace.path(file, after, path).join(", "), *answer, "{question}");
    }
}

#[test]
fn rust_modules_are_files_folders_and_inline() {
    check_paths(
        "//- src/lib.rs\npub mod a;\nmod flat;\npub mod inline { pub mod deep; pub struct In; }\n#[path = \"odd/name.rs\"]\npub \
         mod renamed;\npub fn top() {}\n//- src/a/mod.rs\nmod b;\npub fn of_a() {}\n//- src/a/b.rs\nfn of_b() { HERE }\n//- \
         src/flat.rs\nmod under;\n//- src/flat/under.rs\npub fn low() {}\n//- src/inline/deep.rs\npub fn deep_fn() {}\n//- \
         src/odd/name.rs\npub fn odd() {}\n",
        &[
            ("src/a/b.rs: crate::top", "src/lib.rs top"),
            ("src/a/b.rs: super::of_a", "src/a/mod.rs of_a"),
            ("src/a/b.rs: super::super::top", "src/lib.rs top"),
            ("src/a/b.rs: self::of_b", "src/a/b.rs of_b"),
            ("src/a/b.rs: crate::flat::under::low", "src/flat/under.rs low"),
            ("src/flat/under.rs: super::super::a", "src/a/mod.rs *"),
            ("src/lib.rs: inline::deep::deep_fn", "src/inline/deep.rs deep_fn"),
            ("src/inline/deep.rs: super::In", "src/lib.rs inline::In"),
            ("src/inline/deep.rs: crate::top", "src/lib.rs top"),
            ("src/lib.rs: renamed::odd", "src/odd/name.rs odd"),
            ("src/lib.rs: missing::x", ""),
        ],
    );
}

#[test]
fn rust_uses_are_followed_to_the_definition() {
    check_paths(
        "//- src/lib.rs\nmod a;\npub use a::{Kind::{self, *}, inner as renamed, *};\npub mod prelude { pub use crate::a::Deep \
         as Name; }\nuse renamed::Other;\nfn uses(x: Other) { one(); }\nmod loops { pub use super::looped::*; }\nmod looped { \
         pub use super::loops::*; pub struct Found; }\n#[cfg(test)]\nmod tests {\n    use super::*;\n    fn t() { TEST }\n}\n//- \
         src/a.rs\npub enum Kind { One, Two }\npub mod inner { pub struct Other; }\npub struct Deep;\nimpl Deep { pub fn \
         make() {} pub const MOST: u8 = 1; }\npub fn helper() {\n    use inner::Other as Local;\n    HERE\n}\n",
        &[
            ("src/lib.rs: Kind", "src/a.rs Kind"),
            ("src/lib.rs: Two", "src/a.rs Kind::Two"),
            ("src/lib.rs: Kind::One", "src/a.rs Kind::One"),
            ("src/lib.rs: Other", "src/a.rs inner::Other"),
            ("src/lib.rs: helper", "src/a.rs helper"),
            ("src/lib.rs: prelude::Name::make", "src/a.rs Deep::make"),
            ("src/lib.rs: Deep::MOST", "src/a.rs Deep::MOST"),
            ("src/lib.rs @TEST: Other", "src/a.rs inner::Other"),
            ("src/lib.rs @TEST: Deep", "src/a.rs Deep"),
            ("src/lib.rs: loops::Found", "src/lib.rs looped::Found"),
            ("src/lib.rs: loops::Nothing", ""),
            ("src/a.rs @HERE: Local", "src/a.rs inner::Other"),
            ("src/a.rs: Local", ""),
        ],
    );
}

#[test]
fn rust_crates_of_the_workspace_and_their_macros() {
    check_paths(
        "//- Cargo.toml\n[workspace]\nmembers = [\"crates/*\"]\n[workspace.dependencies]\nodd-name = { path = \
         \"crates/elsewhere\" }\n//- crates/app/Cargo.toml\n[package]\nname = \"my-app\"\n[dependencies]\nodd-name = { \
         workspace = true }\ncore-lib = { path = \"../core-lib\" }\n//- crates/app/src/lib.rs\nmod m;\npub fn run() {}\n//- \
         crates/app/src/m.rs\nuse odd_name::Odd;\nuse core_lib::util::Tool as T;\nuse std::Thing;\nfn f() { shout!() }\n//- \
         crates/app/src/main.rs\nuse my_app::run;\nmod only_main;\n//- crates/app/src/only_main.rs\nfn g() {}\n//- \
         crates/app/tests/it.rs\nmod common;\nuse my_app::run;\n//- crates/app/tests/common/mod.rs\npub fn setup() {}\n//- \
         crates/elsewhere/Cargo.toml\n[package]\nname = \"odd-name\"\n[lib]\npath = \"code/root.rs\"\n//- \
         crates/elsewhere/code/root.rs\nmod part;\npub struct Odd;\n//- crates/elsewhere/code/part.rs\nfn p() {}\n//- \
         crates/core-lib/Cargo.toml\n[package]\nname = \"core-lib\"\n//- crates/core-lib/src/lib.rs\npub mod \
         util;\n//- crates/core-lib/src/util.rs\npub struct Tool;\nstruct Thing;\nmacro_rules! shout { () => {} }\n",
        &[
            ("crates/app/src/m.rs: Odd", "crates/elsewhere/code/root.rs Odd"),
            ("crates/app/src/m.rs: T", "crates/core-lib/src/util.rs Tool"),
            ("crates/app/src/m.rs: Thing", ""),
            ("crates/app/src/m.rs: shout", "crates/core-lib/src/util.rs shout"),
            ("crates/app/src/main.rs: run", "crates/app/src/lib.rs run"),
            ("crates/app/src/only_main.rs: super::run", "crates/app/src/lib.rs run"),
            ("crates/app/tests/it.rs: run", "crates/app/src/lib.rs run"),
            ("crates/app/tests/it.rs: common::setup", "crates/app/tests/common/mod.rs setup"),
            ("crates/app/tests/common/mod.rs: crate::run", "crates/app/src/lib.rs run"),
            ("crates/elsewhere/code/part.rs: crate::Odd", "crates/elsewhere/code/root.rs Odd"),
        ],
    );
}

#[test]
fn python_packages_relative_imports_and_what_they_pass_on() {
    check_paths(
        "//- src/pkg/__init__.py\nfrom .core import Engine as Engine\nfrom .sub import *\nfrom . import types\nimport \
         json\n//- src/pkg/core.py\nimport typing as t\nfrom .sub.deep import low\nfrom . import types\nif t.TYPE_CHECKING:\n    \
         from .sub import deep as d\nclass Engine:\n    limit = 3\n    CLASS = limit\n    def run(self):\n        from .types import \
         Late\n        HERE\n//- src/pkg/types.py\nclass Late: pass\n//- src/pkg/json/__init__.py\ndef dumps(): pass\n//- \
         src/pkg/sub/__init__.py\nfrom .deep import low\n//- src/pkg/sub/deep.py\nfrom ..core import Engine\ndef low(): \
         pass\n//- tests/test_it.py\nimport pkg\nimport pkg.sub.deep\nimport pkg.core as c\nfrom pkg import Engine, sub\nfrom \
         pkg.types import Late\nimport logging\nimport helper\n//- tests/helper.py\ndef help(): pass\n//- \
         scripts/logging.py\nx = 1\n",
        &[
            ("tests/test_it.py: Engine", "src/pkg/core.py Engine"),
            ("tests/test_it.py: Engine.run", "src/pkg/core.py Engine::run"),
            ("tests/test_it.py: pkg.low", "src/pkg/sub/deep.py low"),
            ("tests/test_it.py: pkg.types.Late", "src/pkg/types.py Late"),
            ("tests/test_it.py: pkg.sub.deep.low", "src/pkg/sub/deep.py low"),
            ("tests/test_it.py: c.Engine", "src/pkg/core.py Engine"),
            ("tests/test_it.py: sub", "src/pkg/sub/__init__.py *"),
            ("tests/test_it.py: Late", "src/pkg/types.py Late"),
            ("tests/test_it.py: helper.help", "tests/helper.py help"),
            ("tests/test_it.py: logging", ""),
            ("src/pkg/__init__.py: json", ""),
            ("src/pkg/core.py: d.Engine", "src/pkg/core.py Engine"),
            ("src/pkg/core.py: types", "src/pkg/types.py *"),
            ("src/pkg/core.py @CLASS: limit", "src/pkg/core.py Engine::limit"),
            ("src/pkg/core.py @HERE: limit", ""),
            ("src/pkg/core.py @HERE: Late", "src/pkg/types.py Late"),
            ("src/pkg/core.py: Late", ""),
        ],
    );
}

#[test]
fn scripts_import_files_folders_and_packages() {
    let files = "//- tsconfig.json\n{ // comment\n  \"compilerOptions\": { \"paths\": { \"@app/*\": [\"./web/src/*\",], } } }\n//- \
                 web/package.json\n{ \"name\": \"web\", \"exports\": { \".\": { \"import\": \"./dist/index.js\" }, \"./*\": \
                 \"./dist/*.js\" } }\n//- web/src/index.ts\nexport * from './a.js';\nexport * as all from './deep';\nexport { \
                 inner as outer } from './a';\nimport * as self from 'web';\n//- web/src/a.ts\nexport function inner() {}\nexport \
                 class Thing { static make() {} }\nexport default class Main {}\nconst secret = 1;\nexport { secret as \
                 known };\nexport namespace N { export const value = 1; }\n//- web/src/deep/index.tsx\nimport type { Thing as T } \
                 from '../a';\nexport default [1, 2];\nexport { T };\n//- tool/main.ts\nimport Main, { inner, known } from \
                 '@app/a';\nimport * as web from 'web';\nimport { outer } from 'web';\nimport { Thing } from 'web/a';\nimport \
                 def from '../web/src/deep';\nimport React from 'react';\n//- old/lib.js\nfunction go() {}\nmodule.exports = { \
                 go, run: go };\n//- old/use.js\nconst lib = require('./lib');\nconst { run: alias } = require('./lib');\n";
    check_paths(
        files,
        &[
            ("tool/main.ts: Main", "web/src/a.ts Main"),
            ("tool/main.ts: inner", "web/src/a.ts inner"),
            ("tool/main.ts: known", "web/src/a.ts secret"),
            ("tool/main.ts: web.Thing.make", "web/src/a.ts Thing::make"),
            ("tool/main.ts: web.all.T", "web/src/a.ts Thing"),
            ("tool/main.ts: web.N.value", "web/src/a.ts N::value"),
            ("tool/main.ts: outer", "web/src/a.ts inner"),
            ("tool/main.ts: Thing", "web/src/a.ts Thing"),
            ("tool/main.ts: def", "web/src/deep/index.tsx *"),
            ("tool/main.ts: React", ""),
            ("web/src/index.ts: self.all", "web/src/deep/index.tsx *"),
            ("old/use.js: lib.go", "old/lib.js go"),
            ("old/use.js: alias", "old/lib.js go"),
        ],
    );
    let workspace = Workspace::new(files);
    assert_eq!(workspace.files("web/src/deep/index.tsx", ".."), ["web/src/index.ts"]);
    assert_eq!(workspace.files("tool/main.ts", "@/src/a"), ["web/src/a.ts"]);
    assert!(workspace.files("tool/main.ts", "../../outside").is_empty());
}

#[test]
fn loops_of_many_files_end() {
    let mut files = String::new();
    for number in 0..200 {
        let others: String = (0..200).step_by(7).map(|other| format!("export * from './f{other}';\n")).collect();
        files.push_str(&format!("//- f{number}.ts\n{others}export const only{number} = 1;\n"));
    }
    let workspace = Workspace::new(&files);
    assert_eq!(workspace.path("f3.ts", "", "only3"), ["f3.ts only3"]);
    let exported = |name: &str| {
        let from = Module::File(workspace.index.id("f3.ts").unwrap());
        workspace
            .with(|modules| modules.exported(&from, name))
            .iter()
            .map(|one| workspace.show(one))
            .collect::<Vec<_>>()
    };
    assert_eq!(exported("only196"), ["f196.ts only196"]);
    assert!(exported("nowhere").is_empty());
}
