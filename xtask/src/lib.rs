//! What the developer commands are made of, so that the suites can use the same parts.
//!
//! It must not know a business rule: it builds, starts, tests and measures the other crates.

#![expect(clippy::print_stdout, reason = "what a command finds is printed for whoever called it")]

pub mod bench;
pub mod build;
pub mod build_spin;
pub mod deploy;
pub mod heavy;
pub mod http;
pub mod link;
pub mod live;
pub mod ordering;
pub mod packages;
pub mod process;
pub mod program;
pub mod proxy;
pub mod sabotage;
pub mod soak;
pub mod test_suites;
pub mod tools;
pub mod up;
pub mod vendor;
pub mod workspace;
pub mod wrangler;
