//! How text becomes the bytes of a printer's code page, and what stands for what it cannot show.

use serde::{Deserialize, Serialize};

/// The upper half of code page 850; 858 has the euro where 850 has a dotless i.
const UPPER: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
                     └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";
/// The place of the euro in 858, and of the dotless i in 850.
const EURO: u8 = 0xd5;

/// Which letters a printer has above the usual 128.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodePage {
    /// Western Europe with the euro.
    #[default]
    Cp858,
    /// Western Europe before the euro.
    Cp850,
}

impl CodePage {
    /// Every one of them.
    pub const ALL: [Self; 2] = [Self::Cp858, Self::Cp850];

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cp858 => "cp858",
            Self::Cp850 => "cp850",
        }
    }

    /// Returns its number in the printer's own command.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Cp858 => 19,
            Self::Cp850 => 2,
        }
    }

    /// Writes a text: what the page does not have becomes what resembles it, or a question mark,
    /// and nothing in it is ever a command.
    #[must_use]
    pub fn encode(self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for letter in text.chars() {
            match self.byte(letter) {
                Some(byte) => bytes.push(byte),
                None => bytes.extend(resembling(letter).bytes()),
            }
        }
        bytes
    }

    fn byte(self, letter: char) -> Option<u8> {
        match letter {
            ' '..='~' => u8::try_from(letter).ok(),
            '€' if self == Self::Cp858 => Some(EURO),
            'ı' if self == Self::Cp858 => None,
            _ => {
                let place = UPPER.chars().position(|known| known == letter)?;
                u8::try_from(place).ok()?.checked_add(0x80)
            }
        }
    }
}

/// Returns what is printed in place of a letter; nothing for what joins others.
fn resembling(letter: char) -> &'static str {
    match letter {
        '‘' | '’' | 'ʼ' => "'",
        '“' | '”' | '„' => "\"",
        '–' | '—' | '−' | '‐' => "-",
        '…' => "...",
        '\u{202f}' | '\u{2009}' | '\t' => " ",
        '€' => "EUR",
        'œ' => "oe",
        'Œ' => "OE",
        'ı' => "i",
        '✓' => "x",
        '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{300}'..='\u{36f}' => "",
        _ => "?",
    }
}
