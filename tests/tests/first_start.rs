//! A school's first quarter of an hour: an empty folder becomes a service with people in it.
//!
//! Failure: a step of the README that does not do what it says, a set-up link that works twice or
//! stands in the log, a login that works after it was shut out. Not failure: how long anything
//! takes.

use std::path::Path;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use test_needs::Port;
use zhibi_tests::{Browser, Serve, Zhibi};

/// Nothing takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(60);

async fn find(client: &Client, css: &str) -> Element {
    let found = client.wait().at_most(WITHIN).for_element(Locator::Css(css)).await;
    found.unwrap_or_else(|error| panic!("nothing matches {css}: {error}"))
}

async fn fill(client: &Client, field: &str, text: &str) {
    let field = find(client, &format!("input[name={field}]")).await;
    field.clear().await.expect("a field can be emptied");
    field.send_keys(text).await.expect("a field can be filled");
}

/// Runs `zhibi user DATABASE …` and gives what it printed.
fn user(database: &Path, args: &[&str]) -> String {
    let database = database.to_str().expect("a UTF-8 path");
    let output = Zhibi::run(&[&["user", database], args].concat());
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_folder_becomes_a_service_with_people_in_it() {
    let Some(browser) = Browser::open(1280, 900).await else { return };
    let client = &browser.client;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("zhibi.toml");
    let init = || Zhibi::run(&["init", config.to_str().expect("a UTF-8 path")]);
    assert!(init().status.success());
    let written = std::fs::read_to_string(&config).expect("init wrote it");
    assert_eq!(init().status.code(), Some(1), "what is there is not written over");
    // Ports that other tests leave free.
    let (web, mqtt) = (Port::take(), Port::take());
    let text = written
        .replace("# listen = \"127.0.0.1:8080\"", &format!("listen = \"127.0.0.1:{}\"", web.number))
        .replace("# port = 1883", &format!("port = {}", mqtt.number));
    std::fs::write(&config, text).expect("it can be edited");
    let mut serve = Serve::start(&config);
    let link = serve.printed_link();

    client.goto(&link).await.expect("the page of the first start");
    fill(client, "school", "实验小学").await;
    fill(client, "name", "周敏").await;
    fill(client, "login", "zhou").await;
    fill(client, "password", "short").await;
    browser.keep_picture("first-start.png").await;
    find(client, ".gate button").await.click().await.expect("sent");
    find(client, "[role=alert]").await;
    fill(client, "password", "rain on the school roof").await;
    find(client, ".gate button").await.click().await.expect("sent");
    find(client, "form[action='/logout'] button").await.click().await.expect("logged out");
    find(client, "form[action='/login']").await;
    client.goto(&link).await.expect("the link again");
    find(client, "a[href='/login']").await;

    let database = folder.path().join("zhibi.db");
    let at = format!("http://127.0.0.1:{}", web.number);
    let link = user(&database, &["add", "wang", "--name", "王丽华", "--role", "head", "--at", &at]);
    client.goto(link.trim()).await.expect("the link's page");
    find(client, "form[action^='/link/'] button").await.click().await.expect("in");
    find(client, "form[action='/logout']").await;
    let list = user(&database, &["list"]);
    assert!(list.contains("wang  王丽华  no password  head"), "{list}");
    assert!(list.contains("zhou  周敏  password set  administrator"), "{list}");
    user(&database, &["disable", "wang"]);
    client.refresh().await.expect("the page again");
    find(client, "form[action='/login']").await;
    assert!(user(&database, &["list"]).contains("wang  王丽华  shut out"));
    serve.stop();

    // Whoever can sign in needs no set-up: the second start prints no link.
    let again = Serve::start(&config);
    assert_eq!(again.stop_and_read(), "");
}

/// What the command line says of itself is said in full, and what was typed without its password.
#[test]
fn help_is_whole_and_a_refusal_quotes_no_password() {
    let help = Zhibi::run(&["demo", "--help"]);
    let text = String::from_utf8(help.stdout).expect("UTF-8");
    assert!(help.status.success() && text.contains("postgres://user@host/database"), "{text}");
    let refused = Zhibi::run(&["check", "postgres://zhibi:s3cret@localhost:port/zhibi"]);
    let text = String::from_utf8(refused.stderr).expect("UTF-8");
    assert_eq!(refused.status.code(), Some(2));
    assert!(!text.contains("s3cret") && text.contains("localhost"), "{text}");
}
