//! `cargo xtask deploy`: what has to be right before an upload, and the upload.
//!
//! Everything that is wrong is said at once, each with its remedy. With `--dry-run` nothing leaves
//! this machine and no account is needed. It must not know what is deployed.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use toml::Table;

use crate::{build, build_spin, process, tools, workspace};

/// Secrets without which the edge answers nothing.
const SECRETS: [&str; 1] = ["RELAIS_SECRET"];
/// What `wrangler.toml` holds until somebody has made a database.
const NO_DATABASE: &str = "00000000-0000-0000-0000-000000000000";

/// Runs `cargo xtask deploy cloudflare|spin [--dry-run]`.
///
/// # Errors
/// Fails when the configuration is not fit or a step fails.
pub fn run(arguments: &[String]) -> Result<()> {
    let root = workspace::root();
    let dry = arguments.iter().any(|word| word == "--dry-run");
    let words: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|word| *word != "--dry-run").collect();
    match (words.as_slice(), dry) {
        (["cloudflare"], true) => cloudflare_dry(&root).map(drop),
        (["cloudflare"], false) => cloudflare(&root),
        (["spin"], true) => spin_dry(&root),
        (["spin", reference], false) => spin(&root, reference),
        (["spin"], false) => bail!(
            "say where to: `cargo xtask deploy spin REGISTRY/NAME:VERSION`; the machine that runs \
             it then starts `spin up --from REGISTRY/NAME:VERSION --variable relais_secret=@FILE`"
        ),
        _ => bail!("cargo xtask deploy cloudflare|spin [--dry-run]"),
    }
}

/// What an upload to Cloudflare would be.
pub struct Upload {
    /// Bytes of code, compressed, as wrangler counts them.
    pub gzip_bytes: u64,
}

/// Builds the Worker and lets wrangler do everything but the upload.
///
/// # Errors
/// Fails when the configuration is not fit or a step fails.
pub fn cloudflare_dry(root: &Path) -> Result<Upload> {
    build::build_edge(root)?;
    accept(&problems(root, &config(root)?, false))?;
    let mut wrangler = tools::wrangler(root);
    wrangler.args(["deploy", "--dry-run", "--outdir"]);
    wrangler.arg(workspace::scratch().join("wrangler/upload"));
    let said = process::lines("wrangler deploy --dry-run", &mut wrangler)?;
    for line in &said {
        eprintln!("{line}");
    }
    let gzip_bytes = said
        .iter()
        .find_map(|line| gzip_bytes(line))
        .context("wrangler does not say how large the upload is")?;
    Ok(Upload { gzip_bytes })
}

fn cloudflare(root: &Path) -> Result<()> {
    build::build_deployed(root)?;
    accept(&problems(root, &config(root)?, true))?;
    check_secrets(root)?;
    let mut migrate = tools::wrangler(root);
    migrate.args(["d1", "migrations", "apply", "DB", "--remote"]);
    process::step("wrangler d1 migrations apply", &mut migrate)?;
    process::step("wrangler deploy", tools::wrangler(root).arg("deploy"))
}

fn check_secrets(root: &Path) -> Result<()> {
    let mut wrangler = tools::wrangler(root);
    wrangler.args(["secret", "list", "--format", "json"]);
    let listed = process::lines("wrangler secret list", &mut wrangler)
        .context("sign in with `npx wrangler login`, or set CLOUDFLARE_API_TOKEN")
        .unwrap_or_else(|error| {
            // Before its first upload the Worker does not exist, and has no secrets.
            eprintln!("{error:#}");
            Vec::new()
        });
    let names = names(&listed.join("\n"));
    let missing: Vec<String> = SECRETS
        .into_iter()
        .filter(|wanted| !names.iter().any(|name| name == wanted))
        .map(|name| format!("the secret {name} is not set: `npx wrangler secret put {name}`"))
        .collect();
    accept(&missing)
}

fn names(listed: &str) -> Vec<String> {
    let secrets: Vec<Value> = serde_json::from_str(listed).unwrap_or_default();
    let name = |secret: &Value| secret.get("name")?.as_str().map(str::to_owned);
    secrets.iter().filter_map(name).collect()
}

fn config(root: &Path) -> Result<Table> {
    let text =
        fs::read_to_string(root.join("wrangler.toml")).context("cannot read wrangler.toml")?;
    text.parse().context("wrangler.toml cannot be read")
}

