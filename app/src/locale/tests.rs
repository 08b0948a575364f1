//! Tests of the languages: no key is missing, and every key that is used exists.

#![allow(clippy::disallowed_methods, reason = "the scan reads the sources, and only natively")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

const ERROR_CODES: &str = "\
    unknown_venue not_found method_not_allowed body_too_large invalid_json \
    unsupported_media_type unknown_product sold_out only_left stock_on_site invalid_quantity \
    unknown_option option_required too_many_choices empty_basket too_many_lines price_changed \
    invalid_order_id order_conflict unknown_order not_payable not_paid not_ready \
    would_be_free values_to_choose \
    signature_invalid request_replayed request_stale wrong_venue unsupported_protocol seq_gap \
    rebase_required batch_too_large sign_in_required forbidden wrong_key cross_origin \
    too_many_requests unavailable internal invalid_field invalid_venue_document setup_closed";

fn keys(locale: Locale) -> BTreeSet<&'static str> {
    locale.texts().keys().map(String::as_str).collect()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder exists") {
        let path = entry.expect("the entry is readable").path();
        if path.is_dir() && !path.ends_with("tests") {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found
}

/// Returns every literal key that stands behind `opening` in `source`.
fn used_keys<'a>(source: &'a str, opening: &str) -> Vec<&'a str> {
    source
        .split(opening)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|key| key.contains('.') && !key.contains(' '))
        .collect()
}

#[test]
fn every_language_has_every_key() {
    let french = keys(Locale::Fr);
    assert!(french.len() > 100, "the French texts did not load");
    for locale in Locale::ALL {
        let missing: Vec<_> = french.symmetric_difference(&keys(locale)).copied().collect();
        assert!(missing.is_empty(), "{locale:?} differs from French in {missing:?}");
        for (key, text) in locale.texts() {
            assert!(!text.trim().is_empty(), "{locale:?} has nothing to say for {key}");
        }
    }
}

#[test]
fn every_language_fills_in_the_same_values() {
    let holes = |text: &str| -> BTreeSet<String> {
        text.split('{')
            .skip(1)
            .filter_map(|part| part.split('}').next())
            .map(str::to_owned)
            .collect()
    };
    for (key, text) in Locale::Fr.texts() {
        for locale in Locale::ALL {
            assert_eq!(holes(text), holes(locale.t(key)), "{locale:?} {key}");
        }
    }
}

#[test]
fn every_key_used_by_templates_scripts_and_views_exists() {
    let app = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = files(&app.join("templates"), "html");
    sources.extend(files(&app.join("../static/js"), "js"));
    sources.extend(files(&app.join("src"), "rs"));
    sources.retain(|path| !path.ends_with("tests.rs"));
    let known = keys(Locale::Fr);
    let mut seen = 0;
    for path in sources {
        let source = fs::read_to_string(&path).expect("the source is readable");
        // Scripts call a bare `t`; in Rust and templates it is a method.
        let script = path.extension().is_some_and(|extension| extension == "js");
        let opening = if script { "t(\"" } else { ".t(\"" };
        let found = [used_keys(&source, opening), used_keys(&source, "t_with(\"")].concat();
        for key in found {
            assert!(known.contains(key), "{} uses {key}, which no language has", path.display());
            seen += 1;
        }
    }
    assert!(seen > 100, "the scan found only {seen} keys");
}

#[test]
fn every_error_code_has_a_sentence_in_every_language() {
    for code in ERROR_CODES.split_whitespace() {
        for locale in Locale::ALL {
            assert!(locale.find(&format!("error.{code}")).is_some(), "{locale:?} {code}");
        }
    }
}

/// What only programs send: no person reads its name.
const UNTYPED: &str = "\
    after before bytes do epoch format origin params peer people.id persons product sealed \
    seen_cents what why";

/// Returns what stands in quotes behind each of these words.
fn quoted(sources: &[PathBuf], openings: &[&str]) -> BTreeSet<String> {
    let texts = sources.iter().map(|path| fs::read_to_string(path).expect("it is readable"));
    let of = |text: String| -> Vec<String> {
        let parts = openings.iter().flat_map(|opening| text.split(opening).skip(1));
        let names = parts.filter_map(|rest| rest.split(['"', ':']).next());
        names.map(str::to_owned).collect()
    };
    texts.flat_map(of).collect()
}

