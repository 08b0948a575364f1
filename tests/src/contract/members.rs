//! Members at the counter: cards in phones and on paper, and what is made of a bad one.

use domain::trust::{
    Body, Document, Id, PublicKey, SecretKey, Window, card::Card, membership::Membership,
    shown::Shown, text,
};
use serde_json::json;

use crate::{
    cases,
    contract::{
        Case,
        logins::{change, cookie_of, forget_tries, log_in, submit},
        venue::{Answer, SETUP_CODE, Venue, now_ms},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_member_s_phone_is_recognised_once_for_each_code,
    a_code_that_is_old_altered_or_foreign_recognises_nobody,
    a_card_that_was_ended_or_replaced_recognises_nobody,
    whoever_is_barred_or_erased_is_no_member_any_more,
    a_printed_card_wants_its_member_s_pin,
    only_members_have_cards_and_only_the_counter_asks,
];

const PASSWORD: &str = "quinze frites a midi";
const PIN: &str = "918273";

/// A phone with a card in it.
pub(super) struct Phone {
    key: SecretKey,
    pub(super) card: Card,
    bytes: Vec<u8>,
}

impl Phone {
    /// Binds a card to a key of this seed.
    pub(super) fn bind(venue: &Venue, cookie: &str, seed: u8) -> Self {
        let key = SecretKey::from_seed(&[seed; 32]);
        let body = json!({"key": key.public().to_string()});
        let answer = venue.post_with("/api/account/card", &body, &[("cookie", cookie)]);
        assert_eq!(answer.status, 201, "{}", answer.body);
        let given = answer.json();
        let bytes = text::from_qr(given["card"].as_str().expect("a card")).expect("base 32");
        let card = Document::<Card>::read(&bytes).expect("a card").claim().clone();
        assert_eq!(card.holder, Some(key.public()));
        assert_eq!(given["id"], card.id.to_string());
        Self { key, card, bytes }
    }

    /// Signs what is shown from then on.
    pub(super) fn shows(&self, from_ms: u64) -> String {
        let window = Window { from_ms, until_ms: from_ms + 75_000 };
        let says = Membership { venue: self.card.venue.clone(), member: self.card.member, window };
        self.shows_this(&says)
    }

    fn shows_this(&self, says: &Membership) -> String {
        code(&self.bytes, &signed(&self.key, says))
    }
}

fn signed<T: Body>(key: &SecretKey, says: &T) -> Vec<u8> {
    Document::sign(key, says).expect("it can be signed").as_bytes().to_vec()
}

fn code(card: &[u8], proof: &[u8]) -> String {
    Shown { card: card.to_vec(), proof: Some(proof.to_vec()) }.write()
}

fn ask(venue: &Venue, counter: &str, code: &str, pin: &str) -> Answer {
    let body = json!({"code": code, "pin": pin});
    venue.post_with("/api/members/recognise", &body, &[("cookie", counter)])
}

fn is_refused(venue: &Venue, counter: &str, code: &str, expected: (u16, &str)) {
    let answer = ask(venue, counter, code, "");
    assert_eq!((answer.status, answer.code().as_str()), expected, "{code:.40}: {}", answer.body);
}

/// Somebody with an account, a password and this role; returns their session.
pub(super) fn somebody(venue: &Venue, digit: &str, role: &str) -> String {
    forget_tries(venue);
    let email = format!("m{digit}@{}", venue.domain);
    let id = format!("{:0>31}{digit}", hex_of(&venue.id));
    let people = json!([{"id": id, "name": "Prune Fidèle", "email": email,
        "password": PASSWORD, "roles": [role]}]);
    let bearer = format!("Bearer {SETUP_CODE}");
    let path = format!("/api/setup/venues/{}/people", venue.id);
    let answer = venue.post_with(&path, &people, &[("authorization", bearer.as_str())]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = log_in(venue, &email, PASSWORD);
    assert_eq!(answer.status, 303, "{}", answer.body);
    cookie_of(&answer)
}

/// Cases share a host: ids are the venue's own.
fn hex_of(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn a_member_s_phone_is_recognised_once_for_each_code(venue: &Venue) {
    let member = somebody(venue, "1", "premium_member");
    let counter = venue.sign_in("counter");
    let phone = Phone::bind(venue, &member, 1);
    let before = venue.footprint();
    let now = now_ms();
    let first = phone.shows(now);
    let answer = ask(venue, &counter, &first, "");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let found = answer.json();
    assert_eq!(found["name"], "Prune Fidèle");
    assert_eq!(found["roles"], json!(["premium_member"]));
    assert_eq!(
        (&found["means"], &found["person"]),
        (&json!("phone"), &json!(phone.card.member.to_string()))
    );
    is_refused(venue, &counter, &first, (409, "code_shown_before"));
    is_refused(venue, &counter, &first.to_lowercase(), (409, "code_shown_before"));
    let next = phone.shows(now + 1);
    let with = [("cookie", counter.as_str()), ("accept", "text/html"), ("accept-language", "en")];
    let page = submit(venue, "/members", &with, &[("code", &format!(" {next}\r\n"))]);
    assert!(page.status == 200 && page.body.contains("Prune Fidèle"), "{}", page.body);
    let page = submit(venue, "/members", &with, &[("code", &next)]);
    assert_eq!(page.status, 409);
    assert!(page.body.contains("shown before") && !page.body.contains("Prune"), "{}", page.body);
    assert_eq!(venue.footprint(), before, "to be recognised spends nothing");
}

fn a_code_that_is_old_altered_or_foreign_recognises_nobody(venue: &Venue) {
    let member = somebody(venue, "2", "member");
    let counter = venue.sign_in("counter");
    let phone = Phone::bind(venue, &member, 2);
    let now = now_ms();
    let thief = SecretKey::from_seed(&[66; 32]);
    let says = |member: Id, from_ms: u64| Membership {
        venue: phone.card.venue.clone(),
        member,
        window: Window { from_ms, until_ms: from_ms + 75_000 },
    };
    let forged = Card { holder: Some(thief.public()), ..phone.card.clone() };
    let by_thief = code(&signed(&thief, &forged), &signed(&thief, &says(phone.card.member, now)));
    let stolen = code(&phone.bytes, &signed(&thief, &says(phone.card.member, now)));
    let good = phone.shows(now);
    let mut altered = Shown::read(&good).expect("it was just written");
    altered.proof.as_mut().expect("a proof")[20] ^= 1;
    let beside = venue.beside();
    let theirs = Phone::bind(&beside, &beside.sign_in("member"), 3);
    let paper = Shown { card: phone.bytes.clone(), proof: None }.write();
    for (code, expected) in [
        (phone.shows(now - 10 * 60_000), (422, "document_expired")),
        (phone.shows(now + 10 * 60_000), (422, "document_not_yet_valid")),
        (by_thief, (422, "key_unknown")),
        (stolen, (422, "key_unknown")),
        (phone.shows_this(&says(Id([7; 16]), now)), (422, "signer_not_permitted")),
        (theirs.shows(now), (422, "document_of_other_venue")),
        (paper, (422, "phone_wanted")),
        (String::new(), (422, "document_malformed")),
        ("A".repeat(10_000), (422, "document_malformed")),
        ("<script>".to_owned(), (422, "document_malformed")),
        (format!("{good}.{good}"), (422, "document_malformed")),
        (good.get(..good.len() - 9).unwrap_or_default().to_owned(), (422, "document_forged")),
    ] {
        let answer = ask(venue, &counter, &code, "");
        let seen = (answer.status, answer.code());
        // What is cut off may be no text in base 32 any more.
        let is_alike = expected.1 == "document_forged" && seen.1 == "document_malformed";
        assert!(is_alike || (seen.0, seen.1.as_str()) == expected, "{code:.40}: {seen:?}");
    }
    let answer = ask(venue, &counter, &altered.write(), "");
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert_eq!(
        ask(venue, &counter, &good, "").status,
        200,
        "all that spent nothing of the good one"
    );
}

fn a_card_that_was_ended_or_replaced_recognises_nobody(venue: &Venue) {
    let member = somebody(venue, "3", "member");
    let counter = venue.sign_in("counter");
    let first = Phone::bind(venue, &member, 4);
    let second = Phone::bind(venue, &member, 5);
    is_refused(venue, &counter, &first.shows(now_ms()), (422, "document_revoked"));
    assert_eq!(ask(venue, &counter, &second.shows(now_ms()), "").status, 200);
    let fields = [("do", "end"), ("card", &second.card.id.to_string())];
    let with = [("cookie", member.as_str())];
    assert_eq!(submit(venue, "/account/card", &with, &fields).status, 303);
    assert_eq!(submit(venue, "/account/card", &with, &fields).status, 404, "it is ended");
    is_refused(venue, &counter, &second.shows(now_ms()), (422, "document_revoked"));
    let sql = "SELECT act, count(*) AS times FROM audit_entry WHERE venue = ?1 \
         AND act LIKE 'card%' GROUP BY act ORDER BY act";
    let expected = json!([{"act": "card_ended", "times": 1}, {"act": "card_issued", "times": 2}]);
    assert_eq!(venue.rows(sql, json!([venue.id])), expected);
    // Each that is replaced is remembered for ever, so there are not many.
    let bind = |seed: u8| {
        let key = SecretKey::from_seed(&[seed; 32]).public().to_string();
        venue.post_with("/api/account/card", &json!({"key": key}), &with).status
    };
    assert_eq!([6, 7, 8, 9].map(bind), [201, 201, 201, 429]);
}

fn whoever_is_barred_or_erased_is_no_member_any_more(venue: &Venue) {
    let member = somebody(venue, "4", "member");
    let (counter, owner) = (venue.sign_in("counter"), venue.sign_in("owner"));
    let phone = Phone::bind(venue, &member, 10);
    let path = format!("/api/users/{}", phone.card.member);
    let bar = |active: bool| {
        let body = json!({"active": active});
        assert_eq!(venue.post_with(&path, &body, &[("cookie", &owner)]).status, 200);
    };
    bar(false);
    is_refused(venue, &counter, &phone.shows(now_ms()), (403, "not_a_member"));
    bar(true);
    assert_eq!(ask(venue, &counter, &phone.shows(now_ms()), "").status, 200);
    let answer = log_in(venue, &format!("m4@{}", venue.domain), PASSWORD);
    let cookie = cookie_of(&answer);
    let fields = [("current", PASSWORD)];
    let answer = submit(venue, "/account/erase", &[("cookie", &cookie)], &fields);
    assert_eq!(answer.status, 303, "{}", answer.body);
    is_refused(venue, &counter, &phone.shows(now_ms()), (403, "not_a_member"));
    let left = venue.rows("SELECT id FROM member_card WHERE venue = ?1", json!([venue.id]));
    assert_eq!(left, json!([]));
}

fn a_printed_card_wants_its_member_s_pin(venue: &Venue) {
    let member = somebody(venue, "5", "member");
    let counter = venue.sign_in("counter");
    let with = [("cookie", member.as_str())];
    let page = submit(venue, "/account/card", &with, &[("do", "print")]).body;
    let (_, rest) = page.split_once("id=\"printed-code\">").expect("a printed code");
    let code = rest.split('<').next().unwrap_or_default().to_owned();
    assert!(page.contains("<svg class=\"qr\""));
    is_refused(venue, &counter, &code, (422, "pin_wanted"));
    let wrong = |pin: &str| {
        let answer = ask(venue, &counter, &code, pin);
        (answer.status, answer.code())
    };
    assert_eq!(wrong(PIN), (422, "wrong_pin".to_owned()), "there is none yet");
    let fields = [("do", "pin"), ("current", PASSWORD), ("pin", PIN)];
    assert_eq!(submit(venue, "/account", &with, &fields).status, 303);
    assert_eq!(wrong("918274"), (422, "wrong_pin".to_owned()));
    let answer = ask(venue, &counter, &code, PIN);
    assert_eq!((answer.status, &answer.json()["means"]), (200, &json!("paper")), "{}", answer.body);
    let again = ask(venue, &counter, &code, PIN);
    assert_eq!(again.status, 200, "a card is shown as often as its member comes");
    let tried: Vec<u16> = (0..6).map(|_| wrong("918274").0).collect();
    assert_eq!(tried, [422, 422, 422, 422, 422, 429]);
    change(venue, "DELETE FROM rate_limit");
    let with_page = [("cookie", counter.as_str()), ("accept", "text/html")];
    let page = submit(venue, "/members", &with_page, &[("code", &code)]);
    assert!(page.status == 422 && page.body.contains("name=\"pin\""), "{}", page.body);
    let page = submit(venue, "/members", &with_page, &[("code", &code), ("pin", PIN)]);
    assert!(page.status == 200 && page.body.contains("Prune Fidèle"), "{}", page.body);
}

fn only_members_have_cards_and_only_the_counter_asks(venue: &Venue) {
    let key = json!({"key": SecretKey::from_seed(&[11; 32]).public().to_string()});
    for wanted in [json!({"roles": ["kitchen"]}), json!({"roles": []})] {
        let (cookie, _) = venue.sign_in_as(&wanted);
        let answer = venue.post_with("/api/account/card", &key, &[("cookie", &cookie)]);
        assert_eq!((answer.status, answer.code().as_str()), (403, "not_a_member"), "{wanted}");
    }
    let member = venue.sign_in("member");
    let weak = format!("01{}", "00".repeat(31));
    for bad in [weak.as_str(), "", "nonsense"] {
        let body = json!({"key": bad});
        let answer = venue.post_with("/api/account/card", &body, &[("cookie", &member)]);
        assert_eq!((answer.status, answer.code().as_str()), (422, "key_invalid"), "{bad}");
    }
    assert!(PublicKey::parse(&weak).is_err());
    let phone = Phone::bind(venue, &member, 12);
    let answer = ask(venue, &member, &phone.shows(now_ms()), "");
    assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden"));
}
