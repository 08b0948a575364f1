//! The first people of a host: a demo's made-up ones, and the code for the first administrator.
//!
//! It must not know how they sign in.

use std::path::Path;

use app::{
    App,
    call::Here,
    host::Secret,
    metered::Metered,
    pages::setup,
    people::{demo, recovery},
    problem::Problem,
    rows, session,
};
use domain::people::address::Address;
use sync_engine::{id::VenueId, statement::Statement};

use crate::{
    config::{Config, Kind, Site},
    native::SystemEntropy,
    print_line, serve,
};

/// Loads the people that the configuration names.
pub(crate) async fn load(app: &App, site: &Site) -> Result<(), String> {
    let Some(file) = &site.demo_people else { return Ok(()) };
    let wrong = |problem: String| format!("{}: {problem}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let people: Vec<demo::DemoPerson> =
        serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let db = Metered::new(app.database.clone(), u32::MAX);
    let here = rows::venue::by_id(&db, &site.venue).await.map_err(|fault| fault.detail)?;
    let here = here.ok_or("the venue was opened but is not there")?;
    let loaded = demo::load(app, &db, (&here, &people)).await;
    loaded.map_err(|problem| wrong(format!("{} {}", problem.code, problem.detail)))
}

/// Draws a set-up code where the configuration names none; it is good until the host ends.
pub(crate) fn setup_code(config: &mut Config) -> Result<Option<String>, String> {
    if config.setup_code.is_some() {
        return Ok(None);
    }
    let code = session::random(&SystemEntropy, 10).map_err(|problem| problem.detail)?;
    config.setup_code = Some(Secret::new(code.as_bytes()));
    Ok(Some(code))
}

/// Shows whoever started a host that has no administrator yet where to become one.
pub(crate) async fn tell_setup_code(
    app: &App,
    page: &str,
    code: Option<&str>,
) -> Result<(), String> {
    let db = Metered::new(app.database.clone(), u32::MAX);
    let is_open = setup::is_open(&db).await.map_err(|problem| problem.detail)?;
    if let Some(code) = code.filter(|_| app.host.is_home && is_open) {
        print_line(&format!("first start: open {page} with the code {code}"));
    }
    Ok(())
}

/// Lets a lost administrator in again, at the machine itself: prints where they choose a password.
///
/// The host may run meanwhile; it need not know.
pub(crate) fn recover(file: &Path, email: &str) -> Result<(), String> {
    let on_site = Config::load(file, Kind::Gateway);
    let config = match on_site {
        Ok(config) => config,
        // A file without a venue is an edge's.
        Err(problem) => Config::load(file, Kind::Edge).map_err(|_| problem)?,
    };
    let address = Address::parse(email).map_err(|rejection| rejection.to_string())?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let app = serve::at_rest(&config)?;
        if !app.host.is_home {
            return Err("accounts are at the edge: use its recovery code there".to_owned());
        }
        let db = Metered::new(app.database.clone(), u32::MAX);
        let said = |problem: Problem| format!("{} {}", problem.code, problem.detail);
        let here = venue(&db, &config).await?;
        let code = recovery::recover(&app, &db, (&here, &address)).await.map_err(said)?;
        let listen = config.listen;
        print_line(&format!("choose a password at http://{listen}/password?code={code}"));
        Ok(())
    })
}

/// The venue of a gateway; of an edge the first one, at which its administrator signs in.
async fn venue(db: &Metered, config: &Config) -> Result<Here, String> {
    let venue = match &config.site {
        Some(site) => site.venue.clone(),
        None => {
            let sql = "SELECT venue FROM local_venue ORDER BY venue LIMIT 1";
            let rows = db.rows(Statement::new(sql, Vec::new())).await.map_err(|f| f.detail)?;
            let first = rows.first().and_then(|row| rows::text(row, "venue").ok());
            let first = first.ok_or("there is no venue yet: set the host up first")?;
            VenueId::parse(&first).map_err(|rejection| rejection.to_string())?
        }
    };
    let here = rows::venue::by_id(db, &venue).await.map_err(|fault| fault.detail)?;
    here.ok_or_else(|| "the venue is not open on this host yet: start it first".to_owned())
}
