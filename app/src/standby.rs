//! The second gateway, as the first one sees it: how closely it follows, and what waits for it.
//!
//! What is exclusive is answered once the standby holds it too, for as long as it follows closely.
//! A standby that does not confirm in time follows no more, until it has said that it holds all of
//! it again. Deciding is pure; how long somebody waits is the host's business.

use serde::Serialize;
use sync_engine::{
    id::{Purpose, StreamId, Writer},
    lease,
    message::Request,
    statement::Statement,
};

use crate::{
    App,
    call::Here,
    metered::Metered,
    ports::{Alone, Fault, Pending},
    rows::integer,
};

/// The standby's device name, and what the primary's store calls it.
pub const DEVICE: &str = "standby";
/// What a standby's store calls the gateway that it follows.
pub const PRIMARY: &str = "primary";

const WROTE_SQL: &str = "SELECT seq FROM stream_writer \
     WHERE stream = ?1 AND replica = ?2 AND generation = ?3";

/// How the standby follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Follows {
    /// Nobody follows since this process started.
    #[default]
    Nobody,
    /// It holds what is exclusive a moment after it was written.
    Closely {
        /// Milliseconds since 1970.
        since_ms: u64,
    },
    /// It did not confirm in time, or hung up.
    Lost {
        /// Milliseconds since 1970.
        since_ms: u64,
    },
}

/// How much of a life's exclusive changes there is, or is held somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tip {
    /// The life.
    pub writer: Writer,
    /// Its last change.
    pub seq: u64,
}

/// Whether a standby has what somebody waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// It holds it.
    Held,
    /// It follows closely, and will hold it in a moment.
    Coming,
    /// Nobody follows closely: there is nothing to wait for.
    Alone,
}

/// What the primary knows of its standby.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Follower {
    follows: Follows,
    held: Option<Tip>,
}

impl Follower {
    /// Returns how it follows.
    #[must_use]
    pub const fn follows(&self) -> Follows {
        self.follows
    }

    /// Notes what the standby said that it holds, while this store had written so much: it follows
    /// closely from the moment at which that is all.
    pub fn heard(&mut self, held: Tip, wrote: u64, now_ms: u64) {
        let is_close = matches!(self.follows, Follows::Closely { .. });
        if !is_close && held.seq >= wrote {
            self.follows = Follows::Closely { since_ms: now_ms };
        }
        self.held = Some(held);
    }

    /// Notes that the standby hung up, or did not confirm in time.
    pub const fn lost(&mut self, now_ms: u64) {
        if let Follows::Closely { .. } = self.follows {
            self.follows = Follows::Lost { since_ms: now_ms };
        }
    }

    /// Tells whether the standby has this.
    #[must_use]
    pub fn cover(&self, wanted: &Tip) -> Cover {
        let holds = |held: &Tip| held.writer == wanted.writer && held.seq >= wanted.seq;
        match self.follows {
            _ if self.held.as_ref().is_some_and(holds) => Cover::Held,
            Follows::Closely { .. } => Cover::Coming,
            Follows::Nobody | Follows::Lost { .. } => Cover::Alone,
        }
    }
}

/// The second gateway, on a host that may have one.
pub trait Standby: Send + Sync + 'static {
    /// Notes what it said that it holds durably, while this store had written so much.
    fn heard(&self, held: Tip, wrote: u64);

    /// Waits until it holds this, as long as it follows closely and not beyond the host's limit;
    /// tells whether it does.
    fn holds(&self, wanted: Tip) -> Pending<'_, bool>;

    /// Tells how it follows.
    fn follows(&self) -> Follows;
}

impl Standby for Alone {
    fn heard(&self, _held: Tip, _wrote: u64) {}

    fn holds(&self, _wanted: Tip) -> Pending<'_, bool> {
        Box::pin(async { false })
    }

    fn follows(&self) -> Follows {
        Follows::Nobody
    }
}

