//! The pages on which a school is kept in order.

use axum::http::StatusCode;
use sample_school::{holds, staff};
use school::{Period, Role, SchoolId};

use crate::school::{Browser, School};

/// Somebody who keeps the school, in a browser.
pub(super) async fn administrator(school: &School) -> Browser {
    school.store.insert_staff(staff("t-zhou")).await.unwrap();
    let role = Role::Administrator { school: SchoolId::new("s").unwrap() };
    school.store.insert_grants(vec![holds("t-zhou", role, Period::from(0))]).await.unwrap();
    school.logged_in("t-zhou").await
}

#[tokio::test]
async fn who_keeps_a_school_is_led_to_it() {
    let school = School::new().await;
    let mut browser = administrator(&school).await;
    let first = browser.get("/").await.body;
    // In the list and in the header.
    assert_eq!(first.matches("href=\"/school/s\"").count(), 2, "{first}");
    assert!(!first.contains("您还没有任教的班级"), "nobody is told to ask themselves: {first}");
    let page = browser.get("/school/s").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("2 个班，") && page.body.contains("4 名学生"), "{}", page.body);
    let teacher = school.logged_in("t-wang").await.get("/").await.body;
    assert!(!teacher.contains("href=\"/school/s\""), "{teacher}");
}

#[tokio::test]
async fn a_new_school_is_told_what_to_do_next() {
    let mut school = School::empty().await;
    let path = format!("/setup/{}", school.offer_setup().await.unwrap());
    let mut browser = school.browser();
    let form = "school=New&name=Zhou&login=zhou&password=rain+on+the+school+roof";
    assert_eq!(browser.post(&path, form).await.status, StatusCode::SEE_OTHER);
    let first = browser.get("/").await.body;
    let href = first.split("href=\"/school/").nth(1).and_then(|rest| rest.split('"').next());
    let page = browser.get(&format!("/school/{}", href.unwrap())).await;
    assert_eq!(page.status, StatusCode::OK);
    for said in ["接下来做什么", "还没有班级", "zhibi import roster", "还没有借出的笔"]
    {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
}
