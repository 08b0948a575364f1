//! The page that tells staff how replication stands, and its two buttons.
//!
//! It puts a `Standing` into words; it must not judge.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use domain::access::Right;

use crate::{
    api::sync_status::{give_up, standing, try_again},
    call::{Answer, Call, page},
    gate::decode_query,
    locale::Locale,
    problem::{Problem, respond},
    rows::sync::AsideRow,
    standby::{DEVICE, Follows, PRIMARY},
    sync_status::{ClockState, Lag, LineState, PeerState, Standing},
    uplink::EDGE,
    views::{
        AsideView, LagView, LinkState, Notice, PeerView, Surface, SyncRetireView, SyncStatusView,
    },
};

const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60 * SECOND_MS;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// The page.
pub async fn show(call: Call) -> Answer {
    let standing = standing(&call).await?;
    let words = Words::of(&call)?;
    let may_retire = call.may(Right::Maintain);
    let (link, line_since) = words.line(standing.line);
    let is_standby = !call.app.host.side.writes();
    let link = if is_standby { link.of_standby() } else { link };
    let peer = |peer: &PeerState| words.peer(peer, may_retire);
    let retired = standing.retired.iter();
    page(&SyncStatusView {
        shell: call.shell(Surface::Staff),
        notice: notice(&call),
        link,
        line_since,
        as_of: call.locale.moment(&words.zone, standing.now_ms),
        is_edge: standing.line == LineState::Edge,
        standby: words.standby(standing.standby),
        superseded: standing.epoch.is_superseded,
        peers: standing.peers.iter().map(peer).collect(),
        more_peers: standing.more_peers,
        compared: words.compared(&standing),
        mended: words.mended(&standing),
        clock_ahead: standing.clock.is_ahead,
        clock: words.clock(standing.clock),
        clock_here: words.clock_here(&standing),
        clock_unsure: standing.clock.uncertain_floor_ms.is_some(),
        highest: standing.clock.highest_ms.map(|ms| words.when(ms)).unwrap_or_default(),
        replica: standing.replica.clone(),
        generation: standing.generation.clone(),
        restored: words.restored(&standing),
        leases_confirmed: standing.leases.confirmed,
        leases: words.leases(&standing),
        kept: words.number(standing.kept_changes),
        snapshots: standing.snapshots.iter().map(|s| words.copying(&s.peer, &s.purpose)).collect(),
        retired: retired.map(|r| format!("{} · {}", r.peer, words.when(r.at_ms))).collect(),
        aside_count: words.number(standing.aside.count),
        more_aside: standing.aside.count > standing.aside.changes.len() as i64,
        aside: standing.aside.changes.iter().map(|change| words.aside(change)).collect(),
    })
}

/// Tries again what was set aside, and leads back to the page.
pub async fn retry(call: Call) -> Answer {
    let (mended, _) = try_again(&call).await?;
    Ok(back(&format!("/sync-status?mended={mended}")))
}

/// Asks whether a peer is really to be given up.
pub async fn ask_retire(call: Call) -> Answer {
    let name = call.query("peer").unwrap_or_default();
    let standing = standing(&call).await?;
    let found = standing.peers.iter().find(|peer| peer.name == name && peer.may_retire);
    let peer = found.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "unknown_peer"))?;
    let words = Words::of(&call)?;
    page(&SyncRetireView {
        shell: call.shell(Surface::Staff),
        heard: words.heard(peer).filter(|_| peer.talking),
        peer: peer.name.clone(),
    })
}

/// Gives a peer up, and leads back to the page.
pub async fn retire(call: Call) -> Answer {
    let fields = decode_query(std::str::from_utf8(&call.body).unwrap_or_default());
    let peer = fields.iter().find(|(name, _)| name == "peer").map_or("", |(_, value)| value);
    give_up(&call, peer).await?;
    Ok(back("/sync-status?retired=1"))
}

fn back(target: &str) -> Response<Body> {
    let mut response = respond(StatusCode::SEE_OTHER, "text/plain", "");
    if let Ok(target) = HeaderValue::from_str(target) {
        response.headers_mut().insert(header::LOCATION, target);
    }
    response
}

