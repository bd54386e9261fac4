//! Strokes made by hand, for tests.

use firmware_protocol::{BootId, PenId, StrokeEnd};
use ink::{Sample, Stroke, StrokeKey};
use worksheet::{
    Accepted, Bubble, Credit, Field, Key, Kind, NumberForm, Page, Part, Placement, Question, Rect,
    Registration, Score, Worksheet, WorksheetId, Written,
};

use crate::placed::{Placed, place};
use crate::{MarkedPaper, Marker, PageInk, Response, Scratch, Thresholds};

/// Pattern and page are one.
pub(crate) const PLAIN: Registration =
    Registration { version: 1, dx_um: 0, dy_um: 0, rotation_urad: 0, scale_ppm: 0 };

/// A hand with a pen: strokes at 100 Hz and 30 mm/s, a fifth of a second between them.
pub(crate) struct Hand {
    pen: u64,
    now_ms: i64,
    pub(crate) strokes: Vec<Stroke>,
}

impl Hand {
    pub(crate) fn new(pen: u64) -> Self {
        Self { pen, now_ms: 1_700_000_000_000, strokes: Vec::new() }
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, ms: i64) -> &mut Self {
        self.now_ms += ms;
        self
    }

    /// One stroke through corners given in millimetres.
    pub(crate) fn line(&mut self, corners_mm: &[(f64, f64)]) -> &mut Self {
        let mut points = vec![corners_mm[0]];
        for pair in corners_mm.windows(2) {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            let steps = ((bx - ax).hypot(by - ay) / 0.3).ceil().max(1.0) as usize;
            points.extend((1..=steps).map(|i| {
                let t = i as f64 / steps as f64;
                (ax + t * (bx - ax), ay + t * (by - ay))
            }));
        }
        let um = |mm: f64| (mm * 1_000.0).round() as i32;
        let samples = points.iter().zip(0..).map(|((x, y), i)| Sample {
            x_um: um(*x),
            y_um: um(*y),
            force: 30_000,
            t_ms: i * 10,
        });
        self.push(samples.collect())
    }

    /// One stroke of those samples.
    pub(crate) fn push(&mut self, samples: Vec<Sample>) -> &mut Self {
        let number = self.strokes.len() as u32;
        let duration_ms = samples.last().map_or(0, |s| i64::from(s.t_ms));
        self.strokes.push(Stroke {
            key: StrokeKey { pen: PenId(self.pen), boot: BootId { counter: 1, random: 7 }, number },
            address: None,
            start_ms: self.now_ms,
            start_ticks: 0,
            end: StrokeEnd::Up,
            complete: true,
            samples,
            orientation: Vec::new(),
        });
        self.now_ms = self.now_ms.saturating_add(duration_ms + 200);
        self
    }

    pub(crate) fn dot(&mut self, x: f64, y: f64) -> &mut Self {
        self.line(&[(x, y), (x + 0.1, y + 0.1)])
    }

    /// A 1 of one line, 5 mm tall; like the others, its top left is at (x, y).
    pub(crate) fn one(&mut self, x: f64, y: f64) -> &mut Self {
        self.line(&[(x + 0.2, y), (x, y + 5.0)])
    }

    /// A 7 of one stroke, 3 × 5 mm.
    pub(crate) fn seven(&mut self, x: f64, y: f64) -> &mut Self {
        self.line(&[(x, y), (x + 3.0, y), (x + 1.2, y + 5.0)])
    }

    /// An open 4 of two strokes, 3 × 5 mm.
    pub(crate) fn four(&mut self, x: f64, y: f64) -> &mut Self {
        self.line(&[(x + 1.2, y), (x, y + 3.2), (x + 3.0, y + 3.2)])
            .line(&[(x + 2.2, y + 1.5), (x + 2.1, y + 5.0)])
    }

    /// A round 0, 3 × 5 mm.
    pub(crate) fn zero(&mut self, x: f64, y: f64) -> &mut Self {
        self.ellipse(x + 1.5, y + 2.5, 1.5, 2.5)
    }

    pub(crate) fn ellipse(&mut self, x: f64, y: f64, rx: f64, ry: f64) -> &mut Self {
        let round: Vec<(f64, f64)> = (0..=24)
            .map(|i| (f64::from(i) / 24.0 * std::f64::consts::TAU).sin_cos())
            .map(|(sin, cos)| (x - rx * sin, y - ry * cos))
            .collect();
        self.line(&round)
    }

