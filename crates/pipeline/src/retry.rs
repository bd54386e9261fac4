//! Asking the store again.

use std::time::Duration;

use store::StoreError;

use crate::counters::{Counting, count};

/// 50 + 100 + 200 ms of waiting: a passing lock is over by then, and a claim still holds.
const ATTEMPTS_MAX: u32 = 4;
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// Tries until it works or was tried [`ATTEMPTS_MAX`] times, and counts every refusal. What will not
/// change by waiting is not tried again.
pub(crate) async fn retry<T, F>(
    counting: &Counting,
    mut attempt: impl FnMut() -> F,
) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut wait = FIRST_WAIT;
    for _ in 1..ATTEMPTS_MAX {
        match attempt().await {
            Err(error) if may_pass(&error) => {
                count(&counting.store_errors, 1);
                tracing::debug!(%error, "store refused; trying again");
            }
            done => return counted(counting, done),
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
    counted(counting, attempt().await)
}

fn counted<T>(counting: &Counting, done: Result<T, StoreError>) -> Result<T, StoreError> {
    count(&counting.store_errors, usize::from(done.is_err()));
    done
}

/// Whether the same question may have another answer a little later.
pub(crate) fn may_pass(error: &StoreError) -> bool {
    matches!(error, StoreError::Database(_) | StoreError::Commit(_))
}
