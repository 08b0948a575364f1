//! A field becomes the same value wherever it is folded: from the log, one by one, all at once; and
//! of two changes there is always a winner.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use sync_engine::{change::Change, id::Writer, stamp::Hlc};

use crate::{draft, menu, store::Store};

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-(1_i64 << 53) + 1..1 << 53).prop_map(Json::from),
        "[ -~é\u{1f600}\"\\\\\n]{0,12}".prop_map(Json::from),
        "[ +-]?[0-9]{0,25}[a.]?".prop_map(Json::from),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            proptest::collection::btree_map("[a-zé\" ]{0,5}", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_field_becomes_the_same_value_however_it_is_folded(
        title in any_json(),
        more in any_json(),
        cents in any_json(),
    ) {
        let source = Store::new("a");
        let label = draft("dish", "d", "label", json!({"title": title, "more": more}));
        let offer = draft("dish", "d", "offer", json!({"cents": cents}));
        prop_assert!(source.write(&[label, offer], 1));
        for name in ["b", "c"] {
            let other = Store::new(name);
            source.exchange(&other, 1, || false);
            prop_assert_eq!(source.content(), other.content(), "{}", other.one_by_one);
        }
    }

    #[test]
    fn there_is_always_a_winner_and_everywhere_the_same(
        changes in proptest::collection::vec((0..2_u8, 0..2_i64, any_json()), 2..5),
        shuffle in any::<u64>(),
    ) {
        let seqs = |changes: &mut Vec<Change>| {
            for number in 0..changes.len() {
                let writer = changes[number].writer.clone();
                let before = changes[..number].iter().filter(|c| c.writer == writer).count();
                changes[number].seq = before as u64 + 1;
            }
        };
        let mut sent: Vec<Change> = changes.iter().map(|(writer, stamp, title)| {
            let fields = json!({"title": title});
            let Json::Object(payload) = fields else { unreachable!() };
            let stamp = Hlc::from_bits(stamp + 1);
            Change {
                writer: Writer::parse(&format!("w{writer}"), "g").expect("names"),
                seq: 0,
                claimed: stamp,
                effective: stamp,
                table: "dish".to_owned(),
                entity: "d".to_owned(),
                register: "label".to_owned(),
                payload,
            }
        }).collect();
        let (b, c) = (Store::new("b"), Store::new("c"));
        seqs(&mut sent);
        b.take_in(&menu(), &sent, 1).expect("they are sound");
        sent.sort_by_key(|c| (c.effective.bits() as u64 + c.seq + 7).wrapping_mul(shuffle | 1));
        seqs(&mut sent);
        for change in &sent {
            c.take_in(&menu(), std::slice::from_ref(change), 1).expect("it is sound");
        }
        prop_assert_eq!(b.content(), c.content());
    }
}
