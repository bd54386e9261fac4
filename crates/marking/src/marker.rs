//! The way from a page's ink to its marked paper.

use ink::{Stroke, StrokeKey};
use raster::Coverage;
use recognition::{Characters, Recognizer, characters};
use worksheet::{
    Kind, NumberForm, PartOf, Placement, Question, Registration, Review, Score, Worksheet, Written,
};

use together::Read;
use work::{Work, give_nearby, region};

use crate::assign::{Home, assign};
use crate::bounds::Bounds;
use crate::cross_out;
use crate::placed::{Placed, place};
use crate::read::{
    Asked, ReadBy, WritingStyle, are_tick_and_cross, has_low_mark, has_more_symbols, is_dot,
    is_sure, may_be_one, read_all,
};
use crate::red::{Reader, Says, Target};
use crate::registration::is_misplaced;
use crate::struck::Through;
use crate::{
    MarkOf, MarkedPaper, Reading, Response, Thresholds, Verdict, Versions, brackets, bubbles,
    column, judge, marks, nearby, pairs, steps, struck,
};

mod in_red;
#[cfg(test)]
mod tests;
mod together;
mod work;

/// Another answer stands as near as this to the one that it replaces.
const LEFT_UM: f64 = 4_000.0;
/// A hand goes on with its answer within this time.
const AT_ONCE_MS: i64 = 5_000;
/// What is read there must be this likely.
const LEFT_MIN: f32 = 0.5;
/// Where two pens answered as many questions each, a page is two papers.
const TWICE_MIN: usize = 2;

/// A field with as many taps of the pen as this is blank; a tap leaves no more ink than this.
const TAPS_MAX: usize = 2;
const TAP_UM: f64 = 1_200.0;
/// No stroke of a character is as small as this.
const SPECK_UM: i64 = 250;

/// Marks papers. One serves all threads; it holds the recognizer's weights.
#[derive(Debug)]
pub struct Marker {
    recognizer: Recognizer,
    characters: Characters,
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

/// Memory that marking uses; one per thread, kept from page to page.
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

/// What was made of a pupil's ink, before the red pen.
#[derive(Default)]
struct Outcome {
    reading: Option<Reading>,
    review: Option<Review>,
    machine: Option<MarkOf>,
    /// What the bubbles say was taken back; positions in the part's ink.
    superseded: Vec<usize>,
    rewrites: u32,
}

impl Marker {
    /// With the embedded recognizer.
    pub fn new(thresholds: Thresholds) -> Self {
        let characters = Characters::embedded();
        Self { recognizer: Recognizer::embedded(), characters, thresholds }
    }

    /// Whether a result was made with this recognizer and these thresholds.
    pub fn made(&self, versions: &Versions) -> bool {
        versions.model == Recognizer::MODEL_VERSION
            && versions.thresholds == self.thresholds.version
    }