    /// To and fro over a box.
    pub(crate) fn scribble(&mut self, x: f64, y: f64, width: f64, height: f64) -> &mut Self {
        let corners: Vec<(f64, f64)> = (0..=8)
            .map(|i| (x + width * f64::from(i % 2), y + height * f64::from(i) / 8.0))
            .collect();
        self.line(&corners)
    }

    /// A tick, its vertex at (x, y).
    pub(crate) fn tick(&mut self, x: f64, y: f64) -> &mut Self {
        self.line(&[(x - 1.5, y - 1.8), (x, y), (x + 3.5, y - 5.0)])
    }

    /// A cross of two strokes around (x, y).
    pub(crate) fn cross(&mut self, x: f64, y: f64) -> &mut Self {
        self.line(&[(x - 2.0, y - 2.0), (x + 2.0, y + 2.0)])
            .line(&[(x + 2.0, y - 2.0), (x - 2.0, y + 2.0)])
    }

    /// Its strokes on the page.
    pub(crate) fn placed(&self) -> Vec<Placed<'_>> {
        place(&self.strokes, &Placement::new(&PLAIN))
    }
}

/// A rectangle given in millimetres.
pub(crate) fn rect(x: i32, y: i32, width: i32, height: i32) -> Rect {
    let um = |mm: i32| mm * 1_000;
    Rect { x_um: um(x), y_um: um(y), width_um: um(width), height_um: um(height) }
}

/// A question with one part, worth 5 points.
pub(crate) fn question(id: &str, field: Field, kind: Kind, key: Option<&str>) -> Question {
    let accepted = |key| Accepted::one(Written::parse(&kind, key).expect("a key of its kind"));
    let key = key.map_or(Key::None, |key| Key::Accepted(accepted(key)));
    let points = Score(50);
    let part =
        Part { id: id.into(), field, kind, key, points, score_box: None, model_answer: None };
    Question {
        id: id.into(),
        page: 1,
        label: id.into(),
        prompt: String::new(),
        knowledge_points: vec!["k".into()],
        parts: vec![part],
        credit: Credit::default(),
    }
}

/// A number at (20, 20), right is 47; one at (20, 40), right is 1; bubbles at (20, 60), right is
/// B; √ or × at (120, 20), right is √; a free answer at (20, 80) with its score box at (150, 70);
/// A–D at (120, 40), right is C.
pub(crate) fn sheet() -> Worksheet {
    let bubble = |(letter, x)| Bubble { letter, rect: rect(x, 60, 5, 4) };
    let number = || Kind::Number(NumberForm::Whole);
    let bubbles = [('A', 20), ('B', 32), ('C', 44)].map(bubble).to_vec();
    Worksheet {
        id: WorksheetId { id: "hand-made".into(), version: 3 },
        title_zh: String::new(),
        title_en: String::new(),
        subject: "math".into(),
        grade: 3,
        pages: vec![Page {
            number: 1,
            width_um: 210_000,
            height_um: 297_000,
            artwork: String::new(),
        }],
        questions: vec![
            question("q47", Field::Box(rect(20, 20, 26, 10)), number(), Some("47")),
            question("q1", Field::Box(rect(20, 40, 26, 10)), number(), Some("1")),
            question("choice", Field::Bubbles(bubbles), Kind::Choice, Some("B")),
            question("true", Field::Box(rect(120, 20, 14, 9)), Kind::TrueFalse, Some("√")),
            question(
                "letter",
                Field::Box(rect(120, 40, 14, 9)),
                Kind::Letter("ABCD".into()),
                Some("C"),
            ),
            free(),
        ],
        knowledge_points: Vec::new(),
    }
}

fn free() -> Question {
    let mut free = question("free", Field::Box(rect(20, 80, 170, 60)), Kind::Free, None);
    free.parts[0].score_box = Some(rect(150, 66, 14, 10));
    free
}

/// Marks a page of the sheet.
pub(crate) fn mark(pupil: &Hand, red: &Hand) -> MarkedPaper {
    let ink = PageInk { pupil: pupil.strokes.clone(), red: red.strokes.clone() };
    Marker::new(Thresholds::STANDARD).mark(&sheet(), 1, &PLAIN, &ink, &mut Scratch::new())
}

/// The response in one part of the sheet.
pub(crate) fn response<'p>(paper: &'p MarkedPaper, part: &str) -> &'p Response {
    paper.responses.iter().find(|r| r.part == part).expect("a part of the sheet")
}

/// The numbers of strokes.
pub(crate) fn numbers(keys: &[StrokeKey]) -> Vec<u32> {
    keys.iter().map(|key| key.number).collect()
}
