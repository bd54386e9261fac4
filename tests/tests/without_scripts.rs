//! A teacher whose browser runs no scripts: every form works as a form.
//!
//! Failure: a login, a decision, points, an undo or a paper handed in that needs a script. Not
//! failure: what only scripts can do, such as keys, replay and pages that change by themselves.

use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use zhibi_tests::{Browser, Demo};

/// Nothing takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(60);

async fn find(client: &Client, css: &str) -> Element {
    let found = client.wait().at_most(WITHIN).for_element(Locator::Css(css)).await;
    found.unwrap_or_else(|error| panic!("nothing matches {css}: {error}"))
}

async fn count(client: &Client, css: &str) -> usize {
    client.find_all(Locator::Css(css)).await.expect("a page").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_counts_works_as_a_form() {
    let Some(browser) = Browser::open_without_scripts(1280, 900).await else { return };
    let client = &browser.client;
    let demo = Demo::start(&["--pupils", "8", "--seed", "5", "--speed", "200"]);
    client.goto(&demo.link).await.expect("the link's page");
    find(client, "form[action^='/link/'] button").await.click().await.expect("logged in");
    find(client, "a[href^='/a/']").await;
    demo.evening_over();
    let view = client.current_url().await.expect("a page");
    let address = view.join("/a/a-mixed-g3/decide").expect("an address");
    client.goto(address.as_str()).await.expect("the decide page");
    find(client, ".card").await;
    assert_eq!(count(client, ".card[data-here]").await, 0, "no script has run");

    // Half a point more than a button gives, and back.
    let card = find(client, ".card.open:not(.done)").await;
    let id = card.attr("id").await.expect("a card").expect("with an id");
    let field = find(client, &format!("[id='{id}'] input[name=points]")).await;
    field.send_keys("2.5\u{e007}").await.expect("points can be typed");
    let given = find(client, &format!("[id='{id}'].done .given b")).await;
    assert_eq!(given.text().await.expect("a text"), "2.5");
    find(client, &format!("[id='{id}'] button.undo")).await.click().await.expect("taken back");
    find(client, &format!("[id='{id}']:not(.done)")).await;

    // A paper is handed in and given back.
    client.goto(address.as_str()).await.expect("the decide page");
    let paper = find(client, &format!("[id='{id}'] a.crop")).await;
    paper.click().await.expect("its paper");
    find(client, "#hand-in button").await.click().await.expect("handed in");
    find(client, "#hand-in form[action$='/give-back'] button").await.click().await.expect("back");
    find(client, "#hand-in form[action$='/hand-in'] button").await;
    demo.stop();
}
