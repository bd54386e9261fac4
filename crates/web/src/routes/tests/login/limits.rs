//! Failed logins, and whom they make wait.

use super::*;

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
