//! Names that say nothing: no file, folder or module is called by one.

use syn::{ItemMod, visit::Visit};

use super::{rust, tree::Document};

/// The names.
pub const BANNED: [&str; 6] = ["util", "common", "helpers", "misc", "manager", "types"];

/// Checks the path, whatever the file holds.
#[must_use]
pub fn path(document: &Document) -> Vec<String> {
    let parts = document.path.split('/').map(|part| part.split('.').next().unwrap_or(part));
    parts
        .filter_map(banned)
        .map(|name| format!("{}: `{name}` says nothing; name the concept", document.path))
        .collect()
}

/// Checks the modules that a Rust file declares.
#[must_use]
pub fn modules(document: &Document) -> Vec<String> {
    let file = match rust::parse(document) {
        Ok(file) => file,
        Err(problem) => return vec![problem],
    };
    let mut modules = Modules(Vec::new());
    modules.visit_file(&file);
    let found = modules.0.iter().filter_map(|name| banned(name));
    found.map(|name| format!("{}: the module `{name}` says nothing", document.path)).collect()
}

/// Returns the banned name that this is, in singular or plural.
fn banned(name: &str) -> Option<&'static str> {
    let singular = |name: &str| name.strip_suffix('s').unwrap_or(name).to_owned();
    BANNED.into_iter().find(|banned| singular(banned) == singular(name))
}

struct Modules(Vec<String>);

impl<'ast> Visit<'ast> for Modules {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        self.0.push(module.ident.to_string());
        syn::visit::visit_item_mod(self, module);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_says_nothing_is_found() {
        for bad in ["app/src/util.rs", "utils/a.rs", "static/js/common.js", "manager.rs"] {
            assert_eq!(path(&Document::new(bad, "")).len(), 1, "{bad}");
        }
        for good in ["app/src/orders.rs", "static/css/commons-licence.css", "typesetting.rs"] {
            assert!(path(&Document::new(good, "")).is_empty(), "{good}");
        }
    }

    #[test]
    fn a_module_that_says_nothing_is_found() {
        let text = "mod orders { pub mod helpers {} }";
        assert_eq!(modules(&Document::new("a.rs", text)).len(), 1);
        assert!(modules(&Document::new("a.rs", "mod orders {}")).is_empty());
    }
}
