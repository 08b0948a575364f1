//! Licences of every dependency, against the list in `deny.toml`.
//!
//! `cargo deny` reads the same list where it is installed; this check runs everywhere.

use serde_json::Value;
use toml::Table;

/// Checks what `cargo metadata` says against `deny.toml`.
///
/// # Errors
/// Fails when one of them cannot be read.
pub fn check(metadata: &str, deny: &str) -> Result<Vec<String>, String> {
    let metadata: Value =
        serde_json::from_str(metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let deny: Table = deny.parse().map_err(|error| format!("deny.toml: {error}"))?;
    let packages = metadata.get("packages").and_then(Value::as_array).ok_or("no packages")?;
    let allowed = allowed(&deny);
    let mut problems = Vec::new();
    for package in packages {
        let text = |key: &str| package.get(key).and_then(Value::as_str).unwrap_or_default();
        let (name, licence) = (text("name"), text("license"));
        let fits = |id: &str| allowed.iter().any(|allowed| allowed == id);
        if !is_allowed(licence, &fits) && !is_excepted(&deny, name, licence) {
            problems.push(format!("{name} {}: licence `{licence}`", text("version")));
        }
    }
    Ok(problems)
}

fn allowed(deny: &Table) -> Vec<String> {
    let list = deny.get("licenses").and_then(|licences| licences.get("allow"));
    let list = list.and_then(toml::Value::as_array).into_iter().flatten();
    list.filter_map(|id| id.as_str().map(str::to_owned)).collect()
}

fn is_excepted(deny: &Table, name: &str, licence: &str) -> bool {
    let list = deny.get("licenses").and_then(|licences| licences.get("exceptions"));
    let mut list = list.and_then(toml::Value::as_array).into_iter().flatten();
    list.any(|exception| {
        let of_it = exception.get("crate").and_then(toml::Value::as_str) == Some(name);
        let ids = exception.get("allow").and_then(toml::Value::as_array).into_iter().flatten();
        let ids: Vec<&str> = ids.filter_map(toml::Value::as_str).collect();
        of_it && is_allowed(licence, &|id| ids.contains(&id))
    })
}

/// Decides an SPDX expression: one of what OR joins, all of what AND joins.
fn is_allowed(expression: &str, fits: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    !words.is_empty() && either(&words, fits)
}

fn either(words: &[&str], fits: &dyn Fn(&str) -> bool) -> bool {
    split(words, "OR").iter().any(|part| both(part, fits))
}

fn both(words: &[&str], fits: &dyn Fn(&str) -> bool) -> bool {
    split(words, "AND").iter().all(|part| match part {
        ["(", inside @ .., ")"] => either(inside, fits),
        [id] => fits(id),
        // An exception makes a licence wider, never narrower.
        [id, "WITH", exception] => fits(id) || fits(&format!("{id} WITH {exception}")),
        _ => false,
    })
}

/// Splits at a word that stands outside of brackets.
fn split<'a>(words: &'a [&'a str], at: &str) -> Vec<&'a [&'a str]> {
    let mut depth = 0_usize;
    words
        .split(|word| {
            match *word {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && *word == at
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENY: &str = "[licenses]\nallow = ['MIT', 'Apache-2.0']\n\
        exceptions = [{ crate = 'roots', allow = ['CDLA-Permissive-2.0'] }]";

    fn problems(name: &str, licence: &str) -> usize {
        let metadata = format!(
            r#"{{"packages":[{{"name":"{name}","version":"1.0.0","license":"{licence}"}}]}}"#
        );
        check(&metadata, DENY).unwrap().len()
    }

    #[test]
    fn a_licence_that_is_not_listed_is_found() {
        for licence in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND GPL-3.0"] {
            assert_eq!(problems("a", licence), 1, "{licence}");
        }
    }

    #[test]
    fn listed_licences_and_their_combinations_pass() {
        for licence in [
            "MIT",
            "MIT/GPL-3.0",
            "GPL-3.0 OR (MIT AND Apache-2.0)",
            "Apache-2.0 WITH LLVM-exception",
            "(MIT OR GPL-3.0) AND Apache-2.0",
        ] {
            assert_eq!(problems("a", licence), 0, "{licence}");
        }
        assert_eq!(problems("roots", "CDLA-Permissive-2.0"), 0);
        assert_eq!(problems("other", "CDLA-Permissive-2.0"), 1);
    }
}
