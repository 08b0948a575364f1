//! The store's side of replication: what is held, what a peer lacks, what is taken in.
//!
//! The answering edge and the asking gateway share it. It runs the batches that `sync-engine`
//! builds and must not know how messages travel.

pub mod aside;
pub mod audit;
pub mod epochs;
pub mod histories;
mod incoming;
pub mod learn;
pub mod life;
pub mod retention;
pub mod stamps;

pub use incoming::{Incoming, import};

use std::collections::BTreeMap;

use domain::{
    schema::SCHEMA,
    venue::{DOCUMENT_REPLICA, Document},
};
use sha2::{Digest, Sha256};
use sync_engine::{
    Rejection,
    held::{self, Held},
    id::{Generation, Purpose, ReplicaId, StreamId, VenueId, Writer},
    limits::CHANGES_PER_MESSAGE,
    message::{Part, Room},
    outgoing::{Outgoing, Towards},
    row,
    seal::hex,
    session::{Peer, Places},
    snapshot::{self, Taking},
    statement::{Batch, Statement},
};

use crate::{
    call::Here,
    metered::Metered,
    ports::{CommitFault, Entropy, Fault},
    problem::Problem,
    rows,
};

const PEER_SQL: &str = "INSERT INTO peer_vector (peer, stream, replica, generation, seq) \
     SELECT ?1, ?2, r.value->>'replica', r.value->>'generation', r.value->>'seq' \
     FROM json_each(?3) r WHERE EXISTS (SELECT 1 FROM local_venue l WHERE l.venue = ?4 \
     AND l.generation = ?5) ON CONFLICT (stream, peer, replica, generation) \
     DO UPDATE SET seq = excluded.seq WHERE excluded.seq <> peer_vector.seq";

const PEER_GONE_SQL: &str = "DELETE FROM peer_vector WHERE peer = ?1 AND stream = ?2 \
     AND EXISTS (SELECT 1 FROM local_venue l WHERE l.venue = ?4 AND l.generation = ?5) \
     AND NOT EXISTS (SELECT 1 FROM json_each(?3) r WHERE r.value->>'replica' = peer_vector.replica \
     AND r.value->>'generation' = peer_vector.generation)";

const NOTED_SQL: &str = "SELECT stream, replica, generation, seq FROM peer_vector \
     WHERE peer = ?1 AND stream IN (SELECT value FROM json_each(?2))";

/// Loads what is held of every stream, and what the peer lacks as far as a message carries it.
///
/// Nothing is sent of a stream of which it is not known what the peer holds. `name` is what this
/// store calls the peer, `places` how far the peer has come with snapshots from here.
///
/// # Errors
/// Fails when the database does.
pub async fn export(
    db: &Metered,
    (here, mut room): (&Here, Room),
    peer: &Peer,
    (towards, name, places): (Towards, &str, &Places),
) -> Result<(BTreeMap<Purpose, Part>, bool), Problem> {
    let mut streams = BTreeMap::new();
    let mut more = false;
    for purpose in purposes() {
        let stream = StreamId { venue: here.venue.id.clone(), purpose: purpose.clone() };
        let queries = [
            held::query(&stream),
            held::own_tip_query(&stream),
            snapshot::taking_query(&stream, name),
        ];
        let found = db.read(&queries).await?;
        let [held, own_tip, taking] = found.as_slice() else {
            return Err(Problem::internal("a read returned another number of results"));
        };
        let mut held = Held::read(held).map_err(unreadable)?;
        held.add_own_tip(own_tip).map_err(unreadable)?;
        let mut taking = snapshot::read_taking(taking);
        if peer.get(&purpose).is_some_and(|peer| taking.is_lost(peer)) {
            db.commit(&[snapshot::lost(&stream, name)]).await?;
            taking = Taking { place: None, owed: true };
        }
        let resume = taking.place.clone();
        let mut part = Part { have: held.vector(), tips: held.tips(), resume, ..Part::default() };
        if let Some(peer) = peer.get(&purpose) {
            let way = (towards, places.get(&purpose), &taking);
            let mut outgoing = Outgoing::new(&SCHEMA, &stream, &held, peer, way);
            while let Some(query) = outgoing.query(&room) {
                let rows = db.rows(query).await?;
                outgoing.take(&rows, &mut room, &mut part).map_err(unreadable)?;
            }
            more |= outgoing.has_more();
            part.bases = histories::bases(db, &held, &here.writer, &part.changes).await?;
            part.refused = aside::refused(db, &stream, &part.changes).await?;
        }
        streams.insert(purpose, part);
    }
    Ok((streams, more))
}

