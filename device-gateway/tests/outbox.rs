//! The outbox on a real store, with a clock that is set by hand and mailers that do as they are
//! told: who sends, when, how often, and what is left of it.

#![expect(clippy::unwrap_used, reason = "this is a test: what does not hold panics")]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use app::{
    App,
    host::{Host, Secret, Side},
    locale::Locale,
    mail::{self, Letter},
    metered::Metered,
    migrations,
    outbox::{Links, Outbox, Post, Round, deliver, pause_ms},
    ports::{Alone, Clock as _, Mail, Mailer, Pending, Row, Undelivered},
    rows,
};
use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use domain::people::address::Address;
use relais::store::Store;
use stage::{Hand, START_MS};
use sync_engine::{
    id::{ReplicaId, VenueId, Writer},
    statement::Statement,
};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// Notes what it carries, and says what it was told to say; then yes.
struct Carrier {
    says: Mutex<VecDeque<Result<(), Undelivered>>>,
    carried: Mutex<Vec<Mail>>,
    /// How many mails may leave: who has to wait is in the middle of sending.
    may: Semaphore,
}

impl Mailer for Carrier {
    fn send<'a>(&'a self, mail: &'a Mail) -> Pending<'a, Result<(), Undelivered>> {
        Box::pin(async move {
            self.may.acquire().await.unwrap().forget();
            self.carried.lock().unwrap().push(mail.clone());
            self.says.lock().unwrap().pop_front().unwrap_or(Ok(()))
        })
    }
}

struct World {
    app: App,
    clock: Arc<Hand>,
    carrier: Arc<Carrier>,
    _data: tempfile::TempDir,
}

fn venue() -> VenueId {
    VenueId::parse("chakri").unwrap()
}

fn ann() -> Address {
    Address::parse("Ann@example.org").unwrap()
}

impl World {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let clock = Arc::<Hand>::default();
        let carrier = Arc::new(Carrier {
            says: Mutex::default(),
            carried: Mutex::default(),
            may: Semaphore::new(1_000),
        });
        let from = Address::parse("relais@mail.example").unwrap();
        let post = Post { mailer: carrier.clone(), from };
        let outbox = Outbox::new(Some(post), Arc::new(Alone), Links::default());
        let store = Arc::new(Store::open(&data.path().join("relais.db")).unwrap());
        let app = App {
            clock: clock.clone(),
            outbox: outbox.into(),
            ..stage::app(store, stage::host(Side::Edge))
        };
        migrations::apply(app.database.as_ref()).await.unwrap();
        let writer = Writer {
            replica: ReplicaId::parse("edge").unwrap(),
            generation: app::replication::new_life(app.entropy.as_ref()).unwrap(),
        };
        let domains = ["localhost", "www.chakri.be", "chakri.be"].map(str::to_owned);
        app.database.commit(&rows::venue::open(&venue(), &writer, &domains)).await.unwrap();
        Self { app, clock, carrier, _data: data }
    }

    async fn leave(&self) {
        let letter = Letter::Reset { path: "/account/reset?token=s3cret".to_owned() };
        let left = mail::queue(&self.app, &venue(), (&ann(), Locale::Fr), letter).unwrap();
        self.app.database.commit(&[left]).await.unwrap();
    }

    fn says(&self, reason: &str, is_lasting: bool) {
        let says = Err(Undelivered { reason: reason.to_owned(), is_lasting });
        self.carrier.says.lock().unwrap().push_back(says);
    }

    fn pass(&self, ms: u64) {
        self.clock.pass(ms);
    }

    async fn deliver(&self) -> Round {
        deliver(&self.app, 10).await.unwrap()
    }

    fn carried(&self) -> Vec<Mail> {
        self.carrier.carried.lock().unwrap().clone()
    }

    async fn rows(&self) -> Vec<Row> {
        let db = Metered::new(self.app.database.clone(), u32::MAX);
        db.rows(Statement::new("SELECT * FROM outbox ORDER BY id", Vec::new())).await.unwrap()
    }
}

#[tokio::test]
async fn a_mail_leads_to_the_venue_s_own_name_and_leaves_no_trace_but_that_it_left() {
    let world = World::start().await;
    world.leave().await;
    let row = world.rows().await.remove(0);
    let kept = serde_json::to_string(&row).unwrap().to_lowercase();
    assert!(!kept.contains("ann@") && !kept.contains("s3cret"), "{kept}");
    assert_eq!(world.deliver().await, Round { sent: 1, failed: 0, more: false });
    let mail = world.carried().remove(0);
    assert!(mail.text.contains("https://chakri.be/account/reset?token=s3cret"), "{}", mail.text);
    let row = world.rows().await.remove(0);
    assert_eq!((&row["state"], &row["sealed"]), (&"sent".into(), &"".into()));
    assert_eq!(world.deliver().await, Round::default());
    world.pass(8 * DAY_MS);
    world.deliver().await;
    assert!(world.rows().await.is_empty());
}

