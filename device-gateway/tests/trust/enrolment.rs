//! Enrolling machines with real processes: the code, the file, and the key that is renewed.

use std::{
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value as Json, json};

use crate::processes::{Process, config, edge_config, open_venue, post};

/// Whoever looks after machines, signed in at a host.
struct Staff<'a> {
    at: &'a Process,
    headers: String,
}

impl<'a> Staff<'a> {
    fn sign_in(at: &'a Process) -> Self {
        let (head, _) = post(at, "/contract/sign-in", "", r#"{"roles": ["technician"]}"#);
        let (_, rest) = head.split_once("relais_session=").expect(&head);
        let token = rest.split(';').next().unwrap_or_default();
        let csrf = app::csrf::of(token);
        let headers = format!("cookie: relais_session={token}\r\nrelais-csrf: {csrf}\r\n");
        Self { at, headers }
    }

    fn ask(&self, path: &str, body: &Json) -> Json {
        post(self.at, path, &self.headers, &body.to_string()).1
    }

    /// Makes a code for a machine of this kind.
    fn code(&self, kind: &str) -> String {
        let offered = self.ask("/api/devices", &json!({"kind": kind, "name": "Pi"}));
        offered["code"].as_str().unwrap_or_else(|| panic!("{offered}")).to_owned()
    }
}

fn enrol(at: &Process, code: &str, file: &Path) -> (bool, String) {
    let url = format!("http://{}", at.address);
    let mut command = Command::new(env!("CARGO_BIN_EXE_relais"));
    command.args(["enrol", "--edge", &url, "--code", code, "--config"]).arg(file);
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.success(), String::from_utf8_lossy(&stderr).into_owned())
}

fn key(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let table: toml::Table = text.parse().unwrap();
    table["device_key"].as_str().unwrap().to_owned()
}

#[test]
fn a_gateway_is_enrolled_by_a_code_and_again_for_another_key() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let edge = Process::start("edge", &edge_config(folder, ""));
    let first = open_venue(&edge);
    let staff = Staff::sign_in(&edge);
    let code = staff.code("gateway");
    let file = config(folder, "gateway", "# Ours.\nsecret = \"the gateway's secret\"");
    // One who asks somebody else already goes on doing so, and the code is still good.
    let elsewhere = config(folder, "elsewhere", "edge_url = \"https://other.example\"");
    assert!(enrol(&edge, &code, &elsewhere).1.contains("it is enrolled elsewhere"));
    let spread = config(folder, "spread", "venue = \"\"\"\nchakri\"\"\"");
    assert!(enrol(&edge, &code, &spread).1.contains("on one line each"));
    let of_another = config(folder, "of_another", "venue = \"other\"");
    assert!(enrol(&edge, "ZZZZ-ZZZZ", &file).1.contains("code_not_good"));
    assert_eq!(enrol(&edge, &code, &file), (true, String::new()));
    let mode = file.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(enrol(&edge, &code, &folder.join("late.toml")).1.contains("code_not_good"), "used");
    assert!(!folder.join("late.toml").exists(), "what failed leaves nothing");
    let second = key(&file);
    assert!(second.starts_with("2.") && !first.contains('.'), "{first} {second}");
    let gateway = Process::start("gateway", &file);
    gateway.says("the edge certified this gateway");
    drop(gateway);

    let before = std::fs::read_to_string(&of_another).unwrap();
    let said = enrol(&edge, &staff.code("gateway"), &of_another).1;
    assert!(said.contains("the code is one of chakri"), "{said}");
    assert_eq!(std::fs::read_to_string(&of_another).unwrap(), before);

    let renewed = staff.ask("/api/devices/gateway", &json!({"do": "rotate"}));
    assert_eq!(renewed["device"]["key"], "2");
    assert_eq!(enrol(&edge, renewed["code"].as_str().unwrap(), &file), (true, String::new()));
    assert!(key(&file).starts_with("4."), "the third was given to nobody's file");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("# Ours.\nsecret = ") && text.matches("venue = ").count() == 1, "{text}");
    let gateway = Process::start("gateway", &file);
    gateway.says("the edge answers");
    assert_eq!(staff.ask("/api/devices/gateway", &json!({"do": "admit"}))["device"]["key"], "4");
}

#[test]
fn a_standby_is_enrolled_at_its_gateway_and_its_key_ends_when_it_is_stolen() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/venues/chakri.json");
    let first = format!(
        "secret = \"the gateway's secret\"\nvenue = \"chakri\"\ndocument = \"{document}\"\n"
    );
    let gateway = Process::start("gateway", &config(folder, "gateway", &first));
    let staff = Staff::sign_in(&gateway);
    let file = config(folder, "standby", "secret = \"a secret of its own\"");
    assert_eq!(enrol(&gateway, &staff.code("standby"), &file), (true, String::new()));
    let standby = Process::start("gateway --standby", &file);
    gateway.says("the standby follows");
    staff.ask("/api/devices/standby", &json!({"do": "replace"}));
    standby.says("device_key_ended");
    // What the gateway's own devices are bound to was not the standby's to lose.
    let rows = rusqlite::Connection::open(folder.join("gateway/relais.db")).unwrap();
    let shared = "SELECT shared FROM replica_key WHERE device = 'standby'";
    assert_eq!(rows.query_row(shared, [], |row| row.get::<_, i64>(0)).unwrap(), 1);
}
