//! House rules that a program can check, each a pure function over paths and texts.
//!
//! A check returns its problems as sentences; `tests/tidy.rs` runs every check over this tree. It
//! must not know anything that the rules are not about.

pub mod acceptance;
pub mod codes;
pub mod layers;
pub mod licences;
pub mod names;
pub mod paths;
pub mod purity;
pub mod routes;
pub mod rust;
pub mod schema;
pub mod sizes;
pub mod templates;
pub mod tests_found;
pub mod tree;
