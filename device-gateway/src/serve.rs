//! Starting and stopping a native host: store, venue, uplink, HTTP.
//!
//! It must not decide anything about requests.

use std::{future::Future, net::SocketAddr, sync::Arc};

use app::{
    App,
    blobs::Shelf,
    host::{Host, Side},
    metered::Metered,
    migrations,
    openid::Provider,
    outbound::{Errand, Outbound, Reach},
    ports::{Alone, Database, Line},
    replication, standby,
    uplink::{EdgeAccess, Uplink},
    witness,
};
use domain::{device::replica::Credential, venue::Document};
use tokio::net::TcpListener;

use crate::{
    client::Client,
    config::{Carrier, Config, Site},
    ear::Ear,
    files,
    follower::Second,
    limits,
    live::{self, Hub},
    marker::MarkerFile,
    native::{Bell, Bench, Folder, SystemClock, SystemEntropy},
    people,
    postman::{self, Postman},
    press, print_line,
    server::{self, Bounds, Doors},
    store::Store,
    tls::Tls,
    uplink::Driver,
};

/// Runs a host until it is told to stop.
pub(crate) fn run(config: Config) -> Result<(), String> {
    let filter = tracing_subscriber::EnvFilter::try_from_env("RELAIS_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // A log that cannot be written, on a full disk, must not take a request down with it.
    let log = tracing_subscriber::fmt().with_env_filter(filter).log_internal_errors(false);
    log.with_writer(std::io::stderr).init();
    raise_open_files();
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(serve(config))
}

async fn serve(config: Config) -> Result<(), String> {
    let mut config = config;
    let code = people::setup_code(&mut config)?;
    let (doors, bound) = bind(&config).await?;
    let store = Store::open(&config.data_dir.join("relais.db"))?;
    let lan = config.on_site.lan(bound.secure.map(|address| address.port()));
    let host = Arc::new(Host { lan, ..host(&config) });
    let other_side = config.site.as_ref().and_then(|site| other_side(site, &host));
    let bell = Arc::new(Bell::new(host.side.upstream()));
    let connected = other_side.is_some();
    let clock = Arc::new(SystemClock::wrong_by(config.clock_wrong_by_ms));
    let second = Arc::new(Second::new(clock.clone()));
    let hub = Hub::new(clock.clone(), connected.then(|| bell.clone()));
    let hub = Arc::new(hub.with_second(second.clone()));
    let line: Arc<dyn Line> = if connected { bell.clone() } else { Arc::new(Alone) };
    let (outbound, openid, shelf) = ways_out(&config, clock.clone())?;
    let postman = Arc::new(Postman::default());
    let app = App {
        database: Arc::new(store),
        clock,
        entropy: Arc::new(SystemEntropy),
        live: hub.clone(),
        line,
        standby: second,
        telling: Arc::default(),
        menus: Arc::default(),
        labour: Arc::new(Bench::default()),
        outbox: Arc::new(postman::outbox(&config.mail, &outbound, postman.clone())?),
        openid: openid.map(Arc::new),
        outbound,
        assets: Arc::new(Folder(config.static_dir.clone())),
        blobs: Arc::new(shelf),
        host,
    };
    migrations::apply(app.database.as_ref()).await.map_err(|fault| fault.to_string())?;
    let marker = Arc::new(MarkerFile::of(&config.data_dir)?);
    marker.wake(&app).await?;
    if let Some(site) = &config.site {
        open_venue(&app, site).await?;
        people::load(&app, site).await?;
        await_witnesses(&app, site, connected).await?;
        if let Some(other_side) = other_side {
            let client = Client::new()?;
            let ear = Ear::new(client.clone(), bell.clone(), app.entropy.clone());
            let uplink = Uplink::new(app.clone(), Arc::new(client), site.venue.clone(), other_side);
            let (clock, entropy) = (app.clock.clone(), app.entropy.clone());
            tokio::spawn(Driver { uplink, clock, entropy, bell, ear }.run());
        }
    }
    begin_rounds(&app, &marker, postman);
    // Before anybody learns that we listen: who then sends a signal is heard.
    let signal = stop_signal()?;
    let stop = {
        let hub = hub.clone();
        async move {
            signal.await;
            hub.close();
        }
    };
    let address = bound.plain;
    print_line(&format!("listening http://{address}"));
    if let Some(address) = bound.secure {
        print_line(&format!("listening https://{address}"));
    }
    people::tell_setup_code(&app, &format!("http://{address}/setup"), code.as_deref()).await?;
    let router = live::with_sockets(app::router(app.clone()), hub);
    server::serve(doors, router, Bounds::SERVICE, stop).await;
    // A copy that was taken while this process ran is an old one from now on.
    marker.move_on(&app).await
}

/// Starts what is done again and again, beside serving.
fn begin_rounds(app: &App, marker: &Arc<MarkerFile>, postman: Arc<Postman>) {
    tokio::spawn(keep_moving(marker.clone(), app.clone()));
    tokio::spawn(postman::run(app.clone(), postman));
    tokio::spawn(press::run(app.clone()));
}

/// The application on its store, without anything that serves or replicates it: for commands, which
/// make no store where there is none.
pub(crate) fn at_rest(config: &Config) -> Result<App, String> {
    let file = config.data_dir.join("relais.db");
    if !file.is_file() {
        return Err(format!("there is no store at {}: start the host first", file.display()));
    }
    let store = Store::open(&file)?;
    Ok(App {
        database: Arc::new(store),
        clock: Arc::new(SystemClock::wrong_by(config.clock_wrong_by_ms)),
        entropy: Arc::new(SystemEntropy),
        live: Arc::new(Alone),
        line: Arc::new(Alone),
        standby: Arc::new(Alone),
        telling: Arc::default(),
        menus: Arc::default(),
        labour: Arc::new(Bench::default()),
        outbox: Arc::default(),
        openid: None,
        outbound: Arc::default(),
        assets: Arc::new(Alone),
        blobs: Arc::default(),
        host: Arc::new(host(config)),
    })
}

/// Where the doors are.
struct Bound {
    plain: SocketAddr,
    secure: Option<SocketAddr>,
}

/// Takes the addresses; whoever knocks before we serve waits.
async fn bind(config: &Config) -> Result<(Doors, Bound), String> {
    let (plain, plain_at) = listen(config.listen).await?;
    let Some(https) = &config.https else {
        return Ok((Doors { plain, secure: None }, Bound { plain: plain_at, secure: None }));
    };
    let tls = Arc::new(Tls::open(https.files.clone())?);
    let (secure, secure_at) = listen(https.listen).await?;
    tokio::spawn(tls.follow(limits::CERTIFICATE_EVERY));
    let doors = Doors { plain, secure: Some((secure, tls)) };
    Ok((doors, Bound { plain: plain_at, secure: Some(secure_at) }))
}

async fn listen(at: SocketAddr) -> Result<(TcpListener, SocketAddr), String> {
    let wrong = |error: std::io::Error| format!("{at}: {error}");
    let listener = TcpListener::bind(at).await.map_err(wrong)?;
    let bound = listener.local_addr().map_err(wrong)?;
    Ok((listener, bound))
}

/// Moves the marker on now and then; where the disk takes no writes, the store says so itself.
async fn keep_moving(marker: Arc<MarkerFile>, app: App) {
    loop {
        tokio::time::sleep(limits::MARKER_EVERY).await;
        // Where only one of the two could move on, the next start would begin a new life.
        if app.database.writable().await.is_err() {
            continue;
        }
        if let Err(error) = marker.move_on(&app).await {
            tracing::warn!(error, "the marker stays where it is");
        }
        // Where there is no other side, no exchange seals the audit.
        if let Err(problem) = app::audit::sealer::seal_all(&app).await {
            tracing::warn!(problem.code, problem.detail, "the audit is not sealed");
        }
    }
}

/// Asks the system for as many open files as it grants: the usual 1,024 are soon used up.
fn raise_open_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    let wanted = rustix::process::Rlimit { current: now.maximum, ..now };
    if let Err(error) = setrlimit(Resource::Nofile, wanted) {
        tracing::warn!(%error, "the number of open files stays as it was");
    }
}

