//! A gateway whose clock is not sure recognises nobody by a card: whether it has ended, nobody can
//! tell there.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "this is a test: what fails panics")]

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use app::{csrf, time::BUILT_MS};
use domain::trust::{
    Document, SecretKey, Window, card::Card, membership::Membership, shown::Shown, text,
};
use reqwest::Client;
use serde_json::{Value as Json, json};

/// A gateway that ends with this value.
struct Gateway(Child, SocketAddr);

impl Drop for Gateway {
    fn drop(&mut self) {
        // A test that fails must not leave a process behind.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a gateway without an edge whose clock says so much.
fn start(folder: &std::path::Path, clock_ms: u64) -> Gateway {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let file = folder.join("gateway.toml");
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let wrong_by = i128::from(clock_ms) - i128::try_from(since.as_millis()).unwrap();
    let text = format!(
        "listen = \"127.0.0.1:0\"\ndata_dir = {:?}\nstatic_dir = \"{root}/static\"\n\
         secret = \"a gateway's secret of length\"\nvenue = \"chakri\"\ncontract = true\n\
         clock_wrong_by_ms = {wrong_by}\ndocument = \"{root}/fixtures/venues/chakri.json\"\n",
        folder.join("data"),
    );
    std::fs::write(&file, text).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_relais"))
        .args(["gateway", "--config"])
        .arg(&file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening http://").map(str::parse);
    Gateway(child, address.expect(&line).unwrap())
}

impl Gateway {
    /// Posts as whoever has this session; returns status, answer and the session that is given.
    async fn post(&self, path: &str, cookie: &str, body: Json) -> (u16, Json, String) {
        let token = cookie.split_once('=').map(|(_, token)| csrf::of(token)).unwrap_or_default();
        let request = Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .post(format!("http://{}{path}", self.1))
            .header("content-type", "application/json")
            .header("cookie", cookie)
            .header(csrf::HEADER, token)
            .body(body.to_string());
        let answer = request.send().await.unwrap();
        let set = answer.headers().get("set-cookie").map(|set| set.to_str().unwrap().to_owned());
        let cookie = set.unwrap_or_default().split(';').next().unwrap().to_owned();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap(), cookie)
    }

    async fn sign_in(&self, role: &str) -> String {
        self.post("/contract/sign-in", "", json!({"roles": [role]})).await.2
    }
}

#[tokio::test]
async fn a_gateway_whose_clock_is_not_sure_recognises_nobody_by_a_card() {
    let folder = tempfile::tempdir().unwrap();
    // A minute before this build was made: the clock is wrong, and nobody knows by how much.
    let gateway = start(folder.path(), BUILT_MS - 60_000);
    let (member, counter) = (gateway.sign_in("member").await, gateway.sign_in("counter").await);
    let key = SecretKey::from_seed(&[1; 32]);
    let body = json!({"key": key.public().to_string()});
    let (status, given, _) = gateway.post("/api/account/card", &member, body).await;
    assert_eq!(status, 201, "{given}");
    let card = text::from_qr(given["card"].as_str().unwrap()).unwrap();
    let says = Document::<Card>::read(&card).unwrap().claim().clone();
    for (from_ms, expected) in [
        // Ended before the build: certainly too old.
        (BUILT_MS - 120_000, (422, "document_expired")),
        (BUILT_MS - 30_000, (409, "time_uncertain")),
    ] {
        let window = Window { from_ms, until_ms: from_ms + 75_000 };
        let proof = Membership { venue: says.venue.clone(), member: says.member, window };
        let proof = Document::sign(&key, &proof).unwrap().as_bytes().to_vec();
        let code = Shown { card: card.clone(), proof: Some(proof) }.write();
        let asked = json!({"code": code});
        let (status, answer, _) = gateway.post("/api/members/recognise", &counter, asked).await;
        let code = answer["error"]["code"].as_str().unwrap();
        assert_eq!((status, code), expected, "{answer}");
    }
}
