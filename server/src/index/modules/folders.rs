//! Modules of all other languages: a module's name is matched against the ends of paths, a folder counts as a package,
//! and a namespace may go on in any file.

use super::super::{Entry, File, FileId, SymbolId};
use super::lookup::{add, entry};
use super::{Module, Modules, Target, paths};
use crate::chunks::{ChunkId, ChunkKind, Import};
use crate::syntax;

/// What languages put between the parts of a module's name.
const SEPARATORS: &[char] = &['/', '.', ':', '\\'];

/// Languages that use each other's definitions.
const ALIKE: &[&[&str]] = &[&["c", "cpp"], &["java", "kotlin", "scala"]];

/// Languages in which the files of a folder are one package.
const FOLDER_IS_PACKAGE: &[&str] = &["go", "java", "kotlin", "scala", "csharp"];

/// Languages in which a file may use what any other defines without naming the file.
const SEEN_EVERYWHERE: &[&str] = &["c", "cpp", "csharp", "ruby", "php", "swift", "bash", "lua"];

/// Languages whose packages may leave out, or name otherwise, the first folders of their files.
const LOOSE: &[&str] = &["csharp", "php", "kotlin"];

/// Folders from which modules are named.
const ROOTS: &[&str] = &["", "src", "lib", "lua", "app", "include"];

/// Files that stand for their folder.
const FOLDER_FILES: &[&str] = &["/init", "/index", "/main", "/mod"];

/// Candidates looked at for one name at most.
const MOST: usize = 32;

fn language_of(path: &str) -> &'static str {
    syntax::by_path(std::path::Path::new(path)).map_or("", |language| language.name)
}

/// Whether a path's ending is one of a language's, or of one whose definitions it uses.
fn alike(language: &'static str) -> impl Fn(&str) -> bool {
    let group = ALIKE.iter().find(|group| group.contains(&language)).copied();
    let languages = syntax::languages().iter().filter(|other| match group {
        Some(group) => group.contains(&other.name),
        None => other.name == language,
    });
    let endings: Vec<&str> = languages.flat_map(|language| language.extensions).copied().collect();
    move |path| path.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
}

