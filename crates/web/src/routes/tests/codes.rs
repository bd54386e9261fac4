//! Codes of a phone: turned on and off, asked for at a login, demanded.

use axum::http::StatusCode;
use totp_rs::{Builder, Secret};

use super::school::administrator;
use crate::school::{Answer, Browser, School};

const CODES: &str = "/account/codes";
const PASSWORD: &str = "rain+on+the+school+roof";

/// The code of a phone that has a secret, some steps from now.
fn code(school: &School, secret: &str, steps: i64) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let seconds = school.web.wall_ms() / 1_000 + steps * 30;
    totp.generate(seconds.try_into().unwrap()).to_string()
}

/// 王丽华 with a password, in a browser.
async fn with_password(school: &School) -> Browser {
    let mut browser = school.browser();
    let token = school.link("t-wang").await;
    let set = browser.post(&format!("/link/{token}"), &format!("password={PASSWORD}")).await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.body);
    browser
}

/// Begins, and returns the secret that the page shows.
async fn begin(browser: &mut Browser) -> String {
    assert_eq!(browser.post(&format!("{CODES}/begin"), "").await.status, StatusCode::SEE_OTHER);
    let page = browser.get(CODES).await.body;
    assert!(page.contains("<svg class=\"qr\""), "{page}");
    let key = page.split("<code>").nth(1).unwrap().split('<').next().unwrap();
    key.replace(' ', "")
}

async fn confirm(browser: &mut Browser, code: &str) -> Answer {
    browser.post(&format!("{CODES}/confirm"), &format!("code={code}")).await
}

