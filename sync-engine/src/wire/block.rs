//! The changes of one stream, by columns.
//!
//! First what repeats: layouts (a table, registers and names of fields) and writers, each named
//! once, with runs of who wrote how many in a row. Then stamps as steps. Then for each layout the
//! entities and one column per field. It must not know any layout.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::{
    bytes::{Input, Output},
    texts, values,
};
use crate::{Rejection, change::Change, id::Writer, limits, stamp::Hlc, vector::Vector};

const MALFORMED: Rejection = Rejection::InvalidField("message");

/// What changes of one kind have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Layout<'a> {
    table: &'a str,
    register: &'a str,
    fields: Vec<&'a str>,
    /// What all its names take, in each change again.
    bytes: usize,
}

/// Writes changes; `have` is what the message says of its sender, `known` what the peer named.
pub(super) fn write(output: &mut Output, changes: &[Change], have: &Vector, known: &[String]) {
    output.number(changes.len() as u64);
    if changes.is_empty() {
        return;
    }
    let (layouts, kinds) = layouts(changes);
    output.number(layouts.len() as u64);
    for layout in &layouts {
        output.bytes(layout.table.as_bytes());
        output.bytes(layout.register.as_bytes());
        output.number(layout.fields.len() as u64);
        layout.fields.iter().for_each(|field| output.bytes(field.as_bytes()));
    }
    write_runs(output, &kinds);
    write_writers(output, changes, have);
    write_stamps(output, changes);
    for kind in 0..layouts.len() {
        let of_kind = || kinds.iter().zip(changes).filter(|(k, _)| **k == kind).map(|(_, c)| c);
        let entities: Vec<&str> = of_kind().map(|change| change.entity.as_str()).collect();
        texts::write(output, &entities, known);
        let columns = layouts.get(kind).map_or(&[][..], |layout| &layout.fields);
        for field in columns {
            let column: Vec<&Json> =
                of_kind().map(|c| c.payload.get(*field).unwrap_or(&Json::Null)).collect();
            values::write(output, &column);
        }
    }
}

/// Reads changes.
///
/// # Errors
/// Refuses what [`write`] does not write, and more changes than a message may carry.
pub(super) fn read(
    input: &mut Input<'_>,
    have: &Vector,
    known: &[String],
) -> Result<Vec<Change>, Rejection> {
    let count = input.number()?;
    if count > limits::CHANGES_PER_MESSAGE as u64 {
        return Err(Rejection::BatchTooLarge);
    }
    let count = count as usize;
    if count == 0 {
        return Ok(Vec::new());
    }
    let layouts: Vec<Layout<'_>> =
        (0..input.below(count + 1)?).map(|_| read_layout(input)).collect::<Result<_, _>>()?;
    let kinds = read_runs(input, count, layouts.len())?;
    let writers = read_writers(input, count, have)?;
    let stamps = read_stamps(input, count)?;
    let mut columns = Vec::new();
    for (kind, layout) in layouts.iter().enumerate() {
        let count = kinds.iter().filter(|k| **k == kind).count();
        let entities = texts::read(input, count, known)?.into_iter();
        let fields: Vec<_> = layout
            .fields
            .iter()
            .map(|_| Ok(values::read(input, count)?.into_iter()))
            .collect::<Result<_, Rejection>>()?;
        columns.push((entities, fields));
    }
    let mut changes = Vec::with_capacity(count);
    for ((kind, (writer, seq)), (claimed, effective)) in kinds.into_iter().zip(writers).zip(stamps)
    {
        let layout = layouts.get(kind).ok_or(MALFORMED)?;
        input.keep(layout.bytes)?;
        let (entities, fields) = columns.get_mut(kind).ok_or(MALFORMED)?;
        let names = layout.fields.iter().map(|name| (*name).to_owned());
        let values = fields.iter_mut().map(|column| column.next().ok_or(MALFORMED));
        let payload: Map<String, Json> =
            names.zip(values).map(|(name, value)| Ok((name, value?))).collect::<Result<_, _>>()?;
        changes.push(Change {
            writer: writer.clone(),
            seq,
            claimed,
            effective,
            table: layout.table.to_owned(),
            entity: entities.next().ok_or(MALFORMED)?,
            register: layout.register.to_owned(),
            payload,
        });
    }
    Ok(changes)
}

fn layouts(changes: &[Change]) -> (Vec<Layout<'_>>, Vec<usize>) {
    let mut places: BTreeMap<Layout<'_>, usize> = BTreeMap::new();
    let mut layouts = Vec::new();
    let mut kinds = Vec::with_capacity(changes.len());
    for change in changes {
        let fields = change.payload.keys().map(String::as_str).collect();
        let layout = Layout { table: &change.table, register: &change.register, fields, bytes: 0 };
        let place = places.entry(layout).or_insert_with_key(|layout| {
            layouts.push(layout.clone());
            layouts.len() - 1
        });
        kinds.push(*place);
    }
    (layouts, kinds)
}

