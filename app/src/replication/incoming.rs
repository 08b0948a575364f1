//! Taking a message in: whole where that works, and around a change that the store refuses.
//!
//! It must not know how messages travel.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use domain::{schema::SCHEMA, tickets};
use sync_engine::{
    append,
    change::Change,
    history,
    id::{Purpose, StreamId, Writer},
    import,
    message::Part,
    snapshot,
    statement::Batch,
};

use crate::{
    call::{Here, Tries},
    limits::CHANGES_ONE_BY_ONE,
    metered::Metered,
    people::{
        erase,
        mark::{Judge, TOLD},
    },
    ports::CommitFault,
    problem::Problem,
    replication::{held, purposes},
    standby::PRIMARY,
    uplink::EDGE,
};

/// A message's changes and rows, and what deciding on them needs to know.
#[derive(Clone, Copy)]
pub struct Incoming<'a> {
    /// What this store calls the peer.
    pub from: &'a str,
    /// What it sent.
    pub streams: &'a BTreeMap<Purpose, Part>,
    /// How late a stamp may be; only the hub says.
    pub limit_ms: Option<u64>,
    /// Now.
    pub now_ms: u64,
    /// The origin of the tickets that this store gives out.
    pub origin: &'a str,
    /// Says what of people is not taken in; nobody, where whoever sent it may say all of it.
    pub judge: Option<&'a Judge>,
}

impl Incoming<'_> {
    /// Tells whether it comes from whom this store asks, and not from somebody who asks it.
    fn is_asked(&self) -> bool {
        [EDGE, PRIMARY].contains(&self.from)
    }

    /// Sets aside what is not taken in: what is refused here, and what whoever is asked refused.
    fn judge(&self, purpose: &Purpose, plan: &mut import::Plan<'_>) {
        let told = self.streams.get(purpose).filter(|_| self.is_asked());
        let told: BTreeSet<(&Writer, u64)> =
            told.iter().flat_map(|part| &part.refused).map(|r| (&r.writer, r.seq)).collect();
        if self.judge.is_none() && told.is_empty() {
            return;
        }
        for (place, entry) in plan.entries.iter().enumerate() {
            let here = self.judge.and_then(|judge| judge.refuses(entry.change));
            let there = told.contains(&(&entry.change.writer, entry.change.seq)).then_some(TOLD);
            if let Some(reason) = here.or(there) {
                tracing::warn!(writer = %entry.change.writer, reason, "a change is set aside");
                plan.aside.insert(place, reason.to_owned());
            }
        }
    }

    /// Returns a part without the rows that are not taken in.
    #[must_use]
    pub fn sift<'p>(&self, part: &'p Part) -> Cow<'p, Part> {
        self.judge.map_or(Cow::Borrowed(part), |judge| judge.sift(part))
    }
}

/// Takes in what is new of all streams in one batch; returns where something was.
///
/// A change that the store refuses whatever is tried is set aside: it is kept in the log, counted
/// and shown, and the rest goes on.
///
/// # Errors
/// Refuses gaps, and then nothing of any stream is taken in.
pub async fn import(
    db: &Metered,
    here: &Here,
    incoming: Incoming<'_>,
) -> Result<Vec<Purpose>, Problem> {
    let mut tries = Tries::default();
    loop {
        let (batch, changed) = whole(db, here, incoming).await?;
        let refused: Problem = match db.commit(&batch).await {
            Ok(()) => {
                if erase::is_in(incoming.streams.values()) {
                    db.scrub().await?;
                }
                return Ok(changed);
            }
            Err(CommitFault::Fault(fault)) if fault.retryable => {
                tries.again()?;
                continue;
            }
            Err(CommitFault::Fault(fault)) => fault.into(),
            Err(CommitFault::Conflict) => match tries.again() {
                Ok(()) => continue,
                Err(lost) => lost,
            },
        };
        if incoming.streams.values().all(|part| part.changes.is_empty()) {
            return Err(refused);
        }
        return one_by_one(db, here, incoming).await;
    }
}

