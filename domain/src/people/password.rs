//! Passwords: which are good enough, and how they are kept (Argon2id).
//!
//! The parameters stand here and nowhere else. A kept password names those that it was made with,
//! so that it can be made anew at the next login after they were raised.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use sync_engine::seal::{equal, hex};

use crate::{Rejection, limits, sealed::from_hex};

/// Bytes of a salt; drawn at random for each password.
pub const SALT_BYTES: usize = 16;

/// KiB of memory: 19 MiB.
const MEMORY_KIB: u32 = 19_456;
/// Passes over the memory.
const PASSES: u32 = 2;
/// A kept password that names more than this was not made here.
const MEMORY_KIB_MAX: u32 = 262_144;
const PASSES_MAX: u32 = 10;
const HASH_BYTES: usize = 32;
const KIND: &str = "argon2id";

/// Words on which the commonest passwords are built, in the languages of the product.
const COMMON: &[&str] = &[
    "abc",
    "abcd",
    "abcdef",
    "abcdefg",
    "abcdefgh",
    "admin",
    "administrator",
    "amour",
    "azerty",
    "azertyuiop",
    "baseball",
    "bienvenue",
    "bonjour",
    "changeme",
    "chocolat",
    "default",
    "doudou",
    "dragon",
    "football",
    "guest",
    "hallo",
    "hello",
    "iloveyou",
    "jetaime",
    "letmein",
    "login",
    "loulou",
    "master",
    "michael",
    "monkey",
    "motdepasse",
    "nicolas",
    "pass",
    "passer",
    "passwd",
    "password",
    "princess",
    "princesse",
    "qazwsx",
    "qwert",
    "qwerty",
    "qwertyuiop",
    "qwertz",
    "relais",
    "root",
    "secret",
    "shadow",
    "soleil",
    "starwars",
    "sunshine",
    "superman",
    "test",
    "trustno",
    "user",
    "wachtwoord",
    "welcome",
    "welkom",
    "whatever",
    "zaqwsx",
];

/// Checks that a password may be chosen; `own` are words that stand for its owner, such as the
/// address and the venue's name.
///
/// # Errors
/// Refuses what is short, endless, common, or made of the owner's own names.
pub fn check(password: &str, own: &[&str]) -> Result<(), Rejection> {
    let chars = password.chars().count();
    if !(limits::PASSWORD_CHARS_MIN..=limits::PASSWORD_CHARS_MAX).contains(&chars) {
        return Err(Rejection::PasswordLength);
    }
    let plain = plain(password);
    let is_own = own.iter().any(|word| !word.is_empty() && plain == self::plain(word));
    if is_own || is_run(password) || COMMON.contains(&plain.as_str()) {
        return Err(Rejection::PasswordCommon);
    }
    Ok(())
}

/// What is left of a password without what people add to a word: case, digits, signs at both ends,
/// and letters written as digits.
fn plain(password: &str) -> String {
    let letters = |c: char| match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '3' => 'e',
        '1' | '!' => 'i',
        '$' | '5' => 's',
        other => other,
    };
    let word = password.to_lowercase();
    let core = word.trim_matches(|c: char| !c.is_alphabetic() && c != '@' && c != '$');
    core.trim_end_matches(['@', '$']).chars().map(letters).collect()
}

/// One character again and again, or neighbours up or down.
fn is_run(password: &str) -> bool {
    let codes: Vec<i64> = password.chars().map(|c| i64::from(u32::from(c))).collect();
    let steps: Vec<i64> =
        codes.windows(2).map(|pair| pair.iter().rev().fold(0, |a, b| b - a)).collect();
    let turns = |step: i64| if step.abs() > 1 { None } else { Some(step) };
    let first = steps.first().copied().and_then(turns);
    // The step from 9 to 0 goes on counting.
    !steps.is_empty()
        && steps.iter().all(|step| first.is_some_and(|first| *step == first || *step == -9 * first))
}

/// Hashes a password for keeping: slow, and 19 MiB of memory, on purpose.
///
/// # Errors
/// Fails when there is no memory for it.
pub fn hash(password: &str, salt: &[u8; SALT_BYTES]) -> Result<String, NoMemory> {
    let made = derive(password.as_bytes(), salt, (MEMORY_KIB, PASSES))?;
    Ok(format!("{KIND}${MEMORY_KIB}${PASSES}${}${}", hex(salt), hex(&made)))
}

/// There is no memory to hash in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoMemory;

/// How a comparison with a kept password ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is another one.
    Wrong,
    /// It is the same.
    Right,
    /// It is the same, and was kept with lower parameters than today's: keep it anew.
    Outdated,
}

/// Compares a password with a kept one. Where nothing is kept, as for an unknown address, it takes
/// as long and is wrong.
///
/// # Errors
/// Fails when there is no memory for it.
pub fn verify(password: &str, kept: &str) -> Result<Verdict, NoMemory> {
    let read = Kept::read(kept);
    let (salt, made_with) = read
        .as_ref()
        .map_or((&[0; SALT_BYTES][..], (MEMORY_KIB, PASSES)), |k| (&k.salt, k.made_with));
    let made = derive(password.as_bytes(), salt, made_with)?;
    Ok(match read {
        Some(kept) if !equal(&made, &kept.hash) => Verdict::Wrong,
        Some(kept) if kept.made_with == (MEMORY_KIB, PASSES) => Verdict::Right,
        Some(_) => Verdict::Outdated,
        None => Verdict::Wrong,
    })
}

