//! Stores that are put back to an image or copied, and the lives that they begin; on the engine's
//! own statements, without a rule of its own.

use rusqlite::{Connection, MAIN_DB};
use sync_engine::{
    history,
    id::{Purpose, Writer},
    life::{self, Own},
    message::Part,
    refold,
    vector::Vector,
};

use crate::{
    menu,
    store::{SCHEMA, Store, purposes},
    talk::Line,
    title,
};

impl Store {
    /// Copies the whole store, as an image of its disk.
    pub(crate) fn image(&mut self) -> Vec<u8> {
        self.db.serialize(MAIN_DB).expect("a store in memory can be copied").to_vec()
    }

    /// Opens a store from an image, as the life that the image holds.
    pub(crate) fn from_image(like: &Self, image: &[u8]) -> Self {
        let mut db = Connection::open_in_memory().expect("SQLite opens in memory");
        db.set_prepared_statement_cache_capacity(200);
        db.deserialize_read_exact(MAIN_DB, image, image.len(), false).expect("it is an image");
        let sql = "SELECT generation FROM local_venue";
        let generation: String = db.query_row(sql, [], |row| row.get(0)).expect("it has a life");
        let writer = Writer::parse(like.writer.replica.as_str(), &generation).expect("names");
        let venue = like.venue.clone();
        Self { db, writer, venue, clamp_ms: None, one_by_one: like.one_by_one, schema: like.schema }
    }

    /// Begins a new life; all that was written in the old one moves into it.
    pub(crate) fn begin(&mut self, generation: &str) {
        let name = self.writer.replica.as_str();
        let next = Writer::parse(name, generation).expect("names");
        let streams: Vec<_> = purposes().map(|purpose| (self.stream(&purpose), 0)).collect();
        let mut batch = life::begin(&self.writer, &next.generation, &streams);
        for (stream, _) in &streams {
            batch.extend(refold::life(&SCHEMA, stream, &self.writer, &next));
        }
        assert!(self.commit(&batch), "nobody else began a life");
        self.writer = next;
    }

    /// Begins a new life that takes nothing with it: nothing was written in the old one since it
    /// was put back.
    pub(crate) fn renew(&mut self, generation: &str) {
        let next = Writer::parse(self.writer.replica.as_str(), generation).expect("names");
        let agreed: Vec<_> = purposes()
            .map(|purpose| (self.stream(&purpose), self.vector(&purpose).seq(&self.writer)))
            .collect();
        let batch = life::begin(&self.writer, &next.generation, &agreed);
        assert!(self.commit(&batch), "nobody else began a life");
        self.writer = next;
    }

    /// Tells whether what a peer holds proves that this store is an old image.
    pub(crate) fn is_behind(&self, peer: &Self) -> bool {
        purposes().any(|purpose| {
            let held = peer.held(&purpose);
            let part = Part { have: held.vector(), tips: held.tips(), ..Part::default() };
            life::claims(&part, &self.writer)
                .any(|claim| life::has_forked(&claim, &self.own(&purpose, claim.seq, 0)))
        })
    }

    /// Tells whether a peer says otherwise of a stream than when it was known to hold so much.
    pub(crate) fn is_contradicted_by(&self, peer: &Self, purpose: &Purpose, agreed: u64) -> bool {
        let held = peer.held(purpose);
        let part = Part { have: held.vector(), tips: held.tips(), ..Part::default() };
        life::claims(&part, &self.writer)
            .any(|claim| life::is_put_back(&claim, &self.own(purpose, claim.seq, agreed)))
    }

    fn own(&self, purpose: &Purpose, at: u64, agreed: u64) -> Own {
        let log = self.beyond(purpose, &Vector::default());
        let digest_at_peer = log
            .iter()
            .find(|change| change.writer == self.writer && change.seq == at)
            .map(sync_engine::change::Change::digest);
        let seq = self.vector(purpose).seq(&self.writer);
        Own { seq, floor: 0, agreed, digest_at_peer }
    }
}

#[test]
fn who_gives_a_snapshot_and_is_put_back_to_a_longer_log_goes_on_with_it() {
    let (mut giver, other, taker) = (Store::new("a"), Store::new("b"), Store::new("c"));
    for number in 0..10 {
        assert!(giver.write(&[title(&format!("d{number}"), "x")], 5));
    }
    giver.exchange(&other, 7, || false);
    let image = giver.image();
    giver.reap(&menu(), &[other.vector(&menu())]);
    let mut left = 3;
    let line = || {
        left -= 1;
        if left == 0 { Line::Breaks } else { Line::Stands }
    };
    assert_eq!(giver.session(&taker, 7, line), None, "it has given some pages");
    assert!(!taker.content().is_empty(), "and the taker has them");
    let mut giver = Store::from_image(&giver, &image);
    giver.renew("g2");
    giver.exchange(&taker, 7, || false);
    assert_eq!(taker.content(), giver.content());
}

