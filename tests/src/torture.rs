//! Torture on real files: power cuts, processes that are killed, disks that take no writes.
//!
//! Each run is decided by a seed as far as the system lets it, and judged by what somebody was
//! told. It must not know a rule of the product.

mod books;
pub mod clocks;
pub mod cramped;
pub mod customers;
pub mod damage;
pub mod disk;
pub mod flood;
pub mod killing;
pub mod ledger;
pub mod moods;
pub mod power;
pub mod restoring;
mod vfs;
