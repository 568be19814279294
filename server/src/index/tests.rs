use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::{Built, Changed, FileFacts, Index, Job, Store, SymbolId};
use crate::config::PolicySettings;
use crate::policy::Policy;
use crate::syntax;
use crate::text::Text;

/// Files that the tests write; each comes in two versions.
const FILES: [(&str, &str, &str); 5] = [
    (
        "a.rs",
        "use crate::b::Item;\n/// One.\npub struct One { item: Item, pub(crate) count: usize }\nimpl One {\n    fn new() -> \
         Self { todo!() }\n    fn total(&self) -> usize { self.count }\n}\n",
        "pub enum One { First, Second(usize) }\nimpl Default for One { fn default() -> Self { Self::First } }\n",
    ),
    (
        "b/mod.rs",
        "mod inner;\npub struct Item;\n#[cfg(test)]\nmod tests { #[test] fn counts() {} }\n",
        "pub trait Item {}\n",
    ),
    (
        "b/inner.py",
        "from .other import Item as Thing\nclass One(Thing):\n    \"\"\"Ä doc.\"\"\"\n    def __init__(self):\n        \
         self.count = Thing.of('x', 12).count\n",
        "def total(one): return one.count\n",
    ),
    (
        "c.ts",
        "export interface Item { count: number }\nexport const one = new Map<string, Item>();\n",
        "export * from './d';\n",
    ),
    ("d.ts", "", "// nothing\n"),
];

const NAMES: [&str; 11] =
    ["One", "Item", "Thing", "count", "total", "new", "default", "counts", "one", "First", "inner"];

fn policy(root: &Path, deny: &[&str]) -> Policy {
    Policy::new(root, &PolicySettings { deny: deny.iter().map(ToString::to_string).collect() }).0
}

fn run(index: &Index, policy: &Policy, store: Option<&Store>) -> Built {
    index.run(&Job { policy, store, first: &[], cancelled: &|| false })
}

/// Writes a file that was changed long ago, so that its time of change counts.
fn write(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, text).unwrap();
    File::options().write(true).open(&file).unwrap().set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
}

/// All that an index answers, with paths in place of the files' numbers.
fn answers(index: &Index) -> Vec<String> {
    let path = |id| index.file(id).unwrap().path.to_string();
    let mut all = Vec::new();
    for of in index.paths() {
        let FileFacts { chunks, symbols, imports, lines, mentions } = &*index.facts(&of).unwrap();
        let mentions: BTreeSet<_> = mentions.iter().collect();
        all.push(format!("{of}: {chunks:?} {symbols:?} {imports:?} {lines} {mentions:?}"));
    }
    for name in NAMES {
        let mut entries: Vec<String> = index
            .entries(name)
            .iter()
            .map(|e| format!("{} {:?} {:?} {}", path(e.file), e.symbol, e.owner, e.test))
            .collect();
        entries.sort();
        let mentioning: BTreeSet<String> = index.mentioning(name).into_iter().map(path).collect();
        let stems: BTreeSet<String> = index.with_stem(name).into_iter().map(|(_, path)| path.to_string()).collect();
        let of_one = index.entries_of("One", name).len();
        all.push(format!("{name}: {entries:?} {mentioning:?} {stems:?} {of_one}"));
    }
    all
}

/// A workspace with an index of it on the disk.
fn kept() -> (tempfile::TempDir, Policy, Store) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("work");
    FILES.iter().for_each(|(path, text, _)| write(&root, path, text));
    let policy = policy(&root, &[]);
    let store = Store::within(&folder.path().join("cache"), policy.root());
    run(&Index::default(), &policy, Some(&store));
    (folder, policy, store)
}

