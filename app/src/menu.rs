//! What is on sale now: the newest published version of which all pages are here, with what is sold
//! out and what time of day it is.
//!
//! Pages are named after their content, so what was read of them once stays right for ever: it is
//! kept in memory under their names, and what was drawn of it under all that is shown. It must not
//! know what somebody orders.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{
    catalogue::Catalogue,
    venue::{
        Venue,
        hours::{Hours, Moment},
    },
};

use crate::{
    App,
    call::Call,
    limits,
    locale::Locale,
    metered::Metered,
    ports::Fault,
    rows::{self, menu::Live},
    views::MenuShown,
};

pub mod edit;
pub mod picture;
pub mod publish;

/// What was read and drawn before; each is found by all that it depends on.
#[derive(Default)]
pub struct Kept {
    read: Mutex<Vec<(Vec<String>, Arc<Catalogue>)>>,
    priced: Mutex<Vec<(State, Arc<Catalogue>)>>,
    drawn: Mutex<Vec<(Look, Arc<MenuShown>)>>,
}

/// All that orders at a moment are priced by.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    pages: Vec<String>,
    version: String,
    sold_out: BTreeSet<String>,
    off: BTreeSet<String>,
    closed: bool,
}

/// All that a drawn menu depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    pages: Vec<String>,
    version: String,
    sold_out: BTreeSet<String>,
    off: BTreeSet<String>,
    locale: &'static str,
}

/// What is on sale at this moment.
pub struct OnSale {
    menu: Arc<Catalogue>,
    pages: Vec<String>,
    /// The version's id; empty where nothing was ever published.
    pub version: String,
    sold_out: BTreeSet<String>,
    off: BTreeSet<String>,
    /// Whether the venue takes no orders now.
    pub closed: bool,
    /// When it is open, and the parts of its day.
    pub hours: Hours,
}

impl OnSale {
    /// Returns it as orders are priced by it.
    #[must_use]
    pub fn catalogue(&self, app: &App) -> Arc<Catalogue> {
        let state = State {
            pages: self.pages.clone(),
            version: self.version.clone(),
            sold_out: self.sold_out.clone(),
            off: self.off.clone(),
            closed: self.closed,
        };
        find(&app.menus.priced, &state).unwrap_or_else(|| {
            let menu = Arc::new(self.now());
            keep(&app.menus.priced, state, &menu);
            menu
        })
    }

    fn now(&self) -> Catalogue {
        let mut menu = Catalogue::clone(&self.menu);
        for product in &mut menu.products {
            product.available = !self.sold_out.contains(&product.id);
        }
        let (version, off) = (self.version.clone(), self.off.clone());
        Catalogue { version, off, closed: self.closed, ..menu }
    }

    /// Returns it as customers see it.
    #[must_use]
    pub fn shown(&self, app: &App, locale: Locale) -> Arc<MenuShown> {
        let look = Look {
            pages: self.pages.clone(),
            version: self.version.clone(),
            sold_out: self.sold_out.clone(),
            off: self.off.clone(),
            locale: locale.code(),
        };
        find(&app.menus.drawn, &look).unwrap_or_else(|| {
            let menu = crate::pages::present::menu(&self.now(), locale);
            let shown = Arc::new(MenuShown::new(locale, &menu));
            keep(&app.menus.drawn, look, &shown);
            shown
        })
    }
}

/// Loads what is on sale at the venue of a request.
///
/// # Errors
/// Fails when the database does.
pub async fn of(call: &Call) -> Result<OnSale, crate::problem::Problem> {
    Ok(on_sale(&call.app, &call.db, &call.here()?.venue).await?)
}

/// Loads what is on sale.
///
/// # Errors
/// Fails when the database does.
pub async fn on_sale(app: &App, db: &Metered, venue: &Venue) -> Result<OnSale, Fault> {
    let Live { newest, sold_out, hours } = rows::menu::live(db, &venue.id, &app.host.side).await?;
    let (off, closed) = by_the_clock(&hours, venue, app.clock.now_ms());
    for version in newest {
        let menu = match find(&app.menus.read, &version.pages) {
            Some(menu) => menu,
            None => {
                let pages = rows::menu::pages(db, &venue.id, &version.pages).await?;
                let Some(pages) = pages else {
                    tracing::error!(version = version.id, "a page is not what its name says");
                    continue;
                };
                let menu = Arc::new(domain::menu::bound(pages));
                keep(&app.menus.read, version.pages.clone(), &menu);
                menu
            }
        };
        let (pages, version) = (version.pages, version.id);
        return Ok(OnSale { menu, pages, version, sold_out, off, closed, hours });
    }
    let (menu, pages, version) = (Arc::default(), Vec::new(), String::new());
    Ok(OnSale { menu, pages, version, sold_out, off, closed, hours })
}

/// Loads what editors have, as customers would see it now.
///
/// # Errors
/// Fails when the database does.
pub async fn draft(app: &App, db: &Metered, venue: &Venue) -> Result<Catalogue, Fault> {
    let hours = rows::catalogue::hours(db, &venue.id).await?;
    let draft = rows::catalogue::load(db, &venue.id).await?;
    let (off, closed) = by_the_clock(&hours, venue, app.clock.now_ms());
    Ok(Catalogue { off, closed, ..draft })
}

/// A clock that shows no time closes nothing.
fn by_the_clock(hours: &Hours, venue: &Venue, now_ms: u64) -> (BTreeSet<String>, bool) {
    Moment::at(&venue.time_zone, now_ms)
        .map_or_else(Default::default, |now| (hours.off(now), !hours.is_open(now)))
}

fn find<K: PartialEq, V>(kept: &Mutex<Vec<(K, Arc<V>)>>, key: &K) -> Option<Arc<V>> {
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.iter().find(|(known, _)| known == key).map(|(_, value)| Arc::clone(value))
}

fn keep<K, V>(kept: &Mutex<Vec<(K, Arc<V>)>>, key: K, value: &Arc<V>) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.insert(0, (key, Arc::clone(value)));
    kept.truncate(limits::MENUS_KEPT);
}
