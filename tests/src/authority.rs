//! A certificate authority for suites, made anew each time and believed by nobody else.
//!
//! Suites of other crates include this file by its path. It must not know who serves with what it
//! certifies.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    PublicKeyData as _,
};

/// What can go wrong while a certificate is made.
pub type Error = rcgen::Error;

/// The authority; its key lives as long as this value.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    root: String,
}

/// A certificate and its key, both in PEM.
pub struct Certified {
    /// The certificate.
    pub certificate: String,
    /// The private key.
    pub key: String,
    /// The public key, as certificates hold it.
    pub public_key: Vec<u8>,
}

impl Authority {
    /// Makes an authority.
    ///
    /// # Errors
    /// Fails when there is no randomness.
    pub fn new() -> Result<Self, Error> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = named("Relais test authority");
        let key = KeyPair::generate()?;
        let root = params.self_signed(&key)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), root })
    }

    /// Returns its own certificate, in PEM: what a client believes.
    #[must_use]
    pub fn root(&self) -> &str {
        &self.root
    }

    /// Certifies names and addresses for a key that nobody had before.
    ///
    /// # Errors
    /// Fails when one of them is neither.
    pub fn certify(&self, names: &[&str]) -> Result<Certified, Error> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name = named("Relais test host");
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        let public_key = key.subject_public_key_info();
        Ok(Certified { certificate, key: key.serialize_pem(), public_key })
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}
