//! Reading orders with everything that happened to them.

use domain::ordering::{Event, Item, Order, Payment, Refund, Slot, Told};
use serde_json::json as value;
use sync_engine::{change::Draft, id::VenueId, statement::Statement};

use crate::{
    limits,
    metered::Metered,
    ports::{Fault, Row},
    rows::{integer, json, readable, text},
    uplink::EDGE,
};

pub(super) const COLUMNS_SQL: &str = "SELECT o.id AS id, o.ticket_origin AS ticket_origin, \
     o.ticket_number AS ticket_number, o.mode AS mode, o.lines AS lines, \
     o.total_cents AS total_cents, o.placed_ms AS placed_ms, o.vat AS vat, \
     o.fee_cents AS fee_cents, o.discounts AS discounts, o.note AS note, \
     o.wanted_ms AS wanted_ms, o.person AS person, o.contact AS contact, o.rules AS rules, \
     o.to_accept AS to_accept, o.slot_ms AS slot_ms, o.slot_weight AS slot_weight, \
     o.ready_ms AS promised_ms, \
     coalesce((SELECT k.wrapped FROM person_key k WHERE k.person = o.person), '') AS wrapped, \
     (SELECT json_group_array(json_object('kind', e.kind, 'at_ms', e.at_ms, 'person', e.person, \
     'place', e.place, 'reason', e.reason)) \
     FROM order_event e WHERE e.venue = o.venue AND e.order_id = o.id) AS events, \
     (SELECT coalesce(sum(p.amount_cents), 0) FROM payment p \
     WHERE p.venue = o.venue AND p.order_id = o.id) AS paid_cents, \
     (SELECT coalesce(max(p.at_ms), 0) FROM payment p \
     WHERE p.venue = o.venue AND p.order_id = o.id) AS paid_ms, \
     (SELECT json_group_array(json_object('id', p.id, 'means', p.means, \
     'amount_cents', p.amount_cents, 'at_ms', p.at_ms)) FROM payment p \
     WHERE p.venue = o.venue AND p.order_id = o.id) AS payments, \
     (SELECT json_group_array(json_object('payment', r.payment, 'means', r.means, \
     'amount_cents', r.amount_cents, 'so_far_cents', r.so_far_cents, 'lines', json(r.lines), \
     'vat', json(r.vat), 'reason', r.reason, 'person', r.person, 'place', r.place, \
     'at_ms', r.at_ms)) FROM refund r \
     WHERE r.venue = o.venue AND r.order_id = o.id) AS refunds, \
     (SELECT json_group_array(substr(k.id, length(o.id) + 2)) FROM kitchen_line k \
     WHERE k.venue = o.venue AND k.id >= o.id || '/' AND k.id < o.id || '0' AND k.done = 1) \
     AS done ";

/// Orders that are being served: few, however long the history and whatever is never paid.
///
/// The cross join makes them the outer loop; an index for the order would walk the history.
pub(super) const SERVING_SQL: &str = "FROM order_serving s CROSS JOIN customer_order o \
     ON o.venue = s.venue AND o.id = s.id WHERE s.venue = ?1 AND ";
pub(super) const ALL_SQL: &str = "FROM customer_order o WHERE o.venue = ?1 AND ";

pub(super) const PAID_SQL: &str = "o.total_cents <= (SELECT coalesce(sum(p.amount_cents), 0) \
     FROM payment p WHERE p.venue = o.venue AND p.order_id = o.id)";
/// In its customer's hands, wherever that was.
pub(super) const COLLECTED_SQL: &str = "EXISTS (SELECT 1 FROM order_event e \
     WHERE e.venue = o.venue AND e.order_id = o.id \
     AND e.kind IN ('collected', 'delivered'))";
/// Handed over where it was brought to.
pub(super) const DELIVERED_SQL: &str = "EXISTS (SELECT 1 FROM order_event e \
     WHERE e.venue = o.venue AND e.order_id = o.id AND e.kind = 'delivered')";
/// A courier has taken it along.
pub(super) const LEFT_SQL: &str = "EXISTS (SELECT 1 FROM order_event e \
     WHERE e.venue = o.venue AND e.order_id = o.id AND e.kind = 'left')";
