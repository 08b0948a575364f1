//! Points: what a payment brings with it, paying with them, and correcting them.
//!
//! Deciding is `domain::loyalty`'s. The edge owns the points and takes them in a guarded batch; a
//! gateway takes them from leases that the edge has granted. It must not know pages.

pub mod allowance;

use axum::http::StatusCode;
use domain::{
    Rejection,
    audit::Act,
    loyalty::{
        self, Kind, Loyalty, Purse, Reason,
        spending::{self, Payment, Source},
    },
    ordering::Order,
    people::person::PersonId,
};
use serde_json::json;
use sync_engine::{
    change::Draft,
    id::VenueId,
    lease::{Spend, Standing, ledger::Lease},
    statement::Batch,
};

use crate::{
    App,
    audit::{self, Noted},
    call::{Call, Here, Tries, Written, commit},
    host::Side,
    leases::Desk,
    metered::Metered,
    once::Sent,
    problem::Problem,
    rows,
    session::random,
};

/// Joins what follows from an act on an order: a payment earns, and nothing is paid twice. Returns
/// what must hold when it is written.
///
/// # Errors
/// Fails when the database does.
pub async fn join(
    call: &Call,
    (order, act): (&Order, Option<Act>),
    drafts: &mut Vec<Draft>,
) -> Result<Batch, Problem> {
    if act != Some(Act::Paid) || drafts.is_empty() {
        return Ok(Batch::new());
    }
    let venue = &call.here()?.venue.id;
    drafts.extend(earned(&call.db, venue, (order, call.app.clock.now_ms())).await?);
    Ok(vec![rows::order::unpaid_but(venue, &order.id, "counter")])
}

/// Writes what a payment of an order earns; nothing where it is written already.
///
/// # Errors
/// Fails when the database does.
pub async fn earned(
    db: &Metered,
    venue: &VenueId,
    (order, now_ms): (&Order, u64),
) -> Result<Option<Draft>, Problem> {
    // The entry may be here before the payment that it came with.
    let id = loyalty::entry_id(Kind::Earn, &order.id);
    if order.person.is_empty() || rows::loyalty::is_here(db, venue, &id).await? {
        return Ok(None);
    }
    let settings = rows::loyalty::settings(db, venue).await?;
    Ok(loyalty::earn(order, &settings, now_ms))
}

/// Writes that an order was refunded or cancelled: what it earned goes, what was spent on it comes
/// back. Nothing where that is written already.
///
/// # Errors
/// Fails when the database does.
pub async fn taken_back(
    db: &Metered,
    venue: &VenueId,
    (order, now_ms): (&Order, u64),
) -> Result<Option<Draft>, Problem> {
    let id = loyalty::entry_id(Kind::Back, &order.id);
    if rows::loyalty::is_here(db, venue, &id).await? {
        return Ok(None);
    }
    let spender = rows::loyalty::spender(db, venue, &order.id).await?;
    let person = spender.unwrap_or_else(|| order.person.clone());
    let is_known = !person.is_empty();
    Ok(is_known.then(|| loyalty::take_back(order, &person, now_ms)))
}

/// What a member has, and what of it can be spent here and now.
#[derive(Debug, Clone)]
pub struct Account {
    /// What the entries add up to.
    pub purse: Purse,
    /// The venue's settings.
    pub settings: Loyalty,
    /// What can be spent here: what is free where they are owned, what is leased where not.
    pub usable: i64,
    source: Source,
}

impl Account {
    /// Returns by what a payment is decided.
    #[must_use]
    pub const fn terms(&self) -> (&Loyalty, &Source) {
        (&self.settings, &self.source)
    }
}

/// Where points are taken: a venue's store, and the request where there is one.
pub struct Till<'a> {
    /// The host's ports.
    pub app: &'a App,
    /// The database.
    pub db: &'a Metered,
    /// The venue and the store's present life.
    pub here: &'a Here,
    /// The request; it tells the audit who asks, and from where.
    pub call: Option<&'a Call>,
}

impl<'a> Till<'a> {
    /// Opens the till of a request.
    ///
    /// # Errors
    /// Fails where the request is about no venue.
    pub fn of(call: &'a Call) -> Result<Self, Problem> {
        Ok(Self { app: &call.app, db: &call.db, here: call.here()?, call: Some(call) })
    }

