//! Answers that are kept, so that the same question is answered at once and for nothing. In: a model's identity, a request,
//! whole answers. Out: the answer to an equal request. One file an answer in the user's cache folder, bounded in size and
//! age, the least recently used out first. What is damaged is as good as not there; never for the offline engine.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

use super::day::now;
use super::ledger::OK;
use super::{Answer, Asking, Delta, Entry, Ledger, Provider, Stop, private};
use crate::config::{CacheSettings, ModelSettings};
use crate::prompt::Request;

/// Changes whenever files of before can't be read any more.
const VERSION: u32 = 1;

/// How full the cache is after it was made smaller.
const AFTER: f64 = 0.9;

/// The cache.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    /// Bytes of all files.
    size: u64,
    age: Duration,
    /// Bytes that may still be written before the folder is looked through.
    room: AtomicU64,
    numbers: AtomicU64,
}

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    /// When it was given, in milliseconds since 1970.
    time: u64,
    /// Of both texts, as a file may be damaged and still be JSON.
    sum: u64,
    text: String,
    reasoning: String,
    /// Whether the model stopped at a text at which it was to stop.
    at_sequence: bool,
}

impl Cache {
    /// The user's own; `None` where settings want none, or there is no cache folder. Touches nothing yet.
    pub(super) fn of_user(settings: &CacheSettings) -> Option<Self> {
        use etcetera::BaseStrategy as _;
        let folders = etcetera::choose_base_strategy().ok().filter(|_| settings.answers)?;
        Some(Self::within(&folders.cache_dir().join("whittle/answers"), settings))
    }

    pub(super) fn within(folder: &Path, settings: &CacheSettings) -> Self {
        let (size, age) = (settings.size, settings.age);
        Self { folder: folder.to_owned(), size, age, room: AtomicU64::new(0), numbers: AtomicU64::new(0) }
    }

    fn get(&self, key: Key) -> Option<Kept> {
        let file = self.file(key);
        let kept: Kept = serde_json::from_slice(&fs::read(&file).ok()?).ok()?;
        let is_young = Duration::from_millis(now().saturating_sub(kept.time)) <= self.age;
        let kept = Some(kept).filter(|kept| is_young && kept.version == VERSION && kept.sum == kept.sum())?;
        // By their times, the least recently used are found.
        let _ = fs::File::options().append(true).open(&file).and_then(|file| file.set_modified(SystemTime::now()));
        Some(kept)
    }

    fn put(&self, key: Key, answer: &Answer) {
        let (text, reasoning) = (answer.text.clone(), answer.reasoning.clone());
        let at_sequence = answer.stop == Stop::Sequence;
        let mut kept = Kept { version: VERSION, time: now(), sum: 0, text, reasoning, at_sequence };
        kept.sum = kept.sum();
        if let Err(error) = self.try_put(key, &kept) {
            tracing::debug!(folder = %self.folder.display(), %error, "an answer is not kept");
        }
    }

    /// Puts a file in its place at once: whoever reads meanwhile sees the one or the other.
    fn try_put(&self, key: Key, kept: &Kept) -> std::io::Result<()> {
        let bytes = serde_json::to_vec(kept)?;
        let length = bytes.len() as u64;
        if length > self.size / 4 {
            return Ok(()); // it would drive out too much
        }
        private::create_folder(&self.folder)?;
        let file = self.file(key);
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let part = file.with_extension(format!("{}-{number}.part", std::process::id()));
        let written =
            private::options().write(true).create_new(true).open(&part).and_then(|mut out| out.write_all(&bytes));
        let moved = written.and_then(|()| fs::rename(&part, &file));
        if moved.is_err() {
            let _ = fs::remove_file(&part); // of no use to anybody
        }
        let fits = |room: u64| room.checked_sub(length);
        if self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_err() {
            self.prune();
            self.room.store(self.size / 20, Ordering::Relaxed); // other processes write, too
        }
        moved
    }

    /// Drops an answer.
    pub(super) fn remove(&self, key: Key) {
        let _ = fs::remove_file(self.file(key)); // not there: nothing to remove
    }

