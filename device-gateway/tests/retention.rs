//! Accounts that nobody uses, on a real store with a clock that is set by hand: who goes while
//! others come back.

#![expect(clippy::unwrap_used, reason = "this is a test: what does not hold panics")]

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use app::{
    App,
    blobs::{BlobId, Shelf},
    chores,
    host::{Host, Secret, Side},
    metered::Metered,
    migrations,
    outbox::{Links, Outbox, Post},
    people::{
        account::{self, New},
        keys::PersonKey,
    },
    ports::{Alone, Blobs, Clock, Database, Entropy, Fault, Mail, Mailer, Pending, Undelivered},
    rows,
};
use domain::people::{address::Address, person::PersonId};
use relais::store::Store;
use sync_engine::{
    id::{ReplicaId, VenueId, Writer},
    statement::Statement,
};

const START_MS: u64 = 1_795_219_200_000;
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

struct Hand(AtomicU64);

impl Clock for Hand {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

struct Count(AtomicU64);

impl Entropy for Count {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, from)| *byte = *from);
        Ok(())
    }
}

/// A bucket that takes its time: while it deletes a file, the second person signs in.
struct Slow(Arc<Store>);

impl Blobs for Slow {
    fn get<'a>(&'a self, _: &'a BlobId) -> Pending<'a, Result<Option<Vec<u8>>, Fault>> {
        Box::pin(async { Ok(None) })
    }

    fn put<'a>(&'a self, _: &'a BlobId, _: Vec<u8>) -> Pending<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }

    fn delete<'a>(&'a self, _: &'a BlobId) -> Pending<'a, Result<(), Fault>> {
        Box::pin(async {
            let now_ms = START_MS + 3_000 * DAY_MS;
            let came = app::people::retention::came(&person(2), app::locale::Locale::Fr, now_ms);
            self.0.commit(&[came]).await.unwrap();
            Ok(())
        })
    }
}

/// Nobody takes its mails.
struct Closed;

impl Mailer for Closed {
    fn send<'a>(&'a self, _: &'a Mail) -> Pending<'a, Result<(), Undelivered>> {
        Box::pin(async { Err(Undelivered { reason: "no".to_owned(), is_lasting: true }) })
    }
}

fn venue() -> VenueId {
    VenueId::parse("chakri").unwrap()
}

fn person(number: u8) -> PersonId {
    PersonId::of(&[number; 16])
}

async fn world(data: &std::path::Path) -> (App, Arc<Hand>) {
    let clock = Arc::new(Hand(AtomicU64::new(START_MS)));
    let store = Arc::new(Store::open(&data.join("relais.db")).unwrap());
    let from = Address::parse("relais@mail.example").unwrap();
    let post = Post { mailer: Arc::new(Closed), from };
    let app = App {
        database: store.clone(),
        clock: clock.clone(),
        entropy: Arc::new(Count(AtomicU64::new(1))),
        live: Arc::new(Alone),
        line: Arc::new(Alone),
        standby: Arc::new(Alone),
        telling: Arc::default(),
        openid: None,
        outbound: Arc::default(),
        labour: Arc::new(Alone),
        outbox: Arc::new(Outbox::new(Some(post), Arc::new(Alone), Links::default())),
        assets: Arc::new(Alone),
        blobs: Shelf::new(Arc::new(Slow(store)), 1_000_000).into(),
        host: Arc::new(Host {
            side: Side::Edge,
            ticket_origin: "W".to_owned(),
            secret: Secret::new("a secret of some length"),
            is_home: true,
            shared_key: None,
            root: app::trust::Root::default(),
            recovery_code: None,
            setup_code: None,
            demo: false,
            contract: false,
            secure_cookies: true,
            lan: app::lan::Lan::default(),
            message_room: sync_engine::message::Room::default(),
            reap_changes: 1,
            audit_every_ms: u64::MAX,
        }),
    };
    migrations::apply(app.database.as_ref()).await.unwrap();
    let writer = Writer {
        replica: ReplicaId::parse("edge").unwrap(),
        generation: app::replication::new_life(app.entropy.as_ref()).unwrap(),
    };
    let domains = ["chakri.be".to_owned()];
    app.database.commit(&rows::venue::open(&venue(), &writer, &domains)).await.unwrap();
    for number in [1, 2] {
        let address = Address::parse(&format!("person{number}@example.org")).unwrap();
        let new = New {
            person: &person(number),
            key: &PersonKey::draw(app.entropy.as_ref()).unwrap(),
            address: &address,
            name: "Somebody",
            password: String::new(),
            confirmed: true,
            platform: false,
            locked: false,
            venue: &venue(),
            agreed: None,
        };
        app.database.commit(&account::make(&app, &new).unwrap()).await.unwrap();
    }
    (app, clock)
}

async fn left(app: &App) -> Vec<String> {
    let db = Metered::new(app.database.clone(), u32::MAX);
    let rows = db.rows(Statement::new("SELECT person FROM account ORDER BY person", vec![])).await;
    rows.unwrap().iter().map(|row| rows::text(row, "person").unwrap()).collect()
}

#[tokio::test]
async fn whoever_comes_back_while_others_go_stays() {
    let data = tempfile::tempdir().unwrap();
    let (app, clock) = world(data.path()).await;
    // Both were warned, and the first one has a file that goes with them.
    let file = "INSERT INTO blob (id, owner, what, bytes, made_ms, sweep_ms) \
         VALUES (?1, ?2, 'photo', 1, 1, 0)";
    let id = "a".repeat(64);
    let warned = "UPDATE account SET warned_ms = made_ms + (person = ?1)";
    let batch = [
        Statement::new(file, vec![id.as_str().into(), person(1).as_str().into()]),
        Statement::new(warned, vec![person(2).as_str().into()]),
    ];
    app.database.commit(&batch).await.unwrap();
    clock.0.fetch_add(3_000 * DAY_MS, Ordering::Relaxed);
    chores::round(&app, 0).await.unwrap();
    assert_eq!(left(&app).await, [person(2).to_string()]);
}

#[tokio::test]
async fn whoever_could_not_be_warned_stays() {
    let data = tempfile::tempdir().unwrap();
    let (app, clock) = world(data.path()).await;
    clock.0.fetch_add(3_000 * DAY_MS, Ordering::Relaxed);
    for _ in 0..4 {
        chores::round(&app, 10).await.unwrap();
        clock.0.fetch_add(31 * DAY_MS, Ordering::Relaxed);
    }
    assert_eq!(left(&app).await.len(), 2);
}
