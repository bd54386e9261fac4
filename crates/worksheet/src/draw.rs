//! Drawing a sheet: from what a teacher asks to a worksheet with its artwork.
//!
//! A [`Sheet`] says what is asked, section by section; [`Sheet::draw`] numbers the questions, lays
//! them out on A4 paper and returns a [`Worksheet`] whose fields lie where they are drawn, because
//! both come from the same rectangle. Lines of text are broken by the author: no font is measured
//! here, since the printer's and the reader's may differ. `examples/draw-samples` has three sheets.

mod item;
pub(crate) mod paper;
pub(crate) mod svg;

#[cfg(test)]
mod tests;

use item::{Cell, letters};
use paper::{BOTTOM_UM, MARGIN_UM, PAGE_HEIGHT_UM, PAGE_WIDTH_UM, Paper, WIDTH_UM, ordinal};
use svg::{Svg, Type};

use crate::{
    Credit, KnowledgePoint, NumberForm, Page, Question, Rect, Score, Worksheet, WorksheetError,
    WorksheetId,
};

/// From one line of a passage to the next.
const PASSAGE_LEADING_UM: i32 = 6_300;
/// The most sections of a sheet.
const SECTIONS_MAX: u32 = 8;

/// A sheet as its author thinks of it.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Its name and version.
    pub id: WorksheetId,
    /// Title in Chinese, printed.
    pub title_zh: String,
    /// Title in English, for listings.
    pub title_en: String,
    /// `math`, `english`, …
    pub subject: String,
    /// School grade, 1–12.
    pub grade: u8,
    /// The school's name, printed above the title.
    pub school: String,
    /// Printed at the foot of each page.
    pub motto: String,
    /// The sections of each page.
    pub pages: Vec<Vec<Section>>,
    /// Every point that an item names.
    pub knowledge_points: Vec<KnowledgePoint>,
}

/// A heading and the questions under it; numbered 一、二、… through the sheet.
#[derive(Clone, Debug)]
pub struct Section {
    /// What is to be done, without number and points: both are added.
    pub heading: String,
    /// The lines of a text that the questions are about; often none.
    pub passage: Vec<String>,
    /// How many questions stand beside each other, at least 1.
    pub columns: usize,
    /// Between one row of questions and the next; half of it above the first and under the last.
    pub gap_um: i32,
    /// In printed order: along the rows.
    pub items: Vec<Item>,
}

/// One question of a section.
#[derive(Clone, Debug)]
pub struct Item {
    /// Points for a right response.
    pub points: Score,
    /// At least one.
    pub knowledge_points: Vec<String>,
    /// What is asked and what is right.
    pub ask: Ask,
}

/// What is asked, in printed lines, and what is right.
#[derive(Clone, Debug)]
pub enum Ask {
    /// A number in a box, as in `3 元 5 角 = [ ] 元`.
    Number {
        /// Printed before the box, to the equals sign.
        before: String,
        /// Printed after the box; a unit or nothing.
        after: String,
        /// How the number may be written.
        form: NumberForm,
        /// In decimal notation.
        right: String,
    },
    /// Several numbers in boxes, as in `4.5 元 = [ ] 元 [ ] 角`. It takes a row of its own, and its
    /// points are shared out evenly, the first blanks getting the remainder.
    Numbers {
        /// Printed before the first box, to the equals sign.
        before: String,
        /// In printed order.
        blanks: Vec<Blank>,
    },
    /// `<`, `>` or `=` in a circle between two expressions.
    Comparison {
        /// Printed before the circle.
        left: String,
        /// Printed after the circle.
        right_side: String,
        /// The right sign.
        right: char,
    },
    /// A letter written in brackets.
    Letter {
        /// The question's lines.
        stem: Vec<String>,
        /// Two to seven, lettered from A.
        options: Vec<String>,
        /// The right letter.
        right: char,
    },
    /// √ or × written in brackets.
    TrueFalse {
        /// What is true or false.
        statement: String,
        /// `true` for √.
        right: bool,
    },
    /// One of several ovals to be filled.
    Choice {
        /// The question's lines.
        stem: Vec<String>,
        /// Lettered from A.
        options: Vec<String>,
        /// The right letter.
        right: char,
    },
    /// Ruled space for working, and a box for the teacher's points.
    Free {
        /// The question's lines.
        stem: Vec<String>,
        /// How many lines there are to write on.
        ruled_lines: u32,
        /// Printed at the head of the last ruled line, such as `答：`.
        last_line: String,
        /// What a person gives points for, each with a score box: a few words and points that add
        /// up to the item's. Empty: one score box for all of it.
        rubric: Vec<(String, Score)>,
        /// What a good answer looks like; it is not printed.
        model_answer: Option<String>,
    },
}

