//! What a stranger does first: `up`, orders on both sides of a cut line, and both sides agree.
//!
//! The commands are run as programs, on every kind of edge; it must not know how they work inside.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test whose machinery fails has failed"
)]

use std::{
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use ureq::Agent;
use xtask::process::{Running, Show};

/// Building is not what is tested, but it may have to happen.
const READY_WITHIN: Duration = Duration::from_secs(300);
const MEETS_WITHIN: Duration = Duration::from_secs(30);

/// A running `up`, and a client that never asks a proxy.
struct Up {
    running: Running,
    facts: Value,
    agent: Agent,
}

impl Up {
    fn start(data: &Path, options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(["up", "--json", "--edge-port", "0", "--gateway-port", "0", "--data"]);
        command.arg(data).args(options);
        let mut running = Running::start("up", &mut command, Show::Plain).unwrap();
        let object = running.wait_for("{", READY_WITHIN).unwrap();
        running.wait_for("ready", READY_WITHIN).unwrap();
        let config = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(20)));
        let facts = serde_json::from_str(&format!("{{{object}")).unwrap();
        Self { running, facts, agent: config.build().into() }
    }

    fn text(&self, pointer: &str) -> String {
        self.facts.pointer(pointer).unwrap().as_str().unwrap().to_owned()
    }

    fn get(&self, side: &str, path: &str) -> Option<Value> {
        let url = format!("{}{path}", self.text(&format!("/{side}")));
        let mut answer = self.agent.get(url).call().unwrap();
        answer.status().is_success().then(|| answer.body_mut().read_json().unwrap())
    }

    fn post(&self, side: &str, path: &str, body: &Value, cookie: &str) -> Value {
        let url = format!("{}{path}", self.text(&format!("/{side}")));
        let token = if cookie.is_empty() { String::new() } else { self.form_token(side, cookie) };
        let request = self.agent.post(url).header("cookie", cookie).header("relais-csrf", token);
        let mut answer = request.send_json(body).unwrap();
        let status = answer.status();
        let text = answer.body_mut().read_to_string().unwrap();
        assert!(status.is_success(), "{side} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Signs somebody with this role in at the gateway and returns the cookie.
    fn sign_in(&self, role: &str) -> String {
        let name = self.text(&format!("/logins/{role}/name"));
        let pin = self.text(&format!("/logins/{role}/pin"));
        let url = format!("{}/login/pin", self.text("/gateway"));
        let form = [("name", name.as_str()), ("pin", pin.as_str()), ("next", "/")];
        let answer = self.agent.post(url).send_form(form).unwrap();
        let cookie = answer.headers().get("set-cookie").unwrap().to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Returns what a page of this session sends back with its forms.
    fn form_token(&self, side: &str, cookie: &str) -> String {
        let url = format!("{}/staff", self.text(&format!("/{side}")));
        let mut answer = self.agent.get(url).header("cookie", cookie).call().unwrap();
        let page = answer.body_mut().read_to_string().unwrap();
        let (_, rest) = page.split_once("data-csrf=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    /// Orders a Cheese King and returns the order's id.
    fn order(&self, side: &str, id: &str) -> String {
        let basket = json!({
            "id": id,
            "mode": "eat_in",
            "lines": [{
                "product": "le-cheese-king",
                "quantity": 1,
                "choices": [{"group": "sauce", "choice": "ketchup"}],
            }],
            "total_cents": 1150,
        });
        let placed = self.post(side, "/api/orders", &basket, "");
        assert_eq!(placed["state"], "placed");
        placed["id"].as_str().unwrap().to_owned()
    }

    fn state(&self, side: &str, id: &str) -> Option<String> {
        let order = self.get(side, &format!("/api/orders/{id}"))?;
        Some(order["state"].as_str().unwrap().to_owned())
    }

    fn wait_for_state(&self, side: &str, id: &str, wanted: &str) {
        let until = Instant::now() + MEETS_WITHIN;
        while self.state(side, id).as_deref() != Some(wanted) {
            assert!(Instant::now() < until, "{side} does not learn that {id} is {wanted}");
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn wait_until_the_line_is_cut(&self, cookie: &str) {
        let url = format!("{}/staff", self.text("/gateway"));
        let until = Instant::now() + MEETS_WITHIN;
        let page = || {
            let mut answer = self.agent.get(&url).header("cookie", cookie).call().unwrap();
            answer.body_mut().read_to_string().unwrap()
        };
        while !page().contains("data-link=\"down\"") {
            assert!(Instant::now() < until, "the gateway does not notice that the line is cut");
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn link(data: &Path, words: &[&str]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        let status = command.arg("link").args(words).arg("--data").arg(data).status().unwrap();
        assert!(status.success(), "link {words:?}");
    }

    /// Asks it to end, and checks that it does so cleanly and leaves nobody behind.
    fn end(self) {
        let ports = ["/edge", "/gateway"].map(|side| self.text(side).replace("http://", ""));
        self.running.ask_to_end();
        let within = Instant::now() + Duration::from_secs(60);
        let mut running = self.running;
        while running.ended().unwrap().is_none() {
            assert!(Instant::now() < within, "up does not end");
            thread::sleep(Duration::from_millis(50));
        }
        assert!(running.ended().unwrap().unwrap().success());
        for port in ports {
            assert!(std::net::TcpStream::connect(&port).is_err(), "{port} still answers");
        }
    }
}

const FIRST: &str = "00000000-0000-4000-8000-000000000001";
const AT_KIOSK: &str = "00000000-0000-4000-8000-000000000002";
const ON_PUBLIC_PAGE: &str = "00000000-0000-4000-8000-000000000003";

/// The first ten minutes of a stranger, on one kind of edge.
fn sell_through_a_cut_line(edge: &str, cut: &[&str]) {
    let place = tempfile::tempdir().unwrap();
    let up = Up::start(place.path(), &["--edge", edge]);
    let (counter, kitchen) = (up.sign_in("counter"), up.sign_in("kitchen"));
    let first = up.order("gateway", FIRST);
    let path = |step: &str| format!("/api/orders/{first}/{step}");
    up.post("gateway", &path("paid"), &json!({"means": "cash"}), &counter);
    up.post("gateway", &path("ready"), &json!({}), &kitchen);
    up.wait_for_state("edge", &first, "ready");

    Up::link(place.path(), cut);
    let at_kiosk = up.order("gateway", AT_KIOSK);
    let on_public_page = up.order("edge", ON_PUBLIC_PAGE);
    if cut == ["down"] {
        // The gateway has tried, and was refused: what did not cross by now does not cross.
        up.wait_until_the_line_is_cut(&counter);
    }
    assert_eq!(up.state("edge", &at_kiosk), None, "an order crossed a cut line");
    assert_eq!(up.state("gateway", &on_public_page), None, "an order crossed a cut line");

    Up::link(place.path(), &["up"]);
    up.wait_for_state("edge", &at_kiosk, "placed");
    up.wait_for_state("gateway", &on_public_page, "placed");
    up.end();
}

#[test]
fn a_venue_sells_through_a_cut_line_and_both_sides_meet_again() {
    sell_through_a_cut_line("native", &["down"]);
}

#[test]
fn a_venue_with_its_edge_in_workerd_sells_through_a_line_that_swallows() {
    sell_through_a_cut_line("wrangler", &["down", "--black-hole"]);
}

#[test]
fn a_venue_with_its_edge_in_a_spin_host_sells_through_a_cut_line() {
    sell_through_a_cut_line("spin", &["down"]);
}

#[test]
fn a_venue_that_starts_offline_meets_its_edge_when_the_line_comes_up() {
    let place = tempfile::tempdir().unwrap();
    let up = Up::start(place.path(), &["--offline"]);
    let on_public_page = up.order("edge", ON_PUBLIC_PAGE);
    let at_kiosk = up.order("gateway", AT_KIOSK);
    assert_eq!(up.state("gateway", &on_public_page), None);
    Up::link(place.path(), &["up"]);
    up.wait_for_state("gateway", &on_public_page, "placed");
    up.wait_for_state("edge", &at_kiosk, "placed");
    up.end();
}

#[test]
fn what_was_sold_is_there_after_a_restart_with_the_same_keys() {
    let place = tempfile::tempdir().unwrap();
    let first = Up::start(place.path(), &[]);
    let order = first.order("gateway", FIRST);
    let key = first.text("/logins/counter/pin");
    first.end();
    let second = Up::start(place.path(), &[]);
    assert_eq!(second.text("/logins/counter/pin"), key);
    assert_eq!(second.state("gateway", &order).as_deref(), Some("placed"));
    second.wait_for_state("edge", &order, "placed");
    second.end();
}
