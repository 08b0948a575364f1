//! Sizes: files up to 400 lines, functions up to 70, Rust lines up to 100 columns.
//!
//! Rust is read by a parser. In scripts a function at the left margin ends at the next closing
//! brace at the left margin, which is how they are all written.

use syn::{
    Block, ImplItemFn, ItemFn, Signature, TraitItemFn,
    spanned::Spanned as _,
    visit::{self, Visit},
};

use super::{rust, tree::Document};

/// The most lines of a file.
pub const FILE_LINES_MAX: usize = 400;
/// The most lines of a function.
pub const FUNCTION_LINES_MAX: usize = 70;
/// The most columns of a line of Rust.
pub const COLUMNS_MAX: usize = 100;

/// Files that may be longer, each with its reason.
pub const EXCEPTIONS: [(&str, &str); 1] =
    [("app/src/routes.rs", "the one route table: whoever looks for a route looks here")];

/// Checks the length of a file.
#[must_use]
pub fn file(document: &Document) -> Vec<String> {
    let lines = document.text.lines().count();
    let is_excepted = EXCEPTIONS.iter().any(|(path, _)| *path == document.path);
    if lines <= FILE_LINES_MAX || is_excepted {
        return Vec::new();
    }
    vec![format!("{}: {lines} lines, {FILE_LINES_MAX} are allowed", document.path)]
}

/// Checks the width of every line.
#[must_use]
pub fn lines(document: &Document) -> Vec<String> {
    let columns = document.text.lines().map(|line| line.chars().count());
    let too_wide = columns.enumerate().filter(|(_, columns)| *columns > COLUMNS_MAX);
    too_wide
        .map(|(index, columns)| format!("{}:{}: {columns} columns", document.path, index + 1))
        .collect()
}

/// Checks the length of every Rust function.
#[must_use]
pub fn functions(document: &Document) -> Vec<String> {
    let file = match rust::parse(document) {
        Ok(file) => file,
        Err(problem) => return vec![problem],
    };
    let mut long = LongFunctions { path: &document.path, problems: Vec::new() };
    long.visit_file(&file);
    long.problems
}

struct LongFunctions<'a> {
    path: &'a str,
    problems: Vec<String>,
}

impl LongFunctions<'_> {
    fn measure(&mut self, signature: &Signature, block: &Block) {
        let first = signature.span().start().line;
        let last = block.brace_token.span.close().end().line;
        let lines = (last + 1).saturating_sub(first);
        self.problems.extend(too_long(self.path, first, &signature.ident.to_string(), lines));
    }
}

fn too_long(path: &str, line: usize, name: &str, lines: usize) -> Option<String> {
    (lines > FUNCTION_LINES_MAX).then(|| {
        format!("{path}:{line}: `{name}` has {lines} lines, {FUNCTION_LINES_MAX} are allowed")
    })
}

impl<'ast> Visit<'ast> for LongFunctions<'_> {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.measure(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.measure(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(block) = &function.default {
            self.measure(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

/// Checks the length of every function of a script.
#[must_use]
pub fn script_functions(document: &Document) -> Vec<String> {
    let mut problems = Vec::new();
    let mut open: Option<(usize, &str)> = None;
    for (index, line) in document.text.lines().enumerate() {
        if let Some(name) = script_function(line) {
            open = Some((index, name));
        }
        if line.starts_with('}')
            && let Some((first, name)) = open.take()
        {
            problems.extend(too_long(&document.path, first + 1, name, index + 1 - first));
        }
    }
    problems
}

/// Returns the name of the function that begins on this line.
fn script_function(line: &str) -> Option<&str> {
    let mut rest = line;
    for word in ["export ", "default ", "async "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let is_arrow = rest.starts_with("const ") && line.ends_with("=> {");
    let rest = rest
        .strip_prefix("function")
        .or_else(|| rest.strip_prefix("const ").filter(|_| is_arrow))?;
    let end = |c: char| !c.is_alphanumeric() && c != '_' && c != '$';
    rest.trim_start_matches(['*', ' ']).split(end).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_found() {
        let document = |lines: usize| Document::new("a.css", &"a\n".repeat(lines));
        assert!(file(&document(FILE_LINES_MAX)).is_empty());
        assert_eq!(file(&document(FILE_LINES_MAX + 1)).len(), 1);
    }

    #[test]
    fn a_wide_line_is_found_by_its_letters_and_not_its_bytes() {
        assert!(lines(&Document::new("a.rs", &"é".repeat(COLUMNS_MAX))).is_empty());
        let problems = lines(&Document::new("a.rs", &format!("\n{}", "e".repeat(101))));
        assert_eq!(problems, ["a.rs:2: 101 columns"]);
    }

    #[test]
    fn a_long_function_is_found_wherever_it_stands() {
        let function = |lines: usize| format!("fn f() {{\n{}}}\n", "    f();\n".repeat(lines - 2));
        let inside = |outer: &str| format!("{outer} {{\n{}}}\n", function(FUNCTION_LINES_MAX + 1));
        assert!(functions(&Document::new("a.rs", &function(FUNCTION_LINES_MAX))).is_empty());
        for text in
            [function(FUNCTION_LINES_MAX + 1), inside("impl A"), inside("trait A"), inside("mod a")]
        {
            assert_eq!(functions(&Document::new("a.rs", &text)).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_long_function_of_a_script_is_found() {
        let script = |head: &str, lines: usize| {
            Document::new("a.js", &format!("{head} {{\n{}}}\n", "  a();\n".repeat(lines - 2)))
        };
        for head in ["function a()", "export async function a()", "const a = () =>"] {
            let good = script_functions(&script(head, FUNCTION_LINES_MAX));
            assert!(good.is_empty(), "{head}: {good:?}");
            let bad = script_functions(&script(head, FUNCTION_LINES_MAX + 1));
            assert_eq!(bad, ["a.js:1: `a` has 71 lines, 70 are allowed"], "{head}");
        }
        assert!(script_functions(&script("const a =", 90)).is_empty());
    }
}
