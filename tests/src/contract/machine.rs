//! A machine that is enrolled at a venue, and what staff do about it, for the cases of devices.
//!
//! It must not know what a case asserts.

use domain::device::replica::Credential;
use serde_json::{Value as Json, json};
use sync_engine::seal::{Seal, equal, sign_answer};

use crate::contract::{
    exchange::nonce,
    venue::{Answer, Venue, now_ms},
};

/// Where a device says that it is there.
pub const CONTACT: &str = "/api/device/contact";

/// A machine that was enrolled, as it remembers itself.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) id: String,
    pub(super) key: Vec<u8>,
    /// Which of its keys that is, if it is a replica.
    pub(super) version: u32,
    pub(super) said: Json,
}

pub(super) fn machine(said: &Json) -> Machine {
    let text = said["device_key"].as_str().expect("an enrolment answers a key");
    let id = said["device"].as_str().expect("an enrolment answers a name").to_owned();
    let Credential { version, secret } = Credential::parse(text).expect("a key");
    Machine { id, key: secret.to_vec(), version, said: said.clone() }
}

impl Machine {
    /// Sends a signed request; tells whether the answer is signed as well.
    pub(super) fn ask(
        &self,
        venue: &Venue,
        path: &str,
        body: &[u8],
        (at_ms, number): (u64, u32),
    ) -> (Answer, bool) {
        let (device, nonce) = (format!("{}/{}", venue.id, self.id), nonce(number));
        let seal = Seal { device: &device, method: "POST", path, at_ms, nonce: &nonce, body };
        let (at, signature) = (at_ms.to_string(), seal.sign(&self.key));
        let version = self.version.to_string();
        let headers = [
            ("content-type", "application/json"),
            ("relais-venue", venue.id.as_str()),
            ("relais-device", self.id.as_str()),
            ("relais-key", version.as_str()),
            ("relais-at", at.as_str()),
            ("relais-nonce", nonce.as_str()),
            ("relais-signature", signature.as_str()),
        ];
        let answer = venue.send("POST", path, &headers, body);
        let expected = sign_answer(&self.key, &nonce, answer.status, &answer.bytes);
        let signed = equal(expected.as_bytes(), answer.header("relais-answer").as_bytes());
        (answer, signed)
    }

    /// Says that it is there.
    pub(super) fn contact(&self, venue: &Venue, number: u32) -> (Answer, bool) {
        self.ask(venue, CONTACT, br#"{"version": "1.2.3"}"#, (now_ms(), number))
    }
}

/// Makes a code for a device as somebody who looks after machines.
pub(super) fn code(venue: &Venue, kind: &str, name: &str) -> String {
    let cookie = venue.sign_in("technician");
    let wanted = json!({"kind": kind, "name": name, "place": "Hall"});
    let answer = venue.post_with("/api/devices", &wanted, &[("cookie", &cookie)]);
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()["code"].as_str().expect("a code").to_owned()
}

/// Enrols a device of this kind.
pub(super) fn enrolled(venue: &Venue, kind: &str) -> Machine {
    let answer = venue.post("/api/enrol", &json!({"code": code(venue, kind, "Machine")}));
    assert_eq!(answer.status, 201, "{}", answer.body);
    machine(&answer.json())
}

/// Does something about a device.
pub(super) fn change(venue: &Venue, id: &str, body: &Json) -> Answer {
    let cookie = venue.sign_in("technician");
    venue.post_with(&format!("/api/devices/{id}"), body, &[("cookie", &cookie)])
}

pub(super) fn listed(venue: &Venue, id: &str) -> Json {
    let cookie = venue.sign_in("technician");
    let all = venue.send("GET", "/api/devices", &[("cookie", &cookie)], b"").json();
    let one = all["devices"].as_array().into_iter().flatten().find(|one| one["id"] == id);
    one.cloned().unwrap_or_default()
}

pub(super) fn refused(answer: &Answer) -> (u16, String) {
    (answer.status, answer.code())
}

pub(super) fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}
