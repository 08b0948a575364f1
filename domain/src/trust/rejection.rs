//! Why a document is not believed, as stable codes. It must not know HTTP or a language.

use std::fmt;

/// Why a document was refused; nothing may be done because of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// It is no document, or says the same in another than its one form.
    Malformed,
    /// It was made by a newer build, whose version is unknown here.
    UnknownVersion,
    /// It is a document of another kind than was asked for.
    WrongKind,
    /// A key is no point of the curve, is written in another than its one form, or is weak.
    InvalidKey,
    /// Nobody here knows the key that signed it.
    UnknownKey,
    /// The signature is not that key's over these bytes.
    Forged,
    /// It is known, and the signer was not allowed to sign it.
    NotPermitted,
    /// It, its signer's certificate or the key was revoked.
    Revoked,
    /// It, or its signer's certificate, has certainly ended.
    Expired,
    /// It, or its signer's certificate, has certainly not begun.
    NotYet,
    /// It belongs to another venue.
    WrongVenue,
    /// It opens another door.
    WrongDoor,
    /// It is about another order, amount or attempt.
    WrongOrder,
    /// It is a test where live money counts, or the other way round.
    WrongMode,
    /// It carries a login to another origin.
    WrongOrigin,
    /// The entitlement may not be handed on, or not so.
    NotDelegable,
    /// A newer one is known.
    Outdated,
}

impl Rejection {
    /// Returns the stable code that callers may rely on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "document_malformed",
            Self::UnknownVersion => "document_version_unknown",
            Self::WrongKind => "document_kind_wrong",
            Self::InvalidKey => "key_invalid",
            Self::UnknownKey => "key_unknown",
            Self::Forged => "document_forged",
            Self::NotPermitted => "signer_not_permitted",
            Self::Revoked => "document_revoked",
            Self::Expired => "document_expired",
            Self::NotYet => "document_not_yet_valid",
            Self::WrongVenue => "document_of_other_venue",
            Self::WrongDoor => "document_for_other_door",
            Self::WrongOrder => "document_for_other_order",
            Self::WrongMode => "payment_mode_differs",
            Self::WrongOrigin => "document_for_other_origin",
            Self::NotDelegable => "entitlement_not_delegable",
            Self::Outdated => "document_outdated",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Rejection {}
