//! A pupil's evening: page after page, question after question.

use std::collections::BTreeSet;

use worksheet::{Field, Kind, PartOf, Worksheet};

use crate::answers::{in_columns, judge, right, worked_out, wrong};
use crate::desk::{Desk, Paper, Penned};
use crate::fields::{Placed, Scribe};
use crate::hand::Writing;
use crate::kinematics::Motion;
use crate::path::{Bounds, Knot, Point, curve};
use crate::persona::Persona;
use crate::random::Random;
use crate::setup::Setup;
use crate::truth::ExpectedVerdict;
use crate::working::working;

mod loose;
pub(crate) use loose::Loose;

/// What a pupil wrote in one part of a question.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) paper: Paper,
    /// Position of the part in the worksheet.
    pub(crate) part: usize,
    pub(crate) meant: Option<String>,
    pub(crate) verdict: ExpectedVerdict,
    pub(crate) tricks: BTreeSet<&'static str>,
    /// Bounds of the ink that counts.
    pub(crate) ink: Option<Bounds>,
    /// Whose handwriting it is.
    pub(crate) writers: BTreeSet<String>,
    /// Share of a working that is right, 0–1.
    pub(crate) merit: f64,
}

/// One pupil and all that they write in an evening.
pub(crate) struct Homework<'a> {
    setup: &'a Setup,
    position: usize,
    persona: &'a Persona,
    random: Random,
    desk: Desk,
    pub(crate) answers: Vec<Answered>,
    pub(crate) loose: Vec<Loose>,
}

impl<'a> Homework<'a> {
    /// The pupil at `position` sits down.
    pub(crate) fn new(setup: &'a Setup, position: usize, persona: &'a Persona) -> Self {
        let pupil = &setup.class.pupils[position].id;
        Self {
            setup,
            position,
            persona,
            random: Random::stream(setup.seed, &["homework", &setup.class.id, pupil]),
            desk: Desk::new(setup.evening_start_ms + persona.late_ms),
            answers: Vec::new(),
            loose: Vec::new(),
        }
    }

    /// True Unix milliseconds that the pupil has reached.
    pub(crate) fn now_ms(&self) -> i64 {
        self.desk.now_ms
    }

    /// The pupil writes nothing before this time.
    pub(crate) fn wait_until(&mut self, ms: i64) {
        self.desk.now_ms = self.desk.now_ms.max(ms);
    }

    /// The pupil's strokes, in written order.
    pub(crate) fn into_strokes(self) -> Vec<Penned> {
        self.desk.strokes
    }

    /// Takes out the next sheet.
    pub(crate) fn turn_to(&mut self, first_page: bool) {
        let ms = if first_page { (15_000.0, 70_000.0) } else { (3_000.0, 9_000.0) };
        self.desk.pause(self.random.between(ms.0, ms.1));
    }

    /// Works through one page.
    pub(crate) fn page(&mut self, assignment: usize, page: u32) {
        let worksheet = &self.setup.assignments[assignment].worksheet;
        let paper = Paper { assignment, owner: self.position, page };
        for (index, of) in worksheet.parts().enumerate() {
            if of.question.page == page {
                self.respond(worksheet, paper, index, of);
            }
        }
        if self.random.chance(0.07) {
            let loose =
                loose::draw(worksheet, paper, self.persona, &mut self.desk, &mut self.random);
            self.loose.extend(loose);
        }
    }

    fn respond(&mut self, worksheet: &Worksheet, paper: Paper, index: usize, of: PartOf<'_>) {
        let effort = match of.part.kind {
            Kind::Number(_) | Kind::Digits | Kind::Comparison | Kind::Character => 1.0,
            Kind::Letter(_) | Kind::TrueFalse | Kind::Choice | Kind::Choices | Kind::Pairs => 1.5,
            Kind::Expression | Kind::Steps | Kind::Column => 3.0,
            Kind::Free => 5.0,
        };
        self.desk.pause(self.persona.think_ms * effort * self.random.between(0.4, 1.9));
        let right = self.random.chance(self.persona.right_probability(of.question));
        let blank = self.persona.blank + if right { 0.0 } else { 0.08 };
        let mut answered = Answered {
            paper,
            part: index,
            meant: None,
            verdict: ExpectedVerdict::Blank,
            tricks: BTreeSet::new(),
            ink: None,
            writers: BTreeSet::new(),
            merit: 0.0,
        };
        if !self.random.chance(blank) {
            match (&of.part.field, of.part.field.bounds()) {
                (Field::Bubbles(_), _) if of.part.kind == Kind::Pairs => {
                    self.join(of, right, &mut answered);
                }
                (Field::Bubbles(_), _) => self.choose(of, right, &mut answered),
                (_, Some(rect)) if of.part.kind == Kind::Free => {
                    self.work(of, &Bounds::from(rect), right, &mut answered);
                }
                (Field::Lines { pitch_um, .. }, Some(rect)) if of.part.kind == Kind::Steps => {
                    let lines = worked_out(of, right, &mut self.random);
                    self.steps(&lines, &Bounds::from(rect), f64::from(*pitch_um), &mut answered);
                }
                (_, Some(rect)) if of.part.kind == Kind::Column => {
                    self.column(of, right, &Bounds::from(rect), &mut answered);
                }
                (_, Some(rect)) => {
                    let taken = others(worksheet, of);
                    self.answer(of, &Bounds::from(rect), right, &taken, &mut answered);
                }
                (_, None) => {}
            }
        }
        answered.verdict = judge(of.part, answered.meant.as_deref());
        self.answers.push(answered);
    }

