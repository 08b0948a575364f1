//! Pictures of what is sold: written anew, found by their content, and never more than travel.

use jpeg_encoder::{ColorType, Encoder};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::{
    cases,
    contract::{
        Case,
        venue::{Answer, Venue},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_picture_is_written_anew_shown_to_everybody_and_of_its_venue,
    what_is_no_picture_or_has_no_room_changes_nothing,
];

const WHERE: &[u8] = b"GPS 50.8503N 4.3517E";
const PAGE: &str = "/catalogue/products/cola";

/// A picture with a place in it, and with so much on it that it does not get small by itself.
fn photo(seed: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 95);
    encoder.add_exif_metadata(WHERE).expect("the notes are short");
    let noise =
        (0..900 * 700 * 3_u32).map(|at| ((at ^ seed).wrapping_mul(2_654_435_761) >> 24) as u8);
    let pixels: Vec<u8> = noise.collect();
    encoder.encode(&pixels, 900, 700, ColorType::Rgb).expect("it has the pixels that it says");
    bytes
}

/// Sends a form with a file, as browsers do.
fn send(venue: &Venue, role: &str, path: &str, file: &[u8]) -> Answer {
    let cookie = venue.sign_in(role);
    let mut body =
        b"--x1\r\nContent-Disposition: form-data; name=\"do\"\r\n\r\npicture\r\n".to_vec();
    let head = "--x1\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.exe\"\r\n\
         Content-Type: image/png\r\n\r\n";
    body.extend(head.as_bytes());
    body.extend(file);
    body.extend(b"\r\n--x1--\r\n");
    let headers = [
        ("content-type", "multipart/form-data; boundary=x1"),
        ("cookie", cookie.as_str()),
        ("accept", "text/html"),
    ];
    venue.send("POST", path, &headers, &body)
}

fn named(venue: &Venue) -> String {
    let sql = "SELECT picture FROM product WHERE venue = ?1 AND id = 'cola'";
    venue.rows(sql, json!([venue.id]))[0]["picture"].as_str().unwrap_or_default().to_owned()
}

fn a_picture_is_written_anew_shown_to_everybody_and_of_its_venue(venue: &Venue) {
    let beside = venue.beside();
    let answer = send(venue, "owner", PAGE, &photo(1));
    assert_eq!(answer.status, 303, "{}", answer.body);
    let address = named(venue);
    let id = address.strip_prefix("/pictures/").expect("it is a picture of the venue");
    let shown = venue.get(&address);
    assert_eq!((shown.status, shown.header("content-type")), (200, "image/jpeg"));
    assert!(shown.header("cache-control").contains("immutable"), "{:?}", shown.headers);
    let hash: String = Sha256::digest(&shown.bytes).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(hash, id, "it is found by its content");
    assert!(shown.bytes.len() <= 40_000, "{} bytes", shown.bytes.len());
    let keeps = |words: &[u8]| shown.bytes.windows(words.len()).any(|window| window == words);
    assert!(!keeps(WHERE), "where it was taken is gone");
    assert!(!venue.get("/menu").body.contains(&address), "a draft is not on sale");
    let owner = venue.sign_in("owner");
    let publish = [("cookie", owner.as_str())];
    assert_eq!(venue.post_with("/api/menu/publish", &json!({}), &publish).status, 200);
    assert!(venue.get("/menu").body.contains(&address));
    assert_eq!(beside.get(&address).status, 404, "another venue has it not");
    // The same again is the same, and keeps nothing twice.
    assert_eq!(send(venue, "owner", PAGE, &photo(1)).status, 303);
    assert_eq!((named(venue), kept(venue)), (address.clone(), json!(1)));
    // What lies in the store under its name and is not what the name says is not shown.
    let spoil = "UPDATE menu_picture SET content = 'AAAA' WHERE venue = ?1";
    let done = venue.sql("commit", json!([{"sql": spoil, "params": [venue.id]}]));
    assert_eq!(done, json!({"ok": []}));
    assert_eq!(venue.get(&address).status, 404);
}

fn kept(venue: &Venue) -> Json {
    let sql = "SELECT count(*) AS kept FROM menu_picture WHERE venue = ?1";
    venue.rows(sql, json!([venue.id]))[0]["kept"].clone()
}

fn what_is_no_picture_or_has_no_room_changes_nothing(venue: &Venue) {
    let before = named(venue);
    for (role, path, file, status) in [
        ("kitchen", PAGE, photo(1), 403),
        ("owner", "/catalogue/products/nothing", photo(1), 404),
        ("owner", PAGE, b"<svg onload=alert(1)>".to_vec(), 422),
        ("owner", PAGE, photo(1)[..2_000].to_vec(), 422),
        ("owner", PAGE, Vec::new(), 422),
        ("owner", PAGE, vec![0xff; 4_100_000], 413),
    ] {
        let answer = send(venue, role, path, &file);
        assert_eq!(answer.status, status, "{role} {path}: {}", answer.body);
    }
    assert_eq!((named(venue), kept(venue)), (before.clone(), json!(0)));
    let fill = "INSERT INTO menu_picture (venue, id, content, stamp, writer) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) \
         SELECT ?1, 'full-' || i, '', 1, 1 FROM n";
    let done = venue.sql("commit", json!([{"sql": fill, "params": [venue.id]}]));
    assert_eq!(done, json!({"ok": []}));
    let full = send(venue, "owner", PAGE, &photo(1));
    assert_eq!(full.status, 409, "{}", full.body);
    assert_eq!(named(venue), before);
    for odd in ["full-1", "..%2f..%2fetc", "0"] {
        assert_eq!(venue.get(&format!("/pictures/{odd}")).status, 404, "{odd}");
    }
}