/// What a button led to; an address that somebody typed says nothing.
fn notice(call: &Call) -> Option<Notice> {
    if call.query("retired") == Some("1") {
        return Some(Notice { good: true, text: call.locale.t("sync.retired_done").to_owned() });
    }
    let mended: u32 = call.query("mended")?.parse().ok()?;
    if mended == 0 {
        return Some(Notice { good: false, text: call.locale.t("sync.retry_none").to_owned() });
    }
    let count = call.locale.number(mended.into());
    let text = call.locale.t_with("sync.retry_done", &[("count", &count)]);
    Some(Notice { good: true, text })
}

/// The reader's language, the venue's clocks and now.
struct Words {
    locale: Locale,
    zone: String,
    now_ms: u64,
}

impl Words {
    fn of(call: &Call) -> Result<Self, Problem> {
        let zone = call.here()?.venue.time_zone.clone();
        Ok(Self { locale: call.locale, zone, now_ms: call.app.clock.now_ms() })
    }

    fn number(&self, count: i64) -> String {
        self.locale.number(u64::try_from(count).unwrap_or_default())
    }

    /// A moment on the venue's clocks, and how far it lies from now.
    fn when(&self, at_ms: i64) -> String {
        let at_ms = u64::try_from(at_ms).unwrap_or_default();
        let time = self.locale.moment(&self.zone, at_ms);
        let near = at_ms.abs_diff(self.now_ms) < DAY_MS / 2;
        let time = if near { time.split(' ').next_back().unwrap_or_default() } else { &time };
        let key = if at_ms > self.now_ms { "sync.when_ahead" } else { "sync.when" };
        let span = self.span(at_ms.abs_diff(self.now_ms));
        self.locale.t_with(key, &[("time", time), ("span", &span)])
    }

    fn span(&self, ms: u64) -> String {
        let (key, count) = match (ms / MINUTE_MS, ms / HOUR_MS, ms / DAY_MS) {
            (0, ..) => ("sync.seconds", ms / SECOND_MS),
            (minutes, 0, _) => ("sync.minutes", minutes),
            (_, hours, 0) => ("sync.hours", hours),
            (_, _, days) => ("sync.days", days),
        };
        self.locale.t_with(key, &[("count", &self.locale.number(count))])
    }

    fn line(&self, line: LineState) -> (LinkState, String) {
        let since = |ms: u64| {
            let when = self.when(i64::try_from(ms).unwrap_or(i64::MAX));
            self.locale.t_with("sync.since", &[("when", &when)])
        };
        match line {
            LineState::Connected { since_ms: Some(ms) } => (LinkState::Reachable, since(ms)),
            LineState::Connected { since_ms: None } => {
                (LinkState::Reachable, self.locale.t("sync.never_tried").to_owned())
            }
            LineState::Cut { since_ms } => (LinkState::Cut, since(since_ms)),
            LineState::Refused { since_ms } => (LinkState::Refused, since(since_ms)),
            LineState::Edge => (LinkState::Edge, String::new()),
            LineState::Alone => (LinkState::Alone, String::new()),
        }
    }

    fn name(&self, peer: &str) -> String {
        match peer {
            EDGE => self.locale.t("sync.peer_edge").to_owned(),
            PRIMARY => self.locale.t("sync.peer_primary").to_owned(),
            DEVICE => self.locale.t("sync.peer_standby").to_owned(),
            name => self.locale.t_with("sync.peer_device", &[("name", name)]),
        }
    }

    /// How the standby follows; nothing is said where there never was one.
    fn standby(&self, standby: Option<Follows>) -> Option<Notice> {
        let (good, key, since_ms) = match standby? {
            Follows::Nobody => return None,
            Follows::Closely { since_ms } => (true, "sync.standby_follows", since_ms),
            Follows::Lost { since_ms } => (false, "sync.standby_lost", since_ms),
        };
        let when = self.when(i64::try_from(since_ms).unwrap_or(i64::MAX));
        Some(Notice { good, text: self.locale.t_with(key, &[("when", &when)]) })
    }

    /// Data of a newer build goes by the name that the build gave it.
    fn stream(&self, purpose: &str) -> String {
        let known = self.locale.find(&format!("sync.stream_{purpose}"));
        known.unwrap_or(purpose).to_owned()
    }

