//! Exchanges that nobody but the gateway's own standby may have.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use sync_engine::seal::{Seal, derive};

use crate::site::{Answer, Node, SECRET, Site};

/// Sends a device's request; whoever forges chooses venue, name, key and nonce.
struct Sender<'a> {
    venue: &'a str,
    device: &'a str,
    key: [u8; 32],
    nonce: &'a str,
}

impl Sender<'_> {
    fn send(&self, to: &Node, method: &str, path: &str, body: &str) -> Answer {
        let at_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
        let device = format!("{}/{}", self.venue, self.device);
        let (device, nonce) = (device.as_str(), self.nonce);
        let seal = Seal { device, method, path, at_ms, nonce, body: body.as_bytes() };
        let signature = seal.sign(&self.key);
        let headers = [
            ("content-type", "application/json"),
            ("upgrade", "websocket"),
            ("relais-venue", self.venue),
            ("relais-device", self.device),
            ("relais-at", &at_ms.to_string()),
            ("relais-nonce", nonce),
            ("relais-signature", &signature),
        ];
        to.ask(&format!("{method} {path}"), &headers, body)
    }
}

fn key(venue: &str, device: &str) -> [u8; 32] {
    derive(SECRET.as_bytes(), &format!("device/{venue}/{device}"))
}

#[test]
fn a_gateway_answers_its_own_standby_and_nobody_else() {
    let site = Site::start();
    let message = json!({
        "protocol": 1, "venue": "chakri", "replica": "standby", "generation": "x", "streams": {},
    });
    let own = Sender {
        venue: "chakri",
        device: "standby",
        key: key("chakri", "standby"),
        nonce: "0000000000000001",
    };
    let cases = [
        (Sender { key: [7; 32], ..own }, 401, "signature_invalid", "a key of its own"),
        (Sender { device: "gateway", ..own }, 401, "signature_invalid", "another's name"),
        (
            Sender { device: "gateway", key: key("chakri", "gateway"), ..own },
            403,
            "unknown_device",
            "a device that is not enrolled here",
        ),
        (
            Sender { venue: "annexe", key: key("annexe", "standby"), ..own },
            403,
            "unknown_device",
            "another venue's standby",
        ),
        (Sender { ..own }, 200, "", "the standby"),
        (Sender { ..own }, 409, "request_replayed", "its request once more"),
    ];
    for (sender, status, code, who) in cases {
        let answer = sender.send(&site.gateway, "POST", "/api/exchange", &message.to_string());
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{who}: {answer:?}");
        if status == 403 {
            let answer = sender.send(&site.gateway, "GET", "/live", "");
            assert_eq!(answer.code(), code, "{who} listens: {answer:?}");
        }
    }
    let asked = Sender { nonce: "0000000000000002", ..own };
    let answer = asked.send(&site.standby, "POST", "/api/exchange", &message.to_string());
    assert_eq!((answer.status, answer.code().as_str()), (503, "standby"), "{answer:?}");
    let answer = asked.send(&site.standby, "GET", "/live", "");
    assert_eq!((answer.status, answer.code().as_str()), (403, "unknown_device"), "{answer:?}");
}
