//! What is known of one pupil.

use askama::Template;

use super::{Chrome, State};

/// Settled answers below which no mastery is shown: on the first five, predictions are little
/// better than chance.
pub(crate) const ANSWERS_MIN: u32 = 5;

/// Knowledge points and papers of one pupil.
#[derive(Template)]
#[template(path = "pupil.html")]
pub(crate) struct PupilPage {
    pub(crate) chrome: Chrome,
    pub(crate) class: String,
    pub(crate) after: i64,
    pub(crate) pupil: Pupil,
}

/// The part that changes.
#[derive(Template)]
#[template(path = "pupil_part.html")]
pub(crate) struct PupilPart {
    pub(crate) chrome: Chrome,
    pub(crate) pupil: Pupil,
}

pub(crate) struct Pupil {
    pub(crate) id: String,
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) points: Vec<PointItem>,
    pub(crate) papers: Vec<PaperItem>,
}

/// A knowledge point.
pub(crate) struct PointItem {
    pub(crate) name: String,
    pub(crate) answers: u32,
    /// In percent; `None` where there is not enough evidence.
    pub(crate) mastery: Option<Interval>,
}

/// A mean and its 90 % interval, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) mean: u32,
    pub(crate) low: u32,
    pub(crate) high: u32,
}

impl PointItem {
    pub(crate) fn interval_text(&self, chrome: &Chrome) -> String {
        self.mastery.map_or_else(String::new, |interval| {
            crate::words::fill(
                chrome.w.mastery_interval,
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
    pub(crate) points: String,
}

#[cfg(test)]
impl Pupil {
    fn sample() -> Self {
        let point = |name: &str, answers, mastery: Option<(u32, u32, u32)>| PointItem {
            name: name.into(),
            answers,
            mastery: mastery.map(|(low, mean, high)| Interval { mean, low, high }),
        };
        let paper = |title: &str, state, score: Option<&str>| PaperItem {
            assignment: "a-arithmetic".into(),
            title: title.into(),
            due: "11月23日 20:00".into(),
            state,
            score: score.map(Into::into),
            points: "100".into(),
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
            papers: vec![
                paper("三年级口算练习(八)", State::HandedIn, Some("95")),
                paper("数学综合练习:大小比较与解决问题", State::Missing, None),
            ],
        }
    }
}

#[cfg(test)]
impl PupilPage {
    pub(crate) fn sample(chrome: Chrome) -> Self {
        Self { chrome, class: "c-3-1".into(), after: 41, pupil: Pupil::sample() }
    }
}

#[cfg(test)]
impl PupilPart {
    pub(crate) fn sample(chrome: Chrome) -> Self {
        Self { chrome, pupil: Pupil::sample() }
    }
}
