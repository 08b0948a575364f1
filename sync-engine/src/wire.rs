//! The compact form of a message: what both sides know is not said, and the rest goes by columns.
//!
//! A message is its JSON without changes, then the changes of each stream as blocks (see
//! `wire::block`), all of it deflated where that makes it smaller. JSON alone carries the same and
//! stays understood; the compact form is for lines that cost. It must not know how bytes travel.
//!
//! Whatever arrives here may be forged: every length is checked before anything is kept for it.

mod block;
mod bytes;
mod texts;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use bytes::{Input, Output};
use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec_with_limit};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Rejection,
    change::Change,
    id::Purpose,
    limits,
    message::{Part, Request, Response},
};

/// The content type of the compact form.
pub const CONTENT_TYPE: &str = "application/vnd.relais.exchange";

const PLAIN: u8 = 0;
const DEFLATED: u8 = 1;
/// Of 10: more costs time on a small machine and wins a hundredth.
const LEVEL: u8 = 5;

/// What an answer need not spell out, because the request did: its entities, per stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked(BTreeMap<Purpose, Vec<String>>);

impl Asked {
    /// Notes what a request names.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let named = request.streams.iter().map(|(purpose, part)| {
            let mut seen = BTreeSet::new();
            let entities = part.changes.iter().map(|change| &change.entity);
            (purpose.clone(), entities.filter(|e| seen.insert(*e)).cloned().collect())
        });
        Self(named.collect())
    }

    fn in_stream(&self, purpose: &Purpose) -> &[String] {
        self.0.get(purpose).map_or(&[], Vec::as_slice)
    }
}

/// Writes a request.
#[must_use]
pub fn write_request(mut request: Request) -> Vec<u8> {
    let changes = take_changes(&mut request.streams);
    write(&request, &request.streams, &changes, &Asked::default())
}

/// Reads a request.
///
/// # Errors
/// Refuses what is malformed or larger than a message may be.
pub fn read_request(bytes: &[u8]) -> Result<Request, Rejection> {
    let content = content(bytes)?;
    let mut input = Input::new(&content);
    let mut request: Request = read_head(&mut input)?;
    read_changes(&mut input, &mut request.streams, &Asked::default())?;
    Ok(request)
}

/// Writes an answer for whoever asked this.
#[must_use]
pub fn write_response(mut response: Response, asked: &Asked) -> Vec<u8> {
    let changes = take_changes(&mut response.streams);
    write(&response, &response.streams, &changes, asked)
}

/// Reads the answer to what was asked.
///
/// # Errors
/// Refuses what is malformed or larger than a message may be.
pub fn read_response(bytes: &[u8], asked: &Asked) -> Result<Response, Rejection> {
    let content = content(bytes)?;
    let mut input = Input::new(&content);
    let mut response: Response = read_head(&mut input)?;
    read_changes(&mut input, &mut response.streams, asked)?;
    Ok(response)
}

type Streams = BTreeMap<Purpose, Part>;

fn take_changes(streams: &mut Streams) -> Vec<[Vec<Change>; 2]> {
    let take =
        |part: &mut Part| [std::mem::take(&mut part.changes), std::mem::take(&mut part.rows)];
    streams.values_mut().map(take).collect()
}

fn write(
    head: &impl Serialize,
    streams: &Streams,
    changes: &[[Vec<Change>; 2]],
    asked: &Asked,
) -> Vec<u8> {
    let mut output = Output::default();
    // A message is plain data; its JSON cannot fail.
    output.bytes(&serde_json::to_vec(head).unwrap_or_default());
    for ((purpose, part), [changes, rows]) in streams.iter().zip(changes) {
        block::write(&mut output, changes, &part.have, asked.in_stream(purpose));
        block::write(&mut output, rows, &part.have, asked.in_stream(purpose));
    }
    let content = output.into_bytes();
    let deflated = compress_to_vec(&content, LEVEL);
    let (form, body) =
        if deflated.len() < content.len() { (DEFLATED, deflated) } else { (PLAIN, content) };
    [&[form], body.as_slice()].concat()
}

fn content(bytes: &[u8]) -> Result<Vec<u8>, Rejection> {
    match bytes.split_first() {
        Some((&PLAIN, body)) if body.len() <= limits::MESSAGE_BYTES => Ok(body.to_vec()),
        Some((&DEFLATED, body)) => decompress_to_vec_with_limit(body, limits::MESSAGE_BYTES)
            .map_err(|_| Rejection::InvalidField("message")),
        _ => Err(Rejection::InvalidField("message")),
    }
}

fn read_head<T: DeserializeOwned>(input: &mut Input<'_>) -> Result<T, Rejection> {
    let head = input.bytes()?;
    if head.len() > limits::HEAD_BYTES {
        return Err(Rejection::BatchTooLarge);
    }
    serde_json::from_slice(head).map_err(|_| Rejection::InvalidField("message"))
}

fn read_changes(
    input: &mut Input<'_>,
    streams: &mut Streams,
    asked: &Asked,
) -> Result<(), Rejection> {
    for (purpose, part) in streams {
        part.changes = block::read(input, &part.have, asked.in_stream(purpose))?;
        part.rows = block::read(input, &part.have, asked.in_stream(purpose))?;
    }
    input.end()
}
