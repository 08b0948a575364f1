//! Registering: an account that its owner makes, and what is told to an address that has one.
//!
//! Whether an address is known shows neither in an answer nor in its time: the password is hashed
//! and a code is kept in every case, and what is to be said is said by mail. It must not know a
//! page.

use axum::http::StatusCode;
use domain::people::{
    address::Address,
    password::Verdict,
    person::{PersonId, name_place},
};
use sync_engine::statement::{Batch, Statement, Value};

use crate::{
    App,
    call::{Call, Tries},
    limits,
    mail::{self, Letter},
    people::{
        account::{self, Account, New, draw_person, keep_password, verify_password},
        code::{self, Kind},
        keys::{self, PersonKey},
    },
    ports::CommitFault,
    problem::Problem,
    rate,
};

/// Who wants an account.
#[derive(Debug)]
pub struct Wanted {
    /// The name.
    pub name: String,
    /// The address.
    pub address: Address,
    /// The password.
    pub password: String,
    /// The version of the venue's notice that they agreed to.
    pub agreed_ms: i64,
}

/// Registers somebody, or tells the owner of the address that they have an account.
///
/// # Errors
/// Refuses whoever asks too often, and fails when the database does.
pub async fn register(call: &Call, wanted: &Wanted) -> Result<(), Problem> {
    take_mail(call, &wanted.address).await?;
    let kept = keep_password(&call.app, &wanted.password).await?;
    leave(call, &wanted.address, |known| match known {
        None => newcomer(call, wanted, &kept),
        Some(known) if known.account.is_pending() => anew(call, known, wanted, &kept),
        Some(known) => already_known(call, known),
    })
    .await
}

/// Sends a link to another password, where there is an account.
///
/// # Errors
/// Refuses whoever asks too often, and fails when the database does.
pub async fn send_reset(call: &Call, address: &Address) -> Result<(), Problem> {
    take_mail(call, address).await?;
    leave(call, address, |known| {
        let Some(known) = known else { return Ok(Left::nothing()) };
        let (path, batch) = password_link(call, &known.account.person)?;
        Ok(Left { batch, letter: Some(Letter::Reset { path }) })
    })
    .await
}

/// Sends the link that confirms an address once more, where it waits for that.
///
/// # Errors
/// Refuses whoever asks too often, and fails when the database does.
pub async fn send_again(call: &Call, address: &Address) -> Result<(), Problem> {
    take_mail(call, address).await?;
    leave(call, address, |known| match known {
        Some(known) if known.account.is_pending() => confirmation(call, &known.account.person),
        _ => Ok(Left::nothing()),
    })
    .await
}

/// Proves an address: whoever has the mail's code and knows the password that was registered.
///
/// The password is asked for because anybody may register any address: its owner's click alone
/// would open the account to whoever chose the password.
///
/// # Errors
/// Refuses a code that is not good, and another password.
pub async fn confirm(call: &Call, code: &str, given: &str) -> Result<(Account, Batch), Problem> {
    let found = code::present(call, &[Kind::Confirm], code).await?;
    rate::take(call, &rate::LOGIN_BY_ADDRESS, &rate::origin(call)).await?;
    let not_good = || Problem::new(StatusCode::GONE, "code_not_good");
    let person = PersonId::parse(&found.person).ok_or_else(not_good)?;
    let account = account::of(&call.db, &person).await?.filter(|a| !a.barred);
    let account = account.ok_or_else(not_good)?;
    if verify_password(&call.app, given, &account.password).await? == Verdict::Wrong {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_password"));
    }
    let batch = vec![
        found.used,
        code::end_all(&person),
        account::confirm(&person, call.app.clock.now_ms()),
    ];
    Ok((account, batch))
}

/// Counts a mail that somebody asked for.
///
/// # Errors
/// Answers 429 when it is one too many for whoever asks, or for the receiver.
pub async fn take_mail(call: &Call, to: &Address) -> Result<(), Problem> {
    rate::take(call, &rate::MAIL_BY_ADDRESS, &rate::origin(call)).await?;
    rate::take(call, &rate::MAIL_BY_ACCOUNT, to.as_str()).await
}

/// An account that has the address, and its person's key.
pub struct Known {
    account: Account,
    key: PersonKey,
}

impl Known {
    /// Tells whether nobody has proved the address.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.account.is_pending()
    }
}

/// What is left for an address: rows, and a mail.
pub struct Left {
    batch: Batch,
    letter: Option<Letter>,
}

impl Left {
    fn nothing() -> Self {
        Self { batch: Batch::new(), letter: None }
    }
}

