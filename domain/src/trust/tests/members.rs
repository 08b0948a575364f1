//! What a member shows is believed from their own phone, just now, and of nobody else.

use qrcode::{EcLevel, QrCode, Version};
use sync_engine::id::VenueId;

use super::samples::{self, NOW_MS, key, public};
use crate::{
    time::{Certainty, Time},
    trust::{
        Body, Document, Id, InTime, Rejection, Verifier, Window, card::Card,
        membership::Membership, revocation::Subject, shown::Shown,
    },
};

fn signed<T: Body>(seed: [u8; 32], body: &T) -> Vec<u8> {
    Document::sign(&key(seed), body).unwrap().as_bytes().to_vec()
}

fn beside() -> VenueId {
    VenueId::parse("beside").unwrap()
}

fn ask(
    verifier: &Verifier,
    (card, shown): (&[u8], &[u8]),
    time: &Time,
) -> Result<InTime, Rejection> {
    verifier.verify_membership(card, shown, time).map(|(card, shown)| {
        assert_eq!(card.body.member, shown.body.member);
        shown.in_time
    })
}

#[test]
fn a_phone_proves_its_own_card_for_a_minute_and_a_half() {
    let (card, shown) = (samples::card(), samples::membership());
    let other = Membership { member: Id([9; 16]), ..shown.clone() };
    let elsewhere = Membership { venue: beside(), ..shown.clone() };
    let card_elsewhere = Card { venue: beside(), ..card.clone() };
    let ended =
        Card { window: Window { from_ms: NOW_MS - 9, until_ms: NOW_MS - 1 }, ..card.clone() };
    let ends = Card { window: samples::lasting(89_999), ..card.clone() };
    let of_another = Card { holder: Some(public(samples::STRANGER)), ..card.clone() };
    let (root, holder) = (samples::ROOT, samples::HOLDER);
    for (what, (card_by, card), (by, shown), expected) in [
        ("as made", (root, &card), (holder, &shown), Ok(InTime::Yes)),
        (
            "of another phone",
            (root, &card),
            (samples::STRANGER, &shown),
            Err(Rejection::UnknownKey),
        ),
        ("of another's card", (root, &of_another), (holder, &shown), Err(Rejection::UnknownKey)),
        ("by the root", (root, &card), (root, &shown), Err(Rejection::UnknownKey)),
        ("of another member", (root, &card), (holder, &other), Err(Rejection::NotPermitted)),
        ("of another venue", (root, &card), (holder, &elsewhere), Err(Rejection::WrongVenue)),
        (
            "a card of another venue",
            (root, &card_elsewhere),
            (holder, &shown),
            Err(Rejection::WrongVenue),
        ),
        ("a card that has ended", (root, &ended), (holder, &shown), Err(Rejection::Expired)),
        ("longer than its card", (root, &ends), (holder, &shown), Err(Rejection::NotPermitted)),
        (
            "a card from a gateway",
            (samples::GATEWAY, &card),
            (holder, &shown),
            Err(Rejection::NotPermitted),
        ),
        (
            "a card from nobody",
            (samples::STRANGER, &card),
            (holder, &shown),
            Err(Rejection::UnknownKey),
        ),
        (
            "a card from paper",
            (root, &samples::printed_card()),
            (holder, &shown),
            Err(Rejection::UnknownKey),
        ),
    ] {
        let (card, shown) = (signed(card_by, card), signed(by, shown));
        let found = ask(&samples::verifier(), (&card, &shown), &Time::certain(NOW_MS));
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn a_photographed_code_is_worth_nothing_after_its_time() {
    let (card, shown) =
        (signed(samples::ROOT, &samples::card()), signed(samples::HOLDER, &samples::membership()));
    let verifier = samples::verifier();
    for (at_ms, expected) in [
        (NOW_MS - 61_000, Err(Rejection::NotYet)),
        (NOW_MS - 59_000, Ok(InTime::Yes)),
        (NOW_MS + 90_000, Ok(InTime::Yes)),
        (NOW_MS + 90_001, Err(Rejection::Expired)),
    ] {
        let found = ask(&verifier, (&card, &shown), &Time::certain(at_ms));
        assert_eq!(found, expected, "{at_ms}");
    }
    let uncertain =
        |floor_ms| Time { now_ms: NOW_MS, certainty: Certainty::Uncertain { floor_ms } };
    let unknown = ask(&verifier, (&card, &shown), &uncertain(NOW_MS - 1));
    assert_eq!(unknown, Ok(InTime::Unknown), "nobody can tell, so nobody is recognised by it");
    let late = ask(&verifier, (&card, &shown), &uncertain(NOW_MS + 90_001));
    assert_eq!(late, Err(Rejection::Expired));
}

#[test]
fn a_card_and_its_phone_are_revoked_and_no_bit_of_them_is_altered() {
    let (card, shown) =
        (signed(samples::ROOT, &samples::card()), signed(samples::HOLDER, &samples::membership()));
    let now = Time::certain(NOW_MS);
    for subject in
        [Subject::Document(samples::card().id), Subject::Key(public(samples::HOLDER).id())]
    {
        let mut verifier = samples::verifier();
        verifier.revoke(subject);
        assert_eq!(ask(&verifier, (&card, &shown), &now), Err(Rejection::Revoked), "{subject}");
    }
    let verifier = samples::verifier();
    for place in 0..card.len() {
        let mut other = card.clone();
        other[place] ^= 1;
        assert!(ask(&verifier, (&other, &shown), &now).is_err(), "byte {place} of the card");
    }
    for place in 0..shown.len() {
        let mut other = shown.clone();
        other[place] ^= 1;
        assert!(ask(&verifier, (&card, &other), &now).is_err(), "byte {place} of the proof");
    }
    let alone = verifier.verify::<Membership>(&shown, &now);
    assert!(alone.is_err(), "without its card");
}

#[test]
fn what_is_shown_is_read_as_it_was_written_and_nothing_else_is() {
    let both = Shown {
        card: signed(samples::ROOT, &samples::card()),
        proof: Some(signed(samples::HOLDER, &samples::membership())),
    };
    let paper = Shown { proof: None, ..both.clone() };
    for shown in [&both, &paper] {
        let text = shown.write();
        assert_eq!(Shown::read(&text).as_ref(), Ok(shown));
        let typed = format!("  {} \n", text.to_lowercase());
        assert_eq!(Shown::read(&typed).as_ref(), Ok(shown), "typed by hand");
    }
    let code = QrCode::with_error_correction_level(both.write(), EcLevel::M).unwrap();
    let Version::Normal(version) = code.version() else { panic!("a small code") };
    assert!(version <= 14, "{version}");
    for text in ["", ".", "A.", ".AEBA", "AEBA.AEBA.AEBA", "é", "1", &"A".repeat(10_000)] {
        assert_eq!(Shown::read(text), Err(Rejection::Malformed), "{text:.20}");
    }
}
