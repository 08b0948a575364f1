//! The application on Cloudflare Workers with D1.
//!
//! Owns what the runtime calls: requests and the cron. Everything that is about the business is in
//! `app` and `domain`; everything that is about D1 is in [`d1`].

pub mod d1;

mod cast;
mod config;
mod exchange;
mod fetch;
mod live;
mod ports;
mod r2;
mod room;

use std::sync::Arc;

use app::{App, chores, limits::MAILS_AT_ONCE, live::Seat, ports::CommitFault};
use sync_engine::statement::Statement;
use tower::ServiceExt as _;
use worker::{
    Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, console_error, event,
};

/// How long the nonces of signed requests are kept: longer than their tolerance.
const NONCE_KEPT_MS: i64 = 600_000;

/// Answers one request.
#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    let Some(incoming) = exchange::incoming(request).await? else {
        return plain("This address cannot be read.", 400);
    };
    let made = match config::application(&env) {
        Ok(made) => made,
        Err(problems) => {
            console_error!("configuration: {problems}");
            return plain(&format!("This edge is not set up.\n{problems}"), 500);
        }
    };
    let nudges = Arc::new(live::Nudges::new(config::takes_sockets(&env)));
    let app = App { live: nudges.clone(), ..made.app };
    let answer = match app::router(app.clone()).oneshot(incoming).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    nudges.send(&env, &context);
    if made.bell.take() {
        context.wait_until(send_mails(app));
    }
    match answer.extensions().get::<Seat>().cloned() {
        Some(seat) => live::seat(&env, &seat, answer).await,
        None => exchange::outgoing(answer).await,
    }
}

/// Answers where the application cannot: without its error pages and their languages.
fn plain(text: &str, status: u16) -> Result<Response> {
    let answer = Response::error(text, status)?;
    let headers = answer.headers();
    headers.set("content-type", "text/plain; charset=utf-8")?;
    headers.set("cache-control", "no-store")?;
    headers.set("x-content-type-options", "nosniff")?;
    Ok(answer)
}

/// Sends the mails that are due; what fails waits for the next cron.
async fn send_mails(app: App) {
    if let Err(fault) = chores::round(&app, MAILS_AT_ONCE).await {
        console_error!("mails wait for the store: {fault}");
    }
}

/// Clears away what has expired, and sends the mails that wait.
#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    let app = match config::application(&env) {
        Ok(made) => made.app,
        Err(problems) => return console_error!("cron: configuration: {problems}"),
    };
    // Exact: milliseconds since 1970 are far below 2^53.
    let before_ms = event.schedule() as i64 - NONCE_KEPT_MS;
    let sql = "DELETE FROM request_nonce WHERE at_ms < ?1";
    match app.database.commit(&[Statement::new(sql, vec![before_ms.into()])]).await {
        Ok(()) => {}
        Err(CommitFault::Conflict) => console_error!("cron: nonces are held by something else"),
        Err(CommitFault::Fault(fault)) => console_error!("cron: nonces stay: {fault}"),
    }
    send_mails(app).await;
}
