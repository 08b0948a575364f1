//! Two venues on one host, and people in both: what is another's is there to be asked for.
//!
//! It must not know what is asked.

use std::cell::Cell;

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use sync_engine::seal::hex;

use super::attempts::By;
use crate::contract::{
    accounts::{address, code_of, mail},
    exchange::nonce,
    logins::{change, cookie_of, forget_tries, log_in, submit},
    venue::{Answer, Headers, SETUP_CODE, Venue, cheese_king, now_ms, order_id},
};

/// A product that only the venue beside has, and what it is called.
pub(super) const PRODUCT: &str = "la-seule-a-cote";
/// A code that only the venue beside has.
pub(super) const CODE: &str = "VOISINS";
const PRODUCT_NAME: &str = "La Seule de ce quartier";
/// The password of everybody here.
pub(super) const PASSWORD: &str = "onze frites a onze heures";

/// Somebody of the world.
pub(super) struct Somebody {
    /// The id.
    pub(super) id: String,
    /// The name.
    pub(super) name: &'static str,
    /// The address.
    pub(super) email: String,
}

/// Everything that is asked about.
pub(super) struct World<'a> {
    /// Where is asked.
    pub(super) here: &'a Venue,
    /// The venue beside it, on the same host.
    pub(super) beside: Venue,
    /// A cook of the venue beside alone.
    pub(super) cook: Somebody,
    /// Somebody who works at both.
    pub(super) both: Somebody,
    /// Somebody of the venue beside whom this one adds to its team.
    pub(super) added: Somebody,
    /// Another customer of the venue.
    pub(super) neighbour: Somebody,
    /// The session of the venue's owner.
    pub(super) owner: String,
    /// The session of the customer who asks.
    pub(super) customer: String,
    /// The session of the other customer.
    pub(super) neighbours: String,
    /// The session of the owner of the venue beside.
    pub(super) their_owner: String,
    /// What the pages of the venue beside say of its team.
    pub(super) team_marks: Vec<String>,
    /// An order of the venue beside.
    pub(super) order: String,
    /// A mail of the venue beside that was given up.
    pub(super) mail: String,
    /// A peer of the venue beside.
    pub(super) peer: String,
    /// The code with which somebody whom the venue beside invited chooses a password.
    pub(super) invitation: String,
    /// The card of the other customer, by what it is ended.
    pub(super) card: String,
    /// A printed card of the venue beside, as its code says it.
    pub(super) their_card: String,
    /// The code with which the customer takes another address.
    pub(super) change: String,
    /// A machine of the venue beside.
    pub(super) device: String,
    /// A code that the venue beside made for another machine.
    pub(super) enrol_code: String,
    /// The code and the secret of a machine that asks the venue beside.
    pub(super) asked: (String, String),
    requests: Cell<u32>,
}

impl<'a> World<'a> {
    /// Opens a venue beside this one and peoples both.
    pub(super) fn around(here: &'a Venue) -> Self {
        forget_tries(here);
        let beside = here.beside();
        let [cook, both, added, neighbour, me] = [
            ("cook", "Berthe Lointaine", &beside),
            ("both", "Ghislain Partout", &beside),
            ("added", "Odette Ailleurs", &beside),
            ("neighbour", "Claude Discret", here),
            ("me", "Moi", here),
        ]
        .map(|(place, name, venue)| somebody(place, name, venue));
        load(&beside, &[(&cook, "kitchen"), (&both, "counter"), (&added, "counter")]);
        load(here, &[(&both, "counter"), (&neighbour, "member"), (&me, "member")]);
        let sign_in = |who: &Somebody| {
            let answer = log_in(here, &who.email, PASSWORD);
            assert_eq!(answer.status, 303, "{}", answer.body);
            cookie_of(&answer)
        };
        let (neighbours, customer) = (sign_in(&neighbour), sign_in(&me));
        sells_its_own(&beside);
        for number in [76, 77] {
            assert_eq!(beside.post("/api/orders", &cheese_king(number)).status, 201);
        }
        let (mail, peer) = leave(here, &beside);
        let owner = here.sign_in("owner");
        let their_owner = beside.sign_in("owner");
        tells_its_name_on_site(here);
        Self {
            invitation: invited(&beside, &their_owner),
            change: another_address(here, &customer),
            card: printed(here, &neighbours).0,
            their_card: printed(&beside, &beside.sign_in("member")).1,
            team_marks: vec![cook.name.to_owned()],
            order: order_id(77),
            device: enrolled(&beside, &their_owner),
            enrol_code: enrol_code(&beside, &their_owner),
            asked: asks(&beside),
            requests: Cell::new(1),
            owner,
            their_owner,
            here,
            beside,
            cook,
            both,
            added,
            neighbour,
            customer,
            neighbours,
            mail,
            peer,
        }
    }

