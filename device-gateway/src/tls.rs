//! HTTPS on this host: certificate and key from files, looked at again now and then.
//!
//! A file that went bad never takes a certificate away that served until then. It must not know how
//! the files are got, nor what is served.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::{CryptoProvider, aws_lc_rs},
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
    server::TlsStream,
};

use crate::limits;

/// Where certificate and key are; both in PEM.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    /// The certificate, and then those that lead from it to what browsers trust.
    pub(crate) certificate: PathBuf,
    /// The private key of the first.
    pub(crate) key: PathBuf,
}

impl Files {
    /// Reads both as they are now.
    ///
    /// # Errors
    /// Says which of the two is wrong, and how.
    pub(crate) fn read(&self) -> Result<Bytes, String> {
        Ok(Bytes { certificate: bytes(&self.certificate)?, key: bytes(&self.key)? })
    }
}

/// What stands in the files.
#[derive(PartialEq, Eq)]
pub(crate) struct Bytes {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Bytes {
    /// Makes what serves of it.
    ///
    /// # Errors
    /// Says what is no certificate, no key, or not the key of the certificate.
    pub(crate) fn certified(&self) -> Result<CertifiedKey, String> {
        let chain =
            CertificateDer::pem_slice_iter(&self.certificate).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| format!("the certificate cannot be read: {error}"))?;
        if chain.is_empty() {
            return Err("the certificate's file holds none".to_owned());
        }
        let key = PrivateKeyDer::from_pem_slice(&self.key);
        let key = key.map_err(|error| format!("the key cannot be read: {error}"))?;
        CertifiedKey::from_der(chain, key, &provider())
            .map_err(|error| format!("certificate and key do not belong together: {error}"))
    }
}

fn bytes(file: &Path) -> Result<Vec<u8>, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", file.display());
    let fits = std::fs::metadata(file).map_err(wrong)?.len() <= limits::PEM_BYTES;
    if !fits {
        return Err(format!("{}: this is too long for a certificate", file.display()));
    }
    std::fs::read(file).map_err(wrong)
}

/// The one that the way out uses as well.
fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}

/// What serves HTTPS now.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    shown: Arc<Shown>,
}

impl Tls {
    /// Serves what the files hold now.
    ///
    /// # Errors
    /// Says what is wrong with them.
    pub(crate) fn open(files: Files) -> Result<Self, String> {
        let read = files.read()?;
        let present = RwLock::new((Arc::new(read.certified()?), read));
        let shown = Arc::new(Shown { files, present });
        let config = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_no_client_auth();
        let mut config = config.with_cert_resolver(shown.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), shown })
    }

    /// Shakes hands.
    ///
    /// # Errors
    /// Fails when the other side does, or takes too long.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
        within: Duration,
    ) -> Result<TlsStream<TcpStream>, String> {
        match tokio::time::timeout(within, self.acceptor.accept(stream)).await {
            Ok(shaken) => shaken.map_err(|error| error.to_string()),
            Err(_) => Err("the handshake took too long".to_owned()),
        }
    }

    /// Looks at the files for ever: connections that come later get what they hold then.
    pub(crate) fn follow(&self, every: Duration) -> impl Future<Output = ()> + Send + use<> {
        let shown = self.shown.clone();
        async move {
            let mut told = String::new();
            loop {
                tokio::time::sleep(every).await;
                let shown = shown.clone();
                let looked = tokio::task::spawn_blocking(move || shown.look_again()).await;
                let reason = match looked {
                    Ok(Ok(changed)) => {
                        if changed {
                            tracing::info!("new connections get the new certificate");
                        }
                        String::new()
                    }
                    Ok(Err(reason)) => reason,
                    Err(error) => error.to_string(),
                };
                if !reason.is_empty() && reason != told {
                    tracing::warn!(reason, "the old certificate is kept");
                }
                told = reason;
            }
        }
    }
}

/// The certificate that new connections get, and what it was read from.
struct Shown {
    files: Files,
    present: RwLock<(Arc<CertifiedKey>, Bytes)>,
}

impl Shown {
    /// Takes the files' contents where they changed and are sound; tells whether it did.
    fn look_again(&self) -> Result<bool, String> {
        let read = self.files.read()?;
        if self.present.read().unwrap_or_else(PoisonError::into_inner).1 == read {
            return Ok(false);
        }
        let certified = Arc::new(read.certified()?);
        // One assignment: a panic elsewhere leaves nothing half done.
        *self.present.write().unwrap_or_else(PoisonError::into_inner) = (certified, read);
        Ok(true)
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.present.read().unwrap_or_else(PoisonError::into_inner).0.clone())
    }
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.files.fmt(f)
    }
}

#[cfg(test)]
mod tests;
