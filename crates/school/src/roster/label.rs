//! How lists write grades, classes and subjects: `三`, `三年级`, `3`, `初一`, `2024级`; `三（2）班`, `2班`,
//! `302`.

use super::Said;
use crate::{Grade, SubjectId};

const NUMERALS: [&str; 12] =
    ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"];

/// Text with the full-width forms of ASCII as ASCII, and without white space.
pub(super) fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    text.chars().map(narrow).filter(|c| !c.is_whitespace()).collect()
}

/// What a problem says of a character that [`crate::hidden_char`] finds.
pub(super) fn told_hidden(hidden: char) -> Said {
    match hidden {
        '\n' | '\r' | '\t' => Said::new(
            "里面有换行或别的控制字符：请删去",
            "it has a line break or another control character in it: remove it",
        ),
        _ => {
            let code = format!("U+{:04X}", u32::from(hidden));
            Said::new(
                format!("里面有一个看不见的字符（{code}）：请重新输入"),
                format!("it has a character in it that nobody sees, {code}: type it again"),
            )
        }
    }
}

/// A number in digits or in Chinese numerals.
fn number(text: &str) -> Option<u32> {
    let place = NUMERALS.iter().position(|numeral| *numeral == text);
    place.map(|place| place as u32 + 1).or_else(|| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    })
}

/// A grade in a school year that begins in `year`.
pub(super) fn grade(text: &str, year: i32) -> Option<Grade> {
    let text = plain(text);
    let entered = text.strip_suffix('级').filter(|rest| rest.len() == 4);
    if let Some(entered) = entered.and_then(|rest| rest.parse::<i32>().ok()) {
        return Grade::new(u8::try_from(year - entered + 1).ok()?).ok();
    }
    let text = ["年级", "级", "年"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(&text);
    for (stage, before) in [("小学", 0), ("小", 0), ("初中", 6), ("初", 6), ("高中", 9), ("高", 9)]
    {
        if let Some(rest) = text.strip_prefix(stage) {
            return Grade::new(u8::try_from(number(rest)? + before).ok()?).ok();
        }
    }
    Grade::new(u8::try_from(number(text)?).ok()?).ok()
}

/// A class: its grade, where the text says it, and its label within the grade.
pub(super) struct ClassText {
    pub(super) grade: Option<Grade>,
    pub(super) label: String,
}

/// Reads what a class is called. `None` where nothing is left for its label.
pub(super) fn class(text: &str, year: i32) -> Option<ClassText> {
    let text = plain(text);
    let text = text.strip_suffix('班').unwrap_or(&text);
    let bare = |rest: &str| {
        let rest = rest.trim_matches(|c| matches!(c, '(' | ')' | '-' | '.'));
        let rest = rest.strip_suffix('班').unwrap_or(rest);
        number(rest).map_or_else(|| rest.to_owned(), |number| number.to_string())
    };
    let cut = |at: usize| text.split_at_checked(at);
    let parts = if let Some(at) = text.find("年级") {
        cut(at + "年级".len())
    } else if let Some(at) = text.find('年').filter(|at| *at > 0) {
        // 三年6班
        cut(at + "年".len())
    } else if let Some(at) = text.find('级').filter(|at| *at == 4) {
        cut(at + "级".len())
    } else {
        let mark = text.find(['(', '.', '-']).filter(|at| *at > 0);
        // 三2班, 初一3班
        let digit = || text.find(|c: char| c.is_ascii_digit()).filter(|at| *at > 0);
        mark.or_else(digit).and_then(cut)
    };
    let (of, label) = match parts {
        // What stands before the label must be a grade; otherwise all of it is the label.
        Some((before, label)) if grade(before, year).is_some() => {
            (grade(before, year), bare(label))
        }
        _ => (None, bare(text)),
    };
    (!label.is_empty() && label.chars().count() <= 20).then_some(ClassText { grade: of, label })
}

impl ClassText {
    /// The grade of 302, which stands alone.
    fn hundred(&self) -> Option<Grade> {
        let is_whole = self.label.len() == 3 && self.label.bytes().all(|b| b.is_ascii_digit());
        let digit = self.label.get(..1).filter(|_| is_whole)?;
        Grade::new(digit.parse().ok()?).ok()
    }

    /// The grade and label, where a column has the grade too. `None` where the two differ, or
    /// neither says it.
    pub(super) fn within(self, column: Option<Grade>) -> Option<(Grade, String)> {
        let grade = match (column, self.grade) {
            (Some(column), Some(own)) if column != own => return None,
            (None, None) => self.hundred()?,
            (column, own) => column.or(own)?,
        };
        // 302 is class 2 of grade 3.
        let of_grade = self.label.strip_prefix(&grade.number().to_string());
        let label = match of_grade.filter(|rest| self.label.len() >= 3 && rest.len() == 2) {
            Some(rest) => number(rest).map_or(self.label.clone(), |number| number.to_string()),
            None => self.label,
        };
        Some((grade, label))
    }
}

/// What pages call a class: in Chinese and in English.
pub(super) fn names(grade: Grade, label: &str) -> (String, String) {
    let number = usize::from(grade.number());
    let numeral = NUMERALS.get(number.wrapping_sub(1)).copied().unwrap_or_default();
    (format!("{numeral}年级（{label}）班"), format!("Grade {number}, class {label}"))
}

/// Subjects by their names.
pub(super) const SUBJECTS: [(&str, &str); 16] = [
    ("语文", "chinese"),
    ("数学", "math"),
    ("英语", "english"),
    ("外语", "english"),
    ("科学", "science"),
    ("道德与法治", "morality"),
    ("道法", "morality"),
    ("音乐", "music"),
    ("美术", "art"),
    ("体育", "pe"),
    ("信息科技", "it"),
    ("信息技术", "it"),
    ("历史", "history"),
    ("地理", "geography"),
    ("物理", "physics"),
    ("化学", "chemistry"),
];

/// What a subject is called in Chinese; of one that no list names, what worksheets call it.
#[must_use]
pub fn subject_zh(id: &str) -> &str {
    let known = SUBJECTS.iter().find(|(_, known)| *known == id).map(|(name, _)| *name);
    known.unwrap_or(if id == "biology" { "生物" } else { id })
}

/// A subject by its Chinese name or by the name that worksheets have for it.
pub(super) fn subject(text: &str) -> Option<SubjectId> {
    let text = plain(text).to_lowercase();
    let known = SUBJECTS.iter().find(|(name, id)| *name == text || *id == text);
    let id = known.map(|(_, id)| *id).or(match text.as_str() {
        "mathematics" | "maths" => Some("math"),
        "生物" | "biology" => Some("biology"),
        _ => None,
    })?;
    SubjectId::new(id).ok()
}

/// Whether a name is what programs write where they have none.
pub(super) fn is_no_name(name: &str) -> bool {
    const WORDS: [&str; 8] = ["null", "nil", "none", "nan", "undefined", "true", "false", "n/a"];
    WORDS.iter().any(|word| name.trim().eq_ignore_ascii_case(word))
}

/// What a problem says of such a name.
pub(super) fn told_no_name(name: &str) -> Said {
    Said::new(
        format!("{name} 不是姓名，像是别的程序填的空值：请填上姓名，或删去这一行"),
        format!("{name} is what programs write for no name: type the name, or remove the line"),
    )
}
