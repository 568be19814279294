//! Proof that a proposal holds: the project's own commands, run on it in a shadow copy. In: a workspace, the texts that a
//! proposal makes, and settings. Out: what was proved, or the faults that were not there before. Also the project's
//! formatter. Never touches the user's files, and runs nothing of a workspace that the user does not trust.

mod commands;
mod confine;
mod env;
mod faults;
mod format;
mod run;
mod shadow;

pub use commands::TestName;
pub use confine::Confinement;
#[cfg(unix)]
pub use confine::confine;
pub use faults::{Fault, Mend};
pub use format::format;
pub use shadow::{Laid, ShadowError};

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use commands::{Command, Found, Shows};
use faults::Report;
use run::{Run, run};
use shadow::{Place, Shadow, Synced};

use crate::config;
use crate::index::hash;
use crate::policy::Policy;

/// Longest run of one command.
const LIMIT: Duration = Duration::from_secs(5 * 60);
/// How often a shadow that somebody else uses is asked for.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// What was found before an edit is believed for so long: tools are updated, too.
const BELIEVED_FOR: Duration = Duration::from_secs(60 * 60);
/// Most results of commands before an edit that are kept.
const MOST_BEFORE: usize = 64;

/// Whether a workspace's own commands may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The user said so.
    Trusted,
    /// Nothing of it runs.
    Untrusted,
}

/// What is to be proved.
#[derive(Clone, Debug)]
pub struct Order {
    /// The workspace and its rules.
    pub policy: Policy,
    /// Whether its commands may run.
    pub trust: Trust,
    /// Which commands.
    pub verify: config::Verify,
    /// The open documents' texts: with them, the workspace is as it is before the proposal.
    pub open: Vec<Laid>,
    /// What the proposal makes of files.
    pub change: Vec<Laid>,
    /// The tests to run.
    pub tests: Vec<TestName>,
    /// What the proposal has to mend: faults that are there before it and may not be after it.
    pub mend: Vec<Mend>,
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No command is known for these files, or none is wanted.
    Nothing,
    /// Each command passed, or found nothing that was not there before: the claims.
    Proved(Vec<String>),
    /// What the first failing command found that was not there before; never empty.
    Faults {
        /// The command's name.
        command: String,
        /// The faults.
        faults: Vec<Fault>,
    },
    /// It can't be said, and why, as `not verified: cargo is not installed`; with what was proved before that.
    Unknown {
        /// The claims of the commands that passed.
        proved: Vec<String>,
        /// The reason.
        why: String,
    },
}

/// How far a verification is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// What is being done now.
    Doing(String),
    /// A command passed: what it showed, if anything, and what the next one has not shown yet.
    Passed {
        /// The claim.
        claim: Option<String>,
        /// As `not tested yet`; `None` after the last command.
        next: Option<String>,
    },
}

/// Commands for an order, which then runs them.
#[derive(Debug)]
pub struct Verification {
    order: Order,
    found: Found,
}

impl Verification {
    /// Looks for the commands; `Err` is what comes out without running any.
    ///
    /// # Errors
    /// The verdict, where there is nothing to run.
    pub fn new(order: Order) -> Result<Self, Verdict> {
        let changed: Vec<String> = order.change.iter().map(|laid| laid.path.clone()).collect();
        let found = match &order.verify {
            config::Verify::Off => return Err(Verdict::Nothing),
            config::Verify::Auto => commands::auto(order.policy.root(), &changed, &order.tests),
            config::Verify::Commands(lines) => commands::own(lines),
        };
        match (found.commands.is_empty(), found.missing.first()) {
            (true, None) => Err(Verdict::Nothing),
            _ if order.trust == Trust::Untrusted => Err(unknown("the workspace is not trusted, see `whittle trust`")),
            (true, Some(tool)) => Err(unknown(&format!("{tool} is not installed"))),
            (false, _) => Ok(Self { order, found }),
        }
    }

    /// What is not known while the commands run, as `not compiled yet`.
    #[must_use]
    pub fn pending(&self) -> String {
        self.found.commands.first().map(Command::pending).unwrap_or_default()
    }

