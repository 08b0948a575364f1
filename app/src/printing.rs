//! Printing on site: what is to be printed, and each of it once.
//!
//! A job is a row that is named after its order, its printer and what it is; it is claimed before
//! anything is sent. Where nobody knows whether paper came out, the next try says DUPLICATE. No
//! order waits for a printer. It must not know how a printer is reached.

use std::net::SocketAddrV4;

use axum::http::StatusCode;
use domain::{
    audit::Act,
    ordering::{Order, State},
    printing::{Near, Printer, Printing, address},
};
use serde_json::json;
use sync_engine::id::VenueId;

use crate::{
    App,
    audit::{self, Noted},
    call::{Call, Tries, Written},
    host::Side,
    limits,
    locale::Locale,
    metered::Metered,
    ports::{CommitFault, Fault, Press, Unprinted},
    problem::Problem,
    rows::{
        self,
        order::Found,
        printing::{self as jobs, Job, New},
    },
    session::random,
};

mod strip;

/// Tells how far printers may be of this host.
#[must_use]
pub fn near(app: &App) -> Near {
    if app.host.demo || app.host.contract { Near::WithLoopback } else { Near::Lan }
}

/// Keeps the settings; printers that are new print orders from now on.
///
/// # Errors
/// Refuses settings that cannot be.
pub async fn keep(call: &Call, printing: Printing) -> Result<(), Problem> {
    let printing = printing.checked(near(&call.app))?;
    let venue = call.here()?.venue.id.clone();
    let now_ms = call.app.clock.now_ms();
    let mut tries = Tries::default();
    loop {
        let before = jobs::settings(&call.db, &venue).await?;
        let mut wanted = printing.clone();
        for printer in &mut wanted.printers {
            // Whoever prints for the kitchen from now on prints no orders of before.
            let known = before.printer(&printer.id).filter(|known| known.kitchen);
            printer.since_ms = known.map_or(now_ms, |known| known.since_ms);
        }
        if wanted == before {
            return Ok(());
        }
        let detail = json!({"changed": "printing", "printers": wanted.printers.len()});
        let noted = Noted { act: Act::VenueChanged, actor: "", subject: venue.as_str(), detail };
        let drafts = vec![wanted.draft(&venue)];
        if audit::commit(call, &noted, (drafts, Vec::new())).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

/// Prints something that says that a printer works.
///
/// # Errors
/// Refuses a printer that there is not, and where nothing is printed.
pub async fn test(call: &Call, printer: &str) -> Result<(), Problem> {
    let venue = on_site(call)?;
    if jobs::settings(&call.db, &venue).await?.printer(printer).is_none() {
        return Err(Problem::new(StatusCode::NOT_FOUND, "no_printer"));
    }
    let id = format!("test/{printer}/{}", random(call.app.entropy.as_ref(), 8)?);
    let new = New {
        id: &id,
        printer,
        what: "test",
        order: "",
        locale: call.locale.code(),
        duplicate: false,
        is_done: false,
    };
    add(call, &venue, &[new]).await
}

/// Who asks for paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The customer: each receipt once.
    Customer,
    /// Staff: again and again, marked and audited.
    Staff,
}

/// Prints the receipt of an order, or its tickets for the kitchen.
///
/// # Errors
/// Refuses what is not paid, a second receipt for a customer, and where nothing is printed.
pub async fn order(call: &Call, (id, what): (&str, &str), by: By) -> Result<(), Problem> {
    let venue = on_site(call)?;
    let found = rows::order::by_id(&call.db, &venue, id).await?;
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_order");
    let found = found.ok_or_else(unknown)?;
    if !found.order.is_paid() || found.order.state() == State::Cancelled {
        return Err(domain::Rejection::NotPaid.into());
    }
    let printing = jobs::settings(&call.db, &venue).await?;
    let printers: Vec<&Printer> = match what {
        "receipt" => printing.for_receipts().into_iter().collect(),
        "kitchen" => printing.printers.iter().filter(|one| one.kitchen).collect(),
        _ => return Err(Problem::invalid_field("what")),
    };
    if printers.is_empty() {
        return Err(Problem::new(StatusCode::CONFLICT, "no_printer"));
    }
    let before = jobs::count(&call.db, &venue, (what, id)).await?;
    if before > 0 && by == By::Customer {
        return Err(Problem::new(StatusCode::CONFLICT, "printed_before"));
    }
    // A customer's receipt has one name: asked for twice at once it is printed once.
    let number = if before == 0 { String::new() } else { format!("/{before}") };
    let ids: Vec<String> =
        printers.iter().map(|one| format!("{what}/{id}/{}{number}", one.id)).collect();
    let locale = call.locale.code();
    let new = |(id_of, printer): (&String, &&Printer)| {
        jobs::add(
            &venue,
            &New {
                id: id_of,
                printer: &printer.id,
                what,
                order: id,
                locale,
                duplicate: before > 0,
                is_done: false,
            },
            call.app.clock.now_ms(),
        )
    };
    let added: Vec<_> = ids.iter().zip(&printers).map(new).collect();
    if before == 0 {
        return committed(call.db.commit(&added).await);
    }
    let detail = json!({"what": what, "times": before + 1});
    let noted = Noted { act: Act::Reprinted, actor: "", subject: id, detail };
    audit::commit_surely(call, &noted, (Vec::new(), added)).await
}

/// Tells whether an order's receipt and its tickets for the kitchen can be printed here.
///
/// # Errors
/// Fails when the database does.
pub async fn offers(call: &Call, order: &Order) -> Result<(bool, bool), Problem> {
    let is_printed = order.is_paid() && order.state() != State::Cancelled;
    if !is_printed || !matches!(call.app.host.side, Side::Gateway(_)) {
        return Ok((false, false));
    }
    let printing = jobs::settings(&call.db, &call.here()?.venue.id).await?;
    let for_kitchen = printing.printers.iter().any(|printer| printer.kitchen);
    Ok((printing.for_receipts().is_some(), for_kitchen))
}

/// Names printers that were not reached, and how much waits for each.
///
/// # Errors
/// Fails when the database does.
pub async fn troubles(call: &Call) -> Result<Vec<String>, Problem> {
    let venue = &call.here()?.venue.id;
    if !matches!(call.app.host.side, Side::Gateway(_)) {
        return Ok(Vec::new());
    }
    let standings = jobs::standings(&call.db, venue).await?;
    if standings.iter().all(|one| one.last_error.is_empty()) {
        return Ok(Vec::new());
    }
    let printing = jobs::settings(&call.db, venue).await?;
    let told = standings.iter().filter(|one| !one.last_error.is_empty()).map(|one| {
        let name = printing.printer(&one.printer).map_or(&one.printer, |printer| &printer.name);
        let count = one.waiting.to_string();
        call.locale.t_with("print.trouble", &[("name", name), ("count", &count)])
    });
    Ok(told.collect())
}

fn on_site(call: &Call) -> Result<VenueId, Problem> {
    match &call.app.host.side {
        Side::Gateway(_) => Ok(call.here()?.venue.id.clone()),
        _ => Err(Problem::new(StatusCode::CONFLICT, "prints_on_site")),
    }
}

async fn add(call: &Call, venue: &VenueId, new: &[New<'_>]) -> Result<(), Problem> {
    let now_ms = call.app.clock.now_ms();
    let batch: Vec<_> = new.iter().map(|new| jobs::add(venue, new, now_ms)).collect();
    committed(call.db.commit(&batch).await)
}

fn committed(outcome: Result<(), CommitFault>) -> Result<(), Problem> {
    match outcome {
        Ok(()) => Ok(()),
        Err(CommitFault::Fault(fault)) => Err(fault.into()),
        Err(CommitFault::Conflict) => Err(Problem::internal("a plain insert met a conflict")),
    }
}

/// Where a gateway prints: its ports, and its venue.
pub struct Spool<'a> {
    app: &'a App,
    db: Metered,
    venue: &'a VenueId,
}

impl<'a> Spool<'a> {
    /// Opens it; a host that is no gateway prints nothing.
    #[must_use]
    pub fn of(app: &'a App) -> Option<Self> {
        let Side::Gateway(venue) = &app.host.side else { return None };
        Some(Self { app, db: Metered::new(app.database.clone(), u32::MAX), venue })
    }

    /// Adds what the kitchen is to get, and returns the printers for which something is due.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn look(&self) -> Result<Vec<String>, Fault> {
        let printing = jobs::settings(&self.db, self.venue).await?;
        let now_ms = self.app.clock.now_ms();
        let mut due = Vec::new();
        for printer in &printing.printers {
            if printer.kitchen {
                self.add_missing(printer).await?;
            }
            if jobs::has_work(&self.db, self.venue, (&printer.id, now_ms)).await? {
                due.push(printer.id.clone());
            }
        }
        Ok(due)
    }

    /// Forgets what was printed long ago.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn forget(&self) -> Result<(), Fault> {
        let before_ms = self.app.clock.now_ms().saturating_sub(limits::PRINTED_MS);
        self.commit(vec![jobs::forget(self.venue, before_ms)]).await.map(|_| ())
    }

    async fn add_missing(&self, printer: &Printer) -> Result<(), Fault> {
        let wanted = (printer.id.as_str(), printer.since_ms);
        let missing = jobs::unprinted(&self.db, self.venue, wanted).await?;
        if missing.is_empty() {
            return Ok(());
        }
        let desk = strip::Desk::open(self.app, &self.db, self.venue).await?;
        let locale = desk.locale().code();
        let now_ms = self.app.clock.now_ms();
        let add = |found: &Found| {
            let order = &found.order.id;
            let new = New {
                id: &format!("kitchen/{order}/{}", printer.id),
                printer: &printer.id,
                what: "kitchen",
                order,
                locale,
                duplicate: false,
                is_done: desk.items(found, printer).is_empty(),
            };
            jobs::add(self.venue, &new, now_ms)
        };
        self.commit(missing.iter().map(add).collect()).await.map(|_| ())
    }

    /// Prints what is due on one printer until nothing is, or it is not reached. One at a time does
    /// this for a printer: what it finds claimed was perhaps printed.
    ///
    /// # Errors
    /// Fails when the database does; what was claimed by then is marked the next time.
    pub async fn work(&self, id: &str, press: &dyn Press) -> Result<(), Fault> {
        let now_ms = self.app.clock.now_ms();
        self.commit(vec![jobs::unclear(self.venue, id, now_ms)]).await?;
        for _ in 0..limits::PRINTS_AT_ONCE {
            let now_ms = self.app.clock.now_ms();
            let Some(job) = jobs::due(&self.db, self.venue, (id, now_ms)).await? else {
                return Ok(());
            };
            if !self.commit(vec![jobs::claim(self.venue, &job)]).await? {
                return Ok(());
            }
            let printing = jobs::settings(&self.db, self.venue).await?;
            if !self.print(&printing, &job, press).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Prints one job that is claimed; answers whether the printer may be asked for the next.
    async fn print(
        &self,
        printing: &Printing,
        job: &Job,
        press: &dyn Press,
    ) -> Result<bool, Fault> {
        let now_ms = self.app.clock.now_ms();
        let age_ms = now_ms.saturating_sub(job.made_ms.unsigned_abs());
        let desk = strip::Desk::open(self.app, &self.db, self.venue).await?;
        let own = printing.printer(&job.printer);
        let strip = match own {
            Some(own) if age_ms <= limits::PRINT_MS => desk.strip(job, own, own).await?,
            _ => None,
        };
        // Nobody wants it any more: its order is over, its printer gone, or it waited too long.
        let (Some(own), Some(strip)) = (own, strip) else {
            return self.end(job, "given_up").await;
        };
        let outcome = self.send(own, strip, press).await;
        let outcome = match (outcome, printing.for_receipts()) {
            (Err(Unprinted::NotReached(_)), Some(other))
                if printing.fall_back && job.what == "kitchen" && other.id != own.id =>
            {
                match desk.strip(job, own, other).await? {
                    Some(strip) => self.send(other, strip, press).await,
                    None => return self.end(job, "given_up").await,
                }
            }
            (outcome, _) => outcome,
        };
        match outcome {
            Ok(()) => self.end(job, "printed").await,
            Err(Unprinted::NotReached(why)) => {
                tracing::warn!(printer = job.printer, why, "a printer was not reached");
                let pause_ms = limits::PRINT_PAUSE_MS << job.tries.min(4);
                let next = ("not_reached", now_ms.saturating_add(pause_ms));
                self.commit(vec![jobs::put_off(self.venue, &job.printer, next)]).await?;
                Ok(false)
            }
            Err(Unprinted::Unclear(why)) => {
                tracing::warn!(printer = job.printer, why, "what was printed is not clear");
                let next_ms = now_ms.saturating_add(limits::PRINT_PAUSE_MS);
                self.commit(vec![jobs::unclear(self.venue, &job.printer, next_ms)]).await?;
                Ok(false)
            }
        }
    }

    async fn send(
        &self,
        printer: &Printer,
        strip: Vec<u8>,
        press: &dyn Press,
    ) -> Result<(), Unprinted> {
        // The settings came by replication: what they name is looked at again where it counts.
        match address(&printer.address, near(self.app)) {
            Some((host, port)) => {
                let at = SocketAddrV4::new(host.into(), port);
                press.print(at, strip, printer.answers).await
            }
            None => Err(Unprinted::NotReached("its address is not near".to_owned())),
        }
    }

    async fn end(&self, job: &Job, state: &str) -> Result<bool, Fault> {
        let end = jobs::end(self.venue, job, (state, self.app.clock.now_ms()));
        self.commit(vec![end]).await
    }

    async fn commit(&self, batch: Vec<sync_engine::statement::Statement>) -> Result<bool, Fault> {
        match self.db.commit(&batch).await {
            Ok(()) => Ok(true),
            Err(CommitFault::Conflict) => Ok(false),
            Err(CommitFault::Fault(fault)) => Err(fault),
        }
    }
}

/// Returns the language in which a venue's own paper is written.
fn of_venue(languages: &[String]) -> Locale {
    languages.iter().find_map(|code| Locale::from_tag(code)).unwrap_or_default()
}