#[derive(Clone, Debug)]
enum Step {
    Write(usize, bool),
    Remove(usize),
    /// An open document holds this.
    Open(usize, bool),
    Close(usize),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let file = 0..FILES.len();
    prop_oneof![
        (file.clone(), any::<bool>()).prop_map(|(file, second)| Step::Write(file, second)),
        file.clone().prop_map(Step::Remove),
        (file.clone(), any::<bool>()).prop_map(|(file, second)| Step::Open(file, second)),
        file.prop_map(Step::Close),
        Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn following_changes_gives_what_reading_afresh_gives(steps in prop::collection::vec(step(), 1..24)) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("work");
        fs::create_dir(&root).unwrap();
        let policy = policy(&root, &[]);
        let store = Store::within(&folder.path().join("cache"), policy.root());
        let mut index = Index::default();
        run(&index, &policy, Some(&store));
        let mut open = BTreeSet::new();
        for step in steps {
            match step {
                Step::Write(file, second) => {
                    let (path, first, other) = FILES[file];
                    write(&root, path, if second { other } else { first });
                    if !open.contains(&file) {
                        index.refresh(&policy, &root.join(path));
                    }
                }
                Step::Remove(file) => {
                    let _ = fs::remove_file(root.join(FILES[file].0));
                    if !open.contains(&file) {
                        index.refresh(&policy, &root.join(FILES[file].0));
                    }
                }
                Step::Open(file, second) => {
                    let (path, first, other) = FILES[file];
                    let text = Text::from(if second { other } else { first });
                    let facts = FileFacts::read(&text, syntax::by_path(Path::new(path)).unwrap()).unwrap();
                    index.update(path, Arc::new(facts));
                    open.insert(file);
                }
                Step::Close(file) => {
                    open.remove(&file);
                    index.refresh(&policy, &root.join(FILES[file].0));
                }
                Step::Restart => {
                    index.keep(&store);
                    open.clear();
                    index = Index::default();
                    run(&index, &policy, Some(&store));
                }
            }
        }
        for file in open {
            index.refresh(&policy, &root.join(FILES[file].0));
        }
        index.keep(&store);
        let (fresh, loaded) = (Index::default(), Index::default());
        fresh.build(&policy, &|| false);
        run(&loaded, &policy, Some(&store));
        prop_assert_eq!(answers(&index), answers(&fresh));
        prop_assert_eq!(answers(&loaded), answers(&fresh));
    }

    #[test]
    fn whatever_the_kept_file_holds_nothing_breaks(at in any::<prop::sample::Index>(), with in any::<u8>(), honest in any::<bool>()) {
        let (_folder, policy, store) = kept();
        let mut bytes = fs::read(store.file()).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= with;
        if honest && at >= 24 {
            // as somebody would write it who knows the checksum
            let sum = super::hash::hash(&bytes[24..]).to_le_bytes();
            bytes[16..24].copy_from_slice(&sum);
        }
        fs::write(store.file(), bytes).unwrap();
        let index = Index::default();
        let built = run(&index, &policy, Some(&store));
        let _ = NAMES.map(|name| (index.entries(name), index.definitions(name), index.mentioning(name)));
        for facts in index.paths().iter().filter_map(|path| index.facts(path)) {
            for (id, chunk) in facts.chunks.iter() {
                let _ = (facts.chunks.path(id), facts.chunk_at(chunk.span.start), facts.symbols.type_of(id));
            }
        }
        if with == 0 {
            prop_assert!(built.warm);
        } else if !honest {
            let fresh = Index::default();
            fresh.build(&policy, &|| false);
            prop_assert!(!built.warm);
            prop_assert_eq!(answers(&index), answers(&fresh));
        }
    }
}

