//! What somebody asks the audit: by act, person and days; page and export ask the same.
//!
//! It must not know how the answer is shown.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    audit::{Act, seal::Record},
    people::person::PersonId,
    venue::day::day_ms,
};

use crate::{
    call::{Call, query_of},
    people::directory,
    problem::Problem,
    rows::{self, audit::Wanted},
};

/// The filter as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The stable name of an act; empty for all.
    pub act: String,
    /// A part of a name, or an id; empty for everybody.
    pub who: String,
    /// The first day, such as `2026-11-21`; empty for the very first.
    pub from: String,
    /// The last day; empty for today.
    pub until: String,
    /// Behind which entry, as the page before said it; empty for the newest.
    pub after: String,
}

/// Entries, the names of whoever is in them, and where the next ones begin.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The newest first.
    pub entries: Vec<Record>,
    /// By id.
    pub names: BTreeMap<PersonId, String>,
    /// The tickets of the orders that entries name, by id.
    pub tickets: BTreeMap<String, String>,
    /// What comes behind; none where that is all.
    pub next: Option<String>,
}

impl Filter {
    /// Reads the filter of a request.
    #[must_use]
    pub fn of(call: &Call) -> Self {
        let field = |name| call.query(name).unwrap_or_default().trim().to_owned();
        Self {
            act: field("act"),
            who: field("who"),
            from: field("from"),
            until: field("until"),
            after: field("after"),
        }
    }

    /// Returns the query of an address that asks the same behind an entry.
    #[must_use]
    pub fn query(&self, after: &str) -> String {
        let fields = [
            ("act", self.act.as_str()),
            ("who", &self.who),
            ("from", &self.from),
            ("until", &self.until),
            ("after", after),
        ];
        query_of(&fields)
    }

    async fn wanted(&self, call: &Call) -> Result<Wanted, Problem> {
        let here = call.here()?;
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let day = |text: &str, name| match text {
            "" => Ok(None),
            text => day_ms(&here.venue.time_zone, text)
                .map(Some)
                .ok_or_else(|| Problem::invalid_field(name)),
        };
        let act = some(&self.act);
        if act.as_ref().is_some_and(|name| !Act::ALL.iter().any(|act| act.name() == name)) {
            return Err(Problem::invalid_field("act"));
        }
        let after = match self.after.split_once('.') {
            Some((at_ms, id)) => {
                let at_ms = at_ms.parse().map_err(|_| Problem::invalid_field("after"))?;
                Some((at_ms, id.to_owned()))
            }
            None if self.after.is_empty() => None,
            None => return Err(Problem::invalid_field("after")),
        };
        Ok(Wanted {
            act,
            who: match self.who.as_str() {
                "" => None,
                who => Some(self.ids(call, who).await?),
            },
            from_ms: day(&self.from, "from")?.map(|(from, _)| from),
            until_ms: day(&self.until, "until")?.map(|(_, until)| until),
            after,
        })
    }

    /// Names are sealed where they lie: those that open here are compared, and what was typed may
    /// be an id itself.
    async fn ids(&self, call: &Call, who: &str) -> Result<Vec<String>, Problem> {
        let venue = &call.here()?.venue.id;
        let wanted = who.to_lowercase();
        let members = directory::list(&call.app.host, &call.db, venue).await?;
        let is_it = |name: &str| name.to_lowercase().contains(&wanted);
        let named = members.into_iter().filter(|member| member.name.as_deref().is_some_and(is_it));
        let mut ids: Vec<String> = named.map(|member| member.person.to_string()).collect();
        ids.push(who.to_owned());
        Ok(ids)
    }
}

/// Loads what somebody asks for.
///
/// # Errors
/// Refuses a filter that cannot be read, and fails when the database does.
pub async fn find(call: &Call, filter: &Filter, limit: i64) -> Result<Found, Problem> {
    if filter.who.chars().count() > domain::limits::PERSON_NAME_CHARS {
        return Err(Problem::invalid_field("who"));
    }
    let wanted = filter.wanted(call).await?;
    let venue = &call.here()?.venue.id;
    // One more than is shown tells whether there is more.
    let mut entries = rows::audit::list(&call.db, venue, &wanted, limit + 1).await?;
    let is_more = entries.len() as i64 > limit;
    entries.truncate(usize::try_from(limit).unwrap_or_default());
    let last = entries.last().filter(|_| is_more);
    let next = last.map(|entry| format!("{}.{}", entry.at_ms, entry.id));
    let who = entries.iter().flat_map(|entry| [&entry.actor, &entry.subject]);
    let people: BTreeSet<PersonId> = who.filter_map(|id| PersonId::parse(id)).collect();
    let names = directory::names(&call.app.host, &call.db, (venue, &people)).await?;
    let orders = entries.iter().filter(|entry| is_of_order(&entry.act));
    let orders: BTreeSet<&str> = orders.map(|entry| entry.subject.as_str()).collect();
    let tickets = rows::history::tickets(&call.db, venue, &orders).await?;
    Ok(Found { entries, names, tickets, next })
}

/// Tells whether what an act was done to is an order.
fn is_of_order(act: &str) -> bool {
    let acts = [Act::Paid, Act::Cancelled, Act::Refunded, Act::Reprinted];
    acts.iter().any(|known| known.name() == act)
}

impl Found {
    /// Returns the name of whoever an entry names by this id; none for what is no person, or whose
    /// name does not open here.
    #[must_use]
    pub fn name(&self, id: &str) -> Option<&str> {
        self.names.get(&PersonId::parse(id)?).map(String::as_str)
    }
}
