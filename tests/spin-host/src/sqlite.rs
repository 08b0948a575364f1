//! Spin's SQLite interface as the guest calls it: connections by label, rows as a stream.
//!
//! Which labels exist is the manifest's business, what a statement does is `query`'s.

use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use wasmtime::StoreContextMut;
use wasmtime::component::{
    Accessor, Destination, FutureReader, Resource, StreamProducer, StreamReader, StreamResult,
    VecBuffer,
};

use crate::bindings::spin::sqlite::sqlite::{
    Error, Host, HostConnection, HostConnectionWithStore, RowResult, Value,
};
use crate::instance::{Spin, SpinView};
use crate::limits::{BUSY_TIMEOUT_MS, CONNECTIONS_MAX, ROWS_QUEUED_MAX};
use crate::query::{self, Shared};

/// A guest's handle on a connection of its own; dropping the last one rolls back and closes.
#[expect(unreachable_pub, reason = "the generated bindings export it again")]
pub struct Connection(Shared);

type Rows = (Vec<String>, StreamReader<RowResult>, FutureReader<Result<(), Error>>);

impl Host for SpinView<'_> {}

impl HostConnection for SpinView<'_> {
    fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        *self.connections = self.connections.saturating_sub(1);
        Ok(())
    }
}

impl<T: Send> HostConnectionWithStore<T> for Spin {
    async fn open_async(
        accessor: &Accessor<T, Self>,
        database: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let path = accessor.with(|mut access| {
            let view = access.get();
            if *view.connections >= CONNECTIONS_MAX {
                return Err(Error::Io("too many connections opened".to_owned()));
            }
            view.app.databases.get(&database).cloned().ok_or(Error::AccessDenied)
        });
        let opened = match path {
            Ok(path) => spawn_blocking(move || open(&path)).await?,
            Err(refused) => Err(refused),
        };
        match opened {
            Err(error) => Ok(Err(error)),
            Ok(connection) => accessor.with(|mut access| {
                let view = access.get();
                *view.connections += 1;
                let shared = Arc::new(Mutex::new(connection));
                Ok(Ok(view.table.push(Connection(shared))?))
            }),
        }
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<Rows, Error>> {
        let running = query::start(shared(accessor, &connection)?, statement, parameters).await;
        accessor.with(|mut access| {
            let rows = StreamReader::new(&mut access, RowProducer(running.rows))?;
            let outcome = FutureReader::new(&mut access, running.outcome)?;
            Ok(Ok((running.columns, rows, outcome)))
        })
    }

    async fn last_insert_rowid_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        let shared = shared(accessor, &connection)?;
        Ok(spawn_blocking(move || query::lock(&shared).last_insert_rowid()).await?)
    }

    async fn changes_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<u64> {
        let shared = shared(accessor, &connection)?;
        Ok(spawn_blocking(move || query::lock(&shared).changes()).await?)
    }
}

fn open(path: &Path) -> Result<rusqlite::Connection, Error> {
    let connection = rusqlite::Connection::open(path);
    let ready = connection.and_then(|connection| {
        connection.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
        Ok(connection)
    });
    ready.map_err(|error| Error::Io(error.to_string()))
}

fn shared<T: Send>(
    accessor: &Accessor<T, Spin>,
    connection: &Resource<Connection>,
) -> wasmtime::Result<Shared> {
    accessor.with(|mut access| Ok(access.get().table.get(connection)?.0.clone()))
}

/// Feeds the guest's row stream, as many rows at a time as the guest has room for.
struct RowProducer(mpsc::Receiver<RowResult>);

impl<D> StreamProducer<D> for RowProducer {
    type Item = RowResult;
    type Buffer = VecBuffer<RowResult>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, Self::Item, Self::Buffer>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let room = destination.remaining(store).unwrap_or(ROWS_QUEUED_MAX);
        if room == 0 {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        let mut taken = Vec::new();
        match self.0.poll_recv_many(cx, &mut taken, room.min(ROWS_QUEUED_MAX)) {
            Poll::Ready(0) => Poll::Ready(Ok(StreamResult::Dropped)),
            Poll::Ready(_) => {
                destination.set_buffer(taken.into());
                Poll::Ready(Ok(StreamResult::Completed))
            }
            Poll::Pending if finish => Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => Poll::Pending,
        }
    }
}
