//! Replay of a paper, and taking back what was handed in, in a real browser.
//!
//! Failure: a pause without a mark or without its length, a replay of one question that spans the
//! page, a button that does not say that it pauses, a paper or a collection that cannot be taken
//! back. Not failure: how fast a replay is.

use std::time::Duration;

use fantoccini::Locator;
use serde_json::Value;
use zhibi_tests::{Browser, Demo};

/// Nothing takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(30);

struct Page<'b> {
    browser: &'b Browser,
}

impl Page<'_> {
    async fn run(&self, script: &str) -> Value {
        self.browser.client.execute(script, Vec::new()).await.expect("a script runs")
    }

    async fn is(&self, condition: &str) -> bool {
        self.run(&format!("return Boolean({condition})")).await == Value::Bool(true)
    }

    async fn until(&self, condition: &str) {
        let limit = tokio::time::Instant::now() + WITHIN;
        while !self.is(condition).await {
            if tokio::time::Instant::now() > limit {
                self.browser.keep_picture("taking-back-failed.png").await;
                panic!("it never came to be: {condition}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn click(&self, css: &str) {
        let wait = self.browser.client.wait().at_most(WITHIN);
        let found = wait.for_element(Locator::Css(css)).await;
        if found.is_err() {
            self.browser.keep_picture("taking-back-failed.png").await;
        }
        found
            .unwrap_or_else(|error| panic!("{css}: {error}"))
            .click()
            .await
            .expect("it can be clicked");
    }

    /// Opens a dialog. The class writes on meanwhile, and a button that an update has just put in
    /// its place takes no click.
    async fn open(&self, dialog: &str) {
        let limit = tokio::time::Instant::now() + WITHIN;
        while !self.is(&format!("document.querySelector('#{dialog}:popover-open')")).await {
            assert!(tokio::time::Instant::now() < limit, "{dialog} never opens");
            self.click(&format!("button[popovertarget={dialog}]")).await;
        }
    }

    async fn press(&self, key: &str) {
        let body = self.browser.client.find(Locator::Css("body")).await.expect("a page");
        body.send_keys(key).await.expect("a key can be pressed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_handed_in_can_be_taken_back_and_ink_played_again() {
    let Some(browser) = Browser::open(1280, 900).await else { return };
    // Slow enough that no paper settles by itself before it is collected.
    let demo = Demo::start(&["--pupils", "8", "--seed", "5", "--speed", "30"]);
    let (page, client) = (Page { browser: &browser }, &browser.client);
    client.goto(&demo.link).await.expect("the link's page");
    page.run("document.querySelector(\"form[action^='/link/'] button\").click()").await;
    page.until("document.querySelector(\"a[href^='/a/']\")").await;
    let view = client.current_url().await.expect("a page");
    let matrix = view.join("/a/a-mixed-g3").expect("an address");
    client.goto(matrix.as_str()).await.expect("the matrix");

    // All that is written is collected, and that is taken back.
    let begun = "document.querySelectorAll('.matrix tbody .state-col .begun').length";
    let handed_in = "document.querySelectorAll('.matrix tbody .state-col .handed-in').length";
    page.until(&format!("{begun} > 2 && {handed_in} === 0")).await;
    page.open("collect").await;
    page.click("#collect button.primary").await;
    page.until(&format!("{handed_in} > 2")).await;
    page.open("collections").await;
    browser.keep_picture("taking-back-1.png").await;
    page.click("#collections form[action$='/give-back'] button").await;
    page.until(&format!("{begun} > 2 && {handed_in} === 0")).await;

    // One paper, by the key right after it was handed in. An update may show what the form did
    // before the page that answers it is there.
    let begun_paper = "document.querySelector('.matrix tr:has(.state-col .begun) th a')";
    page.until(&format!("((link) => {{ link?.click(); return link }})({begun_paper})")).await;
    page.click("#hand-in form[action$='/hand-in'] button").await;
    page.until("document.querySelector(\"#hand-in form[action$='/give-back']\")").await;
    page.press("u").await;
    page.until("document.querySelector(\"#hand-in form[action$='/hand-in']\")").await;

    // The page is played, and the button says what it does then.
    let bar = "document.querySelector('.replay')";
    let word = "document.querySelector('.replay .play').textContent";
    page.until(&format!("!{bar}.hidden && {word} === '笔迹回放'")).await;
    let ticks = "[...document.querySelectorAll('.pauses g:not([hidden]) rect')]";
    page.until(&format!("{ticks}.length > 0")).await;
    let named = "(tick) => /^停顿 [1-9][0-9]* 秒$/.test(tick.querySelector('title').textContent)";
    assert!(page.is(&format!("{ticks}.every({named})")).await, "a pause says how long it was");
    page.click(".replay .play").await;
    page.until(&format!("{word} === '暂停' && document.querySelector('.ink .later')")).await;
    page.click(".replay .play").await;
    assert!(page.is(&format!("{word} === '笔迹回放'")).await);

    // One question of it: the others stay as they are, and the bar is its own.
    let span = "(of) => document.querySelector(`.pauses g[data-of='${of}']`).dataset.span";
    let longest = format!(
        "const span = {span};
         const all = [...document.querySelectorAll('[data-replay]')];
         all.sort((a, b) => span(b.dataset.replay) - span(a.dataset.replay));
         all[0].closest('details').open = true;
         window.own = all[0].dataset.replay;
         all[0].click();"
    );
    page.run(&longest).await;
    page.until(&format!("{word} === '暂停'")).await;
    let own = "window.own";
    let others = format!(
        "[...document.querySelectorAll('.ink .later')].every(
        (stroke) => stroke.dataset.q === {own})"
    );
    assert!(page.is(&others).await, "only its own strokes are played");
    let shown = "document.querySelectorAll('.pauses g:not([hidden])')";
    assert!(page.is(&format!("{shown}.length === 1 && {shown}[0].dataset.of === {own}")).await);
    let one = format!("Number({shown}[0].dataset.span)");
    let whole = "Number(document.querySelector('.pauses g').dataset.span)";
    assert!(page.is(&format!("{one} > 0 && {one} < {whole}")).await);
    page.until(&format!("{word} === '笔迹回放' && !document.querySelector('.ink .later')")).await;
    page.click(".replay .whole").await;
    assert!(page.is(&format!("{shown}[0].dataset.of === ''")).await);
    demo.stop();
}
