//! Setting one question into its cell.

use super::svg::{Shape, Svg, Type, attribute};
use super::{Ask, Blank, Item};
use crate::{
    Accepted, Bubble, Comparison, Criterion, Field, Key, Kind, NumberForm, Part, Rect, Score,
    Written,
};

/// Expressions to be worked out: 16 points.
const EXPRESSION: Type = Type::new(5_600);
/// Sentences: 11 points and a half.
const SENTENCE: Type = Type::new(4_050);
/// From the cell's top to the first line of a sentence, so that brackets stand around it.
const FIRST_LINE_UM: i32 = 5_800;
/// From one line of a sentence to the next.
const LEADING_UM: i32 = 5_700;
/// From one line of a word problem to the next.
const PROBLEM_LEADING_UM: i32 = 8_000;
/// From a cell's left edge to its stem, where brackets stand before it.
const STEM_UM: i32 = 22_000;
/// What bubbles stand lower than a line of text would.
const BUBBLES_DROP_UM: i32 = 800;
/// Room for four figures as a pupil of nine writes them.
const NUMBER_HEIGHT_UM: i32 = 12_000;
const CIRCLE_UM: i32 = 10_000;
const BRACKETS_HEIGHT_UM: i32 = 8_600;
/// The space that such a pupil needs for a line of working.
const RULED_UM: i32 = 11_000;
const SCORE_WIDTH_UM: i32 = 14_000;
const SCORE_HEIGHT_UM: i32 = 10_000;
/// From one score box of a rubric to the next: a box, and two characters before it.
const SCORE_PITCH_UM: i32 = 26_000;
/// From a cell's left edge to the first box of a number, and how wide the box is.
const NUMBER_UM: i32 = 43_000;
const NUMBER_WIDTH_UM: i32 = 26_000;
/// From one box of several to the next: a box, and a unit after it.
const BLANK_PITCH_UM: i32 = NUMBER_WIDTH_UM + 12_000;

/// Where a question is set and what it is called there.
pub(super) struct Cell<'a> {
    pub(super) id: &'a str,
    /// The number printed before it, from 1 in each section.
    pub(super) number: usize,
    pub(super) rect: Rect,
}

impl Item {
    /// The height of the cell that the question needs.
    pub(super) fn height_um(&self) -> i32 {
        match &self.ask {
            Ask::Number { .. } | Ask::Numbers { .. } => NUMBER_HEIGHT_UM,
            Ask::Comparison { .. } => CIRCLE_UM,
            Ask::Letter { stem, options, .. } => {
                let rows = options.len().div_ceil(option_columns(options));
                sentences_height_um(stem.len() + rows).max(BRACKETS_HEIGHT_UM)
            }
            Ask::TrueFalse { .. } => BRACKETS_HEIGHT_UM,
            Ask::Choice { stem, .. } => sentences_height_um(stem.len() + 1) + BUBBLES_DROP_UM,
            Ask::Free { stem, ruled_lines, .. } => {
                ruled_top_um(stem.len()) + *ruled_lines as i32 * RULED_UM
            }
        }
    }