fn read_layout<'a>(input: &mut Input<'a>) -> Result<Layout<'a>, Rejection> {
    let (table, register) = (input.text()?, input.text()?);
    let count = input.below(limits::PAYLOAD_BYTES)?;
    let fields = (0..count).map(|_| input.text()).collect::<Result<Vec<_>, _>>()?;
    let names = fields.iter().map(|name| name.len() + size_of::<String>()).sum::<usize>();
    let bytes = table.len() + register.len() + names;
    // Its columns are kept even where no change is of this kind.
    input.keep(bytes + fields.len() * size_of::<Vec<Json>>())?;
    Ok(Layout { table, register, fields, bytes })
}

/// Writes which kind each change is: the kind and how many of it follow each other.
fn write_runs(output: &mut Output, kinds: &[usize]) {
    for run in kinds.chunk_by(|a, b| a == b) {
        output.number(run.first().copied().unwrap_or_default() as u64);
        output.number(run.len() as u64);
    }
}

fn read_runs(input: &mut Input<'_>, count: usize, limit: usize) -> Result<Vec<usize>, Rejection> {
    let mut kinds = Vec::with_capacity(count);
    while kinds.len() < count {
        let kind = input.below(limit)?;
        let length = input.below(count - kinds.len() + 1)?;
        if length == 0 {
            return Err(MALFORMED);
        }
        kinds.extend(std::iter::repeat_n(kind, length));
    }
    Ok(kinds)
}

/// Tells whether a change follows another in one run: the same writer and the next seq, or none.
fn follows(before: &Change, after: &Change) -> bool {
    let next = if before.seq == 0 { 0 } else { before.seq + 1 };
    before.writer == after.writer && after.seq == next
}

/// Writers that stand in the sender's vector go by their place in it, from 1 on.
fn write_writers(output: &mut Output, changes: &[Change], have: &Vector) {
    let places: BTreeMap<&Writer, u64> = have.iter().map(|(w, _)| w).zip(1..).collect();
    for run in changes.chunk_by(follows) {
        let Some(first) = run.first() else { continue };
        match places.get(&first.writer) {
            Some(place) => output.number(*place),
            None => {
                output.number(0);
                output.bytes(first.writer.replica.as_str().as_bytes());
                output.bytes(first.writer.generation.as_str().as_bytes());
            }
        }
        output.number(first.seq);
        output.number(run.len() as u64);
    }
}

fn read_writers(
    input: &mut Input<'_>,
    count: usize,
    have: &Vector,
) -> Result<Vec<(Writer, u64)>, Rejection> {
    let held: Vec<&Writer> = have.iter().map(|(writer, _)| writer).collect();
    let mut writers = Vec::with_capacity(count);
    while writers.len() < count {
        let place = input.below(held.len() + 1)?;
        let writer = match place.checked_sub(1) {
            Some(place) => held.get(place).copied().cloned().ok_or(MALFORMED)?,
            None => Writer::parse(input.text()?, input.text()?)?,
        };
        let first = input.number()?;
        let length = input.below(count - writers.len() + 1)?;
        if length == 0 || first > limits::INTEGER_MAX as u64 {
            return Err(MALFORMED);
        }
        let seq = |step| if first == 0 { 0 } else { first + step };
        writers.extend((0..length as u64).map(|step| (writer.clone(), seq(step))));
    }
    Ok(writers)
}

/// Milliseconds as steps, counters as steps where the time stands still; then the few claims that
/// the hub lowered.
fn write_stamps(output: &mut Output, changes: &[Change]) {
    let mut last = Hlc::default();
    for change in changes {
        output.signed(change.effective.ms as i64 - last.ms as i64);
        last = change.effective;
    }
    last = Hlc::default();
    for change in changes {
        let stands = change.effective.ms == last.ms;
        let from = if stands { i64::from(last.counter) } else { 0 };
        output.signed(i64::from(change.effective.counter) - from);
        last = change.effective;
    }
    let lowered = || changes.iter().enumerate().filter(|(_, c)| c.claimed != c.effective);
    output.number(lowered().count() as u64);
    for (place, change) in lowered() {
        output.number(place as u64);
        output.number(change.claimed.bits() as u64);
    }
}

fn read_stamps(input: &mut Input<'_>, count: usize) -> Result<Vec<(Hlc, Hlc)>, Rejection> {
    let mut ms = 0_i64;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        ms = ms.checked_add(input.signed()?).ok_or(MALFORMED)?;
        let time = u64::try_from(ms).map_err(|_| MALFORMED)?;
        if time > crate::stamp::MS_MAX {
            return Err(MALFORMED);
        }
        times.push(time);
    }
    let mut last = Hlc::default();
    let mut stamps = Vec::with_capacity(count);
    for ms in times {
        let from = if ms == last.ms { i64::from(last.counter) } else { 0 };
        let counter = from.checked_add(input.signed()?).ok_or(MALFORMED)?;
        last = Hlc { ms, counter: u16::try_from(counter).map_err(|_| MALFORMED)? };
        stamps.push((last, last));
    }
    for _ in 0..input.below(count + 1)? {
        let place = input.below(count)?;
        let bits = i64::try_from(input.number()?).map_err(|_| MALFORMED)?;
        let (claimed, _) = stamps.get_mut(place).ok_or(MALFORMED)?;
        *claimed = Hlc::from_bits(bits);
    }
    Ok(stamps)
}
