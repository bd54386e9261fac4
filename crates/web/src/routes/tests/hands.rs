//! Whose pen wrote is said beside the paper, and put right there.

use axum::http::StatusCode;
use sample_school::{START_MS, holder, lease, marker};

use super::stream::decide;
use crate::school::{Browser, School};

/// On a shared sheet p-1 and p-2 wrote, each with the pen that they were lent, and both are marked.
async fn shared() -> (School, Browser) {
    let school = School::new().await;
    school.share("r-all", "a-all", 900).await;
    for pen in [1, 2] {
        let lent = lease(u64::from(pen), holder(pen), 0, None);
        school.store.insert_leases(vec![lent]).await.unwrap();
        let at_ms = START_MS + i64::from(pen) * 10_000;
        school.write_with(pen.into(), pen, 900, at_ms, at_ms + 1_000).await;
    }
    school.mark(None).await;
    let browser = school.logged_in("t-wang").await;
    (school, browser)
}

async fn settle(school: &School) {
    while school.store.attribute(START_MS).await.unwrap() > 0 {}
    school.mark(None).await;
}

/// The part of a page about pens.
fn pens(page: &str) -> &str {
    page.split("id=\"pens\"").nth(1).and_then(|rest| rest.split("</section>").next()).unwrap_or("")
}

