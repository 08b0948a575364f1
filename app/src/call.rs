//! One request on its way through the application: what was asked, by whom, for which venue.
//!
//! Handlers get a [`Call`] and return an answer or a `Problem`; they see no framework types beyond
//! `http`'s. It must not know any one route.

use std::net::IpAddr;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Response, StatusCode, header},
};
use domain::{access::Right, schema::SCHEMA, venue::Venue};
use serde::de::DeserializeOwned;
use sync_engine::{
    append::{self, Pen},
    change::Draft,
    id::{Purpose, Writer},
    statement::Batch,
};

use crate::{
    App, csrf,
    device::proof::Proven,
    gate::decode_query,
    host::Host,
    limits,
    locale::Locale,
    metered::Metered,
    people::mark,
    ports::CommitFault,
    problem::{Problem, respond},
    rows,
    session::{self, Visitor},
    transport::Transport,
    views::{Shell, Surface},
};

mod parts;

const FORM: &str = "application/x-www-form-urlencoded";

/// The parameter and the cookie of whoever wants large letters and strong contrasts.
pub const COMFORT: &str = "comfort";

/// An answer or what went wrong.
pub type Answer = Result<Response<Body>, Problem>;

/// The venue that a request is about, and as whom this store writes its data.
#[derive(Debug, Clone)]
pub struct Here {
    /// The venue.
    pub venue: Venue,
    /// This store's present life.
    pub writer: Writer,
    /// The tables that the store knows, as `sync_engine::learn` names them.
    pub learnt: String,
    /// From which key of the gateway comes what devices and PINs are bound to.
    pub shared: u32,
}

/// One request.
pub struct Call {
    /// The host's ports and configuration.
    pub app: App,
    /// The database, with what is left of the request's budget.
    pub db: Metered,
    /// The venue; routes that need none leave it empty.
    pub here: Option<Here>,
    /// Who is signed in.
    pub visitor: Option<Visitor>,
    /// From where the request came, where the host knows it.
    pub from: Option<IpAddr>,
    /// Over what it came, where the host knows it.
    pub transport: Option<Transport>,
    /// What a browser that had no cookie yet is given for its forms.
    pub new_form_token: Option<String>,
    /// The enrolled device that signed the request.
    pub device: Option<String>,
    /// The device of the registry that sent it: one that signed, or an enrolled browser.
    pub proven: Option<Proven>,
    /// The reader's language.
    pub locale: Locale,
    /// The path.
    pub path: String,
    /// The path's parameters.
    pub params: Vec<(String, String)>,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, within the route's limit.
    pub body: Bytes,
}

/// How a write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is durable.
    Done,
    /// Somebody else was first, or the database hiccuped: load and decide again.
    Again,
}

