//! `cargo xtask bench ordering`: orders and menu pages of a gateway, beside a plain Flask server.
//!
//! Owns what is asked of both, how many times and by how many at once. Both run on this machine,
//! one after the other, on the same disk, with durable writes. It must not know how either answers.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value, json};

use crate::{
    bench::{Browser, milliseconds, percentile},
    packages,
    process::{self, Running, Show},
    up::{
        Site,
        options::{EdgeKind, Options},
    },
    workspace,
};

/// The folder with the server that is measured beside the gateway.
const FOLDER: &str = "tests/bench-ordering";
/// Connections that ask at the same time.
const CONCURRENCY: u64 = 32;
/// Orders that the gateway gets in all.
const ORDERS: u64 = 10_000;
/// Orders that the other server gets: it is slower, and its rate is as clear after fewer.
const ORDERS_BESIDE: u64 = 2_000;
/// Menu pages that each is asked for.
const PAGES: u64 = 10_000;
const PAGES_BESIDE: u64 = 2_000;
/// Requests before those that count.
const FIRST_REQUESTS: u64 = 200;
/// How long the other server may take to start.
const READY_WITHIN: Duration = Duration::from_secs(30);
const CHROMIUM: &str = "/usr/bin/chromium";
/// What is ordered, and what it costs.
const PRODUCT: (&str, i64) = ("le-cheese-king", 1150);

/// What was measured of one kind of request.
struct Measured {
    per_second: f64,
    times: Vec<Duration>,
}

/// Measures both.
///
/// # Errors
/// Fails when something cannot be built, installed or started, or refuses a request.
pub fn ordering(folder: &Path) -> Result<Value> {
    let python = environment(folder)?;
    let (orders, pages, mut figures) = gateway(&folder.join("gateway"))?;
    let (orders_beside, pages_beside, pragmas) = beside(folder, &python)?;
    let ratio = |ours: &Measured, theirs: &Measured| round(ours.per_second / theirs.per_second);
    let time = |of: &Measured, percent| milliseconds(percentile(&of.times, percent));
    for (name, value) in [
        ("orders_per_s", round(orders.per_second)),
        ("order_p50_ms", time(&orders, 50)),
        ("order_p99_ms", time(&orders, 99)),
        ("menu_page_per_s", round(pages.per_second)),
        ("menu_page_p99_ms", time(&pages, 99)),
        ("flask_orders_per_s", round(orders_beside.per_second)),
        ("flask_order_p99_ms", time(&orders_beside, 99)),
        ("flask_menu_page_per_s", round(pages_beside.per_second)),
        ("flask_menu_page_p99_ms", time(&pages_beside, 99)),
        ("order_rate_vs_flask_ratio", ratio(&orders, &orders_beside)),
        ("menu_rate_vs_flask_ratio", ratio(&pages, &pages_beside)),
    ] {
        figures.insert(name.to_owned(), json!(value));
    }
    figures.insert("flask_pragmas".to_owned(), json!(pragmas));
    Ok(Value::Object(figures))
}