/// Turns codes on: the secret and the recovery codes.
async fn turn_on(school: &School, browser: &mut Browser) -> (String, Vec<String>) {
    let secret = begin(browser).await;
    let shown = confirm(browser, &code(school, &secret, 0)).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
    let codes = shown.body.split("<li><code>").skip(1);
    let codes: Vec<_> = codes.map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

/// Gives the password, and keeps the cookie of the login that waits.
async fn give_password(school: &School) -> (Browser, Answer) {
    let mut browser = school.browser();
    let form = format!("login=wang&password={PASSWORD}&next=/c/c-1");
    let answer = browser.post("/login", &form).await;
    let half = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    browser.cookie = Some(half).filter(|half| half.starts_with("zhibi-half="));
    (browser, answer)
}

async fn give_code(browser: &mut Browser, code: &str) -> Answer {
    browser.post("/login/code", &format!("code={code}&next=/c/c-1")).await
}

#[tokio::test]
async fn a_login_takes_password_and_code() {
    let school = School::new().await;
    let mut account = with_password(&school).await;
    let (secret, _) = turn_on(&school, &mut account).await;
    let (mut browser, asked) = give_password(&school).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    assert_eq!(asked.header("location"), "/login/code?next=/c/c-1");
    assert!(!asked.header("set-cookie").starts_with("zhibi="), "no session yet");
    assert!(asked.header("set-cookie").contains("HttpOnly"));
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER, "nothing opens");
    assert!(browser.get("/login/code?next=/c/c-1").await.body.contains("value=\"/c/c-1\""));
    let wrong = give_code(&mut browser, "000000").await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    assert!(wrong.body.contains("验证码不对"), "{}", wrong.body);
    let used = give_code(&mut browser, &code(&school, &secret, 0)).await;
    assert_eq!(used.status, StatusCode::FORBIDDEN, "that turned codes on");
    let good = give_code(&mut browser, &code(&school, &secret, 1)).await;
    assert_eq!(good.status, StatusCode::SEE_OTHER, "{}", good.body);
    assert_eq!(good.header("location"), "/c/c-1");
    assert_eq!(browser.get("/c/c-1").await.status, StatusCode::OK);
    // The same code, seen over a shoulder.
    let (mut other, _) = give_password(&school).await;
    let replayed = give_code(&mut other, &code(&school, &secret, 1)).await;
    assert_eq!(replayed.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn without_the_password_there_is_nothing_to_give_a_code_to() {
    let school = School::new().await;
    let mut account = with_password(&school).await;
    let (secret, _) = turn_on(&school, &mut account).await;
    let mut browser = school.browser();
    browser.cookie = Some(format!("zhibi-half={}", "0".repeat(64)));
    let answer = give_code(&mut browser, &code(&school, &secret, 1)).await;
    assert_eq!(answer.header("location"), "/login");
    let (mut late, _) = give_password(&school).await;
    school.pass_ms(5 * 60_000);
    let answer = give_code(&mut late, &code(&school, &secret, 0)).await;
    assert_eq!(answer.header("location"), "/login", "five minutes are over");
}

#[tokio::test]
async fn codes_are_limited_as_passwords_are() {
    let school = School::new().await;
    let mut account = with_password(&school).await;
    let (secret, _) = turn_on(&school, &mut account).await;
    for _ in 0..6 {
        // A new login each time resets nothing.
        let (mut browser, _) = give_password(&school).await;
        assert_eq!(give_code(&mut browser, "000000").await.status, StatusCode::FORBIDDEN);
    }
    let (mut browser, _) = give_password(&school).await;
    let good = code(&school, &secret, 1);
    let waits = give_code(&mut browser, &good).await;
    assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS);
    assert_ne!(waits.header("retry-after"), "");
    school.pass_ms(60_000);
    let again = code(&school, &secret, 0);
    assert_eq!(give_code(&mut browser, &again).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_recovery_code_stands_in_for_the_phone_once() {
    let school = School::new().await;
    let mut account = with_password(&school).await;
    let (_, codes) = turn_on(&school, &mut account).await;
    let (mut browser, _) = give_password(&school).await;
    let typed = codes[3].to_uppercase().replace('-', "+");
    assert_eq!(give_code(&mut browser, &typed).await.status, StatusCode::SEE_OTHER);
    assert!(browser.get(CODES).await.body.contains("还剩 9 个备用码"));
    let (mut other, _) = give_password(&school).await;
    assert_eq!(give_code(&mut other, &codes[3]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_one_time_link_asks_for_the_code_too() {
    let school = School::new().await;
    let mut account = with_password(&school).await;
    let (secret, _) = turn_on(&school, &mut account).await;
    let token = school.link("t-wang").await;
    let mut browser = school.browser();
    let opened = browser.post(&format!("/link/{token}"), "").await;
    assert_eq!(opened.header("location"), "/login/code?next=/");
    let half = opened.header("set-cookie").split(';').next().unwrap().to_owned();
    browser.cookie = Some(half);
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER, "nothing opens");
    let good = give_code(&mut browser, &code(&school, &secret, 1)).await;
    assert_eq!(good.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn turning_off_takes_password_and_code() {
    let school = School::new().await;
    let mut browser = with_password(&school).await;
    let (secret, _) = turn_on(&school, &mut browser).await;
    let off = format!("{CODES}/off");
    let good = code(&school, &secret, 1);
    for form in [
        format!("current=wrong&code={good}"),
        format!("code={good}"),
        format!("current={PASSWORD}&code=000000"),
        format!("current={PASSWORD}"),
    ] {
        assert_eq!(browser.post(&off, &form).await.status, StatusCode::FORBIDDEN, "{form}");
    }
    let form = format!("current={PASSWORD}&code={good}");
    assert_eq!(browser.post(&off, &form).await.status, StatusCode::SEE_OTHER);
    let (_, answer) = give_password(&school).await;
    assert_eq!(answer.header("location"), "/c/c-1", "the password alone");
}

#[tokio::test]
async fn a_wrong_code_turns_nothing_on() {
    let school = School::new().await;
    let mut browser = with_password(&school).await;
    let first = begin(&mut browser).await;
    assert_eq!(confirm(&mut browser, "000000").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Another key takes the place of the first.
    let second = begin(&mut browser).await;
    assert_ne!(first, second);
    let old = confirm(&mut browser, &code(&school, &first, 0)).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, answer) = give_password(&school).await;
    assert_eq!(answer.header("location"), "/c/c-1", "nothing is on yet");
}

#[tokio::test]
async fn who_must_have_codes_sees_their_account_alone_until_they_do() {
    let school = School::new().await;
    let mut browser = with_password(&school).await;
    let mut keeper = administrator(&school).await;
    let demanded = keeper.post("/school/s/people/demand", "staff=t-wang&demand=yes").await;
    assert_eq!(demanded.status, StatusCode::SEE_OTHER);
    for path in ["/", "/c/c-1", "/a/a-1", "/nothing"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.header("location"), CODES, "{path}");
    }
    assert_eq!(browser.get("/a/a-1?part").await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/events").await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/password").await.status, StatusCode::OK);
    assert!(browser.get(CODES).await.body.contains("学校要求您开启两步验证"));
    let (_secret, _) = turn_on(&school, &mut browser).await;
    assert_eq!(browser.get("/c/c-1").await.status, StatusCode::OK);
    // Who lost everything is reset, and must begin again.
    let reset = keeper.post("/school/s/people/reset-codes", "staff=t-wang").await;
    assert_eq!(reset.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/c/c-1").await.header("location"), CODES);
    keeper.post("/school/s/people/demand", "staff=t-wang&demand=no").await;
    assert_eq!(browser.get("/c/c-1").await.status, StatusCode::OK);
}
