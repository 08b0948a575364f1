//! Stamps that the hub lowered: telling them, asking for them, and folding by them.
//!
//! A gateway tells them to its standby too, as far as it knows them: what it holds beyond that may
//! be lowered yet. Where it cannot know what changed, the standby asks for all of them anew.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use domain::schema::SCHEMA;
use serde_json::json;
use sync_engine::{
    id::{Purpose, StreamId, VenueId},
    limits::LOWERED_PER_MESSAGE,
    message::{Lowered, Part},
    refold, row,
    session::Peer,
    statement::{Statement, Value},
    vector::Vector,
};

use crate::{
    metered::Metered,
    ports::{CommitFault, Entropy, Fault},
    problem::Problem,
    replication::{held, unreadable},
    rows::integer,
};

const LOWERED_SQL: &str = "SELECT v.replica AS replica, v.generation AS generation, \
     c.seq AS seq, printf('%016x', c.effective) AS effective FROM stream_writer v \
     JOIN change_log c ON c.writer = v.id AND c.effective <> c.claimed \
     AND c.seq > coalesce((SELECT k.value FROM json_each(?2) k \
     WHERE k.key = v.replica || '/' || v.generation), 0) AND (?4 IS NULL OR \
     c.seq <= coalesce((SELECT u.value FROM json_each(?4) u \
     WHERE u.key = v.replica || '/' || v.generation), 0)) WHERE v.stream = ?1 \
     ORDER BY v.replica, v.generation, c.seq LIMIT ?3";

/// Tells whether any of the told stamps is another one here.
const NEWS_SQL: &str = "SELECT EXISTS (SELECT 1 FROM json_each(?2) t CROSS JOIN stream_writer v \
     ON v.stream = ?1 AND v.replica = t.value->>'replica' \
     AND v.generation = t.value->>'generation' CROSS JOIN change_log c ON c.writer = v.id \
     AND c.seq = t.value->>'seq' \
     AND printf('%016x', c.effective) <> t.value->>'effective') AS news";

/// What a host's asking and answering side tell each other of lowered stamps.
///
/// It lives as long as the process: after a start everything is asked for anew.
#[derive(Debug, Default)]
pub struct Telling {
    name: AtomicU64,
    taken_in: AtomicU64,
}

impl Telling {
    /// Returns the name of what is told; whoever knows another one asks for everything.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{:016x}", self.name.load(Ordering::Acquire))
    }

    /// Notes that stamps which were told may be others now.
    ///
    /// # Errors
    /// Fails when the host has no randomness.
    pub fn renew(&self, entropy: &dyn Entropy) -> Result<(), Fault> {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes)?;
        self.name.store(u64::from_le_bytes(bytes), Ordering::Release);
        Ok(())
    }

    /// Notes that the answering side took changes in, whose stamps the hub may have lowered.
    pub fn took_in(&self) {
        self.taken_in.fetch_add(1, Ordering::AcqRel);
    }

    /// Returns how often that was.
    #[must_use]
    pub fn taken_in(&self) -> u64 {
        self.taken_in.load(Ordering::Acquire)
    }
}

/// Asking side: says up to where the hub's stamps are known here; tells whether the other side
/// holds less than it did.
///
/// Nothing is known by a process that has just started, and nothing beyond what the hub holds now:
/// either side may have been restored, and a hub records anew what it is sent again.
pub fn ask(peer: &Peer, settled: &mut Peer, streams: &mut BTreeMap<Purpose, Part>) -> bool {
    let mut went_back = false;
    for (purpose, part) in streams {
        let known = settled.get(purpose).zip(peer.get(purpose));
        part.settled = known.map_or_else(Vector::default, |(known, held)| known.within(held));
        let before = settled.insert(purpose.clone(), part.settled.clone());
        went_back |= before.is_some_and(|before| before != part.settled);
    }
    went_back
}

/// Answering side: tells the stamps that were lowered beyond what the asking side knows; returns
/// whether there are more than one answer carries.
///
/// Who is not the hub says up to where it knows them, and tells no others: `settled`.
///
/// # Errors
/// Fails when the database does.
pub async fn tell(
    db: &Metered,
    venue: &VenueId,
    (asked, settled): (&BTreeMap<Purpose, Part>, Option<&Peer>),
    streams: &mut BTreeMap<Purpose, Part>,
) -> Result<bool, Problem> {
    let mut more = false;
    for (purpose, part) in streams {
        let Some(asked) = asked.get(purpose) else { continue };
        let stream = StreamId { venue: venue.clone(), purpose: purpose.clone() };
        let until = settled.map(|settled| {
            settled.get(purpose).map_or_else(Vector::default, |known| known.within(&part.have))
        });
        let limit = Value::Integer(LOWERED_PER_MESSAGE as i64);
        let params = vec![
            stream.to_string().into(),
            json!(asked.settled).to_string().into(),
            limit,
            until.as_ref().map_or(Value::Null, |until| json!(until).to_string().into()),
        ];
        part.settled = until.unwrap_or_default();
        for row in db.rows(Statement::new(LOWERED_SQL, params)).await? {
            part.lowered.push(Lowered {
                writer: row::writer(&row).map_err(unreadable)?,
                seq: row::number(&row, "seq").map_err(unreadable)?,
                effective: row::stamp(&row, "effective").map_err(unreadable)?,
            });
        }
        more |= part.lowered.len() >= LOWERED_PER_MESSAGE;
    }
    Ok(more)
}

