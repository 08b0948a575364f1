//! A gateway and its edge come to trust each other, and go on when keys change.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is a test: what does not hold panics"
)]

mod devices;
mod enrolment;
mod hand_over;
mod processes;
mod world;

use app::trust::{beacon, heed_beacon, revoke, verify};
use domain::{
    time::{Certainty, Passed},
    trust::{
        Document, Id, InTime, SecretKey, Window,
        beacon::Beacon,
        limits::CERTIFICATE_MS,
        receipt::Mode,
        revocation::Subject,
        text,
        ticket::{Due, Ticket},
    },
};
use serde_json::json;
use world::{DAY_MS, NOW_MS, Site, root, venue};

const MINUTE_MS: u64 = 60_000;

fn ticket(from_ms: u64) -> Ticket {
    let (order, order_hash) = (Id([7; 16]), [8; 32]);
    Ticket {
        venue: venue(),
        due: Due { order, order_hash, amount_cents: 1_150, attempt: 1, mode: Mode::Test },
        call: "K1-001".to_owned(),
        window: Window { from_ms, until_ms: from_ms + 1_800_000 },
        lines: Vec::new(),
    }
}

/// What the gateway of a site signs, as the edge sees it.
async fn seen_at_the_edge(site: &Site) -> Result<InTime, &'static str> {
    let now_ms = site.edge.app.clock.now_ms();
    let key = site.gateway.app.host.signing_key(&venue());
    let signed = Document::sign(&key, &ticket(now_ms)).unwrap();
    let (app, db, venue) = (&site.edge.app, site.edge.db(), venue());
    let found = verify::<Ticket>(app, &db, &venue, signed.as_bytes()).await;
    found.map(|found| found.in_time).map_err(|problem| problem.code)
}

#[tokio::test]
async fn a_gateway_is_certified_when_it_first_comes_and_its_tickets_are_believed() {
    let mut site = Site::start().await;
    assert_eq!(seen_at_the_edge(&site).await, Err("key_unknown"));
    assert_eq!(site.come(0).await, Ok(true));
    let kept = site.gateway.kept().await;
    let pinned = kept.roots.expect("the roots are pinned");
    assert_eq!(pinned.claim().present, site.edge.app.host.root_key().unwrap().public());
    let own = site.gateway.certificate().await.unwrap();
    assert_eq!(own.claim().key, site.gateway.app.host.signing_key(&venue()).public());
    assert_eq!(own.claim().window.until_ms, NOW_MS + CERTIFICATE_MS);
    assert_eq!(site.edge.certificate().await, Some(own), "the edge knows whom it certified");
    assert_eq!(seen_at_the_edge(&site).await, Ok(InTime::Yes));
}

#[tokio::test]
async fn a_certificate_is_renewed_when_a_third_of_its_life_is_left() {
    let mut site = Site::start().await;
    site.come(0).await.unwrap();
    let first = site.gateway.certificate().await.unwrap();
    assert_eq!(site.come(20 * DAY_MS).await, Ok(false));
    assert_eq!(site.come(MINUTE_MS).await, Ok(true));
    assert_eq!(site.asked(), 2);
    let second = site.gateway.certificate().await.unwrap();
    assert!(second.claim().window.until_ms > first.claim().window.until_ms);
    assert_eq!(site.come(1).await, Ok(false), "it looks once a minute at most");
    // A gateway that was cut off for longer is believed no more, until it comes again.
    site.edge.clock.pass(31 * DAY_MS);
    site.gateway.clock.pass(31 * DAY_MS);
    assert_eq!(seen_at_the_edge(&site).await, Err("document_expired"));
    assert_eq!(site.come(0).await, Ok(true));
    assert_eq!(seen_at_the_edge(&site).await, Ok(InTime::Yes));
}

#[tokio::test]
async fn a_gateway_whose_clock_is_years_off_is_certified_by_the_edges_time() {
    for wrong_ms in [NOW_MS - 3_000 * DAY_MS, NOW_MS + 3_000 * DAY_MS] {
        let mut site = Site::start().await;
        site.gateway.clock.forget(wrong_ms);
        // The first attempt learns the time, as with every exchange.
        site.up.exchange().await.unwrap_err();
        site.up.exchange().await.unwrap();
        assert_eq!(site.up.certify().await, Ok(true));
        assert_eq!(site.come(MINUTE_MS).await, Ok(false), "{wrong_ms}: it lasts");
    }
}

