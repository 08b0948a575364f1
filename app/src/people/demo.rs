//! The people of a demo: obviously made up, the same on every replica that loads them.
//!
//! They are changes of a writer named after what they say, like a venue's document, so that a demo
//! gateway that never met its edge has them too. It exists by launch configuration only.

use std::collections::BTreeMap;

use domain::{
    access::{Role, Roles},
    people::{
        address::Address,
        person::{Access, PersonId, name_place, named},
        pin, totp,
    },
    schema::{PEOPLE, SCHEMA},
    sealed,
    venue::DOCUMENT_REPLICA,
};
use serde::{Deserialize, Serialize};
use sync_engine::{
    change::{Change, Draft},
    id::{Purpose, VenueId},
    message::Part,
    seal::derive,
    stamp::Hlc,
    statement::Statement,
};

use crate::{
    App,
    api::setup::GATEWAY,
    call::Here,
    device::demo as machines,
    locale::Locale,
    metered::Metered,
    people::{
        account::{self, New, keep_password, slow},
        keys::{self, PersonKey, seal_for_host},
        mark,
    },
    ports::{CommitFault, Row},
    problem::Problem,
    replication::{self, Incoming},
    rows::{json, readable, text},
    views::DemoKey,
};

/// One of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoPerson {
    /// The id; 32 digits.
    pub id: String,
    /// The name.
    pub name: String,
    /// The address, at a domain for examples.
    pub email: String,
    /// The password.
    pub password: String,
    /// The PIN at the venue's gateway; empty for none.
    #[serde(default)]
    pub pin: String,
    /// The secret of the second factor in base 32; empty for none.
    #[serde(default)]
    pub totp: String,
    /// As what they are at the venue.
    pub roles: Vec<Role>,
    /// They open venues on this host.
    #[serde(default)]
    pub platform: bool,
}

/// Loads people at a venue; doing it again changes nothing.
///
/// # Errors
/// Refuses what cannot be read, and fails when the database does.
pub async fn load(
    app: &App,
    db: &Metered,
    (here, people): (&Here, &[DemoPerson]),
) -> Result<(), Problem> {
    let mut drafts = machines::drafts()?;
    for demo in people {
        let person =
            PersonId::parse(&demo.id).ok_or_else(|| Problem::invalid_field("people.id"))?;
        let key = PersonKey::of(derive(b"demo", person.as_str()));
        drafts.extend(profile(&person, demo));
        if !demo.pin.is_empty()
            && let Some(device_key) = here.pin_key(&app.host)
        {
            let (whose, code) = (person.clone(), demo.pin.clone());
            let verifier = slow(app, move || pin::verifier(&device_key, &whose, &code)).await?;
            drafts.push(pin::draft(GATEWAY, &person, &verifier, 1));
        }
        if app.host.is_home {
            open_account(app, db, (&here.venue.id, &person), (&key, demo)).await?;
        } else {
            let kept = keys::keep(&app.host, app.entropy.as_ref(), (&person, &key))?;
            db.commit(&[kept]).await?;
        }
    }
    let known: Vec<Statement> = people.iter().map(|demo| remember(&here.venue.id, demo)).collect();
    db.commit(&known).await?;
    import(app, db, here, &drafts).await
}

/// How somebody of the demo signs in, as the login page offers it.
#[derive(Debug, Clone)]
pub struct DemoLogin {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The PIN; empty for none.
    pub pin: String,
    /// As what they are at the venue.
    pub roles: Roles,
}

impl DemoLogin {
    /// Puts it into words.
    #[must_use]
    pub fn view(&self, locale: Locale) -> DemoKey {
        let roles: Vec<&str> = self
            .roles
            .iter()
            .map(|role| locale.find(&format!("role.{}", role.name())).unwrap_or(role.name()))
            .collect();
        DemoKey {
            label: self.name.clone(),
            roles: roles.join(", "),
            email: self.email.clone(),
            password: self.password.clone(),
            pin: self.pin.clone(),
        }
    }
}

