//! The pages on which editors change the menu: the list, one product, versions, prices.
//!
//! Each form posts to its page and leads back. It must not decide: `menu::edit` and
//! `menu::publish` do.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::{
    catalogue::{
        Catalogue, Category, Product,
        edit::{self, Repriced, Step},
        lines::read_cents,
    },
    menu::lay_out,
};

use crate::{
    api::catalogue::{preview, take_in},
    call::{Answer, Call, page},
    locale::Locale,
    menu::{edit as apply, publish},
    pages::{login::redirect, present::text},
    problem::Problem,
    rows,
    terms::keep_kitchen,
    views::{ArticleLine, CatalogueView, ShelfView, Surface, TextField, TornLine, VersionLine},
};

mod kitchen;
mod prices;
pub mod product;

/// Shows the menu as editors have it.
pub async fn list(call: Call) -> Answer {
    let done = call.query("done").and_then(|what| done(&call, what));
    show(&call, (done, None), Vec::new()).await
}

/// Does what a form of the list says.
pub async fn change(call: Call) -> Answer {
    match obeyed(&call).await {
        Ok(Done::Said(what)) => Ok(redirect(&format!("/catalogue?done={what}"), &[])),
        Ok(Done::Prices(prices)) => show(&call, (None, None), prices).await,
        Err(problem) if problem.status.is_server_error() => Err(problem),
        // What was to be taken is shown again, to be confirmed; not what is out of date.
        Err(problem) => {
            let asks = problem.code == "would_be_free";
            let prices = prices::read(&call.field("prices")).filter(|_| asks).unwrap_or_default();
            show(&call, (None, Some(problem)), prices).await
        }
    }
}

