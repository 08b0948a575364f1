//! Processes of `relais` that serve HTTPS by a test's authority, and browsers that believe it.
//!
//! It must not know what a test wants of them.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader},
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use reqwest::{Certificate, Client, Method, redirect::Policy};

use crate::authority::Authority;

const WITHIN: Duration = Duration::from_secs(30);
pub(crate) const SETUP_CODE: &str = "a set-up code of some length";

/// One process; its log is kept.
pub(crate) struct Process {
    child: Child,
    pub(crate) plain: SocketAddr,
    pub(crate) secure: SocketAddr,
    log: mpsc::Receiver<String>,
    heard: Vec<String>,
}

impl Drop for Process {
    fn drop(&mut self) {
        // A test that fails must not leave a process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    pub(crate) fn start(command: &str, file: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_relais"))
            .args([command, "--config"])
            .arg(file)
            .env("RELAIS_LOG", "debug")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut listens = |scheme: &str| {
            let mut line = String::new();
            out.read_line(&mut line).unwrap();
            let prefix = format!("listening {scheme}://");
            line.trim().strip_prefix(&prefix).expect(&line).parse::<SocketAddr>().unwrap()
        };
        let (plain, secure) = (listens("http"), listens("https"));
        let (said, log) = mpsc::channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        // It ends with the process, or with whoever listens.
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| said.send(line)));
        Self { child, plain, secure, log, heard: Vec::new() }
    }

    /// Reads the log up to a line that says this.
    pub(crate) fn says(&mut self, what: &str) {
        loop {
            let line = self.log.recv_timeout(WITHIN);
            let line = line.unwrap_or_else(|_| panic!("it never said {what}: {:#?}", self.heard));
            self.heard.push(line);
            if self.heard.last().is_some_and(|line| line.contains(what)) {
                return;
            }
        }
    }

    /// Ends it; returns all that it logged.
    pub(crate) fn end(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.heard.extend(self.log.iter());
        self.heard.join("\n")
    }
}

/// Writes a configuration, with HTTPS for a name.
pub(crate) fn config(
    folder: &Path,
    (name, host): (&str, &str),
    authority: &Authority,
    more: &str,
) -> PathBuf {
    let certified = authority.certify(&[host]).unwrap();
    let in_folder = |end: &str| folder.join(format!("{name}.{end}"));
    let (certificate, key) = (in_folder("certificate.pem"), in_folder("key.pem"));
    fs::write(&certificate, certified.certificate).unwrap();
    fs::write(&key, certified.key).unwrap();
    let (root, data) = (concat!(env!("CARGO_MANIFEST_DIR"), "/.."), folder.join(name));
    let text = format!(
        "listen = \"127.0.0.1:0\"\ntls_listen = \"127.0.0.1:0\"\n\
         tls_certificate = {certificate:?}\n\
         tls_key = {key:?}\ndata_dir = {data:?}\nstatic_dir = \"{root}/static\"\n{more}"
    );
    fs::write(in_folder("toml"), text).unwrap();
    in_folder("toml")
}

/// What a host answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) cookies: Vec<String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Where a page leads by itself, or a redirect.
    pub(crate) fn leads(&self) -> String {
        if self.status == 303 {
            return self.header("location").to_owned();
        }
        let (_, rest) = self.body.split_once("content=\"0;url=").expect(&self.body);
        rest.split_once('"').unwrap().0.replace("&#38;", "&")
    }
}

/// One person's browser at one origin.
pub(crate) struct Browser {
    client: Client,
    origin: String,
    jar: BTreeMap<String, String>,
}

impl Browser {
    /// Comes from an address of the loopback network.
    pub(crate) fn new(
        authority: &Authority,
        origin: String,
        (name, at): (&str, SocketAddr),
        from: IpAddr,
    ) -> Self {
        let root = Certificate::from_pem(authority.root().as_bytes()).unwrap();
        let client = Client::builder()
            .tls_certs_only([root])
            .resolve(name, at)
            .local_address(from)
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { client, origin, jar: BTreeMap::new() }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path, String::new()).await
    }

    pub(crate) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let source = self.jar.get("relais_session").or_else(|| self.jar.get("relais_form"));
        let csrf = source.map(|token| app::csrf::of(token)).unwrap_or_default();
        let escape = |text: &str| {
            let one = |byte: u8| format!("%{byte:02X}");
            text.bytes().map(one).collect::<String>()
        };
        let mut body = format!("csrf={csrf}");
        fields.iter().for_each(|(name, value)| body += &format!("&{name}={}", escape(value)));
        self.ask(Method::POST, path, body).await
    }

    async fn ask(&mut self, method: Method, path: &str, body: String) -> Answer {
        let url =
            if path.contains("://") { path.to_owned() } else { format!("{}{path}", self.origin) };
        assert!(url.starts_with(&self.origin), "{url} is not of {}", self.origin);
        let jar: Vec<String> = self.jar.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let request = self
            .client
            .request(method, url)
            .header("accept", "text/html")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", jar.join("; "));
        let answer = request.body(body).send().await.unwrap();
        let status = answer.status().as_u16();
        let text = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
        let cookies: Vec<String> =
            answer.headers().get_all("set-cookie").iter().map(text).collect();
        for cookie in &cookies {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.jar.insert(name.to_owned(), value.to_owned());
        }
        self.jar.retain(|_, value| !value.is_empty());
        let headers = answer.headers().iter().map(|(k, v)| (k.to_string(), text(v))).collect();
        Answer { status, headers, cookies, body: answer.text().await.unwrap() }
    }
}