    fn scribe<'s>(&'s mut self, paper: Paper) -> Scribe<'s> {
        Scribe { persona: self.persona, desk: &mut self.desk, paper, random: &mut self.random }
    }

    /// Writes an answer in a box, and perhaps a better one after it.
    fn answer(
        &mut self,
        of: PartOf<'_>,
        field: &Bounds,
        right: bool,
        taken: &[Bounds],
        answered: &mut Answered,
    ) {
        let Some(meant) = self.meaning(of, right, answered) else { return };
        let over = self.random.chance(self.persona.overflow);
        if !self.random.chance(self.persona.correction) {
            let placed =
                self.scribe(answered.paper).write_in_box(&of.part.kind, field, &meant, over);
            answered.count(placed, meant, over.then_some("overflow"));
            return;
        }
        let first = self.second_thought(of, &meant);
        let Some(crossed) =
            self.scribe(answered.paper).write_in_box(&of.part.kind, field, &first, false)
        else {
            return;
        };
        answered.tricks.insert("crossed_out");
        if self.random.chance(0.04) {
            // Crossed out, and nothing better came to mind.
            self.scribe(answered.paper).cross_out(&crossed.bounds);
            return;
        }
        let mut scribe = self.scribe(answered.paper);
        let placed = scribe.correct(&of.part.kind, field, &crossed.bounds, &meant, taken);
        if placed.is_none() {
            // No room anywhere near: crossed out and left.
            return;
        }
        let outside = placed.as_ref().is_some_and(|placed| placed.outside);
        answered.count(placed, meant, outside.then_some("beside"));
    }

    /// What the pupil will have meant in the end.
    fn meaning(
        &mut self,
        of: PartOf<'_>,
        is_right: bool,
        answered: &mut Answered,
    ) -> Option<String> {
        if !is_right {
            return wrong(of, &mut self.random);
        }
        let key = right(of.part)?;
        let plain = key.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let decimal = matches!(of.part.kind, Kind::Number(_)) && plain && key.contains('.');
        if decimal && self.random.chance(0.03) {
            answered.tricks.insert("other_spelling");
            return Some(format!("{key}0"));
        }
        Some(key)
    }

    /// An answer that is not the one meant in the end.
    fn second_thought(&mut self, of: PartOf<'_>, meant: &str) -> String {
        let wrong = wrong(of, &mut self.random).filter(|other| other != meant);
        wrong.or_else(|| right(of.part)).unwrap_or_else(|| meant.to_owned())
    }

    /// Fills a bubble, or several where the key has several, and perhaps others after crossing the
    /// first.
    fn choose(&mut self, of: PartOf<'_>, right: bool, answered: &mut Answered) {
        let bubbles = of.part.field.bubbles();
        let Some(meant) = self.meaning(of, right, answered) else { return };
        let find = |letter: &str| bubbles.iter().find(|b| letter.starts_with(b.letter));
        let all = bubbles.iter().filter(|b| meant.contains(b.letter));
        if self.random.chance(self.persona.correction) {
            let first = self.second_thought(of, &meant);
            if let Some(bubble) = find(&first) {
                let mut scribe = self.scribe(answered.paper);
                scribe.fill(bubble);
                scribe.cross_bubble(bubble);
                self.desk.pause(self.random.between(600.0, 2500.0));
                answered.tricks.insert("second_bubble");
            }
        }
        let mut placed: Option<Placed> = None;
        for bubble in all {
            let filled = self.scribe(answered.paper).fill(bubble);
            placed = match (placed, filled) {
                (Some(before), Some(next)) => {
                    Some(Placed { bounds: before.bounds.union(&next.bounds), ..before })
                }
                (before, next) => before.or(next),
            };
        }
        if placed.is_some() {
            answered.count(placed, meant, None);
        }
    }

    /// Draws a line between the two rings of each pair.
    fn join(&mut self, of: PartOf<'_>, right: bool, answered: &mut Answered) {
        let Some(meant) = self.meaning(of, right, answered) else { return };
        let rings = of.part.field.bubbles();
        let middle = |name: char| {
            let ring = rings.iter().find(|ring| ring.letter == name)?;
            Some(Bounds::from(ring.rect).centre())
        };
        for pair in meant.split(' ') {
            let mut ends = pair.chars().filter_map(middle);
            let (Some(from), Some(to)) = (ends.next(), ends.next()) else { continue };
            let mut off = |at: Point, um: f64| {
                Point::new(
                    at.x + self.random.around(0.0, um),
                    at.y + self.random.around(0.0, um / 2.0),
                )
            };
            let bend = off(Point::new((from.x + to.x) / 2.0, (from.y + to.y) / 2.0), 2_500.0);
            let knots = [off(from, 1_500.0), bend, off(to, 1_500.0)];
            let knots = knots.map(|at| Knot { at, corner: false });
            self.desk.pause(self.persona.think_ms * self.random.between(0.2, 0.6));
            let line = Writing { strokes: vec![curve(&knots)], ..Writing::default() };
            let motion = self.persona.hand.motion;
            let motion = Motion { speed_mm_s: 2.0 * motion.speed_mm_s, ..motion };
            let ink = self.desk.put(answered.paper, &line, &motion, &mut self.random);
            answered.ink = match (answered.ink, ink) {
                (Some(a), Some(b)) => Some(a.union(&b)),
                (a, b) => a.or(b),
            };
        }
        answered.meant = Some(meant);
    }

    /// Writes lines that follow from each other, one under the other.
    fn steps(&mut self, lines: &[String], field: &Bounds, pitch: f64, answered: &mut Answered) {
        let size = self.persona.hand.size_um.min(pitch * 0.55);
        let left = field.left + self.random.between(6_000.0, 14_000.0);
        for (line, text) in (1..).zip(lines) {
            let baseline = field.top + pitch * f64::from(line) - 2_400.0;
            self.desk.pause(self.persona.think_ms * self.random.between(0.3, 1.0));
            let writing = self.persona.hand.write(text, size, &mut self.random);
            answered.writers.extend(writing.writers.iter().cloned());
            let writing = writing.moved(left, baseline);
            let motion = self.persona.hand.motion;
            let ink = self.desk.put(answered.paper, &writing, &motion, &mut self.random);
            answered.ink = match (answered.ink, ink) {
                (Some(a), Some(b)) => Some(a.union(&b)),
                (a, b) => a.or(b),
            };
        }
        answered.meant = (!lines.is_empty()).then(|| lines.concat());
    }

    /// Writes figures under each other, with a line under the numbers and under the products, and small
    /// carries where a sum has them.
    fn column(&mut self, of: PartOf<'_>, right: bool, field: &Bounds, answered: &mut Answered) {
        let Some(meant) = self.meaning(of, right, answered) else { return };
        let rows = in_columns(&meant);
        let lines = if rows.len() > 3 { 2 } else { 1 };
        let pitch = field.height() / (rows.len() as f64 + 1.0).max(5.0);
        let size = self.persona.hand.size_um.min(pitch * 0.6);
        let (width, end) =
            (size * 1.05, field.left + field.width() * self.random.between(0.55, 0.75));
        let mut baseline = field.top + pitch;
        for (nth, (text, shift)) in rows.iter().enumerate() {
            self.desk.pause(self.persona.think_ms * self.random.between(0.1, 0.4));
            let count = text.chars().count();
            for (at, symbol) in text.chars().enumerate() {
                let x = end - width * ((count - at + shift) as f64 - 0.5);
                self.figure(symbol, size, Point::new(x, baseline), answered);
            }
            let ruled = nth == 1 || lines == 2 && nth + 2 == rows.len();
            if ruled {
                let y = baseline + 0.22 * pitch;
                let mut off = |at: Point| Point::new(at.x, at.y + self.random.around(0.0, 150.0));
                let ends =
                    [off(Point::new(end - 5.0 * width, y)), off(Point::new(end + 0.6 * width, y))];
                let knots = ends.map(|at| Knot { at, corner: false });
                let line = Writing { strokes: vec![curve(&knots)], ..Writing::default() };
                self.put(line, answered);
            }
            if nth == 1 && text.starts_with('+') && self.random.chance(0.5) {
                for place in carries(&rows[0].0, text) {
                    let x = end - width * (place as f64 + 0.05);
                    self.figure('1', 0.38 * size, Point::new(x, baseline + 0.1 * pitch), answered);
                }
            }
            baseline += if ruled { 1.15 * pitch } else { pitch };
        }
        answered.meant = Some(meant);
    }

    /// Writes one symbol that stands on the baseline, its middle at `at`.
    fn figure(&mut self, symbol: char, size: f64, at: Point, answered: &mut Answered) {
        let writing = self.persona.hand.write(&symbol.to_string(), size, &mut self.random);
        answered.writers.extend(writing.writers.iter().cloned());
        let half = writing.bounds().map_or(0.0, |bounds| bounds.width() / 2.0);
        self.put(writing.moved(at.x - half, at.y), answered);
    }

    fn put(&mut self, writing: Writing, answered: &mut Answered) {
        let motion = self.persona.hand.motion;
        let ink = self.desk.put(answered.paper, &writing, &motion, &mut self.random);
        answered.ink = match (answered.ink, ink) {
            (Some(a), Some(b)) => Some(a.union(&b)),
            (a, b) => a.or(b),
        };
    }

    /// Writes two or three lines of working.
    fn work(&mut self, of: PartOf<'_>, field: &Bounds, right: bool, answered: &mut Answered) {
        let slips = if right { 0 } else { 1 + self.random.below(2) };
        let working = working(&of.question.prompt, slips, &mut self.random);
        let pitch = match &of.part.field {
            Field::Lines { pitch_um, .. } => f64::from(*pitch_um),
            // As if lines were ruled.
            _ => field.height() / (field.height() / 11_000.0).round().max(1.0),
        };
        let size = self.persona.hand.size_um.min(pitch * 0.55);
        let left = field.left + self.random.between(8_000.0, 16_000.0);
        for (line, text) in (1..).zip(&working.lines) {
            let last = line == working.lines.len();
            // The answer stands at the end of the field, after the printed 答.
            let (x, baseline) = match last && working.lines.len() > 1 {
                true => (field.left + 16_000.0, field.bottom - 3_200.0),
                false => (left, field.top + pitch * f64::from(line as u32) - 1_800.0),
            };
            self.desk.pause(self.persona.think_ms * self.random.between(0.6, 2.2));
            let writing = self.persona.hand.write(text, size, &mut self.random);
            answered.writers.extend(writing.writers.iter().cloned());
            let writing = writing.moved(x, baseline);
            let motion = self.persona.hand.motion;
            let ink = self.desk.put(answered.paper, &writing, &motion, &mut self.random);
            answered.ink = match (answered.ink, ink) {
                (Some(a), Some(b)) => Some(a.union(&b)),
                (a, b) => a.or(b),
            };
        }
        let sums = working.lines.len().saturating_sub(1).max(1);
        answered.merit = 1.0 - working.slips as f64 / sums as f64;
        answered.meant = Some(working.lines.join("\n"));
    }
}

