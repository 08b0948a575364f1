//! Somebody is erased while the standby is off: what their key was is afterwards in no file of any
//! of the three machines, neither as it is kept nor as it is used.

use std::{fs, path::Path};

use domain::sealed;
use serde_json::json;
use sync_engine::seal::derive;

use super::site::{Node, SECRET, Site, until};

/// People who are known; their keys fill many pages, so that pages split and are put together.
const PEOPLE: usize = 150;
/// Those of them who are erased: every fifth.
const EVERY: usize = 5;
const LEFT: &str = "SELECT count(*) FROM person_key";

/// Everything that would tell a person's key.
struct Traces(Vec<Vec<u8>>);

#[test]
fn after_an_erasure_no_file_of_any_machine_holds_the_key() {
    let mut site = Site::start();
    let wanted = json!({"roles": ["kitchen"]});
    let people: Vec<(String, String)> =
        (0..PEOPLE).map(|_| site.edge.sign_in_as(&wanted)).collect();
    for node in [&site.gateway, &site.standby] {
        until("all keys are here", || node.count(LEFT) == PEOPLE as i64);
    }
    let gone: Vec<&(String, String)> = people.iter().step_by(EVERY).collect();
    let secrets = ["the edge's own secret", SECRET, SECRET];
    let nodes = [&site.edge, &site.gateway, &site.standby];
    let traces: Vec<Traces> =
        nodes.iter().zip(secrets).map(|(node, secret)| traces(node, secret, &gone)).collect();
    for (node, traces) in nodes.iter().zip(&traces) {
        assert!(traces.found_in(node.folder()) > 0, "the search finds what is there");
    }

    site.standby.kill();
    for (cookie, _) in &gone {
        let answer = site.edge.ask("POST /account/erase", &[("cookie", cookie)], "");
        assert_eq!(answer.status, 303, "{answer:?}");
    }
    let left = (PEOPLE - gone.len()) as i64;
    assert_eq!(site.edge.count(LEFT), left);
    until("the gateway has heard of it", || site.gateway.count(LEFT) == left);
    site.standby.restart();
    until("the standby has heard of it", || site.standby.count(LEFT) == left);
    // Each machine's traces are looked for on all three: keys travel.
    for node in [&site.edge, &site.gateway, &site.standby] {
        let found: usize = traces.iter().map(|traces| traces.found_in(node.folder())).sum();
        assert_eq!(found, 0, "traces in {}", node.folder().display());
    }
    let stay = "SELECT count(*) FROM person_key k JOIN person p ON p.id = k.person";
    assert_eq!(site.standby.count(stay), left, "nobody else lost theirs");
}

fn traces(node: &Node, secret: &str, gone: &[&(String, String)]) -> Traces {
    let wrapping = derive(secret.as_bytes(), "person-keys");
    let mut all = Vec::new();
    for (_, person) in gone {
        let sql = format!("SELECT wrapped FROM person_key WHERE person = '{person}'");
        let rows = node.sql("read", &sql);
        let wrapped = rows[0][0]["wrapped"].as_str().unwrap_or_else(|| panic!("{rows}"));
        let hex = sealed::open(&wrapping, person, wrapped).expect("the key opens");
        all.push(sealed::from_hex(&hex).unwrap());
        all.push(hex.into_bytes());
        all.push(wrapped.as_bytes().to_vec());
    }
    Traces(all)
}

impl Traces {
    fn found_in(&self, folder: &Path) -> usize {
        let mut found = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_file() && (name.contains(".db") || name.contains("wal")) {
                let bytes = fs::read(&path).unwrap();
                found += self.0.iter().filter(|trace| holds(&bytes, trace)).count();
            }
        }
        found
    }
}

/// Both are long: the first bytes are looked for first.
fn holds(bytes: &[u8], trace: &[u8]) -> bool {
    bytes.windows(trace.len()).any(|window| window[0] == trace[0] && window == trace)
}
