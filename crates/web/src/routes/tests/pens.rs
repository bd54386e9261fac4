//! A school's administrator keeps its pens and gateways.
//!
//! Failure: something that was done without being told, or told without being done; ink or a school
//! that is not theirs to see; a typed text that a refusal loses.

use axum::http::StatusCode;
use sample_school::{START_MS, class, holds, pupil, staff};
use school::{Period, Role, SchoolId};
use store::{DoneBy, GatewayLogin, GatewayRow, GatewaySeen, GatewaySession, PupilRow};

use crate::school::{Answer, Browser, School};

const PENS: &str = "/school/s/pens";

/// The school, and its administrator in a browser.
async fn school() -> (School, Browser) {
    let school = School::new().await;
    let browser = keeper(&school, "keeper", "s").await;
    (school, browser)
}

async fn keeper(school: &School, id: &str, of: &str) -> Browser {
    school.store.insert_staff(staff(id)).await.unwrap();
    let role = Role::Administrator { school: SchoolId::new(of).unwrap() };
    school.store.insert_grants(vec![holds(id, role, Period::from(0))]).await.unwrap();
    school.logged_in(id).await
}

/// Sends a form, and follows to the page on which it is told.
async fn done(browser: &mut Browser, what: &str, form: &str) -> String {
    let answer = browser.post(&format!("{PENS}/{what}"), form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{what} {form}: {}", answer.body);
    let to = answer.header("location").split('#').next().unwrap().to_owned();
    let page = browser.get(&to).await;
    assert_eq!(page.status, StatusCode::OK, "{to}");
    assert!(page.body.contains("id=\"done\""), "{to}: {}", page.body);
    page.body
}

/// What is said at the top of a page that follows on a form.
fn said(page: &str) -> &str {
    let form = page.split("id=\"done\"").nth(1).unwrap();
    form.split("<bdi>").nth(1).unwrap().split("</bdi>").next().unwrap()
}

async fn refused(browser: &mut Browser, what: &str, form: &str) -> Answer {
    let answer = browser.post(&format!("{PENS}/{what}"), form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{what} {form}: {}", answer.body);
    assert!(answer.body.contains("class=\"alarm\" role=\"alert\">没有"), "{}", answer.body);
    answer
}

async fn attribute(school: &School) {
    while school.store.attribute(START_MS).await.unwrap() > 0 {}
}

/// What the page says that was seen, for the form of an exchange.
fn seen(page: &str) -> String {
    let seen = page.split("name=\"seen\" value=\"").nth(1).expect("the page has the form");
    seen.split('"').next().unwrap().to_owned()
}

/// Who holds pens, by number, as the page says.
fn row<'a>(page: &'a str, number: &str) -> &'a str {
    let row = page.split(&format!("#pen\">{number}</a></th>")).nth(1).unwrap();
    row.split("</tr>").next().unwrap()
}

