//! An edge, a gateway and its standby on real stores, with clocks that are set by hand.
//!
//! It must not know what a test wants of them.

use std::sync::{Arc, Mutex};

use app::{
    App,
    call::{Here, Written, commit},
    host::{Host, Secret, Side},
    leases::Desk,
    metered::Metered,
    migrations,
    ports::{Pending, Row},
    replication, rows,
    standby::{DEVICE, Follows, Standby, Tip},
    uplink::{EdgeAccess, Uplink},
};
use domain::{device::replica::Credential, schema::SCHEMA, venue::Document};
use relais::store::Store;
use stage::{Count, Hand, line::Line};
use sync_engine::{
    append,
    change::Draft,
    id::{ReplicaId, VenueId, Writer},
    lease::Issue,
    statement::{Statement, Value},
};

pub(crate) const HOUR_MS: u64 = 3_600_000;
/// What a gateway and its standby have in common.
pub(crate) const SECRET: &str = "the gateways' common secret";
pub(crate) const PRODUCT: &str = "le-cheese-king";

/// Notes what the standby said last.
#[derive(Default)]
pub(crate) struct Ear(pub(crate) Mutex<Option<(Tip, u64)>>);

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

pub(crate) struct Node {
    pub(crate) app: App,
    pub(crate) clock: Arc<Hand>,
    pub(crate) ear: Arc<Ear>,
    _data: tempfile::TempDir,
}

pub(crate) fn venue() -> VenueId {
    VenueId::parse("chakri").unwrap()
}

fn document() -> Document {
    serde_json::from_str(include_str!("../../../fixtures/venues/chakri.json")).unwrap()
}

impl Node {
    pub(crate) async fn start(side: Side, replica: &str, secret: &str, number: u64) -> Self {
        let data = tempfile::tempdir().unwrap();
        let clock = Arc::<Hand>::default();
        let ear = Arc::new(Ear::default());
        let host = Host { secret: Secret::new(secret), ..stage::host(side) };
        let store = Arc::new(Store::open(&data.path().join("relais.db")).unwrap());
        let app = App {
            clock: clock.clone(),
            entropy: Arc::new(Count::from(number << 32)),
            standby: ear.clone(),
            ..stage::app(store, host)
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

    pub(crate) fn db(&self) -> Metered {
        Metered::new(self.app.database.clone(), u32::MAX)
    }

    pub(crate) async fn here(&self) -> Here {
        rows::venue::by_id(&self.db(), &venue()).await.unwrap().unwrap()
    }

    pub(crate) async fn write(&self, draft: Draft) {
        let here = self.here().await;
        let drafts = [draft];
        let batch = append::batch(&SCHEMA, &here.pen(&self.app), &drafts).unwrap();
        let written = commit(&self.app, &self.db(), &here, (&batch, &drafts)).await.unwrap();
        assert_eq!(written, Written::Done);
    }

    pub(crate) async fn rows(&self, sql: &str, params: Vec<Value>) -> Vec<Row> {
        self.db().rows(Statement::new(sql, params)).await.unwrap()
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.rows(sql, Vec::new()).await[0]["n"].as_i64().unwrap()
    }

    /// What the store says of the product that tests write to.
    pub(crate) async fn product(&self) -> (i64, i64) {
        let sql = "SELECT available, availability_stamp / 65536 AS ms FROM product WHERE id = ?1";
        let row = self.rows(sql, vec![PRODUCT.into()]).await.remove(0);
        (row["available"].as_i64().unwrap(), row["ms"].as_i64().unwrap())
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.db().commit(&[Statement::new(sql, Vec::new())]).await.unwrap();
    }

    /// Changes of the catalogue that the gateway wrote and that are still in this log.
    pub(crate) async fn kept(&self) -> i64 {
        self.count(
            "SELECT count(*) AS n FROM change_log c JOIN stream_writer v ON v.id = c.writer \
             WHERE v.replica = 'gateway' AND v.stream = 'chakri/catalogue'",
        )
        .await
    }
}

pub(crate) const LOWERED_SQL: &str =
    "SELECT count(*) AS n FROM change_log WHERE effective <> claimed";

pub(crate) struct Site {
    pub(crate) edge: Node,
    pub(crate) gateway: Node,
    pub(crate) standby: Node,
    /// From the gateway to the edge, and from the standby to the gateway.
    pub(crate) up: Uplink,
    pub(crate) along: Uplink,
    pub(crate) line: Arc<Line>,
}

pub(crate) fn uplink(from: &Node, to: &Node, device: &str) -> (Uplink, Arc<Line>) {
    let line = Line::to(app::router(to.app.clone()));
    let line = Arc::new(line);
    let access = EdgeAccess {
        url: "http://other-side".to_owned(),
        device: device.to_owned(),
        key: Credential { version: 1, secret: to.app.host.device_key(&venue(), device, 1) },
    };
    (Uplink::new(from.app.clone(), line.clone(), venue(), access), line)
}

/// Exchanges; whoever learns that its clock is off comes again with the other side's time.
pub(crate) async fn talk(uplink: &mut Uplink) {
    let first = uplink.exchange().await;
    if first.as_ref().is_err_and(|reason| reason.ends_with("request_stale")) {
        uplink.exchange().await.unwrap();
    } else {
        first.unwrap();
    }
}

impl Site {
    pub(crate) async fn start() -> Self {
        let edge = Node::start(Side::Edge, "edge", "the edge's own secret", 1).await;
        let gateway = Node::start(Side::Gateway(venue()), "gateway", SECRET, 2).await;
        let standby = Node::start(Side::Standby(venue()), "standby", SECRET, 3).await;
        let (up, line) = uplink(&gateway, &edge, "gateway");
        let (along, _) = uplink(&standby, &gateway, DEVICE);
        Self { edge, gateway, standby, up, along, line }
    }

    pub(crate) async fn agree(&mut self) {
        talk(&mut self.up).await;
        talk(&mut self.along).await;
    }
}

pub(crate) fn holder(generation: &str) -> Writer {
    Writer::parse("gateway", generation).unwrap()
}

pub(crate) async fn issue(node: &Node, ask: Issue) -> Result<(), &'static str> {
    let (here, db) = (node.here().await, node.db());
    let desk = Desk::open(&node.app, &db, &here).await.unwrap();
    desk.issue(&ask).await.map(drop).map_err(|problem| problem.code)
}
