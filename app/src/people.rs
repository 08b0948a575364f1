//! People at their home: accounts, their keys, one-time codes, and who they are at a venue.
//!
//! The home of accounts is the edge, or a gateway that has none. It must not know pages or routes.

pub mod account;
pub mod address_book;
pub mod at_kiosk;
pub mod card;
pub mod code;
pub mod demo;
pub mod directory;
pub mod email;
pub mod erase;
pub mod external;
pub mod factor;
pub mod keys;
pub mod mark;
mod newcomer;
pub mod photo;
pub mod platform;
pub mod recovery;
pub mod register;
pub mod retention;
pub mod staff;