    fn heard(&self, peer: &PeerState) -> Option<String> {
        let when = self.when(peer.heard_ms?);
        let key = if peer.talking { "sync.peer_talking" } else { "sync.peer_silent" };
        Some(self.locale.t_with(key, &[("when", &when)]))
    }

    fn peer(&self, peer: &PeerState, may_retire: bool) -> PeerView {
        let lag = |lag: &Lag| LagView {
            stream: self.stream(&lag.purpose),
            to_send: self.count_or_unknown(lag.to_send),
            to_receive: self.count_or_unknown(lag.to_receive),
        };
        let unheard = || self.locale.t("sync.peer_unheard").to_owned();
        let heard = self.heard(peer).unwrap_or_else(unheard);
        PeerView {
            id: peer.name.clone(),
            name: self.name(&peer.name),
            talking: peer.talking,
            heard: if [EDGE, PRIMARY].contains(&peer.name.as_str()) {
                String::new()
            } else {
                heard
            },
            may_retire: may_retire && peer.may_retire,
            lags: peer.streams.iter().map(lag).collect(),
        }
    }

    fn count_or_unknown(&self, count: Option<i64>) -> String {
        let unknown = || self.locale.t("sync.unknown").to_owned();
        count.map_or_else(unknown, |count| self.number(count))
    }

    fn compared(&self, standing: &Standing) -> String {
        match (standing.compared.at_ms, standing.line) {
            (Some(at_ms), _) => self.when(at_ms),
            (None, LineState::Edge) => self.locale.t("sync.compared_edge").to_owned(),
            (None, _) => self.locale.t("sync.compared_never").to_owned(),
        }
    }

    fn mended(&self, standing: &Standing) -> String {
        let Some(at_ms) = standing.compared.mended_ms else {
            return self.locale.t("sync.mended_none").to_owned();
        };
        let (count, when) = (self.number(standing.compared.mended), self.when(at_ms));
        self.locale.t_with("sync.mended_last", &[("count", &count), ("when", &when)])
    }

    fn clock(&self, clock: ClockState) -> String {
        let key = match clock {
            ClockState { highest_ms: None, .. } => "sync.clock_none",
            ClockState { is_ahead: true, .. } => "sync.clock_ahead",
            ClockState { .. } => "sync.clock_good",
        };
        let span = self.span(clock.ahead_ms.unsigned_abs());
        self.locale.t_with(key, &[("span", &span)])
    }

    /// Whether this host's own clock may be believed, and why not.
    fn clock_here(&self, standing: &Standing) -> String {
        let clock = standing.clock;
        let Some(floor_ms) = clock.uncertain_floor_ms else {
            return self.locale.t("sync.clock_certain").to_owned();
        };
        let key = match (clock.edge_ahead_ms, standing.line) {
            (Some(_), _) => "sync.clock_differs",
            (None, LineState::Alone) => "sync.clock_unsure_alone",
            (None, _) => "sync.clock_unsure",
        };
        let span = self.span(clock.edge_ahead_ms.unwrap_or_default().unsigned_abs());
        let floor = self.locale.moment(&self.zone, floor_ms);
        self.locale.t_with(key, &[("span", &span), ("floor", &floor)])
    }

    fn leases(&self, standing: &Standing) -> String {
        if standing.leases.confirmed {
            return self.locale.t("sync.leases_confirmed").to_owned();
        }
        let names: Vec<_> = standing.leases.awaited.iter().map(|name| self.name(name)).collect();
        self.locale.t_with("sync.leases_wait", &[("names", &names.join(", "))])
    }

    fn restored(&self, standing: &Standing) -> String {
        let Some(at_ms) = standing.restored_ms else { return String::new() };
        let (count, when) = (self.number(standing.restored), self.when(at_ms));
        self.locale.t_with("sync.restored_last", &[("count", &count), ("when", &when)])
    }

    fn copying(&self, peer: &str, purpose: &str) -> String {
        format!("{} · {}", self.name(peer), self.stream(purpose))
    }

    fn aside(&self, change: &AsideRow) -> AsideView {
        AsideView {
            what: format!("{} · {}", change.table, change.entity),
            stream: self.stream(&change.purpose),
            writer: format!("{} · {}", change.writer, change.seq),
            reason: change.reason.clone(),
            since: self.when(change.at_ms),
        }
    }
}
