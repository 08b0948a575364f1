//! From the domain's values to what a page shows, in the reader's language.
//!
//! It must not load anything.

use domain::{
    catalogue::{Catalogue, Choice, OptionGroup, Product, Texts},
    ordering,
};

use crate::{
    locale::Locale,
    rows::order::Found,
    views::{
        CategoryData, ChoiceData, GroupData, LineView, MenuData, Mode, ProductData, State,
        TicketView,
    },
};

/// Chooses a text: the reader's language, else French, else any.
#[must_use]
pub fn text(texts: &Texts, locale: Locale) -> String {
    let found = texts.get(locale.code()).or_else(|| texts.get(Locale::default().code()));
    found.or_else(|| texts.values().next()).cloned().unwrap_or_default()
}

/// Shows the menu.
#[must_use]
pub fn menu(catalogue: &Catalogue, locale: Locale) -> MenuData {
    let category = |category: &domain::catalogue::Category| CategoryData {
        id: category.id.clone(),
        name: text(&category.name, locale),
    };
    MenuData {
        categories: catalogue.categories.iter().map(category).collect(),
        products: catalogue.products.iter().map(|p| product(p, locale)).collect(),
    }
}

fn product(product: &Product, locale: Locale) -> ProductData {
    let allergen = |code: &String| {
        let key = format!("allergen.{code}");
        locale.find(&key).map_or_else(|| code.clone(), str::to_owned)
    };
    ProductData {
        id: product.id.clone(),
        category: product.category.clone(),
        name: text(&product.name, locale),
        description: text(&product.description, locale),
        picture: product.picture.clone(),
        price_cents: product.price_cents,
        available: product.available,
        allergens: product.allergens.iter().map(allergen).collect(),
        groups: product.option_groups.iter().map(|g| group(g, locale)).collect(),
    }
}

fn group(group: &OptionGroup, locale: Locale) -> GroupData {
    let choice = |choice: &Choice| ChoiceData {
        id: choice.id.clone(),
        name: text(&choice.name, locale),
        price_cents: choice.price_cents,
    };
    GroupData {
        id: group.id.clone(),
        name: text(&group.name, locale),
        min: group.min as u32,
        max: group.max as u32,
        choices: group.choices.iter().map(choice).collect(),
    }
}

/// Shows an order's lines.
#[must_use]
pub fn lines(order: &ordering::Order, locale: Locale) -> Vec<LineView> {
    let line = |line: &ordering::Line| LineView {
        quantity: u32::try_from(line.quantity).unwrap_or_default(),
        name: text(&line.name, locale),
        options: line.choices.iter().map(|choice| text(&choice.name, locale)).collect(),
        price: locale.money(line.unit_cents.saturating_mul(line.quantity)),
    };
    order.lines.iter().map(line).collect()
}

/// Shows an order on a board; it waits there since it came into its state.
#[must_use]
pub fn ticket(found: &Found, locale: Locale) -> TicketView {
    let order = &found.order;
    let since_ms = match order.state() {
        ordering::State::Placed => order.placed_ms,
        ordering::State::Paid => found.paid_ms.max(order.placed_ms),
        ordering::State::Ready | ordering::State::Collected => found.ready_ms,
    };
    TicketView {
        id: order.id.clone(),
        ticket: order.ticket(),
        mode: mode(order.mode),
        table: 0,
        since_ms,
        lines: lines(order, locale),
        total: locale.money(order.total_cents),
    }
}

/// Shows how an order is taken.
#[must_use]
pub const fn mode(mode: Option<ordering::Mode>) -> Mode {
    match mode {
        Some(ordering::Mode::EatIn) => Mode::EatIn,
        Some(ordering::Mode::TakeAway) => Mode::TakeAway,
        None => Mode::Unknown,
    }
}

/// Shows where an order stands.
#[must_use]
pub const fn state(state: ordering::State) -> State {
    match state {
        ordering::State::Placed => State::Placed,
        ordering::State::Paid => State::Paid,
        ordering::State::Ready => State::Ready,
        ordering::State::Collected => State::Collected,
    }
}
