//! The loops of a running pipeline.

use std::sync::Arc;

use marking::Marker;
use rayon::ThreadPool;
use store::{Store, StoreError, WorkLeft};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::copies::Copies;
use crate::counters::Counting;
use crate::items::InForce;
use crate::job::{Context, Mark};
use crate::loops;
use crate::sheets::Sheets;
use crate::{Clock, Config, Counters};

/// A running pipeline. Dropping it stops it without waiting; [`Pipeline::stop`] waits.
pub struct Pipeline {
    context: Arc<Context>,
    config: Config,
    stopping: Arc<watch::Sender<bool>>,
    ended: watch::Receiver<bool>,
}

/// Why there is no telling whether all is done.
#[derive(Debug, thiserror::Error)]
pub enum IdleError {
    /// The store refused to tell.
    #[error("ask the store what is left: {0}")]
    Store(#[from] StoreError),
    /// The pipeline ended, so that what is left would stay.
    #[error("the pipeline has ended")]
    Ended,
}

/// Starts to mark on the current runtime. The marking itself runs on `pool` alone.
pub fn start(
    config: Config,
    store: Store,
    marker: Marker,
    pool: Arc<ThreadPool>,
    clock: Clock,
) -> Pipeline {
    let mark: Arc<Mark> = Arc::new(move |worksheet, page, registration, ink, scratch| {
        marker.mark(worksheet, page, registration, ink, scratch)
    });
    start_with(config, store, mark, pool, clock)
}

pub(crate) fn start_with(
    config: Config,
    store: Store,
    mark: Arc<Mark>,
    pool: Arc<ThreadPool>,
    clock: Clock,
) -> Pipeline {
    let (sheets, counting) = (Sheets::default(), Arc::new(Counting::default()));
    let (items, copies) = (InForce::default(), Copies::default());
    let context = Arc::new(Context { store, pool, mark, clock, sheets, items, copies, counting });
    let (stopping, stop) = watch::channel(false);
    let stopping = Arc::new(stopping);
    let (end, ended) = watch::channel(false);
    let mut tasks = JoinSet::new();
    tasks.spawn(loops::attribute(context.clone(), config, stop.clone()));
    tasks.spawn(loops::mark(context.clone(), config, stop.clone()));
    tasks.spawn(loops::settle(context.clone(), config, stop.clone()));
    tasks.spawn(loops::register(context.clone(), config, stop.clone()));
    tasks.spawn(loops::profiles(context.clone(), config, stop.clone()));
    tasks.spawn(loops::items(context.clone(), config, stop));
    tokio::spawn(supervise(tasks, stopping.clone(), end));
    Pipeline { context, config, stopping, ended }
}

/// Waits for all tasks; one that ends unasked stops the others.
async fn supervise(
    mut tasks: JoinSet<Result<(), StoreError>>,
    stopping: Arc<watch::Sender<bool>>,
    end: watch::Sender<bool>,
) {
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the pipeline ends"),
            Err(error) => tracing::error!(%error, "a task of the pipeline died; it ends"),
        }
        stopping.send_replace(true);
    }
    end.send_replace(true);
}

impl Pipeline {
    /// What it has done so far.
    pub fn counters(&self) -> Counters {
        self.context.counting.snapshot()
    }

    /// Waits until everything that came so far is attributed and marked, what is due at this time
    /// is settled, and all profiles are folded; returns what must wait for its time. Ink that comes
    /// meanwhile is waited for too. The caller limits the wait; to drop it does no harm.
    ///
    /// # Errors
    /// Where the store refuses, or the pipeline ended before.
    pub async fn idle(&self) -> Result<WorkLeft, IdleError> {
        loop {
            if self.context.store.work_left().await?.is_none() {
                // What was marked a moment ago may be due; once settled it is wanted in profiles.
                self.context.settle().await?;
                // A registration that was just learnt has left papers stale.
                let learning = self.context.copies.are_due();
                let left = self.context.store.work_left().await?;
                if !learning && left.is_none() {
                    return Ok(left);
                }
            }
            if *self.ended.borrow() {
                return Err(IdleError::Ended);
            }
            tokio::time::sleep(self.config.poll).await;
        }
    }

    /// Tells whether all tasks run.
    pub fn alive(&self) -> impl Fn() -> bool + Send + Sync + use<> {
        let ended = self.ended.clone();
        move || !*ended.borrow()
    }

    /// Waits until it has ended, asked or unasked: a service whose pipeline ended stops.
    pub async fn ended(&self) {
        // An error means that the supervisor is gone: ended as well.
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }

    /// Claims nothing more, finishes what is in flight, and returns what it has done.
    pub async fn stop(self) -> Counters {
        self.stopping.send_replace(true);
        self.ended().await;
        self.counters()
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.stopping.send_replace(true);
    }
}
