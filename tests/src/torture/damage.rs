//! A gateway whose file is damaged while it is off: what its edge holds comes back.
//!
//! It must not know how the damage is found.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt as _,
    path::Path,
};

use anyhow::{Context as _, Result, bail};

use super::{
    books::{self, FILE},
    killing::{GATEWAY, Run, Victim},
};
use crate::simulation::chance::Chance;

/// The share of the file that is overwritten, in its middle.
const DAMAGED: u64 = 4;

/// Damages a gateway's file after it has exchanged everything, and starts it again.
///
/// # Errors
/// Fails when something that was acknowledged does not come back.
pub fn survive(seed: u64) -> Result<()> {
    let mut run = Run::start(Victim::Gateway, seed)?;
    let outcome = damaged(&mut run, &Chance::new(seed));
    outcome.with_context(|| run.logs())
}

fn damaged(run: &mut Run, chance: &Chance) -> Result<()> {
    run.serve();
    run.settle()?;
    run.gateway.kill()?;
    let data = run.gateway.data();
    run.crowd.ledger().audit(&data, &[GATEWAY])?;
    let file = data.join(FILE);
    books::fold_log(&file)?;
    let damaged = damage(&file, chance)?;
    run.gateway.restart()?;
    if fs::read(data.join("relais.corrupt-1")).context("nothing was put aside")? != damaged {
        bail!("what was put aside is not what was there");
    }
    run.settle()?;
    run.sign_in()?;
    run.serve();
    run.end().map(drop)
}

/// Overwrites the middle of a file and returns what it holds then.
fn damage(file: &Path, chance: &Chance) -> Result<Vec<u8>> {
    let len = fs::metadata(file)?.len();
    let noise: Vec<u8> = (0..len / DAMAGED).map(|_| chance.bits() as u8).collect();
    OpenOptions::new().write(true).open(file)?.write_all_at(&noise, len / 2)?;
    Ok(fs::read(file)?)
}
