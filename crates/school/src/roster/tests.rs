//! Rosters as schools and their systems write them, and as an attacker would.

mod hostile;
mod list;
mod oneroster;
mod samples;
mod xlsx;

use time::macros::date;

use super::*;

/// Reads one file, of the school 示例小学, from the beginning of the school year 2026 on.
fn file(name: &str, bytes: impl Into<Vec<u8>>) -> Result<Roster, Vec<String>> {
    files([(name, bytes.into())])
}

fn files<const N: usize>(files: [(&str, Vec<u8>); N]) -> Result<Roster, Vec<String>> {
    let files = files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    let told = Told { school: Some("示例小学"), from: date!(2026 - 09 - 01) };
    read(files, &told).map_err(in_english)
}

/// Every problem in English. Each must be said in Chinese too, whatever file it is of.
fn in_english(problems: Problems) -> Vec<String> {
    let told = |problem: &Problem| {
        is_said_in_both(&problem.what);
        problem.to_string()
    };
    problems.iter().map(told).collect()
}

/// The Chinese half is there, is Chinese, and has every number of the English one: lines and limits.
fn is_said_in_both(Said { en, zh }: &Said) {
    let has_han = zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    assert!(has_han && zh != en && !en.is_empty(), "{zh} / {en}");
    let numbers = en.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
    for number in numbers {
        assert!(zh.contains(number), "{number} is missing: {zh} / {en}");
    }
}

/// What is passed over, in English, and how many there are of it.
fn passed_over(roster: &Roster) -> Vec<(&str, usize)> {
    roster.passed_over.keys().for_each(is_said_in_both);
    roster.passed_over.iter().map(|(what, count)| (&*what.en, *count)).collect()
}

/// Identity, grade and class, number, name.
type PupilFacts<'a> = (Option<&'a str>, Option<&'a str>, Option<u32>, &'a str);

/// What is known of each pupil.
fn pupils(roster: &Roster) -> Vec<PupilFacts<'_>> {
    roster.pupils.iter().map(|pupil| row(roster, pupil)).collect()
}

fn row<'a>(roster: &'a Roster, pupil: &'a PupilEntry) -> PupilFacts<'a> {
    let PupilEntry { key, name, number, .. } = pupil;
    let class = pupil.classes().first();
    let class = class.and_then(|key| roster.classes.iter().find(|class| class.key == *key));
    let class = class.map(|class| class.name_zh.as_str());
    let key = key.as_ref().map(|key| key.value.as_str());
    (key, class, *number, name.as_deref().unwrap_or_default())
}
