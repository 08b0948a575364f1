//! Tables on a gateway's real store, with a clock that is set by hand: who gets one, who waits, and
//! when it is free again.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this is a test: what does not hold panics"
)]

use std::{collections::BTreeSet, sync::Arc};

use app::{
    App, call::Here, chores, csrf, host::Side, metered::Metered, migrations, replication, rows,
};
use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use domain::{
    device::{Device, Kind},
    tables::{
        Moment,
        assignment::{Choice, choose, claim},
    },
    time::Time,
    venue::Document,
};
use relais::store::Store;
use serde_json::{Value as Json, json};
use stage::{Hand, START_MS};
use sync_engine::{change::Draft, id::VenueId, statement::Statement};
use tower::ServiceExt as _;

const MINUTE: u64 = 60_000;

struct World {
    app: App,
    clock: Arc<Hand>,
    here: Here,
    counter: String,
    sensor: String,
    _data: tempfile::TempDir,
}

impl World {
    async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let clock = Arc::<Hand>::default();
        let store = Arc::new(Store::open(&data.path().join("relais.db")).unwrap());
        let venue = VenueId::parse("chakri").unwrap();
        let host = app::host::Host {
            contract: true,
            is_home: true,
            ..stage::host(Side::Gateway(venue.clone()))
        };
        let app = App { clock: clock.clone(), ..stage::app(store, host) };
        migrations::apply(app.database.as_ref()).await.unwrap();
        let db = Metered::new(app.database.clone(), u32::MAX);
        let document: Document =
            serde_json::from_str(include_str!("../../fixtures/venues/chakri.json")).unwrap();
        let entropy = app.entropy.clone();
        replication::open(&db, entropy.as_ref(), &document, "gateway", None).await.unwrap();
        let here = rows::venue::by_id(&db, &venue).await.unwrap().unwrap();
        let mut world =
            Self { app, clock, here, counter: String::new(), sensor: String::new(), _data: data };
        let device = Device {
            id: "sensor-demo".to_owned(),
            kind: Kind::Sensor,
            name: "Sensor".to_owned(),
            place: String::new(),
            enrolled_ms: 1,
            blocked: false,
            retired_ms: 0,
            renewals: Vec::new(),
        };
        world.write(&[device.identity()]).await;
        world.sensor = app::device::demo::sensor_token(&world.app.host, &world.here).unwrap();
        world.counter = world.sign_in("counter").await;
        world
    }

    async fn write(&self, drafts: &[Draft]) {
        let batch = self.here.batch(&self.app, drafts).unwrap();
        self.app.database.commit(&batch).await.unwrap();
    }

    async fn rows(&self, sql: &str) -> Vec<app::ports::Row> {
        let db = Metered::new(self.app.database.clone(), u32::MAX);
        db.rows(Statement::new(sql, Vec::new())).await.unwrap()
    }

    async fn sign_in(&self, role: &str) -> String {
        let request =
            request("POST", "/contract/sign-in").body(json!({"roles": [role]}).to_string());
        let answer = app::router(self.app.clone()).oneshot(request.unwrap().map(Body::from)).await;
        let answer = answer.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn post(&self, path: &str, body: Json) -> (u16, Json) {
        send(&self.app, request("POST", path), body).await
    }

    async fn staff(&self, path: &str, body: Json) -> (u16, Json) {
        let (_, token) = self.counter.split_once('=').unwrap();
        let request = request("POST", path)
            .header("cookie", &self.counter)
            .header(csrf::HEADER, csrf::of(token));
        send(&self.app, request, body).await
    }

    /// Lets the sensor say this, now.
    async fn say(&self, body: Json) {
        let request = request("POST", "/api/update_tables")
            .header("authorization", format!("Bearer {}", self.sensor));
        assert_eq!(send(&self.app, request, body).await.0, 200);
    }

    async fn place(&self, number: u32, table: Option<u32>) -> Json {
        let (status, answer) = self.post("/api/orders", basket(number, table)).await;
        assert_eq!(status, 201, "{answer}");
        answer
    }

    /// Takes an order from its payment to its hand-over.
    async fn serve(&self, order: &Json) {
        let id = order["id"].as_str().unwrap();
        for (step, body) in
            [("paid", json!({"means": "cash"})), ("ready", json!({})), ("collected", json!({}))]
        {
            let (status, answer) = self.staff(&format!("/api/orders/{id}/{step}"), body).await;
            assert_eq!(status, 200, "{answer}");
        }
    }

    async fn tables(&self) -> Json {
        let request = request("GET", "/api/tables").header("cookie", &self.counter);
        send(&self.app, request, Json::Null).await.1["tables"].clone()
    }

    async fn state(&self, number: usize) -> String {
        self.tables().await[number - 1]["state"].as_str().unwrap_or_default().to_owned()
    }

    async fn table_of(&self, order: &str) -> Json {
        let request = request("GET", &format!("/api/orders/{order}"));
        send(&self.app, request, Json::Null).await.1["table"].clone()
    }

    fn at(&self) -> Moment {
        use app::ports::Clock as _;
        Moment { time: Time::certain(self.clock.now_ms()), day_ms: 0 }
    }

    async fn chores(&self) {
        chores::round(&self.app, 0).await.unwrap();
    }
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "chakri.be")
        .header("content-type", "application/json")
}