/// The way out to others than the edge, who among them vouches for people, and where files are.
type WaysOut = (Arc<Outbound>, Option<Provider>, Shelf);

fn ways_out(config: &Config, clock: Arc<SystemClock>) -> Result<WaysOut, String> {
    let reach = Reach::of(config.demo, config.contract);
    let mut outbound = Outbound::new(Arc::new(Client::guarded(reach)?), reach);
    if let Some((Carrier::Api { url, .. }, _)) = &config.mail.carrier {
        outbound.allow(Errand::Mail, url)?;
    }
    let openid = config.openid.clone().provider(&mut outbound, reach)?;
    config.files.bucket.allow(&mut outbound)?;
    let outbound = Arc::new(outbound);
    let shelf = files::shelf(config, (&outbound, clock))?;
    Ok((outbound, openid, shelf))
}

pub(crate) fn host(config: &Config) -> Host {
    let side = match &config.site {
        Some(site) if site.primary_url.is_some() => Side::Standby(site.venue.clone()),
        Some(site) => Side::Gateway(site.venue.clone()),
        None => Side::Edge,
    };
    Host {
        side,
        ticket_origin: config.site.as_ref().map_or("W", |s| s.ticket_origin.as_str()).to_owned(),
        secret: config.secret.clone(),
        is_home: config.site.as_ref().is_none_or(|s| s.edge.is_none() && s.primary_url.is_none()),
        shared_key: config.site.as_ref().and_then(|site| site.shared_key.clone()),
        root: config.root.clone(),
        recovery_code: config.recovery_code.clone(),
        setup_code: config.setup_code.clone(),
        demo: config.demo,
        contract: config.contract,
        secure_cookies: config.secure_cookies,
        // The port of HTTPS is known once it is taken.
        lan: config.on_site.lan(None),
        message_room: sync_engine::message::Room::default(),
        reap_changes: sync_engine::limits::REAP_CHANGES,
        audit_every_ms: sync_engine::limits::AUDIT_EVERY_MS,
    }
}

