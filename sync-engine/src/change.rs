//! One change: what was written, by whom, when; immutable once it has its seq.
//!
//! Owns the wire form of a log row and its checks. It must not know what a payload means.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use crate::{
    Rejection,
    id::{Writer, is_name},
    limits,
    seal::hex,
    stamp::Hlc,
};

/// A log row as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Who wrote it.
    #[serde(flatten)]
    pub writer: Writer,
    /// Its place in the writer's sequence; starts at 1, has no gaps. 0 in a snapshot, which says
    /// what rows are and not how they became it.
    pub seq: u64,
    /// The stamp that the writer gave it.
    pub claimed: Hlc,
    /// The stamp that everyone merges by: the claimed one unless the hub lowered it.
    pub effective: Hlc,
    /// Which table it belongs to; may be one that this build does not know.
    pub table: String,
    /// Which row.
    pub entity: String,
    /// Which register of the row, or several with commas between; empty for what is written once.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub register: String,
    /// The fields.
    pub payload: Map<String, Json>,
}

impl Draft {
    /// Returns it as a change of a writer that is named after what it publishes, so that publishing
    /// it again, anywhere, is the same change.
    #[must_use]
    pub fn published(&self, writer: &Writer, (seq, stamp): (u64, Hlc)) -> Change {
        Change {
            writer: writer.clone(),
            seq,
            claimed: stamp,
            effective: stamp,
            table: self.table.to_owned(),
            entity: self.entity.clone(),
            register: self.register.to_owned(),
            payload: self.payload.clone(),
        }
    }

    /// Checks everything that can be checked without the store, with the largest number that it
    /// may get there.
    ///
    /// # Errors
    /// Names the first field that is malformed or out of range.
    pub fn check(&self) -> Result<(), Rejection> {
        check_entity(&self.entity)?;
        let Some(number) = &self.number else { return check_payload(&self.payload) };
        let mut payload = self.payload.clone();
        payload.insert(number.field.to_owned(), limits::INTEGER_MAX.into());
        check_payload(&payload)
    }
}

impl Change {
    /// Checks everything that can be checked without the store.
    ///
    /// # Errors
    /// Names the first field that is malformed or out of range.
    pub fn check(&self) -> Result<(), Rejection> {
        self.check_named()?;
        check_payload(&self.payload)
    }

    /// Checks what rows say, which may be more than any one change of theirs did: it names what
    /// those left out, and all that several wrote at one time.
    ///
    /// # Errors
    /// Names the first field that is malformed or out of range.
    pub fn check_row(&self) -> Result<(), Rejection> {
        self.check_named()?;
        check_within(&self.payload, limits::PAYLOAD_BYTES_PER_MESSAGE)
    }

    fn check_named(&self) -> Result<(), Rejection> {
        if self.seq > limits::INTEGER_MAX as u64 {
            return Err(Rejection::InvalidField("seq"));
        }
        self.check_stamp()?;
        if !is_name(&self.table) {
            return Err(Rejection::InvalidField("table"));
        }
        check_entity(&self.entity)?;
        let named = self.register.strip_prefix(',').unwrap_or(&self.register);
        if !self.register.is_empty() && !named.split(',').all(is_name) {
            return Err(Rejection::InvalidField("register"));
        }
        Ok(())
    }

    /// Checks that a change which [`Self::check`] refuses can be kept and told on as it is: that
    /// no clock ends with it, that it fits into a message, and that every reader reads it.
    ///
    /// # Errors
    /// Names what is too late, too long or too deep.
    pub fn check_carried(&self) -> Result<(), Rejection> {
        self.check_stamp()?;
        let mut room = limits::PAYLOAD_BYTES_PER_MESSAGE;
        for (field, bytes) in [
            ("payload", self.weight()),
            ("table", self.table.len()),
            ("entity", self.entity.len()),
            ("register", self.register.len()),
        ] {
            room = room.checked_sub(bytes).ok_or(Rejection::InvalidField(field))?;
        }
        if is_deep(&self.payload) {
            return Err(Rejection::InvalidField("payload"));
        }
        Ok(())
    }

