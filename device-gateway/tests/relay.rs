//! Edge, gateway and standby in one process, on real stores: what travels from the edge through the
//! gateway to its standby, and what each of them may forget.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this is a test: what does not hold panics"
)]

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use app::{
    App,
    call::{Here, Written, commit},
    device,
    host::{Host, Secret, Side},
    leases::Desk,
    metered::Metered,
    migrations,
    ports::{Alone, Clock, Entropy, Fault, Http, Incoming, Outgoing, Pending, Row},
    replication::{self, epochs},
    rows,
    standby::{DEVICE, Follows, Standby, Tip},
    uplink::{EdgeAccess, Uplink},
};
use axum::{
    Router,
    body::{Body, to_bytes},
};
use domain::{catalogue::availability, schema::SCHEMA, venue::Document};
use relais::store::Store;
use sync_engine::{
    append,
    change::Draft,
    epoch,
    id::{ReplicaId, VenueId, Writer},
    lease::Issue,
    statement::{Statement, Value},
};
use tower::ServiceExt as _;

const HOUR_MS: u64 = 3_600_000;
const PRODUCT: &str = "le-cheese-king";

/// A clock that is set by hand.
struct Hand(AtomicU64);

impl Clock for Hand {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Numbers that never come twice.
struct Count(AtomicU64);

impl Entropy for Count {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, from)| *byte = *from);
        Ok(())
    }
}

/// Notes what the standby said last.
#[derive(Default)]
struct Ear(Mutex<Option<(Tip, u64)>>);

impl Standby for Ear {
    fn heard(&self, held: Tip, wrote: u64) {
        *self.0.lock().unwrap() = Some((held, wrote));
    }

    fn holds(&self, _wanted: Tip) -> Pending<'_, bool> {
        Box::pin(async { false })
    }

    fn follows(&self) -> Follows {
        Follows::Nobody
    }
}

/// A line to one host, which can be cut.
struct Line {
    router: Router,
    is_cut: AtomicBool,
}

impl Http for Line {
    fn post<'a>(&'a self, outgoing: Outgoing) -> Pending<'a, Result<Incoming, Fault>> {
        Box::pin(async move {
            if self.is_cut.load(Ordering::Relaxed) {
                return Err(Fault::passing("the line is cut"));
            }
            let path = outgoing.url.trim_start_matches("http://other-side").to_owned();
            let mut request = axum::http::Request::post(path)
                .header("host", "other-side")
                .header("content-type", outgoing.content_type);
            for (name, value) in &outgoing.headers {
                request = request.header(*name, value);
            }
            let request = request.body(Body::from(outgoing.body)).unwrap();
            let answer = self.router.clone().oneshot(request).await.unwrap();
            let status = answer.status().as_u16();
            let signature = answer.headers()[device::ANSWER].to_str().unwrap().to_owned();
            let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec();
            Ok(Incoming { status, signature, body })
        })
    }
}

struct Node {
    app: App,
    clock: Arc<Hand>,
    ear: Arc<Ear>,
    _data: tempfile::TempDir,
}

fn venue() -> VenueId {
    VenueId::parse("chakri").unwrap()
}

fn document() -> Document {
    serde_json::from_str(include_str!("../../fixtures/venues/chakri.json")).unwrap()
}

impl Node {
    async fn start(side: Side, replica: &str, secret: &str, number: u64) -> Self {
        let data = tempfile::tempdir().unwrap();
        let clock = Arc::new(Hand(AtomicU64::new(1_795_219_200_000)));
        let ear = Arc::new(Ear::default());
        let app = App {
            database: Arc::new(Store::open(&data.path().join("relais.db")).unwrap()),
            clock: clock.clone(),
            entropy: Arc::new(Count(AtomicU64::new(number << 32))),
            live: Arc::new(Alone),
            line: Arc::new(Alone),
            standby: ear.clone(),
            telling: Arc::default(),
            assets: Arc::new(Alone),
            host: Arc::new(Host {
                side,
                ticket_origin: "K1".to_owned(),
                secret: Secret::new(secret),
                setup_code: None,
                demo: false,
                contract: false,
                secure_cookies: true,
                message_room: sync_engine::message::Room::default(),
                reap_changes: 1,
                // Only when a test asks for it.
                audit_every_ms: u64::MAX,
            }),
        };
        migrations::apply(app.database.as_ref()).await.unwrap();
        let node = Self { app, clock, ear, _data: data };
        let entropy = node.app.entropy.clone();
        if replica == "standby" {
            let generation = replication::new_life(entropy.as_ref()).unwrap();
            let writer = Writer { replica: ReplicaId::parse(replica).unwrap(), generation };
            node.db().commit(&rows::venue::open(&venue(), &writer, &[])).await.unwrap();
        } else {
            let document = document();
            replication::open(&node.db(), entropy.as_ref(), &document, replica, None)
                .await
                .unwrap();
        }
        node
    }

    fn db(&self) -> Metered {
        Metered::new(self.app.database.clone(), u32::MAX)
    }

