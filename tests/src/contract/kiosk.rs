//! A kiosk on every host: it sells to whoever stands before it.

use serde_json::json;

use crate::{
    cases,
    contract::{
        Case,
        enrolment::station,
        logins::{cookie_of, submit},
        loyalty::correct,
        members::{Phone, somebody},
        venue::{Venue, basket_id, cheese_king, now_ms, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    staff_who_are_signed_in_at_a_kiosk_are_not_its_customer,
    a_kiosk_sells_to_whoever_showed_their_card,
];

fn staff_who_are_signed_in_at_a_kiosk_are_not_its_customer(venue: &Venue) {
    let (staff, member) = (venue.sign_in("counter"), venue.sign_in("member"));
    let offers = |path: &str, cookie: &str| {
        let shown = venue.send("GET", path, &[("cookie", cookie)], b"");
        assert_eq!(shown.status, 200, "{path}: {}", shown.body);
        shown.body.contains("data-wish=\"delivery\"")
    };
    assert!(offers("/menu", &staff), "in their own browser they are");
    assert!(!offers("/kiosk/menu", &staff), "a kiosk has nobody to bring anything to");
    assert!(offers("/kiosk/menu", &member), "whoever came as a customer stays one");
    let home = json!({
        "address": "Rue Haute 12",
        "postal_code": "1000",
        "phone": "0470 12 34 56",
    });
    let basket = |number: u32| {
        json!({
            "id": basket_id(number),
            "mode": "delivery",
            "lines": [{"product": "le-cheese-king", "quantity": 2}],
            "total_cents": 2800,
            "delivery": home,
        })
    };
    for (number, path, cookie, status) in [
        (1, "/api/orders?kiosk=1", &staff, 403),
        (2, "/api/orders", &staff, 201),
        (3, "/api/orders?kiosk=1", &member, 201),
    ] {
        let answer = venue.post_with(path, &basket(number), &[("cookie", cookie)]);
        assert_eq!(answer.status, status, "{number}: {}", answer.body);
    }
}

fn a_kiosk_sells_to_whoever_showed_their_card(venue: &Venue) {
    let phone = Phone::bind(venue, &somebody(venue, "1", "member"), 1);
    let member = phone.card.member.to_string();
    let [here, other] = [station(venue, "kiosk"), station(venue, "kiosk")];
    let code = phone.shows(now_ms());
    let show = |kiosk: &str| {
        let body = json!({"code": code});
        venue.post_with("/api/kiosk/card?kiosk=1", &body, &[("cookie", kiosk)])
    };
    for browser in ["relais_device=", &station(venue, "kitchen")] {
        let refused = show(browser);
        assert_eq!((refused.status, refused.code().as_str()), (403, "kiosk_only"));
    }
    let shown = show(&here);
    assert_eq!(shown.status, 200, "{}", shown.body);
    let set = shown.header("set-cookie");
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
    let again = show(&here);
    assert_eq!((again.status, again.code().as_str()), (409, "code_shown_before"));
    let card = format!("{here}; {}", cookie_of(&shown));
    let carried = format!("{other}; {}", cookie_of(&shown));
    let forged = card.replacen(&member, &"0".repeat(member.len()), 1);
    let greets = |path: &str, card: &str| {
        let page = venue.send("GET", path, &[("cookie", card)], b"");
        page.body.contains("Prune Fidèle")
    };
    assert!(greets("/kiosk/menu", &card));
    assert!(!greets("/menu", &card), "no kiosk");
    assert!(!greets("/kiosk/menu", &carried), "another kiosk");
    assert!(!greets("/kiosk/menu", &forged));
    let by = |number: u32, path: &str, card: &str| {
        let answer = venue.post_with(path, &cheese_king(number), &[("cookie", card)]);
        assert_eq!(answer.status, 201, "{number}: {}", answer.body);
        let sql = "SELECT person FROM customer_order WHERE venue = ?1 AND id = ?2";
        venue.rows(sql, json!([venue.id, order_id(number)]))[0]["person"].clone()
    };
    assert_eq!(by(1, "/api/orders?kiosk=1", &card), json!(member));
    assert_eq!(by(2, "/api/orders", &card), json!(""), "no kiosk");
    assert_eq!(by(3, "/api/orders?kiosk=1", &forged), json!(""));
    pays_with_their_points(venue, &member, (&card, &carried));
    let left = venue.send("GET", "/kiosk", &[("cookie", card.as_str())], b"");
    let set = left.header("set-cookie");
    assert!(set.starts_with("relais_at_kiosk=;") && set.contains("Max-Age=0"), "{set}");
}

fn pays_with_their_points(venue: &Venue, member: &str, (card, carried): (&str, &str)) {
    assert_eq!(correct(venue, &venue.sign_in("manager"), member, 1150).status, 200);
    let order = order_id(1);
    let path = format!("/kiosk/orders/{order}/points");
    let page = venue.send("GET", &format!("/orders/{order}?kiosk=1"), &[("cookie", card)], b"");
    assert!(page.body.contains(&path), "points are offered: {}", page.body);
    let pay = |venue: &Venue, card: &str| submit(venue, &path, &[("cookie", card)], &[]).status;
    assert_eq!((pay(venue, carried), pay(&venue.beside(), card)), (409, 409));
    assert_eq!(pay(venue, card), 303);
    let state = venue.get(&format!("/api/orders/{order}")).json()["state"].clone();
    assert_eq!(state, "paid");
}
