//! What is refused changes nothing, and what others do is heard by nobody else.

use sample_school::START_MS;

use super::super::nobodys::write_as_nobody;
use super::super::stream::{Events, decide, relay};
use super::*;

/// p-1 wrote, the machine is not sure, and on their paper is ink that is nobody's.
async fn busy() -> School {
    let school = district().await;
    school.write(1, 1, 1).await;
    school.mark(Some("low_confidence")).await;
    write_as_nobody(&school).await;
    school
}

/// The first value of a hidden field in the form that is sent to `action`.
fn field(page: &str, action: &str, name: &str) -> String {
    let form = page.split(&format!("action=\"{action}\"")).nth(1).expect("the page has the form");
    let form = form.split("</form>").next().unwrap();
    let value = form.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("its field");
    value.split('"').next().unwrap().replace(' ', "+")
}

/// What a teacher sees of all that can be changed.
async fn seen(teacher: &mut Browser) -> String {
    let mut seen = String::new();
    for path in ["/a/a-1", "/a/a-1/p-1/1", "/c/c-1/ink"] {
        seen += &teacher.get(path).await.body;
    }
    seen
}

/// Each form is one that does something: the teacher sends it last.
#[tokio::test]
async fn who_may_not_do_it_changes_nothing() {
    let school = busy().await;
    let mut teacher = school.logged_in("t-wang").await;
    let mut others = Vec::new();
    for (id, roles, rights) in roles() {
        others.push((id, enter(&school, id, &roles, Period::from(0)).await, rights[0]));
    }
    let (paper, ink) = ("/a/a-1/p-1/1", "/c/c-1/ink");
    let steps = [
        ('d', "/a/a-1/decide", "question=q1&verdict=right&member=p-1:1", None),
        ('d', "/a/a-1/undo", "question=q1&of=", Some((paper, "of"))),
        ('d', "/a/a-1/p-1/1/hand-in", "", None),
        ('d', "/a/a-1/p-1/1/give-back", "of=", Some((paper, "of"))),
        ('d', "/a/a-1/collect", "", None),
        ('d', "/a/a-1/give-back", "of=", Some(("/a/a-1", "of"))),
        ('g', ink, "to=red&ink=", Some((ink, "ink"))),
        ('g', "/c/c-1/ink/undo", "", Some((ink, "ink"))),
        ('g', "/a/a-1/p-1/1/pens", "say=wrote+p-2", None),
        ('g', "/a/a-1/p-1/1/pens/undo", "of=", Some((paper, "of"))),
        ('a', "/a/a-1/due", "due=2025-12-24T20:00", None),
        ('a', "/a/a-1/withdraw", "of=1763890800000", None),
    ];
    for (right, action, form, hidden) in steps {
        let mut form = form.to_owned();
        if let Some((path, name)) = hidden {
            let page = teacher.get(path).await.body;
            form = if action.ends_with("/ink/undo") {
                let of = field(&page, action, "of");
                format!("ink={}&of={of}", field(&page, action, "ink"))
            } else {
                form + &field(&page, action, name)
            };
        }
        let before = (school.store.outbox_last().await.unwrap(), seen(&mut teacher).await);
        for (id, browser, rights) in &mut others {
            if !rights.contains(right) {
                let answer = browser.post(action, &form).await;
                assert_eq!(answer.status, 404, "{id}: {action} {form}");
            }
        }
        let after = (school.store.outbox_last().await.unwrap(), seen(&mut teacher).await);
        assert!(before == after, "{action} {form} was refused, and done");
        assert_eq!(teacher.post(action, &form).await.status, 303, "{action} {form}");
        while school.store.attribute(START_MS).await.unwrap() > 0 {}
        assert_ne!(seen(&mut teacher).await, after.1, "{action} {form} does nothing");
    }
}

#[tokio::test]
async fn every_role_hears_of_the_classes_that_it_sees_alone() {
    let school = busy().await;
    school.write(51, 1, 1).await;
    school.mark(None).await;
    let stop = relay(&school);
    let after = school.store.outbox_last().await.unwrap();
    decide(&school, "t-wang", "a-1", "p-1").await;
    decide(&school, "t-li", "a-2", "p-51").await;
    let mut streams = Vec::new();
    for (id, roles, rights) in roles() {
        let mut browser = enter(&school, id, &roles, Period::from(0)).await;
        let mut events = Events::open(&mut browser, &format!("/events?after={after}"), &[]).await;
        let sees = [rights[0].contains('s'), rights[1].contains('s')];
        let mut heard = String::new();
        for _ in sees.iter().filter(|sees| **sees) {
            heard += &events.next().await.unwrap();
        }
        streams.push((id, events, sees, heard));
    }
    drop(stop);
    for (id, mut events, sees, mut heard) in streams {
        while let Some(event) = events.next().await {
            heard += &event;
        }
        for (assignment, sees) in ["\"a-1\"", "\"a-2\""].into_iter().zip(sees) {
            assert_eq!(heard.contains(assignment), sees, "{id} {assignment}: {heard}");
        }
    }
}
