//! A strip of paper, written line by line in the printer's own commands (ESC/POS).
//!
//! It must not know what is on it.

use serde::{Deserialize, Serialize};

use super::CodePage;

const ESC: u8 = 0x1b;
const GS: u8 = 0x1d;
/// Lines that the cutter is away from the head.
const CUT_LINES: u8 = 4;
const QR_MAX: usize = 500;

/// How wide the paper is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Width {
    /// 58 mm.
    #[serde(rename = "58")]
    Narrow,
    /// 80 mm.
    #[default]
    #[serde(rename = "80")]
    Wide,
}

impl Width {
    /// Every width.
    pub const ALL: [Self; 2] = [Self::Narrow, Self::Wide];

    /// Returns the stable name: millimetres.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Narrow => "58",
            Self::Wide => "80",
        }
    }

    /// Returns how many letters stand in a line.
    #[must_use]
    pub const fn columns(self) -> usize {
        match self {
            Self::Narrow => 32,
            Self::Wide => 48,
        }
    }
}

/// What is printed, as bytes.
#[derive(Debug, Clone)]
pub struct Paper {
    width: Width,
    letters: CodePage,
    bytes: Vec<u8>,
}

impl Paper {
    /// Begins a strip: the printer forgets what was set before.
    #[must_use]
    pub fn new(width: Width, letters: CodePage) -> Self {
        let bytes = vec![ESC, b'@', ESC, b't', letters.number()];
        Self { width, letters, bytes }
    }

    /// Writes a paragraph, broken between words.
    pub fn text(&mut self, text: &str) {
        self.wrap(text, ("", self.width.columns()));
    }

    /// Writes a paragraph that stands in by some letters.
    pub fn inset(&mut self, indent: &str, text: &str) {
        self.wrap(text, (indent, self.width.columns()));
    }

    /// Writes a paragraph in bold letters.
    pub fn bold(&mut self, text: &str) {
        self.bytes.extend([ESC, b'E', 1]);
        self.text(text);
        self.bytes.extend([ESC, b'E', 0]);
    }

    /// Writes a paragraph in bold letters of twice the height.
    pub fn tall(&mut self, text: &str) {
        self.bytes.extend([ESC, b'E', 1, GS, b'!', 0x01]);
        self.text(text);
        self.bytes.extend([GS, b'!', 0, ESC, b'E', 0]);
    }

    /// Writes a line in the middle, twice as high and wide.
    pub fn headline(&mut self, text: &str) {
        self.bytes.extend([ESC, b'a', 1, ESC, b'E', 1, GS, b'!', 0x11]);
        self.wrap(text, ("", self.width.columns() / 2));
        self.bytes.extend([GS, b'!', 0, ESC, b'E', 0, ESC, b'a', 0]);
    }

    /// Writes white on black in the middle, as nobody overlooks it.
    pub fn warning(&mut self, text: &str) {
        self.bytes.extend([ESC, b'a', 1, GS, b'B', 1, GS, b'!', 0x11]);
        self.wrap(&format!(" {text} "), ("", self.width.columns() / 2));
        self.bytes.extend([GS, b'!', 0, GS, b'B', 0, ESC, b'a', 0]);
    }

    /// Writes a paragraph in the middle.
    pub fn middle(&mut self, text: &str) {
        self.bytes.extend([ESC, b'a', 1]);
        self.text(text);
        self.bytes.extend([ESC, b'a', 0]);
    }

    /// Writes what stands left and what stands right, in as many lines as the left needs.
    pub fn row(&mut self, left: &str, right: &str) {
        let columns = self.width.columns();
        let right = self.letters.encode(right);
        let room = columns.saturating_sub(right.len() + 1).max(1);
        let mut lines = self.broken(left, room);
        let last = lines.pop().unwrap_or_default();
        for line in lines {
            self.line(&line);
        }
        let gap = columns.saturating_sub(last.len() + right.len()).max(1);
        let line = [last, vec![b' '; gap], right].concat();
        self.line(&line);
    }

    /// Draws a line across.
    pub fn rule(&mut self) {
        self.line(&vec![b'-'; self.width.columns()]);
    }

    /// Leaves a line empty.
    pub fn gap(&mut self) {
        self.bytes.push(b'\n');
    }

    /// Draws a QR code by the printer's own command; nothing where it would be too large.
    pub fn qr(&mut self, text: &str) {
        let Ok(length) = u16::try_from(text.len() + 3) else { return };
        if text.len() > QR_MAX || !text.is_ascii() {
            return;
        }
        let dots = match self.width {
            Width::Narrow => 4,
            Width::Wide => 6,
        };
        self.bytes.extend([ESC, b'a', 1]);
        self.bytes.extend([GS, b'(', b'k', 4, 0, b'1', b'A', b'2', 0]);
        self.bytes.extend([GS, b'(', b'k', 3, 0, b'1', b'C', dots]);
        self.bytes.extend([GS, b'(', b'k', 3, 0, b'1', b'E', b'1']);
        let [low, high] = length.to_le_bytes();
        self.bytes.extend([GS, b'(', b'k', low, high, b'1', b'P', b'0']);
        self.bytes.extend(text.bytes());
        self.bytes.extend([GS, b'(', b'k', 3, 0, b'1', b'Q', b'0']);
        self.bytes.extend([b'\n', ESC, b'a', 0]);
    }

    /// Ends the strip: feeds it past the cutter, and cuts.
    #[must_use]
    pub fn cut(mut self) -> Vec<u8> {
        self.bytes.extend([ESC, b'd', CUT_LINES, GS, b'V', 1]);
        self.bytes
    }

    fn wrap(&mut self, text: &str, (indent, columns): (&str, usize)) {
        let indent = self.letters.encode(indent);
        let room = columns.saturating_sub(indent.len()).max(1);
        for line in self.broken(text, room) {
            let line = [indent.clone(), line].concat();
            self.line(&line);
        }
    }

    fn line(&mut self, line: &[u8]) {
        self.bytes.extend(line);
        self.bytes.push(b'\n');
    }

    /// Breaks a text between words; a word that is longer than a line is broken where it must be.
    fn broken(&self, text: &str, room: usize) -> Vec<Vec<u8>> {
        let mut lines: Vec<Vec<u8>> = Vec::new();
        let mut line: Vec<u8> = Vec::new();
        for word in text.split_whitespace() {
            let word = self.letters.encode(word);
            if !line.is_empty() && line.len() + 1 + word.len() > room {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(b' ');
            }
            for byte in word {
                if line.len() == room {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(byte);
            }
        }
        lines.push(line);
        lines
    }
}
