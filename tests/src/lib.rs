//! Shared machinery of the suites that span crates.
