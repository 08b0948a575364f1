//! What customers, staff and gateways do, and what goes wrong meanwhile, as the seed decides.
//!
//! It must not judge: what was asked and answered goes to the auditor's ledger.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use app::uplink::Uplink;
use domain::access::Role;
use serde_json::json;

use super::{
    afterwards,
    asking::{ask, ask_as, leave},
    auditor::{Auditor, Ledger},
    basket::{Basket, PRODUCTS},
    copies::Copied,
    counter, deliveries, devices, leases, menus, points, revocations, stock, tables,
    tasks::HostId,
    world::{EDGE, VENUES, World},
};

/// Decisions per run.
const ROUNDS: usize = 260;
/// Five years.
pub(super) const FIVE_YEARS_MS: i64 = 5 * 365 * 24 * 60 * 60 * 1_000;
/// A gateway's uplink: free, at work, or lost with its process.
#[derive(Clone, Default)]
struct Slot {
    uplink: Arc<Mutex<Option<Uplink>>>,
    is_busy: Arc<AtomicBool>,
}

impl Slot {
    fn clear(&self) {
        *self.uplink.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.is_busy.store(false, Ordering::Relaxed);
    }
}

/// The gateways' uplinks, in the order of their hosts.
type Uplinks = Vec<Slot>;

/// Lives through a run.
pub fn run(world: &mut World, auditor: &mut Auditor) {
    // A gateway and a standby for each venue, and one more: a gateway may be copied.
    let uplinks: Uplinks = (0..=2 * VENUES.len()).map(|_| Slot::default()).collect();
    let mut baskets: Vec<Basket> = Vec::new();
    for host in &world.hosts {
        host.store.roughen();
    }
    points::begin(world);
    stock::begin(world, &auditor.ledger());
    for _ in 0..ROUNDS {
        let venue = world.chance.below(VENUES.len());
        match world.chance.below(100) {
            0..25 => want(world, venue, &mut baskets, &auditor.ledger()),
            25..35 => retry(world, &baskets, auditor.ledger()),
            35..60 => serve(world, &baskets, auditor.ledger()),
            60..65 => switch(world, venue, auditor.ledger()),
            65 => erase(world, venue, auditor.ledger()),
            66..88 => exchange(world, world.on_site(venue), &uplinks, auditor.ledger()),
            88..96 => go_wrong(world, world.on_site(venue), &uplinks),
            96 => copy(world, venue, &uplinks, &auditor.ledger()),
            _ => put_back(world, &uplinks, &auditor.ledger()),
        }
        if world.chance.happens(700) {
            leases::step(world);
        }
        if world.chance.happens(150) {
            revocations::step(world);
        }
        if world.chance.happens(150) {
            devices::step(world);
        }
        if world.chance.happens(150) {
            menus::step(world, auditor.ledger());
        }
        around(world, &baskets, &auditor.ledger());
        follow(world, &uplinks, &auditor.ledger());
        if world.chance.happens(500) {
            points::step(world);
        }
        for host in &world.hosts {
            host.store.clear_up();
        }
        for _ in 0..world.chance.below(200) {
            if !world.tasks.step(&world.chance) {
                break;
            }
            match world.tasks.take_dead() {
                None => {}
                Some(EDGE) => world.faults.worker_crashes += 1,
                Some(gateway) => die(world, gateway, &uplinks),
            }
            (0..VENUES.len()).for_each(|venue| auditor.ledger().covered(world, venue));
        }
        world.pass(world.chance.below(3_000) as u64);
    }
}

/// A standby for which a sale waits is told so, and comes now and then.
fn follow(world: &World, uplinks: &Uplinks, ledger: &Ledger) {
    for (venue, second) in world.seconds.iter().enumerate() {
        if second.was_awaited() && world.chance.happens(500) {
            exchange(world, World::standby(venue), uplinks, ledger.clone());
        }
    }
}

/// Somebody wants something; now and then some of what is scarce comes, several people want it at
/// once, and some of it spoils in their sight.
fn want(world: &World, venue: usize, baskets: &mut Vec<Basket>, ledger: &Ledger) {
    let host = world.side(venue, 400);
    let (product, guests) = if world.chance.happens(200) {
        stock::bring(world, venue, ledger.clone());
        stock::spoil(world, venue, ledger.clone());
        (PRODUCTS[2], 3)
    } else {
        (*world.chance.pick(&PRODUCTS), 1)
    };
    for _ in 0..guests {
        let basket = Basket::of(world, venue, (host, product), baskets.len());
        send(world, &basket, ledger.clone());
        baskets.push(basket);
    }
}

