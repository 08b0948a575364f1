//! What a technician asks of a gateway's keys: whose they are, and until when they are certified.
//!
//! It reads the store beside a gateway that runs; it must not print a secret.

use std::sync::Arc;

use app::{metered::Metered, rows::trust::load, trust::trusted};
use domain::trust::Document;
use serde_json::json;

use crate::{config::Config, print_line, serve::host, store::Store};

/// Prints the gateway's key, its certificate and whom it believes, as JSON.
pub(crate) fn print(config: &Config) -> Result<(), String> {
    let site = config.site.as_ref().ok_or("only a gateway has a certificate")?;
    let file = config.data_dir.join("relais.db");
    if !file.is_file() {
        return Err(format!("{}: this gateway was never started", file.display()));
    }
    let host = host(config);
    let store = Arc::new(Store::open(&file)?);
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let kept = runtime.block_on(load(&Metered::new(store, u32::MAX), &site.venue));
    let kept = kept.map_err(|fault| fault.detail)?;
    let key = host.signing_key(&site.venue).public();
    let own = kept.certificates.iter().map(Document::claim).find(|says| says.key == key);
    let certificate = own.map(|says| {
        json!({
            "id": says.id.to_string(),
            "until_ms": says.window.until_ms,
            "doors": says.doors,
            "purposes": says.purposes,
        })
    });
    let roots = trusted(&host, kept.roots.as_ref());
    let roots: Vec<String> = roots.iter().map(|root| root.id().to_string()).collect();
    let state = json!({"key": key.id().to_string(), "certificate": certificate, "roots": roots});
    print_line(&state.to_string());
    Ok(())
}
