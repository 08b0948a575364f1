//! Which sign-in provider vouches for people at a native host, or none.
//!
//! It must not connect to anything.

use std::sync::Arc;

use app::{
    openid,
    outbound::{Outbound, Reach},
    ports::Alone,
};

use super::Settings;

/// The keys that are read here.
pub(super) const KEYS: [&str; 5] = [
    "openid_issuer",
    "openid_client_id",
    "openid_client_secret",
    "openid_label",
    "openid_token_origin",
];

impl Settings {
    /// Reads everything about a sign-in provider.
    pub(super) fn openid(&mut self, reach: Reach) -> openid::Settings {
        let mut text = |key: &str| self.take(key).unwrap_or_default();
        let read = openid::Settings {
            issuer: text("openid_issuer"),
            client_id: text("openid_client_id"),
            client_secret: text("openid_client_secret"),
            label: text("openid_label"),
            token_origin: text("openid_token_origin"),
        };
        let all = [&read.client_id, &read.client_secret, &read.label, &read.token_origin];
        if read.issuer.is_empty() && all.into_iter().any(|text| !text.is_empty()) {
            self.problem("openid_issuer: missing; give it, or remove what is for sign-in");
        }
        let mut nowhere = Outbound::new(Arc::new(Alone), reach);
        if let Err(problem) = read.clone().provider(&mut nowhere, reach) {
            self.problem(&format!("openid_issuer and its companions: {problem}"));
        }
        read
    }
}
