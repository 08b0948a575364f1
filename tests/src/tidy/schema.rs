//! The schema: migrations are numbered and strict, and their sum is `current.sql`.
//!
//! Both are executed by SQLite itself, so that only what matters is compared.

use rusqlite::{Connection, types::Value};

use super::tree::Document;

/// Where the migrations are.
pub const MIGRATIONS: &str = "schemas/sql/migrations/";
/// Today's schema in one piece.
pub const CURRENT: &str = "schemas/sql/current.sql";

/// Compares the sum of the migrations with today's schema.
///
/// # Errors
/// Fails when SQLite refuses one of them.
pub fn sum(migrations: &[&Document], current: &str) -> Result<Vec<String>, String> {
    let texts: Vec<&str> = migrations.iter().map(|document| document.text.as_str()).collect();
    let summed = describe(&texts)?;
    let today = describe(&[current])?;
    let lost = summed.iter().filter(|line| !today.contains(line));
    let extra = today.iter().filter(|line| !summed.contains(line));
    let lost = lost.map(|line| format!("{CURRENT} lacks what the migrations make: {line}"));
    let extra = extra.map(|line| format!("no migration makes what {CURRENT} says: {line}"));
    Ok(lost.chain(extra).collect())
}

/// Checks names and tables of the migrations; `known` is the code that lists them.
#[must_use]
pub fn migrations(migrations: &[&Document], known: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (index, document) in migrations.iter().enumerate() {
        let name = document.path.trim_start_matches(MIGRATIONS);
        if !name.starts_with(&format!("{:04}_", index + 1)) {
            problems.push(format!("{}: is not number {:04}", document.path, index + 1));
        }
        if !known.contains(&format!("\"{name}\"")) {
            problems.push(format!("{}: the hosts do not apply it", document.path));
        }
        let tables = document.text.split("CREATE TABLE").skip(1);
        for table in tables.filter_map(|rest| rest.split(';').next()) {
            if !table.contains("STRICT") {
                let name = table.split_whitespace().next().unwrap_or_default();
                problems.push(format!("{}: the table {name} is not STRICT", document.path));
            }
        }
    }
    problems
}

/// Executes the texts in an empty database and describes what is there, in a fixed order.
fn describe(texts: &[&str]) -> Result<Vec<String>, String> {
    let told = |error: rusqlite::Error| error.to_string();
    let database = Connection::open_in_memory().map_err(told)?;
    for text in texts {
        database.execute_batch(text).map_err(told)?;
    }
    let query = "SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name";
    let mut lines = rows(&database, query)?;
    let tables = rows(&database, "SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    for table in tables {
        let content = rows(&database, &format!("SELECT * FROM \"{table}\" ORDER BY 1"))?;
        lines.extend(content.into_iter().map(|row| format!("row of {table}: {row}")));
    }
    Ok(lines)
}

fn rows(database: &Connection, query: &str) -> Result<Vec<String>, String> {
    let told = |error: rusqlite::Error| error.to_string();
    let mut statement = database.prepare(query).map_err(told)?;
    let columns = statement.column_count();
    let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<String> {
        let values: Vec<String> =
            (0..columns).map(|column| row.get(column).map(shown)).collect::<Result<_, _>>()?;
        Ok(values.join(" "))
    };
    let found = statement.query_map([], read).map_err(told)?;
    found.collect::<Result<_, _>>().map_err(told)
}

fn shown(value: Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        // Spaces and comments' line ends differ between a step and the whole.
        Value::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::Blob(bytes) => format!("{bytes:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT;";

    fn step(name: &str, text: &str) -> Document {
        Document::new(&format!("{MIGRATIONS}{name}"), text)
    }

    #[test]
    fn a_difference_between_the_sum_and_the_whole_is_found() {
        let (one, two) =
            (step("0001_a.sql", FIRST), step("0002_b.sql", "INSERT INTO a VALUES (1);"));
        let both = [&one, &two];
        let whole = format!("{FIRST}\nINSERT INTO a VALUES (1);");
        assert!(sum(&both, &whole).unwrap().is_empty());
        assert_eq!(sum(&both, FIRST).unwrap().len(), 1, "a missing row");
        let other = "CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT) STRICT;";
        assert_eq!(sum(&[&one], other).unwrap().len(), 2, "another column");
        assert!(sum(&[&one], "CREATE TABLE").is_err());
    }

    #[test]
    fn a_migration_out_of_order_unknown_or_lax_is_found() {
        let known = "(\"0001_a.sql\", include_str!(…))";
        assert!(migrations(&[&step("0001_a.sql", FIRST)], known).is_empty());
        assert_eq!(migrations(&[&step("0002_a.sql", FIRST)], "\"0002_a.sql\"").len(), 1);
        assert_eq!(migrations(&[&step("0001_b.sql", FIRST)], known).len(), 1);
        let lax = "CREATE TABLE a (id INTEGER PRIMARY KEY);";
        assert_eq!(migrations(&[&step("0001_a.sql", lax)], known).len(), 1);
    }
}
