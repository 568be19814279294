//! What an import means, without a compiler. In: the index, and manifests of the workspace through a reader that keeps to
//! the policy. Out: the files that a module's name can mean, what a file hands on under a name, and what a name or path
//! means at a place of a file. Knows nothing of types of values; never reads source text.

mod folders;
mod lookup;
mod manifest;
mod paths;
mod python;
mod rust;
mod script;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use self::manifest::Manifests;
use super::{Entry, File, FileId, Index};
use crate::chunks::ChunkId;

/// Reads a file of the workspace that the policy allows: its path relative to the workspace → its text.
pub type Read<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Something that names can be taken from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Module {
    /// All of a file.
    File(FileId),
    /// A module or namespace inside of a file.
    Inner(FileId, ChunkId),
    /// The files of a folder: a package of Go or Java, a Python package without `__init__.py`. Relative to the workspace.
    Folder(Arc<str>),
}

/// What a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A definition, or a member of one.
    Symbol(Entry),
    /// A module.
    Module(Module),
}

/// Files looked into for one name at most, and the depth of modules that pass a name on.
const MOST_STEPS: usize = 64;
const DEEPEST: usize = 16;

/// Answers by the file that asks and the name that it writes.
type ByName<T> = RefCell<HashMap<(FileId, Arc<str>), Vec<T>>>;

/// Answers what imports, names and paths mean, and remembers the answers. Short-lived: made for one action, over an index
/// that may change behind it, it goes on with the files as it first saw them.
pub struct Modules<'a> {
    index: &'a Index,
    files: RefCell<HashMap<FileId, Option<Rc<File>>>>,
    known: RefCell<HashMap<lookup::Key, Rc<[Target]>>>,
    /// What names mean in a file that it neither defines nor imports.
    unimported: ByName<Target>,
    /// What names of modules mean in a file.
    named_modules: ByName<Module>,
    manifests: Manifests<'a>,
    /// The look-ups being answered, the outermost first.
    open: RefCell<Vec<lookup::Key>>,
    /// The look-up being answered was cut short, so that its answer holds for this question only.
    cut: Cell<bool>,
    steps: Cell<usize>,
}

impl<'a> Modules<'a> {
    /// For one action. `read` gives manifests (`Cargo.toml`, `package.json`, `tsconfig.json`, `go.mod`).
    #[must_use]
    pub fn new(index: &'a Index, read: &'a Read<'a>) -> Self {
        Self {
            index,
            files: RefCell::default(),
            known: RefCell::default(),
            unimported: RefCell::default(),
            named_modules: RefCell::default(),
            manifests: Manifests::new(read),
            open: RefCell::default(),
            cut: Cell::default(),
            steps: Cell::default(),
        }
    }

    /// The files that `module`, as an import in `from` writes it (`crate::a`, `..core`, `./x.js`), can mean: the surest
    /// first, few. Empty for what is not of this workspace.
    #[must_use]
    pub fn module_files(&self, from: FileId, module: &str) -> Vec<FileId> {
        let modules = self.modules(from, ChunkId::FILE, module);
        let mut files: Vec<FileId> = Vec::new();
        for module in modules {
            if let Module::File(file) | Module::Inner(file, _) = module
                && !files.contains(&file)
            {
                files.push(file);
            }
        }
        files
    }

    /// What `name` means to those who take it from `module`: what is defined there, else what it passes on, followed to
    /// the definition. Several where the code does not say which: overloads, a type and a value, alternatives of a
    /// condition.
    #[must_use]
    pub fn exported(&self, module: &Module, name: &str) -> Vec<Target> {
        self.steps.set(0);
        self.in_module(module, name).to_vec()
    }

    /// What a bare `name` means at byte `at` of the file: definitions and imports of the functions and modules around,
    /// then of the file, then what the language sees without an import.
    #[must_use]
    pub fn in_scope(&self, from: FileId, name: &str, at: usize) -> Vec<Target> {
        self.steps.set(0);
        let Some(file) = self.file(from) else { return Vec::new() };
        self.visible(from, file.facts.chunk_at(at), name)
    }

    /// What a path (`a::b::C`, `ns.C.make`) means at byte `at` of the file: its first name is looked up as a bare one, each
    /// further one is taken from the module or type before it. Names such as `self` and `Self` that mean a value or the
    /// type around are the caller's matter.
    #[must_use]
    pub fn by_path(&self, from: FileId, path: &[&str], at: usize) -> Vec<Target> {
        self.steps.set(0);
        let Some(file) = self.file(from) else { return Vec::new() };
        self.path(from, file.facts.chunk_at(at), path)
    }

    /// What `name` means as a member of a type or namespace that was found: methods, fields, variants, nested types; the
    /// nearest of types with the same name.
    #[must_use]
    pub fn members(&self, of: &Entry, name: &str) -> Vec<Entry> {
        let Some(file) = self.file(of.file) else { return Vec::new() };
        let super::SymbolId::Chunk(chunk, _) = of.symbol else { return Vec::new() };
        let owner = &file.facts.chunks.get(chunk).name;
        let mut found = self.index.entries_of(owner, name);
        if found.iter().any(|entry| entry.file == of.file) {
            found.retain(|entry| entry.file == of.file);
        } else if found.len() > 1 {
            let near = |entry: &Entry| self.index.path(entry.file).map_or(0, |path| paths::shared(&path, &file.path));
            let nearest = found.iter().map(near).max().unwrap_or(0);
            found.retain(|entry| near(entry) == nearest);
        }
        found
    }

    /// The file, as it was first seen.
    fn file(&self, id: FileId) -> Option<Rc<File>> {
        let mut files = self.files.borrow_mut();
        files.entry(id).or_insert_with(|| self.index.file(id).map(Rc::new)).clone()
    }
}
