//! The teacher's red pen: ticks, crosses and points.

use std::collections::BTreeMap;
use std::sync::Arc;

use worksheet::{Copies, Field, Part, Score};

use crate::desk::{Desk, LABEL_PAGE, Paper, Penned};
use crate::hand::{Hand, Writing};
use crate::homework::Answered;
use crate::kinematics::Motion;
use crate::path::{Bounds, Point};
use crate::random::Random;
use crate::setup::Setup;
use crate::skeleton::Skeletons;
use crate::truth::{ExpectedRed, ExpectedVerdict};

/// Marks that are not what the key says, 0–1.
const DIFFERS: f64 = 0.01;

/// What the red pen wrote, and what it says.
pub(crate) struct Marked {
    pub(crate) strokes: Vec<Penned>,
    /// By pupil's position, assignment and part.
    pub(crate) red: BTreeMap<(usize, usize, usize), ExpectedRed>,
    /// Where the mark differs from the key on purpose.
    pub(crate) differs: Vec<(usize, usize, usize)>,
}

/// A per-copy paper that waits for the teacher.
pub(crate) struct HandedIn<'a> {
    /// When its pupil was done with it, true Unix milliseconds.
    pub(crate) done_ms: i64,
    pub(crate) answers: Vec<&'a Answered>,
}

/// Marks a share of the papers, in the order in which they were done.
pub(crate) fn mark(
    setup: &Setup,
    mut papers: Vec<HandedIn<'_>>,
    skeletons: &Arc<Skeletons>,
) -> Marked {
    let mut random = Random::stream(setup.seed, &["teacher", &setup.class.id]);
    let hand = Hand::new(setup.seed, &setup.class.teacher, skeletons, None);
    let motion = Motion { speed_mm_s: hand.motion.speed_mm_s * 1.9, ..hand.motion };
    papers.sort_by_key(|paper| paper.done_ms);
    let mut red = Red { setup, hand, motion, random: random.clone(), desk: Desk::new(i64::MIN) };
    let mut marked = Marked { strokes: Vec::new(), red: BTreeMap::new(), differs: Vec::new() };
    for paper in papers {
        let chosen = random.chance(f64::from(setup.marked_by_teacher));
        let Some(first) = paper.answers.first().map(|answered| answered.paper) else { continue };
        let shared = setup.assignments[first.assignment].run.copies == Copies::Shared;
        if !chosen || (shared && setup.label(first.owner).is_none()) {
            continue;
        }
        let settle_ms = random.between_ms(8_000, 20_000);
        red.desk.now_ms = red.desk.now_ms.max(paper.done_ms + settle_ms);
        if shared {
            red.touch_label(first);
        }
        for answered in paper.answers {
            red.mark(answered, &mut marked);
        }
        red.desk.pause(random.between(2_000.0, 6_000.0));
    }
    marked.strokes = red.desk.strokes;
    marked
}

struct Red<'a> {
    setup: &'a Setup,
    hand: Hand,
    motion: Motion,
    random: Random,
    desk: Desk,
}

impl Red<'_> {
    /// Says whose shared sheets come next.
    fn touch_label(&mut self, paper: Paper) {
        let touch = vec![Point::new(35_000.0, 15_000.0), Point::new(36_500.0, 15_400.0)];
        let touch = Writing { strokes: vec![touch], ..Writing::default() };
        let label = Paper { page: LABEL_PAGE, ..paper };
        self.desk.put(label, &touch, &self.motion, &mut self.random);
        self.desk.pause(self.random.between(600.0, 1_800.0));
    }

    fn mark(&mut self, answered: &Answered, marked: &mut Marked) {
        let plan = &self.setup.assignments[answered.paper.assignment];
        let Some(of) = plan.worksheet.parts().nth(answered.part) else { return };
        let (part, at) =
            (of.part, (answered.paper.owner, answered.paper.assignment, answered.part));
        self.desk.pause(self.random.between(350.0, 1_100.0));
        let mut criteria = Vec::new();
        for (nth, criterion) in part.criteria().iter().enumerate() {
            let Some(score_box) = criterion.score_box else { continue };
            // The way to the answer is looked at first, and is right where there is one.
            let merit = if nth == 0 { 1.0 } else { answered.merit };
            let score = points(criterion.points, answered, merit);
            self.write_points(answered, &score_box.into(), score);
            self.desk.pause(self.random.between(350.0, 1_100.0));
            criteria.push((criterion.id.clone(), score));
        }
        let whole = part.score_box.map(|score_box| {
            let score = points(part.points, answered, answered.merit);
            self.write_points(answered, &score_box.into(), score);
            score
        });
        if part.accepted().is_none() {
            let sum = criteria.iter().map(|(_, score)| score.0).sum();
            let score = whole.or((!criteria.is_empty()).then_some(Score(sum)));
            if score.is_some() {
                marked.red.insert(at, ExpectedRed { verdict: None, score, criteria });
            }
            return;
        }
        let differs = self.random.chance(DIFFERS);
        let right = (answered.verdict == ExpectedVerdict::Right) != differs;
        if differs {
            marked.differs.push(at);
        }
        self.tick_or_cross(answered, part, right);
        let verdict = if right { ExpectedVerdict::Right } else { ExpectedVerdict::Wrong };
        let red = ExpectedRed { verdict: Some(verdict), score: None, criteria };
        marked.red.insert(at, red);
    }

    fn write_points(&mut self, answered: &Answered, score_box: &Bounds, score: Score) {
        let size = (score_box.height() * 0.7).min(7_000.0);
        let writing = self.hand.write(&score.to_string(), size, &mut self.random);
        let middle = score_box.centre();
        let near = Point::new(
            middle.x + self.random.around(0.0, 0.05) * score_box.width(),
            middle.y + self.random.around(0.0, 0.04) * score_box.height(),
        );
        self.desk.put(answered.paper, &writing.centred(near), &self.motion, &mut self.random);
    }

    /// A tick or a cross over the right end of the answer; on a blank, in the field's middle.
    fn tick_or_cross(&mut self, answered: &Answered, part: &Part, right: bool) {
        let Some(whole) = part.field.bounds().map(Bounds::from) else { return };
        let (symbol, size) = match right {
            true => ("✓", self.random.around(8_000.0, 700.0)),
            false => ("✗", self.random.around(6_500.0, 600.0)),
        };
        let size = size.min(whole.height().max(6_500.0) * 0.95);
        let mark = self.hand.write(symbol, size, &mut self.random);
        let Some(bounds) = mark.bounds() else { return };
        // A tick's foot stands at the right end of the ink.
        let end = answered.ink.map_or(whole.centre(), |ink| {
            Point::new(ink.right + self.random.between(0.25, 0.5) * bounds.width(), ink.centre().y)
        });
        let inside = match &part.field {
            Field::Bubbles(_) => end,
            _ => Point::new(end.x.min(whole.right), end.y.clamp(whole.top, whole.bottom)),
        };
        let near = Point::new(
            inside.x + self.random.around(0.0, 500.0),
            inside.y + self.random.around(0.0, 400.0),
        );
        self.desk.put(answered.paper, &mark.centred(near), &self.motion, &mut self.random);
    }
}

/// Points for a working: whole points, by how much of it is right.
fn points(all: Score, answered: &Answered, merit: f64) -> Score {
    let whole = f64::from(all.0 / 10);
    let points = match answered.meant {
        Some(_) => (whole * (0.25 + 0.75 * merit)).round(),
        None => 0.0,
    };
    Score(points as u32 * 10)
}
