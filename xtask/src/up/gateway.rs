//! The gateway of a running venue: its configuration and its start.
//!
//! It must not know which kind of edge is behind the line.

use std::net::SocketAddr;

use anyhow::Result;

use super::{
    Served,
    data::{Data, Secrets},
    edge::{self, DOCUMENT, Enrolled, PEOPLE},
    options::Options,
};
use crate::workspace;

const TICKET_ORIGIN: &str = "K1";

/// A gateway that is ready.
pub(super) struct Gateway {
    /// Where it serves.
    pub(super) served: Served,
}

/// Starts the gateway at the near end of the line and waits until its store answers.
pub(super) fn start(
    options: &Options,
    data: &Data,
    secrets: &Secrets,
    enrolled: &Enrolled,
    line: SocketAddr,
) -> Result<Gateway> {
    // Each kind of edge is another edge with another memory: its gateway is another one, too.
    let store = data.inside(&format!("{}/gateway", options.edge.name()))?;
    let mut config = edge::config(options.gateway_port, store);
    for (key, value) in [
        ("secret", secrets.gateway.as_str()),
        ("venue", &enrolled.venue),
        ("replica", "gateway"),
        ("ticket_origin", TICKET_ORIGIN),
        ("edge_url", &format!("http://{line}")),
        ("device", &enrolled.device),
        ("device_key", &enrolled.device_key),
        ("shared_key", &enrolled.shared_key),
        ("document", &workspace::root().join(DOCUMENT).to_string_lossy()),
        ("demo_people", &workspace::root().join(PEOPLE).to_string_lossy()),
    ] {
        config.insert(key.to_owned(), value.into());
    }
    let path = data.write("gateway.toml", &config.to_string())?;
    let mut command = edge::relais(&enrolled.relais);
    let mut served = edge::serve("gateway", command.args(["gateway", "--config"]).arg(path))?;
    edge::wait_until_healthy(&mut served)?;
    Ok(Gateway { served })
}
