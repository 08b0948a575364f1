//! What `up` can be told. It must not know what becomes of it.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use lexopt::{Arg, Parser, ValueExt as _};

use crate::workspace;

/// Which host serves the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdgeKind {
    /// `relais edge` on SQLite.
    Native,
    /// The Worker in workerd with D1.
    Wrangler,
    /// The component in a Spin host.
    Spin,
}

impl EdgeKind {
    /// Every kind, the default first.
    pub const ALL: [Self; 3] = [Self::Native, Self::Wrangler, Self::Spin];

    /// Returns the name on the command line, which is also the name of the data folder.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Wrangler => "wrangler",
            Self::Spin => "spin",
        }
    }
}

/// The options of `up`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Which host serves the edge.
    pub edge: EdgeKind,
    /// The edge's port; 0 lets the system choose.
    pub edge_port: u16,
    /// The gateway's port; 0 lets the system choose.
    pub gateway_port: u16,
    /// The broker's port; a later issue brings the broker.
    pub mqtt_port: u16,
    /// Where everything is kept.
    pub data: PathBuf,
    /// Start with the line cut.
    pub offline: bool,
    /// Print one JSON object before `ready`.
    pub json: bool,
    /// Build the programs as venues run them: benchmarks do.
    pub optimised: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            edge: EdgeKind::Native,
            edge_port: 8787,
            gateway_port: 8080,
            mqtt_port: 1883,
            data: default_data(),
            offline: false,
            json: false,
            optimised: false,
        }
    }
}

/// Returns where data are kept when nothing else is said.
#[must_use]
pub fn default_data() -> PathBuf {
    workspace::root().join(".relais")
}

/// Reads the options.
///
/// # Errors
/// Fails when an option is unknown or its value wrong.
pub fn parse(arguments: &[String]) -> Result<Options> {
    let mut options = Options::default();
    let mut parser = Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("edge") => {
                let name = parser.value()?.string()?;
                let known = EdgeKind::ALL.into_iter().find(|kind| kind.name() == name);
                options.edge = known
                    .with_context(|| format!("--edge is native, wrangler or spin, not `{name}`"))?;
            }
            Arg::Long("edge-port") => options.edge_port = port(&mut parser, "--edge-port")?,
            Arg::Long("gateway-port") => {
                options.gateway_port = port(&mut parser, "--gateway-port")?;
            }
            Arg::Long("mqtt-port") => options.mqtt_port = port(&mut parser, "--mqtt-port")?,
            Arg::Long("data") => options.data = PathBuf::from(parser.value()?),
            Arg::Long("offline") => options.offline = true,
            Arg::Long("json") => options.json = true,
            other => bail!(other.unexpected()),
        }
    }
    if options.edge_port != 0 && options.edge_port == options.gateway_port {
        bail!("edge and gateway cannot share port {}", options.edge_port);
    }
    Ok(options)
}

fn port(parser: &mut Parser, option: &str) -> Result<u16> {
    let text = parser.value()?.string()?;
    text.parse().with_context(|| format!("{option} is a number up to 65535, not `{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words)
    }

    #[test]
    fn without_options_the_defaults_of_the_contract_hold() {
        let options = read("").unwrap();
        assert_eq!(options, Options::default());
        let ports = (options.edge_port, options.gateway_port, options.mqtt_port);
        assert_eq!(ports, (8787, 8080, 1883));
    }

    #[test]
    fn every_option_is_read() {
        let line = "--edge spin --edge-port 1 --gateway-port=2 --mqtt-port 3 --data d --offline \
                    --json";
        let expected = Options {
            edge: EdgeKind::Spin,
            edge_port: 1,
            gateway_port: 2,
            mqtt_port: 3,
            data: PathBuf::from("d"),
            offline: true,
            json: true,
            optimised: false,
        };
        assert_eq!(read(line).unwrap(), expected);
    }

    #[test]
    fn a_wrong_option_is_named() {
        let cases = [
            ("--edge lambda", "--edge is native, wrangler or spin, not `lambda`"),
            ("--edge-port many", "--edge-port is a number up to 65535, not `many`"),
            ("--edge-port 90 --gateway-port 90", "edge and gateway cannot share port 90"),
            ("--bogus", "invalid option '--bogus'"),
        ];
        for (line, message) in cases {
            assert_eq!(read(line).unwrap_err().to_string(), message);
        }
    }
}
