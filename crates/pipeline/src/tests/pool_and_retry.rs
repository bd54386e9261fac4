use std::sync::Arc;
use std::sync::atomic::Ordering;

use store::StoreError;
use tracing::{Instrument, Span};

use crate::counters::Counting;
use crate::pool;
use crate::retry::retry;

#[tokio::test]
async fn a_panic_is_an_answer_and_the_worker_goes_on() {
    let workers = pool(1).unwrap();
    let error = crate::pool::run(&workers, || -> u32 { panic!("page {}", 7) }).await.unwrap_err();
    assert_eq!(error.to_string(), "panicked: page 7");
    assert_eq!(crate::pool::run(&workers, || 41 + 1).await.unwrap(), 42);
}

#[tokio::test]
async fn the_span_goes_with_the_work() {
    // Of the whole process, since the worker is another thread; no other test sets one.
    tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
    let workers = pool(1).unwrap();
    let work = crate::pool::run(&workers, || Span::current().metadata().map(|m| m.name()));
    let name = work.instrument(tracing::info_span!("mark")).await.unwrap();
    assert_eq!(name, Some("mark"));
    let after = crate::pool::run(&workers, || Span::current().metadata().map(|m| m.name()));
    assert_eq!(after.await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_four_times() {
    let counting = Arc::new(Counting::default());
    let mut tries = 0;
    let refused = retry(&counting, || {
        tries += 1;
        async { Err::<(), _>(StoreError::Commit("disc full".into())) }
    });
    assert!(refused.await.is_err());
    assert_eq!((tries, counting.store_errors.load(Ordering::Relaxed)), (4, 4));
    let mut tries = 0;
    let at_last = retry(&counting, || {
        tries += 1;
        let done = if tries < 3 { Err(StoreError::Commit("busy".into())) } else { Ok(tries) };
        async { done }
    });
    assert_eq!(at_last.await.unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_will_not_pass_is_tried_once() {
    let mut tries = 0;
    let counting = Counting::default();
    let missing = retry(&counting, || {
        tries += 1;
        async { Err::<(), _>(StoreError::Missing { what: "worksheet", id: "x".into() }) }
    });
    assert!(missing.await.is_err());
    assert_eq!(tries, 1);
}
