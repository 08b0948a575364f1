//! What `up` tells: a table for people, one JSON object for scripts, then `ready`.
//!
//! It must not know how anything was started.

use std::io::{Write as _, stderr, stdout};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{Served, edge::Enrolled, gateway::Gateway, options::Options};

/// The roles that sign in at a station.
const ROLES: [&str; 2] = ["kitchen", "counter"];

/// Prints everything, and `ready` as the last line.
pub(super) fn print(
    options: &Options,
    edge: &Served,
    enrolled: &Enrolled,
    gateway: &Gateway,
) -> Result<()> {
    let facts = Facts {
        edge: edge.url(""),
        gateway: gateway.served.url(""),
        at_edge: &enrolled.stations,
        at_gateway: &gateway.stations,
    };
    let table = table(options, &facts);
    if options.json {
        // Scripts read stdout; people still see the table.
        write!(stderr(), "{table}").context("stderr is closed")?;
        writeln!(stdout(), "{}", object(&facts)).context("stdout is closed")?;
    } else {
        write!(stdout(), "{table}").context("stdout is closed")?;
    }
    writeln!(stdout(), "ready").and_then(|()| stdout().flush()).context("stdout is closed")
}

struct Facts<'a> {
    edge: String,
    gateway: String,
    at_edge: &'a Value,
    at_gateway: &'a Value,
}

fn key(stations: &Value, role: &str) -> String {
    stations.get(role).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn table(options: &Options, facts: &Facts<'_>) -> String {
    let (edge, gateway) = (&facts.edge, &facts.gateway);
    let line = if options.offline {
        "cut (restore it by `cargo xtask link up`)"
    } else {
        "up (cut it by `cargo xtask link down`)"
    };
    let mut text = format!(
        "\n  Chakri, the demo venue, on this machine\n\n  \
         {:<24}{edge}/\n  {:<24}{gateway}/kiosk\n  {:<24}{gateway}/styleguide\n\n  \
         {:<24}{:<36}key\n",
        "public page (edge)", "kiosk (gateway)", "style guide", "demo login", "address",
    );
    let places = [("gateway", gateway, facts.at_gateway), ("edge", edge, facts.at_edge)];
    for (place, url, stations) in places {
        for role in ROLES {
            let name = format!("{role} ({place})");
            text +=
                &format!("  {name:<24}{:<36}{}\n", format!("{url}/{role}"), key(stations, role));
        }
    }
    text += &format!(
        "\n  {:<24}{}\n  {:<24}{line}\n  {:<24}{}\n\n",
        "edge runs on",
        options.edge.name(),
        "line to the edge",
        "data",
        options.data.display(),
    );
    text
}

/// What a later issue delivers is null until then.
fn object(facts: &Facts<'_>) -> Value {
    let login = |role: &str| {
        json!({
            "url": format!("{}/{role}", facts.gateway),
            "key": key(facts.at_gateway, role),
            "edge_url": format!("{}/{role}", facts.edge),
            "edge_key": key(facts.at_edge, role),
        })
    };
    let logins: serde_json::Map<String, Value> =
        ROLES.iter().map(|role| ((*role).to_owned(), login(role))).collect();
    json!({
        "edge": facts.edge,
        "gateway": facts.gateway,
        "mqtt": null,
        "logins": logins,
        "stripe_webhook_secret": null,
        "sensor_token": null,
        "totp_secrets": null,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(prefix: &str) -> Value {
        json!({"kitchen": format!("{prefix}-kitchen"), "counter": format!("{prefix}-counter")})
    }

    #[test]
    fn the_object_has_every_key_of_the_contract() {
        let (at_edge, at_gateway) = (keys("e"), keys("g"));
        let facts = Facts {
            edge: "http://127.0.0.1:1".to_owned(),
            gateway: "http://127.0.0.1:2".to_owned(),
            at_edge: &at_edge,
            at_gateway: &at_gateway,
        };
        let object = object(&facts);
        assert_eq!(object["edge"], "http://127.0.0.1:1");
        assert_eq!(object["logins"]["kitchen"]["url"], "http://127.0.0.1:2/kitchen");
        assert_eq!(object["logins"]["kitchen"]["key"], "g-kitchen");
        assert_eq!(object["logins"]["counter"]["edge_key"], "e-counter");
        for later in ["mqtt", "stripe_webhook_secret", "sensor_token", "totp_secrets"] {
            assert_eq!(object.get(later), Some(&Value::Null), "{later}");
        }
        let table = table(&Options::default(), &facts);
        for needed in ["http://127.0.0.1:2/kiosk", "g-counter", "e-kitchen", "http://127.0.0.1:1/"]
        {
            assert!(table.contains(needed), "{needed} is missing in {table}");
        }
    }
}
