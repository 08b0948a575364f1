//! What customers, staff and gateways do, and what goes wrong meanwhile, as the seed decides.
//!
//! It must not judge: what was asked and answered goes to the auditor's ledger.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use app::{session, uplink::Uplink};
use axum::{body::Body, http::Request};
use domain::access::Role;
use http_body_util::BodyExt;
use serde_json::{Value as Json, json};
use tower::ServiceExt;

use super::{
    auditor::{Auditor, Ledger},
    leases,
    tasks::HostId,
    world::{EDGE, ParseId, SimHost, VENUES, World},
};

/// Decisions per run.
const ROUNDS: usize = 260;
/// Five years.
const FIVE_YEARS_MS: i64 = 5 * 365 * 24 * 60 * 60 * 1_000;
const PRODUCTS: [(&str, i64); 3] = [("le-cheese-king", 1_150), ("cola", 250), ("frites", 350)];

/// One basket of one customer; sent again under the same id until it is answered.
#[derive(Debug, Clone)]
pub struct Basket {
    /// Which venue.
    pub venue: usize,
    /// Where the customer stands.
    pub host: HostId,
    /// The order's id.
    pub id: String,
    /// What it costs.
    pub total_cents: i64,
    body: Json,
}

/// The gateways' uplinks: free, at work, or lost with their process.
type Uplinks = Vec<Arc<Mutex<Option<Uplink>>>>;

/// Lives through a run.
pub fn run(world: &mut World, auditor: &mut Auditor) {
    let uplinks: Uplinks = VENUES.iter().map(|_| Arc::default()).collect();
    let busy: Vec<Arc<AtomicBool>> = VENUES.iter().map(|_| Arc::default()).collect();
    let mut baskets: Vec<Basket> = Vec::new();
    for _ in 0..ROUNDS {
        let venue = world.chance.below(VENUES.len());
        match world.chance.below(100) {
            0..25 => {
                let basket = basket(world, venue, baskets.len());
                send(world, &basket, auditor.ledger());
                baskets.push(basket);
            }
            25..35 => retry(world, &baskets, auditor.ledger()),
            35..60 => serve(world, &baskets, auditor.ledger()),
            60..66 => switch(world, venue, auditor.ledger()),
            66..88 => exchange(world, venue, &uplinks, &busy, auditor.ledger()),
            88..97 => go_wrong(world, venue, &uplinks, &busy),
            _ => put_back(world, &uplinks, &busy, auditor.ledger()),
        }
        if world.chance.happens(700) {
            leases::step(world);
        }
        for _ in 0..world.chance.below(80) {
            if !world.tasks.step(&world.chance) {
                break;
            }
        }
        world.pass(world.chance.below(3_000) as u64);
    }
}

fn basket(world: &World, venue: usize, number: usize) -> Basket {
    let (product, price_cents) = *world.chance.pick(&PRODUCTS);
    let quantity = 1 + world.chance.below(3) as i64;
    let id = format!("{:08x}-0000-4000-8000-{number:012x}", world.chance.bits() as u32);
    let total_cents = price_cents * quantity;
    let body = json!({
        "id": id,
        "mode": "eat_in",
        "lines": [{"product": product, "quantity": quantity}],
        "total_cents": total_cents,
    });
    let host = if world.chance.happens(400) { EDGE } else { venue + 1 };
    Basket { venue, host, id, total_cents, body }
}

fn send(world: &World, basket: &Basket, ledger: Ledger) {
    let host = world.hosts[basket.host].clone();
    let basket = basket.clone();
    world.tasks.start(host.id, async move {
        ledger.asked();
        let body = basket.body.clone();
        let (status, answer) = ask(&host, basket.venue, None, "POST", "/api/orders", body).await;
        ledger.order_answered(&basket, host.id, status, &answer);
    });
}

fn retry(world: &World, baskets: &[Basket], ledger: Ledger) {
    let open: Vec<&Basket> = baskets.iter().filter(|b| !ledger.is_placed(&b.order())).collect();
    if !open.is_empty() {
        let basket: &Basket = world.chance.pick::<&Basket>(&open);
        send(world, basket, ledger);
    }
}

/// Staff take a step with an order, at either side; now and then two do so at once.
fn serve(world: &World, baskets: &[Basket], ledger: Ledger) {
    let placed: Vec<&Basket> = baskets.iter().filter(|b| ledger.is_placed(&b.order())).collect();
    if placed.is_empty() {
        return;
    }
    let basket = (*world.chance.pick(&placed)).clone();
    let steps = ["paid", "ready", "collected", ""];
    for _ in 0..1 + usize::from(world.chance.happens(200)) {
        let step = *world.chance.pick(&steps);
        let number = if world.chance.happens(400) { EDGE } else { basket.venue + 1 };
        let (host, basket, ledger) = (world.hosts[number].clone(), basket.clone(), ledger.clone());
        world.tasks.start(number, async move {
            ledger.asked();
            let floor = ledger.floor(&basket.order(), number);
            let method = if step.is_empty() { "GET" } else { "POST" };
            let path = format!("/api/orders/{}/{step}", basket.order());
            let body = if step == "paid" { json!({"means": "cash"}) } else { json!({}) };
            let role = Some(Role::Counter);
            let path = path.trim_end_matches('/');
            let (status, answer) = ask(&host, basket.venue, role, method, path, body).await;
            ledger.step_answered(&basket.order(), number, (step, floor), status, &answer);
        });
    }
}

