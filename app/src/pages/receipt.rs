//! The button on an order's page that prints its receipt, once.

use crate::{
    call::{Answer, Call},
    pages::login::redirect,
    printing::{self, By},
};

/// Prints it, and leads back to the order's page.
pub async fn print(call: Call) -> Answer {
    let id = call.param("id")?.to_owned();
    printing::order(&call, (&id, "receipt"), By::Customer).await?;
    let kiosk = if call.field("kiosk").is_empty() { "" } else { "&kiosk" };
    Ok(redirect(&format!("/orders/{id}?printed{kiosk}"), &[]))
}
