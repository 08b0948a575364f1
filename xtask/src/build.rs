//! `cargo xtask build`: the Worker and its files, ready for wrangler.
//!
//! Owns the steps from the crate to the folder that `wrangler.toml` names. wrangler bundles the
//! JavaScript itself. It must not know what the application does.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
    time::UNIX_EPOCH,
};

use anyhow::{Context as _, Result, bail};

use crate::{build_spin, packages, process, tools, vendor, workspace};

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "edge";
/// Kinds of files that pages load; nothing else of `static/` is published.
const PUBLISHED: [&str; 8] = ["css", "js", "svg", "png", "webp", "woff2", "ico", "webmanifest"];
/// Folders of `static/` that are nobody's to load.
const PRIVATE: [&str; 3] = ["node_modules", "tests", "locales"];
/// Runs `cargo xtask build WHAT`.
///
/// # Errors
/// Fails when the build does, or there is no such thing to build.
pub fn run(arguments: &[String]) -> Result<()> {
    let root = workspace::root();
    match arguments {
        [what] if what == "edge" => {
            println!("{}", build_edge(&root)?.display());
            Ok(())
        }
        [what] if what == "spin" => {
            println!("{}", build_spin::build_spin(&root)?.display());
            Ok(())
        }
        [what] => bail!("there is nothing called `{what}` to build; there are edge and spin"),
        _ => bail!("say what to build: edge or spin"),
    }
}

/// Builds the Worker with its files and returns the module that `wrangler.toml` names.
///
/// There is no wasm-opt: measured on this Worker, its best level for size takes 9 % off the module
/// and adds 7 % to what is uploaded, compressed. So tests run what is deployed.
///
/// # Errors
/// Fails when a step does.
pub fn build_edge(root: &Path) -> Result<PathBuf> {
    build(root, None)
}

/// Builds the same to be deployed: the Worker knows the files that go with it, so that phones that
/// keep some notice others. Tests do without: it would be compiled anew for every line of a style.
///
/// # Errors
/// Fails when a step does.
pub fn build_deployed(root: &Path) -> Result<PathBuf> {
    build(root, Some(&published(&root.join("static"))?))
}

/// Names the files that are published, by their content.
fn published(folder: &Path) -> Result<String> {
    let mut contents = BTreeMap::new();
    files(folder, &mut |path| {
        let relative = path.strip_prefix(folder).unwrap_or(path);
        if is_published(relative) {
            let about = || format!("cannot read {}", path.display());
            contents.insert(relative.to_path_buf(), fs::read(path).with_context(about)?);
        }
        Ok(())
    })?;
    let mut hasher = DefaultHasher::new();
    contents.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

fn build(root: &Path, published: Option<&str>) -> Result<PathBuf> {
    packages::ensure(root)?;
    vendor::ensure()?;
    let _held = packages::hold("edge")?;
    let folder = folder(root);
    let wasm = compile(root, published)?;
    let stamp = stamp(&wasm)?;
    let note = folder.join("stamp");
    if !fs::read_to_string(&note).is_ok_and(|noted| noted == stamp) {
        glue(&wasm, &folder.join("glue"))?;
        fs::write(note, stamp).context("cannot note the build")?;
    }
    let sources = root.join("edge-worker/cloudflare");
    let assets = folder.join("assets");
    let entry = folder.join("entry.js");
    copy_file(&sources.join("entry.js"), &entry)?;
    mirror(&root.join("static"), &assets.join("static"), is_published)?;
    copy_file(&sources.join("_headers"), &assets.join("_headers"))?;
    Ok(entry)
}

/// Returns the folder of everything that is made for wrangler.
#[must_use]
pub fn folder(root: &Path) -> PathBuf {
    root.join("edge-worker/cloudflare/build")
}

fn compile(root: &Path, published: Option<&str>) -> Result<PathBuf> {
    tools::rust_target(root, TARGET)?;
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root);
    cargo.args(["build", "--lib", "--package", "edge-cloudflare"]);
    cargo.args(["--target", TARGET, "--profile", PROFILE]);
    cargo.envs(published.map(|published| ("RELAIS_ASSETS", published)));
    process::step("cargo build of the Worker", &mut cargo)?;
    let folder = workspace::target().join(TARGET).join(PROFILE);
    Ok(folder.join("edge_cloudflare.wasm"))
}

