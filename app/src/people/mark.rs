//! What a device brings of people: only what their home wrote is taken in there.
//!
//! A gateway holds the rows of its venue's people, and whoever steals it could make somebody an
//! owner at the home. After a store was put back the same rows come back by the same way, marked.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use domain::people::mark::{is_genuine, is_marked, made, written_ms};
use sync_engine::{
    change::{Change, Draft},
    id::VenueId,
    message::Part,
    seal::derive,
    statement::Statement,
};

use crate::{
    host::Host,
    metered::Metered,
    ports::Fault,
    rows::{integer, text},
};

/// Marks what this host writes of people, where it is their home.
#[must_use]
pub fn marked<'a>(
    host: &Host,
    venue: &VenueId,
    drafts: &'a [Draft],
    now_ms: u64,
) -> Cow<'a, [Draft]> {
    // Whoever is not the home and marks all the same, in a suite, undoes nothing of the home's.
    let now_ms = if host.is_home { now_ms } else { 0 };
    match key(host).filter(|_| drafts.iter().any(|draft| is_marked(draft.table))) {
        Some(key) => drafts.iter().map(|draft| made(&key, venue, draft, now_ms)).collect(),
        None => Cow::Borrowed(drafts),
    }
}

/// Marks the people of a demo, the same on every host.
#[must_use]
pub fn published(host: &Host, venue: &VenueId, drafts: &[Draft]) -> Vec<Draft> {
    match key(host) {
        Some(key) => drafts.iter().map(|draft| made(&key, venue, draft, 0)).collect(),
        None => drafts.to_vec(),
    }
}

/// A suite signs anybody in on any host, and a demo brings its people with it: there every host
/// marks, with a key that is no secret.
fn key(host: &Host) -> Option<[u8; 32]> {
    const WHAT: &str = "people-mark";
    match host.contract || host.demo {
        true => Some(derive(b"anybody", WHAT)),
        false => host.is_home.then(|| derive(host.secret.expose(), WHAT)),
    }
}

/// Why the home sets a change aside; whoever asks it is told to do the same.
pub const REASONS: [&str; 3] = [NOT_WRITTEN, OLDER, TOLD];
const NOT_WRITTEN: &str = "not written by the home of accounts";
const OLDER: &str = "older than what the home of accounts has";
/// Why whoever was told so sets it aside.
pub const TOLD: &str = "set aside by the home of accounts";

/// Tells what the home of accounts does not take in.
#[derive(Debug, Clone)]
pub struct Judge {
    key: [u8; 32],
    venue: VenueId,
    /// When what is held of people was written.
    held: BTreeMap<String, i64>,
}

impl Judge {
    /// Prepares to judge changes and rows of a venue; nobody does where people have no home.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn of(
        host: &Host,
        db: &Metered,
        venue: &VenueId,
        changes: &[&Change],
    ) -> Result<Option<Self>, Fault> {
        let Some(key) = key(host).filter(|_| host.is_home) else { return Ok(None) };
        let told = changes.iter().filter(|change| written_ms(change).is_some());
        let people: BTreeSet<&str> = told.map(|change| change.entity.as_str()).collect();
        let mut held = BTreeMap::new();
        if !people.is_empty() {
            let sql = "SELECT id, access_ms FROM person WHERE venue = ?1 \
                 AND id IN (SELECT value FROM json_each(?2))";
            let people = serde_json::json!(people).to_string();
            let params = vec![venue.as_str().into(), people.into()];
            for row in db.rows(Statement::new(sql, params)).await? {
                held.insert(text(&row, "id")?, integer(&row, "access_ms")?);
            }
        }
        Ok(Some(Self { key, venue: venue.clone(), held }))
    }

    /// Says why a change or a row is not taken in; nothing where it is.
    #[must_use]
    pub fn refuses(&self, change: &Change) -> Option<&'static str> {
        if !is_genuine(&self.key, &self.venue, change) {
            return Some(NOT_WRITTEN);
        }
        let held = self.held.get(&change.entity).copied().unwrap_or_default();
        let is_old = written_ms(change).is_some_and(|written| written < held);
        is_old.then_some(OLDER)
    }

    /// Leaves out rows that are not taken in; changes are set aside instead.
    #[must_use]
    pub fn sift<'a>(&self, part: &'a Part) -> Cow<'a, Part> {
        if part.rows.iter().all(|row| self.refuses(row).is_none()) {
            return Cow::Borrowed(part);
        }
        let mut part = part.clone();
        part.rows.retain(|row| self.refuses(row).is_none());
        Cow::Owned(part)
    }
}
