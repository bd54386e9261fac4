//! A teacher writes a worksheet, prints it, gives it to a class, and takes it back.

use std::fmt::Write;

use axum::http::StatusCode;
use printing::{Fonts, Plane, SECTION};
use sample_school::{START_MS, holds};
use school::{Period, Role, SchoolId};

use crate::school::{Answer, Browser, School};

const LIST: &str = "/school/s/worksheets";
const NEW: &str = "/school/s/worksheets/new";
const TEXT: &str = "标题：口算\n编号：sums\n年级：三\n科目：数学\n\n\
                    一、算。（每题 1 分，两栏） #表内乘法\n7 × 8 = [56]\n6 × 9 = [54]\n";

/// A form's fields as a browser sends them.
fn form(fields: &[(&str, &str)]) -> String {
    let mut sent = String::new();
    for (name, value) in fields {
        let between = if sent.is_empty() { "" } else { "&" };
        write!(sent, "{between}{name}=").unwrap();
        for byte in value.bytes() {
            write!(sent, "%{byte:02X}").unwrap();
        }
    }
    sent
}

async fn save(browser: &mut Browser, text: &str) -> Answer {
    browser.post(NEW, &form(&[("text", text), ("do", "save")])).await
}

/// Whether names can be printed here.
fn has_fonts() -> bool {
    let plane = Plane { section: SECTION };
    let printed = Fonts::of_system(None).and_then(|fonts| printing::test_page(&fonts, plane));
    if printed.is_err() {
        test_needs::missing("a Chinese font", "tests/run");
    }
    printed.is_ok()
}

#[tokio::test]
async fn a_text_with_faults_comes_back_with_their_places() {
    let school = School::new().await;
    let mut teacher = school.logged_in("t-wang").await;
    let begin = teacher.get(NEW).await;
    assert!(begin.body.contains("36 + 47 = [83]"), "an example to begin with");
    let wrong = TEXT.replace("[56]", "[]").replace("科目：数学", "科目：体育</textarea>");
    let answer = save(&mut teacher, &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("体育&lt;/textarea&gt;") || answer.body.contains("体育&#60;/textarea")
    );
    assert!(answer.body.contains("7 × 8 = []"), "what was typed is still there");
    assert!(answer.body.contains("data-line=\"4\"") && answer.body.contains("data-line=\"7\""));
    assert!(!teacher.get(LIST).await.body.contains("sums"), "nothing is stored");
}

#[tokio::test]
async fn a_doubt_is_told_and_keeps_nothing_from_being_saved() {
    let school = School::new().await;
    let mut teacher = school.logged_in("t-wang").await;
    let doubtful = TEXT.replace("[56]", "[57]");
    let answer = teacher.post(NEW, &form(&[("text", &doubtful), ("do", "check")])).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("56 = 57") && answer.body.contains("data-line=\"7\""));
    assert!(answer.body.contains("data:image/svg+xml,"), "and it is shown as it will be");
    assert!(answer.header("content-security-policy").contains("img-src 'self' data:;"));
    let saved = save(&mut teacher, &doubtful).await;
    assert_eq!(saved.header("location"), "/school/s/sheet/sums/1?saved");
    let page = teacher.get("/school/s/sheet/sums/1").await.body;
    assert!(page.contains("56 = 57"), "the page says it too");
    assert!(page.contains("<a href=\"#q-1-1\">"), "and leads to the place: {page}");
}

