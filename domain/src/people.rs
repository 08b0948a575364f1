//! People: who they are to a venue, and how they prove it.
//!
//! `person` is what replicas know of somebody; `password`, `pin` and `totp` are the proofs,
//! `openid` is what a provider vouches for. Nothing here draws randomness: salts, ids and secrets
//! come from the caller.

pub mod address;
pub mod mark;
pub mod openid;
pub mod password;
pub mod person;
pub mod pin;
pub mod retention;
pub mod totp;
