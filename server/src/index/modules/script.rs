//! Modules of JavaScript and TypeScript: specifiers, path rules of `tsconfig.json`, packages of the workspace.

use super::super::FileId;
use super::manifest::fits;
use super::{Modules, paths};

/// What may be left out at the end of a specifier, in the order in which TypeScript tries it.
const ENDINGS: &[&str] = &[".ts", ".tsx", ".d.ts", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".d.mts", ".d.cts"];

/// Endings of compiled files, and of what they are compiled from.
const COMPILED: &[(&str, &[&str])] = &[
    (".d.ts", &[".ts", ".tsx"]),
    (".d.mts", &[".mts", ".ts"]),
    (".d.cts", &[".cts", ".ts"]),
    (".js", &[".ts", ".tsx", ".d.ts"]),
    (".jsx", &[".tsx", ".d.ts"]),
    (".mjs", &[".mts", ".d.mts", ".ts"]),
    (".cjs", &[".cts", ".d.cts", ".ts"]),
];

impl Modules<'_> {
    /// The files that a specifier in the file at `from` means.
    pub(super) fn script_files(&self, from: &str, specifier: &str) -> Vec<FileId> {
        let specifier = specifier.split(['?', '#']).next().filter(|start| !start.is_empty()).unwrap_or(specifier);
        if specifier == "." || specifier == ".." || specifier.starts_with("./") || specifier.starts_with("../") {
            let path = paths::join(paths::folder(from), specifier);
            return path.and_then(|path| self.script_file(&path)).into_iter().collect();
        }
        let ruled = self.by_path_rules(from, specifier);
        let found = ruled.or_else(|| self.by_package(from, specifier)).or_else(|| self.by_alias(from, specifier));
        found.into_iter().collect()
    }

    /// The file at a path whose ending may be left out, or be that of what it is compiled to, or that is a folder.
    fn script_file(&self, path: &str) -> Option<FileId> {
        for (compiled, sources) in COMPILED {
            if let Some(stem) = path.strip_suffix(compiled)
                && let Some(id) = self.first_of(sources.iter().map(|source| format!("{stem}{source}")))
            {
                return Some(id);
            }
        }
        let index = if path.is_empty() { "index".to_owned() } else { format!("{path}/index") };
        self.index
            .id(path)
            .or_else(|| self.first_of(ENDINGS.iter().map(|ending| format!("{path}{ending}"))))
            .or_else(|| self.first_of(ENDINGS.iter().map(|ending| format!("{index}{ending}"))))
    }

    fn by_path_rules(&self, from: &str, specifier: &str) -> Option<FileId> {
        let mut rules = self.manifests.script_paths(from);
        rules.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.find('*').unwrap_or(usize::MAX)));
        rules.iter().find_map(|(pattern, targets)| {
            let star = fits(pattern, specifier)?;
            targets.iter().find_map(|target| self.script_file(&target.replace('*', star)))
        })
    }

    /// By the name of a package of the workspace, and what its manifest exports.
    fn by_package(&self, from: &str, specifier: &str) -> Option<FileId> {
        let parts = if specifier.starts_with('@') { 2 } else { 1 };
        let end = specifier.match_indices('/').nth(parts - 1).map_or(specifier.len(), |(at, _)| at);
        let (name, below) = (specifier.get(..end)?, specifier.get(end..)?.trim_start_matches('/'));
        let around = self.manifests.npm_packages(from);
        if let Some((folder, _)) = around.iter().find(|(_, other)| other == name) {
            return self.in_package(folder, below);
        }
        let short = paths::last(name);
        let joined = name.trim_start_matches('@').replace('/', "-");
        let mut folders: Vec<String> = Vec::new();
        for stem in [short, &joined] {
            for (_, path) in self.named(stem) {
                let above = paths::around(&path).find(|folder| paths::last(folder) == stem);
                if let Some(folder) = above.filter(|folder| !folders.iter().any(|known| known == folder)) {
                    folders.push(folder.to_owned());
                }
            }
        }
        folders.retain(|folder| self.manifests.npm_name(folder).is_some_and(|other| other == name));
        folders.iter().find_map(|folder| self.in_package(folder, below))
    }

    /// The file that the package in `folder` gives for a path below its name.
    fn in_package(&self, folder: &str, below: &str) -> Option<FileId> {
        let asked = if below.is_empty() { ".".to_owned() } else { format!("./{below}") };
        for entry in self.manifests.npm_entries(folder, &asked) {
            if let Some(id) = self.script_file(&entry) {
                return Some(id);
            }
            // what is built lies elsewhere than what it is built from: `dist/esm/index.js` is `src/index.ts`
            let mut rest = entry.strip_prefix(folder).unwrap_or(&entry).trim_start_matches('/');
            while let Some((_, after)) = rest.split_once('/') {
                rest = after;
                let sources = [paths::join(folder, &format!("src/{rest}")), paths::join(folder, rest)];
                if let Some(id) = sources.into_iter().flatten().find_map(|path| self.script_file(&path)) {
                    return Some(id);
                }
            }
        }
        let usual = [paths::join(folder, &format!("src/{below}")), paths::join(folder, below)];
        usual.into_iter().flatten().find_map(|path| self.script_file(&path))
    }

    /// `@/a/b`, `~/a/b`, `#a/b`: the nearest file whose path ends so.
    fn by_alias(&self, from: &str, specifier: &str) -> Option<FileId> {
        let path = ["@/", "~/", "#/", "#", "~"].iter().find_map(|alias| specifier.strip_prefix(alias))?;
        let path = COMPILED.iter().find_map(|(ending, _)| path.strip_suffix(ending)).unwrap_or(path);
        let fits = |file: &str| {
            let stem = ENDINGS.iter().find_map(|ending| file.strip_suffix(ending)).unwrap_or(file);
            paths::ends_with(stem, path) || paths::ends_with(stem.strip_suffix("/index").unwrap_or(stem), path)
        };
        let mut found: Vec<_> = self.named(paths::last(path)).into_iter().filter(|(_, file)| fits(file)).collect();
        found.sort_by_cached_key(|(_, file)| (std::cmp::Reverse(paths::shared(from, file)), file.len()));
        found.first().map(|(id, _)| *id)
    }
}
