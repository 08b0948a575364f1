//! Machines that all sides enrol, block, rekey and retire; what is never taken back must last.
//!
//! It reads answers; it must not repeat a rule of the product to predict what happens.

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

use super::world::{ParseId, VENUES, World};

/// So few that two sides change the same while they cannot see each other.
const MACHINES: usize = 6;

/// Somebody changes a machine at either side; what was told there before must still be so.
pub fn step(world: &World) {
    let venue = world.chance.below(VENUES.len());
    let host = world.side(venue, 400);
    let id = format!("till-{}", world.chance.below(MACHINES));
    let lot = world.chance.below(100);
    world.devices.look(world, venue, host);
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
            notes.written();
            if draft.table == device::EVENTS {
                notes.told(venue, host, draft.entity);
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
