//! Changing on which terms a venue sells; each change is audited.
//!
//! Saying it again writes nothing. It must not know forms: pages and programs come the same way.

use axum::http::StatusCode;
use domain::{
    audit::Act,
    pricing::{
        discount::{PROMOTIONS_MAX, Promotion},
        vat::{RATES_MAX, Rate},
    },
    venue::{delivery::Delivery, kitchen::Kitchen, map::Map},
};
use serde_json::{Value as Json, json};
use sync_engine::change::Draft;

use crate::{
    audit::{self, Noted},
    call::{Call, Tries, Written},
    problem::Problem,
    rows::{self, pricing::Terms},
};

/// Keeps a rate of VAT; one of the same id is changed by it.
///
/// # Errors
/// Refuses what is no rate, and more than a venue may have.
pub async fn keep_rate(call: &Call, rate: &Rate) -> Result<(), Problem> {
    rate.check()?;
    let detail = json!({"changed": "vat_rate", "id": rate.id(), "bp": rate.bp,
        "removed": rate.removed, "confirmed": rate.confirmed});
    change(call, detail, |terms| {
        if terms.rates.find(&rate.id()) == Some(rate) {
            return Ok(Vec::new());
        }
        let is_new = terms.rates.find(&rate.id()).is_none();
        if is_new && terms.rates.rows().count() >= RATES_MAX {
            return Err(too_many());
        }
        Ok(vec![rate.draft()])
    })
    .await
}

/// Keeps where and for how much the venue delivers.
///
/// # Errors
/// Refuses settings that contradict themselves.
pub async fn keep_delivery(call: &Call, delivery: Delivery) -> Result<(), Problem> {
    let delivery = delivery.checked()?;
    let detail = json!({"changed": "delivery", "on": delivery.on, "zones": delivery.zones.len()});
    let venue = call.here()?.venue.id.clone();
    change(call, detail, |terms| {
        let is_same = terms.delivery == delivery;
        Ok(if is_same { Vec::new() } else { vec![delivery.draft(&venue)] })
    })
    .await
}

/// Keeps where the venue stands, and from where its maps come.
///
/// # Errors
/// Refuses settings that cannot be.
pub async fn keep_map(call: &Call, map: Map) -> Result<(), Problem> {
    let map = map.checked()?;
    let detail = json!({"changed": "map", "places": map.places.len()});
    let venue = call.here()?.venue.id.clone();
    let before = rows::delivery::map(&call.db, &venue).await?;
    change(call, detail, |_| {
        let is_same = before == map;
        Ok(if is_same { Vec::new() } else { vec![map.draft(&venue)] })
    })
    .await
}

/// Keeps the stations of the kitchen, and from when on waiting is a worry.
///
/// # Errors
/// Refuses settings that contradict themselves.
pub async fn keep_kitchen(call: &Call, kitchen: Kitchen) -> Result<(), Problem> {
    let kitchen = kitchen.checked()?;
    let detail = json!({"changed": "kitchen", "stations": kitchen.stations.len()});
    let venue = call.here()?.venue.id.clone();
    let before = rows::kitchen::settings(&call.db, &venue).await?;
    change(call, detail, |_| {
        let is_same = before == kitchen;
        Ok(if is_same { Vec::new() } else { vec![kitchen.draft(&venue)] })
    })
    .await
}

/// Keeps a promotion; one of the same code is changed by it.
///
/// # Errors
/// Refuses what takes nothing off, and more than a venue may have.
pub async fn keep_promotion(call: &Call, promotion: Promotion) -> Result<(), Problem> {
    let promotion = promotion.checked()?;
    let detail = json!({"changed": "promotion", "code": promotion.code,
        "active": promotion.active, "percent": promotion.percent, "cents": promotion.cents});
    change(call, detail, |terms| {
        let known = terms.promotions.iter().find(|one| one.code == promotion.code);
        if known.is_none() && terms.promotions.len() >= PROMOTIONS_MAX {
            return Err(too_many());
        }
        let [promised, counts] = promotion.drafts();
        // What somebody else changes of it at the same time stays theirs.
        Ok(match known {
            Some(known) if *known == promotion => Vec::new(),
            Some(known) if (Promotion { active: known.active, ..promotion.clone() }) == *known => {
                vec![counts]
            }
            Some(known) if known.active == promotion.active => vec![promised],
            _ => vec![promised, counts],
        })
    })
    .await
}

async fn change(
    call: &Call,
    detail: Json,
    decide: impl Fn(&Terms) -> Result<Vec<Draft>, Problem>,
) -> Result<(), Problem> {
    let venue = call.here()?.venue.id.clone();
    let mut tries = Tries::default();
    loop {
        let drafts = decide(&rows::pricing::terms(&call.db, &venue).await?)?;
        if drafts.is_empty() {
            return Ok(());
        }
        let detail = detail.clone();
        let noted = Noted { act: Act::VenueChanged, actor: "", subject: venue.as_str(), detail };
        if audit::commit(call, &noted, (drafts, Vec::new())).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

fn too_many() -> Problem {
    Problem::new(StatusCode::CONFLICT, "too_many_terms")
}
