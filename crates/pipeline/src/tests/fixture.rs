//! A class on a database file of its own, and pens to write with.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use attribution::{Holder, Lease};
use firmware_protocol::{
    BootId, Frame, PageAddress, PenHead, PenId, Reading, SealPolicy, Sealer, StrokeEnd,
    decode_frame,
};
use marking::{
    MarkOf, MarkedPaper, Marker, PageInk, Response, Scratch, Thresholds, Verdict, Versions,
};
use school::{ClassId, Grant, Period, Role, Scope, StaffId};
use store::{
    Arrival, AssignmentRow, ClassRow, HistoryRow, Key, PupilRow, SchoolRow, StaffRow, Store, Touch,
    WorkLeft, folio,
};
use tempfile::TempDir;
use worksheet::{Copies, PrintRun, Registration, Score, Worksheet, WorksheetId};

use crate::job::Mark;
use crate::running::start_with;
use crate::{Config, Pipeline, pool, start};

/// The evening begins.
pub(crate) const EVENING_MS: i64 = 1_800_000_000_000;
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

/// The folder of a worksheet that the repository brings.
fn sheet_dir(id: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample-strokes/worksheets").join(id)
}

impl School {
    /// What the teacher may see.
    pub(crate) async fn scope(&self) -> Scope {
        self.store.scope_of("t", EVENING_MS).await.unwrap()
    }