/// The hidden number of the first correction that can be taken back.
fn of(page: &str) -> String {
    let form = pens(page).split("/pens/undo\"").nth(1).expect("something to take back");
    let value = form.split("name=\"of\" value=\"").nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

async fn strokes(browser: &mut Browser, path: &str) -> usize {
    browser.get(path).await.body.matches("data-t=\"").count()
}

#[tokio::test]
async fn ink_of_an_evening_goes_to_who_wrote_it_and_comes_back() {
    let (school, mut browser) = shared().await;
    let (first, other) = ("/a/a-all/p-1/1", "/a/a-all/p-3/1");
    let page = browser.get(first).await.body;
    let said = pens(&page);
    assert!(said.contains("笔 000000000001") && said.contains("陈一诺"), "{said}");
    assert!(
        said.contains("value=\"wrote p-3\"") && said.contains("value=\"swapped p-2\""),
        "{said}"
    );
    assert!(!said.contains("value=\"wrote p-1\""), "it is theirs already: {said}");
    assert!(said.contains("只是这一次（11 月") && !said.contains("到 前后"), "{said}");
    let form = "say=wrote+p-3&when=evening";
    for _ in 0..2 {
        let answer = browser.post(&format!("{first}/pens"), form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "twice is once: {}", answer.body);
        assert_eq!(answer.header("location"), "/a/a-all/p-1/1#pens");
        settle(&school).await;
    }
    assert_eq!((strokes(&mut browser, first).await, strokes(&mut browser, other).await), (0, 1));
    let page = browser.get(first).await.body;
    let said = pens(&page);
    assert!(
        said.contains("这页现在没有笔迹") && said.contains("是\u{2068}&#60;b&#62;王"),
        "{said}"
    );
    assert!(said.contains("href=\"/a/a-all/p-3/1\""), "{said}");
    // The same is told on the paper that has the ink now, and can be taken back there.
    let page = browser.get(other).await.body;
    let undo = format!("of={}", of(&page));
    for _ in 0..2 {
        let answer = browser.post(&format!("{other}/pens/undo"), &undo).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        settle(&school).await;
    }
    assert_eq!((strokes(&mut browser, first).await, strokes(&mut browser, other).await), (1, 0));
}

/// A decision survives the ink that it was about, and the teacher is told.
#[tokio::test]
async fn a_teachers_mark_stays_when_pens_change_places() {
    let (school, mut browser) = shared().await;
    decide(&school, "t-wang", "a-all", "p-1").await;
    let answer =
        browser.post("/a/a-all/p-1/1/pens", "say=swapped+p-2&when=from&date=2025-11-23").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    settle(&school).await;
    let page = browser.get("/a/a-all/p-1/1").await.body;
    assert!(pens(&page).contains("笔 000000000002"), "{page}");
    assert!(page.contains("屏幕 · <bdi>王丽华</bdi>"), "{page}");
    assert!(page.contains("判过之后又写过"), "{page}");
    let page = browser.get("/a/a-all/p-2/1").await.body;
    assert!(pens(&page).contains("笔 000000000001") && pens(&page).contains("起)"), "{page}");
}

#[tokio::test]
async fn a_foreign_pen_on_a_copy_is_flagged_and_put_right_by_one_button() {
    let school = School::new().await;
    // p-2's pen and the teacher's write on p-1's copy.
    let leases = vec![
        lease(1, holder(1), 0, None),
        lease(2, holder(2), 0, None),
        lease(66, marker(), 0, None),
    ];
    school.store.insert_leases(leases).await.unwrap();
    for (pen, at_ms) in [(2, START_MS + 1_000), (66, START_MS + 9_000)] {
        school.write_with(pen, 1, 100, at_ms, at_ms + 1_000).await;
    }
    school.mark(None).await;
    let mut browser = school.logged_in("t-wang").await;
    let (own, other) = ("/a/a-1/p-1/1", "/a/a-1/p-2/1");
    let page = browser.get(own).await.body;
    let said = pens(&page);
    assert!(said.contains("不是本人的笔") && said.contains("红笔"), "{said}");
    assert!(said.contains("value=\"swapped p-2\"") && said.contains("value=\"wrote\""), "{said}");
    let form = "pen=000000000002&when=evening&say=wrote";
    assert_eq!(browser.post(&format!("{own}/pens"), form).await.status, StatusCode::SEE_OTHER);
    settle(&school).await;
    let page = browser.get(own).await.body;
    assert!(!pens(&page).contains("不是本人的笔"), "{page}");
    assert_eq!(strokes(&mut browser, own).await, 2, "the paper stays");
    // The sheet was another's: all of its ink goes there, the red ink too.
    let answer = browser.post(&format!("{own}/pens"), "pen=&say=wrote+p-2").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    settle(&school).await;
    assert_eq!((strokes(&mut browser, own).await, strokes(&mut browser, other).await), (0, 2));
    let page = browser.get(other).await.body;
    let said = pens(&page);
    assert!(said.contains("老师从别的答卷移来的") && said.contains("红笔"), "{said}");
}

#[tokio::test]
async fn what_cannot_be_is_said_beside_the_pens() {
    let (school, mut browser) = shared().await;
    let path = "/a/a-all/p-1/1/pens";
    for (form, words) in [
        ("say=swapped+p-3&when=evening", "没有借到笔"),
        ("say=wrote+p-51&when=evening", "没有布置给那位学生"),
        ("say=wrote+p-3&when=from&date=soon", "从哪天起"),
        ("say=swapped+p-2&when=from&date=2999-01-01", "不晚于今天"),
        ("say=wrote+p-3&pen=0000000000ff", "没有这支笔的笔迹"),
    ] {
        let answer = browser.post(path, form).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{form}");
        assert!(pens(&answer.body).contains(words), "{form}: {}", answer.body);
    }
    for form in ["", "say=p-3", "say=wrote+", "say=wrote+p-3&pen=x"] {
        assert_eq!(browser.post(path, form).await.status, StatusCode::BAD_REQUEST, "{form}");
    }
    // Since the correction the pen was lent on: it is not taken back in silence.
    browser.post(path, "say=swapped+p-2&when=from&date=2025-11-23").await;
    settle(&school).await;
    let again = lease(1, holder(3), START_MS + 86_400_000, None);
    school.store.insert_leases(vec![again]).await.unwrap();
    let undo = format!("of={}", of(&browser.get("/a/a-all/p-1/1").await.body));
    let answer = browser.post(&format!("{path}/undo"), &undo).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(pens(&answer.body).contains("后来又改过"), "{}", answer.body);
}

/// Failure: two pupils' ink comes to lie on one paper without a question.
#[tokio::test]
async fn ink_on_ink_is_asked_before_it_is_done() {
    let (school, mut browser) = shared().await;
    let (first, other) = ("/a/a-all/p-1/1", "/a/a-all/p-2/1");
    let form = "say=wrote+p-2&when=evening";
    let answer = browser.post(&format!("{first}/pens"), form).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let said = pens(&answer.body);
    assert!(said.contains("第 1 页上已经有笔迹"), "{said}");
    assert!(said.contains("name=\"say\" value=\"wrote p-2\""), "{said}");
    assert!(said.contains("href=\"/a/a-all/p-2/1\""), "{said}");
    settle(&school).await;
    assert_eq!((strokes(&mut browser, first).await, strokes(&mut browser, other).await), (1, 1));
    let answer = browser.post(&format!("{first}/pens"), &format!("{form}&sure=1")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    settle(&school).await;
    assert_eq!((strokes(&mut browser, first).await, strokes(&mut browser, other).await), (0, 2));
}