#[test]
fn every_field_that_is_refused_has_a_name_in_every_language() {
    let app = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = files(&app.join("src"), "rs");
    sources.extend(files(&app.join("../domain/src"), "rs"));
    let refused = quoted(&sources, &["invalid_field(\"", "InvalidField(\""]);
    assert!(refused.len() > 40, "the scan found only {refused:?}");
    let columns = domain::catalogue::table::COLUMNS.map(|column| {
        let bare = ["_fr", "_nl", "_en"].iter().find_map(|end| column.strip_suffix(end));
        bare.unwrap_or(column).to_owned()
    });
    let nameless = |name: &String| {
        let is_typed = !UNTYPED.split_whitespace().any(|untyped| untyped == name);
        is_typed && Locale::Fr.find(&format!("field.{name}")).is_none()
    };
    let missing: Vec<String> = refused.into_iter().chain(columns).filter(nameless).collect();
    assert!(missing.is_empty(), "no language has a name for {missing:?}");
}

#[test]
fn every_mistake_of_a_menu_has_words_in_every_language() {
    let domain = Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/src");
    let mut found = BTreeSet::new();
    for (name, begin) in [
        ("catalogue.rs", "pub fn problems"),
        ("catalogue/options.rs", "pub fn problems"),
        ("catalogue/edit.rs", "pub fn change"),
        ("menu.rs", "pub fn lay_out"),
        ("venue/mistakes.rs", "pub fn of_products"),
    ] {
        let text = fs::read_to_string(domain.join(name)).expect("it is readable");
        let rules = text.split("#[cfg(test)]").next().unwrap_or_default();
        let (_, rules) = rules.split_once(begin).expect("the rules are there");
        // A mistake is a sentence; whatever else stands in quotes there is a name.
        let texts = rules.split('"').skip(1).step_by(2).filter(|text| text.split(' ').count() > 2);
        let bare = |text: &str| text.split_once("{}: ").map_or(text, |(_, what)| what).to_owned();
        found.extend(texts.map(bare));
    }
    found.retain(|text| !text.contains('{'));
    assert!(found.len() > 35, "the scan found only {found:?}");
    for text in found {
        let key = format!("flaw.{}", crate::problem::slug(&text));
        assert!(Locale::Fr.find(&key).is_some(), "{key} has no words");
    }
}

#[test]
fn money_is_written_as_each_language_writes_it() {
    let check = |cents, fr, nl, en| {
        assert_eq!(Locale::Fr.money(cents), fr);
        assert_eq!(Locale::Nl.money(cents), nl);
        assert_eq!(Locale::En.money(cents), en);
    };
    check(1150, "11,50\u{a0}€", "€\u{a0}11,50", "€11.50");
    check(0, "0,00\u{a0}€", "€\u{a0}0,00", "€0.00");
    check(7, "0,07\u{a0}€", "€\u{a0}0,07", "€0.07");
    check(-450, "-4,50\u{a0}€", "€\u{a0}-4,50", "-€4.50");
    check(123_456_789, "1\u{a0}234\u{a0}567,89\u{a0}€", "€\u{a0}1.234.567,89", "€1,234,567.89");
    assert!(Locale::En.money(i64::MIN).starts_with("-€92,233"));
}

#[test]
fn the_reader_s_wish_comes_before_the_cookie_and_the_browser() {
    let check = |query, cookie, accept, expected| {
        assert_eq!(
            Locale::choose(query, cookie, accept),
            expected,
            "{query:?} {cookie:?} {accept:?}"
        );
    };
    check(Some("nl"), Some("en"), Some("fr"), Locale::Nl);
    check(Some("xx"), Some("en"), Some("fr"), Locale::En);
    check(None, None, Some("nl-BE,nl;q=0.9,en;q=0.8"), Locale::Nl);
    check(None, None, Some("de-DE, en;q=0.7, nl;q=0.9"), Locale::Nl);
    check(None, None, Some("en;q=0, nl;q=0.1"), Locale::Nl);
    check(None, None, Some("en;q=9, ;;;=,q=, nl;q=abc"), Locale::Fr);
    check(None, Some(""), Some("*"), Locale::Fr);
    check(None, None, None, Locale::Fr);
}

#[test]
fn a_missing_key_shows_itself_and_values_are_filled_in() {
    assert_eq!(Locale::Fr.t("no.such_key"), "no.such_key");
    assert!(Locale::En.t_with("order.page_title", &[("ticket", "K1-017")]).contains("K1-017"));
}

#[test]
fn every_act_and_every_fault_of_the_audit_has_words() {
    use domain::audit::{Act, check::Fault};
    let acts = Act::ALL.into_iter().map(|act| format!("audit.act_{}", act.name()));
    let faults = Fault::ALL.into_iter().map(|fault| format!("audit.fault_{}", fault.name()));
    for key in acts.chain(faults) {
        assert!(Locale::Fr.find(&key).is_some(), "{key} is missing");
    }
}
