//! Somebody's own orders: the list, ratings, invoices, addresses; and what staff see of ratings.
//!
//! It must not decide: `domain::ordering::{rating, invoice}` do.

use axum::http::StatusCode;
use domain::ordering::{Contact, State, invoice::billed_place, rating::comment_place};

use crate::{
    call::{Answer, Call, page},
    limits, own_orders,
    pages::{login::redirect, present},
    people::address_book,
    problem::Problem,
    rows::{self, order::Found, own_orders::After},
    views::{
        AddressLine, AddressesView, ContactView, InvoiceView, OwnOrder, OwnOrdersView, RatingLine,
        RatingsView, Surface,
    },
};

/// What somebody ordered here.
pub async fn list(call: Call) -> Answer {
    shown(&call, None).await
}

/// Rates an order, or has it invoiced.
pub async fn change(call: Call) -> Answer {
    let id = call.param("id")?.to_owned();
    let done = match call.field("do").as_str() {
        "rate" => {
            let stars = call.field("stars").parse().unwrap_or(0);
            let kept = own_orders::rate(&call, &id, (stars, &call.field("comment"))).await;
            kept.map(|()| "/account/orders?done=1".to_owned())
        }
        "invoice" => {
            let made = own_orders::invoice(&call, &id, &call.field("billed")).await;
            made.map(|()| format!("/account/orders/{id}/invoice"))
        }
        _ => Err(Problem::invalid_field("do")),
    };
    match done {
        Ok(next) => Ok(redirect(&next, &[])),
        Err(problem) if is_final(&problem) => Err(problem),
        Err(problem) => shown(&call, Some(&problem)).await,
    }
}

fn is_final(problem: &Problem) -> bool {
    problem.status.is_server_error() || problem.status == StatusCode::NOT_FOUND
}

