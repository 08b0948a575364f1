//! Files that a host keeps, and the photos that are among them: what is taken, what is refused, and
//! that they go with their person.

use jpeg_encoder::{ColorType, Encoder};
use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        accounts::{PASSWORD, code_of, post_code},
        logins::{change, cookie_of, forget_tries, log_in, submit},
        venue::{Answer, Headers, Venue},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_file_is_kept_as_it_was_put_until_it_is_deleted,
    a_photo_is_written_anew_and_shown_to_colleagues_alone,
    another_photo_takes_the_place_of_the_former_one,
    a_photo_goes_when_its_person_wants_it_and_with_its_person,
    what_is_no_photo_changes_nothing,
    no_more_is_kept_than_there_is_room_for,
];

const WHERE: &[u8] = b"GPS 50.8503N 4.3517E";

/// A photo with a place in it.
fn photo(level: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.add_exif_metadata(WHERE).expect("the notes are short");
    let pixels = [level, 99, 0].repeat(600 * 400);
    encoder.encode(&pixels, 600, 400, ColorType::Rgb).expect("it has the pixels that it says");
    bytes
}

/// Sends a form with a file, as browsers do.
fn send_file(venue: &Venue, headers: Headers<'_>, called: &str, file: &[u8]) -> Answer {
    let mut body = b"--x1\r\nContent-Disposition: form-data; name=\"do\"\r\n\r\nphoto\r\n".to_vec();
    let head = format!(
        "--x1\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"{called}\"\r\n\
         Content-Type: image/png\r\n\r\n"
    );
    body.extend(head.as_bytes());
    body.extend(file);
    body.extend(b"\r\n--x1--\r\n");
    let kind = [("content-type", "multipart/form-data; boundary=x1")];
    venue.send("POST", "/account/photo", &[&kind, headers].concat(), &body)
}

/// Somebody of the team with an account here: their id and their cookie.
fn colleague(venue: &Venue, name: &str) -> (String, String) {
    forget_tries(venue);
    let owner = venue.sign_in("owner");
    let email = format!("{name}@{}", venue.domain);
    let wanted = json!({"name": name, "email": email, "roles": ["counter"]});
    let answer = venue.post_with("/api/users", &wanted, &[("cookie", &owner)]);
    assert_eq!(answer.status, 201, "{}", answer.body);
    let told = answer.json();
    let code = code_of(told["invitation"].as_str().expect("an invitation"));
    assert_eq!(post_code(venue, "/password", &code, PASSWORD).status, 303);
    let cookie = cookie_of(&log_in(venue, &email, PASSWORD));
    (told["id"].as_str().expect("an id").to_owned(), cookie)
}

/// What is kept for somebody: its rows, without when.
fn kept(venue: &Venue, person: &str) -> Json {
    let sql = "SELECT b.id AS id, b.what AS what, b.sweep_ms AS sweep_ms, a.photo AS photo \
         FROM blob b LEFT JOIN account a ON a.person = b.owner WHERE b.owner = ?1 ORDER BY b.id";
    venue.rows(sql, json!([person]))
}

fn blobs(venue: &Venue, wanted: &Json) -> Answer {
    venue.post("/contract/blobs", wanted)
}

fn a_file_is_kept_as_it_was_put_until_it_is_deleted(venue: &Venue) {
    for bytes in [0, 1, 70_000, 1_500_000] {
        let put = json!({"op": "put", "seed": format!("{}-{bytes}", venue.id), "bytes": bytes});
        let answer = blobs(venue, &put);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let id = answer.json()["id"].clone();
        assert_eq!(blobs(venue, &put).json()["id"], id, "the same again is the same");
        let get = json!({"op": "get", "id": id});
        let answer = blobs(venue, &get);
        assert_eq!(answer.json()["bytes"], bytes, "{bytes}: {}", answer.body);
        let delete = json!({"op": "delete", "id": id});
        for _ in 0..2 {
            assert_eq!(blobs(venue, &delete).status, 200, "deleting twice is no fault");
            assert_eq!(blobs(venue, &get).json()["bytes"], Json::Null);
        }
    }
    for id in ["", "..", "../../relais.db", "%2e%2e", &"A".repeat(64)] {
        assert_eq!(blobs(venue, &json!({"op": "get", "id": id})).status, 422, "{id}");
    }
}

