//! The uplink's part in hand-overs: tells the edge under which name people on site reach this
//! gateway. It must not know what the edge does with it.

use super::Uplink;
use crate::{api::lan::Told, host::Side, limits::LAN_TOLD_EVERY_MS};

const PATH: &str = "/api/lan";

impl Uplink {
    /// Tells the name, where there is one: after a start, and now and then, for the edge may have
    /// been put back meanwhile. Tells whether it did.
    ///
    /// # Errors
    /// Says what went wrong, for the log; it is tried again an hour later.
    pub async fn tell_lan(&mut self) -> Result<bool, String> {
        let is_gateway = matches!(self.app.host.side, Side::Gateway(_));
        let Some(origin) = self.app.host.lan.origin.as_ref().filter(|_| is_gateway) else {
            return Ok(false);
        };
        let now_ms = self.app.clock.now_ms();
        if now_ms.abs_diff(self.lan_told_ms) < LAN_TOLD_EVERY_MS {
            return Ok(false);
        }
        self.lan_told_ms = now_ms;
        let told = Told { origin: origin.as_str().to_owned() };
        let body = serde_json::to_vec(&told).map_err(|error| error.to_string())?;
        let answer = self.post((PATH, "application/json"), body).await?;
        if answer.status != 200 {
            return Err(self.refused(&answer));
        }
        tracing::info!(origin = told.origin, "the edge knows this gateway's name on site");
        Ok(true)
    }
}
