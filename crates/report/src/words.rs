//! The names that figures are counted by, as pages call them.

use crate::text::{Text, text};

/// What a name of a count is called on a page; a name without words says itself.
pub(crate) fn words(name: &'static str) -> Text {
    let known = |(named, _): &&(&str, &str)| *named == name;
    let zh = KINDS.iter().chain(TRICKS).chain(REASONS).chain(VARIANTS).find(known);
    text(zh.map_or("", |(_, zh)| zh), name)
}

/// Kinds of questions.
const KINDS: &[(&str, &str)] = &[
    ("number", "数"),
    ("letter", "字母"),
    ("true/false", "判断"),
    ("comparison", "比较"),
    ("bubbles", "涂选"),
    ("steps", "算式"),
    ("column", "竖式"),
    ("pairs", "连线"),
    ("free", "开放题"),
    ("other", "其他"),
];

/// What makes a response hard.
const TRICKS: &[(&str, &str)] = &[
    ("plain", "没有特别之处"),
    ("crossed_out", "划掉后另写，或不写"),
    ("overflow", "写出了答题处"),
    ("beside", "划掉后写在答题处旁边"),
    ("second_bubble", "涂了一个又改涂另一个"),
    ("other_spelling", "写法与答案不同的同一个数"),
    ("lent_pen", "用别人的笔写的"),
];

/// Why a person must decide.
const REASONS: &[(&str, &str)] = &[
    ("low_confidence", "笔迹没有把握"),
    ("ambiguous_field", "笔迹跨了两个答题处"),
    ("two_bubbles", "涂了不止一个"),
    ("light_bubble", "涂得太浅"),
    ("out_of_alphabet", "写的不是要求的符号"),
    ("crossed_out", "都划掉了，没有另写"),
    ("overwritten", "在旧答案上改写"),
    ("two_answers", "像是写了两个答案"),
    ("beside_field", "写在答题处旁边"),
    ("marked_otherwise", "没有涂，用了别的记号"),
    ("misplaced", "整页笔迹与答题处错位"),
    ("another_way", "列式与答案不同"),
    ("unfinished", "没有算到得数"),
    ("no_working", "得数对，没有过程"),
    ("another_character", "像是别的字"),
    ("strokes_unclear", "笔画合不上"),
    ("stroke_order", "笔顺和规范的不同"),
    ("rows_unclear", "竖式的行没有认清"),
    ("unit_unread", "数后面写的单位要看"),
    ("no_unit", "数对，没有写单位"),
    ("crowded", "笔迹比答案多"),
    ("incomplete_ink", "有一笔还没传完"),
    ("several_pens", "不止一支笔写过"),
    ("no_key", "开放题，请给分"),
    ("no_reader", "这类答案还不能机判"),
    ("red_unclear", "红笔批改没有认清"),
    ("red_contradicts", "红笔的几处批改不一致"),
    ("red_unplaced", "旁边有红笔，看不出批的是哪一题"),
    ("by_red", "红笔已经判了"),
];

