//! Runs one program: confined as far as the system can, with limits of time and output. In: a [`Run`]. Out: how it ended
//! and what it said. Leaves no process behind: all that it started ends with it, with the limit, and when the future is
//! dropped.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

/// Most bytes that are kept of each output; what follows is read and dropped.
const MOST_OUTPUT: usize = 8 << 20;

/// How long outputs are read after the program ended, where something that it left behind holds them open.
const LINGER: Duration = Duration::from_secs(1);

/// A program to run.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    pub(super) program: PathBuf,
    pub(super) args: Vec<OsString>,
    pub(super) folder: PathBuf,
    /// Variables in place of, or besides, those of this process.
    pub(super) env: BTreeMap<String, OsString>,
    /// What it reads from its standard input.
    pub(super) input: Option<String>,
    /// Folders that it may write below.
    pub(super) write: Vec<PathBuf>,
    pub(super) limit: Duration,
}

/// How a program ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    /// It ended by itself with status 0.
    pub(super) success: bool,
    /// The limit of time ended it.
    pub(super) late: bool,
    pub(super) out: String,
    pub(super) err: String,
}

/// Runs a program to its end.
///
/// # Errors
/// When it can't be started.
pub(super) async fn run(run: &Run) -> io::Result<Ended> {
    let protection = protection().await;
    let mut command = protection.command(run);
    command.current_dir(&run.folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.stdin(if run.input.is_some() { Stdio::piped() } else { Stdio::null() });
    for (name, _) in std::env::vars_os() {
        if is_secret(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    command.envs(&run.env).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn()?;
    let group = Group::of(&child);
    let (out, err) = (Output::of(child.stdout.take()), Output::of(child.stderr.take()));
    let input = child.stdin.take().zip(run.input.clone());
    let work = async {
        let write = async {
            if let Some((mut pipe, text)) = input {
                let _ = pipe.write_all(text.as_bytes()).await; // a program that reads no further says so by its status
            }
        };
        tokio::join!(write, child.wait()).1
    };
    let ended = tokio::time::timeout(run.limit, work).await;
    drop(group);
    let status = ended.ok().transpose()?;
    let late = status.is_none();
    let (out, err) = tokio::join!(out.text(), err.text());
    Ok(Ended { success: status.is_some_and(|status| status.success()), late, out, err })
}

/// Whether a variable's name says that its value is secret, or leads to a program that gives secrets away.
fn is_secret(name: &str) -> bool {
    const PARTS: [&str; 9] = ["KEY", "TOKEN", "SECRET", "PASSW", "CREDENTIAL", "AUTH", "SESSION", "WHITTLE_", "DBUS"];
    let name = name.to_ascii_uppercase();
    PARTS.iter().any(|part| name.contains(part)) || name.starts_with("AWS_") || name == "SSH_AGENT_PID"
}

/// What keeps programs from what is not theirs.
#[derive(Debug, Default)]
struct Protection {
    /// `unshare` with the options that work here; empty: it does not.
    unshare: Vec<OsString>,
    /// This program, which confines itself and then becomes the command.
    helper: Option<PathBuf>,
}

/// Namespaces of its own: no network; processes that end together; an ordinary user with no rights over others' files.
#[cfg(target_os = "linux")]
const NAMESPACES: [&str; 6] = ["--user", "--net", "--pid", "--fork", "--kill-child", "--ipc"];

async fn protection() -> &'static Protection {
    static KNOWN: OnceLock<Protection> = OnceLock::new();
    if let Some(known) = KNOWN.get() {
        return known;
    }
    let found = Protection { unshare: unshare().await.unwrap_or_default(), helper: helper() };
    KNOWN.get_or_init(|| {
        let no_network = if !found.unshare.is_empty() { "namespaces" } else { "none" };
        let files = if found.helper.is_some() { "this program's rules" } else { "none" };
        tracing::info!(no_network, files, "protection of verify commands");
        found
    })
}

/// This executable, where it is `whittle` and the system has rules that it can give itself.
fn helper() -> Option<PathBuf> {
    let own = std::env::current_exe().ok().filter(|_| cfg!(unix))?;
    (own.file_stem()? == "whittle" && own.is_file()).then_some(own)
}

#[cfg(target_os = "linux")]
async fn unshare() -> Option<Vec<OsString>> {
    let program = find("unshare", None)?;
    let (user, group) = (rustix::process::getuid(), rustix::process::getgid());
    // whoever is root here is not in there
    let id = |id: u32| if id == 0 { 1000 } else { id };
    let mut options: Vec<OsString> = vec![program.into()];
    options.extend(NAMESPACES.map(OsString::from));
    options.push(format!("--map-user={}", id(user.as_raw())).into());
    options.push(format!("--map-group={}", id(group.as_raw())).into());
    options.push("--".into());
    let mut probe = Command::new(options.first()?);
    probe.args(options.iter().skip(1)).args(["sh", "-c", ":"]);
    probe.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let works = tokio::time::timeout(Duration::from_secs(5), probe.status()).await;
    works.ok()?.ok()?.success().then_some(options)
}

#[cfg(not(target_os = "linux"))]
async fn unshare() -> Option<Vec<OsString>> {
    None
}

impl Protection {
    fn command(&self, run: &Run) -> Command {
        let mut line: Vec<OsString> = Vec::new();
        let confine = |line: &mut Vec<OsString>, helper: &Path, options: &mut dyn Iterator<Item = OsString>| {
            line.extend([helper.as_os_str().to_owned(), "confine".into()]);
            line.extend(options);
            line.push("--".into());
        };
        let offline = self.unshare.is_empty().then(|| OsString::from("--offline"));
        if let Some(helper) = &self.helper {
            confine(&mut line, helper, &mut ["--limits".into()].into_iter());
        }
        line.extend(self.unshare.iter().cloned());
        if let Some(helper) = &self.helper {
            let write = run.write.iter().flat_map(|folder| [OsString::from("--write"), folder.clone().into()]);
            confine(&mut line, helper, &mut write.chain(offline));
        }
        line.push(run.program.clone().into());
        line.extend(run.args.iter().cloned());
        let mut line = line.into_iter();
        let mut command = Command::new(line.next().unwrap_or_default());
        command.args(line);
        command
    }
}

/// The processes of a command; all of them end when it is dropped.
struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

impl Group {
    #[cfg(unix)]
    fn of(child: &Child) -> Self {
        Self { leader: child.id().and_then(|id| rustix::process::Pid::from_raw(id.try_into().ok()?)) }
    }

    #[cfg(not(unix))]
    fn of(_: &Child) -> Self {
        Self {}
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(leader) = self.leader {
            // nobody is left in the group when all ended by themselves
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}

/// What comes out of a pipe, read on while nobody looks.
struct Output {
    text: Arc<Mutex<Vec<u8>>>,
    reader: tokio::task::JoinHandle<()>,
}

impl Output {
    fn of(pipe: Option<impl AsyncRead + Unpin + Send + 'static>) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let kept = text.clone();
        let reader = tokio::spawn(async move {
            let Some(mut pipe) = pipe else { return };
            let mut room = vec![0; 1 << 16];
            while let Ok(read @ 1..) = pipe.read(&mut room).await {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let fits = read.min(MOST_OUTPUT - kept.len());
                kept.extend_from_slice(room.get(..fits).unwrap_or_default());
            }
        });
        Self { text, reader }
    }

    async fn text(mut self) -> String {
        let _ = tokio::time::timeout(LINGER, &mut self.reader).await;
        let bytes = std::mem::take(&mut *self.text.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// Where a program lies: in `near`, else on the path.
pub(super) fn find(name: &str, near: Option<&Path>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ".bat"] } else { &[""] };
    let folders = near.map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
    folders.filter(|folder| folder.is_absolute()).find_map(|folder| {
        endings.iter().map(|ending| folder.join(format!("{name}{ending}"))).find(|file| is_program(file))
    })
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn shell(line: &str, limit: Duration) -> Run {
        Run {
            program: find("sh", None).unwrap(),
            args: vec!["-c".into(), line.into()],
            folder: std::env::temp_dir(),
            limit,
            ..Run::default()
        }
    }

    #[tokio::test]
    #[cfg(unix)]
    async fn output_status_and_input_come_through() {
        let mut both = shell("cat; echo no >&2; exit 3", Duration::from_secs(20));
        both.input = Some("yes".to_owned());
        let ended = run(&both).await.unwrap();
        assert_eq!((ended.success, ended.late, ended.out.as_str(), ended.err.as_str()), (false, false, "yes", "no\n"));
        assert!(run(&shell("true", Duration::from_secs(20))).await.unwrap().success);
        let much = run(&shell("head -c 20000000 /dev/zero | tr '\\0' x", Duration::from_secs(60))).await.unwrap();
        assert_eq!((much.out.len(), much.success), (MOST_OUTPUT, true));
    }

    #[test]
    fn secrets_stay_out_of_the_environment() {
        for name in
            ["OPENAI_API_KEY", "GITHUB_TOKEN", "npm_config__authToken", "DB_PASSWORD", "AWS_PROFILE", "WHITTLE_X"]
        {
            assert!(is_secret(name), "{name}");
        }
        for name in ["PATH", "HOME", "LANG", "CARGO_HOME", "RUSTFLAGS", "VIRTUAL_ENV"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    /// A marker file grows while something runs.
    #[cfg(unix)]
    async fn grows(file: &Path) -> bool {
        let size = || file.metadata().map_or(0, |metadata| metadata.len());
        let before = size();
        tokio::time::sleep(Duration::from_millis(400)).await;
        size() > before
    }

    #[tokio::test]
    #[cfg(unix)]
    async fn nothing_is_left_running_after_the_limit_or_when_nobody_waits() {
        let folder = tempfile::tempdir().unwrap();
        let line = |name: &str| {
            let file = folder.path().join(name);
            // a grandchild that would go on
            let line = format!("sh -c 'while :; do echo x >> {0}; sleep 0.02; done' & wait", file.display());
            (file, line)
        };
        let (file, endless) = line("late");
        let started = Instant::now();
        let ended = run(&shell(&endless, Duration::from_millis(700))).await.unwrap();
        assert!(ended.late && !ended.success && started.elapsed() < Duration::from_secs(20));
        assert!(file.exists() && !grows(&file).await);

        let (file, endless) = line("dropped");
        let job = tokio::spawn(async move { run(&shell(&endless, Duration::from_secs(60))).await });
        let begun = Instant::now();
        while !file.exists() && begun.elapsed() < Duration::from_secs(20) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(grows(&file).await);
        job.abort();
        let _ = job.await;
        assert!(!grows(&file).await);

        // one that the program itself left behind
        let (file, endless) = line("left");
        let ended = run(&shell(endless.trim_end_matches("wait"), Duration::from_secs(20))).await.unwrap();
        assert!(ended.success && !grows(&file).await);
    }

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn there_is_no_network_where_the_system_can_take_it_away() {
        if unshare().await.is_none() {
            return; // no namespaces for users here: nothing to test
        }
        let ended = run(&shell("cat /proc/net/route /proc/net/dev; id -u", Duration::from_secs(20))).await.unwrap();
        assert!(!ended.out.contains("eth") && !ended.out.ends_with("\n0\n"), "{}", ended.out);
    }
}
