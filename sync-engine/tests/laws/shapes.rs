//! Sets, sequences, counters and siblings against the algebra of the `crdts` crate: whatever is
//! lost, reaped, put back or sent twice, each store shows what its model shows.

mod world;

use std::collections::BTreeSet;

use proptest::prelude::*;
use sync_engine::{
    id::Purpose,
    learn,
    sequence::{self, Member},
    shape::{MEMBER_SQL, Schema},
    statement::Statement,
};

use crate::store::SCHEMA;
use world::{Step, World};

/// Enough to meet every way in which a step goes wrong that was tried.
const CASES: u32 = 48;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let at = 0..3_usize;
    let two = (0..3_usize, 0..3_u8);
    let step = prop_oneof![
        3 => two.clone().prop_map(|(at, word)| Step::Add { at, word }),
        2 => two.clone().prop_map(|(at, word)| Step::Remove { at, word }),
        3 => (at.clone(), 0..9_usize, 0..5_usize)
            .prop_map(|(at, which, to)| Step::Place { at, which, to }),
        1 => (at.clone(), 0..5_usize).prop_map(|(at, which)| Step::Strike { at, which }),
        2 => (at.clone(), -5..9_i64).prop_map(|(at, by)| Step::Count { at, by }),
        2 => two.prop_map(|(at, text)| Step::Edit { at, text }),
        4 => (at.clone(), at.clone(), proptest::collection::vec(any::<bool>(), 0..4))
            .prop_map(|(from, to, losses)| Step::Exchange { from, to, losses }),
        3 => at.clone().prop_map(|at| Step::Reap { at }),
        1 => Just(Step::Settle),
        1 => at.clone().prop_map(|at| Step::Keep { at }),
        1 => at.prop_map(|at| Step::PutBack { at }),
    ];
    proptest::collection::vec(step, 1..60)
}

/// The same, and lines that break in the middle: what a store has then, no model tells.
fn rough_steps() -> impl Strategy<Value = Vec<Step>> {
    let line = (0..3_usize, 0..3_usize, 0..4_usize);
    let step = line.prop_map(|(from, to, after)| Step::Break { from, to, after });
    let pair = (steps(), proptest::collection::vec(step, 1..20), any::<u64>());
    pair.prop_map(|(mut steps, breaks, shuffle)| {
        for (number, step) in (1..).zip(breaks) {
            let place = shuffle.wrapping_mul(number) % (steps.len() as u64 + 1);
            steps.insert(place as usize, step);
        }
        steps
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, ..ProptestConfig::default() })]

    #[test]
    fn every_shape_shows_what_the_algebra_says(steps in steps()) {
        let mut world = World::new(true);
        for step in &steps {
            world.run(step);
        }
        world.settle();
        prop_assert_eq!(world.sites[0].content(), world.sites[1].content());
        prop_assert_eq!(world.sites[1].content(), world.sites[2].content());
    }

    #[test]
    fn lines_that_break_lose_no_member(steps in rough_steps()) {
        let mut world = World::new(false);
        for step in &steps {
            let before = world.members();
            world.run(step);
            let lost: Vec<_> = before
                .difference(&world.members())
                .filter(|member| !world.gone.contains(*member))
                .cloned()
                .collect();
            prop_assert!(lost.is_empty(), "{step:?} lost {lost:?}");
        }
        let before = world.members();
        world.settle();
        if !world.is_adrift {
            prop_assert_eq!(world.sites[0].content(), world.sites[1].content());
            prop_assert_eq!(world.sites[1].content(), world.sites[2].content());
        }
        let kept: BTreeSet<_> = before.difference(&world.gone).cloned().collect();
        let after = world.sites[0].members();
        prop_assert!(after.is_superset(&kept), "{:?}", kept.difference(&after));
    }

    #[test]
    fn a_place_is_found_wherever_one_is_asked_for(
        moves in proptest::collection::vec((0..40_usize, 0..40_usize), 1..300),
    ) {
        let mut members: Vec<Member> = Vec::new();
        for (number, (which, to)) in moves.iter().enumerate() {
            let known = members.get(*which).map(|member| member.id.clone());
            let id = known.unwrap_or_else(|| format!("m{number}"));
            let mut expect: Vec<String> =
                members.iter().map(|m| m.id.clone()).filter(|other| *other != id).collect();
            expect.insert((*to).min(expect.len()), id.clone());
            for placed in sequence::place(&members, &id, *to, "k") {
                prop_assert!(placed.position.len() <= 64);
                members.retain(|member| member.id != placed.id);
                members.push(placed);
            }
            members.sort();
            let order: Vec<String> = members.iter().map(|member| member.id.clone()).collect();
            prop_assert_eq!(order, expect);
        }
    }
}

