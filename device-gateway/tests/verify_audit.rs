//! `relais verify-audit` on a real store: it is content with what was written, and with nothing
//! else.

#![expect(clippy::unwrap_used, reason = "this is a test: what does not hold panics")]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use app::{migrations, ports::Database, rows};
use domain::{
    audit::{
        Act, Entry,
        seal::{Life, Record, Seal},
    },
    schema::SCHEMA,
    time::{Certainty, Time},
};
use relais::store::Store;
use rusqlite::Connection;
use serde_json::{Value as Json, json};
use sync_engine::{
    append::{self, Pen},
    id::{VenueId, Writer},
};

/// A store with five entries, of which three are sealed.
async fn store(folder: &Path) {
    let store = Store::open(&folder.join("data/relais.db")).unwrap();
    migrations::apply(&store).await.unwrap();
    let venue = VenueId::parse("chakri").unwrap();
    let writer = Writer::parse("gateway", "g1").unwrap();
    store.commit(&rows::venue::open(&venue, &writer, &[])).await.unwrap();
    let pen = Pen { venue, writer: writer.clone(), now_ms: 1_000 };
    let time = Time { now_ms: 1_000, certainty: Certainty::Certain };
    let mut records = Vec::new();
    for number in 1..=5 {
        let id = format!("e{number}");
        let entry = Entry {
            id: id.clone(),
            act: Act::Paid,
            actor: "p1",
            subject: "o1",
            detail: json!({"total_cents": 100}),
            from: "10.0.0.0/24".to_owned(),
            time,
        };
        let batch = append::batch(&SCHEMA, &pen, &[entry.draft(&writer)]).unwrap();
        store.commit(&batch).await.unwrap();
        records.push(Record {
            id,
            number,
            act: "paid".to_owned(),
            actor: "p1".to_owned(),
            subject: "o1".to_owned(),
            detail: json!({"total_cents": 100}),
            source: "10.0.0.0/24".to_owned(),
            at_ms: 1_000,
            certain: 1,
            life: Life::of(&writer),
        });
    }
    let seal = Seal::after(None, &Life::of(&writer), records.get(..3).unwrap(), 2_000).unwrap();
    store.commit(&append::batch(&SCHEMA, &pen, &[seal.draft()]).unwrap()).await.unwrap();
}

fn verify(file: &Path) -> (bool, Vec<Json>) {
    let run = Command::new(env!("CARGO_BIN_EXE_relais"))
        .args(["verify-audit", "--config"])
        .arg(file)
        .output()
        .unwrap();
    let said = String::from_utf8(run.stdout).unwrap();
    let lines = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    (run.status.success(), lines)
}

fn config(folder: &Path) -> PathBuf {
    let file = folder.join("gateway.toml");
    std::fs::write(&file, format!("data_dir = {:?}\n", folder.join("data"))).unwrap();
    file
}

#[tokio::test]
async fn the_command_finds_what_was_changed_by_hand_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path());
    assert_eq!(verify(&file), (false, Vec::new()), "there is no store, and none is made");
    assert!(!folder.path().join("data").exists());
    store(folder.path()).await;
    let (is_sound, lives) = verify(&file);
    assert!(is_sound, "{lives:?}");
    let life = lives.first().unwrap();
    assert_eq!(
        (&life["entries"], &life["sealed"], &life["last"]),
        (&json!(5), &json!(3), &json!(5))
    );

    for (sql, fault) in [
        (
            "UPDATE audit_entry SET actor = 'p2' WHERE number = 2",
            json!({"fault": "altered", "number": 2}),
        ),
        ("UPDATE audit_entry SET actor = 'p1' WHERE number = 2", Json::Null),
        ("DELETE FROM audit_entry WHERE number = 5", json!({"fault": "removed", "number": 5})),
    ] {
        let by_hand = Connection::open(folder.path().join("data/relais.db")).unwrap();
        assert_eq!(by_hand.execute(sql, []).unwrap(), 1);
        let (is_sound, lives) = verify(&file);
        assert_eq!(is_sound, fault.is_null(), "{sql}");
        let expected = if fault.is_null() { json!([]) } else { json!([fault]) };
        assert_eq!(lives.first().unwrap()["findings"], expected, "{sql}");
    }
}
