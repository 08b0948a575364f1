//! The uplink's part in audits: one bucket of rows at a time, round and round.
//!
//! It must not know how rows are read or mended.

use std::collections::BTreeMap;

use domain::schema::SCHEMA;
use sync_engine::{
    id::{Purpose, StreamId},
    limits,
    message::{Audit, Part, Request},
};

use super::{Uplink, said};
use crate::{
    call::Here,
    metered::Metered,
    replication::{audit, epochs, note},
};

/// Where the next audit begins.
#[derive(Debug, Clone, Default)]
pub(super) struct Cursor {
    table: usize,
    after: String,
}

impl Cursor {
    const fn is_at_start(&self) -> bool {
        self.table == 0 && self.after.is_empty()
    }
}

/// How an audit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The two sides do not hold the same changes just now: there was nothing to compare.
    Apart,
    /// The other side does not know the table: it is of an older build.
    Unknown,
    /// The rows were equal.
    Equal,
    /// The rows differed, and are equal now.
    Mended,
}

impl Uplink {
    /// Compares every row of the venue with the edge's once; returns how many buckets differed.
    ///
    /// # Errors
    /// Says what went wrong, for the log.
    pub async fn audit_everything(&mut self) -> Result<u64, String> {
        self.cursor = Cursor::default();
        let mut mended = 0;
        loop {
            match self.audit().await? {
                Outcome::Apart => return Err("the two sides are apart: no audit".to_owned()),
                Outcome::Mended => mended += 1,
                Outcome::Equal | Outcome::Unknown => {}
            }
            if self.cursor.is_at_start() {
                return Ok(mended);
            }
        }
    }

    /// Compares the next bucket of rows with the edge's.
    ///
    /// # Errors
    /// Says what went wrong, for the log.
    pub async fn audit(&mut self) -> Result<Outcome, String> {
        let db = Metered::new(self.app.database.clone(), u32::MAX);
        let here = self.here(&db).await?;
        let Some(table) = SCHEMA.tables.get(self.cursor.table) else {
            self.cursor = Cursor::default();
            return Ok(Outcome::Apart);
        };
        let purpose = Purpose::parse(table.purpose).map_err(|error| error.to_string())?;
        let stream = StreamId { venue: self.venue.clone(), purpose: purpose.clone() };
        let ask = Audit {
            table: table.name.to_owned(),
            after: self.cursor.after.clone(),
            until: None,
            digest: String::new(),
            mend: false,
        };
        let ours = audit::read(&db, &stream, &ask).await.map_err(|problem| problem.detail)?;
        let have = ours.held.vector();
        let asked = |audit: Audit, rows| Part {
            have: have.clone(),
            settled: have.clone(),
            audit: Some(audit),
            rows,
            ..Part::default()
        };
        let theirs = self.compare(&here, &purpose, asked(ours.audit.clone(), Vec::new())).await?;
        let outcome = match theirs.audit {
            None if theirs.have == have => Outcome::Unknown,
            None => return Ok(Outcome::Apart),
            Some(theirs) if theirs.digest == ours.audit.digest => Outcome::Equal,
            Some(_) => {
                let ask = Audit { mend: true, ..ours.audit.clone() };
                let whole = audit::read(&db, &stream, &ask).await.map_err(|p| p.detail)?;
                let theirs = self.compare(&here, &purpose, asked(ask, whole.rows)).await?;
                if theirs.audit.is_none() {
                    return Ok(Outcome::Apart);
                }
                tracing::error!(
                    table = table.name,
                    "rows differed from the other side's and are mended"
                );
                let mended = audit::force(&db, &here, (&purpose, ours.held), &theirs.rows).await;
                mended.map_err(|problem| problem.detail)?;
                Outcome::Mended
            }
        };
        self.go_on(ours.audit.until.filter(|_| outcome != Outcome::Unknown));
        let now_ms = self.app.clock.now_ms();
        if outcome == Outcome::Mended {
            note(&db, &self.venue, "mended", now_ms).await.map_err(|problem| problem.detail)?;
        }
        if self.cursor.is_at_start() {
            note(&db, &self.venue, "audited", now_ms).await.map_err(|problem| problem.detail)?;
        }
        Ok(outcome)
    }

    fn go_on(&mut self, until: Option<String>) {
        match until {
            Some(after) => self.cursor.after = after,
            None => {
                let next = self.cursor.table + 1;
                let table = if next < SCHEMA.tables.len() { next } else { 0 };
                self.cursor = Cursor { table, after: String::new() };
            }
        }
    }

    async fn compare(
        &mut self,
        here: &Here,
        purpose: &Purpose,
        part: Part,
    ) -> Result<Part, String> {
        let db = Metered::new(self.app.database.clone(), u32::MAX);
        let epochs = epochs::load(&db, &self.venue).await.map_err(said)?;
        let request = Request {
            protocol: limits::PROTOCOL,
            capabilities: Vec::new(),
            venue: self.venue.clone(),
            writer: here.writer.clone(),
            epoch: epochs.seen,
            streams: BTreeMap::from([(purpose.clone(), part)]),
            extra: serde_json::Map::new(),
        };
        let mut response = self.send(request).await?;
        response.check().map_err(|error| error.to_string())?;
        Ok(response.streams.remove(purpose).unwrap_or_default())
    }
}
