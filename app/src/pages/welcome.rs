//! The first page: on the web an invitation, on a kiosk the screen that waits for a customer.
//!
//! It must not know the menu beyond what it shows of it.

use domain::{
    catalogue::{Catalogue, Product},
    venue::module::Module,
};

use axum::{
    body::Body,
    http::{HeaderValue, Response, header},
};

use crate::{
    call::{Answer, Call, page},
    limits, menu,
    pages::{customer::site, opening, present},
    people::at_kiosk,
    problem::Problem,
    qr, rows,
    views::{AsleepView, OpeningView, SlideView, Surface, WelcomeView, card_price},
};

/// How long somebody may look around on a kiosk of a closed venue before it sleeps again.
const AWAKE_S: u32 = 60;

/// The public site's first page.
pub async fn web(call: Call) -> Answer {
    let orders = call.here()?.venue.modules.has(Module::Ordering);
    if !orders {
        let (opening, slides) = (OpeningView::default(), Vec::new());
        return page(&invitation(&call, Surface::Web, orders, (opening, slides)));
    }
    let shown = shown(&call).await?;
    page(&invitation(&call, Surface::Web, orders, shown))
}

/// The kiosk's first page; dark while the venue is closed, until somebody touches it.
pub async fn kiosk(call: Call) -> Answer {
    let (opening, slides) = shown(&call).await?;
    let again_s = opening::again_s(&opening);
    if opening.closed && call.query("awake").is_none() {
        let shell = call.shell(Surface::Kiosk);
        return forgetful(&call, page(&AsleepView { shell, opening, again_s })?);
    }
    let again_s = if opening.closed { again_s.min(AWAKE_S) } else { again_s };
    let settings = rows::loyalty::settings(&call.db, &call.here()?.venue.id).await?;
    let view = invitation(&call, Surface::Kiosk, true, (opening, slides));
    let link = site(&call).unwrap_or_default();
    let code = if link.is_empty() { None } else { qr::svg(&link) };
    let reads_cards = at_kiosk::place(&call).is_ok();
    let takes_cards = settings.on && reads_cards && !view.opening.closed;
    let code = code.unwrap_or_default();
    forgetful(&call, page(&WelcomeView { again_s, code, takes_cards, ..view })?)
}

/// Whoever stood here before has left.
fn forgetful(call: &Call, mut response: Response<Body>) -> Answer {
    let forgotten = at_kiosk::forget(call).and_then(|cookie| HeaderValue::from_str(&cookie).ok());
    if let Some(cookie) = forgotten {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn shown(call: &Call) -> Result<(OpeningView, Vec<SlideView>), Problem> {
    let on_sale = menu::of(call).await?;
    let (venue, now_ms) = (&call.here()?.venue, call.app.clock.now_ms());
    let opening = opening::view(&on_sale.hours, venue, call.locale, now_ms);
    Ok((opening, slides(call, &on_sale.catalogue(&call.app))))
}

fn invitation(
    call: &Call,
    surface: Surface,
    orders: bool,
    (opening, slides): (OpeningView, Vec<SlideView>),
) -> WelcomeView {
    let (shell, code) = (call.shell(surface), String::new());
    WelcomeView { shell, orders, opening, slides, takes_cards: false, code, again_s: 0 }
}

/// A few products that can be had now and have a picture: the first of each category before the
/// second of any.
fn slides(call: &Call, menu: &Catalogue) -> Vec<SlideView> {
    let fits = |product: &&Product| {
        product.available && !product.picture.is_empty() && menu.serves(product)
    };
    let of_category = |id: &str| -> Vec<&Product> {
        menu.products.iter().filter(|product| product.category == id).filter(fits).collect()
    };
    let shelves: Vec<_> = menu.categories.iter().map(|one| of_category(&one.id)).collect();
    let rank = |rank: usize| shelves.iter().filter_map(move |shelf| shelf.get(rank));
    let chosen = (0..limits::SLIDES).flat_map(rank).take(limits::SLIDES);
    let slide = |product: &&Product| {
        let least = menu.least(product);
        SlideView {
            picture: product.picture.clone(),
            name: present::text(&product.name, call.locale),
            price: card_price(call.locale, least.cents, least.rises),
        }
    };
    chosen.map(slide).collect()
}
