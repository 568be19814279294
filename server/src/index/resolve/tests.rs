use std::collections::BTreeMap;

use super::*;
use crate::index::FileFacts;
use crate::syntax::by_path;

/// Files in an index; `$0` in one of them marks the focus.
struct Project {
    index: Index,
    texts: BTreeMap<String, Text>,
    path: String,
    at: usize,
}

/// Reads `-- path` lines, each followed by a file.
fn project(source: &str) -> Project {
    let index = Index::default();
    let mut texts = BTreeMap::new();
    let mut focus = (String::new(), 0);
    for part in source.split("-- ").skip(1) {
        let (path, text) = part.split_once('\n').unwrap();
        if let Some(at) = text.find("$0") {
            focus = (path.to_owned(), at);
        }
        let text = Text::from(&*text.replacen("$0", "", 1));
        if let Some(language) = by_path(path.as_ref()) {
            index.update(path, FileFacts::read(&text, language).unwrap().into());
        }
        texts.insert(path.to_owned(), text);
    }
    Project { index, texts, path: focus.0, at: focus.1 }
}

impl Project {
    fn with_source<T>(&self, run: impl FnOnce(&Source<'_>, &Texts<'_>) -> T) -> T {
        let text = &self.texts[&self.path];
        let tree = Tree::parse(text, by_path(self.path.as_ref()).unwrap(), None, None).unwrap();
        let chunks = &self.index.facts(&self.path).unwrap().chunks;
        let focus = chunks.focus_at(Span::new(self.at, self.at));
        let source = Source { path: &self.path, text, tree: &tree, chunks, focus };
        run(&source, &|path| self.texts.get(path).cloned())
    }
}

/// The definitions that the focus refers to, as `path: Owner::name` or `path: Owner.field`, sorted.
fn check_resolve(source: &str, expected: &[&str]) {
    let project = project(source);
    let all = project.with_source(|source, texts| resolve(source, &project.index, texts));
    let mut shown: Vec<String> = all
        .iter()
        .map(|one| {
            let name = one.found.facts.chunks.path(one.found.chunk);
            let member = one.member.as_ref().map_or(String::new(), |member| format!(".{member}"));
            let guess = if one.sure { "" } else { " (guess)" };
            format!("{}: {name}{member}{guess}", one.found.path)
        })
        .collect();
    shown.sort();
    assert_eq!(shown, expected);
}

/// The call sites of the focus, as `path:line`, those in tests last.
fn check_calls(source: &str, expected: &[&str]) {
    let project = project(source);
    let all = project.with_source(|source, texts| call_sites(source, &project.index, texts));
    let line = |site: &CallSite| project.texts[&site.within.path].line_of(site.at) + 1;
    let shown: Vec<String> = all
        .iter()
        .map(|site| format!("{}:{}{}", site.within.path, line(site), if site.test { " (test)" } else { "" }))
        .collect();
    assert_eq!(shown, expected);
}

