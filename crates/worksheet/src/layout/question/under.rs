//! What stands under a stem: options, bubbles, and space for a free answer.

use std::collections::BTreeSet;

use super::{PICTURE_GAP_UM, STEM_UM, Setting};
use crate::draw::svg::{Shape, Type};
use crate::layout::set::{Mark, Set};
use crate::layout::text_lines;
use crate::measure::width_um;
use crate::text::{Space, SpaceForm, Wrong};
use crate::{Accepted, Bubble, Criterion, Field, Key, Kind, Part, Rect, Score, Steps, Written};

/// Between the stem and what stands under it.
const UNDER_UM: i32 = 2_200;
/// From one line of options to the next, as a multiple of a tenth of their type.
const OPTION_TENTHS: i32 = 17;
/// A bubble is filled with a few strokes.
const BUBBLE_UM: (i32, i32) = (5_200, 3_600);
/// The space that a pupil of nine needs for a line of working.
const RULED_UM: i32 = 11_000;
/// How wide a box for figures under each other is.
const COLUMN_UM: i32 = 60_000;
/// Where the teacher writes points.
const SCORE_UM: (i32, i32) = (14_000, 10_000);
const SCORE_LABEL: Type = Type::new(3_400);

impl Setting<'_> {
    pub(super) fn under(&self, indent_um: i32, room_um: i32, set: &mut Set) -> Result<(), Wrong> {
        match (&self.question.bubbles, &self.question.space) {
            (Some(letters), _) => self.bubbles(letters, indent_um, room_um, set),
            (None, Some(space)) => self.space(space, set),
            (None, None) => self.options(indent_um, room_um, set),
        }
    }

    /// Sets the options in rows; `mark_um` is what stands before the text of each. Calls `mark` with
    /// the letter, the left edge and the baseline of each.
    fn option_rows(
        &self,
        (indent_um, room_um): (i32, i32),
        mark_um: i32,
        set: &mut Set,
        mut mark: impl FnMut(&mut Set, char, i32, i32),
    ) -> Result<(), Wrong> {
        let options = &self.question.options;
        let size_um = self.style.size_um;
        let leading_um = size_um * OPTION_TENTHS / 10;
        let widths = options.iter().map(|option| width_um(&option.text, size_um) + size_um);
        let widest_um = widths.max().unwrap_or(0) + mark_um;
        // All of them in a row if they fit, else four, two, or one under the other.
        let columns = [options.len(), 4, 2].into_iter().filter(|count| *count <= options.len());
        let columns =
            columns.into_iter().find(|count| widest_um * *count as i32 <= room_um).unwrap_or(1);
        let pitch_um = room_um / columns as i32;
        let mut y_um = set.height_um + UNDER_UM;
        let lettered: Vec<_> = ('A'..).zip(options).collect();
        for row in lettered.chunks(columns) {
            let mut lines_most = 1;
            for ((letter, option), column) in row.iter().zip(0..) {
                let x_um = self.x_um + indent_um + column * pitch_um;
                mark(set, *letter, x_um, y_um + size_um);
                let lines = text_lines(&option.text, size_um, pitch_um - mark_um);
                let lines = lines.ok_or(Wrong::TooWide)?;
                lines_most = lines_most.max(lines.len() as i32);
                for (line, text) in (0..).zip(lines) {
                    let baseline_um = y_um + size_um + line * leading_um;
                    set.text(x_um + mark_um, baseline_um, Type::new(size_um), text);
                }
            }
            y_um += lines_most * leading_um;
        }
        set.height_um = y_um;
        Ok(())
    }

    fn options(&self, indent_um: i32, room_um: i32, set: &mut Set) -> Result<(), Wrong> {
        if self.question.options.is_empty() {
            return Ok(());
        }
        let size = Type::new(self.style.size_um);
        let mark_um = self.style.size_um * 14 / 10;
        self.option_rows((indent_um, room_um), mark_um, set, |set, letter, x_um, y_um| {
            set.text(x_um, y_um, size, format!("{letter}."));
        })
    }

    /// Ovals to be filled, each before its option.
    fn bubbles(
        &self,
        letters: &BTreeSet<char>,
        indent_um: i32,
        room_um: i32,
        set: &mut Set,
    ) -> Result<(), Wrong> {
        let mut bubbles = Vec::new();
        let (width_um, height_um) = BUBBLE_UM;
        let middle_um = self.style.size_um * 35 / 100;
        let place = (indent_um, room_um);
        self.option_rows(place, width_um + 1_400, set, |set, letter, x_um, baseline_um| {
            let y_um = baseline_um - middle_um - height_um / 2;
            let rect = Rect { x_um, y_um, width_um, height_um };
            set.field(self.id, &format!(" data-bubble=\"{letter}\""), Shape::Oval, rect);
            let (x_um, y_um) = (x_um + width_um / 2, y_um + height_um / 2 + 950);
            set.text(x_um, y_um, Type::new(2_700).centred().muted(), letter);
            bubbles.push(Bubble { letter, rect });
        })?;
        let kind = if letters.len() == 1 { Kind::Choice } else { Kind::Choices };
        set.parts.push(Part {
            id: self.id.to_owned(),
            field: Field::Bubbles(bubbles),
            kind,
            key: Key::Accepted(Accepted::one(Written::Choices(letters.clone()))),
            points: self.question.points,
            score_box: None,
            model_answer: None,
        });
        Ok(())
    }

    /// Score boxes, and under them lines or squares to write on.
    fn space(&self, space: &Space, set: &mut Set) -> Result<(), Wrong> {
        // A picture may stand beside the stem, and nothing under it but paper.
        if let (Some(asked), Some(picture)) = (&self.question.picture, self.picture) {
            let ratio = picture.height / picture.width;
            let height_um = (f64::from(asked.width_mm) * 1000.0 * ratio) as i32;
            set.height_um = set.height_um.max(height_um + PICTURE_GAP_UM / 2);
        }
        if let (SpaceForm::Steps(lines), Some(steps)) = (space.form, &space.steps) {
            set.height_um += UNDER_UM;
            let field = self.ruled(set.height_um, lines as i32, "", set);
            set.parts.push(Part {
                id: self.id.to_owned(),
                field,
                kind: Kind::Steps,
                key: Key::Accepted(Accepted::one(Written::Steps(steps.clone()))),
                points: self.question.points,
                score_box: None,
                model_answer: None,
            });
            return Ok(());
        }
        if let (SpaceForm::Column(rows), Some(steps)) = (space.form, &space.steps) {
            return self.column(rows as i32, steps, set);
        }
        match space.form {
            SpaceForm::Pairs => return self.pairs(&space.pairs, set),
            SpaceForm::Order => return self.order(space, set),
            _ => {}
        }
        let id = self.id;
        let (key, score_box) = match space.rubric.as_slice() {
            [] => (Key::None, Some(self.score_boxes(&[("得分".into(), Score(0))], set)?.remove(0))),
            rubric => {
                let boxes = self.score_boxes(rubric, set)?;
                let criterion =
                    |(at, ((text, points), rect)): (usize, (&(String, Score), Rect))| {
                        let (id, text) = (Criterion::id_of(at), text.clone());
                        Criterion { id, text, points: *points, score_box: Some(rect) }
                    };
                let criteria = rubric.iter().zip(boxes).enumerate().map(criterion).collect();
                (Key::Rubric(criteria), None)
            }
        };
        let top_um = set.height_um;
        let field = match space.form {
            SpaceForm::Lines(lines) | SpaceForm::Steps(lines) => {
                self.ruled(top_um, lines as i32, self.style.last_line, set)
            }
            SpaceForm::Pairs | SpaceForm::Order | SpaceForm::Column(_) => return Ok(()),
            SpaceForm::Squares(rows) => self.squares(top_um, rows as i32, set),
        };
        let model_answer = space.model_answer.clone();
        let (id, points) = (id.to_owned(), self.question.points);
        set.parts.push(Part { id, field, kind: Kind::Free, key, points, score_box, model_answer });
        Ok(())
    }

    /// Score boxes in a row of their own, to the right; a criterion without points is all of it.
    fn score_boxes(&self, rubric: &[(String, Score)], set: &mut Set) -> Result<Vec<Rect>, Wrong> {
        let labels: Vec<String> = rubric
            .iter()
            .map(|(text, points)| match points.0 {
                0 => text.clone(),
                _ => format!("{text} {points}"),
            })
            .collect();
        let pitch = |label: &String| width_um(label, 3_400) + 2_000 + SCORE_UM.0 + 4_000;
        let all_um: i32 = labels.iter().map(pitch).sum();
        if all_um > self.style.column_um {
            return Err(Wrong::TooWide);
        }
        let mut x_um = self.x_um + self.style.column_um - all_um + 4_000;
        let y_um = set.height_um + UNDER_UM;
        let mut boxes = Vec::new();
        for (at, (label, (_, points))) in labels.iter().zip(rubric).enumerate() {
            let label_um = width_um(label, 3_400);
            set.text(x_um, y_um + 6_200, SCORE_LABEL.muted(), label.clone());
            let x_box_um = x_um + label_um + 2_000;
            let (width_um, height_um) = SCORE_UM;
            let rect = Rect { x_um: x_box_um, y_um, width_um, height_um };
            let criterion = if points.0 == 0 { String::new() } else { Criterion::id_of(at) };
            set.field(self.id, &format!(" data-score=\"{criterion}\""), Shape::Box, rect);
            boxes.push(rect);
            x_um += pitch(label);
        }
        set.height_um = y_um + SCORE_UM.1 + UNDER_UM;
        Ok(boxes)
    }

    /// A box for figures under each other. Nothing reads a long division: it is shown to a person.
    fn column(&self, rows: i32, steps: &Steps, set: &mut Set) -> Result<(), Wrong> {
        let (x_um, y_um) = (self.x_um + STEM_UM, set.height_um + UNDER_UM);
        let width_um = COLUMN_UM.min(self.style.column_um - STEM_UM);
        let rect = Rect { x_um, y_um, width_um, height_um: rows * RULED_UM };
        set.field(self.id, "", Shape::Box, rect);
        set.height_um = y_um + rect.height_um;
        let text = steps.to_string();
        let (kind, answer) = match text.contains('÷') {
            true => (Kind::Expression, Written::Expression(text)),
            false => (Kind::Column, Written::Steps(steps.clone())),
        };
        set.parts.push(Part {
            id: self.id.to_owned(),
            field: Field::Area(rect),
            kind,
            key: Key::Accepted(Accepted::one(answer)),
            points: self.question.points,
            score_box: None,
            model_answer: None,
        });
        Ok(())
    }

    fn ruled(&self, y_um: i32, lines: i32, last_line: &str, set: &mut Set) -> Field {
        let (x_um, width_um) = (self.x_um, self.style.column_um);
        let rect = Rect { x_um, y_um, width_um, height_um: lines * RULED_UM };
        for line in 1..lines {
            let (x_um, length_um) = (x_um + 4_000, width_um - 8_000);
            set.marks.push(Mark::Rule { x_um, y_um: y_um + line * RULED_UM, length_um });
        }
        if !last_line.is_empty() {
            let last_um = y_um + rect.height_um - 3_500;
            set.text(x_um + 5_000, last_um, Type::new(4_900).muted(), last_line);
        }
        set.field(self.id, "", Shape::Box, rect);
        set.height_um = y_um + rect.height_um;
        Field::Lines { rect, pitch_um: RULED_UM }
    }

    /// Rows of 田字格 from one side of the column to the other.
    fn squares(&self, y_um: i32, rows: i32, set: &mut Set) -> Field {
        let side_um = self.style.sizes.square_um;
        let columns = (self.style.column_um - STEM_UM) / side_um;
        let x_um = self.x_um + STEM_UM;
        // Rows stand apart by what pinyin would take.
        let pitch_um = side_um + 2_500;
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)))
        {
            let rect = Rect {
                x_um: x_um + column * side_um,
                y_um: y_um + row * pitch_um,
                width_um: side_um,
                height_um: side_um,
            };
            set.marks.push(Mark::Guides(rect));
            set.marks.push(Mark::Square(rect));
        }
        let height_um = rows * pitch_um - 2_500;
        let rect = Rect { x_um, y_um, width_um: columns * side_um, height_um };
        set.field(self.id, "", Shape::Square, rect);
        set.height_um = y_um + height_um;
        Field::Area(rect)
    }
}
