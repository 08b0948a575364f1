//! The HTTP application that every host serves.
//!
//! Hosts hand in their ports ([`host::App`]) and serve [`router`]. Everything that differs between
//! hosts is behind a port; this crate must not know on which one it runs.

pub mod api;
pub mod audit;
pub mod blobs;
pub mod call;
pub mod capacity;
pub mod chores;
pub mod closing;
pub mod csrf;
pub mod csv;
pub mod customer;
pub mod delivering;
pub mod device;
pub mod gate;
pub mod history;
pub mod host;
pub mod known;
pub mod lan;
pub mod leases;
pub mod limits;
pub mod live;
pub mod locale;
pub mod loyalty;
pub mod mail;
pub mod menu;
pub mod metered;
pub mod migrations;
pub mod once;
pub mod openid;
pub mod outbound;
pub mod outbox;
pub mod own_orders;
pub mod pages;
pub mod people;
pub mod picture;
pub mod ports;
pub mod printing;
pub mod problem;
pub mod qr;
pub mod rate;
pub mod replication;
pub mod routes;
pub mod rows;
pub mod session;
pub mod slip;
pub mod standby;
pub mod stock;
pub mod sync_status;
pub mod tables;
pub mod terms;
pub mod time;
pub mod transport;
pub mod trust;
pub mod undone;
pub mod uplink;
pub mod views;
pub mod web_orders;
pub mod witness;

pub use host::App;
pub use routes::router;
