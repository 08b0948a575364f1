//! Members' cards: given at the home of accounts, recognised at any counter, also offline.
//!
//! Recognising spends nothing: whoever acts on it asks for what that wants. It must not know pages.

use axum::http::StatusCode;
use domain::{
    access::Roles,
    audit::Act,
    people::{person::PersonId, pin},
    trust::{
        Document, Id, InTime, PublicKey, Window,
        card::Card,
        limits::CARD_MS,
        revocation::{self, Subject},
        shown::Shown,
    },
};
use serde_json::json;
use sync_engine::{
    change::Draft,
    statement::{Batch, Statement},
};

use crate::{
    api::setup::GATEWAY,
    audit::{self, Noted},
    call::{Call, Tries, Written},
    once,
    people::{account::slow, directory, staff::at_home},
    ports::CommitFault,
    problem::Problem,
    rate,
    rows::{integer, text},
    session, time, trust,
};

/// Under which name the codes that phones showed are remembered.
const SHOWN: &str = "membership";

/// Where a card is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// In a phone, which proves it.
    Phone,
    /// On paper; its member knows a PIN.
    Paper,
}

impl Means {
    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Paper => "paper",
        }
    }
}

/// A card that somebody has.
#[derive(Debug, Clone)]
pub struct Listed {
    /// By what it is ended.
    pub id: String,
    /// In the phone, or on paper.
    pub is_phone: bool,
    /// Until when it holds.
    pub ends_ms: u64,
}

/// Lists the cards that somebody has at the venue.
///
/// # Errors
/// Fails when the database does.
pub async fn list(call: &Call) -> Result<Vec<Listed>, Problem> {
    let sql = "SELECT id, means, ends_ms FROM member_card WHERE person = ?1 AND venue = ?2 \
         AND ends_ms > ?3 ORDER BY means, id";
    let person = call.visitor()?.person.as_str();
    let now_ms = call.app.clock.now_ms() as i64;
    let params = vec![person.into(), call.here()?.venue.id.as_str().into(), now_ms.into()];
    let rows = call.db.rows(Statement::new(sql, params)).await?;
    let one = |row| -> Result<Listed, Problem> {
        Ok(Listed {
            id: text(row, "id")?,
            is_phone: text(row, "means")? == Means::Phone.name(),
            ends_ms: integer(row, "ends_ms")?.unsigned_abs(),
        })
    };
    rows.iter().map(one).collect()
}

/// Gives whoever is signed in a card, in the place of the one of that kind that they have.
///
/// # Errors
/// Refuses whoever is no member here, and who asks too often.
pub async fn issue(call: &Call, holder: Option<PublicKey>) -> Result<Document<Card>, Problem> {
    at_home(call)?;
    let person = &call.visitor()?.person;
    member(call, person).await?;
    rate::take(call, &rate::CARD, person.as_str()).await?;
    let venue = &call.here()?.venue.id;
    let now_ms = call.app.clock.now_ms();
    let card = Card {
        id: trust::draw(call.app.entropy.as_ref())?,
        venue: venue.clone(),
        member: Id::parse(person.as_str())?,
        holder,
        window: Window { from_ms: now_ms, until_ms: now_ms + CARD_MS },
    };
    let root = call.app.host.root_key();
    let root = root.ok_or_else(|| Problem::internal("a home of accounts has no root"))?;
    let document = Document::sign(&root, &card)?;
    let means = if holder.is_some() { Means::Phone } else { Means::Paper };
    let sql = "INSERT INTO member_card (id, venue, person, means, made_ms, ends_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let params = vec![
        card.id.to_string().into(),
        venue.as_str().into(),
        person.as_str().into(),
        means.name().into(),
        (now_ms as i64).into(),
        (card.window.until_ms as i64).into(),
    ];
    let kept = Statement::exactly(1, sql, params);
    let detail = json!({"card": means.name()});
    let noted = Noted { act: Act::CardIssued, actor: "", subject: person.as_str(), detail };
    let mut tries = Tries::default();
    loop {
        let former = list(call).await?;
        let former = former.iter().filter(|card| card.is_phone == (means == Means::Phone));
        let (drafts, mut local) = ended(former, now_ms)?;
        local.push(kept.clone());
        if audit::commit(call, &noted, (drafts, local)).await? == Written::Done {
            return Ok(document);
        }
        tries.again()?;
    }
}

