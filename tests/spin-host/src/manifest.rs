//! `spin.toml`: what this host reads of it, and what it refuses by name.
//!
//! All problems are reported together. What has no effect on a running component (its source,
//! build steps, descriptions) is passed over; anything else unknown is a problem, because a host
//! that silently leaves something out would prove nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::files::{self, Entry};
use crate::outbound::Origin;
use crate::variables::{self, Declared};

/// Keys of a component that do not change how it runs.
const PASSED_OVER: [&str; 4] = ["source", "description", "build", "tool"];
/// The only route: everything goes to the one component.
const WHOLE_SITE: &str = "/...";

#[derive(Debug, serde::Deserialize)]
struct Manifest {
    spin_manifest_version: u32,
    #[serde(default)]
    variables: BTreeMap<String, Declared>,
    #[serde(default)]
    trigger: BTreeMap<String, Vec<Trigger>>,
    #[serde(default)]
    component: BTreeMap<String, Component>,
}

#[derive(Debug, serde::Deserialize)]
struct Trigger {
    route: Option<toml::Value>,
}

#[derive(Debug, Default, serde::Deserialize)]
struct Component {
    #[serde(default)]
    files: Vec<Entry>,
    #[serde(default)]
    sqlite_databases: Vec<String>,
    #[serde(default)]
    allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(flatten)]
    rest: BTreeMap<String, toml::Value>,
}

/// What the component may use, settled.
#[derive(Debug)]
pub(crate) struct App {
    /// The file of each database label.
    pub(crate) databases: BTreeMap<String, PathBuf>,
    pub(crate) allowed: Arc<BTreeSet<Origin>>,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) environment: BTreeMap<String, String>,
    /// The directory that the component sees as `/`, read-only.
    pub(crate) root: PathBuf,
}

impl App {
    /// Reads the manifest, settles it with the `given` variables and lays out its files.
    pub(crate) fn load(
        manifest: &Path,
        state_dir: &Path,
        given: &BTreeMap<String, String>,
    ) -> Result<Self, String> {
        let unreadable = |error: &dyn std::fmt::Display| format!("{}: {error}", manifest.display());
        let text = fs::read_to_string(manifest).map_err(|error| unreadable(&error))?;
        let read = toml::from_str::<Manifest>(&text).map_err(|error| unreadable(&error))?;
        let base = manifest.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(state_dir)
            .map_err(|error| format!("{}: {error}", state_dir.display()))?;

        let mut problems = Vec::new();
        check_shape(&read, &mut problems);
        let settled = variables::settle(&read.variables, given, &mut problems);
        let mut app = Self {
            databases: BTreeMap::new(),
            allowed: Arc::default(),
            variables: BTreeMap::new(),
            environment: BTreeMap::new(),
            root: state_dir.join("files"),
        };
        let component = read.component.into_values().next().unwrap_or_default();
        let entries = app.take(component, &settled, state_dir, &mut problems);
        if problems.is_empty()
            && let Err(problem) = files::lay_out(base, &entries, &app.root)
        {
            problems.push(problem);
        }
        if problems.is_empty() { Ok(app) } else { Err(unreadable(&problems.join("\n  "))) }
    }

    /// Settles what the component lists; its files are left for when all else is right.
    fn take(
        &mut self,
        component: Component,
        settled: &BTreeMap<String, String>,
        state_dir: &Path,
        problems: &mut Vec<String>,
    ) -> Vec<Entry> {
        for (name, template) in &component.variables {
            match variables::expand(template, settled) {
                Ok(value) => drop(self.variables.insert(name.clone(), value)),
                Err(problem) => problems.push(problem),
            }
        }
        let mut allowed = BTreeSet::new();
        for template in &component.allowed_outbound_hosts {
            match variables::expand(template, settled).and_then(|entry| Origin::listed(&entry)) {
                Ok(origin) => drop(allowed.insert(origin)),
                Err(problem) => problems.push(problem),
            }
        }
        self.allowed = Arc::new(allowed);
        for label in component.sqlite_databases {
            match database_file(&label) {
                Some(file) => drop(self.databases.insert(label, state_dir.join(file))),
                None => {
                    problems.push(format!("sqlite_databases `{label}`: use a-z, 0-9, `-`, `_`"));
                }
            }
        }
        self.environment = component.environment;
        component.files
    }
}

fn check_shape(manifest: &Manifest, problems: &mut Vec<String>) {
    if manifest.spin_manifest_version != 2 {
        problems.push("spin_manifest_version: only 2 is supported".to_owned());
    }
    if manifest.component.len() != 1 {
        let count = manifest.component.len();
        problems.push(format!("{count} components: exactly one [component.<id>] is supported"));
    }
    for (kind, triggers) in &manifest.trigger {
        if kind != "http" || triggers.len() != 1 {
            problems.push(format!("[[trigger.{kind}]]: exactly one HTTP trigger is supported"));
        }
        for route in triggers.iter().filter_map(|trigger| trigger.route.as_ref()) {
            if route.as_str() != Some(WHOLE_SITE) {
                problems.push(format!("route {route}: only \"{WHOLE_SITE}\" is supported"));
            }
        }
    }
    for (id, component) in &manifest.component {
        for key in component.rest.keys().filter(|key| !PASSED_OVER.contains(&key.as_str())) {
            problems.push(format!("[component.{id}]: `{key}` is not supported by this host"));
        }
    }
}

/// The file of a database, named as Spin names it; nothing for a label that is no file name.
fn database_file(label: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    match label {
        "default" => Some("sqlite_db.db".to_owned()),
        "" => None,
        _ if label.chars().all(plain) => Some(format!("{label}.db")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::App;

    fn load(text: &str) -> Result<App, String> {
        let home = tempfile::tempdir().unwrap();
        let manifest = home.path().join("spin.toml");
        fs::write(&manifest, text).unwrap();
        App::load(&manifest, &home.path().join("state"), &BTreeMap::new())
    }

    #[test]
    fn every_problem_of_a_manifest_is_reported_at_once() {
        let problems = load(
            r#"
            spin_manifest_version = 2
            [variables]
            secret_key = { required = true }
            [[trigger.http]]
            route = "/api"
            component = "shop"
            [component.shop]
            source = "shop.wasm"
            key_value_stores = ["default"]
            allowed_outbound_hosts = ["https://*:*"]
            sqlite_databases = ["../up"]
            "#,
        )
        .unwrap_err();
        for part in ["secret_key", "/api", "key_value_stores", "https://*:*", "../up"] {
            assert!(problems.contains(part), "{part} is missing from:\n{problems}");
        }
    }

    #[test]
    fn a_template_takes_the_values_of_variables() {
        let app = load(
            r#"
            spin_manifest_version = 2
            [variables]
            host = { default = "shop.test" }
            [component.shop]
            source = "shop.wasm"
            [component.shop.variables]
            origin = "http://{{ host }}:8080/"
            "#,
        )
        .unwrap();
        assert_eq!(app.variables.get("origin").unwrap(), "http://shop.test:8080/");
    }
}
