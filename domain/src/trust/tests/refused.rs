//! What is not believed, and why: vectors that are kept, and rules case by case.

use serde_json::Value;

use super::samples::{self, NOW_MS, key, public, verifier};
use crate::{
    time::{Certainty, Time},
    trust::{
        Body, Document, Id, InTime, Kind, PublicKey, Rejection, Verifier, Window,
        beacon::Beacon,
        card::Card,
        certificate::Certificate,
        delegation::Delegation,
        entitlement::Entitlement,
        hand_over::HandOver,
        id::from_hex,
        limits,
        membership::Membership,
        receipt::{Mode, Receipt},
        revocation::{Subject, revoke},
        roots::Roots,
        ticket::{Due, Ticket},
        warrant::Warrant,
    },
};

const REFUSED: &str = include_str!("../../../../fixtures/trust/v1/refused.json");
const KEYS: &str = include_str!("../../../../fixtures/trust/v1/keys.json");
const DAY_MS: u64 = 24 * 3_600_000;

fn signed<T: Body>(seed: [u8; 32], body: &T) -> Vec<u8> {
    Document::sign(&key(seed), body).unwrap().as_bytes().to_vec()
}

fn now() -> Time {
    Time::certain(NOW_MS)
}

fn uncertain(floor_ms: u64) -> Time {
    Time { now_ms: 0, certainty: Certainty::Uncertain { floor_ms } }
}

/// Verifies bytes as the kind that a vector names.
fn verdict(verifier: &Verifier, kind: &str, bytes: &[u8], time: &Time) -> Result<(), Rejection> {
    fn of<T: Body>(verifier: &Verifier, bytes: &[u8], time: &Time) -> Result<(), Rejection> {
        verifier.verify::<T>(bytes, time).map(|_| ())
    }
    match kind {
        "card" => of::<Card>(verifier, bytes, time),
        "certificate" => of::<Certificate>(verifier, bytes, time),
        "beacon" => of::<Beacon>(verifier, bytes, time),
        "ticket" => of::<Ticket>(verifier, bytes, time),
        "receipt" => of::<Receipt>(verifier, bytes, time),
        "entitlement" => of::<Entitlement>(verifier, bytes, time),
        "delegation" => of::<Delegation>(verifier, bytes, time),
        "membership" => of::<Membership>(verifier, bytes, time),
        "warrant" => of::<Warrant>(verifier, bytes, time),
        "hand_over" => of::<HandOver>(verifier, bytes, time),
        "roots" => of::<Roots>(verifier, bytes, time),
        other => panic!("{other} is no kind"),
    }
}

#[test]
fn what_was_refused_once_is_refused_for_ever() {
    let cases: Vec<Value> = serde_json::from_str(REFUSED).unwrap();
    assert!(cases.len() >= 14, "{}", cases.len());
    for case in cases {
        let text = |field: &str| case[field].as_str().unwrap().to_owned();
        let bytes = from_hex(text("bytes").as_bytes()).unwrap();
        let time = Time::certain(case["now_ms"].as_u64().unwrap());
        let code = match verdict(&verifier(), &text("as"), &bytes, &time) {
            Ok(()) => "believed",
            Err(rejection) => rejection.code(),
        };
        assert_eq!(code, text("code"), "{}", text("what"));
    }
}

#[test]
fn keys_that_are_weak_or_written_twice_are_no_keys() {
    let cases: Vec<Value> = serde_json::from_str(KEYS).unwrap();
    for case in cases {
        let found = PublicKey::parse(case["public_key"].as_str().unwrap());
        assert_eq!(found.is_ok(), case["is_key"].as_bool().unwrap(), "{}", case["what"]);
    }
}

