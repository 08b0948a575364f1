//! The store's side of replication: what is held, what a peer lacks, what is taken in.
//!
//! The answering edge and the asking gateway share it. It runs the batches that `sync-engine`
//! builds and must not know how messages travel.

pub mod life;
pub mod stamps;

use std::collections::BTreeMap;

use domain::{
    schema::SCHEMA,
    venue::{DOCUMENT_REPLICA, Document},
};
use sha2::{Digest, Sha256};
use sync_engine::{
    change::Change,
    id::{Generation, Purpose, ReplicaId, StreamId, VenueId, Writer},
    import,
    limits::CHANGES_PER_MESSAGE,
    message::{Part, Room},
    seal::hex,
    session::Peer,
    statement::{Batch, Statement},
    vector::Vector,
};

use crate::{
    call::{Here, Tries},
    metered::Metered,
    ports::{CommitFault, Entropy, Fault, Row},
    problem::Problem,
    rows::{self, integer, json, text},
};

const VECTOR_SQL: &str = "SELECT v.replica AS replica, v.generation AS generation, \
     v.seq AS seq, c.claimed AS claimed, c.effective AS effective, \
     c.table_name AS table_name, c.entity AS entity, c.register AS register, \
     c.payload AS payload FROM stream_vector v \
     LEFT JOIN change_log c ON c.stream = v.stream AND c.replica = v.replica \
     AND c.generation = v.generation AND c.seq = v.seq WHERE v.stream = ?1";

const BEYOND_SQL: &str = "SELECT c.replica AS replica, c.generation AS generation, \
     c.seq AS seq, c.claimed AS claimed, c.effective AS effective, c.table_name AS table_name, \
     c.entity AS entity, c.register AS register, c.payload AS payload \
     FROM stream_vector v JOIN change_log c ON c.stream = v.stream AND c.replica = v.replica \
     AND c.generation = v.generation AND c.seq > coalesce((SELECT p.value FROM json_each(?2) p \
     WHERE p.key = v.replica || '/' || v.generation), 0) WHERE v.stream = ?1 \
     ORDER BY c.replica, c.generation, c.seq LIMIT ?3";

const PEER_SQL: &str = "INSERT INTO peer_vector (stream, replica, generation, seq) \
     SELECT ?1, r.value->>'replica', r.value->>'generation', r.value->>'seq' \
     FROM json_each(?2) r WHERE true ON CONFLICT (stream, replica, generation) \
     DO UPDATE SET seq = excluded.seq WHERE excluded.seq <> peer_vector.seq";

const PEER_GONE_SQL: &str = "DELETE FROM peer_vector WHERE stream = ?1 AND NOT EXISTS (SELECT 1 \
     FROM json_each(?2) r WHERE r.value->>'replica' = peer_vector.replica \
     AND r.value->>'generation' = peer_vector.generation)";

/// Loads what is held of every stream, and what the peer lacks as far as a message carries it.
///
/// Nothing is sent of a stream of which it is not known what the peer holds.
///
/// # Errors
/// Fails when the database does.
pub async fn export(
    db: &Metered,
    venue: &VenueId,
    peer: Option<&Peer>,
) -> Result<(BTreeMap<Purpose, Part>, bool), Problem> {
    let mut streams = BTreeMap::new();
    let mut room = Room::default();
    let mut more = false;
    for purpose in purposes() {
        let stream = StreamId { venue: venue.clone(), purpose: purpose.clone() }.to_string();
        let peer_has = peer.and_then(|peer| peer.get(&purpose));
        let mut queries = vec![Statement::new(VECTOR_SQL, vec![stream.as_str().into()])];
        if let Some(peer_has) = peer_has {
            let known = serde_json::to_string(peer_has).unwrap_or_else(|_| "{}".to_owned());
            // One more than fits tells whether there is more.
            let limit = (CHANGES_PER_MESSAGE + 1) as i64;
            let params = vec![stream.into(), known.into(), limit.into()];
            queries.push(Statement::new(BEYOND_SQL, params));
        }
        let found = db.read(&queries).await?;
        let held = found.first().map_or(&[][..], Vec::as_slice);
        let rows = found.get(1).map_or(&[][..], Vec::as_slice);
        let changes = rows.iter().map(change).collect::<Result<Vec<_>, _>>()?;
        let (changes, left_out) = room.fill(changes);
        more |= left_out;
        let part = Part { have: vector(held)?, tips: tips(held)?, changes, ..Part::default() };
        streams.insert(purpose, part);
    }
    Ok((streams, more))
}

/// Takes in what is new of all streams in one batch; returns the purposes in which something was.
///
/// The hub hands in how late a stamp may be.
///
/// # Errors
/// Refuses malformed changes and gaps, and then nothing of any stream is taken in.
pub async fn import(
    db: &Metered,
    here: &Here,
    streams: &BTreeMap<Purpose, Part>,
    clamp_ms: Option<u64>,
) -> Result<Vec<Purpose>, Problem> {
    let mut tries = Tries::default();
    loop {
        let mut batch = Batch::new();
        let mut changed = Vec::new();
        for purpose in purposes() {
            let Some(part) = streams.get(&purpose).filter(|part| !part.changes.is_empty()) else {
                continue;
            };
            let stream = StreamId { venue: here.venue.id.clone(), purpose: purpose.clone() };
            let held = Statement::new(VECTOR_SQL, vec![stream.to_string().into()]);
            let have = vector(&db.rows(held).await?)?;
            let plan = import::plan(&have, &here.writer, &part.changes, clamp_ms)?;
            if !plan.changes.is_empty() {
                batch.extend(plan.batch(&SCHEMA, &stream));
                changed.push(purpose);
            }
        }
        match db.commit(&batch).await {
            Ok(()) => return Ok(changed),
            Err(CommitFault::Conflict) => tries.again()?,
            Err(CommitFault::Fault(fault)) if fault.retryable => tries.again()?,
            Err(CommitFault::Fault(fault)) => return Err(fault.into()),
        }
    }
}

