use axum::http::StatusCode;
use sample_school::{START_MS, holder, lease, marker};

use super::marking::colleague;
use crate::school::{Browser, School};

/// p-1 wrote, and so did a teacher's pen that once was p-2's and whose clock was never set.
async fn school() -> (School, Browser) {
    let school = School::new().await;
    school.write(1, 1, 1).await;
    write_as_nobody(&school).await;
    let browser = school.logged_in("t-wang").await;
    (school, browser)
}

/// A teacher's pen that once was p-2's, and whose clock was never set, writes on p-1's paper.
pub(super) async fn write_as_nobody(school: &School) {
    let leases = vec![
        lease(66, holder(2), START_MS - 9_000, Some(START_MS - 5_000)),
        lease(66, marker(), START_MS - 5_000, None),
    ];
    school.store.insert_leases(leases).await.unwrap();
    school.write_with(66, 1, 100, 120, START_MS + 20_000).await;
}

/// What a form names the ink by.
fn key(page: &str) -> String {
    field(page, "ink")
}

/// The first value of a hidden field.
fn field(page: &str, name: &str) -> String {
    let value = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
    value.split('"').next().unwrap().replace(' ', "+")
}

#[tokio::test]
async fn ink_without_a_hand_is_counted_shown_and_given_in_two_clicks() {
    let (school, mut browser) = school().await;
    let class = browser.get("/c/c-1").await.body;
    assert!(class.contains("href=\"/c/c-1/ink\">1 处笔迹不知是谁的"), "{class}");
    let page = browser.get("/c/c-1/ink").await.body;
    assert!(page.contains("笔 000000000042") && page.contains("第 1 页"), "{page}");
    assert!(page.contains("笔的时钟没有校准") && page.contains("class=\"nobodys-ink"), "{page}");
    assert!(page.contains("value=\"pupil:p-2\"><bdi>"), "{page}");
    let form = format!("ink={}&to=red", key(&page));
    let answer = browser.post("/c/c-1/ink", &form).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/c/c-1/ink"));
    while school.store.attribute(START_MS).await.unwrap() > 0 {}
    assert!(browser.get("/c/c-1/ink").await.body.contains("没有无主的笔迹"));
    assert!(!browser.get("/c/c-1").await.body.contains("/c/c-1/ink"));
    let paper = browser.get("/a/a-1/p-1/1").await.body;
    assert!(paper.contains("redpen"), "the red ink is on the paper: {paper}");
}

#[tokio::test]
async fn nobody_sees_or_gives_ink_of_another_class() {
    let (school, mut own) = school().await;
    let page = own.get("/c/c-1/ink").await.body;
    let mut other = school.logged_in("t-li").await;
    assert!(other.get("/c/c-2/ink").await.body.contains("没有无主的笔迹"));
    assert_eq!(other.get("/c/c-1/ink").await.status, StatusCode::NOT_FOUND);
    // The key of another class's ink under one's own class, and a pupil of another class.
    let answer = other.post("/c/c-2/ink", &format!("ink={}&to=pupil:p-51", key(&page))).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let answer = own.post("/c/c-1/ink", &format!("ink={}&to=pupil:p-51", key(&page))).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    for form in ["", "ink=1+2+3&to=red", "ink=1+2+3+4+5+6&to=red"] {
        assert_eq!(own.post("/c/c-1/ink", form).await.status, StatusCode::BAD_REQUEST, "{form}");
    }
    while school.store.attribute(START_MS).await.unwrap() > 0 {}
    assert!(own.get("/c/c-1/ink").await.body.contains("name=\"ink\""), "it is still nobody's");
}

