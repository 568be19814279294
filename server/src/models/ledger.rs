//! The ledger of all that models were asked, shared by all processes of a user: one file a day of UTC in the user's state
//! folder, one JSON line an ask. In: an entry for each ask that ended. Out: entries again, and sums of them. Never holds
//! code, prompts, keys or paths, and never stops an ask: what can't be written is kept in memory.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::day::Day;
use super::private;

/// Days for which entries are kept.
pub(super) const DAYS: u32 = 30;

/// How every line begins, by which an entry behind a torn one is found.
const BEGIN: &str = "{\"time\":";

/// What an ask that went well has as its outcome.
pub(super) const OK: &str = "ok";

/// What an ask has that was dropped.
pub(super) const CANCELLED: &str = "cancelled";

/// One ask that ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// When it ended, in milliseconds since 1970.
    pub time: u64,
    /// The model's name in the settings.
    pub model: String,
    /// Its name at the provider.
    pub id: String,
    /// The operation.
    pub operation: String,
    /// `ok`, `cancelled`, or the [kind](super::Error::kind) of the error.
    pub outcome: String,
    /// Milliseconds to the first part of the answer, if one came.
    pub first: Option<u64>,
    /// Milliseconds to the end, waits before asking again included.
    pub total: u64,
    /// How often it was asked again.
    pub retries: u32,
    /// Tokens of the prompt, by o200k.
    pub prompt: u64,
    /// Tokens of the prompt that the provider counted, cached ones included.
    pub input: Option<u64>,
    /// Tokens of the answer that it counted, reasoning included.
    pub output: Option<u64>,
    /// Tokens of the prompt that it had in its cache.
    pub cache_read: Option<u64>,
    /// US dollars; `None` where the price is not known.
    pub cost: Option<f64>,
    /// The cost is an estimate, as the provider told no usage.
    pub estimated: bool,
    /// The answer came from the cache on this machine.
    pub cached: bool,
    /// Tells the ask from others: a later entry of it takes the place of an earlier one; 0: it has but one.
    pub ask: u64,
}

impl Entry {
    /// Whether a whole answer came.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.outcome == OK
    }

    /// Whether the model was asked, failed, and nobody stopped it.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        !self.is_ok() && self.outcome != CANCELLED
    }
}

/// The ledger.
#[derive(Debug, Default)]
pub struct Ledger {
    /// `None`: in memory only.
    folder: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    days: BTreeMap<Day, Page>,
    /// The day on which what is too old was last deleted.
    pruned: Option<Day>,
    warned: bool,
    /// Asks of this process that have not ended.
    running: HashSet<u64>,
}

/// What is known of one day.
#[derive(Debug, Default)]
struct Page {
    /// Bytes of its file that were read.
    offset: u64,
    entries: Vec<Arc<Entry>>,
}

impl Ledger {
    /// The user's own; in memory where `keep` is false or there is no state folder. Touches nothing yet.
    #[must_use]
    pub fn of_user(keep: bool) -> Self {
        use etcetera::BaseStrategy as _;
        let folders = etcetera::choose_base_strategy().ok().filter(|_| keep);
        let folder = folders.map(|folders| folders.state_dir().unwrap_or_else(|| folders.data_dir()));
        Self { folder: folder.map(|folder| folder.join("whittle/usage")), ..Self::default() }
    }

