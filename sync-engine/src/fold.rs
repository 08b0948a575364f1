//! The SQL that turns changes into table rows; generated once from the declared shape.
//!
//! There is one UPSERT per table. Local writes and rows that are folded anew feed it from the log,
//! imports feed it values; the comparison stands inside its WHERE, so concurrent writers cannot put
//! an older value over a newer one. It must not know where the changes came from.
//!
//! Of two stamps the higher wins (of what is written once, the lower); of equal ones the writer
//! whose name is higher; of one writer's equal ones, which only a faulty writer makes, the higher
//! values. A counter's totals compare by their values first. So there is always a winner, and
//! everywhere the same.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    change::Change,
    column::{self, column_sql},
    id::Writer,
    shape::{Group, Table, Wins},
    stamp::Hlc,
    statement::{Expect, Statement, Value},
    vector::Vector,
};

/// A change with the stamp that it is merged by here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The change as it came.
    pub change: &'a Change,
    /// Its effective stamp, which the hub may just have lowered.
    pub effective: Hlc,
}

/// Which log rows to fold, as SQL over the log alias `c` with parameters from `?2` on.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The FROM clause; it binds `c`.
    pub from: &'static str,
    /// The condition; `?1` is always the venue.
    pub condition: &'static str,
    /// Its parameters.
    pub params: Vec<Value>,
}

/// What happens to a row that is there already.
#[derive(Debug, Clone, Copy)]
pub enum Rule<'a> {
    /// The stamps decide.
    Merge,
    /// The stamps decide, but whoever sends has weighed all that is told here: of that a row may
    /// bear a stamp which the hub has lowered and which was not lowered here yet.
    Weighed(&'a Vector),
    /// It becomes what it is told to be: the hub mends a row that had gone wrong.
    Force,
}

/// By which number this store knows each writer of a stream.
pub type Numbers = BTreeMap<Writer, i64>;

/// Builds the statement that folds the selected log rows of one table.
#[must_use]
pub fn from_log(venue: &str, table: &Table, selection: &Selection, expect: Expect) -> Statement {
    let mut values = Vec::new();
    let mut known = Vec::new();
    for group in &table.groups() {
        let covered = covered_sql(group);
        values.extend(group.columns.iter().map(column_sql));
        values.push(format!("CASE WHEN {covered} THEN c.effective ELSE 0 END"));
        values.push(format!("CASE WHEN {covered} THEN c.writer ELSE 0 END"));
        known.push(covered);
    }
    let Selection { from, condition, .. } = selection;
    let source = format!(
        "SELECT ?1, c.entity, {} FROM {from} \
         WHERE {condition} AND c.table_name = '{}' AND ({})",
        values.join(", "),
        table.name,
        known.join(" OR "),
    );
    let mut params = vec![Value::from(venue)];
    params.extend(selection.params.iter().cloned());
    Statement { sql: upsert_sql(table, &source, Rule::Merge), params, expect, rows: Vec::new() }
}

/// Builds the statement that folds these changes of one table; none where there is nothing to fold.
///
/// Neighbours that write different registers of one entity become one row.
#[must_use]
pub fn from_entries<'a>(
    venue: &str,
    (table, rule): (&Table, Rule<'_>),
    numbers: &Numbers,
    entries: impl Iterator<Item = &'a Entry<'a>>,
) -> Option<Statement> {
    let groups = table.groups();
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let mut last: Option<(&str, Vec<bool>)> = None;
    for entry in entries {
        let change = entry.change;
        let number = numbers.get(&change.writer).copied().unwrap_or_default();
        let written: Vec<bool> = groups.iter().map(|group| covers(group, change)).collect();
        if !written.contains(&true) {
            continue;
        }
        let joins = last.as_ref().is_some_and(|(entity, taken)| {
            *entity == change.entity && !taken.iter().zip(&written).any(|(a, b)| *a && *b)
        });
        if !joins {
            rows.push(column::empty_row(&groups, &change.entity));
        }
        if let Some(row) = rows.last_mut() {
            column::fill(row, &groups, &written, entry, number);
        }
        let taken = match last.take().filter(|_| joins) {
            Some((_, taken)) => taken.iter().zip(&written).map(|(a, b)| *a || *b).collect(),
            None => written,
        };
        last = Some((&change.entity, taken));
    }
    let width = rows.first()?.len();
    let places: Vec<String> = (0..width).map(|place| format!("r.p{place}")).collect();
    let source = format!("SELECT ?1, {} FROM {} WHERE true", places.join(", "), Statement::ROWS);
    let sql = upsert_sql(table, &source, rule);
    let mut params = vec![venue.into()];
    if let Rule::Weighed(told) = rule {
        params.push(json!(told).to_string().into());
    }
    Some(Statement { sql, params, expect: Expect::Any, rows })
}