/// Commits what is decided about an address. Where nothing is sent, as much is written all the
/// same: a code that nobody gets.
///
/// # Errors
/// Fails when the database does.
pub async fn leave(
    call: &Call,
    to: &Address,
    decide: impl Fn(Option<&Known>) -> Result<Left, Problem>,
) -> Result<(), Problem> {
    let app = &call.app;
    let venue = &call.here()?.venue.id;
    let mut tries = Tries::default();
    loop {
        let known = match account::by_address(app, &call.db, to).await? {
            Some(account) => {
                let key = keys::load(&app.host, &call.db, &account.person).await?;
                let gone = || Problem::internal("the key of an account's person is not here");
                Some(Known { account, key: key.ok_or_else(gone)? })
            }
            None => None,
        };
        let left = match &known {
            Some(known) if known.account.barred => Left::nothing(),
            known => decide(known.as_ref())?,
        };
        let mut batch = forget_old(app.clock.now_ms());
        batch.extend(left.batch);
        match left.letter {
            Some(letter) => batch.push(mail::queue(app, venue, (to, call.locale), letter)?),
            None => {
                let nobody = draw_person(app)?;
                batch.extend(code::draw(app, Kind::Reset, (venue.as_str(), &nobody, ""))?.1);
            }
        }
        match call.db.commit(&batch).await {
            Ok(()) => {
                app.outbox.ring();
                return Ok(());
            }
            Err(CommitFault::Conflict) => tries.again()?,
            Err(CommitFault::Fault(fault)) => return Err(fault.into()),
        }
    }
}

fn newcomer(call: &Call, wanted: &Wanted, kept: &str) -> Result<Left, Problem> {
    let app = &call.app;
    let (person, key) = (draw_person(app)?, PersonKey::draw(app.entropy.as_ref())?);
    let new = New {
        person: &person,
        key: &key,
        address: &wanted.address,
        name: &wanted.name,
        password: kept.to_owned(),
        confirmed: false,
        platform: false,
        locked: false,
        venue: &call.here()?.venue.id,
        agreed: Some(wanted.agreed_ms),
    };
    let mut left = confirmation(call, &person)?;
    left.batch.extend(account::make(app, &new)?);
    Ok(left)
}

/// Whoever registered before has not proved the address either: the last word counts.
fn anew(call: &Call, known: &Known, wanted: &Wanted, kept: &str) -> Result<Left, Problem> {
    let person = &known.account.person;
    let name = known.key.seal(call.app.entropy.as_ref(), &name_place(person), &wanted.name)?;
    let sql = "UPDATE account SET name_sealed = ?2, password = ?3, made_ms = ?4 \
         WHERE person = ?1 AND confirmed_ms = 0";
    let now_ms = call.app.clock.now_ms() as i64;
    let params: Vec<Value> = vec![person.as_str().into(), name.into(), kept.into(), now_ms.into()];
    let mut left = confirmation(call, person)?;
    left.batch.push(Statement::exactly(1, sql, params));
    Ok(left)
}

fn confirmation(call: &Call, person: &PersonId) -> Result<Left, Problem> {
    let venue = call.here()?.venue.id.as_str();
    let (code, batch) = code::draw(&call.app, Kind::Confirm, (venue, person, ""))?;
    let letter = Letter::Confirm { path: format!("/confirm?code={code}") };
    Ok(Left { batch, letter: Some(letter) })
}

/// Tells the owner of an address that they have an account, with a link to another password.
///
/// # Errors
/// Fails when the host has no randomness.
pub fn already_known(call: &Call, known: &Known) -> Result<Left, Problem> {
    let (path, batch) = password_link(call, &known.account.person)?;
    Ok(Left { batch, letter: Some(Letter::AlreadyKnown { path }) })
}

/// Leaves a letter with the rows that make its link good.
#[must_use]
pub fn left(letter: Letter, batch: Batch) -> Left {
    Left { batch, letter: Some(letter) }
}

/// Draws a code with which another password is chosen; returns its link and what keeps it.
///
/// # Errors
/// Fails when the host has no randomness.
pub fn password_link(call: &Call, person: &PersonId) -> Result<(String, Batch), Problem> {
    let venue = call.here()?.venue.id.as_str();
    let (code, batch) = code::draw(&call.app, Kind::Reset, (venue, person, ""))?;
    Ok((format!("/password?code={code}"), batch))
}

/// An account that nobody ever confirmed, and that is nothing at any venue.
const PENDING: &str = "SELECT a.person FROM account a WHERE a.confirmed_ms = 0 \
     AND a.password <> '' AND NOT EXISTS (SELECT 1 FROM person p WHERE p.id = a.person)";

/// Returns the statements that forget accounts which were never confirmed, after a time; so many
/// at once.
#[must_use]
pub fn forget_old(now_ms: u64) -> Batch {
    let before_ms = now_ms.saturating_sub(limits::UNCONFIRMED_MS) as i64;
    let which = format!("{PENDING} AND a.made_ms < ?1 ORDER BY a.made_ms LIMIT ?2");
    forget(&which, &[before_ms.into(), limits::UNCONFIRMED_AT_ONCE.into()])
}

/// Returns the statements that forget a registration of this address which was never confirmed:
/// somebody else has proved it.
#[must_use]
pub fn forget_pending(app: &App, address: &Address, but: &PersonId) -> Batch {
    let which = format!("{PENDING} AND a.email_index = ?1 AND a.person <> ?2");
    forget(&which, &[account::index(&app.host, address).into(), but.as_str().into()])
}

fn forget(which: &str, params: &[Value]) -> Batch {
    // The account goes last: it says whose the rest is.
    ["one_time_code", "person_key", "account"]
        .into_iter()
        .map(|table| {
            let sql = format!("DELETE FROM {table} WHERE person IN ({which})");
            Statement::new(sql, params.to_vec())
        })
        .collect()
}
