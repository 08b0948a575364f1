//! A form that brings files: its parts, found by their names.
//!
//! Reads what browsers write (RFC 7578), strictly; whatever else comes has no parts. A file's own
//! name and declared type are not even looked at. It must not know which form it is.

use crate::limits::FORM_PARTS;

const KIND: &str = "multipart/form-data";
/// The longest line between parts that a browser may choose.
const BOUNDARY_BYTES: usize = 70;

/// Returns the content of the first part of this name.
pub(super) fn find<'a>(content_type: &str, body: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let line = format!("--{}", boundary(content_type)?);
    let between = format!("\r\n{line}");
    let mut rest = body.strip_prefix(line.as_bytes())?;
    for _ in 0..FORM_PARTS {
        // Two dashes end the last part.
        rest = rest.strip_prefix(b"\r\n")?;
        let head = at(rest, b"\r\n\r\n")?;
        let (headers, content) = (rest.get(..head)?, rest.get(head + 4..)?);
        let end = at(content, between.as_bytes())?;
        if is_called(headers, name) {
            return content.get(..end);
        }
        rest = content.get(end + between.len()..)?;
    }
    None
}

fn boundary(content_type: &str) -> Option<&str> {
    let (kind, rest) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case(KIND) {
        return None;
    }
    let given = rest.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
    let bare = given.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(given);
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&b);
    ((1..=BOUNDARY_BYTES).contains(&bare.len()) && bare.bytes().all(plain)).then_some(bare)
}

fn is_called(headers: &[u8], name: &str) -> bool {
    let Ok(headers) = std::str::from_utf8(headers) else { return false };
    headers.split("\r\n").any(|line| {
        let Some((header, value)) = line.split_once(':') else { return false };
        let rest = value.trim().strip_prefix("form-data");
        header.eq_ignore_ascii_case("content-disposition")
            // The name comes first, so that no file can be called as a field is.
            && rest.and_then(|rest| rest.trim_start_matches([';', ' ']).strip_prefix("name=\""))
                .and_then(|rest| rest.split_once('"'))
                .is_some_and(|(found, _)| found == name)
    })
}

fn at(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    // Whole windows are compared only where their first byte is right: files are long.
    while let Some(step) = bytes.get(from..)?.iter().position(|byte| *byte == first) {
        from += step;
        if bytes.get(from..)?.starts_with(wanted) {
            return Some(from);
        }
        from += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=----x1";
    const BODY: &[u8] =
        b"------x1\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n5e55\r\n\
        ------x1\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"../../a.png\"\r\n\
        Content-Type: image/svg+xml\r\n\r\n\x00\r\n--\xff----x1\r\n\r\n------x1\r\n\
        Content-Disposition: form-data; name=\"none\"\r\n\r\n\r\n------x1--\r\n";

    fn check(content_type: &str, body: &[u8], name: &str, expect: Option<&[u8]>) {
        assert_eq!(find(content_type, body, name), expect, "{content_type} {name}");
    }

    #[test]
    fn parts_are_found_by_their_names_as_they_came() {
        check(TYPE, BODY, "csrf", Some(b"5e55"));
        check(TYPE, BODY, "photo", Some(b"\x00\r\n--\xff----x1\r\n"));
        check(TYPE, BODY, "none", Some(b""));
        check(
            "Multipart/Form-Data; charset=utf-8; boundary=\"----x1\"",
            BODY,
            "csrf",
            Some(b"5e55"),
        );
        for name in ["", "Csrf", "../../a.png", "filename"] {
            check(TYPE, BODY, name, None);
        }
    }

    #[test]
    fn whatever_is_no_such_form_has_no_parts() {
        for content_type in [
            "",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "text/plain; boundary=----x1",
            "multipart/form-data; boundary=----x2",
            "multipart/form-data; boundary=--\r\n",
        ] {
            check(content_type, BODY, "csrf", None);
        }
        let called = "------x1\r\nContent-Disposition: form-data; filename=\"a\"; name=\"csrf\"\
            \r\n\r\nx\r\n------x1--\r\n";
        check(TYPE, called.as_bytes(), "csrf", None);
        let mut many = b"------x1".to_vec();
        for _ in 0..FORM_PARTS {
            many.extend(b"\r\nA: b\r\n\r\n\r\n------x1");
        }
        many.extend(
            b"\r\nContent-Disposition: form-data; name=\"late\"\r\n\r\nx\r\n------x1--\r\n",
        );
        check(TYPE, &many, "late", None);
    }

    #[test]
    fn a_form_that_was_cut_off_or_damaged_anywhere_can_be_read() {
        for length in 0..BODY.len() {
            let found = find(TYPE, &BODY[..length], "csrf");
            assert!(found.is_none_or(|found| found == b"5e55"), "{length}");
            let mut odd = BODY.to_vec();
            odd[length] ^= 0x20;
            let _ = find(TYPE, &odd, "photo");
        }
    }
}
