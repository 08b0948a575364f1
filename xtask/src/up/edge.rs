//! The edge of a running venue: which programs it needs, how each kind starts, how it is set up.
//!
//! It must not know what a venue document says.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use serde_json::Value;
use toml::Table;

use super::{
    Served,
    data::{Data, Secrets},
    options::{EdgeKind, Options},
};
use crate::{
    build, build_spin,
    http::Client,
    process::{LOOK_EVERY, Running, Show},
    program, vendor, workspace,
    wrangler::wrangler_dev,
};

/// The venue that is loaded.
pub(super) const DOCUMENT: &str = "fixtures/venues/chakri.json";
/// The made-up people who work there.
pub(super) const PEOPLE: &str = "fixtures/venues/chakri-people.json";
/// How long a server may take from its start to its first good answer.
pub(super) const READY_WITHIN: Duration = Duration::from_secs(60);

/// What was built.
pub(super) struct Parts {
    /// The program `relais`.
    pub(super) relais: PathBuf,
    spin: Option<Spin>,
}

struct Spin {
    host: PathBuf,
    component: PathBuf,
}

/// What the edge says about the venue that was set up on it.
pub(super) struct Enrolled {
    /// The program with which the gateway is started.
    pub(super) relais: PathBuf,
    /// The venue's id.
    pub(super) venue: String,
    /// The gateway's device name.
    pub(super) device: String,
    /// The key with which the gateway signs.
    pub(super) device_key: String,
    pub(super) shared_key: String,
    /// The made-up people who work there, as JSON.
    pub(super) people: String,
    /// With what a table sensor of the demo posts.
    pub(super) sensor_token: String,
}

/// Builds what is missing.
pub(super) fn build(options: &Options) -> Result<Parts> {
    vendor::ensure()?;
    let relais = match options.optimised {
        true => program::build_optimised("device-gateway", "relais")?,
        false => program::build("device-gateway", "relais")?,
    };
    let root = workspace::root();
    let spin = match options.edge {
        EdgeKind::Native => None,
        EdgeKind::Wrangler => {
            build::build_edge(&root)?;
            None
        }
        EdgeKind::Spin => Some(Spin {
            component: build_spin::build_spin(&root)?,
            host: program::build("spin-host", "spin-host")?,
        }),
    };
    Ok(Parts { relais, spin })
}

/// Starts the edge and waits until its store answers.
pub(super) fn start(
    options: &Options,
    data: &Data,
    secrets: &Secrets,
    parts: &Parts,
) -> Result<Served> {
    let mut served = match &parts.spin {
        Some(spin) => in_spin(options, data, spin)?,
        None if options.edge == EdgeKind::Wrangler => in_wrangler(options, data, secrets)?,
        None => native(options, data, secrets, parts)?,
    };
    wait_until_healthy(&mut served)?;
    Ok(served)
}

fn native(options: &Options, data: &Data, secrets: &Secrets, parts: &Parts) -> Result<Served> {
    let mut config = config(options.edge_port, data.inside("native/edge")?);
    config.insert("secret".to_owned(), secrets.edge.clone().into());
    config.insert("setup_code".to_owned(), secrets.setup_code.clone().into());
    let path = data.write("edge.toml", &config.to_string())?;
    let mut command = relais(&parts.relais);
    serve("edge", command.args(["edge", "--config"]).arg(path))
}

/// Serves the Worker in workerd.
fn in_wrangler(options: &Options, data: &Data, secrets: &Secrets) -> Result<Served> {
    let variables = [
        ("RELAIS_SECRET", secrets.edge.as_str()),
        ("RELAIS_SETUP_CODE", secrets.setup_code.as_str()),
        ("RELAIS_DEMO", "1"),
        ("RELAIS_SECURE_COOKIES", "0"),
    ];
    let store = data.inside("wrangler/edge")?;
    let dev = wrangler_dev(&workspace::root(), options.edge_port, &variables, &store)?;
    Ok(Served { running: dev.running, address: dev.address })
}