/// Asking side: records the stamps that were told, and folds the rows that they touch. They are
/// known once the store has them: what it could not record is told again.
///
/// # Errors
/// Fails when the database does.
pub async fn settle(
    db: &Metered,
    venue: &VenueId,
    (streams, by_hub): (&BTreeMap<Purpose, Part>, bool),
    settled: &mut Peer,
) -> Result<(), Problem> {
    for (purpose, part) in streams {
        if !part.lowered.is_empty() {
            let stream = StreamId { venue: venue.clone(), purpose: purpose.clone() };
            record(db, &stream, &part.lowered).await?;
        }
        let known = settled.entry(purpose.clone()).or_default();
        if part.lowered.len() < LOWERED_PER_MESSAGE {
            known.clone_from(if by_hub { &part.have } else { &part.settled });
        }
        for told in &part.lowered {
            known.advance(&told.writer, told.seq);
        }
    }
    Ok(())
}

async fn record(db: &Metered, stream: &StreamId, lowered: &[Lowered]) -> Result<(), Problem> {
    let told = json!(lowered).to_string();
    let query = Statement::new(NEWS_SQL, vec![stream.to_string().into(), told.into()]);
    let news = db.rows(query).await?;
    if !news.iter().any(|row| integer(row, "news") == Ok(1)) {
        return Ok(());
    }
    let held = held(db, stream).await?;
    let batch = refold::lower(&SCHEMA, stream, &held.numbers(), lowered);
    match db.commit(&batch).await {
        Ok(()) => Ok(()),
        Err(CommitFault::Conflict) => Err(Problem::unavailable("a refold lost a race")),
        Err(CommitFault::Fault(fault)) => Err(fault.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use sync_engine::{id::Writer, stamp::Hlc};

    use super::*;
    use crate::ports::{Database, Pending, Row};

    /// A store that tells of news, and takes no writes while its disk is full.
    #[derive(Default)]
    struct Disk(AtomicBool);

    impl Database for Disk {
        fn read<'a>(&'a self, all: &'a [Statement]) -> Pending<'a, Result<Vec<Vec<Row>>, Fault>> {
            let news = Row::from_iter([("news".to_owned(), 1.into())]);
            let rows = |asked: &Statement| {
                let is_asked = asked.sql == NEWS_SQL;
                if is_asked { vec![news.clone()] } else { Vec::new() }
            };
            let found = all.iter().map(rows).collect();
            Box::pin(async { Ok(found) })
        }

        fn commit<'a>(&'a self, _: &'a [Statement]) -> Pending<'a, Result<(), CommitFault>> {
            let full = Err(CommitFault::Fault(Fault::lasting("the disk is full")));
            let answer = if self.0.load(Ordering::Relaxed) { full } else { Ok(()) };
            Box::pin(async { answer })
        }
    }

    #[tokio::test]
    async fn a_stamp_that_the_store_could_not_record_is_told_again() {
        let disk = Arc::new(Disk::default());
        let db = Metered::new(disk.clone(), u32::MAX);
        let venue = VenueId::parse("chakri").expect("a venue");
        let writer = Writer::parse("gateway", "0123456789abcdef").expect("a writer");
        let effective = Hlc { ms: 1, counter: 0 };
        let mut part = Part::default();
        part.have.advance(&writer, 3);
        part.lowered.push(Lowered { writer: writer.clone(), seq: 2, effective });
        let purpose = Purpose::parse("orders").expect("a purpose");
        let streams = BTreeMap::from([(purpose.clone(), part)]);
        let mut settled = Peer::new();
        let known = |settled: &Peer| settled.get(&purpose).map_or(0, |known| known.seq(&writer));
        disk.0.store(true, Ordering::Relaxed);
        assert!(settle(&db, &venue, (&streams, true), &mut settled).await.is_err());
        assert_eq!(known(&settled), 0);
        disk.0.store(false, Ordering::Relaxed);
        settle(&db, &venue, (&streams, true), &mut settled).await.expect("there is room");
        assert_eq!(known(&settled), 3);
    }
}
