//! An account: how somebody signs in at the home of accounts.
//!
//! The row names no address in clear: it is found by a keyed hash, and read with the person's key.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::people::{
    address::Address,
    password::{self, SALT_BYTES, Verdict},
    person::{PersonId, name_place},
};
use serde::{Deserialize, Serialize};
use sync_engine::{
    id::VenueId,
    seal::{derive, hex, mac},
    statement::{Statement, Value},
};

use crate::{
    App,
    call::Call,
    host::Host,
    metered::Metered,
    people::keys::{self, PersonKey, fill},
    ports::{Fault, Row},
    problem::Problem,
    rows::{integer, json, text},
};

/// An account as it is kept.
#[derive(Debug, Clone)]
pub struct Account {
    /// Whose.
    pub person: PersonId,
    /// The address, sealed.
    pub email_sealed: String,
    /// The name, sealed.
    pub name_sealed: String,
    /// When the address was proved; 0 before.
    pub confirmed_ms: i64,
    /// The kept password; empty where there is none.
    pub password: String,
    /// The second factor, sealed; empty where there is none.
    pub totp: String,
    /// The step of the last code that was accepted.
    pub totp_step: i64,
    /// The hashes of the recovery codes that are left.
    pub recovery: Vec<String>,
    /// They open venues on this host.
    pub platform: bool,
    /// They may not sign in anywhere on this host.
    pub barred: bool,
    /// A provider vouches for the address: it is changed there.
    pub locked: bool,
    /// The file of their photo; empty where there is none.
    pub photo: String,
    /// To what of each venue they agreed.
    pub agreed: BTreeMap<String, Agreed>,
}

/// An agreement to a venue's notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// The version of the notice.
    pub since_ms: i64,
    /// When they agreed.
    pub at_ms: i64,
}

impl Account {
    /// Returns an account as it is while it is made: nothing but its person is known of it.
    #[must_use]
    pub fn fresh(person: PersonId) -> Self {
        Self {
            person,
            email_sealed: String::new(),
            name_sealed: String::new(),
            confirmed_ms: 0,
            password: String::new(),
            totp: String::new(),
            totp_step: 0,
            recovery: Vec::new(),
            platform: false,
            barred: false,
            locked: false,
            agreed: BTreeMap::new(),
            photo: String::new(),
        }
    }

    /// Tells whether somebody registered it and has not proved the address yet.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.confirmed_ms == 0 && !self.password.is_empty()
    }
}

const COLUMNS: &str = "person, email_sealed, name_sealed, confirmed_ms, password, totp, \
     totp_step, recovery, platform, barred, locked, agreed, photo";

/// Where a restored store still has the account of somebody who was erased, it is nobody's.
const ALIVE: &str = "NOT EXISTS (SELECT 1 FROM erasure e WHERE e.id = a.person)";

/// Loads the account of an address.
///
/// # Errors
/// Fails when the database does.
pub async fn by_address(
    app: &App,
    db: &Metered,
    address: &Address,
) -> Result<Option<Account>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM account a WHERE a.email_index = ?1 AND {ALIVE}");
    first(db, Statement::new(sql, vec![index(&app.host, address).into()])).await
}

/// Loads a person's account.
///
/// # Errors
/// Fails when the database does.
pub async fn of(db: &Metered, person: &PersonId) -> Result<Option<Account>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM account a WHERE a.person = ?1 AND {ALIVE}");
    first(db, Statement::new(sql, vec![person.as_str().into()])).await
}

async fn first(db: &Metered, query: Statement) -> Result<Option<Account>, Fault> {
    db.rows(query).await?.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Account, Fault> {
    let person = PersonId::parse(&text(row, "person")?);
    Ok(Account {
        person: person.ok_or_else(|| Fault::lasting("an account has no person"))?,
        email_sealed: text(row, "email_sealed")?,
        name_sealed: text(row, "name_sealed")?,
        confirmed_ms: integer(row, "confirmed_ms")?,
        password: text(row, "password")?,
        totp: text(row, "totp")?,
        totp_step: integer(row, "totp_step")?,
        recovery: json(row, "recovery")?,
        platform: integer(row, "platform")? != 0,
        barred: integer(row, "barred")? != 0,
        locked: integer(row, "locked")? != 0,
        agreed: json(row, "agreed")?,
        photo: text(row, "photo")?,
    })
}

/// What a new account is made of.
#[derive(Debug)]
pub struct New<'a> {
    /// Whose.
    pub person: &'a PersonId,
    /// Their key.
    pub key: &'a PersonKey,
    /// Their address.
    pub address: &'a Address,
    /// Their name.
    pub name: &'a str,
    /// The kept password; empty where they choose one later.
    pub password: String,
    /// They proved the address.
    pub confirmed: bool,
    /// They open venues on this host.
    pub platform: bool,
    /// A provider vouches for the address.
    pub locked: bool,
    /// The venue at which it is made, which writes to them.
    pub venue: &'a VenueId,
    /// The version of the venue's notice that they agreed to.
    pub agreed: Option<i64>,
}

