//! One signed document: of which kind, by which key, and how it is made and read.
//!
//! Reading is no believing: [`Document`] gives its body away only as a claim, and what a verifier
//! gives is another type. It must not know any one kind.

use sync_engine::id::VenueId;

use super::{
    Id, KeyId, PublicKey, Rejection, SecretKey,
    fields::{FieldReader, FieldWriter},
    key::SIGNATURE_BYTES,
    limits,
};

/// The version of all documents of this build.
pub const VERSION: u8 = 1;
/// What every signature begins to cover, so that it is never one for another purpose.
const CONTEXT: &[u8] = b"relais-document-1\n";
const HEAD_BYTES: usize = 10;

/// What a document is; the number is its second byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// What a gateway's key may sign.
    Certificate = 1,
    /// What time it is.
    Beacon = 2,
    /// An order that waits for its payment.
    Ticket = 3,
    /// A payment that was made.
    Receipt = 4,
    /// The right to open a door.
    Entitlement = 5,
    /// An entitlement handed on for one opening.
    Delegation = 6,
    /// Somebody is a member, just now.
    Membership = 7,
    /// A standby becomes the primary.
    Warrant = 8,
    /// A login on its way to another origin.
    HandOver = 9,
    /// The keys with which trust begins.
    Roots = 10,
    /// Who is a member, for the phone that proves it or on paper.
    Card = 11,
}

/// Who may sign a kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedBy {
    /// The root alone, whatever a certificate says: a stolen gateway mints none of these.
    Root,
    /// The root, and whoever's certificate says so.
    Certified,
    /// The holder of another document, with which it is verified.
    Holder,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Certificate,
        Self::Beacon,
        Self::Ticket,
        Self::Receipt,
        Self::Entitlement,
        Self::Delegation,
        Self::Membership,
        Self::Warrant,
        Self::HandOver,
        Self::Roots,
        Self::Card,
    ];

    /// Returns who may sign it.
    #[must_use]
    pub const fn signed_by(self) -> SignedBy {
        match self {
            Self::Certificate
            | Self::Beacon
            | Self::Receipt
            | Self::Warrant
            | Self::Roots
            | Self::Card => SignedBy::Root,
            Self::Ticket | Self::Entitlement | Self::HandOver => SignedBy::Certified,
            Self::Delegation | Self::Membership => SignedBy::Holder,
        }
    }

    /// Returns the byte that stands for it.
    #[must_use]
    pub const fn byte(self) -> u8 {
        self as u8
    }
}

/// From when to when something holds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Milliseconds since 1970.
    pub from_ms: u64,
    /// Milliseconds since 1970.
    pub until_ms: u64,
}

impl Window {
    /// Ever since and for ever.
    pub const ALWAYS: Self = Self { from_ms: 0, until_ms: u64::MAX };

    /// Writes both ends.
    pub fn write(&self, fields: &mut FieldWriter) {
        fields.number(self.from_ms);
        fields.number(self.until_ms);
    }

    /// Reads both ends.
    ///
    /// # Errors
    /// Refuses a window that ends before it begins.
    pub fn read(fields: &mut FieldReader<'_>) -> Result<Self, Rejection> {
        let window = Self { from_ms: fields.number()?, until_ms: fields.number()? };
        if window.until_ms < window.from_ms { Err(Rejection::Malformed) } else { Ok(window) }
    }

    /// Returns how long it is.
    #[must_use]
    pub const fn length_ms(&self) -> u64 {
        self.until_ms.saturating_sub(self.from_ms)
    }
}

/// What a verifier holds a document against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope<'a> {
    /// The venue that it is for; none where it is for all.
    pub venue: Option<&'a VenueId>,
    /// The door that it opens, where it opens one.
    pub door: Option<&'a str>,
    /// Under what it is revoked, where it can be.
    pub id: Option<Id>,
    /// When it holds.
    pub window: Window,
}

/// What a kind of document says.
pub trait Body: Sized + PartialEq {
    /// Which kind.
    const KIND: Kind;

    /// Writes its fields.
    fn write(&self, fields: &mut FieldWriter);

