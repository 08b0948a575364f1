//! What is kept of people here and why, in plain words; and where a venue adds its own.
//!
//! It must not know who agreed to it.

use std::collections::BTreeMap;

use domain::access::Right;

use crate::{
    audit::{self, Noted},
    call::{Answer, Call, Tries, Written, page},
    locale::Locale,
    pages::login::redirect,
    people::retention,
    problem::Problem,
    rows,
    views::{NoticeEditView, NoticeView, NoticeWords, Surface},
};

/// Shows it to anybody.
pub async fn show(call: Call) -> Answer {
    let here = call.here()?;
    let notice = rows::venue::notice(&call.db, &here.venue.id).await?;
    let months = match call.app.host.is_home {
        true => Some(retention::months(&call.db).await?.number()),
        false => None,
    };
    let since = u64::try_from(notice.since_ms).ok().filter(|since_ms| *since_ms > 0);
    page(&NoticeView {
        shell: call.shell(Surface::Web),
        words: lines(notice.words_for(call.locale.code())),
        contact: lines(&notice.contact),
        since: since.map(|since_ms| call.locale.moment(&here.venue.time_zone, since_ms)),
        forever: months == Some(0),
        months: months.filter(|months| *months > 0).map(|months| months.to_string()),
        may_edit: call.visitor.is_some() && call.may(Right::People),
    })
}

/// Shows the form with the venue's own words.
pub async fn edit(call: Call) -> Answer {
    form(&call, None).await
}

/// Keeps the venue's own words.
pub async fn save(call: Call) -> Answer {
    match saved(&call).await {
        Ok(()) => Ok(redirect("/privacy", &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form(&call, Some(&problem)).await,
    }
}

async fn saved(call: &Call) -> Result<(), Problem> {
    let venue = &call.here()?.venue.id;
    let field = |locale: Locale| (locale.code().to_owned(), call.field(&name(locale)));
    let words: BTreeMap<String, String> = Locale::ALL.into_iter().map(field).collect();
    let contact = call.field("contact");
    let mut tries = Tries::default();
    loop {
        let before = rows::venue::notice(&call.db, venue).await?;
        let said = (contact.as_str(), &words);
        let Some(draft) = before.change(venue, said, call.app.clock.now_ms())? else {
            return Ok(());
        };
        let noted = Noted {
            act: domain::audit::Act::VenueChanged,
            actor: "",
            subject: venue.as_str(),
            detail: serde_json::json!({"changed": "privacy"}),
        };
        if audit::commit(call, &noted, (vec![draft], Vec::new())).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

async fn form(call: &Call, problem: Option<&Problem>) -> Answer {
    let notice = rows::venue::notice(&call.db, &call.here()?.venue.id).await?;
    let kept = |locale: Locale| match problem {
        Some(_) => call.field(&name(locale)),
        None => notice.words.get(locale.code()).cloned().unwrap_or_default(),
    };
    let words = |locale: Locale| NoticeWords {
        field: name(locale),
        language: locale.name(),
        text: kept(locale),
    };
    let mut response = page(&NoticeEditView {
        shell: call.shell(Surface::Staff),
        contact: problem.map_or_else(|| notice.contact.clone(), |_| call.field("contact")),
        words: Locale::ALL.into_iter().map(words).collect(),
        error: problem.map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

fn name(locale: Locale) -> String {
    format!("words_{}", locale.code())
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