/// Ends a card of whoever is signed in: it is revoked everywhere.
///
/// # Errors
/// Refuses a card that is not theirs.
pub async fn end(call: &Call, id: &str) -> Result<(), Problem> {
    at_home(call)?;
    let subject = call.visitor()?.person.as_str();
    let noted = Noted { act: Act::CardEnded, actor: "", subject, detail: json!({}) };
    let mut tries = Tries::default();
    loop {
        let cards = list(call).await?;
        let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_card");
        let card = cards.iter().find(|card| card.id == id).ok_or_else(unknown)?;
        let written = ended(std::iter::once(card), call.app.clock.now_ms())?;
        if audit::commit(call, &noted, written).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

fn ended<'a>(
    cards: impl Iterator<Item = &'a Listed>,
    now_ms: u64,
) -> Result<(Vec<Draft>, Batch), Problem> {
    let (mut drafts, mut local) = (Vec::new(), Batch::new());
    for card in cards {
        let subject = Subject::Document(Id::parse(&card.id)?);
        drafts.extend(revocation::revoke(subject, false, now_ms));
        let sql = "DELETE FROM member_card WHERE id = ?1";
        local.push(Statement::exactly(1, sql, vec![card.id.as_str().into()]));
    }
    Ok((drafts, local))
}

/// Somebody whom the counter has recognised.
#[derive(Debug, Clone)]
pub struct Recognised {
    /// Who.
    pub person: PersonId,
    /// Their name; none where their key is not here.
    pub name: Option<String>,
    /// As what they are here.
    pub roles: Roles,
    /// How they proved it.
    pub means: Means,
}

/// Recognises whoever shows a card: their phone signed it just now, or they know its PIN.
///
/// # Errors
/// Refuses what does not hold, what was shown before, and what the clock here cannot judge.
pub async fn recognise(call: &Call, shown: &str, pin: &str) -> Result<Recognised, Problem> {
    let shown = Shown::read(shown)?;
    let venue = &call.here()?.venue.id;
    // A gateway that was alone too long knows neither who was barred nor which card was lost.
    time::check_contact(&call.app, &call.db, venue).await?;
    let id = Document::<Card>::read(&shown.card)?.claim().id;
    let verifier = trust::verifier(&call.app, &call.db, venue, &[id]).await?;
    let now = time::load(&call.app, &call.db, venue).await?;
    let (card, in_time) = match &shown.proof {
        Some(proof) => {
            let (card, proof) = verifier.verify_membership(&shown.card, proof, &now)?;
            (card.body, proof.in_time)
        }
        None => {
            let card = verifier.verify::<Card>(&shown.card, &now)?;
            (card.body, card.in_time)
        }
    };
    if in_time != InTime::Yes {
        return Err(Problem::new(StatusCode::CONFLICT, "time_uncertain"));
    }
    let person = PersonId::of(&card.member.0);
    let found = member(call, &person).await?;
    let means = match (&shown.proof, card.holder) {
        (Some(proof), _) => shown_once(call, proof).await.map(|()| Means::Phone)?,
        (None, None) => knows(call, &person, pin).await.map(|()| Means::Paper)?,
        (None, Some(_)) => {
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "phone_wanted"));
        }
    };
    Ok(Recognised { name: found.name, roles: found.access.roles, means, person })
}

/// Finds a member who may come here.
async fn member(call: &Call, person: &PersonId) -> Result<directory::Member, Problem> {
    let venue = &call.here()?.venue.id;
    let found = directory::find(&call.app.host, &call.db, (venue, person)).await?;
    let found = found.filter(|found| found.access.active && found.access.roles.is_member());
    found.ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "not_a_member"))
}

/// A code that was shown here before is a photograph of it.
async fn shown_once(call: &Call, proof: &[u8]) -> Result<(), Problem> {
    const { assert!(crate::limits::NONCE_MS > 2 * *domain::trust::limits::MEMBERSHIP_MS.end()) };
    let hash = session::hash(&domain::trust::text::to_qr(proof));
    let batch = once::keep(SHOWN, hash.get(..32).unwrap_or_default(), call.app.clock.now_ms());
    match call.db.commit(&batch).await {
        Ok(()) => Ok(()),
        Err(CommitFault::Conflict) => Err(Problem::new(StatusCode::CONFLICT, "code_shown_before")),
        Err(CommitFault::Fault(fault)) => Err(fault.into()),
    }
}

async fn knows(call: &Call, person: &PersonId, given: &str) -> Result<(), Problem> {
    if given.is_empty() {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "pin_wanted"));
    }
    let venue = &call.here()?.venue.id;
    let none = || Problem::new(StatusCode::CONFLICT, "no_pins_here");
    let key = call.here()?.pin_key(&call.app.host).ok_or_else(none)?;
    let tried = format!("card/{person}");
    rate::take(call, &rate::PIN, &tried).await?;
    let kept = directory::verifier(&call.db, venue, (GATEWAY, person)).await?;
    let (given, whose) = (given.to_owned(), person.clone());
    if !slow(&call.app, move || pin::verify(&key, &whose, (&given, &kept))).await? {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_pin"));
    }
    Ok(call.db.commit(&[rate::forget(call, &rate::PIN, &tried)]).await?)
}
