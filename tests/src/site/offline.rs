//! Staff who sign in at the gateway while the line is cut, and who can no longer once the edge has
//! barred them.
//!
//! It must not know how PINs and rights travel.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use app::{csrf, device::proof};
use domain::people::totp;
use serde_json::{Value as Json, json};
use ureq::{Agent, http::Request};
use xtask::proxy::Mode;

use super::{Edge, Site, people};
use crate::contract::venue::now_ms;

const HOST: &str = "chakri.be";
const NAME: &str = "Nina Nouvelle";
const EMAIL: &str = "nina@demo.example";
const PASSWORD: &str = "cinq frites a l'aube";
const PIN: &str = "918273";
/// How long rights may take from one side to the other.
const WITHIN: Duration = Duration::from_secs(30);

/// A browser of somebody at one host.
struct Browser {
    agent: Agent,
    at: SocketAddr,
    cookies: BTreeMap<String, String>,
}

/// What a browser sees of an answer.
#[derive(Debug)]
struct Seen {
    status: u16,
    location: String,
    body: String,
}

impl Browser {
    fn at(at: SocketAddr) -> Self {
        let config = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(20)))
            .build();
        Self { agent: config.into(), at, cookies: BTreeMap::new() }
    }

    fn get(&mut self, path: &str) -> Result<Seen> {
        self.send("GET", path, ("", String::new()))
    }

    fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Seen> {
        let escape =
            |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        self.send("POST", path, ("application/x-www-form-urlencoded", pairs.join("&")))
    }

    fn post(&mut self, path: &str, body: &Json) -> Result<Json> {
        let seen = self.send("POST", path, ("application/json", body.to_string()))?;
        ensure!((200..300).contains(&seen.status), "{path}: {seen:?}");
        serde_json::from_str(&seen.body).context("the answer is no JSON")
    }

    fn send(&mut self, method: &str, path: &str, (kind, body): (&str, String)) -> Result<Seen> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.at))
            .header("host", HOST);
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let pairs: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !pairs.is_empty() {
            request = request.header("cookie", pairs.join("; "));
        }
        // What a page of the host would send back with its forms.
        let bound = ["relais_session", csrf::COOKIE, proof::COOKIE];
        if let Some(token) = bound.iter().find_map(|name| self.cookies.get(*name)) {
            request = request.header(csrf::HEADER, csrf::of(token));
        }
        let mut answer = self.agent.run(request.body(body)?)?;
        let header = |name: &str| {
            let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let location = header("location");
        for set in answer.headers().get_all("set-cookie").iter().filter_map(|v| v.to_str().ok()) {
            let pair = set.split(';').next().and_then(|pair| pair.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let status = answer.status().as_u16();
        Ok(Seen { status, location, body: answer.body_mut().read_to_string()? })
    }
}

/// Invites somebody at the edge, lets them choose a PIN, cuts the line, and so on to the end.
///
/// # Errors
/// Fails when the site does not start, or somebody is let in or turned away against the rules.
pub fn staff_sign_in_with_the_line_cut() -> Result<()> {
    let site = Site::start(Edge::Native)?;
    let mut owner = signed_in_owner(&site)?;
    let wanted = json!({"name": NAME, "email": EMAIL, "roles": ["counter"]});
    let added = owner.post("/api/users", &wanted)?;
    let id = added["id"].as_str().context("an id")?;
    let link = added["invitation"].as_str().context("an invitation")?;
    let (_, code) = link.split_once("code=").context("a code")?;
    let mut nina = Browser::at(site.edge);
    let seen = nina.submit("/password", &[("code", code), ("password", PASSWORD)])?;
    ensure!(seen.status == 303, "{seen:?}");
    let seen = nina.submit("/login", &[("email", EMAIL), ("password", PASSWORD)])?;
    ensure!(seen.location == "/counter", "{seen:?}");
    let fields = [("do", "pin"), ("current", PASSWORD), ("pin", PIN)];
    let seen = nina.submit("/account", &fields)?;
    ensure!(seen.location == "/account?done=1", "{seen:?}");

    // Her name, her key and her PIN's verifier come each by their own way.
    let mut till = Browser::at(site.gateway.address());
    let known = format!(
        "SELECT 1 AS one FROM person_pin n JOIN person_key k ON k.person = n.person \
         JOIN person p ON p.id = n.person WHERE n.person = '{id}' AND n.verifier <> ''"
    );
    let question = json!({"op": "read", "statements": [{"sql": known}]});
    eventually("she is known at the gateway", || {
        Ok(till.post("/contract/sql", &question)?["ok"][0] == json!([{"one": 1}]))
    })?;
    let refused = till.submit("/login/pin", &[("name", NAME), ("pin", PIN)])?;
    ensure!(refused.status == 403, "the line stands: {refused:?}");
    switch_at_a_station(&site, &mut owner, id)?;
    site.line.set(Mode::Reset);
    // A demo's login page takes the PINs that it shows at any time: it says nothing of the line.
    let mut staff = Browser::at(site.gateway.address());
    staff.post("/contract/sign-in", &json!({"roles": ["technician"]}))?;
    eventually("the gateway knows that the line is cut", || {
        Ok(staff.get("/staff")?.body.contains("data-link=\"down\""))
    })?;
    let seen = till.get("/login")?;
    ensure!(seen.body.contains("name=\"pin\""), "{seen:?}");
    let wrong = till.submit("/login/pin", &[("name", NAME), ("pin", "918274")])?;
    ensure!(wrong.status == 401, "{wrong:?}");
    let seen = till.submit("/login/pin", &[("name", NAME), ("pin", PIN)])?;
    ensure!((seen.status, seen.location.as_str()) == (303, "/counter"), "{seen:?}");
    ensure!(till.get("/counter")?.status == 200);
    let seen = till.get("/people")?;
    ensure!(seen.status == 403, "{seen:?}");
    let password = till.submit("/login", &[("email", EMAIL), ("password", PASSWORD)])?;
    ensure!(password.status == 409, "accounts are not here: {password:?}");

    // She is barred at the edge while nobody can tell the gateway.
    owner.post(&format!("/api/users/{id}"), &json!({"active": false}))?;
    ensure!(till.get("/counter")?.status == 200, "the gateway cannot know yet");
    site.line.set(Mode::Pass);
    eventually("her session ends", || Ok(till.get("/counter")?.status == 401))?;
    let mut again = Browser::at(site.gateway.address());
    let seen = again.submit("/login/pin", &[("name", NAME), ("pin", PIN)])?;
    ensure!(!(200..400).contains(&seen.status), "{seen:?}");
    Ok(())
}

/// At an enrolled till staff take over from each other by PIN, until somebody blocks it.
fn switch_at_a_station(site: &Site, owner: &mut Browser, person: &str) -> Result<()> {
    let mut staff = Browser::at(site.gateway.address());
    staff.post("/contract/sign-in", &json!({"roles": ["technician"]}))?;
    let offered = staff.post("/api/devices", &json!({"kind": "till", "name": "Till 7"}))?;
    let code = offered["code"].as_str().context("a code")?;
    let mut till = Browser::at(site.gateway.address());
    let seen = till.submit("/enrol", &[("do", "redeem"), ("code", code)])?;
    ensure!(seen.location == "/counter", "{seen:?}");
    let seen = till.get("/login?next=/kitchen")?;
    ensure!(seen.location == "/switch?next=/kitchen", "{seen:?}");
    let seen = till.get("/switch?next=/counter")?;
    ensure!(seen.body.contains(NAME) && seen.body.contains(person), "{seen:?}");
    let as_nina = [("person", person), ("pin", PIN), ("next", "/counter")];
    let seen = till.submit("/login/pin", &as_nina)?;
    ensure!((seen.status, seen.location.as_str()) == (303, "/counter"), "{seen:?}");
    ensure!(till.get("/counter")?.body.contains("/switch?next=/counter"));
    // Her session is of no use without the station.
    let mut elsewhere = Browser::at(site.gateway.address());
    let session = till.cookies.get("relais_session").context("a session")?.clone();
    elsewhere.cookies.insert("relais_session".to_owned(), session.clone());
    ensure!(elsewhere.get("/counter")?.status == 401);
    // Whoever takes over ends it.
    let seen = till.submit("/login/pin", &[("name", "Karim Cuisine"), ("pin", "141421")])?;
    ensure!((seen.status, seen.location.as_str()) == (303, "/kitchen"), "{seen:?}");
    let karim = till.cookies.insert("relais_session".to_owned(), session);
    ensure!(till.get("/counter")?.status == 401, "she is not signed in any more");
    till.cookies.insert("relais_session".to_owned(), karim.context("another session")?);
    ensure!(till.get("/kitchen")?.status == 200);
    // The edge knows the till, and what is said of it there counts here.
    let device = till.cookies.get(proof::COOKIE).context("a station")?;
    let id = device.split('.').next().context("a name")?.to_owned();
    eventually("the edge knows the till", || {
        let all: Json = serde_json::from_str(&owner.get("/api/devices")?.body)?;
        let mut listed = all["devices"].as_array().into_iter().flatten();
        Ok(listed.any(|one| one["id"] == id.as_str() && one["name"] == "Till 7"))
    })?;
    owner.post(&format!("/api/devices/{id}"), &json!({"do": "block"}))?;
    eventually("his session ends with the till", || Ok(till.get("/kitchen")?.status == 401))?;
    let seen = till.submit("/login/pin", &as_nina)?;
    ensure!(seen.status == 403, "{seen:?}");
    Ok(())
}

/// The owner of the demo, with both factors.
fn signed_in_owner(site: &Site) -> Result<Browser> {
    let all: Vec<Json> = serde_json::from_str(&people()?)?;
    let owner = all.iter().find(|one| one["roles"] == json!(["owner"])).context("an owner")?;
    let text = |field: &str| owner[field].as_str().context("a text").map(str::to_owned);
    let (email, password, secret) = (text("email")?, text("password")?, text("totp")?);
    let mut browser = Browser::at(site.edge);
    let seen = browser.submit("/login", &[("email", &email), ("password", &password)])?;
    ensure!(seen.location == "/login/code", "{seen:?}");
    let secret = totp::read(&secret).context("a secret in base 32")?;
    let code = totp::code(&secret, totp::step(now_ms()));
    let seen = browser.submit("/login/code", &[("code", &code)])?;
    ensure!(seen.location == "/dashboard", "{seen:?}");
    Ok(browser)
}

fn eventually(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let until = Instant::now() + WITHIN;
    while !holds()? {
        if Instant::now() > until {
            bail!("it does not come about that {what}");
        }
        std::thread::yield_now();
    }
    Ok(())
}
