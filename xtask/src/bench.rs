//! `cargo xtask bench`: figures of the edge, one JSON object as the last line.
//!
//! Owns what is measured and from when to when. It must not know how things are built or served.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::{
    build, deploy,
    http::Client,
    process::{self, LOOK_EVERY},
    workspace, wrangler,
};

/// The venue that is loaded, and the public name it has.
const DOCUMENT: &str = "fixtures/venues/chakri.json";
const HOST: &str = "chakri.be";
/// A secret and a set-up code for a store that is thrown away.
const SECRET: &str = "only-for-this-benchmark";
/// How many times the menu is asked for, one after the other.
const MENU_REQUESTS: usize = 200;
/// How long one request may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Runs `cargo xtask bench [edge] [--json]`.
///
/// # Errors
/// Fails when there is no such benchmark, or it cannot be run.
pub fn run(arguments: &[String]) -> Result<()> {
    process::catch_signals()?;
    let words: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|word| *word != "--json")
        .collect();
    match words.as_slice() {
        [] | ["edge"] => {
            println!("{}", edge(&workspace::root())?);
            Ok(())
        }
        other => bail!(
            "there is no benchmark called `{}`; there is: edge",
            other.join(" ")
        ),
    }
}

/// Measures the Worker.
///
/// - `worker_gzip_bytes`: what an upload sends of code, compressed, as wrangler counts it.
/// - `spin_component_bytes`: the component's file.
/// - `worker_first_response_ms`: from the start of the `wrangler dev` process, the Worker built
///   and the store migrated, to the first 200 of `GET /healthz`.
/// - `worker_menu_p50_ms` and `_p95_ms`: 200 requests of `GET /menu` to that process, one after the
///   other, each on a connection of its own, from connecting to the answer's last byte.
///
/// # Errors
/// Fails when something cannot be built or served.
pub fn edge(root: &Path) -> Result<Value> {
    let upload = deploy::cloudflare_dry(root)?;
    let component = build::build_spin(root)?;
    let component = fs::metadata(&component)
        .with_context(|| format!("cannot look at {}", component.display()))?;
    let store = workspace::scratch().join("bench-edge");
    if store.exists() {
        fs::remove_dir_all(&store).context("cannot clear the benchmark's store")?;
    }
    let variables = [
        ("RELAIS_SECRET", SECRET),
        ("RELAIS_SETUP_CODE", SECRET),
        ("RELAIS_SECURE_COOKIES", "0"),
    ];
    let mut dev = wrangler::wrangler_dev(root, 0, &variables, &store)?;
    let until = dev.started + ANSWER_WITHIN;
    while !get(dev.address, "/healthz").is_ok_and(|answer| is_good(&answer)) {
        dev.running.check(until, "did not get healthy")?;
        thread::sleep(LOOK_EVERY);
    }
    let first_response = dev.started.elapsed();
    load(root, dev.address)?;
    let menu = menu(dev.address)?;
    dev.running.end();
    Ok(json!({
        "worker_gzip_bytes": upload.gzip_bytes,
        "spin_component_bytes": component.len(),
        "worker_first_response_ms": milliseconds(first_response),
        "worker_menu_p50_ms": milliseconds(percentile(&menu, 50)),
        "worker_menu_p95_ms": milliseconds(percentile(&menu, 95)),
    }))
}

fn load(root: &Path, address: SocketAddr) -> Result<()> {
    let document = fs::read_to_string(root.join(DOCUMENT)).context(DOCUMENT)?;
    let url = format!("http://{address}/api/setup/venues");
    Client::default().post(&url, SECRET, &document).map(drop)
}

/// Returns how long each request took, the shortest first.
fn menu(address: SocketAddr) -> Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(MENU_REQUESTS);
    for _ in 0..MENU_REQUESTS {
        let started = Instant::now();
        let answer = get(address, "/menu")?;
        times.push(started.elapsed());
        if !is_good(&answer) {
            bail!(
                "GET /menu answered `{}`",
                answer.lines().next().unwrap_or_default()
            );
        }
    }
    times.sort();
    Ok(times)
}

/// Asks for a page under the venue's name and returns the answer as it came.
fn get(address: SocketAddr, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address).context("nobody listens")?;
    stream
        .set_read_timeout(Some(ANSWER_WITHIN))
        .context("cannot limit the wait")?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .context("the request breaks off")?;
    let mut answer = Vec::new();
    stream
        .read_to_end(&mut answer)
        .context("the answer breaks off")?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn is_good(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 200 ")
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted
        .get(last * percent / 100)
        .copied()
        .unwrap_or_default()
}

/// Milliseconds with two digits behind the point; a figure to read, nothing that is reckoned with.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_measured_times() {
        let times: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), Duration::from_millis(100));
        assert_eq!(percentile(&times, 95), Duration::from_millis(190));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
        assert!((milliseconds(Duration::from_micros(1_239)) - 1.24).abs() < 1e-9);
    }
}
