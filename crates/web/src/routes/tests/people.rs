//! A school's people, kept on its page.

use axum::http::StatusCode;
use sample_school::{holds, staff, teaches};
use school::{ClassId, Period, Role, SchoolId};

use super::school::administrator;
use crate::school::{Answer, Browser, School};

const PEOPLE: &str = "/school/s/people";

async fn act(browser: &mut Browser, act: &str, form: &str) -> Answer {
    browser.post(&format!("{PEOPLE}/{act}"), form).await
}

/// The path of the one-time link that a page shows.
fn link(page: &str) -> String {
    let link = page.split("<code>").nth(1).expect("the page shows a link");
    let link = link.split('<').next().unwrap();
    link.strip_prefix("http://127.0.0.1:8080").expect("of this site").to_owned()
}

/// The page of people, and what it says of one of them.
async fn row(browser: &mut Browser, id: &str) -> String {
    let page = browser.get(PEOPLE).await.body;
    let row = page.split(&format!("id=\"{id}\"")).nth(1).expect("they are on the page");
    row.split("</section>").next().unwrap().to_owned()
}

#[tokio::test]
async fn who_is_added_comes_in_by_the_link_and_does_their_work() {
    let school = School::new().await;
    let mut browser = administrator(&school).await;
    let form = "name=+Zhou+Jie+&login=jie&role=class_teacher&class=c-1";
    let slip = browser.post(PEOPLE, form).await;
    assert_eq!(slip.status, StatusCode::OK, "{}", slip.body);
    assert_eq!(slip.header("cache-control"), "no-store");
    assert!(slip.body.contains("Zhou Jie") && slip.body.contains("只显示这一次"), "{}", slip.body);
    assert!(slip.body.contains("<svg class=\"qr\""), "a phone reads it");
    // A way back to the very address that the form was sent to would only scroll.
    assert!(slip.body.contains("href=\"/school/s/people?of=t-"), "{}", slip.body);
    let page = browser.get(PEOPLE).await.body;
    assert!(page.contains("Zhou Jie") && page.contains("前有效"), "{page}");
    assert!(!page.contains("/link/"), "the link is shown once");
    let mut new = school.browser();
    let form = "password=rain+on+the+school+roof";
    assert_eq!(new.post(&link(&slip.body), form).await.status, StatusCode::SEE_OTHER);
    assert!(new.get("/").await.body.contains("/c/c-1"), "their class");
    assert_eq!(new.get(PEOPLE).await.status, StatusCode::NOT_FOUND);
    let page = browser.get(PEOPLE).await.body;
    assert!(page.contains("上次登录") && page.contains("已设密码"), "{page}");
}

#[tokio::test]
async fn what_is_wrong_with_somebody_new_is_told_and_what_was_typed_kept() {
    let school = School::new().await;
    let mut browser = administrator(&school).await;
    for (form, said) in [
        ("login=jie&role=head", "姓名要填"),
        ("name=Jie&login=a+b&role=head", "账号要填"),
        ("name=Jie&login=wang&role=head", "已经有人用了"),
        ("name=Jie&login=WANG&role=head", "账号 \u{2068}wang\u{2069} 已经有人用了"),
        ("name=Jie&login=%EF%BD%97ang&role=head", "已经有人用了"),
        ("name=Jie&login=j%E2%80%8Bie&role=head", "“账号”里有一个看不见的字符（U+200B）"),
        ("name=%E2%80%AEJie&login=jie&role=head", "“姓名”里有一个看不见的字符（U+202E）"),
        ("name=J%EF%BF%BEie&login=jie&role=head", "（U+FFFE）"),
        ("name=Jie&login=jie&role=teacher", "要选班级"),
        ("name=Jie&login=jie&role=marker&class=c-9", "要选班级"),
        ("name=Jie&login=jie&role=head_of_year&grade=13", "要选年级"),
        ("name=Jie&login=jie&role=district", "请选一个角色"),
    ] {
        let answer = browser.post(PEOPLE, form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(answer.body.contains(said), "{form}: {}", answer.body);
        let name = if form.starts_with("name=Jie") { "value=\"Jie\"" } else { "value=\"jie\"" };
        assert!(answer.body.contains(name), "{form}: what was typed is kept");
        assert!(answer.body.contains("id=\"add\" open"), "{form}: and in sight");
    }
    assert_eq!(school.store.staff_list(0).await.unwrap().len(), 3);
}

#[tokio::test]
async fn roles_are_given_and_ended() {
    let school = School::new().await;
    let mut browser = administrator(&school).await;
    let mut teacher = school.logged_in("t-wang").await;
    let given = act(&mut browser, "give-role", "staff=t-wang&role=teacher&class=c-2&subject=math");
    let given = given.await;
    assert_eq!(given.status, StatusCode::SEE_OTHER);
    assert_eq!(given.header("location"), "/school/s/people?did=give-role&of=t-wang#t-wang");
    let said = browser.get("/school/s/people?did=give-role&of=t-wang").await.body;
    assert_eq!(
        said.matches("角色已加上").count() + said.matches("已加上角色").count(),
        1,
        "{said}"
    );
    assert!(row(&mut browser, "t-wang").await.contains("三（2）班 数学"));
    assert!(teacher.get("/").await.body.contains("/c/c-2"));
    let refused = act(&mut browser, "give-role", "staff=t-wang&role=teacher").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("要选班级"), "{}", refused.body);

    school.pass_ms(1);
    let ended = act(&mut browser, "end-role", "staff=t-wang&held=teacher+c-2+math").await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", ended.body);
    let first = teacher.get("/").await.body;
    assert!(!first.contains("/c/c-2") && first.contains("/c/c-1"), "{first}");
    let again = act(&mut browser, "end-role", "staff=t-wang&held=teacher+c-2+math").await;
    assert_eq!(again.status, StatusCode::CONFLICT, "it has ended");
}

