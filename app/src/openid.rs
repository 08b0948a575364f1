//! Signing in by an OpenID provider: which one, where it is asked, and what it answers.
//!
//! Standard OpenID Connect: discovery, code flow with PKCE, state and nonce. It must not know
//! accounts, nor who comes of what it says.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use domain::people::openid::{self, Expected, Said, Unbelieved};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use sync_engine::statement::{Statement, Value};

use axum::http::StatusCode;

use crate::{
    call::{Call, escape},
    host::Secret,
    limits,
    outbound::{Errand, Origin, Outbound, Reach},
    ports::{Method, Outgoing, Wanted},
    problem::Problem,
    rows::text,
    session::random,
};

/// What launch configuration says; each may be empty.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The provider's name for itself, an address.
    pub issuer: String,
    /// How the provider calls us.
    pub client_id: String,
    /// By what it knows that it is us.
    pub client_secret: String,
    /// What people call it.
    pub label: String,
    /// The origin of its token endpoint, where that is not the issuer's.
    pub token_origin: String,
}

/// A provider.
#[derive(Debug)]
pub struct Provider {
    issuer: String,
    client_id: String,
    client_secret: Secret,
    label: String,
    reach: Reach,
}

impl Settings {
    /// Lets requests out to the provider, and returns it; none where none is configured.
    ///
    /// # Errors
    /// Says what is missing or unfit, all of it.
    pub fn provider(
        self,
        outbound: &mut Outbound,
        reach: Reach,
    ) -> Result<Option<Provider>, String> {
        if self.issuer.is_empty() {
            return Ok(None);
        }
        let mut problems = Vec::new();
        for (what, url) in [("issuer", &self.issuer), ("token origin", &self.token_origin)] {
            let allowed = if url.is_empty() { Ok(()) } else { outbound.allow(Errand::OpenId, url) };
            if let Err(why) = allowed {
                problems.push(format!("the sign-in provider's {what}: {why}"));
            }
        }
        if self.issuer.contains(['?', '#']) {
            problems.push("the sign-in provider's issuer has no `?` and no `#`".to_owned());
        }
        for (what, value) in [("client id", &self.client_id), ("secret", &self.client_secret)] {
            if value.is_empty() {
                problems.push(format!("the sign-in provider's {what} is missing"));
            }
        }
        if !problems.is_empty() {
            return Err(problems.join("; "));
        }
        let label = if self.label.is_empty() { "OpenID".to_owned() } else { self.label };
        Ok(Some(Provider {
            issuer: self.issuer,
            client_id: self.client_id,
            client_secret: Secret::new(self.client_secret),
            label,
            reach,
        }))
    }
}

/// What a sign-in is bound to, from its beginning to the provider's answer.
#[derive(Debug, Clone)]
pub struct Question {
    /// Comes back in the token.
    pub nonce: String,
    /// Shows, with the code, that it is we who began.
    pub verifier: String,
    /// Where the provider sends the browser back to.
    pub back: String,
}

impl Question {
    /// Draws one.
    ///
    /// # Errors
    /// Fails when the host has no randomness.
    pub fn draw(call: &Call, back: String) -> Result<Self, Problem> {
        let entropy = call.app.entropy.as_ref();
        Ok(Self { nonce: random(entropy, 16)?, verifier: random(entropy, 32)?, back })
    }
}

/// Where a provider is asked for what.
struct Endpoints {
    authorization: String,
    token: String,
    userinfo: String,
    /// It wants our secret in the form, not in a header.
    by_form: bool,
}

