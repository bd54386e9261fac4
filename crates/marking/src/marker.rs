//! The way from a page's ink to its marked paper.

use ink::{Stroke, StrokeKey};
use raster::Coverage;
use recognition::Recognizer;
use worksheet::{Field, Kind, Question, Registration, Score, Worksheet};

use crate::assign::{Home, assign};
use crate::bounds::Bounds;
use crate::cross_out::{self, Sorted, sort_out};
use crate::placed::{Placed, place};
use crate::read::{Manner, has_more_symbols, is_dot, is_sure, read};
use crate::red::{At, Reader, RedMark, Says, Target};
use crate::{
    MarkOf, MarkedPaper, Placement, Reading, Response, Review, Thresholds, Verdict, Versions,
    bubbles, judge,
};

#[cfg(test)]
mod tests;

/// More samples than any short answer has: three minutes of writing at 100 Hz.
const SAMPLES_MAX: usize = 18_000;

/// A field with as many taps of the pen as this is blank; a tap leaves no more ink than this.
const TAPS_MAX: usize = 2;
const TAP_UM: f64 = 1_200.0;

/// Marks papers. One serves all threads; it holds the recognizer's weights.
#[derive(Debug)]
pub struct Marker {
    recognizer: Recognizer,
    thresholds: Thresholds,
}

/// One page's ink, in *pattern* micrometres, its times already corrected to Unix time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageInk {
    /// Written with pupils' pens, in any order.
    pub pupil: Vec<Stroke>,
    /// Written with markers' red pens, in any order.
    pub red: Vec<Stroke>,
}

/// Memory that marking uses; one a thread, kept from page to page.
#[derive(Debug, Default)]
pub struct Scratch {
    recognition: recognition::Scratch,
    coverage: Coverage,
}

impl Scratch {
    /// Empty; it grows with use.
    pub fn new() -> Self {
        Self { recognition: recognition::Scratch::new(), coverage: Coverage::new() }
    }
}

/// A question with its pupil's ink, sorted out.
struct Work<'w> {
    question: &'w Question,
    /// All of its ink, by time.
    ink: Vec<&'w Placed<'w>>,
    sorted: Sorted,
    /// The strokes of `ink` that stand.
    live: Vec<&'w Placed<'w>>,
    /// Some of its ink may belong to another question, or some of another's to it.
    ambiguous: bool,
}

/// What was made of a pupil's ink, before the red pen.
#[derive(Default)]
struct Outcome {
    reading: Option<Reading>,
    review: Option<Review>,
    machine: Option<MarkOf>,
    /// What the bubbles say was taken back; positions in the question's ink.
    superseded: Vec<usize>,
    rewrites: u32,
}

impl Marker {
    /// With the embedded recognizer.
    pub fn new(thresholds: Thresholds) -> Self {
        Self { recognizer: Recognizer::embedded(), thresholds }
    }

    /// Marks page `page` (from 1) of `worksheet` from the ink on it.
    ///
    /// It cannot fail: what it is not sure of has a [`Review`], what belongs nowhere is in
    /// [`MarkedPaper::loose`]. A page that the worksheet has not gives no responses.
    pub fn mark(
        &self,
        worksheet: &Worksheet,
        page: u32,
        registration: &Registration,
        ink: &PageInk,
        scratch: &mut Scratch,
    ) -> MarkedPaper {
        let placement = Placement::new(registration);
        let questions: Vec<&Question> = worksheet.questions_on(page).collect();
        let pupil = place(&ink.pupil, &placement);
        let red = place(&ink.red, &placement);

        let (work, mut loose) = self.share_out(&questions, &pupil);
        let boxes = work.iter().filter(|w| w.is_read()).map(|w| w.live.as_slice());
        let manner = Manner::of(boxes);
        let targets: Vec<Target> = work.iter().map(Work::target).collect();
        let marks = Reader {
            recognizer: &self.recognizer,
            thresholds: &self.thresholds,
            scratch: &mut scratch.recognition,
        }
        .marks(&red, &targets);

        let mut responses: Vec<Response> = work
            .iter()
            .map(|work| {
                let outcome = self.outcome(work, &manner, &placement, scratch);
                work.response(outcome)
            })
            .collect();
        for mark in &marks {
            let keys = mark.strokes.iter().map(|i| red[*i].key);
            match apply(mark, &questions, &mut responses) {
                Some(response) => response.red.extend(keys),
                None => loose.extend(keys),
            }
        }
        let versions = Versions {
            worksheet: worksheet.id.clone(),
            registration: registration.version,
            model: Recognizer::MODEL_VERSION.to_owned(),
            thresholds: self.thresholds.version,
        };
        MarkedPaper { responses, loose, versions }
    }