#[tokio::test]
async fn who_is_shut_out_is_out_at_once_and_let_in_again() {
    let school = School::new().await;
    let mut browser = administrator(&school).await;
    let mut teacher = school.logged_in("t-wang").await;
    let out = act(&mut browser, "disable", "staff=t-wang").await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert_eq!(teacher.get("/").await.status, StatusCode::SEE_OTHER, "logged out");
    assert!(row(&mut browser, "t-wang").await.contains("已停用"));
    // A link for who is shut out says so, and opens nothing.
    let slip = act(&mut browser, "invite", "staff=t-wang").await;
    assert!(slip.body.contains("这个账号已停用"), "{}", slip.body);
    let path = link(&slip.body);
    assert_eq!(school.browser().post(&path, "").await.status, StatusCode::GONE);
    act(&mut browser, "enable", "staff=t-wang").await;
    assert_eq!(school.browser().post(&path, "").await.status, StatusCode::SEE_OTHER);
    let slip = act(&mut browser, "reset", "staff=t-wang").await;
    assert_eq!(slip.status, StatusCode::OK);
    assert_eq!(school.browser().post(&link(&slip.body), "").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_last_administrator_is_told_why_they_stay() {
    let school = School::new().await;
    let mut browser = administrator(&school).await;
    for (what, form) in
        [("disable", "staff=t-zhou"), ("end-role", "staff=t-zhou&held=administrator+s")]
    {
        let refused = act(&mut browser, what, form).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{what}");
        assert!(refused.body.contains("最后一位能登录的管理员"), "{}", refused.body);
        assert!(refused.body.contains("设好密码"), "{}", refused.body);
        assert_eq!(browser.get(PEOPLE).await.status, StatusCode::OK, "{what}: nothing changed");
    }
}

/// Failure: somebody of another school who is named in a form, or a class of another school.
#[tokio::test]
async fn a_form_reaches_nobody_of_another_school() {
    let school = School::new().await;
    let store = &school.store;
    store.insert_school(sample_school::school("s-2", None)).await.unwrap();
    store.insert_class(sample_school::class("c-9", "s-2", 3)).await.unwrap();
    let other = store::StaffRow { school: "s-2".into(), ..staff("t-other") };
    store.insert_staff(other).await.unwrap();
    store.insert_grants(vec![teaches("t-other", "c-9")]).await.unwrap();
    let mut browser = administrator(&school).await;
    for what in ["invite", "reset", "disable", "enable", "give-role", "end-role", "reset-codes"] {
        let form = "staff=t-other&role=teacher&class=c-1&held=teacher+c-9&demand=yes";
        let answer = act(&mut browser, what, form).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{what}");
    }
    let refused = act(&mut browser, "give-role", "staff=t-wang&role=teacher&class=c-9").await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "no class of this school");
    assert_eq!(browser.get("/school/s/class/c-9").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/school/s-2/class/c-9").await.status, StatusCode::NOT_FOUND);
    let line = store.staff_list(0).await.unwrap();
    let line = line.iter().find(|line| line.id == "t-other").unwrap();
    assert!(line.disabled_ms.is_none() && line.invited_until_ms.is_none());
}

/// Failure: a form that does something for a person without the right.
#[tokio::test]
async fn nobody_else_keeps_people() {
    let school = School::new().await;
    let class = |id: &str| ClassId::new(id).unwrap();
    for (id, role) in [
        ("t-head", Role::Head { school: SchoolId::new("s").unwrap() }),
        ("t-class", Role::ClassTeacher { class: class("c-1") }),
    ] {
        school.store.insert_staff(staff(id)).await.unwrap();
        school.store.insert_grants(vec![holds(id, role, Period::from(0))]).await.unwrap();
        let mut browser = school.logged_in(id).await;
        for (what, form) in [
            ("", "name=Jie&login=jie&role=administrator"),
            ("/invite", "staff=t-wang"),
            ("/disable", "staff=t-wang"),
            ("/give-role", "staff=t-head&role=administrator"),
        ] {
            let answer = browser.post(&format!("{PEOPLE}{what}"), form).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}: {what}");
        }
        let roll = browser.get("/school/s/class/c-1").await;
        assert_eq!(roll.status, StatusCode::NOT_FOUND, "{id}");
    }
    let lines = school.store.staff_list(0).await.unwrap();
    assert!(lines.iter().all(|line| line.disabled_ms.is_none() && line.grants.len() == 1));
}

#[tokio::test]
async fn the_pupils_of_a_class_are_read() {
    let school = School::new().await;
    let mut browser = administrator(&school).await;
    let page = browser.get(PEOPLE).await.body;
    assert!(page.contains("/school/s/class/c-1") && page.contains("3 名学生"), "{page}");
    let roll = browser.get("/school/s/class/c-1").await;
    assert!(
        roll.status == StatusCode::OK && roll.body.contains("阿卜杜拉·买买提"),
        "{}",
        roll.body
    );
    assert!(!roll.body.contains("/pupil/"), "an administrator sees nobody's work");
}
