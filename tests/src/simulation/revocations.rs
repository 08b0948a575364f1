//! Revocations that all sides write, each of which must last.
//!
//! It reads answers; it must not repeat a rule of the product to predict what happens.

use app::{metered::Metered, rows, trust};
use domain::trust::{Id, revocation::Subject};

use super::world::{ParseId, VENUES, World};

/// The table that all sides must hold alike.
pub const TABLE: &str = "revocation";
/// So few that two sides revoke the same while they cannot see each other.
const SUBJECTS: usize = 24;

/// Somebody revokes something at either side; what was told there before must still be so.
pub fn step(world: &World) {
    let venue = world.chance.below(VENUES.len());
    let host = world.side(venue, 400);
    let subject = Subject::Document(Id([world.chance.below(SUBJECTS) as u8; 16]));
    world.revocations.look(world, venue, host);
    let (at, notes) = (world.hosts[host].clone(), world.revocations.clone());
    world.tasks.start(host, async move {
        let db = Metered::new(at.app.database.clone(), u32::MAX);
        let Ok(Some(here)) = rows::venue::by_id(&db, &VENUES[venue].parse_id()).await else {
            return;
        };
        let answer = trust::revoke(&at.app, &db, &here, subject).await;
        match answer {
            Ok(()) => {
                notes.written();
                notes.told(venue, host, subject.to_string());
            }
            Err(problem) if problem.code == "unavailable" => {}
            Err(problem) => {
                let said = format!("{}: {}", problem.code, problem.detail);
                notes.broken(format!("always_revokes_by_the_rules: {said}"));
            }
        }
    });
}
