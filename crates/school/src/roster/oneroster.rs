//! OneRoster 1.1 and 1.2 as CSV, bulk and delta (1EdTech OneRoster: CSV Binding 1.2.1).
//!
//! Read are manifest, orgs, courses, classes, users, roles (1.2) and enrollments; academic sessions
//! say nothing that Zhibi keeps.
//!
//! **Home classes** are those of type `homeroom`; where an export marks none, all of them. Teachers of
//! another class, whose pupils are all of one home class, teach that; where its pupils are of several
//! home classes nobody gets to see those by it.

mod people;
mod read;

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    At, ClassEntry, Files, Key, Placement, Problems, PupilEntry, RoleEntry, Roster, Said, Source,
    StaffEntry, Told,
};
use people::{Person, Role};
use read::{Class, Enrollment, Export};

/// Reads the files of an export.
pub(super) fn read(files: Files, told: &Told<'_>, problems: &mut Problems) -> Option<Roster> {
    let export = Export::read(files, told.from, problems)?;
    let homes = Homes::of(&export);
    let mut roster = Roster {
        whole: export.whole,
        schools: export.schools.clone(),
        passed_over: export.passed_over.clone(),
        ..Roster::default()
    };
    for (id, class) in export.classes.iter().filter(|(id, _)| homes.is_home(id)) {
        if class.grade.is_none() && !export.has_courses {
            continue;
        }
        if let Some(mut entry) = class_entry(id, class, problems) {
            entry.only_known = !export.whole && !class.homeroom;
            roster.classes.push(entry);
        }
    }
    let mut by_user: HashMap<&str, Vec<&Enrollment>> = HashMap::new();
    for enrollment in &export.enrollments {
        by_user.entry(&enrollment.user).or_default().push(enrollment);
    }
    let users: HashSet<&str> = export.people.keys().map(String::as_str).collect();
    for (id, person) in &export.people {
        let enrollments = by_user.get(id.as_str()).map_or(&[][..], Vec::as_slice);
        add_person(&mut roster, &homes, id, person, enrollments, problems);
    }
    // A delta may enrol people of whom nothing else changed.
    let mut others: Vec<(&&str, &Vec<&Enrollment>)> =
        by_user.iter().filter(|(user, _)| !users.contains(**user)).collect();
    others.sort_unstable_by_key(|(user, _)| **user);
    for (user, enrollments) in others {
        let first = enrollments[0];
        if export.whole {
            // What follows from a file that is wrong is no problem of its own.
            if export.user_ids.as_ref().is_none_or(|all| all.contains(*user)) {
                continue;
            }
            let what = Said::new(
                "users.csv 里没有这个人：请在那里加上，或删去这一行",
                "users.csv has no such user: add the user, or take this line out",
            );
            problems.push(first.at.problem("userSourcedId", what));
            continue;
        }
        let person = Person::known_elsewhere(first);
        add_person(&mut roster, &homes, user, &person, enrollments, problems);
    }
    Some(roster)
}

fn class_entry(id: &str, class: &Class, problems: &mut Problems) -> Option<ClassEntry> {
    let Some(grade) = class.grade else {
        let what = Said::new(
            "行政班要有一个年级（01 到 12）：请写在这里，或写在它的课程里",
            "a home class needs one grade of 01 to 12, here or in its course",
        );
        problems.push(class.at.problem("grades", what));
        return None;
    };
    Some(ClassEntry {
        at: class.at.clone(),
        key: Key::new(Source::OneRoster, id),
        school: Key::new(Source::OneRoster, class.school.as_str()),
        grade,
        name_zh: class.title.clone(),
        name_en: class.title.clone(),
        only_known: false,
    })
}

/// Which classes are home classes, and what the others lead to.
struct Homes {
    /// Home classes, by identity.
    home: HashSet<String>,
    /// Other classes, with the home class of all their pupils.
    leads_to: HashMap<String, Option<String>>,
    /// Whether all classes are known, so that two home classes of a pupil are one too many.
    all_known: bool,
}

impl Homes {
    fn of(export: &Export) -> Self {
        let marked = export.classes.values().any(|class| class.homeroom);
        let is_home = |class: &Class| class.homeroom || !marked;
        let home: HashSet<String> =
            export.classes.iter().filter(|(_, c)| is_home(c)).map(|(id, _)| id.clone()).collect();
        let mut home_of: HashMap<&str, &str> = HashMap::new();
        let pupils = || export.enrollments.iter().filter(|e| e.role == Role::Pupil && !e.ended);
        for enrollment in pupils().filter(|e| home.contains(&e.class)) {
            home_of.insert(&enrollment.user, &enrollment.class);
        }
        let mut leads_to: HashMap<String, Option<String>> = HashMap::new();
        let other = |class| export.classes.contains_key(class) && !home.contains(class);
        for enrollment in pupils().filter(|e| other(&e.class)) {
            let of = home_of.get(enrollment.user.as_str()).map(|of| (*of).to_owned());
            leads_to
                .entry(enrollment.class.clone())
                .and_modify(|all| *all = all.take().filter(|all| Some(all) == of.as_ref()))
                .or_insert(of);
        }
        for (id, _) in export.classes.iter().filter(|(id, _)| !home.contains(*id)) {
            leads_to.entry(id.clone()).or_default();
        }
        Self { home, leads_to, all_known: export.whole && export.class_ids.is_some() }
    }