#[tokio::test]
async fn a_demo_without_a_post_shows_what_waits_with_its_links_and_nothing_else_does() {
    let world = World::start().await;
    world.leave().await;
    for (demo, expect) in [(true, 200), (false, 404)] {
        let host = Arc::new(Host { demo, ..world.app.host.as_ref().clone() });
        let app = App { host, outbox: Arc::default(), ..world.app.clone() };
        let request = Request::get("/demo/mails").header("host", "localhost:8787");
        let request = request.body(Body::empty()).unwrap();
        let answer = app::router(app).oneshot(request).await.unwrap();
        assert_eq!(answer.status(), expect);
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let page = String::from_utf8_lossy(&body);
        assert_eq!(page.contains("href=\"/account/reset?token=s3cret\""), demo, "{page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_send_each_mail_once() {
    let world = World::start().await;
    for _ in 0..40 {
        world.leave().await;
    }
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let app = world.app.clone();
            tokio::spawn(async move {
                let mut sent = 0;
                loop {
                    let round = deliver(&app, 10).await.unwrap();
                    sent += round.sent;
                    if !round.more {
                        return sent;
                    }
                }
            })
        })
        .collect();
    let mut sent = 0;
    for worker in workers {
        sent += worker.await.unwrap();
    }
    let mut ids: Vec<String> = world.carried().into_iter().map(|mail| mail.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), world.carried().len(), sent), (40, 40, 40));
}

#[tokio::test]
async fn what_somebody_holds_is_left_alone_until_that_must_have_ended() {
    let world = World::start().await;
    world.leave().await;
    world.carrier.may.forget_permits(1_000);
    let app = world.app.clone();
    let dies = tokio::spawn(async move { deliver(&app, 10).await });
    while world.rows().await[0]["tries"] == 0 {
        tokio::task::yield_now().await;
    }
    dies.abort();
    world.carrier.may.add_permits(1_000);
    world.pass(MINUTE_MS);
    assert_eq!(world.deliver().await, Round::default());
    assert!(world.carried().is_empty());
    world.pass(2 * MINUTE_MS);
    assert_eq!(world.deliver().await.sent, 1);
}

#[tokio::test]
async fn a_mail_is_tried_again_ever_more_seldom_and_given_up_after_a_day() {
    let world = World::start().await;
    world.leave().await;
    let mut tries = 0;
    while world.rows().await[0]["state"] == "waiting" {
        world.says("refused_451", false);
        tries += world.deliver().await.failed;
        assert_eq!(world.deliver().await, Round::default(), "nothing is due at once again");
        world.pass(pause_ms(&world.app).await.unwrap());
        assert!(world.clock.now_ms() < START_MS + 2 * DAY_MS);
    }
    let row = world.rows().await.remove(0);
    assert_eq!((tries, &row["last_error"]), (10, &"refused_451".into()));
    assert_ne!(row["sealed"], "", "staff may send it again");
    world.pass(8 * DAY_MS);
    world.deliver().await;
    assert!(world.rows().await.is_empty());
}

#[tokio::test]
async fn what_no_try_mends_is_given_up_at_once() {
    let world = World::start().await;
    world.leave().await;
    world.says("refused_550", true);
    assert_eq!(world.deliver().await.failed, 1);
    assert_eq!(world.rows().await[0]["state"], "given_up");
    // Sealed by another secret, it says nothing any more.
    world.leave().await;
    let secret = Secret::new("another secret of some length");
    let host = Arc::new(Host { secret, ..world.app.host.as_ref().clone() });
    let app = App { host, ..world.app.clone() };
    assert_eq!(deliver(&app, 10).await.unwrap().failed, 1);
    assert!(world.rows().await.iter().all(|row| row["state"] == "given_up"));
    assert_eq!(world.carried().len(), 1);
}

#[tokio::test]
async fn without_a_post_mails_wait_and_are_given_up_after_a_week() {
    let world = World::start().await;
    world.leave().await;
    let app = App { outbox: Arc::default(), ..world.app.clone() };
    assert_eq!(deliver(&app, 10).await.unwrap(), Round::default());
    world.pass(6 * DAY_MS);
    deliver(&app, 10).await.unwrap();
    assert_eq!(world.rows().await[0]["state"], "waiting");
    world.pass(2 * DAY_MS);
    deliver(&app, 10).await.unwrap();
    let row = world.rows().await.remove(0);
    assert_eq!((&row["state"], &row["last_error"]), (&"given_up".into(), &"too_old".into()));
}

#[tokio::test]
async fn whoever_is_erased_gets_no_mail_that_waited() {
    let world = World::start().await;
    world.leave().await;
    // Written otherwise, it is the same address.
    let other = Address::parse("ann@EXAMPLE.org").unwrap();
    let forget = mail::forget(&world.app.host, &other);
    world.app.database.commit(&[forget]).await.unwrap();
    assert_eq!(world.deliver().await, Round::default());
    assert!(world.rows().await.is_empty());
}

#[tokio::test]
async fn a_clock_that_was_years_ahead_makes_no_mail_wait_for_years() {
    let world = World::start().await;
    world.pass(3_650 * DAY_MS);
    world.leave().await;
    world.says("unreachable", false);
    world.deliver().await;
    world.clock.set(START_MS);
    assert_eq!(world.deliver().await.sent, 1);
}
