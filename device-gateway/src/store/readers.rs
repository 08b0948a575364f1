//! The connections that read, and what they remember.
//!
//! A question that was answered since the last commit is answered from memory, without a thread.
//! It must not write.

use std::sync::{
    Arc, Mutex,
    mpsc::{self, Receiver, SyncSender},
};

use app::ports::{Fault, Row};
use rusqlite::Connection;
use sync_engine::statement::Statement;
use tokio::sync::oneshot;

use super::{
    busy,
    faults::fault,
    memory::Memory,
    named,
    values::{bind, json},
};
use crate::limits;

type Answer = oneshot::Sender<Result<Vec<Vec<Row>>, Fault>>;

/// The readers of a store.
pub(super) struct Readers {
    queue: SyncSender<(Vec<Statement>, Answer)>,
    memory: Memory,
}

impl Readers {
    /// Starts the threads, each on a connection of its own.
    ///
    /// # Errors
    /// Fails when a connection cannot be had.
    pub(super) fn start(connect: impl Fn() -> Result<Connection, String>) -> Result<Self, String> {
        let (queue, waiting) = mpsc::sync_channel(limits::READ_QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..limits::READERS {
            let (reader, waiting) = (connect()?, Arc::clone(&waiting));
            named("store-reader", move || read_loop(&reader, &waiting))?;
        }
        Ok(Self { queue, memory: Memory::new(connect()?) })
    }

    /// Answers questions, all of them from one moment.
    pub(super) async fn read(&self, queries: &[Statement]) -> Result<Vec<Vec<Row>>, Fault> {
        let (seen, known) = self.memory.find(queries);
        if let Some(known) = known {
            return Ok(known);
        }
        let (answer, answered) = oneshot::channel();
        self.queue.try_send((queries.to_vec(), answer)).map_err(|e| busy(&e))?;
        let found = answered.await.map_err(|_| Fault::lasting("a reader is gone"))??;
        if let Some(seen) = seen {
            self.memory.keep(seen, queries, &found);
        }
        Ok(found)
    }

    /// Forgets what was read.
    pub(super) fn forget(&self) {
        self.memory.forget();
    }
}

fn read_loop(reader: &Connection, queue: &Mutex<Receiver<(Vec<Statement>, Answer)>>) {
    loop {
        let next = match queue.lock() {
            Ok(queue) => queue.recv(),
            Err(_) => return,
        };
        let Ok((queries, answer)) = next else { return };
        // Whoever asked may have gone; there is nobody else to tell.
        let _ = answer.send(read(reader, &queries));
    }
}

fn read(reader: &Connection, queries: &[Statement]) -> Result<Vec<Vec<Row>>, Fault> {
    let transaction = reader.unchecked_transaction().map_err(|error| fault(&error))?;
    let found = queries.iter().map(|query| rows(&transaction, query)).collect();
    // Nothing was written: how the transaction ends cannot matter.
    drop(transaction);
    found
}

fn rows(connection: &Connection, query: &Statement) -> Result<Vec<Row>, Fault> {
    let mut prepared = connection.prepare_cached(&query.sql).map_err(|error| fault(&error))?;
    let names: Vec<String> = prepared.column_names().map(str::to_owned).collect();
    let params = rusqlite::params_from_iter(query.params.iter().map(bind));
    let mut cursor = prepared.query(params).map_err(|error| fault(&error))?;
    let mut found = Vec::new();
    while let Some(row) = cursor.next().map_err(|error| fault(&error))? {
        let mut values = Row::new();
        for (index, name) in names.iter().enumerate() {
            let value = row.get_ref(index).map_err(|error| fault(&error))?;
            values.insert(name.clone(), json(value)?);
        }
        found.push(values);
    }
    Ok(found)
}
