//! Tests of where requests may go.

use std::sync::Mutex;

use super::*;
use crate::ports::{Method, Pending, Wanted};

/// Notes what reaches the network.
#[derive(Default)]
struct Network(Mutex<Vec<String>>);

impl Http for Network {
    fn send<'a>(&'a self, request: Outgoing) -> Pending<'a, Result<Incoming, Fault>> {
        self.0.lock().unwrap().push(request.url);
        Box::pin(async { Ok(Incoming { status: 200, headers: Vec::new(), body: Vec::new() }) })
    }
}

fn get(url: &str) -> Outgoing {
    let wanted = Wanted { headers: &[], body_bytes: 10, within_ms: 10 };
    let (url, headers) = (url.to_owned(), Vec::new());
    Outgoing { method: Method::Get, url, headers, body: Vec::new(), wanted }
}

/// Odd, near, or not what it seems.
const REFUSED: &[&str] = &[
    "http://mail.example/",
    "ftp://mail.example/",
    "HTTPS://mail.example/",
    "//mail.example/",
    "https://",
    "https://user@mail.example/",
    "https://user:word@mail.example/",
    "https://mail.example\\@10.0.0.1/",
    "https://mail.example%2f@10.0.0.1/",
    "https://mail.example:0443/",
    "https://mail.example:/",
    "https://mail.example:99999/",
    "https://mail.example./",
    "https://MAIL.example/",
    "https://mаil.example/",
    "https://mail..example/",
    "https://-mail.example/",
    "https://mail_.example/",
    "https://intranet/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://router.home.arpa/",
    "https://localhost/",
    "https://a.localhost/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://127.0.0.01/",
    "https://mail.example.1/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:8.8.8.8]/",
    "https://[::7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fd00::1]/",
    "https://[ff02::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[::1",
    "https://a b.example/",
    "https://mail.example/\r\nhost: other",
];

#[test]
fn only_plain_public_https_addresses_are_origins() {
    let far_too_long = format!("https://mail.example/{}", "a".repeat(5_000));
    for url in REFUSED.iter().copied().chain([far_too_long.as_str()]) {
        assert!(Origin::of(url, Reach::Public).is_err(), "{url}");
    }
    for url in [
        "https://mail.example",
        "https://mail.example:8443/v1/send?a=b#c",
        "https://xn--mil-6cd.example/",
        "https://1.1.1.1/",
        "https://[2606:4700::1111]/",
    ] {
        assert!(Origin::of(url, Reach::Public).is_ok(), "{url}");
    }
}

#[test]
fn loopback_is_within_reach_of_demos_and_suites_alone() {
    for url in ["http://127.0.0.1:9/", "http://[::1]:9/", "http://localhost:9/"] {
        assert!(Origin::of(url, Reach::of(false, true)).is_ok(), "{url}");
        assert!(Origin::of(url, Reach::of(true, false)).is_ok(), "{url}");
        assert!(Origin::of(url, Reach::of(false, false)).is_err(), "{url}");
    }
    for url in ["http://10.0.0.1/", "http://[::ffff:127.0.0.1]/", "http://a.localhost/"] {
        assert!(Origin::of(url, Reach::WithLoopback).is_err(), "{url}");
    }
}

#[test]
fn the_usual_port_is_the_same_origin_and_another_one_is_not() {
    let origin = |url| Origin::of(url, Reach::Public).unwrap();
    assert_eq!(origin("https://mail.example"), origin("https://mail.example:443/path"));
    assert_ne!(origin("https://mail.example"), origin("https://mail.example:8443"));
}

#[tokio::test]
async fn a_request_goes_only_where_its_errand_may() {
    let network = Arc::new(Network::default());
    let mut outbound = Outbound::new(network.clone(), Reach::Public);
    outbound.allow(Errand::Mail, "https://mail.example/v1/send").unwrap();
    outbound.allow(Errand::OpenId, "https://accounts.example").unwrap();
    assert!(outbound.allow(Errand::Blobs, "https://10.0.0.1/").is_err());
    outbound.send(Errand::Mail, get("https://mail.example/v1/other")).await.unwrap();
    for (errand, url) in [
        (Errand::Mail, "https://accounts.example/"),
        (Errand::Mail, "https://mail.example.evil.example/"),
        (Errand::Mail, "https://mail.example:444/"),
        (Errand::Mail, "https://mail.example@evil.example/"),
        (Errand::Blobs, "https://mail.example/"),
    ] {
        assert!(!outbound.send(errand, get(url)).await.unwrap_err().retryable, "{url}");
    }
    let header = ("authorization", "Bearer a\r\nhost: evil".to_owned());
    let split = Outgoing { headers: vec![header], ..get("https://mail.example/") };
    assert!(outbound.send(Errand::Mail, split).await.is_err());
    assert_eq!(*network.0.lock().unwrap(), ["https://mail.example/v1/other"]);
}
