//! A native host, gateway or edge, as a process of its own: it can be killed at any moment, and
//! started again where it was. It must not know why somebody kills it.

use std::{
    fs::{self, OpenOptions},
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

/// What is logged where nobody asked for more.
const TELLING: &str = "warn,relais=debug";
const LISTENING: &str = "listening http://";
const LISTENING_SECURELY: &str = "listening https://";
/// Where HTTPS is served, where it is.
const TLS_LISTEN: &str = "tls_listen";

/// What `relais` is asked to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One venue on site.
    Gateway,
    /// The self-hosted edge.
    Edge,
}

impl Kind {
    fn command(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Edge => "edge",
        }
    }
}

/// A host and its process; it ends when this is dropped.
pub struct Native {
    relais: PathBuf,
    kind: Kind,
    config: toml::Table,
    folder: PathBuf,
    telling: &'static str,
    address: SocketAddr,
    running: Option<(Child, BufReader<ChildStdout>)>,
}

impl Native {
    /// Starts a host on a port that the system chooses; configuration and log go to the folder.
    ///
    /// # Errors
    /// Fails when it does not start.
    pub fn start(relais: &Path, kind: Kind, config: toml::Table, folder: &Path) -> Result<Self> {
        Self::start_telling(relais, kind, config, (folder, TELLING))
    }

    /// Starts a host that logs as much as this filter lets through.
    ///
    /// # Errors
    /// Fails when it does not start.
    pub fn start_telling(
        relais: &Path,
        kind: Kind,
        config: toml::Table,
        (folder, telling): (&Path, &'static str),
    ) -> Result<Self> {
        let mut host = Self {
            relais: relais.to_owned(),
            kind,
            config,
            folder: folder.to_owned(),
            telling,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            running: None,
        };
        host.restart()?;
        Ok(host)
    }

    /// Gives it another configuration, from its next start on.
    pub fn configure(&mut self, config: toml::Table) {
        self.config = config;
    }

    /// Returns where it listens, or listened before it was killed.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts it again, where it was, on the data that it left, and waits until it listens.
    ///
    /// # Errors
    /// Fails when it runs already or does not start.
    pub fn restart(&mut self) -> Result<()> {
        self.begin()?;
        let (_, out) = self.running.as_mut().context("it has just been started")?;
        let mut line = String::new();
        out.read_line(&mut line).context("the host says nothing")?;
        let address = line.trim().strip_prefix(LISTENING).and_then(|rest| rest.parse().ok());
        match address {
            Some(address) => self.address = address,
            None => bail!("the host said `{line}`; its log ends:\n{}", self.log()),
        }
        if self.config.contains_key(TLS_LISTEN) {
            let mut line = String::new();
            out.read_line(&mut line).context("the host says nothing of HTTPS")?;
            let address = line.trim().strip_prefix(LISTENING_SECURELY);
            let address = address.with_context(|| format!("the host said `{line}`"))?;
            // From then on it is found where it was.
            self.config.insert(TLS_LISTEN.to_owned(), address.into());
        }
        Ok(())
    }

    /// Returns where it serves HTTPS; none where it does not.
    #[must_use]
    pub fn secure_address(&self) -> Option<SocketAddr> {
        self.config.get(TLS_LISTEN)?.as_str()?.parse().ok()
    }

    /// Starts it again without waiting for anything.
    ///
    /// # Errors
    /// Fails when it runs already or cannot be started.
    pub fn begin(&mut self) -> Result<()> {
        if self.running.is_some() {
            bail!("the host runs already");
        }
        self.config.insert("listen".to_owned(), self.address.to_string().into());
        fs::write(self.config_file(), self.config.to_string())?;
        let log = OpenOptions::new().create(true).append(true).open(self.log_file())?;
        let mut child = Command::new(&self.relais)
            .args([self.kind.command(), "--config"])
            .arg(self.config_file())
            .env("RELAIS_LOG", self.telling)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("the host cannot be started")?;
        let out = BufReader::new(child.stdout.take().context("the host has no output")?);
        self.running = Some((child, out));
        Ok(())
    }

    /// Ends it without a farewell (SIGKILL).
    ///
    /// # Errors
    /// Fails when it does not run.
    pub fn kill(&mut self) -> Result<()> {
        let (mut child, _out) = self.running.take().context("the host does not run")?;
        child.kill().context("the host cannot be killed")?;
        child.wait().context("the host does not end").map(drop)
    }

    /// Returns the process's number.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(|(child, _)| child.id())
    }

    /// Returns where it keeps its data.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.config.get("data_dir").and_then(toml::Value::as_str).unwrap_or_default().into()
    }

    /// Returns all that it has logged, from its first start on.
    #[must_use]
    pub fn whole_log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Returns the end of its log.
    #[must_use]
    pub fn log(&self) -> String {
        let text = self.whole_log();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
    }

    fn config_file(&self) -> PathBuf {
        self.folder.join(format!("{}.toml", self.kind.command()))
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join(format!("{}.log", self.kind.command()))
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        if self.running.is_some()
            && let Err(error) = self.kill()
        {
            eprintln!("{error:#}");
        }
    }
}