/// Kinds of ink.
const VARIANTS: &[(&str, &str)] = &[
    ("plain numbers", "普通的数"),
    ("plain numbers, leaning more", "普通的数，更斜"),
    ("crossed 7", "带横的 7"),
    ("slashed 0", "带斜线的 0"),
    ("bubbles filled", "涂满"),
    ("bubble ringed", "圈住选项框"),
    ("bubble ringed wide", "大圈圈住选项框"),
    ("bubble ticked beside", "在旁边打勾"),
    ("bubble ticked over", "在上面打勾"),
    ("option underlined", "给选项画线"),
    ("option's text circled", "圈住选项文字"),
    ("bubble and text circled", "框和文字一起圈"),
    ("bubble underlined", "给选项框画线"),
    ("letter beside bubbles", "在旁边写字母"),
    ("letter beside its bracket", "字母写在括号旁"),
    ("letter's option circled", "不写字母而圈选项"),
    ("right of its box", "写在框右边"),
    ("far right of its box", "写在框右边较远"),
    ("left of its box", "写在框左边"),
    ("above its box", "写在框上面"),
    ("under its box", "写在框下面"),
    ("across its box's edge", "写过框边"),
    ("one slash over all", "一条斜线划掉"),
    ("falling slash over all", "一条反斜线划掉"),
    ("a slash over each digit", "每个数字一条斜线"),
    ("two slashes over all", "两条斜线划掉"),
    ("a line", "一条横线划掉"),
    ("two lines", "两条横线划掉"),
    ("three lines", "三条横线划掉"),
    ("a wavy line", "波浪线划掉"),
    ("a zig-zag of three", "三折线划掉"),
    ("a zig-zag of six", "六折线划掉"),
    ("a blot", "涂黑"),
    ("a cross over all", "打叉划掉"),
    ("a cross over each digit", "每个数字打叉"),
    ("brackets around", "用括号括掉"),
    ("one of two slashed, another above it", "两位里划掉一位，写在上面"),
    ("a digit put in with a caret", "用插入号补一位"),
    ("a fraction with a stroke", "斜线分数"),
    ("a fraction with a bar", "上下写的分数"),
    ("A filled, B slashed", "涂了一个，另一个划了斜线"),
    ("filled, then blackened far beyond", "涂了以后又涂黑一大片"),
    ("slash, new one above", "斜线划掉，写在上面"),
    ("slash, new one under", "斜线划掉，写在下面"),
    ("line, new one above", "横线划掉，写在上面"),
    ("slash, new one outside", "斜线划掉，写在外面"),
    ("one digit slashed", "斜线划掉一个数字"),
    ("one digit, a line", "横线划掉一个数字"),
    ("one digit crossed", "打叉划掉一个数字"),
    ("a short line through one of three", "短线划掉三个数字中的一个"),
    ("letter struck out", "划掉字母"),
    ("slashed and nothing instead", "划掉后没有另写"),
    ("last digit slashed and replaced", "末位划掉另写"),
    ("stem overwritten, later", "隔后在竖上改写"),
    ("stem overwritten, at once", "随即在竖上改写"),
    ("digit overwritten, later", "隔后在数字上改写"),
    ("digit overwritten, at once", "随即在数字上改写"),
    ("second of two overwritten", "改写两位中的后一位"),
    ("first of two overwritten", "改写两位中的前一位"),
    ("another after a wide gap", "隔开很远又写一个"),
    ("another after minutes, near", "几分钟后紧挨着又写"),
    ("another by another pen", "另一支笔又写一个"),
    ("a flat slash", "很平的斜线划掉"),
    ("falling slashes over each digit", "每个数字一条反斜线"),
    ("a spiral", "螺旋线划掉"),
    ("another outside, nothing deleted", "框外另写，没有划掉"),
    ("letter, another beside it", "字母旁边又写一个"),
    ("letter overwritten", "在字母上改写"),
    ("letter slashed and replaced", "字母划掉另写"),
    ("tick, then a cross over it", "先勾后在上面打叉"),
    ("cross, then a tick over it", "先叉后在上面打勾"),
    ("tick, then a cross beside it", "先勾后在旁边打叉"),
    ("plain letters", "普通的字母"),
    ("plain ticks and crosses", "普通的勾和叉"),
    ("another under it in the box", "同一框里下面又写一个"),
];

#[cfg(test)]
mod tests {
    use worksheet::Review;

    use super::*;

    #[test]
    fn every_name_has_chinese_words() {
        let names = crate::tally::KINDS
            .into_iter()
            .chain(pen_sim::TRICKS)
            .chain(Review::ALL.map(Review::code))
            .chain(crate::variants::KINDS.iter().map(|kind| kind.name))
            .chain(["plain", "by_red"]);
        let missing: Vec<_> = names.filter(|name| words(name).zh.is_empty()).collect();
        assert_eq!(missing, [] as [&str; 0]);
    }
}
