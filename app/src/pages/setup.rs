//! The first start: whoever holds the host's one-time code becomes its first administrator.
//!
//! Open only while there is none. It must not know how the host shows its code.

use axum::http::StatusCode;
use domain::{
    access::{Role, Roles},
    audit::Act,
    people::{
        address::Address,
        password,
        person::{self, Access, name_place, named},
    },
    venue::{Document, LANGUAGES, Venue, module::Modules},
};
use serde_json::json;
use sync_engine::{id::VenueId, statement::Statement};

use crate::{
    api::setup::GATEWAY,
    audit::{self, Noted},
    call::{Answer, Call, Here, Written, page},
    gate,
    host::Side,
    pages::login::redirect,
    people::{
        account::{self, New, draw_person, keep_password},
        keys::PersonKey,
    },
    problem::Problem,
    rate, replication, rows,
    session::random,
    views::{SetupView, Surface},
    witness,
};

/// Shows the form.
pub async fn show(call: Call) -> Answer {
    check_open(&call).await?;
    let here = here(&call).await?;
    form(&call, here.is_some(), None)
}

/// Makes the first administrator, and a venue where this address belongs to none.
pub async fn begin(mut call: Call) -> Answer {
    check_open(&call).await?;
    rate::take(&call, &rate::CODE, &rate::origin(&call)).await?;
    let found = here(&call).await?;
    let has_venue = found.is_some();
    match set_up(&mut call, found).await {
        Ok(()) => Ok(redirect("/login", &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form(&call, has_venue, Some(&problem)),
    }
}

/// Tells whether nobody administers this host yet.
///
/// # Errors
/// Fails when the database does.
pub async fn is_open(db: &crate::metered::Metered) -> Result<bool, Problem> {
    let sql = "SELECT 1 AS one FROM account WHERE platform = 1 LIMIT 1";
    Ok(db.rows(Statement::new(sql, Vec::new())).await?.is_empty())
}

async fn check_open(call: &Call) -> Result<(), Problem> {
    if !call.app.host.is_home {
        return Err(Problem::new(StatusCode::CONFLICT, "no_accounts_here"));
    }
    if call.app.host.setup_code.is_none() || !is_open(&call.db).await? {
        return Err(Problem::new(StatusCode::FORBIDDEN, "setup_closed"));
    }
    Ok(())
}

/// The venue of this address; at the first start of an edge there is none.
async fn here(call: &Call) -> Result<Option<Here>, Problem> {
    match gate::find_venue(call).await {
        Err(problem) if problem.code == "unknown_venue" => Ok(None),
        found => found,
    }
}

async fn set_up(call: &mut Call, found: Option<Here>) -> Result<(), Problem> {
    let given = call.field("code");
    if !call.app.host.setup_code.as_ref().is_some_and(|code| code.matches(given.trim())) {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_key"));
    }
    let name = person::name(&call.field("name"))?;
    let address = Address::parse(&call.field("email"))?;
    let local = address.as_str().split('@').next().unwrap_or_default().to_owned();
    let chosen = call.field("password");
    password::check(&chosen, &[address.as_str(), &local, &name])?;
    let here = match found {
        Some(here) => here,
        None => open_venue(call).await?,
    };
    let venue = here.venue.id.clone();
    call.here = Some(here);
    let app = &call.app;
    let (person, key) = (draw_person(app)?, PersonKey::draw(app.entropy.as_ref())?);
    let password = keep_password(app, &chosen).await?;
    let new = New {
        person: &person,
        key: &key,
        address: &address,
        name: &name,
        password,
        confirmed: true,
        platform: true,
        locked: false,
        venue: &venue,
        agreed: None,
    };
    let mut local = account::make(app, &new)?;
    // Two who hold the code at one time: one of them is first.
    let only = "UPDATE local_venue SET learnt = learnt WHERE venue = ?1 \
         AND (SELECT count(*) FROM account WHERE platform = 1) = 1";
    local.push(Statement::exactly(1, only, vec![venue.as_str().into()]));
    let sealed = key.seal(app.entropy.as_ref(), &name_place(&person), &name)?;
    let access = Access { roles: Roles::of([Role::Owner]), active: true };
    let drafts = vec![named(&person, &sealed), access.draft(&person)];
    let actor = person.as_str();
    let noted = Noted { act: Act::SetUp, actor, subject: actor, detail: json!({}) };
    match audit::commit(call, &noted, (drafts, local)).await? {
        Written::Done => Ok(()),
        Written::Again => Err(Problem::new(StatusCode::CONFLICT, "setup_closed")),
    }
}

async fn open_venue(call: &Call) -> Result<Here, Problem> {
    if call.app.host.side != Side::Edge {
        return Err(Problem::not_found());
    }
    let name = call.field("venue");
    let host = call.header("host");
    let domain = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
    let id = VenueId::parse(&format!("v{}", random(call.app.entropy.as_ref(), 6)?))?;
    let languages = LANGUAGES.iter().map(|&language| language.to_owned()).collect();
    let time_zone = "Europe/Brussels".to_owned();
    let venue = Venue { id: id.clone(), name, time_zone, languages, modules: Modules::default() };
    let document = Document {
        venue,
        domains: vec![domain],
        published_ms: 0,
        categories: Vec::new(),
        products: Vec::new(),
        delivery: None,
        map: None,
        kitchen: None,
        promotions: Vec::new(),
        tables: Vec::new(),
        hours: domain::venue::hours::Hours::default(),
    };
    document.check()?;
    replication::open(&call.db, call.app.entropy.as_ref(), &document, "edge", None).await?;
    call.db.commit(&[witness::enrol(&id, GATEWAY)]).await?;
    let opened = rows::venue::by_id(&call.db, &id).await?;
    opened.ok_or_else(|| Problem::internal("the venue was opened but is not there"))
}

fn form(call: &Call, has_venue: bool, problem: Option<&Problem>) -> Answer {
    let mut response = page(&SetupView {
        shell: call.shell(Surface::Staff),
        has_venue,
        venue: call.field("venue"),
        name: call.field("name"),
        email: call.field("email"),
        error: problem.map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}
