//! The built Worker on this machine: `wrangler dev` with a D1 store of its own.
//!
//! Owns how a store is migrated, how variables reach the Worker and when it is ready. It must not
//! build anything, nor know what the Worker answers.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::{
    process::{self, LOOK_EVERY, Running, Show},
    tools,
};

/// The D1 binding in `wrangler.toml`.
const DATABASE: &str = "DB";
/// What wrangler says when it listens, before the address.
const READY: &str = "[wrangler:info] Ready on http://";
/// How long wrangler may take from its start until it listens.
const LISTENS_WITHIN: Duration = Duration::from_secs(90);

/// A running `wrangler dev`; it ends when this is dropped.
pub struct Dev {
    /// The process and everything it started.
    pub running: Running,
    /// Where it listens.
    pub address: SocketAddr,
    /// When it was started; the migrations are not its time.
    pub started: Instant,
}

/// Applies the migrations to the store in `persist_dir`.
///
/// # Errors
/// Fails when wrangler does.
pub fn migrate(root: &Path, persist_dir: &Path) -> Result<()> {
    let mut command = tools::wrangler(root);
    command.args(["d1", "migrations", "apply", DATABASE, "--local", "--persist-to"]);
    let mut said = Vec::new();
    let running = Running::start("wrangler d1", command.arg(persist_dir), Show::Nothing)?;
    let status = running.finish(process::never(), |line| said.push(line.to_owned()))?;
    if !status.success() {
        bail!("the migrations cannot be applied ({status}):\n{}", said.join("\n"));
    }
    Ok(())
}

/// Migrates the store in `persist_dir` and serves the built Worker from it on loopback, with these
/// variables; returns when it listens. Port 0 takes one that is free.
///
/// # Errors
/// Fails when the Worker is not built, or wrangler fails or does not listen in time.
pub fn wrangler_dev(
    root: &Path,
    port: u16,
    vars: &[(&str, &str)],
    persist_dir: &Path,
) -> Result<Dev> {
    fs::create_dir_all(persist_dir).context("cannot make the store's folder")?;
    migrate(root, persist_dir)?;
    let mut command = dev(root, port, vars, persist_dir)?;
    let started = Instant::now();
    let mut running = Running::start("wrangler dev", &mut command, Show::Nothing)?;
    let address = listens(&mut running)?;
    Ok(Dev { running, address, started })
}

/// Waits until wrangler says where it listens; when it does not, its own words are the reason.
fn listens(running: &mut Running) -> Result<SocketAddr> {
    let until = Instant::now() + LISTENS_WITHIN;
    let mut said = Vec::new();
    loop {
        let ended = running.check(until, "did not listen");
        while let Some(line) = running.next_line() {
            if let Some(address) = line.strip_prefix(READY) {
                return address.parse().with_context(|| format!("wrangler listens on `{address}`"));
            }
            said.push(line);
        }
        ended.with_context(|| said.join("\n"))?;
        thread::sleep(LOOK_EVERY);
    }
}

fn dev(root: &Path, port: u16, vars: &[(&str, &str)], persist_dir: &Path) -> Result<Command> {
    let mut command = tools::wrangler(root);
    command
        .args(["dev", "--local", "--show-interactive-dev-session=false"])
        .args(["--ip", &Ipv4Addr::LOCALHOST.to_string(), "--port", &port.to_string()])
        // The inspector would take a fixed port.
        .args(["--inspector-port", "0"])
        .arg("--env-file")
        .arg(env_file(vars, persist_dir)?)
        .arg("--persist-to")
        .arg(persist_dir)
        // Sessions find each other through this folder; each is to be alone.
        .env("WRANGLER_REGISTRY_PATH", persist_dir.join("registry"))
        .env("MINIFLARE_REGISTRY_PATH", persist_dir.join("registry"));
    Ok(command)
}

/// Writes the variables where only their owner reads them: a command line is there for everybody.
fn env_file(vars: &[(&str, &str)], persist_dir: &Path) -> Result<PathBuf> {
    let path = persist_dir.join("vars.env");
    let mut text = String::new();
    for (name, value) in vars {
        if value.contains(['\n', '\r', '\'']) {
            bail!("{name} cannot hold a quote or a line's end");
        }
        text.push_str(&format!("{name}='{value}'\n"));
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_written_quoted_and_refused_when_they_would_break_out() {
        let place = tempfile::tempdir().unwrap();
        let path = env_file(&[("A", "1"), ("B", "two words")], place.path()).unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "A='1'\nB='two words'\n");
        assert!(env_file(&[("A", "it's")], place.path()).is_err());
        assert!(env_file(&[("A", "1\nB=2")], place.path()).is_err());
    }
}
