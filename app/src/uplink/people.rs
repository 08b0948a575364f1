//! The uplink's part in people's keys: asks for those that are lacking here.
//!
//! It must not know whose they are, nor what they open.

use super::{Uplink, said};
use crate::{
    api::person_keys::{self, Asked, Given},
    metered::Metered,
};

impl Uplink {
    /// Fetches the keys of people whose names came without them. A key that the other side has not
    /// either is asked for again when somebody else comes.
    pub(super) async fn fetch_person_keys(&mut self, db: &Metered) -> Result<(), String> {
        let lacking = person_keys::lacking(db, &self.venue).await.map_err(|f| f.detail)?;
        if lacking.is_empty() || lacking == self.keys_asked {
            return Ok(());
        }
        let asked = Asked { persons: lacking.clone() };
        let body = serde_json::to_vec(&asked).map_err(|error| error.to_string())?;
        let answer = self.post((person_keys::PATH, "application/json"), body).await?;
        match answer.status {
            200 => {}
            // An older build knows nobody's keys.
            404 => {
                self.keys_asked = lacking;
                return Ok(());
            }
            _ => return Err(self.refused(&answer)),
        }
        let given: Given =
            serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
        let (host, entropy) = (&self.app.host, self.app.entropy.as_ref());
        let batch =
            person_keys::taken(host, entropy, (&self.edge.key.secret, &given)).map_err(said)?;
        db.commit(&batch).await.map_err(|fault| format!("{fault:?}"))?;
        self.keys_asked = lacking;
        Ok(())
    }
}
