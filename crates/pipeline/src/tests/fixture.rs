//! The sample school with pens in its first class, and a pipeline that marks what they write.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use attribution::{Holder, Lease};
use firmware_protocol::PageAddress;
use marking::{
    MarkOf, MarkedPaper, Marker, PageInk, Response, Scratch, Thresholds, Verdict, Versions,
};
use sample_school::{Given, Pen, START_MS, SampleSchool, holder, marker};
use school::Scope;
use store::{HistoryRow, Store, WorkLeft};
use tempfile::TempDir;
use worksheet::{PrintRun, Score, Worksheet};

use crate::job::Mark;
use crate::running::start_with;
use crate::{Config, Pipeline, pool, start};

pub(crate) const REST_MS: i64 = 2_000;
const HOUR_MS: i64 = 3_600_000;
/// No wait in these tests is longer, however slow the machine.
const WAIT_MAX: Duration = Duration::from_secs(60);

pub(crate) struct School {
    pub(crate) store: Store,
    pub(crate) run: PrintRun,
    now_ms: Arc<AtomicI64>,
    _dir: TempDir,
}

impl School {
    /// What the teacher may see.
    pub(crate) async fn scope(&self) -> Scope {
        self.store.scope_of("t-wang", START_MS).await.unwrap()
    }

    /// Pens of the pupils' numbers, and the English sheet given as `a-1`, a copy per pupil, due in an
    /// hour.
    pub(crate) async fn new(pupils: u32) -> Self {
        Self::given(pupils, |given| given).await
    }

    /// The same on copies that share their addresses.
    pub(crate) async fn shared(pupils: u32) -> Self {
        Self::given(pupils, Given::shared).await
    }

    async fn given(pupils: u32, copies: fn(Given) -> Given) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("zhibi.db")).await.unwrap();
        let given = Given::new("a-1", "r-1", 100).sheet("english-g3").times(
            START_MS,
            START_MS + HOUR_MS,
            10 * HOUR_MS,
        );
        SampleSchool::of(pupils).with(copies(given)).put(&store).await;
        let pens = (1..=pupils).map(|number| lease(number, holder(number), 0, None));
        let red = lease(TEACHERS_PEN, marker(), 0, None);
        store.insert_leases(pens.chain([red]).collect()).await.unwrap();
        let run = store.load_print_run("r-1").await.unwrap();
        let now_ms = Arc::new(AtomicI64::new(START_MS));
        Self { store, run, now_ms, _dir: dir }
    }

    pub(crate) async fn worksheet(&self) -> Worksheet {
        self.store.load_worksheet(&self.run.worksheet.id, 1).await.unwrap()
    }

    /// The page of a pupil's copy; the class's on shared sheets.
    fn address(&self, pupil: u32) -> PageAddress {
        PageAddress {
            section: self.run.section,
            owner: self.run.owner,
            book: self.run.book,
            page: self.run.address_page(pupil - 1, 1).unwrap(),
        }
    }

    /// A stroke of two centimetres across the middle of a pupil's page, from `at_ms` of the evening
    /// by the pen's own clock.
    pub(crate) fn dash(&self, pen: &mut Pen, pupil: u32, at_ms: i64) {
        let points: Vec<_> = (0..40).map(|i| (90_000 + i * 500, 150_000)).collect();
        pen.stroke(self.address(pupil), START_MS + at_ms, &points);
    }

    /// Fills a bubble of the worksheet on a pupil's page, from `at_ms` of the evening.
    pub(crate) fn fill(
        &self,
        pen: &mut Pen,
        pupil: u32,
        at_ms: i64,
        sheet: &Worksheet,
        bubble: (&str, char),
    ) {
        let bubbles = sheet.part(bubble.0).unwrap().part.field.bubbles();
        let rect = bubbles.iter().find(|b| b.letter == bubble.1).unwrap().rect;
        let rows = rect.height_um / 250;
        let points: Vec<(i32, i32)> = (0..=rows * 8)
            .map(|step| {
                let (row, along) = (step / 8, step % 8);
                let along = if row % 2 == 0 { along } else { 8 - along };
                (rect.x_um + rect.width_um * along / 8, rect.y_um + 250 * row)
            })
            .collect();
        pen.stroke(self.address(pupil), START_MS + at_ms, &points);
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// What the pen wrote arrives now.
    pub(crate) async fn receive(&self, pen: &mut Pen) {
        let arrivals = pen.arrivals(self.now_ms());
        assert!(!arrivals.is_empty());
        self.store.store_chunks(arrivals).await.unwrap();
    }

    fn config(&self) -> Config {
        Config {
            rest_ms: REST_MS,
            lease_ms: 60_000,
            poll: Duration::from_millis(2),
            utc_offset_ms: 8 * HOUR_MS,
        }
    }

    /// A pipeline with the marker of the product.
    pub(crate) fn start(&self, threads: usize) -> Pipeline {
        let now_ms = self.now_ms.clone();
        let clock = Arc::new(move || now_ms.load(Ordering::SeqCst));
        let marker = Marker::new(Thresholds::STANDARD);
        let pool = Arc::new(pool(threads).unwrap());
        start(self.config(), self.store.clone(), marker, pool, clock)
    }

    pub(crate) fn start_with(&self, threads: usize, mark: Arc<Mark>) -> Pipeline {
        let now_ms = self.now_ms.clone();
        let clock = Arc::new(move || now_ms.load(Ordering::SeqCst));
        let pool = Arc::new(pool(threads).unwrap());
        start_with(self.config(), self.store.clone(), mark, pool, clock)
    }

    /// Lets the ink rest and everything be done that is to be done.
    pub(crate) async fn idle(&self, pipeline: &Pipeline) -> WorkLeft {
        self.pass(REST_MS);
        within(pipeline.idle()).await.unwrap()
    }

    /// As [`Self::idle`], with everything handed in.
    pub(crate) async fn settle(&self, pipeline: &Pipeline) -> WorkLeft {
        self.pass(HOUR_MS);
        self.idle(pipeline).await
    }

    /// A pupil's verdict on one question, once settled.
    pub(crate) async fn settled(&self, number: u32, question: &str) -> Option<HistoryRow> {
        let history = self.store.history("s", &format!("p-{number}")).await.unwrap();
        history.into_iter().find(|row| row.part == question)
    }
}