/// Serves the component in the Spin host; secrets travel in files, which only their owner reads.
fn in_spin(options: &Options, data: &Data, spin: &Spin) -> Result<Served> {
    let in_file = |name: &str| format!("@{}", data.folder().join(name).display());
    let mut command = Command::new(&spin.host);
    command
        .current_dir(workspace::root())
        .args(["--manifest", "spin.toml", "--component"])
        .arg(&spin.component)
        .args(["--listen", &format!("127.0.0.1:{}", options.edge_port), "--state-dir"])
        .arg(data.inside("spin/edge")?)
        .args(["--variable", "relais_demo=1", "--variable", "relais_secure_cookies=0"])
        .args(["--variable", &format!("relais_secret={}", in_file("edge-secret"))])
        .args(["--variable", &format!("relais_setup_code={}", in_file("setup-code"))]);
    serve("edge", &mut command)
}

/// Returns the configuration that every `relais` on this machine has.
pub(super) fn config(port: u16, store: PathBuf) -> Table {
    let text = |path: PathBuf| toml::Value::String(path.to_string_lossy().into_owned());
    Table::from_iter([
        ("listen".to_owned(), toml::Value::String(format!("127.0.0.1:{port}"))),
        ("data_dir".to_owned(), text(store)),
        ("static_dir".to_owned(), text(workspace::root().join("static"))),
        ("demo".to_owned(), toml::Value::Boolean(true)),
    ])
}

/// Returns the program without what the caller's shell says about another `relais`: here the file
/// alone decides.
pub(super) fn relais(program: &Path) -> Command {
    let mut command = Command::new(program);
    let is_foreign = |key: &str| key.starts_with("RELAIS_") && key != "RELAIS_LOG";
    for (key, _) in std::env::vars_os() {
        if key.to_str().is_some_and(is_foreign) {
            command.env_remove(key);
        }
    }
    command
}

/// Starts a server that says where it listens, and waits until it does.
pub(super) fn serve(name: &'static str, command: &mut Command) -> Result<Served> {
    let mut running = Running::start(name, command, Show::Named(name))?;
    let url = running.wait_for("listening ", READY_WITHIN)?;
    let address = address(&url).with_context(|| format!("{name} listens on `{url}`"))?;
    Ok(Served { running, address })
}

fn address(url: &str) -> Option<SocketAddr> {
    url.strip_prefix("http://")?.trim_end_matches('/').parse().ok()
}

/// Waits until the server's store answers.
pub(super) fn wait_until_healthy(served: &mut Served) -> Result<()> {
    let client = Client::default();
    let until = Instant::now() + READY_WITHIN;
    while !client.succeeds(&served.url("/healthz")) {
        served.running.check(until, "did not get healthy")?;
        thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

/// Loads the demo venue and enrols its gateway; repeating it changes nothing.
pub(super) fn set_up(edge: &Served, secrets: &Secrets, parts: &Parts) -> Result<Enrolled> {
    let text = |name: &str| {
        let path = workspace::root().join(name);
        fs::read_to_string(&path).with_context(|| path.display().to_string())
    };
    let (document, people) = (text(DOCUMENT)?, text(PEOPLE)?);
    let url = edge.url("/api/setup/venues");
    let answer = Client::default().post(&url, &secrets.setup_code, &document)?;
    let text = |key: &str| {
        let value = answer.get(key).and_then(Value::as_str).map(str::to_owned);
        value.with_context(|| format!("the edge's answer to the set-up lacks `{key}`"))
    };
    let venue = text("venue")?;
    let url = edge.url(&format!("/api/setup/venues/{venue}/people"));
    let loaded = Client::default().post(&url, &secrets.setup_code, &people)?;
    let token = loaded.get("sensor_token").and_then(Value::as_str).map(str::to_owned);
    Ok(Enrolled {
        relais: parts.relais.clone(),
        venue,
        device: text("device")?,
        device_key: text("device_key")?,
        shared_key: text("shared_key")?,
        people,
        sensor_token: token.context("the edge told no token of the demo's sensor")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_from_what_a_server_says() {
        let expected: SocketAddr = "127.0.0.1:8787".parse().unwrap();
        assert_eq!(address("http://127.0.0.1:8787"), Some(expected));
        assert_eq!(address("http://127.0.0.1:8787/"), Some(expected));
        assert_eq!(address("127.0.0.1"), None);
    }
}