#[tokio::test]
async fn another_text_is_a_new_version_that_says_what_changed() {
    let school = School::new().await;
    let mut teacher = school.logged_in("t-wang").await;
    assert_eq!(save(&mut teacher, TEXT).await.header("location"), "/school/s/sheet/sums/1?saved");
    // The same once more changes nothing.
    assert_eq!(save(&mut teacher, TEXT).await.header("location"), "/school/s/sheet/sums/1?saved");
    let first = teacher.get("/school/s/sheet/sums/1").await.body;
    assert!(first.contains(">56</text>") && first.contains("id=\"q-1-1\""), "the key is shown");
    let other = TEXT.replace("，两栏", "");
    let saved = save(&mut teacher, &other).await;
    assert_eq!(saved.header("location"), "/school/s/sheet/sums/2?saved");
    let second = teacher.get("/school/s/sheet/sums/2?saved").await.body;
    assert!(second.contains("1-2 的作答框移动了"), "{second}");
    assert!(!second.contains("已经印过"), "nobody has a sheet of version 1");
    assert!(teacher.get(&format!("{NEW}?from=sums&version=2")).await.body.contains("版本：2"));
    let text = teacher.get("/school/s/sheet/sums/2/text").await;
    assert!(
        text.body.contains("版本：2")
            && text.header("content-disposition").contains("worksheet-v2.txt")
    );
    assert!(teacher.get(LIST).await.body.contains("/school/s/sheet/sums/2"));
    let artwork = teacher.get("/school/s/sheet/sums/2/page/1").await;
    assert!(artwork.body.starts_with("<svg") && artwork.header("content-type") == "image/svg+xml");
}

#[tokio::test]
async fn who_keeps_the_school_sees_no_key() {
    let school = School::new().await;
    let mut teacher = school.logged_in("t-wang").await;
    save(&mut teacher, TEXT).await;
    let role = Role::Administrator { school: SchoolId::new("s").unwrap() };
    school.store.insert_staff(sample_school::staff("t-zhao")).await.unwrap();
    let grant = holds("t-zhao", role, Period::from(0));
    school.store.insert_grants(vec![grant]).await.unwrap();
    let mut keeper = school.logged_in("t-zhao").await;
    let page = keeper.get("/school/s/sheet/sums/1").await.body;
    assert!(page.contains("id=\"q-1-1\"") && !page.contains(">56</text>"), "{page}");
}

