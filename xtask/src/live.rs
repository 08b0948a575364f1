//! `cargo xtask bench live`: how long a change takes from one process to the other.
//!
//! Owns what is written and from when to when is measured: from the answer to a write, to the first
//! answer of the other process that has the row. It must not know how a change travels.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

use crate::{
    bench::{milliseconds, percentile},
    http::Client,
    process,
    up::{
        Site,
        options::{EdgeKind, Options},
    },
};

/// The venue's public name.
const HOST: &str = "chakri.be";
/// Writes that are measured, each way.
const WRITES: u32 = 200;
/// Writes before those: the line is warm and the socket stands.
const FIRST_WRITES: u32 = 10;
/// How often the other process is asked for the row.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// How long a change may take at all.
const ARRIVES_WITHIN: Duration = Duration::from_secs(60);

/// Measures 200 writes each way, with workerd's sockets and with a Spin host, which has none.
///
/// # Errors
/// Fails when something cannot be built or started, or a change does not arrive.
pub fn live(folder: &Path) -> Result<Value> {
    let mut figures = Map::new();
    // The longest pause between two writes: while changes come, a polling gateway asks every
    // second, and writes are to fall anywhere between two questions.
    for (kind, name, pause_ms) in
        [(EdgeKind::Wrangler, "live", 150), (EdgeKind::Spin, "live_poll", 700)]
    {
        let data = folder.join(kind.name());
        if data.exists() {
            fs::remove_dir_all(&data).context("cannot clear the benchmark's data")?;
        }
        let (edge_port, gateway_port) = (0, 0);
        let options = Options { edge: kind, edge_port, gateway_port, data, ..Options::default() };
        let mut site = Site::start(&options)?;
        let (edge, gateway) = (Side::edge(site.edge()), Side::gateway(site.gateway()));
        for (way, from, to) in [("up", &gateway, &edge), ("down", &edge, &gateway)] {
            let times = travel(from, to, way, pause_ms)?;
            for percent in [50, 95] {
                let figure = milliseconds(percentile(&times, percent));
                figures.insert(format!("{name}_{way}_p{percent}_ms"), json!(figure));
            }
        }
        site.end();
    }
    figures.insert("live_writes".to_owned(), json!(WRITES));
    Ok(Value::Object(figures))
}

/// One process, as a browser calls it.
struct Side {
    client: Client,
    url: String,
    host: String,
}

impl Side {
    fn edge(address: SocketAddr) -> Self {
        Self { client: Client::default(), url: format!("http://{address}"), host: HOST.to_owned() }
    }

    fn gateway(address: SocketAddr) -> Self {
        Self { host: address.to_string(), ..Self::edge(address) }
    }

    /// Places an order and returns its id.
    fn place(&self, basket: &str) -> Result<String> {
        let order = json!({
            "id": basket,
            "mode": "eat_in",
            "lines": [{
                "product": "le-cheese-king",
                "quantity": 1,
                "choices": [{"group": "sauce", "choice": "ketchup"}],
            }],
            "total_cents": 1150,
        });
        let url = format!("{}/api/orders", self.url);
        let answer = self.client.post_at(&url, &self.host, &order.to_string())?;
        let id = answer.get("id").and_then(Value::as_str);
        id.map(str::to_owned).with_context(|| format!("the order has no id: {answer}"))
    }

    fn has(&self, order: &str) -> bool {
        self.client.succeeds_at(&format!("{}/api/orders/{order}", self.url), &self.host)
    }
}

/// Writes on one side and waits on the other; returns the times, the shortest first.
fn travel(from: &Side, to: &Side, way: &str, pause_ms: u64) -> Result<Vec<Duration>> {
    let direction = u32::from(way == "down");
    let mut times = Vec::new();
    for number in 0..FIRST_WRITES + WRITES {
        // Steps of an odd length fall everywhere between two questions, the same in every run.
        thread::sleep(Duration::from_millis(u64::from(number) * 617 % pause_ms));
        let basket = format!("{direction:08x}-0000-4000-8000-{number:012x}");
        let order = from.place(&basket)?;
        let written = Instant::now();
        while !to.has(&order) {
            if process::asked_to_end() || written.elapsed() > ARRIVES_WITHIN {
                bail!("an order on its way {way} did not arrive");
            }
            thread::sleep(LOOK_EVERY);
        }
        if number >= FIRST_WRITES {
            times.push(written.elapsed());
        }
    }
    times.sort();
    Ok(times)
}
