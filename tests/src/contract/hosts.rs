//! The three real hosts, started for the suite: a process each, on a port of its own, on loopback.
//!
//! It must not know what the cases ask.

use std::{path::Path, process::Command, time::Duration};

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use xtask::{
    build, build_spin,
    process::{Running, Show},
    program, vendor, workspace,
    wrangler::{Dev, wrangler_dev},
};

use super::{
    mail_service::{FROM, KEY, mail_service},
    venue::{Host, RECOVERY_CODE, SETUP_CODE},
};
use crate::{
    openid::{CLIENT_ID, CLIENT_SECRET, provider},
    s3,
};

const SECRET: &str = "contract-secret-contract-secret";
/// What links in mails begin with.
const LINKS: &str = "https://{domain}";
/// What the sign-in provider is called.
const LABEL: &str = "Contract ID";
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A host, its process and its data; all end when this is dropped.
pub struct Started {
    /// The host.
    pub host: Host,
    _running: Running,
    _data: TempDir,
}

/// Starts the self-hosted edge.
///
/// # Errors
/// Fails when it cannot be built or does not get ready.
pub fn native() -> Result<Started> {
    vendor::ensure()?;
    let relais = program::build("device-gateway", "relais")?;
    let data = tempfile::tempdir()?;
    let config = data.path().join("edge.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\ndata_dir = {:?}\nstatic_dir = {:?}\nsecret = \"{SECRET}\"\n\
         setup_code = \"{SETUP_CODE}\"\nrecovery_code = \"{RECOVERY_CODE}\"\n\
         contract = true\nlink_base = \"{LINKS}\"\n\
         mail_api_url = \"{}/mails\"\nmail_api_key = \"{KEY}\"\nmail_from = \"{FROM}\"\n\
         openid_issuer = \"{}\"\nopenid_client_id = \"{CLIENT_ID}\"\n\
         openid_client_secret = \"{CLIENT_SECRET}\"\nopenid_label = \"{LABEL}\"\n",
        data.path().join("data"),
        workspace::root().join("static"),
        mail_service().origin,
        provider().issuer,
    );
    std::fs::write(&config, text)?;
    let mut command = Command::new(relais);
    command.args(["edge", "--config"]).arg(config).env("RELAIS_LOG", "warn");
    listening("native", &mut command, data)
}

/// Starts the built Worker in workerd, with D1.
///
/// # Errors
/// Fails when it cannot be built or does not get ready.
pub fn workerd() -> Result<Started> {
    let root = workspace::root();
    build::build_edge(&root)?;
    let data = tempfile::tempdir()?;
    let mails = format!("{}/mails", mail_service().origin);
    let variables = [
        ("RELAIS_MAIL_API_URL", mails.as_str()),
        ("RELAIS_MAIL_API_KEY", KEY),
        ("RELAIS_MAIL_FROM", FROM),
        ("RELAIS_LINK_BASE", LINKS),
        ("RELAIS_OPENID_ISSUER", &provider().issuer),
        ("RELAIS_OPENID_CLIENT_ID", CLIENT_ID),
        ("RELAIS_OPENID_CLIENT_SECRET", CLIENT_SECRET),
        ("RELAIS_OPENID_LABEL", LABEL),
        ("RELAIS_SECRET", SECRET),
        ("RELAIS_SETUP_CODE", SETUP_CODE),
        ("RELAIS_RECOVERY_CODE", RECOVERY_CODE),
        ("RELAIS_CONTRACT", "1"),
        ("RELAIS_SECURE_COOKIES", "0"),
    ];
    let Dev { running, address, .. } =
        wrangler_dev(&root, 0, &variables, &data.path().join("store"))?;
    let host = Host { name: "workerd", url: format!("http://{address}") };
    Ok(Started { host, _running: running, _data: data })
}

/// Starts the built component in the Spin host, with SQLite.
///
/// # Errors
/// Fails when it cannot be built or does not get ready.
pub fn spin() -> Result<Started> {
    let root = workspace::root();
    vendor::ensure()?;
    let component = build_spin::build_spin(&root)?;
    let spin_host = program::build("spin-host", "spin-host")?;
    let data = tempfile::tempdir()?;
    let mut command = Command::new(spin_host);
    spin_arguments(&mut command, &root, &component, data.path());
    listening("spin", &mut command, data)
}

fn spin_arguments(command: &mut Command, root: &Path, component: &Path, data: &Path) {
    command.arg("--manifest").arg(root.join("spin.toml"));
    command.arg("--component").arg(component);
    command.args(["--listen", "127.0.0.1:0", "--state-dir"]).arg(data.join("state"));
    let (origin, files) = (&mail_service().origin, s3::server());
    let mails = format!("{origin}/mails");
    for (name, value) in [
        ("relais_mail_api_url", mails.as_str()),
        ("relais_mail_origin", origin.as_str()),
        ("relais_mail_api_key", KEY),
        ("relais_mail_from", FROM),
        ("relais_openid_issuer", &provider().issuer),
        ("relais_openid_origin", &provider().issuer),
        ("relais_openid_client_id", CLIENT_ID),
        ("relais_openid_client_secret", CLIENT_SECRET),
        ("relais_openid_label", LABEL),
        ("relais_s3_url", files.url.as_str()),
        ("relais_s3_origin", &files.origin),
        ("relais_s3_region", s3::REGION),
        ("relais_s3_key_id", s3::KEY_ID),
        ("relais_s3_key", s3::KEY),
        ("relais_secret", SECRET),
        ("relais_setup_code", SETUP_CODE),
        ("relais_recovery_code", RECOVERY_CODE),
        ("relais_contract", "1"),
        ("relais_secure_cookies", "0"),
    ] {
        command.args(["--variable", &format!("{name}={value}")]);
    }
}

fn listening(name: &'static str, command: &mut Command, data: TempDir) -> Result<Started> {
    let mut running = Running::start(name, command, Show::Nothing)?;
    let url = running
        .wait_for("listening ", READY_WITHIN)
        .with_context(|| format!("the {name} host does not start"))?;
    Ok(Started { host: Host { name, url }, _running: running, _data: data })
}
