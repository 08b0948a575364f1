//! The page about terms, filled with what nobody should ever type.

use super::*;

pub(super) fn hostile_view() -> TermsView {
    let hostile = || "<script>alert(1)</script>".to_owned();
    let rate = RateLine {
        id: hostile(),
        class: "food",
        mode: "any",
        from: hostile(),
        rate: hostile(),
        confirmed: false,
        removed: false,
        counts: true,
    };
    let promotion = PromotionLine {
        code: hostile(),
        off: hostile(),
        from: hostile(),
        until: hostile(),
        minimum: Some(hostile()),
        active: true,
    };
    let delivery =
        DeliveryForm { zones: "</textarea><script>alert(1)".to_owned(), ..Default::default() };
    TermsView {
        shell: shell(Surface::Staff),
        error: Some(hostile()),
        saved: true,
        delivery,
        rates: vec![rate],
        unconfirmed: true,
        classes: vec![ValueChoice { name: "food", label: "Plats" }],
        modes: vec![ValueChoice { name: "any", label: "Tous" }],
        promotions: vec![promotion],
        code: hostile(),
        today: "2026-11-22".to_owned(),
        points: PointsForm {
            levels: "</textarea><script>alert(1)".to_owned(),
            ..Default::default()
        },
        map: MapForm { tiles: hostile(), router: hostile(), ..Default::default() },
        languages: "FR; NL".to_owned(),
    }
}
