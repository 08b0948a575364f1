//! What programs call: one file per concept; each handler loads, decides, applies.

pub mod contract;
pub mod exchange;
pub mod health;
pub mod menu;
pub mod openapi;
pub mod orders;
pub mod products;
pub mod setup;
pub mod sync_status;