#[test]
fn a_log_waits_for_what_is_set_aside() {
    let (a, b) = (Store::new("a"), Store::new("b"));
    for number in 0..10 {
        assert!(a.write(&[title(&format!("d{number}"), "x")], 5));
    }
    a.exchange(&b, 7, || false);
    let refused = "INSERT INTO set_aside (writer, seq, reason, at_ms) \
         SELECT id, 4, 'refused', 5 FROM stream_writer WHERE stream = 'v/menu' AND seq = 10";
    assert_eq!(b.db.execute(refused, []), Ok(1));
    for (kept, floor) in [("", 3), ("DELETE FROM set_aside", 9)] {
        b.db.execute_batch(kept).expect("it is folded by now");
        b.reap(&menu(), &[a.vector(&menu())]);
        assert_eq!(b.held(&menu()).floor().have.seq(&a.writer), floor);
    }
}

#[test]
fn a_branch_that_only_one_holds_goes_on_as_its_own_changes() {
    // A disk was copied: the hub heard the copy, the third store the original.
    let (a, copy) = (Store::new("a"), Store::new("a"));
    let (hub, third) = (Store::new("hub"), Store::new("third"));
    for number in 0..3 {
        assert!(a.write(&[title(&format!("a{number}"), "x")], 5));
        assert!(copy.write(&[title(&format!("c{number}"), "x")], 6));
    }
    hub.take_in(&menu(), &copy.beyond(&menu(), &Vector::default())[..2], 9).expect("it is sound");
    third.take_in(&menu(), &a.beyond(&menu(), &Vector::default()), 9).expect("it is sound");

    let (told, held) = (hub.held(&menu()), third.held(&menu()));
    let part = Part { have: told.vector(), tips: told.tips(), ..Part::default() };
    let mut doubts = history::doubts(&held, &third.writer, &part);
    let query = doubts.query(&held).expect("the log must tell");
    doubts.clear(&third.rows(&query)).expect("it can be read");
    assert_eq!(doubts.parted.get(&a.writer), Some(&2));
    let before = third.content();
    let other = (&a.writer, 2);
    let stream = third.stream(&menu());
    let batch = history::take_over(&SCHEMA, &stream, &third.writer, other, &held);
    assert!(third.commit(&batch));
    assert!(!third.commit(&batch), "once is enough");
    assert_eq!(third.content(), before.replace("\"a\"", "\"third\""), "nothing is lost");
    assert_eq!(
        (third.vector(&menu()).seq(&a.writer), third.vector(&menu()).seq(&third.writer)),
        (0, 3)
    );
    // Whoever told so much and was put back since keeps nobody waiting for it.
    let waits = |seq: u64| {
        let mut have = Vector::default();
        have.advance(&a.writer, seq);
        let told = Part { have, ..Part::default() };
        let less = history::wait_for_less(&stream, &third.held(&menu()), &told);
        assert!(less.is_empty() || third.commit(&less));
        third.held(&menu()).writers[&a.writer].due
    };
    assert_eq!([waits(2), waits(1), waits(2)], [2, 1, 1]);
    third.exchange(&hub, 9, || false);
    assert_eq!(third.content(), hub.content());
}

#[test]
fn what_a_snapshot_has_weighed_beats_a_stamp_that_was_not_lowered_here_yet() {
    let (a, b, mut hub) = (Store::new("a"), Store::new("b"), Store::new("hub"));
    hub.clamp_ms = Some(61_000);
    assert!(a.write(&[title("d", "one")], 1 << 42));
    b.take_in(&menu(), &a.beyond(&menu(), &Vector::default()), 1 << 43).expect("it is sound");
    assert!(a.write(&[title("d", "two")], 1 << 42));
    assert!(a.write(&[title("e", "later")], 1 << 42));
    a.exchange(&hub, 1_000, || false);
    hub.reap(&menu(), &[a.vector(&menu())]);
    assert_eq!(hub.held(&menu()).floor().have.seq(&a.writer), 2, "rows alone tell of the second");
    b.exchange(&hub, 2_000, || false);
    assert!(b.content().contains("two"), "{}", b.content());
    assert_eq!(b.content(), hub.content());
}
