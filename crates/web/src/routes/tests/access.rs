mod failing;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use tower::ServiceExt;

use crate::Config;
use crate::router::GUARDED;
use crate::school::{School, config};

const FORM: &str = "question=q1&verdict=right&member=p-1:1&locale=en&login=wang&password=x";

/// Every guarded route, of one class and what is in it.
fn routes(n: u32) -> Vec<(Method, String)> {
    let pupil = if n == 1 { "p-1" } else { "p-51" };
    let one = |(method, route): &(&str, &str)| {
        let path = route
            .replace("{school}", "s")
            .replace("{class}", &format!("c-{n}"))
            .replace("{assignment}", &format!("a-{n}"))
            .replace("{pupil}", pupil)
            .replace("{question}", "q1")
            .replace("{worksheet}/{version}/{page}", "mixed/1/1.svg")
            .replace("{page}", "1")
            // What is a school's is asked for by what nobody has.
            .replace(['{', '}'], "");
        let path = if path == "/events" { format!("/events?class=c-{n}") } else { path };
        (method.to_uppercase().parse().unwrap(), path)
    };
    let part = (Method::GET, format!("/a/a-{n}?part"));
    GUARDED.iter().map(one).chain([part]).collect()
}

async fn school() -> School {
    let school = School::new().await;
    school.write(1, 1, 1).await;
    school.write(51, 1, 1).await;
    school.mark(Some("low_confidence")).await;
    school
}

/// The status of a request; the streams of events never end, so bodies are not read.
async fn status(
    school: &School,
    who: Option<&str>,
    method: &Method,
    path: &str,
) -> (StatusCode, String) {
    let mut browser = match who {
        Some(staff) => school.logged_in(staff).await,
        None => school.browser(),
    };
    let response = browser.call(method.clone(), path, FORM, &[]).await;
    let location = response.headers().get("location").map_or("", |l| l.to_str().unwrap());
    (response.status(), location.to_owned())
}

#[tokio::test]
async fn strangers_see_no_more_than_the_login() {
    let school = school().await;
    let nothing = [(Method::GET, "/nothing".to_owned()), (Method::POST, "/x/y".to_owned())];
    for (method, path) in routes(1).into_iter().chain(nothing) {
        let (status, location) = status(&school, None, &method, &path).await;
        let expected = if path.ends_with("?part") {
            (StatusCode::UNAUTHORIZED, false)
        } else {
            (StatusCode::SEE_OTHER, true)
        };
        assert_eq!((status, location.starts_with("/login")), expected, "{method} {path}");
    }
    let undecided = school.logged_in("t-wang").await.get("/a/a-1/decide").await;
    assert!(undecided.body.contains("c-p-1-q1"), "nobody decided anything");
}

#[tokio::test]
async fn teachers_see_their_own_classes() {
    let school = school().await;
    // What takes an assignment back comes last.
    let (last, first): (Vec<_>, Vec<_>) =
        routes(1).into_iter().partition(|(_, path)| path.ends_with("/withdraw"));
    for (method, path) in first.into_iter().chain(last) {
        // What is a whole school's is not a class's teacher's: `roles` asks for it.
        if path.starts_with("/school/") {
            continue;
        }
        // A password that is too short is no password, whoever asks, and no code is no code.
        let refused = (path == "/password" && method == Method::POST) || path.ends_with("/confirm");
        let (status, location) = status(&school, Some("t-wang"), &method, &path).await;
        let good = if refused {
            status == StatusCode::UNPROCESSABLE_ENTITY
        } else if path.ends_with("/undo")
            || path.ends_with("/give-back")
            || (path.ends_with("/ink") && method == Method::POST)
        {
            // The form names nothing that could be taken back or given.
            status == StatusCode::BAD_REQUEST
        } else if method == Method::POST && status.is_client_error() {
            // A form that lacks what another one asks for is refused by what it lacks.
            [400, 409, 422].contains(&status.as_u16())
        } else {
            (status.is_success() || status == StatusCode::SEE_OTHER)
                && (!location.starts_with("/login") || path == "/logout")
        };
        assert!(good, "{method} {path}: {status} {location}");
    }
}

