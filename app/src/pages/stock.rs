//! The page on which staff say how many of a product there are.
//!
//! It must not decide what a count means: `domain::stock` does.

use std::collections::BTreeMap;

use domain::{
    catalogue::{Category, Product},
    stock::{Shelf, Why},
};

use crate::{
    api::stock::WEB_PERCENT,
    call::{Answer, Call, page},
    host::Side,
    once::Sent,
    pages::{login::redirect, present::text},
    problem::Problem,
    rows,
    stock::{self, Change},
    views::{StockLine, StockShelf, StockView, Surface},
};

/// Shows every product with what is left of it.
pub async fn show(call: Call) -> Answer {
    shown(&call, None).await
}

/// Does what a form says.
pub async fn change(call: Call) -> Answer {
    match changed(&call).await {
        Ok(product) => Ok(redirect(&format!("/stock?saved#{product}"), &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => shown(&call, Some(problem)).await,
    }
}

async fn changed(call: &Call) -> Result<String, Problem> {
    let number = |field: &'static str| {
        let text = call.field(field);
        text.trim().parse::<i64>().map_err(|_| Problem::invalid_field(field))
    };
    let change = match call.field("do").as_str() {
        "count" => Change::Count(Some(number("counted")?), number("web_percent")?),
        "end" => Change::Count(None, 0),
        what => {
            let why = Why::parse(what).ok_or_else(|| Problem::invalid_field("do"))?;
            Change::Adjust(why, number("pieces")?)
        }
    };
    let product = call.field("product").trim().to_owned();
    let by = call.visitor.as_ref().map(|visitor| visitor.person.as_str().to_owned());
    let by = by.unwrap_or_default();
    stock::change(call, (&product, change), &by, &call.field("act")).await?;
    Ok(product)
}

async fn shown(call: &Call, problem: Option<Problem>) -> Answer {
    let here = call.here()?;
    let menu = rows::catalogue::load(&call.db, &here.venue.id).await?;
    let shelves = rows::stock::shelves(&call.db, &here.venue.id).await?;
    let known: BTreeMap<&str, &Shelf> =
        shelves.iter().map(|shelf| (shelf.product.as_str(), shelf)).collect();
    let wrong_field = problem.as_ref().and_then(Problem::field).map_or("", |(field, _)| field);
    let wrong_product = call.field("product");
    let line = |product: &Product| {
        let shelf = known.get(product.id.as_str()).filter(|shelf| shelf.tracked);
        StockLine {
            id: product.id.clone(),
            name: text(&product.name, call.locale),
            left: shelf.map(|shelf| shelf.left().max(0)),
            web: shelf.map_or(0, |shelf| shelf.web),
            web_percent: shelf.map_or(WEB_PERCENT, |shelf| shelf.web_percent),
            wrong: if product.id == wrong_product { wrong_field } else { "" }.to_owned(),
        }
    };
    let shelf = |category: &Category| StockShelf {
        id: category.id.clone(),
        name: text(&category.name, call.locale),
        lines: menu.products.iter().filter(|p| p.category == category.id).map(line).collect(),
    };
    // What lost its category is still on the shelves of the kitchen.
    let is_stray = |p: &&Product| !menu.categories.iter().any(|one| one.id == p.category);
    let strays = StockShelf {
        id: String::new(),
        name: call.locale.t("stock.strays").to_owned(),
        lines: menu.products.iter().filter(is_stray).map(line).collect(),
    };
    let shelves = menu.categories.iter().map(shelf).chain([strays]);
    let view = StockView {
        shell: call.shell(Surface::Staff),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
        saved: call.query("saved").is_some(),
        act: Sent::key(call)?,
        on_site: matches!(call.app.host.side, Side::Gateway(_)),
        shelves: shelves.filter(|shelf| !shelf.lines.is_empty()).collect(),
    };
    let mut answer = page(&view)?;
    if let Some(problem) = problem {
        *answer.status_mut() = problem.status;
    }
    Ok(answer)
}