    /// Deletes what is too old, then the least recently used until the rest fits.
    fn prune(&self) {
        let Ok(entries) = self.folder.read_dir() else { return };
        let (now, mut files, mut total) = (SystemTime::now(), Vec::new(), 0);
        for entry in entries.flatten() {
            let Ok((data, used)) = entry.metadata().and_then(|data| data.modified().map(|used| (data, used))) else {
                continue;
            };
            let unused = now.duration_since(used).unwrap_or_default();
            // A part that is a minute old is of a process that ended in the midst of it.
            let is_left = entry.path().extension().is_some_and(|end| end == "part") && unused.as_secs() > 60;
            if unused > self.age || is_left {
                let _ = fs::remove_file(entry.path()); // another process may have been first
            } else {
                total += data.len();
                files.push((used, data.len(), entry.path()));
            }
        }
        if total <= self.size {
            return;
        }
        files.sort_unstable();
        for (_, length, path) in files {
            if total as f64 <= self.size as f64 * AFTER {
                return;
            }
            let _ = fs::remove_file(path);
            total -= length;
        }
    }

    fn file(&self, key: Key) -> PathBuf {
        self.folder.join(format!("{:016x}{:016x}.json", key.0, key.1))
    }
}

impl Kept {
    fn sum(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.text, &self.reasoning, self.at_sequence).hash(&mut hasher);
        hasher.finish()
    }
}

/// What tells questions apart: 128 bits, so that no two ever meet by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(u64, u64);

impl Key {
    /// The key of a request to a model with these settings.
    fn new(settings: &ModelSettings, request: &Request) -> Self {
        let half = |which: u8| {
            let ModelSettings { provider, base_url, api_version, model, .. } = settings;
            let mut hasher = DefaultHasher::new();
            (which, provider.name, base_url, api_version, model).hash(&mut hasher);
            (settings.max_output_tokens, settings.context_window).hash(&mut hasher);
            settings.effort.map(|effort| effort.name()).hash(&mut hasher);
            settings.temperature.map(f64::to_bits).hash(&mut hasher);
            request.operation.name.hash(&mut hasher);
            request.parts().for_each(|part| part.hash(&mut hasher));
            if let Some(schema) = &request.schema {
                (&schema.name, schema.schema.to_string()).hash(&mut hasher);
            }
            hasher.finish()
        };
        Self(half(0), half(1))
    }
}

/// A model whose answers are kept.
pub(super) struct Cached {
    inner: Arc<dyn Provider>,
    settings: Arc<ModelSettings>,
    cache: Arc<Cache>,
    ledger: Arc<Ledger>,
    reading: Reading,
    /// The questions that were answered are noted here.
    given: Given,
}

/// Questions that were answered, from the cache or not.
pub(super) type Given = Arc<Mutex<Vec<Key>>>;

/// Whether kept answers are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Reading {
    #[default]
    Kept,
    /// The model is asked in any case; what it answers is kept.
    Fresh,
}

impl Cached {
    pub(super) fn new(
        inner: Arc<dyn Provider>,
        settings: Arc<ModelSettings>,
        cache: Arc<Cache>,
        ledger: Arc<Ledger>,
        reading: Reading,
        given: Given,
    ) -> Self {
        Self { inner, settings, cache, ledger, reading, given }
    }

    /// The kept answer, and its entry in the ledger.
    fn kept(&self, key: Key, request: &Request) -> Option<Answer> {
        let since = Instant::now();
        let kept = Some(self.reading).filter(|reading| *reading == Reading::Kept).and_then(|_| self.cache.get(key))?;
        let model = self.name().to_owned();
        let cost = self.price().map(|_| 0.0);
        self.ledger.record(Entry {
            time: now(),
            model: model.clone(),
            id: self.settings.model.clone(),
            operation: request.operation.name.clone(),
            outcome: OK.to_owned(),
            total: u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
            cost,
            cached: true,
            ..Entry::default()
        });
        let stop = if kept.at_sequence { Stop::Sequence } else { Stop::End };
        Some(Answer { text: kept.text, reasoning: kept.reasoning, model, usage: None, cost, cached: true, stop })
    }
}

impl Provider for Cached {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn is_local(&self) -> bool {
        self.inner.is_local()
    }

