//! Tests of what mails say, and where they lead.

use super::*;
use crate::outbox::Links;

fn letters() -> Vec<Letter> {
    let path = || "/account/confirm?token=a1b2".to_owned();
    let device = "Firefox/128.0 <b>evil.example</b>\r\nbcc: x".to_owned();
    vec![
        Letter::Confirm { path: path() },
        Letter::AlreadyKnown { path: path() },
        Letter::Reset { path: path() },
        Letter::AddressChanged { path: path() },
        Letter::Invitation { path: path() },
        Letter::Inactive { path: path(), person: "0".repeat(32) },
        Letter::NewSignIn { path: path(), device, at_ms: 1_795_219_200_000 },
    ]
}

fn content(letter: Letter, locale: Locale) -> Content {
    Content { to: "ann@example.org".to_owned(), language: locale.code().to_owned(), letter }
}

fn written(name: &str, content: &Content) -> crate::ports::Mail {
    let from = Address::parse("relais@mail.example").unwrap();
    let links = Links::default();
    let sender = Sender {
        from: &from,
        links: &links,
        name,
        time_zone: "Europe/Brussels",
        domain: Some("chakri.be"),
    };
    render(&sender, "00ff", content).unwrap()
}

#[test]
fn every_letter_is_written_in_every_language_and_leads_to_the_venue() {
    for locale in Locale::ALL {
        for letter in letters() {
            let mail = written("Chakri", &content(letter.clone(), locale));
            let link = "https://chakri.be/account/confirm?token=a1b2";
            let kind = letter.kind();
            assert!(mail.text.contains(link), "{kind} {}", mail.text);
            assert!(mail.html.contains(&format!("href=\"{link}\"")), "{kind} {}", mail.html);
            for part in [&mail.subject, &mail.text, &mail.html] {
                assert!(part.contains("Chakri"), "{kind} {part}");
                assert!(!part.contains("mail.") && !part.contains('{'), "{kind} {part}");
            }
            assert_eq!(mail.message_id(), "<00ff@mail.example>");
        }
    }
}

#[test]
fn what_a_stranger_chose_stays_words() {
    let letter = letters().pop().unwrap();
    let mail = written("Chakri", &content(letter, Locale::En));
    assert!(mail.text.contains("Firefox 128 0 b evil example b bcc x"), "{}", mail.text);
    let mail = written("A\r\nbcc: x@y <\"z\">", &content(letters().remove(0), Locale::En));
    for line in [&mail.subject, &mail.from_name] {
        assert!(!line.contains(['\r', '\n', '<', '"']), "{line:?}");
    }
}

#[test]
fn a_mail_leads_to_paths_of_this_site_only() {
    for path in ["/", "/account/reset?token=aZ0-_~&x=%41"] {
        assert!(is_path(path), "{path}");
    }
    let long = format!("/{}", "a".repeat(2_000));
    for path in ["", "a", "//evil.example", "/\\evil.example", "/a b", "/a\r\nb", "/\"", &long] {
        assert!(!is_path(path), "{path}");
    }
}

#[test]
fn links_are_an_origin_with_or_without_the_venue_s_name() {
    let of = |text: &str, demo| Links::parse(text, demo).map(|l| l.origin(Some("chakri.be")));
    for (text, demo, expect) in [
        ("https://{domain}", false, "https://chakri.be"),
        ("https://{domain}:8443/", false, "https://chakri.be:8443"),
        ("https://chakri.lan.example", false, "https://chakri.lan.example"),
        ("http://{domain}:8787", true, "http://chakri.be:8787"),
    ] {
        assert_eq!(of(text, demo), Ok(Some(expect.to_owned())), "{text}");
    }
    for text in ["", "{domain}", "http://{domain}", "https://{domain}/x", "https://a@b", "https://"]
    {
        assert!(of(text, false).is_err(), "{text}");
    }
    assert_eq!(Links::default().origin(None), None);
}
