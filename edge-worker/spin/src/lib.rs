//! The application as a Spin component: configuration from variables, data in Spin's SQLite.
//!
//! Natively this crate is empty. It must not hold behaviour: ports and wiring only.
#![cfg(target_os = "wasi")]

mod outgoing;
mod ports;
mod sqlite;

use std::{
    net::SocketAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use app::{
    App,
    blobs::{Shelf, s3},
    chores,
    gate::Client,
    host::{Host, Secret, Side},
    limits::{BLOB_ROOM_BYTES, MAIL_PAUSES_MS, MAILS_AT_ONCE},
    migrations,
    openid::{self, Provider},
    outbound::{Outbound, Reach},
    outbox::{Outbox, Rung, Settings},
    ports::{Alone, Clock},
    trust::Root,
};
use axum::http::{HeaderValue, header::HOST};
use spin_sdk::{
    http::{IntoResponse, Request},
    http_service, variables,
};
use tower::Service as _;

/// The application of this instance; an instance serves many requests, also at once.
static APP: OnceLock<App> = OnceLock::new();

#[http_service]
async fn serve(mut request: Request) -> impl IntoResponse {
    // WASI keeps the host name out of the headers; the application looks for it there.
    let authority = request.uri().authority().map(|authority| authority.as_str().to_owned());
    if let Some(host) = authority.and_then(|name| HeaderValue::from_str(&name).ok()) {
        request.headers_mut().insert(HOST, host);
    }
    // The host writes this header itself, over whatever a client sent.
    let client = request.headers().get("spin-client-addr").and_then(|value| value.to_str().ok());
    if let Some(client) = client.and_then(|text| text.parse::<SocketAddr>().ok()) {
        request.extensions_mut().insert(Client(client.ip()));
    }
    match app_of_this_instance().await {
        Ok(app) => {
            let answer = app::router(app.clone()).call(request).await;
            send_mails(app);
            answer.into_response()
        }
        // An `Err` would reach the client as an empty 500.
        Err(problem) => (axum::http::StatusCode::INTERNAL_SERVER_ERROR, problem).into_response(),
    }
}

/// Sends the mails that are due, beside the answer: when one was left, and otherwise once a minute,
/// for nothing but requests wakes a component. Whoever asks for `/healthz` keeps retries going.
fn send_mails(app: App) {
    static LOOKED_MS: AtomicU64 = AtomicU64::new(0);
    let [every_ms, ..] = MAIL_PAUSES_MS;
    let now_ms = app.clock.now_ms();
    let is_time = now_ms.abs_diff(LOOKED_MS.load(Ordering::Relaxed)) >= every_ms;
    if !(bell().take() || is_time) {
        return;
    }
    LOOKED_MS.store(now_ms, Ordering::Relaxed);
    spin_sdk::wasip3::spawn(async move {
        if let Err(fault) = chores::round(&app, MAILS_AT_ONCE).await {
            tracing::error!(detail = %fault.detail, "mails wait for the store");
        }
    });
}

/// Rung where a mail is left; looked at when the request ends.
fn bell() -> Arc<Rung> {
    static BELL: OnceLock<Arc<Rung>> = OnceLock::new();
    BELL.get_or_init(Arc::default).clone()
}

/// The way out, who sends mails by it, who vouches for people, and where files are.
type WaysOut = (Arc<Outbound>, Outbox, Option<Provider>, Shelf);

async fn ways_out(reach: Reach) -> Result<WaysOut, String> {
    let mails = Settings {
        api_url: variable("relais_mail_api_url").await,
        api_key: variable("relais_mail_api_key").await,
        from: variable("relais_mail_from").await,
        link_base: variable("relais_link_base").await,
    };
    let mut outbound = Outbound::new(Arc::new(outgoing::WasiHttp), reach);
    mails.allow(&mut outbound)?;
    let openid = openid::Settings {
        issuer: variable("relais_openid_issuer").await,
        client_id: variable("relais_openid_client_id").await,
        client_secret: variable("relais_openid_client_secret").await,
        label: variable("relais_openid_label").await,
        token_origin: variable("relais_openid_token_origin").await,
    };
    let openid = openid.provider(&mut outbound, reach)?;
    let files = s3::Settings {
        url: variable("relais_s3_url").await,
        region: variable("relais_s3_region").await,
        key_id: variable("relais_s3_key_id").await,
        key: variable("relais_s3_key").await,
    };
    files.allow(&mut outbound)?;
    let outbound = Arc::new(outbound);
    let asking = (outbound.clone(), Arc::new(ports::WasiClock) as Arc<dyn Clock>);
    let shelf = files.shelf(asking, BLOB_ROOM_BYTES).unwrap_or_default();
    let outbox = mails.outbox(&outbound, bell(), reach == Reach::WithLoopback)?;
    Ok((outbound, outbox, openid, shelf))
}

async fn app_of_this_instance() -> Result<App, String> {
    if let Some(app) = APP.get() {
        return Ok(app.clone());
    }
    // Requests that arrive together may all come by here: every step can be done twice.
    let log = tracing_subscriber::fmt().without_time().with_ansi(false);
    let _ = log.with_writer(std::io::stderr).try_init();
    let database = Arc::new(sqlite::Store::default());
    let host = host().await?;
    let (outbound, outbox, openid, shelf) = ways_out(Reach::of(host.demo, host.contract)).await?;
    let app = App {
        database: database.clone(),
        clock: Arc::new(ports::WasiClock),
        entropy: Arc::new(ports::WasiEntropy),
        live: Arc::new(Alone),
        line: Arc::new(Alone),
        standby: Arc::new(Alone),
        telling: Arc::default(),
        menus: Arc::default(),
        labour: Arc::new(Alone),
        openid: openid.map(Arc::new),
        outbound,
        outbox: Arc::new(outbox),
        assets: Arc::new(ports::Files),
        blobs: Arc::new(shelf),
        host: Arc::new(host),
    };
    migrate(&database).await?;
    Ok(APP.get_or_init(|| app).clone())
}

/// Another instance may migrate at the same time: then it is done the next time we look.
async fn migrate(database: &sqlite::Store) -> Result<(), String> {
    database.prepare().await.map_err(|fault| fault.to_string())?;
    let mut last = String::new();
    for _ in 0..3 {
        match migrations::apply(database).await {
            Ok(()) => return Ok(()),
            Err(fault) => last = fault.to_string(),
        }
    }
    Err(format!("the store could not be migrated: {last}"))
}

async fn host() -> Result<Host, String> {
    let secret = variable("relais_secret").await;
    if secret.len() < Secret::BYTES_MIN {
        return Err("the variable relais_secret is missing or under 16 characters".to_owned());
    }
    let setup_code = variable("relais_setup_code").await;
    if !setup_code.is_empty() && setup_code.len() < Secret::BYTES_MIN {
        return Err("the variable relais_setup_code is set, and under 16 characters".to_owned());
    }
    Ok(Host {
        side: Side::Edge,
        ticket_origin: "W".to_owned(),
        secret: Secret::new(secret),
        is_home: true,
        shared_key: None,
        root: Root::Own {
            seed: seed("relais_root_seed").await?,
            previous: seed("relais_root_seed_previous").await?,
        },
        recovery_code: seed("relais_recovery_code").await?,
        setup_code: (!setup_code.is_empty()).then(|| Secret::new(setup_code)),
        demo: variable("relais_demo").await == "1",
        contract: variable("relais_contract").await == "1",
        secure_cookies: variable("relais_secure_cookies").await != "0",
        lan: app::lan::Lan::default(),
        message_room: sync_engine::message::Room::default(),
        reap_changes: sync_engine::limits::REAP_CHANGES,
        audit_every_ms: sync_engine::limits::AUDIT_EVERY_MS,
    })
}

/// Reads from what a root key is derived in place of the secret; nothing where it is not set.
async fn seed(name: &str) -> Result<Option<Secret>, String> {
    let seed = variable(name).await;
    if !seed.is_empty() && seed.len() < Secret::BYTES_MIN {
        return Err(format!("the variable {name} is set, and under 16 characters"));
    }
    Ok((!seed.is_empty()).then(|| Secret::new(seed)))
}

/// Reads a variable; one that is not set is empty.
async fn variable(name: &str) -> String {
    variables::get(name).await.unwrap_or_default()
}
