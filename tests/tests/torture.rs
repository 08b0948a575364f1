//! The torture suite: what was acknowledged is there, whatever happens to power, process and disk.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "this is a test: a broken promise panics with its seed"
)]

use relais::store::Medium;
use venue_tests::torture::{
    clocks,
    cramped::{self, Room},
    damage,
    disk::{Counts, Mood},
    flood,
    killing::{self, Victim},
    moods,
    power::{self, Outcome},
    restoring::{self, Image},
};

/// Seeds of power cuts in each run, besides the fresh ones.
const FIXED: u64 = 100;
const FRESH: u64 = 40;
/// Seeds within which a setting that does not wait for the disk must lose something.
const BITES_WITHIN: u64 = 30;

fn cut(seed: u64, synchronous: &str) -> Outcome {
    power::cut(seed, synchronous).unwrap_or_else(|error| panic!("seed {seed}: {error:#}"))
}

fn given(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Returns the seed that the environment gives, or one that nobody had before.
///
/// A seed decides every lot that is drawn. In which order threads and processes run it does not
/// decide: what it found once it finds again after some runs.
fn fresh() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.expect("the clock is past 1970").as_nanos() as u64 >> 8;
    let seed = given("SEED").unwrap_or(now);
    println!("SEED={seed} cargo test -p venue-tests --test torture");
    seed
}

#[test]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let (fresh, count) = (fresh(), given("SEEDS").unwrap_or(FRESH));
    let (mut opening, mut acknowledged, mut refused) = (0, 0, 0);
    let mut counts = Counts::default();
    for seed in (0..FIXED).chain(fresh..fresh + count) {
        let outcome = cut(seed, Medium::DISK.synchronous);
        if let Some(broken) = outcome.broken {
            panic!("{broken}\nreplay it: SEED={seed} cargo test -p venue-tests --test torture");
        }
        opening += usize::from(outcome.acknowledged == 0);
        acknowledged += outcome.acknowledged;
        refused += outcome.refused;
        counts = counts.plus(outcome.counts);
    }
    println!("{acknowledged} batches acknowledged, {refused} refused: {counts:?}");
    println!("in {opening} runs the power failed before anything was acknowledged");
    assert!(opening > 0 && acknowledged > 1_000 && refused > 0);
    assert!(counts.dropped > 0 && counts.survived > 0 && counts.cuts > FIXED + count);
}

#[test]
fn less_than_full_synchronous_loses_what_was_acknowledged() {
    for synchronous in ["OFF", "NORMAL"] {
        let lost = (0..BITES_WITHIN).find_map(|seed| {
            let broken = cut(seed, synchronous).broken?;
            broken.contains("lost").then(|| format!("seed {seed}: {broken}"))
        });
        let lost = lost.unwrap_or_else(|| panic!("{synchronous} lost nothing: no cut ever bites"));
        println!("{synchronous}: {lost}");
    }
}

/// Fails when a run does, or when it has broken a promise.
fn kept(seed: u64, outcome: anyhow::Result<Outcome>) -> Outcome {
    let outcome = outcome.unwrap_or_else(|error| panic!("seed {seed}: {error:#}"));
    assert_eq!(outcome.broken, None, "seed {seed}");
    outcome
}

#[test]
fn a_disk_that_takes_no_writes_is_told_and_the_store_goes_on_by_itself() {
    for mood in [Mood::Full, Mood::ReadOnly, Mood::SyncFails] {
        for seed in 0..8 {
            let outcome = kept(seed, moods::endure(mood, seed));
            assert!(outcome.counts.refused > 0, "the disk was never {mood:?}");
        }
    }
}

#[test]
fn a_store_is_not_opened_where_it_cannot_write_and_takes_no_harm() {
    for seed in 0..8 {
        let opened = moods::open_in(Mood::ReadOnly, seed);
        let (said, outcome) = opened.unwrap_or_else(|error| panic!("seed {seed}: {error:#}"));
        assert_eq!(outcome.broken, None, "seed {seed}");
        assert!(said.contains("disk") || said.contains("readonly"), "{said}");
    }
}

/// Kills a host in rounds, under a seed of its own in every run.
fn kill(victim: Victim, rounds: usize) {
    let seed = fresh();
    let killed = killing::run(victim, seed, rounds).unwrap_or_else(|error| panic!("{error:#}"));
    println!("{victim:?}: {killed:?}");
    let counts = killed.counts;
    assert_eq!(killed.under_load, rounds);
    assert!(killed.while_starting > 0, "no start was ever killed");
    assert_eq!(killed.exchanging > 0, victim != Victim::Hermit, "nobody exchanged");
    assert!(counts.acknowledged > 0 && counts.unanswered > 0 && counts.refused > 0);
    assert!(counts.put_off < counts.acknowledged / 10, "a host under load is no excuse");
}

#[test]
fn a_gateway_that_is_killed_loses_nothing_that_it_acknowledged() {
    kill(Victim::Hermit, 40);
}

#[test]
fn a_gateway_that_is_killed_while_it_exchanges_agrees_with_its_edge_afterwards() {
    kill(Victim::Gateway, 12);
}

#[test]
fn an_edge_that_is_killed_while_it_exchanges_agrees_with_its_gateway_afterwards() {
    kill(Victim::Edge, 12);
}

#[test]
fn a_gateway_on_a_full_disk_says_so_loses_nothing_and_goes_on_by_itself() {
    for room in [Room::NoMore, Room::None] {
        for killed in [false, true] {
            let endured = cramped::endure(room, killed);
            endured.unwrap_or_else(|error| panic!("{room:?}, killed: {killed}: {error:#}"));
        }
    }
}

#[test]
fn what_a_damaged_gateway_had_exchanged_comes_back_and_nothing_is_deleted() {
    damage::survive(fresh()).unwrap_or_else(|error| panic!("{error:#}"));
}

#[test]
fn a_database_that_is_put_back_alone_begins_a_new_life_before_it_sells() {
    restoring::put_back(Image::Database).unwrap_or_else(|error| panic!("{error:#}"));
}

#[test]
fn a_whole_image_that_is_put_back_is_recognised_by_its_edge() {
    restoring::put_back(Image::Whole).unwrap_or_else(|error| panic!("{error:#}"));
}

#[test]
fn a_cloned_folder_writes_under_a_name_of_its_own() {
    restoring::clone().unwrap_or_else(|error| panic!("{error:#}"));
}

#[test]
fn a_start_that_is_killed_around_its_marker_fails_no_later_start() {
    let seed = fresh();
    let lives = restoring::kill_starts(seed, 25).unwrap_or_else(|error| panic!("{error:#}"));
    println!("{lives} of 25 starts were cut off between marker and store");
}

#[test]
fn a_gateway_whose_clock_is_years_off_harms_nobody_and_loses_nothing() {
    const FIVE_YEARS_MS: i64 = 5 * 365 * 86_400_000;
    for wrong_by_ms in [-FIVE_YEARS_MS, FIVE_YEARS_MS] {
        clocks::off_by(wrong_by_ms).unwrap_or_else(|error| panic!("{wrong_by_ms}: {error:#}"));
    }
}

#[test]
fn ten_thousand_passwords_from_one_address_keep_nobody_else_waiting() {
    let relais = xtask::program::build("device-gateway", "relais").expect("relais builds");
    let outcome = flood::endure(&relais).unwrap_or_else(|error| panic!("{error:#}"));
    println!("{} tries: {outcome:?}", flood::TRIES);
}
