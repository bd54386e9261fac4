//! What parents see behind a link, and who else sees nothing.

use axum::http::StatusCode;
use sample_school::START_MS;

use crate::school::{Answer, Browser, School};

const DAY_MS: i64 = 86_400_000;
const HEADERS: [(&str, &str); 2] =
    [("x-robots-tag", "noindex, nofollow, noarchive"), ("cache-control", "no-store")];

/// p-1 and p-2 wrote, and are marked and settled.
async fn school() -> (School, Browser) {
    let school = School::new().await;
    school.write(1, 1, 1).await;
    school.write(2, 1, 2).await;
    school.mark(None).await;
    school.store.settle(START_MS + 100 * DAY_MS).await.unwrap();
    let browser = school.logged_in("t-wang").await;
    (school, browser)
}

/// The paths of the links on a page of slips, by pupil's number.
fn links(page: &str) -> Vec<(String, String)> {
    let slips = page.split("<li class=\"slip\">").skip(1);
    let link = |slip: &str| {
        let number = slip.split("class=\"number\">").nth(1)?.split('<').next()?;
        let url = slip.split("class=\"url\">http://127.0.0.1:8080").nth(1)?.split('<').next()?;
        Some((number.to_owned(), url.to_owned()))
    };
    slips.map(|slip| link(slip).expect("a slip has a number and a link")).collect()
}

