//! What somebody may ask of what is kept about them: a copy, and that it goes.
//!
//! It must not know how erasing reaches other replicas.

use axum::http::{HeaderValue, StatusCode, header};
use data_encoding::BASE64;
use domain::people::password::Verdict;
use serde_json::{Map, Value as Json, json};
use sync_engine::statement::Statement;

use crate::{
    call::{self, Answer, Call},
    pages::login::redirect,
    people::{
        account::{self, verify_password},
        address_book, erase, photo,
    },
    problem::Problem,
    rate, session,
};

/// Rows of one kind that an export holds.
const EXPORTED: i64 = 5_000;

/// Gives somebody all that this host keeps about them, as JSON.
pub async fn export(call: Call) -> Answer {
    let person = call.visitor()?.person.clone();
    let account = account::of(&call.db, &person).await?;
    let (email, name) = match &account {
        Some(account) => account::plain(&call, account).await?,
        None => (String::new(), String::new()),
    };
    let list = |sql: &str| Statement::new(sql, vec![person.as_str().into(), EXPORTED.into()]);
    let queries = [
        list("SELECT venue, roles, active FROM person WHERE id = ?1 ORDER BY venue LIMIT ?2"),
        list(
            "SELECT venue, label, means, made_ms, used_ms, ends_ms FROM session \
             WHERE person = ?1 ORDER BY made_ms LIMIT ?2",
        ),
        list(
            "SELECT venue, act, subject, detail, source, at_ms FROM audit_entry \
             WHERE actor = ?1 OR subject = ?1 ORDER BY at_ms LIMIT ?2",
        ),
        list(
            "SELECT issuer, made_ms FROM external_login \
             WHERE person = ?1 ORDER BY made_ms LIMIT ?2",
        ),
        list(
            "SELECT venue, means, made_ms, ends_ms FROM member_card \
             WHERE person = ?1 ORDER BY made_ms LIMIT ?2",
        ),
        list(
            "SELECT venue, id, ticket_origin, ticket_number, mode, lines, total_cents, note, \
             placed_ms FROM customer_order WHERE person = ?1 ORDER BY placed_ms LIMIT ?2",
        ),
        list(
            "SELECT venue, id, stars, rated_ms, answer FROM rating WHERE person = ?1 \
             ORDER BY rated_ms LIMIT ?2",
        ),
        list(
            "SELECT venue, kind, order_id, points, reason, at_ms FROM points_entry \
             WHERE person = ?1 ORDER BY at_ms LIMIT ?2",
        ),
    ];
    let addresses = address_book::list(&call).await?;
    let addresses: Vec<Json> = addresses.iter().map(|kept| json!(kept.contact)).collect();
    let found = call.db.read(&queries).await?;
    let mut all = Map::new();
    all.insert("person".to_owned(), person.as_str().into());
    all.insert("email".to_owned(), email.into());
    all.insert("name".to_owned(), name.into());
    let agreed = account.as_ref().map(|account| &account.agreed);
    all.insert("agreed".to_owned(), json!(agreed));
    let photo = photo::load(&call.app, &call.db, &person).await?;
    let photo = photo.map(|photo| format!("data:image/jpeg;base64,{}", BASE64.encode(&photo)));
    all.insert("photo".to_owned(), photo.into());
    all.insert("addresses".to_owned(), addresses.into());
    let names = ["roles", "sessions", "acts", "providers", "cards", "orders", "ratings", "points"];
    for (name, rows) in names.into_iter().zip(found) {
        let rows = rows.into_iter().map(Json::Object).collect();
        all.insert(name.to_owned(), Json::Array(rows));
    }
    let mut response = call::json(StatusCode::OK, &json!(all))?;
    let attached = HeaderValue::from_static("attachment; filename=\"relais.json\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, attached);
    Ok(response)
}

/// Erases somebody, once they have proved to be present.
pub async fn erase_me(call: Call) -> Answer {
    let person = call.visitor()?.person.clone();
    if let Some(account) = account::of(&call.db, &person).await?
        && !account.password.is_empty()
    {
        rate::take(&call, &rate::SECOND_FACTOR, person.as_str()).await?;
        let given = call.field("current");
        if verify_password(&call.app, &given, &account.password).await? == Verdict::Wrong {
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_password"));
        }
    }
    erase::erase(&call).await?;
    let (_, cookie) = session::close(&call);
    Ok(redirect("/", &[&cookie]))
}