/// Notes that the peer has the last page of each of these snapshots: what was owed is paid.
///
/// # Errors
/// Fails when the database does.
pub async fn paid(
    db: &Metered,
    venue: &VenueId,
    (name, purposes): (&str, &[Purpose]),
) -> Result<(), Problem> {
    let stream = |purpose: &Purpose| StreamId { venue: venue.clone(), purpose: purpose.clone() };
    let batch: Batch =
        purposes.iter().flat_map(|purpose| snapshot::paid(&stream(purpose), name)).collect();
    Ok(db.commit(&batch).await?)
}

/// Lists the streams of which a message carries the last page.
#[must_use]
pub fn last_pages(streams: &BTreeMap<Purpose, Part>) -> Vec<Purpose> {
    let is_last = |part: &Part| part.page.as_ref().is_some_and(|page| page.next.is_none());
    streams.iter().filter(|(_, part)| is_last(part)).map(|(purpose, _)| purpose.clone()).collect()
}

/// Remembers what the peer of this name said that it holds, while our life goes on: what was said
/// to a life that has ended was compared with what that one held.
///
/// # Errors
/// Fails when the database does.
pub async fn remember_peer(
    db: &Metered,
    here: &Here,
    name: &str,
    vectors: &Peer,
) -> Result<(), Problem> {
    let venue = &here.venue.id;
    let mut batch = Vec::new();
    for (purpose, vector) in vectors {
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
        let params = vec![name.into(), stream.to_string().into(), rows.into()];
        let own = vec![venue.as_str().into(), here.writer.generation.as_str().into()];
        let params = [params, own].concat();
        batch.push(Statement::new(PEER_GONE_SQL, params.clone()));
        batch.push(Statement::new(PEER_SQL, params));
    }
    Ok(db.commit(&batch).await?)
}

/// Returns what was noted that a peer holds.
///
/// # Errors
/// Fails when the database does.
pub async fn noted(db: &Metered, venue: &VenueId, name: &str) -> Result<Peer, Problem> {
    let mut streams = BTreeMap::new();
    for purpose in purposes() {
        let stream = StreamId { venue: venue.clone(), purpose: purpose.clone() };
        streams.insert(stream.to_string(), purpose);
    }
    let names: Vec<&String> = streams.keys().collect();
    let params = vec![name.into(), serde_json::json!(names).to_string().into()];
    let mut noted = Peer::new();
    for row in db.rows(Statement::new(NOTED_SQL, params)).await? {
        let Some(purpose) = streams.get(&rows::text(&row, "stream")?) else { continue };
        let writer = row::writer(&row).map_err(unreadable)?;
        let seq = row::number(&row, "seq").map_err(unreadable)?;
        noted.entry(purpose.clone()).or_default().advance(&writer, seq);
    }
    Ok(noted)
}

/// Counts something that staff should know of.
///
/// # Errors
/// Fails when the database does.
pub async fn note(db: &Metered, venue: &VenueId, what: &str, now_ms: u64) -> Result<(), Problem> {
    let sql = "INSERT INTO sync_note (venue, what, count, at_ms) VALUES (?1, ?2, 1, ?3) \
         ON CONFLICT (venue, what) DO UPDATE SET count = count + 1, at_ms = excluded.at_ms";
    let params = vec![venue.as_str().into(), what.into(), (now_ms as i64).into()];
    Ok(db.commit(&[Statement::new(sql, params)]).await?)
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
    limit_ms: Option<u64>,
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
            let now_ms = document.published_ms;
            let from = DOCUMENT_REPLICA;
            let incoming =
                Incoming { from, streams: &streams, limit_ms, now_ms, origin: "", judge: None };
            import(db, &here, incoming).await?;
        }
    }
    Ok(())
}

/// Names the writer of a document after what it says; under which names the venue is reached is
/// each host's own business.
///
/// # Errors
/// Fails when the document cannot be written.
pub fn author(document: &Document) -> Result<Writer, Problem> {
    let content = Document { domains: Vec::new(), ..document.clone() };
    let text = serde_json::to_string(&content).map_err(|e| Problem::internal(e.to_string()))?;
    Ok(named_after(&text)?)
}

/// Names the writer of what is published after its content.
///
/// # Errors
/// Never fails: the digits of a digest are a name.
pub fn named_after(content: &str) -> Result<Writer, Rejection> {
    let name: String = hex(&Sha256::digest(content.as_bytes())).chars().take(16).collect();
    Writer::parse(DOCUMENT_REPLICA, &name)
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

/// Loads what is held of a stream.
async fn held(db: &Metered, stream: &StreamId) -> Result<Held, Fault> {
    Held::read(&db.rows(held::query(stream)).await?).map_err(unreadable)
}

/// What this store wrote itself cannot be read: no peer is to blame.
#[expect(clippy::needless_pass_by_value, reason = "it maps errors, which come by value")]
pub(crate) fn unreadable(rejection: Rejection) -> Fault {
    Fault::lasting(format!("a row of the store cannot be read: {rejection}"))
}
