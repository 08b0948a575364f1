//! Where a venue stands, and from where its maps come.
//!
//! Places are whole millionths of a degree. Without tiles and router a way is drawn on a plain
//! grid, and nothing is asked of anybody. It must not know who looks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::{change::Draft, id::VenueId};

use crate::{Rejection, catalogue::register, venue::delivery::postal_code};

/// The register of a venue that holds these settings.
pub const REGISTER: &str = "map";
/// Postal codes whose middle is known.
pub const PLACES_MAX: usize = 300;

const ADDRESS_CHARS: usize = 300;
const ATTRIBUTION_CHARS: usize = 120;

/// A point on Earth, in millionths of a degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// How far north.
    pub latitude_e6: i64,
    /// How far east.
    pub longitude_e6: i64,
}

impl Point {
    /// Tells whether there is such a point.
    #[must_use]
    pub const fn is_on_earth(&self) -> bool {
        self.latitude_e6.unsigned_abs() <= 90_000_000
            && self.longitude_e6.unsigned_abs() <= 180_000_000
    }
}

/// A venue's settings for maps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Map {
    /// Where the restaurant is.
    pub restaurant: Option<Point>,
    /// Where pictures of the ground come from, with `{z}`, `{x}` and `{y}`; empty for a grid.
    pub tiles: String,
    /// Whose pictures they are.
    pub attribution: String,
    /// Who knows the way, with `{from}` and `{to}`, as OSRM answers; empty for a curved line.
    pub router: String,
    /// The middle of what a postal code stands for.
    pub places: BTreeMap<String, Point>,
}

impl Map {
    /// Checks the settings, and brings postal codes into the form in which they are compared.
    ///
    /// # Errors
    /// Names the first field that does not fit.
    pub fn checked(self) -> Result<Self, Rejection> {
        let refuse = |field| Err(Rejection::InvalidField(field));
        if !is_address(&self.tiles, &["{z}", "{x}", "{y}"]) {
            return refuse("tiles");
        }
        if !is_address(&self.router, &["{from}", "{to}"]) {
            return refuse("router");
        }
        let attribution = self.attribution.trim().to_owned();
        let is_plain = !attribution.chars().any(char::is_control);
        if attribution.chars().count() > ATTRIBUTION_CHARS || !is_plain {
            return refuse("attribution");
        }
        let mut points = self.restaurant.iter().chain(self.places.values());
        if !points.all(Point::is_on_earth) || self.places.len() > PLACES_MAX {
            return refuse("places");
        }
        let mut places = BTreeMap::new();
        for (code, point) in self.places {
            let Some(code) = postal_code(&code) else { return refuse("places") };
            places.insert(code, point);
        }
        Ok(Self { attribution, places, ..self })
    }

    /// Writes the settings.
    #[must_use]
    pub fn draft(&self, venue: &VenueId) -> Draft {
        register("venue", venue.as_str(), REGISTER, json!({"map": self}))
    }
}

/// Returns scheme, name and port of an address of these settings: what a page may ask.
#[must_use]
pub fn origin(address: &str) -> Option<&str> {
    let after = address.strip_prefix("https://").or_else(|| loopback(address))?;
    let host = after.split('/').next().unwrap_or_default();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".:-".contains(&byte);
    let is_plain = !host.is_empty() && host.bytes().all(fits) && after.len() > host.len();
    let end = address.len() - after.len() + host.len();
    is_plain.then(|| address.get(..end)).flatten()
}

/// A machine asks itself in clear: a demo has its own tiles.
fn loopback(address: &str) -> Option<&str> {
    let after = address.strip_prefix("http://")?;
    after.starts_with("127.0.0.1:").then_some(after)
}

/// Tells whether it is nothing, or an address on one host with these places to fill.
fn is_address(address: &str, places: &[&str]) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>\\`".contains(&byte);
    address.is_empty()
        || (address.len() <= ADDRESS_CHARS
            && address.bytes().all(fits)
            && origin(address).is_some()
            && places.iter().all(|place| address.contains(place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TILES: &str = "https://tiles.example.org/{z}/{x}/{y}.png";

    #[test]
    fn only_one_plain_host_is_asked_for_tiles_and_for_the_way() {
        for (tiles, expected) in [
            ("", None),
            (TILES, Some("https://tiles.example.org")),
            ("https://t.example:8443/{z}/{x}/{y}?key=1", Some("https://t.example:8443")),
            ("http://127.0.0.1:9000/{z}/{x}/{y}", Some("http://127.0.0.1:9000")),
        ] {
            let map = Map { tiles: tiles.to_owned(), ..Map::default() }.checked().unwrap();
            assert_eq!(origin(&map.tiles), expected, "{tiles}");
        }
        for tiles in [
            "http://tiles.example.org/{z}/{x}/{y}.png",
            "https://{s}.example.org/{z}/{x}/{y}.png",
            "https://*/{z}/{x}/{y}.png",
            "https://tiles.example.org; script-src */{z}/{x}/{y}",
            "https://tiles.example.org/{z}/{x}.png",
            "https://user@tiles.example.org/{z}/{x}/{y}",
            "javascript:alert(1)//{z}/{x}/{y}",
        ] {
            let map = Map { tiles: tiles.to_owned(), ..Map::default() };
            assert_eq!(map.checked().unwrap_err().subject(), ["tiles"], "{tiles}");
        }
        let map = Map { router: TILES.to_owned(), ..Map::default() };
        assert_eq!(map.checked().unwrap_err().subject(), ["router"]);
    }

    #[test]
    fn places_are_on_earth_and_found_as_their_code_is_typed() {
        let point = |latitude_e6| Point { latitude_e6, longitude_e6: 4_352_800 };
        let of = |code: &str, at| Map {
            places: [(code.to_owned(), point(at))].into(),
            ..Map::default()
        };
        let map = of("10 00", 50_846_600).checked().unwrap();
        assert_eq!(map.places.get("1000"), Some(&point(50_846_600)));
        for wrong in [of("1000", 90_000_001), of("1000", i64::MIN), of("!", 1)] {
            assert_eq!(wrong.checked().unwrap_err().subject(), ["places"]);
        }
    }
}