#[test]
fn whoever_is_put_between_two_at_one_place_moves_only_the_second() {
    let member = |id: &str| Member { position: "Vk".to_owned(), id: id.to_owned() };
    let last = Member { position: "W".to_owned(), id: "d".to_owned() };
    let members = [member("a"), member("b"), member("c"), last.clone()];
    let placed = sequence::place(&members, "new", 1, "k");
    let ids: Vec<&str> = placed.iter().map(|member| member.id.as_str()).collect();
    assert_eq!(ids, ["new", "b", "c"], "what stood at the same place makes room");
    assert!(placed.iter().all(|member| *member < last), "and nobody else does");
    assert!(placed.is_sorted());
}

#[test]
fn a_set_that_changes_a_lot_stays_small() {
    let mut world = World::new(true);
    for round in 0..200 {
        for at in 0..2 {
            let id = world.draw("t");
            world.sites[at].add("w", id);
            world.sites[at].remove("w");
        }
        if round % 10 == 9 {
            world.exchange(0, 1, || false);
            world.exchange(0, 2, || false);
            world.exchange(0, 1, || false);
            for at in 0..3 {
                world.run(&Step::Reap { at });
            }
        }
    }
    for site in &world.sites {
        let rows = Statement::new("SELECT count(*) AS n FROM tag", Vec::new());
        let rows = site.store.rows(&rows)[0]["n"].as_i64().expect("a number");
        assert!(rows <= 6, "{rows} rows are left of 400 that came and went");
        let log = Statement::new("SELECT count(*) AS n FROM change_log", Vec::new());
        let log = site.store.rows(&log)[0]["n"].as_i64().expect("a number");
        assert!(log <= 6, "{log} changes are left");
    }
}

#[test]
fn what_was_removed_while_a_store_was_away_is_gone_when_it_comes_back() {
    let mut world = World::new(true);
    for word in 0..9 {
        world.run(&Step::Add { at: 0, word });
    }
    let everybody = [(0, 1), (1, 2), (0, 1)];
    let exchange = |world: &mut World| {
        everybody.iter().for_each(|(from, to)| world.exchange(*from, *to, || false));
    };
    exchange(&mut world);
    world.run(&Step::Keep { at: 2 });
    for word in 0..8 {
        world.run(&Step::Remove { at: 1, word });
    }
    exchange(&mut world);
    world.run(&Step::Add { at: 1, word: 20 });
    exchange(&mut world);
    (0..3).for_each(|at| world.run(&Step::Reap { at }));
    world.run(&Step::PutBack { at: 2 });
    world.run(&Step::Add { at: 2, word: 30 });
    let board = Purpose::parse("board").expect("a name");
    let floor = world.sites[0].store.held(&board).floor();
    assert!(!world.sites[2].store.vector(&board).covers(&floor.have), "it lacks what was reaped");
    world.exchange(2, 0, || false);
    let sql = format!("SELECT word FROM tag WHERE {MEMBER_SQL} ORDER BY word");
    assert_eq!(world.sites[2].texts(&sql), ["w20", "w30", "w8"]);
}

#[test]
fn a_store_learns_what_its_program_did_not_know() {
    let mut world = World::new(true);
    // Its program knows the stream, but neither the set nor the sequence in it.
    let known: Vec<_> = SCHEMA.tables.iter().filter(|t| !t.has_members()).copied().collect();
    let old = Schema { tables: known.leak() };
    world.sites[0].store.schema = old;
    for word in 0..4 {
        world.run(&Step::Add { at: 1, word });
        world.run(&Step::Place { at: 1, which: 9, to: 9 });
    }
    // Some of it comes as rows, which are passed over, and some as changes, which wait.
    world.sites[1].store.exchange(&world.sites[2].store, 7, || false);
    let board = Purpose::parse("board").expect("a name");
    let everybody = [world.sites[2].store.vector(&board)];
    world.sites[1].store.reap(&board, &everybody);
    world.sites[0].store.exchange(&world.sites[1].store, 7, || false);
    world.run(&Step::Add { at: 1, word: 7 });
    world.sites[0].store.exchange(&world.sites[1].store, 7, || false);
    assert!(world.sites[0].members().is_empty());

    world.sites[0].store.remember(&world.sites[1].store);
    let store = &mut world.sites[0].store;
    store.schema = SCHEMA;
    let before = learn::names(&old);
    store.db.execute("UPDATE local_venue SET learnt = ?1", [&before]).expect("it is told");
    assert!(store.commit(&learn::batch(&SCHEMA, &store.venue, &before)));
    assert!(!store.commit(&learn::batch(&SCHEMA, &store.venue, &before)), "once is enough");
    assert!(!world.sites[0].members().is_empty(), "what waited in the log counts at once");
    world.exchange(0, 1, || false);
    assert_eq!(world.sites[0].content(), world.sites[1].content());
}
