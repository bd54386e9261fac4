//! Roles and enrolments begin and end.

use super::*;

#[tokio::test]
async fn a_role_that_is_not_held_now_opens_nothing() {
    let school = district().await;
    let now_ms = school.web.wall_ms();
    let ended = Period::new(0, Some(now_ms)).unwrap();
    for (id, period) in [("former", ended), ("later", Period::from(now_ms + 1))] {
        for (holder, roles, _) in roles() {
            let mut browser = enter(&school, &format!("{id}-{holder}"), &roles, period).await;
            for (method, route, asks) in ROUTES.iter().filter(|row| names_object(row.1)) {
                for n in OBJECTS {
                    let path = path(route, n);
                    let status = status(&mut browser, method, &path).await;
                    assert_eq!(status, expected(&path, asks, ""), "{id} {holder}: {method} {path}");
                }
            }
        }
    }
}

/// The session goes on; what it may see has ended.
#[tokio::test]
async fn a_role_ends_while_its_holder_is_logged_in() {
    let school = district().await;
    let role = [Role::ClassTeacher { class: ClassId::new("c-1").unwrap() }];
    let until_ms = school.web.wall_ms() + 60_000;
    let period = Period::new(0, Some(until_ms)).unwrap();
    let mut browser = enter(&school, "going", &role, period).await;
    assert_eq!(status(&mut browser, "get", "/a/a-1").await, 200);
    school.pass_ms(60_000);
    for gone in ["/c/c-1", "/a/a-1", "/a/a-1/p-1/1", "/pupil/p-1", "/events?class=c-1"] {
        assert_eq!(status(&mut browser, "get", gone).await, 404, "{gone}");
    }
    assert_eq!(status(&mut browser, "get", "/").await, 200);
}

/// Papers stay with the class in which they were written; the profile is for those who teach the
/// pupil now.
#[tokio::test]
async fn a_pupil_who_moved_is_known_where_they_are_now() {
    let school = district().await;
    let role = [Role::ClassTeacher { class: ClassId::new("c-4").unwrap() }];
    let mut new = enter(&school, "new", &role, Period::from(0)).await;
    let mut former = school.logged_in("t-wang").await;
    school.write(1, 1, 1).await;
    school.mark(None).await;
    let moved = PupilRow { from_ms: school.web.wall_ms(), ..pupil("c-4", 1) };
    school.store.insert_pupils(vec![moved]).await.unwrap();
    for (path, to_former, to_new) in [
        ("/a/a-1", 200, 404),
        ("/a/a-1/p-1/1", 200, 404),
        ("/a/a-1/q/q1", 200, 404),
        ("/pupil/p-1", 404, 200),
        ("/pupil/p-1?of=a-1", 404, 200),
    ] {
        assert_eq!(status(&mut former, "get", path).await, to_former, "{path}");
        assert_eq!(status(&mut new, "get", path).await, to_new, "{path}");
    }
    assert!(former.get("/a/a-1").await.body.contains("陈一诺"));
    assert!(!former.get("/a/a-1/p-1/1").await.body.contains("/pupil/"), "it is not theirs to open");
    assert!(!former.get("/c/c-1").await.body.contains("陈一诺"));
    let page = new.get("/pupil/p-1?of=a-1").await.body;
    assert!(!page.contains("/a/a-1"), "{page}");
}
