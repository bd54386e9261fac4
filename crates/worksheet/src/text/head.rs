//! The lines above the first section: title, grade, subject and what else a sheet says of itself.

use crate::{Score, WorksheetId};

use super::fault::{Fault, Place, Wrong};
use super::{inline, note};

/// The lines of a head: in Chinese, in English.
const LINES: [(&str, &str); 9] = [
    ("标题", "title"),
    ("英文标题", "english title"),
    ("编号", "id"),
    ("版本", "version"),
    ("年级", "grade"),
    ("科目", "subject"),
    ("学校", "school"),
    ("寄语", "motto"),
    ("总分", "points"),
];
/// Subjects as they are written, and their names in worksheet files.
const SUBJECTS: [(&str, &str); 5] = [
    ("数学", "math"),
    ("英语", "english"),
    ("语文", "chinese"),
    ("科学", "science"),
    ("自然", "science"),
];

/// What is known of a sheet before its questions.
#[derive(Default)]
pub(super) struct Head {
    values: [Option<(String, Place)>; LINES.len()],
}

/// A head whose values are sound.
pub(super) struct SoundHead {
    pub(super) id: WorksheetId,
    pub(super) title_zh: String,
    pub(super) title_en: String,
    pub(super) subject: String,
    pub(super) grade: u8,
    pub(super) school: String,
    pub(super) motto: String,
    pub(super) total: Option<(Score, Place)>,
}

/// `名：value`: the name, the value, and how many characters stand before the value.
pub(super) fn named(line: &[char]) -> Option<(String, String, usize)> {
    let colon = line.iter().position(|c| matches!(c, ':' | '：'))?;
    let name: String = line[..colon].iter().collect();
    let space = line[colon + 1..].iter().take_while(|c| c.is_whitespace()).count();
    let value: String = line[colon + 1 + space..].iter().collect();
    Some((name.trim().to_ascii_lowercase(), value.trim().to_owned(), colon + 1 + space))
}

impl Head {
    /// Takes a line of the head in.
    pub(super) fn take(&mut self, line: &[char], place: Place, faults: &mut Vec<Fault>) {
        let mut fault = |wrong| faults.push(Fault { place, wrong });
        let Some((name, value, before)) = named(line) else { return fault(Wrong::NoSection) };
        let at = LINES.iter().position(|(zh, en)| [*zh, *en].contains(&name.as_str()));
        match at.map(|at| &mut self.values[at]) {
            None if name.chars().count() > 12 => fault(Wrong::NoSection),
            None => fault(Wrong::UnknownLine(name)),
            Some(Some(_)) => fault(Wrong::Twice(name)),
            Some(empty) => {
                *empty = Some((value, Place { column: place.column + before, ..place }));
            }
        }
    }

    fn value(&self, name: &str) -> Option<(&str, Place)> {
        let at = LINES.iter().position(|(_, en)| *en == name)?;
        self.values[at].as_ref().map(|(value, place)| (value.as_str(), *place))
    }

    /// The value of a line that a sheet may leave out.
    fn text(&self, name: &str) -> String {
        self.value(name).map(|(value, _)| value.to_owned()).unwrap_or_default()
    }

