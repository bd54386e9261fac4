//! The sample school after an evening: who wrote, what was marked, and programs that read the files.

use std::path::PathBuf;
use std::process::Command;

use attribution::{Role, Roles};
use firmware_protocol::PageAddress;
use printing::Fonts;
use sample_school::{Given, Pen, START_MS, SampleSchool, holder, lease};
use school::{Right, Scope};
use store::{AssignmentHead, MarkRow, Outcome, ResponseRow, Store, Verdict};
use tempfile::TempDir;

use crate::strokes;

/// Three pupils with `a-1` on pages 100 to 105, of whom the first two wrote on page 1.
pub(crate) struct Evening {
    pub(crate) store: Store,
    pub(crate) scope: Scope,
    pub(crate) head: AssignmentHead,
    pub(crate) dir: TempDir,
}

/// Long after everything is due.
pub(crate) const SETTLED_MS: i64 = START_MS + 100 * 3_600_000;

impl Evening {
    /// The first two pupils' q1 got this verdict, and with `settled` nothing changes it any more.
    pub(crate) async fn new(verdict: Verdict, settled: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("zhibi.db")).await.unwrap();
        SampleSchool::of(3).with(Given::new("a-1", "r-1", 100)).put(&store).await;
        for pupil in 1..=2 {
            let lent = lease(pupil.into(), holder(pupil), 0, None);
            store.insert_leases(vec![lent]).await.unwrap();
            write(&store, pupil).await;
        }
        while store.attribute(START_MS).await.unwrap() > 0 {}
        mark(&store, verdict).await;
        if settled {
            while store.settle(SETTLED_MS).await.unwrap() > 0 {}
        }
        let scope = store.scope_of("t-wang", START_MS).await.unwrap();
        let head = store.assignment_of(&scope, Right::See, "a-1").await.unwrap().unwrap();
        Self { store, scope, head, dir }
    }

    /// The text of a PDF, without the spaces that its reader guesses.
    pub(crate) fn text(&self, pdf: &[u8]) -> Option<String> {
        let (file, text) = (self.dir.path().join("a.pdf"), self.dir.path().join("a.txt"));
        std::fs::write(&file, pdf).unwrap();
        let run = Command::new(program("pdftotext")?).arg(&file).arg(&text).status().unwrap();
        assert!(run.success());
        Some(std::fs::read_to_string(text).unwrap().split_whitespace().collect())
    }

    /// The colours of a page of a PDF at 150 dpi: three bytes per pixel.
    pub(crate) fn pixels(&self, pdf: &[u8], page: usize) -> Option<Vec<u8>> {
        let (file, out) = (self.dir.path().join("b.pdf"), self.dir.path().join("b"));
        std::fs::write(&file, pdf).unwrap();
        let page = page.to_string();
        let run = Command::new(program("pdftoppm")?)
            .args(["-r", "150", "-f", &page, "-l", &page, "-singlefile"])
            .args([&file, &out])
            .status()
            .unwrap();
        assert!(run.success());
        let bytes = std::fs::read(out.with_extension("ppm")).unwrap();
        let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let (head, _) = ends.nth(2).unwrap();
        Some(bytes[head + 1..].to_vec())
    }
}

fn program(name: &str) -> Option<PathBuf> {
    let found = test_needs::program(name);
    if found.is_none() {
        test_needs::missing(name, "apt-get install poppler-utils");
    }
    found
}

/// The machine's fonts; `None` where it has none with Chinese.
pub(crate) fn fonts() -> Option<Fonts> {
    let fonts = Fonts::of_system(None).ok().filter(|fonts| fonts.lacking("错题").is_empty());
    if fonts.is_none() {
        test_needs::missing("a font with Chinese", "apt-get install fonts-noto-cjk");
    }
    fonts
}

/// One stroke in the field of q1 of a pupil's own copy.
async fn write(store: &Store, pupil: u32) {
    let page = 98 + pupil * 2;
    let mut pen = Pen::new(pupil.into());
    let points: Vec<(i32, i32)> = (0..20).map(|i| (62_000 + i * 200, 51_000 + i * 100)).collect();
    pen.stroke(PageAddress { section: 3, owner: 27, book: 5, page }, START_MS, &points);
    store.store_chunks(pen.arrivals(START_MS + 1_000)).await.unwrap();
}

async fn mark(store: &Store, verdict: Verdict) {
    for job in store.claim(i64::MAX / 2, 0, 0, 100).await.unwrap() {
        let chunks = store.paper_chunks(&job).await.unwrap();
        let run = store.load_print_run(&job.print_run).await.unwrap();
        let drawn = strokes::draw(&chunks, &run.registration);
        let live = Roles::new(drawn.iter().map(|stroke| (stroke.key, Role::Live)));
        let score = if verdict == Verdict::Right { 50 } else { 0 };
        let first = response("q1", 0, Some("-5"), live, MarkRow { verdict, score });
        let none = MarkRow { verdict: Verdict::Blank, score: 0 };
        let outcome = Outcome {
            ink_rev: chunks.ink_rev,
            responses: vec![first, response("q2", 1, None, Roles::default(), none)],
            loose: Roles::default(),
            has_ink: true,
            foreign_pen: false,
            red_total: None,
            drawn,
            versions: "{}".into(),
        };
        store.save(&job, outcome, START_MS).await.unwrap();
    }
}

fn response(
    part: &str,
    position: u32,
    reading: Option<&str>,
    strokes: Roles,
    machine: MarkRow,
) -> ResponseRow {
    ResponseRow {
        part: part.into(),
        question: part.into(),
        criteria: 0,
        position,
        reading: reading.map(Into::into),
        probability: reading.map(|_| 0.98),
        decide_min: Some(0.95),
        alternatives: "[]".into(),
        review: None,
        strokes,
        first_ms: reading.map(|_| START_MS),
        last_ms: reading.map(|_| START_MS + 190),
        writing_ms: 190,
        rewrites: 0,
        machine: Some(machine),
        red: None,
        red_criteria: Vec::new(),
    }
}
