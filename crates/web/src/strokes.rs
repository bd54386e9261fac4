//! From stored chunks to the strokes of a page.

use std::collections::{BTreeMap, HashMap};

use ink::{Assembly, Stroke, StrokeKey};
use marking::Placement;
use serde::Deserialize;
use store::{Hand, Holder, PaperChunks, PaperFacts};
use worksheet::Registration;

use crate::sheet::{Ink, Line, Mark, Pause};

/// The longest pause that a replay keeps, milliseconds.
const PAUSE_MS_MAX: i64 = 1_200;
/// A shorter pause belongs to writing and has no mark, milliseconds.
const PAUSE_MS_MIN: i64 = 3_000;

/// The strokes that a marking gave to one question, by name.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Given {
    live: Vec<String>,
    superseded: Vec<String>,
    red: Vec<String>,
}

/// What a marking made of each stroke.
#[derive(Default)]
pub(crate) struct Roles(HashMap<StrokeKey, (Ink, Option<String>)>);

impl Roles {
    /// From the JSON of responses (question, strokes) and of the strokes outside every field. What
    /// cannot be read says nothing: its strokes are shown as fresh.
    pub(crate) fn new<'a>(
        responses: impl IntoIterator<Item = (&'a str, &'a str)>,
        loose: &str,
    ) -> Self {
        let mut roles = HashMap::new();
        let mut add = |keys: &[String], ink, question: Option<&str>| {
            for key in keys.iter().filter_map(|key| key.parse().ok()) {
                roles.insert(key, (ink, question.map(ToOwned::to_owned)));
            }
        };
        let loose: Vec<String> = serde_json::from_str(loose).unwrap_or_default();
        add(&loose, Ink::Loose, None);
        for (question, strokes) in responses {
            let given: Given = serde_json::from_str(strokes).unwrap_or_default();
            add(&given.live, Ink::Live, Some(question));
            add(&given.superseded, Ink::Superseded, Some(question));
            add(&given.red, Ink::Red, Some(question));
        }
        Self(roles)
    }

    /// The number of strokes outside every field.
    pub(crate) fn loose_count(&self) -> usize {
        self.0.values().filter(|(ink, _)| *ink == Ink::Loose).count()
    }
}

/// Draws the strokes of a page in written order. Chunks carry strokes of other pages and holders
/// too; those are left out here.
pub(crate) fn marks(
    chunks: &PaperChunks,
    facts: &PaperFacts,
    pupil: &str,
    registration: &Registration,
    roles: &Roles,
) -> Vec<Mark> {
    let bytes = chunks.pupil.iter().chain(&chunks.red).map(|chunk| chunk.bytes.as_slice());
    let assembly = Assembly::of_chunks(bytes);
    if !assembly.errors.is_empty() {
        tracing::warn!(errors = assembly.errors.len(), "chunks of a page cannot be read");
    }
    let (section, owner, book) = store::unfold(facts.folio);
    let here = |stroke: &Stroke| {
        stroke.address.is_some_and(|a| {
            (a.section, a.owner, a.book, a.page) == (section, owner, book, facts.address_page)
        })
    };
    let mut strokes: Vec<(i64, &Stroke, bool)> = assembly
        .strokes
        .iter()
        .filter(|stroke| here(stroke))
        .filter_map(|stroke| {
            let StrokeKey { pen, boot, .. } = stroke.key;
            let at_ms = stroke.start_ms + chunks.offset_ms(pen.0, boot.counter, boot.random);
            let hand = chunks.hand(pen.0, boot.counter, boot.random, at_ms);
            let red = matches!(hand, Hand::Holder(Holder::Marker(_)) | Hand::SomeMarker(_));
            let own = matches!(hand, Hand::Holder(Holder::Pupil(id)) if id == pupil);
            let nobodys = matches!(hand, Hand::Anybody(_));
            (own || !facts.shared && !nobodys).then_some((at_ms, stroke, red))
        })
        .collect();
    strokes.sort_by_key(|(at_ms, stroke, _)| (*at_ms, stroke.key));
    let placement = Placement::new(registration);
    let mut clocks = ReplayClocks::default();
    strokes
        .into_iter()
        .filter_map(|(at_ms, stroke, red)| {
            let line = Line::new(placement.draw(stroke, red)?.line);
            let fresh = (if red { Ink::Red } else { Ink::Fresh }, None);
            let (ink, question) = roles.0.get(&stroke.key).cloned().unwrap_or(fresh);
            let (since_ms, own_ms, pause) = clocks.at(at_ms, stroke, ink, question.as_deref());
            Some(Mark { ink, question, since_ms, own_ms, pause, line })
        })
        .collect()
}

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
        at_ms: i64,
        stroke: &Stroke,
        ink: Ink,
        question: Option<&str>,
    ) -> (i64, i64, Option<Pause>) {
        let since_ms = self.page.at(at_ms, stroke);
        let own_ms = question.map_or(0, |question| {
            self.questions.entry(question.to_owned()).or_default().at(at_ms, stroke)
        });
        if ink == Ink::Red {
            return (since_ms, own_ms, None);
        }
        let end_ms = at_ms + length_ms(stroke);
        let last = self.last.replace((end_ms, question.map(ToOwned::to_owned)));
        let pause = last.and_then(|(last_ms, before)| {
            let inside = question.is_some() && before.as_deref() == question;
            let pause = Pause { length_ms: at_ms - last_ms, inside };
            (pause.length_ms >= PAUSE_MS_MIN).then_some(pause)
        });
        (since_ms, own_ms, pause)
    }
}

/// From the first sample to the last, milliseconds.
fn length_ms(stroke: &Stroke) -> i64 {
    stroke.samples.last().map_or(0, |sample| i64::from(sample.t_ms))
}

/// Time with its pauses cut short.
#[derive(Default)]
struct ReplayClock {
    replay_ms: i64,
    last_end_ms: Option<i64>,
}

impl ReplayClock {
    /// When a stroke begins in the replay; strokes come in written order.
    fn at(&mut self, at_ms: i64, stroke: &Stroke) -> i64 {
        let pause_ms = self.last_end_ms.map_or(0, |end_ms| at_ms - end_ms);
        let begin_ms = self.replay_ms + pause_ms.clamp(0, PAUSE_MS_MAX);
        let length_ms = length_ms(stroke);
        self.replay_ms = begin_ms + length_ms.min(60_000);
        self.last_end_ms = Some(at_ms + length_ms);
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
    /// The pupil's that were crossed out or written over, and of which question each was: what was
    /// superseded is struck through once a question.
    pub superseded: &'a BTreeMap<StrokeKey, String>,
}

/// A page with its ink as one SVG document that needs nothing else: the artwork, the pupil's ink
/// in blue-black, the teacher's in red. Its user unit is a hundredth of a millimetre.
pub fn page_svg(page: &worksheet::Page, registration: &Registration, ink: &PageInk<'_>) -> String {
    let placement = Placement::new(registration);
    let mark = |stroke: &Stroke, ink, question: Option<&String>| {
        let line = Line::new(placement.draw(stroke, ink == Ink::Red)?.line);
        let question = question.cloned();
        Some(Mark { ink, question, since_ms: 0, own_ms: 0, pause: None, line })
    };
    let pupil = ink.pupil.iter().filter_map(|stroke| match ink.superseded.get(&stroke.key) {
        Some(question) => mark(stroke, Ink::Superseded, Some(question)),
        None => mark(stroke, Ink::Live, None),
    });
    let red = ink.red.iter().filter_map(|stroke| mark(stroke, Ink::Red, None));
    crate::sheet::standalone(page, &pupil.chain(red).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
