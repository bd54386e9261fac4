//! What pages leave out for a role.

use super::*;

/// A district's page must not cost what all its classes' pages do.
#[tokio::test]
async fn the_first_page_of_very_many_classes_counts_nothing_in_them() {
    let school = district().await;
    for n in 0..100 {
        let row = class(&format!("more-{n}"), "s-5", 5);
        school.store.insert_class(row).await.unwrap();
    }
    for (id, role, counts) in [
        ("over", Role::District { district: DistrictId::new("d").unwrap() }, false),
        ("head", Role::Head { school: SchoolId::new("s").unwrap() }, true),
    ] {
        let mut browser = enter(&school, id, &[role], Period::from(0)).await;
        let page = browser.get("/").await.body;
        assert!(page.contains("\"/c/c-1\""), "{page}");
        assert_eq!(page.contains("\"/a/a-1\""), counts, "{page}");
        assert!(browser.get("/c/c-1").await.body.contains("\"/a/a-1\""), "it is a page away");
    }
}

/// Whoever only marks, or looks from above, is told how many there are, and led to no page that is
/// not there for them.
#[tokio::test]
async fn who_may_not_know_pupils_is_led_to_none() {
    let school = district().await;
    school.write(1, 1, 1).await;
    school.mark(None).await;
    let class = ClassId::new("c-1").unwrap();
    let district = DistrictId::new("d").unwrap();
    let mut teacher = school.logged_in("t-wang").await;
    let page = teacher.get("/a/a-1/p-1/1").await.body;
    assert!(page.contains("href=\"/pupil/p-1\""), "{page}");
    let count = |page: &str| {
        let (_, rest) = page.split_once("<h2>学生</h2><p class=\"muted\">").unwrap();
        rest.split_once("</p>").unwrap().0.to_owned()
    };
    let size = count(&teacher.get("/c/c-1").await.body);
    for (id, role) in [("marks", Role::Marker { class }), ("over", Role::District { district })] {
        let mut browser = enter(&school, id, &[role], Period::from(0)).await;
        for path in ["/", "/c/c-1", "/a/a-1", "/a/a-1/p-1/1", "/a/a-1/q/q1"] {
            let page = browser.get(path).await.body;
            assert!(!page.contains("/pupil/"), "{id} {path}: {page}");
        }
        assert_eq!(count(&browser.get("/c/c-1").await.body), size, "{id}");
    }
}

/// Whoever may not decide is offered nothing to decide.
#[tokio::test]
async fn who_only_looks_is_shown_no_forms() {
    let school = district().await;
    school.write(1, 1, 1).await;
    school.mark(Some("low_confidence")).await;
    let role = [Role::Head { school: SchoolId::new("s").unwrap() }];
    let mut head = enter(&school, "head", &role, Period::from(0)).await;
    let mut teacher = school.logged_in("t-wang").await;
    for path in ["/", "/c/c-1", "/a/a-1", "/a/a-1/p-1/1"] {
        let forms =
            |page: &str| page.matches("action=\"/a/").count() + page.matches("/decide\"").count();
        assert!(forms(&teacher.get(path).await.body) > 0, "{path}");
        let page = head.get(path).await.body;
        assert_eq!(forms(&page), 0, "{path}: {page}");
    }
}
