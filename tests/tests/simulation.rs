//! The simulation: a fixed set of seeds, and fresh ones in every run.

#![expect(clippy::panic, reason = "this is a test: a broken promise panics with its seed")]

use std::sync::atomic::Ordering;

use venue_tests::simulation::{
    self, Report,
    standing::{exchange, issue},
    world::{EDGE, World},
};

const FIXED: u64 = 32;
const FRESH: u64 = 12;

#[expect(clippy::print_stdout, reason = "the bench of sabotage reads which seeds were mended")]
fn check(seeds: impl Iterator<Item = u64>) -> Report {
    let mut sum = Report::default();
    let excused = std::env::var("EXCUSED").ok().map(|text| {
        text.split(',').filter_map(|seed| seed.parse::<u64>().ok()).collect::<Vec<_>>()
    });
    for (count, seed) in (1_u64..).zip(seeds) {
        let report = simulation::run(seed).unwrap_or_else(|broken| {
            panic!("{broken}\nreplay it: SEED={seed} cargo test -p venue-tests --test simulation")
        });
        let before = sum.unexplained;
        sum.add(&report);
        if sum.unexplained > before {
            println!("MENDED={seed}");
        }
        // One run in forty meets what only an audit can mend; many more are a fault that it hides.
        // Where sabotage is looked for, only those count as lawful that meet it without.
        let allowed = match &excused {
            Some(seeds) => seeds.iter().filter(|excused| **excused <= seed).count() as u64,
            None => 2 + count / 25,
        };
        assert!(
            sum.unexplained <= allowed,
            "SEED={seed}: always_rarely_mended: {} of {count} runs: {:?}",
            sum.unexplained,
            sum.difference,
        );
    }
    sum
}

#[test]
fn fixed_seeds_keep_every_promise_and_every_fault_happens() {
    let sum = check(0..FIXED);
    println!("{FIXED} fixed seeds: {sum:?}");
    let faults = &sum.faults;
    for (name, count) in [
        ("lost", faults.lost),
        ("answers_lost", faults.answers_lost),
        ("repeated", faults.repeated),
        ("cut", faults.cut),
        ("gateway_crashes", faults.gateway_crashes),
        ("worker_crashes", faults.worker_crashes),
        ("clock_jumps", faults.clock_jumps),
        ("restores", faults.restores),
        ("restores that a marker showed", faults.noticed),
        ("torn", faults.torn),
        ("unknown", faults.unknown),
        ("full_disks", faults.full_disks),
        ("copies", faults.copies),
        ("copies_gone", faults.copies_gone),
        ("copies_parted", faults.copies_parted),
        ("sales that a standby held first", faults.sales_held),
        ("sales that went on without it", faults.sales_alone),
        ("new_lives", faults.new_lives),
        ("lowered", faults.lowered),
        ("poisoned", faults.poisoned),
        ("set_aside", faults.set_aside),
        ("rotten", faults.rotten),
        ("mended", faults.mended),
        ("acknowledged", sum.acknowledged),
        ("refused", sum.refused),
        ("erased", sum.erased),
        ("unanswered", sum.unanswered),
        ("agreements", sum.agreements),
        ("conflicts", sum.conflicts),
        ("revoked", sum.revoked),
        ("rekeyed", sum.rekeyed),
        ("seated", sum.seated),
        ("claims", sum.claims),
        ("closed", sum.closed),
        ("cancelled", sum.cancelled),
        ("refunded", sum.refunded),
        ("delivered", sum.delivered),
        ("invoiced", sum.invoiced),
        ("rated", sum.rated),
        ("sealed", sum.sealed),
        ("stock sold on site", sum.stock.on_site),
        ("stock sold on the web", sum.stock.on_the_web),
        ("stock that ran out", sum.stock.ran_out),
        ("slots taken on site", sum.slots.on_site),
        ("slots taken on the web", sum.slots.on_the_web),
        ("slots that are full", sum.slots.full),
        ("leases issued", sum.leases.issued),
        ("leases spent from", sum.leases.spent),
        ("leases returned", sum.leases.returned),
        ("a lease returned while a spend is pending", sum.leases.returned_while_spending),
        ("leases lost", sum.leases.lost),
        ("leases that waited for a witness", sum.leases.waited),
        ("leases of an old life", sum.leases.not_held),
        ("rights issued again", sum.leases.issued_again),
        ("orders that the edge took points for", sum.points.at_the_edge),
        ("orders that gateways took points for", sum.points.on_site),
        ("points that were missing", sum.points.missing),
        ("points that the other side held", sum.points.lent),
        ("orders that were taken back", sum.points.taken_back),
        ("leases of points that came back", sum.points.came_back),
        ("members who owe points", sum.points.debts),
    ] {
        assert!(count > 0, "{name} never happened in {FIXED} seeds");
    }
}

