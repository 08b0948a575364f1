//! Tests of every page: it renders, escapes, and holds nothing that the browser would refuse.

use std::sync::Arc;

use askama::Template;

mod close;
mod counter;
mod deliveries;
mod floor;
mod kitchen;
mod line;
mod opening;
mod own;
mod own_orders;
mod shelves;
mod terms;

use counter::{counter_pages, exceptions};
use deliveries::delivery_pages;
use floor::{floor_pages, order_with};
use kitchen::kitchen_page;
use line::sync_status;
use opening::opening_pages;
use own::own_pages;
use own_orders::own_order_pages;
use shelves::shelf_pages;

use super::*;
use crate::locale::Locale;

fn shell(surface: Surface) -> Shell {
    Shell {
        locale: Locale::Fr,
        venue_name: "Chez Œuf & <b>Brûlé</b>".to_owned(),
        path: "/menu?table=4".to_owned(),
        surface,
        demo: false,
        live: true,
        csrf: "5e55".to_owned(),
        signed_in: true,
        guest: false,
        comfort: true,
    }
}

fn mark(name: &str) -> MarkData {
    MarkData { code: name.to_owned(), name: name.to_owned() }
}

fn menu() -> MenuData {
    let product = |id: &str, available| ProductData {
        id: id.to_owned(),
        category: "burgers".to_owned(),
        name: "Le </script><script>alert(1)</script>".to_owned(),
        description: String::new(),
        picture: String::new(),
        price_cents: 1000,
        least_cents: 1150,
        rises: available,
        available,
        served: available,
        allergens: vec![mark("gluten"), mark("œuf")],
        diets: vec![mark("<b>")],
        kind: "simple",
        groups: Vec::new(),
        slots: Vec::new(),
        ingredients: Vec::new(),
        free_text: true,
        upsell: Vec::new(),
    };
    let category = |id: &str| CategoryData { id: id.to_owned(), name: id.to_owned() };
    MenuData {
        version: "<b>".to_owned(),
        categories: vec![category("burgers"), category("empty")],
        products: vec![product("one", true), product("two", false)],
    }
}

fn drawn() -> Arc<MenuShown> {
    Arc::new(MenuShown::new(Locale::Fr, &menu()))
}

fn ticket() -> TicketView {
    TicketView {
        id: "7d1f".to_owned(),
        ticket: "K1-017".to_owned(),
        mode: Mode::TakeAway,
        table: 0,
        since_ms: 1_763_700_000_000,
        lines: vec![LineView {
            quantity: 2,
            name: "Le Cheese King".to_owned(),
            options: vec!["Algérienne".to_owned()],
            price: "23,00\u{a0}€".to_owned(),
        }],
        total: "23,00\u{a0}€".to_owned(),
        sums: sums(),
        note: "<script>alert(1)</script>".to_owned(),
        wanted: Some("19:30".to_owned()),
        contact: Some(ContactView {
            address: "<script>alert(1)</script>".to_owned(),
            phone: "0470 12 34 56".to_owned(),
        }),
    }
}

fn sums() -> Sums {
    let hostile = || "<script>alert(1)</script>".to_owned();
    let vat = VatLine { rate: hostile(), gross: hostile(), vat: hostile() };
    Sums {
        discounts: vec![DiscountLine { code: hostile(), amount: hostile() }],
        fee: Some(hostile()),
        vat: vec![vat],
    }
}

fn web_orders() -> WebOrdersView {
    let hostile = || "<script>alert(1)</script>".to_owned();
    WebOrdersView {
        shell: shell(Surface::Staff),
        paused: Some(hostile()),
        by_staff: true,
        staff_accept: true,
        silent_minutes: 3,
        slot_minutes: 15,
        limit: 0,
        web_percent: 30,
        weights: hostile(),
        may_set: true,
        reason: hostile(),
        saved: true,
        error: Some(hostile()),
    }
}

