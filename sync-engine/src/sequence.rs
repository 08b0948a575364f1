//! A sequence: a set whose members stand in an order that anybody may change, also apart.
//!
//! Where a member stands is a text; members sort by it, then by id. Between two texts there is
//! always another, so moving one member writes one register. Two people who put something at the
//! same place get neighbours; whoever moves one member last decides where it stands. This must not
//! know what the members are.

use serde_json::{Map, Value as Json};

use crate::{
    change::Draft,
    limits::POSITION_CHARS,
    shape::{PLACE, POSITION},
};

/// In the order in which SQLite sorts them.
const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits of a position when all are given out anew: room for 14 million.
const WIDTH: u32 = 4;

/// A member and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// Where it stands.
    pub position: String,
    /// Which one it is.
    pub id: String,
}

/// Returns the draft that adds a member; its id must be new.
#[must_use]
pub fn add(table: &'static str, member: Member, fields: Map<String, Json>) -> Draft {
    let mut payload = fields;
    payload.insert(POSITION.to_owned(), member.position.into());
    Draft { table, entity: member.id, register: ",place", payload, number: None }
}

/// Returns the draft that puts a member elsewhere.
#[must_use]
pub fn put(table: &'static str, member: Member) -> Draft {
    let payload = Map::from_iter([(POSITION.to_owned(), Json::from(member.position))]);
    Draft { table, entity: member.id, register: PLACE, payload, number: None }
}

/// Decides who stands where so that `id`, which may be new, becomes the member number `to` of a
/// list in order; mostly that is `id` alone.
///
/// The salt, a few letters or digits drawn by chance, keeps apart what two people put at one place.
/// Where positions have grown too long all are given out anew, which may be more than one write
/// takes.
#[must_use]
pub fn place(members: &[Member], id: &str, to: usize, salt: &str) -> Vec<Member> {
    let others: Vec<&Member> = members.iter().filter(|member| member.id != id).collect();
    let to = to.min(others.len());
    let (before, after) = others.split_at(to);
    let low = before.last().map_or("", |member| member.position.as_str());
    // Who stands at the very place of the one before makes room.
    let run = after.iter().take_while(|member| member.position.as_str() <= low).count();
    let high = after.get(run).map(|member| member.position.as_str());
    let moved = std::iter::once(id).chain(after.iter().take(run).map(|m| m.id.as_str()));
    let mut placed: Vec<Member> = Vec::new();
    for id in moved {
        let low = placed.last().map_or(low, |member| member.position.as_str());
        let position = between(low, high).map(|position| position + salt);
        match position.filter(|position| position.len() <= POSITION_CHARS) {
            Some(position) => placed.push(Member { position, id: id.to_owned() }),
            None => return anew(before, id, after),
        }
    }
    placed
}

/// Returns a text between two others, or after the first; none when the second does not lie after
/// the first, or is no position.
fn between(low: &str, high: Option<&str>) -> Option<String> {
    let digits = |text: &str| text.bytes().map(digit).collect::<Option<Vec<usize>>>();
    let low = digits(low)?;
    let mut high = high.map(digits).map_or(Some(None), |high| high.map(Some))?;
    let mut found = Vec::new();
    for place in 0.. {
        let least = low.get(place).copied().unwrap_or_default();
        let Some(bound) = &high else {
            // Most is added at the end: steps are small there.
            if least + 1 < DIGITS.len() {
                found.push(least + 1);
                break;
            }
            found.push(least);
            continue;
        };
        let most = *bound.get(place)?;
        if most > least + 1 {
            found.push(usize::midpoint(least, most));
            break;
        }
        if most < least {
            return None;
        }
        found.push(least);
        if most > least {
            high = None;
        }
    }
    Some(found.into_iter().filter_map(|digit| DIGITS.get(digit).copied()).map(char::from).collect())
}

fn digit(byte: u8) -> Option<usize> {
    DIGITS.binary_search(&byte).ok()
}

fn anew(before: &[&Member], id: &str, after: &[&Member]) -> Vec<Member> {
    let ids = before.iter().map(|m| m.id.as_str()).chain([id]);
    let ids: Vec<&str> = ids.chain(after.iter().map(|m| m.id.as_str())).collect();
    let step = DIGITS.len().pow(WIDTH) / (ids.len() + 1);
    let member = |(number, id): (usize, &&str)| {
        let mut rest = (number + 1) * step;
        let mut position = [b'0'; WIDTH as usize];
        for place in position.iter_mut().rev() {
            *place = DIGITS.get(rest % DIGITS.len()).copied().unwrap_or(b'0');
            rest /= DIGITS.len();
        }
        Member { position: position.map(char::from).iter().collect(), id: (*id).to_owned() }
    };
    ids.iter().enumerate().map(member).collect()
}
