//! Rosters: any file has an answer. The first byte says what it is called, and whether it is one of
//! several: a list as CSV, an archive or workbook, a file of OneRoster beside others.
#![no_main]

use school::roster::{Files, Told, read};

const CLASSES: &str = "sourcedId,title,grades,classType,schoolSourcedId\nh-1,三1班,03,homeroom,o-1\n";
const ORGS: &str = "sourcedId,name,type\no-1,示例小学,school\n";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let mut files = Files::new();
    let name = match kind % 4 {
        0 => "名单.csv",
        // Not told by its name, but by what it begins with.
        1 => "a.xlsx",
        2 => "users.csv",
        _ => "enrollments.csv",
    };
    if kind % 4 == 3 {
        files.insert("orgs.csv".into(), ORGS.into());
        files.insert("classes.csv".into(), CLASSES.into());
        files.insert("users.csv".into(), "sourcedId,givenName,role\nu-1,明,student\n".into());
    }
    files.insert(name.into(), bytes.to_vec());
    let from = time::Date::from_calendar_date(2026, time::Month::September, 1).expect("a day");
    let told = Told { school: Some("示例小学"), from };
    match read(files.clone(), &told) {
        Ok(roster) => {
            let names = roster.pupils.iter().filter_map(|pupil| pupil.name.as_deref());
            for name in names {
                assert!(name.chars().count() <= 128 && !name.contains('\u{202e}'), "{name:?}");
            }
            assert_eq!(read(files, &told).as_ref(), Ok(&roster));
        }
        Err(problems) => assert!(!problems.is_empty()),
    }
});
