//! Where whoever runs a venue says on which terms it sells: rates of VAT, deliveries, promotions.
//!
//! It must not know how a change is kept.

use axum::http::StatusCode;
use domain::{
    ordering::Mode,
    pricing::{
        amount,
        discount::Promotion,
        vat::{Class, Rate, Rates, Sold},
    },
    venue::{
        business_day,
        delivery::{Delivery, Zone},
    },
};

use crate::{
    call::{Answer, Call, page},
    locale::Locale,
    loyalty,
    pages::login::redirect,
    problem::Problem,
    rows,
    terms::{keep_delivery, keep_map, keep_promotion, keep_rate},
    views::{DeliveryForm, PromotionLine, RateLine, Surface, TermsView, ValueChoice, percent},
};

mod place;
mod points;

const PATH: &str = "/settings/ordering";

/// Shows them with the forms that change them.
pub async fn show(call: Call) -> Answer {
    form(&call, None).await
}

/// Changes what the form is about.
pub async fn save(call: Call) -> Answer {
    match saved(&call).await {
        Ok(()) => Ok(redirect(&format!("{PATH}?saved=1"), &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form(&call, Some(&problem)).await,
    }
}

async fn saved(call: &Call) -> Result<(), Problem> {
    match call.field("do").as_str() {
        "delivery" => keep_delivery(call, delivery(call)?).await,
        "rate" => keep_rate(call, &rate(call)?).await,
        "confirm_rate" | "remove_rate" | "restore_rate" => {
            keep_rate(call, &known_rate(call).await?).await
        }
        "promotion" => keep_promotion(call, promotion(call)?).await,
        "switch_promotion" => keep_promotion(call, switched(call).await?).await,
        "points" => loyalty::keep(call, points::read(call)?).await,
        "map" => keep_map(call, place::read(call)?).await,
        _ => Err(Problem::invalid_field("do")),
    }
}

fn euros(call: &Call, field: &'static str) -> Result<i64, Problem> {
    let text = call.field(field);
    if text.trim().is_empty() {
        return Ok(0);
    }
    amount::parse(&text).ok_or_else(|| Problem::invalid_field(field))
}

fn is_ticked(call: &Call, field: &str) -> bool {
    !call.field(field).is_empty()
}

fn delivery(call: &Call) -> Result<Delivery, Problem> {
    let lines = call.field("zones");
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(Delivery {
        on: is_ticked(call, "on"),
        fee_cents: euros(call, "fee")?,
        free_from_cents: euros(call, "free_from")?,
        minimum_cents: euros(call, "minimum")?,
        zones: lines.map(zone).collect::<Result<_, _>>()?,
    })
}

/// Reads a line such as `1000 1050; 5,00; 15`: postal codes, fee, minimum.
fn zone(line: &str) -> Result<Zone, Problem> {
    let mut parts = line.split(';').map(str::trim);
    let codes = parts.next().unwrap_or_default();
    let mut price = || match parts.next() {
        None | Some("") => Ok(None),
        Some(text) => amount::parse(text).map(Some).ok_or_else(|| Problem::invalid_field("zones")),
    };
    let (fee_cents, minimum_cents) = (price()?, price()?);
    let codes = codes.split([' ', ',']).filter(|code| !code.is_empty());
    let zone = Zone { postal_codes: codes.map(str::to_owned).collect(), fee_cents, minimum_cents };
    if parts.next().is_some() { Err(Problem::invalid_field("zones")) } else { Ok(zone) }
}

fn written(zone: &Zone) -> String {
    let price = |cents: Option<i64>| cents.map(amount::write).unwrap_or_default();
    let codes = zone.postal_codes.join(" ");
    match (zone.fee_cents, zone.minimum_cents) {
        (None, None) => codes,
        (fee, None) => format!("{codes}; {}", price(fee)),
        (fee, minimum) => format!("{codes}; {}; {}", price(fee), price(minimum)),
    }
}

fn rate(call: &Call) -> Result<Rate, Problem> {
    let class = Class::parse(&call.field("class"));
    let mode = Sold::parse(&call.field("mode"));
    // Per cent with two decimals are hundredths of a per cent, as euros are cents.
    let bp = amount::parse(&call.field("rate"));
    Ok(Rate {
        class: class.ok_or_else(|| Problem::invalid_field("class"))?,
        mode: mode.ok_or_else(|| Problem::invalid_field("mode"))?,
        from: call.field("from"),
        bp: bp.ok_or_else(|| Problem::invalid_field("rate"))?,
        // Whoever types a rate has looked at it.
        confirmed: true,
        removed: false,
    })
}

async fn known_rate(call: &Call) -> Result<Rate, Problem> {
    let found = rows::pricing::terms(&call.db, &call.here()?.venue.id).await?;
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "not_found");
    let rate = found.rates.find(&call.field("id")).cloned().ok_or_else(unknown)?;
    Ok(match call.field("do").as_str() {
        "confirm_rate" => Rate { confirmed: true, ..rate },
        "remove_rate" => Rate { removed: true, ..rate },
        _ => Rate { removed: false, ..rate },
    })
}

fn promotion(call: &Call) -> Result<Promotion, Problem> {
    let percent = call.field("percent");
    let percent = percent.trim();
    let part = if percent.is_empty() { Some(0) } else { percent.parse().ok() };
    Ok(Promotion {
        code: call.field("code"),
        percent: part.ok_or_else(|| Problem::invalid_field("percent"))?,
        cents: euros(call, "amount")?,
        from: call.field("from"),
        until: call.field("until"),
        minimum_cents: euros(call, "promotion_minimum")?,
        active: true,
    })
}

async fn switched(call: &Call) -> Result<Promotion, Problem> {
    let found = rows::pricing::terms(&call.db, &call.here()?.venue.id).await?;
    let code = call.field("code");
    let known = found.promotions.into_iter().find(|one| one.code == code);
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_promotion");
    // What the form showed is what is changed: two clicks are not one switch back.
    Ok(Promotion { active: is_ticked(call, "active"), ..known.ok_or_else(unknown)? })
}

async fn form(call: &Call, problem: Option<&Problem>) -> Answer {
    let here = call.here()?;
    let found = rows::pricing::terms(&call.db, &here.venue.id).await?;
    let day = business_day(&here.venue.time_zone, call.app.clock.now_ms());
    let locale = call.locale;
    let choice = |name: &'static str, section: &str| {
        let key = format!("{section}.{name}");
        ValueChoice { name, label: locale.find(&key).unwrap_or(name) }
    };
    let typed = |kind: &str| problem.is_some() && call.field("do") == kind;
    let loyalty = rows::loyalty::settings(&call.db, &here.venue.id).await?;
    let map = rows::delivery::map(&call.db, &here.venue.id).await?;
    let languages = &here.venue.languages;
    let kept = |name: &str, kind: &str| if typed(kind) { call.field(name) } else { String::new() };
    let mut response = page(&TermsView {
        shell: call.shell(Surface::Staff),
        error: problem.map(|problem| problem.sentence(locale)),
        saved: call.query("saved").is_some() && problem.is_none(),
        delivery: if typed("delivery") { as_typed(call) } else { as_kept(&found.delivery) },
        rates: lines(&found.rates, &day, locale),
        unconfirmed: found.rates.rows().any(|rate| !rate.removed && !rate.confirmed),
        classes: Class::ALL.map(|class| choice(class.name(), "vat_class")).into(),
        modes: Sold::ALL.map(|sold| choice(sold.name(), "mode")).into(),
        promotions: found.promotions.iter().map(|one| promotion_line(one, locale)).collect(),
        code: kept("code", "promotion"),
        points: match typed("points") {
            true => points::as_typed(call),
            false => points::as_kept(&loyalty, languages),
        },
        map: if typed("map") { place::as_typed(call) } else { place::as_kept(&map) },
        languages: languages.iter().map(|tag| tag.to_uppercase()).collect::<Vec<_>>().join("; "),
        today: day,
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

fn as_kept(delivery: &Delivery) -> DeliveryForm {
    let price = |cents: i64| if cents == 0 { String::new() } else { amount::write(cents) };
    let zones: Vec<String> = delivery.zones.iter().map(written).collect();
    DeliveryForm {
        on: delivery.on,
        fee: amount::write(delivery.fee_cents),
        free_from: price(delivery.free_from_cents),
        minimum: price(delivery.minimum_cents),
        zones: zones.join("\n"),
    }
}

fn as_typed(call: &Call) -> DeliveryForm {
    DeliveryForm {
        on: is_ticked(call, "on"),
        fee: call.field("fee"),
        free_from: call.field("free_from"),
        minimum: call.field("minimum"),
        zones: call.field("zones"),
    }
}

fn lines(rates: &Rates, day: &str, locale: Locale) -> Vec<RateLine> {
    let label = |section: &str, name: &'static str| {
        locale.find(&format!("{section}.{name}")).unwrap_or(name)
    };
    let line = |rate: &Rate| RateLine {
        id: rate.id(),
        class: label("vat_class", rate.class.name()),
        mode: label("mode", rate.mode.name()),
        from: rate.from.clone(),
        rate: percent(rate.bp, locale),
        confirmed: rate.confirmed,
        removed: rate.removed,
        counts: counts(rates, rate, day),
    };
    rates.rows().map(line).collect()
}

/// A row counts where orders would be taxed otherwise without it.
fn counts(rates: &Rates, rate: &Rate, day: &str) -> bool {
    let later = rates.rows().any(|other| {
        !other.removed
            && other.class == rate.class
            && other.mode == rate.mode
            && other.from > rate.from
            && other.from.as_str() <= day
    });
    let is_beaten = rate.mode == Sold::Any
        && Mode::ALL.iter().all(|mode| {
            rates.rows().any(|other| {
                !other.removed
                    && other.class == rate.class
                    && other.mode.name() == mode.name()
                    && other.from >= rate.from
                    && other.from.as_str() <= day
            })
        });
    !rate.removed && rate.from.as_str() <= day && !later && !is_beaten
}

fn promotion_line(promotion: &Promotion, locale: Locale) -> PromotionLine {
    let off = match promotion.percent {
        0 => locale.money(-promotion.cents),
        part => format!("-{}", percent(part * 100, locale)),
    };
    let is_limited = promotion.minimum_cents > 0;
    PromotionLine {
        code: promotion.code.clone(),
        off,
        from: promotion.from.clone(),
        until: promotion.until.clone(),
        minimum: is_limited.then(|| locale.money(promotion.minimum_cents)),
        active: promotion.active,
    }
}
