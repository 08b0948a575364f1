//! The uplink's part in live nudges: asks the edge for a socket, tells the site what came.
//!
//! It must not know how the socket is held, nor when to ask for one.

use sync_engine::{id::VenueId, seal::Seal, session::Peer};

use super::{Uplink, WANTED};
use crate::{
    App, device, live,
    ports::{Method, Outgoing},
};

/// Tells who listens here which streams moved: changes came in, or the edge took ours.
pub(super) fn tell(app: &App, venue: &VenueId, before: &Peer, now: &Peer) {
    for (purpose, held) in now {
        if before.get(purpose) != Some(held) {
            app.live.arrived(venue, purpose, None);
        }
    }
}

impl Uplink {
    /// Writes the signed request for a socket at the edge; the host adds what an upgrade needs.
    ///
    /// # Errors
    /// Fails when the host has no randomness.
    pub fn knock(&self) -> Result<Outgoing, String> {
        let nonce = self.nonce()?;
        let at_ms = self.app.clock.now_ms().saturating_add_signed(self.offset_ms);
        let name = format!("{}/{}", self.venue, self.edge.device);
        let (device, nonce, path) = (name.as_str(), nonce.as_str(), live::PATH);
        let seal = Seal { device, method: "GET", path, at_ms, nonce, body: b"" };
        Ok(Outgoing {
            method: Method::Get,
            url: format!("{}{path}", self.edge.url),
            headers: vec![
                (device::VENUE, self.venue.to_string()),
                (device::DEVICE, self.edge.device.clone()),
                (device::KEY, self.edge.key.version.to_string()),
                (device::AT, at_ms.to_string()),
                (device::NONCE, nonce.to_owned()),
                (device::SIGNATURE, seal.sign(&self.edge.key.secret)),
            ],
            body: Vec::new(),
            wanted: WANTED,
        })
    }
}
