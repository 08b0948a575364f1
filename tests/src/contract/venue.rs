//! A fresh venue on a running host, and the requests that cases make of it.
//!
//! It must not know what a case asserts, nor which host answers.

use std::time::Duration;

use app::csrf;
use serde_json::{Value as Json, json};
use sync_engine::seal::{Seal, equal, sign_answer};
use ureq::{Agent, http::Response};

/// The set-up code of every host under test.
pub const SETUP_CODE: &str = "contract-setup-code";

/// The recovery code of every host under test.
pub const RECOVERY_CODE: &str = "contract-recovery-code";

/// Changes that the demo venue's document makes: the venue, its hours, its deliveries and its map,
/// 6 categories, 3 registers for each of 22 products, 2 for each of 2 promotions, and what was
/// published: a page for each category, and the version.
pub const PUBLISHED: usize = 5 + 6 + 3 * 22 + 2 * 2 + 6 + 1;

const DOCUMENT: &str = include_str!("../../../fixtures/venues/chakri.json");

/// A running host.
pub struct Host {
    /// What it is called in reports.
    pub name: &'static str,
    /// Its address, `http://127.0.0.1:PORT`.
    pub url: String,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Returns a header; empty when it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Reads the body as JSON.
    #[must_use]
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// Returns the code of the error that it is.
    #[must_use]
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A fresh venue on a host.
pub struct Venue {
    agent: Agent,
    url: String,
    /// Its id.
    pub id: String,
    /// Its public name.
    pub domain: String,
    /// What set-up answered.
    pub keys: Json,
}

/// Headers of one request.
pub type Headers<'a> = &'a [(&'a str, &'a str)];

impl Venue {
    /// Opens a venue with the demo menu under a name of its own.
    #[must_use]
    pub fn open(host: &Host, id: &str) -> Self {
        let config = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        let domain = format!("{id}.example");
        let venue = Self {
            agent: config.into(),
            url: host.url.clone(),
            id: id.to_owned(),
            domain,
            keys: Json::Null,
        };
        let answer = venue.set_up(&venue.document());
        assert_eq!(answer.status, 200, "the venue opens: {}", answer.body);
        Self { keys: answer.json(), ..venue }
    }

    /// Opens another venue beside it, on the same host.
    #[must_use]
    pub fn beside(&self) -> Self {
        let host = Host { name: "the same host", url: self.url.clone() };
        Self::open(&host, &format!("{}-beside", self.id))
    }

    /// Returns the demo venue's document under this venue's name.
    #[must_use]
    pub fn document(&self) -> Json {
        let mut document: Json = serde_json::from_str(DOCUMENT).expect("the demo venue is JSON");
        document["venue"]["id"] = json!(self.id);
        document["domains"] = json!([self.domain]);
        document
    }