#[test]
fn fresh_seeds_keep_every_promise() {
    let given = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let fresh = now.expect("the clock is past 1970").as_nanos() as u64 >> 8;
    let (from, count) = match (given("SEED"), given("SEEDS")) {
        (Some(seed), None) => (seed, 1),
        (from, count) => (from.unwrap_or(fresh), count.unwrap_or(FRESH)),
    };
    println!("{count} seeds from {from}: {:?}", check(from..from + count));
}

#[test]
fn a_seed_decides_everything() {
    assert_eq!(simulation::run(7), simulation::run(7));
    assert_ne!(simulation::run(7), simulation::run(8));
}

/// The gateway of the first venue.
const GATEWAY: usize = EDGE + 1;

/// A world without mishaps.
fn calm() -> World {
    let mut world = World::new(7);
    world.heal();
    world
}

#[test]
fn what_is_leased_waits_at_a_gateway_until_its_edge_was_heard() {
    let world = calm();
    assert_eq!(issue(&world, GATEWAY, "door/1"), "leases_wait", "nobody was heard yet");
    world.lines[0].is_cut.store(true, Ordering::Relaxed);
    assert!(!exchange(&world));
    assert_eq!(issue(&world, GATEWAY, "door/1"), "leases_wait", "no witness is in reach");
    world.lines[0].is_cut.store(false, Ordering::Relaxed);
    assert!(exchange(&world));
    assert_eq!(issue(&world, GATEWAY, "door/1"), "issued");
    world.started(GATEWAY);
    assert_eq!(issue(&world, GATEWAY, "door/2"), "leases_wait", "a new process knows nothing");
    assert!(exchange(&world));
    assert_eq!(issue(&world, GATEWAY, "door/2"), "issued");
}

#[test]
fn a_gateway_that_was_put_back_sells_no_right_twice() {
    let world = calm();
    assert!(exchange(&world));
    let image = world.hosts[GATEWAY].store.image();
    assert_eq!(issue(&world, GATEWAY, "door/1"), "issued");
    assert!(exchange(&world));
    world.hosts[GATEWAY].store.restore(&image);
    world.started(GATEWAY);
    assert_eq!(issue(&world, GATEWAY, "door/1"), "leases_wait", "it has forgotten what it issued");
    // The first exchange says that somebody knew more; the next one of the new life ends in peace.
    assert!(exchange(&world));
    assert_eq!(issue(&world, GATEWAY, "door/1"), "leases_wait", "a new life was heard by nobody");
    assert!(exchange(&world));
    assert_eq!(issue(&world, GATEWAY, "door/1"), "right_exhausted");
    assert_eq!(issue(&world, GATEWAY, "door/2"), "issued");
}

#[test]
fn an_edge_goes_on_alone_and_waits_only_after_it_was_put_back() {
    let mut world = calm();
    let image = world.hosts[EDGE].store.image();
    assert_eq!(issue(&world, EDGE, "points/1"), "issued", "its gateway knows no more than it does");
    assert!(exchange(&world));
    world.hosts[EDGE].store.restore(&image);
    world.wake(EDGE);
    assert_eq!(issue(&world, EDGE, "points/1"), "leases_wait");
    for _ in 0..2 {
        assert!(exchange(&world));
    }
    assert_eq!(issue(&world, EDGE, "points/1"), "right_exhausted");
    assert_eq!(issue(&world, EDGE, "points/2"), "issued");
}
