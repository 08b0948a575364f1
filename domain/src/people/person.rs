//! A person as a venue's replicas know them: a sealed name, what they are here, whether they still
//! are. The home of accounts alone writes it.
//!
//! It must not know addresses, passwords or sessions: those never leave the home.

use std::fmt;

use serde_json::json;
use sync_engine::{change::Draft, statement::Statement};

use crate::{
    Rejection,
    access::{Role, Roles},
    catalogue::register,
    limits,
};

/// A person's id: 128 random bits, which say nothing of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonId(String);

impl PersonId {
    /// Bytes of an id.
    pub const BYTES: usize = 16;

    /// Makes an id of random bytes.
    #[must_use]
    pub fn of(bytes: &[u8; Self::BYTES]) -> Self {
        Self(sync_engine::seal::hex(bytes))
    }

    /// Reads an id; none where it is not 32 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (digits && text.len() == 2 * Self::BYTES).then(|| Self(text.to_owned()))
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a person is at a venue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// As what they are here.
    pub roles: Roles,
    /// They are not barred.
    pub active: bool,
}

impl Access {
    /// Tells whether it is that of an owner who may act.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.active && self.roles.has(Role::Owner)
    }

    /// Writes it.
    #[must_use]
    pub fn draft(&self, person: &PersonId) -> Draft {
        let fields = json!({"roles": self.roles.names(), "active": i64::from(self.active)});
        register("person", person.as_str(), "access", fields)
    }
}

/// Writes the name by which colleagues know a person; it is sealed with the person's key.
#[must_use]
pub fn named(person: &PersonId, name_sealed: &str) -> Draft {
    register("person", person.as_str(), "profile", json!({"name_sealed": name_sealed}))
}

/// Writes that a person was erased: every replica drops their key.
#[must_use]
pub fn erased(person: &PersonId, now_ms: u64) -> Draft {
    register("erasure", person.as_str(), "", json!({"at_ms": now_ms}))
}

/// Says what a sealed name is about, so that it opens nowhere else.
#[must_use]
pub fn name_place(person: &PersonId) -> String {
    format!("person/{person}/name")
}

/// Reads a name: what people call themselves, in one line.
///
/// # Errors
/// Refuses an empty, endless or unprintable one.
pub fn name(text: &str) -> Result<String, Rejection> {
    let name = text.trim();
    let is_plain = |c: char| !c.is_control() && !is_invisible(c);
    let fits = (1..=limits::PERSON_NAME_CHARS).contains(&name.chars().count());
    if fits && name.chars().all(is_plain) {
        Ok(name.to_owned())
    } else {
        Err(Rejection::InvalidField("name"))
    }
}

/// Characters that show nothing, or turn the direction of what follows.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Who changes what somebody else is.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// Who.
    pub person: &'a PersonId,
    /// As what they are here.
    pub roles: &'a Roles,
}

/// Decides a change of what somebody is at the venue; `owners` counts the owners who may act.
///
/// # Errors
/// Refuses to take away the last owner or the actor's own last right by accident, and to let a
/// manager make, change or bar an owner.
pub fn change_access(
    actor: &Actor<'_>,
    (person, before): (&PersonId, &Access),
    after: &Access,
    owners: u32,
) -> Result<Option<Draft>, Rejection> {
    if before == after {
        return Ok(None);
    }
    let touches_owner = before.roles.has(Role::Owner) || after.roles.has(Role::Owner);
    if touches_owner && !actor.roles.has(Role::Owner) {
        return Err(Rejection::OnlyOwners);
    }
    if before.is_owner() && !after.is_owner() && owners <= 1 {
        return Err(Rejection::LastOwner);
    }
    let right = crate::access::Right::People;
    if person == actor.person && !(after.active && after.roles.may(right)) {
        return Err(Rejection::OwnLastRight);
    }
    Ok(Some(after.draft(person)))
}

