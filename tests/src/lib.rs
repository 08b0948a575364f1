//! Shared machinery of the suites that span crates.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "this crate is tests: a case that does not hold panics"
)]

pub mod authority;
pub mod contract;
pub mod native;
pub mod openid;
pub mod s3;
pub mod simulation;
pub mod site;
pub mod smtp;
pub mod tidy;
pub mod torture;