/// Takes from the standby's message what it holds of our exclusive changes.
///
/// # Errors
/// Fails when the database does.
pub async fn hear(app: &App, db: &Metered, here: &Here, request: &Request) -> Result<(), Fault> {
    let found = request.streams.iter().find(|(purpose, _)| purpose.as_str() == lease::PURPOSE);
    let Some((_, part)) = found else { return Ok(()) };
    let wrote = wrote(db, here).await?;
    let held = Tip { writer: here.writer.clone(), seq: part.have.seq(&here.writer) };
    app.standby.heard(held, wrote);
    Ok(())
}

/// Waits until the standby holds everything exclusive that is written here, if it follows closely.
///
/// # Errors
/// Fails when the database does.
pub async fn cover(app: &App, db: &Metered, here: &Here) -> Result<(), Fault> {
    if !matches!(app.standby.follows(), Follows::Closely { .. }) {
        return Ok(());
    }
    let seq = wrote(db, here).await?;
    app.standby.holds(Tip { writer: here.writer.clone(), seq }).await;
    Ok(())
}

async fn wrote(db: &Metered, here: &Here) -> Result<u64, Fault> {
    let purpose = Purpose::parse(lease::PURPOSE).map_err(|e| Fault::lasting(e.to_string()))?;
    let stream = StreamId { venue: here.venue.id.clone(), purpose };
    let writer = &here.writer;
    let params = vec![
        stream.to_string().into(),
        writer.replica.as_str().into(),
        writer.generation.as_str().into(),
    ];
    let rows = db.rows(Statement::new(WROTE_SQL, params)).await?;
    rows.first().map_or(Ok(0), |row| Ok(integer(row, "seq")?.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tip(generation: &str, seq: u64) -> Tip {
        Tip { writer: Writer::parse("gateway", generation).expect("a writer"), seq }
    }

    #[test]
    fn nobody_waits_for_a_standby_that_never_held_everything() {
        let mut follower = Follower::default();
        assert_eq!(follower.cover(&tip("a", 1)), Cover::Alone);
        follower.heard(tip("a", 3), 5, 10);
        assert_eq!(follower.cover(&tip("a", 4)), Cover::Alone);
        assert_eq!(follower.cover(&tip("a", 3)), Cover::Held, "that much is safe already");
        follower.heard(tip("a", 5), 5, 20);
        assert_eq!(follower.follows(), Follows::Closely { since_ms: 20 });
        assert_eq!(follower.cover(&tip("a", 6)), Cover::Coming);
    }

    #[test]
    fn who_is_a_little_behind_goes_on_following() {
        let mut follower = Follower::default();
        follower.heard(tip("a", 5), 5, 10);
        follower.heard(tip("a", 5), 6, 20);
        assert_eq!(follower.follows(), Follows::Closely { since_ms: 10 });
        assert_eq!(follower.cover(&tip("a", 6)), Cover::Coming);
    }

    #[test]
    fn a_lost_standby_is_waited_for_again_once_it_has_everything() {
        let mut follower = Follower::default();
        follower.lost(1);
        assert_eq!(follower.follows(), Follows::Nobody);
        follower.heard(tip("a", 5), 5, 10);
        follower.lost(20);
        assert_eq!(follower.cover(&tip("a", 6)), Cover::Alone);
        follower.lost(30);
        follower.heard(tip("a", 6), 7, 40);
        assert_eq!(follower.follows(), Follows::Lost { since_ms: 20 });
        follower.heard(tip("a", 7), 7, 50);
        assert_eq!(follower.cover(&tip("a", 8)), Cover::Coming);
    }

    #[test]
    fn what_is_held_of_an_earlier_life_says_nothing_of_the_present_one() {
        let mut follower = Follower::default();
        follower.heard(tip("a", 9), 9, 10);
        assert_eq!(follower.cover(&tip("b", 1)), Cover::Coming);
    }
}