/// Returns the statement that undoes a batch after which a venue would have no owner: two owners
/// may each bar the other at one time.
#[must_use]
pub fn owner_stays(venue: &str) -> Statement {
    let sql = "UPDATE local_venue SET learnt = learnt WHERE venue = ?1 AND EXISTS (SELECT 1 \
         FROM person p, json_each(p.roles) r \
         WHERE p.venue = ?1 AND p.active = 1 AND r.value = 'owner')";
    Statement::exactly(1, sql, vec![venue.into()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: &str) -> PersonId {
        PersonId::parse(&digit.repeat(32)).unwrap()
    }

    fn access(roles: &[Role], active: bool) -> Access {
        Access { roles: Roles::of(roles.iter().copied()), active }
    }

    #[test]
    fn nobody_takes_away_the_last_owner_or_their_own_last_right() {
        use Role::{Counter, Kitchen, Manager, Owner};
        let gone = |roles: &[Role]| access(roles, false);
        let here = |roles: &[Role]| access(roles, true);
        for (actor, whom, before, after, owners, expected) in [
            (("a", Owner), "b", here(&[Kitchen]), here(&[Counter]), 1, Ok(true)),
            (("a", Owner), "b", here(&[Kitchen]), here(&[Kitchen]), 1, Ok(false)),
            (("a", Owner), "a", here(&[Owner]), here(&[Manager]), 1, Err(Rejection::LastOwner)),
            (("a", Owner), "a", here(&[Owner]), here(&[Manager]), 2, Ok(true)),
            (("a", Owner), "a", here(&[Owner]), here(&[Kitchen]), 2, Err(Rejection::OwnLastRight)),
            (("a", Owner), "a", here(&[Owner]), gone(&[Owner]), 2, Err(Rejection::OwnLastRight)),
            (("a", Owner), "b", here(&[Owner]), gone(&[Owner]), 2, Ok(true)),
            (("a", Owner), "b", gone(&[Owner]), gone(&[]), 1, Ok(true)),
            (("a", Manager), "b", here(&[Owner]), gone(&[Owner]), 2, Err(Rejection::OnlyOwners)),
            (("a", Manager), "b", here(&[Kitchen]), here(&[Owner]), 2, Err(Rejection::OnlyOwners)),
            (("a", Manager), "a", here(&[Manager]), here(&[Owner]), 2, Err(Rejection::OnlyOwners)),
            (("a", Manager), "a", here(&[Manager]), here(&[]), 2, Err(Rejection::OwnLastRight)),
            (("a", Manager), "b", here(&[Manager]), gone(&[Manager]), 2, Ok(true)),
        ] {
            let roles = Roles::of([actor.1]);
            let actor_id = id(actor.0);
            let actor = Actor { person: &actor_id, roles: &roles };
            let decided = change_access(&actor, (&id(whom), &before), &after, owners);
            assert_eq!(decided.map(|draft| draft.is_some()), expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn a_name_is_one_line_that_can_be_read() {
        for (text, expected) in [
            (" Camille ", Ok("Camille".to_owned())),
            ("Zoë d'Aubigné-Müller", Ok("Zoë d'Aubigné-Müller".to_owned())),
            ("", Err(Rejection::InvalidField("name"))),
            ("a\nb", Err(Rejection::InvalidField("name"))),
            ("a\u{202e}b", Err(Rejection::InvalidField("name"))),
            ("a\u{200b}b", Err(Rejection::InvalidField("name"))),
        ] {
            assert_eq!(name(text), expected, "{text:?}");
        }
        assert!(name(&"x".repeat(200)).is_err());
    }

    #[test]
    fn an_id_is_32_digits() {
        for (text, ok) in [("0".repeat(32), true), ("0".repeat(31), false), ("G".repeat(32), false)]
        {
            assert_eq!(PersonId::parse(&text).is_some(), ok, "{text}");
        }
    }
}
