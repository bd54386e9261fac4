//! A key is corrected in a real browser, while the service marks again in the background.
//!
//! Failure: something is written before it is confirmed, others change than the page said, a
//! teacher's own decision that changes, no progress or no list of what changed, a key that cannot be
//! put back. Not failure: how long marking again takes, up to the limit.

use std::time::Duration;

use fantoccini::{Client, Locator};
use serde_json::Value;
use zhibi_tests::{Browser, Demo};

/// Nothing takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(90);

const ASSIGNMENT: &str = "/a/a-mental-arithmetic-g3";
const QUESTION: &str = "1-1";

struct Page<'c>(&'c Client);

impl Page<'_> {
    async fn run(&self, script: &str) -> Value {
        self.0.execute(script, Vec::new()).await.expect("a script runs")
    }

    async fn text(&self, css: &str) -> String {
        let css = Value::from(css);
        let script = format!("return document.querySelector({css})?.textContent ?? ''");
        serde_json::from_value(self.run(&script).await).expect("a text")
    }

    async fn count(&self, css: &str) -> u64 {
        let css = Value::from(css);
        let script = format!("return document.querySelectorAll({css}).length");
        self.run(&script).await.as_u64().expect("a number")
    }

    async fn go(&self, path: &str) {
        let here = self.0.current_url().await.expect("a page");
        let address = here.join(path).expect("an address");
        self.0.goto(address.as_str()).await.expect("a page");
    }

    async fn click(&self, css: &str) {
        let found = self.0.find(Locator::Css(css)).await.expect(css);
        found.click().await.expect("it can be clicked");
    }

    async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        let limit = tokio::time::Instant::now() + WITHIN;
        while !is_so().await {
            assert!(tokio::time::Instant::now() < limit, "never came to be: {what}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The pupils in the table of what changes, by their papers.
    async fn changed(&self, table: &str) -> Vec<String> {
        let css = Value::from(format!("{table} tbody th a"));
        let script = format!(
            "return [...document.querySelectorAll({css})].map((a) => a.getAttribute('href'))"
        );
        serde_json::from_value(self.run(&script).await).expect("a list of papers")
    }

    /// The sign of a paper's answer to the question, and who gave it.
    async fn verdict(&self, paper: &str) -> (String, String) {
        self.go(paper).await;
        let row = format!("#q-{QUESTION}");
        let sign = format!("return document.querySelector('[id=\"q-{QUESTION}\"]').className");
        let sign: String = serde_json::from_value(self.run(&sign).await).expect("a row");
        let facts = self.text(&format!("[id='{}'] .facts", &row[1..])).await;
        (sign, facts)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_corrected_on_the_page_and_put_back() {
    let Some(browser) = Browser::open(1280, 900).await else { return };
    let demo = Demo::start(&["--pupils", "12", "--seed", "3", "--speed", "200"]);
    let page = Page(&browser.client);
    browser.client.goto(&demo.link).await.expect("the link's page");
    page.run("document.querySelector(\"form[action^='/link/'] button\").click()").await;
    page.until("the classes", async || page.count("a[href^='/a/']").await > 0).await;
    demo.evening_over();

    // Who would change, if the key were another: looked at, and nothing is written.
    let question = format!("{ASSIGNMENT}/q/{QUESTION}");
    page.go(&question).await;
    page.click("#correct-key > summary").await;
    let typed = browser.client.find(Locator::Css("#correct-key input[name=answer]")).await;
    let typed = typed.expect("a field for the key");
    let key = typed.attr("value").await.expect("a field").expect("the key so far");
    let wrong = format!("{key}1");
    typed.clear().await.expect("it can be emptied");
    typed.send_keys(&wrong).await.expect("it can be typed");
    page.click("#correct-key form button").await;
    page.until("what would change", async || page.count(".changed").await == 1).await;
    let all = page.changed(".changed").await;
    assert!(all.len() > 2, "the machine found several right: {all:?}");

    // The teacher decides one of them by herself: it stays out of it.
    let own = all[0].clone();
    page.go(&own).await;
    let button = format!("[id='q-{QUESTION}'] button[value=right]");
    page.until("the row is open", async || {
        page.run(&format!("document.querySelector(\"{button}\").click()")).await;
        let by = page.text(&format!("[id='q-{QUESTION}'] .facts")).await;
        by.contains("屏幕")
    })
    .await;
    let look = format!("{question}/key?part={QUESTION}&answer={wrong}");
    page.go(&look).await;
    assert_eq!(page.changed(".changed").await, all[1..], "others than hers");
    let said = page.text(".key-page").await;
    assert!(said.contains("老师已经判过"), "{said}");
    page.go(&question).await;
    assert_eq!(page.count(".keys .history li").await, 0, "nothing was written");

    // Confirmed: progress, and then the list of what changed.
    page.go(&look).await;
    page.click(".acts button.primary").await;
    let done = async || page.text(".keys .history li .state-of").await.contains("份都重新批改了");
    page.until("all are marked again", &done).await;
    page.until("what changed", async || !page.changed(".keys .history").await.is_empty()).await;
    assert_eq!(page.changed(".keys .history").await, all[1..], "as it was said");
    let (sign, by) = page.verdict(&own).await;
    assert!(sign.contains("v-right") && by.contains("屏幕"), "hers stays: {sign} {by}");
    let (sign, by) = page.verdict(&all[1]).await;
    assert!(sign.contains("v-wrong") && by.contains("机判"), "by the new key: {sign} {by}");

    // And back the same way.
    page.go(&question).await;
    page.click(".keys .history .state-of a").await;
    page.until("the way back", async || page.count(".acts button.primary").await == 1).await;
    assert_eq!(page.changed(".changed").await, all[1..]);
    page.click(".acts button.primary").await;
    page.until("two corrections", async || page.count(".keys .history > li").await == 2).await;
    page.until("all are marked again", &done).await;
    let (sign, _) = page.verdict(&all[1]).await;
    assert!(sign.contains("v-right"), "{sign}");
    demo.stop();
}
