//! When a venue is open: who says so, what customers read, and what a closed venue refuses.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        logins::submit,
        venue::{Answer, Venue, cheese_king},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_closed_venue_says_when_it_opens_and_takes_no_order,
    an_editor_s_form_says_when_the_venue_is_open_and_nobody_else_s,
    hours_that_cannot_be_are_refused_and_change_nothing,
];

const PAGE: &str = "/hours";
const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The weekday three days from now: at whichever time of day this runs, it is neither today nor
/// tomorrow on the venue's clocks.
fn in_three_days() -> usize {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is set");
    // 1970 began on a Thursday.
    usize::try_from((now.as_secs() / 86_400 + 3 + 3) % 7).expect("a weekday is small")
}

fn keep(venue: &Venue, hours: &Json) -> Answer {
    let owner = venue.sign_in("owner");
    venue.post_with("/api/catalogue/hours", hours, &[("cookie", owner.as_str())])
}

fn kept(venue: &Venue) -> Json {
    let row = &venue.rows("SELECT hours FROM venue WHERE venue = ?1", json!([venue.id]))[0];
    serde_json::from_str(row["hours"].as_str().unwrap_or_default()).unwrap_or_default()
}

fn page(venue: &Venue, path: &str) -> String {
    let joint = if path.contains('?') { '&' } else { '?' };
    let answer =
        venue.send("GET", &format!("{path}{joint}lang=en"), &[("accept", "text/html")], b"");
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body
}

fn a_closed_venue_says_when_it_opens_and_takes_no_order(venue: &Venue) {
    let day = in_three_days();
    let window = json!({"days": [day + 1], "from_minute": 690, "until_minute": 870});
    assert_eq!(keep(venue, &json!({"opening": [window], "parts": []})).status, 200);
    let told = format!("Opens on {} at 11:30.", DAYS[day]);
    for path in ["/", "/menu", "/kiosk", "/kiosk?awake=1", "/kiosk/menu"] {
        let shown = page(venue, path);
        assert!(shown.contains(&told), "{path}: {shown}");
        assert!(shown.contains("11:30–14:30"), "{path}: {shown}");
    }
    assert!(page(venue, "/kiosk").contains("page-asleep"), "a kiosk sleeps");
    assert!(page(venue, "/kiosk?awake=1").contains("page-welcome"), "until it is touched");
    let before = venue.footprint();
    let answer = venue.post("/api/orders", &cheese_king(1));
    assert_eq!((answer.status, answer.code().as_str()), (409, "venue_closed"));
    assert_eq!(venue.footprint(), before, "and nothing is written");
    assert_eq!(keep(venue, &json!({"opening": [], "parts": []})).status, 200);
    assert!(page(venue, "/kiosk").contains("page-welcome"));
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
}

fn an_editor_s_form_says_when_the_venue_is_open_and_nobody_else_s(venue: &Venue) {
    let fields = [
        ("do", "opening"),
        ("day_0_5", "1"),
        ("day_0_6", "1"),
        ("from_0", "18:00"),
        ("until_0", "01:30"),
        ("from_1", "09:00"),
        ("until_1", "10:00"),
    ];
    for role in ["kitchen", "courier"] {
        let cookie = venue.sign_in(role);
        let with = [("cookie", cookie.as_str())];
        assert_eq!(submit(venue, PAGE, &with, &fields).status, 403, "{role}");
    }
    let before = kept(venue);
    let owner = venue.sign_in("owner");
    let with = [("cookie", owner.as_str()), ("accept", "text/html")];
    let answer = submit(venue, PAGE, &with, &fields);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let window = json!({"days": [5, 6], "from_minute": 1_080, "until_minute": 1_530});
    assert_eq!(kept(venue)["opening"], json!([window]), "a row without days is none");
    assert_eq!(kept(venue)["parts"], before["parts"], "what another form says stays");
    let part = [
        ("do", "part"),
        ("id", "soir"),
        ("name_fr", "Soir"),
        ("day_0_7", "1"),
        ("from_0", "18:00"),
        ("until_0", "00:00"),
    ];
    assert_eq!(submit(venue, PAGE, &with, &part).status, 303);
    let parts = kept(venue)["parts"].as_array().cloned().unwrap_or_default();
    let evening = parts.iter().find(|part| part["id"] == "soir").expect("it is kept");
    assert_eq!(evening["windows"][0]["until_minute"], 1_440);
    let shown = venue.send("GET", "/hours?lang=en", &with, b"").body;
    assert!(shown.contains("value=\"01:30\"") && shown.contains("18:00–01:30"), "{shown}");
    let gone = [("do", "remove_part"), ("id", "soir")];
    assert_eq!(submit(venue, PAGE, &with, &gone).status, 303);
    assert_eq!(kept(venue)["parts"], before["parts"]);
    assert_eq!(submit(venue, PAGE, &with, &gone).status, 404);
}

fn hours_that_cannot_be_are_refused_and_change_nothing(venue: &Venue) {
    let owner = venue.sign_in("owner");
    let with = [("cookie", owner.as_str()), ("accept", "text/html")];
    let before = (kept(venue), venue.footprint());
    for fields in [
        vec![("do", "opening"), ("day_0_1", "1"), ("from_0", "11h<b>"), ("until_0", "14:30")],
        vec![("do", "opening"), ("day_0_1", "1"), ("from_0", "11:30")],
        vec![("do", "part"), ("id", "<b>"), ("name_fr", "Soir")],
        vec![("do", "part"), ("id", "soir")],
        vec![("do", "everything")],
    ] {
        let answer = submit(venue, PAGE, &with, &fields);
        assert!((400..500).contains(&answer.status), "{fields:?}: {}", answer.status);
        assert!(answer.body.contains("role=\"alert\""), "{fields:?}: {}", answer.body);
    }
    for window in [
        json!({"days": [8], "from_minute": 0, "until_minute": 60}),
        json!({"days": [1], "from_minute": 60, "until_minute": 60}),
    ] {
        let hours = json!({"opening": [window], "parts": []});
        let answer = venue.post_with("/api/catalogue/hours", &hours, &with[..1]);
        assert!((400..500).contains(&answer.status), "{window}: {}", answer.body);
    }
    assert_eq!((kept(venue), venue.footprint()), before);
}
