//! What is known of one pupil.

use askama::Template;
use export::Sign;
use learning::Mastery;

use super::exports::TakeAway;
use super::months::ByMonths;
use super::{Layout, State};
use crate::words::exports::ExportWords;

/// Knowledge points and papers of one pupil.
#[derive(Template)]
#[template(path = "pupil.html")]
pub(crate) struct PupilPage {
    pub(crate) layout: Layout,
    pub(crate) class: String,
    pub(crate) after: i64,
    pub(crate) take: TakeAway,
    pub(crate) x: &'static ExportWords,
    pub(crate) pupil: Pupil,
}

/// The part that changes.
#[derive(Template)]
#[template(path = "pupil_part.html")]
pub(crate) struct PupilPart {
    pub(crate) layout: Layout,
    pub(crate) pupil: Pupil,
}

pub(crate) struct Pupil {
    pub(crate) id: String,
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) points: Vec<PointItem>,
    pub(crate) papers: ByMonths<PaperItem>,
    /// How the responses to one assignment were written; `None` where nothing was.
    pub(crate) writing: Option<Writing>,
}

/// A knowledge point.
pub(crate) struct PointItem {
    pub(crate) name: String,
    pub(crate) answers: u32,
    /// In percent; `None` where there is not enough evidence.
    pub(crate) mastery: Option<Interval>,
    /// `None` with less than two days to draw.
    pub(crate) history: Option<History>,
}

/// How mastery went over time, drawn in a box of [`History::WIDTH`] by [`History::HEIGHT`].
pub(crate) struct History {
    /// The corners of the 90 % band, as SVG wants them.
    pub(crate) band: String,
    /// The means, from left to right.
    pub(crate) line: String,
    /// The same in words.
    pub(crate) said: String,
}

impl History {
    pub(crate) const WIDTH: u32 = 160;
    pub(crate) const HEIGHT: u32 = 32;
}

/// The responses to one assignment.
pub(crate) struct Writing {
    pub(crate) assignment: String,
    pub(crate) title: String,
    pub(crate) answers: Vec<AnswerItem>,
}

/// How one response was written: facts, without a judgement.
pub(crate) struct AnswerItem {
    pub(crate) label: String,
    /// Where it stands on its paper.
    pub(crate) href: String,
    pub(crate) sign: Sign,
    /// The word for the sign; for a blank, what kind of blank.
    pub(crate) word: &'static str,
    /// `None` where nothing was written.
    pub(crate) process: Option<ProcessItem>,
}

/// When and how long.
pub(crate) struct ProcessItem {
    pub(crate) order: u32,
    pub(crate) think: Option<String>,
    pub(crate) writing: String,
    pub(crate) rewrites: u32,
}

/// A mean and its 90 % interval, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) mean: u32,
    pub(crate) low: u32,
    pub(crate) high: u32,
}

impl PointItem {
    pub(crate) fn interval_text(&self, layout: &Layout) -> String {
        self.mastery.map_or_else(String::new, |interval| {
            crate::words::fill(
                layout.w.mastery_interval,
                &[("low", &interval.low), ("high", &interval.high)],
            )
        })
    }
}

/// One assignment of the pupil.
pub(crate) struct PaperItem {
    pub(crate) assignment: String,
    pub(crate) title: String,
    pub(crate) due: String,
    pub(crate) state: State,
    pub(crate) score: Option<String>,
    /// Whether it may still change.
    pub(crate) provisional: bool,
    /// `None` where the worksheet cannot be read.
    pub(crate) points: Option<String>,
}

#[cfg(test)]
impl Pupil {
    fn sample() -> Self {
        let point = |name: &str, answers, mastery: Option<(u32, u32, u32)>| PointItem {
            name: name.into(),
            answers,
            mastery: mastery.map(|(low, mean, high)| Interval { mean, low, high }),
            history: (answers > 12).then(|| History {
                band: "0,4 80,3 160,2 160,9 80,12 0,24".into(),
                line: "0,14 80,8 160,5".into(),
                said: "9 月 3 日 62% → 11 月 29 日 86%".into(),
            }),
        };
        let answer = |label: &str, sign: Sign, word, process| AnswerItem {
            label: label.into(),
            href: "/a/a-arithmetic/p-007/1#q-1-1".into(),
            sign,
            word,
            process,
        };
        let written = |order, think: Option<&str>, rewrites| {
            let (think, writing) = (think.map(Into::into), "8.3 秒".into());
            Some(ProcessItem { order, think, writing, rewrites })
        };
        let paper = |title: &str, state, score: Option<&str>| PaperItem {
            assignment: "a-arithmetic".into(),
            title: title.into(),
            due: "11月23日 20:00".into(),
            state,
            score: score.map(Into::into),
            provisional: state == State::Begun,
            points: Some("100".into()),
        };
        Self {
            id: "p-007".into(),
            number: 7,
            name: "阿卜杜拉·买买提".into(),
            points: vec![
                point("表内乘法", 24, Some((71, 86, 95))),
                point("两位数加法(进位)", 18, Some((48, 66, 81))),
                point("两位数减法(退位)", 12, Some((12, 31, 55))),
                point("大小比较", 4, None),
            ],
            papers: ByMonths {
                months: Vec::new(),
                latest: vec![
                    paper("三年级口算练习(八)", State::HandedIn, Some("95")),
                    paper("三年级口算练习(九)", State::Begun, Some("40")),
                    paper("数学综合练习:大小比较与解决问题", State::Missing, None),
                ],
            },
            writing: Some(Writing {
                assignment: "a-arithmetic".into(),
                title: "三年级口算练习(八)".into(),
                answers: vec![
                    answer("一(1)", Sign::Right, "对", written(1, None, 0)),
                    answer("一(2)", Sign::Wrong, "错", written(3, Some("2 分 5 秒"), 2)),
                    answer("一(3)", Sign::Blank, "跳过", None),
                    answer("一(4)", Sign::Decide, "待确认", written(2, Some("1.4 秒"), 0)),
                    answer("二(1)", Sign::Blank, "没做到", None),
                ],
            }),
        }
    }
}

#[cfg(test)]
impl PupilPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let (class, x) = ("c-3-1".into(), ExportWords::of(layout.locale));
        let (take, pupil) = (TakeAway::sample(), Pupil::sample());
        Self { layout, class, after: 41, take, x, pupil }
    }
}

#[cfg(test)]
impl PupilPart {
    pub(crate) fn sample(layout: Layout) -> Self {
        Self { layout, pupil: Pupil::sample() }
    }
}