/// Says everything that is wrong with `wrangler.toml`; `real` for an upload, not a rehearsal.
fn problems(root: &Path, config: &Table, real: bool) -> Vec<String> {
    let mut problems = Vec::new();
    let text = |table: Option<&Table>, key: &str| {
        table.and_then(|table| table.get(key)?.as_str()).unwrap_or_default().to_owned()
    };
    let list = |key: &str| config.get(key).and_then(|value| value.as_array());
    let database = list("d1_databases").and_then(|all| {
        all.iter().filter_map(toml::Value::as_table).find(|d| text(Some(d), "binding") == "DB")
    });
    if database.is_none() {
        problems.push("wrangler.toml has no [[d1_databases]] with binding = \"DB\"".to_owned());
    }
    let migrations = text(database, "migrations_dir");
    if migrations.is_empty() || !root.join(&migrations).is_dir() {
        problems.push(format!("migrations_dir `{migrations}` of wrangler.toml is no folder"));
    }
    let main = text(Some(config), "main");
    if main.is_empty() || !root.join(&main).is_file() {
        problems.push(format!("main `{main}` of wrangler.toml was not built"));
    }
    let assets = text(config.get("assets").and_then(toml::Value::as_table), "directory");
    if assets.is_empty() || !root.join(&assets).is_dir() {
        problems.push(format!("the assets `{assets}` of wrangler.toml were not built"));
    }
    let id = text(database, "database_id");
    if real && (id.is_empty() || id == NO_DATABASE) {
        problems.push(
            "wrangler.toml names no database: run `npx wrangler d1 create relais` and write the \
             database_id that it prints"
                .to_owned(),
        );
    }
    let on_workers_dev = config.get("workers_dev").and_then(toml::Value::as_bool) == Some(true);
    if real && !on_workers_dev && list("routes").is_none_or(Vec::is_empty) {
        problems.push(
            "nobody could reach the edge: add your domain to wrangler.toml, such as \
             routes = [{ pattern = \"chakri.be\", custom_domain = true }]"
                .to_owned(),
        );
    }
    problems
}

fn accept(problems: &[String]) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    bail!("not fit to be deployed:\n- {}", problems.join("\n- "))
}

/// Reads the size from wrangler's line about the upload.
fn gzip_bytes(line: &str) -> Option<u64> {
    let (whole, part) = line.split_once("gzip:")?.1.trim().strip_suffix(" KiB")?.split_once('.')?;
    let hundredths: u64 = whole.parse::<u64>().ok()? * 100 + part.parse::<u64>().ok()?;
    Some(hundredths * 1024 / 100)
}

fn spin_dry(root: &Path) -> Result<()> {
    let component = build_spin::build_spin(root)?;
    let text = fs::read_to_string(root.join("spin.toml")).context("cannot read spin.toml")?;
    let manifest: Table = text.parse().context("spin.toml cannot be read")?;
    let source = manifest
        .get("component")
        .and_then(|all| all.get("edge")?.get("source")?.as_str())
        .context("spin.toml has no source for the component `edge`")?;
    if !root.join(source).is_file() {
        bail!("spin.toml names {source}, but the component is {}", component.display());
    }
    eprintln!("ready to be pushed: {source}; its migrations run when it starts");
    Ok(())
}

fn spin(root: &Path, reference: &str) -> Result<()> {
    spin_dry(root)?;
    if !process::answers("spin", &["--version"]) {
        bail!("there is no program `spin` here: install Spin 4 first");
    }
    let mut push = Command::new("spin");
    push.current_dir(root).args(["registry", "push", reference]);
    process::step("spin registry push", &mut push)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_read_from_what_wrangler_says() {
        let line = "Total Upload: 1337.36 KiB / gzip: 433.64 KiB";
        assert_eq!(gzip_bytes(line), Some(444_047));
        assert_eq!(gzip_bytes("Total Upload: 1337.36 KiB"), None);
    }

    #[test]
    fn the_secrets_that_are_set_are_read_by_name() {
        let listed = r#"[{"name":"RELAIS_SECRET","type":"secret_text"}]"#;
        assert_eq!(names(listed), ["RELAIS_SECRET"]);
        assert!(names("not json").is_empty());
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let place = tempfile::tempdir().unwrap();
        let all = problems(place.path(), &Table::new(), true);
        assert_eq!(all.len(), 6, "{all:#?}");
        let own = config(&workspace::root()).unwrap();
        let real: Vec<String> = problems(&workspace::root(), &own, true)
            .into_iter()
            .filter(|problem| !problem.contains("built"))
            .collect();
        assert_eq!(real.len(), 2, "the repository names no database and no domain: {real:#?}");
    }
}
