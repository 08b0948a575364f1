//! The form about maps: where the venue stands, and from where its maps come.
//!
//! Degrees are typed with up to six decimals and kept in millionths. It must not know who looks.

use std::collections::BTreeMap;

use domain::venue::map::{Map, Point};

use crate::{call::Call, problem::Problem, views::MapForm};

const DECIMALS: usize = 6;

/// Reads what somebody typed.
pub(super) fn read(call: &Call) -> Result<Map, Problem> {
    let (latitude, longitude) = (call.field("latitude"), call.field("longitude"));
    let restaurant = match (latitude.trim(), longitude.trim()) {
        ("", "") => None,
        (latitude, longitude) => {
            Some(point(latitude, longitude).ok_or_else(|| Problem::invalid_field("restaurant"))?)
        }
    };
    let lines = call.field("places");
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(Map {
        restaurant,
        tiles: call.field("tiles").trim().to_owned(),
        attribution: call.field("attribution").trim().to_owned(),
        router: call.field("router").trim().to_owned(),
        places: lines.map(place).collect::<Result<BTreeMap<_, _>, _>>()?,
    })
}

/// Reads a line such as `1000; 50.8466; 4.3528`: a postal code and its middle.
fn place(line: &str) -> Result<(String, Point), Problem> {
    let wrong = || Problem::invalid_field("places");
    let parts: Vec<&str> = line.split(';').map(str::trim).collect();
    let [code, latitude, longitude] = parts.as_slice() else { return Err(wrong()) };
    Ok(((*code).to_owned(), point(latitude, longitude).ok_or_else(wrong)?))
}

fn point(latitude: &str, longitude: &str) -> Option<Point> {
    Some(Point { latitude_e6: degrees(latitude)?, longitude_e6: degrees(longitude)? })
}

fn degrees(text: &str) -> Option<i64> {
    let (is_below, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || part.len() > DECIMALS || !plain(whole) || !plain(part)
    {
        return None;
    }
    let value: i64 = format!("{whole}{part:0<DECIMALS$}").parse().ok()?;
    Some(if is_below { -value } else { value })
}

fn written(value_e6: i64) -> String {
    let (sign, value) = (if value_e6 < 0 { "-" } else { "" }, value_e6.unsigned_abs());
    format!("{sign}{}.{:06}", value / 1_000_000, value % 1_000_000)
}

/// Shows what is kept.
pub(super) fn as_kept(kept: &Map) -> MapForm {
    let line = |(code, place): (&String, &Point)| {
        format!("{code}; {}; {}", written(place.latitude_e6), written(place.longitude_e6))
    };
    MapForm {
        latitude: kept.restaurant.map(|at| written(at.latitude_e6)).unwrap_or_default(),
        longitude: kept.restaurant.map(|at| written(at.longitude_e6)).unwrap_or_default(),
        tiles: kept.tiles.clone(),
        attribution: kept.attribution.clone(),
        router: kept.router.clone(),
        places: kept.places.iter().map(line).collect::<Vec<_>>().join("\n"),
    }
}

/// Shows what was typed once more.
pub(super) fn as_typed(call: &Call) -> MapForm {
    MapForm {
        latitude: call.field("latitude"),
        longitude: call.field("longitude"),
        tiles: call.field("tiles"),
        attribution: call.field("attribution"),
        router: call.field("router"),
        places: call.field("places"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_read_as_they_are_written() {
        for (text, value) in [
            ("50.8466", 50_846_600),
            ("4,3528", 4_352_800),
            ("-0.000001", -1),
            ("180", 180_000_000),
        ] {
            assert_eq!(degrees(text), Some(value), "{text}");
            assert_eq!(degrees(&written(value)), Some(value), "{text}");
        }
        for text in ["", "-", "N50", "50.12345678", "5000", "+4", "4.3.5", "1e3"] {
            assert_eq!(degrees(text), None, "{text}");
        }
    }
}