    /// Opens a member's account at this side.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn account(&self, person: &str) -> Result<Account, Problem> {
        let venue = &self.here.venue.id;
        let purse = rows::loyalty::purse(self.db, venue, person).await?;
        let settings = rows::loyalty::settings(self.db, venue).await?;
        let right = loyalty::right(person);
        let (source, usable) = if self.app.host.side == Side::Edge {
            let free = purse.free(rows::loyalty::granted(self.db, venue, &right).await?);
            (Source::Owner { free, balance: purse.balance }, free)
        } else {
            let leases = Desk::open(self.app, self.db, self.here).await?.held(&right).await?;
            let left = leases.iter().map(Lease::left).sum();
            (Source::Holder(leases), left)
        };
        Ok(Account { purse, settings, usable, source })
    }

    /// Pays an order with a member's points, whole; one that is paid stays as it is.
    ///
    /// # Errors
    /// Refuses what the rules refuse, waits where nobody knows whether this store is an old image,
    /// and fails when the database does.
    pub async fn pay(&self, order: &str, person: &PersonId) -> Result<(), Problem> {
        let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_order");
        let mut tries = Tries::default();
        loop {
            let found = rows::order::by_id(self.db, &self.here.venue.id, order).await?;
            let order = found.ok_or_else(unknown)?.order;
            let account = self.account(person.as_str()).await?;
            let who = (person.as_str(), self.app.host.ticket_origin.as_str());
            let now_ms = self.app.clock.now_ms();
            let payment = match spending::pay(&order, who, account.terms(), now_ms) {
                Ok(Some(payment)) => payment,
                Ok(None) => return Ok(()),
                Err(refused) => {
                    if refused == Rejection::PointsLent {
                        allowance::recall(self, person.as_str()).await?;
                    }
                    return Err(refused.into());
                }
            };
            let desk = Desk::open(self.app, self.db, self.here).await?;
            if desk.standing != Standing::Confirmed {
                return Err(sync_engine::Rejection::LeasesWait.into());
            }
            if self.write(&desk, (&order, person), payment).await? == Written::Done {
                return desk.covered().await;
            }
            tries.again()?;
        }
    }

    async fn write(
        &self,
        desk: &Desk<'_>,
        (order, person): (&Order, &PersonId),
        payment: Payment,
    ) -> Result<Written, Problem> {
        let Payment { mut drafts, points, takes } = payment;
        let venue = &self.here.venue.id;
        let mut batch = vec![rows::order::unpaid_but(venue, &order.id, "points")];
        if takes.is_empty() {
            let right = loyalty::right(person.as_str());
            batch.push(rows::loyalty::free(venue, &self.here.writer, (&right, points)));
        }
        for (at, (lease, amount)) in takes.into_iter().enumerate() {
            let ask = Spend { lease, key: format!("points/{}/{at}", order.id), amount };
            // Spent and not paid: the payment is on its way from another life of this store.
            let plan = desk.plan_spend(&ask).await?.ok_or(Rejection::NotPayable)?;
            batch.extend(plan.guards);
            drafts.extend(plan.drafts);
        }
        let detail = json!({"total_cents": order.total_cents, "points": points});
        let noted = Noted { act: Act::Paid, actor: person.as_str(), subject: &order.id, detail };
        drafts.push(match self.call {
            Some(call) => audit::entry(call, &noted).await?,
            None => audit::entry_of_host(self.app, self.db, self.here, &noted).await?,
        });
        batch.extend(self.here.batch(self.app, &drafts)?);
        commit(self.app, self.db, self.here, (&batch, &drafts)).await
    }
}

/// Keeps on which terms the venue gives and takes points; saying it again writes nothing.
///
/// # Errors
/// Refuses settings that do not fit, and fails when the database does.
pub async fn keep(call: &Call, settings: Loyalty) -> Result<(), Problem> {
    let settings = settings.checked()?;
    let venue = &call.here()?.venue.id;
    let detail = json!({"changed": "loyalty", "on": settings.on,
        "earned_per_euro": settings.earned_per_euro, "spent_per_euro": settings.spent_per_euro});
    let noted = Noted { act: Act::VenueChanged, actor: "", subject: venue.as_str(), detail };
    let mut tries = Tries::default();
    while rows::loyalty::settings(&call.db, venue).await? != settings {
        let drafts = vec![settings.draft(venue)];
        if audit::commit(call, &noted, (drafts, Batch::new())).await? == Written::Done {
            break;
        }
        tries.again()?;
    }
    Ok(())
}

/// Gives a member points or takes them, once for each act of a page; audited.
///
/// # Errors
/// Refuses whom the venue does not know, nothing at all and too much, and fails when the database
/// does.
pub async fn correct(
    call: &Call,
    person: &PersonId,
    (points, reason): (i64, Reason),
    key: &str,
) -> Result<(), Problem> {
    let act = Sent::of(key, &format!("points/{person}/{points}/{}", reason.name()))?;
    if !rows::loyalty::knows(&call.db, &call.here()?.venue.id, person.as_str()).await? {
        return Err(Problem::new(StatusCode::NOT_FOUND, "unknown_person"));
    }
    let id = random(call.app.entropy.as_ref(), 16)?;
    let author = call.visitor()?.person.clone();
    let who = (person.as_str(), author.as_str());
    let draft = loyalty::correct(&id, who, (points, reason), call.app.clock.now_ms())?;
    let detail = json!({"points": points, "reason": reason});
    let noted = Noted { act: Act::PointsCorrected, actor: "", subject: person.as_str(), detail };
    let mut tries = Tries::default();
    while !act.is_done(&call.db).await? {
        let batch = act.keep(call.app.clock.now_ms());
        if audit::commit(call, &noted, (vec![draft.clone()], batch)).await? == Written::Done {
            break;
        }
        tries.again()?;
    }
    Ok(())
}