enum Done {
    Said(&'static str),
    Prices(Vec<Repriced>),
}

fn done(call: &Call, what: &str) -> Option<String> {
    let key = ["published", "restored", "saved", "prices", "imported"].contains(&what);
    let text = || call.locale.find(&format!("catalogue.done_{what}")).map(str::to_owned);
    key.then(text).flatten()
}

async fn obeyed(call: &Call) -> Result<Done, Problem> {
    match call.field("do").as_str() {
        "publish" => {
            look_at_torn(call).await?;
            publish::publish(call).await.map(|_| Done::Said("published"))
        }
        "restore" => {
            publish::go_back(call, &call.field("version")).await.map(|_| Done::Said("restored"))
        }
        "category" => {
            let position = call.field("position").trim().parse().unwrap_or_default();
            let id = call.field("id").trim().to_owned();
            let category = Category { id, name: texts(call, "name"), position };
            apply::category(call, &category).await.map(|()| Done::Said("saved"))
        }
        "remove_category" => {
            let id = call.field("id");
            apply::remove(call, ("category", &id), true).await.map(|()| Done::Said("saved"))
        }
        what @ ("up" | "down") => {
            let (category, product) = (call.field("category"), call.field("product"));
            let by = if what == "up" { -1 } else { 1 };
            apply::decided(call, |menu| moved(menu, (&category, &product), by))
                .await
                .map(|()| Done::Said("saved"))
        }
        "preview" => {
            let step = step(&call.field("by"), &call.field("unit"))?;
            let round = call.field("round").parse().map_err(|_| Problem::invalid_field("round"))?;
            preview(call, &call.field("category"), (step, round)).await.map(Done::Prices)
        }
        "prices" => {
            let prices = prices::read(&call.field("prices"));
            let prices = prices.ok_or_else(|| Problem::invalid_field("prices"))?;
            let is_meant = !call.field("free").is_empty();
            apply::take_prices(call, &prices, is_meant).await.map(|()| Done::Said("prices"))
        }
        "kitchen" => {
            let menu = rows::catalogue::load(&call.db, &call.here()?.venue.id).await?;
            let kitchen = kitchen::wanted(call, &menu)?;
            keep_kitchen(call, kitchen).await.map(|()| Done::Said("saved"))
        }
        "import" => {
            let file = call.file("file").unwrap_or_default();
            let text = String::from_utf8(file.to_vec());
            let text = text.map_err(|_| Problem::invalid_field("file"))?;
            let is_table = !text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
            take_in(call, &text, is_table).await.map(|_| Done::Said("imported"))
        }
        _ => Err(Problem::invalid_field("do")),
    }
}

/// Refuses to publish while values wait to be chosen, unless that is meant.
async fn look_at_torn(call: &Call) -> Result<(), Problem> {
    if !call.field("anyway").is_empty() {
        return Ok(());
    }
    let venue = &call.here()?.venue.id;
    let menu = rows::catalogue::load(&call.db, venue).await?;
    let torn = rows::catalogue::torn(&call.db, venue).await?;
    match torn.iter().any(|id| menu.product(id).is_some()) {
        true => Err(Problem::new(StatusCode::CONFLICT, "values_to_choose")),
        false => Ok(()),
    }
}

/// Swaps a product with its neighbour.
fn moved(
    menu: &Catalogue,
    (category, product): (&str, &str),
    by: isize,
) -> Result<Vec<sync_engine::change::Draft>, domain::Rejection> {
    let of_category = menu.products.iter().filter(|one| one.category == category);
    let mut order: Vec<String> = of_category.map(|one| one.id.clone()).collect();
    let unknown = || domain::Rejection::UnknownProduct(product.to_owned());
    let at = order.iter().position(|id| id == product).ok_or_else(unknown)?;
    if let Some(to) = at.checked_add_signed(by).filter(|to| *to < order.len()) {
        order.swap(at, to);
    }
    edit::sort(menu, category, &order)
}

fn step(by: &str, unit: &str) -> Result<Step, Problem> {
    let wrong = || Problem::invalid_field("by");
    let (sign, amount) = match by.trim().strip_prefix(['-', '−']) {
        Some(rest) => (-1, rest),
        None => (1, by.trim().trim_start_matches('+')),
    };
    // Hundredths of a percent are written as cents are.
    let hundredths = read_cents(amount).ok_or_else(wrong)? * sign;
    match unit {
        "percent" => Ok(Step::BasisPoints(hundredths)),
        "euro" => Ok(Step::Cents(hundredths)),
        _ => Err(wrong()),
    }
}

/// Reads a text in every language from a form.
pub(crate) fn texts(call: &Call, name: &str) -> BTreeMap<String, String> {
    let field = |locale: Locale| {
        let text = call.field(&format!("{name}_{}", locale.code()));
        (locale.code().to_owned(), text.trim().to_owned())
    };
    Locale::ALL.into_iter().map(field).filter(|(_, text)| !text.is_empty()).collect()
}

pub(crate) fn text_fields(name: &str, texts: &BTreeMap<String, String>) -> Vec<TextField> {
    let one = |locale: Locale| TextField {
        field: format!("{name}_{}", locale.code()),
        code: locale.code(),
        text: texts.get(locale.code()).cloned().unwrap_or_default(),
    };
    Locale::ALL.into_iter().map(one).collect()
}

async fn show(
    call: &Call,
    (done, problem): (Option<String>, Option<Problem>),
    prices: Vec<Repriced>,
) -> Answer {
    let here = call.here()?;
    let menu = rows::catalogue::load(&call.db, &here.venue.id).await?;
    let sold_out = rows::menu::live(&call.db, &here.venue.id, &call.app.host.side).await?.sold_out;
    let kitchen = rows::kitchen::settings(&call.db, &here.venue.id).await?;
    let torn = rows::catalogue::torn(&call.db, &here.venue.id).await?;
    let history = rows::menu::history(&call.db, &here.venue.id).await?;
    let on_sale = history.first().map(|version| version.pages.clone()).unwrap_or_default();
    let laid_out = lay_out(&menu)
        .map(|sheets| sheets.into_iter().map(|sheet| sheet.id).collect::<Vec<String>>());
    let line = |product: &Product| ArticleLine {
        id: product.id.clone(),
        name: text(&product.name, call.locale),
        price: call.locale.money(product.price_cents),
        picture: match product.picture.is_empty() {
            true => "/static/pictures/plate.svg".to_owned(),
            false => product.picture.clone(),
        },
        available: !sold_out.contains(&product.id),
        torn: torn.contains(&product.id),
        hint: product.day_part.clone(),
    };
    let shelf = |category: &Category| ShelfView {
        id: category.id.clone(),
        name: text(&category.name, call.locale),
        names: text_fields("name", &category.name),
        position: category.position,
        products: menu.products.iter().filter(|p| p.category == category.id).map(line).collect(),
    };
    let version = |(index, version): (usize, &domain::menu::Version)| VersionLine {
        id: version.id.clone(),
        number: version.number,
        at: call.locale.moment(&here.venue.time_zone, version.at_ms),
        on_sale: index == 0,
    };
    let torn_line = |id: &String| {
        let name = text(&menu.product(id)?.name, call.locale);
        Some(TornLine { id: id.clone(), name })
    };
    let mut response = page(&CatalogueView {
        shell: call.shell(Surface::Staff),
        shelves: menu.categories.iter().map(shelf).collect(),
        kitchen: kitchen::form(&kitchen, &menu, call.locale),
        versions: history.iter().enumerate().map(version).collect(),
        differs: laid_out.is_ok_and(|pages| pages != on_sale) || menu.products.is_empty(),
        torn: torn.iter().filter_map(torn_line).collect(),
        prices: prices::lines(&prices, &menu, call.locale),
        sum: prices::sum(&prices, call.locale),
        free: prices::free(&prices, &menu, call.locale),
        done,
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
        problems: problem.as_ref().map(|one| one.details(call.locale)).unwrap_or_default(),
        wrong: problem.as_ref().and_then(Problem::field).map(|(field, _)| field.to_owned()),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}
