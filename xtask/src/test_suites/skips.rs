//! The list of tests that may be skipped, each with its reason. It must not know who skips them.

use std::{collections::BTreeSet, fs};

use anyhow::{Context as _, Result, bail};
use toml::{Table, Value};

use crate::workspace;

/// Where the list is.
pub(super) const FILE: &str = "fixtures/acceptance/skips.toml";

/// Returns the names of the tests that may be skipped.
pub(super) fn listed() -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(workspace::root().join(FILE)).context(FILE)?;
    parse(&text).context(FILE)
}

fn parse(text: &str) -> Result<BTreeSet<String>> {
    let table: Table = text.parse().context("it is not TOML")?;
    let entries = table.get("skip").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut names = BTreeSet::new();
    for entry in entries {
        let field = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().trim();
        if field("test").is_empty() || field("reason").is_empty() {
            bail!("each [[skip]] names a `test` and a `reason`");
        }
        names.insert(field("test").to_owned());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skip_needs_a_reason() {
        let good = "[[skip]]\ntest = \"a\"\nreason = \"because\"\n";
        assert_eq!(parse(good).unwrap(), BTreeSet::from(["a".to_owned()]));
        assert!(parse("[[skip]]\ntest = \"a\"\n").is_err());
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn the_committed_list_is_well_formed() {
        listed().unwrap();
    }
}