fn switch(world: &World, venue: usize, ledger: Ledger) {
    let number = if world.chance.happens(300) { EDGE } else { venue + 1 };
    let host = world.hosts[number].clone();
    let (product, _) = *world.chance.pick(&PRODUCTS);
    let available = world.chance.happens(700);
    world.tasks.start(number, async move {
        ledger.asked();
        let path = format!("/api/products/{product}/availability");
        let body = json!({"available": available});
        let role = Some(Role::Kitchen);
        let (status, answer) = ask(&host, venue, role, "POST", &path, body).await;
        ledger.answered(status, &answer);
    });
}

fn exchange(
    world: &World,
    venue: usize,
    uplinks: &Uplinks,
    busy: &[Arc<AtomicBool>],
    ledger: Ledger,
) {
    if busy[venue].swap(true, Ordering::Relaxed) {
        return;
    }
    let (slot, busy) = (Arc::clone(&uplinks[venue]), Arc::clone(&busy[venue]));
    let kept = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    let mut uplink = kept.unwrap_or_else(|| world.uplink(venue));
    world.tasks.start(venue + 1, async move {
        let outcome = uplink.exchange().await;
        ledger.exchanged(outcome);
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(uplink);
        busy.store(false, Ordering::Relaxed);
    });
}

fn go_wrong(world: &mut World, venue: usize, uplinks: &Uplinks, busy: &[Arc<AtomicBool>]) {
    match world.chance.below(5) {
        0 | 1 => {
            let is_cut = &world.lines[venue].is_cut;
            is_cut.store(!is_cut.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        2 => {
            // The process dies with its memory; the store stays.
            if world.tasks.crash(venue + 1) > 0 {
                world.faults.gateway_crashes += 1;
            }
            world.started(venue + 1);
            *uplinks[venue].lock().unwrap_or_else(PoisonError::into_inner) = None;
            busy[venue].store(false, Ordering::Relaxed);
        }
        3 if world.chance.happens(300) => world.poison(),
        3 => {
            if world.tasks.crash_one(EDGE, &world.chance) {
                world.faults.worker_crashes += 1;
            }
        }
        _ => {
            let host = world.chance.below(VENUES.len() + 1);
            let offsets = [0, 0, 400_000, -400_000, FIVE_YEARS_MS, -FIVE_YEARS_MS];
            world.jump(host, *world.chance.pick(&offsets));
        }
    }
}

/// Takes an image of a host's disk, or puts the last one back: everything since is gone there.
fn put_back(world: &mut World, uplinks: &Uplinks, busy: &[Arc<AtomicBool>], ledger: Ledger) {
    let host = world.chance.below(world.hosts.len());
    let Some(image) = world.images[host].take() else {
        world.images[host] = Some(world.hosts[host].store.image());
        return;
    };
    let _ended = world.tasks.crash(host);
    // A gateway loses its memory with its disk; one whose edge is put back notices nothing yet.
    if let Some(venue) = host.checked_sub(1) {
        *uplinks[venue].lock().unwrap_or_else(PoisonError::into_inner) = None;
        busy[venue].store(false, Ordering::Relaxed);
    }
    world.hosts[host].store.restore(&image);
    world.faults.restores += 1;
    ledger.restored(world, host);
    world.leases.restored(world);
    world.wake(host);
}

impl Basket {
    /// Returns the id of the order that its host makes of it.
    #[must_use]
    pub fn order(&self) -> String {
        let origin = if self.host == EDGE { "W".to_owned() } else { format!("K{}", self.host) };
        domain::ordering::order_id(&origin, &self.id)
    }
}

/// Sends a request to a host and reads the answer.
async fn ask(
    host: &SimHost,
    venue: usize,
    role: Option<Role>,
    method: &str,
    path: &str,
    body: Json,
) -> (u16, Json) {
    let name = VENUES[venue];
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", format!("{name}.example"))
        .header("content-type", "application/json");
    if let Some(role) = role {
        let now_ms = host.app.clock.now_ms();
        let cookie = session::sign_in(&host.app.host, &name.parse_id(), role, now_ms);
        request = request.header("cookie", cookie.split(';').next().unwrap_or_default());
    }
    let body = if method == "GET" { String::new() } else { body.to_string() };
    let request = request.body(Body::from(body)).expect("the request is well formed");
    let answer = host.router.clone().oneshot(request).await.expect("a router always answers");
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.expect("the body is whole").to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}
