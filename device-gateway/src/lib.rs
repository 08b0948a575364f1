//! The host on the Pi, one binary `relais`.
//!
//! `relais gateway` serves one venue on site and exchanges with the edge; with `--standby` it keeps
//! a copy of what another gateway holds. `relais edge` is the self-hosted edge, `relais
//! verify-audit` checks a store's audit, and `relais enrol` makes the machine one of a venue. This
//! file reads the command line and wires; it must not hold behaviour. It is a library so that
//! suites reach the store and the folder of files that venues run on, and nothing else.

mod client;
mod config;
pub mod disk;
mod ear;
mod enrol;
mod files;
mod follower;
mod limits;
mod live;
mod marker;
mod native;
mod pace;
mod people;
mod postman;
pub mod press;
mod serve;
mod server;
mod smtp;
pub mod store;
mod tls;
mod trust;
mod uplink;
mod verify;

use std::path::PathBuf;

use config::{Config, Kind};

const USAGE: &str = "usage: relais gateway|edge|trust [--standby] --config FILE, or \
     relais verify-audit --config FILE, or \
     relais recover-admin --config FILE --email ADDRESS, or \
     relais enrol --edge URL --code CODE --config FILE";

/// Runs what the command line asks for; fails with a sentence for whoever asked.
///
/// # Errors
/// Fails when the command line or the configuration is wrong, or the host does not start.
pub fn run(arguments: Vec<String>) -> Result<(), String> {
    let mut arguments = arguments.into_iter();
    let command = arguments.next().ok_or(USAGE)?;
    if command == "enrol" {
        let words: Vec<String> = arguments.collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        return match words.as_slice() {
            ["--edge", edge, "--code", code, "--config", file] => {
                enrol::run(edge, code, &PathBuf::from(file))
            }
            _ => Err(USAGE.to_owned()),
        };
    }
    let mut arguments = arguments.peekable();
    let is_standby = arguments.next_if_eq("--standby").is_some();
    let file = match (arguments.next().as_deref(), arguments.next(), arguments.next()) {
        (Some("--config"), Some(file), None) => PathBuf::from(file),
        (Some("--config"), Some(file), Some(flag))
            if flag == "--email" && command == "recover-admin" =>
        {
            let email = arguments.next().filter(|_| !is_standby).ok_or(USAGE)?;
            return people::recover(&PathBuf::from(file), &email);
        }
        _ => return Err(USAGE.to_owned()),
    };
    let on_site = if is_standby { Kind::Standby } else { Kind::Gateway };
    match command.as_str() {
        "gateway" => serve::run(Config::load(&file, on_site)?),
        "trust" if !is_standby => trust::print(&Config::load(&file, on_site)?),
        "edge" if !is_standby => serve::run(Config::load(&file, Kind::Edge)?),
        "verify-audit" if !is_standby => verify::run(&file),
        other => Err(format!("unknown command {other}; {USAGE}")),
    }
}

/// Writes a line on standard output, which people and scripts read; the log goes to standard error.
fn print_line(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    // Whoever started us may have closed the pipe; the host serves all the same.
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