/// One box of [`Ask::Numbers`].
#[derive(Clone, Debug)]
pub struct Blank {
    /// How the number may be written.
    pub form: NumberForm,
    /// In decimal notation.
    pub right: String,
    /// Printed after the box; a unit or nothing.
    pub after: String,
}

impl Sheet {
    /// Lays the sheet out.
    ///
    /// # Errors
    /// When a page is too full, or an item contradicts itself.
    pub fn draw(&self) -> Result<Worksheet, WorksheetError> {
        let mut worksheet = Worksheet {
            id: self.id.clone(),
            title_zh: self.title_zh.clone(),
            title_en: self.title_en.clone(),
            subject: self.subject.clone(),
            grade: self.grade,
            pages: Vec::new(),
            questions: Vec::new(),
            knowledge_points: self.knowledge_points.clone(),
        };
        let paper = Paper { school: &self.school, title: &self.title_zh, motto: &self.motto };
        let mut numbers = 1..=SECTIONS_MAX;
        for (number, sections) in (1..).zip(&self.pages) {
            let label = format!("{}，第 {number} 页", self.title_zh);
            let mut svg = Svg::new(PAGE_WIDTH_UM, PAGE_HEIGHT_UM, &label);
            let mut y_um =
                if number == 1 { paper.head(&mut svg) } else { paper.running_head(&mut svg) };
            for section in sections {
                let Some(section_number) = numbers.next() else {
                    let most = format!("a sheet has at most {SECTIONS_MAX} sections");
                    return Err(WorksheetError::Worksheet(most));
                };
                let ordinal = ordinal(section_number as usize);
                let named = (section_number, ordinal.as_str());
                y_um = section.draw(number, named, y_um, &mut svg, &mut worksheet.questions)?;
            }
            if y_um > BOTTOM_UM {
                let over_mm = (y_um - BOTTOM_UM) / 1000 + 1;
                let reason = format!("page {number} is {over_mm} mm too full: lower `gap_um`");
                return Err(WorksheetError::Worksheet(reason));
            }
            paper.foot(number, self.pages.len(), &mut svg);
            worksheet.pages.push(Page {
                number,
                width_um: PAGE_WIDTH_UM,
                height_um: PAGE_HEIGHT_UM,
                artwork: svg.finish(),
            });
        }
        worksheet.check()?;
        Ok(worksheet)
    }
}

