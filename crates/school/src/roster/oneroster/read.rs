//! The files of an export, one after another.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use time::Date;

use super::super::table::{Row, Table};
use super::super::{
    At, Files, Key, Problems, Said, SchoolEntry, Source, VALUE_CHARS_MAX, date, label,
};
use super::people::{Person, Role, full_name};
use crate::{Grade, SubjectId};

/// A class, home class or not.
pub(super) struct Class {
    pub(super) at: At,
    pub(super) title: String,
    pub(super) homeroom: bool,
    pub(super) school: String,
    pub(super) grade: Option<Grade>,
    pub(super) subject: Option<SubjectId>,
}

/// That somebody is in a class or teaches it.
pub(super) struct Enrollment {
    pub(super) at: At,
    pub(super) user: String,
    pub(super) class: String,
    pub(super) school: Option<String>,
    pub(super) role: Role,
    /// The class's subject.
    pub(super) subject: Option<SubjectId>,
    pub(super) primary: bool,
    pub(super) ended: bool,
}

/// All that the files say of people and classes.
pub(super) struct Export {
    pub(super) whole: bool,
    /// The identities of each file that could be read to its end, faulty lines too: what is not among
    /// them is missing. `None`: what is missing is not known.
    org_ids: Option<HashSet<String>>,
    pub(super) class_ids: Option<HashSet<String>>,
    pub(super) user_ids: Option<HashSet<String>>,
    /// Which courses there are, and of what grade, is known.
    pub(super) has_courses: bool,
    pub(super) schools: Vec<SchoolEntry>,
    pub(super) classes: BTreeMap<String, Class>,
    pub(super) people: BTreeMap<String, Person>,
    pub(super) enrollments: Vec<Enrollment>,
    pub(super) passed_over: BTreeMap<Said, usize>,
}

/// The files, each taken out when it is read, so that its bytes are gone behind it.
struct Folder {
    files: Files,
    whole: bool,
}

impl Folder {
    /// A file's table. One that a bulk export must have is a problem where it is missing.
    fn table(&mut self, name: &str, must: bool, problems: &mut Problems) -> Option<Table> {
        let key = self.files.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned();
        match key.and_then(|key| self.files.remove_entry(&key)) {
            Some((name, bytes)) => Table::new(&name, bytes, problems),
            None if must && self.whole => {
                let what = Said::new(
                    "没有这个文件，而全量导出（bulk）要有：请一起打包",
                    "there is no such file, and a bulk export has one",
                );
                problems.push(At::file(name).problem(None, what));
                None
            }
            None => None,
        }
    }
}

impl Export {
    pub(super) fn read(files: Files, from: Date, problems: &mut Problems) -> Option<Self> {
        let mut source = Folder { files, whole: true };
        source.whole = is_whole(&mut source, problems);
        let mut export = Self {
            whole: source.whole,
            org_ids: None,
            class_ids: None,
            user_ids: None,
            has_courses: true,
            schools: Vec::new(),
            classes: BTreeMap::new(),
            people: BTreeMap::new(),
            enrollments: Vec::new(),
            passed_over: BTreeMap::new(),
        };
        if let Some(table) = source.table("orgs.csv", true, problems) {
            export.orgs(&table, problems);
        }
        let mut courses = HashMap::new();
        if let Some(table) = source.table("courses.csv", false, problems) {
            export.has_courses = read_courses(&table, &mut courses, problems);
        }
        if let Some(table) = source.table("classes.csv", true, problems) {
            export.classes(&table, &courses, problems);
        }
        if let Some(table) = source.table("users.csv", true, problems) {
            export.users(&table, problems);
        }
        if let Some(table) = source.table("roles.csv", false, problems) {
            export.roles(&table, problems);
        }
        if let Some(table) = source.table("enrollments.csv", true, problems) {
            export.enrollments(&table, from, problems);
        }
        export.check_logins(problems);
        Some(export)
    }

    fn orgs(&mut self, table: &Table, problems: &mut Problems) {
        let (mut seen, mut schools) = (HashSet::new(), HashSet::new());
        let read = table.rows(&["sourcedId", "name", "type"], problems, |row, problems| {
            let Some(id) = id_of(row, &mut seen, problems) else { return };
            if row.get("type") != "school" || is_deleted(row, problems) {
                return;
            }
            schools.insert(id.clone());
            let Some(name) = row.need("name", problems) else { return };
            let key = Key::new(Source::OneRoster, id);
            self.schools.push(SchoolEntry { at: row.at.clone(), key, name: name.to_owned() });
        });
        self.org_ids = read.then_some(schools);
    }

