//! A whole site for one journey: edge, line and gateway, with data of their own, on loopback.
//!
//! What a journey asks for while it is on its way is obeyed here: the line is cut, the gateway is
//! killed. It must not know what a journey does in the browser.

use std::{fs, net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use ureq::Agent;
use xtask::{
    build,
    http::Client,
    process::Running,
    program,
    proxy::{Line, Mode},
    vendor, workspace,
    wrangler::wrangler_dev,
};

mod hearing;
mod journey;
mod lan;
mod logs;
mod offline;

pub use hearing::changes_are_heard;
pub use journey::{walk, walk_by_provider};
pub use offline::staff_sign_in_with_the_line_cut;

use crate::{
    contract::venue::now_ms,
    native::{Kind, Native},
};
use logs::Private;

const SECRET: &str = "browser-secret-browser-secret";
const SETUP_CODE: &str = "browser-setup-code";
const DOCUMENT: &str = "fixtures/venues/chakri.json";
const PEOPLE: &str = "fixtures/venues/chakri-people.json";
/// A venue that has nothing on its menu yet, and its public name.
const EMPTY: (&str, &str) = ("vide", "vide.example");
const READY_WITHIN: Duration = Duration::from_secs(60);
/// Logs are searched afterwards: nothing is left out of them.
const ALL: &str = "debug";

/// Which host serves the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// `relais edge`.
    Native,
    /// The Worker in workerd.
    Workerd,
}

/// A running site; it ends when this is dropped.
pub struct Site {
    edge: SocketAddr,
    line: Line,
    gateway: Native,
    /// By which key a browser knows the gateway's certificate.
    pin: String,
    edge_process: EdgeProcess,
    _data: TempDir,
}

/// What serves the edge.
enum EdgeProcess {
    Native(Native),
    Workerd { running: Running, said: String },
}

impl EdgeProcess {
    /// Returns all that it has written so far.
    fn log(&mut self) -> String {
        match self {
            Self::Native(edge) => edge.whole_log(),
            Self::Workerd { running, said } => {
                while let Some(line) = running.next_line() {
                    said.push_str(&line);
                    said.push('\n');
                }
                said.clone()
            }
        }
    }
}

impl Site {
    /// Starts a site with the demo venue and without an order.
    ///
    /// # Errors
    /// Fails when something cannot be built or does not start.
    pub fn start(kind: Edge) -> Result<Self> {
        Self::start_with(kind, toml::Table::new())
    }

    /// Starts a site whose native edge is told this as well.
    ///
    /// # Errors
    /// Fails when something cannot be built or does not start.
    pub fn start_with(kind: Edge, more: toml::Table) -> Result<Self> {
        vendor::ensure()?;
        let relais = program::build("device-gateway", "relais")?;
        let data = tempfile::tempdir()?;
        let (edge_process, edge) = match kind {
            Edge::Native => native_edge(&relais, &data, more)?,
            Edge::Workerd => workerd_edge(&data)?,
        };
        let enrolled = open_venue(edge, &document()?)?;
        open_venue(edge, &empty_document()?)?;
        load_people(edge)?;
        let line = Line::open(edge, Mode::Pass)?;
        let mut config = gateway_config(&data, &enrolled, line.address())?;
        let pin = lan::configure(&mut config, data.path(), &public(edge))?;
        let gateway = Native::start_telling(&relais, Kind::Gateway, config, (data.path(), ALL))?;
        Ok(Self { edge, line, gateway, pin, edge_process, _data: data })
    }

    /// Returns what a journey's script is told, as environment variables.
    ///
    /// # Errors
    /// Fails when the gateway does not say its keys.
    pub fn told(&self) -> Result<Vec<(&'static str, String)>> {
        Ok(vec![
            ("RELAIS_EDGE", public(self.edge)),
            ("RELAIS_EMPTY", format!("http://{}:{}", EMPTY.1, self.edge.port())),
            ("RELAIS_NOWHERE", format!("http://nulle-part.example:{}", self.edge.port())),
            ("RELAIS_GATEWAY", format!("http://{}", self.gateway.address())),
            ("RELAIS_LAN", lan::origin(&self.gateway)?),
            ("RELAIS_LAN_PIN", self.pin.clone()),
            ("RELAIS_PEOPLE", people()?),
        ])
    }

