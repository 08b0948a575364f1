//! `relais recover-admin` on a running gateway without an edge: a lost administrator is let in
//! again by whoever has the machine, and nobody else stays.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "this is a test: what fails panics")]

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use reqwest::{Client, redirect::Policy};
use rusqlite::{Connection, OpenFlags};

const EMAIL: &str = "paule@demo.example";
const BEFORE: &str = "treize frites au soir";
const AFTER: &str = "quatorze frites au soir";
const CODE: &str = "a set-up code of some length";

/// A gateway that ends with this value.
struct Gateway(Child);

impl Drop for Gateway {
    fn drop(&mut self) {
        // A test that fails must not leave a process behind.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(file: &Path) -> (Gateway, SocketAddr) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_relais"))
        .args(["gateway", "--config"])
        .arg(file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let gateway = Gateway(child);
    let address = line.trim().strip_prefix("listening http://").expect(&line);
    (gateway, address.parse().unwrap())
}

fn config(folder: &Path, more: &str) -> PathBuf {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let file = folder.join("gateway.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\ndata_dir = {:?}\nstatic_dir = \"{root}/static\"\n\
         secret = \"a gateway's secret of length\"\nsetup_code = \"{CODE}\"\nvenue = \"chakri\"\n\
         document = \"{root}/fixtures/venues/chakri.json\"\n{more}",
        folder.join("data"),
    );
    std::fs::write(&file, text).unwrap();
    file
}

/// What the command says, and whether it was content.
fn recover(file: &Path, email: &str) -> (bool, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_relais"))
        .args(["recover-admin", "--config"])
        .arg(file)
        .args(["--email", email])
        .output()
        .unwrap();
    let said = [run.stdout, run.stderr].concat();
    (run.status.success(), String::from_utf8(said).unwrap())
}

/// A browser on the gateway's own machine.
struct Browser {
    client: Client,
    at: SocketAddr,
}

/// Status, where it leads, and the session's cookie.
type Seen = (u16, String, String);

impl Browser {
    fn at(at: SocketAddr) -> Self {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        Self { client, at }
    }

    async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let escape = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        let request = self
            .client
            .post(format!("http://{}{path}", self.at))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(pairs.join("&"));
        let answer = request.send().await.unwrap();
        let header = |name: &str| {
            let value = answer.headers().get(name);
            value.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        let cookie = header("set-cookie").split(';').next().unwrap().to_owned();
        (answer.status().as_u16(), header("location"), cookie)
    }

    async fn sign_in(&self, password: &str) -> Seen {
        self.submit("/login", &[("email", EMAIL), ("password", password)]).await
    }

    async fn sees_the_account(&self, cookie: &str) -> u16 {
        let url = format!("http://{}/account", self.at);
        self.client.get(url).header("cookie", cookie).send().await.unwrap().status().as_u16()
    }
}

fn entries(folder: &Path) -> Vec<(String, String)> {
    let file = folder.join("data/relais.db");
    let kept = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let sql = "SELECT actor, source FROM audit_entry WHERE act = 'recovered' ORDER BY number";
    let mut found = kept.prepare(sql).unwrap();
    let rows = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_lost_administrator_is_let_in_at_the_machine_and_everybody_else_is_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path(), "");
    let (_gateway, at) = start(&file);
    let browser = Browser::at(at);
    let fields = [("code", CODE), ("name", "Paule"), ("email", EMAIL), ("password", BEFORE)];
    assert_eq!(browser.submit("/setup", &fields).await.0, 303);
    let (status, _, cookie) = browser.sign_in(BEFORE).await;
    assert_eq!((status, browser.sees_the_account(&cookie).await), (303, 200));

    // The gateway runs meanwhile, and need not be told.
    let (is_content, said) = recover(&file, EMAIL);
    assert!(is_content, "{said}");
    let code = said.trim().split_once("/password?code=").expect(&said).1.to_owned();
    assert_eq!(entries(folder.path()), [("machine".to_owned(), String::new())]);
    assert_eq!(browser.sees_the_account(&cookie).await, 401, "sessions of before have ended");
    let chosen = [("code", code.as_str()), ("password", AFTER)];
    assert_eq!(browser.submit("/password", &chosen).await.0, 303);
    assert_eq!(browser.submit("/password", &chosen).await.0, 410, "a code is good once");
    assert_eq!(browser.sign_in(BEFORE).await.0, 401);
    let (status, leads, _) = browser.sign_in(AFTER).await;
    assert_eq!((status, leads.as_str()), (303, "/account/second-factor"));
}

#[tokio::test]
async fn the_command_makes_nobody_an_administrator_where_it_must_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path(), "");
    let (is_content, said) = recover(&file, EMAIL);
    assert!(!is_content && said.contains("there is no store"), "{said}");
    assert!(!folder.path().join("data").exists(), "and none is made");
    {
        let _gateway = start(&file);
    }
    for email in ["", "nobody", "p\u{430}ule@example.org", "a\r\nb@example.org"] {
        let (is_content, said) = recover(&file, email);
        assert!(!is_content && !said.contains("code="), "{email:?}: {said}");
    }
    let key = "0".repeat(64);
    let more = format!(
        "edge_url = \"http://127.0.0.1:9\"\ndevice = \"gateway\"\ndevice_key = \"{key}\"\n\
         ticket_origin = \"K1\"\n"
    );
    let (is_content, said) = recover(&config(folder.path(), &more), EMAIL);
    assert!(!is_content && said.contains("at the edge"), "{said}");
    assert_eq!(entries(folder.path()), []);
}
