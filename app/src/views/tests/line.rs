//! How replication stands, for the tests of every page.

use super::*;

pub(super) fn sync_status(link: LinkState) -> SyncStatusView {
    let hostile = || "<script>alert(1)</script>".to_owned();
    let lag = LagView { stream: hostile(), to_send: "12".to_owned(), to_receive: hostile() };
    let peer = PeerView {
        id: "gateway".to_owned(),
        name: hostile(),
        talking: true,
        heard: "14:32".to_owned(),
        may_retire: true,
        lags: vec![lag],
    };
    let change = AsideView {
        what: hostile(),
        stream: "Carte".to_owned(),
        writer: "gateway/a1 · 2".to_owned(),
        reason: hostile(),
        since: "14:32".to_owned(),
    };
    SyncStatusView {
        shell: shell(Surface::Staff),
        notice: Some(Notice { good: false, text: hostile() }),
        link,
        line_since: "Depuis 14:32".to_owned(),
        as_of: "2026-11-21 14:32".to_owned(),
        standby: None,
        superseded: false,
        is_edge: false,
        peers: vec![peer],
        more_peers: true,
        compared: "14:32".to_owned(),
        mended: "aucune".to_owned(),
        clock_ahead: true,
        clock_here: "The clock is right.".to_owned(),
        clock_unsure: true,
        restored: "2".to_owned(),
        leases_confirmed: false,
        leases: "They wait.".to_owned(),
        clock: "14:32".to_owned(),
        highest: "14:32".to_owned(),
        replica: "edge".to_owned(),
        generation: "a1".to_owned(),
        kept: "12".to_owned(),
        snapshots: vec![hostile()],
        retired: vec![hostile()],
        aside_count: "21".to_owned(),
        aside: vec![change],
        more_aside: true,
    }
}
