//! The sealer: each store seals what it wrote in its present life, one seal behind the other.
//!
//! Workers may race: a seal is written only where nobody wrote one under its number, in a life that
//! goes on. It must not know when it is called.

use domain::audit::seal::{Life, Seal};
use sync_engine::statement::Statement;

use crate::{
    App,
    call::{Here, Written, commit},
    limits,
    metered::Metered,
    problem::Problem,
    rows,
};

/// Writes nothing; by it the batch ends where somebody sealed first, or the life has ended.
const GUARD_SQL: &str = "UPDATE local_venue SET learnt = learnt WHERE venue = ?1 \
     AND replica = ?2 AND generation = ?3 AND NOT EXISTS (SELECT 1 FROM audit_seal s \
     WHERE s.venue = ?1 AND s.replica = ?2 AND s.generation = ?3 AND s.number = ?4)";

/// Seals what is not sealed yet in every venue of this store.
///
/// # Errors
/// Fails when the database does.
pub async fn seal_all(app: &App) -> Result<(), Problem> {
    let db = Metered::new(app.database.clone(), u32::MAX);
    for here in rows::venue::all(&db).await? {
        seal(app, &db, &here).await?;
    }
    Ok(())
}

/// Seals what is not sealed yet, as far as one call may go; returns how many entries it sealed.
///
/// # Errors
/// Fails when the database does.
pub async fn seal(app: &App, db: &Metered, here: &Here) -> Result<i64, Problem> {
    if !app.host.side.writes() {
        return Ok(0);
    }
    let (venue, life) = (&here.venue.id, Life::of(&here.writer));
    let mut before = rows::audit::last_seal(db, venue, (&life, None)).await?;
    let begun = before.as_ref().map_or(0, |seal| seal.last);
    let mut sealed = begun;
    for _ in 0..limits::SEALS_PER_CALL {
        let range = (sealed, sync_engine::limits::INTEGER_MAX, limits::ENTRIES_AT_ONCE);
        let entries = rows::audit::between(db, venue, &life, range).await?;
        let now_ms = app.clock.now_ms();
        let Some(seal) = Seal::after(before.as_ref(), &life, &entries, now_ms) else { break };
        let drafts = [seal.draft()];
        let guard = vec![
            venue.as_str().into(),
            here.writer.replica.as_str().into(),
            here.writer.generation.as_str().into(),
            seal.number.into(),
        ];
        let mut batch = vec![Statement::exactly(1, GUARD_SQL, guard)];
        batch.extend(here.batch(app, &drafts)?);
        if commit(app, db, here, (&batch, &drafts)).await? == Written::Again {
            // Somebody else seals: what is left waits for the next time.
            break;
        }
        sealed = seal.last;
        before = Some(seal);
    }
    Ok(sealed - begun)
}
