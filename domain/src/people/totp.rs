//! The second factor: codes that change every 30 seconds (RFC 6238, SHA-1, six digits).
//!
//! Each code is accepted once: whoever keeps the step of the last one hands it in. It must not know
//! where secrets are kept.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sync_engine::seal::equal;

/// Bytes of a secret; drawn at random for each person.
pub const SECRET_BYTES: usize = 20;

const STEP_SECONDS: u64 = 30;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Returns the step in which a code is shown.
#[must_use]
pub const fn step(now_ms: u64) -> u64 {
    now_ms / 1_000 / STEP_SECONDS
}

/// Returns the code of a step.
#[must_use]
pub fn code(secret: &[u8], step: u64) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else {
        // HMAC takes keys of any length; the error type is for other algorithms.
        return String::new();
    };
    mac.update(&step.to_be_bytes());
    let bytes: [u8; 20] = mac.finalize().into_bytes().into();
    let from = usize::from(bytes.last().copied().unwrap_or_default() & 15);
    let number = bytes.iter().skip(from).take(4).fold(0_u32, |sum, b| (sum << 8) | u32::from(*b));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

/// Checks a code and returns its step, which is not accepted again; one step early or late counts.
#[must_use]
pub fn accepted(secret: &[u8], given: &str, now_ms: u64, last_step: u64) -> Option<u64> {
    let given: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    let now = step(now_ms);
    let near = [now, now.saturating_sub(1), now + 1];
    // Every step is compared, so that time tells nothing.
    let mut matching =
        near.into_iter().filter(|s| equal(code(secret, *s).as_bytes(), given.as_bytes()));
    matching.find(|step| *step > last_step)
}

/// Writes a secret as people type it (base 32).
#[must_use]
pub fn text(secret: &[u8]) -> String {
    let mut text = String::new();
    for chunk in secret.chunks(5) {
        let bits = chunk.iter().fold(0_u64, |sum, b| (sum << 8) | u64::from(*b))
            << (8 * (5 - chunk.len()));
        for place in 0..(chunk.len() * 8).div_ceil(5) {
            let index = (bits >> (35 - 5 * place)) & 31;
            text.push(ALPHABET.get(index as usize).copied().map_or('A', char::from));
        }
    }
    text
}

/// Reads a secret that is written in base 32.
#[must_use]
pub fn read(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0_u32, Vec::new());
    for digit in text.bytes().filter(|byte| *byte != b' ') {
        let digit = digit.to_ascii_uppercase();
        let value = ALPHABET.iter().position(|known| *known == digit)?;
        bits = (bits << 5) | value as u32;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

/// Returns the address that an authenticator reads from a QR code.
#[must_use]
pub fn address(issuer: &str, account: &str, secret: &[u8]) -> String {
    let escape = |text: &str| -> String {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~@".contains(&b);
        text.bytes()
            .map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect()
    };
    let (issuer, account) = (escape(issuer), escape(account));
    format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}", text(secret))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &[u8; 20] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the last six of the eight digits.
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SECRET, step(seconds * 1_000)), expected, "{seconds}");
        }
    }

    #[test]
    fn a_code_counts_once_and_one_step_around_now() {
        let now_ms = 1_111_111_111_000;
        let now = step(now_ms);
        for (steps_off, last, expected) in [
            (0, 0, true),
            (-1, 0, true),
            (1, 0, true),
            (-2, 0, false),
            (2, 0, false),
            (0, now, false),
            (-1, now, false),
            (1, now, true),
        ] {
            let shown = now.saturating_add_signed(steps_off);
            let accepted = accepted(SECRET, &code(SECRET, shown), now_ms, last);
            assert_eq!(accepted, expected.then_some(shown), "{steps_off} {last}");
        }
        assert_eq!(accepted(SECRET, "050 471", now_ms, 0), Some(now));
        assert_eq!(accepted(SECRET, "", now_ms, 0), None);
    }

    proptest! {
        #[test]
        fn a_secret_reads_back_from_its_text(
            secret in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            prop_assert_eq!(read(&text(&secret)), Some(secret));
        }
    }

    #[test]
    fn a_secret_is_written_as_authenticators_read_it() {
        assert_eq!(text(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(read("0"), None);
        assert_eq!(
            address("Chez Chakri", "a b@example.com", SECRET),
            "otpauth://totp/Chez%20Chakri:a%20b@example.com\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Chez%20Chakri",
        );
    }
}
