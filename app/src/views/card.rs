//! Owns a member's card and the counter's page that recognises it.
//! It must not know what makes a card good.

use askama::Template;

use super::{Shell, ValueChoice, shell::script_json};

/// A card that somebody has.
#[derive(Clone, Debug)]
pub struct CardLine {
    /// By what it is ended.
    pub id: String,
    /// It is in a phone.
    pub is_phone: bool,
    /// Until when it holds, on the venue's clocks.
    pub until: String,
}

/// The page at `/account/card`.
#[derive(Template)]
#[template(path = "card.html")]
pub struct CardView {
    /// The frame.
    pub shell: Shell,
    /// Cards are given here.
    pub is_home: bool,
    /// Whoever looks is a member.
    pub is_member: bool,
    /// Their name.
    pub name: String,
    /// What points they have and on which level they are, where points are given.
    pub standing: Option<(String, String)>,
    /// They have a PIN, which a card of paper wants.
    pub has_pin: bool,
    /// The cards that they have.
    pub cards: Vec<CardLine>,
    /// A printed card's QR code as SVG; empty where none was printed just now.
    pub picture: String,
    /// The same as text.
    pub printed: String,
    /// What the script wants to know.
    pub data: serde_json::Value,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}

impl CardView {
    /// Returns what the script wants to know, for its element.
    pub fn script_data(&self) -> String {
        script_json(&self.data)
    }
}

/// Somebody who was recognised.
#[derive(Clone, Debug)]
pub struct MemberFound {
    /// Their name; none where it is not known here.
    pub name: Option<String>,
    /// As what they are here.
    pub roles: String,
    /// Their phone proved it.
    pub is_phone: bool,
    /// By what they are named when their points are corrected.
    pub id: String,
    /// The page's key.
    pub act: String,
    /// What points they have, written for the reader.
    pub points: String,
    /// Why points are corrected, where whoever looks may do that.
    pub reasons: Vec<ValueChoice>,
}

/// The page at `/members`.
#[derive(Template)]
#[template(path = "members.html")]
pub struct MembersView {
    /// The frame.
    pub shell: Shell,
    /// Who was recognised just now.
    pub found: Option<MemberFound>,
    /// The code once more, where its PIN is wanted.
    pub code: String,
    /// The PIN is wanted.
    pub wants_pin: bool,
    /// Nothing is wrong: the PIN was not asked for yet.
    pub asks: bool,
    /// What somebody's points are after a correction, as a sentence.
    pub corrected: Option<String>,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}
