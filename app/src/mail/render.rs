//! A mail's words, from its letter and the venue: subject, text and HTML.
//!
//! Its link is built from a name that belongs to the venue in this store, never from a request. It
//! must not know how the mail leaves.

use askama::Template;
use domain::people::address::Address;

use super::{Content, Letter};
use crate::{
    limits::MAIL_NAME_CHARS,
    locale::Locale,
    outbox::Links,
    ports::{Mail, Undelivered},
};

/// Who writes: a venue, as this store knows it.
pub(crate) struct Sender<'a> {
    pub(crate) from: &'a Address,
    pub(crate) links: &'a Links,
    pub(crate) name: &'a str,
    pub(crate) time_zone: &'a str,
    pub(crate) domain: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    words: &'a Words,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Text<'a> {
    words: &'a Words,
}

struct Words {
    language: &'static str,
    subject: String,
    greeting: String,
    body: String,
    button: String,
    link: String,
    foot: String,
    venue: String,
}

/// Writes the mail.
///
/// # Errors
/// Fails for now where the venue has no name to link to, and for good where the content makes no
/// sense any more.
pub(crate) fn render(
    sender: &Sender<'_>,
    id: &str,
    content: &Content,
) -> Result<Mail, Undelivered> {
    let lasting = |reason: &str| Undelivered { reason: reason.to_owned(), is_lasting: true };
    let to = Address::parse(&content.to).map_err(|_| lasting("unreadable"))?;
    let locale = Locale::from_tag(&content.language).unwrap_or_default();
    let origin = sender.links.origin(sender.domain);
    let origin =
        origin.ok_or_else(|| Undelivered { reason: "no_domain".to_owned(), is_lasting: false })?;
    let words = words(sender, locale, &origin, &content.letter);
    let html = Html { words: &words }.render().map_err(|_| lasting("unreadable"))?;
    let text = Text { words: &words }.render().map_err(|_| lasting("unreadable"))?;
    Ok(Mail {
        id: id.to_owned(),
        from_name: words.venue,
        from: sender.from.clone(),
        to,
        subject: words.subject,
        text,
        html,
    })
}

fn words(sender: &Sender<'_>, locale: Locale, origin: &str, letter: &Letter) -> Words {
    let venue = one_line(sender.name);
    let (device, time) = match letter {
        Letter::NewSignIn { device, at_ms, .. } => {
            (plain(device), locale.moment(sender.time_zone, *at_ms))
        }
        _ => (String::new(), String::new()),
    };
    let values = [("venue", venue.as_str()), ("device", &device), ("time", &time)];
    let say = |part: &str| locale.t_with(&format!("mail.{}_{part}", letter.kind()), &values);
    Words {
        language: locale.code(),
        subject: say("subject"),
        greeting: locale.t("mail.greeting").to_owned(),
        body: say("text"),
        button: say("button"),
        link: format!("{origin}{}", letter.path()),
        foot: locale.t_with("mail.foot", &values),
        venue,
    }
}

/// A name that somebody gave, fit for a header.
fn one_line(name: &str) -> String {
    let fit = |c: char| !c.is_control() && !"\"\\<>".contains(c);
    name.chars().filter(|c| fit(*c)).take(MAIL_NAME_CHARS).collect()
}

/// What a stranger's browser says of itself, without anything that a reader would make a link of.
fn plain(text: &str) -> String {
    let fit = |c: char| if c.is_alphanumeric() || "·,()-".contains(c) { c } else { ' ' };
    let words: String = text.chars().take(MAIL_NAME_CHARS).map(fit).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
