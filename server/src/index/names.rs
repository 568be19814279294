//! The table of names: each text once, under a number that stays for the life of the index.

use std::sync::Arc;

use hashbrown::HashTable;

use super::hash::hash;

/// Texts by number and numbers by text.
#[derive(Debug, Default)]
pub(super) struct Names {
    all: Vec<Arc<str>>,
    numbers: HashTable<u32>,
}

impl Names {
    /// The number of a name; a new one when it is not known yet.
    pub(super) fn number(&mut self, name: &Arc<str>) -> u32 {
        let Self { all, numbers } = self;
        let text = |number: &u32| all.get(*number as usize).map_or("", |name| name);
        let hashed = hash(name.as_bytes());
        if let Some(number) = numbers.find(hashed, |number| text(number) == &**name) {
            return *number;
        }
        let number = u32::try_from(all.len()).unwrap_or(u32::MAX);
        numbers.insert_unique(hashed, number, |number| hash(text(number).as_bytes()));
        all.push(name.clone());
        number
    }

    /// The number of a name that is known.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        let is_it = |number: &u32| self.all.get(*number as usize).is_some_and(|known| **known == *name);
        self.numbers.find(hash(name.as_bytes()), is_it).copied()
    }

    /// The name with this number.
    pub(super) fn name(&self, number: u32) -> Option<&Arc<str>> {
        self.all.get(number as usize)
    }

    /// All names in the order of their numbers.
    pub(super) fn all(&self) -> &[Arc<str>] {
        &self.all
    }

    /// Makes room for this many more.
    pub(super) fn reserve(&mut self, count: usize) {
        let Self { all, numbers } = self;
        all.reserve(count);
        let text = |number: &u32| all.get(*number as usize).map_or("", |name| name);
        numbers.reserve(count, |number| hash(text(number).as_bytes()));
    }

    /// Bytes of memory that it takes, roughly.
    pub(super) fn memory(&self) -> usize {
        let texts: usize = self.all.iter().map(|name| name.len().next_multiple_of(8) + 24).sum(); // counts and malloc
        texts + self.all.capacity() * size_of::<Arc<str>>() + self.numbers.capacity() * 8 / 7 * 5
    }
}