impl Modules<'_> {
    /// The files, or else the folder, that a module's name means.
    pub(super) fn folder_modules(&self, from: &str, module: &str) -> Vec<Module> {
        let language = language_of(from);
        let file = |found: Option<FileId>| found.map(Module::File).into_iter().collect::<Vec<_>>();
        // a path with an ending: `#include "x/y.h"`, `source lib.sh`
        if !language_of(module).is_empty() {
            let beside = paths::join(paths::folder(from), module).and_then(|path| self.index.id(&path));
            let end = module.trim_start_matches(['.', '/']);
            return file(beside.or_else(|| self.by_end(from, paths::stem(module), |path| paths::ends_with(path, end))));
        }
        if module.starts_with("./") || module.starts_with("../") {
            let path = paths::join(paths::folder(from), module).unwrap_or_default();
            let fits = |other: &str| other.strip_prefix(&*path).is_some_and(|rest| rest.starts_with('.'));
            return file(self.by_end(from, paths::last(&path), fits));
        }
        if language == "go" {
            return self.go_package(from, module);
        }
        let parts: Vec<&str> = module.split(SEPARATORS).filter(|part| !part.is_empty()).collect();
        let Some(last) = parts.last() else { return Vec::new() };
        let snakes: Vec<String> = parts.iter().map(|part| snake(part)).collect();
        let (path, snakes) = (parts.join("/").to_lowercase(), snakes.join("/"));
        let alike = alike(language);
        let fits = |other: &str| {
            let stem = other.rsplit_once('.').map_or(other, |(stem, _)| stem).to_lowercase();
            let stem = FOLDER_FILES.iter().find_map(|name| stem.strip_suffix(name)).unwrap_or(&stem);
            // one name alone does not mean just any file that is called so
            let root = || {
                let folder = paths::folder(stem);
                paths::within(from, paths::folder(other)) || ROOTS.contains(&paths::last(folder))
            };
            alike(other)
                && (paths::ends_with(stem, &path) || paths::ends_with(stem, &snakes))
                && (parts.len() > 1 || root())
        };
        match self.by_end(from, last, fits).or_else(|| self.by_end(from, &snake(last), fits)) {
            Some(found) => file(Some(found)),
            None => vec![Module::Folder(parts.join("/").into())],
        }
    }

    /// The nearest file with this stem that `fits`.
    fn by_end(&self, from: &str, stem: &str, fits: impl Fn(&str) -> bool) -> Option<FileId> {
        let mut found = self.named(stem);
        found.retain(|(_, path)| fits(path));
        found.sort_by_cached_key(|(_, path)| (std::cmp::Reverse(paths::shared(from, path)), path.len()));
        found.first().map(|(id, _)| *id)
    }

    fn go_package(&self, from: &str, written: &str) -> Vec<Module> {
        let folder = match self.manifests.go_module(from) {
            Some((root, name)) => {
                let below = written.strip_prefix(&*name).filter(|rest| rest.is_empty() || rest.starts_with('/'));
                below.and_then(|below| paths::join(&root, below))
            }
            // without the module's name: all but the host, the user and the project
            None if written.contains('.') => written.splitn(4, '/').nth(3).map(str::to_owned),
            None => Some(written.to_owned()),
        };
        folder.map(|folder| Module::Folder(folder.into())).into_iter().collect()
    }

    /// What the files of a folder define at their top under a name.
    pub(super) fn in_folder(&self, folder: &str, name: &str) -> Vec<Target> {
        if let Some(file) = paths::join(folder, name).and_then(|path| self.python_file(&path)) {
            return vec![Target::Module(Module::File(file))];
        }
        let entries = self.index.entries_where(name, &|entry, path| {
            let here = paths::folder(path);
            entry.owner.is_none() && if folder.is_empty() { here.is_empty() } else { paths::ends_with(here, folder) }
        });
        self.at_top(entries)
    }

    /// Those of some definitions that stand in no function, as targets.
    fn at_top(&self, entries: Vec<Entry>) -> Vec<Target> {
        let mut found = Vec::new();
        for entry in entries.into_iter().take(MOST) {
            let SymbolId::Chunk(chunk, kind) = entry.symbol else { continue };
            let Some(file) = self.file(entry.file) else { continue };
            let chunks = &file.facts.chunks;
            if kind == ChunkKind::Impl || chunks.ancestors(chunk).any(|around| chunks.get(around).kind.is_callable()) {
                continue;
            }
            found.push(match kind {
                ChunkKind::Module => Target::Module(Module::Inner(entry.file, chunk)),
                _ => Target::Symbol(entry),
            });
        }
        found
    }

    /// What a file hands on under a name that stands in a namespace of it.
    pub(super) fn in_namespaces(&self, id: FileId, file: &File, name: &str) -> Vec<Target> {
        let named = file.facts.chunks.definitions().filter(|(_, chunk)| *chunk.name == *name);
        self.at_top(named.map(|(chunk, _)| entry(id, file, chunk)).filter(|entry| entry.owner.is_none()).collect())
    }

    /// What a namespace has under a name in the other files in which it goes on.
    pub(super) fn in_same_namespace(&self, file: &File, namespace: ChunkId, name: &str) -> Vec<Target> {
        let alike = alike(language_of(&file.path));
        let called = &file.facts.chunks.get(namespace).name;
        let entries = self.index.entries_where(name, &|entry, path| entry.owner.is_none() && alike(path));
        let mut entries = self.nearest(&file.path, entries, MOST);
        entries.retain(|entry| {
            let SymbolId::Chunk(chunk, _) = entry.symbol else { return false };
            self.file(entry.file).is_some_and(|other| {
                let chunks = &other.facts.chunks;
                let around = chunks.ancestors(chunk).next().map(|id| chunks.get(id));
                around.is_some_and(|around| around.kind == ChunkKind::Module && around.name == *called)
            })
        });
        self.at_top(entries)
    }

    /// What an import stands for that binds `name`.
    pub(super) fn folder_import(
        &self,
        id: FileId,
        file: &File,
        scope: ChunkId,
        import: &Import,
        name: &str,
    ) -> Vec<Target> {
        let modules = self.modules(id, scope, &import.module);
        let taken = import.name.as_deref().unwrap_or(name);
        let mut found: Vec<Target> = Vec::new();
        for module in &modules {
            add(&mut found, self.in_module(module, taken).to_vec());
        }
        let (package, last) = match &import.name {
            Some(name) => (&*import.module, &**name),
            // `import a.b.C`: the last part is a name in the module before it
            None => {
                let split = import.module.rsplit_once(SEPARATORS);
                split.map_or(("", &*import.module), |(package, last)| (package.trim_end_matches(SEPARATORS), last))
            }
        };
        if found.is_empty() && import.name.is_none() && !package.is_empty() {
            for module in self.modules(id, scope, package) {
                add(&mut found, self.in_module(&module, last).to_vec());
            }
        }
        if found.is_empty() && LOOSE.contains(&language_of(&file.path)) {
            found = self.roughly_in(file, package, last);
        }
        // `import a.b.C.member`
        if found.is_empty()
            && let Some((package, class)) = package.rsplit_once(SEPARATORS)
        {
            for module in self.modules(id, scope, package.trim_end_matches(SEPARATORS)) {
                add(&mut found, self.walk(self.in_module(&module, class).to_vec(), &[last]));
            }
        }
        if found.is_empty() && import.name.is_none() {
            modules.into_iter().map(Target::Module).collect()
        } else {
            found
        }
    }

    /// What a package defines under a name where folders follow its parts only roughly: the definitions in the folders
    /// that share most of its last parts.
    fn roughly_in(&self, file: &File, package: &str, name: &str) -> Vec<Target> {
        let language = language_of(&file.path);
        let alike = alike(language);
        let entries = self.index.entries_where(name, &|entry, path| entry.owner.is_none() && alike(path));
        let agree = |entry: &Entry| {
            let path = self.index.path(entry.file).unwrap_or_default();
            let parts = package.rsplit(SEPARATORS).filter(|part| !part.is_empty());
            let folders = paths::folder(&path).rsplit(['/', '.']);
            parts.zip(folders).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count()
        };
        let most = entries.iter().map(agree).max().unwrap_or(0);
        let best = entries.into_iter().filter(|entry| agree(entry) == most && most > 0).collect();
        self.at_top(self.nearest(&file.path, best, 3))
    }

    /// What a name means that the file neither defines nor imports by name: the same package, then, where the language has
    /// no packages, the nearest definition.
    pub(super) fn folders_without_import(&self, file: &File, name: &str) -> Vec<Target> {
        let language = language_of(&file.path);
        let alike = alike(language);
        let entries = self.index.entries_where(name, &|entry, path| entry.owner.is_none() && alike(path));
        let package = package_of(&file.path);
        let mut found = Vec::new();
        if FOLDER_IS_PACKAGE.contains(&language) {
            let same = |entry: &&Entry| self.index.path(entry.file).is_some_and(|path| package_of(&path) == package);
            found = entries.iter().filter(same).cloned().collect();
        }
        if found.is_empty() && SEEN_EVERYWHERE.contains(&language) {
            let used: Vec<&str> =
                file.facts.imports.iter().filter(|one| one.glob).map(|one| last_part(&one.module)).collect();
            let from_used = |entry: &&Entry| {
                self.index.path(entry.file).is_some_and(|path| used.contains(&last_part(paths::folder(&path))))
            };
            found = entries.iter().filter(from_used).cloned().collect();
            if found.is_empty() {
                found = entries;
            }
        }
        self.at_top(self.nearest(&file.path, found, 3))
    }

    /// Declarations without a body (C) with the definitions that they announce, the definitions first.
    pub(super) fn with_bodies(&self, file: &File, name: &str, found: Vec<Target>) -> Vec<Target> {
        let announced = |target: &Target| match target {
            Target::Symbol(Entry {
                symbol: SymbolId::Chunk(chunk, ChunkKind::Function), file, owner: None, ..
            }) => self.file(*file).is_some_and(|file| file.facts.chunks.get(*chunk).body.is_none()),
            _ => false,
        };
        if !matches!(language_of(&file.path), "c" | "cpp") || !found.iter().any(announced) {
            return found;
        }
        let is_function = |symbol| matches!(symbol, SymbolId::Chunk(_, ChunkKind::Function));
        let alike = alike(language_of(&file.path));
        let all = self
            .index
            .entries_where(name, &|entry, path| entry.owner.is_none() && is_function(entry.symbol) && alike(path));
        let mut bodies = self.at_top(self.nearest(&file.path, all, MOST));
        bodies.retain(|target| !announced(target));
        bodies.truncate(1);
        add(&mut bodies, found);
        bodies
    }
}

fn last_part(path: &str) -> &str {
    path.rsplit(SEPARATORS).next().unwrap_or(path)
}

/// The folder of a path, below the one that holds all sources of its language: tests lie in the same package elsewhere.
fn package_of(path: &str) -> &str {
    let folder = paths::folder(path);
    let below = ["/java/", "/kotlin/", "/scala/"].iter().find_map(|root| folder.rsplit_once(root));
    below.map_or(folder, |(_, below)| below)
}

/// `FooBar` → `foo_bar`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for (at, c) in name.char_indices() {
        if c.is_uppercase() && at > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
