use school::Right;

use crate::fixture::Fixture;
use crate::{AssignmentHead, TokenHash};

const fn token(n: u8) -> TokenHash {
    [n; 32]
}

async fn head(fixture: &Fixture) -> AssignmentHead {
    let scope = fixture.scope("t-wang", 1).await;
    fixture.store.assignment_of(&scope, Right::Know, "a-own").await.unwrap().unwrap()
}

#[tokio::test]
async fn a_link_opens_one_paper_on_one_device_until_it_ends() {
    let fixture = Fixture::new().await;
    let (store, head) = (&fixture.store, head(&fixture).await);
    let links = vec![(token(1), "p-1".into()), (token(2), "p-2".into()), (token(3), "p-51".into())];
    assert_eq!(store.make_parent_links(&head, links, "t-wang", (100, 200)).await.unwrap(), 2);
    let view = store.parent_view(token(1), 199).await.unwrap().unwrap();
    assert_eq!((&*view.head.id, &*view.pupil, view.device), ("a-own", "p-1", None));
    assert!(!view.head.may_decide);
    for (unknown, at_ms) in [(token(1), 200), (token(3), 150), (token(9), 150)] {
        assert_eq!(store.parent_view(unknown, at_ms).await.unwrap(), None);
    }
    assert!(store.open_parent_link(token(1), token(77), 110).await.unwrap());
    assert!(store.open_parent_link(token(1), token(77), 120).await.unwrap(), "again, the same");
    assert!(!store.open_parent_link(token(1), token(78), 120).await.unwrap(), "another device");
    assert!(!store.open_parent_link(token(2), token(78), 200).await.unwrap(), "too late");
    let view = store.parent_view(token(1), 150).await.unwrap().unwrap();
    assert_eq!(view.device, Some(token(77)));
    let rows = store.parent_links(&head).await.unwrap();
    let opened: Vec<_> = rows.iter().map(|row| (&*row.pupil, row.opened_ms)).collect();
    assert_eq!(opened, [("p-1", Some(110)), ("p-2", None)]);
}

#[tokio::test]
async fn a_new_link_replaces_one_that_nobody_opened() {
    let fixture = Fixture::new().await;
    let (store, head) = (&fixture.store, head(&fixture).await);
    let one = |n| vec![(token(n), "p-1".to_owned())];
    store.make_parent_links(&head, one(1), "t-wang", (100, 900)).await.unwrap();
    store.make_parent_links(&head, one(2), "t-wang", (110, 900)).await.unwrap();
    assert_eq!(store.parent_view(token(1), 120).await.unwrap(), None);
    assert!(store.open_parent_link(token(2), token(7), 120).await.unwrap());
    store.make_parent_links(&head, one(3), "t-wang", (130, 900)).await.unwrap();
    for n in [2, 3] {
        assert!(store.parent_view(token(n), 140).await.unwrap().is_some(), "{n} is in use or new");
    }
    assert_eq!(store.revoke_parent_links(&head, Some("p-2".into()), 150).await.unwrap(), 0);
    assert_eq!(store.revoke_parent_links(&head, None, 150).await.unwrap(), 2);
    for n in [2, 3] {
        assert_eq!(store.parent_view(token(n), 160).await.unwrap(), None);
        assert!(!store.open_parent_link(token(n), token(7), 160).await.unwrap());
    }
    // An assignment that is withdrawn opens nothing, and links are forgotten in the end.
    store.make_parent_links(&head, one(4), "t-wang", (170, 900)).await.unwrap();
    fixture.execute("DELETE FROM assignment WHERE id = 'a-own'").await;
    assert_eq!(store.parent_view(token(4), 180).await.unwrap(), None);
    let late_ms = 900 + super::KEPT_MS + 1;
    store.make_parent_links(&head, one(5), "t-wang", (late_ms, late_ms + 9)).await.unwrap();
    assert_eq!(fixture.count("parent_link").await, 0);
}