    /// What nobody is shown who has nothing to do with it; an owner knows their own members.
    pub(super) fn marks(&self, by: By) -> Vec<&str> {
        let (cook, neighbour) = (&self.cook, &self.neighbour);
        let theirs = vec![cook.name, &cook.email, PRODUCT_NAME];
        match by {
            By::Owner => theirs,
            By::Gateway => [theirs, vec![&cook.id]].concat(),
            By::Nobody | By::Customer => [theirs, vec![neighbour.name, &neighbour.email]].concat(),
        }
    }

    /// Whatever is kept of others; equal means that nothing changed.
    pub(super) fn of_others(&self) -> Json {
        let people = [&self.cook, &self.both, &self.added, &self.neighbour].map(|who| &who.id);
        let people = json!(people).to_string();
        let id = json!(self.beside.id);
        let streams = json!(format!("{}/%", self.beside.id));
        let of = |sql: &str, by: &Json| self.here.rows(sql, json!([by]));
        json!([
            self.beside.footprint(),
            of("SELECT handle, rights FROM session WHERE venue = ?1 ORDER BY handle", &id),
            of(
                "SELECT id, roles, active, name_sealed FROM person WHERE venue = ?1 ORDER BY id",
                &id
            ),
            of("SELECT id, verifier FROM person_pin WHERE venue = ?1 ORDER BY id", &id),
            of("SELECT id, available FROM product WHERE venue = ?1 ORDER BY id", &id),
            of("SELECT id, percent, active FROM promotion WHERE venue = ?1 ORDER BY id", &id),
            of("SELECT id, bp FROM vat_rate WHERE venue = ?1 ORDER BY id", &id),
            of("SELECT delivery FROM venue WHERE venue = ?1", &id),
            of("SELECT id, state, next_ms FROM outbox WHERE venue = ?1 ORDER BY id", &id),
            of("SELECT id, name, place, blocked FROM device WHERE venue = ?1 ORDER BY id", &id),
            of("SELECT code FROM one_time_code WHERE venue = ?1 ORDER BY code", &id),
            of("SELECT name FROM witness WHERE venue = ?1 ORDER BY name", &id),
            of("SELECT origin FROM venue_lan WHERE venue = ?1", &id),
            of("SELECT domain FROM venue_domain WHERE venue = ?1 ORDER BY domain", &id),
            of("SELECT count(*) AS count FROM audit_entry WHERE venue = ?1", &id),
            of(
                "SELECT peer, seq FROM peer_vector WHERE stream LIKE ?1 ORDER BY peer, seq",
                &streams
            ),
            of(
                "SELECT person, email_sealed, name_sealed, password, totp, platform, barred \
                 FROM account WHERE person IN (SELECT value FROM json_each(?1)) ORDER BY person",
                &json!(people)
            ),
            of(
                "SELECT kind, person, code FROM one_time_code \
                 WHERE person IN (SELECT value FROM json_each(?1)) ORDER BY code",
                &json!(people)
            ),
            of("SELECT handle FROM session WHERE person = ?1", &json!(self.neighbour.id)),
            of("SELECT id FROM member_card WHERE person = ?1", &json!(self.neighbour.id)),
        ])
    }

    /// The handle of the other customer's session.
    pub(super) fn handle(&self) -> String {
        let sql = "SELECT handle FROM session WHERE person = ?1";
        let rows = self.here.rows(sql, json!([self.neighbour.id]));
        rows[0]["handle"].as_str().unwrap_or_default().to_owned()
    }

    /// What is sent along by whoever asks.
    pub(super) fn headers(&self, by: By) -> Vec<(&str, &str)> {
        match by {
            By::Nobody | By::Gateway => Vec::new(),
            By::Customer => vec![("cookie", self.customer.as_str())],
            By::Owner => vec![("cookie", self.owner.as_str())],
        }
    }

    /// Asks as the venue's own gateway.
    pub(super) fn signed(&self, path: &str, what: (&str, &[u8])) -> Answer {
        self.requests.set(self.requests.get() + 1);
        self.here.signed(path, what, now_ms(), &nonce(self.requests.get()))
    }

    /// All attempts come from one address.
    pub(super) fn forget_tries(&self) {
        forget_tries(self.here);
    }
}

/// Writes a form as a browser does.
pub(super) fn form(fields: &[(&str, String)]) -> String {
    let escape =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    pairs.join("&")
}

/// Cases share a host: ids and addresses are the venue's own.
fn somebody(place: &str, name: &'static str, venue: &Venue) -> Somebody {
    let digest = hex(&Sha256::digest(format!("{} {place}", venue.id)));
    let id = digest.get(..32).unwrap_or_default().to_owned();
    Somebody { id, name, email: format!("{place}@{}", venue.domain) }
}

