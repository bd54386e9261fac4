//! The made-up school of `sample-strokes`, in both forms. A spreadsheet program's library wrote the
//! list.

use std::path::Path;

use super::*;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample-strokes/rosters")
}

#[test]
fn both_forms_say_the_same_of_the_sample_school() {
    let list = file("list.xlsx", std::fs::read(folder().join("list.xlsx")).unwrap()).unwrap();
    let mut export = Files::new();
    for entry in std::fs::read_dir(folder().join("oneroster")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        export.insert(name, std::fs::read(path).unwrap());
    }
    let told = Told { school: None, from: date!(2026 - 09 - 01) };
    let export = read(export, &told).unwrap();
    let of = |roster: &Roster| {
        let mut all: Vec<String> = pupils(roster)
            .into_iter()
            .map(|(_, class, number, name)| format!("{class:?} {number:?} {name}"))
            .collect();
        all.sort_unstable();
        all
    };
    assert_eq!(of(&list), of(&export));
    assert_eq!((list.pupils.len(), list.staff.len(), list.classes.len()), (24, 2, 2));
    let roles = |roster: &Roster| {
        let of = |staff: &StaffEntry| {
            let class = |key: &Key| roster.classes.iter().find(|class| class.key == *key).cloned();
            let role = |role: &RoleEntry| {
                let class = class(&role.class).unwrap().name_zh;
                format!("{:?} {class} {} {:?}", staff.login, role.class_teacher, role.subject)
            };
            staff.roles.iter().map(role).collect::<Vec<_>>()
        };
        let mut all: Vec<String> = roster.staff.iter().flat_map(of).collect();
        all.sort_unstable();
        all
    };
    assert_eq!(roles(&list), roles(&export));
}
