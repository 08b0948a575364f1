//! Owns the page that says how replication stands, and the one that asks before giving up a peer.
//! It must not know how any of it is found out.

use askama::Template;

use super::{LinkState, Shell};

/// What a button led to.
#[derive(Clone, Debug)]
pub struct Notice {
    /// It worked.
    pub good: bool,
    /// In a sentence.
    pub text: String,
}

/// Somebody who holds this data as well.
#[derive(Clone, Debug)]
pub struct PeerView {
    /// What this store calls it.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// It was heard a moment ago.
    pub talking: bool,
    /// When it was heard; empty where the line says that already.
    pub heard: String,
    /// The reader may give it up.
    pub may_retire: bool,
    /// What waits, per kind of data.
    pub lags: Vec<LagView>,
}

/// What waits between two stores, of one kind of data.
#[derive(Clone, Debug)]
pub struct LagView {
    /// Which data.
    pub stream: String,
    /// Changes on their way there.
    pub to_send: String,
    /// Changes on their way here.
    pub to_receive: String,
}

/// A change that was set aside.
#[derive(Clone, Debug)]
pub struct AsideView {
    /// Table and row.
    pub what: String,
    /// Which data.
    pub stream: String,
    /// Who wrote it, and as which of its changes.
    pub writer: String,
    /// Why it could not be taken in.
    pub reason: String,
    /// Since when it waits.
    pub since: String,
}

/// The page at `/sync-status`.
#[derive(Template)]
#[template(path = "sync_status.html")]
pub struct SyncStatusView {
    /// The frame.
    pub shell: Shell,
    /// What a button led to.
    pub notice: Option<Notice>,
    /// The line to the other side.
    pub link: LinkState,
    /// Since when it is so; empty where that means nothing.
    pub line_since: String,
    /// When the page was made, on the venue's clocks.
    pub as_of: String,
    /// The page comes from the edge.
    pub is_edge: bool,
    /// How the second gateway follows, if one does or did.
    pub standby: Option<Notice>,
    /// Another gateway took this one's place.
    pub superseded: bool,
    /// Who else holds this data.
    pub peers: Vec<PeerView>,
    /// There are more of them.
    pub more_peers: bool,
    /// When all rows were compared the last time.
    pub compared: String,
    /// What was found and mended.
    pub mended: String,
    /// Some device's clock was wrong.
    pub clock_ahead: bool,
    /// What is known of this host's own clock.
    pub clock_here: String,
    /// It cannot be believed.
    pub clock_unsure: bool,
    /// What the clock's state means.
    pub clock: String,
    /// The highest time that a change bears; empty before the first.
    pub highest: String,
    /// As whom this store writes.
    pub replica: String,
    /// Its present life.
    pub generation: String,
    /// When it was found to be a copy; empty where it never was.
    pub restored: String,
    /// It may act on what is leased.
    pub leases_confirmed: bool,
    /// What that means, and for whom it waits.
    pub leases: String,
    /// Changes in its log.
    pub kept: String,
    /// Snapshots that go on.
    pub snapshots: Vec<String>,
    /// Peers that were given up.
    pub retired: Vec<String>,
    /// How many changes are set aside.
    pub aside_count: String,
    /// Those that wait the longest.
    pub aside: Vec<AsideView>,
    /// There are more of them.
    pub more_aside: bool,
}

/// The page at `/sync-status/retire`.
#[derive(Template)]
#[template(path = "sync_retire.html")]
pub struct SyncRetireView {
    /// The frame.
    pub shell: Shell,
    /// The peer.
    pub peer: String,
    /// When it was heard, if that was a moment ago: then it is alive.
    pub heard: Option<String>,
}
