//! The page of mails that wait, were given up or left, its buttons, and a demo's mailbox.
//!
//! It puts rows into words; it must not decide when anything is sent.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use domain::people::address::Address;

use crate::{
    api::outbox::send_again,
    call::{Answer, Call, page},
    gate::decode_query,
    mail, outbox,
    problem::{Problem, respond},
    rows::outbox::{self as rows, Due, Shown},
    views::{DemoMailView, DemoMailsView, MailView, Notice, OutboxView, Surface},
};

/// The page.
pub async fn show(call: Call) -> Answer {
    let here = call.here()?;
    let (counts, shown) = rows::load(&call.db, &here.venue.id).await?;
    let number = |count: i64| call.locale.number(u64::try_from(count).unwrap_or_default());
    let of = |state: &str| -> Vec<MailView> {
        let found = shown.iter().filter(|mail| mail.state == state);
        found.map(|mail| shown_mail(&call, &here.venue.time_zone, mail)).collect()
    };
    let done = call.query("retried") == Some("1");
    let text = || call.locale.t("outbox.retry_done").to_owned();
    page(&OutboxView {
        notice: done.then(|| Notice { good: true, text: text() }),
        has_post: call.app.outbox.has_post(),
        waiting_count: number(counts.waiting),
        sent_count: number(counts.sent),
        given_up_count: number(counts.given_up),
        given_up: of("given_up"),
        waiting: of("waiting"),
        sent: of("sent"),
        shell: call.shell(Surface::Staff),
    })
}

fn shown_mail(call: &Call, zone: &str, mail: &Shown) -> MailView {
    let time = |ms: i64| match u64::try_from(ms) {
        Ok(ms) if ms > 0 => call.locale.moment(zone, ms),
        _ => String::new(),
    };
    let kind = call.locale.find(&format!("outbox.kind_{}", mail.kind));
    let content = mail::open(&call.app.host, &mail.id, &mail.sealed);
    MailView {
        id: mail.id.clone(),
        kind: kind.unwrap_or(&mail.kind).to_owned(),
        to: content.map(|content| content.masked()).unwrap_or_default(),
        made: time(mail.made_ms),
        tries: call.locale.number(u64::try_from(mail.tries).unwrap_or_default()),
        when: time(if mail.ended_ms > 0 { mail.ended_ms } else { mail.next_ms }),
        error: mail.last_error.clone(),
    }
}

/// Sends again one mail or all, and leads back to the page.
pub async fn retry(call: Call) -> Answer {
    let fields = decode_query(std::str::from_utf8(&call.body).unwrap_or_default());
    let id = fields.iter().find(|(name, _)| name == "id").map(|(_, value)| value.as_str());
    send_again(&call, id).await?;
    let mut response: Response<Body> = respond(StatusCode::SEE_OTHER, "text/plain", "");
    let back = HeaderValue::from_static("/outbox?retried=1");
    response.headers_mut().insert(header::LOCATION, back);
    Ok(response)
}

/// A demo's mailbox: a stranger follows links that nobody carries.
pub async fn demo(call: Call) -> Answer {
    let waiting = rows::waiting(&call.db, &call.here()?.venue.id).await?;
    let mails = waiting.iter().map(|due| demo_mail(&call, due)).collect::<Result<_, _>>()?;
    page(&DemoMailsView { shell: call.shell(Surface::Staff), mails })
}

fn demo_mail(call: &Call, due: &Due) -> Result<DemoMailView, Problem> {
    let unreadable = || DemoMailView {
        to: String::new(),
        subject: call.locale.t("mail.demo_unreadable").to_owned(),
        text: Vec::new(),
        path: String::new(),
        button: String::new(),
    };
    let Some(content) = mail::open(&call.app.host, &due.id, &due.sealed) else {
        return Ok(unreadable());
    };
    let from = Address::parse("nobody@demo.invalid")?;
    let sender = outbox::sender(&call.app, &from, due);
    let Ok(mail) = mail::render(&sender, &due.id, &content) else { return Ok(unreadable()) };
    let parts = mail.text.split("\n\n").map(|part| part.trim().to_owned());
    Ok(DemoMailView {
        to: mail.to.to_string(),
        subject: mail.subject,
        text: parts.filter(|part| !part.is_empty()).collect(),
        path: content.path().to_owned(),
        button: content.button(),
    })
}
