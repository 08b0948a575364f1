//! An edge and a gateway on real stores, with one clock that is set by hand and a line that can be
//! cut. It must not know what a test wants of them.

use std::sync::{Arc, atomic::Ordering};

use app::{
    App, csrf,
    host::{Host, Secret, Side},
    metered::Metered,
    migrations, replication,
    uplink::{EdgeAccess, Uplink},
};
use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use domain::{device::replica::Credential, venue::Document};
use relais::store::Store;
use serde_json::{Value as Json, json};
use stage::{
    Count, Hand,
    line::{Line, OTHER_SIDE},
};
use sync_engine::id::VenueId;
use tower::ServiceExt as _;

pub(crate) const MINUTE: u64 = 60_000;

/// One store with its application, and somebody at its counter.
pub(crate) struct Node {
    pub(crate) app: App,
    pub(crate) counter: String,
    _data: tempfile::TempDir,
}

impl Node {
    pub(crate) async fn start(side: Side, replica: &str, clock: &Arc<Hand>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(&data.path().join("relais.db")).unwrap());
        let secret = Secret::new(replica);
        let host = Host { contract: true, is_home: true, secret, ..stage::host(side) };
        let entropy = Arc::new(Count::from(u64::from(replica.len() as u32) << 32));
        let app = App { clock: clock.clone(), entropy, ..stage::app(store, host) };
        migrations::apply(app.database.as_ref()).await.unwrap();
        let db = Metered::new(app.database.clone(), u32::MAX);
        let document: Document =
            serde_json::from_str(include_str!("../../../fixtures/venues/chakri.json")).unwrap();
        let entropy = app.entropy.clone();
        replication::open(&db, entropy.as_ref(), &document, replica, None).await.unwrap();
        let mut node = Self { app, counter: String::new(), _data: data };
        let wanted = json!({"roles": ["owner"]}).to_string();
        let request = request("POST", "/contract/sign-in").body(Body::from(wanted)).unwrap();
        let answer = app::router(node.app.clone()).oneshot(request).await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().clone_into(&mut node.counter);
        node
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Json) -> (u16, Json) {
        let (_, token) = self.counter.split_once('=').unwrap();
        let request = request(method, path)
            .header("cookie", &self.counter)
            .header(csrf::HEADER, csrf::of(token));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = request.body(Body::from(body)).unwrap();
        let answer = app::router(self.app.clone()).oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    pub(crate) async fn step(&self, order: &str, step: &str, body: Json) -> Json {
        let (status, answer) =
            self.send("POST", &format!("/api/orders/{order}/{step}"), body).await;
        assert_eq!(status, 200, "{step}: {answer}");
        answer
    }

    pub(crate) async fn order(&self, id: &str) -> Json {
        self.send("GET", &format!("/api/orders/{id}"), Json::Null).await.1
    }
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "chakri.be")
        .header("content-type", "application/json")
}

pub(crate) struct World {
    pub(crate) clock: Arc<Hand>,
    pub(crate) edge: Node,
    pub(crate) gateway: Node,
    pub(crate) up: Uplink,
    pub(crate) line: Arc<Line>,
}

impl World {
    pub(crate) async fn open() -> Self {
        let clock = Arc::<Hand>::default();
        let venue = VenueId::parse("chakri").unwrap();
        let edge = Node::start(Side::Edge, "edge", &clock).await;
        let gateway = Node::start(Side::Gateway(venue.clone()), "gateway", &clock).await;
        let router = app::router(edge.app.clone());
        let line = Arc::new(Line::to(router));
        let secret = edge.app.host.device_key(&venue, "gateway", 1);
        let access = EdgeAccess {
            url: OTHER_SIDE.to_owned(),
            device: "gateway".to_owned(),
            key: Credential { version: 1, secret },
        };
        let up = Uplink::new(gateway.app.clone(), line.clone(), venue, access);
        let mut world = Self { clock, edge, gateway, up, line };
        let settings = json!({"staff_accept": true, "silent_s": 180});
        assert_eq!(world.edge.send("PUT", "/api/settings/web", settings).await.0, 200);
        world.talk().await;
        world
    }

    pub(crate) async fn talk(&mut self) {
        self.line.is_cut.store(false, Ordering::Relaxed);
        self.up.exchange().await.unwrap();
    }

    pub(crate) async fn place(&self, number: u32) -> (u16, Json) {
        let basket = json!({
            "id": format!("00000000-0000-4000-8000-{number:012}"),
            "mode": "take_away",
            "lines": [{"product": "le-cheese-king", "quantity": 1}],
            "total_cents": 1150,
        });
        self.edge.send("POST", "/api/orders", basket).await
    }

    /// Places an order on the web which the gateway knows.
    pub(crate) async fn waiting(&mut self, number: u32) -> String {
        let (status, answer) = self.place(number).await;
        assert_eq!((status, &answer["acceptance"]), (201, &json!("waiting")), "{answer}");
        self.talk().await;
        answer["id"].as_str().unwrap().to_owned()
    }
}
