//! What a host does beside requests, at its own pace: forgetting what ended, tending tables, taking
//! files away, and sending mails.
//!
//! It must not know when: a native host has a task, a Worker its cron, a Spin component the end of
//! a request.

use crate::{
    App, blobs, limits,
    metered::Metered,
    outbox::{self, Round},
    people::retention,
    ports::Fault,
    stock, tables, web_orders,
};

/// Makes a round; mails are not kept waiting by what cannot be forgotten.
///
/// # Errors
/// Fails when the database does.
pub async fn round(app: &App, mails: usize) -> Result<Round, Fault> {
    if let Err(problem) = retention::tend(app).await {
        let (code, detail) = (problem.code, &problem.detail);
        tracing::warn!(code, detail, "what ended is forgotten later");
    }
    tables::tend_all(app).await?;
    stock::give_back(app, &Metered::new(app.database.clone(), limits::SYNC_QUERIES)).await?;
    web_orders::tend(app, &Metered::new(app.database.clone(), limits::SYNC_QUERIES)).await?;
    if let Err(fault) = blobs::sweep(app, limits::BLOBS_AT_ONCE).await {
        tracing::warn!(detail = %fault.detail, "files that go are taken away later");
    }
    outbox::deliver(app, mails).await
}
