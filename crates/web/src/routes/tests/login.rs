mod limits;

use axum::http::{Method, StatusCode};

use crate::Config;
use crate::school::{Answer, Browser, School, config};
use crate::session::SESSION;

const GOOD: &str = "login=wang&password=correct+horse&next=/a/a-1";
const BAD: &str = "login=wang&password=wrong+horse&next=/a/a-1";

/// 王老师 has the password "correct horse".
async fn school() -> School {
    let school = School::new().await;
    let token = school.link("t-wang").await;
    let answer = school.browser().post(&format!("/link/{token}"), "password=correct+horse").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    school
}

async fn log_in(browser: &mut Browser, form: &str) -> Answer {
    browser.post("/login", form).await
}

#[tokio::test]
async fn a_link_gets_in_once() {
    let school = School::new().await;
    let token = school.link("t-wang").await;
    let path = format!("/link/{token}");
    let mut browser = school.browser();
    for _ in 0..2 {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "looking does not use it up");
        assert!(answer.body.contains("王丽华") && browser.cookie.is_none());
    }
    assert_eq!(browser.post(&path, "password=").await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    let mut second = school.browser();
    for answer in [second.get(&path).await, second.post(&path, "password=").await] {
        assert_eq!(answer.status, StatusCode::GONE);
        assert!(second.cookie.is_none());
    }
    let never = second.get("/link/0123").await;
    assert_eq!(never.status, StatusCode::GONE, "never issued looks the same");
}

