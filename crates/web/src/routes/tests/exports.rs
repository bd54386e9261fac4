use axum::body::to_bytes;
use axum::http::{Method, StatusCode};
use axum::response::Response;

use crate::school::{Browser, School};

async fn get(browser: &mut Browser, path: &str) -> Response {
    browser.call(Method::GET, path, "", &[]).await
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

/// Every file that somebody who teaches the class may take, with the start of its bytes.
const FILES: [(&str, &str, &[u8]); 8] = [
    ("/a/a-1/results.xlsx", "application/vnd.openxml", b"PK"),
    ("/a/a-1/results.csv", "text/csv", b"\xef\xbb\xbf"),
    ("/a/a-1/results.csv?questions", "text/csv", b"\xef\xbb\xbf"),
    ("/a/a-1/pages.pdf", "application/pdf", b"%PDF"),
    ("/a/a-1/p-2/pages.pdf", "application/pdf", b"%PDF"),
    ("/c/c-1/results.xlsx?from=2025-09-01&to=2026-01-31", "application/vnd.openxml", b"PK"),
    ("/c/c-1/notebooks.pdf?from=2025-09-01&to=", "application/pdf", b"%PDF"),
    ("/pupil/p-1/notebook.pdf", "application/pdf", b"%PDF"),
];

#[tokio::test]
async fn files_are_saved_under_names_without_a_persons_and_kept_nowhere() {
    let school = School::new().await;
    school.write(1, 1, 1).await;
    school.mark(None).await;
    let mut browser = school.logged_in("t-wang").await;
    for (path, kind, start) in FILES {
        let response = get(&mut browser, path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert!(header(&response, "content-type").starts_with(kind), "{path}");
        assert_eq!(header(&response, "cache-control"), "no-store", "{path}");
        let name = header(&response, "content-disposition").to_owned();
        assert!(name.starts_with("attachment; filename=\""), "{path}: {name}");
        assert!(name.contains("filename*=UTF-8''%E4%B8%89"), "{path}: {name}");
        // 陈 begins the first pupil's name, and 阿 the second's.
        for person in ["%E9%99%88", "%E9%98%BF"] {
            assert!(!name.contains(person), "{path}: {name}");
        }
        let bytes = to_bytes(response.into_body(), 16 << 20).await.unwrap();
        assert!(bytes.starts_with(start), "{path}");
    }
    let refused = get(&mut browser, "/c/c-1/notebook.pdf?from=yesterday").await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    for path in ["/a/a-1/p-51/pages.pdf", "/a/a-2/results.csv", "/c/c-2/notebook.pdf"] {
        assert_eq!(get(&mut browser, path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn results_say_what_the_matrix_says() {
    let school = School::new().await;
    school.write(1, 1, 1).await;
    school.mark(None).await;
    let mut browser = school.logged_in("t-wang").await;
    let csv = browser.get("/a/a-1/results.csv").await.body;
    let rows: Vec<&str> = csv.trim_start_matches('\u{feff}').split("\r\n").collect();
    assert!(
        rows[0].starts_with("学号,姓名,状态,交卷时间,得分,得分 状态,待确认,第 1 题 判定"),
        "{csv}"
    );
    assert!(rows[1].starts_with("1,陈一诺,已动笔,,5,暂定,,对,5,7,"), "{csv}");
    assert!(rows[3].starts_with("3,<b>王</b>,未交,,,,"), "{csv}");
    let questions = browser.get("/a/a-1/results.csv?questions").await.body;
    assert!(questions.contains("\r\n1,3 + 4 =,加法,5,1,1,100%,1,0,0,0,7,"), "{questions}");
}

#[tokio::test]
async fn pages_lead_to_the_files_that_may_be_taken() {
    let school = School::new().await;
    school.write(1, 1, 1).await;
    let mut browser = school.logged_in("t-wang").await;
    for (page, files) in [
        ("/a/a-1", &["/a/a-1/results.xlsx", "/a/a-1/results.csv", "/a/a-1/pages.pdf"][..]),
        ("/a/a-1/p-1/1", &["/a/a-1/p-1/pages.pdf"]),
        ("/c/c-1", &["/c/c-1/results.xlsx", "/c/c-1/notebook.pdf", "/c/c-1/notebooks.pdf"]),
        ("/pupil/p-1", &["/pupil/p-1/notebook.pdf"]),
    ] {
        let body = browser.get(page).await.body;
        for file in files {
            assert!(body.contains(&format!("\"{file}\"")), "{page}: {file}: {body}");
        }
    }
    let body = browser.get("/c/c-1").await.body;
    assert!(body.contains("name=\"from\" value=\"2025-09-01\""), "the term that is: {body}");
}