/// From the button to the class and back.
///
/// Failure: a PDF that differs when it is asked for again, a run that is recorded twice or without a
/// PDF, a moved field of a printed version that nobody is told of.
#[tokio::test]
async fn a_sheet_is_printed_given_and_taken_back() {
    if !has_fonts() {
        return;
    }
    let school = School::new().await;
    let mut teacher = school.logged_in("t-wang").await;
    save(&mut teacher, TEXT).await;
    let print = "/school/s/sheet/sums/1/print";
    let refused = teacher.post(print, "class=c-2&kind=named&seen=0").await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "another teacher's class");
    let refused = teacher.post(print, "class=c-1&kind=nameless&copies=0&seen=0").await;
    assert!(refused.body.contains("1 到 500"), "{}", refused.body);
    let printed = teacher.post(print, "class=c-1&kind=named&seen=0").await;
    assert_eq!(printed.header("location"), "/school/s/sheet/sums/1?printed", "{}", printed.body);
    let again = teacher.post(print, "class=c-1&kind=named&seen=1").await;
    assert_eq!(again.header("location"), "/school/s/sheet/sums/1?again");
    let pdf = "/school/s/run/sums-v1-c-1";
    let bytes = pdf_of(&mut teacher, pdf).await;
    assert!(bytes.starts_with(b"%PDF") && bytes == pdf_of(&mut teacher, pdf).await);
    // Pressed twice, a button makes one run.
    for _ in 0..2 {
        teacher.post(print, "class=c-1&kind=nameless&copies=2&seen=1").await;
    }
    let page = teacher.get("/school/s/sheet/sums/1").await.body;
    assert_eq!(page.matches("class=\"run\"").count(), 2, "{page}");

    // Who comes later gets a copy of the same run, and the others keep theirs.
    school.store.insert_pupils(vec![sample_school::pupil("c-1", 88)]).await.unwrap();
    let later = teacher.post(print, "class=c-1&kind=named&seen=2").await;
    let to = later.header("location").to_owned();
    assert!(to.starts_with("/school/s/sheet/sums/1?later="), "{to}");
    let page = teacher.get(&to).await.body;
    assert!(page.contains("为后来的 1 名学生补印了"), "{page}");
    let only = page.split("href=\"/school/s/run/sums-v1-c-1?from=").nth(1).expect("a link");
    let only = format!("{pdf}?from={}", only.split('"').next().unwrap());
    let answer = teacher.call(axum::http::Method::GET, &only, "", &[]).await;
    let named = answer.headers()["content-disposition"].to_str().unwrap();
    assert!(named.contains("worksheet-2025-") && named.contains("filename*=UTF-8''%"), "{named}");
    assert!(!named.contains("sums"), "{named}");
    assert!(pdf_of(&mut teacher, &only).await.len() < bytes.len());
    let again = teacher.post(print, "class=c-1&kind=named&seen=2").await;
    assert_eq!(again.header("location"), "/school/s/sheet/sums/1?again");

    let give = "/school/s/run/sums-v1-c-1/give";
    for (due, said) in [
        ("2025-11-01T20:00", "已经过了"),
        ("2126-11-24T20:00", "400 天"),
        ("tomorrow", "2026-12-01T20:00"),
    ] {
        let answer = teacher.post(give, &form(&[("class", "c-1"), ("due", due)])).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.body.contains(said) && answer.body.contains(due), "{due}");
    }
    let given = teacher.post(give, "class=c-1&due=2025-11-24T20:00").await;
    assert_eq!(given.header("location"), "/school/s/sheet/sums/1?given", "{}", given.body);
    let class = teacher.get("/c/c-1").await.body;
    let action = "/a/a-sums-v1-c-1/due";
    assert!(class.contains(action) && class.contains("2025-11-24T20:00"), "{class}");
    let late = teacher.post(action, "due=2025-11-23T00:00").await;
    assert!(late.status == StatusCode::CONFLICT && late.body.contains("2025-11-23T00:00"));
    let changed = teacher.post(action, "due=2025-11-25T20:00").await;
    assert_eq!(changed.header("location"), "/c/c-1?changed#given");

    let second = save(&mut teacher, &TEXT.replace("，两栏", "")).await;
    assert_eq!(second.header("location"), "/school/s/sheet/sums/2?saved");
    let page = teacher.get("/school/s/sheet/sums/2").await.body;
    assert!(page.contains("第 1 版已经印过"), "a moved field is caught: {page}");

    let back = "/a/a-sums-v1-c-1/withdraw";
    let now_ms = START_MS + 60_000;
    let withdrawn = teacher.post(back, &format!("of={now_ms}")).await;
    let to = withdrawn.header("location").replace("#given", "");
    assert!(to.starts_with("/c/c-1?withdrawn=sums-v1-c-1"), "{to} {}", withdrawn.body);
    let class = teacher.get(&to).await.body;
    assert!(!class.contains(action) && class.contains(give), "it can be given again");
    let undone = format!("class=c-1&due=2025-11-25T20:00&assigned={now_ms}");
    assert_eq!(teacher.post(give, &undone).await.status, StatusCode::SEE_OTHER);
    assert!(teacher.get("/c/c-1").await.body.contains(action));
}

async fn pdf_of(browser: &mut Browser, path: &str) -> Vec<u8> {
    let answer = browser.call(axum::http::Method::GET, path, "", &[]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    axum::body::to_bytes(answer.into_body(), 64 << 20).await.unwrap().to_vec()
}

#[tokio::test]
async fn what_a_person_has_marked_is_not_taken_back() {
    let school = School::new().await;
    school.write(1, 1, 1).await;
    school.mark(Some("low_confidence")).await;
    let mut teacher = school.logged_in("t-wang").await;
    let decided = "question=q1&verdict=right&member=p-1:1";
    assert_eq!(teacher.post("/a/a-1/decide", decided).await.status, StatusCode::SEE_OTHER);
    let refused = teacher.post("/a/a-1/withdraw", &format!("of={START_MS}")).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("有 1 页已有人批阅"), "{}", refused.body);
    assert_eq!(teacher.get("/a/a-1").await.status, StatusCode::OK);
}
