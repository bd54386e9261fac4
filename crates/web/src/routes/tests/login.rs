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

/// What a form asked of an ended session is not done, and after the login there is the page on
/// which it stood.
#[tokio::test]
async fn a_form_of_an_ended_session_leads_back_to_its_page() {
    let site = "http://127.0.0.1:8080";
    let decide = format!("{site}/a/a-1/decide?since=3");
    let refused = format!("{site}/a/a-1/p-1/1/decide");
    let elsewhere = "http://elsewhere.example/a/a-1/decide";
    for (path, referer, back) in [
        ("/a/a-1/collect", "", "/a/a-1"),
        ("/a/a-1/give-back", "", "/a/a-1"),
        ("/a/a-1/p-1/1/decide", "", "/a/a-1/p-1/1"),
        ("/a/a-1/p-1/1/decide", decide.as_str(), "/a/a-1/decide?since=3"),
        ("/a/a-1/p-1/1/decide", &refused, "/a/a-1/p-1/1"),
        ("/a/a-1/p-1/1/undo", elsewhere, "/a/a-1/p-1/1"),
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
async fn wrong_passwords_sound_alike_and_are_limited() {
    let school = school().await;
    let wrong = log_in(&mut school.browser(), BAD).await;
    let nobody = log_in(&mut school.browser(), "login=nobody&password=wrong+horse").await;
    let unset = log_in(&mut school.browser(), "login=li&password=wrong+horse").await;
    for answer in [&wrong, &nobody, &unset] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.body.contains("账号或密码不对"));
    }
    for _ in 0..4 {
        assert_eq!(log_in(&mut school.browser(), BAD).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(log_in(&mut school.browser(), GOOD).await.status, StatusCode::SEE_OTHER);
    for _ in 0..7 {
        log_in(&mut school.browser(), BAD).await;
    }
    let limited = log_in(&mut school.browser(), GOOD).await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS, "the next try must wait");
    assert!(limited.body.contains("请 1 秒后再试"), "{}", limited.body);
    assert_eq!(limited.header("retry-after"), "1");
    school.pass_ms(1_000);
    assert_eq!(log_in(&mut school.browser(), GOOD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_long_wait_is_told_in_minutes_and_not_as_a_wrong_password() {
    let school = school().await;
    // Five cost no wait, the others 1, 2, 4 … 128 s.
    for n in 0..13 {
        assert_eq!(log_in(&mut school.browser(), BAD).await.status, StatusCode::FORBIDDEN, "{n}");
        school.pass_ms(if n < 12 { 300_000 } else { 0 });
    }
    let limited = log_in(&mut school.browser(), GOOD).await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(limited.header("retry-after"), "128");
    assert!(limited.body.contains("尝试次数太多，请 3 分钟后再试"), "{}", limited.body);
    assert!(!limited.body.contains("账号或密码不对"), "{}", limited.body);
    let english = [("accept-language", "en")];
    let limited = school.browser().send(Method::POST, "/login", BAD, &english).await;
    assert!(limited.body.contains("Too many attempts. Wait 3 minutes"), "{}", limited.body);
    assert!(!limited.body.contains("is wrong"), "{}", limited.body);
    school.pass_ms(128_000);
    assert_eq!(log_in(&mut school.browser(), GOOD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn failures_elsewhere_do_not_shut_a_known_device_out() {
    let school = school().await;
    let mut known = school.browser();
    log_in(&mut known, GOOD).await;
    assert_eq!(known.post("/logout", "").await.status, StatusCode::SEE_OTHER);
    // The same client, and others, until all of them must wait.
    for n in 0..120 {
        let mut stranger = school.browser();
        stranger.client[3] = n / 6;
        log_in(&mut stranger, BAD).await;
    }
    let mut stranger = school.browser();
    stranger.client[3] = 99;
    assert_eq!(log_in(&mut stranger, GOOD).await.status, StatusCode::TOO_MANY_REQUESTS);
    let mut borrowed = school.browser();
    borrowed.device.clone_from(&known.device);
    let other = log_in(&mut borrowed, "login=li&password=wrong+horse").await;
    assert_eq!(other.status, StatusCode::FORBIDDEN, "to another account it is a stranger");
    assert_eq!(log_in(&mut known, GOOD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_logs_in_often_keeps_their_other_devices_known() {
    let school = school().await;
    let (mut home, mut desk) = (school.browser(), school.browser());
    log_in(&mut home, GOOD).await;
    for day in 0..12 {
        school.pass_ms(86_400_000);
        let answer = log_in(&mut desk, GOOD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{day}");
    }
    for _ in 0..7 {
        log_in(&mut school.browser(), BAD).await;
    }
    let stranger = log_in(&mut school.browser(), GOOD).await;
    assert_eq!(stranger.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(log_in(&mut home, GOOD).await.status, StatusCode::SEE_OTHER);
    assert_eq!(log_in(&mut desk, GOOD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn made_up_names_do_not_shut_a_school_out() {
    let school = school().await;
    for n in 0..60 {
        let form = format!("login=made-up-{n}&password=wrong+horse");
        assert_eq!(log_in(&mut school.browser(), &form).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(log_in(&mut school.browser(), GOOD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn behind_a_trusted_proxy_clients_are_told_apart() {
    let proxies = vec!["10.0.0.0/24".parse().unwrap()];
    let school = School::with(Config { trusted_proxies: proxies, ..config() }).await;
    let from = |client: &'static str| [("x-forwarded-for", client)];
    let attacker = from("6.6.6.6, 203.0.113.1");
    for _ in 0..6 {
        let mut browser = school.browser();
        browser.send(Method::POST, "/login", BAD, &attacker).await;
    }
    for (client, expected) in [
        ("7.7.7.7, 203.0.113.1", StatusCode::TOO_MANY_REQUESTS),
        ("203.0.113.1, 203.0.113.2", StatusCode::FORBIDDEN),
    ] {
        let mut browser = school.browser();
        let answer = browser.send(Method::POST, "/login", BAD, &from(client)).await;
        assert_eq!(answer.status, expected, "{client}");
    }
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