pub(super) const CANCELLED_SQL: &str = "EXISTS (SELECT 1 FROM order_event e \
     WHERE e.venue = o.venue AND e.order_id = o.id AND e.kind = 'cancelled')";
/// Nobody waits for it any more.
pub(super) const OVER_SQL: &str = "EXISTS (SELECT 1 FROM order_event e \
     WHERE e.venue = o.venue AND e.order_id = o.id \
     AND e.kind IN ('collected', 'delivered', 'cancelled'))";
/// Called out more often than called back.
pub(super) const READY_SQL: &str = "(SELECT \
     coalesce(sum((e.kind = 'ready') - (e.kind = 'recalled')), 0) \
     FROM order_event e WHERE e.venue = o.venue AND e.order_id = o.id) > 0";
/// Nobody has promised it yet.
pub(super) const WAITS_SQL: &str = "(o.to_accept = 1 AND NOT EXISTS (SELECT 1 FROM order_event e \
     WHERE e.venue = o.venue AND e.order_id = o.id AND e.kind = 'accepted'))";
pub(super) const BEGUN_SQL: &str = "EXISTS (SELECT 1 FROM order_event e \
     WHERE e.venue = o.venue AND e.order_id = o.id \
     AND e.kind IN ('preparing', 'ready', 'recalled'))";

/// An order and since when it is in its state.
#[derive(Debug, Clone)]
pub struct Found {
    /// The order.
    pub order: Order,
    /// When it was paid; 0 while it is not.
    pub paid_ms: i64,
    /// When it became ready, the last time; 0 while it never was.
    pub ready_ms: i64,
    /// When the kitchen began; 0 while it has not.
    pub begun_ms: i64,
    /// What of it the kitchen has done.
    pub done: Vec<Item>,
    /// The key of whoever ordered it, as it is kept; empty where it is not here.
    pub wrapped: String,
}

#[derive(serde::Deserialize)]
struct EventRow {
    kind: String,
    at_ms: i64,
    person: String,
    place: String,
    reason: String,
}

/// Loads one order.
///
/// # Errors
/// Fails when the database does.
pub async fn by_id(db: &Metered, venue: &VenueId, id: &str) -> Result<Option<Found>, Fault> {
    let sql = format!("{COLUMNS_SQL}{ALL_SQL}o.id = ?2");
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into(), id.into()])).await?;
    rows.first().map(read).transpose()
}

/// The orders that somebody waits for, each group with the oldest first.
#[derive(Debug, Clone, Default)]
pub struct Open {
    /// Placed on the web and not promised yet: the newest of the last day.
    pub to_accept: Vec<Found>,
    /// Not paid yet: the newest of the last day. Anybody can place them, so they never stand in
    /// the others' way.
    pub to_pay: Vec<Found>,
    /// Paid and not begun, whenever they were placed.
    pub to_prepare: Vec<Found>,
    /// Begun and not ready, whenever they were placed.
    pub preparing: Vec<Found>,
    /// Ready and not collected, whenever they were placed.
    pub ready: Vec<Found>,
}

