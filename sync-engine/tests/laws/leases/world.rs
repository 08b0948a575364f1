//! Stores that lease from each other, and the books of what was told to whom.
//!
//! It runs the engine's decisions and statements; it must not ask them what is allowed.

use std::collections::{BTreeMap, BTreeSet};

use sync_engine::{
    Rejection,
    append::Pen,
    id::Purpose,
    lease::{self, Issue, Plan, Spend, Standing, ledger},
    statement::Batch,
};

use super::{Ask, COPIES, NAMES, RIGHTS, Step, Tally};
use crate::store::{SCHEMA, Store};

/// What a spend that was decided will have used up.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    key: String,
    right: String,
    amount: i64,
}

pub(super) struct Side {
    pub(super) store: Store,
    /// Whom the process has heard to the end since it started.
    heard: BTreeSet<usize>,
    is_confirmed: bool,
    pub(super) decided: Vec<(Batch, Option<Wanted>)>,
    image: Option<Vec<u8>>,
    is_copy: bool,
}

pub(super) struct World {
    pub(super) sides: Vec<Side>,
    /// What callers were told is spent: per right and key.
    pub(super) told: BTreeMap<(String, String), i64>,
    /// What of it some store still held whenever one was put back: it must be known in the end.
    pub(super) promised: BTreeSet<(String, String)>,
    /// A store forgot unnoticed, or an owner did: what nobody else knew then was never told.
    is_forgetful: bool,
    lives: usize,
    now_ms: u64,
    pub(super) tally: Tally,
}

impl World {
    pub(super) fn new() -> Self {
        let side = |name| Side {
            store: Store::new(name),
            heard: BTreeSet::new(),
            is_confirmed: true,
            decided: Vec::new(),
            image: None,
            is_copy: false,
        };
        let mut world = Self {
            sides: NAMES.map(side).into_iter().collect(),
            told: BTreeMap::new(),
            promised: BTreeSet::new(),
            is_forgetful: false,
            lives: 1,
            now_ms: 0,
            tally: Tally::default(),
        };
        for (right, amount, to) in [(0, 4, 1), (0, 4, 2), (1, 1, 2), (2, 2, 0), (2, 2, 2)] {
            world.run(Step::Do(0, Ask::Issue { right, amount, to }));
        }
        world.heal();
        world
    }

    /// Who owns a right is for its owner to say: a copy does not issue it, nor does another.
    fn place(at: usize, ask: Ask) -> usize {
        if let Ask::Issue { right, .. } = ask { RIGHTS[right].1 } else { at }
    }

    pub(super) fn run(&mut self, step: Step) {
        self.now_ms += 1;
        let count = self.sides.len();
        match step {
            Step::Decide(at, ask) if at < count => self.decide(Self::place(at, ask), ask),
            Step::Commit { at, is_heard } if at < count => self.commit(at, is_heard),
            Step::Do(at, ask) if at < count => {
                let at = Self::place(at, ask);
                let before = self.sides[at].decided.len();
                self.decide(at, ask);
                if self.sides[at].decided.len() > before {
                    let last = self.sides[at].decided.pop().expect("it was just decided");
                    self.sides[at].decided.insert(0, last);
                    self.commit(at, true);
                }
            }
            Step::Race(at, first, second) if at < count => {
                self.decide(at, first);
                self.decide(at, second);
                while !self.sides[at].decided.is_empty() {
                    self.commit(at, true);
                }
            }
            Step::Gather(at) if at < count => {
                (0..count).filter(|peer| *peer != at).for_each(|peer| self.exchange(at, peer, 0));
            }
            Step::Crash(at) if at < count => self.start(at),
            Step::Exchange { from, to, losses } if from < count && to < count => {
                self.exchange(from, to, losses);
            }
            Step::Trickle { from, to, changes } if from < count && to < count => {
                self.trickle(from, to, changes);
            }
            Step::Image(at) if at < NAMES.len() => {
                self.sides[at].image = Some(self.sides[at].store.image());
            }
            Step::Restore { at, is_marked } if at < NAMES.len() => self.restore(at, is_marked),
            Step::Copy(at) if at < NAMES.len() && count < NAMES.len() + COPIES => self.copy(at),
            _ => {}
        }
    }

