//! Every limit of signed documents, in one place.

/// Bytes of a whole document.
pub const DOCUMENT_BYTES: usize = 4_096;
/// Bytes of one field: what two bytes of length can say.
pub const FIELD_BYTES: usize = 0x3fff;
/// Fields of a newer build that a document may carry.
pub const LATER_FIELDS: usize = 16;
/// Bytes of a name: a door, a replica, a session's kind.
pub const NAME_BYTES: usize = 64;
/// Doors of one certificate.
pub const DOORS_MAX: usize = 32;
/// Kinds of document that one certificate allows.
pub const PURPOSES_MAX: usize = 16;
/// How long a gateway's certificate holds: 30 days.
pub const CERTIFICATE_MS: u64 = 30 * 24 * 3_600_000;
/// What of a certificate's life is left when it is renewed: a third.
pub const RENEW_BEFORE_MS: u64 = CERTIFICATE_MS / 3;
/// How long a proof of membership holds, at least and at most: a photograph of it is soon worth
/// nothing.
pub const MEMBERSHIP_MS: std::ops::RangeInclusive<u64> = 60_000..=90_000;
/// How long a member's card holds: 30 days.
pub const CARD_MS: u64 = 30 * 24 * 3_600_000;
/// How long a login may be on its way from one origin to another.
pub const HAND_OVER_MS: u64 = 120_000;
/// Bytes of an origin, such as `https://chakri.lan.example.org`.
pub const ORIGIN_BYTES: usize = 128;
/// Bytes of a provider's reference to a payment.
pub const PAYMENT_BYTES: usize = 80;
/// Bytes of a ticket's call number, such as `K1-017`.
pub const CALL_BYTES: usize = 12;
/// Lines that a ticket shows.
pub const TICKET_LINES: usize = 20;
/// Bytes of what a ticket calls a product.
pub const TICKET_LABEL_BYTES: usize = 32;
/// Bytes of all lines of a ticket: the rest of it, the signature and these fit into a QR code below
/// version 20.
pub const TICKET_LINES_BYTES: usize = 280;
/// Certificates that a verifier keeps.
pub const CERTIFICATES_MAX: usize = 64;
