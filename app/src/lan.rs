//! The venue's own network: by which name its gateway is reached there, and where its public site
//! is. It must not know what is carried between the two.

use domain::lan::LanOrigin;

/// What a gateway's configuration says of both.
#[derive(Debug, Clone, Default)]
pub struct Lan {
    /// Under which origin people on site reach this gateway over HTTPS.
    pub origin: Option<LanOrigin>,
    /// Where the venue's public site is, without a path; accounts are at home there.
    pub public_url: Option<String>,
}
