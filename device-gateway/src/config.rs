//! The host's configuration: one TOML file, each key also from the environment.
//!
//! Everything is checked before anything starts, and all problems are reported together, each with
//! its remedy. It must not know what the settings do.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use app::{host::Secret, outbound::Reach, trust::Root, uplink::EdgeAccess};
use domain::device::replica::Credential;
use sync_engine::id::{ReplicaId, VenueId, is_name};

mod files;
mod https;
mod keys;
mod mail;
mod openid;

pub(crate) use files::Files;
pub(crate) use https::{Https, OnSite};
pub(crate) use mail::{Carrier, MailAccess, Security, SmtpAccess};

/// Which host is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One venue on site.
    Gateway,
    /// The same venue's second machine, which follows the first.
    Standby,
    /// The self-hosted edge.
    Edge,
}

/// What the gateway needs beyond what every host does.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) venue: VenueId,
    pub(crate) replica: ReplicaId,
    pub(crate) ticket_origin: String,
    pub(crate) edge: Option<EdgeAccess>,
    /// The gateway that a standby follows; nothing else has one.
    pub(crate) primary_url: Option<String>,
    /// This gateway has a standby: it is heard before anything leased is acted on.
    pub(crate) has_standby: bool,
    pub(crate) document: Option<PathBuf>,
    /// Made-up people; only a demo has them.
    pub(crate) demo_people: Option<PathBuf>,
    /// A standby's own key; without one it comes from the secret that it has in common with its
    /// gateway.
    pub(crate) own_key: Option<Credential>,
    /// What PINs and devices of the venue are bound to.
    pub(crate) shared_key: Option<Secret>,
}

/// Everything that a native host is started with.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    pub(crate) data_dir: PathBuf,
    pub(crate) static_dir: PathBuf,
    pub(crate) secret: Secret,
    pub(crate) root: Root,
    pub(crate) setup_code: Option<Secret>,
    /// Lets a lost administrator in again over the network, where nobody sits at the machine.
    pub(crate) recovery_code: Option<Secret>,
    pub(crate) demo: bool,
    pub(crate) contract: bool,
    pub(crate) secure_cookies: bool,
    /// By how much a test's clock is wrong.
    pub(crate) clock_wrong_by_ms: i64,
    pub(crate) mail: MailAccess,
    pub(crate) openid: app::openid::Settings,
    pub(crate) files: Files,
    pub(crate) site: Option<Site>,
    pub(crate) https: Option<Https>,
    pub(crate) on_site: OnSite,
}

const KEYS: &[&str] = &[
    "listen",
    "data_dir",
    "static_dir",
    "secret",
    "root_seed",
    "root_seed_previous",
    "setup_code",
    "recovery_code",
    "demo",
    "contract",
    "secure_cookies",
    "clock_wrong_by_ms",
    "venue",
    "replica",
    "ticket_origin",
    "edge_url",
    "primary_url",
    "standby",
    "device",
    "device_key",
    "shared_key",
    "document",
    "demo_people",
];

/// Lists every key that a configuration may have.
fn keys() -> impl Iterator<Item = &'static str> {
    let of_parts = https::KEYS.iter().chain(&mail::KEYS).chain(&openid::KEYS).chain(&files::KEYS);
    KEYS.iter().chain(of_parts).copied()
}

