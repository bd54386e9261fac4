use axum::http::StatusCode;
use store::{Holder, LeaseRow};

use crate::school::{Browser, START_MS, School};

/// A teacher's pen that once was p-2's, and whose clock was never set, writes on p-1's paper.
async fn school() -> (School, Browser) {
    let school = School::new().await;
    school.write(1, 1, 1).await;
    let lease = |holder, from_ms, until_ms| LeaseRow { pen: 66, holder, from_ms, until_ms };
    let leases = vec![
        lease(Holder::Pupil("p-2".into()), START_MS - 9_000, Some(START_MS - 5_000)),
        lease(Holder::Marker("t-wang".into()), START_MS - 5_000, None),
    ];
    school.store.insert_leases(leases).await.unwrap();
    school.write_with(66, 1, 100, 120, START_MS + 20_000).await;
    let browser = school.logged_in("t-wang").await;
    (school, browser)
}

/// What a form names the ink by.
fn key(page: &str) -> String {
    let value = page.split("name=\"ink\" value=\"").nth(1).unwrap();
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
    other.post("/c/c-2/ink", &format!("ink={}&to=pupil:p-9", key(&page))).await;
    let answer = own.post("/c/c-1/ink", &format!("ink={}&to=pupil:p-9", key(&page))).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    for form in ["", "ink=1+2+3&to=red", "ink=1+2+3+4+5+6&to=red"] {
        assert_eq!(own.post("/c/c-1/ink", form).await.status, StatusCode::BAD_REQUEST, "{form}");
    }
    while school.store.attribute(START_MS).await.unwrap() > 0 {}
    assert!(own.get("/c/c-1/ink").await.body.contains("name=\"ink\""), "it is still nobody's");
}

#[tokio::test]
async fn what_was_said_last_can_be_taken_back() {
    let (school, mut browser) = school().await;
    let page = browser.get("/c/c-1/ink").await.body;
    assert!(!page.contains("data-undo"), "nothing was said yet");
    let form = format!("ink={}", key(&page));
    browser.post("/c/c-1/ink", &format!("{form}&to=red")).await;
    while school.store.attribute(START_MS).await.unwrap() > 0 {}
    let page = browser.get("/c/c-1/ink").await.body;
    assert!(page.contains("最近一次：给了我的红笔") && page.contains("data-undo"), "{page}");

    // Somebody else's word is not theirs to take back.
    let mut other = school.logged_in("t-li").await;
    other.post("/c/c-2/ink/undo", &form).await;
    assert_eq!(other.post("/c/c-1/ink/undo", &form).await.status, StatusCode::NOT_FOUND);
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
    assert_eq!(browser.post("/c/c-1/ink/undo", "ink=1+2").await.status, StatusCode::BAD_REQUEST);
}