    /// Gives every stroke to its question; the rest is loose.
    fn share_out<'w>(
        &self,
        questions: &[&'w Question],
        pupil: &'w [Placed<'w>],
    ) -> (Vec<Work<'w>>, Vec<StrokeKey>) {
        let regions: Vec<Bounds> = questions.iter().map(|q| region(&q.field)).collect();
        let homes = assign(pupil, &regions, i64::from(self.thresholds.margin_um));
        let mut ink: Vec<Vec<&Placed<'_>>> = vec![Vec::new(); questions.len()];
        let mut ambiguous = vec![false; questions.len()];
        let mut loose = Vec::new();
        for (stroke, home) in pupil.iter().zip(&homes) {
            match *home {
                Home::Region(region) => ink[region].push(stroke),
                Home::Between(first, second) => {
                    ink[first].push(stroke);
                    // A tap between two fields makes neither doubtful.
                    ambiguous[first] |= !is_dot(stroke);
                    ambiguous[second] |= !is_dot(stroke);
                }
                Home::Nowhere => loose.push(stroke.key),
            }
        }
        let work = questions.iter().zip(ink).zip(ambiguous);
        let work = work.map(|((question, ink), ambiguous)| Work::new(question, ink, ambiguous));
        (work.collect(), loose)
    }

    /// Reads and judges what a pupil wrote for one question.
    fn outcome(
        &self,
        work: &Work<'_>,
        manner: &Manner,
        placement: &Placement,
        scratch: &mut Scratch,
    ) -> Outcome {
        let mut outcome = match (&work.question.kind, &work.question.field) {
            (Kind::Free, _) => {
                return Outcome { review: Some(Review::NoKey), ..Outcome::default() };
            }
            (_, Field::Bubbles(bubbles)) => {
                if work.is_crowded() {
                    Outcome { review: Some(Review::Crowded), ..Outcome::default() }
                } else {
                    self.chosen(work, bubbles, placement, &mut scratch.coverage)
                }
            }
            (_, Field::Box(_)) => self.written(work, manner, &mut scratch.recognition),
        };
        if work.ambiguous {
            outcome.review = Some(Review::AmbiguousField);
        } else if work.live.iter().any(|s| !s.complete) {
            outcome.review = Some(Review::IncompleteInk);
        } else if work.ink.windows(2).any(|pair| pair[0].key.pen != pair[1].key.pen) {
            outcome.review = Some(Review::SeveralPens);
        }
        if outcome.review.is_none() {
            let points = work.question.points;
            outcome.machine =
                match &outcome.reading {
                    None => Some(MarkOf { verdict: Verdict::Blank, score: Score(0) }),
                    Some(reading) => work.question.key.as_deref().and_then(|key| {
                        judge::judge(&work.question.kind, key, &reading.text, points)
                    }),
                };
            if outcome.machine.is_none() {
                outcome.review = Some(Review::NoKey);
            }
        }
        outcome
    }

    /// Reads an answer that is written.
    fn written(
        &self,
        work: &Work<'_>,
        manner: &Manner,
        scratch: &mut recognition::Scratch,
    ) -> Outcome {
        let reviewed = |review| Outcome { review: Some(review), ..Outcome::default() };
        if work.is_crowded() {
            return reviewed(Review::Crowded);
        }
        if work.live.iter().all(|s| is_dot(s)) {
            // Nothing stands: blank if nothing ever did, but for a tap or two.
            return if work.sorted.rewrites > 0 {
                reviewed(Review::CrossedOut)
            } else if work.live.len() > TAPS_MAX || work.live.iter().any(|s| s.length_um > TAP_UM) {
                reviewed(Review::OutOfAlphabet)
            } else {
                Outcome::default()
            };
        }
        let Question { field, kind, .. } = work.question;
        let is_number = matches!(kind, Kind::Number(_));
        let reading = read(&self.recognizer, field, kind, &work.live, manner, scratch);
        let review = match &reading {
            None => Some(Review::OutOfAlphabet),
            Some(r) if !judge::is_answer(kind, &r.text) => Some(Review::OutOfAlphabet),
            Some(_) if work.sorted.overwritten => Some(Review::Overwritten),
            Some(r) if !is_sure(r, &self.thresholds) => Some(Review::LowConfidence),
            Some(r) if is_number && has_more_symbols(&work.live, &r.text) => {
                Some(Review::LowConfidence)
            }
            Some(_) => None,
        };
        Outcome { reading, review, ..Outcome::default() }
    }

    /// Reads bubbles.
    fn chosen(
        &self,
        work: &Work<'_>,
        bubbles: &[worksheet::Bubble],
        placement: &Placement,
        coverage: &mut Coverage,
    ) -> Outcome {
        let choice = bubbles::choose(bubbles, &work.ink, placement, &self.thresholds, coverage);
        let reading = choice.letter.map(|letter| Reading {
            text: letter.to_string(),
            probability: if choice.review.is_none() { 1.0 } else { 0.5 },
            alternatives: Vec::new(),
        });
        Outcome {
            reading,
            review: choice.review,
            machine: None,
            superseded: choice.superseded,
            rewrites: choice.rewrites,
        }
    }
}