    /// Marks page `page` (from 1) of `worksheet` from the ink on it.
    ///
    /// It cannot fail: what it is not sure of has a [`Review`], what belongs nowhere is in
    /// [`MarkedPaper::loose`]. A page that the worksheet does not have gives no responses.
    pub fn mark(
        &self,
        worksheet: &Worksheet,
        page: u32,
        registration: &Registration,
        ink: &PageInk,
        scratch: &mut Scratch,
    ) -> MarkedPaper {
        let placement = Placement::new(registration);
        let parts: Vec<PartOf<'_>> =
            worksheet.questions_on(page).flat_map(Question::each).collect();
        let pupil = place(&ink.pupil, &placement);
        let red = place(&ink.red, &placement);

        let (work, loose_ink) = self.share_out(&parts, &pupil);
        let boxes = work.iter().filter(|w| w.is_read()).map(|w| w.live.as_slice());
        let numbers = work.iter().filter(|w| w.is_number()).map(|w| w.live.as_slice());
        let style = WritingStyle::of(boxes, numbers);
        let targets: Vec<Target> =
            work.iter().enumerate().map(|(at, work)| work.target(at - work.of.at)).collect();
        let marks = Reader {
            recognizer: &self.recognizer,
            thresholds: &self.thresholds,
            scratch: &mut scratch.recognition,
        }
        .marks(&red, &targets);

        let read = self.read_written(&work, &style, &mut scratch.recognition);
        let mut outcomes: Vec<Outcome> = (work.iter().zip(read))
            .map(|(work, read)| self.outcome(work, read, &style, &placement, scratch))
            .collect();
        let left: Vec<&Placed<'_>> = loose_ink.iter().map(|index| &pupil[*index]).collect();
        self.doubt_what_ink_is_left_by(&work, &left, &style, &mut outcomes, scratch);
        doubt_the_page(&work, is_misplaced(&parts, &pupil), &mut outcomes);
        judge_all(&work, &self.thresholds, &mut outcomes);
        let mut responses: Vec<Response> =
            work.iter().zip(outcomes).map(|(work, outcome)| work.response(outcome)).collect();
        let mut loose: Vec<StrokeKey> = loose_ink.iter().map(|index| pupil[*index].key).collect();
        loose.extend(in_red::give(&marks, &red, &parts, &mut responses));
        // The last one written stands; it may have been corrected.
        let total = marks.iter().rev().find_map(|mark| match &mark.says {
            Says::Total(text) => Some((judge::total(text, worksheet.points())?, mark)),
            _ => None,
        });
        let total_red = total.iter().flat_map(|(_, mark)| &mark.strokes);
        let total_red: Vec<StrokeKey> = total_red.map(|index| red[*index].key).collect();
        loose.retain(|key| !total_red.contains(key));
        let total = total.map(|(total, _)| total);
        let versions = Versions {
            worksheet: worksheet.id.clone(),
            registration: registration.version,
            model: Recognizer::MODEL_VERSION.to_owned(),
            thresholds: self.thresholds.version,
        };
        MarkedPaper { responses, loose, total, total_red, versions }
    }

    /// Gives every stroke to its part; the rest is loose, positions in the page's strokes.
    fn share_out<'w>(
        &self,
        parts: &[PartOf<'w>],
        pupil: &'w [Placed<'w>],
    ) -> (Vec<Work<'w>>, Vec<usize>) {
        let regions: Vec<Bounds> = parts.iter().map(|of| region(&of.part.field)).collect();
        let homes = assign(pupil, &regions, i64::from(self.thresholds.margin_um));
        let mut ink: Vec<Vec<&Placed<'_>>> = vec![Vec::new(); parts.len()];
        let mut ambiguous = vec![false; parts.len()];
        let mut loose = Vec::new();
        for (index, (stroke, home)) in pupil.iter().zip(&homes).enumerate() {
            match *home {
                Home::Region(region) => ink[region].push(stroke),
                Home::Between(first, second) => {
                    ink[first].push(stroke);
                    // A tap between two fields makes neither doubtful.
                    ambiguous[first] |= !is_dot(stroke);
                    ambiguous[second] |= !is_dot(stroke);
                }
                Home::Nowhere => loose.push(index),
            }
        }
        let work = parts.iter().zip(ink).zip(ambiguous);
        let mut work: Vec<Work<'_>> =
            work.map(|((of, ink), ambiguous)| Work::new(*of, ink, ambiguous)).collect();
        let loose = give_nearby(&mut work, &regions, loose, pupil);
        (work, loose)
    }