/// Names this outcome of the compiler, without reading it.
fn stamp(wasm: &Path) -> Result<String> {
    let about = || format!("cannot look at {}", wasm.display());
    let data = fs::metadata(wasm).with_context(about)?;
    let changed = data.modified().with_context(about)?;
    let nanos = changed.duration_since(UNIX_EPOCH).with_context(about)?.as_nanos();
    Ok(format!("{} {nanos}", data.len()))
}

fn glue(wasm: &Path, folder: &Path) -> Result<()> {
    let glue = tools::glue()?;
    let made = workspace::scratch().join("glue");
    if made.exists() {
        fs::remove_dir_all(&made).context("cannot clear the glue's folder")?;
    }
    fs::create_dir_all(&made).context("cannot make the glue's folder")?;
    process::step("edge-glue", Command::new(glue).arg(wasm).arg(&made))?;
    // The runtime hands over a compiled module for a plain import; bundlers know no other kind.
    let index = made.join("index.js");
    let text = fs::read_to_string(&index).context("the glue has no index.js")?;
    fs::write(&index, text.replace("import source ", "import "))
        .context("cannot write the glue")?;
    mirror(&made, folder, |_| true)
}

/// Makes `to` hold the files below `from` that are wanted, and nothing else. What has not changed
/// is not touched, and the folder never is empty: a running wrangler watches it.
fn mirror(from: &Path, to: &Path, wanted: fn(&Path) -> bool) -> Result<()> {
    let mut kept = BTreeSet::new();
    files(from, &mut |path| {
        let relative = path.strip_prefix(from).unwrap_or(path);
        if wanted(relative) {
            copy_file(path, &to.join(relative))?;
            kept.insert(relative.to_path_buf());
        }
        Ok(())
    })?;
    if !to.exists() {
        return Ok(());
    }
    files(to, &mut |path| {
        if path.strip_prefix(to).is_ok_and(|relative| kept.contains(relative)) {
            return Ok(());
        }
        fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))
    })
}

/// Calls `each` for every file below `folder`, without what npm and tests put there.
fn files(folder: &Path, each: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()> {
    let about = || format!("cannot read {}", folder.display());
    for entry in fs::read_dir(folder).with_context(about)? {
        let entry = entry.with_context(about)?;
        if !entry.file_type().with_context(about)?.is_dir() {
            each(&entry.path())?;
        } else if !PRIVATE.iter().any(|name| entry.file_name() == *name) {
            files(&entry.path(), each)?;
        }
    }
    Ok(())
}

fn is_published(path: &Path) -> bool {
    let kind = path.extension().and_then(OsStr::to_str);
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    !hidden && kind.is_some_and(|kind| PUBLISHED.contains(&kind))
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    // Whoever reads the folder meanwhile finds the old file or the new one, whole.
    let part = to.with_added_extension("part");
    fs::write(&part, bytes)
        .and_then(|()| fs::rename(&part, to))
        .with_context(|| format!("cannot write {}", to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_what_is_published_of_them() {
        let place = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(place.path().join(name), text).unwrap();
        write("a.css", "x");
        write("b.txt", "x");
        let first = published(place.path()).unwrap();
        write("b.txt", "y");
        assert_eq!(published(place.path()).unwrap(), first);
        write("a.css", "y");
        assert_ne!(published(place.path()).unwrap(), first);
    }

    #[test]
    fn only_what_pages_load_is_published() {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (place.path().join("static"), place.path().join("out"));
        let all = [
            "css/site.css",
            "js/menu.js",
            "js/tests/menu.test.js",
            "node_modules/font/index.css",
            "locales/fr.json",
            "package.json",
            "build.mjs",
            ".hidden.css",
        ];
        for path in all {
            let path = from.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        fs::create_dir_all(to.join("css")).unwrap();
        fs::write(to.join("css/gone.css"), "x").unwrap();
        mirror(&from, &to, is_published).unwrap();
        let there: Vec<&str> = all.into_iter().filter(|path| to.join(path).exists()).collect();
        assert_eq!(there, ["css/site.css", "js/menu.js"]);
        assert!(!to.join("css/gone.css").exists());
    }
}