/// Loads the orders that nobody has collected yet.
///
/// # Errors
/// Fails when the database does.
pub async fn open(db: &Metered, venue: &VenueId, now_ms: u64) -> Result<Open, Fault> {
    let since = now_ms.saturating_sub(limits::BOARD_MS) as i64;
    let to_pay = format!(
        "{COLUMNS_SQL}{ALL_SQL}o.placed_ms > ?2 AND (NOT {PAID_SQL} OR {WAITS_SQL}) \
         AND NOT {READY_SQL} AND NOT {OVER_SQL} ORDER BY o.placed_ms DESC, o.id DESC LIMIT ?3"
    );
    let serving = |condition: String| {
        let sql = format!(
            "{COLUMNS_SQL}{SERVING_SQL}{condition} AND NOT {OVER_SQL} \
             ORDER BY o.placed_ms, o.id LIMIT ?2"
        );
        Statement::new(sql, vec![venue.as_str().into(), limits::BOARD_ORDERS.into()])
    };
    let params = vec![venue.as_str().into(), since.into(), limits::BOARD_UNPAID.into()];
    let queries = [
        Statement::new(to_pay, params),
        serving(format!("{PAID_SQL} AND NOT {BEGUN_SQL} AND NOT {WAITS_SQL}")),
        serving(format!("{BEGUN_SQL} AND NOT {READY_SQL} AND NOT {LEFT_SQL}")),
        serving(format!("{READY_SQL} AND NOT {LEFT_SQL}")),
    ];
    let found = db.read(&queries).await?;
    let [to_pay, to_prepare, preparing, ready] = found.as_slice() else {
        return Err(Fault::lasting("a read returned another number of results"));
    };
    let mut to_pay = readable("order", to_pay, read);
    to_pay.reverse();
    let (to_accept, to_pay) = to_pay.into_iter().partition(|found: &Found| found.order.waits());
    Ok(Open {
        to_accept,
        to_pay,
        to_prepare: readable("order", to_prepare, read),
        preparing: readable("order", preparing, read),
        ready: readable("order", ready, read),
    })
}

/// Loads web orders that staff on site want promised or called off, and that still wait.
///
/// # Errors
/// Fails when the database does.
pub async fn asked(db: &Metered, venue: &VenueId, now_ms: u64) -> Result<Vec<Found>, Fault> {
    let sql = format!(
        "{COLUMNS_SQL}{ALL_SQL}o.to_accept = 1 AND o.placed_ms > ?2 AND {WAITS_SQL} \
         AND NOT {OVER_SQL} AND EXISTS (SELECT 1 FROM order_event e WHERE e.venue = o.venue \
         AND e.order_id = o.id AND e.kind IN ('accept_asked', 'refuse_asked')) \
         ORDER BY o.placed_ms, o.id LIMIT ?3"
    );
    let since = now_ms.saturating_sub(limits::BOARD_MS) as i64;
    let params = vec![venue.as_str().into(), since.into(), limits::ANSWERED_AT_ONCE.into()];
    Ok(readable("order", &db.rows(Statement::new(sql, params)).await?, read))
}

/// Returns how long the kitchen took lately from the payment to the call, in the mean; nothing
/// while nothing was called.
///
/// # Errors
/// Fails when the database does.
pub async fn mean_ms(db: &Metered, venue: &VenueId, now_ms: u64) -> Result<Option<i64>, Fault> {
    // Called back and called again, an order counts by its first call.
    let sql = "SELECT cast(avg(took) AS INTEGER) AS mean FROM (SELECT \
         (SELECT e.at_ms FROM order_event e WHERE e.venue = o.venue AND e.id = o.id || '/ready') \
         - (SELECT max(p.at_ms) FROM payment p WHERE p.venue = o.venue AND p.order_id = o.id) \
         AS took FROM customer_order o WHERE o.venue = ?1 AND o.placed_ms > ?2 \
         ORDER BY o.placed_ms DESC LIMIT ?3) WHERE took >= 0";
    let since = now_ms.saturating_sub(limits::MEAN_MS) as i64;
    let params = vec![venue.as_str().into(), since.into(), limits::MEAN_ORDERS.into()];
    let rows = db.rows(Statement::new(sql, params)).await?;
    Ok(rows.first().and_then(|row| integer(row, "mean").ok()))
}

/// Orders of which staff should hear: called off and not paid back, or done twice apart.
///
/// # Errors
/// Fails when the database does.
pub async fn exceptions(db: &Metered, venue: &VenueId, now_ms: u64) -> Result<Vec<Found>, Fault> {
    // Whoever got back what they paid, once, has nothing to come.
    let sql = format!(
        "{COLUMNS_SQL}{ALL_SQL}o.id IN (SELECT x.id FROM order_exception x WHERE x.venue = ?1 \
         AND x.at_ms > ?2) AND ({COLLECTED_SQL} OR (SELECT coalesce(sum(p.amount_cents), 0) \
         FROM payment p WHERE p.venue = o.venue AND p.order_id = o.id \
         AND p.means <> 'points') <> \
         (SELECT coalesce(sum(r.amount_cents), 0) FROM refund r WHERE r.venue = o.venue \
         AND r.order_id = o.id) OR (SELECT count(*) FROM refund r WHERE r.venue = o.venue \
         AND r.order_id = o.id) > 1) ORDER BY o.placed_ms DESC, o.id DESC LIMIT ?3"
    );
    let since = now_ms.saturating_sub(limits::EXCEPTIONS_MS) as i64;
    let params = vec![venue.as_str().into(), since.into(), limits::BOARD_UNPAID.into()];
    let rows = db.rows(Statement::new(sql, params)).await?;
    let mut found = readable("order", &rows, read);
    found.retain(|found| !found.order.exceptions().is_empty());
    Ok(found)
}

