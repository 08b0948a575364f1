//! The gateway's name on site: HTTPS by an authority of this site's own.
//!
//! It must not know what a journey does there.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

use super::text;
use crate::{authority::Authority, native::Native};

/// A public name for a private address, below the demo venue's.
const NAME: &str = "chakri.lan.chakri.be";

/// Lets a gateway serve HTTPS under its name; returns by which key its certificate is known.
pub(super) fn configure(config: &mut toml::Table, folder: &Path, public: &str) -> Result<String> {
    let certified = Authority::new()?.certify(&[NAME])?;
    for (key, name, pem) in [
        ("tls_certificate", "certificate.pem", &certified.certificate),
        ("tls_key", "key.pem", &certified.key),
    ] {
        let file = folder.join(name);
        fs::write(&file, pem)?;
        config.insert(key.to_owned(), text(&file));
    }
    for (key, value) in [("tls_listen", "127.0.0.1:0"), ("lan_name", NAME), ("public_url", public)]
    {
        config.insert(key.to_owned(), value.into());
    }
    Ok(BASE64.encode(&Sha256::digest(&certified.public_key)))
}

/// Returns where people on site reach the gateway.
pub(super) fn origin(gateway: &Native) -> Result<String> {
    let address = gateway.secure_address().context("the gateway serves no HTTPS")?;
    Ok(format!("https://{NAME}:{}", address.port()))
}
