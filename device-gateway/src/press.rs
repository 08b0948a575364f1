//! Printers on the venue's network: one connection a strip, and who works for which printer.
//!
//! A printer is one at a time; a slow or absent one keeps nobody else waiting. It must not know
//! what is printed.

use std::{
    collections::BTreeSet,
    net::SocketAddrV4,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use app::{
    App,
    ports::{Pending, Press, Unprinted},
    printing::Spool,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{MissedTickBehavior, interval, timeout},
};

const CONNECT: Duration = Duration::from_secs(3);
const WRITE: Duration = Duration::from_secs(20);
const ANSWER: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_secs(1);
const FORGET_EVERY: u32 = 3_600;
/// "Tell the state of the paper": a printer answers once it has worked off what came before.
const ASK: [u8; 3] = [0x1d, b'r', 1];

/// Prints over TCP.
#[derive(Debug, Clone, Copy, Default)]
pub struct Network;

impl Press for Network {
    fn print(
        &self,
        at: SocketAddrV4,
        strip: Vec<u8>,
        answers: bool,
    ) -> Pending<'_, Result<(), Unprinted>> {
        Box::pin(send(at, strip, answers))
    }
}

async fn send(at: SocketAddrV4, strip: Vec<u8>, answers: bool) -> Result<(), Unprinted> {
    let not_reached = |why: String| Unprinted::NotReached(why);
    let connected = timeout(CONNECT, TcpStream::connect(at)).await;
    let connected = connected.map_err(|_| not_reached("no answer in time".to_owned()))?;
    let mut line = connected.map_err(|error| not_reached(error.to_string()))?;
    // From here on some of it may be on paper.
    let unclear = |why: String| Unprinted::Unclear(why);
    let written = timeout(WRITE, async {
        line.write_all(&strip).await?;
        if answers {
            line.write_all(&ASK).await?;
        }
        line.flush().await
    });
    let written = written.await.map_err(|_| unclear("it takes nothing".to_owned()))?;
    written.map_err(|error| unclear(error.to_string()))?;
    if !answers {
        return line.shutdown().await.map_err(|error| unclear(error.to_string()));
    }
    let mut said = [0];
    match timeout(ANSWER, line.read_exact(&mut said)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(unclear(error.to_string())),
        Err(_) => Err(unclear("it did not say that it printed".to_owned())),
    }
}

/// Prints until the process ends.
pub(crate) async fn run(app: App) {
    let busy: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut count = 0_u32;
    loop {
        ticks.tick().await;
        let Some(spool) = Spool::of(&app) else { return };
        if count.is_multiple_of(FORGET_EVERY)
            && let Err(fault) = spool.forget().await
        {
            tracing::warn!(detail = %fault.detail, "what was printed is forgotten later");
        }
        count = count.wrapping_add(1);
        let due = match spool.look().await {
            Ok(due) => due,
            Err(fault) => {
                tracing::warn!(detail = %fault.detail, "printers wait for the store");
                continue;
            }
        };
        for printer in due {
            if held(&busy).insert(printer.clone()) {
                tokio::spawn(work(app.clone(), busy.clone(), printer));
            }
        }
    }
}

async fn work(app: App, busy: Arc<Mutex<BTreeSet<String>>>, printer: String) {
    if let Some(spool) = Spool::of(&app)
        && let Err(fault) = spool.work(&printer, &Network).await
    {
        tracing::warn!(printer, detail = %fault.detail, "a printer waits for the store");
    }
    held(&busy).remove(&printer);
}

fn held(busy: &Mutex<BTreeSet<String>>) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
    busy.lock().unwrap_or_else(PoisonError::into_inner)
}
