//! Who has handed in, who writes, and collecting.

use super::*;

#[tokio::test]
async fn collecting_settles() {
    let (school, mut browser) = school().await;
    browser.post("/a/a-1/decide", "question=q1&verdict=right&member=p-1:1").await;
    assert_eq!(browser.post("/a/a-1/collect", "").await.header("location"), "/a/a-1");
    school.store.settle(START_MS).await.unwrap();
    assert_eq!(cell(&mut browser, "q1").await, "right");
    assert_eq!(cell(&mut browser, "q2").await, "blank", "now it is an answer");
    let page = browser.get("/a/a-1").await.body;
    assert!(page.contains("已交 <b>1</b>") && !page.contains("popovertarget=\"collect\">收"));
    let page = browser.get("/a/a-1/p-1/1").await.body;
    let stamp = page.split("give-back\"><input type=\"hidden\" name=\"of\" value=\"").nth(1);
    let form = format!("of={}", stamp.unwrap().split('"').next().unwrap());
    browser.post("/a/a-1/p-1/1/give-back", &form).await;
    school.store.settle(START_MS).await.unwrap();
    assert_eq!(cell(&mut browser, "q1").await, "right dashed", "not collected after all");
    browser.post("/a/a-1/p-1/1/hand-in", "").await;
    let late = browser.post("/a/a-1/decide", "question=q2&verdict=right&member=p-1:1").await;
    assert_eq!(late.status, StatusCode::SEE_OTHER, "a teacher may change her mind");
}

#[tokio::test]
async fn a_count_shows_whom_it_counts() {
    let (school, mut browser) = school().await;
    let rows = |page: &str| page.matches("<tr id=\"row-").count();
    let all = browser.get("/a/a-1").await.body;
    assert_eq!(rows(&all), 3);
    assert!(all.contains("href=\"/a/a-1?state=missing\""), "{all}");
    let missing = browser.get("/a/a-1?state=missing").await.body;
    assert_eq!(rows(&missing), 2);
    assert!(!missing.contains("id=\"row-p-1\""));
    assert!(missing.contains("data-part=\"/a/a-1?part&#38;state=missing\""), "{missing}");
    let part = browser.get("/a/a-1?part&state=begun").await.body;
    assert!(part.starts_with("<div id=\"part\"") && rows(&part) == 1, "{part}");
    let none = browser.get("/a/a-1?state=handed-in").await.body;
    assert!(rows(&none) == 0 && none.contains("没有这样的学生"), "{none}");
    // The foot is the class's, whoever is shown.
    assert_eq!(all.matches("平均分").count(), missing.matches("平均分").count());
    drop(school);
}

#[tokio::test]
async fn who_rests_no_longer_writes() {
    let (school, mut browser) = school().await;
    let state = |page: String, pupil: &str| {
        let row = page.split(&format!("id=\"row-{pupil}\"")).nth(1).unwrap().to_owned();
        row.split("class=\"state-col\"><span class=\"state ").nth(1).unwrap()[..40].to_owned()
    };
    let page = browser.get("/a/a-1").await.body;
    assert!(state(page, "p-1").starts_with("begun\">写到第 3 题"), "all of it is marked");
    school.write(2, 1, 1).await;
    let page = browser.get("/a/a-1").await.body;
    assert!(state(page, "p-2").starts_with("writing\">书写中"));
    let page = browser.get("/a/a-1").await.body;
    assert!(state(page, "p-3").starts_with("missing\">未交"));
}

#[tokio::test]
async fn a_collection_is_taken_back_whole() {
    let (school, mut browser) = school().await;
    school.write(2, 1, 1).await;
    school.mark(None).await;
    assert!(!browser.get("/a/a-1").await.body.contains("popovertarget=\"collections\""));
    browser.post("/a/a-1/collect", "").await;
    school.store.settle(START_MS).await.unwrap();
    assert_eq!(cell(&mut browser, "q2").await, "blank", "settled");
    let page = browser.get("/a/a-1").await.body;
    assert!(page.contains("收的 2 人</button>"), "{page}");
    let stamp = page.split("give-back\"><input type=\"hidden\" name=\"of\" value=\"").nth(1);
    let form = format!("of={}", stamp.unwrap().split('"').next().unwrap());

    let mut other = school.logged_in("t-li").await;
    let answer = other.post("/a/a-1/give-back", &form).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "another class");
    assert_eq!(browser.post("/a/a-1/give-back", "").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(cell(&mut browser, "q2").await, "blank");

    assert_eq!(browser.post("/a/a-1/give-back", &form).await.header("location"), "/a/a-1");
    school.store.settle(START_MS).await.unwrap();
    assert_eq!(cell(&mut browser, "q2").await, "nothing", "provisional again");
    let page = browser.get("/a/a-1").await.body;
    assert!(page.contains("已动笔 <b>2</b>") && page.contains("popovertarget=\"collect\">"));
    assert!(!page.contains("popovertarget=\"collections\""), "{page}");
}

/// What settled by itself is not said to be handed in; a page says what the whole paper has.
#[tokio::test]
async fn a_paper_says_its_whole_score_and_why_it_is_closed() {
    for (settled_ms, said) in [
        (START_MS + 2_000_000, "自动收（停笔 30 分钟）"),
        (START_MS + 3_600_000, "自动收（到截止时间）"),
    ] {
        let school = School::new().await;
        school.write(1, 1, 1).await;
        school.write(1, 2, 2).await;
        school.mark(None).await;
        let mut browser = school.logged_in("t-wang").await;
        for page in 1..=2 {
            let paper = browser.get(&format!("/a/a-1/p-1/{page}")).await.body;
            assert!(paper.contains("整份 10 / 16 分") && paper.contains("已动笔"), "{paper}");
        }
        let pupil = browser.get("/pupil/p-1").await.body;
        assert!(pupil.contains("class=\"dashed\">10<") && pupil.contains("暂定"), "{pupil}");
        school.store.settle(settled_ms).await.unwrap();
        let paper = browser.get("/a/a-1/p-1/1").await.body;
        assert!(paper.contains(said) && !paper.contains("已交"), "{paper}");
        let matrix = browser.get("/a/a-1").await.body;
        assert!(matrix.contains("自动收 <b>1</b>") && matrix.contains("已交 <b>0</b>"), "{matrix}");
        for path in ["/", "/c/c-1"] {
            let list = browser.get(path).await.body;
            assert!(list.contains("自动收 <b>1</b>") && list.contains("已交 <b>0</b>"), "{list}");
        }
        let pupil = browser.get("/pupil/p-1").await.body;
        assert!(pupil.contains("自动收") && !pupil.contains("已交"), "{pupil}");
        assert!(!pupil.contains("暂定"), "{pupil}");
    }
    let school = School::new().await;
    school.write(1, 1, 1).await;
    school.mark(None).await;
    let mut browser = school.logged_in("t-wang").await;
    browser.post("/a/a-1/collect", "").await;
    for path in ["/a/a-1/p-1/1", "/pupil/p-1"] {
        let page = browser.get(path).await.body;
        assert!(page.contains("已交") && !page.contains("自动收"), "{page}");
    }
    for path in ["/", "/c/c-1", "/a/a-1"] {
        let list = browser.get(path).await.body;
        assert!(list.contains("已交 <b>1</b>") && !list.contains("自动收"), "{list}");
    }
}