    /// In a folder.
    #[must_use]
    pub fn within(folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()), ..Self::default() }
    }

    /// Where it is kept; `None`: in memory only.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Adds an ask that begins, as it will stand there when this process dies before its end.
    pub(super) fn begin(&self, entry: Entry) {
        self.state().running.insert(entry.ask);
        self.record_on(entry);
    }

    /// Adds an ask that ended.
    pub fn record(&self, entry: Entry) {
        let ask = entry.ask;
        self.record_on(entry);
        self.state().running.remove(&ask);
    }

    fn record_on(&self, entry: Entry) {
        let day = Day::at(entry.time);
        let mut state = self.state();
        let is_new_day = state.pruned.replace(day) != Some(day);
        if is_new_day {
            state.days.retain(|known, _| *known >= day.before(DAYS));
            self.folder.iter().for_each(|folder| prune(folder, day));
        }
        match self.write(day, &entry) {
            Ok(true) => return, // it is read back with those of other processes
            Ok(false) => {}
            Err(error) if !std::mem::replace(&mut state.warned, true) => {
                let folder = self.folder.as_deref().unwrap_or(Path::new("")).display();
                tracing::warn!(%folder, %error, "usage can't be written and is kept in memory only");
            }
            Err(_) => {}
        }
        state.days.entry(day).or_default().add(entry);
    }

    /// Appends a line; false where nothing is kept on the disk.
    fn write(&self, day: Day, entry: &Entry) -> io::Result<bool> {
        let Some(folder) = &self.folder else { return Ok(false) };
        let mut line = serde_json::to_string(entry)?;
        line.push('\n');
        private::create_folder(folder)?;
        // One write to a file opened for appending: lines of several processes don't mix.
        private::options().append(true).create(true).open(file(folder, day))?.write_all(line.as_bytes())?;
        Ok(true)
    }

    /// The entries of the last `days` days of UTC, today's included, in the order in which they were written.
    #[must_use]
    pub fn entries(&self, days: u32) -> Vec<Arc<Entry>> {
        let today = Day::today();
        let mut state = self.state();
        (0..days.min(DAYS + 1)).rev().flat_map(|ago| self.page(&mut state, today.before(ago)).to_vec()).collect()
    }

    /// The last `count` entries of the last `days` days of which `wanted` is true, the newest first.
    pub(super) fn last(&self, count: usize, days: u32, wanted: impl Fn(&Entry) -> bool) -> Vec<Arc<Entry>> {
        let today = Day::today();
        let mut state = self.state();
        let mut found = Vec::new();
        for ago in 0..days {
            let entries = self.page(&mut state, today.before(ago)).iter().rev();
            found.extend(entries.filter(|entry| wanted(entry)).take(count - found.len()).cloned());
            if found.len() == count {
                break;
            }
        }
        found
    }

    /// US dollars that a model cost today, by the name in the settings: what runs in other processes counts with what
    /// it is expected to cost, what runs in this one does not.
    #[must_use]
    pub fn cost_today(&self, model: &str) -> f64 {
        let mut state = self.state();
        self.page(&mut state, Day::today());
        let counts = |entry: &&Arc<Entry>| entry.model == model && !state.running.contains(&entry.ask);
        let today = state.days.get(&Day::today()).into_iter().flat_map(|page| &page.entries);
        today.filter(counts).filter_map(|entry| entry.cost).sum()
    }

    /// US dollars that all models cost today, with what runs now as it is expected to cost.
    #[must_use]
    pub fn spent_today(&self) -> f64 {
        self.entries(1).iter().filter_map(|entry| entry.cost).sum()
    }

    /// The entries of a day, with what any process added since the last look.
    fn page<'a>(&self, state: &'a mut State, day: Day) -> &'a [Arc<Entry>] {
        let page = state.days.entry(day).or_default();
        if let Some(folder) = &self.folder {
            // A file that can't be read says as much as one that is not there.
            let _ = page.read_on(&file(folder, day));
        }
        &page.entries
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Page {
    fn add(&mut self, entry: Entry) {
        let earlier = self.entries.iter().rposition(|known| entry.ask != 0 && known.ask == entry.ask);
        if let Some(earlier) = earlier {
            self.entries.remove(earlier);
        }
        self.entries.push(Arc::new(entry));
    }

    /// Reads the whole lines that a file has got since.
    fn read_on(&mut self, file: &Path) -> io::Result<()> {
        let mut file = fs::File::open(file)?;
        let length = file.metadata()?.len();
        if length < self.offset {
            *self = Self::default(); // another file of this name
        }
        if length == self.offset {
            return Ok(());
        }
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        file.take(length - self.offset).read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        self.offset += whole as u64;
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        lines.filter(|line| line.ends_with(b"\n")).filter_map(read).for_each(|entry| self.add(entry));
        Ok(())
    }
}

/// The entry of a line; of a torn line with a whole one behind it, that one.
fn read(line: &[u8]) -> Option<Entry> {
    let line = std::str::from_utf8(line).ok()?;
    serde_json::from_str(line.get(line.rfind(BEGIN)?..)?).ok()
}

fn file(folder: &Path, day: Day) -> PathBuf {
    folder.join(format!("{day}.jsonl"))
}

