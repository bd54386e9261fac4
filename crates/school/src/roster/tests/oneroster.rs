//! OneRoster exports.

use super::*;

pub(super) fn bulk() -> Vec<(&'static str, String)> {
    vec![
        (
            "manifest.csv",
            "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.users,bulk\n"
                .into(),
        ),
        (
            "orgs.csv",
            "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n\
             o-1,,,示例小学,school,,d-1\nd-1,,,示例区,district,,\n"
                .into(),
        ),
        (
            "courses.csv",
            "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,\
             orgSourcedId,subjects,subjectCodes\nk-m,,,,数学,,03,o-1,数学,\n"
                .into(),
        ),
        (
            "classes.csv",
            "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,\
             location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods,metadata.x\n\
             h-1,,,三年级（1）班,03,,,homeroom,,o-1,,,,,x\n\
             h-2,,,三年级（2）班,03,,,homeroom,,o-1,,,,,\n\
             m-1,,,数学三1,,k-m,,scheduled,,o-1,,,,,\n\
             club,,,围棋,,k-m,,scheduled,,o-1,,,,,\n"
                .into(),
        ),
        (
            "users.csv",
            "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,\
             middleName,identifier,primaryOrgSourcedId\n\
             u-1,,,true,,,小明,王,,7,o-1\n\
             u-2,,,true,,,Anna,Li,Maria,,o-1\n\
             u-3,,,true,,,雷,李,,,o-1\n\
             t-1,,,true,shen,,静秋,沈,,,o-1\n\
             t-2,,,true,gu,,明德,顾,,,o-1\n\
             g-1,,,true,parent,,父,王,,,o-1\n"
                .into(),
        ),
        (
            "roles.csv",
            "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,\
             orgSourcedId,userProfileSourcedId\n\
             r1,,,u-1,primary,student,,,o-1,\nr2,,,u-2,primary,student,,,o-1,\n\
             r3,,,u-3,primary,student,,,o-1,\nr4,,,t-1,primary,teacher,,,o-1,\n\
             r5,,,t-2,primary,teacher,,,o-1,\nr6,,,g-1,primary,guardian,,,o-1,\n"
                .into(),
        ),
        (
            "enrollments.csv",
            "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,\
             primary,beginDate,endDate\n\
             e1,,,h-1,o-1,u-1,student,,,\ne2,,,h-1,o-1,u-2,student,,,\n\
             e3,,,h-2,o-1,u-3,student,,,\ne4,,,m-1,o-1,u-1,student,,,\n\
             e5,,,m-1,o-1,u-2,student,,,\ne6,,,club,o-1,u-1,student,,,\n\
             e7,,,club,o-1,u-3,student,,,\ne8,,,h-1,o-1,t-1,teacher,true,,\n\
             e9,,,m-1,o-1,t-2,teacher,true,,\ne10,,,club,o-1,t-2,teacher,true,,\n\
             e11,,,h-2,o-1,u-1,student,,2025-09-01,2026-07-01\n"
                .into(),
        ),
    ]
}

pub(super) fn read_all(all: Vec<(&str, String)>) -> Result<Roster, Vec<String>> {
    let told = Told { school: None, from: date!(2026 - 09 - 01) };
    let files = all.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect();
    read(files, &told).map_err(in_english)
}

/// Results alone, as another system or `zhibi export oneroster` writes them.
#[test]
fn results_without_a_roster_change_nobody() {
    let files = ["orgs", "classes", "users", "enrollments"];
    let absent: String = files.iter().map(|file| format!("file.{file},absent\n")).collect();
    let manifest =
        format!("propertyName,value\noneroster.version,1.2\nfile.results,bulk\n{absent}");
    let results = "sourcedId,lineItemSourcedId,studentSourcedId,score\nr-1,i-1,u-1,5\n".to_owned();
    let folder = || vec![("manifest.csv", manifest.clone()), ("results.csv", results.clone())];
    let roster = read_all(folder()).unwrap();
    assert!(roster.pupils.is_empty() && roster.classes.is_empty() && !roster.whole);
    let some = manifest.replace("file.users,absent", "file.users,bulk");
    let users = vec![("manifest.csv", some), ("results.csv", results.clone())];
    let refused = read_all(users).unwrap_err();
    assert!(refused.iter().any(|problem| problem.contains("users.csv")), "{refused:?}");
    let mut beside = bulk();
    beside.push(("results.csv", results.clone()));
    assert_eq!(read_all(beside).unwrap().pupils.len(), 3, "beside a roster they are passed over");
}

