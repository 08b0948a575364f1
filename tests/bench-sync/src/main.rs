//! What replication costs, beside plain SQLite and two CRDT libraries, everything in one run.
//!
//! `bench-sync [REPETITIONS]` prints one JSON object of medians. It drives the engine's own
//! statements and messages on files; it holds no merge code. What is measured stands at each
//! figure in `measure`.

mod measure;
mod others;
mod plain;
mod replica;
mod rows;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

/// A figure's values, one per repetition.
type Figures = BTreeMap<String, Vec<f64>>;

/// A ratio, what it is of, and against what.
const RATIOS: [(&str, &str, &str); 7] = [
    ("merge_vs_raw_sqlite_ratio", "merge_cells_per_s", "raw_cells_per_s"),
    ("merge_by_log_vs_raw_sqlite_ratio", "merge_by_log_cells_per_s", "raw_cells_per_s"),
    ("merge_vs_automerge_ratio", "merge_cells_per_s", "automerge_merge_cells_per_s"),
    ("merge_vs_loro_ratio", "merge_cells_per_s", "loro_merge_cells_per_s"),
    ("write_vs_raw_sqlite_ratio", "write_cells_per_s", "raw_cells_per_s"),
    ("stored_bytes_vs_plain_ratio", "stored_bytes", "raw_stored_bytes"),
    (
        "incremental_10_of_200000_vs_20000_ratio",
        "incremental_10_of_200000_ms",
        "incremental_10_of_20000_ms",
    ),
];

fn main() {
    let repetitions = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(5);
    let mut figures = Figures::new();
    // Interleaved: whatever disturbs the machine disturbs all of them.
    for repetition in 0..repetitions {
        eprintln!("repetition {} of {repetitions}", repetition + 1);
        for (suffix, synchronous) in [("", "NORMAL"), ("_durable", "FULL")] {
            let mut note = |name: &str, value: f64| {
                figures.entry(format!("{name}{suffix}")).or_default().push(value);
            };
            measure::all(synchronous, &mut note);
        }
        let mut note = |name: &str, value: f64| {
            figures.entry(name.to_owned()).or_default().push(value);
        };
        others::all(&mut note);
    }
    let medians: BTreeMap<&str, f64> =
        figures.iter_mut().map(|(name, values)| (name.as_str(), median(values))).collect();
    let mut found: Map<String, Json> =
        medians.iter().map(|(name, value)| ((*name).to_owned(), rounded(*value))).collect();
    for (name, of, against) in RATIOS {
        for suffix in ["", "_durable"] {
            let figure = |name: &str| medians.get(format!("{name}{suffix}").as_str());
            if let (Some(of), Some(against)) = (figure(of), figure(against)) {
                found.insert(format!("{name}{suffix}"), rounded(of / against));
            }
        }
    }
    println!("{}", Json::Object(found));
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Three digits behind the point say more than any machine can repeat.
fn rounded(value: f64) -> Json {
    Json::from((value * 1_000.0).round() / 1_000.0)
}
