//! PINs: how staff prove at the venue who they are, also while the line is cut.
//!
//! What travels to a gateway is a verifier that only this gateway can compare: it is bound to the
//! key that the edge and this device share, so a copy of the database alone tells nothing of the
//! PIN. It must not know how often somebody may try.

use serde_json::json;
use sync_engine::{
    change::Draft,
    seal::{derive, equal, hex, mac},
};

use super::{
    password::{NoMemory, slow},
    person::PersonId,
};
use crate::{Rejection, catalogue::register, limits};

/// Checks that a PIN may be chosen.
///
/// # Errors
/// Refuses another number of digits, runs and repetitions.
pub fn check(pin: &str) -> Result<(), Rejection> {
    let digits = pin.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !(limits::PIN_DIGITS_MIN..=limits::PIN_DIGITS_MAX).contains(&pin.len()) {
        return Err(Rejection::InvalidPin);
    }
    let steps: Vec<i16> = pin
        .as_bytes()
        .windows(2)
        .map(|pair| pair.iter().rev().fold(0, |sum, digit| i16::from(*digit) - sum))
        .collect();
    let first = steps.first().copied().unwrap_or_default();
    let is_run = first.abs() <= 1 && steps.iter().all(|step| *step == first);
    // 121212, 123123: two or three digits again and again.
    let repeats =
        |width: usize| pin.as_bytes().chunks(width).all(|c| pin.as_bytes().starts_with(c));
    if is_run || repeats(2) || repeats(3) {
        return Err(Rejection::InvalidPin);
    }
    Ok(())
}

/// Makes what the device compares a PIN with; `device_key` is the key that the home of accounts and
/// the device share.
///
/// # Errors
/// Fails when there is no memory for it.
pub fn verifier(device_key: &[u8], person: &PersonId, pin: &str) -> Result<String, NoMemory> {
    let key = derive(device_key, "pin");
    // The salt need not be random: it is the person's alone, under the device's key.
    let salt = mac(&key, format!("salt/{person}").as_bytes());
    let slow = slow(pin.as_bytes(), &salt)?;
    Ok(hex(&mac(&key, &slow)))
}

/// Compares a PIN with a kept verifier; without one it takes as long and is wrong.
///
/// # Errors
/// Fails when there is no memory for it.
pub fn verify(
    device_key: &[u8],
    person: &PersonId,
    (pin, kept): (&str, &str),
) -> Result<bool, NoMemory> {
    Ok(equal(verifier(device_key, person, pin)?.as_bytes(), kept.as_bytes()))
}

/// Names the row of a person's verifier for a device.
#[must_use]
pub fn entity(device: &str, person: &PersonId) -> String {
    format!("{device}.{person}")
}

/// Writes a person's verifier for a device; an empty one takes the PIN away.
#[must_use]
pub fn draft(device: &str, person: &PersonId, verifier: &str, now_ms: u64) -> Draft {
    let fields = json!({
        "person": person.as_str(),
        "device": device,
        "verifier": verifier,
        "set_ms": now_ms,
    });
    register("person_pin", &entity(device, person), "verifier", fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(digit: &str) -> PersonId {
        PersonId::parse(&digit.repeat(32)).unwrap()
    }

    #[test]
    fn a_pin_has_six_to_eight_digits_that_nobody_guesses_first() {
        for (pin, ok) in [
            ("271828", true),
            ("27182818", true),
            ("27182", false),
            ("271828182", false),
            ("27182a", false),
            ("000000", false),
            ("123456", false),
            ("654321", false),
            ("121212", false),
            ("123123", false),
            ("", false),
            ("٢٧١٨٢٨", false),
        ] {
            assert_eq!(check(pin).is_ok(), ok, "{pin}");
        }
    }

    #[test]
    fn a_verifier_serves_one_person_at_one_device() {
        let kept = verifier(&[1; 32], &person("a"), "271828").unwrap();
        for (key, whose, pin, expected) in [
            ([1; 32], "a", "271828", true),
            ([1; 32], "a", "271829", false),
            ([1; 32], "b", "271828", false),
            ([2; 32], "a", "271828", false),
        ] {
            assert_eq!(verify(&key, &person(whose), (pin, &kept)), Ok(expected), "{whose} {pin}");
        }
        assert_eq!(verify(&[1; 32], &person("a"), ("271828", "")), Ok(false));
    }
}
