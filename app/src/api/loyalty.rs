//! Points for programs: paying an order with them, what somebody has, and corrections.

use axum::http::StatusCode;
use domain::{
    loyalty::{Loyalty, Reason},
    people::person::PersonId,
};
use serde::Deserialize;
use serde_json::{Value as Json, json as value};

use crate::{
    api::{orders, person_of},
    call::{Answer, Call, json},
    loyalty::{self, Account, Till},
    people::card,
    problem::Problem,
    rows,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paying {
    /// What a member shows at the counter.
    #[serde(default)]
    code: String,
    /// The PIN of a card of paper.
    #[serde(default)]
    pin: String,
}

/// Pays an order with the points of whoever is signed in, or shows a card; answers with the order.
pub async fn pay(call: Call) -> Answer {
    let paying: Paying = call.json()?;
    let person = payer(&call, (&paying.code, &paying.pin)).await?;
    let order = call.param("id")?.to_owned();
    Till::of(&call)?.pay(&order, &person).await?;
    orders::show(call).await
}

/// Finds out whose points are wanted.
///
/// # Errors
/// Refuses a card that does not hold, and whoever only works here.
pub async fn payer(call: &Call, (code, pin): (&str, &str)) -> Result<PersonId, Problem> {
    if !code.is_empty() {
        return Ok(card::recognise(call, code, pin).await?.person);
    }
    let visitor = call.visitor()?;
    if visitor.roles.is_staff() && !visitor.roles.is_member() {
        return Err(Problem::new(StatusCode::FORBIDDEN, "not_a_member"));
    }
    Ok(visitor.person.clone())
}

/// Tells on which terms the venue gives and takes points.
pub async fn settings(call: Call) -> Answer {
    json(StatusCode::OK, &rows::loyalty::settings(&call.db, &call.here()?.venue.id).await?)
}

/// Keeps on which terms the venue gives and takes points.
pub async fn put_settings(call: Call) -> Answer {
    let given: Json = call.json()?;
    let settings: Loyalty = call.json()?;
    let known = value!(settings);
    let strange = |field: &&String| known.get(field.as_str()).is_none();
    if let Some(field) = given.as_object().and_then(|fields| fields.keys().find(strange)) {
        return Err(Problem::invalid_field(field));
    }
    loyalty::keep(&call, settings).await?;
    self::settings(call).await
}

/// Tells somebody what they have.
pub async fn own(call: Call) -> Answer {
    let person = call.visitor()?.person.clone();
    let account = Till::of(&call)?.account(person.as_str()).await?;
    json(StatusCode::OK, &told(&account))
}

/// Tells what a member has.
pub async fn of_member(call: Call) -> Answer {
    let person = person_of(&call)?;
    let account = Till::of(&call)?.account(person.as_str()).await?;
    json(StatusCode::OK, &told(&account))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    points: i64,
    reason: Reason,
    /// Under this key the same is done once.
    #[serde(default)]
    act: String,
}

/// Gives a member points or takes them, and says why; answers with what they have then.
pub async fn correct(call: Call) -> Answer {
    let correction: Correction = call.json()?;
    let person = person_of(&call)?;
    loyalty::correct(&call, &person, (correction.points, correction.reason), &correction.act)
        .await?;
    let account = Till::of(&call)?.account(person.as_str()).await?;
    json(StatusCode::OK, &told(&account))
}

fn told(account: &Account) -> Json {
    let Account { purse, settings, usable, .. } = account;
    value!({
        "balance": purse.balance,
        "debt": purse.debt(),
        "earned": purse.earned,
        "usable": usable,
        "level": settings.level(purse.earned).map(|level| &level.name),
        "next": settings.next(purse.earned).map(|level| level.from),
    })
}
