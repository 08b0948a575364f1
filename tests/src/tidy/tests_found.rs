//! Which tests the tree holds, and whether they can show anything: Rust tests by a parser, tests of
//! scripts by the calls that name them.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{
    Attribute, ItemFn, Macro,
    visit::{self, Visit},
};

use super::{rust, tree::Document};

/// A test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name: a function's, or a title.
    pub name: String,
    /// Where it is.
    pub path: String,
    /// It is there but does not run.
    pub ignored: bool,
    /// It runs but does nothing.
    pub empty: bool,
}

/// Names the files whose tests nobody runs: their crate, or their folder, is in no suite.
#[must_use]
pub fn homeless(
    found: &[Found],
    manifests: &[&Document],
    runs_package: fn(&str) -> bool,
    runs_scripts_in: fn(&str) -> bool,
) -> Vec<String> {
    let mut paths: Vec<&str> = found.iter().map(|test| test.path.as_str()).collect();
    paths.dedup();
    let is_run = |path: &&str| match path.strip_suffix(".rs") {
        Some(_) => package_of(path, manifests).is_some_and(|name| runs_package(&name)),
        None => {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            folder == "tests/browser" || runs_scripts_in(folder)
        }
    };
    let lost = paths.into_iter().filter(|path| !is_run(path));
    lost.map(|path| format!("{path}: no suite runs its tests")).collect()
}

/// Returns the package of a file: the one whose manifest is nearest above it.
fn package_of(path: &str, manifests: &[&Document]) -> Option<String> {
    let folder = |manifest: &Document| manifest.path.trim_end_matches("Cargo.toml").to_owned();
    let above = manifests.iter().filter(|manifest| path.starts_with(&folder(manifest)));
    let nearest = above.max_by_key(|manifest| manifest.path.len())?;
    let table: toml::Table = nearest.text.parse().ok()?;
    Some(table.get("package")?.get("name")?.as_str()?.to_owned())
}

/// Returns the tests of a file.
///
/// # Errors
/// Says where a Rust file cannot be read.
pub fn of(document: &Document) -> Result<Vec<Found>, String> {
    if document.is(&[".rs"]) {
        return of_rust(document);
    }
    if document.is(&[".test.js", ".test.mjs"]) || document.path.starts_with("tests/browser/") {
        return Ok(of_script(document));
    }
    Ok(Vec::new())
}

fn of_rust(document: &Document) -> Result<Vec<Found>, String> {
    let file = rust::parse(document)?;
    let mut tests = RustTests {
        path: &document.path,
        found: Vec::new(),
        functions: BTreeMap::new(),
        cases: Vec::new(),
    };
    tests.visit_file(&file);
    let (functions, path) = (&tests.functions, tests.path);
    let case = |name: String| Found {
        empty: functions.get(&name).copied().unwrap_or(true),
        path: path.to_owned(),
        ignored: false,
        name,
    };
    tests.found.extend(tests.cases.into_iter().map(case));
    Ok(tests.found)
}

struct RustTests<'a> {
    path: &'a str,
    found: Vec<Found>,
    /// Every function, and whether it does nothing.
    functions: BTreeMap<String, bool>,
    /// Functions that a suite runs as its cases.
    cases: Vec<String>,
}

impl<'ast> Visit<'ast> for RustTests<'_> {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        let is_empty = function.block.stmts.is_empty();
        self.functions.insert(function.sig.ident.to_string(), is_empty);
        let has = |name: &str| function.attrs.iter().any(|it| is_called(it, name));
        if has("test") {
            self.found.push(Found {
                name: function.sig.ident.to_string(),
                path: self.path.to_owned(),
                ignored: has("ignore"),
                empty: is_empty,
            });
        }
        visit::visit_item_fn(self, function);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let name = call.path.segments.last().map(|segment| segment.ident.to_string());
        match name.as_deref() {
            Some("proptest") => self.found.extend(of_properties(call.tokens.clone(), self.path)),
            Some("cases") => self.cases.extend(call.tokens.clone().into_iter().filter_map(word)),
            _ => {}
        }
    }
}

fn word(tree: TokenTree) -> Option<String> {
    match tree {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    }
}

fn is_called(attribute: &Attribute, name: &str) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == name)
}

/// Reads `#[test] fn name(value in strategy) { … }` out of a proptest macro.
fn of_properties(tokens: TokenStream, path: &str) -> Vec<Found> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    let (mut is_test, mut ignored) = (false, false);
    for (index, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                let words = group.stream().to_string();
                is_test |= words == "test";
                ignored |= words.starts_with("ignore");
            }
            TokenTree::Ident(word) if word == "fn" => {
                let behind = trees.get(index + 1..).unwrap_or_default();
                let body = behind.iter().find_map(|tree| match tree {
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
                    _ => None,
                });
                if let (true, Some(TokenTree::Ident(name))) = (is_test, behind.first()) {
                    found.push(Found {
                        name: name.to_string(),
                        path: path.to_owned(),
                        ignored,
                        empty: body.is_none_or(|body| body.stream().is_empty()),
                    });
                }
                (is_test, ignored) = (false, false);
            }
            _ => {}
        }
    }
    found
}

