//! Laying a draft out: from a text to a worksheet with artwork, fields and key.
//!
//! The same draft gives the same bytes on every machine: nothing is measured but by the table of
//! `measure`. Fields lie where they are drawn, because both come from one rectangle. No question is
//! cut by the end of a page, and no heading stands at the foot of one.

mod flow;
mod picture;
mod question;
mod set;
mod sizes;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::draw::paper::{
    BOTTOM_UM, MARGIN_UM, PAGE_HEIGHT_UM, PAGE_WIDTH_UM, Paper, WIDTH_UM, ordinal,
};
use crate::draw::svg::{Svg, Type};
use crate::measure::width_um;
use crate::text::{Draft, Fault, PictureFault, Piece, Place, Section, Worth, Wrong};
use crate::{Framework, Page, Question, Rect, Score, Worksheet};
use picture::Measured;
use question::{Setting, Style, credit};
use set::{Mark, Set};

/// Where the questions of a page after the first begin, at the earliest.
const TOP_UM: i32 = 22_000;
/// Between two columns.
const GUTTER_UM: i32 = 4_000;

/// How wide each of so many columns is.
fn column_um(columns: usize) -> i32 {
    let columns = columns.max(1) as i32;
    (WIDTH_UM - (columns - 1) * GUTTER_UM) / columns
}
/// Headings, in a Song face.
const HEADING_UM: i32 = 4_900;
const NOTE_UM: i32 = 4_400;
/// Text that questions are about.
const PASSAGE_UM: i32 = 4_400;
const PASSAGE_LEADING_UM: i32 = 7_400;

/// A row of the sheet: what stands side by side, and breaks to no two pages.
struct Row {
    sets: Vec<(Set, Option<Asked>)>,
    /// Above it, unless it begins a page.
    gap_um: i32,
    height_um: i32,
    /// A heading stays with what follows.
    stays: bool,
    /// What it is in the text.
    place: Place,
}

/// What a worksheet says of a question, but for its parts.
struct Asked {
    id: String,
    label: String,
    question: crate::text::Question,
}

impl Draft {
    /// Reads a text and lays it out. `picture` gives the bytes of a file beside the text.
    ///
    /// # Errors
    /// Every fault of the text, in the order of their places.
    pub fn build(
        text: &str,
        framework: &Framework,
        picture: impl FnMut(&str) -> Option<Vec<u8>>,
    ) -> Result<Worksheet, Vec<Fault>> {
        Self::parse(text, framework)?.lay_out(framework, picture)
    }

    /// Lays the draft out.
    ///
    /// # Errors
    /// What is too wide or too high, and pictures that cannot be used, with their places.
    pub fn lay_out(
        &self,
        framework: &Framework,
        picture: impl FnMut(&str) -> Option<Vec<u8>>,
    ) -> Result<Worksheet, Vec<Fault>> {
        let mut faults = Vec::new();
        let pictures = self.read_pictures(picture, &mut faults);
        let mut rows = Vec::new();
        for (number, section) in (1..).zip(&self.sections) {
            self.section(number, section, &pictures, &mut rows, &mut faults);
        }
        for row in &rows {
            if row.height_um > BOTTOM_UM - TOP_UM {
                faults.push(Fault { place: row.place, wrong: Wrong::TooHigh });
            }
        }
        if !faults.is_empty() {
            faults.sort_by_key(|fault| fault.place);
            return Err(faults);
        }
        let worksheet = self.pages(rows, framework);
        worksheet.check().map_err(|error| {
            let place = Place { line: 1, column: 1 };
            vec![Fault { place, wrong: Wrong::Worksheet(error.to_string()) }]
        })?;
        Ok(worksheet)
    }

