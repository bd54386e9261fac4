//! A school's whole way by the commands that its IT person types: from an empty folder to marked
//! papers that the teacher sees.
//!
//! Failure: a command of the way that fails or says nothing of what the next one needs, a pupil who
//! has no pen or copy and is not told, fewer than nine in ten answers decided, or fewer than 97 in 100
//! of those as they were meant; red ink on shared sheets that goes to nobody though labels were touched;
//! a paper that the teacher does not see. Not failure: a single wrong
//! reading, how long anything takes. The pupils and their answers are made up.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;
use sqlx::{Connection, SqliteConnection};
use store::{Store, StoreUrl};
use test_needs::Port;
use zhibi_tests::{Serve, Zhibi};

/// No answer takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(60);

/// A worksheet as a teacher types it.
const TEXT: &str = "\
标题：三年级数学练习（一）
编号：own-sheet
年级：三年级
科目：数学
总分：12

一、直接写出得数。（每题 1 分，共 8 分，两栏）
36 + 47 = [83]
82 − 45 = [37]
25 + 38 = [63]
90 − 27 = [63]
7 × 8 = [56]
9 × 6 = [54]
48 ÷ 6 = [8]
63 ÷ 9 = [7]

二、选一选，判断对错。（每题 2 分）
（ B ）哪个数最接近 500？
  A. 489  B. 503  C. 510
（ × ）1 千克的铁比 1 千克的棉花重。
";

/// The folder of a school.
struct Folder {
    folder: tempfile::TempDir,
    database: PathBuf,
}

impl Folder {
    /// Runs a command to its end and gives what it printed.
    fn zhibi(&self, args: &[&str]) -> String {
        let output =
            Zhibi::command(args).current_dir(self.folder.path()).output().expect("it runs");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {told}");
        String::from_utf8(output.stdout).expect("UTF-8") + &told
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("a UTF-8 path").to_owned()
    }
}

/// The configuration of `zhibi init` on ports that other tests leave free.
fn configured(folder: &Folder, web: u16, mqtt: u16) -> PathBuf {
    folder.zhibi(&["init"]);
    let config = folder.folder.path().join("zhibi.toml");
    let text = std::fs::read_to_string(&config).expect("init wrote it");
    let text = text
        .replace("# listen = \"127.0.0.1:8080\"", &format!("listen = \"127.0.0.1:{web}\""))
        .replace("# port = 1883", &format!("port = {mqtt}"));
    std::fs::write(&config, text).expect("it can be edited");
    config
}

/// A day in a week, as `zhibi assign` takes it.
fn next_week() -> String {
    let output = Command::new("date").args(["--date=+7 days", "+%F"]).output().expect("a date");
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

/// A browser without eyes: it keeps one cookie jar.
struct Visitor {
    address: SocketAddr,
    cookies: String,
}

impl Visitor {
    fn send(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).expect("the view listens");
        stream.set_read_timeout(Some(WITHIN)).expect("a socket takes a limit");
        let request = format!(
            "{head} HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nCookie: {1}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {2}\r\n\
             Connection: close\r\n\r\n{body}",
            self.address,
            self.cookies,
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers in UTF-8");
        answer
    }

    /// Comes in by a one-time link.
    fn enter(address: SocketAddr, link: &str) -> Self {
        let mut visitor = Self { address, cookies: String::new() };
        let path = &link[link.find("/link/").expect("a one-time link")..];
        let answer = visitor.send(&format!("POST {path}"), "password=");
        let cookies = answer.lines().filter_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("set-cookie").then(|| value.split(';').next()).flatten()
        });
        visitor.cookies = cookies.collect::<Vec<_>>().join("; ");
        assert!(!visitor.cookies.is_empty(), "{answer}");
        visitor
    }

    fn page(&self, path: &str) -> String {
        let answer = self.send(&format!("GET {path}"), "");
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer:.400}");
        answer
    }
}

