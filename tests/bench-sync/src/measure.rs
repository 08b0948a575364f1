//! What is measured of replication, and from when to when.
//!
//! It must not know how a replica works.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Map, Value as Json, json};
use sync_engine::{
    change::Draft,
    id::{Purpose, VenueId},
    message::Part,
    session::{Input, Output, Peer, Session},
    vector::Vector,
    wire::{self, Asked},
};
use tempfile::TempDir;

use crate::{
    plain,
    replica::Replica,
    rows::{self, CELLS, Row},
};

const ROWS: usize = 20_000;
const MANY_ROWS: usize = 200_000;
const OLDER_ROWS: usize = 5_000;
const CONFLICTS: usize = 2_000;
const NOW_MS: u64 = 1_795_300_000_000;

/// What an exchange cost.
#[derive(Debug, Default)]
struct Cost {
    up_bytes: usize,
    down_bytes: usize,
    /// Reading answers and taking them in.
    asker: Duration,
    /// Reading requests and taking them in.
    hub: Duration,
    total: Duration,
    taken: usize,
    requests: Vec<Vec<u8>>,
}

/// Measures everything once, with this setting of `synchronous`.
pub fn all(synchronous: &str, note: &mut dyn FnMut(&str, f64)) {
    let all = rows::rows(ROWS);
    let folder = TempDir::new().unwrap();
    plain::measure(folder.path(), synchronous, &all, note);
    let (hub, asker, known) = merge(folder.path(), synchronous, &all, note);
    by_log(folder.path(), synchronous, &all, note);
    let known = conflicts((&hub, &asker), &all, known, note);
    incremental((&hub, &asker), &all, known, "incremental_10_of_20000", note);
    hub.reap(&asker.have());
    note("stored_bytes", plain::stored_bytes(&hub.db));
    let many = rows::rows(MANY_ROWS);
    let folder = TempDir::new().unwrap();
    let (hub, asker) = pair(folder.path(), synchronous);
    hub.write(&whole(&many), NOW_MS);
    let (_, known) = exchange(&asker, &hub, Peer::new(), NOW_MS);
    incremental((&hub, &asker), &many, known, "incremental_10_of_200000", note);
    catch_up(synchronous, &all[..10_000], note);
}

/// One side has everything, in two steps; the other comes with older rows of its own.
fn merge(
    folder: &Path,
    synchronous: &str,
    all: &[Row],
    note: &mut dyn FnMut(&str, f64),
) -> (Replica, Replica, Peer) {
    let cells = (all.len() * CELLS) as f64;
    let (hub, asker) = pair(folder, synchronous);
    asker.write(&whole(&all[..OLDER_ROWS]), NOW_MS - 1_000_000);
    let started = Instant::now();
    hub.write(&whole(all), NOW_MS);
    note("write_cells_per_s", cells / started.elapsed().as_secs_f64());
    hub.write(&statuses(all, 1), NOW_MS + 1_000);
    let (cost, known) = exchange(&asker, &hub, Peer::new(), NOW_MS + 2_000);
    note("merge_cells_per_s", cells / cost.asker.as_secs_f64());
    note("wire_bytes_per_cell", cost.down_bytes as f64 / cells);
    assert_eq!(hub.content(), asker.content());
    (hub, asker, known)
}

/// The same data go up change by change, as a gateway's do, and once more.
fn by_log(folder: &Path, synchronous: &str, all: &[Row], note: &mut dyn FnMut(&str, f64)) {
    let cells = (all.len() * CELLS) as f64;
    let asker = Replica::new(folder, synchronous, "writer", "00c0ffee00c0ffee", false);
    let hub = Replica::new(folder, synchronous, "reader", "0badcafe0badcafe", true);
    asker.write(&whole(all), NOW_MS);
    asker.write(&statuses(all, 1), NOW_MS + 1_000);
    let (cost, _) = exchange(&asker, &hub, Peer::new(), NOW_MS + 2_000);
    assert_eq!(cost.taken, 2 * all.len(), "every change came, once");
    assert_eq!(hub.content(), asker.content());
    note("merge_by_log_cells_per_s", cells / cost.hub.as_secs_f64());
    note("wire_by_log_bytes_per_cell", cost.up_bytes as f64 / cells);
    let started = Instant::now();
    let mut fresh = 0;
    for bytes in &cost.requests {
        let request = wire::read_request(bytes).unwrap();
        for part in request.streams.values() {
            fresh += hub.take_in(part, "writer", NOW_MS + 3_000);
        }
    }
    note("replay_cells_per_s", cells / started.elapsed().as_secs_f64());
    assert_eq!(fresh, 0, "nothing of it was new");
}

/// Both sides change the same field of the same rows, then exchange until they are equal.
fn conflicts(
    (hub, asker): (&Replica, &Replica),
    all: &[Row],
    known: Peer,
    note: &mut dyn FnMut(&str, f64),
) -> Peer {
    let both = &all[..CONFLICTS];
    hub.write(&totals(both, 7), NOW_MS + 10_000);
    asker.write(&totals(both, 11), NOW_MS + 10_001);
    let (cost, known) = exchange(asker, hub, known, NOW_MS + 12_000);
    assert_eq!(hub.content(), asker.content());
    note("conflict_2000_ms", cost.total.as_secs_f64() * 1e3);
    note("conflict_2000_bytes", (cost.up_bytes + cost.down_bytes) as f64);
    known
}