    /// Every picture that is named, once.
    fn read_pictures(
        &self,
        mut picture: impl FnMut(&str) -> Option<Vec<u8>>,
        faults: &mut Vec<Fault>,
    ) -> BTreeMap<String, Measured> {
        let mut pictures = BTreeMap::new();
        let named = self.sections.iter().flat_map(|section| &section.questions);
        for asked in named.filter_map(|question| question.picture.as_ref()) {
            if pictures.contains_key(&asked.file) {
                continue;
            }
            let bytes = picture(&asked.file).ok_or(PictureFault::Missing);
            match bytes.and_then(|bytes| picture::read(&bytes)) {
                Ok(sized) => drop(pictures.insert(asked.file.clone(), sized)),
                Err(fault) => {
                    let wrong = Wrong::Picture(asked.file.clone(), fault);
                    faults.push(Fault { place: asked.place, wrong });
                }
            }
        }
        pictures
    }

    /// Sets a section's heading, passage and questions.
    fn section(
        &self,
        number: usize,
        section: &Section,
        pictures: &BTreeMap<String, Measured>,
        rows: &mut Vec<Row>,
        faults: &mut Vec<Fault>,
    ) {
        let alone = |set: Set, gap_um, stays| {
            let height_um = set.height_um;
            Row { sets: vec![(set, None)], gap_um, height_um, stays, place: section.place }
        };
        match heading(number, section) {
            Some(set) => rows.push(alone(set, 6_500, true)),
            None => faults.push(Fault { place: section.place, wrong: Wrong::TooWide }),
        }
        if !section.passage.is_empty() {
            match passage(&section.passage) {
                Some(set) => rows.push(alone(set, 3_500, true)),
                None => faults.push(Fault { place: section.place, wrong: Wrong::TooWide }),
            }
        }
        let last_line = if self.subject == "math" { "答：" } else { "" };
        let section = &self.typeset(section);
        let (columns, style) = Style::of(section, self.grade, last_line);
        let column_um = style.column_um;
        let gap_um = if style.sum_um.is_some() { 5_500 } else { 5_000 };
        let mut first = true;
        let questions: Vec<(usize, &crate::text::Question)> =
            (1..).zip(&section.questions).collect();
        for beside in questions.chunks(columns) {
            let mut row = Row {
                sets: Vec::new(),
                gap_um: if first { 4_000 } else { gap_um },
                height_um: 0,
                stays: false,
                place: beside[0].1.place,
            };
            first = false;
            for ((nth, question), column) in beside.iter().zip(0..) {
                let id = format!("{number}-{nth}");
                let picture = question.picture.as_ref().and_then(|p| pictures.get(&p.file));
                let x_um = MARGIN_UM + column * (column_um + GUTTER_UM);
                let setting =
                    Setting { question, id: &id, number: *nth, x_um, style: &style, picture };
                match setting.set() {
                    Ok(set) => {
                        row.height_um = row.height_um.max(set.height_um);
                        let label = format!("{}({nth})", ordinal(number));
                        let question = (*question).clone();
                        row.sets.push((set, Some(Asked { id, label, question })));
                    }
                    Err(wrong) => faults.push(Fault { place: question.place, wrong }),
                }
            }
            rows.push(row);
        }
    }

    /// A section whose sums are spaced as they are printed.
    fn typeset(&self, section: &Section) -> Section {
        let mut section = section.clone();
        if self.subject == "math" {
            for question in &mut section.questions {
                let is_operand =
                    |piece: &Piece| matches!(piece, Piece::Fraction(..) | Piece::Blank(_));
                let operands: Vec<bool> = question.stem.iter().map(is_operand).collect();
                for (at, piece) in question.stem.iter_mut().enumerate() {
                    if let Piece::Text(text) = piece {
                        let before = at > 0 && operands[at - 1];
                        let after = operands.get(at + 1).is_some_and(|operand| *operand);
                        *text = spaced(text, before, after);
                    }
                }
            }
        }
        section
    }

