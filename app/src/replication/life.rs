//! Noticing from what a peer holds that this store was restored or cloned, and living on.

use std::collections::BTreeMap;

use domain::schema::SCHEMA;
use sync_engine::{
    change_columns,
    id::{Purpose, StreamId, Writer},
    life::{self, Own},
    message::Part,
    refold, row,
    statement::Statement,
};

use crate::{
    App,
    call::Here,
    metered::Metered,
    ports::{CommitFault, Row},
    problem::Problem,
    replication::{new_life, unreadable},
    rows::{self, integer},
};

const OWN_SQL: &str = concat!(
    "SELECT v.seq AS head, v.floor AS floor, \
     coalesce((SELECT min(p.seq) FROM peer_vector p WHERE p.stream = ?1 \
     AND p.replica = ?2 AND p.generation = ?3), 0) AS agreed, ",
    change_columns!(),
    " FROM stream_writer v LEFT JOIN change_log c ON c.writer = v.id AND c.seq = ?4 \
     WHERE v.stream = ?1 AND v.replica = ?2 AND v.generation = ?3"
);

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
        let nothing = Part::default();
        let part = streams.get(&purpose).unwrap_or(&nothing);
        let stream = StreamId { venue: here.venue.id.clone(), purpose };
        let mut agreement = None;
        for claim in life::claims(part, &here.writer) {
            let found = db.rows(own_query(here, &stream, claim.seq)).await?;
            let Some(row) = found.first() else { continue };
            let (own, agreed) = read_own(row)?;
            forked |= life::has_forked(&claim, &own);
            agreement = Some(agreed);
        }
        agreed.extend(agreement.map(|seq| (stream, seq)));
    }
    if !forked {
        return Ok(false);
    }
    let generation = new_life(app.entropy.as_ref())?;
    let mut batch = life::begin(&here.writer, &generation, &agreed);
    let writer = Writer { replica: here.writer.replica.clone(), generation };
    for (stream, _) in &agreed {
        batch.extend(refold::life(&SCHEMA, stream, &here.writer, &writer));
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

/// Reads our side, and up to which seq both sides surely agree.
fn read_own(row: &Row) -> Result<(Own, u64), Problem> {
    let seq = integer(row, "head")?.unsigned_abs();
    let floor = integer(row, "floor")?.unsigned_abs();
    let digest_at_peer = match row.get("payload") {
        Some(payload) if payload.is_string() => {
            Some(row::change(row).map_err(unreadable)?.digest())
        }
        _ => None,
    };
    // What is gone from the log cannot move; every peer had it.
    let agreed = integer(row, "agreed")?.unsigned_abs().max(floor).min(seq);
    Ok((Own { seq, floor, digest_at_peer }, agreed))
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