#[test]
fn a_gateway_signs_what_its_certificate_says_and_nothing_that_is_the_roots() {
    let verifier = verifier();
    let entitlement = samples::entitlement();
    for (what, bytes, kind, expected) in [
        ("a ticket", signed(samples::GATEWAY, &samples::ticket()), "ticket", Ok(())),
        ("the root's", signed(samples::ROOT, &samples::ticket()), "ticket", Ok(())),
        (
            "a receipt",
            signed(samples::GATEWAY, &samples::receipt()),
            "receipt",
            Err(Rejection::NotPermitted),
        ),
        (
            "another certificate",
            signed(samples::GATEWAY, &samples::certificate()),
            "certificate",
            Err(Rejection::NotPermitted),
        ),
        (
            "a time",
            signed(samples::GATEWAY, &samples::beacon()),
            "beacon",
            Err(Rejection::NotPermitted),
        ),
        (
            "its own promotion",
            signed(samples::GATEWAY, &samples::warrant()),
            "warrant",
            Err(Rejection::NotPermitted),
        ),
        (
            "roots",
            signed(samples::GATEWAY, &samples::roots()),
            "roots",
            Err(Rejection::NotPermitted),
        ),
        (
            "a door of somebody else",
            signed(samples::GATEWAY, &Entitlement { door: "b1".to_owned(), ..entitlement }),
            "entitlement",
            Err(Rejection::WrongDoor),
        ),
    ] {
        assert_eq!(verdict(&verifier, kind, &bytes, &now()), expected, "{what}");
    }
}

#[test]
fn a_purpose_that_is_not_in_the_certificate_is_refused() {
    let mut verifier = Verifier::new(samples::venue());
    verifier.trust(public(samples::ROOT));
    let purposes = vec![Kind::Ticket.byte(), Kind::Receipt.byte(), 200];
    let certificate = Certificate { purposes, ..samples::certificate() };
    verifier.learn(&signed(samples::ROOT, &certificate), &now()).unwrap();
    let ask = |kind: &str, bytes: Vec<u8>| verdict(&verifier, kind, &bytes, &now());
    assert_eq!(ask("ticket", signed(samples::GATEWAY, &samples::ticket())), Ok(()));
    for (kind, bytes) in [
        ("entitlement", signed(samples::GATEWAY, &samples::entitlement())),
        // What is the root's alone stays so, whatever a certificate says.
        ("receipt", signed(samples::GATEWAY, &samples::receipt())),
    ] {
        assert_eq!(ask(kind, bytes), Err(Rejection::NotPermitted), "{kind}");
    }
}

#[test]
fn time_is_judged_by_what_is_known_of_it() {
    let verifier = verifier();
    let bytes = signed(samples::GATEWAY, &samples::entitlement());
    let at = |time: &Time| verifier.verify::<Entitlement>(&bytes, time).map(|found| found.in_time);
    let (early, end) = (NOW_MS - 60_001, NOW_MS + 7_200_000);
    for (what, time, expected) in [
        ("now", now(), Ok(InTime::Yes)),
        ("a clock that is right and a minute slow", Time::certain(early + 1), Ok(InTime::Yes)),
        ("before", Time::certain(early), Err(Rejection::NotYet)),
        ("the last moment", Time::certain(end), Ok(InTime::Yes)),
        ("after", Time::certain(end + 1), Err(Rejection::Expired)),
        ("a clock without time", uncertain(0), Ok(InTime::Unknown)),
        ("a floor within", uncertain(NOW_MS + 1), Ok(InTime::Unknown)),
        ("a floor beyond", uncertain(end + 1), Err(Rejection::Expired)),
    ] {
        assert_eq!(at(&time), expected, "{what}");
    }
    let ticket = Ticket { window: samples::lasting(60 * DAY_MS), ..samples::ticket() };
    let late = Time::certain(NOW_MS + 31 * DAY_MS);
    let outlived = verdict(&verifier, "ticket", &signed(samples::GATEWAY, &ticket), &late);
    assert_eq!(outlived, Err(Rejection::Expired), "the certificate has ended before it");
    let receipt = signed(samples::ROOT, &samples::receipt());
    let found = verifier.verify::<Receipt>(&receipt, &uncertain(0)).unwrap();
    assert_eq!(found.in_time, InTime::Yes, "what never ends needs no clock");
}

