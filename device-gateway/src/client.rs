//! Requests that leave a native host.
//!
//! One client goes where the configuration says, on site too: the uplink's. The other goes to
//! public addresses only, and looks at them when it connects: what a name stood for a moment ago
//! says nothing. It must not know what is asked.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use app::{
    outbound::Reach,
    ports::{Fault, Http, Incoming, Method, Outgoing, Pending},
};
use http::header;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};

use crate::limits;

/// A way out.
#[derive(Clone)]
pub(crate) struct Client(reqwest::Client);

impl Client {
    /// Makes the client that goes anywhere: no redirects, no proxy, time limits.
    pub(crate) fn new() -> Result<Self, String> {
        builder().build().map(Self).map_err(|error| error.to_string())
    }

    /// Makes the client that connects only to what is within reach.
    pub(crate) fn guarded(reach: Reach) -> Result<Self, String> {
        let client = builder().dns_resolver(Arc::new(Guard(reach))).build();
        client.map(Self).map_err(|error| error.to_string())
    }

    /// Asks for a socket.
    ///
    /// # Errors
    /// Returns the status with which the edge refused, if it answered at all.
    pub(crate) async fn upgrade(
        &self,
        outgoing: Outgoing,
    ) -> Result<reqwest::Upgraded, Option<u16>> {
        let key = generate_key();
        let mut request = self.0.get(outgoing.url);
        for (name, value) in outgoing.headers {
            request = request.header(name, value);
        }
        let request = request
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, &key);
        let answer = request.send().await.map_err(|_| None)?;
        let status = answer.status().as_u16();
        let accept = answer.headers().get(header::SEC_WEBSOCKET_ACCEPT);
        let proof = derive_accept_key(key.as_bytes());
        if status != 101 || accept.is_none_or(|accept| accept.as_bytes() != proof.as_bytes()) {
            return Err(Some(status));
        }
        answer.upgrade().await.map_err(|_| None)
    }

    async fn ask(&self, outgoing: Outgoing) -> Result<Incoming, Fault> {
        let passing = |error: reqwest::Error| Fault::passing(chain(&error.without_url()));
        let wanted = outgoing.wanted;
        let mut request = match outgoing.method {
            Method::Get => self.0.get(outgoing.url),
            Method::Post => self.0.post(outgoing.url).body(outgoing.body),
            Method::Put => {
                // An empty body would leave without a length, which stores of files refuse.
                let length = outgoing.body.len();
                let request = self.0.put(outgoing.url).body(outgoing.body);
                request.header(header::CONTENT_LENGTH, length)
            }
            Method::Delete => self.0.delete(outgoing.url),
        };
        for (name, value) in outgoing.headers {
            request = request.header(name, value);
        }
        let request = request.timeout(Duration::from_millis(wanted.within_ms));
        let mut answer = request.send().await.map_err(passing)?;
        let header = |name: &'static str| {
            let value = answer.headers().get(name)?.to_str().ok()?;
            Some((name, value.to_owned()))
        };
        let headers = wanted.headers.iter().filter_map(|name| header(name)).collect();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(passing)? {
            body.extend_from_slice(&chunk);
            if body.len() > wanted.body_bytes {
                return Err(Fault::lasting("the answer is longer than any that is wanted"));
            }
        }
        Ok(Incoming { status: answer.status().as_u16(), headers, body })
    }
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(limits::CONNECT)
        .timeout(limits::REQUEST_OUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
}

/// Resolves names, and keeps back the addresses that are out of reach.
struct Guard(Reach);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> =
                found.filter(|address| reach.admits(address.ip())).collect();
            if found.is_empty() {
                return Err(io::Error::other("the name stands for no public address").into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Returns an error with its causes: what a library says first is rarely why.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

impl Http for Client {
    fn send<'a>(&'a self, request: Outgoing) -> Pending<'a, Result<Incoming, Fault>> {
        Box::pin(self.ask(request))
    }
}

#[cfg(test)]
mod tests;
