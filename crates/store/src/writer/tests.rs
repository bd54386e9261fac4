use super::*;
use crate::fixture::Fixture;
use crate::sql::query;

/// On a full disk a small write finds room between two that do not.
#[test]
fn a_small_write_does_not_end_a_full_disk() {
    let start = Instant::now();
    let at = |seconds| start + Duration::from_secs(seconds);
    let mut failing = Failing::default();
    assert_eq!(failing.succeeded(at(0)), None, "nothing had failed");
    assert!(failing.failed(Some(Writable::Full), at(1)));
    assert_eq!(failing.succeeded(at(3)), None);
    assert!(!failing.failed(Some(Writable::Full), at(20)));
    assert_eq!(failing.succeeded(at(22)), None);
    assert_eq!(failing.succeeded(at(49)), None);
    assert_eq!(failing.succeeded(at(50)), Some(Duration::from_secs(49)));
    assert_eq!(failing.succeeded(at(51)), None);
    // Of other failures the first commit is the end.
    assert!(failing.failed(None, at(60)));
    assert_eq!(failing.succeeded(at(62)), Some(Duration::from_secs(2)));
}

mod sqlite {
    use super::*;

    /// SQLite finds no room in a file that may grow no further, as on a full disk.
    #[tokio::test]
    async fn a_full_database_is_told_from_other_failures() {
        let fixture = Fixture::in_file().await;
        let full = fixture.store.write(|tx| {
            Box::pin(async move {
                tx.run("PRAGMA max_page_count = 1").await?;
                let error = query("CREATE TABLE t AS SELECT zeroblob(1 << 20) AS b").execute(tx);
                let Err(error) = error.await else { panic!("it has room") };
                assert_eq!(refusal(&error), Some(Writable::Full), "{error}");
                Err::<(), StoreError>(error.into())
            })
        });
        assert!(full.await.is_err());
        let mut writable = fixture.store.writable();
        assert_eq!(*writable.borrow_and_update(), Writable::Full);
        fixture.write(1, 1, 100, 0).await;
        assert!(!writable.borrow_and_update().is_yes(), "one write is no proof that there is room");
    }
}
