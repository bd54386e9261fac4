use school::{Grant, Period, Role, SchoolId, Scope, StaffId};

use super::*;
use crate::{DrawingPage, DrawingSaved, NewDrawing, WorksheetSchool};

/// The school `s` to somebody who keeps it.
async fn kept(store: &Store, id: &str) -> WorksheetSchool {
    let staff = StaffId::new("t-1").unwrap();
    let role = Role::Administrator { school: SchoolId::new(id).unwrap() };
    let grant = Grant { staff: staff.clone(), role, period: Period::from(0) };
    let scope = Scope::of(staff, &[grant], 10);
    store.worksheet_school(&scope, id).await.unwrap().unwrap()
}

fn new(id: &str) -> NewDrawing {
    let page = |svg: &str| DrawingPage {
        width_um: 210_000,
        height_um: 297_000,
        svg: svg.into(),
        found: "[]".into(),
    };
    NewDrawing {
        id: id.into(),
        staff: "t-1".into(),
        title: "单元练习".into(),
        content: "{\"fields\":[]}".into(),
        worksheet: "own-1".into(),
        pages: vec![page("<svg>1</svg>"), page("<svg>2</svg>")],
        at_ms: 100,
    }
}

#[tokio::test]
async fn a_drawing_is_changed_by_one_hand_at_a_time() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    store.insert_staff(crate::fixture::staff("t-1")).await.unwrap();
    let school = kept(store, "s").await;
    assert!(store.begin_drawing(&school, new("d-1")).await.unwrap());
    let view = store.drawing(&school, "d-1").await.unwrap().unwrap();
    assert_eq!((view.revision, view.version, view.pages.len()), (1, None, 2));
    let second = store.drawing_artwork(&school, "d-1", 2).await.unwrap();
    assert_eq!(second.as_deref(), Some("<svg>2</svg>"));
    let words = |text: &str| (text.to_owned(), format!("{{\"title\":\"{text}\"}}"));
    let first = store.save_drawing(&school, "d-1", 1, words("一"), 200).await.unwrap();
    assert_eq!(first, DrawingSaved::Stored(2));
    // Another window still shows revision 1.
    let other = store.save_drawing(&school, "d-1", 1, words("二"), 201).await.unwrap();
    assert_eq!(other, DrawingSaved::Changed);
    let none = store.save_drawing(&school, "d-2", 1, words("二"), 201).await.unwrap();
    assert_eq!(none, DrawingSaved::Missing);
    store.drawing_made(&school, "d-1", 3).await.unwrap();
    let lines = store.drawings(&school).await.unwrap();
    assert_eq!(
        (lines[0].title.as_str(), lines[0].changed_ms, lines[0].version),
        ("一", 200, Some(3))
    );
    let view = store.drawing(&school, "d-1").await.unwrap().unwrap();
    assert_eq!(view.content, "{\"title\":\"一\"}");
}

#[tokio::test]
async fn another_school_sees_no_drawing_and_changes_none() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    store.insert_staff(crate::fixture::staff("t-1")).await.unwrap();
    store.insert_school(crate::fixture::school("s-2", None)).await.unwrap();
    let (own, other) = (kept(store, "s").await, kept(store, "s-2").await);
    store.begin_drawing(&own, new("d-1")).await.unwrap();
    assert_eq!(store.drawings(&other).await.unwrap(), []);
    assert_eq!(store.drawing(&other, "d-1").await.unwrap(), None);
    assert_eq!(store.drawing_artwork(&other, "d-1", 1).await.unwrap(), None);
    let saved = store.save_drawing(&other, "d-1", 1, ("—".into(), "{}".into()), 200).await.unwrap();
    assert_eq!(saved, DrawingSaved::Missing);
    assert!(!store.drop_drawing(&other, "d-1").await.unwrap());
    assert!(store.drop_drawing(&own, "d-1").await.unwrap());
    assert_eq!(store.drawings(&own).await.unwrap(), []);
    assert_eq!(fixture.count("drawing_page").await, 0);
}
