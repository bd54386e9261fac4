//! What is shown while something fails.

use sample_school::START_MS;

use super::*;

#[tokio::test]
async fn without_the_store_nobody_gets_in() {
    let school = school().await;
    let mut browser = school.logged_in("t-wang").await;
    school.store.close().await.unwrap();
    for path in ["/", "/a/a-1", "/nothing"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(answer.body.contains("笔迹和批阅都没有丢"), "{}", answer.body);
        assert!(!answer.body.to_lowercase().contains("closed"), "no reason is told");
    }
    assert!(school.path().exists());
}

#[tokio::test]
async fn what_fails_says_what_is_not_stored() {
    let school = school().await;
    let mut browser = school.logged_in("t-wang").await;
    school.store.close().await.unwrap();
    let paper = "/a/a-1/p-1/1";
    for (path, said, back) in [
        ("/a/a-1/decide", "判分没有存下", "/a/a-1/decide"),
        ("/a/a-1/p-1/1/hand-in", "“已交”没有存下", paper),
        ("/a/a-1/collect", "“已交”没有存下", "/a/a-1"),
        ("/a/a-1/give-back", "“已交”没有撤回", "/a/a-1"),
        ("/c/c-1/ink", "没有存下", "/c/c-1/ink"),
        ("/c/c-1/ink/undo", "没有撤销", "/c/c-1/ink"),
        ("/password", "新密码没有存下", "/password"),
        ("/locale", "语言没有换", "/"),
        ("/logout", "没有退出", "/"),
        ("/nothing", "操作没有存下", "/nothing"),
    ] {
        let answer = browser.post(path, "question=q1&verdict=right&locale=en").await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(answer.body.contains(said), "{path}: {}", answer.body);
        assert!(answer.body.contains(&format!("primary\" href=\"{back}\"")), "{}", answer.body);
        assert!(!answer.body.contains("笔迹和批阅都没有丢"), "{path}: {}", answer.body);
    }
    let mut stranger = school.browser();
    for (path, form) in [("/login", "login=wang&password=correct+horse"), ("/link/0123", "")] {
        let answer = stranger.post(path, form).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(answer.body.contains("您没有登录"), "{path}: {}", answer.body);
    }
}

/// Pages are read as before, and say why nothing can be stored until it can again.
#[tokio::test]
async fn a_store_that_takes_no_writes_is_told_on_pages_and_to_monitors() {
    let school = school().await;
    let mut browser = school.logged_in("t-wang").await;
    // Another file under the store's name, from which as much can be read.
    let aside = school.path().with_file_name("aside");
    let copy = school.path().with_file_name("copy");
    std::fs::copy(school.path(), &copy).unwrap();
    let mut writable = school.store.writable();
    assert!(!browser.get("/a/a-1").await.body.contains("写不进去"));
    std::fs::rename(school.path(), &aside).unwrap();
    std::fs::rename(&copy, school.path()).unwrap();
    let refused = browser.post("/a/a-1/collect", "").await;
    assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR);
    for path in ["/", "/a/a-1", "/a/a-1/decide"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.body.contains("数据库现在写不进去"), "{path}: {}", page.body);
    }
    let mut watcher = school.browser();
    let ready = watcher.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.body, "store not-writable\nbroker ok\n");
    std::fs::rename(&aside, school.path()).unwrap();
    writable.wait_for(|writable| writable.is_yes()).await.unwrap();
    assert!(!browser.get("/a/a-1").await.body.contains("写不进去"));
    assert_eq!(watcher.get("/readyz").await.status, StatusCode::OK);
}

/// Only what is about the worksheet fails, and says so; what the page shows besides stands.
#[tokio::test]
async fn a_worksheet_that_cannot_be_read_spoils_no_other_page() {
    let school = school().await;
    school.write_with(77, 1, 100, 120, START_MS + 20_000).await;
    let school = school.damaged(b"id = \"mixed\"\nversion", b"id @ \"mixed\"\nversion").await;
    let mut browser = school.logged_in("t-wang").await;
    for (path, besides) in [("/", "三（1）班"), ("/c/c-1", "陈一诺"), ("/pupil/p-1", "陈一诺")]
    {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.body.contains("作业 a-1（内容读不出来）"), "{path}: {}", answer.body);
        assert!(answer.body.contains(besides), "{path}: {}", answer.body);
    }
    assert_eq!(browser.get("/c/c-1/ink").await.status, StatusCode::OK);
    for path in ["/a/a-1", "/a/a-1/p-1/1", "/a/a-1/decide", "/a/a-1/q/q1"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(answer.body.contains("这份作业的内容读不出来"), "{path}: {}", answer.body);
    }
    // The route fails, and not the session.
    let answer = browser.post("/a/a-1/decide", "question=q1&verdict=right&member=p-1:1").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.body.contains("判分没有存下"), "{}", answer.body);
}

/// Whoever watches the service has no session, and learns nothing but words for its parts.
#[tokio::test]
async fn the_state_of_the_service_is_told_without_a_session() {
    let school = School::new().await;
    let mut watcher = school.browser();
    let live = watcher.get("/livez").await;
    assert_eq!((live.status, live.body.as_str()), (StatusCode::OK, "ok\n"));
    let ready = watcher.get("/readyz").await;
    assert_eq!((ready.status, ready.body.as_str()), (StatusCode::OK, "store ok\nbroker ok\n"));
    school.store.close().await.unwrap();
    let ready = watcher.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.body.starts_with("store not-readable\n"), "{}", ready.body);
}
