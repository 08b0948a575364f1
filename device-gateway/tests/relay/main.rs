//! Edge, gateway and standby in one process, on real stores: what travels from the edge through the
//! gateway to its standby, and what each of them may forget.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this is a test: what does not hold panics"
)]

mod forged;
mod large;
mod older;
mod world;

use std::sync::atomic::Ordering;

use app::host::Side;
use app::{
    replication::epochs,
    standby::{DEVICE, Tip},
    witness,
};
use domain::catalogue::availability;
use sync_engine::{epoch, lease::Issue};
use world::{
    HOUR_MS, LOWERED_SQL, Node, PRODUCT, SECRET, Site, holder, issue, talk, uplink, venue,
};

#[tokio::test]
async fn a_stamp_that_the_edge_lowers_reaches_a_standby_that_holds_the_change_already() {
    let mut site = Site::start().await;
    site.agree().await;
    let now_ms = site.gateway.clock.pass(HOUR_MS);
    // What is on site is wrong together: a standby that is told the time forgets what it knew.
    site.standby.clock.pass(HOUR_MS);
    for round in 0..3 {
        site.gateway.write(availability(PRODUCT, round % 2 == 1)).await;
        talk(&mut site.along).await;
        let (_, ms) = site.standby.product().await;
        assert!(ms >= (now_ms + HOUR_MS) as i64, "the standby has it as it was claimed");
        talk(&mut site.up).await;
        talk(&mut site.along).await;
        let (edge, gateway) = (site.edge.product().await, site.gateway.product().await);
        assert!(edge.1 < (now_ms + HOUR_MS) as i64, "the edge lowers it: {edge:?}");
        assert_eq!((gateway, site.standby.product().await), (edge, edge), "round {round}");
        assert_eq!(site.standby.count(LOWERED_SQL).await, round + 1);
    }
    let mut again = uplink(&site.standby, &site.gateway, DEVICE).0;
    talk(&mut again).await;
    assert_eq!(again.audit_everything().await, Ok(0), "the two are equal, row by row");
}

#[tokio::test]
async fn a_gateway_lowers_nothing_that_its_standby_brings_and_the_edge_does() {
    let mut site = Site::start().await;
    site.agree().await;
    let now_ms = site.standby.clock.pass(HOUR_MS);
    // As after an earlier time as primary: a standby has nothing of its own to bring.
    site.standby.write(availability(PRODUCT, false)).await;
    talk(&mut site.along).await;
    assert!(site.gateway.product().await.1 >= (now_ms + HOUR_MS) as i64);
    site.agree().await;
    let edge = site.edge.product().await;
    assert!(edge.1 < (now_ms + HOUR_MS) as i64);
    assert_eq!((site.gateway.product().await, site.standby.product().await), (edge, edge));
}

#[tokio::test]
async fn an_edge_that_was_put_back_lowers_otherwise_and_the_standby_learns_it() {
    let mut site = Site::start().await;
    site.agree().await;
    let hour = |node: &Node| node.clock.pass(HOUR_MS);
    hour(&site.gateway);
    site.gateway.write(availability(PRODUCT, false)).await;
    site.agree().await;
    let before = site.edge.product().await;
    assert_eq!(site.standby.product().await, before);
    // Put back to a time before the change, the edge takes it in again, with its clock elsewhere.
    site.edge.clock.set(site.edge.app.clock.now_ms() - HOUR_MS);
    let gateway = "(SELECT id FROM stream_writer WHERE replica = 'gateway' \
                   AND stream = 'chakri/catalogue')";
    for sql in [
        format!("DELETE FROM change_log WHERE writer = {gateway}"),
        format!("UPDATE stream_writer SET seq = 0, tip = '' WHERE id = {gateway}"),
        format!(
            "UPDATE product SET available = 1, availability_stamp = 1 \
             WHERE availability_writer = {gateway}"
        ),
        "UPDATE hybrid_clock SET ms = 1795219100000, counter = 0".to_owned(),
    ] {
        site.edge.run(&sql).await;
    }
    site.agree().await;
    let after = site.edge.product().await;
    assert!(after.1 < before.1, "{before:?} {after:?}");
    assert_eq!(site.gateway.product().await, after);
    assert_eq!(site.standby.product().await, after);
}

#[tokio::test]
async fn the_gateway_s_log_waits_for_both_and_the_standby_s_for_the_edge() {
    let mut site = Site::start().await;
    for round in 0..3 {
        site.gateway.write(availability(PRODUCT, round % 2 == 1)).await;
        talk(&mut site.along).await;
    }
    assert_eq!(site.standby.kept().await, 3, "the edge was never met");
    site.agree().await;
    site.agree().await;
    let settled = site.gateway.kept().await;
    for round in 0..10 {
        site.gateway.write(availability(PRODUCT, round % 2 == 0)).await;
    }
    talk(&mut site.up).await;
    assert_eq!(site.gateway.kept().await, settled + 10, "the standby lacks ten");
    talk(&mut site.along).await;
    // What it says now is noted when there is something more to take.
    site.gateway.write(availability(PRODUCT, false)).await;
    site.agree().await;
    assert!(site.gateway.kept().await < 4, "both have them");

    site.line.is_cut.store(true, Ordering::Relaxed);
    let before = site.standby.kept().await;
    for round in 0..10 {
        site.gateway.write(availability(PRODUCT, round % 2 == 0)).await;
        talk(&mut site.along).await;
    }
    assert_eq!(site.standby.kept().await, before + 10, "the edge lacks them");
    assert_eq!(site.gateway.kept().await, before + 10);
    site.line.is_cut.store(false, Ordering::Relaxed);
    site.agree().await;
    site.agree().await;
    assert!(site.standby.kept().await < 4);
}