async fn send(app: &App, request: axum::http::request::Builder, body: Json) -> (u16, Json) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let request = request.body(Body::from(body)).unwrap();
    let answer = app::router(app.clone()).oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

fn basket(number: u32, table: Option<u32>) -> Json {
    json!({
        "id": format!("00000000-0000-4000-8000-{number:012x}"),
        "mode": "eat_in",
        "lines": [{"product": "cola", "quantity": 1}],
        "total_cents": 250,
        "table": table,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn orders_at_once_get_a_table_each_and_the_rest_a_choice() {
    let world = Arc::new(World::open().await);
    let placing = (0..12).map(|number| {
        let world = world.clone();
        tokio::spawn(async move { world.place(number, None).await })
    });
    let mut placed = Vec::new();
    for one in placing.collect::<Vec<_>>() {
        placed.push(one.await.unwrap());
    }
    // Whoever lost every race has claimed a table.
    world.chores().await;
    for order in &mut placed {
        let table = world.table_of(order["id"].as_str().unwrap()).await;
        if order["table"]["code"] == "assigned" {
            assert_eq!(order["table"], table, "a table that was told stays");
        }
        order["table"] = table;
    }
    let given: Vec<u64> =
        placed.iter().filter_map(|o| o["table"]["number"].as_u64()).filter(|n| *n > 0).collect();
    let distinct: BTreeSet<u64> = given.iter().copied().collect();
    assert_eq!((given.len(), distinct), (8, (1..=8).collect()));
    let without: Vec<&Json> =
        placed.iter().filter(|order| order["table"]["code"] == "choose").collect();
    assert_eq!(without.len(), 4, "nobody's order is blocked");

    // One waits, one sits down where another order is, one takes the order away.
    let id = |place: usize| without[place]["id"].as_str().unwrap().to_owned();
    let ask = |place: usize, body: Json| {
        let (world, path) = (world.clone(), format!("/api/orders/{}/table", id(place)));
        async move { world.post(&path, body).await }
    };
    let (status, answer) = ask(0, json!({"choice": "wait"})).await;
    assert_eq!((status, &answer["table"]["code"]), (200, &json!("waiting")));
    let (_, answer) = ask(1, json!({"choice": "seated", "table": 3})).await;
    assert_eq!(answer["table"], json!({"code": "seated", "number": 3}));
    let (_, answer) = ask(2, json!({"choice": "take_away"})).await;
    assert_eq!(answer["table"]["code"], "take_away");
    assert_eq!(world.staff("/api/tables/5", json!({"do": "end"})).await.0, 200);
    assert_eq!(world.table_of(&id(0)).await, json!({"code": "assigned", "number": 5}));
    assert_eq!(world.staff("/api/tables/3", json!({"do": "end"})).await.0, 200);
    assert_eq!(world.table_of(&id(1)).await, json!({"code": "assigned", "number": 3}));
    let (status, answer) = ask(0, json!({"choice": "take_away"})).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("no_table_wanted")));
    // The same order again is the same order at the same table.
    let again = world.post("/api/orders", basket(0, None)).await;
    let now = world.table_of(placed[0]["id"].as_str().unwrap()).await;
    assert_eq!((again.0, &again.1["table"]), (200, &now));
}

#[tokio::test]
async fn guests_who_left_make_room_and_a_still_diner_does_not() {
    let world = World::open().await;
    world.say(json!({"1": "LIBRE"})).await;
    let order = world.place(1, Some(1)).await;
    assert_eq!(order["table"], json!({"code": "assigned", "number": 1}));
    let id = order["id"].as_str().unwrap().to_owned();
    world.say(json!({"1": "OCCUPE"})).await;
    world.clock.pass(30 * MINUTE);
    world.serve(&order).await;
    // They sit still for nine minutes, move once, and sit still again.
    for seconds in [5, 5, 9 * 60] {
        world.say(json!({"1": "LIBRE"})).await;
        world.clock.pass(seconds * 1_000);
    }
    world.chores().await;
    assert_eq!(world.state(1).await, "assigned", "ten minutes have not passed");
    world.say(json!({"1": "OCCUPE"})).await;
    for _ in 0..20 {
        world.clock.pass(30_000);
        world.say(json!({"1": "LIBRE"})).await;
    }
    world.chores().await;
    assert_eq!(world.state(1).await, "assigned", "nor ten minutes after they moved");
    for _ in 0..3 {
        world.clock.pass(30_000);
        world.say(json!({"1": "LIBRE"})).await;
    }
    assert_eq!(world.state(1).await, "free", "whoever looks sees it before it is written");
    world.chores().await;
    let ends = world.rows("SELECT id, reason FROM table_end").await;
    assert_eq!(json!(ends), json!([{"id": id, "reason": "left"}]));
}

#[tokio::test]
async fn a_sensor_that_went_silent_frees_nothing_and_is_shown() {
    let world = World::open().await;
    world.say(json!({"1": "OCCUPE"})).await;
    let order = world.place(1, Some(1)).await;
    world.serve(&order).await;
    for _ in 0..3 {
        world.clock.pass(5_000);
        world.say(json!({"1": "LIBRE"})).await;
    }
    assert_eq!(world.tables().await[0]["silent"], false);
    world.clock.pass(20 * MINUTE);
    world.chores().await;
    assert_eq!(world.tables().await[0]["silent"], true);
    assert_eq!(world.state(1).await, "assigned");
    // The day's end frees it all the same.
    world.clock.pass(24 * 60 * MINUTE);
    let world = World { counter: world.sign_in("counter").await, ..world };
    world.chores().await;
    let ends = world.rows("SELECT reason FROM table_end").await;
    assert_eq!(json!(ends), json!([{"reason": "closing"}]));
    assert_eq!(world.state(1).await, "free");
}

#[tokio::test]
async fn the_edge_s_claims_are_answered_once_and_whoever_waits_comes_first() {
    let world = World::open().await;
    let ids: Vec<String> = (1..=9).map(|n| format!("00000000-0000-8000-8000-{n:012}")).collect();
    let claims: Vec<Draft> =
        ids.iter().map(|id| claim(id, (id == &ids[2]).then_some(7), &world.at())).collect();
    world.write(&claims).await;
    world.chores().await;
    let given = world.rows("SELECT id, table_number AS t FROM table_assignment ORDER BY id").await;
    let tables: Vec<i64> = given.iter().map(|row| row["t"].as_i64().unwrap()).collect();
    assert_eq!(tables, [1, 2, 7, 3, 4, 5, 6, 8]);
    let refused = world.rows("SELECT id, reason FROM table_refusal").await;
    assert_eq!(json!(refused), json!([{"id": ids[8], "reason": "none_free"}]));
    let before = world.rows("SELECT count(*) AS n FROM change_log").await;
    world.chores().await;
    assert_eq!(world.rows("SELECT count(*) AS n FROM change_log").await, before, "answered once");
    // Who got none waits on the edge's page; the next table is theirs, before who comes later.
    world.write(&[choose(&ids[8], Choice::Wait, None, &world.at())]).await;
    world.clock.pass(1_000);
    assert_eq!(world.staff("/api/tables/4", json!({"do": "end"})).await.0, 200);
    let order = world.place(1, None).await;
    assert_eq!(order["table"]["code"], "choose");
    let sql = format!("SELECT table_number AS t FROM table_assignment WHERE id = '{}'", ids[8]);
    assert_eq!(json!(world.rows(&sql).await), json!([{"t": 4}]));
}

#[tokio::test]
async fn two_lives_that_gave_one_table_away_are_told_apart() {
    let world = World::open().await;
    let order = world.place(1, Some(2)).await;
    // What another life of this gateway gave away comes back by an exchange.
    let fields = json!({"table_number": 2, "at_ms": START_MS + 5_000});
    let other = "00000000-0000-8000-8000-000000000009";
    world.write(&[domain::catalogue::register("table_assignment", other, "", fields)]).await;
    let doubled = world.tables().await[1]["orders"].clone();
    assert_eq!(doubled.as_array().map(Vec::len), Some(2), "{doubled}");
    world.chores().await;
    let ends = world.rows("SELECT id, reason FROM table_end").await;
    assert_eq!(json!(ends), json!([{"id": other, "reason": "doubled"}]));
    let id = order["id"].as_str().unwrap();
    assert_eq!(world.table_of(id).await, json!({"code": "assigned", "number": 2}));
}

#[tokio::test]
async fn an_order_that_is_called_off_gives_its_table_back_at_once() {
    let world = World::open().await;
    let order = world.place(1, Some(2)).await;
    assert_eq!(order["table"]["number"], 2);
    let path = format!("/api/orders/{}/cancelled", order["id"].as_str().unwrap());
    let (status, answer) = world.staff(&path, json!({"reason": "Gone"})).await;
    assert_eq!((status, &answer["table"]["code"]), (200, &json!("none")), "{answer}");
    assert_eq!(world.state(2).await, "free");
    let next = world.place(2, Some(2)).await;
    assert_eq!(next["table"]["number"], 2, "{next}");
}
