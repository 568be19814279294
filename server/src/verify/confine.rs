//! What a process gives up before it becomes a verify command: it may write below a few folders only, may use so much
//! memory, ends with its parent, and where nothing else keeps it from the network, opens no TCP connection. In: a
//! [`Confinement`]. Out: the process has it, and so have all that it starts. Never takes anything from another process.

use std::path::PathBuf;

/// What to give up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confinement {
    /// The process ends with its parent, and has limits of memory and of the size of files.
    pub limits: bool,
    /// The folders that may be written below; empty: no rule.
    pub write: Vec<PathBuf>,
    /// No TCP connections, and no listening.
    pub offline: bool,
}

/// Largest file that a verify command may write, in bytes.
#[cfg(unix)]
const LARGEST_FILE: u64 = 8 << 30;

/// Devices that programs write to as a matter of course.
#[cfg(target_os = "linux")]
const DEVICES: [&str; 7] =
    ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/shm"];

/// Confines this process, as far as the system can.
///
/// # Errors
/// What could not be given up though the system has it; the command must not run then.
#[cfg(unix)]
pub fn confine(confinement: &Confinement) -> Result<(), String> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    if confinement.limits {
        #[cfg(target_os = "linux")]
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
            .map_err(|error| format!("it can't be tied to its parent: {error}"))?;
        let limit = |resource, most: u64| {
            let hard = rustix::process::getrlimit(resource).maximum.map_or(most, |hard| hard.min(most));
            setrlimit(resource, Rlimit { current: Some(hard), maximum: Some(hard) })
                .map_err(|error| format!("its memory and files can't be limited: {error}"))
        };
        limit(Resource::Core, 0)?;
        limit(Resource::Fsize, LARGEST_FILE)?;
        #[cfg(target_os = "linux")]
        {
            let system = rustix::system::sysinfo();
            // what is written counts, so that the room which runtimes reserve without using it does not
            limit(Resource::Data, (system.totalram as u64).saturating_mul(u64::from(system.mem_unit)) / 4 * 3)?;
        }
    }
    #[cfg(target_os = "linux")]
    if !confinement.write.is_empty() || confinement.offline {
        landlock(confinement).map_err(|error| format!("the kernel does not take its rules: {error}"))?;
    }
    Ok(())
}

/// Rules that the kernel holds the process to (Landlock); on kernels that have none of them, or fewer, as many as there are.
#[cfg(target_os = "linux")]
fn landlock(confinement: &Confinement) -> Result<(), landlock::RulesetError> {
    use landlock::{
        ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, path_beneath_rules,
    };
    const KNOWN: ABI = ABI::V5;
    let mut rules = Ruleset::default();
    if confinement.offline {
        rules = rules.handle_access(AccessNet::from_all(KNOWN))?;
    }
    if !confinement.write.is_empty() {
        rules = rules.handle_access(AccessFs::from_all(KNOWN))?;
    }
    let mut created = rules.create()?;
    if !confinement.write.is_empty() {
        created = created
            .add_rules(path_beneath_rules(["/"], AccessFs::from_read(KNOWN)))?
            .add_rules(path_beneath_rules(&confinement.write, AccessFs::from_all(KNOWN)))?
            .add_rules(path_beneath_rules(DEVICES, AccessFs::from_all(KNOWN)))?;
    }
    created.restrict_self().map(|_| ())
}
