//! The HTTP application that every host serves.
//!
//! Hosts hand in their ports ([`host::App`]) and serve [`router`]. Everything that differs between
//! hosts is behind a port; this crate must not know on which one it runs.

pub mod host;
pub mod migrations;
pub mod ports;

pub use host::App;

/// Builds the application's routes.
pub fn router(app: App) -> axum::Router {
    axum::Router::new().with_state(app)
}