/// Makes the statement that aborts a batch where the order is paid by other means than these, or
/// called off: two of them never meet in one store. What is paid by the same means is the same
/// fact.
#[must_use]
pub fn unpaid_but(venue: &VenueId, id: &str, means: &str) -> Statement {
    let sql = "UPDATE local_venue SET generation = generation WHERE venue = ?1 AND NOT EXISTS \
         (SELECT 1 FROM payment p WHERE p.venue = ?1 AND p.order_id = ?2 \
         AND p.id <> ?3 || '/' || ?2) AND NOT EXISTS (SELECT 1 FROM order_event e \
         WHERE e.venue = ?1 AND e.order_id = ?2 AND e.kind = 'cancelled')";
    Statement::exactly(1, sql, vec![venue.as_str().into(), id.into(), means.into()])
}

/// Tells whether the peer is known to hold the order.
///
/// # Errors
/// Fails when the database does.
pub async fn peer_holds(db: &Metered, venue: &VenueId, id: &str) -> Result<bool, Fault> {
    // What is no longer in the log is held by every peer.
    let sql = "SELECT EXISTS (SELECT 1 FROM customer_order o WHERE o.venue = ?1 AND o.id = ?3) \
         AND NOT EXISTS (SELECT 1 FROM change_log c CROSS JOIN stream_writer v ON v.id = c.writer \
         WHERE c.table_name = 'customer_order' AND c.entity = ?3 AND v.stream = ?2 \
         AND c.seq > coalesce((SELECT p.seq FROM peer_vector p \
         WHERE p.stream = v.stream AND p.peer = ?4 AND p.replica = v.replica \
         AND p.generation = v.generation), 0)) AS held";
    let stream = format!("{venue}/{}", domain::schema::ORDERS);
    let params = vec![venue.as_str().into(), stream.into(), id.into(), EDGE.into()];
    let rows = db.rows(Statement::new(sql, params)).await?;
    rows.first().map_or(Ok(false), |row| Ok(integer(row, "held")? != 0))
}

pub(super) fn read(row: &Row) -> Result<Found, Fault> {
    let events: Vec<EventRow> = json(row, "events")?;
    let at = |wanted: Event| {
        let found = events.iter().filter(move |event| Event::parse(&event.kind) == Some(wanted));
        found.map(|event| event.at_ms)
    };
    let mode = serde_json::from_value(value!(text(row, "mode")?)).ok();
    let mut payments: Vec<Payment> = json(row, "payments")?;
    payments.sort_by(|a, b| (a.at_ms, &a.id).cmp(&(b.at_ms, &b.id)));
    let mut refunds: Vec<Refund> = json(row, "refunds")?;
    refunds.sort_by(|a, b| {
        (a.at_ms, a.so_far_cents, &a.place).cmp(&(b.at_ms, b.so_far_cents, &b.place))
    });
    let done: Vec<String> = json(row, "done")?;
    let order = Order {
        id: text(row, "id")?,
        ticket_origin: text(row, "ticket_origin")?,
        ticket_number: integer(row, "ticket_number")?,
        mode,
        lines: json(row, "lines")?,
        total_cents: integer(row, "total_cents")?,
        placed_ms: integer(row, "placed_ms")?,
        happened: events.iter().filter_map(|event| Event::parse(&event.kind)).collect(),
        paid_cents: integer(row, "paid_cents")?,
        vat: json(row, "vat")?,
        discounts: json(row, "discounts")?,
        fee_cents: integer(row, "fee_cents")?,
        note: text(row, "note")?,
        wanted_ms: integer(row, "wanted_ms")?,
        person: text(row, "person")?,
        contact: text(row, "contact")?,
        rules: text(row, "rules")?,
        to_accept: integer(row, "to_accept")? != 0,
        slot: Slot {
            slot_ms: integer(row, "slot_ms")?.unsigned_abs(),
            weight: integer(row, "slot_weight")?,
            ready_ms: integer(row, "promised_ms")?.unsigned_abs(),
        },
        told: told(&events),
        payments,
        refunds,
    };
    Ok(Found {
        order,
        paid_ms: integer(row, "paid_ms")?,
        ready_ms: at(Event::Ready).max().unwrap_or(0),
        begun_ms: at(Event::Preparing).min().unwrap_or(0),
        done: done.iter().filter_map(|name| Item::parse(name)).collect(),
        wrapped: text(row, "wrapped")?,
    })
}

