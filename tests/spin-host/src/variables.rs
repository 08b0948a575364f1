//! Application variables: what is declared, given and required becomes what the component reads.

use std::collections::BTreeMap;

use wasmtime::component::Accessor;

use crate::bindings::spin::variables::variables::{Error, Host, HostWithStore};
use crate::instance::{Spin, SpinView};

/// Spin reads a variable from the environment under this prefix and its name in capitals.
const VARIABLE_PREFIX: &str = "SPIN_VARIABLE_";

/// One variable as `[variables]` declares it.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Declared {
    pub(crate) default: Option<String>,
    #[serde(default)]
    pub(crate) required: bool,
    /// Values are never printed here, so a secret needs no other care.
    #[serde(default, rename = "secret")]
    pub(crate) _secret: bool,
}

/// The variables that the process environment gives, by name.
#[must_use]
pub fn from_environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter_map(|(name, value)| {
            Some((name.strip_prefix(VARIABLE_PREFIX)?.to_lowercase(), value))
        })
        .collect()
}

/// Settles the value of every declared variable; what is given wins over the default.
pub(crate) fn settle(
    declared: &BTreeMap<String, Declared>,
    given: &BTreeMap<String, String>,
    problems: &mut Vec<String>,
) -> BTreeMap<String, String> {
    for name in given.keys().filter(|name| !declared.contains_key(*name)) {
        problems
            .push(format!("variable `{name}` is given but not declared: add it to [variables]"));
    }
    let mut settled = BTreeMap::new();
    for (name, declaration) in declared {
        if !is_name(name) {
            problems
                .push(format!("variable `{name}`: use a-z, 0-9 and single `_`, a letter first"));
        }
        if declaration.required == declaration.default.is_some() {
            problems
                .push(format!("variable `{name}`: write either `required = true` or a `default`"));
        }
        match given.get(name).or(declaration.default.as_ref()) {
            Some(value) => {
                settled.insert(name.clone(), value.clone());
            }
            None => problems.push(format!(
                "variable `{name}` is required: give `--variable {name}=...` or {}{}",
                VARIABLE_PREFIX,
                name.to_uppercase()
            )),
        }
    }
    settled
}

/// Replaces every `{{ name }}` of a template by that variable's value.
pub(crate) fn expand(template: &str, settled: &BTreeMap<String, String>) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, opened)) = rest.split_once("{{") {
        let Some((name, after)) = opened.split_once("}}") else {
            return Err(format!("template `{template}`: a `{{{{` has no `}}}}`"));
        };
        let name = name.trim();
        let Some(value) = settled.get(name) else {
            return Err(format!("template `{template}`: variable `{name}` has no value"));
        };
        text.push_str(before);
        text.push_str(value);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

/// Spin's own rule for names.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('_')
        && !name.contains("__")
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

impl Host for SpinView<'_> {}

impl<T: Send> HostWithStore<T> for Spin {
    async fn get(
        accessor: &Accessor<T, Self>,
        name: String,
    ) -> wasmtime::Result<Result<String, Error>> {
        if !is_name(&name) {
            return Ok(Err(Error::InvalidName(format!("`{name}` is not a variable name"))));
        }
        Ok(accessor.with(|mut access| {
            let value = access.get().app.variables.get(&name).cloned();
            value
                .ok_or_else(|| Error::Undefined(format!("no variable `{name}` for this component")))
        }))
    }
}
