//! Leases for suites: until a handler spends them, this is what sells something exclusive.
//!
//! It exists only where the host was started for a suite, as the SQL cases do.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json as value;
use sync_engine::lease::{Issue, Spend, Standing};

use crate::{
    call::{Answer, Call, json},
    leases::Desk,
    problem::Problem,
};

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Wanted {
    /// Issues a part of a right of this store to itself.
    Issue { right: String, amount: i64, total: i64 },
    /// Spends from a lease.
    Spend { lease: String, key: String, amount: i64 },
    /// Gives back what is left.
    GiveBack { lease: String },
    /// Does nothing, and tells how the standby follows.
    Look,
}

/// Does what is wanted, and tells how the standby follows.
pub async fn run(call: Call) -> Answer {
    if !call.app.host.contract {
        return Err(Problem::not_found());
    }
    let here = call.here()?;
    let desk = Desk::open(&call.app, &call.db, here).await?;
    let lease = match call.json()? {
        Wanted::Issue { right, amount, total } => {
            let holder = here.writer.clone();
            Some(desk.issue(&Issue { right, amount, total, holder }).await?)
        }
        Wanted::Spend { lease, key, amount } => {
            desk.spend(&Spend { lease, key, amount }).await?;
            None
        }
        Wanted::GiveBack { lease } => {
            desk.give_back(&lease).await?;
            None
        }
        Wanted::Look => None,
    };
    let is_confirmed = desk.standing == Standing::Confirmed;
    let standby = call.app.standby.follows();
    json(
        StatusCode::OK,
        &value!({"lease": lease, "standby": standby, "is_confirmed": is_confirmed}),
    )
}
