//! Tables: what a sensor's message means, which order gets which, what staff say, and what becomes
//! due by itself.
//!
//! Deciding is `domain::tables`'. A table goes to an order in one batch with a guard, on the
//! gateway alone; whoever loses the race decides again. It must not know over what a sensor speaks.

use std::collections::BTreeMap;

use domain::{
    Rejection,
    ordering::Mode,
    tables::{
        self, Hand, Moment, Table,
        assignment::{self, Choice, End},
        presence::{self, Reading},
    },
    venue::day::begun_ms,
};
use sync_engine::{change::Draft, statement::Batch};

use crate::{
    App,
    call::{Call, Here, Tries, Written, commit},
    host::Side,
    limits,
    metered::Metered,
    ports::Fault,
    problem::Problem,
    rows::{self, tables::Found},
    time,
};

/// What a sensor says of tables, by their numbers.
pub type Message = BTreeMap<String, Reading>;

/// Where tables are dealt with: a venue's store, with what is left of the request's budget.
pub struct Room<'a> {
    /// The host's ports.
    pub app: &'a App,
    /// The database.
    pub db: &'a Metered,
    /// The venue and the store's present life.
    pub here: &'a Here,
}

/// What staff do about a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// They say what it is; saying that it is free ends whatever had it.
    Say(Hand),
    /// Whatever has it has it no more.
    End,
    /// It gets this name and so many seats.
    Rename(String, u32),
    /// It is there no more.
    Remove,
}

impl<'a> Room<'a> {
    /// Opens the room of a request.
    ///
    /// # Errors
    /// Fails where the request is about no venue.
    pub fn of(call: &'a Call) -> Result<Self, Problem> {
        Ok(Self { app: &call.app, db: &call.db, here: call.here()? })
    }

