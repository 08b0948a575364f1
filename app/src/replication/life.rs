//! Noticing from what a peer holds that this store was restored or cloned, and living on.

use std::collections::BTreeMap;

use domain::schema::SCHEMA;
use sync_engine::{
    change_columns,
    id::{Purpose, StreamId, VenueId, Writer},
    life::{self, Own},
    message::Part,
    refold, row, snapshot,
    statement::{Batch, Statement},
};

use crate::{
    App,
    call::Here,
    metered::Metered,
    ports::{CommitFault, Row},
    problem::Problem,
    replication::{new_life, note, unreadable},
    rows::{self, integer, text},
};

/// Under what a new life is noted.
pub const RESTORED: &str = "restored";

const OWN_SQL: &str = concat!(
    "SELECT v.seq AS head, v.floor AS floor, \
     coalesce((SELECT min(p.seq) FROM peer_vector p WHERE p.stream = ?1 \
     AND p.replica = ?2 AND p.generation = ?3), 0) AS agreed, ",
    change_columns!(),
    " FROM stream_writer v LEFT JOIN change_log c ON c.writer = v.id AND c.seq = ?4 \
     WHERE v.stream = ?1 AND v.replica = ?2 AND v.generation = ?3"
);

/// Begins a new life when what the peer of this name says proves that this store is a copy of an
/// older state, or that it was copied.
///
/// # Errors
/// Fails when the database does.
pub async fn renew(
    db: &Metered,
    app: &App,
    here: &mut Here,
    (peer, streams): (&str, &BTreeMap<Purpose, Part>),
) -> Result<bool, Problem> {
    let mut agreed = Vec::new();
    let mut owed = Batch::new();
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
            let mut own = read_own(row)?;
            forked |= life::has_forked(&claim, &own);
            if life::is_put_back(&claim, &own) {
                own.agreed = own.floor;
                owed.push(snapshot::owe(&stream, peer));
            }
            agreement = Some(own.agreed.min(agreement.unwrap_or(own.agreed)));
        }
        agreed.extend(agreement.map(|seq| (stream, seq)));
    }
    if forked {
        begin(db, app, here, (&agreed, owed)).await?;
    }
    Ok(forked)
}

/// Begins a new life in every venue of a store that is known to be a copy of an older state.
///
/// Nobody may be served before it ends. Returns the venues.
///
/// # Errors
/// Fails when the database does.
pub async fn begin_anew(db: &Metered, app: &App) -> Result<Vec<VenueId>, Problem> {
    let query = Statement::new("SELECT venue FROM local_venue ORDER BY venue", Vec::new());
    let mut venues = Vec::new();
    for row in db.rows(query).await? {
        let venue = VenueId::parse(&text(&row, "venue")?)?;
        let gone = || Problem::internal("the venue is gone");
        let mut here = rows::venue::by_id(db, &venue).await?.ok_or_else(gone)?;
        let mut agreed = Vec::new();
        for purpose in SCHEMA.purposes() {
            let stream = StreamId { venue: venue.clone(), purpose: Purpose::parse(purpose)? };
            let found = db.rows(own_query(&here, &stream, 0)).await?;
            let Some(row) = found.first() else { continue };
            agreed.push((stream, read_own(row)?.agreed));
        }
        begin(db, app, &mut here, (&agreed, Batch::new())).await?;
        venues.push(venue);
    }
    Ok(venues)
}

async fn begin(
    db: &Metered,
    app: &App,
    here: &mut Here,
    (agreed, owed): (&[(StreamId, u64)], Batch),
) -> Result<(), Problem> {
    let generation = new_life(app.entropy.as_ref())?;
    let mut batch = life::begin(&here.writer, &generation, agreed);
    let writer = Writer { replica: here.writer.replica.clone(), generation };
    for (stream, _) in agreed {
        batch.extend(refold::life(&SCHEMA, stream, &here.writer, &writer));
    }
    batch.extend(owed);
    match db.commit(&batch).await {
        // A conflict means that another worker was first: its new life is ours as well.
        Ok(()) | Err(CommitFault::Conflict) => {}
        Err(CommitFault::Fault(fault)) => return Err(fault.into()),
    }
    let renewed = rows::venue::by_id(db, &here.venue.id).await?;
    *here = renewed.ok_or_else(|| Problem::internal("the venue is gone"))?;
    note(db, &here.venue.id, RESTORED, app.clock.now_ms()).await
}

/// Reads our side.
fn read_own(row: &Row) -> Result<Own, Problem> {
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
    Ok(Own { seq, floor, agreed, digest_at_peer })
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
