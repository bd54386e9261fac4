//! The strokes of a page, as they were marked or from stored chunks.

use std::collections::{BTreeMap, HashMap};

use attribution::Roles;
use ink::drawn::DrawnStroke;
use ink::{Assembly, Stroke, StrokeKey};
use store::PaperChunks;
use worksheet::{Placement, Registration};

use crate::sheet::{self, Ink, Line, Mark, Pause};

/// The longest pause that a replay keeps, milliseconds.
const PAUSE_MS_MAX: i64 = 1_200;
/// A shorter pause belongs to writing and has no mark, milliseconds.
const PAUSE_MS_MIN: i64 = 3_000;

/// What a marking made of each stroke of a page.
#[derive(Clone, Debug, Default)]
pub struct PageRoles(HashMap<StrokeKey, (Ink, Option<String>)>);

impl PageRoles {
    /// From the roles that belong to questions, and those of the strokes outside every field.
    pub fn new<'a>(
        questions: impl IntoIterator<Item = (&'a str, &'a Roles)>,
        loose: &Roles,
    ) -> Self {
        let of = |roles: &Roles, question: Option<&str>| {
            let question = question.map(ToOwned::to_owned);
            let of = |(key, role)| (key, (Ink::of(role), question.clone()));
            roles.iter().map(of).collect::<Vec<_>>()
        };
        let questions = questions.into_iter().flat_map(|(name, roles)| of(roles, Some(name)));
        Self(of(loose, None).into_iter().chain(questions).collect())
    }

    /// How many of the strokes are outside every field: the pupil's, and the teacher's in red.
    pub fn loose_count(&self, strokes: &[DrawnStroke]) -> (usize, usize) {
        let is_loose = |stroke: &&DrawnStroke| {
            self.0.get(&stroke.key).is_some_and(|(ink, _)| *ink == Ink::Loose)
        };
        let (red, pupil): (Vec<_>, Vec<_>) =
            strokes.iter().filter(is_loose).partition(|stroke| stroke.red);
        (pupil.len(), red.len())
    }
}

/// Decodes the strokes of a page and draws them. It takes its time: not for an async thread.
pub fn draw(chunks: &PaperChunks, registration: &Registration) -> Vec<DrawnStroke> {
    let assembly = Assembly::of_chunks(chunks.bytes());
    if !assembly.errors.is_empty() {
        tracing::warn!(errors = assembly.errors.len(), "chunks of a page cannot be read");
    }
    let paper = chunks.strokes(assembly.strokes);
    let placement = Placement::new(registration);
    let drawn = |stroke: &Stroke, red| {
        DrawnStroke::new(stroke, red, |at| placement.to_page(at.into()).into())
    };
    let pupil = paper.pupil.iter().filter_map(|stroke| drawn(stroke, false));
    pupil.chain(paper.red.iter().filter_map(|stroke| drawn(stroke, true))).collect()
}

/// The strokes of a page in written order, with what a marking made of each; where only one
/// question is asked about, those that belong to it.
pub fn marks(strokes: &[DrawnStroke], roles: &PageRoles, only: Option<&str>) -> Vec<Mark> {
    let mut in_order: Vec<&DrawnStroke> = strokes.iter().collect();
    in_order.sort_by_key(|stroke| (stroke.start_ms, stroke.key));
    let mut clocks = ReplayClocks::default();
    let mark = |stroke: &DrawnStroke| {
        let (ink, question) = roles.0.get(&stroke.key).cloned().unwrap_or((Ink::Fresh, None));
        // Red ink is red wherever it lies.
        let ink = if stroke.red { Ink::Red } else { ink };
        let span = (stroke.start_ms, i64::from(stroke.length_ms));
        let (since_ms, own_ms, pause) = clocks.at(span, ink, question.as_deref());
        if only.is_some() && question.as_deref() != only {
            return None;
        }
        let line = Line::new(stroke.line.clone());
        Some(Mark { ink, question, since_ms, own_ms, pause, line })
    };
    in_order.into_iter().filter_map(mark).collect()
}