    pub(super) fn pen(&self, at: usize) -> Pen {
        let store = &self.sides[at].store;
        let (venue, writer) = (store.venue.clone(), store.writer.clone());
        Pen { venue, writer, now_ms: self.now_ms }
    }

    pub(super) fn standing(&self, at: usize) -> Standing {
        if self.sides[at].is_confirmed { Standing::Confirmed } else { Standing::Unconfirmed }
    }

    pub(super) fn decide(&mut self, at: usize, ask: Ask) {
        let (pen, standing) = (self.pen(at), self.standing(at));
        let store = &self.sides[at].store;
        let lease_of = |pick: usize| {
            let id = store.lease_to_try(pick);
            let found = store.rows(&ledger::lease_query(&pen.venue, &id));
            (id, ledger::read_leases(&found).expect("it can be read").pop())
        };
        let mut wanted = None;
        let plan: Result<Option<Plan>, Rejection> = match ask {
            Ask::Issue { right, amount, to } => {
                let (name, _, total) = RIGHTS[right];
                let to = to % self.sides.len();
                let holder = self.sides[to].store.writer.clone();
                let ask = Issue { right: name.to_owned(), amount, total, holder };
                let rows = store.rows(&ledger::granted_query(&pen.venue, name, &pen.writer));
                let now = ledger::read_granted(&rows).expect("it can be read");
                lease::issue(&pen, standing, &ask, &now).map(Some)
            }
            Ask::Spend { pick, key, amount } => {
                let (id, lease) = lease_of(pick);
                // Each store's callers have keys of their own: one key at two of them is two uses.
                let key = format!("{at}-{key}");
                let found = store.rows(&ledger::spent_query(&pen.venue, &key));
                let before = ledger::read_spent(&found).expect("it can be read");
                let ask = Spend { lease: id, key: key.clone(), amount };
                let right = lease.as_ref().map(|lease| lease.right.clone());
                wanted = right.map(|right| Wanted { key, right, amount });
                lease::spend(&pen, standing, &ask, (lease.as_ref(), &before))
            }
            Ask::Return { pick } => {
                let (id, lease) = lease_of(pick);
                lease::give_back(&pen, standing, &id, lease.as_ref())
            }
            Ask::DeclareLost { pick } => {
                let (id, lease) = lease_of(pick);
                if self.sides[at].is_copy {
                    return;
                }
                lease::declare_lost(&pen, standing, &id, lease.as_ref())
            }
        };
        match plan {
            Ok(Some(plan)) => {
                let batch = plan.batch(&SCHEMA, &pen).expect("it is within the limits");
                self.sides[at].decided.push((batch, wanted));
                match ask {
                    Ask::Return { .. } => self.tally.returns += 1,
                    Ask::DeclareLost { .. } => self.tally.losses += 1,
                    _ => {}
                }
            }
            Ok(None) => {}
            Err(Rejection::LeasesWait) => self.tally.waits += 1,
            Err(Rejection::LeaseNotHeld) => self.tally.frozen += 1,
            Err(_) => {}
        }
    }

    pub(super) fn commit(&mut self, at: usize, is_heard: bool) {
        if self.sides[at].decided.is_empty() {
            return;
        }
        let (batch, wanted) = self.sides[at].decided.remove(0);
        if !self.sides[at].store.commit(&batch) {
            self.tally.races += 1;
            return;
        }
        if let Some(wanted) = wanted.filter(|_| is_heard) {
            self.tally.spends += 1;
            let id = (wanted.right, wanted.key);
            self.promised.insert(id.clone());
            self.told.insert(id, wanted.amount);
        }
    }

    /// The process starts: what it had decided is gone, and it must hear everyone again.
    fn start(&mut self, at: usize) {
        self.sides[at].decided.clear();
        self.sides[at].heard.clear();
        self.sides[at].is_confirmed = false;
    }

    fn begin(&mut self, at: usize) {
        self.lives += 1;
        self.tally.lives += 1;
        self.sides[at].decided.clear();
        self.sides[at].store.begin(&format!("g{}", self.lives));
    }