fn covers(group: &Group, change: &Change) -> bool {
    change.registers().any(|register| register == group.name)
}

fn covered_sql(group: &Group) -> String {
    format!("instr(',' || c.register || ',', ',{},') > 0", group.name)
}

fn upsert_sql(table: &Table, source: &str, rule: Rule<'_>) -> String {
    let name = table.name;
    let groups = table.groups();
    let columns: Vec<String> = groups.iter().flat_map(columns).collect();
    let mut sets = Vec::new();
    let mut any_wins = Vec::new();
    for group in &groups {
        let wins = match rule {
            Rule::Merge => wins_sql(table, group),
            Rule::Weighed(_) if table.wins(group) == Wins::Last => {
                format!("({}) OR ({})", wins_sql(table, group), weighed_sql(table, group))
            }
            Rule::Weighed(_) => wins_sql(table, group),
            Rule::Force => format!("excluded.{} > 0", group.stamp_column()),
        };
        for column in columns_of(group) {
            sets.push(if groups.len() == 1 {
                format!("{column} = excluded.{column}")
            } else {
                format!(
                    "{column} = CASE WHEN {wins} THEN excluded.{column} ELSE {name}.{column} END"
                )
            });
        }
        any_wins.push(format!("({wins})"));
    }
    format!(
        "INSERT INTO {name} (venue, id, {}) {source} \
         ON CONFLICT (venue, id) DO UPDATE SET {} WHERE {}",
        columns.join(", "),
        sets.join(", "),
        any_wins.join(" OR "),
    )
}

fn columns(group: &Group) -> Vec<String> {
    columns_of(group).collect()
}

fn columns_of(group: &Group) -> impl Iterator<Item = String> {
    let values = group.columns.iter().map(|column| column.name.to_owned());
    values.chain([group.stamp_column(), group.writer_column()])
}

/// Whether the new values of a group win over those in the row.
fn wins_sql(table: &Table, group: &Group) -> String {
    let name = table.name;
    let (stamp, writer) = (group.stamp_column(), group.writer_column());
    let rule = table.wins(group);
    let beats = if rule == Wins::Last { ">" } else { "<" };
    // A group without fields compares equal.
    let list = |side: &str| {
        let fields = group.columns.iter().map(|column| format!("{side}.{}", column.name));
        format!("({})", fields.chain(["0".to_owned()]).collect::<Vec<_>>().join(", "))
    };
    let named = |side: &str| {
        format!(
            "(SELECT w.replica || '/' || w.generation FROM stream_writer w \
             WHERE w.id = {side}.{writer})"
        )
    };
    let (new, old) = (list("excluded"), list(name));
    let by_stamp = format!(
        "excluded.{stamp} {beats} {name}.{stamp} OR (excluded.{stamp} = {name}.{stamp} AND CASE \
         WHEN excluded.{writer} = {name}.{writer} THEN {new} {beats} {old} \
         ELSE {} {beats} {} END)",
        named("excluded"),
        named(name),
    );
    let wins = match rule {
        Wins::Last => by_stamp,
        // Whatever else is known of the row, nothing was written first yet.
        Wins::First => format!("{name}.{stamp} = 0 OR {by_stamp}"),
        Wins::Most => format!("{new} > {old} OR ({new} = {old} AND ({by_stamp}))"),
    };
    format!("excluded.{stamp} > 0 AND ({wins})")
}

/// Whether the row's values of a group are a change that the sender has weighed: how much it has of
/// each writer is `?2`.
fn weighed_sql(table: &Table, group: &Group) -> String {
    let (name, stamp, writer) = (table.name, group.stamp_column(), group.writer_column());
    format!(
        "excluded.{stamp} > 0 AND {name}.{stamp} > excluded.{stamp} AND EXISTS (SELECT 1 \
         FROM stream_writer v JOIN json_each(?2) p ON p.key = v.replica || '/' || v.generation \
         JOIN change_log c ON c.writer = v.id AND c.seq <= p.value WHERE v.id = {name}.{writer} \
         AND c.effective = {name}.{stamp} AND c.table_name = '{name}' AND c.entity = {name}.id)"
    )
}