/// Ten rows change on one side; the other asks.
fn incremental(
    (hub, asker): (&Replica, &Replica),
    all: &[Row],
    mut known: Peer,
    name: &str,
    note: &mut dyn FnMut(&str, f64),
) {
    let mut times = Vec::new();
    let mut bytes = 0;
    // A millisecond is short: the middle of eleven.
    for time in 0..11 {
        let some = all.iter().skip(time * 10).step_by(all.len() / 13);
        let ten: Vec<Row> = some.take(10).cloned().collect();
        hub.write(&statuses(&ten, 2 + time), NOW_MS + 20_000 + time as u64);
        let (cost, then) = exchange(asker, hub, known, NOW_MS + 21_000);
        known = then;
        times.push(cost.total.as_secs_f64() * 1e3);
        bytes = cost.up_bytes + cost.down_bytes;
    }
    assert_eq!(hub.content(), asker.content());
    times.sort_by(f64::total_cmp);
    note(&format!("{name}_ms"), times[times.len() / 2]);
    note(&format!("{name}_bytes"), bytes as f64);
}

/// A new replica gets 10,000 rows; both sides' work counts.
fn catch_up(synchronous: &str, all: &[Row], note: &mut dyn FnMut(&str, f64)) {
    let folder = TempDir::new().unwrap();
    let (hub, asker) = pair(folder.path(), synchronous);
    hub.write(&whole(all), NOW_MS);
    let (cost, _) = exchange(&asker, &hub, Peer::new(), NOW_MS);
    assert_eq!(hub.content(), asker.content());
    note("catch_up_10000_orders_ms", cost.total.as_secs_f64() * 1e3);
}

fn pair(folder: &Path, synchronous: &str) -> (Replica, Replica) {
    let hub = Replica::new(folder, synchronous, "edge", "5f0c1d2e3a4b5c6d", true);
    let asker = Replica::new(folder, synchronous, "gateway", "a1b2c3d4e5f60718", false);
    (hub, asker)
}

/// Runs one session to its end, over bytes as they travel.
fn exchange(asker: &Replica, hub: &Replica, known: Peer, now_ms: u64) -> (Cost, Peer) {
    let purpose = Purpose::parse("orders").unwrap();
    let mut cost = Cost::default();
    let started = Instant::now();
    let venue = VenueId::parse("chakri").unwrap();
    let mut session = Session::new(venue, asker.writer.clone(), known);
    loop {
        let input = match session.poll().unwrap() {
            Output::Load { peer, places } => {
                let said = Part { resume: places.get(&purpose).cloned(), ..Part::default() };
                let (part, more) = asker.share(peer.get(&purpose), &said, "edge");
                Input::Loaded { streams: BTreeMap::from([(purpose.clone(), part)]), more }
            }
            Output::Send(request) => {
                let asked = Asked::of(&request);
                let up = wire::write_request(*request);
                let down = answer(hub, &up, now_ms, &mut cost);
                cost.up_bytes += up.len();
                cost.down_bytes += down.len();
                cost.requests.push(up);
                let reading = Instant::now();
                let response = wire::read_response(&down, &asked).unwrap();
                cost.asker += reading.elapsed();
                Input::Received(Box::new(response))
            }
            Output::Apply(streams) => {
                let taking = Instant::now();
                for part in streams.values() {
                    cost.taken += asker.take_in(part, "edge", now_ms);
                }
                cost.asker += taking.elapsed();
                Input::Applied
            }
            Output::Done { peer, .. } => {
                cost.total = started.elapsed();
                return (cost, peer);
            }
        };
        session.handle(input).unwrap();
    }
}

fn answer(hub: &Replica, up: &[u8], now_ms: u64, cost: &mut Cost) -> Vec<u8> {
    let taking = Instant::now();
    let request = wire::read_request(up).unwrap();
    let mut have = Vector::default();
    let mut said = Part::default();
    for part in request.streams.values() {
        cost.taken += hub.take_in(part, "gateway", now_ms);
        have = part.have.clone();
        said.resume.clone_from(&part.resume);
    }
    cost.hub += taking.elapsed();
    let (part, more) = hub.share(Some(&have), &said, "gateway");
    wire::write_response(hub.response(part, more, now_ms), &Asked::of(&request))
}

/// A row as it is written first: one change of all four registers.
fn whole(all: &[Row]) -> Vec<Draft> {
    let fields = |row: &Row| {
        let Row { status, total, updated, note, .. } = row;
        json!({"status": status, "total": total, "updated": updated, "note": note})
    };
    all.iter().map(|row| draft(&row.id, "a,b,c,d", fields(row))).collect()
}

fn statuses(all: &[Row], step: usize) -> Vec<Draft> {
    let fields = |row| json!({"status": rows::next(row, step)});
    all.iter().map(|row| draft(&row.id, "a", fields(row))).collect()
}

fn totals(all: &[Row], more: i64) -> Vec<Draft> {
    all.iter().map(|row| draft(&row.id, "b", json!({"total": row.total + more}))).collect()
}

fn draft(id: &str, register: &'static str, fields: Json) -> Draft {
    let payload = match fields {
        Json::Object(payload) => payload,
        _ => Map::new(),
    };
    Draft { table: "orders", entity: id.to_owned(), register, payload, number: None }
}
