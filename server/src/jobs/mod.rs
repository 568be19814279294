//! Running operations. In: work to be done. Out: ids, progress, the end of each. A job's panic or failure ends that job
//! only; cancelling one drops its work, and with it a running request.

mod explanations;
mod review;

pub use explanations::{Explanations, Kept};
pub use review::{Applied, HunkNumber, Mark, NewFile, NewHunk, Reviews};

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::operations::Progress;

/// Names a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct JobId(pub u64);

/// Shows the user how jobs fare. Implemented by whoever has a way to the user.
pub trait Client: Send + Sync {
    /// A job begins.
    fn begin<'a>(&'a self, job: JobId, title: &'a str) -> Waiting<'a>;
    /// What a job is doing now.
    fn report(&self, job: JobId, message: &str);
    /// A job ended, well or not; called once for each that began.
    fn end(&self, job: JobId, message: &str);
    /// Tells the user why a job failed.
    fn fail(&self, message: &str);
}

/// A step that the job waits for.
pub type Waiting<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// The work of a job: gives the words to end with, or the reason why it failed, which the user is told.
pub type Work = Pin<Box<dyn Future<Output = Result<String, String>> + Send>>;

/// The jobs of a session.
pub struct Jobs {
    runtime: Handle,
    client: Arc<dyn Client>,
    next: AtomicU64,
    running: Arc<Mutex<BTreeMap<JobId, Running>>>,
}

struct Running {
    title: String,
    message: Option<String>,
    cancel: CancellationToken,
}

/// A running job, as its user is shown it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct JobNow {
    /// Its id.
    pub job: JobId,
    /// What it does.
    pub title: String,
    /// What it is doing now, once it said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Jobs {
    /// No jobs yet; they will run on `runtime` and show themselves through `client`.
    #[must_use]
    pub fn new(runtime: Handle, client: Arc<dyn Client>) -> Self {
        Self { runtime, client, next: AtomicU64::new(1), running: Arc::default() }
    }

    /// A number that no other job has, for something that is done without one of these.
    pub fn number(&self) -> JobId {
        JobId(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Starts a job and returns at once.
    pub fn start(&self, title: &str, work: impl FnOnce(JobId, Arc<dyn Progress>) -> Work) -> JobId {
        let id = self.number();
        let cancel = CancellationToken::new();
        let running = Running { title: title.to_owned(), message: None, cancel: cancel.clone() };
        lock(&self.running).insert(id, running);
        let client = self.client.clone();
        let work = work(id, Arc::new(JobProgress { id, running: self.running.clone(), client: client.clone() }));
        let (running, title) = (self.running.clone(), title.to_owned());
        self.runtime.spawn(async move {
            client.begin(id, &title).await;
            let mut work = tokio::spawn(work);
            let ended = tokio::select! {
                ended = &mut work => Some(ended),
                () = cancel.cancelled() => None,
            };
            work.abort();
            lock(&running).remove(&id);
            match ended {
                None => client.end(id, "cancelled"),
                Some(Ok(Ok(message))) => client.end(id, &message),
                Some(Ok(Err(message))) => {
                    client.end(id, "failed");
                    client.fail(&message);
                }
                Some(Err(error)) => {
                    tracing::error!(%error, title, "a job panicked");
                    client.end(id, "failed");
                    client.fail(&format!("{title} failed because of a fault in Whittle itself; nothing was changed"));
                }
            }
        });
        id
    }

    /// Cancels a job, or the newest one. The job's title; `None` when there is no such job.
    pub fn cancel(&self, id: Option<JobId>) -> Option<String> {
        let running = lock(&self.running);
        let id = id.or_else(|| running.keys().next_back().copied())?;
        let job = running.get(&id)?;
        job.cancel.cancel();
        Some(job.title.clone())
    }

    /// Cancels all jobs.
    pub fn cancel_all(&self) {
        lock(&self.running).values().for_each(|job| job.cancel.cancel());
    }

    /// The running jobs with their titles, the newest first, at most `most` of them.
    #[must_use]
    pub fn newest(&self, most: usize) -> Vec<(JobId, String)> {
        lock(&self.running).iter().rev().take(most).map(|(id, job)| (*id, job.title.clone())).collect()
    }

    /// The running jobs, the oldest first.
    #[must_use]
    pub fn now(&self) -> Vec<JobNow> {
        let now =
            |(id, job): (&JobId, &Running)| JobNow { job: *id, title: job.title.clone(), message: job.message.clone() };
        lock(&self.running).iter().map(now).collect()
    }
}

fn lock(running: &Mutex<BTreeMap<JobId, Running>>) -> MutexGuard<'_, BTreeMap<JobId, Running>> {
    running.lock().unwrap_or_else(PoisonError::into_inner) // each change leaves the map whole
}

struct JobProgress {
    id: JobId,
    running: Arc<Mutex<BTreeMap<JobId, Running>>>,
    client: Arc<dyn Client>,
}

impl Progress for JobProgress {
    fn report(&self, message: &str) {
        if let Some(job) = lock(&self.running).get_mut(&self.id) {
            job.message = Some(message.to_owned());
        }
        self.client.report(self.id, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[derive(Default)]
    struct Recorder(Mutex<Vec<String>>);

    impl Client for Recorder {
        fn begin<'a>(&'a self, _: JobId, title: &'a str) -> Waiting<'a> {
            self.0.lock().unwrap().push(format!("begin {title}"));
            Box::pin(async {})
        }
        fn report(&self, _: JobId, message: &str) {
            self.0.lock().unwrap().push(message.to_owned());
        }
        fn end(&self, _: JobId, message: &str) {
            self.0.lock().unwrap().push(format!("end {message}"));
        }
        fn fail(&self, message: &str) {
            self.0.lock().unwrap().push(format!("fail {message}"));
        }
    }

    async fn ended(jobs: &Jobs) {
        for _ in 0..1000 {
            if jobs.newest(1).is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("a job did not end");
    }

    #[tokio::test]
    async fn each_job_ends_once_whatever_happens() {
        let client = Arc::new(Recorder::default());
        let jobs = Jobs::new(Handle::current(), client.clone());
        jobs.start("good", |_, progress| {
            Box::pin(async move {
                progress.report("half");
                Ok("done".to_owned())
            })
        });
        ended(&jobs).await;
        jobs.start("bad", |_, _| Box::pin(async { Err("no server".to_owned()) }));
        ended(&jobs).await;
        jobs.start("ugly", |_, _| Box::pin(async { panic!("oops") }));
        ended(&jobs).await;
        let id = jobs.start("long", |_, _| {
            Box::pin(async {
                std::future::pending::<()>().await;
                Ok(String::new())
            })
        });
        assert_eq!(jobs.cancel(None).as_deref(), Some("long"));
        ended(&jobs).await;
        assert_eq!(jobs.cancel(Some(id)), None);
        tokio::time::sleep(Duration::from_millis(20)).await;
        let said = client.0.lock().unwrap().join(" | ");
        let wanted = "begin good | half | end done | begin bad | end failed | fail no server | begin ugly | end failed | \
                      fail ugly failed because of a fault in Whittle itself; nothing was changed | begin long | end cancelled";
        assert_eq!(said, wanted);
    }
}
