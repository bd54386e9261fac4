//! From tokio to rayon and back.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::oneshot;
use tracing::Span;

/// The pool could not be built.
#[derive(Debug, thiserror::Error)]
#[error("build a pool of {threads} threads: {source}")]
pub struct PoolError {
    threads: usize,
    source: rayon::ThreadPoolBuildError,
}

/// The one pool that pages are marked on; to be built before the runtime.
///
/// # Errors
/// Where the system gives no more threads.
pub fn pool(threads: usize) -> Result<ThreadPool, PoolError> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("mark-{index}"))
        .build()
        .map_err(|source| PoolError { threads, source })
}

/// A piece of work panicked; the worker goes on.
#[derive(Clone, Debug, thiserror::Error)]
#[error("panicked: {0}")]
pub(crate) struct Panicked(String);

impl Panicked {
    fn of(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self(text.unwrap_or("no message").to_owned())
    }
}

/// Runs `work`, and catches a panic in it.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    // What `work` leaves half done is dropped with it: nothing of it is looked at again.
    let result = catch_unwind(AssertUnwindSafe(work));
    result.map_err(|payload| Panicked::of(&*payload))
}

/// Runs `work` on the pool within the current span, and waits for it without blocking the runtime.
/// The caller must bound how many wait.
pub(crate) async fn run<T: Send + 'static>(
    pool: &ThreadPool,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Panicked> {
    let (answer, answered) = oneshot::channel();
    let span = Span::current();
    pool.spawn(move || {
        let result = span.in_scope(|| caught(work));
        // A caller that has gone away wants no answer.
        let _ = answer.send(result);
    });
    answered.await.unwrap_or_else(|_| Err(Panicked("the worker is gone".to_owned())))
}