    fn is_home(&self, class: &str) -> bool {
        self.home.contains(class)
    }

    /// The home class that an enrollment is about. In a delta a class that it does not have may be
    /// one that the store knows.
    fn led_by<'a>(&'a self, class: &'a str) -> Option<&'a str> {
        match self.leads_to.get(class) {
            Some(home) => home.as_deref(),
            None => Some(class),
        }
    }
}

fn add_person(
    roster: &mut Roster,
    homes: &Homes,
    id: &str,
    person: &Person,
    enrollments: &[&Enrollment],
    problems: &mut Problems,
) {
    let roles = person.roles(enrollments);
    if roles.is_empty() {
        let what =
            Said::new("既不是学生也不是老师的人", "users who are neither pupils nor teachers");
        *roster.passed_over.entry(what).or_default() += 1;
        return;
    }
    // Of whom a delta does not say what they are, the store knows it.
    let only_known = (roles.len() > 1 && !roster.whole) || person.gone;
    let school = person.school.as_deref().map(|school| Key::new(Source::OneRoster, school));
    if roles.contains(&Role::Pupil) {
        let placement = placement(roster, homes, person, enrollments, problems);
        let Some(placement) = placement else { return };
        roster.pupils.push(PupilEntry {
            at: person.at.clone(),
            key: Some(Key::new(Source::OneRoster, id)),
            school: school.clone(),
            name: person.name.clone(),
            former_name: None,
            number: person.number,
            placement,
            only_known,
        });
    }
    if roles.contains(&Role::Teacher) {
        let roles = teaches(roster, homes, enrollments);
        roster.staff.push(StaffEntry {
            at: person.at.clone(),
            key: Key::new(Source::OneRoster, id),
            school,
            name: person.name.clone(),
            login: person.login.clone(),
            roles,
            gone: person.gone || person.disabled,
            only_known,
        });
    }
}

/// Where a pupil is; `None` where that is wrong.
fn placement(
    roster: &mut Roster,
    homes: &Homes,
    person: &Person,
    enrollments: &[&Enrollment],
    problems: &mut Problems,
) -> Option<Placement> {
    if person.gone {
        return Some(Placement::Out { class: None });
    }
    let of_pupil = || enrollments.iter().filter(|e| e.role == Role::Pupil);
    let home = |e: &&&Enrollment| !homes.leads_to.contains_key(&e.class);
    let passed_over = of_pupil().filter(|e| homes.leads_to.contains_key(&e.class)).count();
    if passed_over > 0 {
        let what = Said::new(
            "学生在行政班以外的班里",
            "pupils' enrollments in classes that are not home classes",
        );
        *roster.passed_over.entry(what).or_default() += passed_over;
    }
    let mut now = of_pupil().filter(home).filter(|e| !e.ended);
    let Some(first) = now.next() else {
        let left = of_pupil().filter(home).find(|e| e.ended);
        return Some(match left {
            Some(left) => {
                Placement::Out { class: Some(Key::new(Source::OneRoster, left.class.as_str())) }
            }
            None => Placement::Unsaid,
        });
    };
    let mut classes = vec![Key::new(Source::OneRoster, first.class.as_str())];
    for other in now.filter(|e| e.class != first.class) {
        if homes.all_known {
            let line = first.at.line;
            let what = Said::new(
                format!(
                    "这个学生在第 {line} 行已有一个行政班：请在 classes.csv 里只把一个班标为 \
                     homeroom，或删去其中一行"
                ),
                format!(
                    "the pupil is in another home class too, on line {line}: mark one as homeroom \
                     in classes.csv, or take one of the lines out"
                ),
            );
            problems.push(other.at.problem("classSourcedId", what));
            return None;
        }
        classes.push(Key::new(Source::OneRoster, other.class.as_str()));
    }
    Some(Placement::In { classes })
}

fn teaches(roster: &mut Roster, homes: &Homes, enrollments: &[&Enrollment]) -> Vec<RoleEntry> {
    let mut roles: BTreeMap<(Key, bool, Option<String>), RoleEntry> = BTreeMap::new();
    for enrollment in enrollments.iter().filter(|e| e.role == Role::Teacher) {
        let Some(home) = homes.led_by(&enrollment.class) else {
            let what = Said::new(
                "老师任教的班，学生来自几个行政班",
                "teachers' enrollments in classes whose pupils are of several home classes",
            );
            *roster.passed_over.entry(what).or_default() += 1;
            continue;
        };
        let class = Key::new(Source::OneRoster, home);
        let class_teacher = enrollment.primary && !homes.leads_to.contains_key(&enrollment.class);
        let subject = if class_teacher { None } else { enrollment.subject.clone() };
        let place = (class.clone(), class_teacher, subject.as_ref().map(ToString::to_string));
        let at: At = enrollment.at.clone();
        let entry = RoleEntry { at, class, class_teacher, subject, ends: enrollment.ended };
        // One that goes on counts more than one that ends.
        let known = roles.entry(place).or_insert_with(|| entry.clone());
        if known.ends && !entry.ends {
            *known = entry;
        }
    }
    roles.into_values().collect()
}