#[test]
fn what_is_revoked_is_believed_no_more() {
    let ticket = signed(samples::GATEWAY, &samples::ticket());
    let entitlement = signed(samples::ROOT, &samples::entitlement());
    let with = |subject: Subject| {
        let mut verifier = verifier();
        verifier.revoke(subject);
        let ask = |kind: &str, bytes: &[u8]| verdict(&verifier, kind, bytes, &now());
        (ask("ticket", &ticket), ask("entitlement", &entitlement))
    };
    let revoked = Err(Rejection::Revoked);
    assert_eq!(with(Subject::Key(public(samples::GATEWAY).id())), (revoked, Ok(())));
    assert_eq!(with(Subject::Document(samples::certificate().id)), (revoked, Ok(())));
    assert_eq!(with(Subject::Document(samples::entitlement().serial)), (Ok(()), revoked));
    // Whoever can revoke must not take the root away.
    assert_eq!(with(Subject::Key(public(samples::ROOT).id())), (Ok(()), Ok(())));
}

#[test]
fn revoking_twice_is_revoking_once_and_a_subject_has_one_text() {
    let subject = Subject::Document(Id([9; 16]));
    assert_eq!(Subject::parse(&subject.to_string()), Ok(subject));
    for text in ["", "key/", "door/00", "document/0b5b1e9c-4d6f-8a1b-8c2d-3e4f5a6b7c8d"] {
        assert_eq!(Subject::parse(text), Err(Rejection::Malformed), "{text}");
    }
    assert_eq!(revoke(subject, false, 1).len(), 1);
    assert!(revoke(subject, true, 2).is_empty());
}

#[test]
fn a_holder_hands_on_what_may_be_handed_on_and_no_more() {
    let verifier = verifier();
    let given = samples::entitlement();
    let made = samples::delegation();
    let longer = Window { until_ms: given.window.until_ms + 1, ..made.window };
    let firm = Entitlement { is_delegable: false, ..given.clone() };
    let other = Delegation { serial: Id([99; 16]), ..made.clone() };
    let long = Delegation { window: longer, ..made.clone() };
    let refused = Err(Rejection::NotDelegable);
    for (what, given, seed, made, expected) in [
        ("as allowed", &given, samples::HOLDER, &made, Ok(InTime::Yes)),
        ("not delegable", &firm, samples::HOLDER, &made, refused),
        ("another entitlement", &given, samples::HOLDER, &other, refused),
        ("longer than it", &given, samples::HOLDER, &long, refused),
        ("by a stranger", &given, samples::STRANGER, &made, Err(Rejection::UnknownKey)),
        ("by the root", &given, samples::ROOT, &made, Err(Rejection::UnknownKey)),
    ] {
        let (given, made) = (signed(samples::GATEWAY, given), signed(seed, made));
        let found = verifier.verify_delegation(&given, &made, &now());
        assert_eq!(found.map(|(_, made)| made.in_time), expected, "{what}");
    }
    let alone = verdict(&verifier, "delegation", &signed(samples::ROOT, &made), &now());
    assert_eq!(alone, Err(Rejection::NotPermitted), "without its entitlement");
}

#[test]
fn a_receipt_pays_its_order_amount_attempt_and_mode_alone() {
    let (receipt, due) = (samples::receipt(), samples::due());
    assert_eq!(receipt.pays(&due), Ok(()));
    for (what, other, expected) in [
        ("mode", Due { mode: Mode::Live, ..due }, Rejection::WrongMode),
        ("hash", Due { order_hash: [0; 32], ..due }, Rejection::WrongOrder),
        ("amount", Due { amount_cents: 1, ..due }, Rejection::WrongOrder),
        ("attempt", Due { attempt: 2, ..due }, Rejection::WrongOrder),
        ("order", Due { order: Id([0; 16]), ..due }, Rejection::WrongOrder),
    ] {
        assert_eq!(receipt.pays(&other), Err(expected), "{what}");
    }
}

