//! What an OpenID provider says of somebody: an ID token, read and checked (OpenID Connect Core
//! 3.1.3.7).
//!
//! Its signature is not looked at: a token is read that came from the provider's own token endpoint
//! over TLS, which point 6 lets stand for it. It must not know how a token came.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value as Json};
use sync_engine::seal::equal;

use super::address::Address;

/// Bytes of a token.
pub const TOKEN_BYTES: usize = 16 * 1024;
const SUBJECT_CHARS: usize = 255;
/// By how much two clocks may differ.
const LEEWAY_S: u64 = 60;
/// How old a token may be that came just now.
const AGE_S: u64 = 10 * 60;

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who says it.
    pub issuer: &'a str,
    /// To whom.
    pub client: &'a str,
    /// In answer to what.
    pub nonce: &'a str,
    /// The time.
    pub now_ms: u64,
}

/// What a provider says of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// By what the provider knows them, for ever.
    pub subject: String,
    /// Their address, where it says one that can be read.
    pub email: Option<Address>,
    /// It vouches for the address.
    pub is_verified: bool,
    /// What they call themselves; checked by nobody.
    pub name: String,
}

/// Why a token is not believed; for the log, not for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unbelieved(pub &'static str);

/// Reads an ID token.
///
/// # Errors
/// Says what is wrong with it.
pub fn read(token: &str, expected: &Expected<'_>) -> Result<Said, Unbelieved> {
    let no = |why| Err(Unbelieved(why));
    if token.len() > TOKEN_BYTES {
        return no("it is too long");
    }
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return no("it has not three parts");
    };
    let algorithm = object(header)?;
    let algorithm = algorithm.get("alg").and_then(Json::as_str).unwrap_or_default();
    if algorithm.is_empty() || algorithm.eq_ignore_ascii_case("none") || signature.is_empty() {
        return no("it is not signed");
    }
    let claims = object(claims)?;
    if text(&claims, "iss") != expected.issuer {
        return no("somebody else issued it");
    }
    check_audience(&claims, expected.client)?;
    let seconds = |name: &str| claims.get(name).and_then(Json::as_u64);
    let (Some(ends_s), Some(made_s)) = (seconds("exp"), seconds("iat")) else {
        return no("it does not say from when to when it is good");
    };
    let now_s = expected.now_ms / 1_000;
    if ends_s.saturating_add(LEEWAY_S) <= now_s {
        return no("it has expired");
    }
    if made_s > now_s.saturating_add(LEEWAY_S) || made_s.saturating_add(AGE_S) < now_s {
        return no("it was not made just now");
    }
    let nonce = text(&claims, "nonce");
    if expected.nonce.is_empty() || !equal(nonce.as_bytes(), expected.nonce.as_bytes()) {
        return no("it answers another question");
    }
    said(&claims)
}

/// It is for us: alone, or by a token that names us as the one who asked.
fn check_audience(claims: &Map<String, Json>, client: &str) -> Result<(), Unbelieved> {
    let (is_ours, is_alone) = match claims.get("aud") {
        Some(Json::String(one)) => (one == client, true),
        Some(Json::Array(all)) => (all.iter().any(|one| one == client), all.len() == 1),
        _ => (false, false),
    };
    let asked = claims.get("azp").map(|asked| asked == client);
    if is_ours && asked.unwrap_or(is_alone) {
        return Ok(());
    }
    Err(Unbelieved("it is for somebody else"))
}

/// Reads what is said of somebody, from a token or from the provider's page about them.
///
/// # Errors
/// Refuses where it does not say of whom.
pub fn said(claims: &Map<String, Json>) -> Result<Said, Unbelieved> {
    let subject = text(claims, "sub");
    let is_plain = subject.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if subject.is_empty() || subject.len() > SUBJECT_CHARS || !is_plain {
        return Err(Unbelieved("it does not say of whom"));
    }
    Ok(Said {
        subject: subject.to_owned(),
        email: Address::parse(text(claims, "email")).ok(),
        is_verified: claims.get("email_verified") == Some(&Json::Bool(true)),
        name: text(claims, "name").to_owned(),
    })
}