/// Remembers what the peer said that it holds.
///
/// # Errors
/// Fails when the database does.
pub async fn remember_peer(db: &Metered, venue: &VenueId, peer: &Peer) -> Result<(), Problem> {
    let mut batch = Vec::new();
    for (purpose, vector) in peer {
        let stream = StreamId { venue: venue.clone(), purpose: purpose.clone() };
        let rows: Vec<_> = vector
            .iter()
            .map(|(w, seq)| {
                serde_json::json!({
                    "replica": w.replica, "generation": w.generation, "seq": seq,
                })
            })
            .collect();
        let rows = serde_json::Value::Array(rows).to_string();
        let params = vec![stream.to_string().into(), rows.into()];
        batch.push(Statement::new(PEER_GONE_SQL, params.clone()));
        batch.push(Statement::new(PEER_SQL, params));
    }
    Ok(db.commit(&batch).await?)
}

/// Opens a venue and loads its document; doing it again changes nothing.
///
/// # Errors
/// Refuses a domain of another venue, and fails when the database does.
pub async fn open(
    db: &Metered,
    entropy: &dyn Entropy,
    document: &Document,
    replica: &str,
    clamp_ms: Option<u64>,
) -> Result<(), Problem> {
    let venue = &document.venue.id;
    let writer = Writer { replica: ReplicaId::parse(replica)?, generation: new_life(entropy)? };
    match db.commit(&rows::venue::open(venue, &writer, &document.domains)).await {
        Ok(()) => {}
        Err(CommitFault::Conflict) => {
            let problem = "a domain belongs to another venue".to_owned();
            return Err(domain::Rejection::InvalidVenueDocument(vec![problem]).into());
        }
        Err(CommitFault::Fault(fault)) => return Err(fault.into()),
    }
    let here = rows::venue::by_id(db, venue).await?;
    let here = here.ok_or_else(|| Problem::internal("the venue was opened but is not there"))?;
    let author = author(document)?;
    for (purpose, changes) in document.changes(&SCHEMA, &author) {
        for chunk in changes.chunks(CHANGES_PER_MESSAGE) {
            let part = Part { changes: chunk.to_vec(), ..Part::default() };
            let streams = BTreeMap::from([(purpose.clone(), part)]);
            import(db, &here, &streams, clamp_ms).await?;
        }
    }
    Ok(())
}

/// Names the writer of a document after what it says; under which names the venue is reached is
/// each host's own business.
fn author(document: &Document) -> Result<Writer, Problem> {
    let content = Document { domains: Vec::new(), ..document.clone() };
    let text = serde_json::to_string(&content).map_err(|e| Problem::internal(e.to_string()))?;
    let name: String = hex(&Sha256::digest(text.as_bytes())).chars().take(16).collect();
    Ok(Writer::parse(DOCUMENT_REPLICA, &name)?)
}

/// Draws the name of a new life: 64 random bits.
///
/// # Errors
/// Fails when the host has no entropy to give.
pub fn new_life(entropy: &dyn Entropy) -> Result<Generation, Problem> {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes)?;
    Ok(Generation::parse(&hex(&bytes))?)
}

fn purposes() -> impl Iterator<Item = Purpose> {
    SCHEMA.purposes().into_iter().filter_map(|purpose| Purpose::parse(purpose).ok())
}

fn vector(rows: &[Row]) -> Result<Vector, Fault> {
    let mut vector = Vector::default();
    for row in rows {
        let writer = writer(row)?;
        vector.advance(&writer, integer(row, "seq")?.unsigned_abs());
    }
    Ok(vector)
}

fn tips(rows: &[Row]) -> Result<BTreeMap<String, String>, Fault> {
    let held =
        rows.iter().filter(|row| row.get("claimed").is_some_and(serde_json::Value::is_string));
    held.map(|row| {
        let change = change(row)?;
        let writer = format!("{}/{}", change.writer.replica, change.writer.generation);
        Ok((writer, change.digest()))
    })
    .collect()
}

fn change(row: &Row) -> Result<Change, Fault> {
    Ok(Change {
        writer: writer(row)?,
        seq: integer(row, "seq")?.unsigned_abs(),
        claimed: text(row, "claimed")?,
        effective: text(row, "effective")?,
        table: text(row, "table_name")?,
        entity: text(row, "entity")?,
        register: text(row, "register")?,
        payload: json(row, "payload")?,
    })
}

fn writer(row: &Row) -> Result<Writer, Fault> {
    let unreadable = |_| Fault::lasting("a writer's ids cannot be read");
    Writer::parse(&text(row, "replica")?, &text(row, "generation")?).map_err(unreadable)
}
