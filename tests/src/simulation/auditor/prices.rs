//! P3 in every store: what an order costs is what its parts come to, and so is its VAT.
//!
//! It adds up what stands there; it must not know rates, nor what anything should have cost.

use app::ports::Row;
use serde_json::Value as Json;

use crate::simulation::hosts::SimHost;

const SQL: &str = "SELECT id, mode, lines, total_cents AS total, fee_cents AS fee, discounts, vat, \
     rules, person, contact FROM customer_order WHERE venue = ?1";

pub(super) fn always_adds_up(side: &SimHost, venue: &str) -> Result<(), String> {
    for row in side.store.rows(SQL, &[venue]) {
        let broken = |what: &str| Err(format!("always_adds_up: host {}: {what}: {row:?}", side.id));
        let (lines, vat) = (list(&row, "lines"), list(&row, "vat"));
        let goods: i64 = lines.iter().map(|l| cents(l, "unit_cents") * cents(l, "quantity")).sum();
        let off: i64 = list(&row, "discounts").iter().map(|one| cents(one, "cents")).sum();
        let total = row["total"].as_i64().unwrap_or(-1);
        if total != goods - off + row["fee"].as_i64().unwrap_or(-1) || off > goods || off < 0 {
            return broken("the total");
        }
        let shared = |line: &Json| {
            let shares = line["shares"].as_array().into_iter().flatten();
            shares.map(|share| cents(share, "cents")).sum::<i64>() == cents(line, "unit_cents")
        };
        if !lines.iter().all(shared) {
            return broken("the shares of a line");
        }
        let gross: i64 = vat.iter().map(|part| cents(part, "gross_cents")).sum();
        let is_within = |part: &Json| cents(part, "vat_cents") <= cents(part, "gross_cents");
        if gross != total || !vat.iter().all(is_within) || row["rules"] == "" {
            return broken("the split");
        }
        let is_brought = row["mode"] == "delivery";
        if is_brought == (row["contact"] == "") || (is_brought && row["person"] == "") {
            return broken("where it is brought to");
        }
    }
    Ok(())
}

fn list(row: &Row, column: &str) -> Vec<Json> {
    let text = row[column].as_str().unwrap_or_default();
    serde_json::from_str(text).unwrap_or_default()
}

fn cents(value: &Json, field: &str) -> i64 {
    value[field].as_i64().unwrap_or(i64::MIN / 1_000)
}
