//! Owns what surrounds every page: language, venue name, skin, home, and data for the scripts.
//! It must not know any one page.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;

use crate::locale::Locale;

/// Where a page is shown; it decides skin, size and manners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// The public site, on a customer's phone or computer.
    Web,
    /// The ordering kiosk: a shared touch screen that forgets each customer.
    Kiosk,
    /// A screen for staff.
    Staff,
}

/// The frame that every page carries.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The reader's language.
    pub locale: Locale,
    /// The name that the venue shows to its customers; the product's name where there is none.
    pub venue_name: String,
    /// Path and query of this page without `lang`, for the language switch: `/menu`.
    pub path: String,
    /// Where the page is shown.
    pub surface: Surface,
    /// True in demo mode only: the page says so, and nobody mistakes it for a real shop.
    pub demo: bool,
    /// Scripts may listen for changes instead of asking now and then.
    pub live: bool,
    /// What forms and scripts send back, so that no other site can send them.
    pub csrf: String,
    /// Somebody is signed in.
    pub signed_in: bool,
    /// Whoever is signed in does not work here.
    pub guest: bool,
    /// The reader wants large letters and strong contrasts.
    pub comfort: bool,
}

impl Shell {
    /// Returns the text of a key in the reader's language.
    pub fn t<'a>(&self, key: &'a str) -> &'a str {
        self.locale.t(key)
    }

    /// Returns the text of a key with one value filled in.
    pub fn t_with(&self, key: &str, name: &str, value: &str) -> String {
        self.locale.t_with(key, &[(name, value)])
    }

    /// Returns the name of the style sheet in `skins/` that this page wears.
    pub fn skin(&self) -> &'static str {
        match self.surface {
            Surface::Web | Surface::Kiosk => "ordering",
            Surface::Staff => "admin",
        }
    }

    /// Returns the class that marks the surface.
    pub fn surface_class(&self) -> &'static str {
        match self.surface {
            Surface::Web => "surface-web",
            Surface::Kiosk => "surface-kiosk",
            Surface::Staff => "surface-staff",
        }
    }

    /// Tells whether this is the kiosk.
    pub fn is_kiosk(&self) -> bool {
        self.surface == Surface::Kiosk
    }

    /// Returns where this surface starts.
    pub fn home_href(&self) -> &'static str {
        match self.surface {
            Surface::Web => "/",
            Surface::Kiosk => "/kiosk",
            Surface::Staff if self.guest => "/",
            Surface::Staff => "/staff",
        }
    }

    /// Returns where this surface shows the menu.
    pub fn menu_href(&self) -> &'static str {
        match self.surface {
            Surface::Web | Surface::Staff => "/menu",
            Surface::Kiosk => "/kiosk/menu",
        }
    }

    /// Returns every language, for the switch.
    pub fn locales(&self) -> [Locale; 3] {
        Locale::ALL
    }

    /// Returns this page's address in another language.
    pub fn lang_href(&self, locale: &Locale) -> String {
        let joint = if self.path.contains('?') { '&' } else { '?' };
        format!("{}{joint}lang={}", self.path, locale.code())
    }

    /// Returns this page's address with large letters and strong contrasts, or without.
    pub fn comfort_href(&self) -> String {
        let joint = if self.path.contains('?') { '&' } else { '?' };
        format!("{}{joint}comfort={}", self.path, u8::from(!self.comfort))
    }

    /// Returns the texts of the named sections as JSON for the page's scripts.
    ///
    /// Templates name few selections, and each is written once: a menu's page has more of them than
    /// of anything else.
    pub fn texts(&self, sections: &str) -> Arc<str> {
        static KEPT: Mutex<BTreeMap<Locale, BTreeMap<String, Arc<str>>>> =
            Mutex::new(BTreeMap::new());
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        let of_locale = kept.entry(self.locale).or_default();
        if let Some(texts) = of_locale.get(sections) {
            return Arc::clone(texts);
        }
        let texts: Arc<str> = self.written(sections).into();
        of_locale.insert(sections.to_owned(), Arc::clone(&texts));
        texts
    }

    fn written(&self, sections: &str) -> String {
        #[derive(Serialize)]
        struct Texts<'a> {
            locale: &'a str,
            texts: std::collections::BTreeMap<&'static str, &'static str>,
        }
        let texts = self.locale.sections(sections);
        script_json(&Texts { locale: self.locale.code(), texts })
    }
}

/// Writes data so that it may stand inside a `<script type="application/json">` element.
pub(super) fn script_json<T: Serialize>(data: &T) -> String {
    // Plain strings and numbers cannot fail to serialise; an empty object keeps a page readable.
    let json = serde_json::to_string(data).unwrap_or_else(|_| "{}".to_owned());
    // `</script>` and `<!--` would end or confuse the element: JSON may spell them otherwise.
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}
