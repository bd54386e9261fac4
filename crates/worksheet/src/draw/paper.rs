//! What stands around the questions of every sheet: head, running head and foot.

use super::svg::{Svg, Type};
use crate::Rect;

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
        svg.text(middle_um, 17_500, Type::new(4_200).centred().muted(), self.school);
        svg.text(middle_um, 27_500, Type::new(7_400).centred().heading(), self.title);
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
        svg.text(MARGIN_UM, 17_500, Type::new(3_800).muted(), self.title);
        let name_um = PAGE_WIDTH_UM - MARGIN_UM - 34_000;
        svg.text(name_um, 17_500, Type::new(3_800).to_the_left().muted(), "姓名");
        svg.rule(name_um + 1_500, 18_500, 32_500, 250);
        svg.rule(MARGIN_UM, 21_500, WIDTH_UM, 250);
        22_000
    }

    /// The motto and the page's number.
    pub(crate) fn foot(&self, number: u32, pages: usize, svg: &mut Svg) {
        let set = Type::new(3_400).muted();
        svg.text(MARGIN_UM, 290_000, set, self.motto);
        let page = format!("第 {number} 页　共 {pages} 页");
        svg.text(PAGE_WIDTH_UM - MARGIN_UM, 290_000, set.to_the_left(), &page);
    }
}
