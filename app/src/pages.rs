//! What people see: one file per audience; each handler loads, and fills a view.

pub mod account;
pub mod assets;
pub mod audit;
pub mod card;
pub mod customer;
pub mod devices;
pub mod email;
pub mod enrol;
pub mod hand_over;
pub mod login;
pub mod members;
pub mod notice;
pub mod openid;
pub mod outbox;
pub mod password;
pub mod people;
pub mod pin;
pub mod platform;
pub mod present;
pub mod privacy;
pub mod recover;
pub mod register;
pub mod setup;
pub mod staff;
pub mod styleguide;
pub mod sync_status;
