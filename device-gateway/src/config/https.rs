//! What a configuration says of HTTPS on this host, of its name on site and of the public site.

use std::net::SocketAddr;

use app::lan::Lan;
use domain::lan::LanOrigin;

use super::{Config, Kind, Settings};
use crate::tls::Files;

/// Where HTTPS is served, and with what.
#[derive(Debug, Clone)]
pub(crate) struct Https {
    pub(crate) listen: SocketAddr,
    pub(crate) files: Files,
}

/// What is told of the venue's own network.
#[derive(Debug, Clone, Default)]
pub(crate) struct OnSite {
    /// The name on site, with the port where somebody leads another one here.
    pub(crate) lan_name: Option<String>,
    pub(crate) public_url: Option<String>,
}

impl OnSite {
    /// Makes origins of it, once the port is known on which HTTPS is served.
    pub(crate) fn lan(&self, port: Option<u16>) -> Lan {
        let origin = self.lan_name.as_deref().and_then(|name| match port {
            Some(port) if port != 443 && !name.contains(':') => {
                LanOrigin::parse(&format!("https://{name}:{port}"))
            }
            _ => LanOrigin::parse(&format!("https://{}", name.trim_end_matches(":443"))),
        });
        Lan { origin, public_url: self.public_url.clone() }
    }
}

pub(super) const KEYS: [&str; 5] =
    ["tls_listen", "tls_certificate", "tls_key", "lan_name", "public_url"];

impl Settings {
    /// Reads where HTTPS is served; the files must be sound when the host starts.
    pub(super) fn https(&mut self) -> Option<Https> {
        let [listen, certificate, key] =
            ["tls_listen", "tls_certificate", "tls_key"].map(|key| self.take(key));
        if listen.is_none() && certificate.is_none() && key.is_none() {
            return None;
        }
        let address = listen.as_deref().and_then(|listen| listen.parse().ok());
        if address.is_none() {
            self.problem("tls_listen: write address and port, such as 0.0.0.0:443");
        }
        for (name, given) in [("tls_certificate", &certificate), ("tls_key", &key)] {
            if given.is_none() {
                self.problem(&format!("{name}: missing; give a PEM file"));
            }
        }
        let files = Files { certificate: certificate?.into(), key: key?.into() };
        for (name, file) in [("tls_certificate", &files.certificate), ("tls_key", &files.key)] {
            if !file.is_file() {
                self.problem(&format!("{name}: there is no such file; give a PEM file"));
            }
        }
        if files.certificate.is_file() && files.key.is_file() {
            let sound = files.read().and_then(|read| read.certified());
            if let Err(reason) = sound {
                self.problem(&format!("tls_certificate, tls_key: {reason}; give PEM files"));
            }
        }
        Some(Https { listen: address?, files })
    }

    /// Reads how people on site reach this host, and where its public site is.
    pub(super) fn on_site(&mut self, kind: Kind, has_https: bool) -> OnSite {
        let (lan_name, public_url) = (self.take("lan_name"), self.take("public_url"));
        if let Some(name) = &lan_name {
            let sound = LanOrigin::parse(&format!("https://{}", name.trim_end_matches(":443")));
            if sound.is_none() {
                self.problem("lan_name: write <venue>.lan.<domain>, such as chakri.lan.chakri.be");
            }
            if !has_https {
                self.problem("lan_name: only HTTPS has a name on site; set tls_listen as well");
            }
        }
        if kind != Kind::Gateway && public_url.is_some() {
            self.problem("public_url: only a gateway hands logins over; remove it");
        }
        let edge_url = self.values.get("edge_url").filter(|url| !url.is_empty()).cloned();
        let public_url = public_url.or(edge_url).map(|url| url.trim_end_matches('/').to_owned());
        OnSite { lan_name, public_url: public_url.filter(|_| kind == Kind::Gateway) }
    }
}

/// Checks what several settings say together.
pub(super) fn check(config: &Config, settings: &mut Settings) {
    let is_trial = config.demo || config.contract;
    let is_open = |https: &Https| !https.listen.ip().is_loopback();
    if is_trial && config.https.as_ref().is_some_and(is_open) {
        settings.problem("tls_listen: a demo listens on loopback only; use 127.0.0.1");
    }
    if let Some(url) = &config.on_site.public_url {
        let is_near = url.starts_with("http://127.0.0.1:");
        let is_sound = url.starts_with("https://") || is_near;
        if !(is_sound || is_trial && url.starts_with("http://")) {
            settings.problem("public_url: use https://, for passwords are typed there");
        }
    }
}

/// What goes over plain http is signed and not secret: it stays on the venue's own network.
pub(super) fn is_near(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return url.starts_with("https://") };
    let host = rest.split('/').next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_near = |address: std::net::Ipv4Addr| {
        address.is_loopback() || address.is_private() || address.is_link_local()
    };
    name.ends_with(".local") || name.parse().is_ok_and(is_near)
}
