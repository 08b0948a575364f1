//! Leases for whoever needs one: load, decide, apply; a lost race decides again. What is written is
//! answered once the standby holds it too, while one follows closely.
//!
//! Lockers, points and stock call this from their handlers. It must not know what a right is for,
//! nor decide how this store stands: its witnesses say so.

use domain::schema::SCHEMA;
use sync_engine::{
    Rejection,
    append::Pen,
    id::VenueId,
    lease::{
        self, Issue, Plan, Spend, Standing,
        ledger::{self, Lease},
    },
    statement::Batch,
};

use crate::{
    App,
    call::{Here, Tries, Written, commit},
    host::Side,
    metered::Metered,
    problem::Problem,
    replication::{epochs, unreadable},
    standby, witness,
};

/// Where leases are dealt with: a venue's store, and whether its process is confirmed.
pub struct Desk<'a> {
    /// The host's ports.
    pub app: &'a App,
    /// The database, with what is left of the request's budget.
    pub db: &'a Metered,
    /// The venue and the store's present life.
    pub here: &'a Here,
    /// How this process stands since it started.
    pub standing: Standing,
}

impl<'a> Desk<'a> {
    /// Opens the desk of a store as its witnesses say that it stands; a gateway in whose place
    /// another one is stands behind all of them.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn open(app: &'a App, db: &'a Metered, here: &'a Here) -> Result<Self, Problem> {
        let venue = &here.venue.id;
        let mut standing = witness::load(db, venue).await?;
        if matches!(app.host.side, Side::Gateway(_)) {
            standing = epochs::load(db, venue).await?.standing(standing);
        }
        Ok(Self { app, db, here, standing })
    }

    /// Issues a part of a right that this store owns; returns the fencing token.
    ///
    /// An answer that got lost leaves a lease that its holder can see and give back.
    ///
    /// # Errors
    /// Refuses what the rules refuse, and fails when the database does.
    pub async fn issue(&self, ask: &Issue) -> Result<String, Problem> {
        self.issue_if(ask, &Batch::new()).await
    }

    /// Issues as [`Desk::issue`] does, as long as what is said of the right holds when it is
    /// written; that is asked after the lease stands.
    ///
    /// # Errors
    /// As [`Desk::issue`].
    pub async fn issue_if(&self, ask: &Issue, holds: &Batch) -> Result<String, Problem> {
        let mut tries = Tries::default();
        loop {
            let pen = self.pen();
            let query = ledger::granted_query(&pen.venue, &ask.right, &pen.writer);
            let now = ledger::read_granted(&self.db.rows(query).await?).map_err(unreadable)?;
            let plan = lease::issue(&pen, self.standing, ask, &now)?;
            let mut batch = plan.batch(&SCHEMA, &pen)?;
            batch.extend_from_slice(holds);
            let written = commit(self.app, self.db, self.here, (&batch, &plan.drafts)).await?;
            if written == Written::Done {
                self.covered().await?;
                return Ok(plan.lease);
            }
            tries.again()?;
        }
    }

    /// Spends from a lease that this store holds; the same spend again is done already.
    ///
    /// # Errors
    /// Refuses what the rules refuse, and fails when the database does.
    pub async fn spend(&self, ask: &Spend) -> Result<(), Problem> {
        let mut tries = Tries::default();
        loop {
            let plan = self.plan_spend(ask).await?;
            if self.written(&self.pen(), plan).await? == Written::Done {
                return self.covered().await;
            }
            tries.again()?;
        }
    }

    /// Decides to spend from a lease that this store holds, for a batch that writes more than that;
    /// `None` where this very spend is done already.
    ///
    /// # Errors
    /// Refuses what the rules refuse, and fails when the database does.
    pub async fn plan_spend(&self, ask: &Spend) -> Result<Option<Plan>, Problem> {
        let pen = self.pen();
        let queries = [
            ledger::lease_query(&pen.venue, &ask.lease),
            ledger::spent_query(&pen.venue, &ask.key),
        ];
        let found = self.db.read(&queries).await?;
        let [leases, spent] = found.as_slice() else {
            return Err(Problem::internal("a read returned another number of results"));
        };
        let leases = ledger::read_leases(leases).map_err(unreadable)?;
        let spent = ledger::read_spent(spent).map_err(unreadable)?;
        Ok(lease::spend(&pen, self.standing, ask, (leases.first(), &spent))?)
    }

    /// Decides to spend so much from several leases that this store holds, for a batch that writes
    /// more than that; the key is new.
    ///
    /// # Errors
    /// Refuses more than they hold together.
    pub fn plan_from(
        &self,
        held: &[Lease],
        key: &str,
        amount: i64,
    ) -> Result<Vec<Plan>, Rejection> {
        let (pen, mut wanted) = (self.pen(), amount);
        let mut plans = Vec::new();
        for lease in held {
            let part = lease.left().min(wanted);
            if part <= 0 {
                continue;
            }
            let key = format!("{key}/{}", plans.len());
            let ask = Spend { lease: lease.id.clone(), key, amount: part };
            plans.extend(lease::spend(&pen, self.standing, &ask, (Some(lease), &[]))?);
            wanted -= part;
        }
        if wanted > 0 { Err(Rejection::LeaseExhausted) } else { Ok(plans) }
    }

    /// Gives back what is unspent of a lease that this store holds.
    ///
    /// # Errors
    /// Refuses what the rules refuse, and fails when the database does.
    pub async fn give_back(&self, id: &str) -> Result<(), Problem> {
        self.end(id, lease::give_back).await
    }

    /// Writes a lease off that this store issued and whose holder will not return.
    ///
    /// # Errors
    /// Refuses what the rules refuse, and fails when the database does.
    pub async fn declare_lost(&self, id: &str) -> Result<(), Problem> {
        self.end(id, lease::declare_lost).await
    }

    /// Lists what this store holds of a right and may still spend, the oldest first.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn held(&self, right: &str) -> Result<Vec<Lease>, Problem> {
        let query = ledger::held_query(self.venue(), right, &self.here.writer);
        Ok(ledger::read_leases(&self.db.rows(query).await?).map_err(unreadable)?)
    }

    async fn end<D>(&self, id: &str, decide: D) -> Result<(), Problem>
    where
        D: Fn(&Pen, Standing, &str, Option<&Lease>) -> Result<Option<Plan>, Rejection> + Send,
    {
        let mut tries = Tries::default();
        loop {
            let pen = self.pen();
            let query = ledger::lease_query(&pen.venue, id);
            let leases = ledger::read_leases(&self.db.rows(query).await?).map_err(unreadable)?;
            let plan = decide(&pen, self.standing, id, leases.first())?;
            if self.written(&pen, plan).await? == Written::Done {
                return self.covered().await;
            }
            tries.again()?;
        }
    }

    /// Waits until the standby holds what was written, while one follows closely. What is done
    /// already waits as well: whoever did it may have died before it was confirmed.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn covered(&self) -> Result<(), Problem> {
        Ok(standby::cover(self.app, self.db, self.here).await?)
    }

    async fn written(&self, pen: &Pen, plan: Option<Plan>) -> Result<Written, Problem> {
        match plan {
            Some(plan) => self.apply(pen, &plan).await,
            None => Ok(Written::Done),
        }
    }

    async fn apply(&self, pen: &Pen, plan: &Plan) -> Result<Written, Problem> {
        let batch = plan.batch(&SCHEMA, pen)?;
        commit(self.app, self.db, self.here, (&batch, &plan.drafts)).await
    }

    fn pen(&self) -> Pen {
        self.here.pen(self.app)
    }

    const fn venue(&self) -> &VenueId {
        &self.here.venue.id
    }
}
