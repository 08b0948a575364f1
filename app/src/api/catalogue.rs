//! What editors do to the menu, for programs and for the scripts of their pages.
//!
//! It must not decide: `menu::edit` and the rules of `domain` do.

use axum::http::{HeaderValue, StatusCode, header};
use domain::catalogue::{
    Catalogue, Category, Product,
    edit::{self, Repriced, Step},
    table::{self, Broken},
};
use serde::{Deserialize, Serialize};
use serde_json::json as value;

use crate::{
    call::{Answer, Call, json},
    menu::edit as apply,
    problem::{Problem, respond},
    rows,
};

/// A menu as it is exported and imported.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    #[serde(default)]
    categories: Vec<Category>,
    #[serde(default)]
    products: Vec<Product>,
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(flatten)]
    product: Product,
    /// The siblings that the author was shown; all that there are where it is not said.
    seen: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Removal {
    removed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    products: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Prices {
    #[serde(default)]
    category: String,
    basis_points: Option<i64>,
    cents: Option<i64>,
    round: Option<i64>,
    /// What was shown before and is taken now.
    prices: Option<Vec<Price>>,
    /// What would be free is meant to be.
    #[serde(default)]
    free: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    product: String,
    before_cents: i64,
    after_cents: i64,
}

/// Exports what editors have, as JSON or as CSV.
pub async fn export(call: Call) -> Answer {
    let menu = load(&call).await?;
    let (kind, name, text) = match call.query("format").unwrap_or("json") {
        "csv" => ("text/csv; charset=utf-8", "menu.csv", table::write(&menu)),
        "json" => {
            let whole = Whole { categories: menu.categories, products: menu.products };
            let text = serde_json::to_string_pretty(&whole);
            let text = text.map_err(|error| Problem::internal(error.to_string()))?;
            ("application/json", "menu.json", text)
        }
        _ => return Err(Problem::invalid_field("format")),
    };
    let mut response = respond(StatusCode::OK, kind, text);
    let disposition = format!("attachment; filename=\"{name}\"");
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

/// Takes a menu in, as JSON or as CSV; nothing of it where anything is wrong.
pub async fn import(call: Call) -> Answer {
    let text = String::from_utf8_lossy(&call.body).into_owned();
    let is_table = call.header("content-type").starts_with("text/csv");
    let taken = take_in(&call, &text, is_table).await?;
    json(StatusCode::OK, &value!({"products": taken}))
}

/// Takes a menu in from a text, and tells how many products it spoke of.
///
/// # Errors
/// Names every row that is broken, or all that could not be sold.
pub async fn take_in(call: &Call, text: &str, is_table: bool) -> Result<usize, Problem> {
    let whole = if is_table {
        let menu = load(call).await?;
        let products = table::read(&menu, text).map_err(|broken| {
            let line = |one: &Broken| format!("line {}: {}", one.line, one.what);
            let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_table");
            Problem { subject: broken.iter().map(line).collect(), ..problem }
        })?;
        Whole { categories: Vec::new(), products }
    } else {
        serde_json::from_str(text).map_err(|error| {
            let problem = Problem::new(StatusCode::BAD_REQUEST, "invalid_json");
            // The line of a broken text is what its author looks for.
            Problem { subject: vec![format!("line {}", error.line())], ..problem }
        })?
    };
    apply::import(call, (&whole.categories, &whole.products)).await?;
    Ok(whole.products.len())
}

/// Changes a product, or adds it.
pub async fn change_product(call: Call) -> Answer {
    let Wanted { product, seen } = call.json()?;
    if product.id != call.param("id")? {
        return Err(Problem::invalid_field("id"));
    }
    apply::product(&call, &product, seen.as_deref()).await?;
    json(StatusCode::OK, &value!({"id": product.id}))
}

/// Takes a product from the menu, or brings it back.
pub async fn remove_product(call: Call) -> Answer {
    removed(&call, "product").await
}

/// Changes a category, or adds it.
pub async fn change_category(call: Call) -> Answer {
    let category: Category = call.json()?;
    if category.id != call.param("id")? {
        return Err(Problem::invalid_field("id"));
    }
    apply::category(&call, &category).await?;
    json(StatusCode::OK, &value!({"id": category.id}))
}

/// Takes a category from the menu, or brings it back.
pub async fn remove_category(call: Call) -> Answer {
    removed(&call, "category").await
}

async fn removed(call: &Call, table: &'static str) -> Answer {
    let Removal { removed } = call.json()?;
    let id = call.param("id")?;
    apply::remove(call, (table, id), removed).await?;
    json(StatusCode::OK, &value!({"id": id, "removed": removed}))
}

/// Puts the products of a category in order.
pub async fn sort(call: Call) -> Answer {
    let Order { products } = call.json()?;
    let category = call.param("id")?;
    let load = load(&call).await?;
    if !load.categories.iter().any(|known| known.id == category) {
        return Err(Problem::new(StatusCode::NOT_FOUND, "unknown_category"));
    }
    apply::decided(&call, |menu| edit::sort(menu, category, &products)).await?;
    json(StatusCode::OK, &value!({"id": category}))
}

/// Shows what prices would be, or takes those that were shown.
pub async fn prices(call: Call) -> Answer {
    let wanted: Prices = call.json()?;
    let shown = match wanted.prices {
        Some(prices) => {
            let prices: Vec<Repriced> = prices.into_iter().map(Price::shown).collect();
            apply::take_prices(&call, &prices, wanted.free).await?;
            prices
        }
        None => {
            let step = match (wanted.basis_points, wanted.cents) {
                (Some(bp), None) => Step::BasisPoints(bp),
                (None, Some(cents)) => Step::Cents(cents),
                _ => return Err(Problem::invalid_field("by")),
            };
            preview(&call, &wanted.category, (step, wanted.round.unwrap_or(1))).await?
        }
    };
    let prices: Vec<Price> = shown.into_iter().map(Price::of).collect();
    json(StatusCode::OK, &value!({"prices": prices}))
}

/// Computes what the prices of a category would be, or of all.
///
/// # Errors
/// Refuses a step that makes no prices.
pub async fn preview(
    call: &Call,
    category: &str,
    (step, round): (Step, i64),
) -> Result<Vec<Repriced>, Problem> {
    let menu = load(call).await?;
    let wanted = |p: &&Product| category.is_empty() || p.category == category;
    Ok(edit::reprice(menu.products.iter().filter(wanted), step, round)?)
}

impl Price {
    fn of(price: Repriced) -> Self {
        let Repriced { product, before_cents, after_cents } = price;
        Self { product, before_cents, after_cents }
    }

    fn shown(self) -> Repriced {
        let Self { product, before_cents, after_cents } = self;
        Repriced { product, before_cents, after_cents }
    }
}

/// Says when the venue is open, and what the parts of its day are.
pub async fn hours(call: Call) -> Answer {
    let hours = call.json()?;
    apply::hours(&call, &hours).await?;
    json(StatusCode::OK, &value!({"hours": hours}))
}

async fn load(call: &Call) -> Result<Catalogue, Problem> {
    Ok(rows::catalogue::load(&call.db, &call.here()?.venue.id).await?)
}
