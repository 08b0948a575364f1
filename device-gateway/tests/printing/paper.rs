//! A printer that a test plays: a real listener on loopback that keeps what it was sent.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

const ASK: &[u8] = &[0x1d, b'r', 1];
/// A printer that drops does so after so many bytes.
const DROPS_AFTER: usize = 40;

/// How a printer behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It prints, and says so.
    Prints,
    /// It breaks the connection in the middle.
    Drops,
    /// It takes everything and ends the connection without a word.
    Silent,
    /// It takes everything, and neither ends nor answers.
    Hangs,
}

#[derive(Default)]
struct Kept {
    manner: Mutex<Option<Manner>>,
    strips: Mutex<Vec<String>>,
    heard: Notify,
    printed: Notify,
}

/// The printer.
pub(crate) struct Printer {
    address: String,
    kept: Arc<Kept>,
    serving: JoinHandle<()>,
}

impl Printer {
    pub(crate) async fn begin(manner: Manner) -> Self {
        Self::listen("127.0.0.1:0", manner).await
    }

    /// Comes back where it was.
    pub(crate) async fn begin_at(address: &str) -> Self {
        Self::listen(address, Manner::Prints).await
    }

    async fn listen(address: &str, manner: Manner) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let kept = Arc::<Kept>::default();
        *kept.manner.lock().unwrap() = Some(manner);
        let serving = tokio::spawn(serve(listener, kept.clone()));
        Self { address, kept, serving }
    }

    pub(crate) fn address(&self) -> String {
        self.address.clone()
    }

    pub(crate) fn turn(&self, manner: Manner) {
        *self.kept.manner.lock().unwrap() = Some(manner);
    }

    /// Returns what was printed, as far as it can be read; each command on its own line.
    pub(crate) fn strips(&self) -> Vec<String> {
        self.kept.strips.lock().unwrap().clone()
    }

    /// Waits until something was sent to it.
    pub(crate) async fn heard(&self) {
        self.kept.heard.notified().await;
    }

    /// Waits until it has printed something.
    pub(crate) async fn printed(&self) {
        self.kept.printed.notified().await;
    }

    pub(crate) async fn switch_off(self) {
        self.serving.abort();
        // Whoever waits for the end of the task knows that nobody listens.
        let _ = self.serving.await;
    }
}

async fn serve(listener: TcpListener, kept: Arc<Kept>) {
    while let Ok((line, _)) = listener.accept().await {
        take(line, &kept).await;
    }
}

async fn take(mut line: TcpStream, kept: &Kept) {
    let manner = kept.manner.lock().unwrap().unwrap();
    let mut strip = Vec::new();
    let mut part = [0; 512];
    while let Ok(count @ 1..) = line.read(&mut part).await {
        strip.extend(&part[..count]);
        kept.heard.notify_one();
        match manner {
            Manner::Drops if strip.len() >= DROPS_AFTER => break,
            Manner::Silent if strip.ends_with(ASK) => break,
            Manner::Prints if strip.ends_with(ASK) => {
                strip.truncate(strip.len() - ASK.len());
                keep(kept, &strip);
                strip.clear();
                line.write_all(&[0]).await.unwrap();
            }
            _ => {}
        }
    }
}

fn keep(kept: &Kept, strip: &[u8]) {
    let shown = strip.escape_ascii().to_string().replace("\\n", "\\n\n").replace("\\'", "'");
    kept.strips.lock().unwrap().push(format!("{shown}\n"));
    kept.printed.notify_one();
}
