//! Routes are declared in one table and nowhere else.

use syn::{
    ExprMethodCall,
    visit::{self, Visit},
};

use super::{rust, tree::Document};

/// Calls that add a route to a router.
const CALLS: [&str; 6] =
    ["route", "route_service", "nest", "nest_service", "route_layer", "fallback_service"];

/// Tells whether a file may not declare routes.
#[must_use]
pub fn is_elsewhere(path: &str) -> bool {
    let of_a_host = ["app/src/", "edge-worker/", "device-gateway/src/"];
    of_a_host.iter().any(|dir| path.starts_with(dir)) && !path.starts_with("app/src/routes")
}

/// Checks one file.
#[must_use]
pub fn check(document: &Document) -> Vec<String> {
    let file = match rust::parse(document) {
        Ok(file) => file,
        Err(problem) => return vec![problem],
    };
    let mut routes = Routes { path: &document.path, problems: Vec::new() };
    routes.visit_file(&file);
    routes.problems
}

struct Routes<'a> {
    path: &'a str,
    problems: Vec<String>,
}

impl<'ast> Visit<'ast> for Routes<'_> {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let name = call.method.to_string();
        if CALLS.contains(&name.as_str()) {
            let line = call.method.span().start().line;
            self.problems.push(format!("{}:{line}: `.{name}(` outside the route table", self.path));
        }
        visit::visit_expr_method_call(self, call);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_outside_the_table_is_found() {
        let text = "fn f(r: Router) -> Router { r.route(\"/a\", get(a)) }";
        assert_eq!(check(&Document::new("app/src/api.rs", text)).len(), 1);
        assert!(check(&Document::new("app/src/api.rs", "fn f() { a.path(\"/a\"); }")).is_empty());
        assert!(is_elsewhere("app/src/api.rs"));
        assert!(is_elsewhere("device-gateway/src/serve.rs"));
        assert!(!is_elsewhere("app/src/routes.rs"));
        assert!(!is_elsewhere("app/src/routes/table.rs"));
    }
}
