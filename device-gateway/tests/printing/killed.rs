//! A gateway that is killed while it prints: what came out is not known, so the next strip says so.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use app::csrf;
use reqwest::{Client, Method};
use serde_json::{Value as Json, json};

use super::paper::{Manner, Printer};

/// A gateway that ends with this value.
struct Gateway(Child, SocketAddr);

impl Drop for Gateway {
    fn drop(&mut self) {
        // A test that fails must not leave a process behind; the signal is one that nobody catches.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(folder: &Path) -> Gateway {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let file = folder.join("gateway.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\ndata_dir = {:?}\nstatic_dir = \"{root}/static\"\n\
         secret = \"a gateway's secret of length\"\nvenue = \"chakri\"\ncontract = true\n\
         document = \"{root}/fixtures/venues/chakri.json\"\n",
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
    async fn ask(
        &self,
        (method, path): (Method, &str),
        cookie: &str,
        body: &Json,
    ) -> (Json, String) {
        let token = cookie.split_once('=').map(|(_, token)| csrf::of(token)).unwrap_or_default();
        let client = Client::builder().no_proxy().build().unwrap();
        let request = client
            .request(method, format!("http://{}{path}", self.1))
            .header("content-type", "application/json")
            .header("cookie", cookie)
            .header(csrf::HEADER, token)
            .body(body.to_string());
        let answer = request.send().await.unwrap();
        let set = answer.headers().get("set-cookie").map(|set| set.to_str().unwrap().to_owned());
        let cookie = set.unwrap_or_default().split(';').next().unwrap().to_owned();
        (serde_json::from_str(&answer.text().await.unwrap()).unwrap(), cookie)
    }
}

#[tokio::test]
async fn a_gateway_that_is_killed_while_it_prints_marks_the_next_strip_and_prints_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let grill = Printer::begin(Manner::Hangs).await;
    let gateway = start(folder.path());
    let roles = json!({"roles": ["counter", "owner", "manager"]});
    let (_, staff) = gateway.ask((Method::POST, "/contract/sign-in"), "", &roles).await;
    let settings = json!({"printers": [{"id": "grill", "name": "Grill", "kitchen": true,
        "address": grill.address(), "answers": true}]});
    let kept = gateway.ask((Method::PUT, "/api/settings/printing"), &staff, &settings).await.0;
    assert_eq!(kept["printers"][0]["id"], "grill", "{kept}");
    let basket = json!({
        "id": "00000000-0000-4000-8000-000000000001",
        "mode": "take_away",
        "lines": [{"product": "cola", "quantity": 1}],
        "total_cents": 250,
    });
    let placed = gateway.ask((Method::POST, "/api/orders"), "", &basket).await.0;
    let path = format!("/api/orders/{}/paid", placed["id"].as_str().expect("an order"));
    let paid = gateway.ask((Method::POST, &path), &staff, &json!({"means": "cash"})).await.0;
    assert_eq!(paid["state"], "paid", "no order waits for a printer: {paid}");
    grill.heard().await;
    drop(gateway);
    assert!(grill.strips().is_empty(), "it was killed before the printer answered");
    grill.turn(Manner::Prints);
    let again = start(folder.path());
    grill.printed().await;
    assert!(grill.strips()[0].contains("DUPLICATA"), "{:?}", grill.strips());
    // What was printed is noted: one who starts anew prints nothing, and the next order is first.
    drop(again);
    assert_eq!(grill.strips().len(), 1);
}