/// Deletes what is older than [`DAYS`].
fn prune(folder: &Path, today: Day) {
    let Ok(entries) = folder.read_dir() else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let day = name.to_str().and_then(|name| name.strip_suffix(".jsonl")).and_then(Day::parse);
        if day.is_some_and(|day| day < today.before(DAYS)) {
            let _ = fs::remove_file(entry.path()); // another process may have been first
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::day::now;

    fn entry(model: &str, cost: f64) -> Entry {
        let (model, outcome) = (model.to_owned(), OK.to_owned());
        Entry { time: now(), model, outcome, cost: Some(cost), total: 1200, ..Entry::default() }
    }

    #[test]
    fn an_ask_that_runs_counts_in_other_processes_and_once_when_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (Ledger::within(folder.path()), Ledger::within(folder.path()));
        one.begin(Entry { ask: 7, outcome: CANCELLED.to_owned(), ..entry("big", 0.5) });
        let cost = || [&one, &other].map(|ledger| ledger.cost_today("big"));
        assert_eq!(cost(), [0.0, 0.5], "its own process knows better");
        one.record(Entry { ask: 7, ..entry("big", 0.25) });
        assert_eq!(cost(), [0.25, 0.25]);
        assert_eq!(other.entries(1).len(), 1);
        // one that was killed stays as it began
        let killed = Ledger::within(folder.path());
        killed.begin(Entry { ask: 8, outcome: CANCELLED.to_owned(), ..entry("big", 0.5) });
        drop(killed);
        assert_eq!(cost(), [0.75, 0.75]);
    }

    #[test]
    fn what_one_process_writes_another_reads() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("usage");
        let (one, other) = (Ledger::within(&folder), Ledger::within(&folder));
        assert_eq!(other.entries(30), []);
        one.record(entry("big", 0.5));
        other.record(entry("small", 0.25));
        one.record(entry("big", 0.25));
        for ledger in [&one, &other, &Ledger::within(&folder)] {
            let costs: Vec<_> = ledger.entries(1).iter().map(|entry| entry.cost.unwrap()).collect();
            assert_eq!(costs, [0.5, 0.25, 0.25]);
            assert!((ledger.cost_today("big") - 0.75).abs() < 1e-9);
        }
        let last = other.last(1, 1, |entry| entry.model == "big");
        assert_eq!(last.iter().map(|entry| entry.cost).collect::<Vec<_>>(), [Some(0.25)]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&folder), mode(&file(&folder, Day::today()))), (0o700, 0o600));
        }
    }

    #[test]
    fn eight_writers_at_a_time_keep_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let path = folder.path();
                scope.spawn(move || {
                    let ledger = Ledger::within(path);
                    (0..50).for_each(|_| ledger.record(entry(&format!("m{writer}"), 0.1)));
                });
            }
        });
        let entries = Ledger::within(folder.path()).entries(2);
        assert_eq!(entries.len(), 400);
    }

    #[test]
    fn broken_lines_cost_nothing_but_themselves() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::within(folder.path());
        let path = file(folder.path(), Day::today());
        let whole = serde_json::to_string(&entry("big", 1.0)).unwrap();
        let torn = &whole[..40];
        fs::write(&path, format!("\n{whole}\nnonsense\n{torn}{whole}\n[]\n\u{fffd}\n{torn}")).unwrap();
        assert_eq!(ledger.entries(1).len(), 2);
        ledger.record(entry("big", 1.0));
        assert_eq!(ledger.entries(1).len(), 3);
        fs::write(&path, format!("{whole}\n")).unwrap();
        assert_eq!(ledger.entries(1).len(), 1);
    }

    #[test]
    fn old_files_go_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let today = Day::today();
        let [kept, old] = [today.before(DAYS), today.before(DAYS + 1)].map(|day| file(folder.path(), day));
        let foreign = folder.path().join("1970-01-01.txt");
        [&kept, &old, &foreign].into_iter().for_each(|path| fs::write(path, "").unwrap());
        Ledger::within(folder.path()).record(entry("big", 1.0));
        assert_eq!([kept, old, foreign].map(|path| path.exists()), [true, false, true]);
    }

    #[test]
    fn where_nothing_can_be_written_memory_is_enough() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for ledger in [Ledger::within(&file.path().join("usage")), Ledger::default(), Ledger::of_user(false)] {
            ledger.record(entry("big", 1.0));
            ledger.record(entry("big", 0.5));
            assert!((ledger.cost_today("big") - 1.5).abs() < 1e-9);
            assert_eq!(ledger.entries(7).len(), 2);
        }
    }
}