    fn classes(
        &mut self,
        table: &Table,
        courses: &HashMap<String, Course>,
        problems: &mut Problems,
    ) {
        let mut seen = HashSet::new();
        let needs = ["sourcedId", "title", "classType", "schoolSourcedId"];
        let read = table.rows(&needs, problems, |row, problems| {
            let Some(id) = id_of(row, &mut seen, problems) else { return };
            // A class that is gone has no pupils; their rows say so.
            if is_deleted(row, problems) {
                return;
            }
            let (title, school) =
                (row.need("title", problems), row.need("schoolSourcedId", problems));
            let elsewhere = school.is_some_and(|school| {
                self.whole && self.org_ids.as_ref().is_some_and(|all| !all.contains(school))
            });
            if elsewhere {
                let what = Said::new(
                    "orgs.csv 里没有 sourcedId 是这个的学校：请核对",
                    "orgs.csv has no school of this sourcedId",
                );
                problems.push(row.at.problem("schoolSourcedId", what));
            }
            let course = courses.get(row.get("courseSourcedId"));
            let class = Class {
                at: row.at.clone(),
                title: title.unwrap_or_default().to_owned(),
                homeroom: row.get("classType") == "homeroom",
                school: school.unwrap_or_default().to_owned(),
                grade: grade_of(row.get("grades")).or(course.and_then(|course| course.grade)),
                subject: subject_of(row.get("subjects"))
                    .or_else(|| course.and_then(|course| course.subject.clone())),
            };
            // A faulty one too, so that what refers to it is not wrong as well.
            self.classes.insert(id, class);
        });
        self.class_ids = read.then_some(seen);
    }

    fn users(&mut self, table: &Table, problems: &mut Problems) {
        let whole = self.whole;
        let mut seen = HashSet::new();
        let read = table.rows(&["sourcedId"], problems, |row, problems| {
            let Some(id) = id_of(row, &mut seen, problems) else { return };
            let gone = is_deleted(row, problems);
            let role = row.get("role");
            let roles: BTreeSet<Role> = Role::of(role).into_iter().collect();
            let name =
                full_name(row.get("givenName"), row.get("middleName"), row.get("familyName"));
            if let Some((column, what)) = wrong_name(row, &name, whole && !gone) {
                problems.push(row.at.problem(column, what));
            }
            let org = [row.get("primaryOrgSourcedId"), first_of(row.get("orgSourcedIds"))];
            let person = Person {
                at: row.at.clone(),
                name: Some(name).filter(|name| !name.is_empty()),
                login: Some(row.get("username").to_owned()).filter(|login| !login.is_empty()),
                number: number_of(row.get("identifier")),
                school: org.into_iter().find(|org| !org.is_empty()).map(str::to_owned),
                roles,
                roles_said: !role.is_empty(),
                in_delta: !whole,
                disabled: row.get("enabledUser").eq_ignore_ascii_case("false"),
                gone,
            };
            self.people.insert(id, person);
        });
        self.user_ids = read.then_some(seen);
    }

    fn roles(&mut self, table: &Table, problems: &mut Problems) {
        let users = self.user_ids.as_ref().filter(|_| self.whole);
        table.rows(&["userSourcedId", "role", "orgSourcedId"], problems, |row, problems| {
            let Some(user) = row.need("userSourcedId", problems) else { return };
            if is_deleted(row, problems) {
                return;
            }
            let Some(person) = self.people.get_mut(user) else {
                if users.is_some_and(|all| !all.contains(user)) {
                    let what =
                        Said::new("users.csv 里没有这个人：请核对", "users.csv has no such user");
                    problems.push(row.at.problem("userSourcedId", what));
                }
                return;
            };
            person.roles_said = true;
            person.roles.extend(Role::of(row.get("role")));
            if person.school.is_none() && !row.get("orgSourcedId").is_empty() {
                person.school = Some(row.get("orgSourcedId").to_owned());
            }
        });
    }

