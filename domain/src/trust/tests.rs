//! What documents promise: one form, one signer, and what was written once is read for ever.

mod golden;
mod laws;
mod members;
mod refused;
mod samples;
mod sizes;