/// What happens to orders, and to what they are made of, beside serving them.
fn around(world: &World, baskets: &[Basket], ledger: &Ledger) {
    if world.chance.happens(150) {
        take_back(world, baskets, ledger);
    }
    if world.chance.happens(100) {
        stock::step(world, ledger.clone());
    }
    if world.chance.happens(250) {
        deliveries::step(world, baskets, ledger);
    }
    if world.chance.happens(150) {
        afterwards::step(world, baskets, ledger);
    }
    if world.chance.happens(250) {
        let orders: Vec<String> = baskets.iter().map(Basket::order).collect();
        tables::step(world, &orders);
    }
}

fn send(world: &World, basket: &Basket, ledger: Ledger) {
    let host = world.hosts[basket.host].clone();
    world.stock.asked(world, basket);
    let (basket, seats) = (basket.clone(), world.tables.clone());
    world.tasks.start(host.id, async move {
        ledger.asked();
        let body = basket.body.clone();
        let role = basket.is_brought().then_some(Role::Member);
        let request = ("POST", "/api/orders", body);
        let note = |session: &str| ledger.brought_to(&basket, session);
        let (status, answer) = ask_as(&host, basket.venue, role, request, note).await;
        ledger.order_answered(&basket, host.id, status, &answer);
        seats.told(basket.venue, host.id, &answer);
    });
}

fn retry(world: &World, baskets: &[Basket], ledger: Ledger) {
    let open: Vec<&Basket> = baskets.iter().filter(|b| !ledger.is_placed(&b.order())).collect();
    if !open.is_empty() {
        let basket: &Basket = world.chance.pick::<&Basket>(&open);
        // Two machines of one name: nobody knows which of them one talks to.
        let host = if basket.host == EDGE { EDGE } else { world.gateway(basket.venue) };
        send(world, &Basket { host, ..basket.clone() }, ledger);
    }
}

/// Staff take a step with an order, at either side; now and then two do so at once.
fn serve(world: &World, baskets: &[Basket], ledger: Ledger) {
    let placed: Vec<&Basket> = baskets.iter().filter(|b| ledger.is_placed(&b.order())).collect();
    if placed.is_empty() {
        return;
    }
    let basket = (*world.chance.pick(&placed)).clone();
    let steps = ["paid", "preparing", "tick", "ready", "recalled", "ready", "collected", ""];
    for _ in 0..1 + usize::from(world.chance.happens(200)) {
        let step = *world.chance.pick(&steps);
        let number = world.side(basket.venue, 400);
        let (host, basket, ledger) = (world.hosts[number].clone(), basket.clone(), ledger.clone());
        world.tasks.start(number, async move {
            ledger.asked();
            let floor = ledger.floor(&basket.order(), number);
            let method = if step.is_empty() { "GET" } else { "POST" };
            let path = format!("/api/orders/{}/{step}", basket.order());
            let body = match step {
                "paid" => json!({"means": "cash"}),
                "tick" => json!({"line": 0, "done": true}),
                _ => json!({}),
            };
            let role = Some(Role::Counter);
            let path = path.trim_end_matches('/');
            let (status, answer) = ask(&host, basket.venue, role, method, path, body).await;
            ledger.step_answered(&basket.order(), number, (step, floor), status, &answer);
        });
    }
}

/// Staff call an order off, or give money back.
fn take_back(world: &World, baskets: &[Basket], ledger: &Ledger) {
    let placed = baskets.iter().filter(|b| ledger.is_placed(&b.order()));
    let placed: Vec<_> = placed.map(|basket| (basket.venue, basket.order())).collect();
    if !placed.is_empty() {
        counter::take_back(world, world.chance.pick(&placed), ledger);
    }
}

