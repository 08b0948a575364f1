//! Accounts that nobody uses, on a real store with a clock that is set by hand: who goes while
//! others come back.

#![expect(clippy::unwrap_used, reason = "this is a test: what does not hold panics")]

use std::sync::Arc;

use app::{
    App,
    blobs::{BlobId, Shelf},
    chores,
    host::Side,
    metered::Metered,
    migrations,
    outbox::{Links, Outbox, Post},
    people::{
        account::{self, New},
        keys::PersonKey,
    },
    ports::{Alone, Blobs, Database, Fault, Mail, Mailer, Pending, Undelivered},
    rows,
};
use domain::people::{address::Address, person::PersonId};
use relais::store::Store;
use stage::{Hand, START_MS};
use sync_engine::{
    id::{ReplicaId, VenueId, Writer},
    statement::Statement,
};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

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
    let clock = Arc::<Hand>::default();
    let store = Arc::new(Store::open(&data.join("relais.db")).unwrap());
    let from = Address::parse("relais@mail.example").unwrap();
    let post = Post { mailer: Arc::new(Closed), from };
    let outbox = Outbox::new(Some(post), Arc::new(Alone), Links::default());
    let app = App {
        clock: clock.clone(),
        outbox: outbox.into(),
        blobs: Shelf::new(Arc::new(Slow(store.clone())), 1_000_000).into(),
        ..stage::app(store, stage::host(Side::Edge))
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
    clock.pass(3_000 * DAY_MS);
    chores::round(&app, 0).await.unwrap();
    assert_eq!(left(&app).await, [person(2).to_string()]);
}

#[tokio::test]
async fn whoever_could_not_be_warned_stays() {
    let data = tempfile::tempdir().unwrap();
    let (app, clock) = world(data.path()).await;
    clock.pass(3_000 * DAY_MS);
    for _ in 0..4 {
        chores::round(&app, 10).await.unwrap();
        clock.pass(31 * DAY_MS);
    }
    assert_eq!(left(&app).await.len(), 2);
}
