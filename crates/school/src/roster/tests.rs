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
    read(files, &told).map_err(|problems| problems.iter().map(ToString::to_string).collect())
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
