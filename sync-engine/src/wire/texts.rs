//! A column of texts, written the shortest way that its values allow.
//!
//! Ids are mostly UUIDs, alone or inside a longer text: those go as sixteen bytes. Texts of which
//! there are few go as a list and places in it, and those that the other side named already as
//! places in what it said. It must not know what the texts are.

use std::collections::BTreeMap;

use super::bytes::{Input, Output};
use crate::{Rejection, limits};

const PLAIN: u8 = 0;
const UUIDS: u8 = 1;
const LISTED: u8 = 2;
const KNOWN: u8 = 3;
const HEX: u8 = 4;

/// What stands where in a UUID's text.
const UUID_CHARS: usize = 36;
const MALFORMED: Rejection = Rejection::InvalidField("message");

/// Writes a column; `known` is what the other side named already.
pub(super) fn write(output: &mut Output, texts: &[&str], known: &[String]) {
    write_within(output, texts, known, limits::COLUMN_DEPTH);
}

/// Writes a column that may be made of others, so many within each other.
fn write_within(output: &mut Output, texts: &[&str], known: &[String], depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return write_plain(output, texts) };
    let places: BTreeMap<&str, usize> =
        known.iter().enumerate().map(|(place, text)| (text.as_str(), place)).collect();
    let hits = texts.iter().filter(|text| places.contains_key(*text)).count();
    if hits > texts.len() / 2 {
        output.byte(KNOWN);
        return write_known(output, texts, &places, depth);
    }
    let mut distinct: BTreeMap<&str, usize> = BTreeMap::new();
    let mut list: Vec<&str> = Vec::new();
    for text in texts {
        distinct.entry(text).or_insert_with(|| {
            list.push(text);
            list.len() - 1
        });
    }
    if list.len() * 2 <= texts.len() && texts.len() >= 4 {
        output.byte(LISTED);
        output.number(list.len() as u64);
        write_within(output, &list, &[], depth);
        return texts
            .iter()
            .for_each(|text| output.number(distinct.get(text).copied().unwrap_or(0) as u64));
    }
    let split: Option<Vec<_>> = texts.iter().map(|text| split(text)).collect();
    if let Some(split) = split.filter(|_| !texts.is_empty()) {
        output.byte(UUIDS);
        let befores: Vec<&str> = split.iter().map(|(before, _, _)| *before).collect();
        let afters: Vec<&str> = split.iter().map(|(_, _, after)| *after).collect();
        write_within(output, &befores, &[], depth);
        write_within(output, &afters, &[], depth);
        return split.iter().for_each(|(_, uuid, _)| output.raw(uuid));
    }
    if !texts.is_empty() && texts.iter().all(|text| is_hex(text)) {
        output.byte(HEX);
        texts.iter().for_each(|text| output.number(text.len() as u64 / 2));
        return texts.iter().for_each(|text| output.raw(&unhex(text)));
    }
    write_plain(output, texts);
}

fn write_plain(output: &mut Output, texts: &[&str]) {
    output.byte(PLAIN);
    texts.iter().for_each(|text| output.number(text.len() as u64));
    texts.iter().for_each(|text| output.raw(text.as_bytes()));
}

/// Reads a column of so many texts.
///
/// # Errors
/// Refuses what [`write`] does not write.
pub(super) fn read(
    input: &mut Input<'_>,
    count: usize,
    known: &[String],
) -> Result<Vec<String>, Rejection> {
    read_within(input, count, known, limits::COLUMN_DEPTH)
}

fn read_within(
    input: &mut Input<'_>,
    count: usize,
    known: &[String],
    depth: usize,
) -> Result<Vec<String>, Rejection> {
    let form = input.byte()?;
    if form == PLAIN {
        let lengths = lengths(input, count)?;
        let text = |length| std::str::from_utf8(input.raw(length)?).map_err(|_| MALFORMED);
        let texts = lengths.into_iter().map(text).collect::<Result<Vec<_>, _>>()?;
        return texts.into_iter().map(|text| kept(input, text)).collect();
    }
    let depth = depth.checked_sub(1).ok_or(MALFORMED)?;
    match form {
        UUIDS => {
            let befores = read_within(input, count, &[], depth)?;
            let afters = read_within(input, count, &[], depth)?;
            let join = |(before, after): (String, String)| {
                input.keep(UUID_CHARS)?;
                let mut text = before;
                push_uuid(&mut text, input.raw(16)?);
                text.push_str(&after);
                Ok(text)
            };
            befores.into_iter().zip(afters).map(join).collect()
        }
        LISTED => {
            let length = input.below(count + 1)?;
            let list = read_within(input, length, &[], depth)?;
            let pick = |_| {
                let text = list.get(input.below(length)?).ok_or(MALFORMED)?;
                kept(input, text)
            };
            (0..count).map(pick).collect()
        }
        KNOWN => read_known(input, count, known, depth),
        HEX => {
            let lengths = lengths(input, count)?;
            let text = |length| {
                let bytes = input.raw(length)?;
                input.keep(2 * bytes.len())?;
                Ok(hex(bytes))
            };
            lengths.into_iter().map(text).collect()
        }
        _ => Err(MALFORMED),
    }
}

/// Copies a text, as long as there is room for it.
fn kept(input: &mut Input<'_>, text: &str) -> Result<String, Rejection> {
    input.keep(text.len() + size_of::<String>())?;
    Ok(text.to_owned())
}

