//! `relais verify-audit`: compares the audit of every venue in a store with its seals.
//!
//! It opens the store that the configuration names and writes nothing of a venue; a host may go on
//! beside it. It must not know what a falsification is: `domain::audit::check` does.

use std::path::{Path, PathBuf};

use app::{
    api::audit::checked,
    audit::checker::{self, Depth},
    metered::Metered,
    rows,
};

use crate::{print_line, store::Store};

/// Prints what is found, one JSON object for each life; fails when anything is wrong.
pub(crate) fn run(file: &Path) -> Result<(), String> {
    let database = data_dir(file)?.join("relais.db");
    if !database.is_file() {
        return Err(format!("{}: there is no such store", database.display()));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let faults = runtime.block_on(check(&database))?;
    match faults {
        0 => {
            print_line("the audit is sound");
            Ok(())
        }
        faults => Err(format!("the audit is not what was written: {faults} findings")),
    }
}

async fn check(database: &Path) -> Result<u64, String> {
    let store = std::sync::Arc::new(Store::beside(database)?);
    let db = Metered::new(store, u32::MAX);
    let mut faults = 0;
    for here in rows::venue::all(&db).await.map_err(|fault| fault.detail)? {
        let checks = checker::check(&db, &here, Depth::Whole).await;
        for check in checks.map_err(|fault| fault.detail)? {
            faults += check.faults;
            let mut told = checked(&check);
            if let Some(fields) = told.as_object_mut() {
                fields.insert("venue".to_owned(), here.venue.id.as_str().into());
            }
            print_line(&told.to_string());
        }
    }
    Ok(faults)
}

/// Reads only where a host keeps its data: a command beside it needs no more.
fn data_dir(file: &Path) -> Result<PathBuf, String> {
    let told = |problem: String| format!("{}: {problem}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| told(error.to_string()))?;
    let table: toml::Table =
        text.parse().map_err(|error| told(format!("this is not TOML: {error}")))?;
    let folder = std::env::var("RELAIS_DATA_DIR").ok();
    let folder = folder.or_else(|| table.get("data_dir")?.as_str().map(str::to_owned));
    folder.map(PathBuf::from).ok_or_else(|| told("data_dir: missing; give a folder".to_owned()))
}
