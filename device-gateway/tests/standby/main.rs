//! A standby beside its gateway, both as processes: what it shows, what it refuses, and what waits
//! for it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "this is a test: what does not hold panics"
)]

mod erasing;
mod forged;
mod site;

use std::time::{Duration, Instant};

use app::routes::ROUTES;
use serde_json::json;
use site::{Site, until};

/// The gateway's limit for a standby that says nothing.
const LIMIT: Duration = Duration::from_secs(2);
/// Sales after which the gateway dies.
const DEATHS: u32 = 20;
/// Sales that are measured.
const SALES: usize = 200;

#[test]
fn an_order_is_at_the_standby_within_a_second_whether_the_edge_is_there_or_not() {
    let mut site = Site::start();
    for (edge, numbers) in [("there", 1..=20), ("gone", 21..=40)] {
        if edge == "gone" {
            site.edge.kill();
        }
        let started = Instant::now();
        for number in numbers {
            let order = site.gateway.order(number);
            let placed = Instant::now();
            until("the order arrives", || site.standby.has(&order));
            let took = placed.elapsed();
            assert!(took < Duration::from_secs(1), "{took:?} with the edge {edge}");
        }
        // One that only asks takes half a second for each.
        let took = started.elapsed();
        assert!(took < Duration::from_secs(5), "{took:?} with the edge {edge}");
    }
    let cookie = site.sign_in_at_standby();
    let counter = site.standby.ask("GET /counter", &[("cookie", &cookie)], "");
    assert!(counter.body.contains("K1-040"), "staff read on there: {counter:?}");
    let status = site.standby.ask("GET /sync-status", &[("cookie", &cookie)], "");
    assert!(status.body.contains("La machine principale"), "{status:?}");
    let page = site.gateway.ask("GET /sync-status", &[("cookie", &site.gateway.sign_in())], "");
    assert!(page.body.contains("La machine de secours"), "{page:?}");
    assert!(page.body.contains("data-standby=\"follows\""), "{page:?}");
}

#[test]
fn a_sale_that_was_answered_is_at_the_standby_when_the_gateway_dies() {
    let mut site = Site::start();
    let lease = site.lease();
    for death in 0..DEATHS {
        site.until_followed();
        // An order that is there shows that the standby listens again.
        let order = site.gateway.order(death);
        until("the order arrives", || site.standby.has(&order));
        let (follows, _) = site.sell(&lease, &format!("sale-{death}"));
        site.gateway.kill();
        assert_eq!(follows, "closely", "{death}");
        let sql = format!("SELECT count(*) FROM lease_spend WHERE spend_key = 'sale-{death}'");
        assert_eq!(site.standby.count(&sql), 1, "sale {death} is gone");
        site.gateway.restart();
    }
}

#[test]
fn a_standby_that_says_nothing_is_waited_for_once_until_it_has_caught_up() {
    let mut site = Site::start();
    let lease = site.lease();
    for round in 0..2 {
        site.standby.freeze(true);
        let (follows, took) = site.sell(&lease, &format!("{round}-first"));
        assert!(took >= LIMIT && took < 2 * LIMIT, "round {round}: {took:?}");
        assert_eq!(follows, "lost");
        let (follows, took) = site.sell(&lease, &format!("{round}-second"));
        assert!(took < LIMIT / 2, "round {round}: {took:?}");
        assert_eq!(follows, "lost");
        if round == 0 {
            let cookie = site.gateway.sign_in();
            let cookie = [("cookie", cookie.as_str())];
            let status = site.gateway.ask("GET /api/sync-status", &cookie, "").json();
            assert_eq!(status["standby"]["state"], "lost");
            let page = site.gateway.ask("GET /sync-status", &cookie, "");
            assert!(page.body.contains("data-standby=\"lost\""), "{page:?}");
        }
        site.standby.freeze(false);
        site.until_followed();
        assert_eq!(site.sell(&lease, &format!("{round}-third")).0, "closely");
    }
    assert_eq!(site.gateway.log().matches("the standby is lost").count(), 2);

    site.standby.kill();
    let (follows, took) = site.sell(&lease, "after-its-end");
    assert!(took < 2 * LIMIT, "{took:?}");
    assert_eq!(follows, "lost");
    let (_, took) = site.sell(&lease, "once-more");
    assert!(took < LIMIT / 2, "{took:?}");
    site.standby.restart();
    site.until_followed();
    assert_eq!(site.standby.count("SELECT count(*) FROM lease_spend"), 8);
}

