//! Keeps integers integers on their way through JavaScript numbers.
//!
//! D1 binds every number as REAL: `7 / ?1` would be 3.5 and `json_array(?1)` would hold 2.0, which
//! no other host does. So each place of an integer parameter is written as a cast. This file owns
//! just enough of SQL's lexing to leave strings, names and comments alone.

use sync_engine::statement::Value;

/// Writes `CAST(?n AS INTEGER)` for every `?n` whose parameter is an integer.
pub(crate) fn with_integer_casts(sql: &str, params: &[Value]) -> String {
    let mut out = String::with_capacity(sql.len() + 32);
    let mut rest = sql;
    while let Some(start) = rest.find(['?', '\'', '"', '`', '[', '-', '/']) {
        let (before, here) = rest.split_at(start);
        out.push_str(before);
        let length = token_length(here);
        let (token, after) = here.split_at(length);
        if is_integer(token, params) {
            out.push_str("CAST(");
            out.push_str(token);
            out.push_str(" AS INTEGER)");
        } else {
            out.push_str(token);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Returns the bytes of the token that starts here: a parameter, a quoted part, a comment, or one
/// character that means nothing to this file.
fn token_length(here: &str) -> usize {
    let through = |from: usize, end: &str| {
        let found = here.get(from..).and_then(|inside| inside.find(end));
        found.map_or(here.len(), |at| from + at + end.len())
    };
    match here.as_bytes() {
        // A doubled quote inside reads as two quoted parts side by side: the same end.
        [b'\'', ..] => through(1, "'"),
        [b'"', ..] => through(1, "\""),
        [b'`', ..] => through(1, "`"),
        [b'[', ..] => through(1, "]"),
        [b'-', b'-', ..] => through(2, "\n"),
        [b'/', b'*', ..] => through(2, "*/"),
        [b'?', digits @ ..] => 1 + digits.iter().take_while(|byte| byte.is_ascii_digit()).count(),
        _ => 1,
    }
}

fn is_integer(token: &str, params: &[Value]) -> bool {
    let number = token.strip_prefix('?').and_then(|digits| digits.parse::<usize>().ok());
    let value = number.and_then(|number| params.get(number.checked_sub(1)?));
    matches!(value, Some(Value::Integer(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, expected: &str) {
        let params: Vec<Value> = (1..=12)
            .map(|n| if n % 2 == 1 { Value::Integer(n) } else { Value::from("text") })
            .collect();
        assert_eq!(with_integer_casts(sql, &params), expected);
    }

    #[test]
    fn only_integer_parameters_are_cast() {
        check("SELECT 7 / ?1, ?2", "SELECT 7 / CAST(?1 AS INTEGER), ?2");
        check("VALUES (?11,?12,?1)", "VALUES (CAST(?11 AS INTEGER),?12,CAST(?1 AS INTEGER))");
        check("SELECT ?1", "SELECT CAST(?1 AS INTEGER)");
        check("SELECT ?13, ?0, ?", "SELECT ?13, ?0, ?");
        check("", "");
    }

    #[test]
    fn quoted_parts_and_comments_are_left_alone() {
        check("SELECT 'é ?1', ?1", "SELECT 'é ?1', CAST(?1 AS INTEGER)");
        check("SELECT 'it''s ?1', ?2", "SELECT 'it''s ?1', ?2");
        check("SELECT \"?1\", `?1`, [?1]", "SELECT \"?1\", `?1`, [?1]");
        check("SELECT 1 -- ?1\n, ?1", "SELECT 1 -- ?1\n, CAST(?1 AS INTEGER)");
        check("SELECT /* ?1 */ 4-?1/2", "SELECT /* ?1 */ 4-CAST(?1 AS INTEGER)/2");
        check("SELECT 'open ?1", "SELECT 'open ?1");
        check("-- ?1", "-- ?1");
    }
}
