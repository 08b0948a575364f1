//! What programs call: one file per concept; each handler loads, decides, applies.

use axum::http::StatusCode;
use domain::people::person::PersonId;

use crate::{call::Call, problem::Problem};

pub mod audit;
pub mod capacity;
pub mod catalogue;
pub mod certificate;
pub mod closing;
pub mod contract;
pub mod counter;
pub mod deliveries;
pub mod devices;
pub mod enrol;
pub mod exchange;
pub mod health;
pub mod history;
pub mod kitchen;
pub mod lan;
pub mod loyalty;
pub mod members;
pub mod menu;
pub mod openapi;
pub mod orders;
pub mod outbox;
pub mod own_orders;
pub mod people;
pub mod person_keys;
pub mod printing;
pub mod products;
pub mod setup;
pub mod stock;
pub mod sync_status;
pub mod tables;
pub mod terms;
pub mod web_orders;

/// Reads the person that a path names.
///
/// # Errors
/// Refuses what is no id.
pub(crate) fn person_of(call: &Call) -> Result<PersonId, Problem> {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_person");
    PersonId::parse(call.param("id")?).ok_or_else(unknown)
}