impl Call {
    /// Returns the venue.
    ///
    /// # Errors
    /// Fails where the host name belongs to no venue.
    pub fn here(&self) -> Result<&Here, Problem> {
        self.here.as_ref().ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "unknown_venue"))
    }

    /// Returns a path parameter.
    ///
    /// # Errors
    /// Fails when it is missing or too long to be an id.
    pub fn param(&self, name: &str) -> Result<&str, Problem> {
        let found = self.params.iter().find(|(known, _)| known == name).map(|(_, v)| v.as_str());
        found.filter(|v| v.len() <= limits::TOKEN_CHARS).ok_or_else(Problem::not_found)
    }

    /// Returns a query parameter.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, v)| v.as_str())
    }

    /// Returns a field of a form; empty when it is missing or the body is no form.
    #[must_use]
    pub fn field(&self, name: &str) -> String {
        let content_type = self.header(header::CONTENT_TYPE.as_str());
        if !content_type.starts_with(FORM) {
            let part = parts::find(content_type, &self.body, name);
            return part.and_then(|part| String::from_utf8(part.to_vec()).ok()).unwrap_or_default();
        }
        let text = std::str::from_utf8(&self.body).unwrap_or_default();
        let found = decode_query(text).into_iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value).unwrap_or_default()
    }

    /// Returns the content of a file that a form brings; what it is called counts for nothing.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<Bytes> {
        let content_type = self.header(header::CONTENT_TYPE.as_str());
        parts::find(content_type, &self.body, name).map(|part| self.body.slice_ref(part))
    }

    /// Returns who is signed in.
    ///
    /// # Errors
    /// Fails where nobody is.
    pub fn visitor(&self) -> Result<&Visitor, Problem> {
        let nobody = || Problem::new(StatusCode::UNAUTHORIZED, "sign_in_required");
        self.visitor.as_ref().ok_or_else(nobody)
    }

    /// Tells whether whoever is signed in holds the right.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.visitor.as_ref().is_some_and(|visitor| visitor.may(right))
    }

    /// Returns a header as text; empty when it is missing or not text.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    /// Refuses another content type and anything that does not fit.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let content_type = self.header(header::CONTENT_TYPE.as_str());
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::new(status, "unsupported_media_type"));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            let problem = Problem::new(StatusCode::BAD_REQUEST, "invalid_json");
            Problem { detail: error.to_string(), ..problem }
        })
    }

    /// Commits drafts of this venue; nothing to write is done already.
    ///
    /// # Errors
    /// Fails when the drafts are malformed or the database cannot run them.
    pub async fn write(&self, drafts: &[Draft]) -> Result<Written, Problem> {
        if drafts.is_empty() {
            return Ok(Written::Done);
        }
        self.write_with(drafts, Batch::new()).await
    }

    /// Commits drafts of this venue together with statements on local rows.
    ///
    /// # Errors
    /// Fails when the drafts are malformed or the database cannot run them.
    pub async fn write_with(&self, drafts: &[Draft], local: Batch) -> Result<Written, Problem> {
        self.write_between(Batch::new(), drafts, local).await
    }

    /// Commits drafts of this venue between statements on local rows: what must hold before they
    /// are written, and what must hold afterwards.
    ///
    /// # Errors
    /// As [`Call::write_with`].
    pub async fn write_between(
        &self,
        before: Batch,
        drafts: &[Draft],
        after: Batch,
    ) -> Result<Written, Problem> {
        let here = self.here()?;
        let mut batch = before;
        batch.extend(here.batch(&self.app, drafts)?);
        batch.extend(after);
        commit(&self.app, &self.db, here, (&batch, drafts)).await
    }

    /// Returns path and query without `lang`, for the language switch.
    ///
    /// A link to `//somewhere` would lead to another site, so it begins with one slash.
    pub(crate) fn address(&self) -> String {
        let kept: Vec<String> = self
            .query
            .iter()
            .filter(|(name, _)| !["lang", COMFORT].contains(&name.as_str()))
            .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
            .collect();
        let path = format!("/{}", self.path.trim_start_matches(['/', '\\']));
        if kept.is_empty() { path } else { format!("{path}?{}", kept.join("&")) }
    }

    /// Tells whether a kiosk asks: its own pages, and what bears `kiosk` in its address.
    #[must_use]
    pub fn is_kiosk(&self) -> bool {
        let is_own = self.path == "/kiosk" || self.path.starts_with("/kiosk/");
        is_own || self.query("kiosk").is_some()
    }

    /// Returns the frame of a page.
    #[must_use]
    pub fn shell(&self, surface: Surface) -> Shell {
        let name = self.here.as_ref().map_or("Relais", |here| here.venue.name.as_str());
        Shell {
            locale: self.locale,
            venue_name: name.to_owned(),
            path: self.address(),
            surface,
            demo: self.app.host.demo,
            live: self.app.live.takes_sockets(),
            csrf: csrf::token(self),
            signed_in: self.visitor.is_some(),
            guest: self.visitor.as_ref().is_some_and(|v| !v.platform && !v.roles.is_staff()),
            comfort: match self.query(COMFORT) {
                Some(asked) => asked == "1",
                None => session::cookie(&self.headers, COMFORT) == Some("1"),
            },
        }
    }
}

