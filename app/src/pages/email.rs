//! The pages to which mails about another address lead: taking it, and taking the former one back.
//!
//! A page asks once more before anything changes: programs that look at mails follow links too. It
//! must not decide.

use crate::{
    call::{Answer, Call, page},
    pages::{login::redirect, register::at_home},
    people::{code::Kind, email},
    views::{EmailView, Surface},
};

/// Asks whether the new address is to be taken.
pub async fn show(call: Call) -> Answer {
    ask(&call, Kind::Change).await
}

/// Takes the new address.
pub async fn take(call: Call) -> Answer {
    at_home(&call)?;
    email::take(&call, &call.field("code")).await?;
    Ok(redirect("/account?done=1", &[]))
}

/// Asks whether the former address is to be taken back.
pub async fn show_undo(call: Call) -> Answer {
    ask(&call, Kind::Undo).await
}

/// Takes the former address back, and leads to another password.
pub async fn undo(call: Call) -> Answer {
    at_home(&call)?;
    let link = email::undo(&call, &call.field("code")).await?;
    Ok(redirect(&link, &[]))
}

async fn ask(call: &Call, kind: Kind) -> Answer {
    at_home(call)?;
    let code = call.query("code").unwrap_or_default();
    email::check(call, kind, code).await?;
    page(&EmailView {
        shell: call.shell(Surface::Staff),
        code: code.to_owned(),
        is_undo: kind == Kind::Undo,
    })
}
