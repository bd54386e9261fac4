//! What is wrong with a text, where, and what to do about it, in Chinese and in English.

use std::fmt;

use crate::{Mismatch, Score};

/// A line and a column of a text, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// One fault of a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {} / {}", wrong.texts().0, wrong.texts().1)]
pub struct Fault {
    /// Where it is.
    pub place: Place,
    /// What it is.
    pub wrong: Wrong,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// What can be wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The text is longer, or asks more, than a sheet may.
    TooLong,
    /// A character that no document can hold, so that the sheet could not be printed.
    Character(char),
    /// A line of the head that every sheet needs is not there.
    Missing(&'static str, &'static str),
    /// A line of the head that no sheet has.
    UnknownLine(String),
    /// A line of the head that stands twice.
    Twice(String),
    /// A value that is none of its line.
    Value(&'static str, &'static str),
    /// A question before the first heading.
    NoSection,
    /// A sheet or a section without questions.
    NoQuestions,
    /// A question in which nothing can be written.
    NoBlank,
    /// A blank without a key.
    NoKey,
    /// A bracket that is not closed on its line.
    Unclosed,
    /// A key that is none of its kind.
    Key(String),
    /// Characters and pinyin that cannot stand in 田字格 with a syllable over each.
    Squares(String),
    /// A knowledge point that the framework does not have, and the nearest name that it has.
    UnknownPoint(String, Option<String>),
    /// A knowledge point that stands right behind something, without a space.
    NoSpace(String),
    /// Several knowledge points have this name.
    AmbiguousPoint(String, Vec<String>),
    /// Nothing says what a question is worth.
    NoPoints,
    /// An indented line with blanks under a line with blanks. A doubt.
    Continued,
    /// A circle without a key, in a line whose comparison stands elsewhere.
    CircleApart,
    /// Points that cannot be shared out over the blanks.
    Share,
    /// Something among the notes in brackets that is no note.
    Note(String),
    /// The points do not add up to what is stated.
    Total {
        /// What the text says.
        stated: Score,
        /// What they add up to.
        sum: Score,
    },
    /// A line that belongs to a question, and there is none above it.
    NoQuestionAbove,
    /// Options that are not lettered A, B, C, … or are fewer than two, or more than seven.
    Options,
    /// The key is the letter of no option.
    NoSuchOption(char),
    /// Blanks in any order are fewer than two, or not of one kind.
    AnyOrder,
    /// A rubric or a model answer where nothing is left for a person to judge.
    NotFree,
    /// Lines for arithmetic without a sum that can be worked out.
    Steps,
    /// Lines to be drawn between fewer than two things on a side, or too many.
    Pairs,
    /// Figures under each other of what is no single sum.
    Column,
    /// Fewer things to be put in order than two, too many, or one twice.
    Order,
    /// Two things to be put in order that are as much as each other, as they are written.
    OrderEqual(String, String),
    /// Numbers to be put in order that neither rise nor fall, or not as the question says. A doubt.
    OrderOff,
    /// A second line of a kind that a question has once.
    TwiceInQuestion(&'static str, &'static str),
    /// A second place for the answer of one question: it, and the first.
    TwoPlaces([(&'static str, &'static str); 2]),
    /// A sum comes to less than 0, as written, and pupils do not know such numbers. A doubt.
    BelowZero(String),
    /// A picture that cannot be used, and why.
    Picture(String, PictureFault),
    /// Something is wider than the column it stands in.
    TooWide,
    /// A question is higher than a page.
    TooHigh,
    /// What was laid out contradicts itself; the reason is in English.
    Worksheet(String),
    /// The key is not what the question computes. A doubt: the sheet can be built with it.
    Computes(Mismatch),
}

/// Why a picture cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFault {
    /// There is no such file beside the text.
    Missing,
    /// It is neither PNG nor SVG, or it is damaged.
    Unreadable,
    /// It is an SVG that refers outside itself, or runs.
    Unsafe,
    /// Its file is larger than a picture may be.
    TooLarge,
}

