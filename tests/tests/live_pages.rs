//! Live pages in a real browser while a class writes.
//!
//! Failure: a page that loads itself again, that does not take what is new, that says nothing when
//! the session has ended; a table in which Tab stops at every link. Not failure: how often the part
//! that changes is fetched.

use std::time::Duration;

use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use zhibi_tests::{Browser, Demo};

/// Nothing takes longer to happen; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(90);

async fn holds(client: &Client, condition: &str) -> bool {
    let script = format!("return Boolean({condition})");
    client.execute(&script, Vec::new()).await.expect("a page").as_bool().unwrap_or(false)
}

/// Asks until it is so.
async fn until(client: &Client, condition: &str) {
    let limit = tokio::time::Instant::now() + WITHIN;
    while !holds(client, condition).await {
        assert!(tokio::time::Instant::now() < limit, "it never came to be: {condition}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Fetches of the part that changes since the page was loaded.
const FETCHES: &str = "performance.getEntriesByType('resource')
    .filter((entry) => entry.initiatorType === 'fetch').length";

#[tokio::test(flavor = "multi_thread")]
async fn no_page_loads_itself_again() {
    let Some(browser) = Browser::open(1280, 900).await else { return };
    let client = &browser.client;
    let demo = Demo::start(&["--pupils", "12", "--seed", "5", "--speed", "20"]);
    client.goto(&demo.link).await.expect("the link's page");
    let enter = client.find(Locator::Css("form[action^='/link/'] button")).await.expect("a form");
    enter.click().await.expect("it can be clicked");
    client.wait().at_most(WITHIN).for_element(Locator::Css(".class")).await.expect("the classes");
    let view = client.current_url().await.expect("a page");
    let matrix = "/a/a-mental-arithmetic-g3";
    for path in ["/", &format!("{matrix}/q/1-1"), matrix] {
        client.goto(view.join(path).expect("an address").as_str()).await.expect("a page");
        client.execute("window.kept = true", Vec::new()).await.expect("a page");
        until(client, &format!("!window.kept || {FETCHES} >= 3")).await;
        assert!(holds(client, "window.kept").await, "{path} was loaded again");
        assert!(holds(client, "document.getElementById('ended').hidden").await, "{path}");
    }

    // The matrix is one stop of Tab, and stays so while it changes; arrows move in it.
    until(client, "document.querySelectorAll('.matrix td.v.right a').length > 6").await;
    assert!(holds(client, "document.querySelectorAll('.matrix a').length > 12").await);
    let stops = "document.querySelectorAll('.matrix a:not([tabindex=\"-1\"])').length === 1";
    until(client, stops).await;
    client
        .execute("document.querySelector('.matrix tbody a').focus()", Vec::new())
        .await
        .expect("a page");
    press(client, Key::Down).await;
    let second = "document.activeElement.closest('tr')?.matches('tbody tr:nth-child(2)')";
    assert!(holds(client, second).await, "down is the next pupil");
    press(client, Key::Up).await;
    press(client, Key::Up).await;
    assert!(holds(client, "document.activeElement.closest('tr, td')").await);

    // Without a session the page stays, and says what is to be done.
    client.delete_all_cookies().await.expect("no cookies");
    until(client, "!window.kept || !document.getElementById('ended').hidden").await;
    assert!(holds(client, "window.kept").await, "the end of the session loaded the page again");
    assert!(holds(client, "document.querySelector('.matrix tbody a')").await);
    demo.stop();
}

async fn press(client: &Client, key: Key) {
    let focused = client.active_element().await.expect("a focus");
    focused.send_keys(&String::from(char::from(key))).await.expect("a key can be pressed");
}
