//! What the edge gets of what is scarce here: stock and the kitchen's slots.
//!
//! It must not know how a lease is written.

use super::{EDGE, Uplink};
use crate::{call::Here, capacity, metered::Metered, stock, undone};

impl Uplink {
    /// Gives the edge, as the life that has just answered, its part of what is scarce; where that
    /// fails it sells what it has. What was called off there is shared out again.
    pub(super) async fn share(&self, db: &Metered, here: &Here) {
        let Some(edge) = self.answered.as_ref().filter(|_| self.name() == EDGE) else { return };
        undone::tend(&self.app, db, here).await;
        if let Err(problem) = stock::share(&self.app, db, here, edge).await {
            let (code, detail) = (problem.code, &problem.detail);
            tracing::warn!(code, detail, "the edge gets its part later");
        }
    }

    /// Gives the edge its part of the kitchen's slots, as the life that answered last. Time alone
    /// brings new slots: so they go along with what is about to be told.
    pub(super) async fn share_slots(&self, db: &Metered, here: &Here) {
        let Some(edge) = self.answered.as_ref().filter(|_| self.name() == EDGE) else { return };
        if let Err(problem) = capacity::share(&self.app, db, here, edge).await {
            let (code, detail) = (problem.code, &problem.detail);
            tracing::warn!(code, detail, "the edge gets its slots later");
        }
    }
}