impl Section {
    /// Draws the section from `y_um` down and appends its questions; returns where it ends.
    fn draw(
        &self,
        page: u32,
        (section, ordinal): (u32, &str),
        y_um: i32,
        svg: &mut Svg,
        questions: &mut Vec<Question>,
    ) -> Result<i32, WorksheetError> {
        let baseline_um = y_um + 9_500;
        let heading = format!("{ordinal}、{}", self.heading);
        svg.heading(MARGIN_UM, baseline_um, &heading, &self.points_note());
        let mut row_um = self.draw_passage(baseline_um + 4_000, svg) + self.gap_um / 2;
        let columns = self.columns.max(1);
        let mut number = 0;
        for items in self.rows() {
            let height_um = items.iter().map(Item::height_um).max().unwrap_or(0);
            for (column, item) in items.iter().enumerate() {
                number += 1;
                let id = format!("{section}-{number}");
                let whole = matches!(item.ask, Ask::Numbers { .. });
                let width_um = if whole { WIDTH_UM } else { WIDTH_UM / columns as i32 };
                let x_um = MARGIN_UM + column as i32 * width_um;
                let rect = Rect { x_um, y_um: row_um, width_um, height_um };
                let parts = item.draw(&Cell { id: &id, number, rect }, svg);
                let parts = parts.map_err(|reason| WorksheetError::Question {
                    question: id.clone(),
                    reason: reason.to_owned(),
                })?;
                questions.push(Question {
                    id,
                    page,
                    label: format!("{ordinal}({number})"),
                    prompt: item.ask.prompt(),
                    knowledge_points: item.knowledge_points.clone(),
                    parts,
                    credit: Credit::default(),
                });
            }
            row_um += height_um + self.gap_um;
        }
        Ok(row_um - self.gap_um / 2)
    }

    /// The items of each row: as many as there are columns, or one that takes the row for itself.
    fn rows(&self) -> impl Iterator<Item = &[Item]> {
        let is_wide = |item: &Item| matches!(item.ask, Ask::Numbers { .. });
        let runs = self.items.chunk_by(move |a, b| !is_wide(a) && !is_wide(b));
        runs.flat_map(|run| run.chunks(self.columns.max(1)))
    }

    /// `（每题 5 分，共 50 分）`, or the sum alone where questions differ.
    fn points_note(&self) -> String {
        let sum = Score(self.items.iter().map(|item| item.points.0).sum());
        match self.items.first() {
            Some(first) if self.items.iter().all(|item| item.points == first.points) => {
                format!("（每题 {} 分，共 {sum} 分）", first.points)
            }
            _ => format!("（共 {sum} 分）"),
        }
    }

    /// The passage in a frame; returns where the questions begin.
    fn draw_passage(&self, top_um: i32, svg: &mut Svg) -> i32 {
        if self.passage.is_empty() {
            return top_um;
        }
        let height_um = self.passage.len() as i32 * PASSAGE_LEADING_UM + 4_000;
        svg.frame(Rect { x_um: MARGIN_UM, y_um: top_um, width_um: WIDTH_UM, height_um });
        for (line, text) in (1..).zip(&self.passage) {
            let baseline_um = top_um + line * PASSAGE_LEADING_UM;
            svg.text(MARGIN_UM + 5_000, baseline_um, Type::new(4_050), text);
        }
        top_um + height_um + 4_000
    }
}

impl Ask {
    /// What is asked, as one line of text.
    fn prompt(&self) -> String {
        let with_options = |stem: &[String], options: &[String]| {
            let options = letters(options).zip(options).map(|(l, text)| format!("  {l}. {text}"));
            stem.join(" ") + &options.collect::<String>()
        };
        match self {
            Self::Number { before, after, .. } if after.is_empty() => before.clone(),
            Self::Number { before, after, .. } => format!("{before} ( ) {after}"),
            Self::Numbers { before, blanks } => {
                let blank = |blank: &Blank| match blank.after.as_str() {
                    "" => " ( )".to_owned(),
                    after => format!(" ( ) {after}"),
                };
                blanks.iter().map(blank).fold(before.clone(), |prompt, blank| prompt + &blank)
            }
            Self::Comparison { left, right_side, .. } => format!("{left} ○ {right_side}"),
            Self::Letter { stem, options, .. } | Self::Choice { stem, options, .. } => {
                with_options(stem, options)
            }
            Self::TrueFalse { statement, .. } => statement.clone(),
            Self::Free { stem, .. } => stem.concat(),
        }
    }
}
