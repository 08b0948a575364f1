//! The uplink's part in the registry of devices: tells the edge which of them were heard on site.
//!
//! It must not know what a device is.

use super::Uplink;
use crate::{
    api::devices::{Told, ToldContact},
    host::Side,
    limits::CONTACTS_TOLD_EVERY_MS,
    metered::Metered,
    rows::device::heard_since,
};

const PATH: &str = "/api/device/contacts";

impl Uplink {
    /// Tells the contacts that are news, now and then; tells how many.
    ///
    /// # Errors
    /// Says what went wrong, for the log; it is tried again minutes later.
    pub async fn tell_contacts(&mut self) -> Result<usize, String> {
        if !matches!(self.app.host.side, Side::Gateway(_)) {
            return Ok(0);
        }
        let now_ms = self.app.clock.now_ms();
        if now_ms.abs_diff(self.contacts_told_ms) < CONTACTS_TOLD_EVERY_MS {
            return Ok(0);
        }
        self.contacts_told_ms = now_ms;
        let db = Metered::new(self.app.database.clone(), u32::MAX);
        // After a clock that was ahead everything is told anew.
        let since_ms = Some(self.contacts_until_ms).filter(|since| *since <= now_ms);
        let between = (since_ms.unwrap_or_default(), now_ms);
        let heard = heard_since(&db, &self.venue, between).await;
        let heard = heard.map_err(|fault| fault.detail)?;
        let Some(until_ms) = heard.last().map(|(_, contact)| contact.at_ms) else { return Ok(0) };
        let contacts = heard.into_iter().map(|(device, contact)| {
            let told = ToldContact {
                at_ms: contact.at_ms.saturating_add_signed(self.offset_ms),
                version: contact.version,
                network: contact.network,
            };
            (device, told)
        });
        let told = Told { contacts: contacts.collect() };
        let body = serde_json::to_vec(&told).map_err(|error| error.to_string())?;
        let answer = self.post((PATH, "application/json"), body).await?;
        if answer.status != 200 {
            return Err(self.refused(&answer));
        }
        self.contacts_until_ms = until_ms;
        Ok(told.contacts.len())
    }
}