#[test]
fn what_is_kept_is_read_no_more_and_what_changed_is() {
    let (_folder, policy, store) = kept();
    let index = Index::default();
    assert_eq!(run(&index, &policy, Some(&store)), Built { warm: true, read: 0 });
    assert!(index.is_complete());
    write(policy.root(), "a.rs", "struct Other;");
    assert_eq!(run(&Index::default(), &policy, Some(&store)), Built { warm: true, read: 1 });
    assert_eq!(run(&Index::default(), &policy, Some(&store)), Built { warm: true, read: 0 });
    let bytes = fs::read(store.file()).unwrap();
    fs::write(store.file(), &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(run(&Index::default(), &policy, Some(&store)), Built { warm: false, read: FILES.len() });
    let mut older = bytes;
    older[9] ^= 1; // of the fingerprint
    fs::write(store.file(), older).unwrap();
    assert!(!run(&Index::default(), &policy, Some(&store)).warm);
}

#[test]
fn what_may_no_longer_be_read_is_dropped_from_what_was_kept() {
    let (_folder, before, store) = kept();
    let index = Index::default();
    run(&index, &policy(before.root(), &["b/**"]), Some(&store));
    assert_eq!(index.paths(), ["a.rs", "c.ts", "d.ts"]);
    assert!(index.definitions("Item").iter().all(|found| found.path == "c.ts"));

    fs::write(before.root().join(".gitignore"), "c.ts\n").unwrap();
    assert!(!index.refresh(&before, &before.root().join(".gitignore")));
    run(&index, &before, Some(&store));
    assert_eq!(index.paths(), ["a.rs", "b/inner.py", "b/mod.rs", "d.ts"]);
    assert!(index.definitions("Item").iter().all(|found| found.path == "b/mod.rs"));
}

#[test]
fn a_folder_that_goes_or_comes_is_followed() {
    let (folder, policy, store) = kept();
    let index = Index::default();
    run(&index, &policy, Some(&store));
    let (here, there) = (policy.root().join("b"), folder.path().join("b"));
    fs::rename(&here, &there).unwrap();
    assert!(!index.refresh(&policy, &here));
    run(&index, &policy, None);
    assert_eq!(index.paths(), ["a.rs", "c.ts", "d.ts"]);
    fs::rename(&there, &here).unwrap();
    assert!(!index.refresh(&policy, &here));
    run(&index, &policy, None);
    assert_eq!(index.len(), FILES.len());
}

#[test]
fn an_open_document_counts_until_it_is_closed() {
    let (_folder, policy, _) = kept();
    let index = Index::default();
    let text = Text::from("struct Unsaved;");
    let facts = Arc::new(FileFacts::read(&text, syntax::by_name("rust").unwrap()).unwrap());
    index.update("a.rs", facts.clone());
    run(&index, &policy, None);
    assert!(Arc::ptr_eq(&index.facts("a.rs").unwrap(), &facts));
    assert_eq!(index.entries("Unsaved").len(), 1);
    assert!(index.refresh(&policy, &policy.root().join("a.rs")));
    assert!(index.entries("Unsaved").is_empty());
    assert!(matches!(index.entries("One")[0].symbol, SymbolId::Chunk(..)));
}

#[test]
fn values_are_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.py", "class A:\n    pin = check(98_765, 'a b') or 43210\n    of = {'x': 77123}\n");
    let policy = policy(folder.path(), &[]);
    let store = Store::within(&folder.path().join("cache"), policy.root());
    run(&Index::default(), &policy, Some(&store));
    let bytes = fs::read(store.file()).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("check") && !["98_765", "a b", "43210", "77123"].into_iter().any(holds));
}

#[test]
fn changes_on_the_disk_are_told() {
    let (_folder, policy, _) = kept();
    let index = Index::default();
    let (tell, told) = std::sync::mpsc::channel();
    if let Err(error) = index.watch(&policy, move |changed| drop(tell.send(changed))) {
        eprintln!("not tested: {error}"); // no room for watches on this machine
        return;
    }
    let file = policy.root().join("b/inner.py");
    fs::write(&file, "x = 1\n").unwrap();
    let changed = told.recv_timeout(Duration::from_secs(20)).unwrap();
    assert_eq!(changed, Changed::Path(file));
}
