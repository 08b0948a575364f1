//! The pages on which people look after their own account, as hostile as they can be filled.

use super::*;

pub(super) fn own_pages(page: &mut impl FnMut(&'static str, askama::Result<String>)) {
    let hostile = || "<script>alert(1)</script>".to_owned();
    let account = AccountView {
        agreed: None,
        notice_since: "7".to_owned(),
        shell: shell(Surface::Staff),
        has_account: true,
        email: hostile(),
        name: hostile(),
        is_locked: true,
        has_password: true,
        has_factor: false,
        takes_photo: true,
        has_photo: true,
        takes_pin: true,
        in_team: true,
        is_member: false,
        sessions: vec![SessionLine {
            handle: hostile(),
            label: hostile(),
            by_pin: true,
            used: "2026-11-21 14:32".to_owned(),
            is_this: false,
        }],
        sent: true,
        done: true,
        error: Some(hostile()),
        failed: "pin".to_owned(),
        home: "/kitchen".to_owned(),
    };
    page("account", account.render());
    notice_pages(page);
    card_pages(page);
    code_pages(page);
}

fn notice_pages(page: &mut impl FnMut(&'static str, askama::Result<String>)) {
    let hostile = || "<script>alert(1)</script>".to_owned();
    let notice = NoticeView {
        shell: shell(Surface::Web),
        words: vec![hostile()],
        contact: vec![hostile()],
        since: Some(hostile()),
        forever: false,
        months: Some(hostile()),
        may_edit: true,
    };
    page("notice", notice.render());
    let words = NoticeWords { field: hostile(), language: "x", text: hostile() };
    let edit = NoticeEditView {
        shell: shell(Surface::Staff),
        contact: hostile(),
        words: vec![words],
        error: Some(hostile()),
    };
    page("notice_edit", edit.render());
}

fn code_pages(page: &mut impl FnMut(&'static str, askama::Result<String>)) {
    let hostile = || "<script>alert(1)</script>".to_owned();
    for codes in [Vec::new(), vec![hostile()]] {
        let factor = FactorView {
            shell: shell(Surface::Staff),
            picture: String::new(),
            secret: hostile(),
            sealed: hostile(),
            codes,
            must: true,
            next: "/dashboard".to_owned(),
            error: Some(hostile()),
        };
        page("second_factor", factor.render());
    }
    let (code, error) = (hostile(), Some(hostile()));
    page("password", PasswordView { shell: shell(Surface::Staff), code, error }.render());
    for sent in [false, true] {
        let (name, email, error) = (hostile(), hostile(), Some(hostile()));
        let shell = || shell(Surface::Staff);
        let forgot =
            ForgotView { shell: shell(), sent, demo_mails: true, email: hostile(), error: None };
        page("forgot", forgot.render());
        let register = RegisterView { shell: shell(), sent, demo_mails: true, name, email, error };
        page("register", register.render());
        let (code, error) = (hostile(), Some(hostile()));
        page("confirm", ConfirmView { shell: shell(), code, error }.render());
        page("email", EmailView { shell: shell(), code: hostile(), is_undo: sent }.render());
    }
}

fn card_pages(page: &mut impl FnMut(&'static str, askama::Result<String>)) {
    let hostile = || "<script>alert(1)</script>".to_owned();
    let line = CardLine { id: hostile(), is_phone: true, until: hostile() };
    let card = CardView {
        shell: shell(Surface::Staff),
        is_home: true,
        is_member: true,
        name: hostile(),
        standing: Some((hostile(), hostile())),
        has_pin: true,
        cards: vec![line],
        picture: "<svg></svg>".to_owned(),
        printed: hostile(),
        data: serde_json::json!({"venue": hostile()}),
        error: Some(hostile()),
    };
    page("card", card.render());
    let line = PointsLine {
        at: hostile(),
        what: hostile(),
        about: hostile(),
        order: hostile(),
        points: hostile(),
        gone: true,
    };
    let points = PointsView {
        shell: shell(Surface::Staff),
        on: false,
        balance: hostile(),
        debt: Some(hostile()),
        usable: Some(hostile()),
        level: hostile(),
        next: Some(hostile()),
        lines: vec![line],
    };
    page("points", points.render());
    let found = MemberFound {
        name: Some(hostile()),
        roles: hostile(),
        is_phone: true,
        id: hostile(),
        act: "k".to_owned(),
        points: hostile(),
        reasons: vec![ValueChoice { name: "goodwill", label: "geste" }],
    };
    let members = MembersView {
        shell: shell(Surface::Staff),
        found: Some(found),
        code: hostile(),
        wants_pin: true,
        asks: false,
        corrected: Some(hostile()),
        error: Some(hostile()),
    };
    page("members", members.render());
}