    /// Pupils `p0`, `p1`, … with pens of the same numbers, a teacher `t`, and the English sheet given
    /// to them, due in an hour.
    pub(crate) async fn new(pupils: u32, copies: fn(u32) -> Copies) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("zhibi.db")).await.unwrap();
        let sheet = insert_sheet(&store, "english-g3").await;
        insert_people(&store, pupils).await;
        let run = PrintRun {
            id: "run".into(),
            worksheet: sheet,
            section: 3,
            owner: 27,
            book: 5,
            first_page: 100,
            pages: 1,
            copies: copies(pupils),
            registration: Registration {
                version: 1,
                dx_um: 0,
                dy_um: 0,
                rotation_urad: 0,
                scale_ppm: 0,
            },
        };
        let owners = match run.copies {
            Copies::PerCopy(_) => (0..pupils).map(pupil).collect(),
            Copies::Shared => Vec::new(),
        };
        store.insert_print_run("s", run.clone(), owners).await.unwrap();
        let assignment = AssignmentRow {
            id: "a".into(),
            school: "s".into(),
            class: "c".into(),
            print_run: "run".into(),
            assigned_ms: EVENING_MS,
            due_ms: EVENING_MS + HOUR_MS,
            quiet_ms: 10 * HOUR_MS,
        };
        store.insert_assignment(assignment).await.unwrap();
        let now_ms = Arc::new(AtomicI64::new(EVENING_MS));
        Self { store, run, now_ms, _dir: dir }
    }

    pub(crate) async fn worksheet(&self) -> Worksheet {
        self.store.load_worksheet(&self.run.worksheet.id, 1).await.unwrap()
    }

    /// The page of a pupil's copy; the class's on shared sheets.
    pub(crate) fn address(&self, copy: u32) -> PageAddress {
        PageAddress {
            section: self.run.section,
            owner: self.run.owner,
            book: self.run.book,
            page: self.run.address_page(copy, 1).unwrap(),
        }
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
        let history = self.store.history("s", &pupil(number)).await.unwrap();
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

async fn insert_sheet(store: &Store, id: &str) -> WorksheetId {
    let dir = sheet_dir(id);
    let toml = std::fs::read_to_string(dir.join("worksheet.toml")).unwrap();
    let names = Worksheet::artwork_names(&toml).unwrap();
    let artwork: Vec<String> =
        names.iter().map(|name| std::fs::read_to_string(dir.join(name)).unwrap()).collect();
    store.insert_worksheet(&toml, &artwork).await.unwrap()
}

async fn insert_people(store: &Store, pupils: u32) {
    let name = || String::from("—");
    let school = SchoolRow { id: "s".into(), name_zh: name(), name_en: name(), district: None };
    store.insert_school(school).await.unwrap();
    let class =
        ClassRow { id: "c".into(), school: "s".into(), grade: 3, name_zh: name(), name_en: name() };
    store.insert_class(class).await.unwrap();
    let row = |number| PupilRow {
        id: pupil(number),
        school: "s".into(),
        class: "c".into(),
        number,
        from_ms: 0,
        name: name(),
    };
    store.insert_pupils((0..pupils).map(row).collect()).await.unwrap();
    let teacher = StaffRow {
        id: "t".into(),
        school: "s".into(),
        login: "t".into(),
        name: name(),
        locale: "zh".into(),
    };
    store.insert_staff(teacher).await.unwrap();
    let grant = Grant {
        staff: StaffId::new("t").unwrap(),
        role: Role::ClassTeacher { class: ClassId::new("c").unwrap() },
        period: Period::from(0),
    };
    store.insert_grants(vec![grant]).await.unwrap();
    let mut leases: Vec<Lease> =
        (0..pupils).map(|number| lease(number, holder(number), 0, None)).collect();
    leases.push(lease(TEACHERS_PEN, Holder::marker("t").unwrap(), 0, None));
    store.insert_leases(leases).await.unwrap();
}

pub(crate) const TEACHERS_PEN: u32 = 9_000;

pub(crate) fn pupil(number: u32) -> String {
    format!("p{number}")
}

pub(crate) fn holder(number: u32) -> Holder {
    Holder::pupil(pupil(number)).unwrap()
}

/// From and until in milliseconds of the evening.
pub(crate) fn lease(pen: u32, holder: Holder, from_ms: i64, until_ms: Option<i64>) -> Lease {
    Lease {
        pen: u64::from(pen),
        holder,
        from_ms: EVENING_MS + from_ms,
        until_ms: until_ms.map(|until_ms| EVENING_MS + until_ms),
    }
}

/// A pen whose count is a micrometre and whose tick is a millisecond.
pub(crate) struct Pen {
    sealer: Sealer,
    frames: Vec<Vec<u8>>,
}

impl Pen {
    pub(crate) fn new(number: u32) -> Self {
        let head = PenHead::new(1_000, 1_000, 1_000);
        let boot = BootId { counter: 1, random: 7 };
        let sealer = Sealer::new(PenId(u64::from(number)), boot, head, SealPolicy::STANDARD);
        Self { sealer, frames: Vec::new() }
    }

    /// A stroke along `points` from `at_ms` of the evening by the pen's own clock, a sample in 10 ms.
    pub(crate) fn stroke(&mut self, at: PageAddress, at_ms: i64, points: &[(i32, i32)]) {
        let Self { sealer, frames } = self;
        let mut out = |frame: &[u8]| frames.push(frame.to_vec());
        let ticks = u64::try_from(at_ms + 1_000_000).unwrap();
        sealer.pen_down(Some(at), ticks, EVENING_MS + at_ms, &mut out);
        for (after_ms, (x, y)) in (0..).step_by(10).zip(points) {
            let unix_ms = EVENING_MS + at_ms + i64::from(after_ms);
            let ticks = ticks + u64::from(after_ms as u32);
            sealer.sample(Reading::new(ticks, unix_ms, *x, *y, 500), &mut out);
        }
        sealer.pen_up(StrokeEnd::Up, &mut out);
    }

    /// Fills a bubble of the worksheet, from `at_ms` of the evening.
    pub(crate) fn fill(
        &mut self,
        at: PageAddress,
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
        self.stroke(at, at_ms, &points);
    }

    /// A stroke of two centimetres across the middle of the page.
    pub(crate) fn dash(&mut self, at: PageAddress, at_ms: i64) {
        let points: Vec<_> = (0..40).map(|i| (90_000 + i * 500, 150_000)).collect();
        self.stroke(at, at_ms, &points);
    }

    /// The chunks sealed since the last call, as the gateway `g` sent them.
    pub(crate) fn arrivals(&mut self, received_ms: i64) -> Vec<Arrival> {
        let Self { sealer, frames } = self;
        sealer.flush(&mut |frame| frames.push(frame.to_vec()));
        std::mem::take(frames).into_iter().map(|bytes| arrival(bytes, received_ms)).collect()
    }
}

fn arrival(bytes: Vec<u8>, received_ms: i64) -> Arrival {
    let Ok((Frame::Chunk(chunk), _)) = decode_frame(&bytes) else { panic!("a chunk was sealed") };
    let mut touches: Vec<Touch> = Vec::new();
    let mut fragments = chunk.fragments();
    while let Some(head) = fragments.next().unwrap() {
        let Some(at) = head.address else { continue };
        let (folio, page) = (folio(at.section, at.owner, at.book), at.page);
        let sampled = fragments.samples(|sample| {
            let at_ms = chunk.head.anchor_unix_ms + chunk.head.ticks_to_ms(sample.ticks);
            match touches.iter_mut().find(|t| (t.folio, t.page) == (folio, page)) {
                Some(touch) => touch.last_ms = at_ms,
                None => touches.push(Touch { folio, page, first_ms: at_ms, last_ms: at_ms }),
            }
        });
        sampled.unwrap();
    }
    let key = Key {
        pen: chunk.key.pen.0,
        boot_counter: chunk.key.boot.counter,
        boot_random: chunk.key.boot.random,
        number: chunk.key.number,
    };
    Arrival { key, bytes, gateway: "g".into(), received_ms, touches, hello_model: None }
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
    MarkedPaper { responses: vec![response], loose: Vec::new(), versions }
}

/// [`tally`] behind `first`, which sees the page and its ink before.
pub(crate) fn tally_after(first: impl Fn(u32, &PageInk) + Send + Sync + 'static) -> Arc<Mark> {
    Arc::new(move |sheet: &Worksheet, page, _: &_, ink: &PageInk, _: &mut Scratch| {
        first(page, ink);
        tally(sheet, ink)
    })
}