/// What the counter did, and a courier at the door: the kitchen's own steps are counted, and nobody
/// asks who took them.
fn told(events: &[EventRow]) -> Vec<Told> {
    let at_counter = |event: &Event| {
        use Event::{
            AcceptAsked, Accepted, Cancelled, Collected, Delivered, RefuseAsked, Validated,
        };
        matches!(
            event,
            Validated | Cancelled | Collected | Delivered | Accepted | AcceptAsked | RefuseAsked
        )
    };
    let one = |row: &EventRow| {
        Some(Told {
            event: Event::parse(&row.kind).filter(at_counter)?,
            person: row.person.clone(),
            place: row.place.clone(),
            reason: row.reason.clone(),
            at_ms: row.at_ms,
        })
    };
    let mut told: Vec<Told> = events.iter().filter_map(one).collect();
    told.sort_by(|a, b| (a.at_ms, a.event, &a.place).cmp(&(b.at_ms, b.event, &b.place)));
    told
}

/// What decides over an order: of these one may rule another out.
const COURSE: [Event; 4] = [Event::Cancelled, Event::Left, Event::Collected, Event::Delivered];

/// Returns the statement that aborts a batch after which more has happened to an order than what
/// was known when it was decided, and what the batch writes: somebody took it along, handed it
/// over, called it off or took money for it meanwhile.
#[must_use]
pub fn guard_course(venue: &VenueId, order: &Order, drafts: &[Draft]) -> Statement {
    let known: usize = COURSE.iter().map(|event| order.happened.count(*event) as usize).sum();
    let decides = |draft: &&Draft| match draft.table {
        "payment" => true,
        "order_event" => {
            let kind = draft.payload.get("kind").and_then(|kind| kind.as_str());
            kind.and_then(Event::parse).is_some_and(|event| COURSE.contains(&event))
        }
        _ => false,
    };
    let more = drafts.iter().filter(decides).count();
    let expected = (known + order.payments.len() + more) as i64;
    let kinds = COURSE.map(|event| format!("'{}'", event.name())).join(", ");
    let sql = format!(
        "UPDATE local_venue SET generation = generation WHERE venue = ?1 AND ?3 = \
         (SELECT count(*) FROM order_event e WHERE e.venue = ?1 AND e.order_id = ?2 \
         AND e.kind IN ({kinds})) + (SELECT count(*) FROM payment p WHERE p.venue = ?1 \
         AND p.order_id = ?2)"
    );
    let params = vec![venue.as_str().into(), order.id.as_str().into(), expected.into()];
    Statement::exactly(1, sql, params)
}

/// Returns the statement that aborts a batch after which an order has not just so many refunds:
/// somebody else gave money back meanwhile.
#[must_use]
pub fn guard_refunds(venue: &VenueId, order: &str, refunds: usize) -> Statement {
    let sql = "UPDATE local_venue SET generation = generation WHERE venue = ?1 AND ?3 = \
         (SELECT count(*) FROM refund r WHERE r.venue = ?1 AND r.order_id = ?2)";
    let params = vec![venue.as_str().into(), order.into(), (refunds as i64).into()];
    Statement::exactly(1, sql, params)
}