    fn inner(&self) -> Option<&dyn Provider> {
        Some(&*self.inner)
    }

    fn ask<'a>(&'a self, request: &'a Request, watch: &'a mut (dyn FnMut(Delta<'_>) + Send)) -> Asking<'a> {
        Box::pin(async move {
            let key = Key::new(&self.settings, request);
            let answer = match self.kept(key, request) {
                Some(answer) => answer,
                None => {
                    let answer = self.inner.ask(request, watch).await?;
                    self.cache.put(key, &answer);
                    answer
                }
            };
            self.given.lock().unwrap_or_else(PoisonError::into_inner).push(key);
            Ok(answer)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunks::Chunks;
    use crate::config::ProviderRow;
    use crate::context::{Context, Subject};
    use crate::models::{Error, Usage};
    use crate::prompt::{BuiltIn, Operations, Wish};
    use crate::text::{Span, Text};

    /// A question about a text.
    fn request(code: &str) -> Request {
        let text = Text::from(code);
        let chunks = Arc::new(Chunks::cut(&text, None));
        let (focus, selection) = (chunks.focus_at(Span::default()), Span::default());
        let subject = Subject { path: "a".to_owned(), language: None, text, tree: None, chunks, focus, selection };
        let explain = Operations::default().of(BuiltIn::Explain).clone();
        Request::new(explain, Arc::new(Context::bare(subject)), Wish::default())
    }

    /// Answers with how often it was asked; fails where it is told to.
    #[derive(Default)]
    struct Counting {
        asked: Mutex<u32>,
        fails: bool,
    }

    impl Provider for Counting {
        fn name(&self) -> &str {
            "big"
        }

        fn is_local(&self) -> bool {
            false
        }

        fn ask<'a>(&'a self, _: &'a Request, _: &'a mut (dyn FnMut(Delta<'_>) + Send)) -> Asking<'a> {
            let mut asked = self.asked.lock().unwrap();
            *asked += 1;
            let (text, usage, model) = (format!("answer {asked}"), Some(Usage::default()), "big".to_owned());
            let empty = self.fails.then(|| Error::Empty { model: model.clone() });
            Box::pin(async move { empty.map_or(Ok(Answer { text, usage, model, ..Answer::default() }), Err) })
        }
    }

    struct Bench {
        folder: tempfile::TempDir,
        inner: Arc<Counting>,
        settings: ModelSettings,
        ledger: Arc<Ledger>,
    }

    impl Bench {
        fn new(fails: bool) -> Self {
            let settings = ModelSettings::new(ProviderRow::named("openai").unwrap(), "m");
            let inner = Arc::new(Counting { fails, ..Counting::default() });
            Self { folder: tempfile::tempdir().unwrap(), inner, settings, ledger: Arc::default() }
        }

        fn cache(&self) -> Cache {
            Cache::within(&self.folder.path().join("answers"), &CacheSettings::default())
        }

        fn model(&self, reading: Reading) -> Cached {
            let (settings, cache) = (Arc::new(self.settings.clone()), Arc::new(self.cache()));
            Cached::new(self.inner.clone(), settings, cache, self.ledger.clone(), reading, Given::default())
        }

        async fn ask(&self, request: &Request) -> (String, bool) {
            let answer = self.model(Reading::Kept).ask(request, &mut |_| {}).await.unwrap();
            (answer.text, answer.cached)
        }

        fn files(&self) -> Vec<PathBuf> {
            let folder = self.folder.path().join("answers");
            folder.read_dir().map(|all| all.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default()
        }
    }

    #[tokio::test]
    async fn the_same_question_is_asked_once() {
        let bench = Bench::new(false);
        let question = request("fn a() {}");
        assert_eq!(bench.ask(&question).await, ("answer 1".to_owned(), false));
        assert_eq!(bench.ask(&question).await, ("answer 1".to_owned(), true));
        // another question, another model, another way to ask
        assert_eq!(bench.ask(&request("fn b() {}")).await.0, "answer 2");
        let mut other = question.clone();
        other.earlier.push(crate::prompt::Exchange { answer: "no".to_owned(), fault: "wrong".to_owned() });
        assert_eq!(bench.ask(&other).await.0, "answer 3");
        let warm = ModelSettings { temperature: Some(0.7), ..bench.settings.clone() };
        let warm = Bench { settings: warm, ..bench };
        assert_eq!(warm.ask(&question).await.0, "answer 4");
        let entries = warm.ledger.entries(1);
        assert_eq!(entries.iter().map(|entry| (entry.cached, entry.is_ok())).collect::<Vec<_>>(), [(true, true)]);
        #[cfg(unix)]
        for path in warm.files() {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[tokio::test]
    async fn who_wants_a_new_answer_gets_one_and_it_is_kept() {
        let bench = Bench::new(false);
        let question = request("fn a() {}");
        bench.ask(&question).await;
        let fresh = bench.model(Reading::Fresh).ask(&question, &mut |_| {}).await.unwrap();
        assert_eq!((fresh.text.as_str(), fresh.cached), ("answer 2", false));
        assert_eq!(bench.ask(&question).await, ("answer 2".to_owned(), true));
        bench.cache().remove(Key::new(&bench.settings, &question));
        assert_eq!(bench.ask(&question).await, ("answer 3".to_owned(), false));
    }

    #[tokio::test]
    async fn failures_are_not_kept() {
        let bench = Bench::new(true);
        for _ in 0..2 {
            let error = bench.model(Reading::Kept).ask(&request("fn a() {}"), &mut |_| {}).await.unwrap_err();
            assert_eq!(error.kind(), "empty");
        }
        assert_eq!((*bench.inner.asked.lock().unwrap(), bench.files().len()), (2, 0));
    }

    #[tokio::test]
    async fn damaged_and_old_answers_are_asked_for_again() {
        let bench = Bench::new(false);
        let question = request("fn a() {}");
        bench.ask(&question).await;
        let [file] = bench.files().try_into().unwrap();
        let whole = fs::read_to_string(&file).unwrap();
        let older = whole.replacen("\"time\":1", "\"time\":0", 1);
        assert_ne!(older, whole);
        let damages =
            [String::new(), "{}".to_owned(), whole[..20].to_owned(), whole.replace("answer", "unsure"), older];
        for (number, damage) in damages.iter().enumerate() {
            fs::write(&file, damage).unwrap();
            assert_eq!(bench.ask(&question).await, (format!("answer {}", number + 2), false), "{damage}");
        }
        assert!(bench.ask(&question).await.1);
    }

    #[test]
    fn the_least_recently_used_go_first() {
        let bench = Bench::new(false);
        let cache = Cache { size: 40_000, ..bench.cache() };
        let answer = Answer { text: "x".repeat(1000), ..Answer::default() };
        let mut used = 0;
        for number in 0..100 {
            cache.put(Key(number, 0), &answer);
            let file = fs::File::options().append(true).open(cache.file(Key(number, 0))).unwrap();
            // a minute apart, and the first one used again and again
            let at = |minute: u64| SystemTime::now() - Duration::from_secs(60 * (1000 - minute));
            file.set_modified(at(number)).unwrap();
            used += usize::from(cache.get(Key(0, 0)).is_some());
        }
        let total: u64 = bench.files().iter().map(|path| path.metadata().unwrap().len()).sum();
        assert!((20_000..=42_000).contains(&total), "{total}");
        assert_eq!(used, 100);
        assert!(cache.get(Key(1, 0)).is_none() && cache.get(Key(99, 0)).is_some());
        cache.put(Key(200, 0), &Answer { text: "x".repeat(20_000), ..Answer::default() });
        assert!(cache.get(Key(200, 0)).is_none(), "it would have driven out half of the others");
    }

    #[test]
    fn what_is_too_old_goes() {
        let bench = Bench::new(false);
        let cache = bench.cache();
        cache.put(Key(1, 0), &Answer::default());
        let old = SystemTime::now() - Duration::from_secs(8 * 24 * 60 * 60);
        fs::File::options().append(true).open(cache.file(Key(1, 0))).unwrap().set_modified(old).unwrap();
        bench.cache().put(Key(2, 0), &Answer::default());
        assert_eq!(bench.files(), [cache.file(Key(2, 0))]);
    }
}
