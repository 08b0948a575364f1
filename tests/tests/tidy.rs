//! Runs every house rule over this tree; the rules are in `src/tidy/`, each with a red test.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot read the tree has failed"
)]

use std::{collections::BTreeMap, fs, process::Command};

use venue_tests::tidy::{
    acceptance, codes, layers, licences, names, paths, purity, routes, rust, schema, sizes,
    templates, tests_found,
    tree::{self, Document},
};
use xtask::test_suites;

/// Files whose size is limited.
const SOURCES: [&str; 5] = [".rs", ".js", ".mjs", ".css", ".html"];

fn tree() -> Vec<Document> {
    let documents = tree::read().unwrap();
    assert!(documents.len() > 100, "only {} files were found", documents.len());
    documents
}

/// Applies a check to the files that it is about; there must be some.
fn check(is_about: impl Fn(&Document) -> bool, rule: impl Fn(&Document) -> Vec<String>) {
    let documents: Vec<Document> = tree().into_iter().filter(is_about).collect();
    assert!(!documents.is_empty(), "the rule is about no file");
    expect_none(&documents.iter().flat_map(rule).collect::<Vec<_>>());
}

fn expect_none(problems: &[String]) {
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

fn is_rust(document: &Document) -> bool {
    document.is(&[".rs"])
}

fn text(path: &str) -> String {
    fs::read_to_string(tree::root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_rust_file_says_what_it_owns() {
    check(is_rust, rust::header);
}

#[test]
fn no_file_is_too_long() {
    check(|document| document.is(&SOURCES), sizes::file);
}

#[test]
fn no_line_of_rust_is_too_wide() {
    check(is_rust, sizes::lines);
}

#[test]
fn no_function_is_too_long() {
    check(is_rust, sizes::functions);
    check(|document| document.is(&[".js", ".mjs"]), sizes::script_functions);
}

#[test]
fn every_name_says_something() {
    check(|_| true, names::path);
    check(is_rust, names::modules);
}

#[test]
fn dependencies_point_one_way() {
    check(|document| document.is(&["Cargo.toml"]), layers::check);
}

#[test]
fn the_pure_crates_reach_nothing_outside() {
    check(|document| is_rust(document) && purity::is_pure(&document.path), purity::check);
}

#[test]
fn routes_are_declared_in_one_table() {
    check(|document| is_rust(document) && routes::is_elsewhere(&document.path), routes::check);
    let table = Document::new("", &text("app/src/routes.rs"));
    assert!(!routes::check(&table).is_empty(), "the rule does not see the table itself");
}

#[test]
fn every_error_code_has_a_sentence_in_every_language() {
    let is_about = |document: &Document| {
        let inside = ["sync-engine/src/", "domain/src/", "app/src/"];
        is_rust(document) && inside.iter().any(|dir| document.path.starts_with(dir))
    };
    let mut made = BTreeMap::new();
    for document in tree().iter().filter(|document| is_about(document)) {
        made.extend(codes::made_in(document).unwrap());
    }
    assert!(made.len() > 20, "only these codes were found: {made:?}");
    let path = |language: &str| format!("static/locales/{language}.json");
    let locales = codes::LANGUAGES.map(|language| (language, text(&path(language))));
    expect_none(&codes::check(&made, &BTreeMap::from(locales)));
}

#[test]
fn the_sum_of_the_migrations_is_the_schema_of_today() {
    let documents = tree();
    let is_step = |document: &&Document| document.path.starts_with(schema::MIGRATIONS);
    let steps: Vec<&Document> = documents.iter().filter(is_step).collect();
    assert!(!steps.is_empty(), "there are no migrations");
    expect_none(&schema::sum(&steps, &text(schema::CURRENT)).unwrap());
    expect_none(&schema::migrations(&steps, &text("app/src/migrations.rs")));
}

#[test]
fn the_tree_betrays_no_machine_and_no_secret() {
    check(|_| true, paths::check);
}

#[test]
fn pages_hold_nothing_that_the_security_policy_refuses() {
    check(|document| document.is(&[".html"]), templates::check);
}

#[test]
fn every_dependency_has_a_licence_that_is_listed() {
    let metadata = Command::new("cargo")
        .current_dir(tree::root())
        .args(["metadata", "--format-version", "1", "--locked"])
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata = String::from_utf8(metadata.stdout).unwrap();
    expect_none(&licences::check(&metadata, &text("deny.toml")).unwrap());
}

#[test]
fn the_documents_for_newcomers_are_there() {
    for path in ["ARCHITECTURE.md", "CHANGELOG.md", "README.md", "LICENSE"] {
        assert!(text(path).lines().count() > 10, "{path} says hardly anything");
    }
    let readme = text("README.md");
    for command in ["cargo xtask up", "cargo xtask test"] {
        assert!(readme.contains(command), "README.md does not show `{command}`");
    }
}

#[test]
fn every_test_is_run_by_a_suite() {
    let documents = tree();
    let found: Vec<_> =
        documents.iter().flat_map(|document| tests_found::of(document).unwrap()).collect();
    assert!(found.len() > 50, "only {} tests were found", found.len());
    let manifests: Vec<&Document> =
        documents.iter().filter(|document| document.is(&["Cargo.toml"])).collect();
    let runs = (test_suites::runs_package, test_suites::runs_scripts_in);
    expect_none(&tests_found::homeless(&found, &manifests, runs.0, runs.1));
}

#[test]
fn every_point_of_an_issue_is_shown_by_tests_that_run() {
    let documents = tree();
    let found: Vec<_> =
        documents.iter().flat_map(|document| tests_found::of(document).unwrap()).collect();
    let is_map = |document: &Document| {
        let name = document.path.strip_prefix("fixtures/acceptance/");
        name.and_then(|name| name.strip_suffix(".toml"))
            .is_some_and(|name| name.chars().all(|c| c.is_ascii_digit()))
    };
    check(is_map, |document| acceptance::check(document, &found));
}

#[test]
fn every_patch_of_the_sabotage_still_applies() {
    let mut found = 0;
    for folder in ["contract", "simulation"] {
        let folder = tree::root().join("fixtures/sabotage").join(folder);
        for entry in fs::read_dir(&folder).unwrap() {
            let patch = entry.unwrap().path();
            let mut git = Command::new("git");
            git.current_dir(tree::root()).args(["apply", "--check"]).arg(&patch);
            let output = git.output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {said}", patch.display());
            found += 1;
        }
    }
    assert!(found >= 12, "only {found} patches were found");
}