    /// What it says, or what is missing or wrong in it.
    pub(super) fn sound(&self, faults: &mut Vec<Fault>) -> Option<SoundHead> {
        let before = faults.len();
        let mut needed = |zh, en| match self.value(en) {
            Some((value, place)) if !value.is_empty() => Some((value, place)),
            _ => {
                let place = Place { line: 1, column: 1 };
                faults.push(Fault { place, wrong: Wrong::Missing(zh, en) });
                None
            }
        };
        let title = needed("标题", "title");
        let grade = needed("年级", "grade");
        let subject = needed("科目", "subject");
        let mut wrong = |place, zh, en| faults.push(Fault { place, wrong: Wrong::Value(zh, en) });
        let grade = grade.and_then(|(value, place)| {
            let plain = value.to_lowercase();
            let plain = plain.trim_start_matches("grade").trim_end_matches("年级");
            let grade = note::whole(plain).filter(|grade| (1..=12).contains(grade));
            if grade.is_none() {
                wrong(place, "1 到 12 的年级，如“三年级”", "a grade from 1 to 12");
            }
            grade
        });
        let subject = subject.and_then(|(value, place)| {
            let plain = value.to_lowercase();
            let known = SUBJECTS.iter().find(|(zh, en)| *zh == plain || *en == plain);
            if known.is_none() {
                wrong(
                    place,
                    "数学、英语、语文、科学之一",
                    "one of math, english, chinese, science",
                );
            }
            known.map(|(_, name)| *name)
        });
        let version = self.value("version").map_or(Some(1), |(value, place)| {
            let version = note::whole(value).filter(|version| *version > 0);
            if version.is_none() {
                wrong(place, "从 1 数起的整数", "a whole number from 1");
            }
            version
        });
        let total = self.value("points").and_then(|(value, place)| {
            let score = note::score(value.trim_end_matches(['分', ' ']));
            if score.is_none() {
                wrong(place, "分数，如 100", "a number of points, such as 100");
            }
            score.map(|score| (score, place))
        });
        let id = self.value("id").map(|(value, place)| {
            let sound = (1..=64).contains(&value.len())
                && value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if !sound {
                wrong(
                    place,
                    "小写字母、数字和 - 组成的编号，不超过 64 个",
                    "an id of a-z, 0-9 and -, at most 64",
                );
            }
            value.to_owned()
        });
        if faults.len() > before {
            return None;
        }
        let ((title, _), grade, subject) = (title?, grade?, subject?);
        let id = id.unwrap_or_else(|| format!("{subject}-g{grade}-{:08x}", hash(title)));
        let title_en = match self.text("english title") {
            english if english.is_empty() => title.to_owned(),
            english => english,
        };
        Some(SoundHead {
            id: WorksheetId { id, version: version? },
            title_zh: title.to_owned(),
            title_en,
            subject: subject.to_owned(),
            // At most 12.
            grade: grade as u8,
            school: self.text("school"),
            motto: self.text("motto"),
            total,
        })
    }

    /// Whether `3/4` is a fraction: in mathematics.
    pub(super) fn has_fractions(&self) -> bool {
        self.value("subject").is_some_and(|(value, _)| {
            ["数学", "math"].contains(&inline::half_width(value).to_lowercase().as_str())
        })
    }
}

/// FNV-1a: a title without an id of its own always gets the same one.
fn hash(text: &str) -> u32 {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    text.bytes().fold(0x811c_9dc5, step)
}

/// The text with another version in its head: the line that says it is changed, or one is added
/// behind the first line of the head. Everything else stays as it is.
#[must_use]
pub fn with_version(text: &str, version: u32) -> String {
    let is_version = |line: &str| {
        let chars: Vec<char> = line.chars().collect();
        named(&chars).is_some_and(|(name, ..)| ["版本", "version"].contains(&name.as_str()))
    };
    let is_title = |line: &str| {
        let chars: Vec<char> = line.chars().collect();
        named(&chars).is_some_and(|(name, ..)| ["标题", "title"].contains(&name.as_str()))
    };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let head = lines.iter().position(|line| is_section(line)).unwrap_or(lines.len());
    if let Some(line) = lines[..head].iter_mut().find(|line| is_version(line)) {
        // It was found by its colon.
        let (name, _) = line.split_once([':', '：']).unwrap_or(("版本", ""));
        let colon = if line.contains('：') { "：" } else { ": " };
        *line = format!("{name}{colon}{version}");
    } else {
        let at = lines[..head].iter().position(|line| is_title(line)).map_or(0, |at| at + 1);
        let line = lines
            .get(at.saturating_sub(1))
            .is_some_and(|title| title.trim_start().starts_with('t'));
        let line = if line { format!("version: {version}") } else { format!("版本：{version}") };
        lines.insert(at, line);
    }
    lines.join("\n") + "\n"
}

/// Whether a line begins a section: `一、` or `# `.
fn is_section(line: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}');
    let numeral = line.chars().take_while(|c| "一二三四五六七八九十".contains(*c)).count();
    line.starts_with('#') || (numeral > 0 && line.chars().nth(numeral) == Some('、'))
}