fn a_photo_is_written_anew_and_shown_to_colleagues_alone(venue: &Venue) {
    let (person, cookie) = colleague(venue, "ann");
    let with = [("cookie", cookie.as_str())];
    assert_eq!(venue.send("GET", "/account/photo", &with, b"").status, 404);
    let sent = photo(200);
    assert!(contains(&sent, WHERE));
    let answer = send_file(venue, &with, "me.png", &sent);
    let went = (answer.status, answer.header("location"));
    assert_eq!(went, (303, "/account?done=1"), "{}", answer.body);
    let shown = venue.send("GET", "/account/photo", &with, b"");
    assert_eq!((shown.status, shown.header("content-type")), (200, "image/jpeg"));
    assert_eq!(shown.header("cache-control"), "no-store");
    assert!(shown.bytes.starts_with(b"\xff\xd8\xff") && !contains(&shown.bytes, WHERE));
    let rows = kept(venue, &person);
    assert_eq!(rows[0]["id"], rows[0]["photo"], "{rows}");
    assert_eq!((&rows[0]["what"], &rows[0]["sweep_ms"]), (&json!("photo"), &json!(0)));
    let page = venue.send("GET", "/account", &with, b"").body;
    assert!(page.contains("src=\"/account/photo\""), "{page}");
    // Who may see the team sees it; who may not, and who is elsewhere, does not.
    let at = format!("/people/{person}/photo");
    let owner = venue.sign_in("owner");
    let seen = venue.send("GET", &at, &[("cookie", &owner)], b"");
    assert_eq!((seen.status, &seen.bytes), (200, &shown.bytes));
    let list = venue.send("GET", "/people", &[("cookie", &owner)], b"").body;
    assert!(list.contains(&at), "{list}");
    assert_eq!(venue.send("GET", &at, &with, b"").status, 403);
    assert_eq!(venue.get(&at).status, 401);
    let nobody = format!("/people/{}/photo", "0".repeat(32));
    assert_eq!(venue.send("GET", &nobody, &[("cookie", &owner)], b"").status, 404);
    let other = other_venue(venue);
    let abroad = other.sign_in("owner");
    assert_eq!(other.send("GET", &at, &[("cookie", &abroad)], b"").status, 404);
    let export = venue.send("GET", "/account/export", &with, b"").json();
    let told = export["photo"].as_str().unwrap_or_default();
    assert!(told.starts_with("data:image/jpeg;base64,/9j/"), "{told}");
}

fn other_venue(venue: &Venue) -> Venue {
    let host = super::venue::Host { name: "the same", url: format!("http://{}", venue.address()) };
    Venue::open(&host, &format!("{}-other", venue.id))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn another_photo_takes_the_place_of_the_former_one(venue: &Venue) {
    let (person, cookie) = colleague(venue, "eve");
    let with = [("cookie", cookie.as_str())];
    let mut former = Json::Null;
    for level in [10, 120, 250] {
        assert_eq!(send_file(venue, &with, "a.jpg", &photo(level)).status, 303);
        let rows = kept(venue, &person);
        assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
        assert_ne!(rows[0]["id"], former);
        if !former.is_null() {
            let gone = blobs(venue, &json!({"op": "get", "id": former}));
            assert_eq!(gone.json()["bytes"], Json::Null, "its bytes are gone");
        }
        former = rows[0]["id"].clone();
    }
}

fn a_photo_goes_when_its_person_wants_it_and_with_its_person(venue: &Venue) {
    let (person, cookie) = colleague(venue, "zoe");
    let with = [("cookie", cookie.as_str())];
    let take = || {
        assert_eq!(send_file(venue, &with, "a.jpg", &photo(7)).status, 303);
        kept(venue, &person)[0]["id"].clone()
    };
    let is_gone = |id: &Json| {
        assert_eq!(kept(venue, &person), json!([]));
        let found = blobs(venue, &json!({"op": "get", "id": id}));
        assert_eq!(found.json()["bytes"], Json::Null);
    };
    let id = take();
    let remove = [("do", "photo_remove")];
    assert_eq!(submit(venue, "/account/photo", &with, &remove).status, 303);
    assert_eq!(venue.send("GET", "/account/photo", &with, b"").status, 404);
    is_gone(&id);
    let id = take();
    let erased = submit(venue, "/account/erase", &with, &[("current", PASSWORD)]);
    assert_eq!(erased.status, 303, "{}", erased.body);
    is_gone(&id);
    let owner = venue.sign_in("owner");
    let at = format!("/people/{person}/photo");
    assert_eq!(venue.send("GET", &at, &[("cookie", &owner)], b"").status, 404);
}

/// A PNG whose header says a hundred million pixels.
fn bomb() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x27\x10\x00\x00\x27\x10".to_vec();
    bytes.extend(b"\x08\x02\x00\x00\x00\x35\x2c\xf5\x70\x00\x00\x00\x00IEND\xaeB`\x82");
    bytes
}