async fn shown(call: &Call, problem: Option<&Problem>) -> Answer {
    let (venue, own) = (&call.here()?.venue, call.visitor()?.person.as_str());
    let before = call.query("before").map(cursor).transpose()?;
    let limit = limits::OWN_ORDERS_SHOWN;
    let mut found =
        rows::own_orders::list(&call.db, &venue.id, (own, before.as_ref(), limit + 1)).await?;
    let is_more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or_default());
    let last = found.last().filter(|_| is_more);
    let next = last.map(|found| format!("{}.{}", found.order.placed_ms, found.order.id));
    let ids: Vec<&str> = found.iter().map(|found| found.order.id.as_str()).collect();
    let after = rows::own_orders::after(&call.db, &venue.id, &ids).await?;
    let mut response = page(&OwnOrdersView {
        shell: call.shell(Surface::Staff),
        orders: found
            .iter()
            .map(|found| own_order(call, found, &after, &venue.time_zone))
            .collect(),
        next,
        done: call.query("done").is_some(),
        error: problem.map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

fn own_order(call: &Call, found: &Found, after: &After, zone: &str) -> OwnOrder {
    let order = &found.order;
    let rating = after.ratings.get(&order.id).cloned().unwrap_or_default();
    let invoice =
        after.invoices.get(&order.id).map(rows::own_orders::Invoice::name).unwrap_or_default();
    let place = comment_place(&order.id);
    OwnOrder {
        id: order.id.clone(),
        ticket: order.ticket(),
        placed: at(call, zone, order.placed_ms),
        mode: present::mode(order.mode),
        state: present::state(order.state()),
        lines: present::lines(order, call.locale),
        total: call.locale.money(order.total_cents),
        can_rate: matches!(order.state(), State::Collected | State::Delivered),
        stars: rating.stars,
        comment: own_orders::opened(&call.app.host, found, (&place, &rating.comment)),
        answer: rating.answer,
        can_invoice: order.is_paid()
            && order.state() != State::Cancelled
            && order.ticket_origin == call.app.host.ticket_origin,
        invoice,
    }
}

/// Reads behind which order the page before ended.
fn cursor(text: &str) -> Result<(i64, String), Problem> {
    let read = text.split_once('.').and_then(|(ms, id)| Some((ms.parse().ok()?, id.to_owned())));
    read.ok_or_else(|| Problem::invalid_field("before"))
}

fn at(call: &Call, zone: &str, ms: i64) -> String {
    call.locale.moment(zone, u64::try_from(ms).unwrap_or_default())
}

/// An order's invoice, to be printed.
pub async fn invoice(call: Call) -> Answer {
    let found = own_orders::load(&call, call.param("id")?).await?;
    let order = &found.order;
    let invoice = own_orders::invoice_of(&call, &order.id).await?;
    let venue = &call.here()?.venue;
    let notice = rows::venue::notice(&call.db, &venue.id).await?;
    let mut seller = vec![venue.name.clone()];
    seller.extend(notice.contact.lines().map(str::to_owned));
    let money = |cents: i64| call.locale.money(cents);
    page(&InvoiceView {
        shell: call.shell(Surface::Staff),
        number: invoice.name(),
        at: at(&call, &venue.time_zone, invoice.at_ms),
        seller,
        billed: own_orders::opened(
            &call.app.host,
            &found,
            (&billed_place(&order.id), &invoice.billed),
        ),
        ticket: order.ticket(),
        placed: at(&call, &venue.time_zone, order.placed_ms),
        lines: present::lines(order, call.locale),
        sums: present::sums(order, call.locale),
        net: order.vat.iter().map(|part| money(part.gross_cents - part.vat_cents)).collect(),
        total: money(order.total_cents),
    })
}

/// What the venue's customers think.
pub async fn ratings(call: Call) -> Answer {
    ratings_shown(&call, None).await
}

/// Answers one of them.
pub async fn answer(call: Call) -> Answer {
    match own_orders::answer(&call, call.param("id")?, &call.field("answer")).await {
        Ok(()) => Ok(redirect("/ratings", &[])),
        Err(problem) if is_final(&problem) => Err(problem),
        Err(problem) => ratings_shown(&call, Some(&problem)).await,
    }
}

async fn ratings_shown(call: &Call, problem: Option<&Problem>) -> Answer {
    let venue = &call.here()?.venue;
    let (found, mean) =
        rows::own_orders::ratings(&call.db, &venue.id, limits::RATINGS_SHOWN).await?;
    let line = |(found, rating): &(Found, rows::own_orders::Rating)| {
        let place = comment_place(&found.order.id);
        RatingLine {
            order: found.order.id.clone(),
            ticket: found.order.ticket(),
            at: at(call, &venue.time_zone, rating.rated_ms),
            stars: rating.stars,
            comment: own_orders::opened(&call.app.host, found, (&place, &rating.comment)),
            answer: rating.answer.clone(),
        }
    };
    let tenths = (mean.count > 0).then(|| (mean.stars * 10 + mean.count / 2) / mean.count);
    let decimal = if call.locale == crate::locale::Locale::En { '.' } else { ',' };
    let mut response = page(&RatingsView {
        shell: call.shell(Surface::Staff),
        ratings: found.iter().map(line).collect(),
        mean: tenths.map(|tenths| format!("{}{decimal}{}", tenths / 10, tenths % 10)),
        count: call.locale.number(u64::try_from(mean.count).unwrap_or_default()),
        error: problem.map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

/// Where somebody has things brought.
pub async fn addresses(call: Call) -> Answer {
    addresses_shown(&call, None).await
}

/// Keeps another address, or forgets one.
pub async fn change_addresses(call: Call) -> Answer {
    let done = match call.field("do").as_str() {
        "keep" => {
            let [address, postal_code, phone] =
                ["address", "postal_code", "phone"].map(|name| call.field(name));
            address_book::keep(&call, &Contact { address, postal_code, phone, point: None }).await
        }
        "forget" => address_book::forget(&call, &call.field("id")).await,
        _ => Err(Problem::invalid_field("do")),
    };
    match done {
        Ok(()) => Ok(redirect("/account/addresses", &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => addresses_shown(&call, Some(&problem)).await,
    }
}

async fn addresses_shown(call: &Call, problem: Option<&Problem>) -> Answer {
    let kept = address_book::list(call).await?;
    let line = |kept: address_book::Kept| AddressLine {
        id: kept.id,
        contact: ContactView {
            address: format!("{}, {}", kept.contact.address, kept.contact.postal_code),
            phone: kept.contact.phone,
        },
    };
    let typed = |name| if problem.is_some() { call.field(name) } else { String::new() };
    let mut response = page(&AddressesView {
        shell: call.shell(Surface::Staff),
        addresses: kept.into_iter().map(line).collect(),
        typed: ["address", "postal_code", "phone"].map(typed),
        error: problem.map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}
