//! Rust files: every one says at its top what it owns and what it must not know.

use super::tree::Document;

/// Checks the header.
#[must_use]
pub fn header(document: &Document) -> Vec<String> {
    let first = document.text.lines().next().unwrap_or_default();
    let says_something = first.strip_prefix("//! ").is_some_and(|words| words.trim().len() > 10);
    if says_something {
        return Vec::new();
    }
    vec![format!("{}:1: does not start with `//!` and what it owns", document.path)]
}

/// Reads a Rust file; what the compiler would refuse is a problem, too.
///
/// # Errors
/// Says where the file cannot be read.
pub fn parse(document: &Document) -> Result<syn::File, String> {
    syn::parse_file(&document.text).map_err(|error| {
        let line = error.span().start().line;
        format!("{}:{line}: cannot be read as Rust: {error}", document.path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_header_is_found() {
        let good = Document::new("a.rs", "//! Orders, and nothing about money.\nfn a() {}\n");
        assert!(header(&good).is_empty());
        for text in ["", "fn a() {}\n", "\n//! Too late, the first line is empty.\n", "//!\n"] {
            assert_eq!(header(&Document::new("a.rs", text)).len(), 1, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_rust_is_found() {
        assert!(parse(&Document::new("a.rs", "fn a( {")).is_err());
    }
}