impl Provider {
    /// Returns the provider's name for itself.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns what people call it.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Returns the address at the provider where a browser begins.
    ///
    /// # Errors
    /// Fails when the provider does not say where that is.
    pub async fn beginning(
        &self,
        call: &Call,
        state: &str,
        question: &Question,
    ) -> Result<String, Problem> {
        let start = self.endpoints(call).await?.authorization;
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(question.verifier.as_bytes()));
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &question.back),
            ("scope", "openid email profile"),
            ("state", state),
            ("nonce", &question.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("ui_locales", call.locale.code()),
        ]);
        let joint = if start.contains('?') { '&' } else { '?' };
        Ok(format!("{start}{joint}{query}"))
    }

    /// Exchanges the code that a browser brought for what the provider says of its owner.
    ///
    /// # Errors
    /// Fails when the provider does not answer, or says what is not to be believed.
    pub async fn redeem(
        &self,
        call: &Call,
        code: &str,
        question: &Question,
    ) -> Result<Said, Problem> {
        let endpoints = self.endpoints(call).await?;
        let secret = String::from_utf8_lossy(self.client_secret.expose()).into_owned();
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &question.back),
            ("code_verifier", &question.verifier),
        ];
        let mut headers = Vec::new();
        if endpoints.by_form {
            fields.extend([("client_id", self.client_id.as_str()), ("client_secret", &secret)]);
        } else {
            let pair = format!("{}:{}", escape(&self.client_id), escape(&secret));
            headers.push(("authorization", format!("Basic {}", BASE64.encode(pair.as_bytes()))));
        }
        headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
        let body = form(&fields).into_bytes();
        let answer = ask(call, Method::Post, &endpoints.token, (headers, body)).await?;
        let token = answer.get("id_token").and_then(Json::as_str).unwrap_or_default();
        let said = openid::read(
            token,
            &Expected {
                issuer: &self.issuer,
                client: &self.client_id,
                nonce: &question.nonce,
                now_ms: call.app.clock.now_ms(),
            },
        );
        let said = said.map_err(unbelieved)?;
        if said.email.is_some() {
            return Ok(said);
        }
        let access = answer.get("access_token").and_then(Json::as_str).unwrap_or_default();
        more(call, said, (&endpoints.userinfo, access)).await
    }

    async fn endpoints(&self, call: &Call) -> Result<Endpoints, Problem> {
        let now_ms = call.app.clock.now_ms();
        let sql = "SELECT document FROM openid_discovery WHERE issuer = ?1 AND ends_ms > ?2";
        let params: Vec<Value> = vec![self.issuer.as_str().into(), (now_ms as i64).into()];
        if let Some(row) = call.db.rows(Statement::new(sql, params)).await?.first()
            && let Ok(known) = serde_json::from_str(&text(row, "document")?)
        {
            return self.read(&known);
        }
        let start = self.issuer.trim_end_matches('/');
        let url = format!("{start}/.well-known/openid-configuration");
        let document = ask(call, Method::Get, &url, (Vec::new(), Vec::new())).await?;
        let endpoints = self.read(&document)?;
        let ends_ms = now_ms.saturating_add(limits::OPENID_KNOWN_MS) as i64;
        let kept = json!({
            "issuer": self.issuer,
            "authorization_endpoint": endpoints.authorization,
            "token_endpoint": endpoints.token,
            "userinfo_endpoint": endpoints.userinfo,
            "token_endpoint_auth_methods_supported":
                [if endpoints.by_form { "client_secret_post" } else { "client_secret_basic" }],
        });
        let sql = "INSERT INTO openid_discovery (issuer, document, ends_ms) VALUES (?1, ?2, ?3) \
             ON CONFLICT (issuer) DO UPDATE SET document = excluded.document, \
             ends_ms = excluded.ends_ms";
        let params: Vec<Value> =
            vec![self.issuer.as_str().into(), kept.to_string().into(), ends_ms.into()];
        call.db.commit(&[Statement::new(sql, params)]).await?;
        Ok(endpoints)
    }

    /// Reads where the provider is asked, from what it says of itself.
    fn read(&self, document: &Map<String, Json>) -> Result<Endpoints, Problem> {
        let text = |name: &str| document.get(name).and_then(Json::as_str).unwrap_or_default();
        if text("issuer") != self.issuer {
            return Err(unbelieved(Unbelieved("the provider says that it is another one")));
        }
        let endpoint = |name: &str| match Origin::of(text(name), self.reach) {
            Ok(_) => Ok(text(name).to_owned()),
            Err(_) => Err(unbelieved(Unbelieved("the provider's addresses are not fit"))),
        };
        let methods = document.get("token_endpoint_auth_methods_supported");
        let methods = methods.and_then(Json::as_array);
        let takes = |name: &str| methods.is_some_and(|all| all.iter().any(|one| one == name));
        Ok(Endpoints {
            authorization: endpoint("authorization_endpoint")?,
            token: endpoint("token_endpoint")?,
            userinfo: text("userinfo_endpoint").to_owned(),
            by_form: takes("client_secret_post") && !takes("client_secret_basic"),
        })
    }
}

/// Asks the provider for the address, where the token does not tell it.
async fn more(call: &Call, said: Said, (url, access): (&str, &str)) -> Result<Said, Problem> {
    if url.is_empty() || access.is_empty() {
        return Ok(said);
    }
    let headers = vec![("authorization", format!("Bearer {access}"))];
    let answer = ask(call, Method::Get, url, (headers, Vec::new())).await?;
    let told = openid::said(&answer).map_err(unbelieved)?;
    if told.subject == said.subject {
        return Ok(told);
    }
    Err(unbelieved(Unbelieved("the provider's page tells of somebody else")))
}

async fn ask(
    call: &Call,
    method: Method,
    url: &str,
    (mut headers, body): (Vec<(&'static str, String)>, Vec<u8>),
) -> Result<Map<String, Json>, Problem> {
    headers.push(("accept", "application/json".to_owned()));
    let wanted = Wanted {
        headers: &[],
        body_bytes: limits::OPENID_ANSWER_BYTES,
        within_ms: limits::OPENID_MS,
    };
    let url = url.to_owned();
    let request = Outgoing { method, url, headers, body, wanted };
    let answer = call.app.outbound.send(Errand::OpenId, request).await;
    let answer = answer.map_err(|fault| {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "openid_unavailable");
        Problem { detail: fault.detail, ..problem }
    })?;
    match answer.status {
        200 => serde_json::from_slice(&answer.body)
            .map_err(|_| unbelieved(Unbelieved("the provider's answer cannot be read"))),
        500.. => {
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "openid_unavailable");
            Err(Problem { detail: format!("the provider answers {}", answer.status), ..problem })
        }
        _ => Err(unbelieved(Unbelieved("the provider refuses"))),
    }
}

fn unbelieved(why: Unbelieved) -> Problem {
    tracing::warn!(why = why.0, "a sign-in by the provider failed");
    let problem = Problem::new(StatusCode::UNAUTHORIZED, "openid_invalid");
    Problem { detail: why.0.to_owned(), ..problem }
}

fn form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    pairs.join("&")
}
