//! Sending what waits in the outbox: rounds that a host runs when it is rung, and now and then.
//!
//! Load, decide, apply: what is due is taken row by row, sent, and noted. Whoever dies between
//! sending and noting lets a mail go out twice, under the same id; nobody loses one. It must not
//! know what a mail says, nor who carries it.

mod pace;
mod settings;

use std::sync::Arc;

use domain::people::address::Address;

use crate::{
    App, limits,
    mail::{self, Sender},
    metered::Metered,
    people::retention,
    ports::{Alone, Bell, CommitFault, Fault, Mailer, Undelivered},
    rows::outbox::{self as rows, Due},
};
use pace::{Failure, Next, after};
pub use settings::{Rung, Settings};

/// Sends messages, and is told when there is one.
pub struct Outbox {
    post: Option<Post>,
    bell: Arc<dyn Bell>,
    links: Links,
}

/// Who carries mails, and in whose name.
pub struct Post {
    /// Who carries them.
    pub mailer: Arc<dyn Mailer>,
    /// The sender's address; the name beside it is the venue's.
    pub from: Address,
}

/// What stands before a path in a mail: an origin, with `{domain}` where the venue's name goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links(String);

impl Links {
    /// Reads the setting; plain http is for demos and suites.
    ///
    /// # Errors
    /// Says, for who configures, what is wrong with it.
    pub fn parse(text: &str, demo: bool) -> Result<Self, String> {
        let text = text.trim_end_matches('/');
        let rest = match text.strip_prefix("http://") {
            Some(rest) if demo => Some(rest),
            _ => text.strip_prefix("https://"),
        };
        let plain = |b: u8| b.is_ascii_alphanumeric() || b".-:".contains(&b);
        let rest = rest.map(|rest| rest.replacen("{domain}", "d", 1));
        if rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(plain)) {
            Ok(Self(text.to_owned()))
        } else {
            Err("write https://{domain}, or an origin such as https://shop.example".to_owned())
        }
    }

    /// Returns the origin for a venue with this public name; nothing where a name is wanted and
    /// there is none.
    #[must_use]
    pub fn origin(&self, domain: Option<&str>) -> Option<String> {
        let (before, after) = match self.0.split_once("{domain}") {
            Some(parts) => parts,
            None => return Some(self.0.clone()),
        };
        domain.map(|domain| format!("{before}{domain}{after}"))
    }
}

impl Default for Links {
    fn default() -> Self {
        Self("https://{domain}".to_owned())
    }
}

impl Default for Outbox {
    fn default() -> Self {
        Self { post: None, bell: Arc::new(Alone), links: Links::default() }
    }
}

/// What a round did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// Mails that were sent.
    pub sent: usize,
    /// Mails that could not be sent now, or ever.
    pub failed: usize,
    /// There may be more that are due.
    pub more: bool,
}

impl Outbox {
    /// Makes an outbox; without a post mails wait, and staff see it.
    #[must_use]
    pub fn new(post: Option<Post>, bell: Arc<dyn Bell>, links: Links) -> Self {
        Self { post, bell, links }
    }

    /// Says, after a commit, that something waits.
    pub fn ring(&self) {
        self.bell.ring();
    }

    /// Tells whether anybody carries mails.
    #[must_use]
    pub fn has_post(&self) -> bool {
        self.post.is_some()
    }

    /// Returns what stands before a path in a mail.
    #[must_use]
    pub fn links(&self) -> &Links {
        &self.links
    }
}