    fn enrollments(&mut self, table: &Table, from: Date, problems: &mut Problems) {
        let mut others = 0;
        let needs = ["classSourcedId", "userSourcedId", "role"];
        table.rows(&needs, problems, |row, problems| {
            let Some(role) = Role::of(row.get("role")) else {
                others += 1;
                return;
            };
            let class = row.need("classSourcedId", problems);
            let user = row.need("userSourcedId", problems);
            let (Some(class), Some(user)) = (class, user) else { return };
            let deleted = is_deleted(row, problems);
            let ended = match date_of(row.get("endDate")) {
                Ok(end) => deleted || end.is_some_and(|end| end <= from),
                Err(what) => {
                    problems.push(row.at.problem("endDate", what));
                    return;
                }
            };
            let known = self.classes.get(class);
            let missing = self.class_ids.is_some() && known.is_none();
            if missing && self.whole && !ended {
                let what =
                    Said::new("classes.csv 里没有这个班：请核对", "classes.csv has no such class");
                problems.push(row.at.problem("classSourcedId", what));
                return;
            }
            let school = Some(row.get("schoolSourcedId")).filter(|school| !school.is_empty());
            if let Some(person) = self.people.get_mut(user)
                && person.school.is_none()
            {
                person.school = school.map(str::to_owned);
            }
            self.enrollments.push(Enrollment {
                at: row.at.clone(),
                user: user.to_owned(),
                class: class.to_owned(),
                school: school.map(str::to_owned),
                role,
                subject: known.and_then(|class| class.subject.clone()),
                primary: row.get("primary").eq_ignore_ascii_case("true"),
                ended,
            });
        });
        if others > 0 {
            let what = Said::new(
                "在班里的人既不是学生也不是老师",
                "enrollments of neither pupils nor teachers",
            );
            self.passed_over.insert(what, others);
        }
    }

    /// Teachers log in by their usernames, each by their own.
    fn check_logins(&self, problems: &mut Problems) {
        let mut teachers: HashSet<&str> = HashSet::new();
        let of_role = self.enrollments.iter().filter(|e| e.role == Role::Teacher);
        teachers.extend(of_role.map(|enrollment| enrollment.user.as_str()));
        let by_file =
            self.people.iter().filter(|(_, person)| person.roles.contains(&Role::Teacher));
        teachers.extend(by_file.map(|(id, _)| id.as_str()));
        let mut rows: Vec<&Person> = self
            .people
            .iter()
            .filter(|(id, person)| teachers.contains(id.as_str()) && !person.gone)
            .map(|(_, person)| person)
            .collect();
        rows.sort_by_key(|person| person.at.line);
        let mut seen: HashMap<String, u64> = HashMap::new();
        for person in rows {
            let Some(login) = &person.login else { continue };
            if let Some(hidden) = crate::hidden_char(login) {
                problems.push(person.at.problem("username", label::told_hidden(hidden)));
            } else if login.chars().any(char::is_whitespace)
                || login.chars().count() > VALUE_CHARS_MAX
            {
                let what = Said::new(
                    format!("里面有空格，或超过 {VALUE_CHARS_MAX} 个字：请去掉空格，或改短"),
                    format!("it has a space in it, or more than {VALUE_CHARS_MAX} characters"),
                );
                problems.push(person.at.problem("username", what));
            } else if let Some(first) = seen.insert(crate::login_key(login), person.at.line) {
                let what = Said::new(
                    format!("第 {first} 行的老师也用“{login}”，或看起来一样的登录名：请各用各的"),
                    format!(
                        "another teacher has {login:?}, or one that looks like it, on line {first}: \
                         give each their own"
                    ),
                );
                problems.push(person.at.problem("username", what));
            }
        }
    }
}

/// Files of a roster. A manifest that has none of them is of something else, such as results.
const ROSTER: [&str; 4] = ["file.orgs", "file.classes", "file.users", "file.enrollments"];

