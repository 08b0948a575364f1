//! Child processes and their ends: steps that run to completion, servers that stay.
//!
//! Every child leads a process group of its own, so that what it starts ends with it. This file
//! must not know what the programs do.

use std::{
    io::{BufRead as _, BufReader, Read, Write as _},
    os::unix::process::CommandExt as _,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use signal_hook::consts::{SIGINT, SIGTERM};

/// How often a wait looks at what it waits for.
pub const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long a child may take to end after it was asked to.
const END_WITHIN: Duration = Duration::from_secs(10);
/// How long what a child started may outlive it.
const GROUP_ENDS_WITHIN: Duration = Duration::from_secs(2);
/// How long the last lines of an ended child may take to arrive.
const LAST_LINES_WITHIN: Duration = Duration::from_secs(5);

/// Catches SIGINT and SIGTERM from now on, so that children are ended before this process is.
///
/// # Errors
/// Fails when the handlers cannot be installed.
pub fn catch_signals() -> Result<()> {
    let caught = caught();
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_usize(signal, Arc::clone(caught), signal as usize)
            .context("cannot catch signals")?;
    }
    Ok(())
}

/// Tells whether somebody asked this process to end.
#[must_use]
pub fn asked_to_end() -> bool {
    caught().load(Ordering::Relaxed) != 0
}

fn caught() -> &'static Arc<AtomicUsize> {
    static CAUGHT: OnceLock<Arc<AtomicUsize>> = OnceLock::new();
    CAUGHT.get_or_init(Arc::default)
}