impl Config {
    /// Reads and checks the file and the environment.
    pub(crate) fn load(file: &Path, kind: Kind) -> Result<Self, String> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        let from_env = |key: &str| std::env::var(format!("RELAIS_{}", key.to_uppercase())).ok();
        Self::parse(&text, from_env, kind)
            .map_err(|problems| format!("{}:\n  - {}", file.display(), problems.join("\n  - ")))
    }

    /// Checks text and environment; returns every problem.
    pub(crate) fn parse(
        text: &str,
        from_env: impl Fn(&str) -> Option<String>,
        kind: Kind,
    ) -> Result<Self, Vec<String>> {
        let table: toml::Table =
            text.parse().map_err(|error| vec![format!("this is not TOML: {error}")])?;
        let mut settings = Settings::gather(&table, from_env);
        let tls = settings.https();
        let demo = settings.flag("demo", false);
        let contract = settings.flag("contract", false);
        // The public signs in over HTTPS; a venue's own network and a demo have none.
        let https = kind == Kind::Edge && !(demo || contract);
        let listen = settings.listen();
        let config = Self {
            on_site: settings.on_site(kind, tls.is_some()),
            https: tls,
            listen,
            mail: settings.mail(Reach::of(demo, contract), listen.port()),
            openid: settings.openid(Reach::of(demo, contract)),
            files: settings.files(),
            data_dir: settings.required("data_dir", "a folder of its own").into(),
            static_dir: settings.static_dir(),
            secret: settings.secret(),
            root: settings.root(kind),
            setup_code: settings.code("setup_code"),
            recovery_code: settings.code("recovery_code"),
            demo,
            contract,
            secure_cookies: settings.flag("secure_cookies", https),
            clock_wrong_by_ms: settings.clock_wrong_by_ms(contract),
            site: match kind {
                Kind::Gateway => settings.site(),
                Kind::Standby => settings.second_site(),
                Kind::Edge => None,
            },
        };
        let has_people = config.site.as_ref().is_some_and(|site| site.demo_people.is_some());
        if has_people && !(config.demo || config.contract) {
            settings.problem("demo_people: only a demo has made-up people; remove it");
        }
        if (config.demo || config.contract) && !config.listen.ip().is_loopback() {
            settings.problem("listen: a demo listens on loopback only; use 127.0.0.1");
        }
        https::check(&config, &mut settings);
        if settings.problems.is_empty() { Ok(config) } else { Err(settings.problems) }
    }
}

struct Settings {
    values: BTreeMap<String, String>,
    problems: Vec<String>,
}

impl Settings {
    fn gather(table: &toml::Table, from_env: impl Fn(&str) -> Option<String>) -> Self {
        let mut settings = Self { values: BTreeMap::new(), problems: Vec::new() };
        for (key, value) in table {
            if !keys().any(|known| known == key) {
                settings.problem(&format!("{key}: there is no such key; remove it"));
                continue;
            }
            let text = match value {
                toml::Value::String(text) => text.clone(),
                toml::Value::Boolean(flag) => flag.to_string(),
                toml::Value::Integer(number) => number.to_string(),
                _ => {
                    settings.problem(&format!("{key}: write a text, a number or true/false"));
                    continue;
                }
            };
            settings.values.insert(key.clone(), text);
        }
        for key in keys() {
            if let Some(value) = from_env(key) {
                settings.values.insert(key.to_owned(), value);
            }
        }
        settings
    }

    fn problem(&mut self, text: &str) {
        self.problems.push(text.to_owned());
    }

    fn take(&mut self, key: &str) -> Option<String> {
        self.values.remove(key).filter(|value| !value.is_empty())
    }

    fn required(&mut self, key: &str, remedy: &str) -> String {
        self.take(key).unwrap_or_else(|| {
            self.problem(&format!("{key}: missing; give {remedy}"));
            String::new()
        })
    }

    fn flag(&mut self, key: &str, otherwise: bool) -> bool {
        match self.take(key).as_deref() {
            None => otherwise,
            Some("true" | "1") => true,
            Some("false" | "0") => false,
            Some(_) => {
                self.problem(&format!("{key}: write true or false"));
                otherwise
            }
        }
    }

    fn listen(&mut self) -> SocketAddr {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let Some(text) = self.take("listen") else {
            self.problem("listen: missing; give an address such as 127.0.0.1:8080");
            return loopback;
        };
        text.parse().unwrap_or_else(|_| {
            self.problem("listen: write address and port, such as 127.0.0.1:8080");
            loopback
        })
    }

    fn static_dir(&mut self) -> PathBuf {
        let folder =
            PathBuf::from(self.required("static_dir", "the folder `static` of this build"));
        if !folder.as_os_str().is_empty() && !folder.is_dir() {
            self.problem("static_dir: there is no such folder; give `static` of this build");
        }
        folder
    }

    fn clock_wrong_by_ms(&mut self, contract: bool) -> i64 {
        let Some(text) = self.take("clock_wrong_by_ms") else { return 0 };
        match text.parse() {
            Ok(wrong_by_ms) if contract => return wrong_by_ms,
            Ok(_) => self.problem("clock_wrong_by_ms: only a test has a wrong clock; remove it"),
            Err(_) => self.problem("clock_wrong_by_ms: write a number of milliseconds"),
        }
        0
    }

    fn code(&mut self, key: &str) -> Option<Secret> {
        let code = self.take(key)?;
        if code.len() < Secret::BYTES_MIN {
            let problem = "under 16 characters; draw one with openssl rand -hex 32";
            self.problem(&format!("{key}: {problem}"));
        }
        Some(Secret::new(code))
    }

