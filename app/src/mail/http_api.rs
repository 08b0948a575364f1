//! Mails by a mail service's HTTP API, through the one way out; where there is no SMTP.
//!
//! `POST` of `{"from": "Name <address>", "to": ["address"], "subject", "text", "html", "headers":
//! {"Message-ID"}}` with the key as bearer and the mail's id as `idempotency-key`; any 2xx is a
//! yes. Services with another shape want a small relay in front. It must not know what mails say.

use std::sync::Arc;

use serde_json::json;

use crate::{
    host::Secret,
    limits,
    outbound::{Errand, Outbound},
    ports::{Fault, Incoming, Mail, Mailer, Method, Outgoing, Pending, Undelivered, Wanted},
};

/// A mail service.
pub struct MailApi {
    outbound: Arc<Outbound>,
    url: String,
    key: Secret,
}

impl MailApi {
    /// Sends by this service; the way out must allow its origin for mails.
    #[must_use]
    pub const fn new(outbound: Arc<Outbound>, url: String, key: Secret) -> Self {
        Self { outbound, url, key }
    }

    fn request(&self, mail: &Mail) -> Outgoing {
        let body = json!({
            "from": format!("\"{}\" <{}>", mail.from_name, mail.from),
            "to": [mail.to.to_string()],
            "subject": mail.subject,
            "text": mail.text,
            "html": mail.html,
            "headers": {"Message-ID": mail.message_id()},
        });
        Outgoing {
            method: Method::Post,
            url: self.url.clone(),
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("accept", "application/json".to_owned()),
                ("authorization", format!("Bearer {}", String::from_utf8_lossy(self.key.expose()))),
                ("idempotency-key", mail.id.clone()),
            ],
            body: body.to_string().into_bytes(),
            wanted: Wanted {
                headers: &[],
                body_bytes: limits::MAIL_ANSWER_BYTES,
                within_ms: limits::MAIL_MS,
            },
        }
    }
}

impl Mailer for MailApi {
    fn send<'a>(&'a self, mail: &'a Mail) -> Pending<'a, Result<(), Undelivered>> {
        Box::pin(async move { judge(self.outbound.send(Errand::Mail, self.request(mail)).await) })
    }
}

/// What is wrong with the mail itself stays wrong. What is wrong with the key, the address of the
/// service or the configuration is mended by somebody, and what waits goes out then.
fn judge(answer: Result<Incoming, Fault>) -> Result<(), Undelivered> {
    match answer {
        Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
        Ok(answer) => Err(Undelivered {
            reason: format!("status_{}", answer.status),
            is_lasting: matches!(answer.status, 400 | 413 | 422),
        }),
        Err(fault) => {
            tracing::warn!(detail = %fault.detail, "the mail service does not answer");
            Err(Undelivered { reason: "unreachable".to_owned(), is_lasting: false })
        }
    }
}