/// Lists the people whom a demo was loaded with.
///
/// # Errors
/// Fails when the database does.
pub async fn logins(db: &Metered, venue: &VenueId) -> Result<Vec<DemoLogin>, Problem> {
    let sql = "SELECT name, email, password, pin, roles FROM demo_login WHERE venue = ?1 \
         ORDER BY person";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into()])).await?;
    let read = |row: &Row| {
        let names: Vec<String> = json(row, "roles")?;
        Ok(DemoLogin {
            name: text(row, "name")?,
            email: text(row, "email")?,
            password: text(row, "password")?,
            pin: text(row, "pin")?,
            roles: Roles::known(names),
        })
    };
    Ok(readable("demo_login", &rows, read))
}

fn remember(venue: &VenueId, demo: &DemoPerson) -> Statement {
    let names = Roles::of(demo.roles.iter().copied()).names();
    let sql = "INSERT INTO demo_login (venue, person, name, email, password, pin, roles) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (venue, person) DO NOTHING";
    Statement::new(
        sql,
        vec![
            venue.as_str().into(),
            demo.id.as_str().into(),
            demo.name.as_str().into(),
            demo.email.as_str().into(),
            demo.password.as_str().into(),
            demo.pin.as_str().into(),
            serde_json::json!(names).to_string().into(),
        ],
    )
}

/// The nonce is the same everywhere: what is sealed with it is the same text.
fn profile(person: &PersonId, demo: &DemoPerson) -> [Draft; 2] {
    let key = derive(b"demo", person.as_str());
    let drawn = derive(&key, &demo.name);
    let mut nonce = [0; sealed::NONCE_BYTES];
    nonce.iter_mut().zip(drawn).for_each(|(to, from)| *to = from);
    let name = sealed::seal(&key, &nonce, &name_place(person), &demo.name);
    let access = Access { roles: Roles::of(demo.roles.iter().copied()), active: true };
    [named(person, &name), access.draft(person)]
}

async fn open_account(
    app: &App,
    db: &Metered,
    (venue, person): (&VenueId, &PersonId),
    (key, demo): (&PersonKey, &DemoPerson),
) -> Result<(), Problem> {
    if account::of(db, person).await?.is_some() {
        return Ok(());
    }
    let address = Address::parse(&demo.email)?;
    let password = keep_password(app, &demo.password).await?;
    let new = New {
        person,
        key,
        address: &address,
        name: &demo.name,
        password,
        confirmed: true,
        platform: demo.platform,
        locked: false,
        venue,
        agreed: None,
    };
    let mut batch = account::make(app, &new)?;
    if totp::read(&demo.totp).is_some_and(|secret| !secret.is_empty()) {
        let place = format!("person/{person}/totp");
        let text = (place.as_str(), demo.totp.as_str());
        let sealed = seal_for_host(&app.host, app.entropy.as_ref(), text)?;
        let sql = "UPDATE account SET totp = ?2 WHERE person = ?1";
        let params = vec![person.as_str().into(), sealed.into()];
        batch.push(Statement::exactly(1, sql, params));
    }
    match db.commit(&batch).await {
        // Another request loads the same demo.
        Ok(()) | Err(CommitFault::Conflict) => Ok(()),
        Err(CommitFault::Fault(fault)) => Err(fault.into()),
    }
}

async fn import(app: &App, db: &Metered, here: &Here, drafts: &[Draft]) -> Result<(), Problem> {
    let drafts = mark::published(&app.host, &here.venue.id, drafts);
    let payloads: Vec<_> = drafts.iter().map(|d| (d.table, &d.entity, &d.payload)).collect();
    let text = serde_json::to_string(&payloads).map_err(|e| Problem::internal(e.to_string()))?;
    let writer = replication::named_after(&text)?;
    let stamp = Hlc { ms: 1, counter: 0 };
    let changes: Vec<Change> = drafts
        .iter()
        .filter(|draft| SCHEMA.table(draft.table).is_some_and(|table| table.purpose == PEOPLE))
        .zip(1..)
        .map(|(draft, seq)| draft.published(&writer, (seq, stamp)))
        .collect();
    let part = Part { changes, ..Part::default() };
    let streams = BTreeMap::from([(Purpose::parse(PEOPLE)?, part)]);
    let now_ms = app.clock.now_ms();
    let incoming = Incoming {
        from: DOCUMENT_REPLICA,
        streams: &streams,
        limit_ms: None,
        now_ms,
        origin: "",
        judge: None,
    };
    replication::import(db, here, incoming).await.map(drop)
}