fn lengths(input: &mut Input<'_>, count: usize) -> Result<Vec<usize>, Rejection> {
    let length = |_| usize::try_from(input.number()?).map_err(|_| MALFORMED);
    (0..count).map(length).collect()
}

/// Places go as steps from one to the next, because both sides tend to name things in one order.
fn write_known(output: &mut Output, texts: &[&str], places: &BTreeMap<&str, usize>, depth: usize) {
    let mut fresh = Vec::new();
    let mut next = 0_i64;
    for text in texts {
        match places.get(text) {
            Some(place) => {
                let step = *place as i64 - next;
                output.signed(if step >= 0 { step + 1 } else { step });
                next = *place as i64 + 1;
            }
            None => {
                output.signed(0);
                fresh.push(*text);
            }
        }
    }
    write_within(output, &fresh, &[], depth);
}

fn read_known(
    input: &mut Input<'_>,
    count: usize,
    known: &[String],
    depth: usize,
) -> Result<Vec<String>, Rejection> {
    let steps: Vec<i64> = (0..count).map(|_| input.signed()).collect::<Result<_, _>>()?;
    let fresh = steps.iter().filter(|step| **step == 0).count();
    let mut fresh = read_within(input, fresh, &[], depth)?.into_iter();
    let mut next = 0_i64;
    let text = |step: i64| {
        if step == 0 {
            return fresh.next().ok_or(MALFORMED);
        }
        let place = next.checked_add(if step > 0 { step - 1 } else { step }).ok_or(MALFORMED)?;
        next = place.checked_add(1).ok_or(MALFORMED)?;
        let place = usize::try_from(place).map_err(|_| MALFORMED)?;
        kept(input, known.get(place).ok_or(MALFORMED)?)
    };
    steps.into_iter().map(text).collect()
}

/// Splits a text around the first UUID in it.
fn split(text: &str) -> Option<(&str, [u8; 16], &str)> {
    let last = text.len().checked_sub(UUID_CHARS)?;
    (0..=last).find_map(|start| {
        let before = text.get(..start)?;
        let uuid = uuid(text.get(start..start + UUID_CHARS)?)?;
        Some((before, uuid, text.get(start + UUID_CHARS..)?))
    })
}

fn uuid(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    let mut digits = 0;
    for (place, byte) in text.bytes().enumerate() {
        if matches!(place, 8 | 13 | 18 | 23) {
            if byte != b'-' {
                return None;
            }
            continue;
        }
        let digit = digit(byte)?;
        *bytes.get_mut(digits / 2)? |= if digits % 2 == 0 { digit << 4 } else { digit };
        digits += 1;
    }
    (digits == 32).then_some(bytes)
}

fn push_uuid(text: &mut String, bytes: &[u8]) {
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        push_hex(text, *byte);
    }
}

fn is_hex(text: &str) -> bool {
    text.len() >= 8
        && text.len().is_multiple_of(2)
        && text.bytes().all(|byte| digit(byte).is_some())
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter_map(digit).collect();
    digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    bytes.iter().for_each(|byte| push_hex(&mut text, *byte));
    text
}

fn push_hex(text: &mut String, byte: u8) {
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
    text.push(digit(byte >> 4));
    text.push(digit(byte & 15));
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(texts: &[&str], known: &[String]) -> usize {
        let mut output = Output::default();
        write(&mut output, texts, known);
        let bytes = output.into_bytes();
        let mut input = Input::new(&bytes);
        assert_eq!(
            read(&mut input, texts.len(), known).as_deref(),
            Ok(&texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>()[..])
        );
        assert_eq!(input.end(), Ok(()));
        bytes.len()
    }

    const A: &str = "019b76da-9c00-7abc-8def-0123456789ab";
    const B: &str = "019b76da-9c00-7abc-8def-0123456789ac";

    #[test]
    fn what_is_regular_becomes_short() {
        let paid = [format!("{A}/paid"), format!("{B}/paid"), format!("{A}/ready")];
        let paid: Vec<&str> = paid.iter().map(String::as_str).collect();
        let cases: [(&[&str], usize); 6] = [
            (&[], 2),
            (&[A, B], 2 * 16 + 12),
            (&paid, 3 * 16 + 40),
            (&["placed"; 100], 112),
            (&["0123456789abcdef", "fedcba9876543210"], 2 * 8 + 4),
            (&["é", "", "zzz"], 12),
        ];
        for (texts, most) in cases {
            let bytes = check(texts, &[]);
            assert!(bytes <= most, "{texts:?} took {bytes}");
        }
        let known: Vec<String> = paid.iter().map(|text| (*text).to_owned()).collect();
        assert!(check(&paid, &known) <= 8);
    }

    const TEXTS: &str = "[0-9a-f]{8,12}|[a-zé/-]{0,4}|\
                         [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[a-z]{0,3}";

    proptest! {
        #[test]
        fn reading_undoes_writing(
            texts in proptest::collection::vec(TEXTS, 0..12),
            known in proptest::collection::vec("[a-z]{0,2}", 0..4),
        ) {
            let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            check(&texts, &known);
            texts.extend(known.iter().rev().map(String::as_str));
            texts.extend(known.iter().map(String::as_str));
            check(&texts, &known);
        }
    }
}
