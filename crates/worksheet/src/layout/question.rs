//! Setting one question into its column.

mod answers;
mod order;
mod pairs;
mod under;

use crate::draw::svg::{Shape, Type};
use crate::text::{Blank, BlankKey, Piece, Question, Section, Wrong};
use crate::{Part, Rect, Score};

use super::flow::{self, Atom, Line};
use super::picture::Measured;
use super::set::Set;
use super::sizes::{DOTS_UM, FRACTION_GAP_UM, FRACTION_UM, MIXED_GAP_UM, NUMBER_HEIGHT_UM, Sizes};

pub(super) use answers::{credit, share};

/// Labels and whatever is read second.
const SMALL: Type = Type::new(4_050);
/// From the column's left edge to the stem, after the question's number.
const STEM_UM: i32 = 8_000;
/// To the stem where brackets stand before it, with the number after them.
const AFTER_BRACKETS_UM: i32 = 22_000;
/// To the sum of an aligned question, after its number.
const SUM_UM: i32 = 10_000;
/// Between a sum and its field.
const FIELD_GAP_UM: i32 = 3_000;
/// Room on both sides of a field within a line.
const BESIDE_UM: i32 = 1_500;
/// Between two lines.
const LINE_GAP_UM: i32 = 2_200;
/// Between the stem and its picture.
const PICTURE_GAP_UM: i32 = 4_000;
/// From a square's top to the pinyin's.
const PINYIN_UM: i32 = 5_000;

/// What all questions of a section are set with.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) sizes: Sizes,
    /// The em of the stems.
    pub(super) size_um: i32,
    /// Width of the widest sum, where the fields of a column stand under each other.
    pub(super) sum_um: Option<i32>,
    /// How wide a column is.
    pub(super) column_um: i32,
    /// Chinese before a ruled line: `答：`, or nothing.
    pub(super) last_line: &'static str,
}

/// A question on its way to the paper.
pub(super) struct Setting<'a> {
    pub(super) question: &'a Question,
    pub(super) id: &'a str,
    /// Printed before it, from 1 in each section.
    pub(super) number: usize,
    pub(super) x_um: i32,
    pub(super) style: &'a Style,
    pub(super) picture: Option<&'a Measured>,
}

impl Style {
    /// Chooses columns, type and alignment for a section. Sums stand on one line each, in as many
    /// columns as were asked for or as there is room for.
    pub(super) fn of(section: &Section, grade: u8, last_line: &'static str) -> (usize, Self) {
        let sizes = Sizes::of(section, grade);
        let size_um = if grade <= 2 { 5_200 } else { 4_600 };
        let in_columns = |columns| {
            let column_um = super::column_um(columns);
            Self { sizes, size_um, sum_um: None, column_um, last_line }
        };
        let asked = section.columns;
        if asked >= 2 && section.questions.iter().all(is_sum) {
            let aligned = (2..=asked).rev().find_map(|columns| {
                let aligned = in_columns(columns).aligned(section);
                aligned.map(|style| (columns, style))
            });
            if let Some(aligned) = aligned {
                return aligned;
            }
        }
        (asked, in_columns(asked))
    }

    /// The largest type in which all sums stand on one line of the column.
    fn aligned(self, section: &Section) -> Option<Self> {
        [5_600, 5_000, 4_600].into_iter().find_map(|size_um| {
            let style = Self { size_um, sum_um: Some(0), ..self };
            let widths = section.questions.iter().map(|question| style.widths(question));
            let (sums, rests): (Vec<i32>, Vec<i32>) = widths.unzip();
            let sum_um = sums.into_iter().max().unwrap_or(0);
            let rest_um = rests.into_iter().max().unwrap_or(0);
            let all_um = SUM_UM + sum_um + FIELD_GAP_UM + rest_um;
            (all_um <= self.column_um).then_some(Self { sum_um: Some(sum_um), ..style })
        })
    }

    /// The width of a sum before its first blank, and of the rest.
    fn widths(&self, question: &Question) -> (i32, i32) {
        let (sum, rest) = halves(question);
        let width = |pieces: &[Piece]| -> i32 {
            let paragraphs = flow::atoms(pieces, self.size_um, |blank| self.blank_um(blank));
            paragraphs.iter().flatten().map(|measured| measured.width_um).sum()
        };
        (width(sum), width(rest))
    }

    fn blank_um(&self, blank: &Blank) -> i32 {
        self.sizes.blank(blank).0 + 2 * BESIDE_UM
    }

