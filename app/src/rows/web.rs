//! Reading how a venue takes orders from the web, and when its gateway was heard. It must not
//! decide whether it takes any.

use domain::venue::web::{Heard, Pause, Web};
use sync_engine::{id::VenueId, statement::Statement};

use crate::{
    api::setup::GATEWAY,
    metered::Metered,
    ports::Fault,
    rows::{integer, json, text},
};

/// Whoever speaks for the house is its gateway, or the standby that took its place. What signed a
/// moment ago is known to the millisecond, and longer ago to the minute.
const SQL: &str = "SELECT coalesce(v.web, 'null') AS web, coalesce(p.until_ms, 0) AS until_ms, \
     coalesce(p.reason, '') AS reason, \
     max((SELECT coalesce(max(n.at_ms), 0) FROM request_nonce n WHERE n.device IN (?2, ?3)), \
     (SELECT coalesce(max(c.at_ms), 0) FROM device_contact c WHERE c.venue = l.venue \
     AND c.device IN ('gateway', 'standby'))) AS heard_ms, \
     EXISTS (SELECT 1 FROM peer_vector k WHERE k.stream >= l.venue || '/' \
     AND k.stream < l.venue || '0' AND k.peer = ?4) AS known \
     FROM local_venue l LEFT JOIN venue v ON v.venue = l.venue AND v.id = l.venue \
     LEFT JOIN web_pause p ON p.venue = l.venue AND p.id = l.venue WHERE l.venue = ?1";

/// What decides whether the web takes orders.
#[derive(Debug, Clone)]
pub struct Found {
    /// The venue's settings.
    pub web: Web,
    /// What staff said.
    pub pause: Pause,
    /// When the gateway was heard here.
    pub heard: Heard,
}

/// Loads it; settings that cannot be read are the usual ones.
///
/// # Errors
/// Fails when the database does.
pub async fn load(db: &Metered, venue: &VenueId) -> Result<Found, Fault> {
    let params = vec![
        venue.as_str().into(),
        format!("{venue}/{GATEWAY}").into(),
        format!("{venue}/standby").into(),
        GATEWAY.into(),
    ];
    let rows = db.rows(Statement::new(SQL, params)).await?;
    let Some(row) = rows.first() else {
        let (web, pause) = (Web::default(), Pause::default());
        return Ok(Found { web, pause, heard: Heard::Nobody });
    };
    let heard_ms = integer(row, "heard_ms")?.unsigned_abs();
    let is_known = integer(row, "known")? != 0;
    let reason = text(row, "reason")?;
    Ok(Found {
        web: json::<Option<Web>>(row, "web").ok().flatten().unwrap_or_default(),
        pause: Pause { until_ms: integer(row, "until_ms")?.unsigned_abs(), reason },
        heard: match (heard_ms, is_known) {
            (0, false) => Heard::Nobody,
            (0, true) => Heard::LongAgo,
            (at_ms, _) => Heard::At(at_ms),
        },
    })
}
