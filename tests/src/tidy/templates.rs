//! What the content security policy would refuse in a page: inline scripts, styles and handlers.
//!
//! JSON in a script element is data and allowed. It must not know what pages say.

use super::tree::Document;

/// Checks one template or page.
#[must_use]
pub fn check(document: &Document) -> Vec<String> {
    let page = without_expressions(&document.text);
    let mut problems = Vec::new();
    let mut line = 1;
    let mut rest = page.as_str();
    while let Some((before, after)) = rest.split_once('<') {
        line += before.matches('\n').count();
        let (tag, behind) = after.split_once('>').unwrap_or((after, ""));
        if tag.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let found = refused(tag).into_iter();
            problems.extend(found.map(|what| format!("{}:{line}: {what}", document.path)));
        }
        line += tag.matches('\n').count();
        rest = behind;
    }
    problems
}

/// Returns what the policy refuses about a tag.
fn refused(tag: &str) -> Vec<String> {
    let mut found = Vec::new();
    let name = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
    let attributes = attributes(tag);
    let value = |wanted: &str| {
        attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    };
    let is_data = value("type").is_some_and(|kind| kind.ends_with("json"));
    if name.eq_ignore_ascii_case("script") && value("src").is_none() && !is_data {
        found.push("an inline script".to_owned());
    }
    if name.eq_ignore_ascii_case("style") {
        found.push("an inline style sheet".to_owned());
    }
    for (name, value) in &attributes {
        if name == "style" || (name.starts_with("on") && name.len() > 2) {
            found.push(format!("the attribute `{name}`"));
        }
        if value.trim_start().to_ascii_lowercase().starts_with("javascript:") {
            found.push("a javascript: address".to_owned());
        }
        let loads = name == "src" || (name == "href" && tag.starts_with("link"));
        if loads && (value.starts_with("http") || value.starts_with("//")) {
            found.push(format!("`{value}` comes from elsewhere"));
        }
    }
    found
}

/// Splits the attributes of a tag; names in small letters.
fn attributes(tag: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = tag.split_once(char::is_whitespace).map_or("", |(_, rest)| rest);
    while let Some(begin) = rest.find(|c: char| !c.is_whitespace() && c != '/') {
        let (_, from) = rest.split_at(begin);
        let end = from.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(from.len());
        let (name, after) = from.split_at(end);
        let name = name.to_ascii_lowercase();
        let Some(after) = after.trim_start().strip_prefix('=') else {
            found.push((name, String::new()));
            rest = after;
            continue;
        };
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, behind) = match quote {
            Some(quote) => {
                let inside = after.get(1..).unwrap_or_default();
                inside.split_once(quote).unwrap_or((inside, ""))
            }
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        found.push((name, value.to_owned()));
        rest = behind;
    }
    found
}

/// Takes out what the template engine replaces: it may hold `<` and `>`; lines stay lines.
fn without_expressions(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    let pairs = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];
    loop {
        let next = pairs.iter().filter_map(|(open, close)| Some((rest.find(open)?, *close))).min();
        let Some((begin, close)) = next else {
            return plain + rest;
        };
        let (before, from) = rest.split_at(begin);
        let (inside, behind) = from.split_once(close).unwrap_or((from, ""));
        plain.push_str(before);
        plain.extend(inside.chars().filter(|c| *c == '\n'));
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        check(&Document::new("a.html", text))
    }

    #[test]
    fn what_the_policy_refuses_is_found() {
        for text in [
            "<script>alert(1)</script>",
            "<style>a {}</style>",
            "<p style=\"color: red\">",
            "<button type=button onclick='go()'>",
            "<a href=\"javascript:go()\">",
            "<img alt=\"\" {% if a > b %}src=\"x\"{% endif %} onerror=\"x\">",
            "<script src=\"https://elsewhere.example/a.js\"></script>",
            "<link rel=stylesheet href=//elsewhere.example/a.css>",
        ] {
            assert_eq!(problems(text).len(), 1, "{text}: {:?}", problems(text));
        }
        assert_eq!(problems("<p>\n\n<b style=x>"), ["a.html:3: the attribute `style`"]);
    }

    #[test]
    fn what_the_policy_allows_is_allowed() {
        for text in [
            "<script type=\"module\" src=\"/static/js/menu.js\"></script>",
            "<script type=\"application/json\">{\"a\": 1}</script>",
            "<a href=\"https://chakri.be/\" data-on=\"x\">on = 1</a>",
            "<p>{{ a < b }}{# <style> #}</p>",
        ] {
            assert!(problems(text).is_empty(), "{text}: {:?}", problems(text));
        }
    }
}