#[tokio::test]
async fn what_was_given_can_be_taken_back() {
    let (school, mut browser) = school().await;
    let page = browser.get("/c/c-1/ink").await.body;
    assert!(!page.contains("data-undo"), "nothing was given yet");
    let form = format!("ink={}", key(&page));
    browser.post("/c/c-1/ink", &format!("{form}&to=red")).await;
    while school.store.attribute(START_MS).await.unwrap() > 0 {}
    let page = browser.get("/c/c-1/ink").await.body;
    assert!(page.contains("给了自己的红笔") && page.contains("data-undo"), "{page}");
    let form = format!("{form}&of={}", field(&page, "of"));

    // Only those who teach the class can take it back.
    let mut other = school.logged_in("t-li").await;
    for class in ["c-2", "c-1"] {
        let answer = other.post(&format!("/c/{class}/ink/undo"), &form).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{class}");
    }
    assert!(browser.get("/c/c-1/ink").await.body.contains("data-undo"));

    for _ in 0..2 {
        let answer = browser.post("/c/c-1/ink/undo", &form).await;
        let to = (answer.status, answer.header("location"));
        assert_eq!(to, (StatusCode::SEE_OTHER, "/c/c-1/ink"), "twice is once");
    }
    while school.store.attribute(START_MS).await.unwrap() > 0 {}
    let page = browser.get("/c/c-1/ink").await.body;
    assert!(page.contains("笔的时钟没有校准") && !page.contains("data-undo"), "{page}");
    assert!(!browser.get("/a/a-1/p-1/1").await.body.contains("redpen"));
    for form in ["ink=1+2", "ink=1+2+3+4+5"] {
        let answer = browser.post("/c/c-1/ink/undo", form).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{form}");
    }
}

#[tokio::test]
async fn all_that_was_given_lately_is_taken_back_by_any_teacher_of_the_class() {
    let (school, mut browser) = school().await;
    school.write_with(66, 2, 102, 120, START_MS + 20_000).await;
    let mut forms = Vec::new();
    for pupil in ["p-1", "p-2"] {
        while school.store.attribute(START_MS).await.unwrap() > 0 {}
        let page = browser.get("/c/c-1/ink").await.body;
        forms.push(format!("ink={}", key(&page)));
        browser.post("/c/c-1/ink", &format!("{}&to=pupil:{pupil}", forms[forms.len() - 1])).await;
    }
    while school.store.attribute(START_MS).await.unwrap() > 0 {}
    let mut other = colleague(&school).await;
    let page = other.get("/c/c-1/ink").await.body;
    assert_eq!(page.matches("/ink/undo").count(), 2, "{page}");
    for name in ["陈一诺", "阿卜杜拉·买买提"] {
        assert!(page.contains(&format!("王丽华\u{2069}给了\u{2068}{name}")), "{page}");
    }
    assert!(!page.contains("data-undo"), "the key takes back what one gave oneself: {page}");
    // The first of the two, taken back by somebody who did not give it.
    let form = format!("{}&of={}", forms[0], START_MS + 60_000);
    let answer = other.post("/c/c-1/ink/undo", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    while school.store.attribute(START_MS).await.unwrap() > 0 {}
    let page = browser.get("/c/c-1/ink").await.body;
    assert_eq!(page.matches("/ink/undo").count(), 1, "{page}");
    assert!(page.contains(&forms[0].replace("ink=", "").replace('+', " ")), "{page}");
}

#[tokio::test]
async fn who_comes_second_hears_who_was_first() {
    let (school, mut browser) = school().await;
    let mut other = colleague(&school).await;
    let form = format!("ink={}", key(&browser.get("/c/c-1/ink").await.body));
    for attributed in [false, true] {
        browser.post("/c/c-1/ink", &format!("{form}&to=pupil:p-1")).await;
        if attributed {
            while school.store.attribute(START_MS).await.unwrap() > 0 {}
        }
        let again = browser.post("/c/c-1/ink", &format!("{form}&to=pupil:p-1")).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER, "the same twice is once");
        let late = other.post("/c/c-1/ink", &format!("{form}&to=pupil:p-2")).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        let said = "已把这处笔迹给了\u{2068}陈一诺\u{2069}";
        assert!(late.body.contains("没有存下") && late.body.contains(said), "{}", late.body);
    }
    let known = given(&school).await;
    assert_eq!(known[0].pupil.as_deref(), Some("p-1"));
    // Taking back what was given anew since the page was shown.
    let answer = other.post("/c/c-1/ink/undo", &format!("{form}&of=5")).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("没有撤销"), "{}", answer.body);
    assert_eq!(given(&school).await, known);
}

