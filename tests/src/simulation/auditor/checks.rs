//! What must hold of the stores themselves, one check after the other.
//!
//! It reads tables; it must not know who was told what.

use std::collections::BTreeSet;

use app::ports::Row;
use domain::{schema::SCHEMA, venue::business_day};
use serde_json::Value as Json;

use super::{
    ORDER_SQL, Promise, THE_END,
    shown::{content, log_of},
};
use crate::simulation::{hosts::SimHost, tasks::HostId, world::EDGE};

pub(super) fn eventually_equal(sides: [&SimHost; 2], venue: &str) -> Result<(), String> {
    for table in SCHEMA.tables.iter().map(|table| table.name) {
        let [edge, gateway] = sides.map(|side| content(side, table, venue));
        if edge != gateway {
            let alone = |ours: &[Row], theirs: &[Row]| -> Vec<Row> {
                ours.iter().filter(|row| !theirs.contains(row)).take(2).cloned().collect()
            };
            let differing = [alone(&edge, &gateway), alone(&gateway, &edge)];
            let id = differing.iter().flatten().find_map(|row| row["id"].as_str());
            let id = id.unwrap_or_default();
            let logs = sides.map(|side| log_of(side, venue, id));
            return Err(format!(
                "eventually_equal: {venue}.{table} {id}: {} rows at the edge, {} at host {}\n\
                 {differing:?}\nedge:\n{}\nthere:\n{}",
                edge.len(),
                gateway.len(),
                sides[1].id,
                logs[0],
                logs[1],
            ));
        }
    }
    let sql = "SELECT stream, replica, generation, seq FROM stream_writer \
               WHERE stream LIKE ?1 AND seq > 0 ORDER BY stream, replica, generation";
    let [edge, gateway] = sides.map(|side| side.store.rows(sql, &[&format!("{venue}/%")]));
    if edge != gateway {
        return Err(format!("eventually_equal: {venue}: vectors {edge:?} and {gateway:?}"));
    }
    Ok(())
}

/// Whoever was erased has no key anywhere; of whoever was not, each replica can read the name that
/// the home of accounts can read.
pub(super) fn eventually_erased_and_else_readable(
    [edge, gateway]: [&SimHost; 2],
    venue: &str,
) -> Result<(), String> {
    let kept = "SELECT p.id AS id FROM person p JOIN person_key k ON k.person = p.id \
                WHERE p.venue = ?1 AND p.name_sealed <> '' ORDER BY p.id";
    let erased = "SELECT e.id AS id FROM erasure e JOIN person_key k ON k.person = e.id \
                  WHERE e.venue = ?1";
    let there = gateway.store.rows(kept, &[venue]);
    let lacks = edge.store.rows(kept, &[venue]).into_iter().find(|row| !there.contains(row));
    if let Some(row) = lacks {
        return Err(format!("eventually_readable: host {}: {venue}: {row:?}", gateway.id));
    }
    for side in [edge, gateway] {
        if let Some(row) = side.store.rows(erased, &[venue]).first() {
            return Err(format!("eventually_erased: host {}: {venue}: {row:?}", side.id));
        }
    }
    Ok(())
}

pub(super) fn always_without_gaps(side: &SimHost, venue: &str) -> Result<(), String> {
    let sql = "SELECT v.stream AS stream, v.replica AS replica, v.seq AS seq, v.floor + \
               (SELECT count(*) FROM change_log c WHERE c.writer = v.id AND c.seq > v.floor) \
               AS logged, max(v.floor, (SELECT coalesce(max(c.seq), 0) FROM change_log c \
               WHERE c.writer = v.id)) AS highest FROM stream_writer v WHERE v.stream LIKE ?1";
    let rows = side.store.rows(sql, &[&format!("{venue}/%")]);
    match rows.iter().find(|row| row["seq"] != row["logged"] || row["seq"] != row["highest"]) {
        Some(row) => Err(format!("always_without_gaps: host {}: {row:?}", side.id)),
        None => Ok(()),
    }
}

pub(super) fn always_paid_once(side: &SimHost, venue: &str) -> Result<(), String> {
    let sql = "SELECT o.id AS id, o.total_cents AS total, \
               (SELECT coalesce(sum(p.amount_cents), 0) FROM payment p \
               WHERE p.venue = o.venue AND p.order_id = o.id) AS paid \
               FROM customer_order o WHERE o.venue = ?1";
    let rows = side.store.rows(sql, &[venue]);
    match rows.iter().find(|row| row["paid"] != 0 && row["paid"] != row["total"]) {
        Some(row) => Err(format!("always_paid_once: host {}: {row:?}", side.id)),
        None => Ok(()),
    }
}

/// A store that was put back, and that nobody told so yet, gives its numbers out again.
pub(super) fn always_tickets_of_their_own(
    side: &SimHost,
    venue: &str,
    restored: &BTreeSet<HostId>,
) -> Result<(), String> {
    let sql = "SELECT ticket_origin AS origin, ticket_number AS number, placed_ms \
               FROM customer_order WHERE venue = ?1";
    let mut seen = BTreeSet::new();
    for row in side.store.rows(sql, &[venue]) {
        let origin = row["origin"].as_str().unwrap_or_default();
        let host = origin.strip_prefix('K').map_or(Some(EDGE), |number| number.parse().ok());
        if host.is_some_and(|host| restored.contains(&host)) {
            continue;
        }
        let day = business_day("Europe/Brussels", row["placed_ms"].as_u64().unwrap_or_default());
        let ticket = format!("{} {} {day}", row["origin"], row["number"]);
        if !seen.insert(ticket.clone()) {
            return Err(format!("always_tickets_of_their_own: host {}: {ticket}", side.id));
        }
    }
    Ok(())
}

pub(super) fn eventually_nothing_is_lost<'a>(
    side: &SimHost,
    venue: &str,
    was_restored: bool,
    promises: impl Iterator<Item = (&'a String, &'a Promise)>,
) -> Result<(), String> {
    for (id, promise) in promises {
        let rows = side.store.rows(ORDER_SQL, &[venue, id]);
        let [row] = rows.as_slice() else {
            return Err(format!("eventually_nothing_is_lost: host {}: order {id}", side.id));
        };
        // Placed once in each life of a restored store, an order keeps the earlier ticket.
        let renamed = !was_restored && ticket_of(row) != promise.ticket;
        if row["total"] != promise.total_cents || renamed {
            return Err(format!("eventually_as_promised: host {}: {id}: {row:?}", side.id));
        }
        if revision_of(row) < promise.revision {
            return Err(format!("eventually_nothing_is_lost: host {}: {id}: {row:?}", side.id));
        }
    }
    Ok(())
}

fn ticket_of(row: &Row) -> String {
    let origin = row["origin"].as_str().unwrap_or_default();
    format!("{origin}-{:03}", row["number"].as_i64().unwrap_or_default())
}

/// How far an order is; a hand-over of either kind beats whoever called it off apart.
pub(super) fn rank(state: &Json) -> Option<usize> {
    let states = [
        "placed",
        "paid",
        "preparing",
        "ready",
        "on_its_way",
        "cancelled",
        "collected",
        "delivered",
    ];
    states.iter().position(|known| state == known)
}

/// How much a store knows of an order: what happened to it, and whether it is paid.
pub(super) fn revision_of(row: &Row) -> usize {
    let events = row["events"].as_str().unwrap_or_default();
    let happened = events.split(',').filter(|kind| !kind.is_empty()).count();
    let end = if events.contains("delivered") {
        2 * THE_END
    } else if events.contains("collected") {
        THE_END
    } else {
        0
    };
    happened + usize::from(row["payments"] != 0) + end
}
