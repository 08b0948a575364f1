//! The business rules, pure: data in, a plan or a rejection out.
//!
//! One module per concept; each holds its type, its invariants, its commands and its rule. Nothing
//! here does I/O, reads a clock or draws entropy, and nothing knows HTTP or a database.

pub mod access;
pub mod audit;
pub mod catalogue;
pub mod closing;
pub mod device;
pub mod lan;
pub mod limits;
pub mod loyalty;
pub mod menu;
pub mod ordering;
pub mod people;
pub mod pricing;
pub mod printing;
pub mod rejection;
pub mod schema;
pub mod sealed;
pub mod stock;
pub mod tables;
pub mod tickets;
pub mod time;
pub mod trust;
pub mod venue;

pub use rejection::Rejection;
