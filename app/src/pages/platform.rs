//! The page on which a platform administrator opens venues.
//!
//! It must not decide: `people::platform` and the document's own rules do.

use domain::{
    people::{address::Address, person, retention::Months},
    venue::{
        Document, LANGUAGES, Venue,
        module::{Module, Modules},
    },
};
use sync_engine::id::VenueId;

use crate::{
    call::{Answer, Call, page},
    pages::login::redirect,
    people::{
        platform::{self, Owner},
        retention,
    },
    problem::Problem,
    views::{ModuleChoice, PlatformView, Surface, VenueLine},
};

/// Lists the venues, with a form for a new one.
pub async fn show(call: Call) -> Answer {
    form(&call, (None, None)).await
}

/// Opens a venue, and shows its owner's invitation.
pub async fn open(mut call: Call) -> Answer {
    let asked = call.here.clone();
    let opened = opened(&mut call).await;
    // The page is the one of the venue at which the administrator is.
    call.here = asked;
    match opened {
        Ok(link) => form(&call, (None, Some(link))).await,
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form(&call, (Some(problem), None)).await,
    }
}

async fn opened(call: &mut Call) -> Result<String, Problem> {
    let split = |text: String| -> Vec<String> {
        let parts = text.split([',', ' ', '\n', '\r']).map(str::trim);
        parts.filter(|part| !part.is_empty()).map(str::to_ascii_lowercase).collect()
    };
    let domains = split(call.field("domains"));
    let chosen = |language: &&str| !call.field(&format!("language_{language}")).is_empty();
    let id = call.field("id").trim().to_owned();
    let document = Document {
        venue: Venue {
            id: VenueId::parse(&id).map_err(|_| Problem::invalid_field("id"))?,
            name: call.field("name").trim().to_owned(),
            time_zone: call.field("time_zone").trim().to_owned(),
            languages: LANGUAGES.iter().filter(|l| chosen(l)).map(|&l| l.to_owned()).collect(),
            modules: modules(call)?,
        },
        domains: domains.clone(),
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
    let owner = Owner {
        name: person::name(&call.field("owner_name"))?,
        address: Address::parse(&call.field("owner_email"))?,
    };
    let code = platform::open(call, (&document, &owner)).await?;
    let domain = domains.first().map_or("", String::as_str);
    Ok(match code {
        Some(code) => format!("https://{domain}/password?code={code}"),
        None => format!("https://{domain}/login"),
    })
}

/// Changes what a venue of this host is used for.
pub async fn change(call: Call) -> Answer {
    let changed = async {
        let venue = VenueId::parse(call.param("id")?).map_err(|_| Problem::not_found())?;
        platform::use_for(&call, &venue, &modules(&call)?).await
    };
    match changed.await {
        Ok(()) => Ok(redirect("/platform", &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form(&call, (Some(problem), None)).await,
    }
}

/// Changes how long accounts are kept that nobody uses.
pub async fn keep_for(call: Call) -> Answer {
    let kept = async {
        let invalid = || Problem::invalid_field("account_months");
        let months = call.field("account_months").trim().parse().map_err(|_| invalid())?;
        platform::keep_for(&call, Months::of(months)?).await
    };
    match kept.await {
        Ok(()) => Ok(redirect("/platform", &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form(&call, (Some(problem), None)).await,
    }
}

fn modules(call: &Call) -> Result<Modules, Problem> {
    let chosen = |module: &Module| !call.field(&format!("module_{}", module.name())).is_empty();
    Ok(Modules::of(Module::ALL.into_iter().filter(chosen))?)
}

async fn form(call: &Call, (problem, link): (Option<Problem>, Option<String>)) -> Answer {
    let keep = |name: &str| if link.is_some() { String::new() } else { call.field(name) };
    let venues = platform::list(call).await?;
    let sentence = |problem: &Problem| match problem.subject.as_slice() {
        [] => problem.sentence(call.locale),
        subject => format!("{} ({})", problem.sentence(call.locale), subject.join("; ")),
    };
    let mut response = page(&PlatformView {
        shell: call.shell(Surface::Staff),
        venues: venues
            .into_iter()
            .map(|venue| VenueLine {
                modules: choices(call, &venue.modules),
                id: venue.id,
                name: venue.name,
                domains: venue.domains,
            })
            .collect(),
        modules: choices(call, &Modules::default()),
        account_months: retention::months(&call.db).await?.number().to_string(),
        id: keep("id"),
        name: keep("name"),
        domains: keep("domains"),
        owner_name: keep("owner_name"),
        owner_email: keep("owner_email"),
        link,
        error: problem.as_ref().map(sentence),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

fn choices(call: &Call, on: &Modules) -> Vec<ModuleChoice> {
    let one = |module: Module| ModuleChoice {
        name: module.name(),
        label: call.locale.find(&format!("module.{}", module.name())).unwrap_or(module.name()),
        on: on.has(module),
    };
    Module::ALL.into_iter().map(one).collect()
}