    /// Draws the question; returns its parts.
    pub(super) fn draw(&self, cell: &Cell<'_>, svg: &mut Svg) -> Result<Vec<Part>, &'static str> {
        let one = |field, kind, right| vec![self.part(cell, 0, field, kind, right)];
        Ok(match &self.ask {
            Ask::Number { before, after, form, right } => {
                let field = cell.number_field(before, after, svg);
                one(Field::Box(field), Kind::Number(*form), number(right)?)
            }
            Ask::Numbers { before, blanks } => self.numbers(cell, before, blanks, svg)?,
            Ask::Comparison { left, right_side, right } => {
                let field = cell.comparison(left, right_side, svg);
                let sign = Comparison::parse(&right.to_string());
                let sign = sign.ok_or("its answer is none of < > =")?;
                one(Field::Box(field), Kind::Comparison, Written::Comparison(sign))
            }
            Ask::Letter { stem, options, right } => {
                let field = cell.brackets(stem, svg);
                cell.options(stem.len(), options, svg);
                let options = letters(options).collect();
                one(Field::Bracket(field), Kind::Letter(options), Written::Letter(*right))
            }
            Ask::TrueFalse { statement, right } => {
                let field = cell.brackets(std::slice::from_ref(statement), svg);
                one(Field::Bracket(field), Kind::TrueFalse, Written::TrueFalse(*right))
            }
            Ask::Choice { stem, options, right } => {
                let bubbles = cell.bubbles(stem, options, svg);
                let right = Written::Choices([*right].into());
                one(Field::Bubbles(bubbles), Kind::Choice, right)
            }
            Ask::Free { stem, last_line, rubric, model_answer, .. } => {
                let points = format!("（{} 分）", self.points);
                let rect = cell.ruled(stem, &points, last_line, svg);
                let field = Field::Lines { rect, pitch_um: RULED_UM };
                let (key, score_box) = match rubric.as_slice() {
                    [] => (Key::None, Some(cell.score_box(0, "得分", "", svg))),
                    rubric => (Key::Rubric(cell.criteria(rubric, svg)), None),
                };
                let (id, model_answer) = (cell.id.to_owned(), model_answer.clone());
                let points = self.points;
                vec![Part { id, field, kind: Kind::Free, key, points, score_box, model_answer }]
            }
        })
    }

    /// The part at `at`, whose one right answer is `right`.
    fn part(&self, cell: &Cell<'_>, at: usize, field: Field, kind: Kind, right: Written) -> Part {
        Part {
            id: Part::id_of(cell.id, at),
            field,
            kind,
            key: Key::Accepted(Accepted::one(right)),
            points: self.points,
            score_box: None,
            model_answer: None,
        }
    }

    fn numbers(
        &self,
        cell: &Cell<'_>,
        before: &str,
        blanks: &[Blank],
        svg: &mut Svg,
    ) -> Result<Vec<Part>, &'static str> {
        let baseline_um = cell.expression(before, svg);
        let count = blanks.len().max(1) as u32;
        let mut parts = Vec::with_capacity(blanks.len());
        for ((at, blank), nth) in blanks.iter().enumerate().zip(0..) {
            let x_um = cell.rect.x_um + NUMBER_UM + nth * BLANK_PITCH_UM;
            let field = cell.number_box(x_um, &Part::id_of(cell.id, at), svg);
            svg.text(x_um + NUMBER_WIDTH_UM + 2_500, baseline_um, EXPRESSION, &blank.after);
            let right = number(&blank.right)?;
            let part = self.part(cell, at, Field::Box(field), Kind::Number(blank.form), right);
            let more = u32::from((at as u32) < self.points.0 % count);
            parts.push(Part { points: Score(self.points.0 / count + more), ..part });
        }
        Ok(parts)
    }
}

/// A number in decimal notation.
fn number(text: &str) -> Result<Written, &'static str> {
    let any = Kind::Number(NumberForm::Decimal);
    Written::parse(&any, text).ok_or("its answer is no decimal number")
}

