//! The C of `c/`, compiled by the system's compiler, behind a pipe. The end-to-end tests of the
//! workspace use this, too.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

/// The driver under way: commands go in, lines come out.
pub(crate) struct Twin {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// Compiles the driver; `None` where there is no compiler. Nothing lands beside the sources.
fn compile() -> Option<PathBuf> {
    // This crate's, or the one beside another's tests.
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = here.with_file_name("firmware-protocol").join("c");
    let binary = Path::new(env!("CARGO_TARGET_TMPDIR")).join("zhibi_cli");
    let compiled = Command::new("cc")
        .args(["-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic", "-o"])
        .arg(&binary)
        .args([sources.join("zhibi.c"), sources.join("zhibi_cli.c")])
        .output();
    match compiled {
        Ok(said) => assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr)),
        Err(_) => {
            test_needs::missing("a C compiler (cc)", "tests/run");
            return None;
        }
    }
    Some(binary)
}

impl Twin {
    /// Starts it; `None` where there is no compiler, which is said in one line.
    pub(crate) fn start() -> Option<Self> {
        static BINARY: OnceLock<Option<PathBuf>> = OnceLock::new();
        let binary = BINARY.get_or_init(compile).as_ref()?;
        let mut child = Command::new(binary)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the twin starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("piped"));
        Some(Self { child, input, output })
    }

    /// Gives it lines and takes what it answers to all of them.
    pub(crate) fn ask(&mut self, lines: &str) -> Vec<String> {
        let (input, output) = (self.input.as_mut().expect("it is open"), &mut self.output);
        // Told and heard at the same time: neither pipe holds all of a long script.
        std::thread::scope(|scope| {
            scope.spawn(move || {
                input.write_all(lines.as_bytes()).expect("the twin reads");
                input.write_all(b"mark\n").expect("the twin reads");
            });
            let heard = output.lines().map(|line| line.expect("the twin writes text"));
            let mut marked = false;
            let heard: Vec<_> = heard
                .take_while(|line| {
                    marked = line == "mark";
                    !marked
                })
                .collect();
            assert!(marked, "the twin ended");
            heard
        })
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        // Behind its last line it ends.
        self.input = None;
        let _ended = self.child.wait();
    }
}

/// Bytes as the driver takes and gives them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
