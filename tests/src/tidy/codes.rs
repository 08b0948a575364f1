//! Every error code that a caller can see has a sentence in every language.
//!
//! Codes are found where they are made: in `code()` of a `Rejection`, and where a `Problem` is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use syn::{
    Expr, ExprCall, ImplItemFn, ItemImpl, Lit, LitStr, Type,
    visit::{self, Visit},
};

use super::{rust, tree::Document};

/// The languages of what a person reads.
pub const LANGUAGES: [&str; 3] = ["fr", "nl", "en"];

/// Returns the codes that a file makes, each with the file.
///
/// # Errors
/// Says where the file cannot be read.
pub fn made_in(document: &Document) -> Result<BTreeMap<String, String>, String> {
    let file = rust::parse(document)?;
    let mut codes = Codes::default();
    codes.visit_file(&file);
    Ok(codes.found.into_iter().map(|code| (code, document.path.clone())).collect())
}

/// Checks that each code has a sentence in each language; the texts are the locale files.
#[must_use]
pub fn check(codes: &BTreeMap<String, String>, locales: &BTreeMap<&str, String>) -> Vec<String> {
    let mut problems = Vec::new();
    for language in LANGUAGES {
        let text = locales.get(language).map_or("", String::as_str);
        let Ok(texts) = serde_json::from_str::<Value>(text) else {
            problems.push(format!("the locale {language} is missing or no JSON"));
            continue;
        };
        let sentence = |code: &str| texts.get("error")?.get(code)?.as_str().map(str::trim);
        let missing = codes.iter().filter(|(code, _)| sentence(code).is_none_or(str::is_empty));
        problems.extend(
            missing.map(|(code, path)| {
                format!("{path}: `error.{code}` has no sentence in {language}")
            }),
        );
    }
    problems
}

#[derive(Default)]
struct Codes {
    found: BTreeSet<String>,
    in_rejection: bool,
}

impl<'ast> Visit<'ast> for Codes {
    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let Type::Path(path) = &*item.self_ty else {
            return;
        };
        let name = path.path.segments.last().map(|segment| segment.ident.to_string());
        self.in_rejection = name.is_some_and(|name| name.ends_with("Rejection"));
        visit::visit_item_impl(self, item);
        self.in_rejection = false;
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if self.in_rejection && function.sig.ident == "code" {
            let mut literals = Literals(Vec::new());
            literals.visit_block(&function.block);
            self.found.extend(literals.0);
        }
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(function) = &*call.func {
            let names: Vec<String> =
                function.path.segments.iter().map(|part| part.ident.to_string()).collect();
            let makes_problem = names.ends_with(&["Problem".to_owned(), "new".to_owned()])
                || names.ends_with(&["Self".to_owned(), "new".to_owned()])
                || names.last().is_some_and(|name| name == "stray");
            if makes_problem {
                self.found.extend(call.args.iter().filter_map(literal).filter(|it| is_code(it)));
            }
        }
        visit::visit_expr_call(self, call);
    }
}

struct Literals(Vec<String>);

impl<'ast> Visit<'ast> for Literals {
    fn visit_lit_str(&mut self, literal: &'ast LitStr) {
        self.0.push(literal.value());
    }
}

fn literal(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

fn is_code(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        made_in(&Document::new("a.rs", text)).unwrap().into_keys().collect()
    }

    #[test]
    fn codes_are_found_where_they_are_made() {
        let text = r#"
            impl Rejection { fn code(&self) -> &'static str { match self { _ => "sold_out" } } }
            impl Locale { fn code(&self) -> &'static str { "fr" } }
            fn f() { Problem::new(StatusCode::NOT_FOUND, "not_found"); }
            fn g() { |r| gate::stray(app, "method_not_allowed", r); }
            fn h() { Other::thing("neither"); }
        "#;
        assert_eq!(codes(text), ["method_not_allowed", "not_found", "sold_out"]);
    }

    #[test]
    fn a_code_without_a_sentence_is_found() {
        let codes = BTreeMap::from([("sold_out".to_owned(), "a.rs".to_owned())]);
        let good = r#"{"error":{"sold_out":"Sold out."}}"#.to_owned();
        let bad = r#"{"error":{"sold_out":" "}}"#.to_owned();
        let all = |nl: &String| {
            BTreeMap::from([("fr", good.clone()), ("nl", nl.clone()), ("en", good.clone())])
        };
        assert!(check(&codes, &all(&good)).is_empty());
        let problems = check(&codes, &all(&bad));
        assert_eq!(problems, ["a.rs: `error.sold_out` has no sentence in nl"]);
        assert_eq!(check(&codes, &BTreeMap::new()).len(), 3);
    }
}
