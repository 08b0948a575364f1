//! Mails by SMTP, as a native host sends them: over TLS, except to its own machine.
//!
//! One connection a mail: a venue sends few, and no connection grows old. It must not know what
//! mails say.

use std::time::Duration;

use app::{
    limits::MAIL_MS,
    ports::{Mail, Mailer, Pending, Undelivered},
};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
        extension::ClientId,
    },
};

use crate::config::{Security, SmtpAccess};

/// A mail server.
pub(crate) struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

impl Smtp {
    /// Makes the client; nothing is connected to before there is a mail.
    ///
    /// # Errors
    /// Says what of the configuration is unfit.
    pub(crate) fn new(access: &SmtpAccess) -> Result<Self, String> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&access.host)
            .port(access.port)
            .tls(tls(access).map_err(|problem| format!("smtp_url: {problem}"))?)
            .hello_name(ClientId::Domain(access.hello.clone()))
            .timeout(Some(Duration::from_millis(MAIL_MS)));
        let transport = match &access.login {
            Some((user, password)) => {
                let password = String::from_utf8_lossy(password.expose()).into_owned();
                transport.credentials(Credentials::new(user.clone(), password))
            }
            None => transport,
        };
        Ok(Self(transport.build()))
    }

    async fn carry(&self, mail: &Mail) -> Result<(), Undelivered> {
        let message = message(mail)?;
        let limit = Duration::from_millis(MAIL_MS);
        let passing = |reason: &str| Undelivered { reason: reason.to_owned(), is_lasting: false };
        match tokio::time::timeout(limit, self.0.send(message)).await {
            Err(_) => Err(passing("timeout")),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(judge(&error)),
        }
    }
}

impl Mailer for Smtp {
    fn send<'a>(&'a self, mail: &'a Mail) -> Pending<'a, Result<(), Undelivered>> {
        Box::pin(self.carry(mail))
    }
}

fn tls(access: &SmtpAccess) -> Result<Tls, String> {
    if access.security == Security::Loopback {
        return Ok(Tls::None);
    }
    let mut parameters = TlsParameters::builder(access.host.clone());
    if let Some(file) = &access.ca {
        // Whoever names an authority trusts that one, and no other.
        parameters = parameters.certificate_store(CertificateStore::None);
        let pem = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let ca = Certificate::from_pem(&pem).map_err(|e| format!("{}: {e}", file.display()))?;
        parameters = parameters.add_root_certificate(ca);
    }
    let parameters = parameters.build().map_err(|error| error.to_string())?;
    Ok(match access.security {
        Security::StartTls => Tls::Required(parameters),
        Security::Tls | Security::Loopback => Tls::Wrapper(parameters),
    })
}

fn message(mail: &Mail) -> Result<Message, Undelivered> {
    let unfit = || Undelivered { reason: "unreadable".to_owned(), is_lasting: true };
    let address = |text: String| text.parse::<Address>().map_err(|_| unfit());
    let from = Mailbox::new(Some(mail.from_name.clone()), address(mail.from.to_string())?);
    let to = Mailbox::new(None, address(mail.to.to_string())?);
    let message = Message::builder()
        .from(from)
        .to(to)
        .subject(mail.subject.clone())
        .message_id(Some(mail.message_id()));
    let body = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
    message.multipart(body).map_err(|_| unfit())
}

/// What the server says of this mail stays so. What it says of us (530, 535) or of its own state
/// passes, or somebody mends it, and what waits goes out then.
fn judge(error: &lettre::transport::smtp::Error) -> Undelivered {
    // The log gets the code alone as well: a server's sentence may name the receiver.
    let (reason, is_lasting) = match error.status().map(u16::from) {
        Some(code) => (format!("refused_{code}"), matches!(code, 550..=554)),
        None if error.is_timeout() => ("timeout".to_owned(), false),
        None if error.is_tls() => ("tls".to_owned(), false),
        None => ("unreachable".to_owned(), false),
    };
    Undelivered { reason, is_lasting }
}
