//! Noticing from what a peer holds that this store was restored or cloned, and living on.

use std::collections::BTreeMap;

use domain::schema::SCHEMA;
use sync_engine::{
    id::{Purpose, StreamId, Writer},
    life::{self, Own},
    message::Part,
    refold,
    statement::Statement,
};

use crate::{
    App,
    call::Here,
    metered::Metered,
    ports::CommitFault,
    problem::Problem,
    replication::{change, new_life},
    rows::{self, integer},
};

const OWN_SQL: &str = "SELECT v.seq AS head, \
     coalesce((SELECT p.seq FROM peer_vector p WHERE p.stream = ?1 AND p.replica = ?2 \
     AND p.generation = ?3), 0) AS agreed, \
     v.replica AS replica, v.generation AS generation, c.seq AS seq, c.claimed AS claimed, \
     c.effective AS effective, c.table_name AS table_name, c.entity AS entity, \
     c.register AS register, c.payload AS payload FROM stream_vector v \
     LEFT JOIN change_log c ON c.stream = v.stream AND c.replica = v.replica \
     AND c.generation = v.generation AND c.seq = ?4 \
     WHERE v.stream = ?1 AND v.replica = ?2 AND v.generation = ?3";

/// Begins a new life when the peer's part proves that this store is a copy of an older state.
///
/// # Errors
/// Fails when the database does.
pub async fn renew(
    db: &Metered,
    app: &App,
    here: &mut Here,
    streams: &BTreeMap<Purpose, Part>,
) -> Result<bool, Problem> {
    let mut agreed = Vec::new();
    let mut forked = false;
    for purpose in SCHEMA.purposes() {
        let purpose = Purpose::parse(purpose)?;
        let part = streams.get(&purpose).cloned().unwrap_or_default();
        let stream = StreamId { venue: here.venue.id.clone(), purpose };
        let held = life::held_by_peer(&part, &here.writer);
        let found = db.rows(own_query(here, &stream, held)).await?;
        let Some(row) = found.first() else { continue };
        let head = integer(row, "head")?.unsigned_abs();
        let digest_at_peer = match row.get("claimed") {
            Some(claimed) if claimed.is_string() => Some(change(row)?.digest()),
            _ => None,
        };
        forked |= life::has_forked(&part, &here.writer, &Own { seq: head, digest_at_peer });
        agreed.push((stream, head.min(integer(row, "agreed")?.unsigned_abs())));
    }
    if !forked {
        return Ok(false);
    }
    let generation = new_life(app.entropy.as_ref())?;
    let mut batch = life::begin(&here.writer, &generation, &agreed);
    let writer = Writer { replica: here.writer.replica.clone(), generation };
    for (stream, _) in &agreed {
        batch.extend(refold::life(&SCHEMA, stream, &writer));
    }
    match db.commit(&batch).await {
        // A conflict means that another worker was first: its new life is ours as well.
        Ok(()) | Err(CommitFault::Conflict) => {}
        Err(CommitFault::Fault(fault)) => return Err(fault.into()),
    }
    let renewed = rows::venue::by_id(db, &here.venue.id).await?;
    *here = renewed.ok_or_else(|| Problem::internal("the venue is gone"))?;
    Ok(true)
}

fn own_query(here: &Here, stream: &StreamId, held: u64) -> Statement {
    let params = vec![
        stream.to_string().into(),
        here.writer.replica.as_str().into(),
        here.writer.generation.as_str().into(),
        (held as i64).into(),
    ];
    Statement::new(OWN_SQL, params)
}
