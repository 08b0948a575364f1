//! A column of JSON values: numbers as steps, texts as texts, anything else as JSON.
//!
//! It must not know which field it is.

use serde_json::Value as Json;

use super::{
    bytes::{Input, Output},
    texts,
};
use crate::Rejection;

const NUMBERS: u8 = 0;
const TEXTS: u8 = 1;
const JSON: u8 = 2;
const MALFORMED: Rejection = Rejection::InvalidField("message");

/// Writes a column.
pub(super) fn write(output: &mut Output, values: &[&Json]) {
    let numbers: Option<Vec<i64>> = values.iter().map(|value| value.as_i64()).collect();
    if let Some(numbers) = numbers {
        output.byte(NUMBERS);
        let mut last = 0_i64;
        for number in numbers {
            output.signed(number.wrapping_sub(last));
            last = number;
        }
        return;
    }
    let plain: Option<Vec<&str>> = values.iter().map(|value| value.as_str()).collect();
    if let Some(plain) = plain {
        output.byte(TEXTS);
        return texts::write(output, &plain, &[]);
    }
    output.byte(JSON);
    let json: Vec<String> = values.iter().map(ToString::to_string).collect();
    let json: Vec<&str> = json.iter().map(String::as_str).collect();
    texts::write(output, &json, &[]);
}

/// Reads a column of so many values.
///
/// # Errors
/// Refuses what [`write`] does not write.
pub(super) fn read(input: &mut Input<'_>, count: usize) -> Result<Vec<Json>, Rejection> {
    input.keep(count * size_of::<Json>())?;
    match input.byte()? {
        NUMBERS => {
            let mut last = 0_i64;
            let number = |_| {
                last = last.wrapping_add(input.signed()?);
                Ok(Json::from(last))
            };
            (0..count).map(number).collect()
        }
        TEXTS => Ok(texts::read(input, count, &[])?.into_iter().map(Json::from).collect()),
        JSON => {
            let json = texts::read(input, count, &[])?;
            json.iter().map(|text| serde_json::from_str(text).map_err(|_| MALFORMED)).collect()
        }
        _ => Err(MALFORMED),
    }
}
