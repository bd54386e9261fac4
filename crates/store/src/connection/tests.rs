use super::*;
use crate::fixture::{Fixture, chunk};
use crate::sql::query;

#[tokio::test]
async fn readers_cannot_write() {
    let fixture = Fixture::without_runs().await;
    let written = query("DELETE FROM school").execute(fixture.store.readers()).await;
    assert!(written.is_err());
}

#[tokio::test]
async fn what_was_committed_is_there_after_opening_again() {
    let fixture = Fixture::without_runs().await;
    fixture.write(1, 1, 100, 0).await;
    fixture.store.close().await.unwrap();
    let late = fixture.store.store_chunks(vec![chunk(1, 2, 100, 0)]).await;
    assert!(matches!(late, Err(StoreError::Closed)));
    let again = Store::connect(&fixture.url).await.unwrap();
    let chunks: i64 = query("SELECT count(*) FROM chunk").scalar(again.readers()).await.unwrap();
    assert_eq!(chunks, 1);
}

#[tokio::test]
async fn writes_that_share_a_commit_fail_alone() {
    let fixture = Fixture::without_runs().await;
    let bad = |store: Store| async move {
        store
            .write(|tx| {
                Box::pin(async move {
                    query("INSERT INTO pen (id, model) VALUES (9, 'x')").execute(&mut *tx).await?;
                    query("INSERT INTO no_such_table VALUES (1)").execute(tx).await?;
                    Ok(())
                })
            })
            .await
    };
    // Handed over together, so that they wait in one queue.
    let (first, failed, second) = tokio::join!(
        fixture.store.store_chunks(vec![chunk(1, 1, 100, 0)]),
        bad(fixture.store.clone()),
        fixture.store.store_chunks(vec![chunk(1, 2, 100, 0)]),
    );
    assert!(first.is_ok() && second.is_ok());
    assert!(matches!(failed, Err(StoreError::Database(_))));
    assert_eq!(fixture.count("chunk").await, 2);
    assert_eq!(fixture.count("pen").await, 0);
}

#[tokio::test]
async fn a_write_survives_its_caller() {
    let fixture = Fixture::without_runs().await;
    {
        // Polled once: handed over, and then the caller goes away.
        let mut handed_over = Box::pin(fixture.store.store_chunks(vec![chunk(1, 1, 100, 0)]));
        let polled = std::future::poll_fn(|cx| {
            std::task::Poll::Ready(handed_over.as_mut().poll(cx).is_pending())
        });
        assert!(polled.await);
    }
    // The queue is in order: when this is done, so is that.
    fixture.write(1, 2, 100, 0).await;
    assert_eq!(fixture.count("chunk").await, 2);
}
