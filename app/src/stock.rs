//! Stock: what an order takes from the shelves here, what staff count, and what the web gets.
//!
//! Deciding is `domain::stock`'s. On site a guard in the order's own batch keeps what is left from
//! going below nothing; at the edge the same batch spends leases. It must not know how either side
//! shows what is left.

use domain::{
    Rejection,
    ordering::BasketLine,
    stock::{self, Shelf, Why},
};
use sync_engine::{
    change::Draft,
    id::{Purpose, VenueId, Writer},
    lease::Issue,
    statement::Batch,
};

use crate::{
    App,
    call::{Call, Here, Tries, Written},
    host::Side,
    leases::Desk,
    metered::Metered,
    once::Sent,
    ports::Fault,
    problem::Problem,
    rows,
    session::random,
};

/// What an order takes from the shelves: what is written for it, and what must hold before that and
/// afterwards.
#[derive(Debug, Default)]
pub struct Taken {
    /// What must hold before the drafts are written.
    pub before: Batch,
    /// What becomes changes.
    pub drafts: Vec<Draft>,
    /// What must hold once they are.
    pub after: Batch,
    /// It takes the last piece of something.
    pub is_last: bool,
}

/// What staff do about a product's stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// They counted so many, of which the web may have such a part; or count no more.
    Count(Option<i64>, i64),
    /// So many are gone, or came.
    Adjust(Why, i64),
}

/// Says what is left to sell here; only of products that are counted.
#[must_use]
pub const fn left(side: &Side, shelf: &Shelf) -> i64 {
    match side {
        Side::Edge => shelf.held,
        Side::Gateway(_) | Side::Standby(_) => shelf.left(),
    }
}

/// Decides what an order takes from the shelves.
///
/// # Errors
/// Refuses more than there is to sell here.
pub async fn take(call: &Call, order: &str, lines: &[BasketLine]) -> Result<Taken, Problem> {
    let here = call.here()?;
    let pieces = stock::wanted(lines);
    let mut shelves = rows::stock::shelves(&call.db, &here.venue.id).await?;
    shelves.retain(|shelf| shelf.tracked && pieces.contains_key(&shelf.product));
    if shelves.is_empty() {
        return Ok(Taken::default());
    }
    let side = &call.app.host.side;
    let wanted = |shelf: &Shelf| pieces.get(&shelf.product).copied().unwrap_or_default();
    let is_last = shelves.iter().any(|shelf| wanted(shelf) == left(side, shelf));
    if *side != Side::Edge {
        let drafts = stock::sell(order, &pieces, &shelves, call.app.clock.now_ms())?;
        let guard = |shelf| rows::stock::guard(&here.venue.id, shelf);
        let after = shelves.iter().flat_map(guard).collect();
        return Ok(Taken { before: Batch::new(), drafts, after, is_last });
    }
    let desk = Desk::open(&call.app, &call.db, here).await?;
    let mut taken = Taken { is_last, ..Taken::default() };
    for shelf in &shelves {
        let wanted = wanted(shelf);
        shelf.has(wanted, shelf.held)?;
        let held = desk.held(&stock::right(&shelf.product)).await?;
        let key = format!("{order}/{}", shelf.product);
        // Whoever is not sure of its leases has nothing to sell of what is counted.
        let nothing = |_| Rejection::SoldOut(shelf.product.clone());
        for plan in desk.plan_from(&held, &key, wanted).map_err(nothing)? {
            taken.before.extend(plan.guards);
            taken.drafts.extend(plan.drafts);
        }
    }
    Ok(taken)
}

/// Tells whoever shows the menu that something of it is sold out now.
pub fn tell(app: &App, venue: &VenueId) {
    if let Ok(purpose) = Purpose::parse(domain::schema::CATALOGUE) {
        app.live.changed(venue, &purpose);
    }
}

/// Decides what goes back to the shelves when an order is called off; the gateway alone does.
///
/// # Errors
/// Fails when the database does.
pub async fn put_back(call: &Call, order: &str) -> Result<Vec<Draft>, Problem> {
    if !matches!(call.app.host.side, Side::Gateway(_)) {
        return Ok(Vec::new());
    }
    let (venue, now_ms) = (&call.here()?.venue.id, call.app.clock.now_ms());
    let taken = rows::undone::taken(&call.db, venue, order).await?;
    Ok(stock::put_back(&taken, now_ms))
}