/// When a stroke begins and how long it is, milliseconds.
type Span = (i64, i64);

/// The clock of a page and those of its questions.
#[derive(Default)]
struct ReplayClocks {
    page: ReplayClock,
    questions: HashMap<String, ReplayClock>,
    /// When the pupil's last stroke ended, and the question that it answers.
    last: Option<(i64, Option<String>)>,
}

impl ReplayClocks {
    /// When a stroke begins in the replay of the page and in that of its question, and the pause
    /// before it. Strokes come in written order. A teacher's red pen comes hours later: that is no
    /// pause of the pupil.
    fn at(
        &mut self,
        (at_ms, length_ms): Span,
        ink: Ink,
        question: Option<&str>,
    ) -> (i64, i64, Option<Pause>) {
        let since_ms = self.page.at((at_ms, length_ms));
        let own_ms = question.map_or(0, |question| {
            self.questions.entry(question.to_owned()).or_default().at((at_ms, length_ms))
        });
        if ink == Ink::Red {
            return (since_ms, own_ms, None);
        }
        let end_ms = at_ms.saturating_add(length_ms);
        let last = self.last.replace((end_ms, question.map(ToOwned::to_owned)));
        let pause = last.and_then(|(last_ms, before)| {
            let inside = question.is_some() && before.as_deref() == question;
            let pause = Pause { length_ms: at_ms.saturating_sub(last_ms), inside };
            (pause.length_ms >= PAUSE_MS_MIN).then_some(pause)
        });
        (since_ms, own_ms, pause)
    }
}

/// Time with its pauses cut short.
#[derive(Default)]
struct ReplayClock {
    replay_ms: i64,
    last_end_ms: Option<i64>,
}

impl ReplayClock {
    /// When a stroke begins in the replay; strokes come in written order.
    fn at(&mut self, (at_ms, length_ms): Span) -> i64 {
        let pause_ms = self.last_end_ms.map_or(0, |end_ms| at_ms.saturating_sub(end_ms));
        let begin_ms = self.replay_ms + pause_ms.clamp(0, PAUSE_MS_MAX);
        self.replay_ms = begin_ms + length_ms.min(60_000);
        self.last_end_ms = Some(at_ms.saturating_add(length_ms));
        begin_ms
    }
}

/// The ink of a page that is drawn by itself.
#[derive(Clone, Copy, Debug)]
pub struct PageInk<'a> {
    /// The pupil's strokes on that page, in pattern micrometres.
    pub pupil: &'a [Stroke],
    /// The teacher's.
    pub red: &'a [Stroke],
    /// The pupil's strokes that were crossed out or written over, each with its question: what was
    /// superseded is struck through once per question.
    pub superseded: &'a BTreeMap<StrokeKey, String>,
}

/// A page with its ink as one SVG document that needs nothing else: the artwork, the pupil's ink
/// in blue-black, the teacher's in red. Its user unit is a hundredth of a millimetre.
pub fn page_svg(page: &worksheet::Page, registration: &Registration, ink: &PageInk<'_>) -> String {
    let placement = Placement::new(registration);
    let mark = |stroke: &Stroke, ink, question: Option<&String>| {
        let to_page = |at: (i32, i32)| placement.to_page(at.into()).into();
        let line = Line::new(DrawnStroke::new(stroke, ink == Ink::Red, to_page)?.line);
        let question = question.cloned();
        Some(Mark { ink, question, since_ms: 0, own_ms: 0, pause: None, line })
    };
    let pupil = ink.pupil.iter().filter_map(|stroke| match ink.superseded.get(&stroke.key) {
        Some(question) => mark(stroke, Ink::Superseded, Some(question)),
        None => mark(stroke, Ink::Live, None),
    });
    let red = ink.red.iter().filter_map(|stroke| mark(stroke, Ink::Red, None));
    sheet::standalone(page, &pupil.chain(red).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
