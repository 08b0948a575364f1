//! The keys of a gateway or a standby: which hold, and how one is written down.
//!
//! They are counted by whoever the replica asks, and nowhere else: a stolen gateway writes rows of
//! its venue, and must not say which of its own keys end. It must not know where keys come from.

use crate::{limits, sealed};

/// Which keys of a replica hold. A key proves by itself that it was once given out, so that a store
/// that was put back still takes the keys that it has forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    /// Those before this one were lost to somebody.
    pub first: u32,
    /// The latest that was given out.
    pub newest: u32,
    /// The latest that its owner has used.
    pub used: u32,
    /// Since when; 0 is from the beginning.
    pub used_ms: u64,
    /// From which one comes what the venue's devices and PINs are bound to.
    pub shared: u32,
}

impl Default for Keys {
    fn default() -> Self {
        Self { first: 1, newest: 1, used: 1, used_ms: 0, shared: 1 }
    }
}

impl Keys {
    /// Tells whether a key is good now. One that is followed is good until the next was used, and a
    /// time longer: what was given out may never have arrived.
    #[must_use]
    pub const fn takes(&self, version: u32, now_ms: u64) -> bool {
        let overlaps = now_ms.saturating_sub(self.used_ms) < limits::KEY_OVERLAP_MS;
        version >= self.first && (version >= self.used || overlaps)
    }

    /// Gives out the next key.
    #[must_use]
    pub const fn next(self) -> Self {
        Self { newest: self.newest.saturating_add(1), ..self }
    }

    /// Ends every key that was given out, because one was lost to somebody: with a gateway's, what
    /// the venue's devices and PINs are bound to is lost as well.
    #[must_use]
    pub const fn lost(self) -> Self {
        let next = self.next();
        Self { first: next.newest, shared: next.newest, ..next }
    }

    /// Notes that a key was used; none where that is no news.
    #[must_use]
    pub fn using(self, version: u32, now_ms: u64) -> Option<Self> {
        let newest = self.newest.max(version);
        (version > self.used).then_some(Self { newest, used: version, used_ms: now_ms, ..self })
    }
}

/// A key and which one it is, as a configuration holds it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Credential {
    /// Counts from 1.
    pub version: u32,
    /// The key.
    pub secret: [u8; sealed::KEY_BYTES],
}

impl Credential {
    /// Writes it; the first is its digits alone.
    #[must_use]
    pub fn text(&self) -> String {
        let digits = sync_engine::seal::hex(&self.secret);
        if self.version == 1 { digits } else { format!("{}.{digits}", self.version) }
    }

    /// Reads it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (version, digits) = text.split_once('.').unwrap_or(("1", text));
        let version = read_version(version)?;
        let secret = sealed::from_hex(digits)?.try_into().ok()?;
        Some(Self { version, secret })
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credential({}, …)", self.version)
    }
}

/// Reads which key it is: a number from 1, in its one form.
#[must_use]
pub fn read_version(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = limits::KEY_OVERLAP_MS;

    #[test]
    fn a_key_holds_until_the_next_was_used_and_a_day_longer() {
        let given = Keys::default().next();
        assert_eq!((given.newest, given.used), (2, 1));
        for (keys, version, at_ms, takes) in [
            (given, 1, 400 * DAY, true),
            (given, 2, 400 * DAY, true),
            (given.using(2, 1_000).unwrap(), 1, DAY + 999, true),
            (given.using(2, 1_000).unwrap(), 1, DAY + 1_000, false),
            (given.using(2, 1_000).unwrap(), 1, 0, true),
            (given.using(2, 1_000).unwrap(), 2, 400 * DAY, true),
            (given.lost(), 1, 0, false),
            (given.lost(), 2, 0, false),
            (given.lost(), 3, 0, true),
            (Keys::default(), 7, 0, true),
        ] {
            assert_eq!(keys.takes(version, at_ms), takes, "{version} at {at_ms} of {keys:?}");
        }
        assert_eq!(given.using(1, 5), None);
        assert_eq!(Keys::default().using(7, 5).unwrap().newest, 7, "a store was put back");
    }

    #[test]
    fn what_devices_are_bound_to_stays_until_a_key_was_lost() {
        let keys = Keys::default().next().using(2, 1_000).unwrap().next();
        assert_eq!(keys.shared, 1);
        assert_eq!((keys.lost().shared, keys.lost().next().shared), (4, 4));
    }

    #[test]
    fn a_key_is_read_in_the_form_in_which_it_is_written() {
        let secret = [0xa7; 32];
        for version in [1, 2, 40] {
            let key = Credential { version, secret };
            assert_eq!(Credential::parse(&key.text()), Some(key));
        }
        let digits = "a7".repeat(32);
        for wrong in ["", "a7", "0.", "2.", ".", &format!("0.{digits}"), &format!("02.{digits}")] {
            assert_eq!(Credential::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Credential::parse(&format!("-2.{digits}")), None);
        assert_eq!(format!("{:?}", Credential { version: 2, secret }), "Credential(2, …)");
    }
}
