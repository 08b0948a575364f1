//! Devices that are heard on site, and what the edge learns of that; keys that every replica has.

use app::{
    device::proof,
    rows::device::{Contact, find, heard_since, keep},
};
use domain::device::{Device, Key, Kind};
use sync_engine::append;

use crate::{
    MINUTE_MS,
    world::{Node, Site, venue},
};

fn kiosk() -> Device {
    Device {
        id: "kiosk-1".to_owned(),
        kind: Kind::Kiosk,
        name: "Kiosk".to_owned(),
        place: String::new(),
        enrolled_ms: 1,
        blocked: false,
        retired_ms: 0,
        renewals: Vec::new(),
    }
}

#[tokio::test]
async fn the_edge_learns_which_devices_were_heard_on_site() {
    let mut site = Site::start().await;
    let here = site.gateway.here().await;
    let drafts = [kiosk().identity()];
    let batch = append::batch(&domain::schema::SCHEMA, &here.pen(&site.gateway.app), &drafts);
    site.gateway.app.database.commit(&batch.unwrap()).await.unwrap();
    let heard = |at_ms: u64, version: &str| Contact {
        at_ms,
        version: version.to_owned(),
        network: "192.0.2.0/24".to_owned(),
    };
    let now_ms = site.gateway.app.clock.now_ms();
    let db = site.gateway.db();
    for contact in [heard(now_ms, "1.0"), heard(now_ms - 5, "0.9")] {
        db.commit(&[keep(&venue(), "kiosk-1", &contact)]).await.unwrap();
    }
    db.commit(&[keep(&venue(), "of-nobody", &heard(now_ms, ""))]).await.unwrap();
    // What was noted while the clock was years ahead is no news, and hides none.
    let ahead = heard(now_ms + 1_000_000 * MINUTE_MS, "");
    db.commit(&[keep(&venue(), "of-a-clock-ahead", &ahead)]).await.unwrap();
    site.come(0).await.unwrap();
    assert_eq!(site.up.tell_contacts().await, Ok(2));
    let at_the_edge = |site: &Site| {
        let db = site.edge.db();
        async move { find(&db, &venue(), "kiosk-1").await.unwrap().unwrap() }
    };
    let found = at_the_edge(&site).await;
    assert_eq!((found.device, found.contact), (kiosk(), heard(now_ms, "1.0")));
    let all = heard_since(&site.edge.db(), &venue(), (0, 2 * now_ms)).await.unwrap();
    assert!(all.iter().all(|(device, _)| device != "of-nobody"), "{all:?}");
    // It is told again when there is news, and not sooner than minutes later.
    assert_eq!(site.up.tell_contacts().await, Ok(0));
    site.come(10 * MINUTE_MS).await.unwrap();
    assert_eq!(site.up.tell_contacts().await, Ok(0));
    let later = heard(site.gateway.app.clock.now_ms(), "1.1");
    site.gateway.db().commit(&[keep(&venue(), "kiosk-1", &later)]).await.unwrap();
    site.come(10 * MINUTE_MS).await.unwrap();
    assert_eq!(site.up.tell_contacts().await, Ok(1));
    assert_eq!(at_the_edge(&site).await.contact, later);
}

#[tokio::test]
async fn every_replica_of_the_venue_checks_a_device_by_itself() {
    let site = Site::start().await;
    let (edge, gateway) = (site.edge.here().await, site.gateway.here().await);
    let of = |site: &Node, here| proof::key(&site.app.host, here, "kiosk-1", Key::FIRST).unwrap();
    assert_eq!(of(&site.edge, &edge), of(&site.gateway, &gateway));
    let label = Key { version: 1, replaced: true };
    let other = proof::key(&site.edge.app.host, &edge, "kiosk-1", label).unwrap();
    assert_ne!(other, of(&site.edge, &edge), "a replaced key is another one");
}
