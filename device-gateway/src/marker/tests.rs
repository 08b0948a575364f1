//! Tests of the marker: every way in which a store can be found, and every place to be cut off.

use std::{os::unix::fs::PermissionsExt as _, sync::Arc};

use app::{host::Side, migrations};
use sync_engine::id::{VenueId, Writer};

use super::*;
use crate::{native::SystemEntropy, store::Store};

fn home(machine: Option<&str>, folder: &str) -> Home {
    Home { machine: machine.map(str::to_owned), folder: folder.to_owned() }
}

fn app(folder: &Path) -> App {
    let side = Side::Gateway(VenueId::parse("chakri").unwrap());
    let store = Arc::new(Store::open(&folder.join("relais.db")).unwrap());
    App { entropy: Arc::new(SystemEntropy), ..stage::app(store, stage::host(side)) }
}

/// Opens a venue, as a gateway does at its first start.
async fn open_venue(app: &App) {
    migrations::apply(app.database.as_ref()).await.unwrap();
    let venue = VenueId::parse("chakri").unwrap();
    let writer = Writer::parse("gateway", "a1").unwrap();
    app.database.commit(&app::rows::venue::open(&venue, &writer, &[])).await.unwrap();
}

async fn generation(app: &App) -> String {
    let query = Statement::new("SELECT generation FROM local_venue", Vec::new());
    let rows = app.database.read(&[query]).await.unwrap();
    text(&rows[0][0], "generation").unwrap()
}

fn block_on(body: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(body);
}

#[test]
fn a_store_is_found_as_what_it_is() {
    let here = home(Some("pi"), "data");
    let marker = |nonce: &str, home: Home| Some(Marker { nonce: nonce.to_owned(), home });
    let same = |home| marker("n1", home);
    for (what, marker, nonce, home, is) in [
        ("a first start", None, None, here.clone(), "first"),
        ("a restart", same(here.clone()), Some("n1"), here.clone(), "same"),
        ("an older database", same(here.clone()), Some("n0"), here.clone(), "copied"),
        (
            "a database of another boot",
            marker("n2", here.clone()),
            Some("n1"),
            here.clone(),
            "copied",
        ),
        ("a database without its file", None, Some("n1"), here.clone(), "copied"),
        ("a file without its database", same(here.clone()), None, here.clone(), "copied"),
        (
            "an image on another machine",
            same(here.clone()),
            Some("n1"),
            home(Some("pi2"), "data"),
            "copied",
        ),
        ("a folder's copy", same(here.clone()), Some("n1"), home(Some("pi"), "data2"), "copied"),
        (
            "a machine that lost its name",
            same(here.clone()),
            Some("n1"),
            home(None, "data"),
            "same",
        ),
        ("a machine that got a name", same(home(None, "data")), Some("n1"), here.clone(), "same"),
        ("nobody has a name", same(home(None, "data")), Some("n1"), home(None, "data"), "same"),
    ] {
        let found = match decide(marker.as_ref(), nonce, &home) {
            Start::First => "first",
            Start::Same => "same",
            Start::Copied(_) => "copied",
        };
        assert_eq!(found, is, "{what}");
    }
}

#[test]
fn wherever_a_start_is_cut_off_the_next_ones_succeed() {
    // How far the last start came, and whether the next one must take the store for a copy.
    for (step, is_copy) in [("torn", false), ("staged", false), ("replaced", true)] {
        let folder = tempfile::tempdir().unwrap();
        block_on(async {
            let app = app(folder.path());
            open_venue(&app).await;
            let file = MarkerFile::of(folder.path()).unwrap();
            assert_eq!(file.wake(&app).await, Ok(Start::First));
            let next = Marker { nonce: "cut off".to_owned(), home: file.home.clone() };
            file.stage(&next).unwrap();
            match step {
                "torn" => fs::write(folder.path().join(NAME_NEXT), "{\"no").unwrap(),
                "replaced" => file.replace().unwrap(),
                _ => {}
            }
            let before = generation(&app).await;
            let found = file.wake(&app).await.unwrap();
            assert_eq!(matches!(found, Start::Copied(_)), is_copy, "{step}");
            assert_eq!(generation(&app).await != before, is_copy, "{step}");
            assert_eq!(file.wake(&app).await, Ok(Start::Same), "{step}");
        });
    }
}

#[test]
fn a_marker_that_says_nothing_sensible_is_none_and_fails_no_start() {
    for text in ["", "{", "[]", "\0\0\0\0", "{\"nonce\": 7, \"folder\": \"x\"}"] {
        let folder = tempfile::tempdir().unwrap();
        block_on(async {
            let app = app(folder.path());
            open_venue(&app).await;
            let file = MarkerFile::of(folder.path()).unwrap();
            file.wake(&app).await.unwrap();
            fs::write(folder.path().join(NAME), text).unwrap();
            assert!(matches!(file.wake(&app).await, Ok(Start::Copied(_))), "{text}");
            assert_eq!(file.wake(&app).await, Ok(Start::Same), "{text}");
        });
    }
}

#[test]
fn a_marker_is_for_its_owner_alone_and_names_no_machine() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let app = app(folder.path());
        open_venue(&app).await;
        MarkerFile::of(folder.path()).unwrap().wake(&app).await.unwrap();
    });
    let file = folder.path().join(NAME);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(file).unwrap();
    assert!(!text.contains(folder.path().to_str().unwrap()), "{text}");
}

#[test]
fn a_folder_that_takes_no_marker_is_named_and_costs_no_life() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let app = app(folder.path());
        open_venue(&app).await;
        let file = MarkerFile::of(folder.path()).unwrap();
        file.wake(&app).await.unwrap();
        let before = generation(&app).await;
        // The store is a copy, and nothing can be written beside it.
        fs::remove_file(folder.path().join(NAME)).unwrap();
        fs::create_dir(folder.path().join(NAME_NEXT)).unwrap();
        for _ in 0..3 {
            let error = file.wake(&app).await.unwrap_err();
            assert!(error.contains(NAME) && error.contains("must take writes"), "{error}");
        }
        assert_eq!(generation(&app).await, before);
        fs::remove_dir(folder.path().join(NAME_NEXT)).unwrap();
        assert!(matches!(file.wake(&app).await, Ok(Start::Copied(_))));
        assert_ne!(generation(&app).await, before);
    });
}

#[test]
fn a_machine_is_known_by_what_it_says_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let of = |text: &[u8]| {
        let file = folder.path().join("identity");
        fs::write(&file, text).unwrap();
        identity(&file)
    };
    let pi = of(b"10000000abcdef01\0").unwrap();
    assert_eq!(of(b"10000000abcdef01\n"), Some(pi.clone()));
    assert_ne!(of(b"10000000abcdef02\0"), Some(pi.clone()));
    assert!(!pi.contains("abcdef01"));
    for nothing in [&b""[..], b"\n", b"\0", b"uninitialized\n"] {
        assert_eq!(of(nothing), None);
    }
    assert_eq!(identity(&folder.path().join("nowhere")), None);
}
