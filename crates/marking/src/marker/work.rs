//! A part's share of the ink.

use worksheet::{Field, Kind, NumberForm, PartOf, Review};

use super::in_red::score_boxes;
use crate::bounds::Bounds;
use crate::cross_out::{self, Sorted, sort_out};
use crate::fraction::{self, Fraction};
use crate::placed::Placed;
use crate::read::{ReadBy, WritingStyle, is_dot};
use crate::red::Target;
use crate::steps::{self, Lines};
use crate::{apart, column, nearby, tail};

/// More samples than any short answer has: three minutes of writing at 100 Hz.
const SAMPLES_MAX: usize = 18_000;

/// An answer with less than this share of its ink in its field may be that of a field as near to it
/// as this.
const INSIDE_MIN: f64 = 0.35;
const OUTSIDE_UM: f64 = 4_000.0;

/// A part with its pupil's ink, sorted out.
pub(super) struct Work<'w> {
    pub(super) of: PartOf<'w>,
    /// All of its ink, by time.
    pub(super) ink: Vec<&'w Placed<'w>>,
    pub(super) sorted: Sorted,
    /// The strokes of `ink` that stand.
    pub(super) live: Vec<&'w Placed<'w>>,
    /// The strokes of `live` but for a percent sign, where one may stand and does.
    pub(super) number: Vec<&'w Placed<'w>>,
    pub(super) percent: bool,
    /// The fraction that all of its ink is.
    pub(super) fraction: Option<Fraction>,
    /// The same by lines, where arithmetic is worked out; `None` of what is too much to be.
    pub(super) lines: Option<Lines<'w>>,
    /// Some of its ink may belong to another part, or some of another's to it.
    pub(super) ambiguous: bool,
    /// Ink beside the field may be its answer, or belong to it.
    pub(super) beside: bool,
}

/// Gives ink that lies in no field to the unanswered part that it stands by; where it may be that of
/// several, all of them are doubtful and it stays loose. Returns what is loose; numbers are
/// positions in the pupil's strokes.
pub(super) fn give_nearby<'w>(
    work: &mut [Work<'w>],
    regions: &[Bounds],
    loose: Vec<usize>,
    pupil: &'w [Placed<'w>],
) -> Vec<usize> {
    let ink: Vec<&Placed<'_>> = loose.iter().map(|index| &pupil[*index]).collect();
    let pieces = nearby::pieces(&ink);
    let unanswered = work.iter().enumerate().filter(|(_, work)| work.is_unanswered());
    let unanswered: Vec<(usize, Bounds)> =
        unanswered.map(|(index, _)| (index, regions[index])).collect();
    // An answer that lies outside its field may be another one's.
    let outside: Vec<(usize, Bounds)> = (work.iter().enumerate())
        .filter_map(|(index, work)| Some((index, work.outside(regions[index])?)))
        .collect();
    for (index, ink) in outside {
        work[index].beside = true;
        for other in nearby::may_belong(ink, &unanswered, regions) {
            work[other].beside |= ink.distance(regions[other]) <= OUTSIDE_UM;
        }
    }
    let mut given: Vec<(usize, usize)> = Vec::new();
    for piece in pieces {
        let may = nearby::may_belong(piece.bounds, &unanswered, regions);
        for index in &may {
            work[*index].beside = true;
        }
        if let Some(index) = nearby::nearest(piece.bounds, &may, regions) {
            given.extend(piece.strokes.iter().map(|at| (loose[*at], index)));
        }
    }
    for (index, _) in &unanswered {
        let of_it = given.iter().filter(|(_, to)| to == index);
        let mut ink: Vec<&Placed<'_>> = of_it.map(|(stroke, _)| &pupil[*stroke]).collect();
        if !ink.is_empty() {
            ink.extend(&work[*index].ink);
            ink.sort_by_key(|s| (s.start_ms, s.key));
            let Work { of, ambiguous, .. } = work[*index];
            work[*index] = Work { beside: true, ..Work::new(of, ink, ambiguous) };
        }
    }
    let is_given = |stroke: &usize| given.iter().any(|(given, _)| given == stroke);
    loose.into_iter().filter(|stroke| !is_given(stroke)).collect()
}

/// The box around everything that is written into.
pub(super) fn region(field: &Field) -> Bounds {
    // A field without any rectangle has no ink in it.
    field.bounds().map_or(Bounds { left: 0, top: 0, right: -1, bottom: -1 }, Bounds::of)
}