    /// Says what time it is here, for tables.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn moment(&self) -> Result<Moment, Problem> {
        let venue = &self.here.venue;
        let time = time::load(self.app, self.db, &venue.id).await?;
        // A clock that may be ahead must not end the day of whoever still sits there.
        let sure_ms = match time.certainty {
            domain::time::Certainty::Certain => time.now_ms,
            domain::time::Certainty::Uncertain { floor_ms } => floor_ms.min(time.now_ms),
        };
        Ok(Moment { time, day_ms: begun_ms(&venue.time_zone, sure_ms) })
    }

    /// Loads the floor.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn floor(&self) -> Result<Found, Problem> {
        let (venue, now_ms) = (&self.here.venue.id, self.app.clock.now_ms());
        Ok(rows::tables::floor(self.db, venue, now_ms).await?)
    }

    /// Takes in what a sensor says, over whatever it said it: all of it or nothing.
    ///
    /// # Errors
    /// Refuses a table that there is not.
    pub async fn heard(&self, sensor: &str, message: &Message) -> Result<(), Problem> {
        let at = self.moment().await?;
        let mut tries = Tries::default();
        loop {
            let found = self.floor().await?;
            let (mut drafts, mut local) = (Vec::new(), Batch::new());
            for (number, reading) in message {
                let unknown = || Rejection::UnknownTable(number.clone());
                let table = tables::number(number).and_then(|number| found.floor.table(number));
                let table = table.ok_or_else(unknown)?;
                let before = found.note(table.number);
                let heard = presence::heard((table, sensor), *reading, before, &at);
                drafts.extend(heard.transition);
                let keep = |note| rows::tables::keep_note(&self.here.venue.id, table.number, note);
                local.extend(heard.note.map(keep));
            }
            if drafts.is_empty() && local.is_empty() {
                return Ok(());
            }
            if self.write(&drafts, local).await? == Written::Done {
                return Ok(());
            }
            tries.again()?;
        }
    }

    /// Decides what an order that is being placed here gets: a table at the gateway, a claim at the
    /// edge, nothing where it is not eaten here or none is free; `lost` races were lost by it.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn seat(
        &self,
        order: &str,
        (mode, wished): (Mode, Option<u32>),
        lost: u32,
    ) -> Result<(Vec<Draft>, Batch), Problem> {
        if mode != Mode::EatIn {
            return Ok((Vec::new(), Batch::new()));
        }
        let at = self.moment().await?;
        // However many order at once, an order never waits for a table: it claims one instead.
        if self.app.host.side == Side::Edge || lost >= limits::TABLE_TRIES {
            return Ok((vec![assignment::claim(order, wished, &at)], Batch::new()));
        }
        let floor = self.floor().await?.floor;
        let Some(table) = floor.choose(wished, (order, lost), &at) else {
            return Ok((Vec::new(), Batch::new()));
        };
        // Whatever had the table until a moment ago ends in the same batch.
        let over = floor.seats.iter().filter(|seat| seat.table == table);
        let mut drafts: Vec<Draft> = over
            .filter_map(|seat| Some(assignment::end(&seat.order, floor.over(seat, &at)?, &at)))
            .collect();
        drafts.push(assignment::assign(order, table, &at));
        Ok((drafts, vec![rows::tables::guard(&self.here.venue.id, table, order)]))
    }

    /// Keeps what a customer does whom no table was given, and looks at once whether one is free.
    ///
    /// # Errors
    /// Refuses an order that has one, and a table that there is not.
    pub async fn choose(
        &self,
        order: &str,
        (choice, table): (Choice, Option<u32>),
    ) -> Result<(), Problem> {
        let mut tries = Tries::default();
        loop {
            let at = self.moment().await?;
            let known = rows::tables::of_order(self.db, &self.here.venue.id, order).await?;
            if known.assigned.is_some() {
                return Err(Rejection::NoTableWanted.into());
            }
            if choice == Choice::Seated {
                let floor = self.floor().await?.floor;
                if table.and_then(|number| floor.table(number)).is_none() {
                    let number = table.map(|number| number.to_string()).unwrap_or_default();
                    return Err(Rejection::UnknownTable(number).into());
                }
            }
            if known.choice == Some(choice) && known.wished == table {
                break;
            }
            let draft = assignment::choose(order, choice, table, &at);
            if self.write(&[draft], Batch::new()).await? == Written::Done {
                break;
            }
            tries.again()?;
        }
        self.tend().await
    }

    /// Changes a table as staff say.
    ///
    /// # Errors
    /// Refuses what the rules refuse.
    pub async fn change(&self, number: u32, change: &Change, by: &str) -> Result<(), Problem> {
        let mut tries = Tries::default();
        loop {
            let at = self.moment().await?;
            let floor = self.floor().await?.floor;
            let unknown = || Rejection::UnknownTable(number.to_string());
            let table = floor.table(number).ok_or_else(unknown)?;
            let mut drafts = Vec::new();
            let had = floor.seats.iter().filter(|seat| seat.table == number);
            let ends = had.map(|seat| assignment::end(&seat.order, End::Staff, &at));
            match change {
                Change::Say(hand) => {
                    if *hand == Hand::Free {
                        drafts.extend(ends);
                    }
                    // Free is said again: somebody may have come since.
                    if table.hand != *hand || matches!(hand, Hand::Free | Hand::Occupied) {
                        drafts.push(table.said(*hand, by, at.time.now_ms));
                    }
                }
                Change::End => drafts.extend(ends),
                Change::Rename(name, seats) => {
                    let named = Table { name: name.clone(), seats: *seats, ..table.clone() };
                    named.check()?;
                    drafts.extend((named != *table).then(|| named.identity()));
                }
                Change::Remove => {
                    drafts.extend(ends);
                    drafts.push(Table { removed: true, ..table.clone() }.identity());
                }
            }
            if self.write(&drafts, Batch::new()).await? == Written::Done {
                return self.tend().await;
            }
            tries.again()?;
        }
    }

    /// Adds a table, or brings one back.
    ///
    /// # Errors
    /// Refuses what the rules refuse.
    pub async fn add(&self, table: &Table) -> Result<(), Problem> {
        let mut tries = Tries::default();
        loop {
            let draft = tables::add(table, &self.floor().await?.floor.tables)?;
            if self.write(&[draft], Batch::new()).await? == Written::Done {
                return Ok(());
            }
            tries.again()?;
        }
    }

    /// Does what is due by itself: ends assignments that are over, answers the edge's claims, and
    /// gives tables to who waits. The gateway alone does; elsewhere nothing is due.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn tend(&self) -> Result<(), Problem> {
        if !matches!(self.app.host.side, Side::Gateway(_)) {
            return Ok(());
        }
        let venue = &self.here.venue.id;
        let mut tries = Tries::default();
        while rows::tables::is_busy(self.db, venue).await? {
            let at = self.moment().await?;
            let mut floor = self.floor().await?.floor;
            let queue = rows::tables::queue(self.db, venue).await?;
            let (stale, waiting): (Vec<_>, Vec<_>) = queue
                .into_iter()
                .partition(|queued| queued.is_collected || queued.at_ms < at.day_ms);
            let waiting: Vec<_> = waiting.into_iter().map(|queued| queued.waiting).collect();
            let tended = floor.tend(&waiting, &at);
            let guard = |(order, table): &(String, u32)| rows::tables::guard(venue, *table, order);
            let mut local: Batch = tended.given.iter().map(guard).collect();
            let stale: Vec<&str> = stale.iter().map(|q| q.waiting.order.as_str()).collect();
            if !stale.is_empty() {
                local.push(rows::tables::forget_waiting(venue, &stale));
            }
            if self.write(&tended.drafts, local).await? == Written::Done {
                break;
            }
            tries.again()?;
        }
        Ok(())
    }

    async fn write(&self, drafts: &[Draft], local: Batch) -> Result<Written, Problem> {
        if drafts.is_empty() && local.is_empty() {
            return Ok(Written::Done);
        }
        let mut batch = match drafts.is_empty() {
            true => Batch::new(),
            false => self.here.batch(self.app, drafts)?,
        };
        batch.extend(local);
        commit(self.app, self.db, self.here, (&batch, drafts)).await
    }
}

/// Does what is due at one venue; tables must not hold up whoever looks after them beside else.
pub async fn tend(app: &App, db: &Metered, here: &Here) {
    if let Err(problem) = (Room { app, db, here }).tend().await {
        let (code, detail) = (problem.code, &problem.detail);
        tracing::warn!(code, detail, "tables are looked after later");
    }
}

/// Does what is due at the venues of a gateway.
///
/// # Errors
/// Fails when the database does.
pub async fn tend_all(app: &App) -> Result<(), Fault> {
    if !matches!(app.host.side, Side::Gateway(_)) {
        return Ok(());
    }
    let db = Metered::new(app.database.clone(), limits::SYNC_QUERIES);
    for here in rows::venue::all(&db).await? {
        tend(app, &db, &here).await;
    }
    Ok(())
}