#[test]
fn a_warrant_raises_the_epoch_once_and_a_code_is_for_one_origin() {
    let warrant = samples::warrant();
    assert_eq!(warrant.raises(1), Ok(()));
    assert_eq!(warrant.raises(2), Err(Rejection::Outdated));
    let code = samples::hand_over();
    assert_eq!(code.is_for("https://chakri.lan.example.org"), Ok(()));
    assert_eq!(code.is_for("https://chakri.lan.example.com"), Err(Rejection::WrongOrigin));
}

#[test]
fn a_new_root_is_believed_because_an_old_one_says_so() {
    let pinned = Roots { present: public(samples::PREVIOUS_ROOT), previous: None, at_ms: NOW_MS };
    let mut verifier = Verifier::new(samples::venue());
    verifier.trust(pinned.present);
    let next = Roots { at_ms: NOW_MS + 1, ..samples::roots() };
    let by = |seed: [u8; 32], next: &Roots| verifier.clone().succeed(&pinned, &signed(seed, next));
    assert_eq!(by(samples::ROOT, &next), Err(Rejection::UnknownKey), "by itself");
    let older = Roots { at_ms: NOW_MS - 1, ..next.clone() };
    assert_eq!(by(samples::PREVIOUS_ROOT, &older), Err(Rejection::Outdated));

    verifier.succeed(&pinned, &signed(samples::PREVIOUS_ROOT, &next)).unwrap();
    let beacon = |seed: [u8; 32]| signed(seed, &samples::beacon());
    let ask = |verifier: &Verifier, seed| verdict(verifier, "beacon", &beacon(seed), &now());
    assert_eq!(ask(&verifier, samples::ROOT), Ok(()));
    assert_eq!(ask(&verifier, samples::PREVIOUS_ROOT), Ok(()), "both, while they overlap");
    let alone = Roots { previous: None, at_ms: NOW_MS + 2, ..next.clone() };
    verifier.succeed(&next, &signed(samples::ROOT, &alone)).unwrap();
    assert_eq!(ask(&verifier, samples::PREVIOUS_ROOT), Err(Rejection::UnknownKey));
}

#[test]
fn nothing_is_signed_that_no_reader_would_take() {
    let root = key(samples::ROOT);
    let reversed =
        Certificate { doors: vec!["b".to_owned(), "a".to_owned()], ..samples::certificate() };
    let long = Certificate {
        window: samples::lasting(limits::CERTIFICATE_MS + 1),
        ..samples::certificate()
    };
    let sign = |certificate| Document::sign(&root, &certificate).map(|_| ());
    assert_eq!(sign(reversed), Err(Rejection::Malformed));
    assert_eq!(sign(long), Err(Rejection::Malformed));
    let member = |ms| Membership { window: samples::lasting(ms), ..samples::membership() };
    for (ms, holds) in [(59_999, false), (60_000, true), (90_000, true), (90_001, false)] {
        assert_eq!(Document::sign(&root, &member(ms)).is_ok(), holds, "{ms}");
    }
    let card = |ms| Card { window: samples::lasting(ms), ..samples::card() };
    for (ms, holds) in [(limits::CARD_MS, true), (limits::CARD_MS + 1, false)] {
        assert_eq!(Document::sign(&root, &card(ms)).is_ok(), holds, "{ms}");
    }
    let code = HandOver { window: samples::lasting(120_001), ..samples::hand_over() };
    assert!(Document::sign(&root, &code).is_err());
    let due = Due { amount_cents: -1, ..samples::due() };
    assert!(Document::sign(&root, &Receipt { due, ..samples::receipt() }).is_err());
}
