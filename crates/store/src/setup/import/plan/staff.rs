//! Teachers and what they are to classes.

use std::collections::{BTreeSet, HashMap, HashSet};

use school::roster::{At, RoleEntry, Said, StaffEntry, subject_zh};
use school::{ClassId, Grant, Period, Role, StaffId};

use super::super::super::source::Entity;
use super::super::known::{self, Known};
use super::super::{Becomes, ChangeOf, RosterChange};
use super::{Planning, no_id};

impl<'a> Planning<'a> {
    pub(super) fn staff(&mut self, known: &Known) {
        let mut entries: Vec<&'a StaffEntry> = self.import.roster.staff.iter().collect();
        entries.sort_by(|a, b| (&a.key, &a.at).cmp(&(&b.key, &b.at)));
        let mut seen: HashMap<String, At> = HashMap::new();
        let mut logins = known.logins.clone();
        let mut held: BTreeSet<known::Grant> = BTreeSet::new();
        for entry in entries {
            let Some(id) = self.meet_staff(entry, known, &mut logins) else { continue };
            if let Some(first) = seen.insert(id.clone(), entry.at.clone()) {
                let what = Said::new(
                    format!("与 {} 第 {} 行是同一个人：请只留一行", first.file, first.line),
                    format!("line {} of {} is the same person", first.line, first.file),
                );
                self.problems.push(entry.at.problem(None, what));
                continue;
            }
            self.roles(entry, &id, known, &mut held);
        }
        self.missing_staff(known, &seen, &held);
    }

    /// Ours of a teacher. `None`: nobody whom the store is to know, or a problem.
    fn meet_staff(
        &mut self,
        entry: &'a StaffEntry,
        known: &Known,
        logins: &mut HashMap<String, String>,
    ) -> Option<String> {
        let school = entry.school.as_ref().and_then(|key| self.school(key));
        let of = school.clone().unwrap_or_default();
        let by_key = self.identities.of(Entity::Staff, &entry.key, &of).cloned();
        let is_known = by_key.is_some();
        // Somebody who was given an account by hand, and whom that system has not named yet.
        let by_login = || {
            let id = logins.get(&school::login_key(entry.login.as_ref()?))?;
            let staff = known.staff.get(id)?;
            let same = staff.school == of && Some(&staff.name) == entry.name.as_ref();
            let named = self.identities.is_named(Entity::Staff, entry.key.source, id);
            (same && !named).then(|| id.clone())
        };
        let id = by_key.or_else(by_login);
        if id.is_none() && entry.only_known {
            return None;
        }
        let stored = id.as_ref().and_then(|id| known.staff.get(id));
        let name = entry.name.clone().or(stored.map(|staff| staff.name.clone()));
        let login = entry.login.clone().or(stored.map(|staff| staff.login.clone()));
        let school = school.or(stored.map(|staff| staff.school.clone()));
        let (Some(name), Some(login), Some(school)) = (name, login, school) else {
            let what = Said::new(
                "老师要有姓名、登录名和学校：请填上",
                "a teacher needs a name, a username and a school",
            );
            self.problems.push(entry.at.problem("username", what));
            return None;
        };
        if !self.may(&school) {
            let what = Said::new(
                "这位老师是另一所学校的：请管理服务器的人来导入",
                "the teacher is of another school: whoever runs the server brings them in",
            );
            self.problems.push(entry.at.problem(None, what));
            return None;
        }
        if stored.is_some_and(|staff| staff.school != school) {
            let what = Said::new(
                "这位老师在系统里是另一所学校的：请在文件里另给一个工号",
                "the store has the teacher in another school: give them a new identity here",
            );
            self.problems.push(entry.at.problem(None, what));
            return None;
        }
        let login_key = school::login_key(&login);
        if logins.get(&login_key).is_some_and(|holder| Some(holder) != id.as_ref()) {
            let what = Said::new(
                format!("登录名“{login}”（或看起来一样的）系统里已有别人在用：请换一个"),
                format!(
                    "the store has the login {login:?}, or one that looks like it, for somebody \
                     else: choose another"
                ),
            );
            self.problems.push(entry.at.problem("登录名 / username", what));
            return None;
        }
        let becomes = match stored {
            None => Becomes::New,
            Some(staff) if staff.name != name || staff.login != login => Becomes::Changed,
            Some(_) => Becomes::Unchanged,
        };
        let id = id.unwrap_or_else(|| self.fresh("t"));
        logins.insert(login_key, id.clone());
        if becomes == Becomes::Unchanged {
            self.plan.count(ChangeOf::Staff, becomes);
        } else {
            let before = stored.map(|staff| staff.name.clone()).filter(|before| *before != name);
            let (of, class, number) = (ChangeOf::Staff, None, None);
            self.plan.staff.push((id.clone(), school.clone(), login, name.clone()));
            let role = None;
            self.plan.note(RosterChange { of, becomes, class, number, name, role, before });
        }
        if !is_known {
            self.identify(Entity::Staff, &entry.key, &school, &id);
        }
        Some(id)
    }