/// A form that is sent in an ended session does nothing, and the login leads back to the page that
/// held the form.
#[tokio::test]
async fn a_form_of_an_ended_session_leads_back_to_its_page() {
    let site = "http://127.0.0.1:8080";
    let decide = format!("{site}/a/a-1/decide?since=3");
    let refused = format!("{site}/a/a-1/undo");
    let paper = format!("{site}/a/a-1/p-1/1");
    let elsewhere = "http://elsewhere.example/a/a-1/decide";
    for (path, referer, back) in [
        ("/a/a-1/collect", "", "/a/a-1"),
        ("/a/a-1/give-back", "", "/a/a-1"),
        ("/a/a-1/decide", "", "/a/a-1/decide"),
        ("/a/a-1/decide", decide.as_str(), "/a/a-1/decide?since=3"),
        ("/a/a-1/decide", &paper, "/a/a-1/p-1/1"),
        ("/a/a-1/decide", &refused, "/a/a-1"),
        ("/a/a-1/undo", elsewhere, "/a/a-1"),
        ("/a/a-1/p-1/1/hand-in", "", "/a/a-1/p-1/1"),
        ("/a/a-1/p-1/1/give-back", "", "/a/a-1/p-1/1"),
        ("/c/c-1/ink", "", "/c/c-1/ink"),
        ("/c/c-1/ink/undo", "", "/c/c-1/ink"),
        ("/password", "", "/password"),
        ("/logout", &decide, "/"),
    ] {
        let school = school().await;
        let mut browser = school.browser();
        log_in(&mut browser, GOOD).await;
        school.pass_ms(SESSION.idle_ms + 1);
        let header = (!referer.is_empty()).then_some(("referer", referer));
        let answer = browser.send(Method::POST, path, "", header.as_slice()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        let to = answer.header("location").to_owned();
        assert!(to.starts_with("/login"), "{path}: {to}");
        let next = to.split_once("next=").map_or("/", |(_, next)| next);
        let form = format!("login=wang&password=correct+horse&next={next}");
        let answer = log_in(&mut browser, &form).await;
        assert_eq!(answer.header("location"), back, "{path}");
        assert_eq!(browser.get(back).await.status, StatusCode::OK, "{path}");
    }
}

/// Addresses that only take forms may stand in bookmarks, and in links to the login.
#[tokio::test]
async fn a_login_leads_to_a_page() {
    let school = school().await;
    for (next, to) in
        [("/a/a-1/collect", "/a/a-1"), ("/a/a-1/decide", "/a/a-1/decide"), ("/logout", "/")]
    {
        let form = format!("login=wang&password=correct+horse&next={next}");
        let answer = log_in(&mut school.browser(), &form).await;
        assert_eq!(answer.header("location"), to);
    }
}

#[tokio::test]
async fn a_link_expires() {
    let school = School::new().await;
    let token = school.link("t-wang").await;
    school.pass_ms(15 * 60_000 - 1);
    assert_eq!(school.browser().get(&format!("/link/{token}")).await.status, StatusCode::OK);
    school.pass_ms(1);
    let answer = school.browser().post(&format!("/link/{token}"), "").await;
    assert_eq!(answer.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_refused_password_leaves_the_link_good() {
    let school = School::new().await;
    let path = format!("/link/{}", school.link("t-wang").await);
    let mut browser = school.browser();
    for password in ["short", "password123", "wang1234"] {
        let answer = browser.post(&path, &format!("password={password}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{password}");
        assert!(answer.body.contains("role=\"alert\"") && browser.cookie.is_none());
    }
    // The error speaks the language of the page, which is the owner's and not the browser's.
    let english = [("accept-language", "en")];
    let answer = browser.send(Method::POST, &path, "password=short", &english).await;
    assert!(answer.body.contains("设一个密码") && answer.body.contains("密码至少要 8 个字符"));
    assert!(!answer.body.contains("at least 8"), "{}", answer.body);
    assert_eq!(browser.post(&path, "password=correct+horse").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_password_gets_in_to_where_one_was_going() {
    let school = school().await;
    let mut browser = school.browser();
    let asked = browser.get("/a/a-1?x=1&y=2").await;
    assert_eq!(asked.header("location"), "/login?next=/a/a-1%3Fx%3D1%26y%3D2");
    let form = browser.get(asked.header("location")).await;
    assert!(form.body.contains("value=\"/a/a-1?x=1&#38;y=2\""), "{}", form.body);
    let answer = log_in(&mut browser, GOOD).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/a/a-1"));
    for away in ["//evil.example", "https://evil.example", "/\\evil.example", ""] {
        let form = format!("login=wang&password=correct+horse&next={away}");
        let answer = log_in(&mut school.browser(), &form).await;
        assert_eq!(answer.header("location"), "/", "{away}");
    }
}

#[tokio::test]
async fn a_login_begins_a_session_of_its_own() {
    let school = school().await;
    let mut browser = school.browser();
    log_in(&mut browser, GOOD).await;
    let planted = browser.clone();
    log_in(&mut browser, GOOD).await;
    assert_ne!(browser.cookie, planted.cookie);
    assert_eq!(planted.clone().get("/").await.status, StatusCode::SEE_OTHER, "the old one ended");
}

#[tokio::test]
async fn sessions_end() {
    let school = school().await;
    let mut idle = school.browser();
    log_in(&mut idle, GOOD).await;
    school.pass_ms(SESSION.idle_ms - 1);
    assert_eq!(idle.get("/").await.status, StatusCode::OK, "this is a use");
    school.pass_ms(SESSION.idle_ms - 1);
    assert_eq!(idle.get("/").await.status, StatusCode::OK);
    school.pass_ms(SESSION.idle_ms);
    assert_eq!(idle.get("/").await.status, StatusCode::SEE_OTHER, "nobody used it");
    let mut busy = school.browser();
    log_in(&mut busy, GOOD).await;
    for _ in 0..SESSION.absolute_ms / (30 * 60_000) - 1 {
        school.pass_ms(30 * 60_000);
        assert_eq!(busy.get("/").await.status, StatusCode::OK);
    }
    school.pass_ms(30 * 60_000);
    assert_eq!(busy.get("/").await.status, StatusCode::SEE_OTHER, "twelve hours are enough");
}

#[tokio::test]
async fn logging_out_ends_the_session_on_the_server() {
    let school = school().await;
    let mut browser = school.browser();
    log_in(&mut browser, GOOD).await;
    let copied = browser.clone();
    let answer = browser.post("/logout", "").await;
    assert_eq!(answer.header("location"), "/login");
    assert!(answer.header("clear-site-data").contains("storage"));
    assert!(browser.cookie.is_none());
    assert_eq!(copied.clone().get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_new_password_needs_the_old_one() {
    let school = school().await;
    let (mut browser, mut other) = (school.browser(), school.browser());
    log_in(&mut browser, GOOD).await;
    log_in(&mut other, GOOD).await;
    let wrong = browser.post("/password", "current=wrong&password=battery+staple").await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    let saved = browser.post("/password", "current=correct+horse&password=battery+staple").await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    assert_eq!(other.get("/").await.status, StatusCode::SEE_OTHER, "other devices are out");
    assert_eq!(log_in(&mut school.browser(), GOOD).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn pages_speak_the_language_that_was_chosen() {
    let school = school().await;
    let mut stranger = school.browser();
    let english = [("accept-language", "en-GB,en;q=0.9")];
    let form = stranger.send(axum::http::Method::GET, "/login", "", &english).await;
    assert!(form.body.contains("<html lang=\"en\">") && form.body.contains("Teacher login"));
    let mut browser = school.browser();
    log_in(&mut browser, GOOD).await;
    assert!(browser.get("/").await.body.contains("<html lang=\"zh-CN\">"));
    let answer = browser.post("/locale", "locale=en&next=/c/c-1").await;
    assert_eq!(answer.header("location"), "/c/c-1");
    let page = browser.get("/c/c-1").await.body;
    assert!(page.contains("<html lang=\"en\">") && page.contains("Class 3.1"), "{page}");
    assert_eq!(browser.post("/locale", "locale=xx").await.status, StatusCode::BAD_REQUEST);
}
