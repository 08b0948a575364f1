//! The SQL that turns log rows into table rows; generated once from the declared shape.
//!
//! Local writes and imports fold by these same statements, and the comparison stands inside the
//! UPSERT's WHERE, so concurrent writers cannot put an older value over a newer one. It must not
//! know where the log rows came from: a [`Selection`] says which ones.

use crate::{
    shape::{Column, Group, Kind, Shape, Table},
    stamp::STAMP_SQL,
    statement::{Expect, Statement, Value},
};

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

/// Builds the statement that folds the selected rows of one register group or of one fact table.
#[must_use]
pub fn statement(
    venue: &str,
    table: &Table,
    register: &str,
    selection: &Selection,
    expect: Expect,
) -> Option<Statement> {
    let sql = match table.shape {
        Shape::Register(groups) => {
            let group = groups.iter().find(|group| group.name == register)?;
            register_sql(table, group, selection)
        }
        Shape::Fact(columns) if register.is_empty() => {
            upsert_sql(table, columns, "stamp", "", selection, "<")
        }
        Shape::Fact(_) => return None,
    };
    let mut params = vec![Value::from(venue)];
    params.extend(selection.params.iter().cloned());
    Some(Statement { sql, params, expect })
}

fn register_sql(table: &Table, group: &Group, selection: &Selection) -> String {
    let stamp = format!("{}_stamp", group.name);
    upsert_sql(table, group.columns, &stamp, group.name, selection, ">")
}

fn upsert_sql(
    table: &Table,
    columns: &[Column],
    stamp: &str,
    register: &str,
    selection: &Selection,
    wins: &str,
) -> String {
    let name = table.name;
    let Selection { from, condition, .. } = selection;
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let values: Vec<String> = columns.iter().map(column_sql).collect();
    let updates: Vec<String> =
        names.iter().chain([&stamp]).map(|n| format!("{n} = excluded.{n}")).collect();
    format!(
        "INSERT INTO {name} (venue, id, {names}, {stamp}) \
         SELECT ?1, c.entity, {values}, {STAMP_SQL} FROM {from} \
         WHERE {condition} AND c.table_name = '{name}' AND c.register = '{register}' \
         ON CONFLICT (venue, id) DO UPDATE SET {updates} \
         WHERE excluded.{stamp} {wins} {name}.{stamp}",
        names = names.join(", "),
        values = values.join(", "),
        updates = updates.join(", "),
    )
}

fn column_sql(column: &Column) -> String {
    let name = column.name;
    match column.kind {
        Kind::Text => format!("coalesce(c.payload->>'{name}', '')"),
        Kind::Integer => format!("coalesce(CAST(c.payload->>'{name}' AS INTEGER), 0)"),
        Kind::Json => format!("coalesce(c.payload->'{name}', 'null')"),
    }
}
