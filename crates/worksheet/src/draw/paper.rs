//! What stands around the questions of every sheet: head, running head and foot.

use super::svg::{Svg, Type};
use crate::Rect;
use crate::measure::width_um;

/// The size of the paper: A4.
pub(crate) const PAGE_WIDTH_UM: i32 = 210_000;
pub(crate) const PAGE_HEIGHT_UM: i32 = 297_000;
/// Between the paper's edge and what is printed.
pub(crate) const MARGIN_UM: i32 = 16_000;
/// What is left between the margins.
pub(crate) const WIDTH_UM: i32 = PAGE_WIDTH_UM - 2 * MARGIN_UM;
/// Nothing but the foot stands below.
pub(crate) const BOTTOM_UM: i32 = 282_000;
const ORDINALS: [&str; 10] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];

/// What is printed around the questions.
pub(crate) struct Paper<'a> {
    /// Above the title.
    pub(crate) school: &'a str,
    /// The title, printed.
    pub(crate) title: &'a str,
    /// At the foot of each page.
    pub(crate) motto: &'a str,
}

/// A title that would be smaller than this in one line has two.
const TITLE_LEAST_UM: i32 = 5_000;

/// A setting in which a line is no wider than its room: smaller where it would be.
fn fitted(line: &str, set: Type, room_um: i32) -> Type {
    let wide_um = width_um(line, set.size_um);
    if wide_um <= room_um {
        return set;
    }
    let size_um = i64::from(set.size_um) * i64::from(room_um) / i64::from(wide_um);
    // It is smaller than what it was.
    Type { size_um: i32::try_from(size_um).unwrap_or(set.size_um).max(1), ..set }
}

/// A line as two, broken at the space that is next to its middle, or at its middle where no space is
/// near.
fn halves(line: &str) -> (&str, &str) {
    let middle = line.chars().count() / 2;
    let places = line.char_indices().enumerate();
    let near = places.clone().filter(|(at, (_, c))| c.is_whitespace() && at.abs_diff(middle) < 9);
    let space = near.min_by_key(|(at, _)| at.abs_diff(middle)).map(|(_, (byte, _))| byte);
    let byte = space.or_else(|| places.clone().nth(middle).map(|(_, (byte, _))| byte));
    let (first, second) = line.split_at(byte.unwrap_or(line.len()));
    (first.trim_end(), second.trim_start())
}

/// The number of a section as it is printed, from 1: 一 to 九十九.
pub(crate) fn ordinal(number: usize) -> String {
    let digit = |n: usize| ORDINALS[(n - 1) % 10];
    match (number / 10, number % 10) {
        (0, ones) => digit(ones.max(1)).to_owned(),
        (1, 0) => "十".to_owned(),
        (1, ones) => format!("十{}", digit(ones)),
        (tens, 0) => format!("{}十", digit(tens)),
        (tens, ones) => format!("{}十{}", digit(tens), digit(ones)),
    }
}

