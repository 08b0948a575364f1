//! How a native host sends mails: by SMTP, by a mail service, or not at all.
//!
//! It must not connect to anything.

use std::{net::IpAddr, path::PathBuf};

use app::{
    host::Secret,
    outbound::{Origin, Reach},
    outbox::Links,
};
use domain::people::address::Address;

use super::Settings;

/// The keys that are read here.
pub(super) const KEYS: [&str; 8] = [
    "link_base",
    "mail_from",
    "smtp_url",
    "smtp_user",
    "smtp_password",
    "smtp_ca",
    "mail_api_url",
    "mail_api_key",
];

/// What is needed to send mails.
#[derive(Debug, Clone)]
pub(crate) struct MailAccess {
    /// Who carries them, and the sender's address; without one they wait.
    pub(crate) carrier: Option<(Carrier, Address)>,
    /// What stands before a path in a mail.
    pub(crate) links: Links,
}

/// Who carries mails.
#[derive(Debug, Clone)]
pub(crate) enum Carrier {
    /// A mail server.
    Smtp(SmtpAccess),
    /// A mail service.
    Api {
        /// Where it takes mails.
        url: String,
        /// The key that it knows us by.
        key: Secret,
    },
}

/// How a mail server is reached.
#[derive(Debug, Clone)]
pub(crate) struct SmtpAccess {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
    /// User and password.
    pub(crate) login: Option<(String, Secret)>,
    /// The one authority whose certificates count; without it the system's do.
    pub(crate) ca: Option<PathBuf>,
    /// As whom we greet.
    pub(crate) hello: String,
}

/// What protects the connection to a mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS after a greeting; nothing is said without it.
    StartTls,
    /// The server is on this machine.
    Loopback,
}

const FROM: &str = "the sender's address, such as relais@shop.example";

impl Settings {
    /// Reads everything about mails.
    pub(super) fn mail(&mut self, reach: Reach, port: u16) -> MailAccess {
        let demo = reach == Reach::WithLoopback;
        // A demo's public names lead nowhere: its visitor sits at the same machine.
        let usual = format!("http://localhost:{port}");
        let usual = if demo { usual.as_str() } else { "https://{domain}" };
        let links = self.take("link_base").unwrap_or_else(|| usual.to_owned());
        let links = Links::parse(&links, demo).unwrap_or_else(|problem| {
            self.problem(&format!("link_base: {problem}"));
            Links::default()
        });
        let smtp = self.take("smtp_url");
        let api = self.take("mail_api_url");
        let from = self.take("mail_from");
        let from = from.and_then(|text| match Address::parse(&text) {
            Ok(from) => Some(from),
            Err(_) => {
                self.problem(&format!("mail_from: give {FROM}"));
                None
            }
        });
        let carrier = match (smtp, api) {
            (None, None) => return self.no_mail(from.is_some(), links),
            (Some(_), Some(_)) => {
                self.problem("smtp_url and mail_api_url: mails go one way; remove one of them");
                None
            }
            (Some(url), None) => self.smtp(&url, from.as_ref()).map(Carrier::Smtp),
            (None, Some(url)) => Some(self.mail_api(url, reach)),
        };
        if from.is_none() {
            self.problem(&format!("mail_from: missing or unfit; give {FROM}"));
        }
        MailAccess { carrier: carrier.zip(from), links }
    }

    fn no_mail(&mut self, has_from: bool, links: Links) -> MailAccess {
        let keys = ["smtp_user", "smtp_password", "smtp_ca", "mail_api_key"];
        if has_from || keys.into_iter().any(|key| self.take(key).is_some()) {
            self.problem("smtp_url: missing; give it or mail_api_url, or remove what is for mails");
        }
        MailAccess { carrier: None, links }
    }

    fn mail_api(&mut self, url: String, reach: Reach) -> Carrier {
        if let Err(problem) = Origin::of(&url, reach) {
            self.problem(&format!("mail_api_url: {problem}"));
        }
        let key = Secret::new(self.required("mail_api_key", "the key of the mail service"));
        Carrier::Api { url, key }
    }

    fn smtp(&mut self, url: &str, from: Option<&Address>) -> Option<SmtpAccess> {
        let (user, password) = (self.take("smtp_user"), self.take("smtp_password"));
        let ca = self.take("smtp_ca").map(PathBuf::from);
        let login = match (user, password) {
            (None, None) => None,
            (Some(user), Some(password)) => Some((user, Secret::new(password))),
            _ => {
                self.problem("smtp_user and smtp_password: give both or none");
                None
            }
        };
        let Some((security, host, port)) = server(url) else {
            self.problem(
                "smtp_url: write smtps://host (TLS), smtp://host (STARTTLS) or, on this machine \
                 alone, smtp+plain://127.0.0.1:25",
            );
            return None;
        };
        let hello = from.map(|from| from.domain().to_owned()).unwrap_or_default();
        Some(SmtpAccess { host, port, security, login, ca, hello })
    }
}

fn server(url: &str) -> Option<(Security, String, u16)> {
    let (scheme, rest) = url.trim_end_matches('/').split_once("://")?;
    let (security, usual) = match scheme {
        "smtps" => (Security::Tls, 465),
        "smtp" => (Security::StartTls, 587),
        "smtp+plain" => (Security::Loopback, 25),
        _ => return None,
    };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (rest, usual),
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-".contains(&b);
    let is_near = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    let fits = !host.is_empty() && host.bytes().all(plain);
    (fits && (security != Security::Loopback || is_near)).then(|| (security, host.to_owned(), port))
}