    /// How far a line's atoms rise above the baseline and hang below it.
    fn extent(&self, atom: &Atom<'_>) -> (i32, i32) {
        let size_um = self.size_um;
        let middle_um = size_um * 35 / 100;
        match atom {
            Atom::Text(_) | Atom::Space => (size_um, size_um * 30 / 100),
            // A bar at the middle, and on both sides of it figures four fifths as high.
            Atom::Fraction(..) => (middle_um + size_um * 9 / 10, size_um * 9 / 10 - middle_um),
            Atom::Blank(blank, _) => {
                let height_um = self.sizes.blank(blank).1;
                let above_um = match &blank.key {
                    BlankKey::Characters(_, syllables) if !syllables.is_empty() => PINYIN_UM,
                    _ => 0,
                };
                (height_um / 2 + middle_um + above_um, height_um - height_um / 2 - middle_um)
            }
        }
    }
}

/// Something to be worked out, and a field after it: nothing else stands in the question.
fn is_sum(question: &Question) -> bool {
    let plain = question.options.is_empty()
        && question.space.is_none()
        && question.picture.is_none()
        && !question.prints_points
        && !question.stem.contains(&Piece::Break);
    let first = question.stem.iter().position(|piece| matches!(piece, Piece::Blank(_)));
    let is_short = |key: &BlankKey| {
        matches!(
            key,
            BlankKey::Number { .. }
                | BlankKey::Digits(_)
                | BlankKey::Fraction(..)
                | BlankKey::Remainder(..)
                | BlankKey::Mixed(..)
                | BlankKey::Comparison(_)
        )
    };
    plain && first.is_some_and(|at| at > 0) && question.blanks().all(|blank| is_short(&blank.key))
}

/// The pieces before the first blank, and the rest.
fn halves(question: &Question) -> (&[Piece], &[Piece]) {
    let first = question.stem.iter().position(|piece| matches!(piece, Piece::Blank(_)));
    question.stem.split_at(first.unwrap_or(question.stem.len()))
}

