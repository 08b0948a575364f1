//! Laws of documents: what is written is read, and nothing else is.

use proptest::{collection::vec, prelude::*};

use super::samples::{self, for_each_sample};
use crate::{
    time::Time,
    trust::{
        Body, Document, Id, Window,
        certificate::Certificate,
        entitlement::Entitlement,
        fields::{FieldReader, FieldWriter},
        limits, text,
        ticket::{Line, Ticket},
    },
};

fn window(longest_ms: u64) -> impl Strategy<Value = Window> {
    (0..1_u64 << 52, 0..=longest_ms)
        .prop_map(|(from_ms, ms)| Window { from_ms, until_ms: from_ms + ms })
}

prop_compose! {
    fn certificate()(
        id: [u8; 16],
        seed: [u8; 32],
        doors in proptest::collection::btree_set("[a-z0-9_-]{1,64}", 0..6),
        purposes in proptest::collection::btree_set(any::<u8>(), 0..=limits::PURPOSES_MAX),
        window in window(limits::CERTIFICATE_MS),
    ) -> Certificate {
        Certificate {
            id: Id(id),
            venue: samples::venue(),
            key: samples::public(seed),
            doors: doors.into_iter().collect(),
            purposes: purposes.into_iter().collect(),
            window,
        }
    }
}

prop_compose! {
    fn entitlement()(
        serial: [u8; 16],
        seed: [u8; 32],
        door in "[a-z0-9_-]{1,64}",
        window in window(1 << 40),
        is_delegable: bool,
    ) -> Entitlement {
        let holder = samples::public(seed);
        Entitlement { serial: Id(serial), venue: samples::venue(), door, holder, window,
            is_delegable }
    }
}

prop_compose! {
    fn ticket()(
        lines in vec((1_u32..=50, ".{0,40}", 0_i64..1_000_000_000), 0..30),
        call in "[A-Z0-9-]{0,12}",
        window in window(1 << 40),
    ) -> Ticket {
        let line = |(quantity, label, total_cents)| Line { quantity, label, total_cents };
        let lines = Ticket::fitting(lines.into_iter().map(line));
        Ticket { venue: samples::venue(), due: samples::due(), call, window, lines }
    }
}

/// What is signed is read again, later fields with it, in every form of text.
fn comes_back<T: Body + std::fmt::Debug>(body: &T, later: &[Vec<u8>]) -> Result<(), TestCaseError> {
    let key = samples::key(samples::GATEWAY);
    let signed = Document::sign_with(&key, body, later).unwrap();
    let bytes = signed.as_bytes();
    prop_assert_eq!(&text::from_qr(&text::to_qr(bytes)).unwrap(), bytes);
    prop_assert_eq!(&text::from_url(&text::to_url(bytes)).unwrap(), bytes);
    let read = Document::<T>::read(bytes).unwrap();
    prop_assert_eq!(read.claim(), body);
    prop_assert_eq!(read.later(), later);
    prop_assert_eq!(read.check(&key.public()), Ok(()));
    let again = Document::sign_with(&key, read.claim(), read.later()).unwrap();
    prop_assert_eq!(again.as_bytes(), bytes);
    Ok(())
}

fn later() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(vec(any::<u8>(), 0..150), 0..=4)
}

proptest! {
    #[test]
    fn what_is_signed_is_read_again(
        certificate in certificate(),
        entitlement in entitlement(),
        ticket in ticket(),
        later in later(),
    ) {
        comes_back(&certificate, &later)?;
        comes_back(&entitlement, &later)?;
        comes_back(&ticket, &later)?;
    }

    #[test]
    fn fields_have_one_form(
        numbers in vec(0..1_u64 << 53, 0..8),
        bytes in vec(any::<u8>(), 0..300),
    ) {
        let mut writer = FieldWriter::default();
        numbers.iter().for_each(|number| writer.number(*number));
        writer.bytes(&bytes);
        let written = writer.into_bytes();
        let mut reader = FieldReader::new(&written);
        for number in numbers {
            prop_assert_eq!(reader.number(), Ok(number));
        }
        prop_assert_eq!(reader.bytes(), Ok(bytes.as_slice()));
        prop_assert!(reader.is_at_end());
    }

    /// Whatever bytes are read as a body, they are what the body writes: there is no second form.
    #[test]
    fn what_is_read_is_written_the_same(bytes in vec(any::<u8>(), 0..200)) {
        fn one<T: Body>(bytes: &[u8]) -> bool {
            let mut reader = FieldReader::new(bytes);
            let Ok(body) = T::read(&mut reader) else { return true };
            let mut writer = FieldWriter::default();
            body.write(&mut writer);
            let written = writer.into_bytes();
            let mut rest = FieldWriter::default();
            while let Ok(field) = reader.bytes() {
                rest.bytes(field);
            }
            !reader.is_at_end() || [written, rest.into_bytes()].concat() == bytes
        }
        for_each_sample!(|name, _seed, body| {
            fn of<T: Body>(_: &T, bytes: &[u8]) -> bool { one::<T>(bytes) }
            prop_assert!(of(&body, &bytes), "{}", name);
        });
    }
}

#[test]
fn any_flipped_bit_and_any_cut_fails() {
    fn check<T: Body>(name: &str, seed: [u8; 32], body: &T) {
        let (key, public) = (samples::key(seed), samples::public(seed));
        let bytes = Document::sign(&key, body).unwrap().as_bytes().to_vec();
        let holds = |bytes: &[u8]| Document::<T>::read(bytes).and_then(|read| read.check(&public));
        assert_eq!(holds(&bytes), Ok(()), "{name}");
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(holds(&altered).is_err(), "{name}: bit {bit}");
        }
        for length in 0..bytes.len() {
            assert!(holds(&bytes[..length]).is_err(), "{name}: {length} bytes");
        }
        assert!(holds(&[bytes.as_slice(), &[0]].concat()).is_err(), "{name}: a byte more");
    }
    for_each_sample!(|name, seed, body| check(name, seed, &body));
}

#[test]
fn no_document_is_read_or_verified_as_another_kind() {
    let mut documents: Vec<(&str, u8, Vec<u8>)> = Vec::new();
    for_each_sample!(|name, seed, body| {
        let signed = Document::sign(&samples::key(seed), &body).unwrap();
        documents.push((name, signed.as_bytes()[1], signed.as_bytes().to_vec()));
    });
    let (verifier, time) = (samples::verifier(), Time::certain(samples::NOW_MS));
    for (name, kind, bytes) in &documents {
        for (_, other, _) in documents.iter().filter(|(_, other, _)| other != kind) {
            let mut relabelled = bytes.clone();
            relabelled[1] = *other;
            for_each_sample!(|as_what, _seed, body| {
                fn refused<T: Body>(
                    _: &T,
                    verifier: &crate::trust::Verifier,
                    bytes: &[u8],
                    time: &Time,
                ) -> bool {
                    verifier.verify::<T>(bytes, time).is_err()
                }
                assert!(refused(&body, &verifier, &relabelled, &time), "{name} as {as_what}");
            });
        }
    }
}
