//! What an enrolment gave: the machine's own key, and what it shares with whom it asks.
//!
//! It must not know how they are got.

use app::{
    host::{self, Secret},
    uplink::EdgeAccess,
};
use domain::{device::replica::Credential, sealed};

use super::Settings;

impl Settings {
    pub(super) fn device_key(&mut self, text: &str) -> Credential {
        Credential::parse(text).unwrap_or_else(|| {
            self.problem("device_key: 64 hexadecimal digits are expected, as the enrolment wrote");
            Credential { version: 1, secret: [0; 32] }
        })
    }

    /// What is shared comes from the first key; whoever has a later one was told it.
    pub(super) fn shared_key(&mut self, edge: Option<&EdgeAccess>) -> Option<Secret> {
        let Some(text) = self.take("shared_key") else {
            let key = edge.map(|edge| edge.key)?;
            if key.version > 1 {
                self.problem("shared_key: missing; enrol again, which writes it");
            }
            return Some(Secret::new(host::shared(&key.secret)));
        };
        let bytes = sealed::from_hex(&text).filter(|bytes| bytes.len() == sealed::KEY_BYTES);
        if bytes.is_none() {
            self.problem("shared_key: 64 hexadecimal digits are expected, as the enrolment wrote");
        }
        bytes.map(Secret::new)
    }
}
