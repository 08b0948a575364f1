//! What the kitchen sees: what to prepare, what is being prepared, what waits to be collected; all
//! of it, or what one station has to do with.
//!
//! It must not decide: `domain::ordering` does.

use domain::{
    catalogue::{Catalogue, Product},
    ordering::{Item, Line, State},
    venue::kitchen::{Kitchen, Station},
};

use crate::{
    call::{Answer, Call, page},
    menu,
    pages::{
        pin, present,
        staff::{Seated, fragment, open_orders, seated, ticket},
    },
    printing,
    problem::Problem,
    rows::{self, order::Found},
    views::{ItemView, KitchenBoard, KitchenTicket, KitchenView, Surface, SwitchView, Tick},
};

const MINUTE_MS: i64 = 60_000;

/// The kitchen's page.
pub async fn show(call: Call) -> Answer {
    let kitchen = settings(&call).await?;
    let board = load(&call, &kitchen).await?;
    let (shell, switches) = (call.shell(Surface::Staff), pin::is_station(&call));
    let chosen = board.station.clone();
    let choice = |station: &Station| Tick {
        value: station.id.clone(),
        label: present::text(&station.name, call.locale),
        chosen: station.id == chosen,
    };
    let stations = kitchen.stations.iter().map(choice).collect();
    page(&KitchenView { shell, switches, stations, board })
}

/// The kitchen's board alone.
pub async fn board(call: Call) -> Answer {
    let kitchen = settings(&call).await?;
    fragment(&call, &load(&call, &kitchen).await?)
}

async fn settings(call: &Call) -> Result<Kitchen, Problem> {
    Ok(rows::kitchen::settings(&call.db, &call.here()?.venue.id).await?)
}

/// What a ticket is drawn from beside its order.
struct Pass<'a> {
    call: &'a Call,
    kitchen: &'a Kitchen,
    menu: &'a Catalogue,
    seated: &'a Seated,
    /// The station that is looked at; nothing for all of them.
    station: Option<&'a Station>,
}

async fn load(call: &Call, kitchen: &Kitchen) -> Result<KitchenBoard, Problem> {
    let (open, seated) = (open_orders(call).await?, seated(call).await?);
    let venue = &call.here()?.venue.id;
    let catalogue = menu::of(call).await?.catalogue(&call.app);
    let mean_ms = rows::order::mean_ms(&call.db, venue, call.app.clock.now_ms()).await?;
    let minutes = |ms: i64| (ms + MINUTE_MS / 2) / MINUTE_MS;
    let mean = mean_ms
        .map(|ms| call.locale.t_with("board.minutes", &[("count", &minutes(ms).to_string())]));
    let switch = |product: &Product| SwitchView {
        id: product.id.clone(),
        name: present::text(&product.name, call.locale),
        available: product.available,
    };
    // A station that is gone is the whole kitchen: nothing may be hidden by an old address.
    let station = call.query("station").and_then(|id| kitchen.station(id));
    let pass = Pass { call, kitchen, menu: &catalogue, seated: &seated, station };
    let (done, preparing) = pass.tickets(&open.preparing)?.into_iter().partition(is_handed_on);
    let (early, to_prepare) = pass.tickets(&open.to_prepare)?.into_iter().partition(is_handed_on);
    let ready = pass.tickets(&open.ready)?;
    let mut ready = [done, early, ready].concat();
    ready.sort_by(|a, b| (a.ticket.since_ms, &a.ticket.id).cmp(&(b.ticket.since_ms, &b.ticket.id)));
    Ok(KitchenBoard {
        locale: call.locale,
        station: station.map(|station| station.id.clone()).unwrap_or_default(),
        soon_minutes: kitchen.soon_minutes,
        late_minutes: kitchen.late_minutes,
        to_prepare,
        preparing,
        ready,
        troubles: printing::troubles(call).await?,
        mean,
        switches: catalogue.products.iter().map(switch).collect(),
    })
}

