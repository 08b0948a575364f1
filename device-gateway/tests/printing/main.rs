//! Printing on a gateway's real store, and on printers that are real listeners: slow, dropping in
//! the middle, absent, back again; and a gateway that dies while it prints.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is a test: what does not hold panics"
)]

mod killed;
mod paper;

use std::sync::Arc;

use app::{App, csrf, host::Side, metered::Metered, migrations, printing::Spool, replication};
use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use domain::venue::Document;
use paper::{Manner, Printer};
use relais::{press::Network, store::Store};
use serde_json::{Value as Json, json};
use stage::Hand;
use sync_engine::id::VenueId;
use tower::ServiceExt as _;

const DUPLICATE: &str = "DUPLICATA";

struct World {
    app: App,
    clock: Arc<Hand>,
    staff: String,
    _data: tempfile::TempDir,
}

impl World {
    async fn open(printers: Json, fall_back: bool) -> Self {
        let data = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(&data.path().join("relais.db")).unwrap());
        let venue = VenueId::parse("chakri").unwrap();
        let host = stage::host(Side::Gateway(venue.clone()));
        let host = app::host::Host { contract: true, is_home: true, ..host };
        let clock = Arc::<Hand>::default();
        let app = App { clock: clock.clone(), ..stage::app(store, host) };
        migrations::apply(app.database.as_ref()).await.unwrap();
        let db = Metered::new(app.database.clone(), u32::MAX);
        let document: Document =
            serde_json::from_str(include_str!("../../../fixtures/venues/chakri.json")).unwrap();
        let entropy = app.entropy.clone();
        replication::open(&db, entropy.as_ref(), &document, "gateway", None).await.unwrap();
        let world = Self { app, clock, staff: String::new(), _data: data };
        let wanted = request("POST", "/contract/sign-in").body(Body::from(
            json!({"roles": ["counter", "kitchen", "owner", "manager"]}).to_string(),
        ));
        let answer = app::router(world.app.clone()).oneshot(wanted.unwrap()).await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        let staff = cookie.split(';').next().unwrap().to_owned();
        let world = Self { staff, ..world };
        let settings = json!({"printers": printers, "fall_back": fall_back});
        let (status, answer) = world.staff("PUT", "/api/settings/printing", settings).await;
        assert_eq!(status, 200, "{answer}");
        world
    }

    async fn send(&self, request: axum::http::request::Builder, body: Json) -> (u16, String) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = request.body(Body::from(body)).unwrap();
        let answer = app::router(self.app.clone()).oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn staff(&self, method: &str, path: &str, body: Json) -> (u16, String) {
        let (_, token) = self.staff.split_once('=').unwrap();
        let request = request(method, path)
            .header("cookie", &self.staff)
            .header(csrf::HEADER, csrf::of(token));
        self.send(request, body).await
    }

    /// Places and pays a menu of the house; returns the order's id.
    async fn order(&self, number: u32) -> String {
        let basket = json!({
            "id": format!("00000000-0000-4000-8000-{number:012}"),
            "mode": "take_away",
            "note": "Allergie: arachides",
            "lines": [{"product": "menu-maison", "quantity": 2, "word": "bien cuit", "parts": [
                {"slot": "burger", "product": "le-cheese-king", "left_out": ["oignon"]},
                {"slot": "side", "product": "frites"},
                {"slot": "drink", "product": "limonade"},
            ]}],
            "total_cents": 2 * 1_670,
        });
        let (status, answer) = self.send(request("POST", "/api/orders"), basket).await;
        assert_eq!(status, 201, "{answer}");
        let placed: Json = serde_json::from_str(&answer).unwrap();
        let id = placed["id"].as_str().unwrap().to_owned();
        let paid = json!({"means": "cash"});
        assert_eq!(self.staff("POST", &format!("/api/orders/{id}/paid"), paid).await.0, 200);
        id
    }

    /// Looks what is due, and prints it; returns the printers that had something.
    async fn round(&self) -> Vec<String> {
        let spool = Spool::of(&self.app).unwrap();
        let due = spool.look().await.unwrap();
        for printer in &due {
            spool.work(printer, &Network).await.unwrap();
        }
        due
    }
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "chakri.be")
        .header("content-type", "application/json")
}

fn printer(id: &str, address: &str, stations: &[&str]) -> Json {
    json!({"id": id, "name": id, "address": address, "kitchen": true, "stations": stations,
        "answers": true})
}

fn for_receipts(address: &str) -> Json {
    json!({"id": "till", "name": "Caisse", "address": address, "receipts": true, "answers": true,
        "width": "58"})
}

#[tokio::test]
async fn each_order_is_printed_once_where_its_stations_are() {
    let (grill, cold) =
        (Printer::begin(Manner::Prints).await, Printer::begin(Manner::Prints).await);
    let all = json!([
        printer("grill", &grill.address(), &["grill"]),
        printer("cold", &cold.address(), &["cold"]),
        printer("wok", &cold.address(), &["wok"]),
    ]);
    let world = World::open(all, false).await;
    world.order(1).await;
    assert_eq!(world.round().await, ["grill", "cold"], "nothing is for the wok");
    assert!(world.round().await.is_empty(), "once is enough");
    let (hot, chilled) = (grill.strips(), cold.strips());
    assert_eq!((hot.len(), chilled.len()), (1, 1));
    assert!(hot[0].contains("Le Cheese King") && !hot[0].contains("Frites"), "{}", hot[0]);
    assert!(chilled[0].contains("Limonade") && !chilled[0].contains("Cheese"), "{}", chilled[0]);
    assert_eq!(hot[0], include_str!("../../../fixtures/printing/kitchen.txt"));
}

