//! From the domain's values to what a page shows, in the reader's language.
//!
//! It must not load anything.

use domain::{catalogue::Texts, ordering, venue::local_time};

use crate::{
    customer,
    host::Host,
    locale::Locale,
    rows::order::Found,
    views::{ContactView, DiscountLine, LineView, Mode, State, Sums, TicketView, VatLine, percent},
};

mod menu;

pub use menu::menu;

/// Chooses a text: the reader's language, else French, else any.
#[must_use]
pub fn text(texts: &Texts, locale: Locale) -> String {
    let found = texts.get(locale.code()).or_else(|| texts.get(Locale::default().code()));
    found.or_else(|| texts.values().next()).cloned().unwrap_or_default()
}

/// Shows an order's lines.
#[must_use]
pub fn lines(order: &ordering::Order, locale: Locale) -> Vec<LineView> {
    let line = |line: &ordering::Line| LineView {
        quantity: u32::try_from(line.quantity).unwrap_or_default(),
        name: text(&line.name, locale),
        options: decisions(line, locale),
        price: locale.money(line.unit_cents.saturating_mul(line.quantity)),
    };
    order.lines.iter().map(line).collect()
}

/// Lists what was chosen and what is left out.
#[must_use]
pub fn decided(
    choices: &[ordering::LineChoice],
    left_out: &[ordering::LeftOut],
    locale: Locale,
) -> Vec<String> {
    let one = |out: &ordering::LeftOut| text(&out.name, locale);
    let without = left_out.iter().map(|out| locale.t_with("order.without", &[("name", &one(out))]));
    choices.iter().map(|choice| text(&choice.name, locale)).chain(without).collect()
}

/// Lists what was decided about a line, as the kitchen reads it.
fn decisions(line: &ordering::Line, locale: Locale) -> Vec<String> {
    let mut said = decided(&line.choices, &line.left_out, locale);
    for part in &line.parts {
        let mut words = vec![text(&part.name, locale)];
        words.extend(decided(&part.choices, &part.left_out, locale));
        said.push(words.join(", "));
    }
    if !line.word.is_empty() {
        said.push(format!("« {} »", line.word));
    }
    said
}

/// Shows an order on a board; it waits there since it came into its state.
#[must_use]
pub fn ticket(found: &Found, (locale, time_zone): (Locale, &str)) -> TicketView {
    let order = &found.order;
    let since_ms = match order.state() {
        ordering::State::Placed | ordering::State::Cancelled => order.placed_ms,
        ordering::State::Paid => found.paid_ms.max(order.placed_ms),
        ordering::State::Preparing if found.begun_ms > 0 => found.begun_ms,
        ordering::State::Preparing => found.paid_ms.max(order.placed_ms),
        _ => found.ready_ms,
    };
    TicketView {
        id: order.id.clone(),
        ticket: order.ticket(),
        mode: mode(order.mode),
        table: 0,
        since_ms,
        lines: lines(order, locale),
        total: locale.money(order.total_cents),
        sums: sums(order, locale),
        note: order.note.clone(),
        wanted: wanted(order, time_zone),
        contact: None,
    }
}

/// Shows where an order is brought to, where that can be opened here.
#[must_use]
pub fn contact(host: &Host, found: &Found) -> Option<ContactView> {
    let contact = customer::contact(host, &found.order, &found.wrapped)?;
    let address = format!("{}, {}", contact.address, contact.postal_code);
    Some(ContactView { address, phone: contact.phone })
}

/// Shows what an order's total is made of beside its lines.
#[must_use]
pub fn sums(order: &ordering::Order, locale: Locale) -> Sums {
    let off = |one: &domain::pricing::discount::Discount| DiscountLine {
        code: one.code.clone(),
        amount: locale.money(-one.cents),
    };
    let part = |part: &domain::pricing::total::VatPart| VatLine {
        rate: percent(part.bp, locale),
        gross: locale.money(part.gross_cents),
        vat: locale.money(part.vat_cents),
    };
    let is_brought = order.mode == Some(ordering::Mode::Delivery);
    Sums {
        discounts: order.discounts.iter().map(off).collect(),
        fee: is_brought.then(|| locale.money(order.fee_cents)),
        vat: order.vat.iter().map(part).collect(),
    }
}

/// Shows when an order is wanted, on the venue's clocks.
#[must_use]
pub fn wanted(order: &ordering::Order, time_zone: &str) -> Option<String> {
    let wanted_ms = u64::try_from(order.wanted_ms).ok().filter(|ms| *ms > 0)?;
    let wanted = local_time(time_zone, wanted_ms);
    let placed_ms = u64::try_from(order.placed_ms).unwrap_or_default();
    let (day, time) = wanted.split_once(' ').unwrap_or(("", &wanted));
    if local_time(time_zone, placed_ms).starts_with(day) {
        return Some(time.to_owned());
    }
    // Of another day than it was placed on: the kitchen must not begin today.
    let mut parts = day.split('-').skip(1);
    let (month, day) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    Some(format!("{day}/{month} {time}"))
}

/// Shows by when an order is promised that is wanted as soon as possible.
#[must_use]
pub fn ready_at(order: &ordering::Order, time_zone: &str) -> Option<String> {
    let is_told = order.slot.ready_ms > 0 && order.wanted_ms == 0;
    let told = is_told.then(|| local_time(time_zone, order.slot.ready_ms))?;
    Some(told.chars().skip(11).collect())
}

/// Shows how an order is taken.
#[must_use]
pub const fn mode(mode: Option<ordering::Mode>) -> Mode {
    match mode {
        Some(ordering::Mode::EatIn) => Mode::EatIn,
        Some(ordering::Mode::TakeAway) => Mode::TakeAway,
        Some(ordering::Mode::Delivery) => Mode::Delivery,
        None => Mode::Unknown,
    }
}

/// Shows where an order stands.
#[must_use]
pub const fn state(state: ordering::State) -> State {
    match state {
        ordering::State::Placed => State::Placed,
        ordering::State::Paid => State::Paid,
        ordering::State::Preparing => State::Preparing,
        ordering::State::Ready => State::Ready,
        ordering::State::OnItsWay => State::OnItsWay,
        ordering::State::Cancelled => State::Cancelled,
        ordering::State::Collected => State::Collected,
        ordering::State::Delivered => State::Delivered,
    }
}
