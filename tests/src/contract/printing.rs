//! Printers as settings, and what a host that does not print says.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        venue::{Answer, Venue, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    printers_are_settings_of_their_venue_and_nothing_is_printed_elsewhere,
    what_is_printed_of_an_order_is_of_its_own_venue,
];

const SETTINGS: &str = "/api/settings/printing";

fn grill(address: &str) -> Json {
    json!({"printers": [{"id": "grill", "name": "Grill", "address": address, "kitchen": true}]})
}

fn put(venue: &Venue, cookie: &str, settings: &Json) -> Answer {
    let headers = [("cookie", cookie), ("content-type", "application/json")];
    venue.send("PUT", SETTINGS, &headers, settings.to_string().as_bytes())
}

fn printers_are_settings_of_their_venue_and_nothing_is_printed_elsewhere(venue: &Venue) {
    let owner = venue.sign_in("owner");
    let (cookie, beside) = ([("cookie", owner.as_str())], venue.beside());
    assert_eq!(put(venue, &owner, &grill("192.168.7.77:9100")).status, 200);
    let read = venue.send("GET", SETTINGS, &cookie, b"").json();
    assert_eq!(read["printers"][0]["name"], "Grill", "{read}");
    for address in ["8.8.8.8:9100", "169.254.169.254:9100", "192.168.1.50:22", "printer"] {
        assert_eq!(put(venue, &owner, &grill(address)).code(), "invalid_field", "{address}");
    }
    let strange = json!({"printers": [], "of_the_future": 1});
    assert_eq!(put(venue, &owner, &strange).code(), "invalid_field");
    let page = venue.send("GET", "/printers", &cookie, b"").body;
    assert!(page.contains("192.168.7.77:9100"), "{page}");
    let theirs = beside.sign_in("owner");
    let page = beside.send("GET", "/printers", &[("cookie", &theirs)], b"").body;
    assert!(!page.contains("192.168.7.77"), "{page}");
    // An edge prints nothing: nobody shall wait for paper there.
    let tried = venue.post_with("/api/printers/grill/test", &json!({}), &cookie);
    assert_eq!((tried.status, tried.code().as_str()), (409, "prints_on_site"));
    let cook = venue.sign_in("kitchen");
    for path in [SETTINGS, "/printers"] {
        assert_eq!(venue.send("GET", path, &[("cookie", &cook)], b"").status, 403, "{path}");
    }
    let form = [("cookie", owner.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let removed = venue.send("POST", "/printers", &form, b"do=remove&id=grill");
    assert!(removed.status == 303 || removed.status == 403, "{}", removed.body);
}

fn what_is_printed_of_an_order_is_of_its_own_venue(venue: &Venue) {
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    let (staff, beside) = (venue.sign_in("counter"), venue.beside());
    let theirs = beside.sign_in("counter");
    let receipt = json!({"what": "receipt"});
    let path = format!("/api/orders/{}/print", order_id(1));
    assert_eq!(venue.post(&path, &receipt).status, 401);
    for (at, cookie) in [(venue, &staff), (&beside, &theirs)] {
        let answer = at.post_with(&path, &receipt, &[("cookie", cookie)]);
        assert_eq!((answer.status, answer.code().as_str()), (409, "prints_on_site"));
    }
    let own = venue.post(&format!("/api/orders/{}/receipt", order_id(1)), &json!({}));
    assert_eq!((own.status, own.code().as_str()), (409, "prints_on_site"));
}