#[test]
fn rust_fields_methods_and_traits() {
    check_resolve(
        "-- src/lib.rs
mod config;
mod store;
use config::{Config, open};
use store::Store;
pub struct App<S: Store> { config: Config, store: S, all: Vec<Box<Config>> }
impl<S: Store> App<S> {
    fn $0run(&mut self) {
        let path = self.config.root.name();
        for one in self.all.iter() { one.check(); }
        if let Some(other) = open(path).first() { other.check(); }
        self.store.put(path);
        let kind = config::Kind::Big;
        debug!(\"{}\", self.config.depth(kind));
        self.all.iter().filter(|c| c.is_new());
    }
}
-- src/config.rs
pub struct Config { pub root: Folder }
pub struct Folder(u8);
pub enum Kind { Big, Small }
impl Folder { pub fn name(&self) -> &str { \"\" } pub fn check(&self) {} }
impl Config { pub fn check(&self) {} pub fn depth(&self, kind: Kind) -> u8 { 0 } fn is_new(&self) -> bool { true } }
pub fn open(path: &str) -> Vec<Folder> { Vec::new() }
-- src/store.rs
pub trait Store { fn put(&mut self, path: &str); }
impl Store for Vec<u8> { fn put(&mut self, path: &str) {} }
-- Cargo.toml
[package]
name = \"app\"
",
        &[
            "src/config.rs: Config.root",
            "src/config.rs: Config::check",
            "src/config.rs: Config::depth",
            "src/config.rs: Config::is_new",
            "src/config.rs: Folder::check",
            "src/config.rs: Folder::name",
            "src/config.rs: Kind",
            "src/config.rs: Kind.Big",
            "src/config.rs: open",
            "src/lib.rs: App.all",
            "src/lib.rs: App.config",
            "src/lib.rs: App.store",
            "src/store.rs: Store::put",
        ],
    );
}

#[test]
fn rust_type_arguments_iterators_and_macros() {
    check_resolve(
        "-- src/lib.rs
pub struct Map<K, V> { keys: Vec<K>, values: Vec<V> }
impl<K, V> Map<K, V> {
    pub fn iter(&self) -> Iter<'_, K, V> { todo!() }
    pub fn get(&self, key: &K) -> Option<&V> { None }
}
pub struct Iter<'a, K, V> { keys: &'a [K], values: &'a [V] }
impl<'a, K, V> Iterator for Iter<'a, K, V> { type Item = (&'a K, &'a V); }
pub struct Item { id: Id }
impl Item { fn check(&self) -> bool { true } fn id(&self) -> &Id { &self.id } }
pub struct Id;
impl Id { fn show(&self) {} }
macro_rules! some { ($e:expr) => { $e.unwrap() } }
fn $0work(map: &Map<u8, Item>) {
    map.iter().filter(|(_, item)| item.check());
    let one = some!(map.get(&1));
    one.id().show();
}
-- Cargo.toml
[package]
name = \"app\"
",
        &[
            "src/lib.rs: Id::show",
            "src/lib.rs: Item",
            "src/lib.rs: Item::check",
            "src/lib.rs: Item::id",
            "src/lib.rs: Map",
            "src/lib.rs: Map::get",
            "src/lib.rs: Map::iter",
            "src/lib.rs: some",
        ],
    );
}

#[test]
fn python_receivers_annotations_and_properties() {
    check_resolve(
        "-- pkg/__init__.py
from .app import App
-- pkg/app.py
from __future__ import annotations
import typing as t
if t.TYPE_CHECKING:
    from .ctx import Context
class Base:
    def __init__(self):
        self.root = None
        self.debug = False
    @property
    def debug(self) -> bool: ...
class App(Base):
    def $0run(self, ctx: 'Context', all: t.List['Context']) -> None:
        if self.debug and self.root:
            ctx.push().pop()
        for one in all:
            one.pop()
        with self.open() as (name, other):
            pass
        item = make(cls=1)
        item.go()
    def open(self): ...
def make(cls) -> Item: ...
class Item:
    def go(self): ...
-- pkg/ctx.py
class Context:
    def push(self) -> 'Context': ...
    def pop(self): ...
",
        &[
            "pkg/app.py: App::open",
            "pkg/app.py: Base.root",
            "pkg/app.py: Base::debug",
            "pkg/app.py: Item::go",
            "pkg/app.py: make",
            "pkg/ctx.py: Context",
            "pkg/ctx.py: Context::pop",
            "pkg/ctx.py: Context::push",
        ],
    );
}

#[test]
fn typescript_records_closures_and_unions() {
    check_resolve(
        "-- src/main.ts
import * as core from './core.js';
import { lift } from './lift';
export function $0work(schema: core.Schema, issue: core.Issue): core.Result {
  const { name } = schema;
  schema.inner.def.check();
  lift((source, sink) => { source.read(); sink.next(issue.path); });
  for (const one of schema.parts!) one.check();
  return { value: new core.Def(), ok: true };
}
-- src/core.ts
export interface Base { name: string; inner: Inner }
export interface Schema extends Base { parts?: Def[] }
export interface Inner { def: Def }
export class Def { constructor() {} check(): void {} }
export interface A { path: string }
export interface B { path: string }
export type Issue = A | B;
export interface Result { value: Def; ok: boolean }
-- src/lift.ts
import { Source, Sink } from './io';
export function lift<T>(init: (source: Source<T>, sink: Sink<T>) => void): void {}
-- src/io.ts
export class Source<T> { read(): T {} }
export class Sink<T> { next(value: T): void {} }
",
        &[
            "src/core.ts: A.path",
            "src/core.ts: B.path",
            "src/core.ts: Base.inner",
            "src/core.ts: Base.name",
            "src/core.ts: Def",
            "src/core.ts: Def::check",
            "src/core.ts: Def::constructor",
            "src/core.ts: Inner.def",
            "src/core.ts: Issue",
            "src/core.ts: Result",
            "src/core.ts: Result.ok",
            "src/core.ts: Result.value",
            "src/core.ts: Schema",
            "src/core.ts: Schema.parts",
            "src/io.ts: Sink::next",
            "src/io.ts: Source::read",
            "src/lift.ts: lift",
        ],
    );
}

#[test]
fn calls_of_methods_are_told_apart_by_type() {
    check_calls(
        "-- src/lib.rs
mod a;
pub struct One;
pub struct Two;
impl One { pub fn $0get(&self) -> u8 { 1 } }
impl Two { pub fn get(&self) -> u8 { 2 } }
fn use_both(one: &One, two: &Two) {
    // one.get() in a comment
    one.get();
    two.get();
    One::get(one);
}
#[cfg(test)]
mod tests { #[test] fn t() { super::One.get(); } }
-- src/a.rs
use crate::One;
struct Holder { one: One, all: Vec<One> }
impl Holder {
    fn ask(&self) { self.one.get(); self.all.get(0); }
}
-- Cargo.toml
[package]
name = \"app\"
",
        &["src/lib.rs:8", "src/lib.rs:10", "src/a.rs:4", "src/lib.rs:13 (test)"],
    );
}

#[test]
fn calls_of_functions_and_classes() {
    check_calls(
        "-- pkg/a.py
def $0load(path): ...
-- pkg/b.py
from .a import load
import json
def one():
    '''load(this)'''
    load('x')
    json.load('y')
-- pkg/c.py
from . import a
class C:
    def two(self):
        return a.load(1)
    def load(self): ...
    def three(self):
        self.load()
-- pkg/__init__.py
",
        &["pkg/b.py:5", "pkg/c.py:4"],
    );
}

#[test]
fn chains() {
    for (text, chain) in [
        ("if self.a", "self.a"),
        ("foo(x, y.z(1)", "y.z(1)"),
        ("return a::B::new(c, [d])", "a::B::new(c, [d])"),
        ("x\n    .y()\n    ", "x\n    .y()"),
        ("!self.flag", "self.flag"),
        ("a[0].b", "a[0].b"),
        ("fn one(shape: util", "util"),
    ] {
        assert_eq!(chain_at_end(text).trim_end(), chain, "{text}");
    }
}
