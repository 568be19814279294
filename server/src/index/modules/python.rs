//! Modules of Python: packages by their folders, relative dots.

use super::super::FileId;
use super::{Module, Modules, paths};

/// What a module's path may end with, the surest first.
const ENDINGS: &[&str] = &["/__init__.py", ".py", "/__init__.pyi", ".pyi"];

impl Modules<'_> {
    /// The modules that a name with dots, as an import in the file at `from` writes it, means.
    pub(super) fn python_modules(&self, from: &str, module: &str) -> Vec<Module> {
        let name = module.trim_start_matches('.');
        let dots = module.len() - name.len();
        if dots == 0 {
            return self.python_absolute(from, name).map(Module::File).into_iter().collect();
        }
        let Some(base) = paths::around(from).nth(dots - 1) else { return Vec::new() };
        let Some(path) = paths::join(base, &name.replace('.', "/")) else { return Vec::new() };
        match self.python_file(&path) {
            Some(file) => vec![Module::File(file)],
            None => vec![Module::Folder(path.into())],
        }
    }

    /// The module `name` in the package whose `__init__` the file at `path` is.
    pub(super) fn python_submodules(&self, path: &str, name: &str) -> Vec<Module> {
        if paths::stem(path) != "__init__" {
            return Vec::new();
        }
        let path = paths::join(paths::folder(path), name);
        path.and_then(|path| self.python_file(&path)).map(Module::File).into_iter().collect()
    }

    /// The file of the module at a path without ending.
    pub(super) fn python_file(&self, path: &str) -> Option<FileId> {
        self.first_of(ENDINGS.iter().map(|ending| format!("{path}{ending}").trim_start_matches('/').to_owned()))
    }

    /// The file of an absolute name: its path must end with the name's parts, below a folder that is no package itself.
    fn python_absolute(&self, from: &str, name: &str) -> Option<FileId> {
        let path = name.replace('.', "/");
        let last = paths::last(&path);
        let is_package = |folder: &str| {
            ["__init__.py", "__init__.pyi"]
                .iter()
                .any(|name| paths::join(folder, name).is_some_and(|path| self.is_file(&path)))
        };
        let fits = |file: &str| {
            let ending = ENDINGS.iter().find_map(|ending| file.strip_suffix(ending))?;
            if !paths::ends_with(ending, &path) {
                return None;
            }
            let root = ending.strip_suffix(&*path)?.trim_end_matches('/');
            // a lone file elsewhere is no module of the same name: `json.py` in some folder of scripts is not `json`
            let lone = !path.contains('/') && !file.contains("__init__");
            let usable =
                !lone || root.is_empty() || paths::within(from, root) || matches!(paths::last(root), "src" | "lib");
            (usable && !is_package(root)).then_some(())
        };
        let mut found: Vec<_> = self.named(last).into_iter().filter(|(_, file)| fits(file).is_some()).collect();
        found.sort_by_cached_key(|(_, file)| {
            let ending = ENDINGS.iter().position(|ending| file.ends_with(ending));
            (std::cmp::Reverse(paths::shared(from, file)), file.len(), ending)
        });
        let nearest = found.first().map(|(id, _)| *id);
        // files whose names say nothing are known by their folders: `a/main.py`
        let direct = || {
            let roots = paths::around(from).filter(|root| !is_package(root));
            roots.filter_map(|root| paths::join(root, &path)).find_map(|path| self.python_file(&path))
        };
        nearest.or_else(direct)
    }
}