#[tokio::test]
async fn another_class_does_not_exist() {
    let school = school().await;
    let before = school.store.outbox_last().await.unwrap();
    let mut bodies = Vec::new();
    // A route that both classes have is not another class's.
    let own: Vec<_> = routes(1);
    for (method, path) in routes(2).into_iter().filter(|route| !own.contains(route)) {
        let answer = school.logged_in("t-wang").await.send(method.clone(), &path, FORM, &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
        bodies.push(answer.body.replace(&path, ""));
    }
    let nothing = school.logged_in("t-wang").await.get("/nothing").await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    assert!(nothing.body.contains("没有这一页"));
    for body in bodies.iter().filter(|body| body.contains("<html")) {
        assert!(body.contains("没有这一页"), "as if there were nothing: {body}");
        assert!(!body.contains("欧阳"), "{body}");
    }
    // An own assignment and another class's pupil.
    for path in ["/a/a-1/p-51/1", "/a/a-2/p-1/1", "/a/a-1/p-1/3", "/a/a-1/q/q9"] {
        let answer = school.logged_in("t-wang").await.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(school.store.outbox_last().await.unwrap(), before, "nothing changed");
}

/// `Sec-Fetch-Site`, other headers, whether it may.
type Case = (Option<&'static str>, &'static [(&'static str, &'static str)], bool);

#[tokio::test]
async fn other_sites_change_nothing() {
    let school = school().await;
    const OWN: &str = "http://127.0.0.1:8080";
    let cases: [Case; 12] = [
        (Some("same-origin"), &[], true),
        (Some("none"), &[], true),
        (Some("cross-site"), &[], false),
        (Some("same-site"), &[], false),
        (Some("cross-site"), &[("origin", OWN)], false),
        (None, &[("origin", OWN)], true),
        (None, &[("origin", "http://127.0.0.1:9090")], false),
        (None, &[("origin", "https://evil.example")], false),
        (None, &[("origin", "https://127.0.0.1:8080")], false),
        (Some("same-origin"), &[("origin", "https://127.0.0.1:8080")], false),
        (None, &[("origin", "null")], false),
        (None, &[], false),
    ];
    for (site, headers, allowed) in cases {
        for path in ["/a/a-1/decide", "/a/a-1/collect", "/logout", "/locale", "/login"] {
            let mut browser = school.logged_in("t-wang").await;
            browser.site = site;
            let answer = browser.send(Method::POST, path, FORM, headers).await;
            let refused = answer.status == StatusCode::FORBIDDEN && answer.body.contains("本站");
            assert_eq!(!refused, allowed, "{path} from {site:?} {headers:?}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn another_name_is_another_site() {
    let config = Config { hosts: vec!["zhibi.school.example".into()], ..config() };
    let school = School::with(config).await;
    let cases = [
        (&["zhibi.school.example"][..], StatusCode::OK),
        (&["localhost:8080"], StatusCode::OK),
        (&["evil.example"], StatusCode::MISDIRECTED_REQUEST),
        (&["127.0.0.1:9090"], StatusCode::MISDIRECTED_REQUEST),
        (&["127.0.0.1:8080", "evil.example"], StatusCode::BAD_REQUEST),
        (&[], StatusCode::BAD_REQUEST),
    ];
    for (hosts, expected) in cases {
        let mut request = Request::builder().uri("/login");
        for host in hosts {
            request = request.header("host", *host);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = school.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), expected, "{hosts:?}");
        assert!(response.headers().contains_key("content-security-policy"), "{hosts:?}");
    }
    let style = format!("{}/zhibi.css", crate::assets::base());
    let style = Request::builder().uri(style).header("host", "evil.example");
    let style = school.router.clone().oneshot(style.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(style.status(), StatusCode::OK, "the page that says so has its style");
}

#[tokio::test]
async fn what_is_malformed_or_too_large_is_answered_in_words() {
    let school = school().await;
    let mut browser = school.logged_in("t-wang").await;
    for path in ["/a/a-1/p%0a1/1/hand-in", "/link/%00", "/c/%ff", "/c/%", "/nothing%7f"] {
        for method in [Method::GET, Method::POST] {
            let answer = browser.send(method.clone(), path, FORM, &[]).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{method} {path}");
            assert!(answer.body.contains("请求不完整"), "{}", answer.body);
        }
    }
    let long = "x".repeat(20_000);
    let body = browser.post("/locale", &format!("locale=en&next={long}")).await;
    assert_eq!(body.status, StatusCode::PAYLOAD_TOO_LARGE);
    let head = browser.send(Method::GET, "/", "", &[("x-long", &long)]).await;
    assert_eq!(head.status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    for answer in [body, head] {
        assert!(answer.body.contains("内容太大"), "{}", answer.body);
    }
}

#[tokio::test]
async fn looking_changes_nothing() {
    let school = school().await;
    let before = school.store.outbox_last().await.unwrap();
    let all = routes(1);
    for (_, path) in all.iter().filter(|(method, _)| *method == Method::POST) {
        let mut browser = school.logged_in("t-wang").await;
        let response = browser.call(Method::GET, &format!("{path}?{FORM}"), "", &[]).await;
        let has_page = all.contains(&(Method::GET, path.clone()));
        assert!(has_page || !response.status().is_success(), "{path}");
        assert_eq!(browser.get("/").await.status, StatusCode::OK, "{path} logged nobody out");
    }
    assert_eq!(school.store.outbox_last().await.unwrap(), before);
}

#[tokio::test]
async fn answers_say_what_a_browser_may_do() {
    let school = school().await;
    let mut browser = school.logged_in("t-wang").await;
    for path in ["/", "/a/a-1/p-1/1", "/login", "/nothing", "/assets/x/zhibi.css"] {
        let answer = browser.get(path).await;
        let policy = answer.header("content-security-policy").to_owned();
        for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "no https here");
    }
    let artwork = browser.get("/artwork/mixed/1/1.svg").await;
    assert!(artwork.header("content-security-policy").contains("sandbox"));
    assert_eq!(artwork.header("content-type"), "image/svg+xml");
    let asset = browser.get(&format!("{}/zhibi.css", crate::assets::base())).await;
    assert!(asset.header("cache-control").contains("immutable"));
}

#[tokio::test]
async fn cookies_of_https_are_bound_to_it() {
    let school = School::with(Config { secure_cookies: true, ..config() }).await;
    let mut browser = school.browser();
    let token = school.link("t-wang").await;
    let answer = browser.post(&format!("/link/{token}"), "").await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-zhibi="), "{cookie}");
    for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let answer = browser.get("/").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.header("strict-transport-security").contains("max-age"));
}
