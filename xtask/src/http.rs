//! Plain HTTP to this machine's own servers. It must not know what they answer.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use ureq::{RequestBuilder, typestate::WithBody};

/// How long a server on this machine may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// A client that never leaves this machine: no proxy of the environment is asked.
pub struct Client(ureq::Agent);

impl Default for Client {
    fn default() -> Self {
        let config = ureq::Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(ANSWER_WITHIN))
            .build();
        Self(config.into())
    }
}

impl Client {
    /// Tells whether the server answers this address with success.
    #[must_use]
    pub fn succeeds(&self, url: &str) -> bool {
        self.0.get(url).call().is_ok_and(|answer| answer.status().is_success())
    }

    /// Tells whether the server that is called by this name answers this address with success.
    #[must_use]
    pub fn succeeds_at(&self, url: &str, host: &str) -> bool {
        self.0.get(url).header("host", host).call().is_ok_and(|answer| answer.status().is_success())
    }

    /// Sends a JSON document to a server that is called by this name; returns the JSON answer.
    ///
    /// # Errors
    /// Fails when the server does not answer, refuses, or answers something else than JSON.
    pub fn post_at(&self, url: &str, host: &str, document: &str) -> Result<Value> {
        let request = self.0.post(url).header("host", host);
        Self::answer(request.header("content-type", "application/json"), url, document)
    }

    /// Sends a JSON document and returns the JSON answer.
    ///
    /// # Errors
    /// Fails when the server does not answer, refuses, or answers something else than JSON.
    pub fn post(&self, url: &str, bearer: &str, document: &str) -> Result<Value> {
        let request = self.0.post(url).header("authorization", &format!("Bearer {bearer}"));
        Self::answer(request.header("content-type", "application/json"), url, document)
    }

    fn answer(request: RequestBuilder<WithBody>, url: &str, document: &str) -> Result<Value> {
        let answer = request.send(document);
        let mut answer = answer.with_context(|| format!("{url} does not answer"))?;
        let status = answer.status();
        let text = answer.body_mut().read_to_string().context("the answer breaks off")?;
        if !status.is_success() {
            bail!("{url} answered {status}: {text}");
        }
        serde_json::from_str(&text).with_context(|| format!("{url} answered no JSON: {text}"))
    }
}