    /// Runs the commands, one after the other, up to the first that fails. Tells what it does. Dropping the future ends
    /// what it started.
    pub async fn run(self, tell: impl Fn(Step) + Send + Sync) -> Verdict {
        let Self { order, found } = self;
        let mut proved = Vec::new();
        let verdict = prove(&order, &found, &mut proved, &tell).await;
        match verdict {
            Ok(None) if found.missing.is_empty() => Verdict::Proved(proved),
            Ok(None) => Verdict::Unknown { proved, why: format!("{} is not installed", found.missing.join(", ")) },
            Ok(Some(faults)) => faults,
            Err(why) => Verdict::Unknown { proved, why: format!("not verified: {why}") },
        }
    }

    /// What the commands say of the workspace as it is: the name of the first that finds something that `wanted` wants, with
    /// all that it finds; the names of all where none does.
    ///
    /// # Errors
    /// Why that can't be said.
    pub async fn faults(
        self,
        wanted: impl Fn(&Fault) -> bool + Send + Sync,
        tell: impl Fn(Step) + Send + Sync,
    ) -> Result<(String, Vec<Fault>), String> {
        let mut bench = Bench::open(&self.order, &tell).await?;
        let (mut names, mut all) = (Vec::new(), Vec::new());
        for command in &self.found.commands {
            let faults = bench.before(command, &tell).await?.faults;
            if faults.iter().any(&wanted) {
                return Ok((command.name.clone(), faults));
            }
            let builds = faults.is_empty();
            names.push(command.name.clone());
            all.extend(faults);
            if !builds {
                break; // what comes after it would only say the same
            }
        }
        Ok((names.join(" and "), all))
    }

    /// Runs the commands on the workspace as it is without the proposal, so that they have built what they need and its
    /// faults are known.
    pub async fn warm(self, tell: impl Fn(Step) + Send + Sync) {
        let warm = async {
            let mut bench = Bench::open(&self.order, &tell).await?;
            for command in &self.found.commands {
                bench.before(command, &tell).await?;
            }
            Ok::<(), String>(())
        };
        if let Err(why) = warm.await {
            tracing::debug!(why, "the commands were not run ahead");
        }
    }
}

fn unknown(why: &str) -> Verdict {
    Verdict::Unknown { proved: Vec::new(), why: format!("not verified: {why}") }
}

/// The faults of the first command that has new ones; claims are put into `proved`. `Err`: why it can't be said.
async fn prove(
    order: &Order,
    found: &Found,
    proved: &mut Vec<String>,
    tell: &(dyn Fn(Step) + Send + Sync),
) -> Result<Option<Verdict>, String> {
    let mut bench = Bench::open(order, tell).await?;
    for (at, command) in found.commands.iter().enumerate() {
        let after = bench.run(command, State::After, tell).await?;
        let claim = if after.faults.is_empty() {
            claim(command, &after)
        } else {
            let before = bench.before(command, tell).await?;
            let known = before.faults.len();
            let allowed = faults::without_meant(before.faults, &order.mend);
            let new = faults::new_faults(&allowed, &after.faults);
            if !new.is_empty() {
                return Ok(Some(Verdict::Faults { command: command.name.clone(), faults: new }));
            }
            if let Some(fault) = after.faults.iter().find(|fault| fault.path.is_empty() && fault.test.is_none()) {
                return Err(format!(
                    "{} fails without the edit, too ({})",
                    command.name,
                    faults::cut(&fault.message, 120)
                ));
            }
            Some(match allowed.len() < known {
                true => format!("{}: mended, no new errors", command.name),
                false => format!("{}: no new errors", command.name),
            })
        };
        proved.extend(claim.clone());
        tell(Step::Passed { claim, next: found.commands.get(at + 1).map(Command::pending) });
    }
    Ok(None)
}

/// What a command that passed shows.
fn claim(command: &Command, report: &Report) -> Option<String> {
    match (&command.shows, report.passed) {
        (Shows::Claim(claim), _) => Some((*claim).to_owned()),
        (Shows::Tests, 0) => None,
        (Shows::Tests, 1) => Some("1 test passes".to_owned()),
        (Shows::Tests, passed) => Some(format!("{passed} tests pass")),
        (Shows::Passes(line), _) => Some(format!("`{line}` passes")),
    }
}

/// Which texts a command runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Before,
    After,
}

/// A shadow with commands at work in it.
struct Bench<'a> {
    order: &'a Order,
    place: Place,
    shadow: Option<Shadow>,
    /// What the shadow holds now.
    holds: Option<(State, Synced)>,
}

