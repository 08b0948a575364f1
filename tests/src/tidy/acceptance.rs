//! The acceptance map: which tests show each point of an issue.
//!
//! A map names tests that exist, run and do something. It must not know what they show.

use toml::{Table, Value};

use super::{tests_found::Found, tree::Document};

/// The keys that every issue has besides its numbered points.
const OTHERS: [&str; 2] = ["bad_input", "done"];

/// Checks one map against the tests of the tree.
#[must_use]
pub fn check(document: &Document, found: &[Found]) -> Vec<String> {
    let table: Table = match document.text.parse() {
        Ok(table) => table,
        Err(error) => return vec![format!("{}: {error}", document.path)],
    };
    let points = table.get("points").and_then(Value::as_integer).unwrap_or_default();
    if points < 1 {
        return vec![format!("{}: says not how many `points` the issue has", document.path)];
    }
    let tests = table.get("tests").and_then(Value::as_table).cloned().unwrap_or_default();
    let numbers = (1..=points).map(|number| number.to_string());
    let wanted: Vec<String> = numbers.chain(OTHERS.map(str::to_owned)).collect();
    let mut problems = Vec::new();
    for key in tests.keys().filter(|key| !wanted.contains(key)) {
        problems.push(format!("{}: the issue has no point `{key}`", document.path));
    }
    for key in &wanted {
        let names = tests.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        if names.is_empty() {
            problems.push(format!("{}: no test shows point `{key}`", document.path));
        }
        for name in names {
            let about = complaint(name.as_str().unwrap_or_default(), found);
            problems.extend(about.map(|it| format!("{}: point `{key}`: {it}", document.path)));
        }
    }
    problems
}

/// Says what is wrong with the test of this name, if anything.
fn complaint(name: &str, found: &[Found]) -> Option<String> {
    // `file: name` tells apart tests of the same name in different files.
    let (place, name) = name.split_once(": ").map_or((None, name), |(at, name)| (Some(at), name));
    let is_it =
        |test: &&Found| test.name == name && place.is_none_or(|place| test.path.ends_with(place));
    let tests: Vec<&Found> = found.iter().filter(is_it).collect();
    if tests.is_empty() {
        let place = place.map(|place| format!(" in {place}")).unwrap_or_default();
        return Some(format!("no test is called `{name}`{place}"));
    }
    if let Some(test) = tests.iter().find(|test| test.ignored) {
        return Some(format!("`{name}` in {} is ignored", test.path));
    }
    tests.iter().find(|test| test.empty).map(|test| format!("`{name}` in {} is empty", test.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(name: &str, ignored: bool, empty: bool) -> Found {
        Found { name: name.to_owned(), path: "tests/a.rs".to_owned(), ignored, empty }
    }

    fn problems(tests: &str) -> Vec<String> {
        let found =
            [test("good", false, false), test("lazy", true, false), test("hollow", false, true)];
        let text = format!("points = 1\n[tests]\n{tests}");
        check(&Document::new("01.toml", &text), &found)
    }

    #[test]
    fn a_map_that_names_real_tests_passes() {
        let text = "1 = ['good']\nbad_input = ['a.rs: good']\ndone = ['good']";
        assert!(problems(text).is_empty(), "{:?}", problems(text));
    }

    #[test]
    fn a_test_that_shows_nothing_is_found() {
        let cases = [
            ("missing", "01.toml: point `1`: no test is called `missing`"),
            ("b.rs: good", "01.toml: point `1`: no test is called `good` in b.rs"),
            ("lazy", "01.toml: point `1`: `lazy` in tests/a.rs is ignored"),
            ("hollow", "01.toml: point `1`: `hollow` in tests/a.rs is empty"),
        ];
        for (name, expected) in cases {
            let text = format!("1 = ['{name}']\nbad_input = ['good']\ndone = ['good']");
            assert_eq!(problems(&text), [expected]);
        }
    }

    #[test]
    fn a_point_without_tests_and_a_point_too_many_are_found() {
        let text = "1 = []\n2 = ['good']\ndone = ['good']";
        let expected = [
            "01.toml: the issue has no point `2`",
            "01.toml: no test shows point `1`",
            "01.toml: no test shows point `bad_input`",
        ];
        assert_eq!(problems(text), expected);
        assert_eq!(check(&Document::new("01.toml", ""), &[]).len(), 1);
    }
}
