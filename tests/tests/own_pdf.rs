//! A school's own PDF becomes a worksheet in a real browser, and is printed for a class.
//!
//! Failure: a box of the page that a click does not take, a field that mouse or keyboard do not move,
//! words that are lost, a worksheet or a printed file that is not made. Not failure: how it looks;
//! pictures of the page and of the printed sheet are kept to be looked at.

use std::path::Path;
use std::time::Duration;

use fantoccini::actions::{InputSource, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use store::Store;
use test_needs::Port;
use zhibi_tests::{Browser, Serve, Zhibi, seen};

/// Nothing takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(60);
/// Keys as WebDriver names them.
const RIGHT: &str = "\u{e014}";
const ENTER: &str = "\u{e007}";

fn sources(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

async fn find(client: &Client, css: &str) -> Element {
    let found = client.wait().at_most(WITHIN).for_element(Locator::Css(css)).await;
    found.unwrap_or_else(|error| panic!("nothing matches {css}: {error}"))
}

async fn fill(client: &Client, css: &str, text: &str) {
    let field = find(client, css).await;
    field.clear().await.expect("a field can be emptied");
    field.send_keys(text).await.expect("a field can be filled");
}

async fn value(client: &Client, row: usize, name: &str) -> String {
    let field = find(client, &format!("#field-{row} [name={name}]")).await;
    field.prop("value").await.expect("a property").expect("a value")
}

/// Runs a command on the store and gives what it printed.
fn run(args: &[&str]) -> String {
    let output = Zhibi::run(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Drags from the middle of what matches, by so many pixels.
async fn drag(client: &Client, css: &str, by: (f64, f64)) {
    let element = find(client, css).await;
    let (x, y, width, height) = element.rectangle().await.expect("a rectangle");
    let scrolled = client.execute("return [scrollX, scrollY]", Vec::new()).await.expect("a place");
    let scrolled = |at: usize| scrolled[at].as_f64().expect("a number");
    let at = (x + width / 2.0 - scrolled(0), y + height / 2.0 - scrolled(1));
    let to = |x, y| PointerAction::MoveTo { duration: None, x, y };
    let actions = MouseActions::new("mouse".into())
        .then(to(at.0, at.1))
        .then(PointerAction::Down { button: 0 })
        .then(to(at.0 + by.0 / 2.0, at.1 + by.1 / 2.0))
        .then(to(at.0 + by.0, at.1 + by.1))
        .then(PointerAction::Up { button: 0 });
    client.perform_actions(actions).await.expect("a drag");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_of_another_program_is_drawn_over_saved_and_printed() {
    let Some(browser) = Browser::open(1400, 1000).await else { return };
    let client = &browser.client;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = folder.path().join("zhibi.db");
    let db = database.to_str().expect("a UTF-8 path");
    let list = sources("sample-strokes/rosters/list.xlsx");
    run(&["store", "init", db]);
    run(&["import", "roster", db, list.to_str().expect("a UTF-8 path"), "--school", "实验小学"]);
    let config = folder.path().join("zhibi.toml");
    run(&["init", config.to_str().expect("a UTF-8 path")]);
    let (web, mqtt) = (Port::take(), Port::take());
    let text = std::fs::read_to_string(&config)
        .expect("init wrote it")
        .replace("# listen = \"127.0.0.1:8080\"", &format!("listen = \"127.0.0.1:{}\"", web.number))
        .replace("# port = 1883", &format!("port = {}", mqtt.number));
    std::fs::write(&config, text).expect("it can be edited");
    let store = Store::open(database.as_path()).await.expect("the store");
    let school = store.schools().await.expect("schools").remove(0).id;
    let class = store.classes(&school).await.expect("classes").remove(0);
    let role = format!("class-teacher:{}", class.id);
    let at = format!("http://127.0.0.1:{}", web.number);
    let add = ["user", db, "add", "wang", "--name", "王丽华", "--role", &role, "--at", &at];
    let link = run(&add);
    let serve = Serve::start(&config);

    client.goto(link.trim()).await.expect("the link's page");
    find(client, "form[action^='/link/'] button").await.click().await.expect("in");
    find(client, "form[action='/logout']").await;
    let list = format!("{at}/school/{school}/worksheets/pdf");
    client.goto(&list).await.expect("the list");
    let pdf = sources("crates/pdf-sheet/tests/data/unit.pdf");
    let pdf = pdf.canonicalize().expect("the file is part of the sources");
    let file = find(client, "input[type=file]").await;
    file.send_keys(pdf.to_str().expect("a UTF-8 path")).await.expect("a file");
    find(client, ".upload button").await.click().await.expect("sent");

    // A click on the first box is a field; the second is taken by keyboard.
    find(client, ".spot.box").await;
    let box_at = |nth: usize| format!("document.querySelectorAll('.spot.box')[{nth}]");
    let first = client.find_all(Locator::Css(".spot.box")).await.expect("boxes").remove(0);
    first.click().await.expect("clicked");
    fill(client, "#field-0 [name=key]", "83").await;
    fill(client, "#field-0 [name=points]", "2").await;
    fill(client, "#field-0 [name=point]", "两位数加法（进位）").await;
    client.execute(&format!("{}.focus()", box_at(1)), Vec::new()).await.expect("focus");
    let second = client.active_element().await.expect("the second box");
    second.send_keys(ENTER).await.expect("taken");
    fill(client, "#field-1 [name=key]", "37").await;
    assert_eq!(value(client, 1, "number").await, "2");
    assert_eq!(value(client, 1, "points").await, "2", "as the one before");
    // The bracket of question 5, whose letter is B.
    let bracket = client.find_all(Locator::Css(".spot.bracket")).await.expect("brackets").remove(0);
    bracket.click().await.expect("clicked");
    fill(client, "#field-2 [name=number]", "5").await;
    fill(client, "#field-2 [name=key]", "B").await;
    assert_eq!(value(client, 2, "kind").await, "letter");

    // One field by mouse and by keyboard, and back.
    let x = value(client, 1, "x").await;
    drag(client, "[data-at='1'] .field", (0.0, 40.0)).await;
    let lower = value(client, 1, "y").await;
    client.active_element().await.expect("the field").send_keys(RIGHT).await.expect("moved");
    assert_ne!(value(client, 1, "x").await, x);
    find(client, "[data-do=undo]").await.click().await.expect("undone");
    assert_eq!((value(client, 1, "x").await, value(client, 1, "y").await), (x, lower));
    find(client, "[data-do=undo]").await.click().await.expect("undone");

    fill(client, "[name=title]", "三年级数学单元练习").await;
    find(client, ".faults .grave").await;
    fill(client, "[name=grade]", "3").await;
    // Nothing is wrong any more, and all of it is stored: it is there after a reload.
    client.wait().at_most(WITHIN).for_element(Locator::Css("#faults:empty")).await.expect("sound");
    client.refresh().await.expect("the page again");
    assert_eq!(value(client, 2, "key").await, "B");
    browser.keep_picture("own-pdf.png").await;
    find(client, "button[value=make]").await.click().await.expect("made");
    find(client, ".good").await;

    let drawing = client.current_url().await.expect("an address");
    let id = drawing.path().rsplit('/').next().expect("an id").to_owned();
    let sheet = store.load_worksheet(&format!("pdf-{id}"), 1).await.expect("the worksheet");
    assert_eq!(sheet.parts().filter_map(|of| of.answer()).collect::<Vec<_>>(), ["83", "37", "B"]);
    let out = folder.path().join("sheet");
    std::fs::create_dir(&out).expect("a folder");
    for (name, text) in sheet.files() {
        std::fs::write(out.join(name), text).expect("a file");
    }
    let printed = seen().join("own-pdf.pdf");
    let (out, printed) = (out.to_str().expect("UTF-8"), printed.to_str().expect("UTF-8"));
    run(&["print", db, "--worksheet", out, "--class", &class.id, "--out", printed]);
    assert!(std::fs::metadata(printed).expect("the file").len() > 100_000);
    serve.stop();
}