impl Paper<'_> {
    /// School, title, and the lines that a pupil fills in; returns where it ends.
    pub(crate) fn head(&self, svg: &mut Svg) -> i32 {
        let middle_um = PAGE_WIDTH_UM / 2;
        let school = fitted(self.school, Type::new(4_200), WIDTH_UM);
        svg.text(middle_um, 17_500, school.centred().muted(), self.school);
        let set = Type::new(7_400).centred().heading();
        let one_line = fitted(self.title, set, WIDTH_UM);
        if one_line.size_um >= TITLE_LEAST_UM {
            svg.text(middle_um, 27_500, one_line, self.title);
        } else {
            let (first, second) = halves(self.title);
            let set = Type { size_um: TITLE_LEAST_UM, ..set };
            for (line, y_um) in [(first, 24_000), (second, 30_000)] {
                svg.text(middle_um, y_um, fitted(line, set, WIDTH_UM), line);
            }
        }
        let baseline_um = 40_500;
        for (label, x_um, line_um) in
            [("班级", 16_000, 26_000), ("姓名", 56_000, 32_000), ("学号", 102_000, 15_000)]
        {
            svg.text(x_um, baseline_um, Type::new(4_400), label);
            svg.rule(x_um + 10_000, baseline_um + 1_200, line_um, 250);
        }
        svg.text(131_000, baseline_um, Type::new(4_400), "日期");
        for (label, x_um) in [("月", 141_000), ("日", 155_500)] {
            svg.rule(x_um, baseline_um + 1_200, 9_000, 250);
            svg.text(x_um + 9_500, baseline_um, Type::new(4_400), label);
        }
        svg.frame(Rect { x_um: 172_000, y_um: 31_500, width_um: 22_000, height_um: 12_500 });
        svg.text(173_500, 35_500, Type::new(3_000).muted(), "得分");
        svg.rule(MARGIN_UM, 48_000, WIDTH_UM, 450);
        svg.rule(MARGIN_UM, 48_900, WIDTH_UM, 150);
        49_000
    }

    /// The title again, small; returns where it ends.
    pub(crate) fn running_head(&self, svg: &mut Svg) -> i32 {
        let name_um = PAGE_WIDTH_UM - MARGIN_UM - 34_000;
        // Two characters are printed before the line for the name.
        let title = fitted(self.title, Type::new(3_800), name_um - 10_000 - MARGIN_UM);
        svg.text(MARGIN_UM, 17_500, title.muted(), self.title);
        svg.text(name_um, 17_500, Type::new(3_800).to_the_left().muted(), "姓名");
        svg.rule(name_um + 1_500, 18_500, 32_500, 250);
        svg.rule(MARGIN_UM, 21_500, WIDTH_UM, 250);
        22_000
    }

    /// The motto and the page's number.
    pub(crate) fn foot(&self, number: u32, pages: usize, svg: &mut Svg) {
        let set = Type::new(3_400).muted();
        let page = format!("第 {number} 页　共 {pages} 页");
        let room_um = WIDTH_UM - width_um(&page, set.size_um) - 4_000;
        svg.text(MARGIN_UM, 290_000, fitted(self.motto, set, room_um), self.motto);
        svg.text(PAGE_WIDTH_UM - MARGIN_UM, 290_000, set.to_the_left(), &page);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line of text with its size, from the artwork.
    fn lines(title: &str) -> Vec<(String, f64)> {
        let mut svg = Svg::new(PAGE_WIDTH_UM, PAGE_HEIGHT_UM, "");
        let paper = Paper { school: title, title, motto: title };
        paper.head(&mut svg);
        paper.running_head(&mut svg);
        paper.foot(1, 12, &mut svg);
        let drawn = svg.finish();
        let document = roxmltree::Document::parse(&drawn).unwrap();
        let texts = document.descendants().filter(|node| node.has_tag_name("text"));
        let line = |node: roxmltree::Node<'_, '_>| {
            let size = node.attribute("font-size")?.parse().ok()?;
            Some((node.text()?.to_owned(), size))
        };
        texts.filter_map(line).collect()
    }

    #[test]
    fn nothing_runs_off_the_paper_and_nothing_is_cut() {
        for title in ["口算", &"三年级数学".repeat(8), &"Mental arithmetic ".repeat(9)] {
            let title = title.trim();
            let lines = lines(title);
            for (line, size_mm) in &lines {
                let wide_um = width_um(line, (size_mm * 1e3) as i32);
                assert!(wide_um <= WIDTH_UM, "{line} at {size_mm} mm");
            }
            let whole: String = lines.iter().map(|(line, _)| line.replace(' ', "")).collect();
            assert_eq!(whole.matches(&title.replace(' ', "")).count(), 4, "{lines:?}");
        }
        assert!(lines("口算").contains(&("口算".to_owned(), 7.4)), "a short title is as before");
    }
}
