//! A roster is brought in from a file, after it was shown what it changes.

use axum::http::{Method, StatusCode};
use sample_school::{holds, staff};
use school::{Period, Role, SchoolId};

use super::school::administrator;
use crate::school::{Answer, Browser, School};

const PATH: &str = "/school/s/people/roster";
const LIST: &str = "年级,班级,学号,姓名\n三,1,61,新来的\n三,1,62,又来的\n";

async fn look(browser: &mut Browser, name: &str, file: &str) -> Answer {
    let body = format!(
        "--line\r\nContent-Disposition: form-data; name=\"from\"\r\n\r\n2025-11-01\r\n\
         --line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/csv\r\n\r\n{file}\r\n--line--\r\n"
    );
    let kind = [("content-type", "multipart/form-data; boundary=line")];
    browser.send(Method::POST, PATH, &body, &kind).await
}

/// What names the roster that a page shows.
fn token(page: &str) -> String {
    let value = page.split("name=\"roster\" value=\"").nth(1).expect("a roster to take in");
    value.split('"').next().unwrap().to_owned()
}

async fn pupils(school: &School) -> usize {
    let mut pupils = 0;
    for class in school.store.classes("s").await.unwrap() {
        pupils += school.store.pupils_of_class(&class.id, i64::MAX / 4).await.unwrap().len();
    }
    pupils
}

/// Failure: something is changed before the button, by a second press, by somebody else's press, or by
/// another file than the one that was shown.
#[tokio::test]
async fn what_was_shown_is_taken_in_by_one_button() {
    let school = School::new().await;
    let mut admin = administrator(&school).await;
    assert_eq!(admin.get(PATH).await.status, StatusCode::OK);
    let before = pupils(&school).await;
    let shown = look(&mut admin, "名单.csv", LIST).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
    assert!(shown.body.contains("新来的") && shown.body.contains("名单.csv"), "{}", shown.body);
    assert_eq!(pupils(&school).await, before, "it was only shown");
    let form = format!("roster={}", token(&shown.body));
    let mut other = school.logged_in("t-wang").await;
    assert_eq!(other.post(&format!("{PATH}/apply"), &form).await.status, StatusCode::NOT_FOUND);
    let taken = admin.post(&format!("{PATH}/apply"), &form).await;
    assert_eq!(taken.header("location"), format!("{PATH}?taken"), "{}", taken.body);
    assert_eq!(pupils(&school).await, before + 2);
    let again = admin.post(&format!("{PATH}/apply"), &form).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.body.contains("已经导入过"), "{}", again.body);
    // The same file changes nothing, and has nothing to press.
    let same = look(&mut admin, "名单.csv", LIST).await.body;
    assert!(same.contains("什么都不用改") && !same.contains("name=\"roster\""), "{same}");
}

#[tokio::test]
async fn what_changed_meanwhile_is_shown_again() {
    let school = School::new().await;
    let mut admin = administrator(&school).await;
    school.store.insert_staff(staff("t-qian")).await.unwrap();
    let role = Role::Administrator { school: SchoolId::new("s").unwrap() };
    school.store.insert_grants(vec![holds("t-qian", role, Period::from(0))]).await.unwrap();
    let mut other = school.logged_in("t-qian").await;
    let shown = look(&mut admin, "a.csv", LIST).await.body;
    let first = LIST.replace("三,1,62,又来的\n", "");
    let theirs = format!("roster={}", token(&look(&mut other, "b.csv", &first).await.body));
    let taken = other.post(&format!("{PATH}/apply"), &theirs).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    let form = format!("roster={}", token(&shown));
    let before = pupils(&school).await;
    let answer = admin.post(&format!("{PATH}/apply"), &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("再看一遍"), "{}", answer.body);
    assert_eq!(pupils(&school).await, before);
    let form = format!("roster={}", token(&answer.body));
    let taken = admin.post(&format!("{PATH}/apply"), &form).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    assert_eq!(pupils(&school).await, before + 1);
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_place_and_changes_nothing() {
    let school = School::new().await;
    let mut admin = administrator(&school).await;
    let before = pupils(&school).await;
    let wrong = LIST.replace("三,1,62,又来的", "三,1,,又来的");
    let answer = look(&mut admin, "名单.csv", &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let cells = ["<td>名单.csv</td><td>3</td><td>", "有 1 处不对"];
    assert!(cells.iter().all(|cell| answer.body.contains(cell)), "{}", answer.body);
    for (file, said) in [("", "没有选文件"), (&*"x".repeat((8 << 20) + 1), "最大 8 MB")] {
        let answer = look(&mut admin, "名单.csv", file).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(said), "{}", &answer.body[..2_000]);
    }
    assert_eq!(pupils(&school).await, before);
}

/// Failure: a page says in the other language what is wrong with a file, or what it would change.
#[tokio::test]
async fn a_page_speaks_its_language_of_a_file() {
    let school = School::new().await;
    let mut admin = administrator(&school).await;
    let shown = look(&mut admin, "名单.csv", LIST).await.body;
    admin.post(&format!("{PATH}/apply"), &format!("roster={}", token(&shown))).await;
    let wrong =
        "年级,班级,学号,姓名\n三,1,,甲\n大班,1,62,乙\n三,1,63,丙\u{200b}\n三,1,64,丁\n三,1,64,戊\n";
    // Nothing is wrong with it but what is known already.
    let other_name = LIST.replace("新来的", "别人");
    let teachers = "工号,姓名,登录名,任教班级,学科,是否班主任\n\
                    1,沈静秋,shen,三1班,数学,三1班\n合计,,,,,\n";
    let zh = [
        (wrong, "<td>2</td><td>学号</td><td>这一格是空的：请给每个学生填上学号</td>"),
        (
            wrong,
            "<td>3</td><td>年级</td><td>看不出是几年级：请写 三、三年级、3、初一 或 2024级</td>",
        ),
        (wrong, "<td>4</td><td>姓名</td><td>里面有一个看不见的字符（U+200B）：请重新输入</td>"),
        (wrong, "<td>6</td><td>学号</td><td>与第 5 行的本班学生重复：请改其中一个</td>"),
        (&other_name, "<td>2</td><td>姓名</td><td>班里的这个号在系统里是另一个名字"),
        (teachers, "<bdi>沈静秋</bdi>（班主任）"),
        (teachers, "<bdi>沈静秋</bdi>（数学任课老师）"),
        (teachers, "跳过：1 项（只有一格写了字的行）"),
    ];
    let en = [
        (wrong, "<td>2</td><td>学号</td><td>it is empty: give each pupil a 学号</td>"),
        (
            wrong,
            "<td>3</td><td>年级</td><td>it is no grade: write 三, 三年级, 3, 初一 or 2024级</td>",
        ),
        (wrong, "<td>4</td><td>姓名</td><td>it has a character in it that nobody sees, U+200B"),
        (wrong, "<td>6</td><td>学号</td><td>another pupil of the class has it, on line 5</td>"),
        (&other_name, "<td>2</td><td>姓名</td><td>the store has another name for this number"),
        (teachers, "<bdi>沈静秋</bdi>, class teacher"),
        (teachers, "<bdi>沈静秋</bdi>, teacher of math"),
        (teachers, "Passed over: 1 lines with a single cell"),
    ];
    for (locale, all) in [("zh", zh), ("en", en)] {
        admin.post("/locale", &format!("locale={locale}&next={PATH}")).await;
        for (file, said) in all {
            let body = look(&mut admin, "名单.csv", file).await.body;
            assert!(body.contains(said), "{said}: {body}");
        }
    }
}
