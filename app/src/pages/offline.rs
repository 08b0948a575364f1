//! What a phone keeps for the time in which no server answers: the worker that keeps it, and the
//! page that it shows then.
//!
//! It must not know what the worker does with either.

use std::{fmt::Write, sync::OnceLock};

use axum::http::{HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};
use sync_engine::seal::hex;

use crate::{
    App,
    call::{Answer, Call, page},
    problem::respond,
    views::{OfflineView, Surface},
};

const WORKER: &str = include_str!("../../../static/js/worker.js");
/// The hash of all published files, where a build knows it: some hosts cannot read their files.
const PUBLISHED: Option<&str> = option_env!("RELAIS_ASSETS");

/// What the pages that are kept are made of, below `/static/`.
const SHELL: &[&str] = &[
    "css/tokens.css",
    "css/base.css",
    "css/components.css",
    "css/messages.css",
    "css/states.css",
    "css/comfort.css",
    "css/skins/ordering.css",
    "css/pages/menu.css",
    "css/pages/sieve.css",
    "css/pages/compose.css",
    "css/pages/basket.css",
    "css/pages/wishes.css",
    "css/pages/upsell.css",
    "css/pages/opening.css",
    "css/pages/offline.css",
    "icons/ui.svg",
    "icons/relais.svg",
    "pictures/plate.svg",
    "vendor/fonts/figtree-latin-wght-normal.woff2",
    "vendor/fonts/bricolage-grotesque-latin-wght-normal.woff2",
    "js/address-book.js",
    "js/again.js",
    "js/basket-panel.js",
    "js/basket-store.js",
    "js/basket.js",
    "js/checkout.js",
    "js/compose-dialog.js",
    "js/compose-draft.js",
    "js/compose-rules.js",
    "js/compose-sections.js",
    "js/csrf.js",
    "js/dom.js",
    "js/kiosk.js",
    "js/live.js",
    "js/menu-cards.js",
    "js/menu-sieve.js",
    "js/menu.js",
    "js/notice.js",
    "js/offline.js",
    "js/poll.js",
    "js/pricing.js",
    "js/signal.js",
    "js/table.js",
    "js/text.js",
    "js/times.js",
    "js/unreached.js",
    "js/upsell.js",
    "js/web-pause.js",
    "js/wishes.js",
];

/// The worker, with the version of the files and what it keeps of them.
pub async fn worker(call: Call) -> Answer {
    let version = version(&call.app).await;
    let mut text = format!("const VERSION = \"{version}\";\nconst SHELL = [\n");
    for path in SHELL {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  \"/static/{path}\",");
    }
    text.push_str("];\n");
    text.push_str(WORKER);
    let mut response = respond(StatusCode::OK, "text/javascript; charset=utf-8", text);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert("service-worker-allowed", HeaderValue::from_static("/"));
    Ok(response)
}

/// The page that stands in for any other.
pub async fn show(call: Call) -> Answer {
    page(&OfflineView { shell: call.shell(Surface::Web) })
}

/// Names the files of this host; they stay the same while it runs.
async fn version(app: &App) -> String {
    static READ: OnceLock<String> = OnceLock::new();
    if let Some(version) = PUBLISHED {
        return version.to_owned();
    }
    if let Some(version) = READ.get() {
        return version.clone();
    }
    let mut hash = Sha256::new_with_prefix(WORKER);
    for path in SHELL {
        hash.update(app.assets.get(path).await.unwrap_or_default());
    }
    let version: String = hex(&hash.finalize()).chars().take(16).collect();
    READ.get_or_init(|| version).clone()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test may look at the files of this repository")]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    /// The modules that a module loads, and those that they load.
    fn with_imports(name: &str, found: &mut BTreeSet<String>) {
        if !found.insert(format!("js/{name}")) {
            return;
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../static/js");
        let text = fs::read_to_string(folder.join(name)).expect(name);
        for part in text.split("from \"./").skip(1) {
            with_imports(part.split('"').next().expect("a name"), found);
        }
    }

    #[test]
    fn everything_that_the_kept_pages_load_is_kept_and_exists() {
        let mut wanted = BTreeSet::new();
        for name in ["menu.js", "offline.js"] {
            with_imports(name, &mut wanted);
        }
        let shell: BTreeSet<String> = SHELL.iter().map(|path| (*path).to_owned()).collect();
        let modules = shell.iter().filter(|path| path.starts_with("js/")).cloned();
        assert_eq!(modules.collect::<BTreeSet<_>>(), wanted);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        for template in ["base.html", "menu.html", "offline.html"] {
            let path = folder.join("templates").join(template);
            let text = fs::read_to_string(path).expect(template);
            for part in text.split("href=\"/static/css/").skip(1) {
                let path = format!("css/{}", part.split('"').next().expect("a path"));
                // The skin's name is filled in: both pages wear the ordering one.
                assert!(path.contains("{{") || shell.contains(&path), "{template}: {path}");
            }
        }
        for path in shell.iter().filter(|path| !path.starts_with("vendor/")) {
            assert!(folder.join("../static").join(path).exists(), "{path}");
        }
    }
}