#[test]
fn a_gateway_that_starts_waits_for_the_standby_it_had_until_that_one_is_given_up() {
    let mut site = Site::start();
    let lease = site.lease();
    site.standby.kill();
    site.gateway.kill();
    site.gateway.restart();
    let cookie = site.gateway.sign_in();
    let cookie = [("cookie", cookie.as_str()), ("content-type", "application/json")];
    let waits_for = |site: &Site| {
        let status = site.gateway.ask("GET /api/sync-status", &cookie, "").json();
        let witnesses = status["leases"]["awaited"].as_array().cloned().unwrap_or_default();
        witnesses.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    until("the edge is heard", || waits_for(&site) == ["standby"]);
    let sale = json!({"op": "spend", "lease": lease, "key": "early", "amount": 1});
    let answer = site.gateway.post("/contract/lease", &sale);
    assert_eq!((answer.status, answer.code().as_str()), (503, "leases_wait"));
    let answer =
        site.gateway.ask("POST /api/sync-status/retire", &cookie, "{\"peer\": \"standby\"}");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(site.gateway.post("/contract/lease", &sale).status, 200);
}

#[test]
fn a_sale_costs_the_way_to_the_standby_and_back() {
    let mut site = Site::start();
    let lease = site.lease();
    for (standby, expect) in [("beside a standby", "closely"), ("alone", "lost")] {
        let mut times: Vec<Duration> = Vec::new();
        for sale in 0..SALES {
            let (follows, took) = site.sell(&lease, &format!("{expect}-{sale}"));
            assert_eq!(follows, expect);
            times.push(took);
        }
        times.sort();
        let (middle, late) = (times[SALES / 2], times[SALES * 95 / 100]);
        println!("{SALES} sales {standby}: p50 {middle:?}, p95 {late:?}");
        assert!(middle < LIMIT / 4, "{standby}: {middle:?}");
        if expect == "closely" {
            site.standby.kill();
            until("it is missed", || site.follows() == "lost");
        }
    }
}

#[test]
fn a_standby_refuses_every_route_that_writes_and_keeps_the_others() {
    let site = Site::start();
    let mut refused = 0;
    let sentences = [("fr", "machine principale"), ("nl", "hoofdtoestel"), ("en", "main machine")];
    for route in ROUTES.iter().filter(|route| route.method == "POST") {
        for (language, says) in sentences {
            let path = route.path.replace("{id}", "x");
            let headers = [("content-type", "application/json"), ("accept-language", language)];
            let answer = site.standby.ask(&format!("POST {path}"), &headers, "{}");
            let is_refused = answer.status == 503 && answer.code() == "standby";
            assert_eq!(is_refused, route.writes, "{} {answer:?}", route.path);
            if is_refused {
                let sentence = answer.json()["error"]["message"].as_str().unwrap().to_owned();
                assert!(sentence.contains(says), "{sentence}");
                refused += 1;
            }
            let at_the_gateway = site.gateway.ask(&format!("POST {path}"), &headers, "{}");
            assert_ne!(at_the_gateway.code(), "standby", "{}", route.path);
        }
    }
    assert!(refused / sentences.len() > 15, "orders, kitchen, counter, people, exchange, set-up");
    let own = "SELECT count(*) FROM stream_writer WHERE replica = 'standby' AND seq > 0";
    assert_eq!(site.standby.count(own), 0);
}

#[test]
fn an_old_primary_hears_of_its_successor_and_sells_nothing_also_after_a_restart() {
    let mut site = Site::start();
    let lease = site.lease();
    let raised = "INSERT INTO venue_epoch (venue, seen) VALUES ('chakri', 2)";
    assert_eq!(site.standby.sql("commit", raised), json!([]));
    // The standby says so when it comes the next time, which an order makes it do.
    site.gateway.order(1);
    let cookie = site.gateway.sign_in();
    let cookie = [("cookie", cookie.as_str())];
    let status = |site: &Site| site.gateway.ask("GET /api/sync-status", &cookie, "").json();
    until("the gateway hears of it", || status(&site)["epoch"]["seen"] == 2);
    let sale = json!({"op": "spend", "lease": lease, "key": "late", "amount": 1});
    for life in ["as it was", "restarted"] {
        let answer = site.gateway.post("/contract/lease", &sale);
        assert_eq!((answer.status, answer.code().as_str()), (503, "leases_wait"), "{life}");
        assert_eq!(status(&site)["epoch"]["is_superseded"], true, "{life}");
        let page = site.gateway.ask("GET /sync-status", &cookie, "");
        assert!(page.body.contains("data-superseded"), "{life}: {page:?}");
        site.gateway.kill();
        site.gateway.restart();
    }
    // What is not exclusive goes on, and the edge is told with it.
    site.gateway.order(2);
    let seen = "SELECT seen FROM venue_epoch";
    until("the edge hears of it", || site.edge.sql("read", seen) == json!([[{"seen": 2}]]));
}
