//! The first people of a host: a demo's made-up ones, and the code for the first administrator.
//!
//! It must not know how they sign in.

use app::{App, host::Secret, metered::Metered, pages::setup, people::demo, rows, session};

use crate::{
    config::{Config, Site},
    native::SystemEntropy,
    print_line,
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
