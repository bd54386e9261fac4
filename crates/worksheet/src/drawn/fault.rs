//! What is wrong with a drawing, where, and what to do about it.

use super::DrawnKind;

/// One fault of a drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawnFault {
    /// Its place among the drawing's fields, from 0; `None` for the sheet as a whole.
    pub field: Option<usize>,
    /// What it is.
    pub wrong: DrawnWrong,
}

/// What can be wrong with a drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DrawnWrong {
    /// The sheet has no title.
    NoTitle,
    /// It holds a character that no document can hold, so that the sheet could not be printed.
    Character(char),
    /// The grade is none from 1 to 12.
    NoGrade,
    /// The subject is none that is known.
    NoSubject,
    /// Nothing is drawn yet.
    NoFields,
    /// There are more fields than a sheet may have.
    TooManyFields,
    /// The field has no number of a question.
    NoNumber,
    /// The number stands on another page too, or another number is told apart from it by signs alone.
    NumberTwice(u32),
    /// There is no key.
    NoKey(DrawnKind),
    /// The key is none of the kind.
    KeyNot(DrawnKind),
    /// The points are none.
    NoPoints,
    /// The framework has no such knowledge point; the nearest name that it has.
    UnknownPoint(Option<String>),
    /// Several knowledge points have the name; their ids.
    AmbiguousPoint(Vec<String>),
    /// The field does not lie on its page.
    OffPage,
    /// The field lies on that of the question with this number.
    Overlaps(String),
    /// The field is smaller than writing needs: millimetres wide and high.
    TooSmall(i32, i32),
    /// Nobody can write in the field: millimetres that it needs at the very least, both ways.
    TooNarrow(i32),
    /// What the worksheet's own check says, in English.
    Other(String),
}

impl DrawnWrong {
    /// Whether no worksheet can be made before it is mended.
    pub fn is_grave(&self) -> bool {
        !matches!(self, Self::TooSmall(..))
    }

    /// What is wrong and what to do: in Chinese, and in English.
    pub fn texts(&self) -> (String, String) {
        let same = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
        match self {
            Self::NoTitle => same("缺少标题：请写在上方", "there is no title: write one above"),
            Self::Character(c) => (
                format!("有一个印不出的字符（{}）：请删去它", crate::code_point(*c)),
                format!(
                    "there is a character that cannot be printed ({}): delete it",
                    crate::code_point(*c)
                ),
            ),
            Self::NoGrade => same("年级应是 1 到 12 的数", "the grade is a number from 1 to 12"),
            Self::NoSubject => same("请选一个科目", "choose a subject"),
            Self::NoFields => same(
                "还没有作答框：点一下浅色的框，或在页面上拖出一个",
                "there are no fields yet: click on a faint box, or draw one over the page",
            ),
            Self::TooManyFields => same(
                "作答框太多：一份练习最多 400 个",
                "there are too many fields: a sheet has at most 400",
            ),
            Self::NoNumber => same(
                "缺少题号：写印在纸上的题号，最多 12 个字",
                "there is no number: write the question's number as printed, at most 12 characters",
            ),
            Self::NumberTwice(page) => (
                format!("第 {page} 页已有这个题号：请写得不同，如“二.3”"),
                format!("page {page} has this number already: write another one, such as `二.3`"),
            ),
            Self::NoKey(kind) => {
                let (zh, en) = kind.example();
                (format!("缺少答案：写{zh}"), format!("there is no key: write {en}"))
            }
            Self::KeyNot(kind) => {
                let (zh, en) = kind.example();
                (
                    format!("这个答案不合题型：应是{zh}"),
                    format!("the key is none of this kind: it is {en}"),
                )
            }
            Self::NoPoints => same(
                "分值应是 0.1 到 1000，如 2 或 0.5",
                "points are from 0.1 to 1000, such as 2 or 0.5",
            ),
            Self::UnknownPoint(nearest) => match nearest {
                Some(nearest) => (
                    format!("没有这个知识点：是不是“{nearest}”？"),
                    format!("there is no such knowledge point: {nearest:?} is the nearest"),
                ),
                None => same(
                    "没有这个知识点：请从列表中选一个",
                    "there is no such knowledge point: choose one from the list",
                ),
            },
            Self::AmbiguousPoint(ids) => {
                let ids = ids.join("、");
                (
                    format!("有几个知识点都叫这个名字：请写编号 {ids} 之一"),
                    format!("several knowledge points have this name: write one of {ids}"),
                )
            }
            Self::OffPage => same(
                "作答框不在页面之内：请移回页面",
                "the field does not lie on its page: move it back",
            ),
            Self::Overlaps(other) => (
                format!("压住了第 {other} 题的作答框：请移开"),
                format!("the field lies on that of question {other}: move it away"),
            ),
            Self::TooSmall(width, height) => (
                format!("作答框偏小，手写不便：最好有 {width} × {height} 毫米"),
                format!("the field is small to write in: {width} × {height} mm are better"),
            ),
            Self::TooNarrow(least) => (
                format!("作答框太小，写不下：宽和高至少要 {least} 毫米"),
                format!("the field is too small to write in: it needs {least} mm both ways"),
            ),
            Self::Other(reason) => (
                format!("练习自相矛盾（{reason}）"),
                format!("the sheet contradicts itself: {reason}"),
            ),
        }
    }
}

impl DrawnKind {
    /// What its key looks like: in Chinese, and in English.
    fn example(self) -> (&'static str, &'static str) {
        match self {
            Self::Number => ("一个数，如 3.5", "a number, such as 3.5"),
            Self::Whole => ("一个整数，如 83", "a whole number, such as 83"),
            Self::Digits => ("数字，如 007", "digits, such as 007"),
            Self::Letter => ("选项中的一个字母，如 B", "a letter of the options, such as B"),
            Self::TrueFalse => ("√ 或 ×", "√ or ×"),
            Self::Comparison => ("<、> 或 =", "<, > or ="),
            Self::Expression => ("词句，如 an apple", "words, such as an apple"),
            Self::Character => ("一个汉字", "one Chinese character"),
            Self::Steps => ("算式和得数，如 3×12=36", "a sum and what it comes to, as 3×12=36"),
            Self::Free => ("参考答案，也可不写", "a model answer, or nothing"),
        }
    }
}
