//! What somebody does with an order that they have placed: rate it, have it invoiced, order again.
//!
//! Of another's order nobody learns that there is one. It must not know pages.

use axum::http::StatusCode;
use domain::{
    ordering::{
        Line, LineChoice, Order,
        invoice::{Desk, billed_place, issue},
        rating::{self, comment_place},
    },
    people::person::PersonId,
};
use serde_json::{Value as Json, json};
use sync_engine::change::Draft;

use crate::{
    call::{Call, Tries, Written},
    host::Host,
    locale::Locale,
    pages::present,
    people::keys::{self, PersonKey},
    problem::Problem,
    rows::{
        self,
        order::Found,
        own_orders::{After, Invoice},
    },
};

/// Loads an order of whoever is signed in.
///
/// # Errors
/// Fails where it is none of theirs, or the database does.
pub async fn load(call: &Call, id: &str) -> Result<Found, Problem> {
    let own = call.visitor()?.person.as_str();
    let found = rows::order::by_id(&call.db, &call.here()?.venue.id, id).await?;
    found.filter(|found| found.order.person == own).ok_or_else(unknown)
}

/// Keeps what somebody thinks of their order.
///
/// # Errors
/// Refuses what nobody has had yet, other stars than one to five, and too many words.
pub async fn rate(call: &Call, id: &str, (stars, comment): (i64, &str)) -> Result<(), Problem> {
    let words = rating::words(comment, "comment")?;
    write(call, id, |found| {
        let sealed = sealed(call, found, (&comment_place(&found.order.id), &words))?;
        Ok(rating::rate(&found.order, (stars, &sealed), call.app.clock.now_ms())?)
    })
    .await
}

/// Numbers the invoice of an order; one that is numbered already stays.
///
/// # Errors
/// Refuses what is not paid, what was ordered elsewhere, and an addressee with too many words.
pub async fn invoice(call: &Call, id: &str, billed: &str) -> Result<(), Problem> {
    let words = rating::words(billed, "billed")?;
    let desk = Desk {
        origin: call.app.host.ticket_origin.clone(),
        life: call.here()?.writer.generation.as_str().to_owned(),
    };
    let mut tries = Tries::default();
    loop {
        let found = load(call, id).await?;
        if after(call, &found.order.id).await?.invoices.contains_key(id) {
            return Ok(());
        }
        let sealed = sealed(call, &found, (&billed_place(id), &words))?;
        let now_ms = call.app.clock.now_ms();
        let drafts = issue(&found.order, (&desk, &sealed), now_ms)?;
        if call.write(&drafts).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

/// Answers what somebody thinks of an order, in the venue's name.
///
/// # Errors
/// Refuses where nobody said anything, and too many words.
pub async fn answer(call: &Call, id: &str, words: &str) -> Result<(), Problem> {
    let by = call.visitor()?.person.as_str().to_owned();
    let mut tries = Tries::default();
    loop {
        let known = after(call, id).await?.ratings.remove(id);
        if known.is_none_or(|known| known.rated_ms == 0) {
            return Err(Problem::new(StatusCode::NOT_FOUND, "unknown_order"));
        }
        let drafts = rating::answer(id, (words, &by), call.app.clock.now_ms())?;
        if call.write(&drafts).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

async fn write(
    call: &Call,
    id: &str,
    decide: impl Fn(&Found) -> Result<Vec<Draft>, Problem>,
) -> Result<(), Problem> {
    let mut tries = Tries::default();
    loop {
        let drafts = decide(&load(call, id).await?)?;
        if call.write(&drafts).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

/// Loads what came after one order.
///
/// # Errors
/// Fails when the database does.
pub async fn after(call: &Call, id: &str) -> Result<After, Problem> {
    Ok(rows::own_orders::after(&call.db, &call.here()?.venue.id, &[id]).await?)
}

/// Loads the invoice of an order.
///
/// # Errors
/// Fails where it has none, or the database does.
pub async fn invoice_of(call: &Call, id: &str) -> Result<Invoice, Problem> {
    after(call, id).await?.invoices.remove(id).ok_or_else(Problem::not_found)
}

/// Opens what stands sealed with the key of whoever placed an order.
#[must_use]
pub fn opened(host: &Host, found: &Found, (place, sealed): (&str, &str)) -> String {
    let text = key(host, found).and_then(|key| key.open(place, sealed));
    text.unwrap_or_default()
}

fn key(host: &Host, found: &Found) -> Option<PersonKey> {
    let person = PersonId::parse(&found.order.person)?;
    keys::unwrap(host, &person, &found.wrapped)
}

fn sealed(call: &Call, found: &Found, (place, words): (&str, &str)) -> Result<String, Problem> {
    if words.is_empty() {
        return Ok(String::new());
    }
    let nowhere = || Problem::new(StatusCode::CONFLICT, "unknown_person");
    let key = key(&call.app.host, found).ok_or_else(nowhere)?;
    key.seal(call.app.entropy.as_ref(), place, words)
}

/// Writes an order's lines as a basket holds them, at the prices of then: the page holds them
/// against the menu of now, and tells what has changed.
#[must_use]
pub fn basket_lines(order: &Order, locale: Locale) -> Vec<Json> {
    order.lines.iter().map(|line| basket_line(line, locale)).collect()
}

fn basket_line(line: &Line, locale: Locale) -> Json {
    let choices = |choices: &[LineChoice]| -> Vec<Json> {
        choices.iter().map(|one| json!({"group": one.group, "choice": one.choice})).collect()
    };
    let left_out = |all: &[domain::ordering::LeftOut]| -> Vec<String> {
        all.iter().map(|one| one.ingredient.clone()).collect()
    };
    let part = |part: &domain::ordering::LinePart| {
        json!({
            "slot": part.slot,
            "product": part.product,
            "choices": choices(&part.choices),
            "left_out": left_out(&part.left_out),
        })
    };
    json!({
        "key": line.product,
        "product": line.product,
        "name": present::text(&line.name, locale),
        "quantity": line.quantity,
        "unit_cents": line.unit_cents,
        "choices": choices(&line.choices),
        "left_out": left_out(&line.left_out),
        "parts": line.parts.iter().map(part).collect::<Vec<_>>(),
        "word": line.word,
    })
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "unknown_order")
}