impl<'a> Bench<'a> {
    async fn open(order: &'a Order, tell: &(dyn Fn(Step) + Send + Sync)) -> Result<Self, String> {
        let place = Place::of_user(order.policy.root()).map_err(|error| error.to_string())?;
        let mut told = false;
        loop {
            let opening = place.clone();
            let opened = blocking(move || opening.open()).await?.map_err(|error| error.to_string())?;
            if let Some(shadow) = opened {
                return Ok(Self { order, place, shadow: Some(shadow), holds: None });
            }
            if !std::mem::replace(&mut told, true) {
                tell(Step::Doing("waiting for another verification of this workspace".to_owned()));
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    /// Brings the shadow into a state; what it is then.
    async fn hold(&mut self, state: State) -> Result<Synced, String> {
        if let Some((held, synced)) = self.holds
            && held == state
        {
            return Ok(synced);
        }
        let (policy, mut laid) = (self.order.policy.clone(), self.order.open.clone());
        if state == State::After {
            laid.extend(self.order.change.iter().cloned());
        }
        let mut shadow = self.shadow.take().ok_or("the shadow copy was lost")?;
        let (shadow, synced) = blocking(move || {
            let started = std::time::Instant::now();
            let synced = shadow.sync(&policy, &laid);
            tracing::info!(folder = %shadow.place().folder().display(), ?synced, elapsed = ?started.elapsed(), "shadow");
            (shadow, synced)
        })
        .await?;
        self.shadow = Some(shadow);
        let synced = synced.map_err(|error| error.to_string())?;
        self.holds = Some((state, synced));
        Ok(synced)
    }

    async fn run(
        &mut self,
        command: &Command,
        state: State,
        tell: &(dyn Fn(Step) + Send + Sync),
    ) -> Result<Report, String> {
        self.hold(state).await?;
        tell(Step::Doing(match state {
            State::Before => format!("running {} on the code as it was", command.name),
            State::After => format!("running {}", command.name),
        }));
        let tree = self.place.tree();
        let mut env = env::of(&self.place);
        for (name, value) in &command.env {
            env.insert((*name).to_owned(), value.clone());
        }
        let work = Run {
            program: command.program.clone(),
            args: command.args.clone(),
            folder: tree.join(&command.folder),
            env,
            input: None,
            write: vec![self.place.folder().to_owned()],
            limit: LIMIT,
        };
        let started = std::time::Instant::now();
        let ended = run(&work).await.map_err(|error| format!("{} can't be started: {error}", command.name))?;
        tracing::info!(command = command.name, ?state, success = ended.success, elapsed = ?started.elapsed(), "verify");
        // what commands write into the tree is put right before the next one
        self.holds = None;
        if ended.late {
            return Err(format!("{} took longer than {} minutes", command.name, LIMIT.as_secs() / 60));
        }
        Ok(faults::read(command.reads, ended.success, &ended.out, &ended.err, &tree, &command.folder))
    }

    /// What a command says of the workspace as it was, from memory where that is known.
    async fn before(&mut self, command: &Command, tell: &(dyn Fn(Step) + Send + Sync)) -> Result<Report, String> {
        let synced = self.hold(State::Before).await?;
        let line = format!("{:?} {:?} {}", command.program, command.args, command.folder);
        let key = format!("{:016x}", hash(format!("{line} {}", synced.state).as_bytes()));
        let file = self.place.folder().join("before.json");
        let mut known = read_before(&file);
        if let Some(report) = known.remove(&key) {
            return Ok(report);
        }
        let report = self.run(command, State::Before, tell).await?;
        if known.len() >= MOST_BEFORE {
            known.clear();
        }
        known.insert(key, report.clone());
        let _ = std::fs::write(&file, serde_json::to_vec(&known).unwrap_or_default()); // only saves time
        Ok(report)
    }
}

fn read_before(file: &PathBuf) -> BTreeMap<String, Report> {
    let age =
        file.metadata().and_then(|metadata| metadata.modified()).map(|time| SystemTime::now().duration_since(time));
    if !age.is_ok_and(|age| age.is_ok_and(|age| age < BELIEVED_FOR)) {
        return BTreeMap::new();
    }
    serde_json::from_slice(&std::fs::read(file).unwrap_or_default()).unwrap_or_default()
}

/// Work with files, away from the threads that wait for others.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.map_err(|error| format!("a fault in Whittle itself: {error}"))
}
