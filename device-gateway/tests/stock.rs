//! Stock on a gateway's real store: who gets the last piece, what staff count, what the web gets.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this is a test: what does not hold panics"
)]

use std::sync::Arc;

use app::{
    App, call::Here, csrf, host::Side, metered::Metered, migrations, replication, rows, stock,
};
use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use domain::venue::Document;
use relais::store::Store;
use serde_json::{Value as Json, json};
use stage::Hand;
use sync_engine::id::{VenueId, Writer};
use tower::ServiceExt as _;

const BURGER: &str = "le-cheese-king";

struct World {
    app: App,
    here: Here,
    counter: String,
    _data: tempfile::TempDir,
}

impl World {
    async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(&data.path().join("relais.db")).unwrap());
        let venue = VenueId::parse("chakri").unwrap();
        let host = app::host::Host {
            contract: true,
            is_home: true,
            ..stage::host(Side::Gateway(venue.clone()))
        };
        let app = App { clock: Arc::<Hand>::default(), ..stage::app(store, host) };
        migrations::apply(app.database.as_ref()).await.unwrap();
        let db = Metered::new(app.database.clone(), u32::MAX);
        let document: Document =
            serde_json::from_str(include_str!("../../fixtures/venues/chakri.json")).unwrap();
        let entropy = app.entropy.clone();
        replication::open(&db, entropy.as_ref(), &document, "gateway", None).await.unwrap();
        let here = rows::venue::by_id(&db, &venue).await.unwrap().unwrap();
        let wanted = request("POST", "/contract/sign-in").body(json!({"roles": ["counter"]}));
        let wanted = wanted.unwrap().map(|body| Body::from(body.to_string()));
        let answer = app::router(app.clone()).oneshot(wanted).await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        let counter = cookie.split(';').next().unwrap().to_owned();
        Self { app, here, counter, _data: data }
    }

    async fn send(&self, request: axum::http::request::Builder, body: Json) -> (u16, Json) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = request.body(Body::from(body)).unwrap();
        let answer = app::router(self.app.clone()).oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn stock(&self, product: &str, body: Json) -> (u16, Json) {
        self.staff(&format!("/api/stock/{product}"), body).await
    }

    async fn staff(&self, path: &str, body: Json) -> (u16, Json) {
        let (_, token) = self.counter.split_once('=').unwrap();
        let request = request("POST", path)
            .header("cookie", &self.counter)
            .header(csrf::HEADER, csrf::of(token));
        self.send(request, body).await
    }

    async fn order(&self, number: u32, quantity: i64) -> (u16, String) {
        let basket = json!({
            "id": format!("00000000-0000-4000-8000-{number:012}"),
            "mode": "take_away",
            "lines": [{"product": BURGER, "quantity": quantity}],
            "total_cents": 1150 * quantity,
        });
        let (status, answer) = self.send(request("POST", "/api/orders"), basket).await;
        (status, answer["error"]["code"].as_str().unwrap_or_default().to_owned())
    }

    async fn left(&self) -> Json {
        let request = request("GET", "/api/stock").header("cookie", &self.counter);
        self.send(request, Json::Null).await.1["stock"][0].clone()
    }

    async fn is_on_sale(&self) -> bool {
        let menu = self.send(request("GET", "/api/menu"), Json::Null).await.1;
        let products = menu["products"].as_array().unwrap();
        products.iter().any(|one| one["id"] == BURGER && one["available"] == true)
    }
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "chakri.be")
        .header("content-type", "application/json")
}

fn refused(code: &str) -> (u16, String) {
    (409, code.to_owned())
}

#[tokio::test]
async fn the_last_piece_is_sold_once_and_then_the_menu_says_so() {
    let world = World::open().await;
    assert_eq!(world.order(1, 5).await.0, 201, "what nobody counts has no limit");
    assert_eq!(world.stock(BURGER, json!({"counted": 3})).await.0, 200);
    assert_eq!(world.order(2, 2).await.0, 201);
    assert_eq!(world.order(2, 2).await.0, 200, "the same again takes nothing");
    assert_eq!(world.order(3, 2).await, refused("only_left"));
    assert!(world.is_on_sale().await);
    assert_eq!(world.order(4, 1).await.0, 201);
    assert!(!world.is_on_sale().await);
    assert_eq!(world.order(5, 1).await, refused("sold_out"));
    assert_eq!(world.left().await["left"], 0);
    assert_eq!(world.stock(BURGER, json!({"why": "delivered", "pieces": 2})).await.0, 200);
    assert!(world.is_on_sale().await);
    let waste = json!({"why": "waste", "pieces": 1, "act": "a page's key"});
    for _ in 0..2 {
        assert_eq!(world.stock(BURGER, waste.clone()).await.0, 200, "a double click counts once");
        assert_eq!(world.left().await["left"], 1);
    }
    assert_eq!(world.order(6, 2).await, refused("only_left"));
    assert_eq!(world.stock(BURGER, json!({"counted": null})).await.0, 200);
    assert_eq!(world.order(7, 9).await.0, 201, "who counts no more sets no limit");
}

