//! What a customer is told of their table, for the page of their order and for programs.
//!
//! It must not give tables away.

use domain::{
    ordering::{Mode, Order, State},
    tables::assignment::{Choice, End},
};

use crate::{
    call::Call,
    problem::Problem,
    rows::{self, tables::OfOrder},
    tables::Room,
    views::TableNote,
};

/// Says what there is to tell.
///
/// # Errors
/// Fails when the database does.
pub async fn note(call: &Call, order: &Order) -> Result<TableNote, Problem> {
    let none = TableNote { code: "none", ..TableNote::default() };
    if order.mode != Some(Mode::EatIn)
        || matches!(order.state(), State::Cancelled | State::Collected | State::Delivered)
    {
        return Ok(none);
    }
    let known = rows::tables::of_order(&call.db, &call.here()?.venue.id, &order.id).await?;
    let code = code(&known);
    let number = known.assigned.or(known.wished).unwrap_or_default();
    let choices = match code {
        "choose" | "waiting" | "take_away" => tables(call).await?,
        _ => Vec::new(),
    };
    if code == "choose" && choices.is_empty() {
        // A house without tables has nothing to offer.
        return Ok(none);
    }
    Ok(TableNote { code, number, choices })
}

fn code(known: &OfOrder) -> &'static str {
    match (known.assigned, known.ended.as_str(), known.choice) {
        (Some(_), "", _) => "assigned",
        (Some(_), why, _) if why == End::Doubled.name() => "doubled",
        (Some(_), ..) => "over",
        (None, _, Some(Choice::TakeAway)) => "take_away",
        (None, _, Some(Choice::Wait)) => "waiting",
        (None, _, Some(Choice::Seated)) => "seated",
        (None, _, None) if known.is_claimed && !known.is_refused => "on_site",
        (None, _, None) => "choose",
    }
}

async fn tables(call: &Call) -> Result<Vec<u32>, Problem> {
    let floor = Room::of(call)?.floor().await?.floor;
    let there = floor.tables.iter().filter(|table| !table.removed);
    Ok(there.map(|table| table.number).collect())
}
