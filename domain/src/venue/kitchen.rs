//! The stations of a kitchen, which category is made at which, and from when on waiting is a worry.
//!
//! A product's own station beats that of its category; what belongs to none is everybody's. It must
//! not know orders.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::{
    change::Draft,
    id::{VenueId, is_name},
};

use crate::{
    Rejection,
    catalogue::{Catalogue, Texts, register, texts_fit},
    limits,
};

/// The register of a venue that holds these settings.
pub const REGISTER: &str = "kitchen";
/// Stations of one kitchen.
pub const STATIONS_MAX: usize = 8;

const STATION_NAME_CHARS: usize = 30;
const MINUTES_MAX: u32 = 240;

/// Where in the kitchen something is made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Station {
    /// Its id, unique in the venue.
    pub id: String,
    /// Its name.
    pub name: Texts,
}

/// A venue's settings for its kitchen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kitchen {
    /// Its stations; without any the kitchen is one.
    pub stations: Vec<Station>,
    /// At which station the products of a category are made, by the category's id.
    pub categories: BTreeMap<String, String>,
    /// After so many minutes an order should be looked at.
    pub soon_minutes: u32,
    /// After so many minutes an order is late.
    pub late_minutes: u32,
}

impl Default for Kitchen {
    fn default() -> Self {
        Self {
            stations: Vec::new(),
            categories: BTreeMap::new(),
            soon_minutes: 6,
            late_minutes: 12,
        }
    }
}

impl Kitchen {
    /// Checks the settings.
    ///
    /// # Errors
    /// Names the first field that does not fit.
    pub fn checked(self) -> Result<Self, Rejection> {
        let refuse = |field| Err(Rejection::InvalidField(field));
        let ids: BTreeSet<&str> = self.stations.iter().map(|station| station.id.as_str()).collect();
        let fits = |station: &Station| {
            is_name(&station.id) && texts_fit(&station.name, STATION_NAME_CHARS, true)
        };
        if ids.len() != self.stations.len()
            || self.stations.len() > STATIONS_MAX
            || !self.stations.iter().all(fits)
        {
            return refuse("stations");
        }
        let known = |(category, station): (&String, &String)| {
            is_name(category) && ids.contains(station.as_str())
        };
        if self.categories.len() > limits::CATEGORIES_MAX || !self.categories.iter().all(known) {
            return refuse("categories");
        }
        if !(1..=MINUTES_MAX).contains(&self.soon_minutes) {
            return refuse("soon_minutes");
        }
        if !(self.soon_minutes..=MINUTES_MAX).contains(&self.late_minutes) {
            return refuse("late_minutes");
        }
        Ok(self)
    }

    /// Finds a station.
    #[must_use]
    pub fn station(&self, id: &str) -> Option<&Station> {
        self.stations.iter().find(|station| station.id == id)
    }

    /// Returns the station at which a product is made; nothing where anybody may make it.
    #[must_use]
    pub fn station_of(&self, menu: &Catalogue, product: &str) -> Option<&Station> {
        let product = menu.product(product)?;
        let own = self.station(&product.station);
        own.or_else(|| self.station(self.categories.get(&product.category)?))
    }

    /// Writes the settings.
    #[must_use]
    pub fn draft(&self, venue: &VenueId) -> Draft {
        register("venue", venue.as_str(), REGISTER, json!({"kitchen": self}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::venue::Document;

    fn station(id: &str) -> Station {
        Station { id: id.to_owned(), name: [("fr".to_owned(), id.to_owned())].into() }
    }

    fn kitchen() -> Kitchen {
        let stations = ["grill", "fries", "cold"].map(station).into();
        let categories = [("menus".to_owned(), "fries".to_owned())].into();
        Kitchen { stations, categories, ..Kitchen::default() }
    }

    #[test]
    fn a_product_s_own_station_beats_that_of_its_category() {
        let text = include_str!("../../../fixtures/venues/chakri.json");
        let document: Document = serde_json::from_str(text).unwrap();
        let (categories, products) = (document.categories, document.products);
        let menu = Catalogue { categories, products, ..Catalogue::default() };
        for (product, expected) in [
            ("le-cheese-king", Some("grill")),
            ("cree-ton-burger", Some("grill")),
            ("menu-maison", Some("fries")),
            // A station that this kitchen does not have, and a product that is gone.
            ("yakisoba", None),
            ("gone", None),
        ] {
            let kitchen = kitchen();
            let found = kitchen.station_of(&menu, product).map(|station| station.id.as_str());
            assert_eq!(found, expected, "{product}");
        }
    }

    #[test]
    fn settings_that_contradict_themselves_are_refused() {
        let of = |id: &str, to: &str| [(id.to_owned(), to.to_owned())].into();
        for (settings, field) in [
            (
                Kitchen { stations: vec![station("grill"), station("grill")], ..kitchen() },
                "stations",
            ),
            (Kitchen { stations: vec![station("Le Grill")], ..kitchen() }, "stations"),
            (Kitchen { stations: vec![Station::default()], ..kitchen() }, "stations"),
            (Kitchen { categories: of("menus", "wok"), ..kitchen() }, "categories"),
            (Kitchen { soon_minutes: 0, ..kitchen() }, "soon_minutes"),
            (Kitchen { soon_minutes: 13, ..kitchen() }, "late_minutes"),
            (Kitchen { late_minutes: 241, ..kitchen() }, "late_minutes"),
        ] {
            assert_eq!(settings.checked().unwrap_err().subject(), [field]);
        }
        assert_eq!(kitchen().checked(), Ok(kitchen()));
    }

    #[test]
    fn settings_of_another_build_are_read_as_far_as_they_are_known() {
        let read: Kitchen = serde_json::from_str(r#"{"of_the_future": 1}"#).unwrap();
        assert_eq!(read, Kitchen::default());
    }
}