#[tokio::test]
async fn what_is_called_off_is_there_again_once() {
    let world = World::open().await;
    assert_eq!(world.stock(BURGER, json!({"counted": 3})).await.0, 200);
    assert_eq!(world.order(1, 3).await.0, 201);
    assert!(!world.is_on_sale().await);
    let origin = &world.app.host.ticket_origin;
    let id = domain::ordering::order_id(origin, "00000000-0000-4000-8000-000000000001");
    for _ in 0..2 {
        let reason = json!({"reason": "Gone"});
        let (status, answer) = world.staff(&format!("/api/orders/{id}/cancelled"), reason).await;
        assert_eq!((status, &answer["state"]), (200, &json!("cancelled")));
        assert_eq!(world.left().await["left"], 3);
    }
    assert!(world.is_on_sale().await);
    assert_eq!(world.order(2, 3).await.0, 201);
}

#[tokio::test]
async fn what_was_counted_after_it_was_sold_lies_there_already() {
    let world = World::open().await;
    assert_eq!(world.stock(BURGER, json!({"counted": 3})).await.0, 200);
    assert_eq!(world.order(1, 2).await.0, 201);
    assert_eq!(world.stock(BURGER, json!({"counted": 3})).await.0, 200);
    let origin = &world.app.host.ticket_origin;
    let id = domain::ordering::order_id(origin, "00000000-0000-4000-8000-000000000001");
    let reason = json!({"reason": "Gone"});
    assert_eq!(world.staff(&format!("/api/orders/{id}/cancelled"), reason).await.0, 200);
    assert_eq!(world.left().await["left"], 3);
}

#[tokio::test]
async fn of_many_who_want_the_last_pieces_at_once_as_many_get_one_as_there_are() {
    let world = World::open().await;
    assert_eq!(world.stock(BURGER, json!({"counted": 5})).await.0, 200);
    let all = futures_util::future::join_all((10..30).map(|number| world.order(number, 1))).await;
    let placed = all.iter().filter(|(status, _)| *status == 201).count();
    let told = all.iter().filter(|answer| **answer == refused("sold_out")).count();
    assert_eq!((placed, placed + told), (5, 20), "{all:?}");
    assert_eq!(world.left().await["left"], 0);
}

#[tokio::test]
async fn what_the_web_may_sell_nobody_sells_here() {
    let world = World::open().await;
    assert_eq!(world.stock(BURGER, json!({"counted": 10, "web_percent": 50})).await.0, 200);
    let db = Metered::new(world.app.database.clone(), u32::MAX);
    let edge = Writer::parse("edge", "e1").unwrap();
    for _ in 0..3 {
        stock::share(&world.app, &db, &world.here, &edge).await.unwrap();
        let left = world.left().await;
        assert_eq!((&left["on_site"], &left["web"]), (&json!(5), &json!(5)), "once is enough");
    }
    assert_eq!(world.order(1, 6).await, refused("only_left"));
    assert_eq!(world.order(2, 5).await.0, 201);
    assert_eq!(world.order(3, 1).await, refused("sold_out"));
    // Whoever counts sees what the web has not sold as well.
    assert_eq!(world.stock(BURGER, json!({"counted": 7, "web_percent": 0})).await.0, 200);
    assert_eq!(world.left().await["on_site"], 2);
    stock::share(&world.app, &db, &world.here, &edge).await.unwrap();
    assert_eq!(world.left().await["web"], 5, "it gets no more");
}

#[tokio::test]
async fn what_no_shelf_holds_is_refused_and_changes_nothing() {
    let world = World::open().await;
    assert_eq!(world.stock(BURGER, json!({"counted": 3})).await.0, 200);
    let before = world.left().await;
    for body in [
        json!({"counted": -1}),
        json!({"counted": 100_001}),
        json!({"counted": 1.5}),
        json!({"counted": "3"}),
        json!({"counted": 3, "web_percent": 101}),
        json!({"why": "waste"}),
        json!({"why": "waste", "pieces": 4}),
        json!({"why": "waste", "pieces": 0}),
        json!({"why": "eaten", "pieces": 1}),
        json!({"why": "waste", "pieces": 1, "counted": 3}),
    ] {
        let status = world.stock(BURGER, body.clone()).await.0;
        assert!([400, 422].contains(&status), "{status} {body}");
    }
    assert_eq!(world.stock("nothing", json!({"counted": 3})).await.0, 422);
    assert_eq!(world.left().await, before);
}
