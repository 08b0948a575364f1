//! Seals: what proves later that entries of the audit are still what they were.
//!
//! A seal names the digest of each entry that it covers and the digest of the seal before, so the
//! last seal of a life vouches for everything before it. It must not know how rows are kept.

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use sync_engine::{change::Draft, id::Writer, seal::hex};

use crate::limits;

/// Characters of one digest.
pub const DIGEST_CHARS: usize = 64;
/// Characters of a digest that stand in the id of a seal.
const ID_CHARS: usize = 16;

/// An entry as it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: String,
    /// Its number in its life.
    pub number: i64,
    /// The stable name of what was done.
    pub act: String,
    /// Who did it.
    pub actor: String,
    /// To whom or what.
    pub subject: String,
    /// What else is worth knowing.
    pub detail: Json,
    /// From which network.
    pub source: String,
    /// When.
    pub at_ms: i64,
    /// Whether the clock was certain: 0 or 1.
    pub certain: i64,
    /// In which life.
    pub life: Life,
}

/// A life of a store, as entries name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Life {
    /// The store.
    pub replica: String,
    /// Its generation.
    pub generation: String,
}

/// A seal as it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// In which life.
    pub life: Life,
    /// Its number in its life, from 1 on.
    pub number: i64,
    /// The first entry that it covers.
    pub first: i64,
    /// The last entry that it covers.
    pub last: i64,
    /// The digest of the seal before; empty for the first.
    pub before: String,
    /// The digests of its entries, one behind the other.
    pub entries: String,
    /// When it was made.
    pub at_ms: i64,
    /// The digest of all this.
    pub digest: String,
}

impl Record {
    /// Returns the digest of everything that the entry says.
    #[must_use]
    pub fn digest(&self) -> String {
        digest(&json!([
            self.life.replica,
            self.life.generation,
            self.number,
            self.id,
            self.act,
            self.actor,
            self.subject,
            self.detail,
            self.source,
            self.at_ms,
            self.certain,
        ]))
    }
}

impl Life {
    /// Returns a life of a store.
    #[must_use]
    pub fn of(writer: &Writer) -> Self {
        Self { replica: writer.replica.to_string(), generation: writer.generation.to_string() }
    }
}

impl Seal {
    /// Seals what comes after the seal before; none where nothing does.
    ///
    /// The entries are those of one life, by number; what comes after a gap waits, and nothing is
    /// built on a seal that does not say what its digest says.
    #[must_use]
    pub fn after(
        before: Option<&Self>,
        life: &Life,
        entries: &[Record],
        now_ms: u64,
    ) -> Option<Self> {
        if before.is_some_and(|seal| !seal.is_sound()) {
            return None;
        }
        let first = before.map_or(0, |seal| seal.last) + 1;
        let covered: Vec<&Record> = (first..)
            .zip(entries)
            .take(limits::ENTRIES_PER_SEAL)
            .take_while(|(number, entry)| entry.number == *number)
            .map(|(_, entry)| entry)
            .collect();
        let last = covered.last()?.number;
        let mut seal = Self {
            life: life.clone(),
            number: before.map_or(0, |seal| seal.number) + 1,
            first,
            last,
            before: before.map(|seal| seal.digest.clone()).unwrap_or_default(),
            entries: covered.iter().map(|entry| entry.digest()).collect(),
            at_ms: i64::try_from(now_ms).unwrap_or(i64::MAX),
            digest: String::new(),
        };
        seal.digest = seal.computed();
        Some(seal)
    }

    /// Returns the digest of what the seal says, whatever it says of it.
    #[must_use]
    pub fn computed(&self) -> String {
        digest(&json!([
            self.life.replica,
            self.life.generation,
            self.number,
            self.first,
            self.last,
            self.before,
            self.entries,
            self.at_ms,
        ]))
    }

    /// Returns the digest under which an entry was sealed; none where it is not covered.
    #[must_use]
    pub fn of_entry(&self, number: i64) -> Option<&str> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let from = place.checked_mul(DIGEST_CHARS)?;
        self.entries.get(from..from.checked_add(DIGEST_CHARS)?)
    }

    /// Tells whether it says what its digest says, of as many entries as it names.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.is_whole() && self.computed() == self.digest
    }

    /// Tells whether it names as many entries as it says that it covers.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let count = self.last.checked_sub(self.first).and_then(|n| usize::try_from(n).ok());
        count.is_some_and(|n| {
            n < limits::ENTRIES_PER_SEAL && {
                self.entries.len() == (n + 1) * DIGEST_CHARS && self.entries.is_ascii()
            }
        })
    }

    /// Writes it. Two seals under one number have two ids: both are kept, and both are seen.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let Life { replica, generation } = &self.life;
        let digest: String = self.digest.chars().take(ID_CHARS).collect();
        let fields = json!({
            "replica": replica,
            "generation": generation,
            "number": self.number,
            "first": self.first,
            "last": self.last,
            "before": self.before,
            "entries": self.entries,
            "at_ms": self.at_ms,
            "digest": self.digest,
        });
        Draft {
            table: "audit_seal",
            entity: format!("{generation}/{}/{digest}", self.number),
            register: "",
            payload: fields.as_object().cloned().unwrap_or_default(),
            number: None,
        }
    }
}

/// A JSON array is one text only: no field runs into the next.
fn digest(fields: &Json) -> String {
    hex(&Sha256::digest(fields.to_string().as_bytes()))
}