    fn check_stamp(&self) -> Result<(), Rejection> {
        if self.effective.ms > limits::STAMP_MS_MAX {
            return Err(Rejection::InvalidField("stamp"));
        }
        Ok(())
    }

    /// Returns the stamp that a hub records which lets none lie beyond the limit.
    #[must_use]
    pub fn at_most(&self, limit_ms: u64) -> Hlc {
        self.effective.at_most(limit_ms, self.seq)
    }

    /// Returns the registers that it writes; the empty name is of what is written once.
    pub fn registers(&self) -> impl Iterator<Item = &str> {
        self.register.split(',')
    }

    /// Returns a digest of what it says and when; the same on every replica that holds it.
    #[must_use]
    pub fn digest(&self) -> String {
        // A map of serde_json is sorted by key, so equal payloads give equal text.
        let payload = serde_json::to_string(&self.payload).unwrap_or_default();
        let mut hash = Sha256::new();
        let claimed = self.claimed.to_string();
        for part in [&claimed, &self.table, &self.entity, &self.register, &payload] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hex(&hash.finalize()).chars().take(16).collect()
    }

    /// Returns the bytes that its payload takes in a message.
    #[must_use]
    pub fn weight(&self) -> usize {
        payload_bytes(&self.payload)
    }
}

/// What a local write wants to become a change; clock and seq are added inside the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The declared table.
    pub table: &'static str,
    /// Which row.
    pub entity: String,
    /// Which register, or several with commas between; empty for a fact.
    pub register: &'static str,
    /// The fields.
    pub payload: Map<String, Json>,
    /// A payload field that takes the next number of a series inside the batch.
    pub number: Option<Number>,
}

/// A number that is unique without asking anybody: the next one of this store's own series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The payload field that receives it.
    pub field: &'static str,
    /// The series, for example an origin and a day.
    pub series: String,
}

/// Checks an entity's key: 1 to 128 printable ASCII characters.
///
/// # Errors
/// Refuses anything else.
pub fn check_entity(entity: &str) -> Result<(), Rejection> {
    let plain = entity.bytes().all(|b| b.is_ascii_graphic());
    if entity.is_empty() || entity.len() > 2 * limits::NAME_CHARS || !plain {
        return Err(Rejection::InvalidField("entity"));
    }
    Ok(())
}

/// Checks a payload: its size, its depth, that every number in it is a safe integer, and every text
/// whole.
///
/// # Errors
/// Refuses payloads over the limit, and what some host would change.
pub fn check_payload(payload: &Map<String, Json>) -> Result<(), Rejection> {
    check_within(payload, limits::PAYLOAD_BYTES)
}

fn check_within(payload: &Map<String, Json>, bytes: usize) -> Result<(), Rejection> {
    if payload_bytes(payload) > bytes || is_deep(payload) || !payload.values().all(carries_safely) {
        return Err(Rejection::InvalidField("payload"));
    }
    Ok(())
}

fn payload_bytes(payload: &Map<String, Json>) -> usize {
    serde_json::to_string(payload).map_or(usize::MAX, |text| text.len())
}

fn is_deep(payload: &Map<String, Json>) -> bool {
    payload.values().any(|value| depth(value) > limits::PAYLOAD_DEPTH)
}

/// Counts the lists and objects within each other; whoever read the JSON has limited them.
fn depth(json: &Json) -> usize {
    match json {
        Json::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Json::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

fn carries_safely(json: &Json) -> bool {
    match json {
        Json::Number(n) => {
            n.as_i64().is_some_and(|i| i.unsigned_abs() <= limits::INTEGER_MAX.unsigned_abs())
        }
        Json::Array(items) => items.iter().all(carries_safely),
        Json::Object(fields) => fields.values().all(carries_safely),
        // SQLite ends a text at its first NUL.
        Json::String(text) => !text.contains('\0'),
        Json::Null | Json::Bool(_) => true,
    }
}
