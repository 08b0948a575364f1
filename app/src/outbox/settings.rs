//! How a stateless host sends mails: by a mail service, from variables; and the bell that it looks
//! at after each request.
//!
//! It must not know how variables are read.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use domain::people::address::Address;

use super::{Links, Outbox, Post};
use crate::{
    host::Secret,
    mail::MailApi,
    outbound::{Errand, Outbound},
    ports::Bell,
};

/// What the variables say; each may be empty.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where the mail service takes mails.
    pub api_url: String,
    /// The key that it knows us by.
    pub api_key: String,
    /// The sender's address.
    pub from: String,
    /// What stands before a path in a mail.
    pub link_base: String,
}

impl Settings {
    /// Lets mails out to the service.
    ///
    /// # Errors
    /// Says what is wrong with its address.
    pub fn allow(&self, outbound: &mut Outbound) -> Result<(), String> {
        if self.api_url.is_empty() {
            return Ok(());
        }
        let allowed = outbound.allow(Errand::Mail, &self.api_url);
        allowed.map_err(|problem| format!("the mail service's address: {problem}"))
    }

    /// Makes the outbox.
    ///
    /// # Errors
    /// Says what is missing or unfit.
    pub fn outbox(
        self,
        outbound: &Arc<Outbound>,
        bell: Arc<dyn Bell>,
        demo: bool,
    ) -> Result<Outbox, String> {
        let links = match self.link_base.as_str() {
            "" => Links::default(),
            text => {
                Links::parse(text, demo).map_err(|why| format!("what links begin with: {why}"))?
            }
        };
        if self.api_url.is_empty() {
            return Ok(Outbox::new(None, bell, links));
        }
        if self.api_key.is_empty() {
            return Err("the mail service's key is missing".to_owned());
        }
        let from = Address::parse(&self.from);
        let from = from.map_err(|_| "the sender of mails is missing or no address")?;
        let key = Secret::new(self.api_key);
        let mailer = Arc::new(MailApi::new(outbound.clone(), self.api_url, key));
        Ok(Outbox::new(Some(Post { mailer, from }), bell, links))
    }
}

/// A bell that nobody hears at once: whoever ends a request looks at it.
#[derive(Debug, Default)]
pub struct Rung(AtomicBool);

impl Rung {
    /// Tells whether somebody rang since the last look.
    pub fn take(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }
}

impl Bell for Rung {
    fn ring(&self) {
        self.0.store(true, Ordering::Release);
    }
}
