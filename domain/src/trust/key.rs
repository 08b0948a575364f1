//! Ed25519 keys: what signs, what verifies, and the short name of a key.
//!
//! A public key has one form: `ed25519-dalek` reads also points of small order and coordinates that
//! are not reduced, which are refused here. Signatures are checked by `verify_strict`, which takes
//! neither a scalar nor a point R in a second form, so a document cannot be changed without its
//! signer. This must not know where a seed comes from.

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sync_engine::seal::{hex, mac};

use super::{Rejection, id};

/// The bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;

/// The short name of a public key: the beginning of its hash. Two keys of one name would only hide
/// each other, for a signature is checked with the whole key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 8]);

impl KeyId {
    /// Reads 16 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// Refuses anything else.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        let bytes = id::from_hex(text.as_bytes()).ok_or(Rejection::Malformed)?;
        Ok(Self(bytes.try_into().map_err(|_| Rejection::Malformed)?))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// What verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads a key.
    ///
    /// # Errors
    /// Refuses what is no point, is not in its one form, or has a small order: with such a key one
    /// signature fits many messages.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Rejection> {
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| Rejection::InvalidKey)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| Rejection::InvalidKey)?;
        if key.is_weak() || key.to_edwards().compress().to_bytes() != bytes {
            return Err(Rejection::InvalidKey);
        }
        Ok(Self(key))
    }

    /// Reads 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// Refuses what [`PublicKey::from_bytes`] refuses.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        let bytes = id::from_hex(text.as_bytes()).ok_or(Rejection::InvalidKey)?;
        Self::from_bytes(&bytes)
    }

    /// Returns the key's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Returns the key's short name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let hash = mac(b"relais-key-id-1", self.0.as_bytes());
        let mut short = [0; 8];
        short.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        KeyId(short)
    }

    /// Checks a signature.
    ///
    /// # Errors
    /// Refuses all but the one form of a signature by this key over this text.
    pub fn verify(&self, text: &[u8], signature: &[u8; SIGNATURE_BYTES]) -> Result<(), Rejection> {
        let signature = Signature::from_bytes(signature);
        self.0.verify_strict(text, &signature).map_err(|_| Rejection::Forged)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(self.0.as_bytes()))
    }
}

/// What signs; it is never printed.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// Makes the key of a seed; equal seeds give equal keys.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Returns what verifies its signatures.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs; equal texts get equal signatures.
    #[must_use]
    pub fn sign(&self, text: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.0.sign(text).to_bytes()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({}, …)", self.public().id())
    }
}