/// Sorts out ink in which a sign stands, whose slash takes nothing back.
fn sort_out_but(sign: &[usize], ink: &[&Placed<'_>], number: bool) -> Sorted {
    if sign.is_empty() {
        return sort_out(ink, number);
    }
    let rest: Vec<usize> = (0..ink.len()).filter(|at| !sign.contains(at)).collect();
    let strokes: Vec<&Placed<'_>> = rest.iter().map(|at| ink[*at]).collect();
    let of_rest = sort_out(&strokes, number);
    let placed = |of: Vec<usize>| of.into_iter().map(|at| rest[at]);
    let mut live: Vec<usize> = placed(of_rest.live).chain(sign.iter().copied()).collect();
    live.sort_unstable();
    Sorted { live, superseded: placed(of_rest.superseded).collect(), ..of_rest }
}

fn is_number(kind: &Kind) -> bool {
    matches!(kind, Kind::Number(_) | Kind::Digits)
}

impl<'w> Work<'w> {
    pub(super) fn new(of: PartOf<'w>, ink: Vec<&'w Placed<'w>>, ambiguous: bool) -> Self {
        let by_lines = match ReadBy::of(&of.part.kind) {
            ReadBy::Steps => steps::sort_out_lines(&ink),
            ReadBy::Column => column::sort_out_rows(&ink),
            _ => None,
        };
        let written = matches!(ReadBy::of(&of.part.kind), ReadBy::Symbols(..));
        let (may_be_percent, _) = tail::may_follow(&of.part.kind);
        let sign = may_be_percent.then(|| tail::percent(&ink)).flatten().unwrap_or_default();
        // A bar between two numbers is looked for before anything is taken for a strike.
        let may_be_fraction = of.part.kind == Kind::Number(NumberForm::Decimal)
            && !matches!(of.part.field, Field::Comb(_));
        let fraction = may_be_fraction.then(|| fraction::fraction(&ink)).flatten();
        let (sorted, lines) = match by_lines {
            Some((sorted, lines)) => (sorted, Some(lines)),
            None if fraction.is_some() => {
                (Sorted { live: (0..ink.len()).collect(), ..Sorted::default() }, None)
            }
            None if written && ink.len() <= cross_out::STROKES_MAX => {
                (sort_out_but(&sign, &ink, is_number(&of.part.kind)), None)
            }
            None => (Sorted { live: (0..ink.len()).collect(), ..Sorted::default() }, None),
        };
        let live = sorted.live.iter().map(|i| ink[*i]).collect();
        let number = sorted.live.iter().filter(|i| !sign.contains(i)).map(|i| ink[*i]).collect();
        let percent = !sign.is_empty();
        Self { of, ink, sorted, live, number, percent, fraction, lines, ambiguous, beside: false }
    }

    /// Whether its answer is a number in one row, in a field that has no boxes for its digits.
    pub(super) fn is_number(&self) -> bool {
        is_number(&self.of.part.kind)
            && self.fraction.is_none()
            && !matches!(self.of.part.field, Field::Comb(_))
            && !self.is_crowded()
    }

    /// Where its answer lies if that is mostly outside of its field, and is written.
    pub(super) fn outside(&self, field: Bounds) -> Option<Bounds> {
        // Next to what was crossed out in the field, an answer is the field's.
        if !self.is_read() || self.is_unanswered() || !self.sorted.superseded.is_empty() {
            return None;
        }
        let length: f64 = self.live.iter().map(|s| s.length_um).sum();
        let inside: f64 = self.live.iter().map(|s| s.share_inside(field) * s.length_um).sum();
        let bounds = self.live.iter().map(|s| s.bounds).reduce(Bounds::union)?;
        (inside < INSIDE_MIN * length).then_some(bounds)
    }

    pub(super) fn is_by_several_pens(&self) -> bool {
        self.ink.windows(2).any(|pair| pair[0].key.pen != pair[1].key.pen)
    }

    /// Whether its ink is likely two answers. In a comb, each digit stands by itself.
    pub(super) fn are_two(&self, style: &WritingStyle) -> bool {
        match (&self.of.part.field, is_number(&self.of.part.kind)) {
            _ if self.fraction.is_some() => false,
            (Field::Comb(_), _) => false,
            (_, true) => apart::are_two(&self.number, style.gap_heights),
            (_, false) => apart::are_two_symbols(&self.live),
        }
    }

    /// Whether nothing stands in its field that could be an answer, and one is expected there.
    pub(super) fn is_unanswered(&self) -> bool {
        let is_expected = !matches!(ReadBy::of(&self.of.part.kind), ReadBy::Person(Review::NoKey));
        is_expected && !self.ambiguous && self.live.iter().all(|s| is_dot(s))
    }

    /// Whether its ink is symbols to be read.
    pub(super) fn is_read(&self) -> bool {
        matches!(ReadBy::of(&self.of.part.kind), ReadBy::Symbols(..)) && !self.is_crowded()
    }

    /// Whether a person gives points for it.
    pub(super) fn is_scored(&self) -> bool {
        self.of.part.accepted().is_none()
    }

    pub(super) fn is_crowded(&self) -> bool {
        let is_steps = matches!(ReadBy::of(&self.of.part.kind), ReadBy::Steps | ReadBy::Column);
        (if is_steps { self.lines.is_none() } else { self.ink.len() > cross_out::STROKES_MAX })
            || self.ink.iter().map(|s| s.samples.len()).sum::<usize>() > SAMPLES_MAX
    }

    /// What the red pen may point at; the first answer of its question has the place `question`.
    pub(super) fn target(&self, question: usize) -> Target {
        let field = region(&self.of.part.field);
        let ink = self.live.iter().map(|s| s.bounds).reduce(Bounds::union);
        Target {
            bounds: ink.map_or(field, |ink| field.union(ink)),
            ink,
            question,
            score_boxes: score_boxes(self.of).map(|(_, bounds)| bounds).collect(),
        }
    }
}
