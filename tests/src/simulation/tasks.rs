//! Tasks that go on one step at a time, in the order that the seed decides.
//!
//! A task is a future of one host; it pauses wherever the real one could be overtaken or die: at
//! every call of a port. It must not know what tasks do.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
};

use super::chance::Chance;

type Body = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Which host a task runs on; a crash of the host ends it.
pub type HostId = usize;

/// The tasks of all hosts.
#[derive(Clone, Default)]
pub struct Tasks {
    all: Arc<Mutex<Vec<(HostId, Body)>>>,
    /// The task that is going on dies where it stands.
    is_dying: Arc<AtomicBool>,
    /// The host of which a task died so.
    died: Arc<Mutex<Option<HostId>>>,
}

impl Tasks {
    fn all(&self) -> MutexGuard<'_, Vec<(HostId, Body)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a task on a host.
    pub fn start(&self, host: HostId, body: impl Future<Output = ()> + Send + 'static) {
        self.all().push((host, Box::pin(body)));
    }

    /// Ends every task of a host, wherever it stands; returns how many there were.
    #[must_use]
    pub fn crash(&self, host: HostId) -> usize {
        let mut tasks = self.all();
        let (dead, alive): (Vec<_>, Vec<_>) = tasks.drain(..).partition(|(on, _)| *on == host);
        *tasks = alive;
        drop(tasks);
        dead.len()
    }

    /// Ends one task of a host, as when one worker of many dies; tells whether there was one.
    #[must_use]
    pub fn crash_one(&self, host: HostId, chance: &Chance) -> bool {
        let mut tasks = self.all();
        let on_host: Vec<usize> =
            (0..tasks.len()).filter(|number| tasks[*number].0 == host).collect();
        if on_host.is_empty() {
            return false;
        }
        let dead = tasks.remove(*chance.pick(&on_host));
        drop(tasks);
        drop(dead);
        true
    }

    /// Lets one task go on to its next pause; tells whether there was one.
    #[must_use]
    pub fn step(&self, chance: &Chance) -> bool {
        let mut tasks = self.all();
        if tasks.is_empty() {
            return false;
        }
        let number = chance.below(tasks.len());
        let (host, mut body) = tasks.swap_remove(number);
        // The task may start others while it runs.
        drop(tasks);
        let mut context = Context::from_waker(Waker::noop());
        let is_pending = body.as_mut().poll(&mut context).is_pending();
        if self.is_dying.swap(false, Ordering::Relaxed) {
            *self.died.lock().unwrap_or_else(PoisonError::into_inner) = Some(host);
        } else if is_pending {
            self.all().push((host, body));
        }
        true
    }

    /// Ends the task that is going on, in the middle of what it does.
    pub async fn die(&self) {
        self.is_dying.store(true, Ordering::Relaxed);
        std::future::pending::<()>().await;
    }

    /// Returns the host of which a task died in the middle of something, once.
    #[must_use]
    pub fn take_dead(&self) -> Option<HostId> {
        self.died.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Pauses once, so that others can go on.
pub fn pause() -> impl Future<Output = ()> + Send {
    let mut paused = false;
    std::future::poll_fn(move |_| {
        if paused {
            return Poll::Ready(());
        }
        paused = true;
        Poll::Pending
    })
}
