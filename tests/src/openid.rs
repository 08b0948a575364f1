//! A real OpenID provider from npm, behind a line that can be cut, and a browser that signs in
//! there.
//!
//! Owns the provider's process. It must not know which host asks it.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{OnceLock, mpsc::channel},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value as Json, json};
use ureq::Agent;
use xtask::{
    packages,
    proxy::{Line, Mode},
    workspace,
};

/// How the provider calls the hosts.
pub const CLIENT_ID: &str = "relais";
/// By what it knows them: it must be escaped in a header.
pub const CLIENT_SECRET: &str = "a secret: with+odd/characters%";

/// How long the provider may take to get ready.
const WITHIN: Duration = Duration::from_secs(30);
/// Steps of one sign-in: far more than it takes.
const STEPS: usize = 12;

/// A running provider; it ends when this is dropped, or the process that holds it ends.
pub struct Provider {
    /// Its name, an address on loopback.
    pub issuer: String,
    /// What lies between it and whoever asks.
    pub line: Line,
    process: Child,
    _told: ChildStdin,
}

impl Provider {
    /// Starts a provider on a port that the system chooses.
    ///
    /// # Errors
    /// Fails when npm or the provider does.
    pub fn start() -> Result<Self> {
        let root = workspace::root();
        packages::ensure(&root)?;
        let options = json!({"id": CLIENT_ID, "secret": CLIENT_SECRET});
        let mut process = Command::new("node")
            .arg(root.join("tests/openid/provider.mjs"))
            .arg(options.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It warns, at length, that its keys are for development.
            .stderr(Stdio::null())
            .spawn()
            .context("node cannot be started")?;
        let mut told = process.stdin.take().context("the provider has no input")?;
        let out = process.stdout.take().context("the provider has no output")?;
        let (say, heard) = channel();
        // To its end: a provider that nobody hears any more would die of its next word.
        std::thread::spawn(move || {
            let lines = BufReader::new(out).lines().map_while(Result::ok);
            for line in lines.filter_map(|line| serde_json::from_str::<Json>(&line).ok()) {
                // Whoever started it has heard what there was to hear.
                let _ = say.send(line);
            }
        });
        let said = || heard.recv_timeout(WITHIN).context("the provider says nothing");
        let port = said()?["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        let port = port.context("the provider does not say where it listens")?;
        let line = Line::open(SocketAddr::from(([127, 0, 0, 1], port)), Mode::Pass)?;
        let issuer = format!("http://{}", line.address());
        writeln!(told, "{issuer}").context("the provider does not listen")?;
        said()?["ready"].as_str().context("the provider does not get ready")?;
        Ok(Self { issuer, line, process, _told: told })
    }
}

impl Provider {
    /// Returns what a native host is told of it.
    #[must_use]
    pub fn config(&self) -> toml::Table {
        toml::Table::from_iter([
            ("openid_issuer".to_owned(), self.issuer.as_str().into()),
            ("openid_client_id".to_owned(), CLIENT_ID.into()),
            ("openid_client_secret".to_owned(), CLIENT_SECRET.into()),
            ("openid_label".to_owned(), "Example ID".into()),
        ])
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // A provider that has ended already is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns the provider of this process.
///
/// # Panics
/// Panics when it does not start.
pub fn provider() -> &'static Provider {
    static STARTED: OnceLock<Provider> = OnceLock::new();
    STARTED.get_or_init(|| Provider::start().expect("the provider starts"))
}

/// Signs in at the provider as a browser does, by its own pages, and returns the address to which
/// it sends the browser back.
///
/// # Errors
/// Fails when the provider does not.
pub fn sign_in(start: &str, login: &str) -> Result<String> {
    let config = Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(30)))
        .build();
    let agent: Agent = config.into();
    let mut cookies: BTreeMap<String, String> = BTreeMap::new();
    let (mut url, mut form) = (start.to_owned(), None::<String>);
    for _ in 0..STEPS {
        let header: Vec<String> = cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let header = header.join("; ");
        let mut answer = match form.take() {
            Some(form) => agent
                .post(&url)
                .header("cookie", &header)
                .content_type("application/x-www-form-urlencoded")
                .send(form)?,
            None => agent.get(&url).header("cookie", &header).call()?,
        };
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str()?.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let next = answer.headers().get("location").map(|to| to.to_str()).transpose()?;
        if let Some(next) = next.map(str::to_owned) {
            if next.contains("/login/openid/callback") {
                return Ok(next);
            }
            url = absolute(&url, &next);
            continue;
        }
        let status = answer.status();
        let page = answer.body_mut().read_to_string()?;
        form = Some(match () {
            () if page.contains("name=\"login\"") => {
                format!("prompt=login&login={}&password=x", login.replace('@', "%40"))
            }
            () if page.contains("value=\"consent\"") => "prompt=consent".to_owned(),
            () => bail!("{url} answers {status}: {page}"),
        });
    }
    bail!("the provider never sends the browser back")
}

fn absolute(from: &str, to: &str) -> String {
    if to.starts_with("http") {
        return to.to_owned();
    }
    let origin: String = from.split('/').take(3).collect::<Vec<_>>().join("/");
    format!("{origin}{to}")
}