#[tokio::test]
async fn ink_that_is_not_there_is_not_given() {
    let (school, mut browser) = school().await;
    let there = key(&browser.get("/c/c-1/ink").await.body);
    let parts: Vec<&str> = there.split('+').collect();
    for (forged, other) in [(3, "99"), (4, "8"), (1, "101"), (2, "67"), (0, "5")] {
        let mut parts = parts.clone();
        parts[forged] = other;
        let form = format!("ink={}&to=red", parts.join("+"));
        let answer = browser.post("/c/c-1/ink", &form).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{form}");
    }
    assert_eq!(given(&school).await, []);
}

#[tokio::test]
async fn giving_ink_to_work_that_is_handed_in_says_what_it_changes() {
    let (_school, mut browser) = school().await;
    let warns = "这份答卷已收：给出后会重新批改";
    assert!(!browser.get("/c/c-1/ink").await.body.contains(warns));
    browser.post("/a/a-1/collect", "").await;
    let page = browser.get("/c/c-1/ink").await.body;
    assert!(page.contains(warns), "{page}");
}

#[tokio::test]
async fn red_ink_is_not_offered_where_it_finds_no_paper() {
    let school = School::new().await;
    school.share("r-3", "a-3", 300).await;
    school.write_with(77, 1, 300, START_MS, START_MS + 1_000).await;
    let mut browser = school.logged_in("t-wang").await;
    let page = browser.get("/c/c-1/ink").await.body;
    assert!(page.contains("value=\"pupil:p-2\"") && !page.contains("value=\"red\""), "{page}");
    assert!(page.contains("红笔归不到哪份答卷"), "{page}");
    let form = format!("ink={}", key(&page));
    let answer = browser.post("/c/c-1/ink", &format!("{form}&to=red")).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("没有存下"), "{}", answer.body);
    assert_eq!(given(&school).await, []);
    // A pupil who has handed in is marked as such in the list.
    browser.post("/c/c-1/ink", &format!("{form}&to=pupil:p-2")).await;
    while school.store.attribute(START_MS).await.unwrap() > 0 {}
    school.write_with(78, 1, 300, START_MS, START_MS + 1_000).await;
    browser.post("/a/a-3/collect", "").await;
    let page = browser.get("/c/c-1/ink").await.body;
    assert!(page.contains("阿卜杜拉·买买提&#x2069; · 已收</option>"), "{page}");
    assert!(page.contains("陈一诺&#x2069;</option>"), "nothing of theirs changes: {page}");
    assert!(page.contains("标“已收”的学生"), "{page}");
}

/// What was given lately, as 王老师 sees it.
async fn given(school: &School) -> Vec<store::GivenRow> {
    school.store.given_ink(&school.scope("t-wang").await, "c-1", 9).await.unwrap()
}

/// Ink on a page that was printed for nobody, by a pen that others held before and after.
async fn on_no_run(school: &School, leases: Vec<attribution::Lease>, at_ms: i64) -> [bool; 2] {
    school.store.insert_leases(leases).await.unwrap();
    school.write_with(77, 1, 5_000, at_ms, START_MS + 20_000).await;
    let mut shown = [false; 2];
    for (shown, (staff, class)) in shown.iter_mut().zip([("t-wang", "c-1"), ("t-li", "c-2")]) {
        let page = school.logged_in(staff).await.get(&format!("/c/{class}/ink")).await.body;
        *shown = page.contains("笔 00000000004d");
    }
    shown
}

#[tokio::test]
async fn who_held_a_red_pen_once_sees_no_later_ink_of_it() {
    let school = School::new().await;
    let former = attribution::Holder::marker("t-li").unwrap();
    let leases = vec![
        lease(77, former, START_MS - 90_000, Some(START_MS - 60_000)),
        lease(77, holder(1), START_MS - 60_000, None),
    ];
    assert_eq!(on_no_run(&school, leases, START_MS).await, [true, false]);
}

#[tokio::test]
async fn ink_that_comes_late_is_seen_where_it_was_written() {
    let school = School::new().await;
    let elsewhere = attribution::Holder::pupil("p-51").unwrap();
    let leases = vec![
        lease(77, holder(1), START_MS - 90_000, Some(START_MS - 30_000)),
        lease(77, elsewhere, START_MS - 10_000, None),
    ];
    assert_eq!(on_no_run(&school, leases, START_MS - 40_000).await, [true, false]);
}
