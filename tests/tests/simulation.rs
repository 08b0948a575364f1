//! The simulation: a fixed set of seeds, and fresh ones in every run.

#![expect(clippy::panic, reason = "this is a test: a broken promise panics with its seed")]

use venue_tests::simulation::{self, Report};

const FIXED: u64 = 32;
const FRESH: u64 = 12;

fn check(seeds: impl Iterator<Item = u64>) -> Report {
    let mut sum = Report::default();
    for (count, seed) in (1_u64..).zip(seeds) {
        let report = simulation::run(seed).unwrap_or_else(|broken| {
            panic!("{broken}\nreplay it: SEED={seed} cargo test -p venue-tests --test simulation")
        });
        sum.add(&report);
        // One run in fifty may meet what only an audit can mend; more are a fault that it hides.
        // Sabotage is looked for in seeds that meet none.
        let allowed = if std::env::var_os("STRICT").is_some() { 0 } else { 1 + count / 50 };
        assert!(
            sum.unexplained <= allowed,
            "SEED={seed}: always_rarely_mended: {} of {count} runs",
            sum.unexplained,
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
        ("new_lives", faults.new_lives),
        ("lowered", faults.lowered),
        ("poisoned", faults.poisoned),
        ("set_aside", faults.set_aside),
        ("rotten", faults.rotten),
        ("mended", faults.mended),
        ("acknowledged", sum.acknowledged),
        ("refused", sum.refused),
        ("unanswered", sum.unanswered),
        ("agreements", sum.agreements),
        ("conflicts", sum.conflicts),
        ("leases issued", sum.leases.issued),
        ("leases spent from", sum.leases.spent),
        ("leases returned", sum.leases.returned),
        ("a lease returned while a spend is pending", sum.leases.returned_while_spending),
        ("leases lost", sum.leases.lost),
        ("leases that waited for a witness", sum.leases.waited),
        ("leases of an old life", sum.leases.not_held),
        ("rights issued again", sum.leases.issued_again),
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
