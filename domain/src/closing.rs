//! The day's close: what came in and went out at one replica, counted, reported and chained.
//!
//! Invariants: the reports of one life are numbered without gaps, each names the digest of the one
//! before; those of one day and place add up to what is known of that day, so whatever arrives late
//! stands in the next one. It must not know how rows are loaded, nor who may close.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use sync_engine::{
    change::Draft,
    id::Writer,
    seal::hex,
    shape::{Shape, Table, integer, json as document, text},
};

use crate::{Rejection, catalogue::register, limits, pricing::total::VatPart, schema::ORDERS};

/// The replicated table of reports.
pub const REPORTS: &str = "z_report";
/// The replicated table of what was counted in drawers.
pub const COUNTS: &str = "cash_count";
/// How what was counted replicates.
pub const COUNTED: Table = Table {
    name: COUNTS,
    purpose: ORDERS,
    shape: Shape::Fact(&[
        text("kind"),
        integer("cents"),
        text("person"),
        text("place"),
        integer("at_ms"),
    ]),
};
/// How reports replicate.
pub const REPORTED: Table = Table {
    name: REPORTS,
    purpose: ORDERS,
    shape: Shape::Fact(&[
        text("replica"),
        text("generation"),
        integer("number"),
        text("day"),
        document("totals"),
        document("drawer"),
        text("before"),
        text("person"),
        integer("at_ms"),
        text("digest"),
    ]),
};

/// A sum and how many things it is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// How many.
    pub count: i64,
    /// How much.
    pub cents: i64,
}

/// What came in and went out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// What was paid, by means.
    pub paid: BTreeMap<String, Sum>,
    /// What was given back, by means.
    pub refunded: BTreeMap<String, Sum>,
    /// What was paid, by rate in hundredths of a per cent.
    pub vat: Vec<VatPart>,
    /// What was given back, by rate.
    pub refunded_vat: Vec<VatPart>,
    /// How many orders were called off.
    pub cancelled: i64,
    /// The first ticket that was paid; empty where there is none.
    pub first: String,
    /// The last one.
    pub last: String,
}

/// What was in the drawer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Drawer {
    /// What it began with.
    pub opening_cents: i64,
    /// What should be in it.
    pub expected_cents: i64,
    /// What was counted last; nothing where nobody has counted.
    pub counted_cents: Option<i64>,
}

/// What a report of a day would tell now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The business day.
    pub day: String,
    /// What no report of it has told yet.
    pub totals: Totals,
    /// What is in the drawer.
    pub drawer: Drawer,
    /// What the day's last report here told of the drawer; nothing where there is none.
    pub told: Option<Drawer>,
}

impl News {
    /// Tells whether a report would say nothing that the one before has not said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let drawer_is_told = self.drawer.counted_cents.is_none() || self.told == Some(self.drawer);
        self.totals.is_empty() && drawer_is_told
    }
}

/// A report, as it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Of which replica.
    pub replica: String,
    /// In which of its lives.
    pub generation: String,
    /// Its number in that life, from 1 on.
    pub number: i64,
    /// The business day.
    pub day: String,
    /// What is in it.
    pub totals: Totals,
    /// What was in the drawer.
    pub drawer: Drawer,
    /// The digest of the report before; empty for the first.
    pub before: String,
    /// Who closed.
    pub person: String,
    /// When.
    pub at_ms: i64,
    /// The digest of all this.
    pub digest: String,
}

impl Totals {
    /// Returns what was paid in all.
    #[must_use]
    pub fn gross_cents(&self) -> i64 {
        self.paid.values().map(|sum| sum.cents).sum()
    }

    /// Returns what was given back in all.
    #[must_use]
    pub fn refunded_cents(&self) -> i64 {
        self.refunded.values().map(|sum| sum.cents).sum()
    }

    /// Returns how many orders were paid.
    #[must_use]
    pub fn orders(&self) -> i64 {
        self.paid.values().map(|sum| sum.count).sum()
    }

    /// Tells whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let none = |sums: &BTreeMap<String, Sum>| sums.values().all(|sum| *sum == Sum::default());
        none(&self.paid) && none(&self.refunded) && self.cancelled == 0
    }

    /// Takes away what earlier reports have told; what was taken back since is below zero.
    #[must_use]
    pub fn less(&self, told: &[&Self]) -> Self {
        let mut left = self.clone();
        for before in told {
            subtract(&mut left.paid, &before.paid);
            subtract(&mut left.refunded, &before.refunded);
            subtract_vat(&mut left.vat, &before.vat);
            subtract_vat(&mut left.refunded_vat, &before.refunded_vat);
            left.cancelled -= before.cancelled;
        }
        left.paid.retain(|_, sum| *sum != Sum::default());
        left.refunded.retain(|_, sum| *sum != Sum::default());
        left.vat.retain(|part| part.gross_cents != 0 || part.vat_cents != 0);
        left.refunded_vat.retain(|part| part.gross_cents != 0 || part.vat_cents != 0);
        left
    }
}