#[tokio::test]
async fn a_receipt_is_printed_on_demand_and_again_only_by_staff_marked_and_audited() {
    let till = Printer::begin(Manner::Prints).await;
    let world = World::open(json!([for_receipts(&till.address())]), false).await;
    let id = world.order(1).await;
    assert!(world.round().await.is_empty(), "nobody asked for it");
    let path = format!("/api/orders/{id}/receipt");
    assert_eq!(world.send(request("POST", &path), json!({})).await.0, 202);
    world.round().await;
    let (status, refused) = world.send(request("POST", &path), json!({})).await;
    assert!(status == 409 && refused.contains("printed_before"), "{refused}");
    let again = json!({"what": "receipt"});
    assert_eq!(world.staff("POST", &format!("/api/orders/{id}/print"), again).await.0, 202);
    world.round().await;
    let strips = till.strips();
    assert_eq!(strips.len(), 2);
    assert_eq!(strips[0], include_str!("../../../fixtures/printing/receipt.txt"));
    assert!(!strips[0].contains(DUPLICATE) && strips[1].contains(DUPLICATE), "{}", strips[1]);
    let (_, audit) = world.staff("GET", "/api/audit", Json::Null).await;
    assert!(audit.contains("reprinted"), "{audit}");
}

#[tokio::test]
async fn what_broke_in_the_middle_is_marked_the_next_time_and_goes_on_once() {
    for manner in [Manner::Drops, Manner::Silent] {
        let grill = Printer::begin(manner).await;
        let world = World::open(json!([printer("grill", &grill.address(), &[])]), false).await;
        world.order(1).await;
        world.round().await;
        grill.turn(Manner::Prints);
        assert!(world.round().await.is_empty(), "it waits a moment");
        world.clock.pass(5_000);
        assert_eq!(world.round().await, ["grill"]);
        assert!(world.round().await.is_empty());
        let strips = grill.strips();
        let last = strips.last().unwrap();
        assert!(last.contains(DUPLICATE) && last.contains("Cheese King"), "{manner:?}: {last}");
    }
}

#[tokio::test]
async fn an_absent_printer_delays_no_order_is_told_and_prints_unmarked_when_it_is_back() {
    let grill = Printer::begin(Manner::Prints).await;
    let address = grill.address();
    grill.switch_off().await;
    let world = World::open(json!([printer("grill", &address, &[])]), false).await;
    world.order(1).await;
    world.round().await;
    world.order(2).await;
    world.round().await;
    for path in ["/kitchen/board", "/counter/board"] {
        let board = world.staff("GET", path, Json::Null).await.1;
        assert!(board.contains("Imprimante grill injoignable : 2"), "{path}: {board}");
    }
    let grill = Printer::begin_at(&address).await;
    world.clock.pass(60_000);
    world.round().await;
    let strips = grill.strips();
    assert_eq!(strips.len(), 2, "{strips:?}");
    assert!(strips.iter().all(|strip| !strip.contains(DUPLICATE)), "{strips:?}");
    let board = world.staff("GET", "/kitchen/board", Json::Null).await.1;
    assert!(!board.contains("injoignable"), "{board}");
}

#[tokio::test]
async fn the_kitchen_s_paper_comes_out_at_the_till_where_its_printer_is_absent() {
    let (grill, till) =
        (Printer::begin(Manner::Prints).await, Printer::begin(Manner::Prints).await);
    let address = grill.address();
    grill.switch_off().await;
    let all = json!([printer("grill", &address, &[]), for_receipts(&till.address())]);
    let world = World::open(all, true).await;
    world.order(1).await;
    world.round().await;
    assert!(world.round().await.is_empty());
    let strips = till.strips();
    assert_eq!(strips.len(), 1);
    assert!(strips[0].contains("Cheese King") && !strips[0].contains(DUPLICATE), "{}", strips[0]);
}

#[tokio::test]
async fn whoever_dies_after_the_claim_lets_the_next_print_it_marked() {
    let grill = Printer::begin(Manner::Hangs).await;
    let world = World::open(json!([printer("grill", &grill.address(), &[])]), false).await;
    world.order(1).await;
    let spool = Spool::of(&world.app).unwrap();
    assert_eq!(spool.look().await.unwrap(), ["grill"]);
    tokio::select! {
        done = spool.work("grill", &Network) => panic!("it ended: {done:?}"),
        () = grill.heard() => {}
    }
    grill.turn(Manner::Prints);
    assert_eq!(world.round().await, ["grill"], "what was claimed is looked at again");
    assert!(world.round().await.is_empty());
    assert!(grill.strips().last().unwrap().contains(DUPLICATE));
}

#[tokio::test]
async fn an_order_of_before_the_printer_is_not_printed_and_a_test_is() {
    let grill = Printer::begin(Manner::Prints).await;
    let world = World::open(json!([]), false).await;
    world.order(1).await;
    world.clock.pass(1_000);
    let settings = json!({"printers": [printer("grill", &grill.address(), &[])]});
    assert_eq!(world.staff("PUT", "/api/settings/printing", settings).await.0, 200);
    assert!(world.round().await.is_empty());
    assert_eq!(world.staff("POST", "/api/printers/grill/test", json!({})).await.0, 202);
    assert_eq!(world.round().await, ["grill"]);
    assert!(grill.strips()[0].contains("Impression d'essai"));
    assert_eq!(world.staff("POST", "/api/printers/none/test", json!({})).await.0, 404);
}