/// Sends what is due, at most so many; each counts as tried before it is sent.
///
/// # Errors
/// Fails when the database does; what was sent and not noted is sent again.
pub async fn deliver(app: &App, at_most: usize) -> Result<Round, Fault> {
    let db = Metered::new(app.database.clone(), u32::MAX);
    let mut round = Round::default();
    if let Some(post) = &app.outbox.post {
        let due = rows::due(&db, app.clock.now_ms(), at_most).await?;
        round.more = due.len() == at_most;
        for due in due {
            if !note(&db, rows::take(&due, app.clock.now_ms())).await? {
                continue;
            }
            match send(app, post, &due).await {
                Ok(()) => {
                    round.sent += 1;
                    note(&db, rows::sent(&due, app.clock.now_ms())).await?;
                }
                Err(undelivered) => {
                    round.failed += 1;
                    put_off(app, &db, &due, &undelivered).await?;
                }
            }
        }
    }
    match db.commit(&rows::expire(app.clock.now_ms())).await {
        Ok(()) | Err(CommitFault::Conflict) => Ok(round),
        Err(CommitFault::Fault(fault)) => Err(fault),
    }
}

async fn send(app: &App, post: &Post, due: &Due) -> Result<(), Undelivered> {
    let unreadable = || Undelivered { reason: "unreadable".to_owned(), is_lasting: true };
    let content = mail::open(&app.host, &due.id, &due.sealed).ok_or_else(unreadable)?;
    let mail = mail::render(&sender(app, &post.from, due), &due.id, &content)?;
    post.mailer.send(&mail).await
}

/// Returns who writes a row's mail.
pub(crate) fn sender<'a>(app: &'a App, from: &'a Address, due: &'a Due) -> Sender<'a> {
    Sender {
        from,
        links: app.outbox.links(),
        name: &due.name,
        time_zone: &due.time_zone,
        domain: Some(due.domain.as_str()).filter(|domain| !domain.is_empty()),
    }
}

async fn put_off(app: &App, db: &Metered, due: &Due, why: &Undelivered) -> Result<(), Fault> {
    let now_ms = app.clock.now_ms();
    let mut lot = [0];
    // Without entropy the shortest pause is as good.
    let _ = app.entropy.fill(&mut lot);
    let [lot] = lot;
    let failure = Failure {
        tries: due.tries,
        since_ms: u64::try_from(due.since_ms).unwrap_or_default(),
        now_ms,
        is_lasting: why.is_lasting,
    };
    let (kind, reason, mail) = (&due.kind, why.reason.as_str(), &due.id);
    match after(failure, lot) {
        Next::At { at_ms } => {
            tracing::warn!(mail, kind, reason, "a mail waits for another try");
            note(db, rows::again(due, at_ms, reason)).await?;
        }
        Next::GiveUp => {
            tracing::error!(mail, kind, reason, "a mail is given up; staff see it at /outbox");
            note(db, rows::give_up(due, now_ms, reason)).await?;
            let content = mail::open(&app.host, &due.id, &due.sealed);
            if let Some(person) = content.and_then(|content| content.warned()) {
                note(db, retention::unreached(&person)).await?;
            }
        }
    }
    Ok(())
}

/// Returns when a host that was not rung looks again: when the next mail is due, and not seldom.
///
/// # Errors
/// Fails when the database does.
pub async fn pause_ms(app: &App) -> Result<u64, Fault> {
    let [longest_ms, ..] = limits::MAIL_PAUSES_MS;
    if !app.outbox.has_post() {
        return Ok(longest_ms);
    }
    let db = Metered::new(app.database.clone(), u32::MAX);
    let next_ms = rows::next_ms(&db).await?;
    let pause_ms = next_ms.map(|next_ms| next_ms.saturating_sub(app.clock.now_ms()));
    Ok(pause_ms.unwrap_or(longest_ms).clamp(limits::MAIL_PAUSE_MIN_MS, longest_ms))
}

/// Commits one statement; tells whether nobody else was first.
async fn note(db: &Metered, statement: sync_engine::statement::Statement) -> Result<bool, Fault> {
    match db.commit(&[statement]).await {
        Ok(()) => Ok(true),
        Err(CommitFault::Conflict) => Ok(false),
        Err(CommitFault::Fault(fault)) => Err(fault),
    }
}
