//! What people see: one file per audience; each handler loads, and fills a view.

pub mod assets;
pub mod customer;
pub mod login;
pub mod present;
pub mod staff;
pub mod styleguide;
pub mod sync_status;
