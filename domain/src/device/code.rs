//! Codes that people carry from one screen to another to enrol a device: short, and read aloud.
//!
//! It must not know how long one is good, nor how often somebody may try.

/// Without the signs that are taken for each other.
const SIGNS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// How many signs a code has, and how many random bytes it is made of.
pub const LENGTH: usize = 8;

/// Writes random bytes as a code, in two groups.
#[must_use]
pub fn write(drawn: &[u8; LENGTH]) -> String {
    let sign = |byte: &u8| SIGNS.get(usize::from(byte % 32)).map_or('2', |sign| char::from(*sign));
    let mut code: String = drawn.iter().map(sign).collect();
    code.insert(LENGTH / 2, '-');
    code
}

/// Reads what somebody typed: small letters, blanks and other groups are the same code.
#[must_use]
pub fn read(typed: &str) -> Option<String> {
    let signs = typed.chars().filter(|c| !(c.is_whitespace() || *c == '-'));
    let code: String = signs.take(LENGTH + 1).map(|c| c.to_ascii_uppercase()).collect();
    let known = code.bytes().all(|byte| SIGNS.contains(&byte));
    (known && code.len() == LENGTH).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_however_it_is_typed() {
        let code = write(&[0, 7, 8, 31, 32, 63, 255, 100]);
        assert_eq!(code, "29AZ-2ZZ6");
        for typed in ["29AZ-2ZZ6", "29az2zz6", " 29az 2zz6\n", "2-9-A-Z-2-Z-Z-6"] {
            assert_eq!(read(typed).as_deref(), Some("29AZ2ZZ6"), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_is_none() {
        for typed in ["", "29AZ-2ZZ", "29AZ-2ZZ66", "29AZ-2ZZ0", "29AZ-2ZZO", "29ÀZ-2ZZ6"] {
            assert_eq!(read(typed), None, "{typed}");
        }
        assert_eq!(read(&"A".repeat(100_000)), None);
    }
}