#[tokio::test]
async fn the_log_waits_for_a_standby_that_was_heard_before_the_edge() {
    let mut site = Site::start().await;
    site.gateway.write(availability(PRODUCT, false)).await;
    talk(&mut site.along).await;
    talk(&mut site.along).await;
    for round in 0..10 {
        site.gateway.write(availability(PRODUCT, round % 2 == 0)).await;
    }
    // The edge, which is met only now, has everything; the standby lacks ten.
    for _ in 0..3 {
        talk(&mut site.up).await;
        site.gateway.write(availability(PRODUCT, true)).await;
    }
    assert_eq!(site.gateway.kept().await, 14);
    site.agree().await;
    site.gateway.write(availability(PRODUCT, false)).await;
    site.agree().await;
    assert!(site.gateway.kept().await < 4, "both have them");
}

#[tokio::test]
async fn the_log_waits_for_an_edge_that_was_never_met() {
    let mut site = Site::start().await;
    site.gateway.db().commit(&witness::await_all(&venue(), &["edge"])).await.unwrap();
    for round in 0..10 {
        site.gateway.write(availability(PRODUCT, round % 2 == 0)).await;
        talk(&mut site.along).await;
    }
    assert_eq!(site.gateway.kept().await, 10);
    for _ in 0..3 {
        site.gateway.write(availability(PRODUCT, true)).await;
        site.agree().await;
    }
    assert!(site.gateway.kept().await < 4, "both have them");
}

#[tokio::test]
async fn what_a_standby_alone_heard_before_its_gateway_was_put_back_reaches_the_edge() {
    let mut site = Site::start().await;
    // The same life from its beginning: as an early image that was put back.
    let back = Node::start(Side::Gateway(venue()), "gateway", SECRET, 2).await;
    assert_eq!(back.here().await.writer, site.gateway.here().await.writer);
    for round in 0..10 {
        site.gateway.write(availability(PRODUCT, round % 2 == 0)).await;
    }
    talk(&mut site.along).await;
    let (mut up, mut along) =
        (uplink(&back, &site.edge, "gateway").0, uplink(&site.standby, &back, DEVICE).0);
    talk(&mut along).await;
    for round in 0..8 {
        back.write(availability("cola", round % 2 == 0)).await;
    }
    for _ in 0..3 {
        talk(&mut up).await;
        talk(&mut along).await;
    }
    let heard = site.standby.product().await;
    assert_eq!(heard.0, 0, "the branch that the standby heard ended in that");
    assert_eq!((site.edge.product().await, back.product().await), (heard, heard));
    assert_eq!(up.audit_everything().await, Ok(0));
}

#[tokio::test]
async fn rows_that_went_bad_on_a_standby_become_the_gateway_s_again() {
    let mut site = Site::start().await;
    site.gateway.write(availability(PRODUCT, false)).await;
    site.agree().await;
    assert_eq!(site.along.audit_everything().await, Ok(0));
    let sound = site.gateway.product().await;
    // The higher value would win where two sides merge.
    let rot = format!("UPDATE product SET available = 9 WHERE id = '{PRODUCT}'");
    site.standby.run(&rot).await;
    assert_eq!(site.along.audit_everything().await, Ok(1));
    assert_eq!(site.gateway.product().await, sound);
    assert_eq!(site.standby.product().await, sound);
    assert_eq!(site.along.audit_everything().await, Ok(0));
}

#[tokio::test]
async fn whoever_hears_of_a_higher_epoch_passes_it_on_and_an_old_primary_sells_nothing() {
    let mut site = Site::start().await;
    site.agree().await;
    let right = || Issue { right: "door".to_owned(), amount: 1, total: 9, holder: holder("a") };
    assert!(issue(&site.gateway, right()).await.is_ok());
    site.standby.db().commit(&[epoch::raise(&venue(), 3)]).await.unwrap();
    talk(&mut site.along).await;
    assert_eq!(issue(&site.gateway, right()).await, Err("leases_wait"));
    talk(&mut site.up).await;
    let known = epochs::load(&site.edge.db(), &venue()).await.unwrap();
    assert_eq!((known.seen, known.own), (3, 1));
    // A lower one changes nothing, and the edge tells the higher one.
    let count = "SELECT count(*) AS n FROM venue_epoch WHERE seen = 3";
    let lower = epochs::heed(&site.edge.db(), &venue(), 2).await.unwrap();
    assert_eq!((lower.seen, site.edge.count(count).await), (3, 1));
    let fresh = Node::start(Side::Gateway(venue()), "gateway", "another machine's", 4).await;
    assert!(issue(&fresh, right()).await.is_ok());
    talk(&mut uplink(&fresh, &site.edge, "gateway").0).await;
    assert_eq!(issue(&fresh, right()).await, Err("leases_wait"));
}

#[tokio::test]
async fn one_exchange_takes_a_sale_in_and_says_that_it_is_held() {
    let mut site = Site::start().await;
    site.agree().await;
    let ask = Issue { right: "door".to_owned(), amount: 1, total: 9, holder: holder("a") };
    issue(&site.gateway, ask).await.unwrap();
    assert!(site.along.exchange().await.unwrap());
    let heard = site.gateway.ear.0.lock().unwrap().clone();
    let tip = Tip { writer: site.gateway.here().await.writer, seq: 1 };
    assert_eq!(heard, Some((tip, 1)));
    assert!(!site.along.exchange().await.unwrap(), "and then there is nothing to say");
}