/// Pens with made-up ids, as `zhibi pen add` takes them.
fn pens(first: u64, count: u64) -> Vec<String> {
    (first..first + count).map(|id| format!("{id:012x}")).collect()
}

/// Simulates pupils of the class.
fn simulate(folder: &Folder, mqtt: u16) -> Output {
    let broker = format!("127.0.0.1:{mqtt}");
    let args = ["simulate", "--broker", &broker, "--store", "zhibi.db", "--class", "三（1）班"];
    let mut command = Zhibi::command(&[&args[..], &["--wait", "--json"]].concat());
    command.current_dir(folder.folder.path()).output().expect("it runs")
}

/// Why nothing was simulated.
fn not_simulated(folder: &Folder, mqtt: u16) -> String {
    let output = simulate(folder, mqtt);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

fn simulated(folder: &Folder, mqtt: u16) -> Value {
    let output = simulate(folder, mqtt);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("without a pen, so that they write nothing: 12"), "{told}");
    assert!(told.contains("synthetic"), "{told}");
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

fn now_ms() -> i64 {
    let output = Command::new("date").arg("+%s%3N").output().expect("a date");
    String::from_utf8(output.stdout).expect("UTF-8").trim().parse().expect("milliseconds")
}

/// When the last ink of a store ends.
fn last_ink_ms(database: &Path) -> i64 {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let url = format!("sqlite:{}?mode=ro", database.display());
        let mut connection = SqliteConnection::connect(&url).await.expect("the database");
        let last = sqlx::query_scalar("SELECT max(last_ms) FROM chunk_address");
        last.fetch_one(&mut connection).await.expect("there is ink")
    })
}

/// Answers on the shared sheet that the teacher marked in red, and those whose mark was read on the
/// paper of the same pupil.
fn red_on_shared(database: &Path, responses: &[Value]) -> (usize, usize) {
    let read = tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let store = Store::connect_existing(&StoreUrl::from(database)).await.expect("the store");
        let results = store.results().await.expect("results");
        store.close().await.expect("closed");
        let red = results.into_iter().filter(|row| row.red_score.is_some());
        red.map(|row| (row.assignment, row.pupil, row.part)).collect::<BTreeSet<_>>()
    });
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let marked = responses.iter().filter(|response| {
        text(&response["assignment"]).starts_with("a-copied-") && !response["red"].is_null()
    });
    let key = |r: &Value| (text(&r["assignment"]), text(&r["pupil"]), text(&r["part"]));
    let marked: Vec<_> = marked.map(key).collect();
    (marked.len(), marked.iter().filter(|key| read.contains(*key)).count())
}