#[tokio::test]
async fn a_set_is_added_looked_at_lent_and_taken_back() {
    let (school, mut browser) = school().await;
    let empty = browser.get(PENS).await.body;
    assert!(empty.contains("还没有登记笔"), "{empty}");
    let ids = "000000000001%0D%0A000000000002%0D%0A000000000009";
    let page = done(&mut browser, "add", &format!("set=A&first=1&ids={ids}")).await;
    assert_eq!(said(&page), "A 套登记了 3 支笔：A:1、A:2、A:3");
    // The third of the class has a pen, and a fourth joins who has none.
    let row4 = PupilRow { number: 4, ..pupil("c-1", 9) };
    school.store.insert_pupils(vec![row4]).await.unwrap();
    let preview = browser.get(&format!("{PENS}?set=A&lend=c-1")).await.body;
    assert!(preview.contains("4 名学生里，3 名会有笔。没有笔的：4 "), "{preview}");
    assert!(row(&preview, "1").contains("没有借出"), "a look changes nothing");
    let page = done(&mut browser, "lend-set", "set=A&class=c-1&from=").await;
    assert!(said(&page).contains("3 名学生有笔；没有笔的学号：4"), "{}", said(&page));
    assert!(row(&page, "1").contains("陈一诺"), "{}", row(&page, "1"));
    let of = page.split("name=\"of\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let page = done(&mut browser, "undo", &format!("of={of}")).await;
    assert!(said(&page).starts_with("已撤销："), "{}", said(&page));
    assert!(row(&page, "1").contains("没有借出"));
    done(&mut browser, "lend-set", "set=A&class=c-1&from=").await;
    let page = done(&mut browser, "return", "set=A&from=2026-11-28T18:30").await;
    assert!(said(&page).contains("3 支笔"), "{}", said(&page));
}

#[tokio::test]
async fn one_pen_is_lent_exchanged_lost_and_found() {
    let (_school, mut browser) = school().await;
    let ids = "0000000000a1%0A0000000000a2";
    done(&mut browser, "add", &format!("set=B&first=11&ids={ids}")).await;
    let page = done(&mut browser, "lend", "pen=0000000000a1&to=pupil:p-1").await;
    assert!(row(&page, "11").contains("陈一诺"), "{}", row(&page, "11"));
    let page = done(&mut browser, "lend", "pen=0000000000a2&to=staff:t-wang").await;
    assert!(row(&page, "12").contains("王丽华\u{2069} · 红笔"), "{}", row(&page, "12"));
    let before = browser.get(&format!("{PENS}?pen=0000000000a1")).await.body;
    let swap = &format!("pen=0000000000a1&with=0000000000a2&seen={}", seen(&before));
    let answer = refused(&mut browser, "swap", &format!("{swap}&from=2020-01-01")).await;
    assert!(answer.body.contains("那时笔 B:11 没有借给谁"), "{}", answer.body);
    let until = refused(&mut browser, "swap", &format!("{swap}&until=2020-01-01")).await;
    assert!(until.body.contains("value=\"2020-01-01\""), "what was typed is there");
    let page = done(&mut browser, "swap", &format!("{swap}&until=2026-09-01T10:00")).await;
    assert!(said(&page).contains("对换主人"), "{}", said(&page));
    assert!(row(&page, "11").contains("王丽华"), "{}", row(&page, "11"));
    // Pressed twice, it is done once.
    for until in ["", "&until=2026-09-01T10:00"] {
        let again = refused(&mut browser, "swap", &format!("{swap}{until}")).await;
        assert!(again.body.contains("打开这一页以后，笔 B:11 已经改过了"), "{}", again.body);
        assert!(row(&again.body, "11").contains("王丽华"), "{}", row(&again.body, "11"));
        assert_ne!(seen(&again.body), seen(&before), "what is seen now can be exchanged");
    }
    let page = done(&mut browser, "lost", "pen=0000000000a1").await;
    assert!(row(&page, "11").contains("起丢失"), "{}", row(&page, "11"));
    let page = done(&mut browser, "found", "pen=0000000000a1").await;
    assert!(row(&page, "11").contains("没有借出"), "{}", row(&page, "11"));
    let page = done(&mut browser, "return", "pen=0000000000a2").await;
    assert!(row(&page, "12").contains("没有借出"), "{}", row(&page, "12"));
}

/// Two clicks: a pupil is chosen, and given the pen.
#[tokio::test]
async fn a_pen_that_nobody_knows_is_given_to_a_pupil_and_its_ink_finds_its_paper() {
    let (school, mut browser) = school().await;
    school.share("r-3", "a-3", 300).await;
    school.write_with(0xabc, 1, 300, START_MS, START_MS + 1_000).await;
    let page = browser.get(PENS).await.body;
    assert!(page.contains("没有主人的笔") && page.contains("笔 000000000abc"), "{page}");
    assert!(page.contains("1 页笔迹，从") && page.contains("class=\"wrote\""), "{page}");
    assert!(page.contains("<optgroup label=\"三年级(1)班\">") || page.contains("<optgroup label="));
    assert!(!page.contains("nobodys-ink") && !page.contains("<path class=\"w"), "no ink is shown");
    let page = done(&mut browser, "lend", "pen=000000000abc&from=first&to=pupil:p-2").await;
    assert!(said(&page).contains("笔 000000000abc 从"), "{}", said(&page));
    assert!(!page.contains("没有主人的笔"), "{page}");
    attribute(&school).await;
    let mut teacher = school.logged_in("t-wang").await;
    let paper = teacher.get("/a/a-3/p-2/1").await.body;
    assert!(paper.contains("class=\"fresh\"") || paper.contains("<path"), "{paper}");
    // Undone, it waits again.
    let of = page.split("name=\"of\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    done(&mut browser, "undo", &format!("of={of}")).await;
    attribute(&school).await;
    assert!(browser.get(PENS).await.body.contains("其中 1 页还不知道是谁的"));
}

#[tokio::test]
async fn a_list_with_a_fault_says_which_line_and_keeps_what_was_typed() {
    let (_school, mut browser) = school().await;
    for (form, why) in [
        ("set=&first=1&ids=000000000001", "请给这套笔起个名字"),
        ("set=A:1&first=1&ids=000000000001", "不带冒号"),
        ("set=A%E2%80%8B&first=1&ids=000000000001", "看不见的字符（U+200B）"),
        ("set=%EF%BF%BEA&first=1&ids=000000000001", "看不见的字符（U+FFFE）"),
        ("set=A&first=x&ids=000000000001", "不是“x”"),
        ("set=A&first=1&ids=", "一行一个"),
        ("set=A&first=1&ids=000000000001%0A0000%0A", "第 2 行的“0000”"),
        ("set=A&first=1&ids=000000000001%0A%0A000000000001", "又在第 3 行"),
    ] {
        let answer = refused(&mut browser, "add", form).await;
        assert!(answer.body.contains(why), "{form}: {}", answer.body);
    }
    let kept = refused(&mut browser, "add", "set=Q7&first=3&ids=nothing").await.body;
    assert!(kept.contains("name=\"set\" value=\"Q7\"") && kept.contains(">nothing</textarea>"));
    done(&mut browser, "add", "set=A&first=1&ids=000000000001").await;
    let taken = refused(&mut browser, "add", "set=A&first=1&ids=000000000002").await.body;
    assert!(taken.contains("A 套的 1 号已经是笔 000000000001"), "{taken}");
    assert!(browser.get(PENS).await.body.contains("<small>1 支</small>"), "nothing was stored");
}

#[tokio::test]
async fn an_undo_that_comes_too_late_says_what_stands_in_its_way() {
    let (_school, mut browser) = school().await;
    done(&mut browser, "add", "set=A&first=1&ids=000000000001").await;
    let page = done(&mut browser, "lend", "pen=000000000001&to=pupil:p-1").await;
    let of = page.split("name=\"of\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    done(&mut browser, "return", "pen=000000000001&from=2026-09-01").await;
    let answer = refused(&mut browser, "undo", &format!("of={of}")).await;
    assert!(answer.body.contains("笔 A:1 之后又改过"), "{}", answer.body);
}

/// A year that was mistyped moves the ink of every evening.
#[tokio::test]
async fn a_time_of_another_year_is_refused_and_kept() {
    let (_school, mut browser) = school().await;
    done(&mut browser, "add", "set=A&first=1&ids=000000000001").await;
    done(&mut browser, "lend", "pen=000000000001&to=pupil:p-1").await;
    for time in ["0000-01-01", "1969-11-28T18:30", "2019-12-31", "2030-01-01T00:00"] {
        for (what, form) in [
            ("lend", "pen=000000000001&to=pupil:p-2"),
            ("lend-set", "set=A&class=c-1"),
            ("return", "set=A"),
        ] {
            let answer = refused(&mut browser, what, &format!("{form}&from={time}")).await;
            assert!(answer.body.contains(&format!("时间“{time}”不会是对的")), "{}", answer.body);
            assert!(answer.body.contains(&format!("value=\"{time}\"")), "{}", answer.body);
        }
        let preview = browser.get(&format!("{PENS}?set=A&lend=c-1&from={time}")).await.body;
        assert!(preview.contains("不会是对的"), "{preview}");
    }
    assert!(row(&browser.get(PENS).await.body, "1").contains("陈一诺"), "nothing was done");
}

/// Pens, people and changes of another school are not there.
#[tokio::test]
async fn another_school_is_not_seen_or_touched() {
    let (school, mut browser) = school().await;
    school.store.insert_school(sample_school::school("s-5", None)).await.unwrap();
    school.store.insert_class(class("c-5", "s-5", 3)).await.unwrap();
    let mut other = keeper(&school, "other", "s-5").await;
    done(&mut browser, "add", "set=A&first=1&ids=000000000001").await;
    let page = done(&mut browser, "lend", "pen=000000000001&to=pupil:p-1").await;
    let of = page.split("name=\"of\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let theirs = other.get("/school/s-5/pens").await.body;
    assert!(!theirs.contains("000000000001") && theirs.contains("还没有登记笔"), "{theirs}");
    for (what, form) in [
        ("lend", "pen=000000000001&to=staff:other".to_owned()),
        ("return", "pen=000000000001".to_owned()),
        ("return", "set=A".to_owned()),
        ("lost", "pen=000000000001".to_owned()),
        ("lend-set", "set=A&class=c-1".to_owned()),
        ("undo", format!("of={of}")),
    ] {
        let answer = other.post(&format!("/school/s-5/pens/{what}"), &form).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{what} {form}: {}", answer.body);
        let answer = other.post(&format!("{PENS}/{what}"), &form).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{what} {form}");
    }
    let form = "set=A&first=1&ids=000000000001";
    let answer = other.post("/school/s-5/pens/add", form).await;
    assert!(answer.body.contains("是别的学校的"), "{}", answer.body);
    // A pupil of another school gets none either.
    let answer = other.post("/school/s-5/pens/lend", "pen=000000000002&to=pupil:p-1").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(row(&browser.get(PENS).await.body, "1").contains("陈一诺"), "it is as it was");
    assert_eq!(other.get("/school/s/gateways").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn gateways_are_shown_with_their_classroom_and_state() {
    let (school, mut browser) = school().await;
    let empty = browser.get("/school/s/gateways").await.body;
    assert!(empty.contains("还没有网关") && empty.contains("zhibi gateway"), "{empty}");
    let row = GatewayRow {
        id: "room-12".into(),
        school: "s".into(),
        classroom: "三（1）班教室".into(),
        login: GatewayLogin::Password("$7$secret".into()),
    };
    let done = DoneBy { at_ms: START_MS, user: "root" };
    school.store.enrol_gateway(row, done).await.unwrap();
    let seen = |gateway: &str, online| GatewaySeen {
        gateway: gateway.into(),
        seen_ms: START_MS,
        session: Some(GatewaySession { online, session: 1, began_ms: START_MS }),
    };
    let gateways_seen = vec![seen("room-12", true), seen("box-7", false)];
    let delivery = store::Delivery { gateways_seen, ..store::Delivery::default() };
    school.store.take_delivery(delivery).await.unwrap();
    let page = browser.get("/school/s/gateways").await.body;
    assert!(page.contains("<bdi>三（1）班教室</bdi>") && page.contains("在线，"), "{page}");
    assert!(page.contains("没有登记") && page.contains("离线，"), "{page}");
    assert!(!page.contains("secret"), "the password's hash is for the broker alone");
}