fn what_is_no_photo_changes_nothing(venue: &Venue) {
    let (person, cookie) = colleague(venue, "max");
    let with = [("cookie", cookie.as_str()), ("accept-language", "en")];
    assert_eq!(send_file(venue, &with, "a.jpg", &photo(50)).status, 303);
    let before = kept(venue, &person);
    let whole = photo(60);
    let script = b"<script>alert(1)</script>";
    let svg = [&b"<svg xmlns=\"http://www.w3.org/2000/svg\">"[..], script, b"</svg>"].concat();
    let html = [&b"<!doctype html>"[..], script, &whole].concat();
    for (called, file, status, sentence) in [
        ("me.png", &svg[..], 422, "JPEG or PNG format"),
        ("me.png", &html, 422, "JPEG or PNG format"),
        ("../../relais.db", b"SQLite format 3\0", 422, "JPEG or PNG format"),
        ("me.png", &bomb(), 422, "16 megapixels"),
        ("me.jpg", &whole[..whole.len() / 2], 422, "cannot be read"),
        ("me.jpg", b"", 422, "Choose a photo first"),
        ("me.jpg", &vec![0; 4_100_000], 413, "too large"),
    ] {
        let answer = send_file(venue, &with, called, file);
        assert_eq!(answer.status, status, "{called} {sentence}");
        assert!(answer.body.contains(sentence), "{sentence}: {}", answer.body);
        assert!(!answer.body.contains("alert(1)") && !answer.body.contains(called));
        assert_eq!(kept(venue, &person), before, "{sentence}");
    }
    // What a file is called leads nowhere, and what hangs behind a photo is not kept.
    let tailed = [&whole[..], script].concat();
    for called in ["../../static/js/menu.js", "/etc/passwd", "..\\..\\a", "a\0.png", "a.html"] {
        assert_eq!(send_file(venue, &with, called, &tailed).status, 303, "{called}");
        assert_eq!(kept(venue, &person).as_array().map(Vec::len), Some(1));
        let shown = venue.send("GET", "/account/photo", &with, b"");
        assert!(shown.bytes.starts_with(b"\xff\xd8\xff") && !contains(&shown.bytes, script));
    }
    let forged = [("cookie", cookie.as_str()), (app::csrf::HEADER, "0")];
    assert_eq!(send_file(venue, &forged, "a.jpg", &photo(70)).status, 403);
    let stranger = send_file(venue, &[], "a.jpg", &photo(70));
    assert_eq!(stranger.status, 401, "{}", stranger.body);
    let plain = [("content-type", "image/jpeg"), ("cookie", cookie.as_str())];
    assert_eq!(venue.send("POST", "/account/photo", &plain, &whole).status, 422);
}

fn no_more_is_kept_than_there_is_room_for(venue: &Venue) {
    let (person, cookie) = colleague(venue, "leo");
    let with = [("cookie", cookie.as_str()), ("accept-language", "en")];
    let full = format!(
        "INSERT INTO blob (id, owner, what, bytes, made_ms, sweep_ms) \
         VALUES ('full', '{person}', 'other', 1999000, 0, 0)"
    );
    change(venue, &full);
    let before = kept(venue, &person);
    let answer = send_file(venue, &with, "a.jpg", &photo(80));
    assert_eq!(answer.status, 409, "{}", answer.body);
    assert!(answer.body.contains("no room left"), "{}", answer.body);
    assert_eq!(kept(venue, &person), before);
    change(venue, "DELETE FROM blob WHERE id = 'full'");
    assert_eq!(send_file(venue, &with, "a.jpg", &photo(80)).status, 303);
    // Who sends photos all the time waits.
    let mut last = 303;
    for _ in 0..20 {
        last = send_file(venue, &with, "a.jpg", b"nothing").status;
    }
    assert_eq!(last, 429);
    forget_tries(venue);
}