/// The station has done its part: what is left is for others.
fn is_handed_on(ticket: &KitchenTicket) -> bool {
    ticket.is_mine_done
}

impl Pass<'_> {
    /// Draws orders, the oldest first; those of which the station makes nothing are left out.
    fn tickets(&self, found: &[Found]) -> Result<Vec<KitchenTicket>, Problem> {
        let mut tickets = Vec::new();
        for one in found {
            tickets.extend(self.ticket(one)?);
        }
        tickets.sort_by(|a: &KitchenTicket, b| {
            (a.ticket.since_ms, &a.ticket.id).cmp(&(b.ticket.since_ms, &b.ticket.id))
        });
        Ok(tickets)
    }

    fn ticket(&self, found: &Found) -> Result<Option<KitchenTicket>, Problem> {
        let order = &found.order;
        let (mine, others): (Vec<Item>, Vec<Item>) =
            order.items().into_iter().partition(|item| self.is_mine(found, *item));
        if self.station.is_some() && mine.is_empty() {
            return Ok(None);
        }
        let is_done = |item: &Item| found.done.contains(item);
        let is_mine_done = self.station.is_some() && mine.iter().all(is_done);
        let mut elsewhere: Vec<String> = Vec::new();
        for item in others.iter().filter(|item| !is_done(item)) {
            let station = self.kitchen.station_of(self.menu, order.product_of(*item));
            let name = station.map(|one| present::text(&one.name, self.call.locale));
            elsewhere.extend(name.filter(|name| !elsewhere.contains(name)));
        }
        let is_called = order.state() == State::Ready;
        Ok(Some(KitchenTicket {
            ticket: ticket(self.call, found, self.seated)?,
            items: self.items(found, &mine),
            is_mine_done,
            waits: is_mine_done && !is_called,
            may_call: is_mine_done && !is_called && order.items().iter().all(is_done),
            elsewhere: elsewhere.join(" · "),
        }))
    }

    fn is_mine(&self, found: &Found, item: Item) -> bool {
        let Some(mine) = self.station else { return true };
        let station = self.kitchen.station_of(self.menu, found.order.product_of(item));
        station.is_none_or(|station| station.id == mine.id)
    }

    /// Draws what is to be made; a combo's own name stands above the first of its parts.
    fn items(&self, found: &Found, mine: &[Item]) -> Vec<ItemView> {
        let mut headed = None;
        let mut shown = Vec::new();
        for item in mine {
            let Some((line, part)) = found.order.item(*item) else { continue };
            let heading = match part {
                Some(_) if headed != Some(item.line) => Some(self.heading(line)),
                _ => None,
            };
            headed = Some(item.line);
            let (name, choices, left_out) = match part {
                Some(part) => (&part.name, &part.choices, &part.left_out),
                None => (&line.name, &line.choices, &line.left_out),
            };
            shown.push(ItemView {
                name_in_order: item.name().replace('/', "-"),
                line: item.line,
                part: item.part,
                quantity: u32::try_from(line.quantity).unwrap_or_default(),
                name: present::text(name, self.call.locale),
                options: present::decided(choices, left_out, self.call.locale),
                word: if part.is_none() { line.word.clone() } else { String::new() },
                heading,
                allergens: self.allergens(found.order.product_of(*item)),
                done: found.done.contains(item),
            });
        }
        shown
    }

    fn heading(&self, line: &Line) -> (String, String) {
        (present::text(&line.name, self.call.locale), line.word.clone())
    }

    fn allergens(&self, product: &str) -> String {
        let codes = self.menu.product(product).map(|product| product.allergens.as_slice());
        let name = |code: &String| {
            let found = self.call.locale.find(&format!("allergen.{code}"));
            found.unwrap_or(code).to_owned()
        };
        codes.unwrap_or_default().iter().map(name).collect::<Vec<_>>().join(", ")
    }
}