fn text<'a>(claims: &'a Map<String, Json>, name: &str) -> &'a str {
    claims.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn object(part: &str) -> Result<Map<String, Json>, Unbelieved> {
    let unreadable = Unbelieved("it cannot be read");
    let bytes = BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| unreadable)?;
    serde_json::from_slice(&bytes).map_err(|_| unreadable)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW_S: u64 = 1_800_000_000;

    fn token(header: &Json, claims: &Json) -> String {
        let part = |json: &Json| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
        format!("{}.{}.c2lnbmVk", part(header), part(claims))
    }

    fn claims() -> Json {
        json!({"iss": "https://id.example", "sub": "42", "aud": "relais", "exp": NOW_S + 300,
            "iat": NOW_S, "nonce": "n0", "email": "Ann@Example.org", "email_verified": true,
            "name": "Ann"})
    }

    fn ask(token: &str) -> Result<Said, Unbelieved> {
        let now_ms = NOW_S * 1_000;
        let (issuer, client, nonce) = ("https://id.example", "relais", "n0");
        read(token, &Expected { issuer, client, nonce, now_ms })
    }

    #[test]
    fn a_token_is_believed_when_all_of_it_is_right() {
        let said = ask(&token(&json!({"alg": "RS256"}), &claims())).unwrap();
        assert_eq!(said.email, Address::parse("ann@example.org").ok());
        assert_eq!((said.subject.as_str(), said.is_verified, &*said.name), ("42", true, "Ann"));
    }

    #[test]
    fn whatever_is_wrong_with_a_token_it_is_not_believed() {
        for (name, value, is_believed) in [
            ("iss", json!("https://id.example/"), false),
            ("iss", json!("https://evil.example"), false),
            ("aud", json!("another"), false),
            ("aud", json!(["relais"]), true),
            ("aud", json!(["relais", "another"]), false),
            ("aud", json!({"relais": true}), false),
            ("azp", json!("another"), false),
            ("azp", json!("relais"), true),
            ("exp", json!(NOW_S - 60), false),
            ("exp", json!(NOW_S - 59), true),
            ("exp", json!("never"), false),
            ("exp", Json::Null, false),
            ("iat", json!(NOW_S + 61), false),
            ("iat", json!(NOW_S - 601), false),
            ("iat", json!(-1), false),
            ("iat", json!(u64::MAX), false),
            ("exp", json!(u64::MAX), true),
            ("nonce", json!("n1"), false),
            ("nonce", json!(""), false),
            ("nonce", Json::Null, false),
            ("sub", json!(""), false),
            ("sub", json!("a\nb"), false),
            ("sub", json!("s".repeat(256)), false),
            ("sub", json!(42), false),
        ] {
            let mut claims = claims();
            claims[name] = value.clone();
            let read = ask(&token(&json!({"alg": "RS256"}), &claims));
            assert_eq!(read.is_ok(), is_believed, "{name} {value}: {read:?}");
        }
        let mut both = claims();
        (both["aud"], both["azp"]) = (json!(["another", "relais"]), json!("relais"));
        assert!(ask(&token(&json!({"alg": "ES256"}), &both)).is_ok());
        for header in [json!({"alg": "none"}), json!({"alg": "NONE"}), json!({}), json!(7)] {
            assert!(ask(&token(&header, &claims())).is_err(), "{header}");
        }
        let whole = token(&json!({"alg": "RS256"}), &claims());
        let unsigned = whole.trim_end_matches("c2lnbmVk");
        for broken in ["", ".", "..", "a.b.c", unsigned, &whole[1..], &format!("{whole}.x")] {
            assert!(ask(broken).is_err(), "{broken}");
        }
        assert!(ask(&"a".repeat(TOKEN_BYTES + 1)).is_err());
    }

    #[test]
    fn an_address_counts_only_where_it_is_plainly_vouched_for() {
        for (verified, expected) in [
            (json!(true), true),
            (json!(false), false),
            (json!("true"), false),
            (json!(1), false),
            (Json::Null, false),
        ] {
            let mut claims = claims();
            claims["email_verified"] = verified.clone();
            let said = ask(&token(&json!({"alg": "RS256"}), &claims)).unwrap();
            assert_eq!(said.is_verified, expected, "{verified}");
        }
        let mut claims = claims();
        claims["email"] = json!("ann@example.org\nBcc: eve@example.org");
        assert_eq!(ask(&token(&json!({"alg": "RS256"}), &claims)).unwrap().email, None);
    }
}
