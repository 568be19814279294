//! What a file takes from other files or passes on to them.

use std::sync::Arc;

use super::build::{bare, hull};
use crate::syntax::{QueryKind, Tree, captures};
use crate::text::{Span, Text};

/// One name, or everything, that a file imports or exports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Where from, as it is written without quotes: `crate::a::b`, `..core`, `./types.js`. Empty: from this very file.
    pub module: Arc<str>,
    /// The name there; `None` for the module itself or for everything in it.
    pub name: Option<Arc<str>>,
    /// The name that it has here, with dots where all of a path is written (`import a.b` of Python); empty for everything
    /// in a module.
    pub local: Arc<str>,
    /// Everything that the module exports.
    pub glob: bool,
    /// Others can take it from this file.
    pub exported: bool,
    /// The byte at which it starts.
    pub at: usize,
}

/// The name that a default export goes by.
const DEFAULT: &str = "default";

/// Reads a file's imports, in the order of the file.
#[must_use]
pub fn imports(tree: &Tree, text: &Text) -> Vec<Import> {
    let mut found: Vec<(Span, Import)> = Vec::new();
    let mut groups: Vec<(Span, Span)> = Vec::new();
    let mut exports: Vec<Span> = Vec::new();
    captures(tree, text, QueryKind::Imports, Span::new(0, text.len()), |captures| {
        let (mut import, mut module, mut path, mut name_span, mut alias, mut group, mut prefix) =
            (None, None, None, None, None, None, None);
        let (mut glob, mut exported, mut default) = (false, None, false);
        for capture in captures {
            let span = Span::from(capture.node.byte_range());
            match capture.name {
                "import" => import = Some(span),
                "module" => module = Some(hull(module, span)),
                "path" => path = Some(hull(path, span)),
                "name" => name_span = Some(span),
                "alias" => alias = Some(span),
                "glob" => glob = true,
                "default" => default = true,
                "export" => exported = Some(span),
                "group" => group = Some(span),
                "prefix" => prefix = Some(span),
                _ => {}
            }
        }
        if let (Some(group), Some(prefix)) = (group, prefix) {
            groups.push((group, prefix));
        }
        let Some(import) = import else { return exports.extend(exported) };
        if let Some(path) = path {
            let dot = text.slice(path).rfind('.').map(|at| path.start + at);
            module = dot.map(|dot| Span::new(path.start, dot));
            name_span = Some(Span::new(dot.map_or(path.start, |dot| dot + 1), path.end));
        }
        let read = |span: Option<Span>| span.map(|span| text.slice(span).into_owned());
        let mut name = read(name_span).map(|name| bare(&name).to_owned());
        let mut local = read(alias).or_else(|| name.clone());
        if default {
            let passed_on = exported.is_some();
            (name, local) = if passed_on { (name, Some(DEFAULT.into())) } else { (Some(DEFAULT.into()), local) };
        }
        let at = name_span.or(alias).or(module).map_or(import.start, |span| span.start);
        let module = read(module).unwrap_or_default();
        let module = module.trim_matches(['<', '>']); // as C quotes system headers
        let local = if glob { String::new() } else { local.unwrap_or_default() };
        let import_of = Import {
            module: module.into(),
            name: name.map(Into::into),
            local: local.into(),
            glob,
            exported: exported.is_some(),
            at,
        };
        found.push((import, import_of));
    });
    groups.sort_by_key(|(group, _)| std::cmp::Reverse(group.start));
    for (span, import) in &mut found {
        // the innermost group first: each puts its prefix before what is there
        for (_, prefix) in
            groups.iter().filter(|(group, prefix)| group.contains(*span) && *group != *span && !prefix.contains(*span))
        {
            let prefix = text.slice(*prefix);
            let joined =
                if import.module.is_empty() { prefix.into_owned() } else { format!("{prefix}::{}", import.module) };
            import.module = joined.into();
        }
        import.exported |= exports.iter().any(|export| export.contains(*span));
        if import.local.is_empty() && !import.glob {
            import.local = last_part(&import.module).into();
        }
    }
    let mut all: Vec<Import> = found.into_iter().map(|(_, import)| import).collect();
    all.sort_by(|a, b| (a.at, &a.local, a.module.len()).cmp(&(b.at, &b.local, b.module.len())));
    all.dedup_by(|b, a| {
        let same = a.at == b.at && a.local == b.local;
        if same && a.module.len() < b.module.len() {
            std::mem::swap(a, b);
        }
        same
    });
    all
}

/// The last name of a module's path: `a::b`, `a.b` and `a/b` → `b`; in Go also `a/b/v2` and `a/b.v3`.
fn last_part(module: &str) -> &str {
    let is_version = |part: &str| part.strip_prefix('v').is_some_and(|number| number.parse::<u16>().is_ok());
    let unversioned =
        module.rsplit_once(['/', '.']).filter(|(_, last)| is_version(last)).map_or(module, |(path, _)| path);
    unversioned.rsplit(['/', ':', '.', '\\']).next().unwrap_or(module)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::by_name;

    fn show(language: &str, source: &str) -> Vec<String> {
        let text = Text::from(source);
        let tree = Tree::parse(&text, by_name(language).unwrap(), None, None).unwrap();
        imports(&tree, &text)
            .iter()
            .map(|one| {
                let name = if one.glob { "*" } else { one.name.as_deref().unwrap_or("<module>") };
                let exported = if one.exported { " (exported)" } else { "" };
                format!("{} {name} as {}{exported}", one.module, one.local)
            })
            .collect()
    }

    #[test]
    fn rust() {
        let source =
            "use a::b::C;\npub use self::d::{E, f::{self, G as H}, i::*};\nuse x as y;\nuse super::z;\nuse k::*;\n";
        assert_eq!(
            show("rust", source),
            [
                "a::b C as C",
                "self::d E as E (exported)",
                "self::d::f <module> as f (exported)",
                "self::d::f G as H (exported)",
                "self::d::i * as  (exported)",
                " x as y",
                "super z as z",
                "k * as "
            ]
        );
    }

    #[test]
    fn python() {
        let source = "import a.b\nimport c as d\nfrom . import e\nfrom .f.g import h as i, j\nfrom k import *\n";
        assert_eq!(
            show("python", source),
            [
                "a.b <module> as a.b (exported)",
                "c <module> as d (exported)",
                ". e as e (exported)",
                ".f.g h as i (exported)",
                ".f.g j as j (exported)",
                "k * as  (exported)"
            ]
        );
    }

    #[test]
    fn typescript() {
        let source = "import a, { b, c as d } from './x.js';\nimport * as e from \"../y\";\nexport * from './z';\nexport * as \
                      f from './g';\nexport { h, i as j } from './k';\nexport { l as m };\nexport default n;\nconst o = \
                      require('p');\n";
        assert_eq!(
            show("typescript", source),
            [
                "./x.js default as a",
                "./x.js b as b",
                "./x.js c as d",
                "../y <module> as e",
                "./z * as  (exported)",
                "./g <module> as f (exported)",
                "./k h as h (exported)",
                "./k i as j (exported)",
                " l as m (exported)",
                " n as default (exported)",
                "p <module> as o"
            ]
        );
    }
}
