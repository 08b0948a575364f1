//! `cargo xtask bench simulation --seeds N [--from SEED]`: many seeds of the simulation in a row.
//!
//! It must not know what a seed does; a seed that breaks a promise fails with how to replay it.

use std::{
    process::Command,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, bail};
use lexopt::{Arg, Parser, ValueExt as _};
use serde_json::{Value, json};

use crate::{process, workspace};

/// Runs the seeds and returns their figures.
///
/// # Errors
/// Fails when a seed breaks a promise.
pub fn simulation(arguments: &[&str]) -> Result<Value> {
    let (seeds, from) = parse(arguments)?;
    let started = Instant::now();
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(workspace::root())
        .args(["test", "--package", "venue-tests", "--test", "simulation", "--"])
        .args(["--exact", "fresh_seeds_keep_every_promise", "--nocapture"])
        .env("SEED", from.to_string())
        .env("SEEDS", seeds.to_string());
    process::step("the simulation", &mut cargo)?;
    let seconds = started.elapsed().as_secs();
    Ok(json!({"simulation_seeds": seeds, "simulation_from": from, "simulation_seconds": seconds}))
}

fn parse(arguments: &[&str]) -> Result<(u64, u64)> {
    let (mut seeds, mut from) = (None, None);
    let mut parser = Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("seeds") => seeds = Some(parser.value()?.parse()?),
            Arg::Long("from") => from = Some(parser.value()?.parse()?),
            other => bail!(other.unexpected()),
        }
    }
    let fresh = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    Ok((seeds.context("say how many: --seeds N")?, from.unwrap_or_else(fresh)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_counted_from_where_one_says() {
        assert_eq!(parse(&["--seeds", "5", "--from", "7"]).unwrap(), (5, 7));
        assert!(parse(&[]).is_err() && parse(&["--seeds", "many"]).is_err());
    }
}