    /// Does what a journey asks for.
    ///
    /// # Errors
    /// Fails when there is no such request, or it cannot be met.
    pub fn obey(&mut self, request: &str) -> Result<()> {
        match request.split(' ').collect::<Vec<_>>().as_slice() {
            ["link", "down"] => self.line.set(Mode::Reset),
            ["link", "silent"] => self.line.set(Mode::BlackHole),
            ["link", "up"] => self.line.set(Mode::Pass),
            ["gateway", "kill"] => self.gateway.kill()?,
            ["gateway", "start"] => self.gateway.restart()?,
            ["pins", count] => self.until_pins(count.parse()?)?,
            ["price", product, cents] => self.change_price(product, cents.parse()?)?,
            _ => bail!("nobody knows how to do `{request}`"),
        }
        Ok(())
    }

    /// Returns the end of the gateway's log, for a journey that failed.
    #[must_use]
    pub fn log(&self) -> String {
        self.gateway.log()
    }

    /// Searches the logs of everything that served the journey for what was private on it.
    ///
    /// # Errors
    /// Fails when a log says too much, or does not even give a canary back.
    pub(crate) fn search_logs(&mut self, seen: &[String]) -> Result<()> {
        let mut private = Private::of(&people()?)?;
        seen.iter().for_each(|word| private.add(word));
        let canary = format!("canary-{}", now_ms());
        for address in [self.edge, self.gateway.address()] {
            let agent = Agent::config_builder().proxy(None).http_status_as_error(false).build();
            let answer = Agent::from(agent).get(format!("http://{address}/{canary}")).call()?;
            ensure!(answer.status() == 404, "nothing is served under a canary's name");
        }
        let until = std::time::Instant::now() + READY_WITHIN;
        let mut edge = self.edge_process.log();
        while !edge.contains(&canary) && std::time::Instant::now() < until {
            edge = self.edge_process.log();
            std::thread::yield_now();
        }
        private.search(("the edge", &edge), &canary)?;
        private.search(("the gateway", &self.gateway.whole_log()), &canary)
    }

    /// Waits until the gateway can tell so many people by their PINs: name, key and verifier come
    /// each by their own way.
    fn until_pins(&self, count: u64) -> Result<()> {
        let sql = "SELECT count(*) AS pins FROM person_pin n JOIN person_key k \
             ON k.person = n.person JOIN person p ON p.id = n.person WHERE n.verifier <> ''";
        let question = json!({"op": "read", "statements": [{"sql": sql}]}).to_string();
        let url = format!("http://{}/contract/sql", self.gateway.address());
        let until = std::time::Instant::now() + READY_WITHIN;
        while Client::default().post(&url, "", &question)?["ok"][0][0]["pins"] != json!(count) {
            if std::time::Instant::now() > until {
                bail!("the gateway does not know {count} PINs");
            }
        }
        Ok(())
    }

    /// Publishes the menu anew at the edge, with another price.
    fn change_price(&self, product: &str, cents: i64) -> Result<()> {
        let mut document = document()?;
        document["published_ms"] = json!(now_ms());
        let products = document["products"].as_array_mut().context("the venue has no products")?;
        let found = products.iter_mut().find(|one| one["id"] == product);
        found.context("there is no such product")?["price_cents"] = json!(cents);
        open_venue(self.edge, &document).map(drop)
    }
}

/// Where everybody reaches the edge.
fn public(edge: SocketAddr) -> String {
    format!("http://chakri.be:{}", edge.port())
}

/// Returns the demo venue.
pub(crate) fn document() -> Result<Json> {
    let text = fs::read_to_string(workspace::root().join(DOCUMENT)).context(DOCUMENT)?;
    serde_json::from_str(&text).context(DOCUMENT)
}