/// What is wrong with a user's name, and in which column.
fn wrong_name(row: &Row<'_>, name: &str, must: bool) -> Option<(&'static str, Said)> {
    for column in ["givenName", "middleName", "familyName"] {
        if let Some(hidden) = crate::hidden_char(row.get(column)) {
            return Some((column, label::told_hidden(hidden)));
        }
    }
    if name.chars().count() > VALUE_CHARS_MAX {
        let what = Said::new(
            format!("姓名超过 {VALUE_CHARS_MAX} 个字：请改短"),
            format!("the name has more than {VALUE_CHARS_MAX} characters: shorten it"),
        );
        return Some(("givenName", what));
    }
    let what = || {
        Said::new(
            "这一格和 familyName 都是空的：请填上姓名",
            "there is neither this nor a familyName: give the user a name",
        )
    };
    let parts = || ["givenName", "middleName", "familyName"].map(|column| row.get(column));
    if !name.is_empty() && parts().iter().all(|part| part.is_empty() || label::is_no_name(part)) {
        return Some(("givenName", label::told_no_name(name)));
    }
    (must && name.is_empty()).then(|| ("givenName", what()))
}

/// Whether the manifest says that the files name everybody.
fn is_whole(source: &mut Folder, problems: &mut Problems) -> bool {
    let Some(table) = source.table("manifest.csv", false, problems) else { return true };
    let mut whole = true;
    let mut absent = HashSet::new();
    table.rows(&["propertyName", "value"], problems, |row, problems| {
        let (name, value) = (row.get("propertyName"), row.get("value"));
        if name.starts_with("file.") && value.eq_ignore_ascii_case("delta") {
            whole = false;
        }
        if value.eq_ignore_ascii_case("absent") {
            absent.insert(name.to_owned());
        }
        if name == "oneroster.version" && !value.starts_with("1.1") && !value.starts_with("1.2") {
            let what = Said::new(
                "不认识这个版本：请导出 OneRoster 1.1 或 1.2",
                "this version is not known: export OneRoster 1.1 or 1.2",
            );
            problems.push(row.at.problem("value", what));
        }
    });
    whole && !ROSTER.iter().all(|file| absent.contains(*file))
}

/// What a course says of its classes.
struct Course {
    grade: Option<Grade>,
    subject: Option<SubjectId>,
}

fn read_courses(
    table: &Table,
    courses: &mut HashMap<String, Course>,
    problems: &mut Problems,
) -> bool {
    table.rows(&["sourcedId"], problems, |row, _| {
        let subject = subject_of(row.get("subjects")).or_else(|| subject_of(row.get("title")));
        let course = Course { grade: grade_of(row.get("grades")), subject };
        courses.insert(row.get("sourcedId").to_owned(), course);
    })
}

/// The identity of a row; `None` where it is wrong.
fn id_of(row: &Row<'_>, seen: &mut HashSet<String>, problems: &mut Problems) -> Option<String> {
    let id = row.need("sourcedId", problems)?.to_owned();
    if !seen.insert(id.clone()) {
        let what = Said::new(
            "前面有一行用了同一个：每行要有自己的",
            "an earlier line has the same: each has its own",
        );
        problems.push(row.at.problem("sourcedId", what));
        return None;
    }
    Some(id)
}

fn is_deleted(row: &Row<'_>, problems: &mut Problems) -> bool {
    let status = row.get("status");
    let deleted = status.eq_ignore_ascii_case("tobedeleted");
    if !deleted && !status.is_empty() && !status.eq_ignore_ascii_case("active") {
        let what = Said::new(
            "这一格只能写 active 或 tobedeleted，或留空",
            "it is neither active nor tobedeleted",
        );
        problems.push(row.at.problem("status", what));
    }
    deleted
}

/// The first of a list of values.
fn first_of(list: &str) -> &str {
    list.split(',').next().unwrap_or_default().trim()
}

/// The grade of a list of one: `03` is grade 3. Several, or none that a school of ours has: `None`.
fn grade_of(grades: &str) -> Option<Grade> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let grades = grades.trim();
    digits(grades).then(|| grades.parse().ok()).flatten().and_then(|grade| Grade::new(grade).ok())
}

fn subject_of(subjects: &str) -> Option<SubjectId> {
    label::subject(first_of(subjects))
}

/// A number in class: an identifier of nine digits at most.
fn number_of(identifier: &str) -> Option<u32> {
    let digits = identifier.bytes().all(|byte| byte.is_ascii_digit());
    (digits && identifier.len() <= 9).then(|| identifier.parse().ok()).flatten()
}

/// A day or the moment of one; `None`: there is none.
fn date_of(text: &str) -> Result<Option<Date>, Said> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = text.get(..10).and_then(date);
    day.map(Some).ok_or_else(|| {
        Said::new("这不是日期：请写成 2026-09-01", "it is no date: write 2026-09-01")
    })
}
