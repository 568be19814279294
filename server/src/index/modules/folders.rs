//! Modules of all other languages: a module's name is matched against the ends of paths, a folder counts as a package.

use std::sync::Arc;

use super::super::{Entry, File, FileId};
use super::{Module, Modules, Target, paths};
use crate::chunks::{ChunkId, Import};
use crate::syntax;

/// What languages put between the parts of a module's name.
const SEPARATORS: &[char] = &['/', '.', ':', '\\'];

/// Languages whose files see each other's definitions.
const ALIKE: &[&[&str]] = &[&["c", "cpp"], &["java", "kotlin", "scala", "groovy"]];

/// Languages in which the files of a folder are one package.
const FOLDER_IS_PACKAGE: &[&str] = &["go", "java", "kotlin", "scala", "csharp", "swift"];

/// Languages in which any file may use what any other defines, without naming it.
const SEEN_EVERYWHERE: &[&str] = &["c", "cpp", "csharp", "ruby", "php", "swift", "bash", "elixir", "lua"];

fn language_of(path: &str) -> &'static str {
    syntax::by_path(std::path::Path::new(path)).map_or("", |language| language.name)
}

fn alike(a: &str, b: &str) -> bool {
    a == b || ALIKE.iter().any(|group| group.contains(&a) && group.contains(&b))
}

impl Modules<'_> {
    /// The files, or else the folder, that a module's name means.
    pub(super) fn folder_modules(&self, from: &str, module: &str) -> Vec<Module> {
        let language = language_of(from);
        let written = module.trim_matches(['"', '\'', '<', '>', '`']);
        // a path with an ending: `#include "x/y.h"`, `require './a.rb'`, `source lib.sh`
        if !language_of(written).is_empty() {
            let beside = paths::join(paths::folder(from), written).and_then(|path| self.index.id(&path));
            let found = beside.or_else(|| {
                self.by_end(from, paths::stem(written), |path| {
                    paths::ends_with(path, written.trim_start_matches(['.', '/']))
                })
            });
            return found.map(Module::File).into_iter().collect();
        }
        if written.starts_with("./") || written.starts_with("../") {
            let path = paths::join(paths::folder(from), written).unwrap_or_default();
            let found = self.by_end(from, paths::last(&path), |other| {
                other.strip_prefix(&*path).is_some_and(|rest| rest.starts_with('.'))
            });
            return found.map(Module::File).into_iter().collect();
        }
        if language == "go" {
            return self.go_package(from, written);
        }
        let parts: Vec<&str> = written.split(SEPARATORS).filter(|part| !part.is_empty()).collect();
        let Some(last) = parts.last() else { return Vec::new() };
        let path = parts.join("/");
        let small = path.to_lowercase();
        let fits = |other: &str| {
            let Some((stem, _)) = other.rsplit_once('.') else { return false };
            alike(language, language_of(other))
                && (paths::ends_with(stem, &path) || paths::ends_with(&stem.to_lowercase(), &small))
        };
        let file = self.by_end(from, last, fits).or_else(|| {
            self.by_end(from, &snake(last), |other| {
                let Some((stem, _)) = other.rsplit_once('.') else { return false };
                alike(language, language_of(other))
                    && paths::ends_with(stem, &parts.iter().map(|part| snake(part)).collect::<Vec<_>>().join("/"))
            })
        });
        match file {
            Some(file) => vec![Module::File(file)],
            None => vec![Module::Folder(path.into())],
        }
    }

    /// The nearest file with this stem that `fits`.
    fn by_end(&self, from: &str, stem: &str, fits: impl Fn(&str) -> bool) -> Option<FileId> {
        let mut found: Vec<(FileId, Arc<str>)> = self.named(stem);
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
            // without the module's name: leave out what is surely the host and its user
            None => {
                Some(written.split('/').skip(if written.contains('.') { 3 } else { 0 }).collect::<Vec<_>>().join("/"))
            }
        };
        folder.map(|folder| Module::Folder(folder.into())).into_iter().collect()
    }

    /// What the files of a folder define at their top under a name.
    pub(super) fn in_folder(&self, folder: &str, name: &str) -> Vec<Target> {
        if let Some(file) = paths::join(folder, name).and_then(|path| self.python_file(&path)) {
            return vec![Target::Module(Module::File(file))];
        }
        let entries = self
            .index
            .entries_where(name, &|entry, path| entry.owner.is_none() && paths::ends_with(paths::folder(path), folder));
        entries.into_iter().filter(|entry| self.is_at_top(entry)).map(Target::Symbol).collect()
    }

    /// Whether a definition stands in no function.
    fn is_at_top(&self, entry: &Entry) -> bool {
        let super::super::SymbolId::Chunk(chunk, _) = entry.symbol else { return false };
        self.file(entry.file).is_some_and(|file| {
            let chunks = &file.facts.chunks;
            chunks.ancestors(chunk).all(|around| !chunks.get(around).kind.is_callable())
        })
    }

    /// What an import stands for that binds `name`.
    pub(super) fn folder_import(&self, id: FileId, scope: ChunkId, import: &Import, name: &str) -> Vec<Target> {
        let modules = self.modules(id, scope, &import.module);
        let taken = import.name.as_deref().unwrap_or(name);
        let mut found: Vec<Target> = Vec::new();
        for module in &modules {
            found.extend(self.in_module(module, taken).iter().cloned());
        }
        // `import a.b.C`: the last part is a name in the module before it
        if found.is_empty()
            && import.name.is_none()
            && let Some((before, last)) = import.module.trim_end_matches('\\').rsplit_once(SEPARATORS)
        {
            for module in self.modules(id, scope, before.trim_end_matches(SEPARATORS)) {
                found.extend(self.in_module(&module, last).iter().cloned());
            }
        }
        if found.is_empty() && import.name.is_none() {
            modules.into_iter().map(Target::Module).collect()
        } else {
            found
        }
    }

    /// What a name means that the file neither defines nor imports by name: included files, the same package, then, where
    /// the language has no packages, the nearest definition.
    pub(super) fn folders_without_import(&self, id: FileId, file: &File, name: &str) -> Vec<Target> {
        const MOST_INCLUDED: usize = 40;
        let language = language_of(&file.path);
        let mut included = vec![id];
        let mut at = 0;
        while let Some(next) = included.get(at).copied().filter(|_| at < MOST_INCLUDED) {
            at += 1;
            let Some(next) = self.file(next) else { continue };
            for import in next.facts.imports.iter().filter(|import| import.name.is_none()) {
                for module in self.folder_modules(&next.path, &import.module) {
                    if let Module::File(file) = module
                        && !included.contains(&file)
                    {
                        included.push(file);
                    }
                }
            }
            if !matches!(language, "c" | "cpp") {
                break; // what an included file includes is not seen through it
            }
        }
        let entries = self.index.entries_where(name, &|entry, path| {
            entry.owner.is_none() && (alike(language, language_of(path)) || included.contains(&entry.file))
        });
        let from_included = entries.iter().filter(|entry| included.contains(&entry.file)).cloned().collect::<Vec<_>>();
        let mut found = from_included;
        if found.is_empty() && FOLDER_IS_PACKAGE.contains(&language) {
            let same = |entry: &&Entry| {
                self.index.path(entry.file).is_some_and(|path| paths::folder(&path) == paths::folder(&file.path))
            };
            found = entries.iter().filter(same).cloned().collect();
        }
        if found.is_empty() && SEEN_EVERYWHERE.contains(&language) {
            found = entries;
        }
        found.retain(|entry| self.is_at_top(entry));
        self.nearest(&file.path, found).into_iter().map(Target::Symbol).collect()
    }
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
