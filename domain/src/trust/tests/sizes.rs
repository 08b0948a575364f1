//! What is shown as a code is read by a cheap camera: it stays below version 20 of a QR code.

use qrcode::{EcLevel, QrCode, Version};
use sync_engine::id::VenueId;

use super::samples;
use crate::{
    limits::{CENTS_MAX, QUANTITY_MAX},
    trust::{
        Body, Document, Window,
        limits::{CALL_BYTES, NAME_BYTES, PAYMENT_BYTES, TICKET_LABEL_BYTES, TICKET_LINES},
        text,
        ticket::{Due, Line, Ticket},
    },
};

const LATE: Window = Window { from_ms: (1 << 53) - 2, until_ms: (1 << 53) - 1 };

fn version<T: Body>(body: &T) -> i16 {
    let signed = Document::sign(&samples::key(samples::GATEWAY), body).unwrap();
    let code = QrCode::with_error_correction_level(text::to_qr(signed.as_bytes()), EcLevel::M);
    match code.unwrap().version() {
        Version::Normal(version) => version,
        Version::Micro(_) => 0,
    }
}

fn longest_venue() -> VenueId {
    VenueId::parse(&"v".repeat(NAME_BYTES)).unwrap()
}

fn largest_due() -> Due {
    Due { amount_cents: CENTS_MAX, attempt: (1 << 53) - 1, ..samples::due() }
}

#[test]
fn the_largest_ticket_is_a_code_below_version_20() {
    let line = |number: usize| Line {
        quantity: QUANTITY_MAX,
        label: "é".repeat(TICKET_LABEL_BYTES * number),
        total_cents: CENTS_MAX,
    };
    let lines = Ticket::fitting((1..=2 * TICKET_LINES).map(line));
    let ticket = Ticket {
        venue: longest_venue(),
        due: largest_due(),
        call: "K".repeat(CALL_BYTES),
        window: LATE,
        lines,
    };
    assert_eq!(ticket.lines.len(), 7, "as many lines as there is room for");
    let version = version(&ticket);
    assert!(version < 20, "{version}");
}

#[test]
fn the_largest_receipt_is_a_code_below_version_20() {
    let receipt = crate::trust::receipt::Receipt {
        venue: longest_venue(),
        due: largest_due(),
        payment: "p".repeat(PAYMENT_BYTES),
        paid_ms: LATE.until_ms,
    };
    let version = version(&receipt);
    assert!(version < 20, "{version}");
}

#[test]
fn a_usual_ticket_and_receipt_are_smaller_still() {
    assert!(version(&samples::ticket()) <= 14, "{}", version(&samples::ticket()));
    assert!(version(&samples::receipt()) <= 13, "{}", version(&samples::receipt()));
}
