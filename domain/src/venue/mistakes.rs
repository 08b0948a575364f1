//! What can be wrong with a venue document; everything is found at once.
//!
//! What passes here becomes changes that every replica takes. It must not know who sent it.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use sync_engine::{change::check_payload, id::is_name};

use super::Document;
use crate::{
    catalogue::{Category, Kind, Product, Slot, picture, texts_fit},
    limits,
    pricing::discount::PROMOTIONS_MAX,
    tables::Table,
};

/// The languages in which the application speaks.
pub const LANGUAGES: [&str; 3] = ["fr", "nl", "en"];

/// Lists every mistake of the document; nothing when it can be loaded.
#[must_use]
pub(super) fn of(document: &Document) -> Vec<String> {
    let mut found = of_venue(document);
    found.extend(document.categories.iter().flat_map(of_category));
    found.extend(document.hours.problems());
    found.extend(of_products(&document.products));
    for product in &document.products {
        let part = &product.day_part;
        if !part.is_empty() && document.hours.part(part).is_none() {
            found.push(format!("product {}: its part of the day is missing", product.id));
        }
    }
    found.extend(of_terms(document));
    for product in &document.products {
        if !document.categories.iter().any(|category| category.id == product.category) {
            found.push(format!("product {}: its category is missing", product.id));
        }
    }
    found.extend(document.tables.iter().filter_map(of_table));
    let categories: Vec<&str> = document.categories.iter().map(|c| c.id.as_str()).collect();
    let products: Vec<&str> = document.products.iter().map(|p| p.id.as_str()).collect();
    for (kind, ids) in [("category", categories), ("product", products)] {
        let twice = twins(ids.into_iter()).into_iter();
        found.extend(twice.map(|id| format!("{kind} {id}: the id stands here twice")));
    }
    for draft in document.drafts() {
        if check_payload(&draft.payload).is_err() {
            let (table, entity, register) = (draft.table, draft.entity, draft.register);
            found.push(format!("{table} {entity}: it is too large, or a number in its {register}"));
        }
    }
    found
}

fn of_venue(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |ok: bool, problem: &str| {
        if !ok {
            found.push(problem.to_owned());
        }
    };
    let Document { venue, domains, published_ms, categories, products, tables, .. } = document;
    check(
        (1..=limits::NAME_CHARS).contains(&venue.name.chars().count()),
        "the venue's name is missing or too long",
    );
    check(!venue.languages.is_empty(), "the venue needs a language");
    for language in &venue.languages {
        let known = LANGUAGES.contains(&language.as_str());
        check(known, &format!("the language {language} is not known"));
    }
    check(TimeZone::get(&venue.time_zone).is_ok(), "the time zone is not known");
    check(
        domains.len() <= limits::DOMAINS_MAX && domains.iter().all(|domain| is_domain(domain)),
        "a domain is not a plain host name",
    );
    check(*published_ms < limits::PUBLISHED_MS_END, "the document is published too late");
    check(
        products.len() <= limits::PRODUCTS_MAX && categories.len() <= limits::CATEGORIES_MAX,
        "there are too many products or categories",
    );
    check(tables.len() <= limits::TABLES_MAX, "there are too many tables");
    let numbers: BTreeSet<u32> = tables.iter().map(|table| table.number).collect();
    check(numbers.len() == tables.len(), "a table's number stands here twice");
    found
}

/// Lists what is not as it is kept: settings that this would only be told about when they are used.
fn of_terms(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    if document.map.as_ref().is_some_and(|map| map.clone().checked().as_ref() != Ok(map)) {
        found.push("the map's settings do not fit".to_owned());
    }
    if let Some(delivery) = &document.delivery
        && delivery.clone().checked().as_ref() != Ok(delivery)
    {
        found.push("the delivery's settings do not fit".to_owned());
    }
    let kitchen = document.kitchen.as_ref();
    if kitchen.is_some_and(|kitchen| kitchen.clone().checked().as_ref() != Ok(kitchen)) {
        found.push("the kitchen's settings do not fit".to_owned());
    }
    let codes: Vec<&str> = document.promotions.iter().map(|one| one.code.as_str()).collect();
    for promotion in &document.promotions {
        if promotion.clone().checked().as_ref() != Ok(promotion) {
            found.push(format!("promotion {}: it does not fit", promotion.code));
        }
    }
    let twice = twins(codes.into_iter()).into_iter();
    found.extend(twice.map(|code| format!("promotion {code}: the code stands here twice")));
    if document.promotions.len() > PROMOTIONS_MAX {
        found.push("there are too many promotions".to_owned());
    }
    found
}

