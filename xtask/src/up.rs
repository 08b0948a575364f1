//! `cargo xtask up`: builds what is missing and runs a whole venue on this machine.
//!
//! It starts the edge, the gateway and the line between them, prints every address, and ends them
//! together. What the programs do inside is their own business.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    thread,
};

use anyhow::{Result, bail};

use crate::{
    link::Control,
    process::{self, LOOK_EVERY, Running},
    proxy::{Line, Mode},
};

mod data;
mod edge;
mod gateway;
pub mod options;
mod report;

use data::Data;
use edge::Enrolled;
use gateway::Gateway;
use options::Options;

/// Runs `cargo xtask up` until it is asked to end.
///
/// # Errors
/// Fails when something cannot be built or started, or ends by itself.
pub fn run(arguments: &[String]) -> Result<()> {
    let options = options::parse(arguments)?;
    process::catch_signals()?;
    match start_and_watch(&options) {
        // Whatever broke off because of the request to end is no failure.
        Err(_) if process::asked_to_end() => {
            eprintln!("ended");
            Ok(())
        }
        outcome => outcome,
    }
}

fn start_and_watch(options: &Options) -> Result<()> {
    let site = Site::start(options)?;
    let _control = Control::listen(site.data.folder(), Arc::clone(&site.line))?;
    report::print(options, &site.edge, &site.enrolled, &site.gateway)?;
    watch(&mut [site.edge.running, site.gateway.served.running])
}

/// A venue that runs: edge, line and gateway. They end with this value.
pub struct Site {
    edge: Served,
    enrolled: Enrolled,
    gateway: Gateway,
    line: Arc<Line>,
    data: Data,
}

impl Site {
    /// Builds what is missing and starts everything.
    ///
    /// # Errors
    /// Fails when something cannot be built or started.
    pub fn start(options: &Options) -> Result<Self> {
        let data = Data::open(&options.data)?;
        check_port("the edge", "--edge-port", options.edge_port)?;
        check_port("the gateway", "--gateway-port", options.gateway_port)?;
        let parts = edge::build(options)?;
        let secrets = data.secrets()?;
        // What ends by an early return ends politely: `Running` sees to it.
        let edge = edge::start(options, &data, &secrets, &parts)?;
        let enrolled = edge::set_up(&edge, &secrets, &parts)?;
        let mode = if options.offline { Mode::Reset } else { Mode::Pass };
        let line = Arc::new(Line::open(edge.address, mode)?);
        let gateway = gateway::start(options, &data, &secrets, &enrolled, line.address())?;
        Ok(Self { edge, enrolled, gateway, line, data })
    }

    /// Returns where the edge listens.
    #[must_use]
    pub const fn edge(&self) -> SocketAddr {
        self.edge.address
    }

    /// Returns where the gateway listens.
    #[must_use]
    pub const fn gateway(&self) -> SocketAddr {
        self.gateway.served.address
    }

    /// Returns the gateway's process.
    #[must_use]
    pub fn gateway_pid(&self) -> u32 {
        self.gateway.served.running.pid()
    }

    /// Ends both, politely.
    pub fn end(&mut self) {
        for running in [&mut self.gateway.served.running, &mut self.edge.running] {
            running.end();
        }
    }
}

/// Fails early, with a sentence, when a port is taken.
fn check_port(what: &str, option: &str, port: u16) -> Result<()> {
    if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
        bail!("port {port} for {what} is taken: end what uses it, or choose another by {option}");
    }
    Ok(())
}

/// Waits until one of the children ends, which is an error, or this process is asked to end.
fn watch(children: &mut [Running]) -> Result<()> {
    let outcome = wait_for_an_end(children);
    for child in children.iter() {
        child.ask_to_end();
    }
    for child in children.iter_mut() {
        child.end();
    }
    outcome
}

fn wait_for_an_end(children: &mut [Running]) -> Result<()> {
    loop {
        for child in children.iter_mut() {
            while child.next_line().is_some() {}
            child.check(process::never(), "never ends")?;
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// A server that is ready, and where.
struct Served {
    running: Running,
    address: SocketAddr,
}

impl Served {
    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::process::Show;

    #[test]
    fn a_taken_port_is_said_before_anything_starts() {
        let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = holder.local_addr().unwrap().port();
        let error = check_port("the edge", "--edge-port", port).unwrap_err().to_string();
        assert!(error.starts_with(&format!("port {port} for the edge is taken")), "{error}");
    }

    #[test]
    fn when_one_child_ends_the_others_end_too_and_it_is_named() {
        let start = |name, seconds| {
            let mut command = Command::new("sleep");
            Running::start(name, command.arg(seconds), Show::Nothing).unwrap()
        };
        let mut children = [start("lasting", "60"), start("fleeting", "0")];
        let error = watch(&mut children).unwrap_err().to_string();
        assert!(error.starts_with("fleeting ended by itself"), "{error}");
        assert!(children[0].ended().unwrap().is_some());
    }
}
