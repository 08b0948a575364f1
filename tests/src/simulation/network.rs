//! The line between a gateway and the edge: it loses, repeats, delays and is cut.
//!
//! It must not know what a message says.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use app::{
    device,
    ports::{Fault, Http, Incoming, Outgoing, Pending},
};
use axum::{Router, body::Body, http::Request};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{
    chance::Chance,
    tasks::{HostId, Tasks, pause},
};

/// How long a gateway waits for an answer, in pauses.
const PATIENCE: usize = 2_000;

/// What happened on the line.
#[derive(Debug, Default)]
pub struct Mishaps {
    /// Messages that never arrived.
    pub lost: AtomicU64,
    /// Answers that never arrived.
    pub answers_lost: AtomicU64,
    /// Messages that arrived twice.
    pub repeated: AtomicU64,
    /// Messages that met a cut line.
    pub cut: AtomicU64,
}

/// The line of one gateway.
#[derive(Clone)]
pub struct Line {
    /// Nothing passes while it is set.
    pub is_cut: Arc<AtomicBool>,
    /// Nothing goes wrong any more once it is set.
    pub is_calm: Arc<AtomicBool>,
    /// What went wrong so far.
    pub mishaps: Arc<Mishaps>,
    tasks: Tasks,
    chance: Chance,
    edge: (HostId, Router),
}

type Cell = Arc<Mutex<Option<Incoming>>>;

impl Line {
    /// Lays a line to the edge.
    #[must_use]
    pub fn new(tasks: Tasks, chance: Chance, edge: (HostId, Router)) -> Self {
        Self {
            is_cut: Arc::default(),
            is_calm: Arc::default(),
            mishaps: Arc::default(),
            tasks,
            chance,
            edge,
        }
    }

    fn goes_wrong(&self, per_mille: usize, count: &AtomicU64) -> bool {
        let happens = !self.is_calm.load(Ordering::Relaxed) && self.chance.happens(per_mille);
        if happens {
            count.fetch_add(1, Ordering::Relaxed);
        }
        happens
    }

    fn check_cut(&self) -> Result<(), Fault> {
        if self.is_cut.load(Ordering::Relaxed) {
            self.mishaps.cut.fetch_add(1, Ordering::Relaxed);
            return Err(Fault::passing("the line is cut"));
        }
        Ok(())
    }

    async fn carry(&self, request: Outgoing) -> Result<Incoming, Fault> {
        for _ in 0..self.chance.below(8) {
            pause().await;
        }
        self.check_cut()?;
        if self.goes_wrong(60, &self.mishaps.lost) {
            return Err(Fault::passing("the message was lost"));
        }
        let cell = Cell::default();
        self.deliver(request.clone(), cell.clone());
        if self.goes_wrong(60, &self.mishaps.repeated) {
            self.deliver(request, Cell::default());
        }
        for _ in 0..PATIENCE {
            pause().await;
            self.check_cut()?;
            let answer = cell.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(answer) = answer {
                if self.goes_wrong(60, &self.mishaps.answers_lost) {
                    return Err(Fault::passing("the answer was lost"));
                }
                return Ok(answer);
            }
        }
        Err(Fault::passing("no answer came"))
    }

    fn deliver(&self, outgoing: Outgoing, cell: Cell) {
        let (host, router) = self.edge.clone();
        self.tasks.start(host, async move {
            let answer = serve(router, outgoing).await;
            *cell.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
        });
    }
}

impl Http for Line {
    fn send<'a>(&'a self, request: Outgoing) -> Pending<'a, Result<Incoming, Fault>> {
        Box::pin(self.carry(request))
    }
}

async fn serve(router: Router, outgoing: Outgoing) -> Incoming {
    let mut request = Request::builder()
        .method("POST")
        .uri(outgoing.url.trim_start_matches("https://edge"))
        .header("host", "edge");
    for (name, value) in &outgoing.headers {
        request = request.header(*name, value);
    }
    let request = request.body(Body::from(outgoing.body)).expect("the request is well formed");
    let answer = router.oneshot(request).await.expect("a router always answers");
    let status = answer.status().as_u16();
    let header = answer.headers().get(device::ANSWER).and_then(|value| value.to_str().ok());
    let headers = vec![(device::ANSWER, header.unwrap_or_default().to_owned())];
    let body = answer.into_body().collect().await.expect("the body is whole").to_bytes().to_vec();
    Incoming { status, headers, body }
}