    fn restore(&mut self, at: usize, is_marked: bool) {
        let Some(image) = self.sides[at].image.take() else { return };
        self.tally.restores += 1;
        let store = Store::from_image(&self.sides[at].store, &image);
        self.sides[at].store = store;
        self.start(at);
        // A replica that was copied has its copies' word against it: its marker must be in order.
        let replica = self.sides[at].store.writer.replica.clone();
        let of_it = |side: &&Side| side.store.writer.replica == replica;
        let is_marked = is_marked || self.sides.iter().filter(of_it).count() > 1;
        if is_marked {
            self.begin(at);
        }
        let is_owner = RIGHTS.iter().any(|(_, owner, _)| *owner == at);
        self.is_forgetful |= is_owner || !is_marked;
        // What was heard of a store before it forgot is no confirmation: everyone begins anew.
        for side in self.sides.iter_mut().filter(|side| !side.is_confirmed) {
            side.heard.clear();
        }
        let known: BTreeSet<(String, String)> =
            self.sides.iter().flat_map(|side| side.store.spends()).map(|(id, ..)| id).collect();
        self.promised.retain(|id| known.contains(id));
        if self.is_forgetful {
            self.told.retain(|id, _| known.contains(id));
        }
    }

    /// A copy whose marker says so begins a life of its own.
    fn copy(&mut self, at: usize) {
        self.tally.copies += 1;
        let original = &mut self.sides[at].store;
        let image = original.image();
        let store = Store::from_image(original, &image);
        let (heard, decided) = (BTreeSet::new(), Vec::new());
        let side = Side { store, heard, is_confirmed: false, decided, image: None, is_copy: true };
        self.sides.push(side);
        let new = self.sides.len() - 1;
        self.begin(new);
    }

    /// Whoever is behind what the other holds begins a new life before anything is taken in.
    fn meet(&mut self, from: usize, to: usize) -> bool {
        let [here, there] = [from, to].map(|at| self.sides[at].store.writer.replica.clone());
        // A copy and its original know each other through the rest.
        if here == there {
            return false;
        }
        for (at, peer) in [(from, to), (to, from)] {
            if self.sides[at].store.is_behind(&self.sides[peer].store) {
                self.begin(at);
            }
        }
        true
    }

    fn exchange(&mut self, from: usize, to: usize, losses: u8) {
        if !self.meet(from, to) {
            return;
        }
        let mut left = losses;
        let lost = || {
            left /= 2;
            left % 2 == 1
        };
        self.sides[from].store.exchange(&self.sides[to].store, self.now_ms, lost);
        for (at, peer) in [(from, to), (to, from)] {
            self.sides[at].heard.insert(peer);
            let replica = self.sides[at].store.writer.replica.clone();
            let others = self.sides.iter().enumerate();
            let mut others = others.filter(|(_, other)| other.store.writer.replica != replica);
            let is_confirmed = others.all(|(other, _)| self.sides[at].heard.contains(&other));
            self.sides[at].is_confirmed |= is_confirmed;
        }
    }

    fn trickle(&mut self, from: usize, to: usize, changes: usize) {
        if !self.meet(from, to) {
            return;
        }
        let purpose = Purpose::parse(lease::PURPOSE).expect("a name");
        let (from, to) = (&self.sides[from].store, &self.sides[to].store);
        let beyond = from.beyond(&purpose, &to.vector(&purpose));
        let first = &beyond[..changes.min(beyond.len())];
        to.take_in(&purpose, first, self.now_ms).expect("the first changes are without gaps");
    }

    /// Everyone exchanges with everyone until nothing is new.
    pub(super) fn heal(&mut self) {
        for at in 0..self.sides.len() {
            self.sides[at].decided.clear();
        }
        let purpose = Purpose::parse(lease::PURPOSE).expect("a name");
        for _ in 0..6 {
            for from in 0..self.sides.len() {
                for to in 0..from {
                    self.exchange(from, to, 0);
                }
            }
            let first = self.sides[0].store.vector(&purpose);
            if self.sides.iter().all(|side| side.store.vector(&purpose) == first) {
                break;
            }
        }
    }
}