/// Returns the statements that make an account; an address that has one makes the batch abort.
///
/// # Errors
/// Fails when the host has no randomness.
pub fn make(app: &App, new: &New<'_>) -> Result<Vec<Statement>, Problem> {
    let now_ms = app.clock.now_ms() as i64;
    let entropy = app.entropy.as_ref();
    let seal = |place: &str, text: &str| new.key.seal(entropy, place, text);
    let params: Vec<Value> = vec![
        new.person.as_str().into(),
        index(&app.host, new.address).into(),
        seal(&email_place(new.person), new.address.as_str())?.into(),
        seal(&name_place(new.person), new.name)?.into(),
        (if new.confirmed { now_ms } else { 0 }).into(),
        new.password.as_str().into(),
        i64::from(new.platform).into(),
        now_ms.into(),
        i64::from(new.locked).into(),
        new.venue.as_str().into(),
        agreements(new, now_ms).into(),
    ];
    let sql = "INSERT INTO account (person, email_index, email_sealed, name_sealed, confirmed_ms, \
         password, platform, made_ms, seen_ms, locked, venue, agreed) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?10, ?11) \
         ON CONFLICT DO NOTHING";
    Ok(vec![
        Statement::exactly(1, sql, params),
        keys::keep(&app.host, entropy, (new.person, new.key))?,
    ])
}

fn agreements(new: &New<'_>, at_ms: i64) -> String {
    let agreed = new.agreed.map(|since_ms| (new.venue.as_str(), Agreed { since_ms, at_ms }));
    serde_json::json!(BTreeMap::from_iter(agreed)).to_string()
}

/// Returns the statement that notes that a person agrees to a venue's notice.
#[must_use]
pub fn agree(person: &PersonId, venue: &VenueId, agreed: Agreed) -> Statement {
    let sql = "UPDATE account SET agreed = json_set(agreed, '$.\"' || ?2 || '\"', json(?3)) \
         WHERE person = ?1";
    let agreed = serde_json::json!(agreed).to_string();
    let params = vec![person.as_str().into(), venue.as_str().into(), agreed.into()];
    Statement::exactly(1, sql, params)
}

/// Returns the statement that keeps another password.
#[must_use]
pub fn set_password(person: &PersonId, kept: &str) -> Statement {
    let sql = "UPDATE account SET password = ?2 WHERE person = ?1";
    Statement::exactly(1, sql, vec![person.as_str().into(), kept.into()])
}

/// Returns the statement that notes that the address was proved.
#[must_use]
pub fn confirm(person: &PersonId, now_ms: u64) -> Statement {
    let sql = "UPDATE account SET confirmed_ms = ?2 WHERE person = ?1 AND confirmed_ms = 0";
    Statement::new(sql, vec![person.as_str().into(), (now_ms as i64).into()])
}

/// Says what a sealed address is about.
#[must_use]
pub fn email_place(person: &PersonId) -> String {
    format!("person/{person}/email")
}

/// Returns by what an address is found: whoever reads the database learns no address from it.
#[must_use]
pub fn index(host: &Host, address: &Address) -> String {
    let key = derive(host.secret.expose(), "email-index");
    hex(&mac(&key, address.as_str().as_bytes()))
}

/// Draws a person's id.
///
/// # Errors
/// Fails when the host has no randomness.
pub fn draw_person(app: &App) -> Result<PersonId, Problem> {
    Ok(PersonId::of(&fill(app.entropy.as_ref())?))
}

/// Hashes a password for keeping, where the host does slow work.
///
/// # Errors
/// Fails when the host has no randomness, or too much slow work waits.
pub async fn keep_password(app: &App, password: &str) -> Result<String, Problem> {
    let salt: [u8; SALT_BYTES] = fill(app.entropy.as_ref())?;
    let password = password.to_owned();
    slow(app, move || password::hash(&password, &salt)).await
}

/// Compares a password with the kept one, or with nothing, which takes as long.
///
/// # Errors
/// Fails when too much slow work waits.
pub async fn verify_password(app: &App, password: &str, kept: &str) -> Result<Verdict, Problem> {
    let (password, kept) = (password.to_owned(), kept.to_owned());
    slow(app, move || password::verify(&password, &kept)).await
}

/// Does slow work where the host wants it done, one piece at a time.
///
/// # Errors
/// Answers 503 when too much of it waits, or there is no memory for it.
pub async fn slow<T: Send + 'static>(
    app: &App,
    work: impl FnOnce() -> Result<T, password::NoMemory> + Send + 'static,
) -> Result<T, Problem> {
    let busy = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy");
    let slot = std::sync::Arc::new(std::sync::Mutex::new(None));
    let filled = slot.clone();
    let job = Box::new(move || {
        let done = work();
        if let Ok(mut slot) = filled.lock() {
            *slot = Some(done);
        }
    });
    app.labour.carry_out(job).await.map_err(|_| busy())?;
    let done = slot.lock().ok().and_then(|mut slot| slot.take());
    done.ok_or_else(|| Problem::internal("slow work was lost"))?.map_err(|_| busy())
}

/// Opens what is written of a person with their key.
///
/// # Errors
/// Fails when the database does.
pub async fn plain(call: &Call, account: &Account) -> Result<(String, String), Problem> {
    plain_of(&call.app, &call.db, account).await
}

/// Opens what is written of a person with their key, where nobody asks for it.
///
/// # Errors
/// Fails when the database does.
pub async fn plain_of(
    app: &App,
    db: &Metered,
    account: &Account,
) -> Result<(String, String), Problem> {
    let key = keys::load(&app.host, db, &account.person).await?;
    let open = |place: String, sealed: &str| {
        key.as_ref().and_then(|key| key.open(&place, sealed)).unwrap_or_default()
    };
    let email = open(email_place(&account.person), &account.email_sealed);
    let name = open(name_place(&account.person), &account.name_sealed);
    Ok((email, name))
}