fn load(venue: &Venue, people: &[(&Somebody, &str)]) {
    let one = |(who, role): &(&Somebody, &str)| {
        json!({
            "id": who.id, "name": who.name, "email": who.email, "password": PASSWORD,
            "roles": [role],
        })
    };
    let people: Vec<Json> = people.iter().map(one).collect();
    let bearer = format!("Bearer {SETUP_CODE}");
    let headers: Headers<'_> = &[("authorization", bearer.as_str())];
    let path = format!("/api/setup/venues/{}/people", venue.id);
    let answer = venue.post_with(&path, &json!(people), headers);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Puts a product on the menu that no other venue has.
fn sells_its_own(venue: &Venue) {
    let mut document = venue.document();
    document["published_ms"] = json!(now_ms());
    let products = document["products"].as_array_mut().expect("the demo venue has products");
    let mut own = products.first().expect("one at least").clone();
    own["id"] = json!(PRODUCT);
    own["name"] = json!({"fr": PRODUCT_NAME, "nl": PRODUCT_NAME, "en": PRODUCT_NAME});
    products.push(own);
    let codes = document["promotions"].as_array_mut().expect("the demo venue has codes");
    codes.push(json!({"code": CODE, "percent": 50}));
    assert_eq!(venue.set_up(&document).status, 200);
}

/// Leaves a mail that was given up, and a peer, at the venue beside.
fn leave(here: &Venue, beside: &Venue) -> (String, String) {
    let id = &beside.id;
    let (mail, peer) = (format!("{id}-mail"), format!("{id}-peer"));
    for sql in [
        format!(
            "INSERT INTO outbox (id, venue, kind, recipient_key, sealed, state, next_ms, \
             since_ms, made_ms) VALUES ('{mail}', '{id}', 'reset', '', '', 'given_up', 1, 1, 1)"
        ),
        format!("INSERT INTO witness (venue, name, heard) VALUES ('{id}', '{peer}', '')"),
        format!(
            "INSERT INTO peer_vector (peer, stream, replica, generation, seq) \
             VALUES ('{peer}', '{id}/orders', 'edge', 'x', 1)"
        ),
    ] {
        change(here, &sql);
    }
    (mail, peer)
}

fn tells_its_name_on_site(venue: &Venue) {
    let origin = format!("https://{}.lan.{}", venue.id, venue.domain);
    let body = json!({"origin": origin}).to_string();
    let answer =
        venue.signed("/api/lan", ("application/json", body.as_bytes()), now_ms(), &nonce(1));
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Invites somebody, and returns their code.
fn invited(venue: &Venue, owner: &str) -> String {
    let email = format!("invited@{}", venue.domain);
    let wanted = json!({"name": "Nina", "email": email, "roles": ["counter"]});
    let answer = venue.post_with("/api/users", &wanted, &[("cookie", owner)]);
    assert_eq!(answer.status, 201, "{}", answer.body);
    code_of(answer.json()["invitation"].as_str().expect("an invitation"))
}

/// Prints somebody's card; returns by what it is ended, and its code.
fn printed(venue: &Venue, member: &str) -> (String, String) {
    let with = [("cookie", member)];
    let page = submit(venue, "/account/card", &with, &[("do", "print")]).body;
    let part = |start: &str| {
        let (_, rest) = page.split_once(start).unwrap_or_else(|| panic!("{start}: {page}"));
        rest.split(['<', '"']).next().unwrap_or_default().to_owned()
    };
    (part("name=\"card\" value=\""), part("id=\"printed-code\">"))
}

/// Asks for another address, and returns the code of its mail.
fn another_address(venue: &Venue, customer: &str) -> String {
    let email = address(venue, "another");
    let fields = [("do", "email"), ("email", email.as_str()), ("current", PASSWORD)];
    let answer = submit(venue, "/account", &[("cookie", customer)], &fields);
    assert_eq!(answer.header("location"), "/account?sent=1", "{}", answer.body);
    code_of(&mail(venue, &email, 1).1)
}

/// Makes a code for a machine that is to come.
fn enrol_code(venue: &Venue, owner: &str) -> String {
    let wanted = json!({"kind": "kiosk", "name": "Borne", "place": ""});
    let answer = venue.post_with("/api/devices", &wanted, &[("cookie", owner)]);
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()["code"].as_str().expect("a code").to_owned()
}

/// Enrols a machine, and returns its id.
fn enrolled(venue: &Venue, owner: &str) -> String {
    let code = enrol_code(venue, owner);
    let answer = venue.post("/api/enrol", &json!({"code": code}));
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()["device"].as_str().expect("an id").to_owned()
}

/// Lets a machine ask to be enrolled; returns its code and its secret.
fn asks(venue: &Venue) -> (String, String) {
    let answer = venue.post("/api/enrol/ask", &json!({"kind": "kiosk"}));
    assert_eq!(answer.status, 201, "{}", answer.body);
    let part = |name: &str| answer.json()[name].as_str().unwrap_or_default().to_owned();
    (part("code"), part("secret"))
}
