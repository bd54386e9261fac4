//! Deciding in a real browser, with the network slow, gone, and back.
//!
//! Failure: a key that reaches another card than the one shown when it was pressed, points other
//! than the typed ones, a failure without words, what was decided out of sight, an undo that does
//! not reach back, a group that decides more or fewer pupils than it shows. Not failure: how the page
//! looks.

use std::time::Duration;

use fantoccini::Locator;
use serde_json::Value;
use zhibi_tests::{Browser, Demo};

/// Nothing takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(60);

const SLOW: &str = "window.real = fetch;
    window.fetch = async (...asked) => {
      await new Promise((done) => setTimeout(done, 800));
      return real(...asked);
    };";
const GONE: &str = "window.fetch = () => Promise.reject(new TypeError('gone'));";
const BACK: &str = "window.fetch = window.real;";

struct Page<'b> {
    browser: &'b Browser,
}

impl Page<'_> {
    async fn run(&self, script: &str) -> Value {
        self.browser.client.execute(script, Vec::new()).await.expect("a script runs")
    }

    /// The ids of the elements that match, in their order on the page.
    async fn ids(&self, css: &str) -> Vec<String> {
        let css = Value::from(css);
        let script =
            format!("return [...document.querySelectorAll({css})].map((found) => found.id)");
        serde_json::from_value(self.run(&script).await).expect("a list of ids")
    }

    async fn text(&self, css: &str) -> String {
        let css = Value::from(css);
        let script = format!("return document.querySelector({css})?.textContent ?? ''");
        serde_json::from_value(self.run(&script).await).expect("a text")
    }

    /// Presses keys one right after the other.
    async fn press(&self, keys: &str) {
        let body = self.browser.client.find(Locator::Css("body")).await.expect("a page");
        body.send_keys(keys).await.expect("keys can be pressed");
    }

    async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        let limit = tokio::time::Instant::now() + WITHIN;
        while !is_so().await {
            if tokio::time::Instant::now() > limit {
                self.browser.keep_picture("deciding-failed.png").await;
                panic!("never came to be: {what}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pressed_is_what_is_stored() {
    let Some(browser) = Browser::open(1280, 900).await else { return };
    let demo = decide_page(&browser, &["--pupils", "8", "--seed", "5", "--speed", "200"]).await;
    let (page, client) = (Page { browser: &browser }, &browser.client);
    let cards = page.ids(".card").await;
    assert!(cards.len() > 4, "too little to decide: {cards:?}");
    let is_done = async |n: usize| page.ids(".card.done").await == cards[..n];

    // Two keys, and the answers come long after both.
    page.run(SLOW).await;
    page.press("11").await;
    page.until("two cards are decided, and in sight", async || is_done(2).await).await;

    // No network: the card says so, and can be sent again.
    page.run(GONE).await;
    page.press("1").await;
    let said = format!("[id='{}'] .said", cards[2]);
    page.until("words", async || page.text(&said).await.contains("没有存下")).await;
    page.run(BACK).await;
    let again = client.find(Locator::Css(&format!("{said} button"))).await.expect("a button");
    again.click().await.expect("the button can be clicked");
    page.until("the third is decided", async || is_done(3).await).await;
    assert_eq!(page.text(&said).await, "");

    // More points than there are; then what is typed, by Enter.
    page.press("9").await;
    let fourth = &cards[3];
    let said = format!("[id='{fourth}'] .said");
    page.until("words", async || page.text(&said).await.contains("没有存下")).await;
    let field = format!("[id='{fourth}'] input[name=points]");
    let field = client.find(Locator::Css(&field)).await.expect("a field for points");
    field.send_keys("2.5\u{e007}").await.expect("points can be typed");
    page.until("the fourth is decided", async || is_done(4).await).await;
    assert_eq!(page.text(&format!("[id='{fourth}'] .given b")).await, "2.5");

    page.press("uuuu").await;
    page.until("all is taken back", async || is_done(0).await).await;
    assert_eq!(page.ids("[data-here]").await, cards[..1]);
    demo.stop();
}

/// The decide page of a demo whose evening is over.
async fn decide_page(browser: &Browser, arguments: &[&str]) -> Demo {
    let demo = Demo::start(arguments);
    let (page, client) = (Page { browser }, &browser.client);
    client.goto(&demo.link).await.expect("the link's page");
    page.run("document.querySelector(\"form[action^='/link/'] button\").click()").await;
    let wait = client.wait().at_most(WITHIN);
    wait.for_element(Locator::Css("a[href^='/a/']")).await.expect("the classes");
    demo.evening_over();
    let view = client.current_url().await.expect("a page");
    let address = view.join("/a/a-mixed-g3/decide").expect("an address");
    client.goto(address.as_str()).await.expect("the decide page");
    demo
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_decided_by_one_key_without_who_was_pulled_out() {
    let Some(browser) = Browser::open(1280, 900).await else { return };
    // A class in which the machine reads some doubtful answers the same.
    let demo = decide_page(&browser, &["--pupils", "45", "--seed", "4", "--speed", "200"]).await;
    let page = Page { browser: &browser };
    let groups = page.ids(".card.many").await;
    let group = groups.first().expect("some doubtful answers read the same");
    let members = page.ids(&format!("[id='{group}'] .member")).await;
    let in_group = async || page.ids(&format!("[id='{group}'] .member")).await;
    let apart = async || page.ids(".card.apart .member").await;
    let done = async || page.ids(".card.done .member").await;
    assert!(members.len() > 2, "one can leave, and a group stays: {members:?}");
    assert_eq!(page.ids("[data-here]").await, [group.as_str()], "the largest comes first");

    // The first out, back, and out again.
    page.press("\u{e014}x").await;
    assert_eq!((in_group().await, apart().await), (members[1..].to_vec(), members[..1].to_vec()));
    page.press("jx").await;
    assert_eq!((in_group().await, apart().await.len()), (members.clone(), 0));
    page.run("document.activeElement.blur()").await;
    page.press("\u{e014}x").await;

    page.press("1").await;
    page.until("the others are decided", async || done().await == members[1..]).await;
    let waits = format!(".card:not(.done) [id='{}']", members[0]);
    assert_eq!(page.ids(&waits).await, members[..1], "who was pulled out waits");
    page.press("u").await;
    page.until("all are taken back", async || done().await.is_empty()).await;
    assert_eq!((in_group().await, apart().await), (members[1..].to_vec(), members[..1].to_vec()));
    demo.stop();
}