fn switch(world: &World, venue: usize, ledger: Ledger) {
    let number = world.side(venue, 300);
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

/// Somebody of the staff wants to be forgotten; that happens where accounts are.
fn erase(world: &World, venue: usize, ledger: Ledger) {
    let host = world.hosts[EDGE].clone();
    let role = *world.chance.pick(&[Role::Counter, Role::Kitchen]);
    world.tasks.start(EDGE, async move {
        let Some((status, answer)) = leave(&host, venue, role).await else { return };
        ledger.asked();
        // It leads to another page.
        ledger.answered(if status == 303 { 200 } else { status }, &answer);
    });
}

fn exchange(world: &World, host: HostId, uplinks: &Uplinks, ledger: Ledger) {
    // A copy calls itself what its original does, and would vouch for a hub in its place.
    if world.is_copy(host) && !world.is_confirmed(EDGE, world.venue_of(host)) {
        return;
    }
    let slot = uplinks[host - 1].clone();
    if slot.is_busy.swap(true, Ordering::Relaxed) {
        return;
    }
    let kept = slot.uplink.lock().unwrap_or_else(PoisonError::into_inner).take();
    let mut uplink = kept.unwrap_or_else(|| world.uplink(host));
    world.tasks.start(host, async move {
        let outcome = uplink.exchange().await;
        ledger.exchanged(outcome);
        *slot.uplink.lock().unwrap_or_else(PoisonError::into_inner) = Some(uplink);
        slot.is_busy.store(false, Ordering::Relaxed);
    });
}

fn go_wrong(world: &mut World, gateway: HostId, uplinks: &Uplinks) {
    match world.chance.below(6) {
        0 | 1 => {
            let is_cut = &world.lines[gateway - 1].is_cut;
            is_cut.store(!is_cut.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        2 => die(world, gateway, uplinks),
        3 if world.chance.happens(300) => world.poison(),
        3 => {
            if world.tasks.crash_one(EDGE, &world.chance) {
                world.faults.worker_crashes += 1;
            }
        }
        4 => {
            let host = *world.chance.pick(&[EDGE, gateway, gateway]);
            world.hosts[host].store.fill();
        }
        _ => {
            let host = world.chance.below(world.hosts.len());
            let offsets = [0, 0, 400_000, -400_000, FIVE_YEARS_MS, -FIVE_YEARS_MS];
            world.jump(host, *world.chance.pick(&offsets));
        }
    }
}

/// A gateway's process dies with its memory; the store stays.
fn die(world: &mut World, gateway: HostId, uplinks: &Uplinks) {
    let _ended = world.tasks.crash(gateway);
    world.faults.gateway_crashes += 1;
    world.started(gateway);
    uplinks[gateway - 1].clear();
}

/// A gateway's disk is copied into a second machine; that one is switched off for good at times.
fn copy(world: &mut World, venue: usize, uplinks: &Uplinks, ledger: &Ledger) {
    let Some(copied) = world.copied.clone() else {
        if world.chance.happens(150) {
            let host = world.copy(venue);
            world.wake(host);
            world.hosts[host].store.roughen();
            ledger.copied(venue + 1, host);
            world.tables.forget(world, host);
            world.points.forget(world, host);
            world.stock.forget(world, host);
        }
        return;
    };
    if copied.is_gone || !world.chance.happens(700) {
        return;
    }
    let _ended = world.tasks.crash(copied.host);
    uplinks[copied.host - 1].clear();
    world.faults.copies_parted += u64::from(world.has_parted());
    world.faults.copies_gone += 1;
    world.copied = Some(Copied { is_gone: true, ..copied.clone() });
    ledger.lost(world, copied.host);
    world.leases.forget(world);
    world.revocations.forget(world, copied.host);
    world.devices.forget(world, copied.host);
    world.tables.forget(world, copied.host);
    world.points.forget(world, copied.host);
    world.stock.forget(world, copied.host);
}

/// Takes an image of a host's disk, or puts the last one back: everything since is gone there.
fn put_back(world: &mut World, uplinks: &Uplinks, ledger: &Ledger) {
    let host = world.chance.below(world.hosts.len());
    let Some(image) = world.images[host].take() else {
        world.images[host] = Some(world.hosts[host].store.image());
        return;
    };
    let is_gone = |copied: &Copied| copied.is_gone && copied.host == host;
    if world.copied.as_ref().is_some_and(is_gone) {
        return;
    }
    let _ended = world.tasks.crash(host);
    // A gateway loses its memory with its disk; one whose edge is put back notices nothing yet.
    if host != EDGE {
        uplinks[host - 1].clear();
    }
    world.hosts[host].store.restore(&image);
    world.faults.restores += 1;
    world.faults.rewound_beside_a_copy += u64::from(host == EDGE && world.copied.is_some());
    ledger.lost(world, host);
    world.leases.forget(world);
    world.revocations.forget(world, host);
    world.devices.forget(world, host);
    world.tables.forget(world, host);
    world.points.forget(world, host);
    world.stock.forget(world, host);
    world.wake(host);
    // A hub that was put back must not take a copy for the gateway that vouches for it.
    if let Some(copied) = world.copied.clone().filter(|copied| host == EDGE && !copied.is_gone) {
        die(world, copied.host, uplinks);
    }
}
