//! The customer's pages: menu and order; on the web and on a kiosk.

use std::sync::Arc;

use axum::http::StatusCode;
use domain::{
    access::Right,
    ordering::{Mode, Order, State},
    venue::map,
};

use crate::{
    call::{Answer, Call, page},
    delivering,
    gate::Allowed,
    host::Side,
    loyalty::Till,
    menu,
    pages::{loyalty, opening, order_table, present, web_orders},
    people::{at_kiosk, directory::Member},
    printing,
    problem::Problem,
    qr, rows, slip, transport,
    views::{AtKiosk, MenuShown, MenuView, OrderView, ReceiptNote, Safe, Surface, WayView},
};

/// The menu on the web.
pub async fn menu(call: Call) -> Answer {
    show_menu(call, Surface::Web).await
}

/// The menu on a kiosk.
pub async fn kiosk_menu(call: Call) -> Answer {
    show_menu(call, Surface::Kiosk).await
}

async fn show_menu(call: Call, surface: Surface) -> Answer {
    if call.query("draft").is_some() && call.may(Right::Menu) {
        let draft = menu::draft(&call.app, &call.db, &call.here()?.venue).await?;
        let shown = MenuShown::new(call.locale, &present::menu(&draft, call.locale));
        let notice = call.locale.t("menu.preview").to_owned();
        return page(&MenuView::new(call.shell(surface), Arc::new(shown), Some(notice)));
    }
    let on_sale = menu::of(&call).await?;
    let closed = on_sale.closed.then(|| call.locale.t("error.venue_closed").to_owned());
    let shown = on_sale.shown(&call.app, call.locale);
    let delivery = rows::pricing::delivery(&call.db, &call.here()?.venue.id).await?;
    // Nobody signs in on a shared screen only to be told that they have to.
    let is_reached = surface == Surface::Web || call.visitor.is_some();
    let view = MenuView::new(call.shell(surface), shown, closed);
    let (venue, now_ms) = (&call.here()?.venue, call.app.clock.now_ms());
    let opening = opening::view(&on_sale.hours, venue, call.locale, now_ms);
    let paused = if surface == Surface::Web { web_orders::told(&call).await? } else { None };
    let member = at_kiosk::member(&call).await?;
    let points_per_euro = earned(&call, member.is_some()).await?;
    page(&MenuView {
        delivers: delivery.on && is_reached,
        opening,
        paused,
        member: greeted(&call, member).await?,
        points_per_euro,
        ..view
    })
}

/// Says who stands at the kiosk, and what points they have.
async fn greeted(call: &Call, member: Option<Member>) -> Result<Option<AtKiosk>, Problem> {
    let Some(member) = member else { return Ok(None) };
    let account = Till::of(call)?.account(member.person.as_str()).await?;
    let has = loyalty::points(call, account.purse.balance.max(0));
    let greeting = match &member.name {
        Some(name) => call.locale.t_with("kiosk_card.hello", &[("name", name)]),
        None => call.locale.t("kiosk_card.hello_nameless").to_owned(),
    };
    let points = call.locale.t_with("kiosk_card.points", &[("points", &has)]);
    Ok(Some(AtKiosk { greeting, points }))
}

/// Returns how many points whoever is signed in, or known by their card, gets for a euro.
async fn earned(call: &Call, is_at_kiosk: bool) -> Result<i64, Problem> {
    if call.visitor.is_none() && !is_at_kiosk {
        return Ok(0);
    }
    let settings = rows::loyalty::settings(&call.db, &call.here()?.venue.id).await?;
    Ok(if settings.on { settings.earned_per_euro } else { 0 })
}

/// An order as its customer sees it; `?kiosk` keeps the kiosk's manners.
pub async fn order(call: Call) -> Answer {
    let venue = &call.here()?.venue.id;
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_order");
    let found = rows::order::by_id(&call.db, venue, call.param("id")?).await?;
    let order = found.ok_or_else(unknown)?.order;
    let way = way(&call, &order).await?;
    let surface = if call.is_kiosk() { Surface::Kiosk } else { Surface::Web };
    let code = slip::code(&call, &order)?;
    let is_over = matches!(order.state(), State::Cancelled | State::Collected | State::Delivered);
    // The code is for the counter, where nobody comes for what is brought.
    let is_shown = !is_over && order.mode != Some(Mode::Delivery);
    let mut response = page(&OrderView {
        shell: call.shell(surface),
        acceptance: order.acceptance().name(),
        withdraws: order.waits() && call.app.host.side == Side::Edge,
        late: call.query("late").is_some(),
        ticket: order.ticket(),
        state: present::state(order.state()),
        safe: safe(&call, &order.id).await?,
        mode: present::mode(order.mode),
        table: order_table::note(&call, &order).await?,
        receipt: receipt(&call, &order).await?,
        points: loyalty::note(&call, &order).await?,
        lines: present::lines(&order, call.locale),
        total: call.locale.money(order.total_cents),
        sums: present::sums(&order, call.locale),
        ready_at: present::ready_at(&order, &call.here()?.venue.time_zone),
        wanted: present::wanted(&order, &call.here()?.venue.time_zone),
        note: order.note.clone(),
        code: code.filter(|_| is_shown),
        link: link(&call, &order.id),
        way: way.clone(),
        id: order.id,
    })?;
    if let Some(way) = way {
        let origin = |address: &str| map::origin(address).unwrap_or_default().to_owned();
        let (images, asks) = (origin(&way.tiles), origin(&way.router));
        response.extensions_mut().insert(Allowed { images, asks, geolocation: false });
    }
    Ok(response)
}

async fn receipt(call: &Call, order: &Order) -> Result<ReceiptNote, Problem> {
    if call.query("printed").is_some() {
        return Ok(ReceiptNote::Printing);
    }
    let (offered, _) = printing::offers(call, order).await?;
    Ok(if offered { ReceiptNote::Offered } else { ReceiptNote::Nothing })
}

/// Whoever has no mail takes the page along by its address; a kiosk's own leads nowhere.
fn link(call: &Call, order: &str) -> (String, String) {
    let Some(site) = site(call) else { return Default::default() };
    let link = format!("{site}/orders/{order}");
    let code = qr::svg(&link).unwrap_or_default();
    (link, code)
}

/// Returns where the public network finds the venue; none where this host knows no such place.
pub(super) fn site(call: &Call) -> Option<String> {
    let host = &call.app.host;
    let here = || {
        format!(
            "{}://{}",
            if transport::is_secure(call) { "https" } else { "http" },
            call.header("host")
        )
    };
    let own = (host.side == Side::Edge).then(here);
    let site = host.lan.public_url.clone().or(own)?;
    Some(site.trim_end_matches('/').to_owned())
}

async fn way(call: &Call, order: &Order) -> Result<Option<WayView>, Problem> {
    if !delivering::may_see(call, order) {
        return Ok(None);
    }
    let map = rows::delivery::map(&call.db, &call.here()?.venue.id).await?;
    let has_photo = !delivering::brought(call, &order.id).await?.photo.is_empty();
    let (tiles, attribution, router) = (map.tiles, map.attribution, map.router);
    Ok(Some(WayView { tiles, attribution, router, has_photo }))
}

/// Tells how far an order has travelled: the edge is the cloud itself.
///
/// # Errors
/// Fails when the database does.
pub async fn safe(call: &Call, order: &str) -> Result<Safe, Problem> {
    let at_edge = call.app.host.side == crate::host::Side::Edge;
    let venue = &call.here()?.venue.id;
    let held = at_edge || rows::order::peer_holds(&call.db, venue, order).await?;
    Ok(if held { Safe::Cloud } else { Safe::Here })
}
