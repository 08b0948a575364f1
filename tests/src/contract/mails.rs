//! Mails and requests that leave, on every host: what arrives, what waits, what is not let out.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        mail_service::{FROM, KEY, mail_service},
        venue::Venue,
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_mail_leaves_by_the_host_s_mail_service,
    a_mail_that_the_service_refuses_is_given_up_and_staff_see_it,
    a_mail_that_failed_goes_out_under_the_same_id_when_staff_say_so,
    what_is_no_address_gets_no_mail,
    another_venue_s_mails_are_nobody_s_business,
    a_request_leaves_with_its_headers_and_its_body,
    a_redirect_is_told_and_not_followed,
    an_answer_is_read_within_its_limits,
    nothing_leaves_for_where_it_may_not_go,
];

const WITHIN: Duration = Duration::from_secs(30);

fn leave(venue: &Venue, to: &str) {
    let letter = json!({"kind": "confirm", "path": "/account/confirm?token=abc"});
    let answer =
        venue.post("/contract/mail", &json!({"to": to, "language": "nl", "letter": letter}));
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Asks until the outbox says so; hosts note what became of a mail after the service answered.
fn outbox(venue: &Venue, is_so: impl Fn(&Json) -> bool) -> Json {
    let cookie = venue.sign_in("kitchen");
    let ends = Instant::now() + WITHIN;
    loop {
        let told = venue.send("GET", "/api/outbox", &[("cookie", &cookie)], b"").json();
        if is_so(&told) {
            return told;
        }
        assert!(Instant::now() < ends, "the outbox says {told}");
    }
}

fn a_mail_leaves_by_the_host_s_mail_service(venue: &Venue) {
    let to = format!("ann@{}", venue.domain);
    leave(venue, &to);
    let came = mail_service().wait(&to, 1).remove(0);
    assert_eq!(came.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(came.body["from"], format!("\"Chakri\" <{FROM}>"));
    assert_eq!(came.body["subject"], "Bevestig uw adres – Chakri");
    let link = format!("https://{}/account/confirm?token=abc", venue.domain);
    for part in ["text", "html"] {
        let text = came.body[part].as_str().unwrap_or_default();
        assert!(text.contains(&link), "{part}: {text}");
    }
    let id = &came.headers["idempotency-key"];
    assert_eq!(came.body["headers"]["Message-ID"], format!("<{id}@mail.example>"));
    let told = outbox(venue, |told| told["sent"] == 1);
    assert_eq!((&told["waiting"], &told["given_up"]), (&json!(0), &json!(0)));
    assert_eq!(mail_service().count(&to), 1);
    // Neither who got it nor what it said is kept.
    let rows =
        venue.rows("SELECT sealed, recipient_key FROM outbox WHERE venue = ?1", json!([venue.id]));
    assert_eq!(rows, json!([{"sealed": "", "recipient_key": ""}]));
}

fn a_mail_that_the_service_refuses_is_given_up_and_staff_see_it(venue: &Venue) {
    let to = format!("refused@{}", venue.domain);
    leave(venue, &to);
    let told = outbox(venue, |told| told["given_up"] == 1);
    assert_eq!(told["mails"][0]["last_error"], "status_422");
    let cookie = venue.sign_in("kitchen");
    let page = venue.send("GET", "/outbox?lang=en", &[("cookie", &cookie)], b"");
    for part in ["status_422", "Given up", "Confirm the address", "r…@"] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains(&to), "who it was for is staff's business in part only");
    let form = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let id = told["mails"][0]["id"].as_str().unwrap_or_default();
    let answer = venue.send("POST", "/outbox/retry", &form, format!("id={id}").as_bytes());
    assert_eq!((answer.status, answer.header("location")), (303, "/outbox?retried=1"));
    outbox(venue, |told| told["mails"][0]["tries"] == 2 && told["given_up"] == 1);
    // It is sealed where it is kept.
    let rows = venue.rows("SELECT sealed FROM outbox WHERE venue = ?1", json!([venue.id]));
    assert!(!rows.to_string().contains("token=abc") && rows.to_string().len() > 100, "{rows}");
}

fn a_mail_that_failed_goes_out_under_the_same_id_when_staff_say_so(venue: &Venue) {
    let to = format!("busy@{}", venue.domain);
    leave(venue, &to);
    let told = outbox(venue, |told| told["mails"][0]["last_error"] == "status_503");
    assert_eq!(told["waiting"], 1);
    let id = told["mails"][0]["id"].clone();
    assert_eq!(venue.post("/api/outbox/retry", &json!({"id": id})).status, 401);
    let cookie = venue.sign_in("kitchen");
    let headers = [("cookie", cookie.as_str())];
    let answer = venue.post_with("/api/outbox/retry", &json!({"id": id}), &headers);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let came = mail_service().wait(&to, 2);
    assert_eq!(came[0].headers["idempotency-key"], came[1].headers["idempotency-key"]);
    let told = outbox(venue, |told| told["sent"] == 1);
    assert_eq!(told["mails"][0]["tries"], 2);
}

fn what_is_no_address_gets_no_mail(venue: &Venue) {
    let letter = json!({"kind": "confirm", "path": "/"});
    for to in ["ann", "a@b@c.example", "ann@x.example\r\nbcc: bob@x.example", "аnn@x.example"] {
        let wanted = json!({"to": to, "language": "fr", "letter": letter});
        let answer = venue.post("/contract/mail", &wanted);
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_field"), "{to}");
    }
    let elsewhere = json!({"kind": "confirm", "path": "//evil.example"});
    let wanted = json!({"to": "ann@x.example", "language": "fr", "letter": elsewhere});
    assert_eq!(venue.post("/contract/mail", &wanted).status, 500);
    let rows = venue.rows("SELECT id FROM outbox WHERE venue = ?1", json!([venue.id]));
    assert_eq!(rows, json!([]));
}

fn another_venue_s_mails_are_nobody_s_business(venue: &Venue) {
    let to = format!("refused@{}", venue.domain);
    leave(venue, &to);
    let told = outbox(venue, |told| told["given_up"] == 1);
    let id = told["mails"][0]["id"].clone();
    // Another venue's staff name it.
    let own = "UPDATE outbox SET venue = 'elsewhere' WHERE id = ?1";
    let moved = venue.sql("commit", json!([{"sql": own, "params": [id], "expect": 1}]));
    assert!(moved["ok"].is_array(), "{moved}");
    let cookie = venue.sign_in("counter");
    let headers = [("cookie", cookie.as_str())];
    let answer = venue.post_with("/api/outbox/retry", &json!({"id": id}), &headers);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let rows = venue.rows("SELECT state FROM outbox WHERE id = ?1", json!([id]));
    assert_eq!(rows, json!([{"state": "given_up"}]));
    let told = venue.send("GET", "/api/outbox", &headers, b"").json();
    assert_eq!(told["mails"], json!([]));
}

fn ask(venue: &Venue, asked: &Json) -> Json {
    let mut whole = json!({"body_bytes": 500, "within_ms": 20_000});
    for (name, value) in asked.as_object().expect("fields") {
        whole[name] = value.clone();
    }
    let answer = venue.post("/contract/outbound", &whole);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn a_request_leaves_with_its_headers_and_its_body(venue: &Venue) {
    let url = format!("{}/echo?a=b", mail_service().origin);
    let told = ask(venue, &json!({"url": url}));
    assert_eq!(told["body"], "GET /echo?a=b HTTP/1.1|yes|", "{told}");
    assert_eq!(told["headers"], json!([["x-answered", "yes"]]));
    let told = ask(venue, &json!({"url": url, "body": "größer"}));
    assert_eq!(told["body"], "POST /echo?a=b HTTP/1.1|yes|größer", "{told}");
}

fn a_redirect_is_told_and_not_followed(venue: &Venue) {
    let origin = &mail_service().origin;
    let told = ask(venue, &json!({"url": format!("{origin}/redirect")}));
    assert_eq!(told["status"], 302, "{told}");
    assert_eq!(told["headers"], json!([["location", format!("{origin}/echo")]]));
}

fn an_answer_is_read_within_its_limits(venue: &Venue) {
    let origin = &mail_service().origin;
    let told = ask(venue, &json!({"url": format!("{origin}/long"), "body_bytes": 999}));
    assert_eq!(told["retryable"], false, "{told}");
    let told = ask(venue, &json!({"url": format!("{origin}/long"), "body_bytes": 1_000}));
    assert_eq!(told["status"], 200, "{told}");
    let told = ask(venue, &json!({"url": format!("{origin}/slow"), "within_ms": 200}));
    assert_eq!(told["retryable"], true, "{told}");
}

fn nothing_leaves_for_where_it_may_not_go(venue: &Venue) {
    let port = mail_service().origin.rsplit(':').next().unwrap_or_default();
    for url in [
        "http://127.0.0.1:1/echo".to_owned(),
        format!("http://localhost:{port}/echo"),
        format!("http://127.1:{port}/echo"),
        format!("http://2130706433:{port}/echo"),
        format!("http://a@127.0.0.1:{port}/echo"),
        format!("https://127.0.0.1:{port}/echo"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://mail.example/".to_owned(),
    ] {
        let told = ask(venue, &json!({"url": url}));
        assert_eq!(told["retryable"], false, "{url}: {told}");
        let fault = told["fault"].as_str().unwrap_or_default();
        assert!(fault.starts_with("a request was not let out"), "{url}: {told}");
    }
}
