//! Disks that take no writes for a while: what the store says meanwhile, and how it goes on.
//!
//! It must not know which error of SQLite stands for which mood.

use anyhow::{Result, bail};
use app::ports::{CommitFault, Database as _};
use relais::store::Medium;
use sync_engine::statement::Statement;

use super::{
    disk::Mood,
    power::{Bench, Outcome, runtime},
};
use crate::simulation::chance::Chance;

/// Batches that are tried before, during and after.
const BATCHES: i64 = 60;

/// Writes, takes the disk away, writes on, gives it back, writes again, and cuts the power.
///
/// # Errors
/// Fails when the store answers something else than it must.
pub fn endure(mood: Mood, seed: u64) -> Result<Outcome> {
    let bench = Bench::new(&Chance::new(seed), None)?;
    runtime()?.block_on(async {
        let store = bench.open(Medium::DISK.synchronous).await?;
        bench.write(&store, BATCHES).await;
        if !bench.refusals().is_empty() {
            bail!("a sound disk refused something");
        }
        bench.disk().set(mood);
        bench.write(&store, BATCHES).await;
        let refusals = bench.refusals();
        if bench.acknowledged() + refusals.len() != 2 * BATCHES as usize || refusals.is_empty() {
            bail!("{} of {BATCHES} batches were refused", refusals.len());
        }
        for refusal in refusals {
            match refusal {
                CommitFault::Fault(fault) if fault.retryable => {}
                other => bail!("a disk that is {mood:?} is told as {other:?}"),
            }
        }
        if store.writable().await.is_ok() {
            bail!("the store claims to be well on a disk that is {mood:?}");
        }
        let count = "SELECT count(*) AS n FROM number_series";
        store.read(&[Statement::new(count, Vec::new())]).await?;
        bench.disk().set(Mood::Sound);
        let before = bench.acknowledged();
        store.writable().await?;
        bench.write(&store, BATCHES).await;
        if bench.acknowledged() - before != BATCHES as usize {
            bail!("the store does not go on: {:?}", bench.refusals());
        }
        Ok(())
    })?;
    bench.end()
}

/// Opens a store that has been written to on a disk that takes no writes, then on a sound one.
///
/// # Errors
/// Fails when the store opens where it cannot write, or does not open afterwards.
pub fn open_in(mood: Mood, seed: u64) -> Result<(String, Outcome)> {
    let bench = Bench::new(&Chance::new(seed), None)?;
    let said = runtime()?.block_on(async {
        bench.write(&bench.open(Medium::DISK.synchronous).await?, BATCHES).await;
        bench.disk().set(mood);
        let Err(said) = bench.open(Medium::DISK.synchronous).await else {
            bail!("the store opened on a disk that is {mood:?}");
        };
        bench.disk().set(Mood::Sound);
        bench.write(&bench.open(Medium::DISK.synchronous).await?, BATCHES).await;
        if bench.acknowledged() != 2 * BATCHES as usize {
            bail!("the store does not go on: {:?}", bench.refusals());
        }
        Ok(format!("{said:#}"))
    })?;
    Ok((said, bench.end()?))
}