/// Changes what is known of a product's stock, where it lies; pieces are written off or added once
/// for each act of a page.
///
/// # Errors
/// Refuses what the rules refuse, a product that there is not, and to do so elsewhere.
pub async fn change(
    call: &Call,
    (product, change): (&str, Change),
    by: &str,
    key: &str,
) -> Result<(), Problem> {
    if !matches!(call.app.host.side, Side::Gateway(_)) {
        return Err(Rejection::StockOnSite.into());
    }
    let here = call.here()?;
    let menu = rows::catalogue::load(&call.db, &here.venue.id).await?;
    let unknown = || Rejection::UnknownProduct(product.to_owned());
    menu.product(product).ok_or_else(unknown)?;
    let act = Sent::of(key, &format!("stock/{product}/{change:?}"))?;
    let key = random(call.app.entropy.as_ref(), 8)?;
    let mut tries = Tries::default();
    while !act.is_done(&call.db).await? {
        let shelves = rows::stock::shelves(&call.db, &here.venue.id).await?;
        let shelf = shelves.iter().find(|shelf| shelf.product == product);
        let now_ms = call.app.clock.now_ms();
        let (draft, mut holds) = match change {
            Change::Count(counted, percent) => {
                (stock::count(product, (counted, percent), shelf, (by, now_ms))?, Batch::new())
            }
            Change::Adjust(why, pieces) => {
                let shelf = shelf.filter(|shelf| shelf.tracked).ok_or_else(unknown)?;
                let draft = match stock::adjust(shelf, (why, pieces), (&key, now_ms)) {
                    // The first half of a double click took what there was.
                    Err(_) if act.is_done(&call.db).await? => break,
                    draft => draft?,
                };
                (draft, rows::stock::guard(&here.venue.id, shelf))
            }
        };
        holds.extend(act.keep(now_ms));
        if call.write_with(&[draft], holds).await? == Written::Done {
            tell(&call.app, &here.venue.id);
            break;
        }
        tries.again()?;
    }
    Ok(())
}

/// Leases to the edge, which is there now in this life, its part of what is left.
///
/// # Errors
/// Fails when the database does.
pub async fn share(app: &App, db: &Metered, here: &Here, edge: &Writer) -> Result<(), Problem> {
    let shelves = rows::stock::shelves(db, &here.venue.id).await?;
    let wants = |shelf: &&Shelf| shelf.tracked && shelf.for_the_web().is_some();
    if !shelves.iter().any(|shelf| wants(&shelf)) {
        return Ok(());
    }
    let desk = Desk::open(app, db, here).await?;
    for shelf in shelves.iter().filter(wants) {
        let Some(amount) = shelf.for_the_web() else { continue };
        let right = stock::right(&shelf.product);
        let ask = Issue { right, amount, total: shelf.total(), holder: edge.clone() };
        let holds = rows::stock::guard(&here.venue.id, shelf);
        if let Err(problem) = desk.issue_if(&ask, &holds).await {
            // Somebody sold meanwhile, or nobody vouches for this store yet: another time.
            tracing::info!(product = shelf.product, code = problem.code, "the web gets no more");
        }
    }
    Ok(())
}

/// Gives back what the edge may not sell any more, at every venue.
///
/// # Errors
/// Fails when the database does.
pub async fn give_back(app: &App, db: &Metered) -> Result<(), Fault> {
    if app.host.side != Side::Edge {
        return Ok(());
    }
    for here in rows::venue::all(db).await? {
        let shelves = rows::stock::shelves(db, &here.venue.id).await?;
        for shelf in shelves.iter().filter(|shelf| shelf.web_percent == 0 && shelf.held > 0) {
            if let Err(problem) = give_all(app, db, &here, &shelf.product).await {
                tracing::info!(code = problem.code, "a lease is given back later");
            }
        }
    }
    Ok(())
}

async fn give_all(app: &App, db: &Metered, here: &Here, product: &str) -> Result<(), Problem> {
    let desk = Desk::open(app, db, here).await?;
    for lease in desk.held(&stock::right(product)).await? {
        desk.give_back(&lease.id).await?;
    }
    Ok(())
}