impl Here {
    /// Returns the key to which PINs and devices of the venue are bound; none where this host has
    /// none.
    #[must_use]
    pub fn pin_key(&self, host: &Host) -> Option<[u8; 32]> {
        host.pin_key(&self.venue.id, self.shared)
    }

    /// Returns what writes this venue's data now.
    #[must_use]
    pub fn pen(&self, app: &App) -> Pen {
        Pen {
            venue: self.venue.id.clone(),
            writer: self.writer.clone(),
            now_ms: app.clock.now_ms(),
        }
    }

    /// Returns the statements that write these drafts, of people with their home's mark.
    ///
    /// # Errors
    /// Refuses malformed drafts.
    pub fn batch(&self, app: &App, drafts: &[Draft]) -> Result<Batch, Problem> {
        let pen = self.pen(app);
        let drafts = mark::marked(&app.host, &pen.venue, drafts, pen.now_ms);
        Ok(append::batch(&SCHEMA, &pen, &drafts)?)
    }
}

/// Commits the batch that writes these drafts, and tells whoever listens.
///
/// # Errors
/// Fails when the database cannot run it, or the store has begun a new life meanwhile.
pub async fn commit(
    app: &App,
    db: &Metered,
    here: &Here,
    (batch, drafts): (&Batch, &[Draft]),
) -> Result<Written, Problem> {
    let venue = &here.venue.id;
    match db.commit(batch).await {
        Ok(()) => {}
        Err(CommitFault::Conflict) => {
            let now = rows::venue::by_id(db, venue).await?;
            if now.is_some_and(|now| now.writer != here.writer) {
                return Err(Problem::unavailable("this store has begun a new life"));
            }
            return Ok(Written::Again);
        }
        Err(CommitFault::Fault(fault)) if fault.retryable => return Ok(Written::Again),
        Err(CommitFault::Fault(fault)) => return Err(fault.into()),
    }
    let written =
        |p: &&str| drafts.iter().any(|d| SCHEMA.table(d.table).is_some_and(|t| t.purpose == *p));
    for purpose in SCHEMA.purposes().iter().filter(|p| written(p)) {
        if let Ok(purpose) = Purpose::parse(purpose) {
            app.live.changed(venue, &purpose);
        }
    }
    Ok(Written::Done)
}

/// Writes the query of an address, without what is empty.
#[must_use]
pub fn query_of(fields: &[(&str, &str)]) -> String {
    let given = fields.iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<String> =
        given.map(|(name, value)| format!("{name}={}", escape(value))).collect();
    pairs.join("&")
}

/// Counts the tries of a write that may lose races.
#[derive(Debug, Default)]
pub struct Tries(u32);

impl Tries {
    /// Returns how many were lost.
    #[must_use]
    pub const fn lost(&self) -> u32 {
        self.0
    }

    /// Takes another try.
    ///
    /// # Errors
    /// Gives up after the limit.
    pub fn again(&mut self) -> Result<(), Problem> {
        self.0 += 1;
        if self.0 >= limits::WRITE_TRIES {
            return Err(Problem::unavailable("a write lost every race"));
        }
        Ok(())
    }
}

/// Answers with a page.
///
/// # Errors
/// Fails when the template does.
pub fn page(template: &impl askama::Template) -> Answer {
    let html = template.render().map_err(|error| Problem::internal(error.to_string()))?;
    Ok(respond(StatusCode::OK, "text/html; charset=utf-8", html))
}

/// Answers with JSON.
///
/// # Errors
/// Fails when the value cannot be written.
pub fn json(status: StatusCode, value: &impl serde::Serialize) -> Answer {
    let text = serde_json::to_string(value).map_err(|e| Problem::internal(e.to_string()))?;
    Ok(respond(status, "application/json", text))
}

/// Writes a text so that it may stand in a query.
#[must_use]
pub fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let one = |byte| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(one).collect()
}
