//! Hosts one Spin component in wasmtime, over SQLite files, the way Spin itself does.
//!
//! There is no `spin` program on the machines that run the tests, and the host contract suite must
//! see the real component. So this crate reads `spin.toml` (`manifest`), settles variables
//! (`variables`), lays out files (`files`), keeps outgoing requests to the listed hosts
//! (`outbound`), runs statements (`query`, `sqlite`) and answers HTTP (`instance`, `server`). It
//! knows nothing of what the component does, and it refuses what it cannot host instead of
//! pretending.
//!
//! Where Spin is lenient and that leniency has limits, this host is strict: the result of a
//! statement never arrives before its last row has been taken.

mod files;
mod instance;
mod limits;
mod manifest;
mod outbound;
mod query;
mod server;
mod sqlite;
mod variables;

pub use server::{Host, Options};
pub use variables::from_environment;

/// What Spin's interfaces look like from the host's side.
pub(crate) mod bindings {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "imports",
        imports: { default: trappable },
        with: { "spin:sqlite/sqlite.connection": crate::sqlite::Connection },
        require_store_data_send: true,
    });
}