/// Where the lines of a child go.
#[derive(Clone, Copy)]
pub enum Show {
    /// To stderr, each behind the child's name.
    Named(&'static str),
    /// To stderr as they are.
    Plain,
    /// Nowhere; whoever started the child reads them.
    Nothing,
    /// Lines of stdout nowhere; stderr is this process's own, so that progress bars work.
    Progress,
    /// Both are this process's stderr; there are no lines to read.
    Through,
}

/// A running child and whatever it started.
pub struct Running {
    name: String,
    child: Child,
    group: Option<Pid>,
    lines: mpsc::Receiver<String>,
}

impl Running {
    /// Starts a child without input; its lines are shown and kept for [`Running::next_line`].
    ///
    /// # Errors
    /// Fails when the program cannot be started.
    pub fn start(name: &str, command: &mut Command, show: Show) -> Result<Self> {
        let (stdout, stderr) = match show {
            Show::Named(_) | Show::Plain | Show::Nothing => (Stdio::piped(), Stdio::piped()),
            Show::Progress => (Stdio::piped(), Stdio::inherit()),
            Show::Through => (Stdio::from(std::io::stderr()), Stdio::inherit()),
        };
        command.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        let mut child = command
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name} ({})", program(command)))?;
        let (sender, lines) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            follow(stdout, show, sender.clone());
        }
        if let Some(stderr) = child.stderr.take() {
            follow(stderr, show, sender);
        }
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        Ok(Self { name: name.to_owned(), child, group, lines })
    }

    /// Returns what the child is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the process's number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Returns the next line that has arrived, if any.
    pub fn next_line(&self) -> Option<String> {
        self.lines.try_recv().ok()
    }

    /// Returns how the child ended, if it has.
    ///
    /// # Errors
    /// Fails when the system cannot say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().with_context(|| format!("cannot watch {}", self.name))
    }

    /// Waits for the line that starts with `prefix` and returns the rest of it.
    ///
    /// # Errors
    /// Fails when the child ends first, the time is over or this process is asked to end.
    pub fn wait_for(&mut self, prefix: &str, within: Duration) -> Result<String> {
        let until = Instant::now() + within;
        loop {
            while let Some(line) = self.next_line() {
                if let Some(rest) = line.strip_prefix(prefix) {
                    return Ok(rest.trim().to_owned());
                }
            }
            self.check(until, "did not get ready")?;
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Fails when the child has ended, the time is over or this process is asked to end.
    ///
    /// # Errors
    /// See above.
    pub fn check(&mut self, until: Instant, complaint: &str) -> Result<()> {
        if let Some(status) = self.ended()? {
            bail!("{} ended by itself ({status})", self.name);
        }
        if asked_to_end() {
            bail!("interrupted");
        }
        if Instant::now() > until {
            bail!("{} {complaint} in time", self.name);
        }
        Ok(())
    }

    /// Waits for the child's end and hands its lines to `read` meanwhile.
    ///
    /// # Errors
    /// Fails, and ends the child, when the time is over or this process is asked to end.
    pub fn finish(mut self, until: Instant, mut read: impl FnMut(&str)) -> Result<ExitStatus> {
        loop {
            while let Some(line) = self.next_line() {
                read(&line);
            }
            if let Some(status) = self.ended()? {
                // What the child left behind may hold the pipe open: its lines are not waited for.
                while let Ok(line) = self.lines.recv_timeout(LAST_LINES_WITHIN) {
                    read(&line);
                }
                return Ok(status);
            }
            if let Err(error) = self.check(until, "did not finish") {
                self.end();
                return Err(error);
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Asks the child and whatever it started to end, without waiting.
    pub fn ask_to_end(&self) {
        self.signal(Signal::TERM);
    }

    /// Ends the child and whatever it started, politely first.
    pub fn end(&mut self) {
        self.ask_to_end();
        let until = Instant::now() + END_WITHIN;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < until {
            thread::sleep(LOOK_EVERY);
        }
        self.wait_until_empty();
        self.signal(Signal::KILL);
        // After SIGKILL the wait is short, and without it the process would stay as a zombie.
        if let Err(error) = self.child.wait() {
            eprintln!("cannot wait for {}: {error}", self.name);
        }
        self.wait_until_empty();
        self.group = None;
    }

    /// Gives what the child started a moment to end: only then are its ports free again.
    fn wait_until_empty(&self) {
        let until = Instant::now() + GROUP_ENDS_WITHIN;
        let lives = || self.group.is_some_and(|group| test_kill_process_group(group).is_ok());
        while lives() && Instant::now() < until {
            thread::sleep(LOOK_EVERY);
        }
    }

    fn signal(&self, signal: Signal) {
        // An error means that the group is empty already, which is what is wanted.
        let _empty = self.group.map(|group| kill_process_group(group, signal));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.group.is_some() {
            self.end();
        }
    }
}

/// Runs a command to its end with its output streaming through.
///
/// # Errors
/// Fails when it cannot be started, fails itself, or this process is asked to end.
pub fn step(title: &str, command: &mut Command) -> Result<()> {
    let status = Running::start(title, command, Show::Through)?.finish(never(), |_| ())?;
    succeeded(title, status)
}

/// Runs a command to its end and returns the lines of its stdout; stderr streams through.
///
/// # Errors
/// Fails when it cannot be started, fails itself, or this process is asked to end.
pub fn lines(title: &str, command: &mut Command) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let running = Running::start(title, command, Show::Progress)?;
    let status = running.finish(never(), |line| lines.push(line.to_owned()))?;
    succeeded(title, status)?;
    Ok(lines)
}

/// Tells whether a program is there and answers.
#[must_use]
pub fn answers(program: &str, arguments: &[&str]) -> bool {
    let quiet = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    quiet.is_ok_and(|status| status.success())
}

/// Returns an instant that no wait reaches.
#[must_use]
pub fn never() -> Instant {
    const DAY: Duration = Duration::from_hours(24);
    Instant::now() + DAY
}

fn succeeded(title: &str, status: ExitStatus) -> Result<()> {
    if status.success() { Ok(()) } else { Err(anyhow!("{title} failed ({status})")) }
}

fn program(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn follow(from: impl Read + Send + 'static, show: Show, to: mpsc::Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n') {
            let Ok(bytes) = line else { return };
            let line = String::from_utf8_lossy(&bytes).trim_end_matches('\r').to_owned();
            // When nobody reads stderr any more, the child is still followed to its end.
            let _unread = match show {
                Show::Named(name) => writeln!(std::io::stderr(), "{name:>8} | {line}"),
                Show::Plain => writeln!(std::io::stderr(), "{line}"),
                Show::Nothing | Show::Progress | Show::Through => Ok(()),
            };
            let _nobody_waits = to.send(line);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_server_is_ready_when_it_says_so() {
        let mut command = shell("echo starting; echo listening http://here; exec sleep 60");
        let mut server = Running::start("server", &mut command, Show::Nothing).unwrap();
        let address = server.wait_for("listening ", Duration::from_secs(20)).unwrap();
        assert_eq!(address, "http://here");
    }

    #[test]
    fn a_server_that_ends_before_it_is_ready_is_named() {
        let mut server = Running::start("server", &mut shell("exit 3"), Show::Nothing).unwrap();
        let error = server.wait_for("listening ", Duration::from_secs(20)).unwrap_err();
        assert_eq!(error.to_string(), "server ended by itself (exit status: 3)");
    }

    #[test]
    fn what_a_child_started_ends_with_it() {
        let mut command = shell("sleep 60 & echo grandchild $!; wait");
        let mut server = Running::start("server", &mut command, Show::Nothing).unwrap();
        let pid = server.wait_for("grandchild ", Duration::from_secs(20)).unwrap();
        server.end();
        // The process is gone, or a zombie that its new parent has not collected yet.
        let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        assert!(state.is_empty() || state.contains(") Z "), "still there: {state}");
    }

    #[test]
    fn a_child_that_does_not_finish_in_time_is_ended() {
        let child = Running::start("child", &mut shell("sleep 60"), Show::Nothing).unwrap();
        let error = child.finish(Instant::now(), |_| ()).unwrap_err();
        assert_eq!(error.to_string(), "child did not finish in time");
    }

    #[test]
    fn every_line_of_a_finished_child_is_read() {
        let mut command = shell("for i in 1 2 3; do echo $i; done; echo 4 >&2");
        let mut lines = Vec::new();
        let child = Running::start("child", &mut command, Show::Nothing).unwrap();
        let status = child.finish(never(), |line| lines.push(line.to_owned())).unwrap();
        lines.sort();
        assert!(status.success());
        assert_eq!(lines, ["1", "2", "3", "4"]);
    }

    #[test]
    fn a_failed_step_says_which() {
        let error = step("the build", &mut shell("exit 2")).unwrap_err();
        assert_eq!(error.to_string(), "the build failed (exit status: 2)");
    }
}