fn login_pages(page: &mut impl FnMut(&'static str, askama::Result<String>)) {
    let login = |name, by_password, in_clear| {
        let hand_over = if by_password { "" } else { "/login/hand-over/start?next=%22" };
        let view = LoginView {
            shell: shell(Surface::Staff),
            next: "/kitchen".to_owned(),
            by_password,
            by_pin: true,
            registers: true,
            openid: Some(ProviderLink {
                label: "<script>alert(1)</script>".to_owned(),
                href: "/login/openid".to_owned(),
            }),
            unconfirmed: Some("<script>alert(1)</script>".to_owned()),
            pin_refused: true,
            error: Some("Non".to_owned()),
            demo: Vec::new(),
            hand_over: hand_over.to_owned(),
            in_clear,
            https_url: "https://chakri.lan.chakri.be/login".to_owned(),
        };
        (name, view.render())
    };
    for (name, html) in [
        login("login", true, false),
        login("login_on_site", false, false),
        login("login_in_clear", false, true),
    ] {
        page(name, html);
    }
    let target = "/login/hand-over?to=\"><script>alert(1)</script>".to_owned();
    page("lead", LeadView { shell: shell(Surface::Staff), target }.render());
}

fn sign_in_pages(page: &mut impl FnMut(&'static str, askama::Result<String>)) {
    login_pages(page);
    let code = CodeView {
        shell: shell(Surface::Staff),
        next: "/kitchen".to_owned(),
        error: Some("Non".to_owned()),
        demo_code: Some("123456".to_owned()),
    };
    page("login_code", code.render());
    let hostile = || "<script>alert(1)</script>".to_owned();
    let person = || PersonLine {
        id: "a".repeat(32),
        name: hostile(),
        roles: "Cuisine".to_owned(),
        active: false,
        has_pin: true,
        has_photo: true,
    };
    let roles = || vec![RoleChoice { name: "kitchen", label: hostile(), chosen: true }];
    let people = PeopleView {
        shell: shell(Surface::Staff),
        people: vec![person()],
        roles: roles(),
        is_home: true,
        name: hostile(),
        email: hostile(),
        error: Some(hostile()),
    };
    page("people", people.render());
    let one = PersonView {
        shell: shell(Surface::Staff),
        person: person(),
        roles: roles(),
        is_home: true,
        is_self: false,
        invitation: Some(hostile()),
        error: Some(hostile()),
    };
    page("person", one.render());
    let setup = SetupView {
        shell: shell(Surface::Staff),
        has_venue: false,
        venue: hostile(),
        name: hostile(),
        email: hostile(),
        error: Some(hostile()),
    };
    page("setup", setup.render());
    own_pages(page);
}

fn audit_pages(page: &mut impl FnMut(&'static str, askama::Result<String>)) {
    let hostile = || "<script>alert(1)</script>".to_owned();
    let line = AuditLine {
        when: "2026-11-21 14:32".to_owned(),
        certain: false,
        act: hostile(),
        actor: hostile(),
        subject: hostile(),
        order: Some("/counter/orders/7d1f".to_owned()),
        detail: hostile(),
        source: hostile(),
        place: hostile(),
    };
    let audit = AuditView {
        shell: shell(Surface::Staff),
        lines: vec![line],
        acts: vec![ActChoice { name: "paid", label: hostile(), chosen: true }],
        who: hostile(),
        from: hostile(),
        until: hostile(),
        next: Some("/audit?who=%3Cscript%3E".to_owned()),
        is_later: true,
        newest: "/audit?".to_owned(),
        csv: "/api/audit?format=csv&".to_owned(),
        json: "/api/audit?format=json&".to_owned(),
        error: Some(hostile()),
    };
    page("audit", audit.render());
    let life = LifeView {
        replica: hostile(),
        generation: hostile(),
        entries: "12".to_owned(),
        sealed: "10".to_owned(),
        unsealed: "2".to_owned(),
        is_sound: false,
        is_forked: true,
        findings: vec![hostile()],
        more: Some("300".to_owned()),
    };
    let shell = shell(Surface::Staff);
    page("audit_check", AuditCheckView { shell, is_sound: false, lives: vec![life] }.render());
}

fn pages() -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut page = |name, html: askama::Result<String>| {
        found.push((name, html.expect("the template renders")));
    };
    let web = || shell(Surface::Web);
    opening_pages(&mut page);
    let menu = MenuView::new(web(), drawn(), None);
    page("menu", MenuView { delivers: true, paused: Some("<b>".to_owned()), ..menu }.render());
    let order = order_with(TableNote { code: "assigned", number: 5, choices: Vec::new() });
    page("order", order.render());
    let switch =
        SwitchView { id: "one".to_owned(), name: "Le Truffe".to_owned(), available: false };
    page("kitchen", kitchen_page(switch).render());
    let board = ReadyBoard {
        locale: Locale::Nl,
        preparing: vec![ticket().ticket],
        ready: vec!["W-003".to_owned()],
    };
    page("ready", ReadyView { shell: web(), board }.render());
    let board = CounterBoard {
        locale: Locale::Fr,
        to_accept: vec![WaitingView { ticket: ticket(), asked: true, doubt: true }],
        to_pay: vec![ticket()],
        preparing: Vec::new(),
        ready: vec![ticket()],
        exceptions: exceptions(),
        troubles: Vec::new(),
    };
    page("counter", CounterView { shell: shell(Surface::Staff), switches: true, board }.render());
    sign_in_pages(&mut page);
    page("web_orders", web_orders().render());
    page("terms", terms::hostile_view().render());
    page("problem", ProblemView::new(web(), 404, "unknown_venue").render());
    let staff = StaffView {
        shell: shell(Surface::Staff),
        link: LinkState::Cut,
        title: "staff.title",
        doors: vec![Door {
            href: "/people",
            icon: "people",
            name: "people.title",
            text: "people.door_text",
            facts: vec![(3, "staff.ready")],
        }],
    };
    page("staff", staff.render());
    audit_pages(&mut page);
    floor_pages(&mut page);
    counter_pages(&mut page);
    delivery_pages(&mut page);
    own_order_pages(&mut page);
    shelf_pages(&mut page);
    page("sync_status", sync_status(LinkState::Cut).render());
    let heard = Some("14:32".to_owned());
    let peer = "<script>alert(1)</script>".to_owned();
    page("sync_retire", SyncRetireView { shell: shell(Surface::Staff), peer, heard }.render());
    page("styleguide", StyleguideView { shell: web() }.render());
    found
}

fn page(name: &str) -> String {
    pages().into_iter().find(|(one, _)| *one == name).expect("the page exists").1
}

#[test]
fn every_page_obeys_the_content_security_policy() {
    for (name, html) in pages() {
        assert!(!html.contains(" style="), "{name} has an inline style");
        assert!(!html.contains(" onclick=") && !html.contains(" onload="), "{name} has a handler");
        assert!(!html.contains("<style"), "{name} has an inline style sheet");
        for script in html.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap_or_default();
            let allowed = tag.contains("application/json") || tag.contains("src=\"/static/js/");
            assert!(allowed, "{name} has an inline script: {tag}");
        }
    }
}

#[test]
fn every_page_escapes_what_people_typed() {
    for (name, html) in pages() {
        assert!(!html.contains("<b>Brûlé"), "{name} lets markup through");
        assert!(!html.contains("<script>alert"), "{name} lets a script through");
    }
}

#[test]
fn every_page_says_its_language_its_title_and_its_way_to_the_content() {
    for (name, html) in pages() {
        assert!(html.contains("<html lang=\"fr\">"), "{name}");
        assert!(html.contains("<title>") && html.contains("id=\"main\""), "{name}");
        assert_eq!(html.matches("<h1").count(), 1, "{name} has one first heading");
    }
}

#[test]
fn the_menu_leaves_out_empty_categories_and_marks_what_is_sold_out() {
    let html = page("menu");
    assert!(!html.contains("category-empty"));
    assert_eq!(html.matches("card--sold-out").count(), 1);
    assert!(html.contains("gluten, œuf"));
    assert!(html.contains(">dès 11,50\u{a0}€<"), "what may cost more says so");
    assert!(html.contains(">11,50\u{a0}€<"), "and what costs that says no more");
    assert!(html.contains(r#""price_cents":1000,"least_cents":1150,"rises":true"#));
}

#[test]
fn the_language_switch_keeps_the_rest_of_the_address() {
    assert!(page("menu").contains("/menu?table=4&#38;lang=nl"));
}

#[test]
fn equal_boards_are_equal_bytes() {
    let board = || CounterBoard {
        locale: Locale::Nl,
        to_accept: Vec::new(),
        to_pay: vec![ticket()],
        preparing: vec![ticket()],
        ready: Vec::new(),
        exceptions: Vec::new(),
        troubles: Vec::new(),
    };
    assert_eq!(board().render().expect("renders"), board().render().expect("renders"));
}

#[test]
fn an_unknown_venue_has_no_way_back_and_an_unknown_code_still_has_a_sentence() {
    let view = ProblemView::new(shell(Surface::Web), 404, "unknown_venue");
    assert!(view.back_href.is_none());
    let view = ProblemView::new(shell(Surface::Web), 500, "no_such_code");
    assert_eq!(view.sentence, Locale::Fr.t("error.internal"));
}