/// The box around everything that is written into.
fn region(field: &Field) -> Bounds {
    match field {
        Field::Box(rect) => Bounds::of(*rect),
        Field::Bubbles(bubbles) => bubbles
            .iter()
            .map(|b| Bounds::of(b.rect))
            .reduce(Bounds::union)
            // A question without bubbles: no ink is in it.
            .unwrap_or(Bounds { left: 0, top: 0, right: -1, bottom: -1 }),
    }
}

impl<'w> Work<'w> {
    fn new(question: &'w Question, ink: Vec<&'w Placed<'w>>, ambiguous: bool) -> Self {
        let written = !matches!(question.kind, Kind::Choice | Kind::Free);
        let sorted = if written && ink.len() <= cross_out::STROKES_MAX {
            sort_out(&ink)
        } else {
            Sorted { live: (0..ink.len()).collect(), ..Sorted::default() }
        };
        let live = sorted.live.iter().map(|i| ink[*i]).collect();
        Self { question, ink, sorted, live, ambiguous }
    }

    /// Whether its ink is symbols to be read.
    fn is_read(&self) -> bool {
        !matches!(self.question.kind, Kind::Choice | Kind::Free) && !self.is_crowded()
    }

    fn is_crowded(&self) -> bool {
        self.ink.len() > cross_out::STROKES_MAX
            || self.ink.iter().map(|s| s.samples.len()).sum::<usize>() > SAMPLES_MAX
    }

    /// What the red pen may point at.
    fn target(&self) -> Target {
        let field = region(&self.question.field);
        let score_box = self.question.score_box.map(Bounds::of);
        Target { bounds: self.live.iter().map(|s| s.bounds).fold(field, Bounds::union), score_box }
    }

    fn response(&self, outcome: Outcome) -> Response {
        let taken_back =
            |i: &usize| self.sorted.superseded.contains(i) || outcome.superseded.contains(i);
        let (superseded, live): (Vec<usize>, Vec<usize>) =
            (0..self.ink.len()).partition(taken_back);
        let keys = |of: Vec<usize>| of.into_iter().map(|i| self.ink[i].key).collect();
        let pen_down = |s: &&Placed<'_>| s.end_ms.saturating_sub(s.start_ms);
        Response {
            question: self.question.id.clone(),
            live: keys(live),
            superseded: keys(superseded),
            red: Vec::new(),
            reading: outcome.reading,
            review: outcome.review,
            machine: outcome.machine,
            red_mark: None,
            first_ms: self.ink.iter().map(|s| s.start_ms).min(),
            last_ms: self.ink.iter().map(|s| s.end_ms).max(),
            writing_ms: self.ink.iter().map(pen_down).fold(0, i64::saturating_add),
            rewrites: self.sorted.rewrites + outcome.rewrites,
        }
    }
}

/// Writes what a red mark says into the response it speaks of, and returns that; a later mark
/// replaces an earlier one.
fn apply<'r>(
    mark: &RedMark,
    questions: &[&Question],
    responses: &'r mut [Response],
) -> Option<&'r mut Response> {
    let index = match mark.at {
        At::Nowhere => return None,
        At::Question(index) => index,
        At::Between(first, second) => {
            for unclear in [first, second] {
                responses[unclear].red_mark = None;
                responses[unclear].review = Some(Review::RedUnclear);
            }
            return Some(&mut responses[first]);
        }
    };
    let (question, response) = (questions[index], &mut responses[index]);
    let all = question.points;
    let free = question.kind == Kind::Free;
    let given = match &mark.says {
        // Where points are written, ticks and crosses are remarks on single lines.
        Says::Tick | Says::HalfTick | Says::Cross | Says::Unclear if free && !mark.is_score => {
            return Some(response);
        }
        Says::Tick => Some(MarkOf { verdict: Verdict::Right, score: all }),
        Says::HalfTick => Some(MarkOf { verdict: Verdict::Partly, score: Score(all.0 / 2) }),
        Says::Cross => Some(MarkOf { verdict: Verdict::Wrong, score: Score(0) }),
        Says::Score(text) => judge::score(text, all),
        Says::Unclear => None,
    };
    response.red_mark = given;
    response.review = if given.is_some() { None } else { Some(Review::RedUnclear) };
    Some(response)
}