pub(crate) async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(WAIT_MAX, work).await.expect("the wait is over")
}

/// Waits for what only counters tell.
pub(crate) async fn until(mut reached: impl FnMut() -> bool) {
    within(async {
        while !reached() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

pub(crate) const TEACHERS_PEN: u32 = 9_000;

/// From and until in milliseconds of the evening.
pub(crate) fn lease(pen: u32, holder: Holder, from_ms: i64, until_ms: Option<i64>) -> Lease {
    let until_ms = until_ms.map(|until_ms| START_MS + until_ms);
    sample_school::lease(u64::from(pen), holder, START_MS + from_ms, until_ms)
}

/// Marks the first question right, with one point per stroke of the pupil, up to six.
pub(crate) fn tally(sheet: &Worksheet, ink: &PageInk) -> MarkedPaper {
    let strokes = ink.pupil.len() as u32;
    let score = Score(10 * strokes.min(6));
    let response = Response {
        part: sheet.questions[0].id.clone(),
        question: sheet.questions[0].id.clone(),
        live: ink.pupil.iter().map(|stroke| stroke.key).collect(),
        superseded: Vec::new(),
        red: ink.red.iter().map(|stroke| stroke.key).collect(),
        reading: None,
        review: None,
        machine: Some(MarkOf { verdict: Verdict::Partly, score }),
        red_mark: None,
        red_criteria: Vec::new(),
        first_ms: ink.pupil.first().map(|stroke| stroke.start_ms),
        last_ms: ink.pupil.last().map(|stroke| stroke.start_ms),
        writing_ms: 0,
        rewrites: 0,
    };
    let versions = Versions {
        worksheet: sheet.id.clone(),
        registration: 1,
        model: "tally".into(),
        thresholds: 1,
    };
    MarkedPaper {
        responses: vec![response],
        loose: Vec::new(),
        total: None,
        total_red: Vec::new(),
        versions,
    }
}

/// [`tally`] behind `first`, which sees the page and its ink before.
pub(crate) fn tally_after(first: impl Fn(u32, &PageInk) + Send + Sync + 'static) -> Arc<Mark> {
    Arc::new(move |sheet: &Worksheet, page, _: &_, ink: &PageInk, _: &mut Scratch| {
        first(page, ink);
        tally(sheet, ink)
    })
}