fn of_category(category: &Category) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |ok: bool, problem: &str| {
        if !ok {
            found.push(format!("category {}: {problem}", category.id));
        }
    };
    check(is_name(&category.id), "the id is not a plain name");
    check(texts_fit(&category.name, limits::NAME_CHARS, true), "the name is missing or too long");
    found
}

/// Lists what is wrong with products that stand on one menu.
#[must_use]
pub fn of_products(products: &[Product]) -> Vec<String> {
    let mut found: Vec<String> = products.iter().flat_map(Product::problems).collect();
    found.extend(products.iter().flat_map(of_product));
    for product in products {
        let known = |id: &String| products.iter().any(|other| other.id == *id);
        let mut miss = |problem: &str| found.push(format!("product {}: {problem}", product.id));
        if !product.upsell.iter().all(known) {
            miss("what is offered with it is missing");
        }
        let parts = product.slots.iter().flat_map(|slot| &slot.choices);
        for part in parts.map(|choice| &choice.product) {
            match products.iter().find(|other| other.id == *part) {
                Some(other) if other.kind != Kind::Combo => {}
                Some(_) => miss("a combo stands in a slot of it"),
                None => miss("what a slot offers is missing"),
            }
        }
    }
    found
}

fn of_table(table: &Table) -> Option<String> {
    let refused = table.check().err()?;
    Some(format!("table {}: its {} is out of range", table.number, refused.subject().concat()))
}

/// Lists what a product cannot say in a document; whether it can be sold is its own rule.
fn of_product(product: &Product) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |ok: bool, problem: &str| {
        if !ok {
            found.push(format!("product {}: {problem}", product.id));
        }
    };
    check(is_local(&product.picture), "the picture is not one of this site");
    let groups = &product.option_groups;
    check(groups.iter().all(|group| is_name(&group.id)), "a group's id is not a plain name");
    let twice = twins(groups.iter().map(|group| group.id.as_str()));
    check(twice.is_empty(), "a group's id stands here twice");
    for group in groups {
        let ids = || group.choices.iter().map(|choice| choice.id.as_str());
        check(ids().all(is_name), "a choice's id is not a plain name");
        check(twins(ids()).is_empty(), "a choice's id stands here twice");
    }
    let slots = || product.slots.iter().map(|slot| slot.id.as_str());
    check(slots().all(is_name), "a slot's id is not a plain name");
    check(twins(slots()).is_empty(), "a slot's id stands here twice");
    let offers = |slot: &Slot| twins(slot.choices.iter().map(|c| c.product.as_str())).is_empty();
    check(product.slots.iter().all(offers), "a slot offers a product twice");
    let ingredients = || product.ingredients.iter().map(|one| one.id.as_str());
    check(ingredients().all(is_name), "an ingredient's id is not a plain name");
    check(twins(ingredients()).is_empty(), "an ingredient's id stands here twice");
    found
}

/// Returns the ids that stand there more than once.
fn twins<'a>(ids: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    ids.filter(|id| !seen.insert(*id)).collect()
}

fn is_domain(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b);
    !text.is_empty() && text.len() <= 253 && text.bytes().all(plain)
}

/// A page loads nothing from elsewhere: the picture is a file of this site, or there is none.
fn is_local(picture: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./".contains(&b);
    let inside = picture.strip_prefix("/static/");
    picture.is_empty()
        || picture::of_address(picture).is_some()
        || inside.is_some_and(|rest| {
            rest.len() <= limits::PICTURE_CHARS && rest.bytes().all(plain) && !rest.contains("..")
        })
}
