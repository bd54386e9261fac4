//! The guides for readers: every command in them, run as it stands there.
//!
//! A guide's `sh` blocks run in order, in one empty folder that holds the files a reader is told to
//! have. A line that begins with `zhibi serve` starts the service, which stays up until the guide
//! ends; the address that it prints on the first start is opened and its form sent.
//!
//! Failure: a command that ends with an error or does not exist, and a guide whose commands differ
//! between its languages. Not failure: what a command prints. The ports 8080 and 1883 are exchanged
//! for free ones.

use std::path::{Path, PathBuf};
use std::process::Command;

use test_needs::Port;
use zhibi_tests::{Serve, target};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn guides() -> PathBuf {
    repository().join("crates/zhibi/guide")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(guides().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The `sh` blocks of a guide: their lines without comments.
fn blocks(name: &str) -> Vec<Vec<String>> {
    let text = read(name);
    let block = |block: &str| {
        let body = block.split("\n```").next().expect("a first part");
        let lines = body.lines().map(|line| line.split(" #").next().expect("a first part").trim());
        lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    text.split("```sh\n").skip(1).map(block).collect()
}

/// A folder in which a reader works, and the services that they started there.
struct Desk {
    folder: tempfile::TempDir,
    web: Port,
    mqtt: Port,
    services: Vec<Serve>,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let samples = repository().join("sample-strokes").canonicalize().expect("samples");
        std::os::unix::fs::symlink(samples, folder.path().join("sample-strokes")).expect("a link");
        Self { folder, web: Port::take(), mqtt: Port::take(), services: Vec::new() }
    }

    fn run(&mut self, lines: &[String]) {
        let mut script = String::new();
        for line in lines {
            if line.starts_with("zhibi serve") {
                self.shell(&std::mem::take(&mut script));
                self.serve();
            } else {
                script = script + line + "\n";
            }
        }
        self.shell(&script);
    }

    fn shell(&self, script: &str) {
        let port = |port: &Port| port.number.to_string();
        let script = script.replace("8080", &port(&self.web)).replace("1883", &port(&self.mqtt));
        let path = std::env::var("PATH").expect("a path");
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &script])
            .env("PATH", format!("{}:{path}", target().display()))
            .current_dir(self.folder.path())
            .output()
            .expect("bash runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}\nended with {}: {told}", output.status);
    }

    /// Starts the service at free ports, and sends the form of the first start.
    fn serve(&mut self) {
        let config = self.folder.path().join("zhibi.toml");
        let text = std::fs::read_to_string(&config).expect("the guide wrote zhibi.toml");
        let text = text
            .replace(
                "# listen = \"127.0.0.1:8080\"",
                &format!("listen = \"127.0.0.1:{}\"", self.web.number),
            )
            .replace("# port = 1883", &format!("port = {}", self.mqtt.number));
        std::fs::write(&config, text).expect("it can be edited");
        let mut service = Serve::start(&config);
        let link = service.printed_link();
        let form = "school=实验小学&name=周敏&login=zhou&password=rain on the school roof";
        let fields: String =
            form.split('&').map(|field| format!(" --data-urlencode '{field}'")).collect();
        self.shell(&format!(
            "curl -sSf -o /dev/null{fields} -H \"Origin: http://{}\" {link}",
            service.web
        ));
        self.services.push(service);
    }
}

fn check(name: &str) {
    let (zh, en) = (blocks(&format!("{name}.zh.md")), blocks(&format!("{name}.en.md")));
    assert_eq!(zh, en, "{name}: the languages have other commands");
    assert!(!en.is_empty(), "{name} has no commands");
    let mut desk = Desk::new();
    for block in en {
        desk.run(&block);
    }
}

/// The worksheet that the teacher's guide shows is one that can be built.
#[test]
fn of_the_teacher() {
    let desk = Desk::new();
    for name in ["teacher.zh.md", "teacher.en.md"] {
        assert_eq!(blocks(name), [] as [Vec<String>; 0], "{name} has commands: run them");
        let guide = read(name);
        let text = guide.split("```text\n").nth(1).and_then(|rest| rest.split("\n```").next());
        let text = text.unwrap_or_else(|| panic!("{name} shows no worksheet"));
        std::fs::write(desk.folder.path().join("practice.txt"), text).expect("it can be written");
        desk.shell("zhibi worksheet build practice.txt --out practice");
        for picture in guide.split("](pictures/").skip(1).filter_map(|rest| rest.split(')').next())
        {
            let file = guides().join("pictures").join(picture);
            assert!(file.is_file(), "{name}: no picture {picture}");
        }
    }
}

#[test]
fn of_the_it_person() {
    check("it");
}

#[test]
fn of_the_gateway_maker() {
    check("gateway");
}

#[test]
fn of_the_data_team() {
    check("data");
}
