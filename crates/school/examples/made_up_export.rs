//! Writes a made-up OneRoster export as large as wanted, to measure `zhibi import roster` with:
//!
//! ```sh
//! cargo run --release -p school --example made_up_export -- DIR 50000
//! ```

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

const CLASS_PUPILS: usize = 40;
const SCHOOL_CLASSES: usize = 30;
const GRADE_CLASSES: usize = 5;
/// Each of a class's teachers has one other class.
const CLASS_TEACHERS: usize = 3;

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let (Some(folder), Some(pupils)) =
        (args.next(), args.next().and_then(|n| n.parse::<usize>().ok()))
    else {
        return Err(std::io::Error::other("usage: export DIR PUPILS"));
    };
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder)?;
    let file = |name: &str, head: &str| {
        let mut file = BufWriter::new(File::create(folder.join(name))?);
        writeln!(file, "{head}")?;
        Ok::<_, std::io::Error>(file)
    };
    let mut manifest = file("manifest.csv", "propertyName,value")?;
    writeln!(manifest, "oneroster.version,1.2\nfile.users,bulk")?;
    let mut orgs = file("orgs.csv", "sourcedId,status,name,type")?;
    let mut classes =
        file("classes.csv", "sourcedId,status,title,grades,classType,schoolSourcedId")?;
    let mut users = file(
        "users.csv",
        "sourcedId,status,username,givenName,familyName,identifier,primaryOrgSourcedId",
    )?;
    let mut roles = file("roles.csv", "sourcedId,userSourcedId,roleType,role,orgSourcedId")?;
    let mut enrollments =
        file("enrollments.csv", "sourcedId,status,classSourcedId,userSourcedId,role,primary")?;
    for class in 0..pupils.div_ceil(CLASS_PUPILS) {
        let (school, of_school) = (class / SCHOOL_CLASSES, class % SCHOOL_CLASSES);
        if of_school == 0 {
            writeln!(orgs, "o{school},,示例第{}小学,school", school + 1)?;
        }
        let (grade, label) = (1 + of_school / GRADE_CLASSES, 1 + of_school % GRADE_CLASSES);
        writeln!(classes, "c{class},,{grade}年级（{label}）班,{grade:02},homeroom,o{school}")?;
        for number in 1..=CLASS_PUPILS.min(pupils - class * CLASS_PUPILS) {
            let user = format!("u{class}-{number}");
            let given = given_name(class * CLASS_PUPILS + number);
            writeln!(users, "{user},,,{given},李,{number},o{school}")?;
            writeln!(roles, "{user},{user},primary,student,o{school}")?;
            writeln!(enrollments, "{user},,c{class},{user},student,false")?;
        }
        for teacher in 0..CLASS_TEACHERS {
            let user = format!("t{}-{teacher}", class / 2);
            if class % 2 == 0 {
                let given = given_name(class * CLASS_TEACHERS + teacher);
                writeln!(users, "{user},,{user},{given},王,,o{school}")?;
                writeln!(roles, "{user},{user},primary,teacher,o{school}")?;
            }
            let primary = teacher == class % 2;
            writeln!(enrollments, "{user}-{class},,c{class},{user},teacher,{primary}")?;
        }
    }
    for mut file in [manifest, orgs, classes, users, roles, enrollments] {
        file.flush()?;
    }
    Ok(())
}

/// Two characters, some of them beyond the first plane.
fn given_name(seed: usize) -> String {
    let common = char::from_u32(0x4e00 + (seed * 7_919 % 0x5000) as u32).unwrap_or('一');
    let second = if seed.is_multiple_of(50) { 0x20000 } else { 0x4e00 };
    let rare = char::from_u32(second + (seed * 104_729 % 0x5000) as u32).unwrap_or('一');
    format!("{common}{rare}")
}
