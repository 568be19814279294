//! Modules of Rust: crates and their roots, `mod` files, paths with `crate`, `self` and `super`.

use super::super::{File, FileId, SymbolId};
use super::lookup::plain;
use super::{Module, Modules, Target, paths};
use crate::chunks::{ChunkId, ChunkKind};

/// Crates that no workspace has.
const NOT_OURS: &[&str] = &["std", "core", "alloc", "proc_macro", "test"];

/// Folders of a package in which each file is a crate.
const CRATE_FOLDERS: &[&str] = &["tests", "benches", "examples", "bin"];

impl Modules<'_> {
    /// What a path means inside of a chunk.
    pub(super) fn rust_path(&self, id: FileId, chunk: ChunkId, path: &[&str]) -> Vec<Target> {
        let Some(file) = self.file(id) else { return Vec::new() };
        let Some((first, mut rest)) = path.split_first() else { return Vec::new() };
        let own = || {
            let chunks = &file.facts.chunks;
            let around = std::iter::once(chunk).chain(chunks.ancestors(chunk));
            let inner = around.into_iter().find(|id| {
                let chunk = chunks.get(*id);
                chunk.kind == ChunkKind::Module && chunk.body.is_some()
            });
            inner.map_or(Module::File(id), |inner| Module::Inner(id, inner))
        };
        let mut targets: Vec<Target> = match plain(first) {
            "crate" | "$crate" => {
                self.crate_roots(id, &file.path).into_iter().map(|id| Target::Module(Module::File(id))).collect()
            }
            "self" => vec![Target::Module(own())],
            "super" => self.rust_parents(&own()),
            "" => {
                let Some((name, after)) = rest.split_first() else { return Vec::new() };
                rest = after;
                self.crate_named(&file.path, plain(name)).map(Target::Module).into_iter().collect()
            }
            name => self.visible(id, chunk, name),
        };
        while let Some((&"super", after)) = rest.split_first() {
            rest = after;
            targets = targets
                .iter()
                .filter_map(|target| match target {
                    Target::Module(module) => Some(self.rust_parents(module)),
                    Target::Symbol(_) => None,
                })
                .flatten()
                .collect();
        }
        // `a::{self as b}`
        let names: Vec<&str> = rest.iter().copied().filter(|name| *name != "self").map(plain).collect();
        let found = self.walk(targets.clone(), &names);
        let Some((last, before)) = names.split_last().filter(|_| found.is_empty()) else { return found };
        // `crate::some_macro`: its definition may stand in any module of the crate
        let found = self.rust_macro(&file.path, last);
        if found.is_empty() && matches!(plain(first), "crate" | "$crate" | "self" | "super") {
            return self.made_by_macro(&self.walk(targets, before), last);
        }
        found
    }

    /// What a name of a module probably means that no declaration gives, because a macro (`cfg_if!`) passes it on: the
    /// definition in the files below the module.
    fn made_by_macro(&self, targets: &[Target], name: &str) -> Vec<Target> {
        let Some(Target::Module(Module::File(id))) = targets.first() else { return Vec::new() };
        let Some(file) = self.file(*id) else { return Vec::new() };
        if file.facts.imports.iter().any(|import| *import.local == *name) {
            return Vec::new(); // from another project
        }
        let folder = match paths::stem(&file.path) {
            "mod" | "lib" | "main" => paths::folder(&file.path),
            _ => file.path.strip_suffix(".rs").unwrap_or(&file.path),
        };
        let below = self.index.entries_where(name, &|entry, path| {
            let definition = matches!(entry.symbol, SymbolId::Chunk(_, kind) if kind != ChunkKind::Impl);
            definition && entry.owner.is_none() && !entry.test && paths::within(path, folder) && path.ends_with(".rs")
        });
        self.nearest(&file.path, below, 1).into_iter().map(Target::Symbol).collect()
    }

    /// What a name means that nothing in the module binds: a crate, or a macro.
    pub(super) fn rust_without_import(&self, path: &str, name: &str) -> Vec<Target> {
        if let Some(module) = self.crate_named(path, name) {
            return vec![Target::Module(module)];
        }
        self.rust_macro(path, name)
    }

    /// The nearest macro with this name.
    fn rust_macro(&self, path: &str, name: &str) -> Vec<Target> {
        let is_macro = |symbol| matches!(symbol, SymbolId::Chunk(_, ChunkKind::Macro));
        let macros = self.index.entries_where(name, &|entry, _| is_macro(entry.symbol));
        let nearest = self.nearest(path, macros, 1);
        nearest.into_iter().map(Target::Symbol).collect()
    }

    /// The files in which the crate of a file starts; several where a library and a program share a folder.
    fn crate_roots(&self, id: FileId, path: &str) -> Vec<FileId> {
        if matches!(paths::last(path), "lib.rs" | "main.rs") {
            return vec![id];
        }
        let mut below = path;
        for folder in paths::around(path) {
            let module = || self.is_file(&format!("{folder}/mod.rs")) || self.is_file(&format!("{folder}.rs"));
            let roots: Vec<FileId> =
                ["lib.rs", "main.rs"].iter().filter_map(|name| self.index.id(&paths::join(folder, name)?)).collect();
            if CRATE_FOLDERS.contains(&paths::last(folder)) && !module() {
                let declared = || !self.declaring(folder, paths::stem(path)).is_empty();
                if below == path && (paths::last(folder) == "bin" || roots.is_empty() || !declared()) {
                    return vec![id];
                }
                if roots.is_empty() {
                    let declaring = self.declaring(folder, paths::last(below));
                    return if declaring.is_empty() { vec![id] } else { declaring };
                }
            }
            if !roots.is_empty() {
                return roots;
            }
            below = folder;
        }
        // an unusual root: the outermost file whose modules lead here
        let mut root = id;
        for _ in 0..super::DEEPEST {
            let above = self.rust_parents(&Module::File(root)).into_iter().find_map(|target| match target {
                Target::Module(Module::File(above)) if above != root => Some(above),
                _ => None,
            });
            match above {
                Some(above) => root = above,
                None => break,
            }
        }
        vec![root]
    }

    /// Files of a folder that declare a module.
    fn declaring(&self, folder: &str, name: &str) -> Vec<FileId> {
        let is_module = |symbol| matches!(symbol, SymbolId::Chunk(_, ChunkKind::Module));
        let entries = self.index.entries_where(name, &|entry, path| {
            is_module(entry.symbol) && paths::folder(path) == folder && path.ends_with(".rs")
        });
        let mut files: Vec<FileId> = entries.into_iter().map(|entry| entry.file).collect();
        files.dedup();
        files
    }

    /// The module around a module.
    fn rust_parents(&self, module: &Module) -> Vec<Target> {
        let id = match module {
            Module::Folder(_) => return Vec::new(),
            Module::File(id) => *id,
            Module::Inner(id, chunk) => {
                let Some(file) = self.file(*id) else { return Vec::new() };
                let chunks = &file.facts.chunks;
                let around = chunks.ancestors(*chunk).find(|around| chunks.get(*around).kind == ChunkKind::Module);
                return vec![Target::Module(around.map_or(Module::File(*id), |around| Module::Inner(*id, around)))];
            }
        };
        let Some(file) = self.file(id) else { return Vec::new() };
        let (folder, name) = match paths::stem(&file.path) {
            "lib" | "main" => return Vec::new(),
            "mod" => (paths::folder(paths::folder(&file.path)), paths::last(paths::folder(&file.path))),
            name => (paths::folder(&file.path), name),
        };
        let candidates = [
            paths::join(folder, "mod.rs"),
            Some(format!("{folder}.rs")),
            paths::join(folder, "lib.rs"),
            paths::join(folder, "main.rs"),
        ];
        let mut found: Vec<FileId> = candidates
            .into_iter()
            .flatten()
            .filter_map(|path| self.index.id(&path))
            .filter(|other| *other != id)
            .collect();
        if found.len() > 1 {
            let declaring = self.declaring(folder, name);
            if found.iter().any(|id| declaring.contains(id)) {
                found.retain(|id| declaring.contains(id));
            }
        }
        if found.is_empty()
            && let Some(inline) = self.inline_module(folder)
        {
            return vec![Target::Module(inline)];
        }
        if found.is_empty() {
            found = self.declaring(folder, name).into_iter().filter(|other| *other != id).collect();
        }
        found.into_iter().map(|id| Target::Module(Module::File(id))).collect()
    }

    /// The module inside of a file whose own modules lie in a folder: `mod a { mod b; }` for the folder `a`.
    fn inline_module(&self, folder: &str) -> Option<Module> {
        let is_module = |symbol| matches!(symbol, SymbolId::Chunk(_, ChunkKind::Module));
        let entries = self.index.entries_where(paths::last(folder), &|entry, path| {
            is_module(entry.symbol) && paths::within(folder, paths::folder(path)) && path.ends_with(".rs")
        });
        entries.into_iter().find_map(|entry| {
            let SymbolId::Chunk(chunk, _) = entry.symbol else { return None };
            let file = self.file(entry.file)?;
            file.facts.chunks.get(chunk).body?;
            let below = Self::folders_of(&file, chunk).join("/");
            let base = paths::folder(&file.path);
            let own = [paths::join(base, &below), paths::join(base, &format!("{}/{below}", paths::stem(&file.path)))];
            own.iter().flatten().any(|path| path == folder).then_some(Module::Inner(entry.file, chunk))
        })
    }

    /// The folders, below that of the file's own modules, in which those of a module inside of it lie.
    fn folders_of(file: &File, scope: ChunkId) -> Vec<&str> {
        let chunks = &file.facts.chunks;
        let around = std::iter::once(scope).chain(chunks.ancestors(scope)).filter(|id| *id != ChunkId::FILE);
        let mut folders: Vec<&str> = around.map(|id| plain(&chunks.get(id).name)).collect();
        folders.reverse();
        folders
    }

    /// The file of a module that is declared (or, by a macro, may be) in a file, or in a module inside of it.
    pub(super) fn rust_child(&self, id: FileId, file: &File, scope: ChunkId, name: &str) -> Vec<Module> {
        let chunks = &file.facts.chunks;
        if scope != ChunkId::FILE && chunks.get(scope).kind != ChunkKind::Module {
            return Vec::new();
        }
        let folder = paths::folder(&file.path);
        let with_path = file.facts.imports.iter().find(|one| one.module.ends_with(".rs") && *one.local == *name);
        if let Some(id) = with_path.and_then(|one| self.index.id(&paths::join(folder, &one.module)?)) {
            return vec![Module::File(id)];
        }
        let mut inner = Self::folders_of(file, scope);
        let name = plain(name);
        inner.push(name);
        let below = inner.join("/");
        let own = match paths::stem(&file.path) {
            "mod" | "lib" | "main" => None,
            stem => Some(format!("{stem}/{below}")),
        };
        // a root with a name of its own keeps its modules beside it
        let candidates = own.into_iter().chain([below]).filter_map(|below| paths::join(folder, &below));
        let found = self.first_of(candidates.flat_map(|path| [format!("{path}.rs"), format!("{path}/mod.rs")]));
        found.filter(|found| *found != id).map(Module::File).into_iter().collect()
    }

    /// The library of the workspace that a file calls by this name.
    fn crate_named(&self, path: &str, name: &str) -> Option<Module> {
        if NOT_OURS.contains(&name) || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            return None;
        }
        let library = |folder: &str| {
            let named = self.manifests.cargo_library(folder).and_then(|(_, path)| path);
            let usual = paths::join(folder, "src/lib.rs");
            self.first_of(named.into_iter().chain(usual)).map(Module::File)
        };
        if let Some(package) = self.manifests.cargo_package(path) {
            if self.manifests.cargo_library(package).is_some_and(|(own, _)| own == name) {
                return library(package);
            }
            if let Some(folder) = self.manifests.cargo_dependency(package, name) {
                return library(&folder);
            }
        }
        // without a manifest that says: by the folder's name
        let hyphens = name.replace('_', "-");
        let mut found: Vec<_> = self.named(name);
        if hyphens != name {
            found.extend(self.named(&hyphens));
        }
        found.retain(|(_, path)| paths::last(path) == "lib.rs");
        found.retain(|(_, path)| {
            let folder = paths::folder(path);
            let package = if paths::last(folder) == "src" { paths::folder(folder) } else { folder };
            self.manifests.cargo_library(package).is_none_or(|(other, _)| other == name)
        });
        found.sort_by_key(|(_, other)| std::cmp::Reverse(paths::shared(path, other)));
        found.first().map(|(id, _)| Module::File(*id))
    }
}
