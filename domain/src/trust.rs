//! Signed documents: what one machine promises and another believes without asking anybody.
//!
//! A certificate, a ticket, a receipt or an entitlement is carried by phones, screens and paper
//! codes, so it is small, has a kind and a version, and is signed with Ed25519. Who may sign what
//! is decided here ([`verifier`]); how bytes are laid out is written down in [`fields`]. This must
//! not know where keys are kept, what time it is, or what is done about a document.
//!
//! Trust begins at the root, the edge's key (a gateway's own where it has no edge). The root signs
//! a gateway's certificate, the gateway signs what its certificate says, the holder of an
//! entitlement hands it on for one opening, and a member's phone shows the card that the root
//! signed for it. The chain is never longer.

pub mod beacon;
pub mod card;
pub mod certificate;
pub mod delegation;
pub mod document;
pub mod entitlement;
pub mod fields;
pub mod hand_over;
pub mod id;
pub mod key;
pub mod limits;
pub mod membership;
pub mod receipt;
pub mod rejection;
pub mod revocation;
pub mod roots;
pub mod shown;
pub mod text;
pub mod ticket;
pub mod verifier;
pub mod warrant;

pub use document::{Body, Document, Kind, Scope, Window};
pub use id::Id;
pub use key::{KeyId, PublicKey, SecretKey};
pub use rejection::Rejection;
pub use verifier::{InTime, Verified, Verifier};

#[cfg(test)]
mod tests;
