//! Launch configuration out of the Worker's environment.
//!
//! Owns the names of the variables and secrets and what is said when one is missing. It must not
//! know what the application does with them.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use app::{
    App,
    blobs::Shelf,
    host::{Host, Secret, Side},
    limits::BLOB_ROOM_BYTES,
    openid::{self, Provider},
    outbound::{Outbound, Reach},
    outbox::{Outbox, Rung, Settings},
    ports::Alone,
    trust::Root,
};
use worker::Env;

use crate::{
    d1::D1,
    fetch::PlatformFetch,
    live,
    ports::{PlatformEntropy, WorkerClock},
    r2::R2,
};

/// The D1 binding in `wrangler.toml`.
pub(crate) const DATABASE: &str = "DB";
/// The R2 binding there.
const BUCKET: &str = "FILES";
const SECRET: &str = "RELAIS_SECRET";
const SETUP_CODE: &str = "RELAIS_SETUP_CODE";
const RECOVERY_CODE: &str = "RELAIS_RECOVERY_CODE";
/// Root keys are derived from these in place of the secret, so that either can change alone.
const ROOT_SEED: &str = "RELAIS_ROOT_SEED";
const ROOT_SEED_PREVIOUS: &str = "RELAIS_ROOT_SEED_PREVIOUS";
const DEMO: &str = "RELAIS_DEMO";
const CONTRACT: &str = "RELAIS_CONTRACT";
const MAIL_API_URL: &str = "RELAIS_MAIL_API_URL";
const MAIL_API_KEY: &str = "RELAIS_MAIL_API_KEY";
const MAIL_FROM: &str = "RELAIS_MAIL_FROM";
const LINK_BASE: &str = "RELAIS_LINK_BASE";
const OPENID_ISSUER: &str = "RELAIS_OPENID_ISSUER";
const OPENID_CLIENT_ID: &str = "RELAIS_OPENID_CLIENT_ID";
const OPENID_CLIENT_SECRET: &str = "RELAIS_OPENID_CLIENT_SECRET";
const OPENID_LABEL: &str = "RELAIS_OPENID_LABEL";
const OPENID_TOKEN_ORIGIN: &str = "RELAIS_OPENID_TOKEN_ORIGIN";
const SECURE_COOKIES: &str = "RELAIS_SECURE_COOKIES";
/// `0` leaves the rooms alone: gateways and browsers then ask now and then.
const LIVE: &str = "RELAIS_LIVE";

/// Everything that is wrong with the configuration, each with its remedy.
#[derive(Debug, Clone)]
pub(crate) struct Misconfigured(Vec<String>);

impl fmt::Display for Misconfigured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

/// The application, and the bell that it rings when a mail waits.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) app: App,
    pub(crate) bell: Arc<Rung>,
}

/// Returns the application, made once per instance: the environment never changes under one.
///
/// # Errors
/// Names every variable that is missing or unfit.
pub(crate) fn application(env: &Env) -> Result<Made, Misconfigured> {
    static MADE: OnceLock<Made> = OnceLock::new();
    if let Some(made) = MADE.get() {
        return Ok(made.clone());
    }
    let made = make(env)?;
    Ok(MADE.get_or_init(|| made).clone())
}

