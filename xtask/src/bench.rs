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
    build_spin, deploy, heavy,
    http::Client,
    live, ordering,
    process::{self, LOOK_EVERY},
    sabotage, soak, workspace, wrangler,
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
    let words: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|word| *word != "--json").collect();
    match words.as_slice() {
        [] | ["edge"] => {
            println!("{}", edge(&workspace::root())?);
            Ok(())
        }
        ["live"] => {
            println!("{}", live::live(&workspace::scratch().join("bench-live"))?);
            Ok(())
        }
        ["sync", options @ ..] => {
            println!("{}", heavy::sync(options)?);
            Ok(())
        }
        ["ordering"] => {
            println!("{}", ordering::ordering(&workspace::scratch().join("bench-ordering"))?);
            Ok(())
        }
        ["fuzz", options @ ..] => {
            println!("{}", heavy::fuzz(options)?);
            Ok(())
        }
        ["simulation", options @ ..] => {
            println!("{}", soak::simulation(options)?);
            Ok(())
        }
        ["sabotage", of @ ..] if of.len() < 2 => {
            println!("{}", sabotage::run(of.first().copied())?);
            Ok(())
        }
        other => {
            let known = "edge, fuzz, live, ordering, sabotage, simulation, sync";
            bail!("there is no benchmark called `{}`; there are: {known}", other.join(" "))
        }
    }
}

/// Measures the Worker.
///
/// - `worker_gzip_bytes`: what an upload sends of code, compressed, as wrangler counts it.
/// - `spin_component_bytes`: the component's file.
/// - `worker_first_response_ms`: from the start of the `wrangler dev` process, the Worker built
///   and the store migrated, to the first 200 of `GET /healthz`.
/// - `worker_menu_p50_ms` and `_p95_ms`: 200 requests of `GET /menu` to that process, one after the
///   other on one connection, from the request to the answer's last byte.
///
/// # Errors
/// Fails when something cannot be built or served.
pub fn edge(root: &Path) -> Result<Value> {
    let upload = deploy::cloudflare_dry(root)?;
    let component = build_spin::build_spin(root)?;
    let component = fs::metadata(&component)
        .with_context(|| format!("cannot look at {}", component.display()))?;
    let store = workspace::scratch().join("bench-edge");
    if store.exists() {
        fs::remove_dir_all(&store).context("cannot clear the benchmark's store")?;
    }
    let variables =
        [("RELAIS_SECRET", SECRET), ("RELAIS_SETUP_CODE", SECRET), ("RELAIS_SECURE_COOKIES", "0")];
    let mut dev = wrangler::wrangler_dev(root, 0, &variables, &store)?;
    let until = dev.started + ANSWER_WITHIN;
    let mut browser = Browser::connect(dev.address)?;
    while !browser.get("/healthz")? {
        dev.running.check(until, "did not get healthy")?;
        thread::sleep(LOOK_EVERY);
    }
    let first_response = dev.started.elapsed();
    load(root, dev.address)?;
    let menu = menu(&mut browser)?;
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
fn menu(browser: &mut Browser) -> Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(MENU_REQUESTS);
    for _ in 0..MENU_REQUESTS {
        let started = Instant::now();
        let good = browser.get("/menu")?;
        times.push(started.elapsed());
        if !good {
            bail!("GET /menu is refused");
        }
    }
    times.sort();
    Ok(times)
}

/// A connection to the edge under the venue's name.
///
/// Plain, because what is measured is the edge: a client of many parts, built for development,
/// takes longer over a page than the Worker does.
pub(crate) struct Browser {
    stream: TcpStream,
    part: Vec<u8>,
}

impl Browser {
    pub(crate) fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).context("nobody listens")?;
        stream.set_nodelay(true).context("cannot send at once")?;
        stream.set_read_timeout(Some(ANSWER_WITHIN)).context("cannot limit the wait")?;
        Ok(Self { stream, part: vec![0; 64 * 1024] })
    }

    /// Asks for a page, reads it to its end and tells whether it is a 200.
    pub(crate) fn get(&mut self, path: &str) -> Result<bool> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
        Ok(self.ask(&request)?.starts_with(b"HTTP/1.1 200 "))
    }

    /// Sends a JSON document and tells whether something was made of it.
    pub(crate) fn post(&mut self, path: &str, document: &str) -> Result<bool> {
        let head = format!("POST {path} HTTP/1.1\r\nhost: {HOST}\r\n");
        let length = document.len();
        let body = format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n");
        Ok(self.ask(&format!("{head}{body}{document}"))?.starts_with(b"HTTP/1.1 201 "))
    }

    /// Asks for a page that comes in one piece and returns it.
    pub(crate) fn text(&mut self, path: &str) -> Result<String> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
        let answer = String::from_utf8(self.ask(&request)?).context("the page is no text")?;
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        body.context("the answer has no body")
    }

    fn ask(&mut self, request: &str) -> Result<Vec<u8>> {
        self.stream.write_all(request.as_bytes()).context("the request breaks off")?;
        let mut answer = Vec::new();
        let mut whole = None;
        while whole.is_none_or(|whole| whole > answer.len()) {
            let count = self.stream.read(&mut self.part).context("no answer in time")?;
            if count == 0 {
                bail!("the answer breaks off");
            }
            // Copied as one piece: this runs without optimisation beside what it measures.
            answer.extend_from_slice(self.part.get(..count).unwrap_or_default());
            whole = whole.or_else(|| whole_length(&answer));
        }
        Ok(answer)
    }
}

/// Returns how long an answer is in all, once that is known: by its length or by its last chunk.
fn whole_length(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let (told, body) = answer.split_at(head);
    let told = String::from_utf8_lossy(told).to_ascii_lowercase();
    let length = told.lines().find_map(|line| line.strip_prefix("content-length:"));
    match length.and_then(|length| length.trim().parse::<usize>().ok()) {
        Some(length) => Some(head + length),
        None => body.ends_with(b"0\r\n\r\n").then_some(answer.len()),
    }
}

/// Returns the time under which so many of a hundred are.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or_default()
}

/// Returns milliseconds with two digits behind the point: a figure to read, not to reckon with.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_by_its_length_or_its_last_chunk() {
        let known = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (head, body, whole) in [
            (known, "abc", false),
            (known, "abcd", true),
            (chunked, "4\r\nabcd\r\n", false),
            (chunked, "4\r\nabcd\r\n0\r\n\r\n", true),
            ("HTTP/1.1 200 OK\r\n", "", false),
        ] {
            let answer = format!("{head}{body}");
            let known = whole_length(answer.as_bytes());
            assert_eq!(known.is_some_and(|all| all <= answer.len()), whole, "{answer}");
        }
    }

    #[test]
    fn a_percentile_is_one_of_the_measured_times() {
        let times: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), Duration::from_millis(100));
        assert_eq!(percentile(&times, 95), Duration::from_millis(190));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
        assert!((milliseconds(Duration::from_micros(1_239)) - 1.24).abs() < 1e-9);
    }
}
