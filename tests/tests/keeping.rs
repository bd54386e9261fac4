//! What the people who keep a school, and its parents, do in a real browser: people, pens, links.
//!
//! Failure: an invitation that does not let its owner in on another device, a change of pens that is
//! not shown or cannot be taken back, an unknown pen that takes more than a choice and a click, a
//! parents' link that a second device opens, or that opens after it was taken back. Not failure: how
//! long anything takes. The service ends with the test, without draining: browsers hold connections.

use std::path::PathBuf;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use firmware_protocol::PageAddress;
use sample_school::{Given, Pen, START_MS, SampleSchool};
use store::{Store, StoreUrl};
use test_needs::Port;
use zhibi_tests::{Browser, Serve, Zhibi};

/// Nothing takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(30);

/// A service with the sample school, in which `p-1` and an unknown pen wrote.
struct Kept {
    serve: Serve,
    database: PathBuf,
    _folder: tempfile::TempDir,
    _port: Port,
}

impl Kept {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = folder.path().join("z.db");
        let url = StoreUrl::from(database.as_path());
        let store = Store::connect(&url).await.expect("a new store");
        SampleSchool::of(3)
            .with(Given::new("a-1", "r-1", 100))
            .with(Given::new("a-3", "r-3", 300).shared())
            .put(&store)
            .await;
        // The first copy's page, and one that all share.
        for (pen, page) in [(0x0a, 100), (0x0b, 300)] {
            let address = PageAddress { section: 3, owner: 27, book: 5, page };
            let mut pen = Pen::new(pen);
            pen.stroke(address, START_MS, &[(30_000, 40_000), (34_000, 45_000), (38_000, 40_000)]);
            store.store_chunks(pen.arrivals(START_MS)).await.expect("stored");
        }
        store.close().await.expect("closed");
        let port = Port::take();
        let config = folder.path().join("zhibi.toml");
        let text = format!(
            "[store]\npath = {database:?}\n[broker]\nembedded = true\nport = {}\n[pipeline]\n\
             mark_after_rest_ms = 100\n[web]\nlisten = \"127.0.0.1:0\"\nsecure_cookies = false\n",
            port.number
        );
        std::fs::write(&config, text).expect("a file in a temporary folder");
        let kept = Self { serve: Serve::start(&config), database, _folder: folder, _port: port };
        kept.user(&["add", "zhou", "--name", "周敏", "--role", "administrator"]);
        kept
    }

    fn at(&self) -> String {
        format!("http://{}", self.serve.web)
    }

    fn user(&self, args: &[&str]) -> String {
        let (database, at) = (self.database.to_str().expect("a UTF-8 path"), self.at());
        let output = Zhibi::run(&[&["user", database], args, &["--at", &at]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    }

    /// Comes in as somebody, at a page.
    async fn enter(&self, client: &Client, login: &str, path: &str) {
        client.delete_all_cookies().await.expect("a session can be forgotten");
        open_link(client, &self.user(&["invite", login])).await;
        self.goto(client, path).await;
    }

    /// Opens a page again until something is on it that the service has yet to work out.
    async fn until(&self, client: &Client, path: &str, css: &str) {
        let limit = tokio::time::Instant::now() + WITHIN;
        while client.find(Locator::Css(css)).await.is_err() {
            assert!(tokio::time::Instant::now() < limit, "nothing on {path} matches {css}");
            self.goto(client, path).await;
        }
    }

    async fn goto(&self, client: &Client, path: &str) {
        client.goto(&format!("{}{path}", self.at())).await.expect("a page");
    }
}

async fn find(client: &Client, css: &str) -> Element {
    let found = client.wait().at_most(WITHIN).for_element(Locator::Css(css)).await;
    found.unwrap_or_else(|error| panic!("nothing matches {css}: {error}"))
}

async fn click(client: &Client, css: &str) {
    find(client, css).await.click().await.expect("it can be clicked");
}

/// Chooses or types a value where no script listens for it.
async fn put(client: &Client, css: &str, value: &str) {
    find(client, css).await;
    let script = format!("document.querySelector({css:?}).value = {value:?}");
    client.execute(&script, Vec::new()).await.expect("a script runs");
}

async fn text(client: &Client, css: &str) -> String {
    find(client, css).await.text().await.expect("a text")
}

/// Waits until an element says something.
async fn says(client: &Client, css: &str, words: &str) {
    let limit = tokio::time::Instant::now() + WITHIN;
    loop {
        let script = format!(
            "return [...document.querySelectorAll({css:?})].map((e) => e.textContent).join(' ')"
        );
        let said = client.execute(&script, Vec::new()).await.expect("a script runs");
        let said = said.as_str().unwrap_or_default().to_owned();
        if said.contains(words) {
            return;
        }
        assert!(tokio::time::Instant::now() < limit, "{css} says {said:?} and not {words}");
        tokio::task::yield_now().await;
    }
}

async fn open_link(client: &Client, link: &str) {
    client.goto(link).await.expect("the link's page");
    click(client, "form[action^='/link/'] button").await;
    find(client, "form[action='/logout']").await;
}

/// One service and two browsers for all of it: they take longer to start than what is done in them.
#[tokio::test(flavor = "multi_thread")]
async fn a_school_is_kept_in_a_browser() {
    let (Some(own), Some(other)) = (Browser::open(1280, 900).await, Browser::open(400, 800).await)
    else {
        return;
    };
    let kept = Kept::start().await;
    who_is_invited_comes_in_on_their_own_device(&kept, &own, &other).await;
    pens_are_lent_exchanged_missed_and_taken_back(&kept, &own).await;
    a_parents_link_is_one_devices_until_it_is_taken_back(&kept, &own, &other).await;
}

async fn who_is_invited_comes_in_on_their_own_device(kept: &Kept, own: &Browser, other: &Browser) {
    let client = &own.client;
    kept.enter(client, "zhou", "/school/s/people").await;
    click(client, "#add summary").await;
    put(client, "#add input[name=name]", "赵一").await;
    put(client, "#add input[name=login]", "zhaoyi").await;
    put(client, "#add select[name=role]", "class_teacher").await;
    put(client, "#add select[name=class]", "c-1").await;
    click(client, "#add button.primary").await;
    let link = text(client, ".slip code").await;
    own.keep_picture("people-slip.png").await;
    open_link(&other.client, &link).await;
    kept.goto(&other.client, "/").await;
    find(&other.client, "a[href='/a/a-1']").await;
    // It works once.
    client.goto(&link).await.expect("the link again");
    says(client, "main", "用过").await;
}

async fn pens_are_lent_exchanged_missed_and_taken_back(kept: &Kept, browser: &Browser) {
    let client = &browser.client;
    kept.enter(client, "zhou", "/school/s/pens").await;
    // An unknown pen is a pupil's by a choice and a click.
    let stranger = ".stranger:has(input[value='00000000000b'])";
    kept.until(client, "/school/s/pens", stranger).await;
    put(client, &format!("{stranger} select[name=to]"), "pupil:p-2").await;
    click(client, &format!("{stranger} button.primary")).await;
    says(client, "#done", "00000000000b").await;
    browser.keep_picture("pens-given.png").await;

    put(client, "form.add input[name=set]", "A").await;
    put(client, "form.add textarea[name=ids]", "001122334401\n001122334402\n001122334403").await;
    click(client, "form.add button.primary").await;
    says(client, "#done", "3 支").await;
    click(client, ".sets a").await;
    put(client, "select[name=lend]", "c-1").await;
    click(client, "form:has(select[name=lend]) button").await;
    click(client, "#preview button.primary").await;
    says(client, "#done", "3 名学生").await;

    let holder = |n: u32| format!("table.pens tbody tr:nth-child({n}) td.name");
    let (first, second) = (text(client, &holder(1)).await, text(client, &holder(2)).await);
    click(client, "table.pens tbody tr:nth-child(1) th a").await;
    let with = "option[value='001122334402']";
    put(client, "form[action$='/swap'] select[name=with]", "001122334402").await;
    find(client, &format!("form[action$='/swap'] {with}")).await;
    click(client, "form[action$='/swap'] button").await;
    says(client, &holder(1), &second).await;
    click(client, "#done button[data-undo]").await;
    says(client, &holder(1), &first).await;

    click(client, "table.pens tbody tr:nth-child(1) th a").await;
    click(client, "form[action$='/lost'] button").await;
    says(client, &holder(1), "丢失").await;
    browser.keep_picture("pens-lost.png").await;
    click(client, "#done button[data-undo]").await;
    says(client, &holder(1), &first).await;
}

async fn a_parents_link_is_one_devices_until_it_is_taken_back(
    kept: &Kept,
    own: &Browser,
    phone: &Browser,
) {
    let (teacher, phone) = (&own.client, &phone.client);
    phone.delete_all_cookies().await.expect("a session can be forgotten");
    kept.enter(teacher, "wang", "/a/a-1/parents").await;
    let one = "#pupil-p-1 form[action$='/parents'] button";
    // The paper is settled once it is marked.
    kept.until(teacher, "/a/a-1/parents", one).await;
    click(teacher, one).await;
    let link = text(teacher, ".slip .url").await;
    phone.goto(&link).await.expect("the link's page");
    click(phone, ".gate button.primary").await;
    find(phone, ".to-parents .sheet").await;
    // The second device is the teacher's own.
    teacher.goto(&link).await.expect("the link on a second device");
    find(teacher, ".gate").await;
    assert!(teacher.find(Locator::Css(".to-parents, .gate button")).await.is_err());
    kept.goto(teacher, "/a/a-1/parents").await;
    click(teacher, "#pupil-p-1 form[action$='/revoke'] button").await;
    find(teacher, "#pupil-p-1 td.muted").await;
    phone.refresh().await.expect("the page again");
    find(phone, ".gate").await;
    assert!(phone.find(Locator::Css(".to-parents")).await.is_err());
}