impl Setting<'_> {
    /// Sets the question.
    pub(super) fn set(&self) -> Result<Set, Wrong> {
        let mut set = Set::default();
        match self.style.sum_um {
            Some(sum_um) => self.sum(sum_um, &mut set),
            None => self.stem(&mut set)?,
        }
        Ok(set)
    }

    /// `(1)  36 + 47 = [    ]`: the fields of a column stand under each other.
    fn sum(&self, sum_um: i32, set: &mut Set) {
        let (sum, rest) = halves(self.question);
        let line = |pieces| {
            let atoms: Vec<_> =
                flow::atoms(pieces, self.style.size_um, |blank| self.style.blank_um(blank))
                    .into_iter()
                    .flatten()
                    .collect();
            let width_um = atoms.iter().map(|measured| measured.width_um).sum();
            Line { atoms, width_um }
        };
        let (sum, rest) = (line(sum), line(rest));
        let (up_um, down_um) = self.extent([&sum, &rest].into_iter());
        self.text(set, self.x_um + 500, up_um, SMALL.muted(), format!("({})", self.number));
        let end_um = self.x_um + SUM_UM + sum_um;
        match trimmed(&sum) {
            // Set to the left from its end, so that no font makes a gap before the field.
            Some(text) => {
                let size = Type::new(self.style.size_um);
                self.text(set, end_um, up_um, size.to_the_left(), text);
            }
            None => self.draw_line(&sum, end_um - sum.width_um, up_um, set),
        }
        self.draw_line(&rest, end_um + FIELD_GAP_UM - BESIDE_UM, up_um, set);
        set.height_um = up_um + down_um;
    }

    /// The stem in lines, and under it what belongs to the question.
    fn stem(&self, set: &mut Set) -> Result<(), Wrong> {
        let style = self.style;
        let mut stem = self.question.stem.as_slice();
        let leading = match stem.split_first() {
            Some((Piece::Blank(blank), rest)) if is_bracketed(blank) => {
                stem = rest;
                Some(blank)
            }
            _ => None,
        };
        let indent_um = if leading.is_some() { AFTER_BRACKETS_UM } else { STEM_UM };
        let picture_um = self.question.picture.as_ref().map_or(0, |p| p.width_mm as i32 * 1_000);
        let aside_um = if picture_um > 0 { picture_um + PICTURE_GAP_UM } else { 0 };
        let room_um = style.column_um - indent_um - aside_um - 1_500;
        let mut pieces = stem.to_vec();
        if let Some(Piece::Text(text)) = pieces.first_mut() {
            *text = text.trim_start().to_owned();
        }
        if self.question.prints_points {
            pieces.push(Piece::Text(format!("（{} 分）", self.question.points)));
        }
        let x_um = self.x_um + indent_um;
        let mut y_um = 0;
        let paragraphs = flow::atoms(&pieces, style.size_um, |blank| style.blank_um(blank));
        let mut first = true;
        for paragraph in paragraphs {
            for line in flow::lines(paragraph, room_um).ok_or(Wrong::TooWide)? {
                let (mut up_um, down_um) = self.extent(std::iter::once(&line));
                if let (true, Some(blank)) = (first, leading) {
                    // Only what leads reaches below the line, and no line stands under it.
                    let (up, down) = style.extent(&Atom::Blank(blank, 0));
                    up_um = up_um.max(up);
                    set.height_um = up_um + down;
                }
                let gap_um = if first { 0 } else { LINE_GAP_UM };
                let baseline_um = y_um + gap_um + up_um;
                if first {
                    self.label(leading, baseline_um, set);
                }
                self.draw_line(&line, x_um, baseline_um, set);
                y_um = baseline_um + down_um;
                first = false;
            }
        }
        set.height_um = set.height_um.max(y_um);
        self.under(indent_um, room_um, set)?;
        if let (Some(asked), Some(picture)) = (&self.question.picture, self.picture) {
            self.draw_picture(asked.width_mm as i32 * 1_000, picture, set);
        }
        Ok(())
    }

    /// The question's number; brackets that lead the stem stand before it.
    fn label(&self, leading: Option<&Blank>, baseline_um: i32, set: &mut Set) {
        let number = format!("{}.", self.number);
        let size = Type::new(self.style.size_um).to_the_left();
        let after_um = match leading {
            Some(blank) => {
                self.draw_blank(blank, 0, self.x_um, baseline_um, set);
                AFTER_BRACKETS_UM
            }
            None => STEM_UM,
        };
        self.text(set, self.x_um + after_um - 1_500, baseline_um, size, number);
    }

    fn draw_picture(&self, width_um: i32, picture: &Measured, set: &mut Set) {
        // Between a fiftieth of its width and fifty times.
        let height_um = (f64::from(width_um) * picture.height / picture.width) as i32;
        let x_um = self.x_um + self.style.column_um - width_um;
        let rect = Rect { x_um, y_um: 0, width_um, height_um };
        set.marks.push(super::set::Mark::Picture { rect, art: picture.art.clone() });
        set.height_um = set.height_um.max(height_um);
    }

    fn extent<'l>(&self, lines: impl Iterator<Item = &'l Line<'l>>) -> (i32, i32) {
        let text = (self.style.size_um, self.style.size_um * 30 / 100);
        let atoms = lines.flat_map(|line| &line.atoms);
        let extents = atoms.map(|measured| self.style.extent(&measured.atom));
        extents.fold(text, |most, extent| (most.0.max(extent.0), most.1.max(extent.1)))
    }

    /// Draws a line whose text runs as one element between fields.
    fn draw_line(&self, line: &Line<'_>, x_um: i32, baseline_um: i32, set: &mut Set) {
        let size = Type::new(self.style.size_um);
        let (mut x_um, mut run, mut run_um) = (x_um, String::new(), x_um);
        for measured in &line.atoms {
            match &measured.atom {
                Atom::Text(text) => run.push_str(text),
                Atom::Space => run.push(' '),
                other => {
                    self.text(set, run_um, baseline_um, size, std::mem::take(&mut run));
                    match other {
                        Atom::Fraction(over, under) => {
                            self.draw_fraction(over, under, x_um, baseline_um, set);
                        }
                        Atom::Blank(blank, at) => {
                            self.draw_blank(blank, *at, x_um + BESIDE_UM, baseline_um, set);
                        }
                        Atom::Text(_) | Atom::Space => {}
                    }
                }
            }
            x_um += measured.width_um;
            if run.trim().is_empty() {
                run.clear();
                run_um = x_um;
            }
        }
        self.text(set, run_um, baseline_um, size, run);
    }

    fn text(&self, set: &mut Set, x_um: i32, y_um: i32, size: Type, text: String) {
        if !text.trim().is_empty() {
            set.text(x_um, y_um, size, text.trim_end());
        }
    }

    fn draw_fraction(&self, over: &str, under: &str, x_um: i32, baseline_um: i32, set: &mut Set) {
        let size_um = self.style.size_um;
        let whole_um = flow::fraction_um(over, under, size_um);
        let bar_um = baseline_um - size_um * 35 / 100;
        let small = Type::new(size_um * 4 / 5).centred();
        let middle_um = x_um + whole_um / 2;
        set.text(middle_um, bar_um - size_um * 18 / 100, small, over);
        set.text(middle_um, bar_um + size_um * 72 / 100, small, under);
        let (x_um, length_um) = (x_um + size_um / 8, whole_um - size_um / 4);
        set.marks.push(super::set::Mark::Bar { x_um, y_um: bar_um, length_um });
    }

    /// Draws a blank whose left edge is at `x_um`, and appends its parts.
    fn draw_blank(&self, blank: &Blank, at: usize, x_um: i32, baseline_um: i32, set: &mut Set) {
        let (width_um, height_um, shape) = self.style.sizes.blank(blank);
        let middle_um = baseline_um - self.style.size_um * 35 / 100;
        let y_um = middle_um - height_um / 2;
        let whole = Rect { x_um, y_um, width_um, height_um };
        let rects = match &blank.key {
            BlankKey::Fraction(..) => fraction_rects(x_um, middle_um, set),
            BlankKey::Remainder(..) => {
                let each_um = self.style.sizes.number_um;
                let dots = Type::new(self.style.size_um).centred();
                set.text(x_um + each_um + DOTS_UM / 2, baseline_um, dots, "……");
                let second_um = x_um + each_um + DOTS_UM;
                [x_um, second_um].map(|x_um| Rect { x_um, width_um: each_um, ..whole }).to_vec()
            }
            BlankKey::Mixed(..) => {
                let (width_um, height_um) = (self.style.sizes.number_um, NUMBER_HEIGHT_UM);
                let y_um = middle_um - height_um / 2;
                let mut rects = vec![Rect { x_um, y_um, width_um, height_um }];
                rects.extend(fraction_rects(x_um + width_um + MIXED_GAP_UM, middle_um, set));
                rects
            }
            BlankKey::Characters(characters, syllables) => {
                let side_um = self.style.sizes.square_um;
                let square =
                    |nth: i32| Rect { x_um: x_um + nth * side_um, width_um: side_um, ..whole };
                let rects: Vec<Rect> = (0..characters.len() as i32).map(square).collect();
                for (rect, syllable) in rects.iter().zip(syllables) {
                    let middle_um = rect.x_um + side_um / 2;
                    set.text(middle_um, y_um - 1_500, Type::new(3_900).centred(), syllable);
                }
                rects
            }
            _ => vec![whole],
        };
        let share = share(self.question, at);
        for (nth, rect) in rects.iter().enumerate() {
            let id = Part::id_of(self.id, set.parts.len());
            set.field(&id, "", shape, *rect);
            if shape == Shape::Square {
                set.marks.push(super::set::Mark::Guides(*rect));
            }
            let points = answers::divided(share, rects.len(), nth);
            set.parts.push(self.part(id, blank, nth, *rect, points));
        }
    }

    fn part(&self, id: String, blank: &Blank, nth: usize, rect: Rect, points: Score) -> Part {
        let options = self.question.options.len();
        answers::part(id, blank, nth, rect, points, self.style.sizes.form, options)
    }
}

/// The boxes of a fraction's numerator and denominator; draws the bar between them.
fn fraction_rects(x_um: i32, middle_um: i32, set: &mut Set) -> Vec<Rect> {
    let (width_um, height_um) = FRACTION_UM;
    set.marks.push(super::set::Mark::Bar { x_um, y_um: middle_um, length_um: width_um });
    let over_um = middle_um - FRACTION_GAP_UM - height_um;
    let box_at = |y_um| Rect { x_um, y_um, width_um, height_um };
    vec![box_at(over_um), box_at(middle_um + FRACTION_GAP_UM)]
}

/// A blank that stands before its stem, with the question's number after it.
fn is_bracketed(blank: &Blank) -> bool {
    matches!(blank.key, BlankKey::Letter(_) | BlankKey::TrueFalse(_))
}

/// The text of a line that is nothing but text.
fn trimmed(line: &Line<'_>) -> Option<String> {
    let mut text = String::new();
    for measured in &line.atoms {
        match &measured.atom {
            Atom::Text(word) => text.push_str(word),
            Atom::Space => text.push(' '),
            Atom::Fraction(..) | Atom::Blank(..) => return None,
        }
    }
    Some(text.trim().to_owned())
}
