//! Dependencies point one way, as the crates' Cargo.toml files say.

use toml::{Table, Value};

use super::tree::Document;

/// Which crates of this workspace each crate may use; a crate that is missing here has no place.
const MAY_USE: [(&str, &[&str]); 14] = [
    ("sync-engine", &[]),
    ("domain", &["sync-engine"]),
    ("app", &["domain", "sync-engine", "stage"]),
    ("edge-cloudflare", &["app", "domain", "sync-engine"]),
    ("edge-spin", &["app", "domain", "sync-engine"]),
    ("device-gateway", &["app", "domain", "sync-engine", "stage"]),
    ("xtask", &[]),
    ("bench-sync", &["sync-engine"]),
    ("relais-fuzz", &["domain", "sync-engine"]),
    ("edge-glue", &[]),
    ("spin-host", &[]),
    ("spin-host-guest", &[]),
    ("stage", &["app", "sync-engine"]),
    (
        "venue-tests",
        &["app", "domain", "sync-engine", "device-gateway", "stage", "xtask", "spin-host"],
    ),
];

/// What tests stand on, so that nothing which is delivered may.
const OF_TESTS: &str = "stage";

/// Crates that reach the outside world, and the layers that must not use them.
const OUTSIDE: [&str; 12] = [
    "getrandom",
    "rand",
    "reqwest",
    "rumqttc",
    "rusqlite",
    "rustix",
    "spin-sdk",
    "tokio",
    "ureq",
    "uuid",
    "worker",
    "hyper",
];
const INNER: [&str; 3] = ["sync-engine", "domain", "app"];

/// Checks one crate's Cargo.toml.
#[must_use]
pub fn check(document: &Document) -> Vec<String> {
    let table: Table = match document.text.parse() {
        Ok(table) => table,
        Err(error) => return vec![format!("{}: {error}", document.path)],
    };
    let package = table.get("package").and_then(|package| package.get("name"));
    let Some(name) = package.and_then(Value::as_str) else {
        return Vec::new();
    };
    let Some((_, may_use)) = MAY_USE.iter().find(|(known, _)| *known == name) else {
        return vec![format!(
            "{}: the crate `{name}` has no place among the layers",
            document.path
        )];
    };
    let is_own = |used: &str| MAY_USE.iter().any(|(known, _)| *known == used);
    let mut problems = Vec::new();
    for (used, only_tests) in dependencies(&table) {
        if is_own(&used) && !may_use.contains(&used.as_str()) {
            problems.push(format!("{}: `{name}` must not use `{used}`", document.path));
        }
        if !only_tests && used == OF_TESTS && name != "venue-tests" {
            problems.push(format!("{}: only tests of `{name}` may use `{used}`", document.path));
        }
        if !only_tests && INNER.contains(&name) && OUTSIDE.contains(&used.as_str()) {
            problems.push(format!("{}: `{name}` must not reach out by `{used}`", document.path));
        }
    }
    problems
}

/// Returns every dependency and whether only tests use it.
fn dependencies(table: &Table) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for (section, only_tests) in
        [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)]
    {
        let names = table.get(section).and_then(Value::as_table).into_iter().flatten();
        found.extend(names.map(|(alias, value)| (real_name(alias, value), only_tests)));
    }
    let targets = table.get("target").and_then(Value::as_table).into_iter().flatten();
    for target in targets.filter_map(|(_, target)| target.as_table()) {
        found.extend(dependencies(target));
    }
    found
}

fn real_name(alias: &str, value: &Value) -> String {
    value.get("package").and_then(Value::as_str).unwrap_or(alias).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        check(&Document::new("x/Cargo.toml", text))
    }

    #[test]
    fn a_dependency_that_points_the_wrong_way_is_found() {
        let bad = [
            "[package]\nname = 'sync-engine'\n[dependencies]\ndomain = { path = 'x' }",
            "[package]\nname = 'domain'\n[dev-dependencies]\napp.workspace = true",
            "[package]\nname = 'app'\n[target.'cfg(unix)'.dependencies]\nxtask = '1'",
            "[package]\nname = 'domain'\n[dependencies]\nx = { package = 'app' }",
            "[package]\nname = 'domain'\n[dependencies]\nrusqlite = '1'",
            "[package]\nname = 'app'\n[dependencies]\nstage.workspace = true",
            "[package]\nname = 'newcomer'",
        ];
        for text in bad {
            assert_eq!(problems(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn the_allowed_way_is_allowed() {
        let good = [
            "[workspace]\nmembers = []",
            "[package]\nname = 'app'\n[dependencies]\ndomain = '1'\n\
             [dev-dependencies]\ntokio = '1'",
            "[package]\nname = 'device-gateway'\n[dependencies]\napp = '1'\nrusqlite = '1'",
        ];
        for text in good {
            assert!(problems(text).is_empty(), "{text}");
        }
    }
}