#[test]
fn a_bulk_export_says_who_is_where() {
    let roster = read_all(bulk()).unwrap();
    assert!(roster.whole);
    assert_eq!(roster.schools.len(), 1, "a district is no school");
    let names: Vec<&str> = roster.classes.iter().map(|class| class.name_zh.as_str()).collect();
    assert_eq!(names, ["三年级（1）班", "三年级（2）班"]);
    assert_eq!(
        pupils(&roster),
        [
            (Some("u-1"), Some("三年级（1）班"), Some(7), "王小明"),
            (Some("u-2"), Some("三年级（1）班"), None, "Anna Maria Li"),
            (Some("u-3"), Some("三年级（2）班"), None, "李雷"),
        ]
    );
    let roles: Vec<(&str, &str, bool, Option<&str>)> = roster
        .staff
        .iter()
        .flat_map(|staff| staff.roles.iter().map(move |role| (staff, role)))
        .map(|(staff, role)| {
            let subject = role.subject.as_ref().map(|subject| subject.as_str());
            (
                staff.login.as_deref().unwrap(),
                role.class.value.as_str(),
                role.class_teacher,
                subject,
            )
        })
        .collect();
    // The pupils of m-1 are all of h-1; those of the club are of several classes.
    assert_eq!(roles, [("shen", "h-1", true, None), ("gu", "h-1", false, Some("math"))]);
    let expected = [
        ("pupils' enrollments in classes that are not home classes", 4),
        ("teachers' enrollments in classes whose pupils are of several home classes", 1),
        ("users who are neither pupils nor teachers", 1),
    ];
    assert_eq!(passed_over(&roster), expected);
}

#[test]
fn version_1_1_has_roles_and_schools_with_users() {
    let mut all = bulk();
    all.retain(|(name, _)| !matches!(*name, "manifest.csv" | "roles.csv" | "courses.csv"));
    for (name, text) in &mut all {
        if *name == "users.csv" {
            *text = "\u{feff}sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,\
                     username,userIds,givenName,familyName,middleName,identifier\n\
                     u-1,active,,true,\"o-1,o-2\",student,,,小明,王,,7\n\
                     t-1,active,,true,o-1,teacher,shen,,静秋,沈,,\n"
                .into();
        }
        if *name == "enrollments.csv" {
            *text = "sourcedId,status,classSourcedId,schoolSourcedId,userSourcedId,role,primary\n\
                     e1,active,h-1,o-1,u-1,student,false\ne2,active,h-1,o-1,t-1,teacher,false\n"
                .into();
        }
    }
    let roster = read_all(all).unwrap();
    assert_eq!(pupils(&roster), [(Some("u-1"), Some("三年级（1）班"), Some(7), "王小明")]);
    assert_eq!(roster.pupils[0].school.as_ref().unwrap().value, "o-1");
    assert!(!roster.staff[0].roles[0].class_teacher);
}

#[test]
fn a_delta_says_only_what_changed() {
    let roster = read_all(vec![
        ("manifest.csv", "propertyName,value\noneroster.version,1.2\nfile.users,delta\n".into()),
        (
            "users.csv",
            "sourcedId,status,givenName,familyName,enabledUser\nu-1,tobedeleted,小明,王,true\n\
             u-2,active,Anna,Wang,true\n"
                .into(),
        ),
        (
            "enrollments.csv",
            "sourcedId,status,classSourcedId,userSourcedId,role\n\
             e3,tobedeleted,h-2,u-3,student\ne4,active,h-1,u-3,student\n\
             e5,active,m-9,u-3,student\ne8,tobedeleted,h-1,t-1,teacher\ne9,tobedeleted,h-1,u-4,student\n"
                .into(),
        ),
    ])
    .unwrap();
    assert!(!roster.whole);
    let of = |id: &str| {
        let mut all = roster.pupils.iter();
        all.find(|pupil| pupil.key.as_ref().unwrap().value == id).unwrap()
    };
    assert_eq!(of("u-1").placement, Placement::Out { class: None });
    assert_eq!((&of("u-2").placement, of("u-2").only_known), (&Placement::Unsaid, true));
    assert_eq!(of("u-3").classes()[0].value, "h-1");
    assert!(matches!(&of("u-3").placement, Placement::In { classes } if classes.len() == 2));
    assert!(matches!(of("u-4").placement, Placement::Out { class: Some(_) }));
    let t1 = roster.staff.iter().find(|staff| staff.key.value == "t-1").unwrap();
    assert!(t1.roles[0].ends && !t1.only_known);
}