async fn make(browser: &mut Browser, to: &str) -> Vec<(String, String)> {
    let answer = browser.post("/a/a-1/parents", &format!("to={to}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    links(&answer.body)
}

/// A phone of somebody's parents.
struct Phone {
    browser: Browser,
    home: Option<String>,
}

impl Phone {
    fn new(school: &School, client: u8) -> Self {
        let mut browser = school.browser();
        browser.client = [10, 9, 0, client];
        Self { browser, home: None }
    }

    async fn send(&mut self, method: axum::http::Method, path: &str) -> Answer {
        let cookie = self.home.clone().unwrap_or_default();
        let answer = self.browser.send(method, path, "", &[("cookie", &cookie)]).await;
        if answer.header("set-cookie").starts_with("zhibi-home=") {
            let cookie = answer.header("set-cookie");
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
            self.home = cookie.split(';').next().map(ToOwned::to_owned);
        }
        answer
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.send(axum::http::Method::GET, path).await
    }

    async fn open(&mut self, path: &str) -> StatusCode {
        self.send(axum::http::Method::POST, path).await.status
    }
}

#[tokio::test]
async fn a_link_opens_on_the_first_device_alone() {
    let (school, mut teacher) = school().await;
    let links = make(&mut teacher, "class").await;
    assert_eq!(links.iter().map(|(number, _)| &**number).collect::<Vec<_>>(), ["1", "2", "3"]);
    let path = links[0].1.as_str();
    let (mut phone, mut other) = (Phone::new(&school, 1), Phone::new(&school, 2));
    // A preview in a chat looks at it, and uses nothing up.
    for _ in 0..3 {
        let seen = other.get(path).await;
        assert_eq!(seen.status, StatusCode::OK);
        assert!(
            seen.body.contains("在这台设备上打开") && !seen.body.contains("陈一诺"),
            "{}",
            seen.body
        );
        assert_eq!(phone.get(&format!("{path}/sheet/1")).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(phone.open(path).await, StatusCode::SEE_OTHER);
    let page = phone.get(path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("\u{2068}陈一诺\u{2069}的作业"), "{}", page.body);
    for (name, value) in HEADERS {
        assert_eq!(page.header(name), value);
    }
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    assert!(!page.body.contains("<script"), "{}", page.body);
    assert_eq!(phone.get(&format!("{path}/sheet/1")).await.status, StatusCode::OK);
    assert_eq!(phone.open(path).await, StatusCode::SEE_OTHER, "again on the same device");
    // Another device is refused in words, and sees no name.
    for answer in [other.get(path).await, other.send(axum::http::Method::POST, path).await] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.body.contains("另一台设备") && !answer.body.contains("陈一诺"));
    }
    // A second child's link opens on the same phone, and the first one still does.
    assert_eq!(phone.open(&links[1].1).await, StatusCode::SEE_OTHER);
    assert_eq!(phone.get(path).await.status, StatusCode::OK);
    let page = teacher.get("/a/a-1/parents").await.body;
    assert!(page.contains("3 个有效，其中 2 个打开过"), "{page}");
}

#[tokio::test]
async fn unknown_expired_and_revoked_look_the_same() {
    let (school, mut teacher) = school().await;
    let links = make(&mut teacher, "class").await;
    let mut phone = Phone::new(&school, 1);
    phone.open(&links[0].1).await;
    let answer = teacher.post("/a/a-1/parents/revoke", "of=p-1").await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/a/a-1/parents")
    );
    let unknown = phone.get(&format!("/p/{}", "0".repeat(64))).await;
    let revoked = phone.get(&links[0].1).await;
    // A new slip replaces one that nobody opened.
    let again = make(&mut teacher, "p-2").await;
    let replaced = phone.get(&links[1].1).await;
    school.pass_ms(13 * DAY_MS);
    assert_eq!(phone.get(&again[0].1).await.status, StatusCode::OK);
    school.pass_ms(2 * DAY_MS);
    let expired = phone.get(&again[0].1).await;
    for answer in [&unknown, &revoked, &replaced, &expired] {
        assert_eq!(answer.status, StatusCode::GONE);
        let body = |answer: &Answer| {
            let path = answer.body.split("name=\"next\" value=\"").nth(1).unwrap();
            answer.body.replace(path.split('"').next().unwrap(), "")
        };
        assert_eq!(body(answer), body(&unknown), "one answer for all");
    }
    assert_eq!(phone.open(&again[0].1).await, StatusCode::GONE);
}

#[tokio::test]
async fn only_what_is_certain_is_shown_and_of_one_child() {
    let school = School::new().await;
    school.write(1, 1, 1).await;
    school.write(2, 1, 2).await;
    school.mark(Some("low_confidence")).await;
    let mut teacher = school.logged_in("t-wang").await;
    let links = make(&mut teacher, "missing").await;
    let mut phone = Phone::new(&school, 1);
    phone.open(&links[0].1).await;
    let page = phone.get(&links[0].1).await.body;
    assert!(page.contains("老师还在看"), "{page}");
    assert!(!page.contains("class=\"glyph v"), "nothing is decided yet: {page}");
    assert!(page.contains("等老师看完，这里会有"), "{page}");
    super::stream::decide(&school, "t-wang", "a-1", "p-1").await;
    let page = phone.get(&links[0].1).await.body;
    assert!(page.contains("class=\"glyph v wrong"), "{page}");
    assert!(page.contains("正确的是 <b>") && page.contains("找五分钟"), "{page}");
    // No machine's probability, no points, no other child.
    for hidden in ["61%", "把握", "可能", "分）", "阿卜杜拉", "/a/a-1", "data-live"] {
        assert!(!page.contains(hidden), "{hidden}: {page}");
    }
    let seen = teacher.get("/a/a-1/parents/p-1").await.body;
    assert!(seen.contains("这是预览") && seen.contains("class=\"glyph v wrong"), "{seen}");
    assert_eq!(teacher.get("/a/a-1/parents/p-51").await.status, StatusCode::NOT_FOUND);
    // Everybody has a link.
    let answer = teacher.post("/a/a-1/parents", "to=missing").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("没有打印"), "{}", answer.body);
}

/// Who tries links at random waits; a link that is good costs nothing.
#[tokio::test]
async fn tries_are_limited_and_good_links_are_not() {
    let (school, mut teacher) = school().await;
    let links = make(&mut teacher, "p-1").await;
    let mut phone = Phone::new(&school, 7);
    phone.open(&links[0].1).await;
    for _ in 0..150 {
        assert_eq!(phone.get(&links[0].1).await.status, StatusCode::OK);
    }
    let mut statuses = Vec::new();
    for n in 0..102 {
        statuses.push(phone.get(&format!("/p/{n:064}")).await.status);
    }
    assert_eq!(statuses[..100], [StatusCode::GONE; 100]);
    assert_eq!(statuses[101], StatusCode::TOO_MANY_REQUESTS);
    let answer = phone.get(&links[0].1).await;
    assert!(answer.body.contains("请稍等再试"), "{}", answer.body);
    school.pass_ms(10_000);
    assert_eq!(phone.get(&links[0].1).await.status, StatusCode::OK);
}
