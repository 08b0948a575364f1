//! Tests of what goes to printers: letters, lines, and which printers are near.

use super::*;

fn printer(id: &str, at: &str) -> Printer {
    Printer {
        id: id.to_owned(),
        name: "Grill".to_owned(),
        address: at.to_owned(),
        kitchen: true,
        ..Printer::default()
    }
}

#[test]
fn only_printers_on_the_venue_s_own_network_are_near() {
    for (text, lan, here) in [
        ("192.168.1.50:9100", true, true),
        ("10.0.0.7:9100", true, true),
        ("172.16.4.1:9101", true, true),
        ("127.0.0.1:40123", false, true),
        ("192.168.1.50:22", false, false),
        ("8.8.8.8:9100", false, false),
        ("169.254.169.254:9100", false, false),
        ("0.0.0.0:9100", false, false),
        ("127.0.0.2:9100", false, false),
        ("printer.local:9100", false, false),
        ("192.168.1.50", false, false),
        ("192.168.1.050:9100", false, false),
        ("192.168.1.50.1:9100", false, false),
        ("192.168.1:9100", false, false),
        ("192.168.1.50:+9100", false, false),
        ("[fd00::1]:9100", false, false),
    ] {
        assert_eq!(address(text, Near::Lan).is_some(), lan, "{text}");
        assert_eq!(address(text, Near::WithLoopback).is_some(), here, "{text}");
    }
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let one = |printer: Printer| Printing { printers: vec![printer], fall_back: true };
    let grill = || printer("grill", "192.168.1.50:9100");
    let twice = Printing { printers: vec![grill(), grill()], fall_back: false };
    for (settings, field) in [
        (twice, "printers"),
        (one(Printer { id: "Le Grill".to_owned(), ..grill() }), "id"),
        (one(Printer { name: " ".to_owned(), ..grill() }), "name"),
        (one(Printer { name: "a\u{1b}b".to_owned(), ..grill() }), "name"),
        (one(printer("grill", "1.1.1.1:9100")), "address"),
        (one(Printer { stations: vec!["?".to_owned()], ..grill() }), "stations"),
    ] {
        assert_eq!(settings.checked(Near::Lan).unwrap_err().subject(), [field]);
    }
    assert!(one(grill()).checked(Near::Lan).is_ok());
}

#[test]
fn letters_are_those_of_the_code_page_and_nothing_is_a_command() {
    for (text, page, expected) in [
        ("é", CodePage::Cp858, &[0x82][..]),
        ("Ø", CodePage::Cp850, &[0x9d]),
        ("€", CodePage::Cp858, &[0xd5]),
        ("€", CodePage::Cp850, b"EUR"),
        ("ı", CodePage::Cp850, &[0xd5]),
        ("ı", CodePage::Cp858, b"i"),
        ("œuf", CodePage::Cp858, b"oeuf"),
        ("l’ail…", CodePage::Cp858, b"l'ail..."),
        ("🍟 يمين", CodePage::Cp858, b"? ????"),
        ("a\u{1b}@\n\u{1d}V", CodePage::Cp858, b"a?@??V"),
        ("\u{a0}", CodePage::Cp858, &[0xff]),
    ] {
        assert_eq!(page.encode(text), expected, "{text:?}");
    }
    // Whoever wrote the table by heart: some places that are known.
    for (letter, byte) in [("Ç", 0x80), ("¿", 0xa8), ("░", 0xb0), ("ß", 0xe1), ("■", 0xfe)] {
        assert_eq!(CodePage::Cp858.encode(letter), [byte], "{letter}");
    }
}

#[test]
fn lines_are_broken_between_words_and_sums_stand_at_the_right() {
    let mut paper = Paper::new(Width::Narrow, CodePage::Cp858);
    paper.row("Le Cheese King avec beaucoup de sauce", "11,50 €");
    paper.inset("  ", "sans oignons");
    paper.text(&"x".repeat(40));
    let bytes = paper.cut();
    let lines: Vec<&[u8]> = bytes[5..].split(|byte| *byte == b'\n').collect();
    assert_eq!(lines[0], b"Le Cheese King avec");
    assert_eq!(lines[1], b"beaucoup de sauce        11,50 \xd5");
    assert_eq!(lines[2], b"  sans oignons");
    assert_eq!((lines[3].len(), lines[4].len()), (32, 8));
    assert_eq!(lines[5], b"\x1bd\x04\x1dV\x01");
}

#[test]
fn a_code_is_drawn_by_the_printer_and_never_longer_than_it_says() {
    let mut paper = Paper::new(Width::Wide, CodePage::Cp858);
    paper.qr("https://chakri.be/orders/1");
    let bytes = paper.cut();
    let stored = b"\x1d(k\x1d\x001P0https://chakri.be/orders/1\x1d(k";
    assert!(bytes.windows(stored.len()).any(|part| part == stored), "{bytes:?}");
    for odd in ["é", &"x".repeat(501)] {
        let mut paper = Paper::new(Width::Wide, CodePage::Cp858);
        paper.qr(odd);
        assert_eq!(paper.cut().len(), 5 + 6, "{odd}");
    }
}