/// Derives 32 bytes from a secret that people chose; a PIN uses it as well.
///
/// # Errors
/// Fails when there is no memory for it.
pub(super) fn slow(secret: &[u8], salt: &[u8]) -> Result<[u8; HASH_BYTES], NoMemory> {
    derive(secret, salt, (MEMORY_KIB, PASSES))
}

struct Kept {
    made_with: (u32, u32),
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Kept {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('$');
        let is_ours = parts.next()? == KIND;
        let (memory, passes): (u32, u32) =
            (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let (salt, hash) = (from_hex(parts.next()?)?, from_hex(parts.next()?)?);
        let fits = (8..=MEMORY_KIB_MAX).contains(&memory) && (1..=PASSES_MAX).contains(&passes);
        let whole = salt.len() == SALT_BYTES && hash.len() == HASH_BYTES && parts.next().is_none();
        (is_ours && fits && whole).then_some(Self { made_with: (memory, passes), salt, hash })
    }
}

fn derive(
    secret: &[u8],
    salt: &[u8],
    (memory_kib, passes): (u32, u32),
) -> Result<[u8; HASH_BYTES], NoMemory> {
    let params = Params::new(memory_kib, passes, 1, Some(HASH_BYTES)).map_err(|_| NoMemory)?;
    let mut made = [0; HASH_BYTES];
    // The memory is asked for here, so that a host without it refuses one login and goes on.
    let mut memory: Vec<Block> = Vec::new();
    memory.try_reserve_exact(params.block_count()).map_err(|_| NoMemory)?;
    memory.resize(params.block_count(), Block::default());
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(secret, salt, &mut made, &mut memory)
        .map_err(|_| NoMemory)?;
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_and_own_words_are_refused_however_they_are_dressed() {
        let own = ["camille@example.com", "camille", "Chakri"];
        for (password, expected) in [
            ("short7!", Err(Rejection::PasswordLength)),
            ("password", Err(Rejection::PasswordCommon)),
            ("P@ssw0rd2026!", Err(Rejection::PasswordCommon)),
            ("motdepasse1", Err(Rejection::PasswordCommon)),
            ("Welkom2026", Err(Rejection::PasswordCommon)),
            ("azerty123", Err(Rejection::PasswordCommon)),
            ("12345678", Err(Rejection::PasswordCommon)),
            ("0123456789", Err(Rejection::PasswordCommon)),
            ("1234567890", Err(Rejection::PasswordCommon)),
            ("87654321", Err(Rejection::PasswordCommon)),
            ("aaaaaaaa", Err(Rejection::PasswordCommon)),
            ("Chakri2026", Err(Rejection::PasswordCommon)),
            ("camille@example.com", Err(Rejection::PasswordCommon)),
            ("trois frites a minuit", Ok(())),
            ("kH7#pl-2q", Ok(())),
            ("ééééàààà", Ok(())),
        ] {
            assert_eq!(check(password, &own), expected, "{password}");
        }
        assert_eq!(check(&"long".repeat(100), &own), Err(Rejection::PasswordLength));
    }

    #[test]
    fn a_kept_password_opens_by_itself_only() {
        let kept = hash("trois frites a minuit", &[3; 16]).unwrap();
        assert!(kept.starts_with("argon2id$19456$2$") && !kept.contains("frites"), "{kept}");
        for (password, kept, expected) in [
            ("trois frites a minuit", kept.as_str(), Verdict::Right),
            ("trois frites a Minuit", &kept, Verdict::Wrong),
            ("", &kept, Verdict::Wrong),
            ("trois frites a minuit", "", Verdict::Wrong),
            ("", "argon2id$4294967295$2$00$00", Verdict::Wrong),
        ] {
            assert_eq!(verify(password, kept), Ok(expected), "{password} {kept}");
        }
    }

    #[test]
    fn a_password_that_was_kept_cheaply_is_known_and_named() {
        let made = derive(b"trois frites", &[3; 16], (64, 1)).unwrap();
        let kept = format!("{KIND}$64$1${}${}", hex(&[3; 16]), hex(&made));
        assert_eq!(verify("trois frites", &kept), Ok(Verdict::Outdated));
        assert_eq!(verify("quatre frites", &kept), Ok(Verdict::Wrong));
    }

    #[test]
    fn the_hash_is_argon2id_as_others_make_it() {
        // The vector of RFC 9106, section 5.3, has a secret and data that we do not use; this one
        // was made with the reference program `argon2` (somesalt, -id -t 2 -k 65536 -p 1).
        let made = derive(b"password", b"somesalt", (65_536, 2)).unwrap();
        let expected = "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7";
        assert_eq!(hex(&made), expected);
    }
}