fn make(env: &Env) -> Result<Made, Misconfigured> {
    let mut problems = Vec::new();
    let secret = text(env, SECRET).unwrap_or_default();
    let least = Secret::BYTES_MIN;
    if secret.len() < least {
        problems.push(format!(
            "{SECRET} needs at least {least} bytes: set it with `wrangler secret put {SECRET}`."
        ));
    }
    let (setup_code, recovery_code) = (text(env, SETUP_CODE), text(env, RECOVERY_CODE));
    for (name, code) in [(SETUP_CODE, &setup_code), (RECOVERY_CODE, &recovery_code)] {
        if code.as_ref().is_some_and(|code| code.len() < least) {
            problems.push(format!(
                "{name} needs at least {least} bytes, or none: it opens this edge to anybody."
            ));
        }
    }
    let root = root(env, &mut problems);
    let Ok(database) = env.d1(DATABASE) else {
        problems.push(format!(
            "The D1 binding {DATABASE} is missing: add it under [[d1_databases]] in wrangler.toml."
        ));
        return Err(Misconfigured(problems));
    };
    let (demo, contract) = (is(env, DEMO, "1"), is(env, CONTRACT, "1"));
    let bell = Arc::new(Rung::default());
    let (outbound, outbox, openid) = match ways_out(env, Reach::of(demo, contract), &bell) {
        Ok(ways_out) if problems.is_empty() => ways_out,
        Ok(_) => return Err(Misconfigured(problems)),
        Err(problem) => {
            problems.push(problem);
            return Err(Misconfigured(problems));
        }
    };
    let app = App {
        database: Arc::new(D1::new(database)),
        clock: Arc::new(WorkerClock),
        entropy: Arc::new(PlatformEntropy),
        // Each request has its own in place of this one.
        live: Arc::new(Alone),
        line: Arc::new(Alone),
        standby: Arc::new(Alone),
        telling: Arc::default(),
        menus: Arc::default(),
        labour: Arc::new(Alone),
        openid: openid.map(Arc::new),
        outbound,
        outbox: Arc::new(outbox),
        assets: Arc::new(Alone),
        blobs: Arc::new(shelf(env)),
        host: Arc::new(Host {
            side: Side::Edge,
            ticket_origin: "W".to_owned(),
            secret: Secret::new(secret),
            is_home: true,
            shared_key: None,
            root,
            recovery_code: recovery_code.map(Secret::new),
            setup_code: setup_code.map(Secret::new),
            demo,
            contract,
            secure_cookies: !is(env, SECURE_COOKIES, "0"),
            lan: app::lan::Lan::default(),
            message_room: sync_engine::message::Room::default(),
            reap_changes: sync_engine::limits::REAP_CHANGES,
            audit_every_ms: sync_engine::limits::AUDIT_EVERY_MS,
        }),
    };
    Ok(Made { app, bell })
}

fn root(env: &Env, problems: &mut Vec<String>) -> Root {
    let least = Secret::BYTES_MIN;
    let (seed, previous) = (text(env, ROOT_SEED), text(env, ROOT_SEED_PREVIOUS));
    for (name, seed) in [(ROOT_SEED, &seed), (ROOT_SEED_PREVIOUS, &previous)] {
        if seed.as_ref().is_some_and(|seed| seed.len() < least) {
            problems.push(format!(
                "{name} needs at least {least} bytes, or none: whoever guesses it signs as we do."
            ));
        }
    }
    Root::Own { seed: seed.map(Secret::new), previous: previous.map(Secret::new) }
}

/// Without a bucket there are no files: nobody has to have one.
fn shelf(env: &Env) -> Shelf {
    match env.bucket(BUCKET) {
        Ok(bucket) => Shelf::new(Arc::new(R2::new(bucket)), BLOB_ROOM_BYTES),
        Err(_) => Shelf::default(),
    }
}

/// The way out, who sends mails by it, and who vouches for people.
type WaysOut = (Arc<Outbound>, Outbox, Option<Provider>);

fn ways_out(env: &Env, reach: Reach, bell: &Arc<Rung>) -> Result<WaysOut, String> {
    let setting = |name| text(env, name).unwrap_or_default();
    let mails = Settings {
        api_url: setting(MAIL_API_URL),
        api_key: setting(MAIL_API_KEY),
        from: setting(MAIL_FROM),
        link_base: setting(LINK_BASE),
    };
    let mut outbound = Outbound::new(Arc::new(PlatformFetch), reach);
    mails.allow(&mut outbound)?;
    let openid = openid::Settings {
        issuer: setting(OPENID_ISSUER),
        client_id: setting(OPENID_CLIENT_ID),
        client_secret: setting(OPENID_CLIENT_SECRET),
        label: setting(OPENID_LABEL),
        token_origin: setting(OPENID_TOKEN_ORIGIN),
    };
    let openid = openid.provider(&mut outbound, reach)?;
    let outbound = Arc::new(outbound);
    let outbox = mails.outbox(&outbound, bell.clone(), reach == Reach::WithLoopback)?;
    Ok((outbound, outbox, openid))
}

/// Tells whether gateways and browsers may listen here.
pub(crate) fn takes_sockets(env: &Env) -> bool {
    !is(env, LIVE, "0") && live::has_rooms(env)
}

/// Reads a variable or a secret; an empty one counts as none.
fn text(env: &Env, name: &str) -> Option<String> {
    // An error says that there is no such binding, which is what `None` says.
    env.var(name).ok().map(|var| var.to_string()).filter(|text| !text.is_empty())
}

fn is(env: &Env, name: &str, wanted: &str) -> bool {
    text(env, name).as_deref() == Some(wanted)
}