impl Cell<'_> {
    /// `(1)  36 + 47 = [      ] 元`: the equals signs of a column stand under each other.
    fn number_field(&self, before: &str, after: &str, svg: &mut Svg) -> Rect {
        let baseline_um = self.expression(before, svg);
        let field = self.number_box(self.rect.x_um + NUMBER_UM, self.id, svg);
        svg.text(field.x_um + field.width_um + 2_500, baseline_um, EXPRESSION, after);
        field
    }

    /// `(1)  36 + 47 =`; returns the baseline.
    fn expression(&self, before: &str, svg: &mut Svg) -> i32 {
        let baseline_um = self.middle_um() + EXPRESSION.size_um * 35 / 100;
        self.number_in_brackets(baseline_um, svg);
        svg.text(self.rect.x_um + 40_000, baseline_um, EXPRESSION.to_the_left(), before);
        baseline_um
    }

    fn number_box(&self, x_um: i32, part: &str, svg: &mut Svg) -> Rect {
        let y_um = self.middle_um() - NUMBER_HEIGHT_UM / 2;
        let field = Rect { x_um, y_um, width_um: NUMBER_WIDTH_UM, height_um: NUMBER_HEIGHT_UM };
        svg.field(&attribute(part), Shape::Box, field);
        field
    }

    /// `(1)  4.2 ○ 3.9`: the circles of a column stand under each other.
    fn comparison(&self, left: &str, right: &str, svg: &mut Svg) -> Rect {
        let baseline_um = self.middle_um() + EXPRESSION.size_um * 35 / 100;
        self.number_in_brackets(baseline_um, svg);
        let field = Rect {
            x_um: self.rect.x_um + 40_000,
            y_um: self.middle_um() - CIRCLE_UM / 2,
            width_um: CIRCLE_UM,
            height_um: CIRCLE_UM,
        };
        svg.text(field.x_um - 3_000, baseline_um, EXPRESSION.to_the_left(), left);
        svg.field(&self.attribute(), Shape::Oval, field);
        svg.text(field.x_um + field.width_um + 3_000, baseline_um, EXPRESSION, right);
        field
    }

    /// `(    ) 1. She ____ a pupil.`
    fn brackets(&self, stem: &[String], svg: &mut Svg) -> Rect {
        let field =
            Rect { x_um: self.rect.x_um, y_um: self.rect.y_um, width_um: 14_000, height_um: 8_600 };
        svg.field(&self.attribute(), Shape::Brackets, field);
        let number = format!("{}.", self.number);
        let baseline_um = self.sentence_um(0);
        svg.text(self.rect.x_um + 20_500, baseline_um, SENTENCE.to_the_left(), &number);
        for (line, text) in stem.iter().enumerate() {
            svg.text(self.rect.x_um + STEM_UM, self.sentence_um(line), SENTENCE, text);
        }
        field
    }

    /// The options under a stem of that many lines.
    fn options(&self, stem_lines: usize, options: &[String], svg: &mut Svg) {
        let columns = option_columns(options);
        // A little narrower than the cell, so that the last option keeps clear of the next one.
        let pitch_um = (self.rect.width_um - STEM_UM - 3_000) / columns as i32;
        for (index, (letter, option)) in letters(options).zip(options).enumerate() {
            let x_um = self.rect.x_um + STEM_UM + (index % columns) as i32 * pitch_um;
            let baseline_um = self.sentence_um(stem_lines + index / columns);
            svg.text(x_um, baseline_um, SENTENCE, &format!("{letter}. {option}"));
        }
    }

    /// A stem, and under it a row of ovals to fill, each before its option.
    fn bubbles(&self, stem: &[String], options: &[String], svg: &mut Svg) -> Vec<Bubble> {
        let number = format!("{}.", self.number);
        svg.text(self.rect.x_um + 4_500, self.sentence_um(0), SENTENCE.to_the_left(), &number);
        for (line, text) in stem.iter().enumerate() {
            svg.text(self.rect.x_um + 6_000, self.sentence_um(line), SENTENCE, text);
        }
        let baseline_um = self.sentence_um(stem.len()) + BUBBLES_DROP_UM;
        let pitch_um = (self.rect.width_um - 6_000) / options.len().max(1) as i32;
        let mut bubbles = Vec::new();
        for ((letter, option), column) in letters(options).zip(options).zip(0..) {
            let rect = Rect {
                x_um: self.rect.x_um + 6_000 + column * pitch_um,
                y_um: baseline_um - 3_200,
                width_um: 5_200,
                height_um: 3_600,
            };
            let attributes = format!("{} data-bubble=\"{letter}\"", self.attribute());
            svg.field(&attributes, Shape::Oval, rect);
            let (middle_um, letter_um) = (rect.x_um + rect.width_um / 2, baseline_um - 500);
            let set = Type::new(2_700).centred().muted();
            svg.text(middle_um, letter_um, set, &letter.to_string());
            svg.text(rect.x_um + rect.width_um + 1_000, baseline_um, SENTENCE, option);
            bubbles.push(Bubble { letter, rect });
        }
        bubbles
    }

    /// Where the teacher writes points, in the cell's top right corner: the box at `place` from
    /// the right. `criterion` is the id of what they are for, empty for all of it.
    fn score_box(&self, place: usize, label: &str, criterion: &str, svg: &mut Svg) -> Rect {
        let right_um = self.rect.x_um + self.rect.width_um - place as i32 * SCORE_PITCH_UM;
        let rect = Rect {
            x_um: right_um - SCORE_WIDTH_UM,
            y_um: self.rect.y_um,
            width_um: SCORE_WIDTH_UM,
            height_um: SCORE_HEIGHT_UM,
        };
        let attributes = format!("{} data-score=\"{criterion}\"", self.attribute());
        svg.field(&attributes, Shape::Box, rect);
        let set = Type::new(3_400).to_the_left().muted();
        svg.text(rect.x_um - 1_800, rect.y_um + 6_200, set, label);
        rect
    }

    /// A score box for each criterion, in order from the left.
    fn criteria(&self, rubric: &[(String, Score)], svg: &mut Svg) -> Vec<Criterion> {
        let count = rubric.len();
        let criterion = |(at, (text, points)): (usize, &(String, Score))| {
            let id = Criterion::id_of(at);
            let label = format!("{text} {points}");
            let score_box = Some(self.score_box(count - 1 - at, &label, &id, svg));
            Criterion { id, text: text.clone(), points: *points, score_box }
        };
        rubric.iter().enumerate().map(criterion).collect()
    }

    /// A stem, and under it ruled space down to the end of the cell.
    fn ruled(&self, stem: &[String], points: &str, last_line: &str, svg: &mut Svg) -> Rect {
        let set = Type::new(4_900);
        svg.text(self.rect.x_um, self.rect.y_um + 6_500, set, &format!("{}.", self.number));
        for (line, text) in stem.iter().enumerate() {
            let tail = if line + 1 == stem.len() { points } else { "" };
            let baseline_um = self.rect.y_um + 6_500 + line as i32 * PROBLEM_LEADING_UM;
            svg.text(self.rect.x_um + 7_000, baseline_um, set, &format!("{text}{tail}"));
        }
        let y_um = self.rect.y_um + ruled_top_um(stem.len());
        let lines = (self.rect.y_um + self.rect.height_um - y_um) / RULED_UM;
        let height_um = lines * RULED_UM;
        let field = Rect { x_um: self.rect.x_um, y_um, width_um: self.rect.width_um, height_um };
        for line in 1..lines {
            svg.rule(field.x_um + 4_000, y_um + line * RULED_UM, field.width_um - 8_000, 150);
        }
        let last_um = y_um + height_um - 3_500;
        svg.text(field.x_um + 5_000, last_um, Type::new(4_900).muted(), last_line);
        svg.field(&self.attribute(), Shape::Box, field);
        field
    }

    fn number_in_brackets(&self, baseline_um: i32, svg: &mut Svg) {
        let number = format!("({})", self.number);
        svg.text(self.rect.x_um + 1_000, baseline_um, SENTENCE.muted(), &number);
    }

    /// The baseline of a sentence's line, counted from 0.
    fn sentence_um(&self, line: usize) -> i32 {
        self.rect.y_um + FIRST_LINE_UM + line as i32 * LEADING_UM
    }

    fn middle_um(&self) -> i32 {
        self.rect.y_um + self.rect.height_um / 2
    }

    /// Ties the element to its part: whoever reads the artwork finds the field by it.
    fn attribute(&self) -> String {
        attribute(self.id)
    }
}

/// The letters of so many options, from A.
pub(super) fn letters(options: &[String]) -> impl Iterator<Item = char> {
    ('A'..='Z').take(options.len())
}

/// Short options stand in one row, others two and two.
fn option_columns(options: &[String]) -> usize {
    let is_short = |option: &String| option.chars().count() <= 5;
    if options.iter().all(is_short) { 4 } else { 2 }
}

/// The height of so many lines of sentences, descenders included.
fn sentences_height_um(lines: usize) -> i32 {
    FIRST_LINE_UM + (lines as i32 - 1) * LEADING_UM + 1_300
}

/// From a word problem's top to its ruled space.
fn ruled_top_um(stem_lines: usize) -> i32 {
    6_500 + (stem_lines as i32 - 1) * PROBLEM_LEADING_UM + 7_000
}
