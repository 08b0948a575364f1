//! The pure crates read no clock, no randomness, no environment, and never wait.
//!
//! Clippy refuses the same by the types it resolves; this check also sees what a lint attribute
//! would hide. Tests inside the crates may read fixtures.

use syn::{
    Attribute, ExprAwait, ItemMod, Meta, Signature, UseTree,
    spanned::Spanned as _,
    visit::{self, Visit},
};

use super::{rust, tree::Document};

/// Beginnings of paths that reach outside.
const OUTSIDE: [&str; 14] = [
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "std::hash::RandomState",
    "std::collections::HashMap",
    "std::collections::HashSet",
    "getrandom",
    "rand",
    "tokio",
];
/// The same by their last names, however they are reached.
const NAMES: [&str; 4] = ["SystemTime", "Instant", "HashMap", "HashSet"];

/// Tells whether a path is of a pure crate.
#[must_use]
pub fn is_pure(path: &str) -> bool {
    let inside = ["sync-engine/src/", "domain/src/"].iter().any(|dir| path.starts_with(dir));
    inside && !path.ends_with("/tests.rs") && !path.contains("/tests/")
}

/// Checks one file of a pure crate.
#[must_use]
pub fn check(document: &Document) -> Vec<String> {
    let file = match rust::parse(document) {
        Ok(file) => file,
        Err(problem) => return vec![problem],
    };
    let mut impurities = Impurities { path: &document.path, problems: Vec::new() };
    impurities.visit_file(&file);
    impurities.problems
}

struct Impurities<'a> {
    path: &'a str,
    problems: Vec<String>,
}

impl Impurities<'_> {
    fn judge(&mut self, segments: &[String], line: usize) {
        let path = segments.join("::").replace("core::", "std::");
        let begins = |outside: &str| path == outside || path.starts_with(&format!("{outside}::"));
        let is_named = segments.iter().any(|segment| NAMES.contains(&segment.as_str()));
        if is_named || OUTSIDE.iter().any(|outside| begins(outside)) {
            self.problems.push(format!("{}:{line}: `{path}` has no place here", self.path));
        }
    }

    fn judge_use(&mut self, tree: &UseTree, before: &[String]) {
        let mut path = before.to_vec();
        match tree {
            UseTree::Path(part) => {
                path.push(part.ident.to_string());
                self.judge_use(&part.tree, &path);
            }
            UseTree::Name(part) => {
                path.push(part.ident.to_string());
                self.judge(&path, part.ident.span().start().line);
            }
            UseTree::Rename(part) => {
                path.push(part.ident.to_string());
                self.judge(&path, part.ident.span().start().line);
            }
            UseTree::Glob(part) => self.judge(&path, part.span().start().line),
            UseTree::Group(group) => {
                for part in &group.items {
                    self.judge_use(part, &path);
                }
            }
        }
    }

    fn refuse_waiting(&mut self, line: usize) {
        self.problems.push(format!("{}:{line}: deciding never waits", self.path));
    }
}

impl<'ast> Visit<'ast> for Impurities<'_> {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !module.attrs.iter().any(is_for_tests) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.judge(&segments, path.span().start().line);
        visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.judge_use(&item.tree, &[]);
    }

    fn visit_signature(&mut self, signature: &'ast Signature) {
        if signature.asyncness.is_some() {
            self.refuse_waiting(signature.span().start().line);
        }
        visit::visit_signature(self, signature);
    }

    fn visit_expr_await(&mut self, expression: &'ast ExprAwait) {
        self.refuse_waiting(expression.span().start().line);
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else {
        return false;
    };
    list.path.is_ident("cfg") && list.tokens.to_string() == "test"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> usize {
        check(&Document::new("domain/src/a.rs", text)).len()
    }

    #[test]
    fn whatever_reaches_outside_is_found() {
        for text in [
            "fn f() { std::time::SystemTime::now(); }",
            "use std::time::{Duration, Instant};",
            "use std::{env, fmt};",
            "use std::fs::*;",
            "fn f() { let _ = getrandom::fill(&mut []); }",
            "use std::collections::HashMap as Map;",
            "fn f(now: std::time::Instant) {}",
            "async fn f() {}",
        ] {
            assert_eq!(problems(text), 1, "{text}");
        }
    }

    #[test]
    fn what_is_handed_in_is_allowed_and_tests_may_read_fixtures() {
        for text in [
            "use std::{collections::BTreeMap, fmt};",
            "fn f(now_ms: u64) -> u64 { now_ms }",
            "#[cfg(test)] mod tests { use std::fs; }",
        ] {
            assert_eq!(problems(text), 0, "{text}");
        }
        assert!(is_pure("domain/src/ordering.rs"));
        assert!(!is_pure("domain/src/ordering/tests.rs"));
        assert!(!is_pure("app/src/lib.rs"));
    }
}
