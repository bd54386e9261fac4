//! The teacher's red pen: ticks, crosses and points.

use std::collections::BTreeMap;
use std::sync::Arc;

use worksheet::{Copies, Field, Question, Score};

use crate::desk::{Desk, Penned};
use crate::hand::Hand;
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
    /// By pupil's position, assignment and question.
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
        let per_copy = paper.answers.first().is_some_and(|answered| {
            let run = &setup.assignments[answered.paper.assignment].run;
            matches!(run.copies, Copies::PerCopy(_))
        });
        if !chosen || !per_copy {
            continue;
        }
        let settle_ms = random.between_ms(8_000, 20_000);
        red.desk.now_ms = red.desk.now_ms.max(paper.done_ms + settle_ms);
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
    fn mark(&mut self, answered: &Answered, marked: &mut Marked) {
        let plan = &self.setup.assignments[answered.paper.assignment];
        let question = &plan.worksheet.questions[answered.question];
        let at = (answered.paper.owner, answered.paper.assignment, answered.question);
        self.desk.pause(self.random.between(350.0, 1_100.0));
        if let Some(score_box) = question.score_box {
            let score = self.points(question, answered);
            self.write_points(answered, &score_box.into(), score);
            marked.red.insert(at, ExpectedRed { verdict: None, score: Some(score) });
            return;
        }
        let differs = self.random.chance(DIFFERS);
        let right = (answered.verdict == ExpectedVerdict::Right) != differs;
        if differs {
            marked.differs.push(at);
        }
        self.tick_or_cross(answered, question, right);
        let verdict = if right { ExpectedVerdict::Right } else { ExpectedVerdict::Wrong };
        marked.red.insert(at, ExpectedRed { verdict: Some(verdict), score: None });
    }

    /// Points for a working: whole points, by what is right in it.
    fn points(&mut self, question: &Question, answered: &Answered) -> Score {
        let whole = f64::from(question.points.0 / 10);
        let points = match answered.meant {
            Some(_) => (whole * (0.25 + 0.75 * answered.merit)).round(),
            None => 0.0,
        };
        Score(points as u32 * 10)
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
    fn tick_or_cross(&mut self, answered: &Answered, question: &Question, right: bool) {
        let fields: Vec<Bounds> = match &question.field {
            Field::Box(rect) => vec![(*rect).into()],
            Field::Bubbles(bubbles) => bubbles.iter().map(|bubble| bubble.rect.into()).collect(),
        };
        let Some(whole) = fields.iter().copied().reduce(|a, b| a.union(&b)) else { return };
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
        let inside = match &question.field {
            Field::Box(_) => {
                Point::new(end.x.min(whole.right), end.y.clamp(whole.top, whole.bottom))
            }
            Field::Bubbles(_) => end,
        };
        let near = Point::new(
            inside.x + self.random.around(0.0, 500.0),
            inside.y + self.random.around(0.0, 400.0),
        );
        self.desk.put(answered.paper, &mark.centred(near), &self.motion, &mut self.random);
    }
}
