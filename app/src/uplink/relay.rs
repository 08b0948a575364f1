//! The uplink's part in what travels beyond the two sides: what the edge recorded and holds,
//! through a gateway to its standby; and epochs.
//!
//! A standby hears of the edge only what its gateway tells. It must not know how stamps are folded.

use std::collections::BTreeMap;

use sync_engine::{
    id::Purpose,
    message::{Part, Response},
    session::Peer,
};

use super::{EDGE, Uplink, said};
use crate::{
    call::Here,
    metered::Metered,
    replication::{self, epochs, stamps},
    standby::PRIMARY,
};

/// What this uplink was told, and what it has to tell, beside what the other side holds.
#[derive(Debug, Default)]
pub(super) struct Relay {
    began: bool,
    /// How often the answering side of this host had taken changes in.
    taken_in: u64,
    /// The other side holds less than it did: it may record other stamps than before.
    went_back: bool,
    /// By which name the other side told stamps.
    telling: String,
    /// It tells them by another name now.
    is_other: bool,
    /// Up to where the gateway knows what the edge recorded; only a standby is told.
    hub: Peer,
    /// So much of it is noted in the store.
    noted: Peer,
}

impl Uplink {
    /// A standby that was told something by an earlier process asks for everything anew.
    pub(super) fn begin(&mut self) -> Result<(), String> {
        if !self.relay.began {
            let renewed = self.app.telling.renew(self.app.entropy.as_ref());
            renewed.map_err(|fault| fault.detail)?;
            self.relay.began = true;
        }
        Ok(())
    }

    pub(super) fn ask_for_stamps(&mut self, peer: &Peer, streams: &mut BTreeMap<Purpose, Part>) {
        let taken_in = self.app.telling.taken_in();
        if taken_in != self.relay.taken_in {
            // A standby gave back what the edge may have lowered long ago.
            self.relay.taken_in = taken_in;
            self.settled.clear();
        }
        self.relay.went_back |= stamps::ask(peer, &mut self.settled, streams);
    }

    /// Takes from an answer what is not about this stream or that.
    pub(super) async fn note(
        &mut self,
        db: &Metered,
        response: &mut Response,
    ) -> Result<(), String> {
        epochs::heed(db, &self.venue, response.epoch).await.map_err(said)?;
        self.relay.is_other |= response.stamps != self.relay.telling;
        self.relay.telling.clone_from(&response.stamps);
        // Everything is to be asked for once more; and a buyer may wait at the gateway until its
        // standby says what it holds now.
        let brings = |part: &Part| !part.changes.is_empty() || part.page.is_some();
        let is_awaited = self.name() == PRIMARY && response.streams.values().any(brings);
        response.more |= self.relay.is_other || is_awaited;
        for (purpose, part) in &response.streams {
            self.relay.hub.insert(purpose.clone(), part.settled.clone());
        }
        Ok(())
    }

    pub(super) fn forget_stamps_if_told_otherwise(&mut self) {
        if std::mem::take(&mut self.relay.is_other) {
            self.settled.clear();
        }
    }

    /// A standby notes what its gateway knows the edge to hold; tells whether that is news.
    pub(super) async fn relayed(&mut self, db: &Metered, here: &Here) -> Result<bool, String> {
        if self.name() != PRIMARY || self.relay.hub == self.relay.noted {
            return Ok(false);
        }
        let noted = replication::remember_peer(db, here, EDGE, &self.relay.hub).await;
        noted.map_err(said)?;
        self.relay.noted.clone_from(&self.relay.hub);
        Ok(true)
    }

    /// A standby forgets nothing that the edge may lack: it may be the one that has to bring it.
    pub(super) fn may_reap(&self, purpose: &Purpose) -> bool {
        let is_empty = |known: &sync_engine::vector::Vector| known.is_empty();
        self.name() == EDGE || !self.relay.hub.get(purpose).is_none_or(is_empty)
    }

    /// What a standby was told may be otherwise, once the edge has gone back.
    pub(super) fn renew_telling(&mut self) -> Result<(), String> {
        if std::mem::take(&mut self.relay.went_back) {
            let renewed = self.app.telling.renew(self.app.entropy.as_ref());
            renewed.map_err(|fault| fault.detail)?;
        }
        Ok(())
    }
}
