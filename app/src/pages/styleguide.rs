//! The style guide, in demo mode.

use crate::{
    call::{Answer, Call, page},
    views::{StyleguideView, Surface},
};

/// Shows every component in every finished skin and state.
pub async fn show(call: Call) -> Answer {
    page(&StyleguideView { shell: call.shell(Surface::Staff) })
}
