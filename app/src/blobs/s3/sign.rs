//! Signatures of requests as AWS's fourth version wants them, in a header.
//!
//! Pure: the time is handed in. It must not know what is asked.

use sha2::{Digest, Sha256};
use sync_engine::seal::{hex, mac};

use crate::host::Secret;

const WAY: &str = "AWS4-HMAC-SHA256";
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Who signs, and where that counts.
pub(super) struct Signer {
    pub(super) key_id: String,
    pub(super) key: Secret,
    pub(super) region: String,
    pub(super) service: &'static str,
}

/// What of a request is signed.
pub(super) struct ToSign<'a> {
    pub(super) method: &'a str,
    /// Escaped already.
    pub(super) path: &'a str,
    /// Escaped and sorted already.
    pub(super) query: &'a str,
    /// Names in lower case, in their order.
    pub(super) headers: Vec<(&'static str, String)>,
    /// The SHA-256 of the body.
    pub(super) content: &'a str,
}

/// When it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    /// `20261121`.
    pub(super) day: String,
    /// `20261121T143200Z`.
    pub(super) time: String,
}

impl Stamp {
    /// Writes a time in UTC.
    pub(super) fn of(now_ms: u64) -> Self {
        let (year, month, day) = date(now_ms / DAY_MS);
        let seconds = now_ms % DAY_MS / 1_000;
        let day = format!("{year:04}{month:02}{day:02}");
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
        let time = format!("{day}T{hours:02}{minutes:02}{:02}Z", seconds % 60);
        Self { day, time }
    }
}

/// Counts days since 1970 off, year by year and month by month: there are few of them.
fn date(mut days: u64) -> (u64, u64, u64) {
    let leaps = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    loop {
        let length = 365 + u64::from(leaps(year));
        if days < length || year == 9_999 {
            break;
        }
        days -= length;
        year += 1;
    }
    let february = 28 + u64::from(leaps(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

impl Signer {
    /// Returns what stands under `authorization`.
    pub(super) fn authorization(&self, request: &ToSign<'_>, stamp: &Stamp) -> String {
        let names: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines: String = request.headers.iter().map(|(n, v)| format!("{n}:{v}\n")).collect();
        let canonical = format!(
            "{}\n{}\n{}\n{lines}\n{names}\n{}",
            request.method, request.path, request.query, request.content
        );
        let scope = format!("{}/{}/{}/aws4_request", stamp.day, self.region, self.service);
        let digest = hex(&Sha256::digest(canonical.as_bytes()));
        let text = format!("{WAY}\n{}\n{scope}\n{digest}", stamp.time);
        let first = [b"AWS4", self.key.expose()].concat();
        let parts = [stamp.day.as_str(), &self.region, self.service, "aws4_request"];
        let key = parts.iter().fold(first, |key, part| mac(&key, part.as_bytes()).to_vec());
        let signature = hex(&mac(&key, text.as_bytes()));
        let by = &self.key_id;
        format!("{WAY} Credential={by}/{scope}, SignedHeaders={names}, Signature={signature}")
    }
}
