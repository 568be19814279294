//! The facts of files that were asked for lately.

use std::collections::HashMap;
use std::sync::Arc;

use super::{FileFacts, FileId};

/// Most files whose facts are kept; a file of 250 lines takes about 30 KB.
const MOST: usize = 512;

/// Facts by file; those that were not asked for longest give way.
#[derive(Debug, Default)]
pub(super) struct Unpacked {
    facts: HashMap<FileId, (u64, Arc<FileFacts>)>,
    /// Counts what was asked for.
    clock: u64,
}

impl Unpacked {
    pub(super) fn get(&mut self, id: FileId) -> Option<Arc<FileFacts>> {
        self.clock += 1;
        let (used, facts) = self.facts.get_mut(&id)?;
        *used = self.clock;
        Some(facts.clone())
    }

    pub(super) fn put(&mut self, id: FileId, facts: Arc<FileFacts>) {
        if self.facts.len() >= MOST {
            // the older half, so that looking for them is rare
            let mut used: Vec<u64> = self.facts.values().map(|(used, _)| *used).collect();
            let (_, middle, _) = used.select_nth_unstable(MOST / 2);
            let middle = *middle;
            self.facts.retain(|_, (used, _)| *used >= middle);
        }
        self.clock += 1;
        self.facts.insert(id, (self.clock, facts));
    }

    pub(super) fn forget(&mut self, id: FileId) {
        self.facts.remove(&id);
    }
}