#[test]
fn an_empty_folder_becomes_marked_papers_of_a_schools_own_pupils() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = folder.path().join("zhibi.db");
    let folder = Folder { folder, database };
    let (web, mqtt) = (Port::take(), Port::take());
    let config = configured(&folder, web.number, mqtt.number);
    let serve = Serve::start(&config);

    let roster = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample-strokes/rosters/list.xlsx");
    let roster = roster.to_str().expect("a UTF-8 path");
    let import =
        ["import", "roster", "zhibi.db", roster, "--school", "示例小学", "--from", "2026-09-01"];
    let dry = folder.zhibi(&[&import[..], &["--dry-run"]].concat());
    assert!(dry.contains("a trial; nothing was changed"), "{dry}");
    folder.zhibi(&import);
    assert!(folder.zhibi(&import).contains("nothing changes"));

    std::fs::write(folder.path("练习.txt"), TEXT).expect("a text");
    folder.zhibi(&["worksheet", "build", "练习.txt", "--out", "sheet"]);
    let print = ["print", "zhibi.db", "--worksheet", "sheet", "--class", "三（1）班"];
    let printed = folder.zhibi(&[&print[..], &["--out", "own.pdf"]].concat());
    let run = printed.split("run ").nth(1).and_then(|rest| rest.split(',').next()).expect("a run");
    assert!(std::fs::read(folder.path("own.pdf")).expect("a file").starts_with(b"%PDF"));
    let due = next_week();
    let assigned = folder.zhibi(&["assign", "zhibi.db", run, "三（1）班", "--due", &due]);
    let (assignment, _) = assigned.split_once(": ").expect("the assignment's name");
    // The same sheet once more, for the copier, and labels that tell its copies apart.
    folder.zhibi(&[&print[..], &["--shared", "--run", "copied", "--out", "copied.pdf"]].concat());
    folder.zhibi(&["assign", "zhibi.db", "copied", "三（1）班", "--due", &due]);
    let labels = ["print", "--labels", "zhibi.db", "--class", "三（1）班", "--out", "labels.pdf"];
    assert!(folder.zhibi(&labels).contains("12 name labels"));

    // The class has twelve pupils; one pen is missing.
    let ids = pens(0x0011_2233_4400, 11);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    folder.zhibi(&[&["pen", "zhibi.db", "add", "A"], &ids[..]].concat());
    folder.zhibi(&["pen", "zhibi.db", "add", "B", "001122334500"]);
    // An evening that began before would be somebody else's, and one that begins now would end later
    // than now.
    folder.zhibi(&["pen", "zhibi.db", "lend", "A", "三（1）班"]);
    let refused = not_simulated(&folder, mqtt.number);
    assert!(refused.contains("lend the pens from an earlier time"), "{refused}");
    let lent = folder.zhibi(&["pen", "zhibi.db", "lend", "A", "三（1）班", "--from", "2026-09-01"]);
    assert!(lent.contains("the set has no pen for number 12"), "{lent}");
    let teacher = "shen";
    folder.zhibi(&[
        "pen",
        "zhibi.db",
        "lend",
        "B:1",
        &format!("staff:{teacher}"),
        "--from",
        "2026-09-01",
    ]);

    let object = simulated(&folder, mqtt.number);
    assert_eq!(object["receipts_stored"], object["chunks_sent"], "{object}");
    let responses = object["responses"].as_array().expect("what everybody meant");
    assert_eq!(responses.len(), 2 * 11 * 10);
    let figures = &object["agreement"];
    let count = |name: &str| figures[name].as_f64().expect("a number");
    println!("{figures}");
    assert!(figures["marked"] == true && count("decided") >= 0.9 * count("responses"), "{figures}");
    assert!(count("agree_with_expected") >= 0.97, "{figures}");

    let last_ms = last_ink_ms(&folder.database);
    assert!(last_ms > 0 && last_ms <= now_ms(), "ink from the future: {last_ms}");
    let again = not_simulated(&folder, mqtt.number);
    assert!(again.contains("left as they are, with the ink that is on them: 11 copies"), "{again}");
    assert!(again.contains("--again writes over"), "{again}");

    let at = format!("http://127.0.0.1:{}", web.number);
    let link = folder.zhibi(&["user", "zhibi.db", "invite", teacher, "--at", &at]);
    let link = link.lines().find(|line| line.contains("/link/")).expect("a link");
    let visitor = Visitor::enter(serve.web, link.trim());
    assert!(visitor.page("/").contains("三年级（1）班"));
    let matrix = visitor.page(&format!("/a/{assignment}"));
    let pupil = responses[0]["pupil"].as_str().expect("a pupil");
    let paper = format!("/a/{assignment}/{pupil}/1");
    assert!(matrix.contains(&paper), "{paper} is not on the page");
    let page = visitor.page(&paper);
    assert!(page.contains("三年级数学练习（一）"));
    serve.stop();
    let (marked, read) = red_on_shared(&folder.database, responses);
    println!("{read} of {marked} red marks on shared sheets");
    assert!(marked >= 10 && read * 10 >= marked * 9, "{read} of {marked}");
}
