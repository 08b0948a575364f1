//! What a venue is used for: its modules. What is off has no pages, and nobody is offered it.
//!
//! It must not know pages.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::{change::Draft, id::VenueId};

use crate::{Rejection, catalogue::register};

/// One use of a venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Module {
    /// Customers order, the kitchen prepares, the counter hands over.
    Ordering,
    /// Connected lockers.
    Lockers,
    /// Screens.
    Signage,
}

impl Module {
    /// Every module.
    pub const ALL: [Self; 3] = [Self::Ordering, Self::Lockers, Self::Signage];

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ordering => "ordering",
            Self::Lockers => "lockers",
            Self::Signage => "signage",
        }
    }

    /// Finds the module to which a page or a part of the API belongs; none belongs to all venues.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let path = path.strip_prefix("/api").unwrap_or(path);
        let mut parts = path.split('/').skip(1);
        match parts.next()? {
            "settings" => {
                let ordering =
                    ["ordering", "vat", "delivery", "promotions", "map", "web", "capacity"];
                parts.next().filter(|part| ordering.contains(part)).map(|_| Self::Ordering)
            }
            "menu" | "pictures" | "catalogue" | "kiosk" | "orders" | "products" | "kitchen"
            | "counter" | "board" | "history" | "hours" | "sales" => Some(Self::Ordering),
            "deliveries" | "ratings" | "floor" | "tables" | "update_tables" | "order-times"
            | "web-orders" => Some(Self::Ordering),
            "lockers" | "doors" => Some(Self::Lockers),
            "display" | "screens" | "signage" => Some(Self::Signage),
            _ => None,
        }
    }
}

/// The modules of a venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Modules(BTreeSet<Module>);

impl Default for Modules {
    /// A venue of which nothing else is said is used for everything.
    fn default() -> Self {
        Self(BTreeSet::from(Module::ALL))
    }
}

impl Modules {
    /// Collects modules; a venue is used for something.
    ///
    /// # Errors
    /// Refuses none at all.
    pub fn of(modules: impl IntoIterator<Item = Module>) -> Result<Self, Rejection> {
        let modules: BTreeSet<Module> = modules.into_iter().collect();
        if modules.is_empty() {
            return Err(Rejection::InvalidField("modules"));
        }
        Ok(Self(modules))
    }

    /// Reads names as they are kept; a name that this build does not know is left out, and where
    /// nothing is left nothing was said.
    #[must_use]
    pub fn known<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        let parse = |name: S| Module::ALL.into_iter().find(|m| m.name() == name.as_ref());
        Self::of(names.into_iter().filter_map(parse)).unwrap_or_default()
    }

    /// Tells whether the module is on.
    #[must_use]
    pub fn has(&self, module: Module) -> bool {
        self.0.contains(&module)
    }

    /// Returns their names.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|module| module.name()).collect()
    }

    /// Writes them.
    #[must_use]
    pub fn draft(&self, venue: &VenueId) -> Draft {
        register("venue", venue.as_str(), "use", json!({"modules": self.names()}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_one_module_or_to_every_venue() {
        for (path, module) in [
            ("/", None),
            ("/menu", Some(Module::Ordering)),
            ("/kiosk/menu", Some(Module::Ordering)),
            ("/api/orders/{id}/paid", Some(Module::Ordering)),
            ("/api", None),
            ("/api/menu", Some(Module::Ordering)),
            ("/people", None),
            ("/settings/ordering", Some(Module::Ordering)),
            ("/api/settings/vat", Some(Module::Ordering)),
            ("/settings", None),
            ("/screens", Some(Module::Signage)),
            ("/lockers/{id}", Some(Module::Lockers)),
        ] {
            assert_eq!(Module::of(path), module, "{path}");
        }
    }

    #[test]
    fn what_says_nothing_leaves_everything_on() {
        assert_eq!(Modules::known(["of-the-future"]), Modules::default());
        assert_eq!(Modules::known(["signage", "of-the-future"]).names(), ["signage"]);
        assert!(Modules::of([]).is_err());
    }
}
