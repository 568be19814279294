//! Looks a name up in a module: definitions, imports, modules below it, globs. Every look-up is remembered; one that asks
//! itself is cut short.

use std::rc::Rc;
use std::sync::Arc;

use super::super::{Entry, File, FileId, SymbolId};
use super::{DEEPEST, MOST_STEPS, Module, Modules, Target, paths};
use crate::chunks::{ChunkId, ChunkKind, Import};

/// Who asks for a name of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Side {
    /// The code in it.
    Inside,
    /// Code that takes it from there.
    Outside,
}

/// A name in a scope: a file, or a module, type or function of it.
pub(super) type Key = (FileId, ChunkId, Arc<str>, Side);

/// Languages whose imports work alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Rust,
    Python,
    /// JavaScript and TypeScript.
    Script,
    /// Files are found by the ends of their paths.
    Folders,
}

impl Family {
    pub(super) fn of(file: &File) -> Self {
        match file.facts.chunks.language().map_or("", |language| language.name) {
            "rust" => Self::Rust,
            "python" => Self::Python,
            "javascript" | "typescript" | "tsx" => Self::Script,
            _ => Self::Folders,
        }
    }
}

impl Modules<'_> {
    /// What a bare name means inside of a chunk.
    pub(super) fn visible(&self, id: FileId, chunk: ChunkId, name: &str) -> Vec<Target> {
        let Some(file) = self.file(id) else { return Vec::new() };
        let family = Family::of(&file);
        let chunks = &file.facts.chunks;
        let (mut scope, mut in_function) = (Some(chunk), false);
        while let Some(here) = scope {
            let kind = chunks.get(here).kind;
            // what a class of Python defines, its own level sees, and its methods do not
            let own_level = family == Family::Python && !in_function;
            let open = !kind.is_owner() || family == Family::Folders || own_level;
            if open {
                let found = self.look_up(id, here, name, Side::Inside);
                if !found.is_empty() && family == Family::Folders {
                    return self.with_bodies(&file, name, found.to_vec());
                }
                if !found.is_empty() {
                    return found.to_vec();
                }
            }
            if family == Family::Rust && kind == ChunkKind::Module && chunks.get(here).body.is_some() {
                break; // it sees nothing of the module around but by `super`
            }
            in_function |= kind.is_callable() || kind == ChunkKind::Test;
            scope = chunks.parent(here);
        }
        let key = (id, Arc::from(name));
        if let Some(known) = self.unimported.borrow().get(&key) {
            return known.clone();
        }
        let found = match family {
            Family::Rust => self.rust_without_import(&file.path, name),
            Family::Folders => self.folders_without_import(&file, name),
            Family::Python | Family::Script => Vec::new(),
        };
        self.unimported.borrow_mut().insert(key, found.clone());
        found
    }

    /// What a path means inside of a chunk.
    pub(super) fn path(&self, id: FileId, chunk: ChunkId, path: &[&str]) -> Vec<Target> {
        let Some(file) = self.file(id) else { return Vec::new() };
        let family = Family::of(&file);
        if family == Family::Rust {
            return self.rust_path(id, chunk, path);
        }
        let Some(first) = path.first() else { return Vec::new() };
        if family == Family::Python && path.len() > 1 {
            // `import a.b` makes `a.b` known, not only `a`
            let written = path.join(".");
            let covers =
                |local: &str| written.strip_prefix(local).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            let dotted = file.facts.imports.iter().filter(|one| one.local.contains('.') && covers(&one.local));
            if let Some(import) = dotted.max_by_key(|import| import.local.len()) {
                let modules = self.modules(id, ChunkId::FILE, &import.module);
                let taken = import.local.split('.').count();
                let found =
                    self.walk(modules.into_iter().map(Target::Module).collect(), path.get(taken..).unwrap_or(&[]));
                if !found.is_empty() {
                    return found;
                }
            }
        }
        self.walk(self.visible(id, chunk, first), path.get(1..).unwrap_or(&[]))
    }

    /// Takes one name after the other, each from what the one before means.
    pub(super) fn walk(&self, mut targets: Vec<Target>, path: &[&str]) -> Vec<Target> {
        for name in path {
            let mut next = Vec::new();
            for target in &targets {
                match target {
                    Target::Module(module) => add(&mut next, self.in_module(module, name).to_vec()),
                    Target::Symbol(entry) => {
                        add(&mut next, self.members(entry, name).into_iter().map(Target::Symbol).collect());
                    }
                }
            }
            targets = next;
        }
        targets
    }

    /// What a module hands on under a name.
    pub(super) fn in_module(&self, module: &Module, name: &str) -> Rc<[Target]> {
        match module {
            Module::File(file) => self.look_up(*file, ChunkId::FILE, name, Side::Outside),
            Module::Inner(file, chunk) => self.look_up(*file, *chunk, name, Side::Outside),
            Module::Folder(folder) => self.in_folder(folder, name).into(),
        }
    }

    /// What a name means directly in a scope, whatever is around that.
    pub(super) fn look_up(&self, file: FileId, scope: ChunkId, name: &str, side: Side) -> Rc<[Target]> {
        let key: Key = (file, scope, name.into(), side);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let depth = self.open.borrow().len();
        if depth >= DEEPEST || self.steps.get() >= MOST_STEPS || self.open.borrow().contains(&key) {
            self.cut.set(true);
            return Rc::new([]);
        }
        self.steps.set(self.steps.get() + 1);
        self.open.borrow_mut().push(key.clone());
        let found: Rc<[Target]> = self.find(file, scope, name, side).into();
        self.open.borrow_mut().pop();
        if depth == 0 || !self.cut.get() || !found.is_empty() {
            self.known.borrow_mut().insert(key, found.clone());
        }
        if depth == 0 {
            self.cut.set(false);
        }
        found
    }

    fn find(&self, id: FileId, scope: ChunkId, name: &str, side: Side) -> Vec<Target> {
        let Some(file) = self.file(id) else { return Vec::new() };
        let family = Family::of(&file);
        let facts = &file.facts;
        let here = |import: &&Import| {
            let chunk = facts.chunk_at(import.at);
            let named = facts.chunks.get(chunk).name_span.start == import.at; // `const a = require('b')`
            scope == if named { facts.chunks.parent(chunk).unwrap_or(chunk) } else { chunk }
        };
        // what a script exports it does not bind, and the other way round
        let counts = |import: &&Import| family != Family::Script || import.exported == (side == Side::Outside);
        let imports = || facts.imports.iter().filter(|one| !one.glob && binds(one, name)).filter(counts).filter(here);
        let mut found = Vec::new();
        // `try: import a` goes before `except ImportError: a = None`, and what a script exports before what it defines
        let imports_first = matches!(family, Family::Python | Family::Script);
        if imports_first {
            for import in imports() {
                add(&mut found, self.import(id, &file, scope, import, name));
            }
        }
        if found.is_empty() {
            for child in facts.chunks.children(scope).filter(|child| *facts.chunks.get(*child).name == *name) {
                add(&mut found, self.definition(id, &file, child));
            }
        }
        if found.is_empty() && family == Family::Folders && facts.chunks.get(scope).kind.is_owner() {
            let owner = &facts.chunks.get(scope).name;
            let members = self.index.entries_of(owner, name).into_iter().filter(|entry| entry.file == id);
            found.extend(members.map(Target::Symbol));
        }
        if found.is_empty() && !imports_first {
            for import in imports() {
                add(&mut found, self.import(id, &file, scope, import, name));
            }
        }
        if found.is_empty() && side == Side::Outside && family == Family::Python {
            found.extend(self.python_submodules(&file.path, name).into_iter().map(Target::Module));
        }
        if found.is_empty() {
            let mut globs: Vec<Vec<Target>> = facts
                .imports
                .iter()
                .filter(|one| one.glob)
                .filter(counts)
                .filter(here)
                .map(|glob| self.glob(id, scope, glob))
                .collect();
            if globs.len() > 1 {
                let defining: Vec<FileId> = self.files_defining(name);
                let defines = |target: &Target| match target {
                    Target::Module(Module::File(file) | Module::Inner(file, _)) => defining.contains(file),
                    Target::Module(Module::Folder(_)) => false,
                    Target::Symbol(entry) => defining.contains(&entry.file),
                };
                globs.sort_by_key(|targets| !targets.iter().any(defines));
            }
            for targets in globs {
                add(&mut found, self.walk(targets, &[name]));
                if !found.is_empty() {
                    break;
                }
            }
        }
        if found.is_empty() && family == Family::Folders && side == Side::Outside {
            match facts.chunks.get(scope).kind {
                ChunkKind::File => found = self.in_namespaces(id, &file, name),
                ChunkKind::Module => found = self.in_same_namespace(&file, scope, name),
                _ => {}
            }
        }
        if found.is_empty() && family == Family::Rust {
            found.extend(self.rust_child(id, &file, scope, name).into_iter().map(Target::Module));
        }
        found
    }

    /// Files that define a name, as far as there are few.
    fn files_defining(&self, name: &str) -> Vec<FileId> {
        const MOST: usize = 200;
        let mut files: Vec<FileId> = self.index.entries(name).into_iter().take(MOST).map(|entry| entry.file).collect();
        files.dedup();
        files
    }

    /// What everything is taken from by a glob.
    fn glob(&self, id: FileId, scope: ChunkId, glob: &Import) -> Vec<Target> {
        match self.file(id).map(|file| Family::of(&file)) {
            Some(Family::Rust) => self.rust_path(id, scope, &glob.module.split("::").map(plain).collect::<Vec<_>>()),
            _ => self.modules(id, scope, &glob.module).into_iter().map(Target::Module).collect(),
        }
    }

    /// What an import that binds `name` stands for.
    fn import(&self, id: FileId, file: &File, scope: ChunkId, import: &Import, name: &str) -> Vec<Target> {
        let to_targets = |modules: Vec<Module>| modules.into_iter().map(Target::Module).collect::<Vec<_>>();
        match Family::of(file) {
            Family::Rust => {
                if import.module.ends_with(".rs") {
                    return Vec::new(); // where a `mod` with a path lies: `rust_child` knows
                }
                let parts = import.module.split("::").map(plain);
                let parts = parts.filter(|_| !import.module.is_empty()).chain(import.name.as_deref().map(plain));
                self.rust_path(id, scope, &parts.collect::<Vec<_>>())
            }
            Family::Python => {
                let Some(taken) = &import.name else {
                    let whole = *import.local == *name; // else `import a.b` where `a` is asked for
                    return to_targets(self.modules(id, scope, if whole { &import.module } else { name }));
                };
                let mut found = Vec::new();
                for module in self.modules(id, scope, &import.module) {
                    add(&mut found, self.in_module(&module, taken).to_vec());
                }
                if found.is_empty() {
                    let dot = if import.module.ends_with('.') { "" } else { "." };
                    found = to_targets(self.modules(id, scope, &format!("{}{dot}{taken}", import.module)));
                }
                found
            }
            Family::Script => {
                if import.module.is_empty() {
                    return match &import.name {
                        Some(of) => self.look_up(id, scope, of, Side::Inside).to_vec(),
                        None => Vec::new(),
                    };
                }
                let modules = self.modules(id, scope, &import.module);
                let Some(taken) = &import.name else { return to_targets(modules) };
                let mut found = Vec::new();
                for module in &modules {
                    add(&mut found, self.in_module(module, taken).to_vec());
                }
                // what a default export without a name is, only its file tells
                if found.is_empty() && **taken == *"default" { to_targets(modules) } else { found }
            }
            Family::Folders => self.folder_import(id, file, scope, import, name),
        }
    }

    /// What a chunk that defines a name stands for.
    fn definition(&self, id: FileId, file: &File, chunk: ChunkId) -> Vec<Target> {
        let definition = file.facts.chunks.get(chunk);
        match definition.kind {
            ChunkKind::Impl => Vec::new(),
            ChunkKind::Module if definition.body.is_none() && Family::of(file) == Family::Rust => {
                let scope = file.facts.chunks.parent(chunk).unwrap_or(ChunkId::FILE);
                self.rust_child(id, file, scope, &definition.name).into_iter().map(Target::Module).collect()
            }
            ChunkKind::Module => vec![Target::Module(Module::Inner(id, chunk))],
            _ => vec![Target::Symbol(entry(id, file, chunk))],
        }
    }

    /// The modules that an import names.
    pub(super) fn modules(&self, from: FileId, scope: ChunkId, module: &str) -> Vec<Module> {
        let Some(file) = self.file(from) else { return Vec::new() };
        let family = Family::of(&file);
        if family == Family::Rust {
            let targets = self.rust_path(from, scope, &module.split("::").map(plain).collect::<Vec<_>>());
            let modules = targets.into_iter().filter_map(|target| match target {
                Target::Module(module) => Some(module),
                Target::Symbol(_) => None,
            });
            return modules.collect();
        }
        let key = (from, Arc::from(module));
        if let Some(known) = self.named_modules.borrow().get(&key) {
            return known.clone();
        }
        let found = match family {
            Family::Python => self.python_modules(&file.path, module),
            Family::Script => self.script_files(&file.path, module).into_iter().map(Module::File).collect(),
            Family::Rust | Family::Folders => self.folder_modules(&file.path, module),
        };
        self.named_modules.borrow_mut().insert(key, found.clone());
        found
    }

    /// The first of these paths that the index has.
    pub(super) fn first_of(&self, candidates: impl IntoIterator<Item = String>) -> Option<FileId> {
        candidates.into_iter().find_map(|path| self.index.id(&path))
    }

    /// Files by the last part of their path without its ending.
    pub(super) fn named(&self, stem: &str) -> Vec<(FileId, Arc<str>)> {
        self.index.with_stem(stem)
    }

    /// Whether a path is a file of the index.
    pub(super) fn is_file(&self, path: &str) -> bool {
        self.index.id(path).is_some()
    }

    /// Of several entries the nearest to a path, at most so many.
    pub(super) fn nearest(&self, path: &str, mut entries: Vec<Entry>, most: usize) -> Vec<Entry> {
        let near = |entry: &Entry| self.index.path(entry.file).map_or(0, |other| paths::shared(path, &other));
        entries.sort_by_cached_key(|entry| (std::cmp::Reverse(near(entry)), entry.test));
        entries.truncate(most);
        entries
    }
}

/// The entry of a chunk.
pub(super) fn entry(id: FileId, file: &File, chunk: ChunkId) -> Entry {
    let chunks = &file.facts.chunks;
    let definition = chunks.get(chunk);
    Entry {
        file: id,
        symbol: SymbolId::Chunk(chunk, definition.kind),
        owner: chunks.owner(chunk).map(Into::into),
        test: definition.test,
    }
}

/// Whether an import makes a name known; `import a.b` of Python makes `a` known, too.
fn binds(import: &Import, name: &str) -> bool {
    import.local.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A name of Rust without the mark of a raw one.
pub(super) fn plain(name: &str) -> &str {
    let name = name.trim();
    name.strip_prefix("r#").unwrap_or(name)
}

/// Adds what is not there yet.
pub(super) fn add(found: &mut Vec<Target>, more: Vec<Target>) {
    for target in more {
        if !found.contains(&target) {
            found.push(target);
        }
    }
}
