//! The migrations of `schemas/sql/migrations/`, for the hosts that apply them themselves.
//!
//! wrangler reads the same files for D1. A store that a newer build migrated is refused: this build
//! would not know what its rows mean.

use sync_engine::statement::Statement;

use crate::ports::{CommitFault, Database, Fault};

/// Every migration in order: its name and its text.
pub const MIGRATIONS: &[(&str, &str)] =
    &[("0001_foundation.sql", include_str!("../../schemas/sql/migrations/0001_foundation.sql"))];

const TABLE_SQL: &str = "CREATE TABLE IF NOT EXISTS schema_migration (\
     name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID";

/// Brings a store up to this build.
///
/// # Errors
/// Fails when the database does, and when the store is newer than this build.
pub async fn apply(database: &dyn Database) -> Result<(), Fault> {
    commit(database, &[Statement::new(TABLE_SQL, Vec::new())]).await?;
    let query = [Statement::new("SELECT name FROM schema_migration", Vec::new())];
    let rows = database.read(&query).await?;
    let applied: Vec<&str> =
        rows.iter().flatten().filter_map(|row| row.get("name")?.as_str()).collect();
    if let Some(name) = applied.iter().find(|n| !MIGRATIONS.iter().any(|(known, _)| known == *n)) {
        let detail = format!("the store is newer than this build: it has {name}; update relais");
        return Err(Fault::lasting(detail));
    }
    for (name, text) in MIGRATIONS.iter().filter(|(name, _)| !applied.contains(name)) {
        let mut batch: Vec<Statement> =
            statements(text).map(|sql| Statement::new(sql, Vec::new())).collect();
        let note = "INSERT INTO schema_migration (name) VALUES (?1)";
        batch.push(Statement::exactly(1, note, vec![(*name).into()]));
        commit(database, &batch).await?;
    }
    Ok(())
}

async fn commit(database: &dyn Database, batch: &[Statement]) -> Result<(), Fault> {
    match database.commit(batch).await {
        Ok(()) => Ok(()),
        Err(CommitFault::Fault(fault)) => Err(fault),
        Err(CommitFault::Conflict) => Err(Fault::passing("somebody else migrates this store")),
    }
}

/// Splits a migration into its statements: each ends with a semicolon at a line's end.
pub fn statements(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(";\n").map(without_comments).filter(|sql| !sql.is_empty())
}

fn without_comments(sql: &str) -> String {
    let lines: Vec<&str> =
        sql.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    lines.join("\n").trim().to_owned()
}