    fn roles(
        &mut self,
        entry: &'a StaffEntry,
        id: &str,
        known: &Known,
        held: &mut BTreeSet<known::Grant>,
    ) {
        let name = match (&entry.name, known.staff.get(id)) {
            (Some(name), _) => name.clone(),
            (None, known) => known.map(|staff| staff.name.clone()).unwrap_or_default(),
        };
        let mine = |grant: &&known::Grant| grant.0 == id;
        if entry.gone {
            for grant in known.grants.iter().filter(mine) {
                self.end_role(grant, &name);
            }
            return;
        }
        // All subjects are every subject.
        let in_all: HashSet<(&school::roster::Key, bool)> = entry
            .roles
            .iter()
            .filter(|role| role.subject.is_none() && !role.ends)
            .map(|role| (&role.class, role.class_teacher))
            .collect();
        for role in &entry.roles {
            let narrower = in_all.contains(&(&role.class, role.class_teacher));
            if narrower && role.subject.is_some() {
                continue;
            }
            let class = match self.classes.get(&role.class).cloned() {
                Some(class) => Some(class),
                None => self.identities.of(Entity::Class, &role.class, "").cloned(),
            };
            let Some(class) = class.filter(|class| self.may_class(class, known)) else {
                self.plan.changes.elsewhere += 1;
                continue;
            };
            let grant = row(id, &class, role);
            let in_force: Vec<&known::Grant> = known
                .grants
                .iter()
                .filter(mine)
                .filter(|have| have.1 == grant.1 && have.2 == grant.2)
                .filter(|have| have.3.is_none() || grant.3.is_none() || have.3 == grant.3)
                .collect();
            if role.ends {
                self.end_roles(entry, role, &grant, known, &name);
                continue;
            }
            if in_force.iter().any(|have| have.3.is_none() || have.3 == grant.3) {
                held.extend(in_force.into_iter().cloned());
                self.plan.count(ChangeOf::Role, Becomes::Unchanged);
                continue;
            }
            if !held.insert(grant.clone()) {
                continue;
            }
            self.grant(&grant, role, &name);
        }
    }

    fn grant(&mut self, row: &known::Grant, role: &RoleEntry, name: &str) {
        let (id, _, class, _) = row;
        let ids =
            StaffId::new(id.as_str()).and_then(|staff| Ok((staff, ClassId::new(class.as_str())?)));
        let (staff, of) = match ids {
            Ok(ids) => ids,
            Err(why) => return self.problems.push(role.at.problem(None, no_id(&why))),
        };
        let subject = role.subject.clone();
        let becomes = match role.class_teacher {
            true => Role::ClassTeacher { class: of },
            false => Role::Teacher { class: of, subject },
        };
        let period = Period::from(self.import.from_ms);
        self.plan.granted.push(Grant { staff, role: becomes, period });
        self.note_role(row, Becomes::New, name);
    }

