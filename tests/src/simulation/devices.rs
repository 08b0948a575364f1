//! Machines that all sides enrol, block, rekey and retire, and whether what is never taken back
//! stays so, everywhere and for ever.
//!
//! It reads tables and answers; it must not repeat a rule of the product to predict what happens.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use app::{
    call::{Here, Written, commit},
    metered::Metered,
    rows::{self, device::find},
};
use domain::{
    device::{self, Device, Kind},
    schema::SCHEMA,
};
use sync_engine::{append, change::Draft};

use super::{
    hosts::SimHost,
    tasks::HostId,
    world::{ParseId, VENUES, World},
};

/// So few that two sides change the same while they cannot see each other.
const MACHINES: usize = 6;

#[derive(Debug, Default)]
struct Book {
    /// What somebody was told never comes back, and at which hosts.
    told: BTreeMap<(usize, String), BTreeSet<HostId>>,
    broken: Vec<String>,
    changed: u64,
}

/// Where all that is written down.
#[derive(Debug, Clone, Default)]
pub struct Devices(Arc<Mutex<Book>>);

impl Devices {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how often somebody was told that something about a machine was changed.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.book().changed
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
        book.told.retain(|(venue, event), _| all[*venue].contains(event));
        for hosts in book.told.values_mut() {
            hosts.remove(&host);
        }
    }
}

/// Lists what a store says that is never taken back.
fn held(host: &SimHost, venue: usize) -> BTreeSet<String> {
    let rows = host.store.rows("SELECT id FROM device_event WHERE venue = ?1", &[VENUES[venue]]);
    rows.iter().filter_map(|row| row["id"].as_str()).map(str::to_owned).collect()
}

/// Somebody changes a machine at either side; what was told there before must still be so.
pub fn step(world: &World) {
    let venue = world.chance.below(VENUES.len());
    let host = world.side(venue, 400);
    let id = format!("till-{}", world.chance.below(MACHINES));
    let lot = world.chance.below(100);
    let here = held(&world.hosts[host], venue);
    let mut book = world.devices.book();
    let missing = book.told.iter().find(|((of, event), hosts)| {
        *of == venue && hosts.contains(&host) && !here.contains(event)
    });
    let missing = missing.map(|((_, event), _)| event.clone());
    book.broken.extend(missing.map(|event| format!("always_never_back: {event} at host {host}")));
    drop(book);
    let (at, notes) = (world.hosts[host].clone(), world.devices.clone());
    world.tasks.start(host, async move {
        let db = Metered::new(at.app.database.clone(), u32::MAX);
        let Ok(Some(here)) = rows::venue::by_id(&db, &VENUES[venue].parse_id()).await else {
            return;
        };
        let Ok(draft) = decided(&db, &here, (&id, lot, at.app.clock.now_ms())).await else {
            return;
        };
        let batch = append::batch(&SCHEMA, &here.pen(&at.app), std::slice::from_ref(&draft));
        let Ok(batch) = batch else { return };
        let answer = commit(&at.app, &db, &here, (&batch, std::slice::from_ref(&draft))).await;
        if matches!(answer, Ok(Written::Done)) {
            let mut book = notes.book();
            book.changed += 1;
            if draft.table == device::EVENTS {
                book.told.entry((venue, draft.entity)).or_default().insert(host);
            }
        }
    });
}

/// Returns what somebody decides about a machine; nothing where the rules refuse it.
async fn decided(
    db: &Metered,
    here: &Here,
    (id, lot, now_ms): (&str, usize, u64),
) -> Result<Draft, ()> {
    let found = find(db, &here.venue.id, id).await.map_err(drop)?;
    let Some(device) = found.map(|found| found.device) else {
        let device = Device {
            id: id.to_owned(),
            kind: Kind::Till,
            name: "Till".to_owned(),
            place: String::new(),
            enrolled_ms: now_ms,
            blocked: false,
            retired_ms: 0,
            renewals: Vec::new(),
        };
        return Ok(device.identity());
    };
    match lot {
        0..30 => device::rename(&device, &format!("Till {lot}"), "").map_err(drop)?.ok_or(()),
        30..60 => device::block(&device, lot < 45).map_err(drop)?.ok_or(()),
        60..90 => device::renew(&device, lot < 70, now_ms).map(|(_, draft)| draft).map_err(drop),
        _ => device::retire(&device, now_ms).map_err(drop)?.ok_or(()),
    }
}

/// Judges the world once all sides agree.
///
/// # Errors
/// Names what came back.
pub fn judge(world: &World) -> Result<(), String> {
    let book = world.devices.book();
    if let Some(broken) = book.broken.first() {
        return Err(broken.clone());
    }
    for (venue, event) in book.told.keys() {
        for side in world.holders(*venue) {
            if !held(&world.hosts[side], *venue).contains(event) {
                let name = VENUES[*venue];
                return Err(format!("eventually_never_back: {name} {event} at host {side}"));
            }
        }
    }
    Ok(())
}
