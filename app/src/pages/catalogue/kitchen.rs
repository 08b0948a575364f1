//! The stations of the kitchen on the page of the menu's editors.
//!
//! It must not decide: `domain::venue::kitchen` does.

use std::collections::BTreeMap;

use domain::{
    catalogue::Catalogue,
    venue::kitchen::{Kitchen, STATIONS_MAX, Station},
};

use super::{text_fields, texts};
use crate::{
    call::Call,
    locale::Locale,
    pages::present::text,
    problem::Problem,
    views::{KitchenForm, StationForm, StationOf, Tick},
};

/// Reads the form: a station without a name is taken away, and whatever was made there.
///
/// # Errors
/// Names a number that is none.
pub(super) fn wanted(call: &Call, menu: &Catalogue) -> Result<Kitchen, Problem> {
    let minutes = |field: &'static str| {
        call.field(field).trim().parse().map_err(|_| Problem::invalid_field(field))
    };
    let mut stations: Vec<Station> = Vec::new();
    for place in 0..STATIONS_MAX {
        let name = texts(call, &format!("station{place}"));
        let Some(first) = name.values().next() else { continue };
        let kept = call.field(&format!("station{place}_id"));
        let id = if kept.is_empty() { new_id(first, &stations) } else { kept };
        stations.push(Station { id, name });
    }
    let mut categories = BTreeMap::new();
    for category in &menu.categories {
        let station = call.field(&format!("category_{}", category.id));
        if stations.iter().any(|one| one.id == station) {
            categories.insert(category.id.clone(), station);
        }
    }
    let (soon_minutes, late_minutes) = (minutes("soon_minutes")?, minutes("late_minutes")?);
    Ok(Kitchen { stations, categories, soon_minutes, late_minutes })
}

/// Makes an id of a name, one that no other station has.
fn new_id(name: &str, others: &[Station]) -> String {
    let name = name.to_lowercase();
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).take(24).collect();
    let plain = if plain.is_empty() { "station".to_owned() } else { plain };
    let is_free = |id: &String| !others.iter().any(|other| other.id == *id);
    let more = (2..).map(|number| format!("{plain}-{number}"));
    [plain.clone()].into_iter().chain(more).find(is_free).unwrap_or(plain)
}

/// Shows the settings as a form, with room for one station more.
#[must_use]
pub(super) fn form(kitchen: &Kitchen, menu: &Catalogue, locale: Locale) -> KitchenForm {
    let row = |(place, station): (usize, &Station)| StationForm {
        place,
        id: station.id.clone(),
        label: text(&station.name, locale),
        names: text_fields(&format!("station{place}"), &station.name),
    };
    let mut stations: Vec<StationForm> = kitchen.stations.iter().enumerate().map(row).collect();
    if stations.len() < STATIONS_MAX {
        stations.push(row((stations.len(), &Station::default())));
    }
    let of = |category: &domain::catalogue::Category| StationOf {
        id: category.id.clone(),
        name: text(&category.name, locale),
        stations: choices(
            kitchen,
            kitchen.categories.get(&category.id),
            "catalogue.no_station",
            locale,
        ),
    };
    KitchenForm {
        stations,
        categories: menu.categories.iter().map(of).collect(),
        soon_minutes: kitchen.soon_minutes,
        late_minutes: kitchen.late_minutes,
    }
}

/// Lists the stations to choose from; one that is not here any more stays chosen.
#[must_use]
pub(super) fn choices(
    kitchen: &Kitchen,
    chosen: Option<&String>,
    none: &str,
    locale: Locale,
) -> Vec<Tick> {
    let chosen = chosen.map_or("", String::as_str);
    let tick = |id: &str, label: String| Tick { value: id.to_owned(), label, chosen: id == chosen };
    let none = locale.find(none).unwrap_or_default().to_owned();
    let known = kitchen.stations.iter().map(|one| tick(&one.id, text(&one.name, locale)));
    let mut all: Vec<Tick> = [tick("", none)].into_iter().chain(known).collect();
    if !all.iter().any(|one| one.chosen) {
        all.push(tick(chosen, chosen.to_owned()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_station_gets_an_id_of_its_own() {
        let station = |id: &str| Station { id: id.to_owned(), ..Station::default() };
        for (name, others, expected) in [
            ("Grill", vec![], "grill"),
            ("Grill", vec![station("grill")], "grill-2"),
            ("Plats froids", vec![], "platsfroids"),
            ("🍟", vec![station("station")], "station-2"),
        ] {
            assert_eq!(new_id(name, &others), expected, "{name}");
        }
    }
}