fn subtract(left: &mut BTreeMap<String, Sum>, told: &BTreeMap<String, Sum>) {
    for (means, sum) in told {
        let own = left.entry(means.clone()).or_default();
        own.count -= sum.count;
        own.cents -= sum.cents;
    }
}

fn subtract_vat(left: &mut Vec<VatPart>, told: &[VatPart]) {
    for part in told {
        match left.iter_mut().find(|own| own.bp == part.bp) {
            Some(own) => {
                own.gross_cents -= part.gross_cents;
                own.vat_cents -= part.vat_cents;
            }
            None => left.push(VatPart {
                bp: part.bp,
                gross_cents: -part.gross_cents,
                vat_cents: -part.vat_cents,
            }),
        }
    }
}

impl Drawer {
    /// Says what should be in a drawer after a day of these totals.
    #[must_use]
    pub fn after(opening_cents: i64, counted_cents: Option<i64>, day: &Totals) -> Self {
        let cash = |sums: &BTreeMap<String, Sum>| sums.get("cash").map_or(0, |sum| sum.cents);
        let expected_cents = opening_cents + cash(&day.paid) - cash(&day.refunded);
        Self { opening_cents, expected_cents, counted_cents }
    }

    /// Returns what is there too much, or below zero too little; nothing while nobody has counted.
    #[must_use]
    pub fn difference_cents(&self) -> Option<i64> {
        self.counted_cents.map(|counted| counted - self.expected_cents)
    }
}

impl Report {
    /// Closes behind the report before, in this life of the store.
    ///
    /// # Errors
    /// Refuses a report of nothing, and to build on one that does not say what its digest says.
    pub fn after(
        before: Option<&Self>,
        writer: &Writer,
        news: News,
        (person, now_ms): (&str, u64),
    ) -> Result<Self, Rejection> {
        if news.is_empty() {
            return Err(Rejection::NothingToClose);
        }
        if before.is_some_and(|before| !before.is_sound()) {
            return Err(Rejection::ReportAltered);
        }
        let mut report = Self {
            replica: writer.replica.to_string(),
            generation: writer.generation.to_string(),
            number: before.map_or(0, |before| before.number) + 1,
            day: news.day,
            totals: news.totals,
            drawer: news.drawer,
            before: before.map(|before| before.digest.clone()).unwrap_or_default(),
            person: person.to_owned(),
            at_ms: i64::try_from(now_ms).unwrap_or(i64::MAX),
            digest: String::new(),
        };
        report.digest = report.computed();
        Ok(report)
    }

    /// Returns the digest of what it says.
    #[must_use]
    pub fn computed(&self) -> String {
        // A JSON array is one text only: no field runs into the next.
        let says = json!([
            self.replica,
            self.generation,
            self.number,
            self.day,
            self.totals,
            self.drawer,
            self.before,
            self.person,
            self.at_ms,
        ]);
        hex(&Sha256::digest(says.to_string().as_bytes()))
    }

    /// Tells whether it says what its digest says.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.computed() == self.digest
    }

    /// Tells whether it stands right behind another one.
    #[must_use]
    pub fn follows(&self, before: Option<&Self>) -> bool {
        let number = before.map_or(0, |before| before.number) + 1;
        self.number == number && self.before == before.map_or("", |before| &before.digest)
    }

    /// Writes it. Two reports under one number have two ids: both are kept, and both are seen.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let digest: String = self.digest.chars().take(16).collect();
        let fields = json!({
            "replica": self.replica,
            "generation": self.generation,
            "number": self.number,
            "day": self.day,
            "totals": self.totals,
            "drawer": self.drawer,
            "before": self.before,
            "person": self.person,
            "at_ms": self.at_ms,
            "digest": self.digest,
        });
        let id = format!("{}/{}/{}/{digest}", self.replica, self.generation, self.number);
        register(REPORTS, &id, "", fields)
    }
}

/// What somebody counts in a drawer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// What it begins with.
    Opening,
    /// What is in it now.
    Count,
}

/// Keeps what somebody counted.
///
/// # Errors
/// Refuses what no drawer holds.
pub fn count(
    id: &str,
    (kind, cents): (Counted, i64),
    (person, place, at_ms): (&str, &str, u64),
) -> Result<Draft, Rejection> {
    if !(0..=limits::CENTS_MAX).contains(&cents) {
        return Err(Rejection::InvalidField("cents"));
    }
    let fields = json!({
        "kind": kind,
        "cents": cents,
        "person": person,
        "place": place,
        "at_ms": at_ms,
    });
    Ok(register(COUNTS, &format!("{place}/{id}"), "", fields))
}

#[cfg(test)]
mod tests;
