//! QR codes, drawn here: no third party learns what is in them.
//!
//! It must not know what is written in one.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// Modules of quiet zone that readers want around a code.
const QUIET: usize = 4;

/// Draws a text as an SVG element of one path; none when it does not fit into a code.
#[must_use]
pub fn svg(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                // Writing to a String cannot fail.
                let _ =
                    write!(path, "M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len());
            }
            x += run.len();
        }
    }
    let size = width + 2 * QUIET;
    Some(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\" \
         aria-hidden=\"true\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/>\
         <path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_one_square_picture_without_a_style_of_its_own() {
        let picture = svg("otpauth://totp/Chakri:a@example.com?secret=JBSWY3DPEHPK3PXP").unwrap();
        assert!(picture.starts_with("<svg class=\"qr\" viewBox=\"0 0 41 41\""));
        assert!(!picture.contains("style") && picture.matches("<path").count() == 2);
        assert_eq!(svg(&"x".repeat(5_000)), None);
    }
}
