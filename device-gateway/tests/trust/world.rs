//! An edge and a gateway on real stores, with clocks that are set by hand and a line that lies.
//!
//! It must not know what a test wants of them.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use app::{
    App,
    call::Here,
    device,
    host::{Host, Secret, Side},
    lan::Lan,
    metered::Metered,
    migrations,
    people::demo::{DemoPerson, load},
    ports::{Alone, Clock, Fault, Http, Incoming, Link, Outgoing, Pending},
    replication, rows,
    trust::Root,
    uplink::{EdgeAccess, Uplink},
};
use axum::body::{Body, to_bytes};
use domain::{
    device::replica::Credential,
    lan::LanOrigin,
    trust::{Document, certificate::Certificate},
};
use relais::store::Store;
use stage::{Count, Hand, line::carry};
use sync_engine::{
    id::VenueId,
    seal::{Seal, derive, sign_answer},
};
use tower::ServiceExt as _;

pub(crate) const NOW_MS: u64 = stage::START_MS;
/// Where people on site reach the gateway, and where everybody reaches the edge.
pub(crate) const LAN: &str = "https://chakri.lan.chakri.be:8443";
pub(crate) const PUBLIC: &str = "chakri.be";
pub(crate) const DAY_MS: u64 = 24 * 3_600_000;

/// A clock that is set by hand; it is believed where the edge said so.
#[derive(Default)]
pub(crate) struct Unsure {
    hand: Hand,
    ahead_ms: Mutex<Option<i64>>,
}

impl Unsure {
    pub(crate) fn pass(&self, ms: u64) {
        self.hand.pass(ms);
    }

    /// A start without a battery clock: nobody has told the time since.
    pub(crate) fn forget(&self, now_ms: u64) {
        self.hand.set(now_ms);
        *self.ahead_ms.lock().unwrap() = None;
    }
}

impl Clock for Unsure {
    fn now_ms(&self) -> u64 {
        self.hand.now_ms()
    }

    fn is_kept(&self) -> bool {
        false
    }

    fn told(&self, edge_ahead_ms: i64) {
        *self.ahead_ms.lock().unwrap() = Some(edge_ahead_ms);
    }

    fn edge_ahead_ms(&self) -> Option<i64> {
        *self.ahead_ms.lock().unwrap()
    }
}

/// What the line makes of the answer to a request for a certificate.
pub(crate) type Lie = fn(&mut serde_json::Value);

/// A line to one host; whoever is on it has the device's key, too.
pub(crate) struct Line {
    to: Mutex<App>,
    pub(crate) lie: Mutex<Option<Lie>>,
    pub(crate) certified: AtomicU64,
}

impl Http for Line {
    fn send<'a>(&'a self, outgoing: Outgoing) -> Pending<'a, Result<Incoming, Fault>> {
        Box::pin(async move {
            let is_certificate = outgoing.url.ends_with("/api/certificate");
            let nonce = outgoing.headers.iter().find(|(name, _)| *name == device::NONCE);
            let nonce = nonce.map(|(_, nonce)| nonce.clone()).unwrap();
            let app = self.to.lock().unwrap().clone();
            let mut answer = carry(app::router(app.clone()), outgoing).await?;
            if is_certificate {
                self.certified.fetch_add(1, Ordering::Relaxed);
                if let Some(lie) = *self.lie.lock().unwrap() {
                    let mut said = serde_json::from_slice(&answer.body).unwrap();
                    lie(&mut said);
                    answer.body = said.to_string().into_bytes();
                    let key = app.host.device_key(&venue(), "gateway", 1);
                    let signature = sign_answer(&key, &nonce, answer.status, &answer.body);
                    answer.headers = vec![(device::ANSWER, signature)];
                }
            }
            Ok(answer)
        })
    }
}

/// A line that stands as a test says.
pub(crate) struct Told(pub(crate) Mutex<Link>);

impl app::ports::Line for Told {
    fn link(&self) -> Link {
        *self.0.lock().unwrap()
    }
}

pub(crate) struct Node {
    pub(crate) app: App,
    pub(crate) clock: Arc<Unsure>,
    pub(crate) line: Arc<Told>,
    _data: tempfile::TempDir,
}

pub(crate) fn venue() -> VenueId {
    VenueId::parse("chakri").unwrap()
}

/// A root that is derived from these.
pub(crate) fn root(seed: &str, previous: Option<&str>) -> Root {
    let secret = |text: &str| Secret::new(text);
    Root::Own { seed: Some(secret(seed)), previous: previous.map(secret) }
}

