//! A teacher's way through the real pages in a real browser, while a class writes and after.
//!
//! Failure: a page that does not come, a matrix that does not fill by itself, a key that decides
//! nothing, a link that signs in twice, another language that shows Chinese. Not failure: how a
//! page looks; the pictures in `target/release/seen` are for people to look at.

use std::time::Duration;

use fantoccini::Locator;
use store::Store;
use zhibi_tests::{Browser, Demo};

/// Nothing on a page takes longer to come; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(60);

impl Seen<'_> {
    /// The first element that matches, once it is there.
    async fn find(&self, css: &str) -> fantoccini::elements::Element {
        let wait = self.browser.client.wait().at_most(WITHIN);
        match wait.for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => {
                self.browser.keep_picture("failed.png").await;
                panic!("nothing matches {css}: {error}")
            }
        }
    }

    async fn click(&self, css: &str) {
        self.find(css).await.click().await.expect("it can be clicked");
    }

    async fn count(&self, css: &str) -> usize {
        self.browser.client.find_all(Locator::Css(css)).await.expect("a page").len()
    }

    async fn press(&self, key: &str) {
        self.find("body").await.send_keys(key).await.expect("a key can be pressed");
    }

    async fn path(&self) -> String {
        self.browser.client.current_url().await.expect("a page").path().to_owned()
    }
}

struct Seen<'b> {
    browser: &'b Browser,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_looks_and_decides() {
    let Some(browser) = Browser::open(1280, 900).await else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = folder.path().join("demo.db");
    let path = database.to_str().expect("a UTF-8 path");
    let demo = Demo::start(&["--pupils", "12", "--seed", "5", "--speed", "60", "--database", path]);
    let seen = Seen { browser: &browser };
    let client = &browser.client;

    client.goto(&demo.link).await.expect("the link's page");
    browser.keep_picture("1-link.png").await;
    seen.click("form[action^='/link/'] button").await;
    seen.find("a[href^='/c/'], a[href^='/a/']").await;
    browser.keep_picture("2-classes.png").await;

    // The matrix fills while nobody touches the page.
    let view = client.current_url().await.expect("a page");
    let matrix = view.join("/a/a-mental-arithmetic-g3").expect("an address");
    client.goto(matrix.as_str()).await.expect("the matrix");
    seen.find(".matrix td.v.right").await;
    browser.keep_picture("3-matrix-live.png").await;
    demo.evening_over();
    let rows = seen.count(".matrix tbody tr").await;
    assert_eq!(rows, 12);
    client
        .wait()
        .at_most(WITHIN)
        .for_element(Locator::Css(".matrix td.v.wrong"))
        .await
        .expect("a mistake");
    browser.keep_picture("4-matrix.png").await;

    // To a paper, and on to the next pupil by keyboard.
    seen.click(".matrix tbody tr:first-child th a").await;
    seen.find("svg .ink path").await;
    assert!(seen.count("svg .glyphs a").await >= 10, "verdicts stand beside the questions");
    browser.keep_picture("5-paper.png").await;
    let first = seen.path().await;
    seen.press("j").await;
    wait_for_other_path(&seen, &first).await;
    seen.press("k").await;
    wait_for_path(&seen, &first).await;

    // A decision costs one key, and survives in the store.
    let wrong = seen.count(".response.v-wrong").await;
    seen.click(".response summary").await;
    seen.press("2").await;
    client
        .wait()
        .at_most(WITHIN)
        .for_element(Locator::Css(".response.v-wrong"))
        .await
        .expect("the decision shows");
    let store = Store::open(&database).await.expect("the demo's store");
    let decided = screen_decisions(&store).await;
    assert_eq!(decided, 1, "one key, one decision ({wrong} were wrong before)");

    // The other sheets: bubbles and letters, and a page with the teacher's red.
    for (place, name) in [("a-english-g3", "8-english.png"), ("a-mixed-g3", "9-mixed.png")] {
        client
            .goto(view.join(&format!("/a/{place}")).expect("an address").as_str())
            .await
            .expect("a matrix");
        seen.click(".matrix tbody tr:nth-child(3) th a").await;
        seen.find("svg .ink path").await;
        client.set_window_size(1280, 1400).await.expect("a taller window");
        browser.keep_picture(name).await;
    }
    client.set_window_size(1280, 900).await.expect("the window as before");

    // The pupil's own page, and the other language.
    seen.click("h1 a[href^='/pupil/']").await;
    seen.find("main svg").await;
    browser.keep_picture("6-pupil.png").await;
    seen.click("form[action='/locale'] button").await;
    client
        .wait()
        .at_most(WITHIN)
        .for_element(Locator::Css("html[lang='en']"))
        .await
        .expect("English");
    browser.keep_picture("7-pupil-en.png").await;

    // The link was for one use.
    client.delete_all_cookies().await.expect("no cookies");
    client.goto(&demo.link).await.expect("a page");
    assert_eq!(seen.count("form[action^='/link/']").await, 0);
    store.close().await.expect("the store closes");
    demo.stop();
}

/// Waits until a decision on the screen is in the store; counts them.
async fn screen_decisions(store: &Store) -> usize {
    let limit = tokio::time::Instant::now() + WITHIN;
    loop {
        let results = store.results().await.expect("results");
        let count = results.iter().filter(|r| r.source.as_deref() == Some("screen")).count();
        if count > 0 || tokio::time::Instant::now() > limit {
            return count;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn wait_for_other_path(seen: &Seen<'_>, old: &str) {
    until(async || seen.path().await != old).await;
}

async fn wait_for_path(seen: &Seen<'_>, wanted: &str) {
    until(async || seen.path().await == wanted).await;
}

/// Asks until it is so.
async fn until(is_so: impl AsyncFn() -> bool) {
    let limit = tokio::time::Instant::now() + WITHIN;
    while !is_so().await {
        assert!(tokio::time::Instant::now() < limit, "it never came to be");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
