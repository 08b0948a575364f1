//! A gateway's disk that was copied into a second machine: two stores that call themselves one.
//!
//! Owns which machines stand at a venue. It must not judge, nor tell a copy that it is one.

use sync_engine::id::Writer;

use super::{
    leases::life,
    tasks::HostId,
    world::{EDGE, VENUES, World},
};

/// A copied disk and its machine.
#[derive(Debug, Clone)]
pub struct Copied {
    /// The machine.
    pub host: HostId,
    /// Whose gateway it was copied from.
    pub venue: usize,
    /// The life that both shared then.
    pub shared: Writer,
    /// It was switched off and does not come back.
    pub is_gone: bool,
}

impl World {
    /// Lists the gateways of a venue: its own, and the copy that runs beside it.
    #[must_use]
    pub fn gateways(&self, venue: usize) -> Vec<HostId> {
        let runs = |copied: &&Copied| copied.venue == venue && !copied.is_gone;
        let copy = self.copied.as_ref().filter(runs).map(|copied| copied.host);
        std::iter::once(venue + 1).chain(copy).collect()
    }

    /// Lists the hosts that hold a venue's data, the edge first.
    #[must_use]
    pub fn sides(&self, venue: usize) -> Vec<HostId> {
        [vec![EDGE], self.gateways(venue)].concat()
    }

    /// Picks one of a venue's gateways.
    #[must_use]
    pub fn gateway(&self, venue: usize) -> HostId {
        *self.chance.pick(&self.gateways(venue))
    }

    /// Picks the edge so often in a thousand times, and else a gateway.
    #[must_use]
    pub fn side(&self, venue: usize, edge_per_mille: usize) -> HostId {
        if self.chance.happens(edge_per_mille) { EDGE } else { self.gateway(venue) }
    }

    /// Returns the venue whose gateway or standby this is.
    #[must_use]
    pub fn venue_of(&self, gateway: HostId) -> usize {
        let copied = self.copied.as_ref().filter(|copied| copied.host == gateway);
        copied.map_or(gateway.saturating_sub(1) % VENUES.len(), |copied| copied.venue)
    }

    /// Lists the venues whose data a host holds.
    #[must_use]
    pub fn venues_of(&self, host: HostId) -> Vec<usize> {
        if host == EDGE { (0..VENUES.len()).collect() } else { vec![self.venue_of(host)] }
    }

    /// Tells whether a host is the copy of another.
    #[must_use]
    pub fn is_copy(&self, host: HostId) -> bool {
        self.copied.as_ref().is_some_and(|copied| copied.host == host)
    }

    /// Tells whether a host is a copy that has begun no life of its own: what is leased to the one
    /// that it shares is not its to spend.
    #[must_use]
    pub fn shares_its_life(&self, host: HostId) -> bool {
        let copied = self.copied.as_ref().filter(|copied| copied.host == host);
        copied.is_some_and(|copied| life(&self.hosts[host], copied.venue) == copied.shared)
    }

    /// Copies a gateway's disk, as it is now or as it was once, and switches the copy on.
    pub fn copy(&mut self, venue: usize) -> HostId {
        let old = self.images[venue + 1].clone().filter(|_| self.chance.happens(300));
        let image = old.unwrap_or_else(|| self.hosts[venue + 1].store.image());
        let host = self.add_gateway(venue, &image);
        let shared = life(&self.hosts[host], venue);
        self.copied = Some(Copied { host, venue, shared, is_gone: false });
        self.faults.copies += 1;
        host
    }

    /// Tells whether the copy and its original live lives of their own by now.
    #[must_use]
    pub fn has_parted(&self) -> bool {
        self.copied.as_ref().is_some_and(|copied| {
            let [one, other] =
                [copied.host, copied.venue + 1].map(|host| life(&self.hosts[host], copied.venue));
            one != other
        })
    }
}
