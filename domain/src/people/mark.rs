//! Marks: what shows that the home of accounts itself wrote who may do what.
//!
//! A gateway holds every row of its venue's people and can be stolen. So the home marks what it
//! writes of them with a key of its own, and takes back from a device only what it marked: after
//! its store was put back, say. It must not know how rows travel.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};
use sync_engine::{
    change::{Change, Draft},
    id::VenueId,
    seal::{derive, equal, hex},
};

/// A register that is marked: its table, its name, the fields that the mark covers, its own field,
/// and the one with the time of the home that wrote it, where a later one must not be undone.
struct Marked {
    table: &'static str,
    register: &'static str,
    covers: &'static [&'static str],
    field: &'static str,
    at: Option<&'static str>,
}

const MARKED: [Marked; 3] = [
    Marked {
        table: "person",
        register: "profile",
        covers: &["name_sealed"],
        field: "profile_mark",
        at: None,
    },
    Marked {
        table: "person",
        register: "access",
        covers: &["roles", "active", "access_ms"],
        field: "access_mark",
        at: Some("access_ms"),
    },
    Marked { table: "erasure", register: "", covers: &["at_ms"], field: "mark", at: None },
];

/// Tells whether rows of this table are marked.
#[must_use]
pub fn is_marked(table: &str) -> bool {
    MARKED.iter().any(|marked| marked.table == table)
}

/// Marks what the home writes; what needs no mark stays as it is.
#[must_use]
pub fn made(key: &[u8], venue: &VenueId, draft: &Draft, now_ms: u64) -> Draft {
    let mut draft = draft.clone();
    let known = |m: &&Marked| m.table == draft.table && m.register == draft.register;
    if let Some(marked) = MARKED.iter().find(known) {
        if let Some(at) = marked.at {
            draft.payload.insert(at.to_owned(), now_ms.into());
        }
        let mark = marked.of(key, venue, &draft.entity, &draft.payload);
        draft.payload.insert(marked.field.to_owned(), mark.into());
    }
    draft
}

/// Tells whether the home wrote all that a change or a row says of marked registers.
#[must_use]
pub fn is_genuine(key: &[u8], venue: &VenueId, change: &Change) -> bool {
    of(change).all(|marked| {
        let expected = marked.of(key, venue, &change.entity, &change.payload);
        let found = change.payload.get(marked.field).and_then(Json::as_str).unwrap_or_default();
        equal(expected.as_bytes(), found.as_bytes())
    })
}

/// Returns when the home wrote what must not be undone by something older, where it is that.
#[must_use]
pub fn written_ms(change: &Change) -> Option<i64> {
    let at = of(change).find_map(|marked| marked.at)?;
    Some(change.payload.get(at).and_then(Json::as_i64).unwrap_or_default())
}

/// The marked registers that a change writes: nothing is folded of one that it does not name.
fn of(change: &Change) -> impl Iterator<Item = &'static Marked> + '_ {
    MARKED.iter().filter(|marked| {
        marked.table == change.table && change.registers().any(|name| name == marked.register)
    })
}

impl Marked {
    fn of(&self, key: &[u8], venue: &VenueId, entity: &str, fields: &Map<String, Json>) -> String {
        let mut text = format!("{venue}/{}/{}/{}", self.table, self.register, entity.len());
        text.push_str(entity);
        for name in self.covers {
            let value = fields.get(*name).unwrap_or(&Json::Null).to_string();
            // Lengths keep what one field says from passing for the next one's.
            let _ = write!(text, "/{}/{value}", value.len());
        }
        hex(&derive(key, &text))
    }
}

#[cfg(test)]
mod tests {
    use sync_engine::{id::Writer, stamp::Hlc};

    use super::*;
    use crate::{
        access::{Role, Roles},
        people::person::{Access, PersonId, erased, named},
    };

    const KEY: &[u8] = b"the home's own";

    fn check(draft: &Draft, venue: &str, alter: impl Fn(&mut Change), genuine: bool) {
        let venue_of = VenueId::parse(venue).unwrap();
        let home = VenueId::parse("chakri").unwrap();
        let writer = Writer::parse("gateway", "a1").unwrap();
        let made = made(KEY, &home, draft, 7);
        let mut change = made.published(&writer, (1, Hlc { ms: 1, counter: 0 }));
        alter(&mut change);
        assert_eq!(is_genuine(KEY, &venue_of, &change), genuine, "{change:?}");
    }

    #[test]
    fn only_what_the_home_wrote_passes_and_only_as_it_wrote_it() {
        let person = PersonId::of(&[7; 16]);
        let access = Access { roles: Roles::of([Role::Kitchen]), active: true };
        let field = |name: &'static str, value: Json| {
            move |change: &mut Change| {
                change.payload.insert(name.to_owned(), value.clone());
            }
        };
        for draft in [access.draft(&person), named(&person, "sealed"), erased(&person, 1)] {
            check(&draft, "chakri", |_| {}, true);
            check(&draft, "elsewhere", |_| {}, false);
            check(&draft, "chakri", |change| change.entity = "0".repeat(32), false);
        }
        let draft = access.draft(&person);
        check(&draft, "chakri", field("roles", serde_json::json!(["owner"])), false);
        check(&draft, "chakri", field("access_ms", 8.into()), false);
        check(&draft, "chakri", field("access_mark", "".into()), false);
        // One mark does not stand for another register's.
        check(&draft, "chakri", |change| change.register = "profile".to_owned(), false);
        check(&draft, "chakri", |change| change.register = "profile,access".to_owned(), false);
        check(&draft, "chakri", |change| change.register = "access,elsewhere".to_owned(), true);
    }
}
