//! The one way out to others: mail services, sign-in providers, stores of files.
//!
//! Each errand has its origins, from launch configuration; nothing else is ever asked, whatever an
//! answer or a person says. The line between a gateway and its edge is not among them: it goes
//! where the configuration says, on site too. It must not know what is asked.

mod address;
mod origin;

use std::{collections::BTreeMap, sync::Arc};

pub use address::Reach;
pub use origin::Origin;

use crate::ports::{Alone, Fault, Http, Incoming, Outgoing};

/// What somebody outside is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Errand {
    /// Sending mails.
    Mail,
    /// Signing people in.
    OpenId,
    /// Keeping files.
    Blobs,
}

/// The way out, with its list of origins.
pub struct Outbound {
    http: Arc<dyn Http>,
    reach: Reach,
    allowed: BTreeMap<Errand, Vec<Origin>>,
}

impl Outbound {
    /// Goes nowhere until an origin is allowed. The adapter refuses what lies out of reach as well
    /// where it sees the addresses that names stand for.
    #[must_use]
    pub fn new(http: Arc<dyn Http>, reach: Reach) -> Self {
        Self { http, reach, allowed: BTreeMap::new() }
    }

    /// Allows the origin of this address for the errand.
    ///
    /// # Errors
    /// Says, for who configures, why the address is not one to go to.
    pub fn allow(&mut self, errand: Errand, url: &str) -> Result<(), String> {
        let origin = Origin::of(url, self.reach)?;
        self.allowed.entry(errand).or_default().push(origin);
        Ok(())
    }

    /// Sends a request on an errand; follows no redirect.
    ///
    /// # Errors
    /// Refuses, for good, what is not allowed for the errand; and fails as the adapter does.
    pub async fn send(&self, errand: Errand, request: Outgoing) -> Result<Incoming, Fault> {
        let refused = |why: &str| Fault::lasting(format!("a request was not let out: {why}"));
        let origin = Origin::of(&request.url, self.reach).map_err(|why| refused(&why))?;
        if !self.allowed.get(&errand).is_some_and(|allowed| allowed.contains(&origin)) {
            return Err(refused("its origin is not on the list"));
        }
        let plain = |text: &str| text.bytes().all(|b| b == b'\t' || (b' '..0x7f).contains(&b));
        if !request.headers.iter().all(|(_, value)| plain(value)) {
            return Err(refused("a header is no plain text"));
        }
        self.http.send(request).await
    }
}

impl Default for Outbound {
    fn default() -> Self {
        Self::new(Arc::new(Alone), Reach::Public)
    }
}

#[cfg(test)]
mod tests;