    /// Reads its fields, and leaves those that come after them.
    ///
    /// # Errors
    /// Refuses what is out of its limits, and any second form of what it says.
    fn read(fields: &mut FieldReader<'_>) -> Result<Self, Rejection>;

    /// Returns what it is to be held against.
    fn scope(&self) -> Scope<'_>;
}

/// A document as somebody brought it; nobody has verified it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document<T> {
    signer: KeyId,
    body: T,
    later: Vec<Vec<u8>>,
    bytes: Vec<u8>,
}

impl<T: Body> Document<T> {
    /// Signs what is said.
    ///
    /// # Errors
    /// Refuses what no reader would take: limits are those of reading.
    pub fn sign(key: &SecretKey, body: &T) -> Result<Self, Rejection> {
        Self::sign_with(key, body, &[])
    }

    /// Signs what is said, with fields that a later build appends.
    ///
    /// # Errors
    /// Refuses what no reader would take.
    pub fn sign_with(key: &SecretKey, body: &T, later: &[Vec<u8>]) -> Result<Self, Rejection> {
        let mut fields = FieldWriter::default();
        body.write(&mut fields);
        later.iter().for_each(|field| fields.bytes(field));
        let mut bytes = vec![VERSION, T::KIND.byte()];
        bytes.extend(key.public().id().0);
        bytes.extend(fields.into_bytes());
        let signature = key.sign(&[CONTEXT, &bytes].concat());
        bytes.extend(signature);
        let signed = Self::read(&bytes)?;
        if signed.body == *body && signed.later == later {
            Ok(signed)
        } else {
            Err(Rejection::Malformed)
        }
    }

    /// Reads a document without believing it.
    ///
    /// # Errors
    /// Refuses another version and kind, and anything but the one form of a document.
    pub fn read(bytes: &[u8]) -> Result<Self, Rejection> {
        if bytes.len() > limits::DOCUMENT_BYTES {
            return Err(Rejection::Malformed);
        }
        match bytes {
            [] | [_] => return Err(Rejection::Malformed),
            [version, ..] if *version != VERSION => return Err(Rejection::UnknownVersion),
            [_, kind, ..] if *kind != T::KIND.byte() => return Err(Rejection::WrongKind),
            _ => {}
        }
        let (signed, _) = split(bytes)?;
        let (head, body) = signed.split_at_checked(HEAD_BYTES).ok_or(Rejection::Malformed)?;
        let key = head.get(2..).and_then(|key| key.try_into().ok()).ok_or(Rejection::Malformed)?;
        let mut fields = FieldReader::new(body);
        let body = T::read(&mut fields)?;
        let mut later = Vec::new();
        while !fields.is_at_end() {
            if later.len() == limits::LATER_FIELDS {
                return Err(Rejection::Malformed);
            }
            later.push(fields.bytes()?.to_vec());
        }
        Ok(Self { signer: KeyId(key), body, later, bytes: bytes.to_vec() })
    }

    /// Checks the signature, and nothing else.
    ///
    /// # Errors
    /// Refuses a document that this key did not sign.
    pub fn check(&self, key: &PublicKey) -> Result<(), Rejection> {
        let (signed, signature) = split(&self.bytes)?;
        key.verify(&[CONTEXT, signed].concat(), signature)
    }

    /// Returns what it claims.
    #[must_use]
    pub const fn claim(&self) -> &T {
        &self.body
    }

    /// Returns the body of a document that was verified.
    pub(super) fn into_body(self) -> T {
        self.body
    }

    /// Returns which key it says that it was signed with.
    #[must_use]
    pub const fn signer(&self) -> KeyId {
        self.signer
    }

    /// Returns the fields that this build does not know.
    #[must_use]
    pub fn later(&self) -> &[Vec<u8>] {
        &self.later
    }

    /// Returns the whole document.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

type Signed<'a> = (&'a [u8], &'a [u8; SIGNATURE_BYTES]);

fn split(bytes: &[u8]) -> Result<Signed<'_>, Rejection> {
    bytes.split_last_chunk::<SIGNATURE_BYTES>().ok_or(Rejection::Malformed)
}
