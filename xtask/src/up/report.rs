//! What `up` tells: a table for people, one JSON object for scripts, then `ready`.
//!
//! It must not know how anything was started.

use std::io::{Write as _, stderr, stdout};

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Served, edge::Enrolled, gateway::Gateway, options::Options};

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
        people: people(&enrolled.people)?,
        sensor_token: enrolled.sensor_token.clone(),
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

struct Facts {
    edge: String,
    gateway: String,
    people: Vec<Person>,
    sensor_token: String,
}

/// One of the demo's people, as its document says.
#[derive(Deserialize)]
struct Person {
    name: String,
    email: String,
    password: String,
    #[serde(default)]
    pin: String,
    #[serde(default)]
    totp: String,
    roles: Vec<String>,
}

impl Person {
    /// Whoever has no role at the venue opens venues.
    fn role(&self) -> &str {
        self.roles.first().map_or("platform", String::as_str)
    }
}

fn people(text: &str) -> Result<Vec<Person>> {
    serde_json::from_str(text).context("the demo's people cannot be read")
}

fn table(options: &Options, facts: &Facts) -> String {
    let (edge, gateway) = (&facts.edge, &facts.gateway);
    let line = if options.offline {
        "cut (restore it by `cargo xtask link up`)"
    } else {
        "up (cut it by `cargo xtask link down`)"
    };
    let mut text = format!(
        "\n  Chakri, the demo venue, on this machine\n\n  \
         {:<24}{edge}/\n  {:<24}{gateway}/kiosk\n  {:<24}{edge}/login\n  {:<24}{gateway}/login\n  \
         {:<24}{gateway}/styleguide\n\n  {:<18}{:<28}{:<24}name and PIN on site\n",
        "public page (edge)",
        "kiosk (gateway)",
        "sign in (edge)",
        "sign in (gateway)",
        "style guide",
        "demo login",
        "address",
        "password",
    );
    for person in &facts.people {
        let on_site = match person.pin.as_str() {
            "" => String::new(),
            pin => format!("{} · {pin}", person.name),
        };
        let (role, email, password) = (person.role(), &person.email, &person.password);
        text += &format!("  {role:<18}{email:<28}{password:<24}{on_site}\n");
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
fn object(facts: &Facts) -> Value {
    let login = |person: &Person| {
        json!({
            "url": format!("{}/login", facts.gateway),
            "edge_url": format!("{}/login", facts.edge),
            "email": person.email,
            "password": person.password,
            "name": person.name,
            "pin": person.pin,
        })
    };
    let by_role = |value: &dyn Fn(&Person) -> Option<Value>| -> serde_json::Map<String, Value> {
        let one = |person: &Person| Some((person.role().to_owned(), value(person)?));
        facts.people.iter().filter_map(one).collect()
    };
    let secret =
        |person: &Person| (!person.totp.is_empty()).then(|| Value::from(person.totp.as_str()));
    json!({
        "edge": facts.edge,
        "gateway": facts.gateway,
        "mqtt": null,
        "logins": by_role(&|person| Some(login(person))),
        "stripe_webhook_secret": null,
        "sensor_token": facts.sensor_token,
        "totp_secrets": by_role(&secret),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_has_every_key_of_the_contract() {
        let people = people(
            r#"[{"name": "Olga", "email": "olga@demo.example", "password": "o", "pin": "314159",
                 "totp": "JBSWY3DP", "roles": ["owner"]},
                {"name": "Paule", "email": "paule@demo.example", "password": "p", "roles": []}]"#,
        );
        let facts = Facts {
            edge: "http://127.0.0.1:1".to_owned(),
            gateway: "http://127.0.0.1:2".to_owned(),
            people: people.unwrap(),
            sensor_token: "sensor-demo.1.abc".to_owned(),
        };
        let object = object(&facts);
        assert_eq!(object["edge"], "http://127.0.0.1:1");
        assert_eq!(object["logins"]["owner"]["url"], "http://127.0.0.1:2/login");
        assert_eq!(object["logins"]["owner"]["pin"], "314159");
        assert_eq!(object["logins"]["platform"]["email"], "paule@demo.example");
        assert_eq!(object["totp_secrets"], json!({"owner": "JBSWY3DP"}));
        assert_eq!(object["sensor_token"], "sensor-demo.1.abc");
        for later in ["mqtt", "stripe_webhook_secret"] {
            assert_eq!(object.get(later), Some(&Value::Null), "{later}");
        }
        let table = table(&Options::default(), &facts);
        for needed in ["http://127.0.0.1:2/kiosk", "Olga · 314159", "http://127.0.0.1:1/login"] {
            assert!(table.contains(needed), "{needed} is missing in {table}");
        }
    }
}
