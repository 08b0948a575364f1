//! Replication of one venue's data between stores that may be apart for any time.
//!
//! Owns identity, stamps, the change log, merge shapes and the exchange session. Everything here
//! is data in, data out: it builds SQL statements but never runs them, it builds messages but never
//! sends them, it is told the time and the entropy. It must not know a business word: tables are
//! declared by `domain` and handed in as a [`shape::Schema`].
//!
//! How one write travels: [`append`] turns drafts into one batch (clock tick, log rows, fold);
//! [`session`] carries log rows to a peer; [`import`] turns what arrived into one batch that folds
//! by the same SQL ([`fold`]), so both sides end with the same rows in any order of exchange. What
//! must not merge, because it may be used once only, is a [`lease`].

pub mod append;
pub mod audit;
pub mod change;
pub mod column;
pub mod counter;
pub mod epoch;
pub mod fold;
pub mod held;
pub mod history;
pub mod id;
pub mod import;
pub mod learn;
pub mod lease;
pub mod life;
pub mod limits;
pub mod message;
pub mod outgoing;
pub mod refold;
pub mod rejection;
pub mod retention;
pub mod row;
pub mod seal;
pub mod sequence;
pub mod session;
pub mod set;
pub mod shape;
pub mod sibling;
pub mod snapshot;
pub mod stamp;
pub mod statement;
pub mod vector;
pub mod wire;

pub use rejection::Rejection;
