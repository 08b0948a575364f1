//! Browsers in which an account was signed in before: strangers who try its passwords do not lock
//! their owner out there.
//!
//! A cookie of our own signature says so; nothing is kept. It must not know limits.

use sync_engine::seal::{derive, equal, hex, mac};

use crate::{
    call::Call,
    problem::Problem,
    session::{cookie, random, set_cookie},
    transport::is_secure,
};

const COOKIE: &str = "relais_known";
const LASTS_MS: u64 = 365 * 24 * 60 * 60 * 1_000;

/// Returns the browser's own name, where it was signed in before as whoever is found by this index.
#[must_use]
pub fn browser(call: &Call, index: &str) -> Option<String> {
    let (name, signature) = cookie(&call.headers, COOKIE)?.split_once('.')?;
    let expected = sign(call, index, name);
    equal(expected.as_bytes(), signature.as_bytes()).then(|| name.to_owned())
}

/// Makes the cookie of a browser in which somebody is signed in now.
///
/// # Errors
/// Fails when the host has no randomness.
pub fn remember(call: &Call, index: &str) -> Result<String, Problem> {
    let name = random(call.app.entropy.as_ref(), 8)?;
    let value = format!("{name}.{}", sign(call, index, &name));
    Ok(set_cookie(is_secure(call), COOKIE, &value, Some(LASTS_MS)))
}

fn sign(call: &Call, index: &str, name: &str) -> String {
    let key = derive(call.app.host.secret.expose(), "known-browsers");
    hex(&mac(&key, format!("{index}/{name}").as_bytes()))
}
