//! What came from another system comes again.

use crate::fixture::Fixture;
use crate::{Entity, SourceIdentity, StoreError};

fn xueji(value: &str, id: &str) -> SourceIdentity {
    SourceIdentity {
        entity: Entity::Pupil,
        source: "xueji".into(),
        value: value.into(),
        id: id.into(),
    }
}

#[tokio::test]
async fn a_source_has_one_identity_of_each() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let known = |value| store.known_by(Entity::Pupil, "xueji", value);
    // The same again changes nothing.
    for _ in 0..2 {
        store.insert_source_identities(vec![xueji("G1", "p-1"), xueji("G2", "p-2")]).await.unwrap();
        assert_eq!(known("G1").await.unwrap().as_deref(), Some("p-1"));
    }
    // It was wrong, and was corrected.
    store.insert_source_identities(vec![xueji("G3", "p-1")]).await.unwrap();
    assert_eq!(known("G1").await.unwrap(), None);
    assert_eq!(known("G3").await.unwrap().as_deref(), Some("p-1"));
    // Of another source, and of another kind, it says nothing.
    assert_eq!(store.known_by(Entity::Pupil, "other", "G3").await.unwrap(), None);
    assert_eq!(store.known_by(Entity::Staff, "xueji", "G3").await.unwrap(), None);
}

#[tokio::test]
async fn what_would_be_two_pupils_is_refused() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    store.insert_source_identities(vec![xueji("G1", "p-1")]).await.unwrap();
    let both = vec![xueji("G2", "p-2"), xueji("G1", "p-2")];
    assert!(store.insert_source_identities(both).await.is_err());
    assert_eq!(store.known_by(Entity::Pupil, "xueji", "G2").await.unwrap(), None, "all or none");
    let nobody = store.insert_source_identities(vec![xueji("G9", "p-9")]).await;
    assert!(matches!(nobody, Err(StoreError::Missing { what: "pupil", .. })), "{nobody:?}");
    let shown = format!("{:?}", xueji("G1", "p-1"));
    assert!(!shown.contains("G1"), "{shown}");
}
