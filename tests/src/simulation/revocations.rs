//! Revocations that all sides write, and whether each stays so, everywhere and for ever.
//!
//! It reads tables and answers; it must not repeat a rule of the product to predict what happens.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use app::{metered::Metered, rows, trust};
use domain::trust::{Id, revocation::Subject};

use super::{
    hosts::SimHost,
    tasks::HostId,
    world::{ParseId, VENUES, World},
};

/// The table that all sides must hold alike.
pub const TABLE: &str = "revocation";
/// So few that two sides revoke the same while they cannot see each other.
const SUBJECTS: usize = 24;

#[derive(Debug, Default)]
struct Book {
    /// What somebody was told is revoked, and at which hosts.
    told: BTreeMap<(usize, Subject), BTreeSet<HostId>>,
    broken: Vec<String>,
    revoked: u64,
}

/// Where all that is written down.
#[derive(Debug, Clone, Default)]
pub struct Revocations(Arc<Mutex<Book>>);

impl Revocations {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how often somebody was told that something is revoked.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.book().revoked
    }

    /// Notes that a store was put back or is gone: what nobody holds any more was never told.
    pub fn forget(&self, world: &World, host: HostId) {
        let all: Vec<_> = (0..VENUES.len())
            .map(|venue| {
                let sides = world.holders(venue).into_iter();
                sides.flat_map(|side| held(&world.hosts[side], venue)).collect::<BTreeSet<_>>()
            })
            .collect();
        let mut book = self.book();
        book.told.retain(|(venue, subject), _| all[*venue].contains(&subject.to_string()));
        for hosts in book.told.values_mut() {
            hosts.remove(&host);
        }
    }
}

/// Lists what a store says is revoked.
fn held(host: &SimHost, venue: usize) -> BTreeSet<String> {
    let rows = host.store.rows("SELECT id FROM revocation WHERE venue = ?1", &[VENUES[venue]]);
    rows.iter().filter_map(|row| row["id"].as_str()).map(str::to_owned).collect()
}

/// Somebody revokes something at either side; what was told there before must still be so.
pub fn step(world: &World) {
    let venue = world.chance.below(VENUES.len());
    let host = world.side(venue, 400);
    let subject = Subject::Document(Id([world.chance.below(SUBJECTS) as u8; 16]));
    let here = held(&world.hosts[host], venue);
    let mut book = world.revocations.book();
    let missing = book.told.iter().find(|((of, subject), hosts)| {
        *of == venue && hosts.contains(&host) && !here.contains(&subject.to_string())
    });
    let missing = missing.map(|((_, subject), _)| subject.to_string());
    let broken = missing.map(|subject| format!("always_revoked: {subject} at host {host}"));
    book.broken.extend(broken);
    drop(book);
    let (at, notes) = (world.hosts[host].clone(), world.revocations.clone());
    world.tasks.start(host, async move {
        let db = Metered::new(at.app.database.clone(), u32::MAX);
        let Ok(Some(here)) = rows::venue::by_id(&db, &VENUES[venue].parse_id()).await else {
            return;
        };
        let answer = trust::revoke(&at.app, &db, &here, subject).await;
        let mut book = notes.book();
        match answer {
            Ok(()) => {
                book.told.entry((venue, subject)).or_default().insert(host);
                book.revoked += 1;
            }
            Err(problem) if problem.code == "unavailable" => {}
            Err(problem) => {
                let said = format!("{}: {}", problem.code, problem.detail);
                book.broken.push(format!("always_revokes_by_the_rules: {said}"));
            }
        }
    });
}

/// Judges the world once all sides agree.
///
/// # Errors
/// Names what is revoked no more.
pub fn judge(world: &World) -> Result<(), String> {
    let book = world.revocations.book();
    if let Some(broken) = book.broken.first() {
        return Err(broken.clone());
    }
    for (venue, subject) in book.told.keys() {
        for side in world.holders(*venue) {
            if !held(&world.hosts[side], *venue).contains(&subject.to_string()) {
                let name = VENUES[*venue];
                return Err(format!("eventually_revoked: {name} {subject} at host {side}"));
            }
        }
    }
    Ok(())
}