/// Calls that name a test, and whether it runs.
const CALLS: [(&str, bool); 8] = [
    ("test(", true),
    ("it(", true),
    ("journey(", true),
    ("test.only(", true),
    ("test.skip(", false),
    ("test.todo(", false),
    ("it.skip(", false),
    ("it.todo(", false),
];

fn of_script(document: &Document) -> Vec<Found> {
    let mut found = Vec::new();
    let mut rest = document.text.as_str();
    while !rest.is_empty() {
        let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        let call = CALLS.iter().find_map(|(call, runs)| {
            let arguments = line.trim_start().strip_prefix("await ").unwrap_or(line.trim_start());
            Some((arguments.strip_prefix(call)?, *runs))
        });
        if let Some((arguments, runs)) = call
            && let Some((name, after)) = quoted(arguments)
        {
            // What follows the title up to the next line's end and beyond: enough to see `{}`.
            let body: String = after.chars().chain(behind.chars().take(40)).collect();
            let compact: String = body.chars().filter(|c| !c.is_whitespace()).collect();
            let beginning = compact.split_once("=>").map_or("", |(_, body)| body);
            found.push(Found {
                name: name.to_owned(),
                path: document.path.clone(),
                ignored: !runs,
                empty: beginning.is_empty() || beginning.starts_with("{}"),
            });
        }
        rest = behind;
    }
    found
}

fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    text.get(1..)?.split_once(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(String, bool, bool)> {
        let tests = of(&Document::new(path, text)).unwrap();
        tests.into_iter().map(|test| (test.name, test.ignored, test.empty)).collect()
    }

    fn one(name: &str, ignored: bool, empty: bool) -> Vec<(String, bool, bool)> {
        vec![(name.to_owned(), ignored, empty)]
    }

    #[test]
    fn the_cases_of_a_suite_are_tests_by_their_functions() {
        let text = "pub const CASES: &[Case] = cases![a_thing, another];\n\
            fn a_thing(venue: &Venue) { check(venue); }\nfn another(_: &Venue) {}\nfn no() {}";
        let [first, second] = [("a_thing", false), ("another", true)];
        let expected = [one(first.0, false, first.1), one(second.0, false, second.1)].concat();
        assert_eq!(found("tests/src/a.rs", text), expected);
    }

    #[test]
    fn rust_tests_are_found_with_what_is_wrong_about_them() {
        let cases = [
            ("#[test] fn a() { assert!(true); }", one("a", false, false)),
            ("mod m { #[test] fn a() { b(); } }", one("a", false, false)),
            ("#[tokio::test] async fn a() { b().await; }", one("a", false, false)),
            ("#[test] #[ignore = \"slow\"] fn a() { b(); }", one("a", true, false)),
            ("#[test] fn a() {}", one("a", false, true)),
            ("fn a() { b(); }", Vec::new()),
        ];
        for (text, expected) in cases {
            assert_eq!(found("a.rs", text), expected, "{text}");
        }
    }

    #[test]
    fn tests_that_nobody_runs_are_found() {
        let manifest =
            |path: &str, name: &str| Document::new(path, &format!("[package]\nname = \"{name}\""));
        let (outer, inner) =
            (manifest("a/Cargo.toml", "known"), manifest("a/b/Cargo.toml", "lost"));
        let at = |path: &str| Found {
            name: "x".to_owned(),
            path: path.to_owned(),
            ignored: false,
            empty: false,
        };
        let found = ["a/src/x.rs", "a/b/src/x.rs", "js/x.test.js", "other/x.test.js"].map(at);
        let problems =
            homeless(&found, &[&outer, &inner], |name| name == "known", |folder| folder == "js");
        let expected = ["a/b/src/x.rs", "other/x.test.js"];
        assert_eq!(problems, expected.map(|path| format!("{path}: no suite runs its tests")));
    }

    #[test]
    fn properties_are_found_inside_their_macro() {
        let text = "proptest! { #![proptest_config(c())] #[test] fn a(x in 0..9) { b(x); } \
                    #[test] #[ignore] fn c(x in any::<u8>()) {} }";
        let expected = [one("a", false, false), one("c", true, true)].concat();
        assert_eq!(found("a.rs", text), expected);
    }

    #[test]
    fn tests_of_scripts_are_found_by_their_titles() {
        let cases = [
            ("test('a b', () => {\n  c();\n});", one("a b", false, false)),
            ("test(\"a\", async (t) => {\n  await c();\n});", one("a", false, false)),
            ("test.skip('a', () => { c(); });", one("a", true, false)),
            ("test('a', () => {\n});", one("a", false, true)),
            ("contest('a', () => { c(); });", Vec::new()),
        ];
        for (text, expected) in cases {
            assert_eq!(found("static/js/tests/a.test.js", text), expected, "{text}");
        }
        assert!(found("static/js/a.js", "test('a', () => { c(); });").is_empty());
    }
}