/// Whoever this store replicates with must be heard before it acts on what is leased: a standby as
/// well, where there was one, for it may hold sales of which the edge has not heard.
async fn await_witnesses(app: &App, site: &Site, connected: bool) -> Result<(), String> {
    let db = Metered::new(app.database.clone(), u32::MAX);
    let rows = db.rows(witness::list(&site.venue)).await.map_err(|fault| fault.detail)?;
    let before = witness::read(&rows).map_err(|fault| fault.detail)?;
    // An old image may be of a time before there was one: the configuration says it too.
    let followed = site.has_standby || before.iter().any(|witness| witness.name == standby::DEVICE);
    let upstream = connected.then(|| app.host.side.upstream());
    let names: Vec<&str> =
        upstream.into_iter().chain(followed.then_some(standby::DEVICE)).collect();
    let waiting = app.database.commit(&witness::await_all(&site.venue, &names)).await;
    waiting.map_err(|fault| format!("{fault:?}"))
}

/// Whom this host asks: a gateway its edge, a standby its gateway, by its own key or by one of
/// their common secret.
fn other_side(site: &Site, host: &Host) -> Option<EdgeAccess> {
    let Some(url) = site.primary_url.clone() else { return site.edge.clone() };
    let device = standby::DEVICE.to_owned();
    let derived = || Credential { version: 1, secret: host.device_key(&site.venue, &device, 1) };
    let key = site.own_key.unwrap_or_else(derived);
    Some(EdgeAccess { url, device, key })
}

/// A gateway without a document opens its venue empty and learns the rest from the edge.
async fn open_venue(app: &App, site: &Site) -> Result<(), String> {
    let document = match &site.document {
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            let read: Document = serde_json::from_str(&text)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            read.check().map_err(|rejection| format!("{}: {rejection}", file.display()))?;
            if read.venue.id != site.venue {
                return Err(format!("{}: it describes another venue", file.display()));
            }
            Document { domains: Vec::new(), ..read }
        }
        None => return open_empty(app, site).await,
    };
    let db = Metered::new(app.database.clone(), u32::MAX);
    replication::open(&db, app.entropy.as_ref(), &document, site.replica.as_str(), None)
        .await
        .map_err(|problem| format!("{}: {}", problem.code, problem.detail))
}

async fn open_empty(app: &App, site: &Site) -> Result<(), String> {
    let generation = replication::new_life(app.entropy.as_ref()).map_err(|p| p.detail)?;
    let writer = sync_engine::id::Writer { replica: site.replica.clone(), generation };
    let batch = app::rows::venue::open(&site.venue, &writer, &[]);
    let database: &dyn Database = app.database.as_ref();
    database.commit(&batch).await.map_err(|fault| format!("{fault:?}"))
}

fn stop_signal() -> Result<impl Future<Output = ()>, String> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