#[tokio::test]
async fn a_new_root_is_learnt_while_the_old_one_vouches_for_it() {
    let mut site = Site::start().await;
    site.come(0).await.unwrap();
    let first = site.gateway.kept().await.roots.unwrap().claim().present;
    site.rotate(root("the second root's seed", Some("the first root's seed")));
    assert_eq!(seen_at_the_edge(&site).await, Ok(InTime::Yes), "the old certificate holds on");
    assert_eq!(site.come(MINUTE_MS).await, Ok(true), "at the first exchange, by its beacon");
    let list = site.gateway.kept().await.roots.unwrap();
    let second = list.claim().present;
    assert_ne!(second, first);
    assert_eq!(list.claim().previous, Some(first));

    site.rotate(root("the second root's seed", None));
    assert_eq!(seen_at_the_edge(&site).await, Ok(InTime::Yes));
    assert_eq!(site.come(25 * DAY_MS).await, Ok(true));
    assert_eq!(site.gateway.kept().await.roots.unwrap().claim().previous, None);
}

#[tokio::test]
async fn a_root_that_no_pinned_one_vouches_for_is_not_believed() {
    let mut site = Site::start().await;
    site.come(0).await.unwrap();
    let before = site.gateway.kept().await;
    site.rotate(root("somebody else's own seed", None));
    let refused = site.come(MINUTE_MS).await.unwrap_err();
    assert!(refused.ends_with("key_unknown"), "{refused}");
    let after = site.gateway.kept().await;
    assert_eq!(after.roots, before.roots);
    assert_eq!(after.certificates, before.certificates);
}

#[tokio::test]
async fn an_answer_that_lies_changes_nothing() {
    fn swap(said: &mut serde_json::Value) {
        let other = SecretKey::from_seed(&[9; 32]);
        let beacon = Document::sign(&other, &Beacon { at_ms: NOW_MS }).unwrap();
        said["certificate"] = json!(text::to_url(beacon.as_bytes()));
    }
    let lies: [(world::Lie, &str); 4] = [
        (|said| said["roots"] = json!([]), "document_malformed"),
        (|said| said["roots"][0] = json!("AAAA"), "document_version_unknown"),
        (|said| said["certificate"] = json!("?"), "document_malformed"),
        (swap, "document_kind_wrong"),
    ];
    let mut site = Site::start().await;
    for (lie, code) in lies {
        *site.line.lie.lock().unwrap() = Some(lie);
        let refused = site.come(MINUTE_MS).await.unwrap_err();
        assert!(refused.ends_with(code), "{refused}, expected {code}");
        let kept = site.gateway.kept().await;
        assert!(kept.roots.is_none() && kept.certificates.is_empty(), "{code}");
    }
    *site.line.lie.lock().unwrap() = None;
    assert_eq!(site.come(MINUTE_MS).await, Ok(true));
}

#[tokio::test]
async fn the_edge_certifies_sound_keys_of_the_venues_gateway_alone() {
    let site = Site::start().await;
    let ask = |key: &str| json!({"public_key": key}).to_string();
    let sound = SecretKey::from_seed(&[9; 32]).public().to_string();
    let weak = format!("01{}", "00".repeat(31));
    for (what, device, body, status, code) in [
        ("another device", "kiosk", ask(&sound), 403, "unknown_device"),
        ("another replica", "standby", ask(&sound), 403, "signer_not_permitted"),
        ("a weak key", "gateway", ask(&weak), 422, "key_invalid"),
        ("no key", "gateway", ask("nonsense"), 422, "key_invalid"),
        ("no JSON", "gateway", "{".to_owned(), 400, "invalid_json"),
    ] {
        let (found, answer) = site.edge.post_as(device, &body).await;
        assert_eq!((found, answer["error"]["code"].as_str()), (status, Some(code)), "{what}");
    }
    assert_eq!(site.edge.certificate().await, None);
    for number in 1..=64 {
        let key = SecretKey::from_seed(&[number; 32]).public().to_string();
        assert_eq!(site.edge.post_as("gateway", &ask(&key)).await.0, 200, "{number}");
    }
    let key = SecretKey::from_seed(&[65; 32]).public().to_string();
    assert_eq!(site.edge.post_as("gateway", &ask(&key)).await.0, 403, "there is an end");
    assert_eq!(site.edge.post_as("gateway", &ask(&sound)).await.0, 200, "known keys renew");
}

