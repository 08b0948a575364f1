//! Instances of the component: compiled once, started when needed, shared by requests, dropped
//! when idle, used up or trapped. Dropping one closes its connections, which rolls back.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::Sleep;
use wasmtime::component::{Component, GuestTaskId, HasData, Linker, ResourceTable};
use wasmtime::{Config, Engine, OptLevel, RegallocAlgorithm, Store, StoreContextMut};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, Proxy, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
};
use wasmtime_wasi_http::p3::bindings::ServicePre;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::bindings::spin::{sqlite::sqlite, variables::variables};
use crate::limits::{IDLE_MS, REQUESTS_AT_ONCE_MAX, REQUESTS_PER_INSTANCE_MAX};
use crate::manifest::App;
use crate::outbound::Outbound;

/// Marks the implementation of Spin's own interfaces.
pub(crate) struct Spin;

/// What Spin's interfaces may touch of an instance.
pub(crate) struct SpinView<'a> {
    pub(crate) table: &'a mut ResourceTable,
    pub(crate) connections: &'a mut usize,
    pub(crate) app: &'a App,
}

impl HasData for Spin {
    type Data<'a> = SpinView<'a>;
}

/// All that belongs to one instance.
pub(crate) struct State {
    app: Arc<App>,
    connections: usize,
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
}

impl State {
    fn new(app: &Arc<App>) -> wasmtime::Result<Self> {
        let mut wasi = WasiCtx::builder();
        // Standard output is the host's own: there the address is announced.
        wasi.stdout(std::io::stderr()).inherit_stderr();
        wasi.preopened_dir(&app.root, "/", FsPerms::ReadOnly)?;
        for (name, value) in &app.environment {
            wasi.env(name, value);
        }
        Ok(Self {
            app: app.clone(),
            connections: 0,
            table: ResourceTable::new(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            outbound: Outbound { allowed: app.allowed.clone() },
        })
    }

    fn spin(&mut self) -> SpinView<'_> {
        SpinView { table: &mut self.table, connections: &mut self.connections, app: &self.app }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.outbound, table: &mut self.table, ctx: &mut self.http }
    }
}

/// The compiled component with its imports settled.
pub(crate) struct Compiled {
    engine: Engine,
    service: ServicePre<State>,
    app: Arc<App>,
}

impl Compiled {
    pub(crate) fn new(component: &Path, app: App) -> wasmtime::Result<Self> {
        let mut config = Config::new();
        config.wasm_component_model_async(true);
        // A test host is started often and never runs for long: quick to compile beats quick code.
        config.cranelift_opt_level(OptLevel::None);
        config.cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
        let engine = Engine::new(&config)?;
        let component = Component::from_file(&engine, component)?;
        let mut linker = Linker::<State>::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
        sqlite::add_to_linker::<_, Spin>(&mut linker, State::spin)?;
        variables::add_to_linker::<_, Spin>(&mut linker, State::spin)?;
        let service = ServicePre::new(linker.instantiate_pre(&component)?)?;
        Ok(Self { engine, service, app: Arc::new(app) })
    }
}

impl HandlerState for Compiled {
    type StoreData = State;
    type WorkerExpiration = IdleTimer;
    type WorkerState = Worker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<State, IdleTimer, Worker>> {
        let mut store = Store::new(&self.engine, State::new(&self.app)?);
        let service = self.service.instantiate_async(&mut store).await?;
        Ok(Instance {
            store,
            proxy: Proxy::P3(service),
            view: State::http,
            expiration: IdleTimer { since: None, sleep: None },
            state: Worker,
        })
    }
}

/// Decides how much work one instance takes on.
pub(crate) struct Worker;

impl WorkerState for Worker {
    type StoreData = State;
    type RequestData = ();

    fn should_accept_request(&self, at_once: usize, in_all: usize) -> ShouldAccept {
        if in_all >= REQUESTS_PER_INSTANCE_MAX {
            ShouldAccept::Never
        } else if at_once >= REQUESTS_AT_ONCE_MAX {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    /// No request expires, as in Spin by default: not even when its client has gone away.
    fn on_request_start(
        &self,
        _store: StoreContextMut<'_, State>,
        (): (),
        _task: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + 'static + Send + Sync>> {
        Box::pin(std::future::pending())
    }

    fn drop(&self, store: Store<State>, result: wasmtime::Result<()>) {
        if let Err(error) = result {
            eprintln!("spin-host: the instance is gone: {error:?}");
        }
        drop(store);
    }
}

/// Ends an instance that has had nothing to do for a while.
pub(crate) struct IdleTimer {
    since: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl WorkerExpiration for IdleTimer {
    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        status: WorkerStatus,
        start: Instant,
    ) -> Poll<()> {
        if status != WorkerStatus::Idle {
            return Poll::Pending;
        }
        if self.since != Some(start) {
            let end = start + Duration::from_millis(IDLE_MS);
            self.since = Some(start);
            self.sleep = Some(Box::pin(tokio::time::sleep_until(end.into())));
        }
        self.sleep.as_mut().map_or(Poll::Pending, |sleep| sleep.as_mut().poll(cx))
    }
}
