use axum::http::StatusCode;

use crate::school::School;

const FORM: &str = "school=%E5%AE%9E%E9%AA%8C%E5%B0%8F%E5%AD%A6&name=+Zhou+Min+&login=zhou&\
                    password=rain+on+the+school+roof";

#[tokio::test]
async fn a_new_store_gets_its_school_by_a_link_that_works_once() {
    let mut school = School::empty().await;
    let path = format!("/setup/{}", school.offer_setup().await.unwrap());
    let mut browser = school.browser();
    let page = browser.get(&path).await;
    assert!(page.status == StatusCode::OK && page.body.contains("这里还没有学校"), "{}", page.body);
    let other = browser.get(&format!("/setup/{}", "0".repeat(64))).await;
    assert_eq!(other.status, StatusCode::GONE);
    for (left_out, said) in [
        ("school=%E5%AE%9E%E9%AA%8C%E5%B0%8F%E5%AD%A6", "学校名称和姓名都要填"),
        ("name=+Zhou+Min+", "学校名称和姓名都要填"),
        ("login=zhou", "账号要填"),
        ("password=rain+on+the+school+roof", "密码至少要 8 个字符"),
    ] {
        let form = FORM.replace(left_out, "more=1");
        let answer = browser.post(&path, &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(answer.body.contains(said), "{form}: {}", answer.body);
        let typed = answer.body.contains("value=\"Zhou Min\"");
        assert_eq!(typed, !left_out.starts_with("name"), "what was typed is kept: {form}");
    }
    let long = FORM.replace("Min", &"x".repeat(64));
    assert_eq!(browser.post(&path, &long).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for (sound, wrong) in [
        ("login=zhou", "login=zhou+min"),
        // U+200B, which nobody sees.
        ("login=zhou", "login=zhou%E2%80%8B"),
        ("name=+Zhou", "name=+Zhou%E2%80%8B"),
    ] {
        let form = FORM.replace(sound, wrong);
        let answer = browser.post(&path, &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
    }

    let mut second = school.browser();
    let (one, two) = tokio::join!(browser.post(&path, FORM), second.post(&path, FORM));
    let statuses = [one.status, two.status];
    assert!(statuses.contains(&StatusCode::SEE_OTHER), "{statuses:?}");
    assert!(statuses.contains(&StatusCode::GONE), "one of two is first: {statuses:?}");
    let mut first = if one.status == StatusCode::SEE_OTHER { browser } else { second };
    let page = first.get("/").await;
    assert!(page.status == StatusCode::OK && page.body.contains("Zhou Min"), "{}", page.body);
    assert_eq!(first.get(&path).await.status, StatusCode::GONE);
    assert_eq!(school.offer_setup().await, None);

    let mut again = school.browser();
    let form = "login=zhou&password=rain+on+the+school+roof";
    let answer = again.post("/login", form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test]
async fn where_somebody_can_sign_in_nothing_is_offered() {
    let mut school = School::new().await;
    assert_eq!(school.offer_setup().await, None);
    let path = format!("/setup/{}", "0".repeat(64));
    assert_eq!(school.browser().post(&path, FORM).await.status, StatusCode::GONE);
}