    /// Places rows on pages.
    fn pages(&self, rows: Vec<Row>, framework: &Framework) -> Worksheet {
        let mut worksheet = Worksheet {
            id: self.id.clone(),
            title_zh: self.title_zh.clone(),
            title_en: self.title_en.clone(),
            subject: self.subject.clone(),
            grade: self.grade,
            pages: Vec::new(),
            questions: Vec::new(),
            knowledge_points: Vec::new(),
        };
        let paper = Paper { school: &self.school, title: &self.title_zh, motto: &self.motto };
        let pages = broken(rows);
        let count = pages.len();
        for (number, rows) in (1..).zip(pages) {
            let label = format!("{}，第 {number} 页", self.title_zh);
            let mut svg = Svg::new(PAGE_WIDTH_UM, PAGE_HEIGHT_UM, &label);
            let mut y_um =
                if number == 1 { paper.head(&mut svg) } else { paper.running_head(&mut svg) };
            for (row, gap_um) in rows {
                y_um += gap_um;
                for (set, asked) in row.sets {
                    let parts = set.place(y_um, &mut svg);
                    let Some(Asked { id, label, question }) = asked else { continue };
                    worksheet.questions.push(Question {
                        id,
                        page: number,
                        label,
                        prompt: question.prompt(),
                        credit: credit(&question, parts.len()),
                        knowledge_points: question.knowledge_points,
                        parts,
                    });
                }
                y_um += row.height_um;
            }
            paper.foot(number, count, &mut svg);
            let (width_um, height_um) = (PAGE_WIDTH_UM, PAGE_HEIGHT_UM);
            worksheet.pages.push(Page { number, width_um, height_um, artwork: svg.finish() });
        }
        let named = worksheet.questions.iter().flat_map(|q| &q.knowledge_points);
        worksheet.knowledge_points = framework.with_parents(named.map(String::as_str));
        worksheet
    }
}

/// Rows by page, each with the gap above it.
fn broken(rows: Vec<Row>) -> Vec<Vec<(Row, i32)>> {
    let mut pages = vec![Vec::new()];
    // Under the head of the first page.
    let mut y_um = 49_000;
    let mut rows = rows.into_iter().peekable();
    while let Some(first) = rows.next() {
        // A heading, what stays with it, and the row after that.
        let mut chain = vec![first];
        while chain.last().is_some_and(|row| row.stays) {
            let Some(next) = rows.next() else { break };
            chain.push(next);
        }
        let chain_um: i32 = chain.iter().map(|row| row.gap_um + row.height_um).sum();
        let begins = pages.last().is_some_and(Vec::is_empty);
        if y_um + chain_um > BOTTOM_UM && !(begins && pages.len() > 1) {
            pages.push(Vec::new());
            y_um = TOP_UM;
        }
        for row in chain {
            let page_is_empty = pages.last().is_some_and(Vec::is_empty);
            let mut gap_um = if page_is_empty { row.gap_um.min(5_000) } else { row.gap_um };
            if y_um + gap_um + row.height_um > BOTTOM_UM && !page_is_empty {
                // A passage with its heading may fill a page.
                pages.push(Vec::new());
                (y_um, gap_um) = (TOP_UM, 5_000);
            }
            y_um += gap_um + row.height_um;
            if let Some(page) = pages.last_mut() {
                page.push((row, gap_um));
            }
        }
    }
    pages
}

/// `一、…（每题 2 分，共 20 分）`, on more lines where it is long; `None` where a word is wider than
/// the page.
fn heading(number: usize, section: &Section) -> Option<Set> {
    let mut set = Set::default();
    let sum = Score(section.questions.iter().map(|question| question.points.0).sum());
    let first = section.questions.first().map(|question| question.points);
    let even = section.questions.iter().all(|question| Some(question.points) == first);
    let last = match (section.worth, first) {
        (Worth::Blank(score), _) => format!("（每空 {score} 分，共 {sum} 分）"),
        (_, Some(first)) if even && section.questions.len() > 1 => {
            format!("（每题 {first} 分，共 {sum} 分）")
        }
        _ => format!("（共 {sum} 分）"),
    };
    let text = format!("{}、{}", ordinal(number), section.heading);
    let note_um = width_um(&last, NOTE_UM);
    let lines = text_lines(&text, HEADING_UM, WIDTH_UM)?;
    let (mut baseline_um, count) = (HEADING_UM, lines.len());
    for (at, line) in lines.into_iter().enumerate() {
        let fits = width_um(&line, HEADING_UM) + note_um <= WIDTH_UM;
        let is_last = at + 1 == count;
        let note = if is_last && fits { last.clone() } else { String::new() };
        set.marks.push(Mark::Heading { x_um: MARGIN_UM, y_um: baseline_um, heading: line, note });
        if !is_last || !fits {
            baseline_um += 8_000;
        }
        if is_last && !fits {
            set.text(MARGIN_UM, baseline_um, Type::new(NOTE_UM), last.clone());
        }
    }
    set.height_um = baseline_um + 1_300;
    Some(set)
}

