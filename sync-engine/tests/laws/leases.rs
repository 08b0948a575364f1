//! The law of leases, on the real SQL: whatever is cut, dies, comes back or is copied, never more
//! is spent of a right than its owner granted, and what is returned can be issued again.

mod judge;
mod world;

use std::cell::RefCell;

use proptest::{prelude::*, test_runner::TestRunner};

use world::World;

/// A right, the store that owns it, and how much of it there is; the second is exclusive.
const RIGHTS: [(&str, usize, i64); 3] = [("points/42", 0, 12), ("door/A3", 1, 1), ("seats", 1, 6)];
const NAMES: [&str; 3] = ["hub", "b", "c"];
/// Copies that run beside their originals.
const COPIES: usize = 1;

#[derive(Debug, Clone, Copy)]
enum Ask {
    Issue { right: usize, amount: i64, to: usize },
    Spend { pick: usize, key: u8, amount: i64 },
    Return { pick: usize },
    DeclareLost { pick: usize },
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Somebody decides; what they decided is committed later, by whatever is true then.
    Decide(usize, Ask),
    /// The oldest decision is committed; the answer may never be heard.
    Commit {
        at: usize,
        is_heard: bool,
    },
    /// Decides and commits at once.
    Do(usize, Ask),
    /// Two workers decide by the same state, and both commit.
    Race(usize, Ask, Ask),
    /// One store exchanges with all others.
    Gather(usize),
    /// The process dies with what it had decided.
    Crash(usize),
    Exchange {
        from: usize,
        to: usize,
        losses: u8,
    },
    /// The line is cut in the middle: only the first changes arrive.
    Trickle {
        from: usize,
        to: usize,
        changes: usize,
    },
    Image(usize),
    Restore {
        at: usize,
        is_marked: bool,
    },
    Copy(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let at = 0..NAMES.len() + COPIES;
    let ask = prop_oneof![
        4 => (0..RIGHTS.len(), 1..4_i64, at.clone())
            .prop_map(|(right, amount, to)| Ask::Issue { right, amount, to }),
        6 => (0..12_usize, 0..40_u8, 1..4_i64)
            .prop_map(|(pick, key, amount)| Ask::Spend { pick, key, amount }),
        3 => (0..12_usize).prop_map(|pick| Ask::Return { pick }),
        1 => (0..12_usize).prop_map(|pick| Ask::DeclareLost { pick }),
    ];
    let step = prop_oneof![
        6 => (at.clone(), ask.clone()).prop_map(|(at, ask)| Step::Decide(at, ask)),
        6 => (at.clone(), any::<bool>())
            .prop_map(|(at, is_heard)| Step::Commit { at, is_heard }),
        10 => (at.clone(), ask.clone()).prop_map(|(at, ask)| Step::Do(at, ask)),
        5 => (at.clone(), ask.clone(), ask)
            .prop_map(|(at, first, second)| Step::Race(at, first, second)),
        5 => at.clone().prop_map(Step::Gather),
        1 => at.clone().prop_map(Step::Crash),
        9 => (at.clone(), at.clone(), 0..8_u8)
            .prop_map(|(from, to, losses)| Step::Exchange { from, to, losses }),
        3 => (at.clone(), at.clone(), 1..4_usize)
            .prop_map(|(from, to, changes)| Step::Trickle { from, to, changes }),
        2 => at.clone().prop_map(Step::Image),
        2 => (at.clone(), any::<bool>())
            .prop_map(|(at, is_marked)| Step::Restore { at, is_marked }),
        2 => at.prop_map(Step::Copy),
    ];
    proptest::collection::vec(step, 1..60)
}

/// What happened, so that a run without it is no proof.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    spends: u64,
    returns: u64,
    losses: u64,
    races: u64,
    restores: u64,
    copies: u64,
    lives: u64,
    waits: u64,
    frozen: u64,
    issued_again: u64,
}

impl Tally {
    const fn add(&mut self, other: &Self) {
        self.spends += other.spends;
        self.returns += other.returns;
        self.losses += other.losses;
        self.races += other.races;
        self.restores += other.restores;
        self.copies += other.copies;
        self.lives += other.lives;
        self.waits += other.waits;
        self.frozen += other.frozen;
        self.issued_again += other.issued_again;
    }
}

#[test]
fn no_interleaving_spends_more_than_was_granted() {
    let total = RefCell::new(Tally::default());
    let config = ProptestConfig { cases: 128, ..ProptestConfig::default() };
    let law = TestRunner::new(config).run(&steps(), |steps| {
        let mut world = World::new();
        for step in steps {
            world.run(step);
        }
        world.heal();
        world.judge()?;
        world.return_all()?;
        world.heal();
        world.judge()?;
        total.borrow_mut().add(&world.tally);
        Ok(())
    });
    if let Err(broken) = law {
        panic!("{broken}");
    }
    let tally = *total.borrow();
    let happened = [
        tally.spends,
        tally.returns,
        tally.losses,
        tally.races,
        tally.restores,
        tally.copies,
        tally.lives,
        tally.waits,
        tally.frozen,
        tally.issued_again,
    ];
    assert!(happened.iter().all(|times| *times > 3), "{tally:?}");
}

/// Something arrives between the decision and the write: the write takes no effect at all.
#[test]
fn a_decision_that_no_longer_holds_takes_no_effect() {
    let spend = |key, amount| Ask::Spend { pick: 1, key, amount };
    let back = Ask::Return { pick: 1 };
    let issue = Ask::Issue { right: 2, amount: 2, to: 2 };
    // The newest lease is the last store's: two seats of six, which the second store issued.
    let lost = Ask::DeclareLost { pick: 8 };
    let cases = [
        ((2, spend(1, 2)), (2, spend(2, 1))),
        ((2, spend(1, 2)), (2, spend(1, 2))),
        ((2, spend(1, 1)), (2, back)),
        ((2, back), (2, spend(1, 1))),
        ((2, back), (2, back)),
        ((1, lost), (2, back)),
        ((2, spend(1, 1)), (1, lost)),
        ((1, issue), (0, issue)),
    ];
    for ((at, ask), (elsewhere, meanwhile)) in cases {
        let mut world = World::new();
        world.decide(at, ask);
        assert_eq!(world.sides[at].decided.len(), 1, "{ask:?} is allowed");
        let held_back = std::mem::take(&mut world.sides[at].decided);
        world.decide(elsewhere, meanwhile);
        world.commit(elsewhere, true);
        assert_eq!(world.tally.races, 0, "{meanwhile:?} takes effect");
        world.heal();
        world.sides[at].decided = held_back;
        world.commit(at, true);
        assert_eq!(world.tally.races, 1, "{ask:?} after {meanwhile:?}");
    }
}
