//! The host contract on the three real hosts: the same cases, a process per host.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    reason = "this is a test: it reports its cases and panics when one does not hold"
)]

use serde_json::{Value as Json, json};
use venue_tests::{
    contract::{self, hosts},
    s3::{self, Site},
    site::{self, Edge},
    smtp::{Sender, Server, Speech, USER},
};
use xtask::proxy::{Line, Mode};

fn check(started: anyhow::Result<hosts::Started>) {
    let started = started.unwrap_or_else(|error| panic!("{error:#}"));
    let (report, failures) = contract::run(&started.host);
    println!("{}", report.join("\n"));
    println!("{}: {} cases", started.host.name, report.len());
    assert!(failures.is_empty(), "{} fails: {failures:#?}", started.host.name);
}

#[test]
fn the_native_host_keeps_the_contract() {
    check(hosts::native());
}

#[test]
fn the_worker_in_workerd_with_d1_keeps_the_contract() {
    check(hosts::workerd());
}

#[test]
fn the_component_in_the_spin_host_keeps_the_contract() {
    check(hosts::spin());
}

#[test]
fn a_gateway_hears_its_edge_and_hears_it_again_after_the_line_was_cut() -> anyhow::Result<()> {
    site::changes_are_heard(Edge::Native)
}

#[test]
fn a_gateway_hears_a_room_in_workerd_and_hears_it_again_after_the_line_was_cut()
-> anyhow::Result<()> {
    site::changes_are_heard(Edge::Workerd)
}

#[test]
fn staff_sign_in_by_pin_with_the_line_cut_until_the_edge_has_barred_them() -> anyhow::Result<()> {
    site::staff_sign_in_with_the_line_cut()
}

#[test]
fn a_mail_arrives_over_tls_after_a_password() -> anyhow::Result<()> {
    for (speech, scheme) in [(Speech::Tls, "smtps"), (Speech::StartTls, "smtp")] {
        let mut server = Server::start(speech)?;
        let sender = Sender::start(server.address, scheme, &server.certificate)?;
        sender.leave("ann@example.org")?;
        let mail = server.mails("ann@example.org", 1)?.remove(0);
        assert_eq!((&mail["secure"], &mail["user"]), (&json!(true), &json!(USER)));
        assert_eq!(mail["from"], "relais@mail.example");
        let text = mail["mail"].as_str().unwrap_or_default();
        for part in [
            "From: Chakri <relais@mail.example>",
            "To: ann@example.org",
            "multipart/alternative",
            "@mail.example>",
            "https://mails.example/account/reset?token=3Ds3cret",
        ] {
            assert!(text.replace("=\r\n", "").contains(part), "{part}: {text}");
        }
        sender.outbox(|told| told["sent"] == 1)?;
        assert!(server.everything().iter().all(|said| said["secure"] != false));
    }
    Ok(())
}

#[test]
fn what_the_server_says_decides_whether_a_mail_waits() -> anyhow::Result<()> {
    let server = Server::start(Speech::Plain)?;
    let sender = Sender::start(server.address, "smtp+plain", "")?;
    sender.leave("later@example.org")?;
    let told = sender.outbox(|told| told["mails"][0]["last_error"] != "")?;
    assert_eq!(
        (&told["waiting"], &told["mails"][0]["last_error"]),
        (&json!(1), &json!("refused_451"))
    );
    sender.leave("refused@example.org")?;
    let told = sender.outbox(|told| told["given_up"] == 1)?;
    assert_eq!(told["mails"][0]["last_error"], "refused_550");
    assert!(!sender.edge.log().contains("@example.org"), "logs name nobody: {}", sender.edge.log());
    Ok(())
}

#[test]
fn a_mail_waits_for_a_server_that_is_down_and_survives_the_edge_s_death() -> anyhow::Result<()> {
    let mut server = Server::start(Speech::Tls)?;
    let line = Line::open(server.address, Mode::Reset)?;
    let mut sender = Sender::start(line.address(), "smtps", &server.certificate)?;
    sender.leave("ann@example.org")?;
    let told = sender.outbox(|told| told["mails"][0]["last_error"] != "")?;
    assert_eq!(told["waiting"], 1, "{told}");
    // Staff need not wait for the next try.
    line.set(Mode::Pass);
    sender.retry()?;
    server.mails("ann@example.org", 1)?;
    sender.outbox(|told| told["sent"] == 1)?;
    // Nobody has to: the next try comes by itself.
    line.set(Mode::Reset);
    sender.leave("bob@example.org")?;
    sender.outbox(|told| told["mails"][0]["last_error"] != "")?;
    line.set(Mode::Pass);
    sender.die_for(5)?;
    server.mails("bob@example.org", 1)?;
    sender.outbox(|told| told["sent"] == 2)?;
    assert_eq!(server.mails("ann@example.org", 1)?.len(), 1);
    Ok(())
}

