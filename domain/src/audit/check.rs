//! Checking one life of the audit against its seals: what was altered, removed or written twice.
//!
//! A life may begin anew (a store was put back, or copied): its numbers begin anew too, and that is
//! no gap. It reads no rows; they are handed in, in order, as many at a time as whoever asks likes.

use std::collections::{BTreeMap, BTreeSet};

use super::seal::{Life, Record, Seal};
use crate::limits;

/// What is wrong with a life of the audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// An entry is not what was sealed.
    Altered,
    /// An entry is gone.
    Removed,
    /// Two entries have one number: a copy of the store wrote too, or it was put back unnoticed.
    Forked,
    /// A seal does not say what its digest says.
    SealAltered,
    /// A seal is gone.
    SealRemoved,
    /// Two seals have one number: a copy of the store sealed too.
    SealForked,
    /// A seal does not go on from the seal before.
    ChainBroken,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 7] = [
        Self::Altered,
        Self::Removed,
        Self::Forked,
        Self::SealAltered,
        Self::SealRemoved,
        Self::SealForked,
        Self::ChainBroken,
    ];

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Altered => "altered",
            Self::Removed => "removed",
            Self::Forked => "forked",
            Self::SealAltered => "seal_altered",
            Self::SealRemoved => "seal_removed",
            Self::SealForked => "seal_forked",
            Self::ChainBroken => "chain_broken",
        }
    }
}

/// Something that is wrong, by the number of the entry or the seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The number of the entry or the seal.
    pub number: i64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// The check of one life, while it goes on.
#[derive(Debug, Clone)]
pub struct Check {
    /// The life.
    pub life: Life,
    /// What was found, up to a limit; [`Check::faults`] counts all of it.
    pub findings: BTreeSet<Finding>,
    /// How much was found.
    pub faults: u64,
    /// How many entries were seen.
    pub entries: u64,
    /// Up to which number entries are sealed.
    pub sealed: i64,
    /// Up to which number entries were seen, or are known to have been.
    pub last: i64,
    seal: i64,
    /// The digests of the seals under the last number, with the last entry that each covers.
    tips: Vec<(String, i64)>,
}

impl Check {
    /// Begins with a life, or after a seal of it that is taken for granted.
    #[must_use]
    pub fn of(life: Life, after: Option<&Seal>) -> Self {
        let last = after.map_or(0, |seal| seal.last);
        Self {
            life,
            findings: BTreeSet::new(),
            faults: 0,
            entries: 0,
            sealed: last,
            last,
            seal: after.map_or(0, |seal| seal.number),
            tips: after.map(|seal| (seal.digest.clone(), seal.last)).into_iter().collect(),
        }
    }

    /// Tells whether nothing is wrong.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.faults == 0
    }

    /// Returns how many entries no seal covers yet.
    #[must_use]
    pub const fn unsealed(&self) -> i64 {
        self.last.saturating_sub(self.sealed)
    }

    /// Checks the next seals, by number, with all entries from the first number that was not seen
    /// to the last that they cover.
    pub fn seals(&mut self, seals: &[Seal], entries: &[Record]) {
        let whole = seals.iter().filter(|seal| seal.is_whole());
        let until = whole.map(|seal| seal.last).max().unwrap_or(self.last);
        let by_number = self.numbered(entries, until);
        for seal in seals {
            self.link(seal);
            if !seal.is_whole() {
                continue;
            }
            for number in seal.first..=seal.last {
                let held = by_number.get(&number).map(Vec::as_slice).unwrap_or_default();
                let is_there = |told: &str| held.iter().any(|entry| entry.digest() == told);
                let is_sound = seal.of_entry(number).is_some_and(is_there);
                if !held.is_empty() && !is_sound {
                    self.find(number, Fault::Altered);
                }
            }
            self.sealed = self.sealed.max(seal.last);
        }
    }

    /// Checks the next entries that no seal covers, by number.
    pub fn tail(&mut self, entries: &[Record]) {
        let until = entries.last().map_or(self.last, |entry| entry.number);
        self.numbered(entries, until);
    }

    /// Ends the check; a store knows of its present life how many numbers it has given out.
    pub fn end(&mut self, given: Option<i64>) {
        if let Some(given) = given {
            self.missing(self.last + 1, given);
            self.last = self.last.max(given);
        }
    }

    /// Sees whether a seal is what it says, and goes on from the one before.
    fn link(&mut self, seal: &Seal) {
        if !seal.is_sound() {
            self.find(seal.number, Fault::SealAltered);
        }
        if seal.number == self.seal {
            self.find(seal.number, Fault::SealForked);
            self.tips.push((seal.digest.clone(), seal.last));
            return;
        }
        if seal.number > self.seal + 1 {
            self.find(self.seal + 1, Fault::SealRemoved);
        } else {
            let begins = self.tips.is_empty() && seal.before.is_empty() && seal.first == 1;
            let goes_on = |(tip, last): &(String, i64)| {
                *tip == seal.before && last.checked_add(1) == Some(seal.first)
            };
            if !begins && !self.tips.iter().any(goes_on) {
                self.find(seal.number, Fault::ChainBroken);
            }
        }
        self.seal = seal.number;
        self.tips = vec![(seal.digest.clone(), seal.last)];
    }

    /// Takes entries by number, and sees which numbers up to this one are missing or taken twice.
    fn numbered<'a>(
        &mut self,
        entries: &'a [Record],
        until: i64,
    ) -> BTreeMap<i64, Vec<&'a Record>> {
        let mut by_number: BTreeMap<i64, Vec<&Record>> = BTreeMap::new();
        for entry in entries {
            by_number.entry(entry.number).or_default().push(entry);
        }
        self.entries += entries.len() as u64;
        for (number, held) in &by_number {
            if held.len() > 1 {
                self.find(*number, Fault::Forked);
            }
            self.missing(self.last + 1, number.saturating_sub(1));
            self.last = self.last.max(*number);
        }
        self.missing(self.last + 1, until);
        self.last = self.last.max(until);
        by_number
    }

    /// Notes that numbers are missing, the last of them included.
    fn missing(&mut self, first: i64, last: i64) {
        let shown = i64::try_from(limits::AUDIT_FINDINGS).unwrap_or(i64::MAX);
        for number in first..=last.min(first.saturating_add(shown)) {
            self.find(number, Fault::Removed);
        }
    }

    fn find(&mut self, number: i64, fault: Fault) {
        let finding = Finding { number, fault };
        if !self.findings.contains(&finding) {
            self.faults += 1;
        }
        if self.findings.len() < limits::AUDIT_FINDINGS {
            self.findings.insert(finding);
        }
    }
}

#[cfg(test)]
mod tests;
