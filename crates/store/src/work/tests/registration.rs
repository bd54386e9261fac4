use worksheet::Registration;

use super::marking::decide_on_screen;
use crate::fixture::{Fixture, RIGHT};
use crate::sql::query;
use crate::{Source, StoreError, Verdict};

const LEARNT: Registration =
    Registration { version: 2, dx_um: 10, dy_um: -20, rotation_urad: 30, scale_ppm: -40 };

#[tokio::test]
async fn a_page_has_the_registration_learnt_last_or_its_runs_own() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let own = store.load_print_run("own").await.unwrap().registration;
    assert_eq!(store.registration("own", 1).await.unwrap(), own);
    assert!(store.insert_registration("own", 1, LEARNT, 5).await.unwrap());
    let later = Registration { version: 3, dx_um: 11, ..LEARNT };
    assert!(store.insert_registration("own", 1, later, 6).await.unwrap());
    assert!(!store.insert_registration("own", 1, LEARNT, 7).await.unwrap());
    assert_eq!(store.registration("own", 1).await.unwrap(), later);
    assert_eq!(store.registration("own", 2).await.unwrap(), own);
    assert_eq!(store.registration("all", 1).await.unwrap().version, 1);
    let none = store.registration("none", 1).await;
    assert!(matches!(none, Err(StoreError::Missing { .. })), "{none:?}");
}

#[tokio::test]
async fn a_registration_that_is_learnt_has_the_pages_papers_marked_again() {
    let fixture = Fixture::new().await;
    fixture.write(1, 1, 100, 0).await;
    fixture.write(2, 1, 102, 0).await;
    fixture.write(3, 1, 105, 0).await;
    fixture.mark_all(Some(RIGHT), 1).await;
    decide_on_screen(&fixture, Verdict::Wrong).await;
    let of_run = fixture.store.papers_of_run("own", 1, 64).await.unwrap();
    let pupils: Vec<&str> = of_run.iter().map(|job| job.pupil.as_str()).collect();
    assert_eq!(pupils, ["p-1", "p-2"]);
    assert!(fixture.store.insert_registration("own", 1, LEARNT, 5).await.unwrap());
    let stale = fixture.stale_papers().await;
    let stale: Vec<(&str, i64)> = stale.iter().map(|(_, pupil, page)| (&**pupil, *page)).collect();
    assert_eq!(stale, [("p-1", 1), ("p-2", 1)]);
    fixture.mark_all(Some(RIGHT), 6).await;
    let in_force: (Option<Source>, Option<Verdict>) =
        query("SELECT source, verdict FROM response WHERE pupil = 'p-1' AND part = 'q1'")
            .fetch_one(fixture.store.readers())
            .await
            .unwrap();
    assert_eq!(in_force, (Some(Source::Screen), Some(Verdict::Wrong)));
}