    /// Ends what somebody is to a class. The line that ends it need not say of what kind it was,
    /// unless they go on to be something to the class.
    fn end_roles(
        &mut self,
        entry: &StaffEntry,
        role: &RoleEntry,
        grant: &known::Grant,
        known: &Known,
        name: &str,
    ) {
        let (id, class) = (&grant.0, &grant.2);
        let goes_on: Vec<&RoleEntry> =
            entry.roles.iter().filter(|other| !other.ends && other.class == role.class).collect();
        for have in known.grants.iter().filter(|have| have.0 == *id && have.2 == *class) {
            let stays = goes_on.iter().any(|other| row(id, class, other).1 == have.1);
            if !stays && (goes_on.is_empty() || have.1 == grant.1) {
                self.end_role(have, name);
            }
        }
    }

    fn end_role(&mut self, grant: &known::Grant, name: &str) {
        if self.plan.ended.contains(grant) {
            return;
        }
        self.plan.ended.push(grant.clone());
        self.note_role(grant, Becomes::Ended, name);
    }

    fn note_role(&mut self, grant: &known::Grant, becomes: Becomes, name: &str) {
        let class = self.class_name(&grant.2).map(str::to_owned);
        let (of, name, role) = (ChangeOf::Role, name.to_owned(), Some(told(grant)));
        let change = RosterChange { of, becomes, class, number: None, name, role, before: None };
        self.plan.note(change);
    }

    /// Lists the teachers whom a roster of everybody does not name, and ends what it does not say any
    /// more that its system's teachers are: those whom it names, to any class; others, to the classes
    /// that it names. Roles that were given by hand to people of no roster stay.
    fn missing_staff(
        &mut self,
        known: &Known,
        seen: &HashMap<String, At>,
        held: &BTreeSet<known::Grant>,
    ) {
        let Some(first) = self.import.roster.staff.first().filter(|_| self.import.roster.whole)
        else {
            return;
        };
        let source = first.key.source;
        let schools: HashSet<&str> = self.schools.values().map(String::as_str).collect();
        let mut missing: Vec<&str> = Vec::new();
        for (id, staff) in &known.staff {
            let here = schools.contains(staff.school.as_str()) && !seen.contains_key(id);
            if here && self.identities.is_named(Entity::Staff, source, id) {
                missing.push(&staff.name);
            }
        }
        for name in missing {
            self.plan.change(ChangeOf::Staff, Becomes::Missing, None, None, name);
        }
        let classes: HashSet<&String> = self.classes.values().collect();
        let vanished: Vec<&known::Grant> = known
            .grants
            .difference(held)
            .filter(|(id, _, class, _)| seen.contains_key(id) || classes.contains(class))
            .filter(|(id, ..)| self.identities.is_named(Entity::Staff, source, id))
            .collect();
        for grant in vanished {
            let name = known.staff.get(&grant.0).map_or("", |staff| staff.name.as_str());
            self.end_role(grant, name);
        }
    }
}

/// What a member of staff is to a class: several roles have the same name and class.
fn told((_, role, _, subject): &known::Grant) -> Said {
    let zh = if role == "class_teacher" { "班主任" } else { "任课老师" };
    let en = role.replace('_', " ");
    match subject {
        Some(subject) => {
            Said::new(format!("{}{zh}", subject_zh(subject)), format!("{en} of {subject}"))
        }
        None => Said::new(zh, en),
    }
}

/// A role as its row.
fn row(id: &str, class: &str, role: &RoleEntry) -> known::Grant {
    let code = if role.class_teacher { "class_teacher" } else { "teacher" };
    let subject = role.subject.as_ref().map(ToString::to_string);
    (id.to_owned(), code.to_owned(), class.to_owned(), subject)
}
