//! The people with whom a demo gateway starts: it may never meet the edge that has their accounts.
//!
//! It must not know how they sign in.

use app::{App, metered::Metered, people::demo, rows};

use crate::config::Site;

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