#[test]
fn every_problem_of_an_export_has_its_place() {
    let check = |file: &str, from: &str, to: &str, expected: &[&str]| {
        let mut all = bulk();
        let (_, text) = all.iter_mut().find(|(name, _)| *name == file).unwrap();
        assert!(text.contains(from), "{file} has {from}");
        *text = text.replace(from, to);
        let problems = read_all(all).unwrap_err();
        assert_eq!(problems.len(), expected.len(), "{problems:#?}");
        for (problem, expected) in problems.iter().zip(expected) {
            assert!(problem.starts_with(expected), "{problem}, not {expected}");
        }
    };
    check(
        "users.csv",
        "gu,,明德",
        "Ｓhen,,明德",
        &["users.csv, line 6, column username: another teacher has \"Ｓhen\", or one that looks"],
    );
    check(
        "users.csv",
        "gu,,明德",
        "shen,,明德",
        &[
            "users.csv, line 6, column username: another teacher has \"shen\", or one that looks like it, on line 5",
        ],
    );
    check(
        "users.csv",
        "u-2,,",
        "u-1,,",
        &[
            "users.csv, line 3, column sourcedId: an earlier line has the same",
            "roles.csv, line 3, column userSourcedId: users.csv has no such user",
            "enrollments.csv, line 3, column userSourcedId: users.csv has no such user",
        ],
    );
    check("users.csv", "小明,王", ",", &["users.csv, line 2, column givenName"]);
    check("users.csv", "u-3,,", "u-3,gone,", &["users.csv, line 4, column status"]);
    check(
        "classes.csv",
        "班,03,,,homeroom,,o-1",
        "班,,,,homeroom,,o-9",
        &[
            "classes.csv, line 2, column schoolSourcedId: orgs.csv has no school",
            "classes.csv, line 3, column schoolSourcedId: orgs.csv has no school",
            "classes.csv, line 2, column grades: a home class needs one grade",
            "classes.csv, line 3, column grades: a home class needs one grade",
        ],
    );
    check(
        "classes.csv",
        "三年级（1）班,03",
        "三年级（1）班,KG",
        &["classes.csv, line 2, column grades: a home class needs one grade"],
    );
    check(
        "enrollments.csv",
        "2026-07-01",
        "07/01/2027",
        &["enrollments.csv, line 12, column endDate: it is no date"],
    );
    check(
        "enrollments.csv",
        "2026-07-01",
        "2027-07-01",
        &[
            "enrollments.csv, line 12, column classSourcedId: the pupil is in another home class too, \
         on line 2",
        ],
    );
    check(
        "enrollments.csv",
        "e1,,,h-1,o-1,u-1",
        "e1,,,h-1,o-1,",
        &["enrollments.csv, line 2, column userSourcedId: it is empty"],
    );
    check(
        "orgs.csv",
        "name,type",
        "title,type",
        &["orgs.csv, line 1, column name: there is no such column"],
    );
    check("manifest.csv", "version,1.2", "version,2.0", &["manifest.csv, line 3, column value"]);
    let mut all = bulk();
    all.retain(|(name, _)| *name != "users.csv" && *name != "roles.csv");
    let problems = read_all(all).unwrap_err();
    assert!(problems[0].starts_with("users.csv: there is no such file"), "{problems:?}");
}

/// Failure: one kind of fault is told, and the next one only once that is mended; or a fault is told
/// that only follows from another.
#[test]
fn every_kind_of_fault_is_told_at_once() {
    let mut all = bulk();
    for (file, from, to) in [
        ("orgs.csv", "o-1,,,示例小学,school", "o-1,,,,school"),
        ("classes.csv", "三年级（2）班,03", ",KG"),
        ("users.csv", "小明,王", ","),
        ("users.csv", "gu,,明德", "shen,,明\u{200b}德"),
        ("roles.csv", "r6,,,g-1", "r6,,,g-9"),
        ("enrollments.csv", "e3,,,h-2,o-1,u-3", "e3,,,h-2,o-1,u-9"),
        ("enrollments.csv", "e9,,,m-1", "e9,,,m-9"),
        ("enrollments.csv", "2026-07-01", "2027-07-01"),
    ] {
        let (_, text) = all.iter_mut().find(|(name, _)| *name == file).unwrap();
        assert!(text.contains(from), "{file} has {from}");
        *text = text.replacen(from, to, 1);
    }
    let problems = read_all(all).unwrap_err();
    let expected = [
        "orgs.csv, line 2, column name: it is empty",
        "classes.csv, line 3, column title: it is empty",
        "users.csv, line 2, column givenName: there is neither",
        "users.csv, line 6, column givenName: it has a character in it that nobody sees",
        "roles.csv, line 7, column userSourcedId: users.csv has no such user",
        "enrollments.csv, line 10, column classSourcedId: classes.csv has no such class",
        "users.csv, line 6, column username: another teacher has \"shen\", or one that looks like it, on line 5",
        "classes.csv, line 3, column grades: a home class needs one grade",
        "enrollments.csv, line 12, column classSourcedId: the pupil is in another home class too",
        "enrollments.csv, line 4, column userSourcedId: users.csv has no such user",
    ];
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (problem, expected) in problems.iter().zip(expected) {
        assert!(problem.starts_with(expected), "{problem}, not {expected}");
    }
    // Without its classes nobody is in one too many.
    let mut all = bulk();
    all.retain(|(name, _)| *name != "classes.csv");
    let problems = read_all(all).unwrap_err();
    assert_eq!(problems, ["classes.csv: there is no such file, and a bulk export has one"]);
}

#[test]
fn without_homerooms_every_class_is_one() {
    let mut all = bulk();
    for (_, text) in &mut all {
        *text = text.replace("homeroom", "scheduled").replace("数学三1,,", "数学三1,03,");
        *text = text.replace("围棋,,", "围棋,03,");
    }
    let problems = read_all(all).unwrap_err();
    assert!(problems.iter().all(|problem| problem.contains("another home class")), "{problems:?}");
    assert_eq!(problems.len(), 3);
}