    async fn here(&self) -> Here {
        rows::venue::by_id(&self.db(), &venue()).await.unwrap().unwrap()
    }

    async fn write(&self, draft: Draft) {
        let here = self.here().await;
        let drafts = [draft];
        let batch = append::batch(&SCHEMA, &here.pen(&self.app), &drafts).unwrap();
        let written = commit(&self.app, &self.db(), &here, (&batch, &drafts)).await.unwrap();
        assert_eq!(written, Written::Done);
    }

    async fn rows(&self, sql: &str, params: Vec<Value>) -> Vec<Row> {
        self.db().rows(Statement::new(sql, params)).await.unwrap()
    }

    async fn count(&self, sql: &str) -> i64 {
        self.rows(sql, Vec::new()).await[0]["n"].as_i64().unwrap()
    }

    /// What the store says of the product that tests write to.
    async fn product(&self) -> (i64, i64) {
        let sql = "SELECT available, availability_stamp / 65536 AS ms FROM product WHERE id = ?1";
        let row = self.rows(sql, vec![PRODUCT.into()]).await.remove(0);
        (row["available"].as_i64().unwrap(), row["ms"].as_i64().unwrap())
    }

    async fn run(&self, sql: &str) {
        self.db().commit(&[Statement::new(sql, Vec::new())]).await.unwrap();
    }

    /// Changes of the catalogue that the gateway wrote and that are still in this log.
    async fn kept(&self) -> i64 {
        self.count(
            "SELECT count(*) AS n FROM change_log c JOIN stream_writer v ON v.id = c.writer \
             WHERE v.replica = 'gateway' AND v.stream = 'chakri/catalogue'",
        )
        .await
    }
}

const LOWERED_SQL: &str = "SELECT count(*) AS n FROM change_log WHERE effective <> claimed";

struct Site {
    edge: Node,
    gateway: Node,
    standby: Node,
    /// From the gateway to the edge, and from the standby to the gateway.
    up: Uplink,
    along: Uplink,
    line: Arc<Line>,
}

fn uplink(from: &Node, to: &Node, device: &str) -> (Uplink, Arc<Line>) {
    let line = Line { router: app::router(to.app.clone()), is_cut: AtomicBool::default() };
    let line = Arc::new(line);
    let access = EdgeAccess {
        url: "http://other-side".to_owned(),
        device: device.to_owned(),
        key: Secret::new(to.app.host.device_key(&venue(), device).to_vec()),
    };
    (Uplink::new(from.app.clone(), line.clone(), venue(), access), line)
}

/// Exchanges; whoever learns that its clock is off comes again with the other side's time.
async fn talk(uplink: &mut Uplink) {
    let first = uplink.exchange().await;
    if first.as_ref().is_err_and(|reason| reason.ends_with("request_stale")) {
        uplink.exchange().await.unwrap();
    } else {
        first.unwrap();
    }
}

impl Site {
    async fn start() -> Self {
        let secret = "the gateways' common secret";
        let edge = Node::start(Side::Edge, "edge", "the edge's own secret", 1).await;
        let gateway = Node::start(Side::Gateway(venue()), "gateway", secret, 2).await;
        let standby = Node::start(Side::Standby(venue()), "standby", secret, 3).await;
        let (up, line) = uplink(&gateway, &edge, "gateway");
        let (along, _) = uplink(&standby, &gateway, DEVICE);
        Self { edge, gateway, standby, up, along, line }
    }

    async fn agree(&mut self) {
        talk(&mut self.up).await;
        talk(&mut self.along).await;
    }
}

#[tokio::test]
async fn a_stamp_that_the_edge_lowers_reaches_a_standby_that_holds_the_change_already() {
    let mut site = Site::start().await;
    site.agree().await;
    let now_ms = site.gateway.clock.0.fetch_add(HOUR_MS, Ordering::Relaxed);
    // What is on site is wrong together: a standby that is told the time forgets what it knew.
    site.standby.clock.0.fetch_add(HOUR_MS, Ordering::Relaxed);
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
    let now_ms = site.standby.clock.0.fetch_add(HOUR_MS, Ordering::Relaxed);
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
    let hour = |node: &Node| node.clock.0.fetch_add(HOUR_MS, Ordering::Relaxed);
    hour(&site.gateway);
    site.gateway.write(availability(PRODUCT, false)).await;
    site.agree().await;
    let before = site.edge.product().await;
    assert_eq!(site.standby.product().await, before);
    // Put back to a time before the change, the edge takes it in again, with its clock elsewhere.
    site.edge.clock.0.fetch_sub(HOUR_MS, Ordering::Relaxed);
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

fn holder(generation: &str) -> Writer {
    Writer::parse("gateway", generation).unwrap()
}

async fn issue(node: &Node, ask: Issue) -> Result<(), &'static str> {
    let (here, db) = (node.here().await, node.db());
    let desk = Desk::open(&node.app, &db, &here).await.unwrap();
    desk.issue(&ask).await.map(drop).map_err(|problem| problem.code)
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