#[test]
fn a_death_between_sending_and_noting_sends_again_under_the_same_id() -> anyhow::Result<()> {
    let mut server = Server::start(Speech::Tls)?;
    let mut sender = Sender::start(server.address, "smtps", &server.certificate)?;
    sender.leave("held@example.org")?;
    server.mails("held@example.org", 1)?;
    // Whoever held it may still be sending: nobody else takes it before that time is over.
    sender.die_for(1)?;
    sender.leave("ann@example.org")?;
    server.mails("ann@example.org", 1)?;
    assert_eq!(server.mails("held@example.org", 1)?.len(), 1);
    sender.die_for(4)?;
    let mails = server.mails("held@example.org", 2)?;
    sender.outbox(|told| told["sent"] == 2)?;
    let id = |mail: &Json| {
        let text = mail["mail"].as_str().unwrap_or_default();
        text.lines().find(|line| line.starts_with("Message-ID: <")).map(str::to_owned)
    };
    assert!(id(&mails[0]).is_some());
    assert_eq!(id(&mails[0]), id(&mails[1]));
    Ok(())
}

#[test]
fn neither_password_nor_mail_goes_to_a_server_that_is_not_trusted() -> anyhow::Result<()> {
    let stranger = Server::start(Speech::Tls)?;
    // A certificate of another authority, no TLS where TLS is due, and TLS taken away.
    for (speech, scheme, certificate) in [
        (Speech::Tls, "smtps", Some(&stranger.certificate)),
        (Speech::StartTls, "smtp", Some(&stranger.certificate)),
        (Speech::Plain, "smtp", None),
    ] {
        let mut server = Server::start(speech)?;
        let trusted = certificate.unwrap_or(&server.certificate).clone();
        let sender = Sender::start(server.address, scheme, &trusted)?;
        sender.leave("ann@example.org")?;
        let told = sender.outbox(|told| told["mails"][0]["last_error"] != "")?;
        assert_eq!(told["waiting"], 1, "{speech:?} {told}");
        let said = server.everything();
        assert_eq!(said.len(), 1, "{speech:?}: the server heard of nothing: {said:?}");
    }
    Ok(())
}

#[test]
fn files_lie_in_the_bucket_and_nowhere_else() -> anyhow::Result<()> {
    let mut site = Site::start()?;
    let answer = site.put("a");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let id = answer.json()["id"].clone();
    site.edge.kill()?;
    site.edge.restart()?;
    assert_eq!(site.get(&id).json()["bytes"], 100_000, "a start forgets nothing");
    for bytes in [0, 1, 2, 1_999_999] {
        let put = site.put_bytes("b", bytes);
        let answer = site.get(&put.json()["id"]);
        assert_eq!(answer.json()["bytes"], bytes, "{}: {}", answer.body, site.edge.log());
    }
    site.restart_with("clock_wrong_by_ms", toml::Value::Integer(5 * 60 * 1_000))?;
    assert_eq!(site.get(&id).json()["bytes"], 100_000, "a clock need not be right to the minute");
    assert!(!site.folder.path().join("data/files").exists());
    for _ in 0..2 {
        assert_eq!(site.ask(&json!({"op": "delete", "id": id})).status, 200);
        assert_eq!(site.get(&id).json()["bytes"], Json::Null);
    }
    Ok(())
}

#[test]
fn a_bucket_refuses_a_wrong_key_and_a_wrong_clock_and_no_secret_is_told() -> anyhow::Result<()> {
    let mut site = Site::start()?;
    let id = site.put("a").json()["id"].clone();
    let hour = 60 * 60 * 1_000;
    for (key, value, code) in [
        ("s3_key", "another key".replace(' ', "-").into(), "SignatureDoesNotMatch"),
        ("s3_key_id", "SOMEBODY".into(), "SignatureDoesNotMatch"),
        ("s3_region", "eu-test-2".into(), "SignatureDoesNotMatch"),
        ("clock_wrong_by_ms", toml::Value::Integer(hour), "RequestTimeTooSkewed"),
        ("s3_url", format!("{}/elsewhere", site.bucket.origin).into(), "NoSuchBucket"),
    ] {
        site.restart_with(key, value)?;
        for answer in [site.put("b"), site.get(&id)] {
            assert_eq!((answer.status, answer.code().as_str()), (500, "internal"), "{key}");
            assert!(!answer.body.contains(code), "{}", answer.body);
        }
        assert!(site.edge.log().contains(code), "{key}: {}", site.edge.log());
    }
    assert!(!site.edge.log().contains(s3::KEY));
    Ok(())
}

#[test]
fn a_bucket_that_cannot_be_reached_is_asked_again() -> anyhow::Result<()> {
    let site = Site::start()?;
    let id = site.put("a").json()["id"].clone();
    site.bucket.line.set(Mode::Reset);
    for answer in [site.put("b"), site.get(&id)] {
        assert_eq!((answer.status, answer.code().as_str()), (503, "unavailable"));
    }
    site.bucket.line.set(Mode::Pass);
    assert_eq!(site.put("b").status, 200);
    assert_eq!(site.get(&id).json()["bytes"], 100_000);
    Ok(())
}