/// Returns the made-up people of the demo venue, as JSON.
pub(crate) fn people() -> Result<String> {
    fs::read_to_string(workspace::root().join(PEOPLE)).context(PEOPLE)
}

/// Loads the demo's people at an edge.
pub(crate) fn load_people(edge: SocketAddr) -> Result<()> {
    let url = format!("http://{edge}/api/setup/venues/chakri/people");
    Client::default().post(&url, SETUP_CODE, &people()?).map(drop)
}

fn empty_document() -> Result<Json> {
    let mut document = document()?;
    document["venue"]["id"] = json!(EMPTY.0);
    document["domains"] = json!([EMPTY.1]);
    document["categories"] = json!([]);
    document["products"] = json!([]);
    Ok(document)
}

/// Sends a venue's document to an edge and returns what it answers.
pub(crate) fn open_venue(edge: SocketAddr, document: &Json) -> Result<Json> {
    let url = format!("http://{edge}/api/setup/venues");
    Client::default().post(&url, SETUP_CODE, &document.to_string())
}

/// Returns the configuration of a self-hosted edge with its data in this folder.
pub(crate) fn edge_config(data: &TempDir) -> toml::Table {
    toml::Table::from_iter([
        ("listen".to_owned(), "127.0.0.1:0".into()),
        ("data_dir".to_owned(), text(&data.path().join("edge"))),
        ("static_dir".to_owned(), text(&workspace::root().join("static"))),
        ("secret".to_owned(), SECRET.into()),
        ("setup_code".to_owned(), SETUP_CODE.into()),
        ("demo".to_owned(), true.into()),
        ("contract".to_owned(), true.into()),
    ])
}

fn native_edge(
    relais: &std::path::Path,
    data: &TempDir,
    more: toml::Table,
) -> Result<(EdgeProcess, SocketAddr)> {
    let mut config = edge_config(data);
    config.extend(more);
    let edge = Native::start_telling(relais, Kind::Edge, config, (data.path(), ALL))?;
    let address = edge.address();
    Ok((EdgeProcess::Native(edge), address))
}

fn workerd_edge(data: &TempDir) -> Result<(EdgeProcess, SocketAddr)> {
    let root = workspace::root();
    build::build_edge(&root)?;
    let variables = [
        ("RELAIS_SECRET", SECRET),
        ("RELAIS_SETUP_CODE", SETUP_CODE),
        ("RELAIS_DEMO", "1"),
        ("RELAIS_CONTRACT", "1"),
        ("RELAIS_SECURE_COOKIES", "0"),
    ];
    let dev = wrangler_dev(&root, 0, &variables, &data.path().join("edge"))?;
    Ok((EdgeProcess::Workerd { running: dev.running, said: String::new() }, dev.address))
}

/// Returns the configuration of a gateway with its data in this folder.
pub(crate) fn gateway_config(
    data: &TempDir,
    enrolled: &Json,
    line: SocketAddr,
) -> Result<toml::Table> {
    let said = |key: &str| {
        let value = enrolled[key].as_str().map(toml::Value::from);
        value.with_context(|| format!("the edge's answer to the set-up lacks `{key}`"))
    };
    Ok(toml::Table::from_iter([
        ("data_dir".to_owned(), text(&data.path().join("gateway"))),
        ("static_dir".to_owned(), text(&workspace::root().join("static"))),
        ("secret".to_owned(), "gateway-secret-gateway-secret".into()),
        ("demo".to_owned(), true.into()),
        ("contract".to_owned(), true.into()),
        ("venue".to_owned(), said("venue")?),
        ("ticket_origin".to_owned(), "K1".into()),
        ("edge_url".to_owned(), format!("http://{line}").into()),
        ("device".to_owned(), said("device")?),
        ("device_key".to_owned(), said("device_key")?),
        ("document".to_owned(), text(&workspace::root().join(DOCUMENT))),
        ("demo_people".to_owned(), text(&workspace::root().join(PEOPLE))),
    ]))
}

fn text(path: &std::path::Path) -> toml::Value {
    path.to_string_lossy().into_owned().into()
}
