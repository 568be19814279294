//! Which process wrote something, and whether it still runs. A number alone does not say so: systems give it again.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// A process of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Process {
    /// Its number.
    pub(super) id: u32,
    /// What tells it from others with the same number: when it started, and since which start of the machine. Empty
    /// where the system does not say.
    started: String,
}

impl Process {
    /// This one.
    pub(super) fn own() -> &'static Self {
        static OWN: LazyLock<Process> = LazyLock::new(|| {
            let id = std::process::id();
            Process { id, started: started(id).unwrap_or_default() }
        });
        &OWN
    }

    /// Whether it runs; a process of another user does, too.
    pub(super) fn lives(&self) -> bool {
        match started(self.id) {
            Some(now) if !self.started.is_empty() => now == self.started,
            _ => is_there(self.id),
        }
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.started)
    }
}

impl FromStr for Process {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (id, started) = text.split_once(' ').ok_or(())?;
        Ok(Self { id: id.parse().map_err(|_| ())?, started: started.to_owned() })
    }
}

/// When a process started, as Linux tells it; `None` elsewhere and for one that is gone.
fn started(id: u32) -> Option<String> {
    static BOOT: LazyLock<String> = LazyLock::new(|| {
        std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
    });
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // its name, in brackets, may hold anything; the start is the 22nd value, the 20th after the name
    let mut values = stat.rsplit_once(')')?.1.split_whitespace();
    if values.next()? == "Z" {
        return Some("ended".to_owned()); // dead, and not yet fetched by its parent
    }
    Some(format!("{} {}", values.nth(18)?, *BOOT))
}

#[cfg(unix)]
pub(super) fn is_there(id: u32) -> bool {
    use rustix::process::{Pid, test_kill_process};
    let id = i32::try_from(id).ok().filter(|id| *id > 0).and_then(Pid::from_raw);
    // not permitted to signal it means that it is there
    id.is_some_and(|id| !matches!(test_kill_process(id), Err(rustix::io::Errno::SRCH)))
}

#[cfg(not(unix))]
pub(super) fn is_there(id: u32) -> bool {
    let mut list = std::process::Command::new("tasklist");
    let listed = list.args(["/NH", "/FI", &format!("PID eq {id}")]).output();
    // what can't be known counts as running: it keeps what it holds
    listed.map_or(true, |listed| String::from_utf8_lossy(&listed.stdout).contains(&id.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_lives_until_it_ends() {
        let own: Process = Process::own().to_string().parse().unwrap();
        assert_eq!(&own, Process::own());
        assert!(own.lives());
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let gone = Process { id: child.id(), started: "1 x".to_owned() };
        child.wait().unwrap();
        assert!(!gone.lives());
        #[cfg(target_os = "linux")]
        assert!(!Process { id: own.id, started: "1 x".to_owned() }.lives(), "another one with the same number");
    }
}
