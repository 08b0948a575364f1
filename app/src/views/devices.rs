//! Owns the pages about the venue's machines, and the one on which a browser enrols.
//! It must not know what a key is made of.

use askama::Template;

use super::Shell;

/// A device in a list.
#[derive(Clone, Debug)]
pub struct DeviceLine {
    /// The id, for addresses.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it is, in the reader's language.
    pub kind: String,
    /// Where it stands; may be empty.
    pub place: String,
    /// When it was heard, on the venue's clocks.
    pub heard: String,
    /// It may not act.
    pub blocked: bool,
    /// It is out of use.
    pub retired: bool,
}

/// A kind that can be chosen.
#[derive(Clone, Debug)]
pub struct KindChoice {
    /// The field's value.
    pub name: &'static str,
    /// Its label in the reader's language.
    pub label: String,
}

/// A code that is shown once.
#[derive(Clone, Debug)]
pub struct CodeShown {
    /// What is typed.
    pub code: String,
    /// Where a browser types it by itself.
    pub link: String,
    /// The link as an SVG picture.
    pub picture: String,
    /// What is run on a gateway's machine instead, or a standby's.
    pub command: Option<String>,
}

/// The page at `/devices`.
#[derive(Template)]
#[template(path = "devices.html")]
pub struct DevicesView {
    /// The frame.
    pub shell: Shell,
    /// Every device.
    pub devices: Vec<DeviceLine>,
    /// What a new one can be.
    pub kinds: Vec<KindChoice>,
    /// What was typed before.
    pub name: String,
    /// What was typed before.
    pub place: String,
    /// The code that was typed before.
    pub typed: String,
    /// The name that was typed beside it.
    pub approved_name: String,
    /// The second form was sent.
    pub is_approval: bool,
    /// The code for a device that is to come.
    pub code: Option<CodeShown>,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}

/// The page at `/devices/{id}`.
#[derive(Template)]
#[template(path = "device.html")]
pub struct DeviceView {
    /// The frame.
    pub shell: Shell,
    /// Which.
    pub device: DeviceLine,
    /// Its name among machines.
    pub id: String,
    /// The build that it says that it runs.
    pub version: String,
    /// From which network it was heard.
    pub network: String,
    /// Since when it is known, on the venue's clocks.
    pub enrolled: String,
    /// Which of its keys holds.
    pub key: String,
    /// It is a gateway or a standby, which are never retired.
    pub is_replica: bool,
    /// Its key is renewed here.
    pub is_keyed_here: bool,
    /// The code for a device that lost its key.
    pub code: Option<CodeShown>,
    /// The next token of a machine that cannot sign.
    pub token: Option<String>,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}

/// The device that this browser is.
#[derive(Clone, Debug)]
pub struct StationLine {
    /// What people call it.
    pub name: String,
    /// What it is, in the reader's language.
    pub kind: String,
    /// Where it begins.
    pub start: &'static str,
}

/// The page at `/enrol`.
#[derive(Template)]
#[template(path = "enrol.html")]
pub struct EnrolView {
    /// The frame.
    pub shell: Shell,
    /// What this browser is already.
    pub station: Option<StationLine>,
    /// The code that this browser shows until staff have approved it.
    pub waits: Option<String>,
    /// The code that is to be redeemed.
    pub code: String,
    /// What this browser can become.
    pub kinds: Vec<KindChoice>,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}