#[tokio::test]
async fn a_revocation_reaches_the_other_side_and_the_key_gets_no_new_certificate() {
    let mut site = Site::start().await;
    site.come(0).await.unwrap();
    let key = site.gateway.app.host.signing_key(&venue()).public();
    let subject = Subject::Key(key.id());
    // Revoked on site, it counts at the edge as soon as it has arrived there.
    let here = site.gateway.here().await;
    for _ in 0..2 {
        revoke(&site.gateway.app, &site.gateway.db(), &here, subject).await.unwrap();
    }
    assert_eq!(seen_at_the_edge(&site).await, Ok(InTime::Yes));
    site.come(MINUTE_MS).await.unwrap();
    assert_eq!(seen_at_the_edge(&site).await, Err("document_revoked"));
    let body = json!({"public_key": key.to_string()}).to_string();
    let (status, answer) = site.edge.post_as("gateway", &body).await;
    assert_eq!((status, answer["error"]["code"].as_str()), (403, Some("document_revoked")));

    let document = site.edge.certificate().await.unwrap();
    let other = Subject::Document(document.claim().id);
    let here = site.edge.here().await;
    revoke(&site.edge.app, &site.edge.db(), &here, other).await.unwrap();
    site.come(MINUTE_MS).await.unwrap();
    let sql = "SELECT id FROM revocation ORDER BY id";
    let rows = |node: &world::Node| {
        let db = node.db();
        async move { db.rows(sync_engine::statement::Statement::new(sql, Vec::new())).await }
    };
    let (here, there) = (rows(&site.gateway).await.unwrap(), rows(&site.edge).await.unwrap());
    assert_eq!(here, there);
    assert_eq!(here.len(), 2, "revoking twice is revoking once: {here:?}");
}

#[tokio::test]
async fn a_beacon_raises_the_floor_of_a_gateway_without_time_and_a_forged_one_does_not() {
    let mut site = Site::start().await;
    site.come(0).await.unwrap();
    let later_ms = NOW_MS + 40 * DAY_MS;
    let carried = text::from_url(&beacon(&site.edge.app.host, later_ms).unwrap()).unwrap();
    // A power cut, no battery clock, no line; a customer's phone brings the beacon.
    site.gateway.clock.forget(NOW_MS - 3_000 * DAY_MS);
    let (app, db) = (&site.gateway.app, site.gateway.db());
    let floor = || async {
        let time = app::time::load(app, &db, &venue()).await.unwrap();
        let Certainty::Uncertain { floor_ms } = time.certainty else { panic!("{time:?}") };
        (floor_ms, time.has_passed(NOW_MS + 39 * DAY_MS))
    };
    assert_eq!(floor().await.1, Passed::Unknown);
    let forged = Document::sign(&SecretKey::from_seed(&[9; 32]), &Beacon { at_ms: later_ms });
    let refused = heed_beacon(app, &db, &venue(), forged.unwrap().as_bytes()).await;
    assert_eq!(refused.unwrap_err().code, "key_unknown");
    assert_eq!(floor().await.1, Passed::Unknown);
    assert_eq!(heed_beacon(app, &db, &venue(), &carried).await.unwrap(), later_ms);
    assert_eq!(floor().await, (later_ms, Passed::Yes));
    // An old one takes nothing away.
    let old = text::from_url(&beacon(&site.edge.app.host, NOW_MS).unwrap()).unwrap();
    heed_beacon(app, &db, &venue(), &old).await.unwrap();
    assert_eq!(floor().await, (later_ms, Passed::Yes));
}

#[tokio::test]
async fn every_exchange_brings_the_signed_time_and_one_an_hour_is_kept() {
    let mut site = Site::start().await;
    site.come(0).await.unwrap();
    let root = site.edge.app.host.root_key().unwrap().public();
    let kept = |site: &Site| {
        let db = site.gateway.db();
        async move {
            let text = app::rows::trust::load(&db, &venue()).await.unwrap().beacon;
            let read = Document::<Beacon>::read(&text::from_url(&text).unwrap()).unwrap();
            read.check(&root).unwrap();
            read.claim().at_ms
        }
    };
    assert_eq!(kept(&site).await, NOW_MS);
    site.come(30 * MINUTE_MS).await.unwrap();
    assert_eq!(kept(&site).await, NOW_MS);
    site.come(30 * MINUTE_MS).await.unwrap();
    assert_eq!(kept(&site).await, NOW_MS + 60 * MINUTE_MS);
    assert_eq!(site.asked(), 1, "that costs no request");
}