impl Answered {
    fn count(&mut self, placed: Option<Placed>, meant: String, trick: Option<&'static str>) {
        if let Some(placed) = placed {
            self.ink = Some(placed.bounds);
            self.writers = placed.writers;
        }
        self.meant = Some(meant);
        self.tricks.extend(trick);
    }
}

/// The places, counted from the ones, into which the sum of two numbers carries.
fn carries(first: &str, second: &str) -> Vec<usize> {
    let digits = |text: &str| text.chars().rev().filter_map(|c| c.to_digit(10)).collect::<Vec<_>>();
    let (a, b) = (digits(first), digits(second));
    let (mut carry, mut places) = (0, Vec::new());
    for at in 0..a.len().max(b.len()) {
        let at_place = |of: &Vec<u32>| of.get(at).copied().unwrap_or(0);
        carry = u32::from(at_place(&a) + at_place(&b) + carry >= 10);
        places.extend((carry > 0).then_some(at + 1));
    }
    places
}

/// The fields of all other parts on the same page, with a little room around them.
fn others(worksheet: &Worksheet, of: PartOf<'_>) -> Vec<Bounds> {
    worksheet
        .questions_on(of.question.page)
        .flat_map(|question| &question.parts)
        .filter(|other| other.id != of.part.id)
        .flat_map(|other| other.rects().map(|rect| Bounds::from(rect).grown(800.0)))
        .collect()
}
