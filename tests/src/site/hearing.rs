//! A gateway that listens at its edge: what is ordered there is here sooner than it could ask.
//!
//! It must not know how the edge is served.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use xtask::{http::Client, proxy::Mode};

use super::{Edge, Site};
use crate::contract::{
    listener::Listener,
    venue::{cheese_king, order_id},
};

const HOST: &str = "chakri.be";
/// Orders in a row. A gateway that only asks takes three quarters of a second for each.
const ORDERS: u32 = 24;
/// What they may take together: far less than asking takes, far more than hearing does.
const TOGETHER: Duration = Duration::from_secs(9);

/// Starts a site, orders at the edge and follows the orders to the gateway; cuts the line; again.
///
/// # Errors
/// Fails when the site does not start or an order comes late.
pub fn changes_are_heard(kind: Edge) -> Result<()> {
    let site = Site::start(kind)?;
    let gateway = site.gateway.address().to_string();
    let mut board = Listener::connect(&gateway, &[("host", &gateway)])
        .map_err(|status| anyhow::anyhow!("the gateway gives no socket: {status}"))?;
    // The first order may come while the gateway does not listen yet.
    let mut number = 1;
    follow(&site, &mut board, number)?;
    for line in ["as it was", "restored"] {
        let started = Instant::now();
        for _ in 0..ORDERS {
            number += 1;
            follow(&site, &mut board, number)?;
        }
        let took = started.elapsed();
        ensure!(took < TOGETHER, "{ORDERS} orders took {took:?} over the line {line}");
        if line == "as it was" {
            site.line.set(Mode::Reset);
            number += 1;
            place(&site, number)?;
            site.line.set(Mode::Pass);
            // What was ordered during the cut comes first, then the gateway listens again.
            arrives(&site, &mut board, number)?;
            number += 1;
            follow(&site, &mut board, number)?;
        }
    }
    Ok(())
}

fn follow(site: &Site, board: &mut Listener, number: u32) -> Result<()> {
    place(site, number)?;
    arrives(site, board, number)
}

fn place(site: &Site, number: u32) -> Result<()> {
    let url = format!("http://{}/api/orders", site.edge);
    Client::default().post_at(&url, HOST, &cheese_king(number).to_string()).map(drop)
}

/// Waits for the gateway's word that there is something new, until the order is there.
fn arrives(site: &Site, board: &mut Listener, number: u32) -> Result<()> {
    let url = format!("http://{}/api/orders/{}", site.gateway.address(), order_id(number));
    while !Client::default().succeeds(&url) {
        board.hear().context("the gateway hung up")?;
    }
    Ok(())
}