impl Node {
    async fn start(side: Side, root: Root, number: u64) -> Self {
        let data = tempfile::tempdir().unwrap();
        let clock = Arc::<Unsure>::default();
        let is_home = side == Side::Edge;
        let replica = if is_home { "edge" } else { "gateway" };
        let shared = derive(b"the secret of the edge", "device/chakri/gateway");
        let origin = LanOrigin::parse(LAN).filter(|_| !is_home);
        let public_url = (!is_home).then(|| format!("https://{PUBLIC}"));
        let line = Arc::new(Told(Mutex::new(Link::Connected { since_ms: None })));
        let host = Host {
            secret: Secret::new(format!("the secret of the {replica}")),
            is_home,
            shared_key: (!is_home).then(|| Secret::new(app::host::shared(&shared))),
            root,
            secure_cookies: is_home,
            lan: Lan { origin, public_url },
            reap_changes: 1_000,
            ..stage::host(side)
        };
        let store = Arc::new(Store::open(&data.path().join("relais.db")).unwrap());
        let app = App {
            clock: clock.clone(),
            entropy: Arc::new(Count::from(number << 32)),
            line: if is_home { Arc::new(Alone) } else { line.clone() },
            ..stage::app(store, host)
        };
        migrations::apply(app.database.as_ref()).await.unwrap();
        let node = Self { app, clock, line, _data: data };
        let document = include_str!("../../../fixtures/venues/chakri.json");
        let document = serde_json::from_str(document).unwrap();
        let entropy = node.app.entropy.clone();
        replication::open(&node.db(), entropy.as_ref(), &document, replica, None).await.unwrap();
        node
    }

    pub(crate) fn db(&self) -> Metered {
        Metered::new(self.app.database.clone(), u32::MAX)
    }

    pub(crate) async fn here(&self) -> Here {
        rows::venue::by_id(&self.db(), &venue()).await.unwrap().unwrap()
    }

    pub(crate) async fn kept(&self) -> rows::trust::Kept {
        rows::trust::load(&self.db(), &venue()).await.unwrap()
    }

    /// The certificate that this store keeps; there is one key in this world.
    pub(crate) async fn certificate(&self) -> Option<Document<Certificate>> {
        self.kept().await.certificates.into_iter().next()
    }

    /// The same store under another root.
    pub(crate) fn with_root(&self, root: Root) -> App {
        let host = Host { root, ..self.app.host.as_ref().clone() };
        App { host: Arc::new(host), ..self.app.clone() }
    }

    /// Posts as a device of the venue does; returns status and answer.
    pub(crate) async fn post_as(&self, device: &str, body: &str) -> (u16, serde_json::Value) {
        self.post_to("/api/certificate", device, body).await
    }

    /// The same at another address.
    pub(crate) async fn post_to(
        &self,
        path: &str,
        device: &str,
        body: &str,
    ) -> (u16, serde_json::Value) {
        let at_ms = self.app.clock.now_ms();
        let mut nonce = [0; 8];
        self.app.entropy.fill(&mut nonce).unwrap();
        let nonce = sync_engine::seal::hex(&[nonce, nonce].concat());
        let name = format!("{}/{device}", venue());
        let seal = Seal {
            device: &name,
            method: "POST",
            path,
            at_ms,
            nonce: &nonce,
            body: body.as_bytes(),
        };
        let signature = seal.sign(&self.app.host.device_key(&venue(), device, 1));
        let request = axum::http::Request::post(path)
            .header("host", "other-side")
            .header("content-type", "application/json")
            .header(device::VENUE, venue().as_str())
            .header(device::DEVICE, device)
            .header(device::AT, at_ms.to_string())
            .header(device::NONCE, &nonce)
            .header(device::SIGNATURE, signature)
            .body(Body::from(body.to_owned()))
            .unwrap();
        let answer = app::router(self.app.clone()).oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }
}

pub(crate) struct Site {
    pub(crate) edge: Node,
    pub(crate) gateway: Node,
    pub(crate) up: Uplink,
    pub(crate) line: Arc<Line>,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let edge = Node::start(Side::Edge, root("the first root's seed", None), 1).await;
        let gateway = Node::start(Side::Gateway(venue()), Root::Pinned, 2).await;
        let line = Line {
            to: Mutex::new(edge.app.clone()),
            lie: Mutex::default(),
            certified: AtomicU64::default(),
        };
        let line = Arc::new(line);
        let access = EdgeAccess {
            url: "http://other-side".to_owned(),
            device: "gateway".to_owned(),
            key: Credential {
                version: 1,
                secret: edge.app.host.device_key(&venue(), "gateway", 1),
            },
        };
        let up = Uplink::new(gateway.app.clone(), line.clone(), venue(), access);
        Self { edge, gateway, up, line }
    }

    /// The same with the demo's people, known on both sides, and a gateway that told its name.
    pub(crate) async fn with_people() -> Self {
        let mut site = Self::start().await;
        let people = include_str!("../../../fixtures/venues/chakri-people.json");
        let people: Vec<DemoPerson> = serde_json::from_str(people).unwrap();
        let (db, here) = (site.edge.db(), site.edge.here().await);
        load(&site.edge.app, &db, (&here, &people)).await.unwrap();
        assert_eq!(site.come(0).await, Ok(true));
        assert_eq!(site.up.tell_lan().await, Ok(true));
        site
    }

    /// Time passes on both sides; then the gateway comes, as it does for ever.
    pub(crate) async fn come(&mut self, after_ms: u64) -> Result<bool, String> {
        self.edge.clock.pass(after_ms);
        self.gateway.clock.pass(after_ms);
        self.up.exchange().await.unwrap();
        self.up.certify().await
    }

    /// How often the edge was asked for a certificate.
    pub(crate) fn asked(&self) -> u64 {
        self.line.certified.load(Ordering::Relaxed)
    }

    /// The edge starts again under another root.
    pub(crate) fn rotate(&mut self, root: Root) {
        let app = self.edge.with_root(root);
        self.edge.app = app.clone();
        *self.line.to.lock().unwrap() = app;
    }
}
