//! One document of each kind, by keys of fixed seeds. It must not know what is tested.

use sync_engine::id::{ReplicaId, VenueId};

use crate::{
    time::Time,
    trust::{
        Id, Kind, PublicKey, SecretKey, Verifier, Window,
        beacon::Beacon,
        card::Card,
        certificate::Certificate,
        delegation::Delegation,
        entitlement::Entitlement,
        hand_over::HandOver,
        limits,
        membership::Membership,
        receipt::{Mode, Receipt},
        roots::Roots,
        ticket::{Due, Line, Ticket},
        warrant::Warrant,
    },
};

/// When all of it was signed.
pub(super) const NOW_MS: u64 = 1_795_219_200_000;
pub(super) const ROOT: [u8; 32] = [1; 32];
pub(super) const PREVIOUS_ROOT: [u8; 32] = [2; 32];
pub(super) const GATEWAY: [u8; 32] = [3; 32];
pub(super) const HOLDER: [u8; 32] = [4; 32];
pub(super) const STRANGER: [u8; 32] = [5; 32];

pub(super) fn key(seed: [u8; 32]) -> SecretKey {
    SecretKey::from_seed(&seed)
}

pub(super) fn public(seed: [u8; 32]) -> PublicKey {
    key(seed).public()
}

pub(super) fn venue() -> VenueId {
    VenueId::parse("chakri").unwrap()
}

/// From now on for so long.
pub(super) const fn lasting(ms: u64) -> Window {
    Window { from_ms: NOW_MS, until_ms: NOW_MS + ms }
}

pub(super) fn certificate() -> Certificate {
    let kinds = [Kind::Ticket, Kind::Entitlement, Kind::Membership, Kind::HandOver];
    Certificate {
        id: Id([16; 16]),
        venue: venue(),
        key: public(GATEWAY),
        doors: vec!["a1".to_owned(), "a2".to_owned()],
        purposes: kinds.map(Kind::byte).to_vec(),
        window: lasting(limits::CERTIFICATE_MS),
    }
}

pub(super) fn beacon() -> Beacon {
    Beacon { at_ms: NOW_MS }
}

pub(super) fn due() -> Due {
    Due {
        order: Id::parse("0b5b1e9c-4d6f-8a1b-8c2d-3e4f5a6b7c8d").unwrap(),
        order_hash: [0xab; 32],
        amount_cents: 2_450,
        attempt: 1,
        mode: Mode::Test,
    }
}

pub(super) fn ticket() -> Ticket {
    let line = |quantity, label: &str, total_cents| Line {
        quantity,
        label: label.to_owned(),
        total_cents,
    };
    Ticket {
        venue: venue(),
        due: due(),
        call: "K1-017".to_owned(),
        window: lasting(1_800_000),
        lines: vec![line(2, "Le Cheese King", 2_300), line(1, "Thé à la menthe", 150)],
    }
}

pub(super) fn receipt() -> Receipt {
    let payment = "pi_3Q0000000000000000000000".to_owned();
    Receipt { venue: venue(), due: due(), payment, paid_ms: NOW_MS }
}

pub(super) fn entitlement() -> Entitlement {
    Entitlement {
        serial: Id([32; 16]),
        venue: venue(),
        door: "a1".to_owned(),
        holder: public(HOLDER),
        window: lasting(7_200_000),
        is_delegable: true,
    }
}

pub(super) fn delegation() -> Delegation {
    Delegation {
        id: Id([33; 16]),
        serial: Id([32; 16]),
        delegate: public(STRANGER),
        window: lasting(3_600_000),
    }
}

pub(super) fn membership() -> Membership {
    Membership { venue: venue(), member: Id([48; 16]), window: lasting(90_000) }
}

pub(super) fn card() -> Card {
    Card {
        id: Id([49; 16]),
        venue: venue(),
        member: Id([48; 16]),
        holder: Some(public(HOLDER)),
        window: lasting(limits::CARD_MS),
    }
}

/// Counts only with what its member knows.
pub(super) fn printed_card() -> Card {
    Card { id: Id([50; 16]), holder: None, ..card() }
}

pub(super) fn warrant() -> Warrant {
    Warrant {
        id: Id([64; 16]),
        venue: venue(),
        standby: ReplicaId::parse("standby").unwrap(),
        epoch: 2,
        window: lasting(600_000),
    }
}

pub(super) fn hand_over() -> HandOver {
    HandOver {
        nonce: Id([80; 16]),
        venue: venue(),
        person: Id([81; 16]),
        session: "staff".to_owned(),
        origin: "https://chakri.lan.example.org".to_owned(),
        window: lasting(60_000),
    }
}

pub(super) fn roots() -> Roots {
    Roots { present: public(ROOT), previous: Some(public(PREVIOUS_ROOT)), at_ms: NOW_MS }
}

/// Believes the root of the samples, and its gateway.
pub(super) fn verifier() -> Verifier {
    let mut verifier = Verifier::new(venue());
    verifier.trust(public(ROOT));
    let certificate = crate::trust::Document::sign(&key(ROOT), &certificate()).unwrap();
    verifier.learn(certificate.as_bytes(), &Time::certain(NOW_MS)).unwrap();
    verifier
}

/// Runs a piece of code with each sample and the seed of who signs it.
macro_rules! for_each_sample {
    (|$name:ident, $seed:ident, $body:ident| $code:expr) => {{
        use $crate::trust::tests::samples as s;
        for_each_sample!(@one "certificate", s::ROOT, s::certificate(), $name, $seed, $body, $code);
        for_each_sample!(@one "beacon", s::ROOT, s::beacon(), $name, $seed, $body, $code);
        for_each_sample!(@one "ticket", s::GATEWAY, s::ticket(), $name, $seed, $body, $code);
        for_each_sample!(@one "receipt", s::ROOT, s::receipt(), $name, $seed, $body, $code);
        for_each_sample!(@one "entitlement", s::GATEWAY, s::entitlement(), $name, $seed, $body,
            $code);
        for_each_sample!(@one "delegation", s::HOLDER, s::delegation(), $name, $seed, $body, $code);
        for_each_sample!(@one "membership", s::HOLDER, s::membership(), $name, $seed, $body, $code);
        for_each_sample!(@one "card", s::ROOT, s::card(), $name, $seed, $body, $code);
        for_each_sample!(@one "printed_card", s::ROOT, s::printed_card(), $name, $seed, $body,
            $code);
        for_each_sample!(@one "warrant", s::ROOT, s::warrant(), $name, $seed, $body, $code);
        for_each_sample!(@one "hand_over", s::GATEWAY, s::hand_over(), $name, $seed, $body, $code);
        for_each_sample!(@one "roots", s::ROOT, s::roots(), $name, $seed, $body, $code);
    }};
    (@one $text:literal, $key:expr, $sample:expr, $name:ident, $seed:ident, $body:ident,
     $code:expr) => {{
        let ($name, $seed, $body) = ($text, $key, $sample);
        $code
    }};
}
pub(super) use for_each_sample;
