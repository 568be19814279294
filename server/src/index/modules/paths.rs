//! Paths of a workspace as text, with `/`.

/// The folder of a path; empty for the workspace itself.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, last)| last)
}

/// The last part of a path up to its last dot.
pub(super) fn stem(path: &str) -> &str {
    let name = last(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// A path below a folder; dots in it are followed. `None` when they lead out of the workspace.
pub(super) fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folders around a path, the nearest first, the workspace (empty) last.
pub(super) fn around(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder(path)), |here| (!here.is_empty()).then(|| folder(here)))
}

/// Whether a path is `end`, or ends with `/` and `end`.
pub(super) fn ends_with(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/') || end.is_empty())
}

/// Whether a path lies in a folder or deeper.
pub(super) fn within(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Number of folders that two paths have in common, from the workspace on.
pub(super) fn shared(a: &str, b: &str) -> usize {
    folder(a).split('/').zip(folder(b).split('/')).take_while(|(a, b)| a == b).count()
}
