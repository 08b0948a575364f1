//! The gateway of a site: it can be killed as a loss of power would, and started again where it
//! was. It must not know why somebody kills it.

use std::{
    fs::{self, OpenOptions},
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use xtask::process;

/// The file of the gateway's log, in the site's folder.
pub(super) const LOG: &str = "gateway.log";
const CONFIG: &str = "gateway.toml";
const LISTENING: &str = "listening http://";

/// A gateway and its process; it ends when this is dropped.
pub struct Gateway {
    relais: PathBuf,
    config: toml::Table,
    folder: PathBuf,
    address: SocketAddr,
    running: Option<(Child, BufReader<ChildStdout>)>,
}

impl Gateway {
    /// Starts a gateway on a port that the system chooses.
    ///
    /// # Errors
    /// Fails when it does not start.
    pub(super) fn start(relais: &Path, config: toml::Table, folder: &Path) -> Result<Self> {
        let mut gateway = Self {
            relais: relais.to_owned(),
            config,
            folder: folder.to_owned(),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            running: None,
        };
        gateway.restart()?;
        Ok(gateway)
    }

    /// Returns where it listens, or listened before it was killed.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts it again, where it was, on the data that it left.
    ///
    /// # Errors
    /// Fails when it runs already or does not start.
    pub(super) fn restart(&mut self) -> Result<()> {
        if self.running.is_some() {
            bail!("the gateway runs already");
        }
        self.config.insert("listen".to_owned(), self.address.to_string().into());
        fs::write(self.folder.join(CONFIG), self.config.to_string())?;
        let log = OpenOptions::new().create(true).append(true).open(self.folder.join(LOG))?;
        let mut child = Command::new(&self.relais)
            .args(["gateway", "--config"])
            .arg(self.folder.join(CONFIG))
            .env("RELAIS_LOG", "warn,relais=debug")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("the gateway cannot be started")?;
        let mut out = BufReader::new(child.stdout.take().context("the gateway has no output")?);
        let mut line = String::new();
        let read = out.read_line(&mut line);
        // From here on the process ends with this value, whatever its first line is.
        self.running = Some((child, out));
        read.context("the gateway says nothing")?;
        let address = line.trim().strip_prefix(LISTENING).and_then(|rest| rest.parse().ok());
        self.address = address.with_context(|| format!("the gateway said `{line}`"))?;
        Ok(())
    }

    /// Ends it without a farewell (SIGKILL).
    ///
    /// # Errors
    /// Fails when it does not run.
    pub(super) fn kill(&mut self) -> Result<()> {
        let (mut child, _out) = self.running.take().context("the gateway does not run")?;
        child.kill().context("the gateway cannot be killed")?;
        child.wait().context("the gateway does not end").map(drop)
    }

    /// Returns the keys of its stations, as JSON.
    pub(super) fn station_keys(&self) -> Result<String> {
        let mut command = Command::new(&self.relais);
        command.args(["station-keys", "--config"]).arg(self.folder.join(CONFIG));
        Ok(process::lines("relais station-keys", &mut command)?.join(""))
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if self.running.is_some()
            && let Err(error) = self.kill()
        {
            eprintln!("{error:#}");
        }
    }
}
