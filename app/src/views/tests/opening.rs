//! The pages that tell when a venue is open, filled with what nobody should ever type.

use super::*;

fn hostile() -> String {
    "<script>alert(1)</script>".to_owned()
}

fn opening() -> OpeningView {
    let line = |today| DayLine { name: "lundi", spans: vec![hostile()], today };
    OpeningView { closed: true, turns: hostile(), week: vec![line(true), line(false)], turns_s: 9 }
}

pub(super) fn opening_pages(page: &mut impl FnMut(&'static str, askama::Result<String>)) {
    let slide = || SlideView { picture: "\"><b>".to_owned(), name: hostile(), price: hostile() };
    let welcome = WelcomeView {
        shell: shell(Surface::Kiosk),
        orders: true,
        opening: opening(),
        slides: vec![slide(), slide()],
        code: crate::qr::svg("https://chakri.be").unwrap_or_default(),
        takes_cards: true,
        again_s: 60,
    };
    page("welcome", welcome.render());
    let asleep = AsleepView { shell: shell(Surface::Kiosk), opening: opening(), again_s: 60 };
    page("kiosk_asleep", asleep.render());
    let window = || WindowForm {
        index: 0,
        days: vec![DayTick {
            field: "day_0_1".to_owned(),
            short: "lu",
            name: "lundi",
            ticked: true,
        }],
        from: "11:30".to_owned(),
        until: hostile(),
    };
    let part = || PartForm {
        id: hostile(),
        title: hostile(),
        names: vec![TextField { field: "name_fr".to_owned(), code: "fr", text: hostile() }],
        windows: vec![window()],
    };
    let hours = HoursView {
        shell: shell(Surface::Staff),
        error: Some(hostile()),
        saved: true,
        opening: opening(),
        windows: vec![window()],
        parts: vec![part()],
        new_part: part(),
    };
    page("hours", hours.render());
    page("offline", OfflineView { shell: shell(Surface::Web) }.render());
}