    /// Doubts an answer beside which ink lies in no field that is read as an answer too: written
    /// later, it may stand instead; written at once and in the same line, it may be a part.
    fn doubt_what_ink_is_left_by(
        &self,
        work: &[Work<'_>],
        left: &[&Placed<'_>],
        style: &WritingStyle,
        outcomes: &mut [Outcome],
        scratch: &mut Scratch,
    ) {
        for piece in nearby::pieces(left) {
            let ink: Vec<&Placed<'_>> = piece.strokes.iter().map(|index| left[*index]).collect();
            if ink.len() > cross_out::STROKES_MAX {
                continue;
            }
            for (work, outcome) in work.iter().zip(outcomes.iter_mut()) {
                let Some(reading) = &outcome.reading else { continue };
                let Some(bounds) = work.live.iter().map(|s| s.bounds).reduce(Bounds::union) else {
                    continue;
                };
                let (field, kind) = (&work.of.part.field, &work.of.part.kind);
                let away = piece.bounds.distance(bounds).min(piece.bounds.distance(region(field)));
                let later = away <= LEFT_UM && pause_ms(&work.live, &ink) > 0;
                let part = nearby::is_in_line(piece.bounds, bounds)
                    && (0..=AT_ONCE_MS)
                        .contains(&pause_ms(&work.live, &ink).max(pause_ms(&ink, &work.live)));
                let may_be = work.is_read()
                    && outcome.review.is_none()
                    && (later || part)
                    && 2 * piece.bounds.height() >= bounds.height();
                if !may_be {
                    continue;
                }
                let asked = Vec::from_iter(Asked::new(field, kind, &ink, style));
                let another = read_all(&self.recognizer, &asked, &mut scratch.recognition);
                let another = another.into_iter().next().flatten();
                let another = another.filter(|another| another.probability >= LEFT_MIN);
                match another {
                    Some(another) if later && another.written != reading.written => {
                        outcome.review = Some(Review::TwoAnswers);
                    }
                    Some(_) if part => outcome.review = Some(Review::BesideField),
                    _ => {}
                }
            }
        }
    }

    /// Reads what a pupil wrote in one part.
    fn outcome(
        &self,
        work: &Work<'_>,
        read: Read,
        style: &WritingStyle,
        placement: &Placement,
        scratch: &mut Scratch,
    ) -> Outcome {
        let mut outcome = match ReadBy::of(&work.of.part.kind) {
            // An empty answer needs no reader; a part without a key does not wait for a reader.
            ReadBy::Person(Review::NoReader)
                if work.ink.is_empty() && !work.beside && work.of.part.accepted().is_some() =>
            {
                return Outcome::default();
            }
            ReadBy::Person(review) => {
                let review = if work.is_scored() { Review::NoKey } else { review };
                return Outcome { review: Some(review), ..Outcome::default() };
            }
            ReadBy::Bubbles | ReadBy::Pairs if work.is_crowded() => {
                Outcome { review: Some(Review::Crowded), ..Outcome::default() }
            }
            ReadBy::Bubbles => self.chosen(work, placement, &mut scratch.coverage),
            ReadBy::Symbols(..) => self.written(work, read, style, &mut scratch.recognition),
            ReadBy::Character => self.character(work),
            ReadBy::Pairs => joined(work),
            ReadBy::Steps | ReadBy::Column => self.worked(work, style, &mut scratch.recognition),
        };
        if work.ambiguous {
            outcome.review = Some(Review::AmbiguousField);
        } else if work.beside {
            // A guess from ink that lies elsewhere is told only if it is a good one.
            let kind = &work.of.part.kind;
            let surely = |r: &Reading| is_sure(r.probability, kind, &self.thresholds);
            outcome.reading = outcome.reading.filter(|r| surely(r) || !work.is_read());
            outcome.review = Some(Review::BesideField);
        } else if work.live.iter().any(|s| !s.complete) {
            outcome.review = Some(Review::IncompleteInk);
        } else if work.is_by_several_pens() {
            outcome.review = Some(Review::SeveralPens);
        }
        outcome
    }

    /// Whether what was read in an answer that is written is to be believed.
    fn written(
        &self,
        work: &Work<'_>,
        read: Read,
        style: &WritingStyle,
        scratch: &mut recognition::Scratch,
    ) -> Outcome {
        let reviewed = |review| Outcome { review: Some(review), ..Outcome::default() };
        if work.is_crowded() {
            return reviewed(Review::Crowded);
        }
        if let Some(outcome) = nothing_stands(work) {
            return outcome;
        }
        let kind = &work.of.part.kind;
        let Read { reading, has_unit } = read;
        let review = match &reading {
            None => Some(Review::OutOfAlphabet),
            Some(_) if has_unit => Some(Review::UnitUnread),
            Some(_) if work.sorted.overwritten => Some(Review::Overwritten),
            Some(_) if *kind == Kind::TrueFalse && are_tick_and_cross(&work.live) => {
                Some(Review::Overwritten)
            }
            Some(_) if work.are_two(style) => Some(Review::TwoAnswers),
            Some(r) if !is_sure(r.probability, kind, &self.thresholds) => {
                Some(Review::LowConfidence)
            }
            Some(r) if work.is_number() && is_doubtful_number(work, r) => {
                Some(Review::LowConfidence)
            }
            Some(r) if work.fraction.is_some() && may_be_one(r) => Some(Review::LowConfidence),
            Some(r) => self.is_struck(work, r, style, scratch).then_some(Review::Overwritten),
        };
        Outcome { reading, review, ..Outcome::default() }
    }

    /// Whether a stroke goes through a symbol of an answer and does not belong to it.
    fn is_struck(
        &self,
        work: &Work<'_>,
        reading: &Reading,
        style: &WritingStyle,
        scratch: &mut recognition::Scratch,
    ) -> bool {
        let (field, kind, strokes) =
            (&work.of.part.field, &work.of.part.kind, work.number.as_slice());
        if work.fraction.is_some() {
            return false;
        }
        match struck::through(strokes, kind, &reading.written.to_string()) {
            Through::Nothing => false,
            Through::Foreign => true,
            Through::MayBelong(rests) => rests.iter().any(|rest| {
                let ink: Vec<&Placed<'_>> = rest.strokes.iter().map(|at| strokes[*at]).collect();
                let asked = Vec::from_iter(Asked::new(field, kind, &ink, style));
                let read = read_all(&self.recognizer, &asked, scratch).into_iter().next().flatten();
                read.is_some_and(|r| rest.is_whole(&r.written.to_string(), r.probability))
            }),
        }
    }

    /// Reads a Chinese character. One whose strokes are joined or miscounted, or that nobody taught
    /// the reader, is for a person.
    fn character(&self, work: &Work<'_>) -> Outcome {
        let reviewed = |review| Outcome { review: Some(review), ..Outcome::default() };
        if work.is_crowded() {
            return reviewed(Review::Crowded);
        }
        if let Some(outcome) = nothing_stands(work) {
            return outcome;
        }
        let strokes = work.live.iter().filter(|s| s.bounds.extent() > SPECK_UM);
        let strokes: Vec<&[ink::Sample]> = strokes.map(|s| &*s.samples).collect();
        let Some(read) = self.characters.read(&strokes) else {
            return reviewed(Review::StrokesUnclear);
        };
        let kind = &work.of.part.kind;
        let surely = read.is_even && is_sure(read.probability, kind, &self.thresholds);
        let review = match surely {
            false => Some(Review::LowConfidence),
            true => (!read.in_order).then_some(Review::StrokeOrder),
        };
        let others = read.alternatives.into_iter();
        let reading = Some(Reading {
            written: Written::Character(read.character),
            probability: read.probability,
            alternatives: others.map(|(c, p)| (Written::Character(c), p)).collect(),
            reader: characters::MODEL_VERSION.to_owned(),
        });
        Outcome { reading, review, ..Outcome::default() }
    }

    /// Reads arithmetic that is worked out.
    fn worked(
        &self,
        work: &Work<'_>,
        style: &WritingStyle,
        scratch: &mut recognition::Scratch,
    ) -> Outcome {
        let reviewed = |review| Outcome { review: Some(review), ..Outcome::default() };
        let Some(lines) = work.lines.as_ref().filter(|_| !work.is_crowded()) else {
            return reviewed(Review::Crowded);
        };
        if let Some(outcome) = nothing_stands(work) {
            return outcome;
        }
        let (field, kind) = (&work.of.part.field, &work.of.part.kind);
        let by_rows = *kind == Kind::Column;
        let read = if by_rows { column::read } else { steps::read };
        let reading = read(&self.recognizer, field, lines, style, scratch);
        let review = match &reading {
            None if by_rows => Some(Review::RowsUnclear),
            None => Some(Review::OutOfAlphabet),
            Some(_) if work.sorted.overwritten => Some(Review::Overwritten),
            Some(r) if !is_sure(steps::likely(r), kind, &self.thresholds) => {
                Some(Review::LowConfidence)
            }
            Some(r) if steps::is_slip_of_reader(r) => Some(Review::LowConfidence),
            Some(_) => None,
        };
        Outcome { reading, review, ..Outcome::default() }
    }

    /// Reads bubbles.
    fn chosen(&self, work: &Work<'_>, placement: &Placement, coverage: &mut Coverage) -> Outcome {
        let several = work.of.part.kind == Kind::Choices;
        let bubbles = work.of.part.field.bubbles();
        let choice =
            bubbles::choose(bubbles, several, &work.ink, placement, &self.thresholds, coverage);
        let reading = (!choice.letters.is_empty()).then(|| Reading {
            written: Written::Choices(choice.letters),
            probability: if choice.review.is_none() { 1.0 } else { 0.5 },
            alternatives: Vec::new(),
            reader: bubbles::READER.to_owned(),
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

/// Reads lines between two columns.
fn joined(work: &Work<'_>) -> Outcome {
    let joined = pairs::join(work.of.part.field.bubbles(), &work.ink);
    let reading = (!joined.pairs.is_empty()).then(|| Reading {
        written: Written::Pairs(joined.pairs),
        probability: if joined.review.is_none() { 1.0 } else { 0.5 },
        alternatives: Vec::new(),
        reader: pairs::READER.to_owned(),
    });
    Outcome { reading, review: joined.review, ..Outcome::default() }
}

/// What follows where nothing stands: blank if nothing ever did, but for a tap or two.
fn nothing_stands(work: &Work<'_>) -> Option<Outcome> {
    let reviewed = |review| Outcome { review: Some(review), ..Outcome::default() };
    work.live.iter().all(|s| is_dot(s)).then(|| {
        if work.sorted.rewrites > 0 {
            reviewed(Review::CrossedOut)
        } else if work.live.len() > TAPS_MAX || work.live.iter().any(|s| s.length_um > TAP_UM) {
            reviewed(Review::OutOfAlphabet)
        } else {
            Outcome::default()
        }
    })
}

/// Whether something in a number speaks against its reading, however sure that is.
fn is_doubtful_number(work: &Work<'_>, reading: &Reading) -> bool {
    let (kind, live) = (&work.of.part.kind, work.number.as_slice());
    let text = reading.written.to_string();
    let decimal = !matches!(kind, Kind::Digits | Kind::Number(NumberForm::Whole));
    has_more_symbols(live, &text)
        || decimal && has_low_mark(live, &text)
        || may_be_one(reading)
        || brackets::stand_around(live)
        || marks::are_marked(live, !decimal)
        || marks::has_bar(&work.ink)
}

/// How long the pen rested between `before` and `after`, ordered by time; negative where that is not
/// their order.
fn pause_ms(before: &[&Placed<'_>], after: &[&Placed<'_>]) -> i64 {
    let end_ms = before.iter().map(|s| s.end_ms).max().unwrap_or(i64::MAX);
    after.iter().map(|s| s.start_ms).min().unwrap_or(i64::MIN).saturating_sub(end_ms)
}

/// Holds what was read for certain against the keys; where there is none, a person must say.
fn judge_all(work: &[Work<'_>], thresholds: &Thresholds, outcomes: &mut [Outcome]) {
    // A question's parts follow each other.
    let starts: Vec<usize> = (0..work.len()).filter(|at| work[*at].of.at == 0).collect();
    for first in starts {
        let question = work[first].of.question;
        let of_question = first..(first + question.parts.len()).min(work.len());
        let answer = |at: usize| {
            let outcome = outcomes.get(at).filter(|outcome| outcome.review.is_none())?;
            let reading = outcome.reading.as_ref()?;
            Some((&reading.written, is_beyond_doubt(work.get(at)?, reading, thresholds)))
        };
        let answers: Vec<Option<(&Written, bool)>> = of_question.clone().map(answer).collect();
        let earned = question.earns(&answers);
        for (at, earned) in of_question.zip(earned) {
            let (part, outcome) = (work[at].of.part, &mut outcomes[at]);
            if outcome.review.is_some() {
                continue;
            }
            match earned {
                // No handwriting says how often a right character is read as another.
                Some(Ok(score)) if part.kind == Kind::Character && score < part.points => {
                    outcome.review = Some(Review::AnotherCharacter);
                }
                Some(Ok(score)) => outcome.machine = Some(judge::of(score, part.points)),
                Some(Err(review)) => outcome.review = Some(review),
                None if part.accepted().is_none() => outcome.review = Some(Review::NoKey),
                None => {
                    outcome.machine = Some(MarkOf { verdict: Verdict::Blank, score: Score(0) });
                }
            }
        }
    }
}

/// Whether a slip in an answer is the pupil's and not the reader's. Brackets and carries are told by
/// their shape, and a 1 or a 7 may be one: with any of them, only sides that agree say that all was
/// read rightly.
fn is_beyond_doubt(work: &Work<'_>, reading: &Reading, thresholds: &Thresholds) -> bool {
    is_sure(reading.probability, &work.of.part.kind, thresholds)
        && !may_be_one(reading)
        && work.sorted.rewrites == 0
        && !work.lines.as_ref().is_some_and(|l| l.may_have_brackets() || !l.carries.is_empty())
}

/// Doubts everything on a page whose ink lies off its fields, and every answer on one where two pens
/// answered the same questions: it is likely two papers.
fn doubt_the_page(work: &[Work<'_>], misplaced: bool, outcomes: &mut [Outcome]) {
    let twice = work.iter().filter(|work| work.is_by_several_pens()).count();
    for (work, outcome) in work.iter().zip(outcomes) {
        if outcome.review.is_some() {
            continue;
        }
        if misplaced {
            outcome.review = Some(Review::Misplaced);
        } else if twice >= TWICE_MIN && !work.ink.is_empty() {
            outcome.review = Some(Review::SeveralPens);
        }
    }
}

impl Work<'_> {
    fn response(&self, outcome: Outcome) -> Response {
        let taken_back =
            |i: &usize| self.sorted.superseded.contains(i) || outcome.superseded.contains(i);
        let (superseded, live): (Vec<usize>, Vec<usize>) =
            (0..self.ink.len()).partition(taken_back);
        let keys = |of: Vec<usize>| of.into_iter().map(|i| self.ink[i].key).collect();
        let pen_down = |s: &&Placed<'_>| s.end_ms.saturating_sub(s.start_ms);
        Response {
            part: self.of.part.id.clone(),
            question: self.of.question.id.clone(),
            live: keys(live),
            superseded: keys(superseded),
            red: Vec::new(),
            reading: outcome.reading,
            review: outcome.review,
            machine: outcome.machine,
            red_mark: None,
            red_criteria: Vec::new(),
            first_ms: self.ink.iter().map(|s| s.start_ms).min(),
            last_ms: self.ink.iter().map(|s| s.end_ms).max(),
            writing_ms: self.ink.iter().map(pen_down).fold(0, i64::saturating_add),
            rewrites: self.sorted.rewrites + outcome.rewrites,
        }
    }
}