async fn whole(
    db: &Metered,
    here: &Here,
    incoming: Incoming<'_>,
) -> Result<(Batch, Vec<Purpose>), Problem> {
    let mut batch = Batch::new();
    let mut changed = Vec::new();
    let mut next_number = 0;
    for purpose in purposes() {
        let brings = |part: &&Part| !part.changes.is_empty() || part.page.is_some();
        let Some(part) = incoming.streams.get(&purpose).filter(brings) else {
            continue;
        };
        let stream = StreamId { venue: here.venue.id.clone(), purpose: purpose.clone() };
        let mut held = held(db, &stream).await?;
        // Streams of one batch share the numbers.
        held.next_number = held.next_number.max(next_number);
        let before = batch.len();
        if let Some(page) = &part.page {
            let taking = db.rows(snapshot::taking_query(&stream, incoming.from)).await?;
            let held = (&mut held, incoming.from, &snapshot::read_taking(&taking));
            let part = incoming.sift(part);
            batch.extend(snapshot::take_in(&SCHEMA, &stream, held, page, &part)?);
        } else {
            let sent = history::of_ours(&held, part, incoming.is_asked());
            let mut plan = import::plan(&mut held, &here.writer, &sent, incoming.limit_ms)?;
            incoming.judge(&purpose, &mut plan);
            batch.extend(plan.batch(&SCHEMA, &stream, incoming.now_ms));
        }
        let zone = here.venue.time_zone.as_str();
        for sent in [&part.changes, &part.rows] {
            let taken = tickets::taken(sent, incoming.origin, zone);
            batch.extend(append::numbers_taken(&here.venue.id, &taken));
        }
        next_number = held.next_number;
        if batch.len() > before {
            changed.push(purpose);
        }
    }
    Ok((batch, changed))
}

/// Finds the change that the store refuses, by taking each in alone; so many at most, because the
/// peer sends again what is left.
async fn one_by_one(
    db: &Metered,
    here: &Here,
    incoming: Incoming<'_>,
) -> Result<Vec<Purpose>, Problem> {
    let mut changed = Vec::new();
    let mut left = CHANGES_ONE_BY_ONE;
    for (purpose, part) in incoming.streams {
        let stream = StreamId { venue: here.venue.id.clone(), purpose: purpose.clone() };
        let held = held(db, &stream).await?;
        let mut changes = history::of_ours(&held, part, incoming.is_asked()).into_owned();
        changes.retain(|change| change.seq > held.seq(&change.writer));
        changes.sort_by(|a, b| (&a.writer, a.seq).cmp(&(&b.writer, b.seq)));
        for change in changes.into_iter().take(left) {
            left -= 1;
            let alone = std::slice::from_ref(&change);
            if take_alone(db, here, (&stream, alone), incoming).await? {
                changed.push(purpose.clone());
            }
        }
    }
    changed.dedup();
    Ok(changed)
}

async fn take_alone(
    db: &Metered,
    here: &Here,
    (stream, alone): (&StreamId, &[Change]),
    incoming: Incoming<'_>,
) -> Result<bool, Problem> {
    let mut tries = Tries::default();
    let mut reason: Option<String> = None;
    loop {
        let mut held = held(db, stream).await?;
        let mut plan = import::plan(&mut held, &here.writer, alone, incoming.limit_ms)?;
        if plan.entries.is_empty() {
            return Ok(false);
        }
        incoming.judge(&stream.purpose, &mut plan);
        let is_last_try = reason.is_some();
        if let Some(reason) = reason.take() {
            tracing::error!(stream = %stream, reason, "a change is set aside");
            plan.aside.insert(0, reason);
        }
        let fault = match db.commit(&plan.batch(&SCHEMA, stream, incoming.now_ms)).await {
            Ok(()) => return Ok(true),
            // Whoever is overtaken meets a conflict as well: only one that stays is the table's.
            Err(CommitFault::Conflict) if !is_last_try && tries.again().is_ok() => continue,
            Err(CommitFault::Conflict) => "the table refuses it".to_owned(),
            Err(CommitFault::Fault(fault)) if fault.retryable => return Err(fault.into()),
            Err(CommitFault::Fault(fault)) => fault.detail,
        };
        if is_last_try {
            return Err(Problem::unavailable("a change can be neither taken in nor set aside"));
        }
        reason = Some(fault);
    }
}