/// Text in lines of a width; `None` where a word is wider.
fn text_lines(text: &str, size_um: i32, room_um: i32) -> Option<Vec<String>> {
    let pieces = [Piece::Text(text.to_owned())];
    let paragraph = flow::atoms(&pieces, size_um, |_| 0).into_iter().flatten().collect();
    let of = |line: flow::Line<'_>| {
        let text = line.atoms.iter().map(|measured| match &measured.atom {
            flow::Atom::Text(text) => text.as_str(),
            _ => " ",
        });
        text.collect::<String>().trim_end().to_owned()
    };
    Some(flow::lines(paragraph, room_um)?.into_iter().map(of).collect())
}

/// The passage in a frame; `None` where a word is wider than it.
fn passage(paragraphs: &[String]) -> Option<Set> {
    let mut set = Set::default();
    let room_um = WIDTH_UM - 10_000;
    let mut baseline_um = 2_400;
    for paragraph in paragraphs {
        // A Chinese paragraph begins two characters in.
        let is_latin = paragraph.starts_with(|c: char| c.is_ascii());
        let indent = if is_latin { "" } else { "　　" };
        for line in text_lines(&format!("{indent}{paragraph}"), PASSAGE_UM, room_um)? {
            baseline_um += PASSAGE_LEADING_UM;
            set.text(MARGIN_UM + 5_000, baseline_um - 1_800, Type::new(PASSAGE_UM), line);
        }
    }
    set.height_um = baseline_um + 2_400;
    let (x_um, width_um) = (MARGIN_UM, WIDTH_UM);
    set.marks.push(Mark::Frame(Rect { x_um, y_um: 0, width_um, height_um: set.height_um }));
    Some(set)
}

/// A sum as it is printed: figures and signs of half width, a minus where a hyphen was typed, and a
/// space on both sides of each sign. `before` and `after` say whether a fraction or a blank stands
/// there.
fn spaced(text: &str, before: bool, after: bool) -> String {
    let chars: Vec<char> = text
        .chars()
        .map(|c| match c {
            '０'..='９' | '＋' | '－' | '＝' | '＜' | '＞' => {
                char::from_u32(c as u32 - 0xfee0).unwrap_or(c)
            }
            _ => c,
        })
        .collect();
    let mut out = String::new();
    for (at, c) in chars.iter().enumerate() {
        if !matches!(c, '-' | '+' | '−' | '×' | '÷' | '=') {
            out.push(*c);
            continue;
        }
        let last = chars[..at].iter().rev().find(|c| **c != ' ');
        let next = chars[at + 1..].iter().find(|c| **c != ' ');
        let after_operand = last.map_or(before, ends_operand);
        let before_operand = next.map_or(after, begins_operand);
        let in_word = |c: Option<&char>| c.is_some_and(char::is_ascii_alphabetic);
        let is_hyphen =
            in_word(at.checked_sub(1).and_then(|at| chars.get(at))) && in_word(chars.get(at + 1));
        let sign = match c {
            '-' if before_operand && !is_hyphen => '−',
            '+' | '−' | '×' | '÷' | '=' if after_operand || before_operand => *c,
            _ => {
                out.push(*c);
                continue;
            }
        };
        // A minus that no number stands before belongs to what follows.
        let is_unary = sign == '−' && !after_operand;
        let leads = out.is_empty() && !before;
        if !leads && !out.ends_with([' ', '（', '(']) {
            out.push(' ');
        }
        out.push(sign);
        if !is_unary && chars.get(at + 1) != Some(&' ') {
            out.push(' ');
        }
    }
    out
}

fn ends_operand(c: &char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ')' | '）')
}

fn begins_operand(c: &char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '(' | '（')
}
