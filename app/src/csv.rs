//! Tables for spreadsheets, and answers that a browser keeps as a file.
//!
//! It must not know what stands in a table.

use axum::{
    body::Body,
    http::{HeaderValue, Response, header},
};

/// Writes a table with its head.
#[must_use]
pub fn table<const N: usize>(head: &[&str; N], rows: &[[String; N]]) -> String {
    let mut text = head.join(",");
    for row in rows {
        text.push_str("\r\n");
        let fields: Vec<String> = row.iter().map(|value| field(value)).collect();
        text.push_str(&fields.join(","));
    }
    text.push_str("\r\n");
    text
}

/// Lets a browser keep an answer under this name.
#[must_use]
pub fn as_file(mut response: Response<Body>, name: &str) -> Response<Body> {
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

/// A spreadsheet must not take a text for a formula: people choose their own names.
fn field(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_table_is_taken_for_a_formula_or_ends_its_field() {
        for (text, expected) in [
            ("Aline", "\"Aline\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("-1", "\"'-1\""),
            ("a,b\r\nc", "\"a,b\r\nc\""),
        ] {
            assert_eq!(field(text), expected);
        }
    }
}