    /// Trust begins at the edge; a gateway without one is its own root.
    fn root(&mut self, kind: Kind) -> Root {
        let edge_url = self.values.get("edge_url");
        let is_pinned = kind == Kind::Standby || edge_url.is_some_and(|url| !url.is_empty());
        let mut seed = |key: &str| {
            let seed = self.take(key)?;
            if is_pinned {
                self.problem(&format!("{key}: the edge is the root; remove it"));
            } else if seed.len() < Secret::BYTES_MIN {
                self.problem(&format!(
                    "{key}: under 16 characters; draw one with openssl rand -hex 32"
                ));
            }
            Some(Secret::new(seed))
        };
        let (seed, previous) = (seed("root_seed"), seed("root_seed_previous"));
        if is_pinned { Root::Pinned } else { Root::Own { seed, previous } }
    }

    fn secret(&mut self) -> Secret {
        let secret = self.take("secret").unwrap_or_default();
        if secret.len() < Secret::BYTES_MIN {
            self.problem(
                "secret: missing or under 16 characters; draw one with openssl rand -hex 32",
            );
        }
        Secret::new(secret)
    }

    /// A standby learns everything from its gateway, and writes under a name of its own.
    fn second_site(&mut self) -> Option<Site> {
        let url = self.required("primary_url", "the main gateway's address on the venue's network");
        if !url.is_empty() && !https::is_near(&url) {
            self.problem(
                "primary_url: use https://, or http:// to an address of the venue's own network",
            );
        }
        for key in ["edge_url", "standby", "device", "document", "demo_people", "ticket_origin"] {
            if self.take(key).is_some() {
                self.problem(&format!("{key}: a standby asks its gateway only; remove it"));
            }
        }
        let own_key = self.take("device_key").map(|key| self.device_key(&key));
        let site = self.site_as("standby")?;
        if site.replica.as_str() == "gateway" {
            self.problem("replica: the main gateway has this name; remove it or give another one");
        }
        let primary_url = Some(url.trim_end_matches('/').to_owned());
        Some(Site { primary_url, own_key, ..site })
    }

    fn site(&mut self) -> Option<Site> {
        if self.take("primary_url").is_some() {
            self.problem("primary_url: only a standby has one; start with --standby or remove it");
        }
        self.site_as("gateway")
    }

    fn site_as(&mut self, replica: &str) -> Option<Site> {
        let venue = self.required("venue", "the venue's id");
        let replica = self.take("replica").unwrap_or_else(|| replica.to_owned());
        let ticket_origin = self.take("ticket_origin").unwrap_or_else(|| "K1".to_owned());
        let venue = VenueId::parse(&venue).map_err(|_| {
            self.problem("venue: use a-z, 0-9, - and _");
        });
        let replica = ReplicaId::parse(&replica).map_err(|_| {
            self.problem("replica: use a-z, 0-9, - and _");
        });
        let plain = ticket_origin.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if !plain || ticket_origin.len() > 4 {
            self.problem("ticket_origin: use up to four capital letters and digits, such as K1");
        }
        let edge = self.edge();
        let shared_key = self.shared_key(edge.as_ref());
        let document = self.take("document").map(PathBuf::from);
        let demo_people = self.take("demo_people").map(PathBuf::from);
        let has_standby = self.flag("standby", false);
        let (venue, replica, primary_url) = (venue.ok()?, replica.ok()?, None);
        Some(Site {
            venue,
            replica,
            ticket_origin,
            edge,
            primary_url,
            has_standby,
            document,
            demo_people,
            own_key: None,
            shared_key,
        })
    }

    fn edge(&mut self) -> Option<EdgeAccess> {
        let url = self.take("edge_url")?;
        if !url.starts_with("https://") && !url.starts_with("http://127.0.0.1:") {
            self.problem("edge_url: use https://; plain http is for loopback only");
        }
        let device = self.required("device", "the device name that the edge answered at set-up");
        let key = self.required("device_key", "the key that the edge answered at set-up");
        if !is_name(&device) {
            self.problem("device: use a-z, 0-9, - and _");
        }
        let key = self.device_key(&key);
        let url = url.trim_end_matches('/').to_owned();
        Some(EdgeAccess { url, device, key })
    }
}

#[cfg(test)]
mod tests;