    /// Sends a venue document to the set-up route.
    #[must_use]
    pub fn set_up(&self, document: &Json) -> Answer {
        let bearer = format!("Bearer {SETUP_CODE}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        self.send("POST", "/api/setup/venues", &headers, document.to_string().as_bytes())
    }

    /// Sends a request and reads the answer.
    #[must_use]
    pub fn send(&self, method: &str, path: &str, headers: Headers<'_>, body: &[u8]) -> Answer {
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", &self.domain);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        // What a page of ours would send back with its forms.
        if let Some(token) = form_token(headers) {
            request = request.header(csrf::HEADER, token);
        }
        let answer = if method == "GET" || method == "HEAD" {
            self.agent.run(request.body(()).expect("the request is well formed"))
        } else {
            self.agent.run(request.body(body).expect("the request is well formed"))
        };
        read(answer.unwrap_or_else(|error| panic!("{method} {path}: {error}")))
    }

    /// Asks for a page or a document.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    /// Sends JSON.
    #[must_use]
    pub fn post(&self, path: &str, body: &Json) -> Answer {
        self.post_with(path, body, &[])
    }

    /// Sends JSON with headers.
    #[must_use]
    pub fn post_with(&self, path: &str, body: &Json, headers: Headers<'_>) -> Answer {
        let with_type = [&[("content-type", "application/json")], headers].concat();
        self.send("POST", path, &with_type, body.to_string().as_bytes())
    }

    /// Signs somebody in who has this role and returns the cookie.
    #[must_use]
    pub fn sign_in(&self, role: &str) -> String {
        self.sign_in_as(&json!({"roles": [role]})).0
    }

    /// Signs somebody in and returns the cookie, and what the host says of them.
    #[must_use]
    pub fn sign_in_as(&self, wanted: &Json) -> (String, Json) {
        let answer = self.post("/contract/sign-in", wanted);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        (cookie, answer.json())
    }

    /// Runs a case of SQL through the host's database port.
    #[must_use]
    pub fn sql(&self, op: &str, statements: Json) -> Json {
        let body = json!({"op": op, "statements": statements});
        let answer = self.post("/contract/sql", &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// Returns the rows of one query.
    #[must_use]
    pub fn rows(&self, sql: &str, params: Json) -> Json {
        let result = self.sql("read", json!([{"sql": sql, "params": params}]));
        assert!(result["ok"].is_array(), "{sql}: {result}");
        result["ok"][0].clone()
    }

    /// Returns how many changes, facts and rows the venue has: equal means that nothing changed.
    #[must_use]
    pub fn footprint(&self) -> Json {
        let stream = format!("{}/%", self.id);
        self.rows(
            "SELECT (SELECT count(*) FROM change_log c JOIN stream_writer v ON v.id = c.writer \
             WHERE v.stream LIKE ?1) AS changes, \
             (SELECT coalesce(sum(seq), 0) FROM stream_writer WHERE stream LIKE ?1) AS seqs, \
             (SELECT count(*) FROM customer_order WHERE venue = ?2) AS orders, \
             (SELECT count(*) FROM payment WHERE venue = ?2) AS payments, \
             (SELECT count(*) FROM order_event WHERE venue = ?2) AS events, \
             (SELECT coalesce(sum(available), 0) FROM product WHERE venue = ?2) AS available",
            json!([stream, self.id]),
        )
    }

    /// Returns the key with which the venue's gateway signs.
    #[must_use]
    pub fn device_key(&self) -> Vec<u8> {
        let text = self.keys["device_key"].as_str().expect("set-up answers a device key");
        let pair = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
        (0..text.len()).step_by(2).map(pair).collect()
    }

    /// Returns the host's address and port.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Sends a signed message and checks that the answer is signed.
    #[must_use]
    pub fn exchange(&self, message: &Json, at_ms: u64, nonce: &str) -> Answer {
        let body = message.to_string();
        self.exchange_bytes(("application/json", body.as_bytes()), at_ms, nonce)
    }

    /// Sends signed bytes and checks that the answer is signed.
    #[must_use]
    pub fn exchange_bytes(&self, what: (&str, &[u8]), at_ms: u64, nonce: &str) -> Answer {
        self.signed("/api/exchange", what, at_ms, nonce)
    }

    /// Sends signed bytes to any route for devices and checks that the answer is signed.
    #[must_use]
    pub fn signed(
        &self,
        path: &str,
        (content_type, body): (&str, &[u8]),
        at_ms: u64,
        nonce: &str,
    ) -> Answer {
        let key = self.device_key();
        let device = format!("{}/gateway", self.id);
        let seal = Seal { device: &device, method: "POST", path, at_ms, nonce, body };
        let (at, signature) = (at_ms.to_string(), seal.sign(&key));
        let headers = [
            ("content-type", content_type),
            ("relais-venue", self.id.as_str()),
            ("relais-device", "gateway"),
            ("relais-at", at.as_str()),
            ("relais-nonce", nonce),
            ("relais-signature", signature.as_str()),
        ];
        let answer = self.send("POST", path, &headers, body);
        let expected = sign_answer(&key, nonce, answer.status, &answer.bytes);
        let signed = answer.header("relais-answer");
        assert!(equal(expected.as_bytes(), signed.as_bytes()), "the answer is signed: {answer:?}");
        answer
    }
}

fn form_token(headers: Headers<'_>) -> Option<String> {
    let given = headers.iter().any(|(name, _)| *name == csrf::HEADER);
    let cookie = headers.iter().find(|(name, _)| *name == "cookie").map(|(_, value)| *value)?;
    let names = ["relais_session=", "relais_device=", "relais_at_kiosk="];
    let token = |name| cookie.split("; ").find_map(|pair| pair.strip_prefix(name));
    let token = names.into_iter().find_map(token)?;
    (!given).then(|| csrf::of(token))
}

fn read(mut answer: Response<ureq::Body>) -> Answer {
    let status = answer.status().as_u16();
    let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into();
    let headers =
        answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let bytes = answer.body_mut().with_config().limit(50_000_000).read_to_vec();
    let bytes = bytes.unwrap_or_else(|error| panic!("the body: {error}"));
    Answer { status, headers, body: String::from_utf8_lossy(&bytes).into_owned(), bytes }
}

/// Returns this machine's time in milliseconds since 1970.
#[must_use]
pub fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    u64::try_from(since.expect("the clock is past 1970").as_millis()).expect("64 bits are enough")
}

/// Returns a basket's id that is unique per number.
#[must_use]
pub fn basket_id(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// Returns the id of the order that the edge makes of the basket.
#[must_use]
pub fn order_id(number: u32) -> String {
    domain::ordering::order_id("W", &basket_id(number))
}

/// Returns a basket with one Cheese King with Ketchup.
#[must_use]
pub fn cheese_king(number: u32) -> Json {
    json!({
        "id": basket_id(number),
        "mode": "eat_in",
        "lines": [{
            "product": "le-cheese-king",
            "quantity": 1,
            "choices": [{"group": "sauce", "choice": "ketchup"}],
        }],
        "total_cents": 1150,
    })
}