/// Installs what the other server needs from PyPI, in an environment of its own.
fn environment(folder: &Path) -> Result<PathBuf> {
    let place = workspace::scratch().join("bench-ordering-python");
    let python = place.join("bin/python");
    let wanted = workspace::root().join(FOLDER).join("requirements.txt");
    if !python.exists() {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv"]).arg(&place);
        process::step("python3 -m venv (Debian: python3-venv)", &mut venv)?;
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(wanted);
    process::step("pip install", &mut pip)?;
    if folder.exists() {
        fs::remove_dir_all(folder).context("cannot clear the benchmark's data")?;
    }
    fs::create_dir_all(folder).context("cannot make the benchmark's folder")?;
    Ok(python)
}

/// Measures a gateway whose line to its edge is cut: its edge is another machine's business.
fn gateway(data: &Path) -> Result<(Measured, Measured, Map<String, Value>)> {
    let options = Options {
        edge: EdgeKind::Native,
        edge_port: 0,
        gateway_port: 0,
        data: data.to_owned(),
        offline: true,
        optimised: true,
        ..Options::default()
    };
    let mut site = Site::start(&options)?;
    let address = site.gateway();
    let mut figures = Map::new();
    let paint = paint(address)?;
    figures.insert("first_menu_paint_ms".to_owned(), json!(round(paint)));
    keep_page(address, data)?;
    let (orders, pages) = measure(address, ORDERS, PAGES)?;
    figures.insert("gateway_rss_mib".to_owned(), json!(resident_mib(site.gateway_pid())?));
    figures.insert("orders_placed".to_owned(), json!(ORDERS + FIRST_REQUESTS));
    site.end();
    let store = find(data, "relais.db").context("the gateway keeps its store somewhere")?;
    let bytes = fs::metadata(store).context("the gateway's store")?.len();
    figures.insert("gateway_store_bytes".to_owned(), json!(bytes));
    // Both are what the gateway's store sets on every connection.
    figures.insert("gateway_pragmas".to_owned(), json!("wal FULL(2) foreign_keys=1"));
    Ok((orders, pages, figures))
}

/// Measures the other server; returns the pragmas that it prints, too.
fn beside(folder: &Path, python: &Path) -> Result<(Measured, Measured, String)> {
    let kept = folder.join("gateway");
    let mut command = Command::new(python);
    command
        .arg(workspace::root().join(FOLDER).join("server.py"))
        .arg(folder.join("flask.db"))
        .arg(kept.join("menu.json"))
        .arg(kept.join("templates"));
    let mut running = Running::start("flask", &mut command, Show::Named("flask"))?;
    let pragmas = running.wait_for("pragmas ", READY_WITHIN)?;
    let url = running.wait_for("listening http://", READY_WITHIN)?;
    let address = url.parse().with_context(|| format!("flask listens on {url}"))?;
    let measured = measure(address, ORDERS_BESIDE, PAGES_BESIDE);
    running.end();
    let (orders, pages) = measured?;
    Ok((orders, pages, pragmas))
}

/// Keeps the menu and its page as the other server serves them: the same text around the cards and
/// the scripts' JSON, which it makes itself for every request, as the gateway does.
fn keep_page(address: SocketAddr, folder: &Path) -> Result<()> {
    const CARDS: (&str, &str) = ("<div id=\"menu-cards\">", "</div>\n    <p class=\"menu__note\">");
    const MENU: (&str, &str) = ("<script type=\"application/json\" id=\"menu\">", "</script>");
    let page = Browser::connect(address)?.text("/menu")?;
    let cut = |(from, until): (&str, &str)| -> Result<(usize, usize)> {
        let start = page.find(from).context("the menu page has changed")? + from.len();
        let rest = page.get(start..).unwrap_or_default();
        Ok((start, start + rest.find(until).context("the menu page has changed")?))
    };
    let ((cards, cards_end), (menu, menu_end)) = (cut(CARDS)?, cut(MENU)?);
    let part = |from, until| page.get(from..until).unwrap_or_default();
    let raw = |text: &str| format!("{{% raw %}}{text}{{% endraw %}}");
    let template = [
        raw(part(0, cards)),
        "{% include \"cards.html\" %}".to_owned(),
        raw(part(cards_end, menu)),
        "{{ data|tojson }}".to_owned(),
        raw(part(menu_end, page.len())),
    ];
    let templates = folder.join("templates");
    fs::create_dir_all(&templates).context("cannot make the templates' folder")?;
    fs::write(templates.join("page.html"), template.concat()).context("page.html")?;
    fs::write(folder.join("menu.json"), part(menu, menu_end)).context("menu.json")?;
    let ours = workspace::root().join(FOLDER).join("cards.html");
    fs::copy(ours, templates.join("cards.html")).context("cards.html").map(drop)
}

fn measure(address: SocketAddr, orders: u64, pages: u64) -> Result<(Measured, Measured)> {
    let numbers = AtomicU64::new(0);
    let order = |browser: &mut Browser| {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        browser.post("/api/orders", &basket(number).to_string())
    };
    let page = |browser: &mut Browser| browser.get("/menu");
    let rounds = |count: u64, ask: &(dyn Fn(&mut Browser) -> Result<bool> + Sync)| {
        load(address, FIRST_REQUESTS, ask)?;
        load(address, count, ask)
    };
    Ok((rounds(orders, &order)?, rounds(pages, &page)?))
}

fn basket(number: u64) -> Value {
    json!({
        "id": format!("00000000-0000-4000-8000-{number:012x}"),
        "mode": "take_away",
        "lines": [{"product": PRODUCT.0, "quantity": 1 + number % 3}],
        "total_cents": PRODUCT.1 * i64::try_from(1 + number % 3).unwrap_or(1),
    })
}

/// Asks so many times in all, on as many connections as are open at once.
fn load(
    address: SocketAddr,
    count: u64,
    ask: &(dyn Fn(&mut Browser) -> Result<bool> + Sync),
) -> Result<Measured> {
    let left = AtomicU64::new(count);
    let take = || left.try_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
    let customer = || -> Result<Vec<Duration>> {
        let mut browser = Browser::connect(address)?;
        let mut times = Vec::new();
        while take().is_ok() {
            let started = Instant::now();
            ensure!(ask(&mut browser)?, "a request is refused");
            times.push(started.elapsed());
        }
        Ok(times)
    };
    let started = Instant::now();
    let all: Vec<Result<Vec<Duration>>> = thread::scope(|scope| {
        let customers: Vec<_> = (0..CONCURRENCY).map(|_| scope.spawn(customer)).collect();
        let join = |customer: thread::ScopedJoinHandle<'_, Result<Vec<Duration>>>| {
            customer.join().unwrap_or_else(|_| bail!("a customer panicked"))
        };
        customers.into_iter().map(join).collect()
    });
    let took = started.elapsed();
    let mut times = Vec::new();
    for one in all {
        times.extend(one?);
    }
    times.sort();
    Ok(Measured { per_second: count as f64 / took.as_secs_f64(), times })
}

/// Returns when a cold Chromium has painted the menu, in milliseconds.
fn paint(address: SocketAddr) -> Result<f64> {
    packages::ensure(&workspace::root())?;
    let script = workspace::root().join(FOLDER).join("paint.mjs");
    let url = format!("http://chakri.be:{}/menu", address.port());
    let mut node = Command::new("node");
    node.current_dir(workspace::root()).arg(script).arg(url).arg(CHROMIUM);
    let lines = process::lines("a cold browser", &mut node)?;
    let painted = lines.iter().find_map(|line| line.strip_prefix("paint "));
    painted.context("nothing was painted")?.parse().context("when was it painted?")
}

fn resident_mib(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("its memory")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).context("its memory")?;
    Ok(round(kib.parse::<f64>().context("its memory")? / 1024.0))
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let mut folders = vec![folder.join("native/gateway")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).ok()?.flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.file_name().is_some_and(|found| found == name) => return Some(path),
                false => {}
            }
        }
    }
    None
}

/// Rounds to a tenth.
fn round(figure: f64) -> f64 {
    (figure * 10.0).round() / 10.0
}
