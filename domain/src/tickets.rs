//! Ticket numbers: one series per origin and business day, unique without asking anybody.
//!
//! It must not take a number: that happens inside the batch that writes the order.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use sync_engine::change::Change;

use crate::{limits, venue::business_day};

/// Names the series of an origin's day.
#[must_use]
pub fn series(origin: &str, day: &str) -> String {
    format!("{origin}/{day}")
}

/// Returns the numbers of an origin that orders from elsewhere show to be taken, the highest of
/// each series: a store that was lost gets its own orders back, and goes on after them. A number
/// that no store gives out says nothing: after the last one that there is, nothing can be ordered.
#[must_use]
pub fn taken(changes: &[Change], origin: &str, time_zone: &str) -> BTreeMap<String, i64> {
    let mut taken = BTreeMap::new();
    let field = |change: &Change, name: &str| change.payload.get(name).and_then(Json::as_i64);
    for change in changes.iter().filter(|change| change.table == "customer_order") {
        if change.payload.get("ticket_origin").and_then(Json::as_str) != Some(origin) {
            continue;
        }
        let number = field(change, "ticket_number").unwrap_or_default();
        if number > limits::TICKET_NUMBER_MAX {
            continue;
        }
        let placed_ms = field(change, "placed_ms").unwrap_or_default().unsigned_abs();
        let series = series(origin, &business_day(time_zone, placed_ms));
        let highest = taken.entry(series).or_insert(number);
        *highest = number.max(*highest);
    }
    taken
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sync_engine::{id::Writer, stamp::Hlc};

    use super::*;

    #[test]
    fn only_orders_of_the_origin_count_and_the_highest_of_each_day_stays() {
        let order = |origin: &str, number: i64, placed_ms: i64| Change {
            writer: Writer::parse("edge", "g").unwrap(),
            seq: 1,
            claimed: Hlc::default(),
            effective: Hlc::default(),
            table: "customer_order".to_owned(),
            entity: format!("{origin}{number}"),
            register: String::new(),
            payload: json!({
                "ticket_origin": origin, "ticket_number": number, "placed_ms": placed_ms,
            })
            .as_object()
            .unwrap()
            .clone(),
        };
        let noon = 1_795_258_800_000;
        let day = 86_400_000;
        let changes = [
            order("K1", 7, noon),
            order("K1", 3, noon + 1),
            order("K2", 90, noon),
            order("K1", 1, noon + day),
        ];
        let found = taken(&changes, "K1", "Europe/Brussels");
        let found: Vec<_> = found.iter().map(|(name, last)| (name.as_str(), *last)).collect();
        assert_eq!(found, [("K1/2026-11-21", 7), ("K1/2026-11-22", 1)]);
    }
}