impl Wrong {
    /// What is wrong and what to do: in Chinese, and in English.
    pub fn texts(&self) -> (String, String) {
        let same = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
        match self {
            Self::TooLong => same(
                "文字太长：一份练习最多 400 题、256 KB，请分成几份",
                "the text is too long: a sheet has at most 400 questions and 256 KB; divide it",
            ),
            Self::Character(c) => (
                format!("这里有一个印不出的字符（{}）：请删去它", crate::code_point(*c)),
                format!(
                    "a character that cannot be printed stands here ({}): delete it",
                    crate::code_point(*c)
                ),
            ),
            Self::Missing(zh, en) => (
                format!("缺少“{zh}：”一行：请写在第一个大题之前"),
                format!("there is no line `{en}:`; write it above the first section"),
            ),
            Self::UnknownLine(name) => (
                format!("不认识“{name}：”：题目要写在大题（一、……）下面"),
                format!("`{name}:` is no line of the head; questions stand under a section, `# …`"),
            ),
            Self::Twice(name) => (
                format!("“{name}”写了两次：请删去一行"),
                format!("`{name}` stands twice: delete one line"),
            ),
            Self::Value(zh, en) => (format!("这里应当是{zh}"), format!("this must be {en}")),
            Self::NoSection => same(
                "题目前面没有大题：请先写“一、……”",
                "a question stands before the first section: begin one with `# …`",
            ),
            Self::NoQuestions => {
                same("这里没有题目：每题写一行", "there is no question here: write one per line")
            }
            Self::NoBlank => same(
                "这一题没有可写的地方：把答案写进方括号 [83]、（ B ）、○[>]，或在下面加“横线：4 行”",
                "nothing can be written here: put the key into brackets, [83], ( B ) or ○[>], or add \
                 `lines: 4` below",
            ),
            Self::Continued => same(
                "这一行前面有空格，算作上一题的一部分：要另起一题，请从行首写起",
                "this line is indented, so it is part of the question above: begin it at the margin \
                 for a question of its own",
            ),
            Self::CircleApart => same(
                "圆圈里没有答案：把答案紧跟在圆圈后面，写成 ○[>]；要印一个圆圈，请写 \\○",
                "this circle has no key: write the key right behind it, as in ○[>]; to print a \
                 circle, write \\○",
            ),
            Self::NoKey => same(
                "这个空没有答案：把答案写在括号里，例如 [83]",
                "this blank has no key: write it between the brackets, as in [83]",
            ),
            Self::Unclosed => same(
                "括号没有关上：请在同一行补上另一半；要印出方括号，请写 \\[",
                "this bracket is not closed on its line; to print a bracket, write \\[",
            ),
            Self::Squares(key) => (
                format!(
                    "“{}”不能写进田字格：写成 [春天 chūn tiān]，只有汉字（最多 12 个），一个字一个音节，\
                     音节之间空一格；标点写在括号外面，几种写法不能用 |",
                    key.trim()
                ),
                format!(
                    "`{}` cannot stand in 田字格: write [春天 chūn tiān], characters alone (12 at \
                     most), a syllable for each, with spaces between; punctuation goes outside, and \
                     there is no | for other answers",
                    key.trim()
                ),
            ),
            Self::Key(text) => (
                format!("“{text}”不能作答案：一个空里写一种答案，几种写法用 | 隔开"),
                format!(
                    "{text:?} can be no key: one kind per blank, other right answers after `|`"
                ),
            ),
            Self::UnknownPoint(name, nearest) => {
                let (mut zh, mut en) = (
                    format!("知识点里没有“{name}”"),
                    format!("no knowledge point is called {name:?}"),
                );
                if let Some(nearest) = nearest {
                    zh.push_str(&format!("：是不是“{nearest}”？"));
                    en.push_str(&format!(": {nearest:?} is the nearest"));
                }
                (zh, en)
            }
            Self::NoSpace(name) => {
                (format!("{name} 前面少一个空格"), format!("there is no space before {name}"))
            }
            Self::AmbiguousPoint(name, ids) => {
                let ids = ids.join("、");
                (
                    format!("有几个知识点都叫“{name}”：请改写编号 {ids} 之一"),
                    format!(
                        "several knowledge points are called {name:?}: write one of the ids {ids}"
                    ),
                )
            }
            Self::NoPoints => same(
                "没有说这一题几分：在大题后写（每题 2 分），或在题后写（4 分）",
                "nothing says what this is worth: write (2 points each) after the heading, or \
                 (4 points) after the question",
            ),
            Self::Share => same(
                "这些分数分不到每个空：每个空至少 0.1 分，可互换的空要同分",
                "these points cannot be shared out: at least 0.1 for a blank, and the same for \
                 blanks in any order",
            ),
            Self::Note(text) => (
                format!(
                    "括号里的“{text}”看不懂：可以写每题 2 分、每空 1 分、共 20 分、两栏、涂圈、顺序不限、全对得分"
                ),
                format!(
                    "{text:?} is no note: there are `2 points each`, `1 point a blank`, `20 points \
                     in all`, `2 columns`, `bubbles`, `any order`, `all or nothing`"
                ),
            ),
            Self::Total { stated, sum } => (
                format!("写的是 {stated} 分，加起来是 {sum} 分：请改其中一个"),
                format!("{stated} points are stated, and they add up to {sum}: change one of them"),
            ),
            Self::NoQuestionAbove => same(
                "这一行上面没有题目：缩进的行、选项、评分和图都跟在题目后面",
                "no question stands above this line: indented lines, options, rubrics and pictures \
                 follow their question",
            ),
            Self::Options => same(
                "选项要从 A 开始依次写，2 到 7 个：A. …  B. …",
                "options are lettered from A without a gap, 2 to 7 of them: A. …  B. …",
            ),
            Self::NoSuchOption(letter) => (
                format!("答案 {letter} 不在选项里"),
                format!("the key {letter} is the letter of no option"),
            ),
            Self::AnyOrder => same(
                "顺序不限的空要有两个以上，并且是同一种答案",
                "blanks in any order are at least two, and of one kind",
            ),
            Self::NotFree => same(
                "评分、答案和横线只用于没有空的题：这一题已有答案",
                "lines, a rubric and a model answer belong to a question without blanks, and this \
                 one has a key",
            ),
            Self::Steps => same(
                "算式题要有能算的算式：题目是一道算式，或在下面写“答案：20 − 8.5 = 11.5”；不用写评分",
                "lines for sums need a sum: the question is one, or write `answer: 20 − 8.5 = 11.5` \
                 below; without a rubric",
            ),
            Self::Pairs => same(
                "连线题每边要有 2 到 9 样，每一对写一行“连线：apple | 苹果”，不重复；不用写评分",
                "matching takes 2 to 9 things on each side: a line `pair: apple | 苹果` for each pair, \
                 none twice, and no rubric",
            ),
            Self::Column => same(
                "列竖式的题目是一步的 + − × ÷，如“24 × 13”，× 的第二个数不超过两位，− 的第一个数不小于第二个；不用写评分和答案",
                "figures under each other take one operation, as in `24 × 13`, the second factor of two \
                 digits at most, nothing taken from less than it; without rubric and answer",
            ),
            Self::Order => same(
                "排序题要有 2 到 9 样，按对的次序写在一行“排序：0.3 | 0.52 | 1.1”，不重复；不用写评分",
                "putting in order takes 2 to 9 things, none twice, in a line `order: 0.3 | 0.52 | 1.1` \
                 in the right order; and no rubric",
            ),
            Self::OrderEqual(one, other) => (
                format!("{one} 和 {other} 一样大，排不出先后：请换掉一样"),
                format!("{one} and {other} are as much as each other: change one of them"),
            ),
            Self::OrderOff => same(
                "这些数没有按题目说的次序排：请按对的次序写，印出来会打乱",
                "these are not in the order that is asked for: write them in the right one; they are \
                 printed in another",
            ),
            Self::TwiceInQuestion(zh, en) => (
                format!("一题里“{zh}”写了两行：请合成一行，或分成两题"),
                format!(
                    "`{en}` stands twice in one question: make one line of them, or two questions"
                ),
            ),
            Self::TwoPlaces([(zh, en), (first_zh, first_en)]) => (
                format!("这一题已有“{first_zh}”，又写了“{zh}”：只能留一种，请删去一行或分成两题"),
                format!(
                    "this question has `{first_en}` already, and `{en}` too: keep one of them, or \
                     make two questions"
                ),
            ),
            Self::BelowZero(side) => (
                format!("{side} 小于 0，这个年级还没有学：请核对这道算式"),
                format!(
                    "{side} is less than 0, which this grade has not learnt: look at the sum again"
                ),
            ),
            Self::Picture(file, fault) => fault.texts(file),
            Self::TooWide => same(
                "这里太宽，一栏放不下：请减少栏数，或把内容改短",
                "this is wider than its column: ask for fewer columns, or shorten it",
            ),
            Self::TooHigh => same(
                "这一题比一页还高：请减少行数，或把它分成两题",
                "this question is higher than a page: ask for fewer lines, or divide it",
            ),
            Self::Computes(mismatch) => (
                format!("算一算，{mismatch} 不成立：请核对这里的答案"),
                format!("{mismatch} does not hold: look at this key again"),
            ),
            Self::Worksheet(reason) => (
                format!("排出的练习自相矛盾（{reason}）"),
                format!("the sheet contradicts itself: {reason}"),
            ),
        }
    }
}

impl PictureFault {
    fn texts(self, file: &str) -> (String, String) {
        let (zh, en) = match self {
            Self::Missing => ("旁边没有这个文件", "there is no such file beside the text"),
            Self::Unreadable => {
                ("不是可用的 PNG 或 SVG 图", "it is no PNG or SVG picture that can be read")
            }
            Self::Unsafe => (
                "这个 SVG 含有脚本、样式或外部引用：请另存为简单的 SVG，或用 PNG",
                "this SVG has scripts, styles or references: save it as plain SVG, or as PNG",
            ),
            Self::TooLarge => ("文件超过 1 MB", "its file is larger than 1 MB"),
        };
        (format!("图 {file}：{zh}"), format!("picture {file}: {en}"))
    }
}
