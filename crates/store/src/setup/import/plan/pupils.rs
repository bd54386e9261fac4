//! Pupils and their classes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use school::roster::{At, Key, Placement, PupilEntry, Said};
use school::{Change, ClassId, Enrolment, EnrolmentError};

use super::super::super::source::Entity;
use super::super::known::Known;
use super::super::{Becomes, ChangeOf, RosterChange};
use super::{Planning, no_id};

/// A pupil of the roster whom the store knows or gets to know.
struct Met<'a> {
    entry: &'a PupilEntry,
    id: String,
    is_new: bool,
    name: &'a str,
    /// The name before, where it is another.
    former_name: Option<String>,
    /// The school that they come from, where it is another.
    former_school: Option<String>,
    /// Where they are, with ours of the class.
    class: Option<String>,
}

/// Who has which number of which class before anything changes.
type Places = HashMap<(String, u32), String>;

impl<'a> Planning<'a> {
    pub(super) fn pupils(&mut self, known: &mut Known) {
        let at_ms = self.import.leaving_ms();
        let place = |(pupil, now): (&str, &Enrolment)| {
            ((now.class.to_string(), now.number), pupil.to_owned())
        };
        let places: Places = known.register.at(at_ms).map(place).collect();
        // Rows may stand in any order.
        let mut entries: Vec<&'a PupilEntry> = self.import.roster.pupils.iter().collect();
        let order = |entry: &&'a PupilEntry| (&entry.key, entry.classes(), entry.number, &entry.at);
        entries.sort_by(|a, b| order(a).cmp(&order(b)));
        let mut met: Vec<Met<'a>> = Vec::new();
        let mut leaving: HashSet<String> = HashSet::new();
        // Those who leave first: their numbers may be others'.
        let (out, stay): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| matches!(entry.placement, Placement::Out { .. }));
        let mut seen: HashMap<String, At> = HashMap::new();
        for entry in out.into_iter().chain(stay) {
            let Some(one) = self.meet(entry, known, &places, &leaving) else { continue };
            if let Some(first) = seen.insert(one.id.clone(), entry.at.clone()) {
                let what = Said::new(
                    format!("与 {} 第 {} 行是同一个学生：请只留一行", first.file, first.line),
                    format!("line {} of {} is the same pupil", first.line, first.file),
                );
                self.problems.push(entry.at.problem(None, what));
                continue;
            }
            if matches!(entry.placement, Placement::Out { .. }) {
                leaving.insert(one.id.clone());
            }
            met.push(one);
        }
        self.place(&met, known);
        self.missing_pupils(known, &seen);
    }

    /// Who an entry is. `None`: nobody whom the store is to know, or a problem.
    fn meet(
        &mut self,
        entry: &'a PupilEntry,
        known: &Known,
        places: &Places,
        leaving: &HashSet<String>,
    ) -> Option<Met<'a>> {
        let school = entry.school.as_ref().and_then(|key| self.school(key));
        let class = self.home_class(entry, school.as_deref());
        let by_key = entry.key.as_ref().and_then(|key| {
            self.identities.of(Entity::Pupil, key, school.as_deref().unwrap_or_default()).cloned()
        });
        let is_known = by_key.is_some();
        let id = match by_key {
            Some(id) => Some(id),
            None => self.by_place(entry, class.as_deref(), known, places, leaving)?,
        };
        let stored = id.as_ref().and_then(|id| known.pupils.get(id));
        if id.is_none() && entry.only_known {
            return None;
        }
        let former_school = stored
            .zip(school.as_ref())
            .filter(|((of, _), school)| of != *school)
            .map(|((of, _), _)| of.clone());
        if former_school.is_some() && matches!(entry.placement, Placement::Out { .. }) {
            // They are another school's already, and leave none by this.
            self.plan.count(ChangeOf::Pupil, Becomes::Unchanged);
            return None;
        }
        let name = entry.name.as_deref();
        let before = stored.map(|(_, name)| name.as_str());
        let Some(name) = name.or(before.map(|_| "")) else {
            let what = Said::new(
                "系统里没有这个人，users.csv 里也没有：请在 users.csv 里加上",
                "the store does not know the user, and users.csv has no such row",
            );
            self.problems.push(entry.at.problem("userSourcedId", what));
            return None;
        };
        let Some(school) = school.or(stored.map(|(school, _)| school.clone())) else {
            let what = Said::new(
                "写明的学校，系统里和 orgs.csv 里都没有：请核对",
                "it names no school that the store or orgs.csv has",
            );
            self.problems.push(entry.at.problem("orgSourcedIds", what));
            return None;
        };
        let is_theirs = former_school.is_some() || !self.may(&school);
        if self.import.only.is_some() && is_theirs {
            let what = Said::new(
                "这个学生在系统里是另一所学校的：请管理服务器的人办理转入",
                "the store has the pupil in another school: whoever runs the server moves them",
            );
            self.problems.push(entry.at.problem(None, what));
            return None;
        }
        if class.as_ref().is_some_and(|class| !self.may_class(class, known)) {
            let what = Said::new("这个班是另一所学校的：请核对", "the class is another school's");
            self.problems.push(entry.at.problem(None, what));
            return None;
        }
        let is_new = id.is_none();
        let id = id.unwrap_or_else(|| self.fresh("p"));
        if let Some(key) = entry.key.as_ref().filter(|_| !is_known) {
            self.identify(Entity::Pupil, key, &school, &id);
        }
        let former_name = before.filter(|before| !name.is_empty() && *before != name);
        if former_school.is_some() {
            self.plan.moved.push((id.clone(), school.clone()));
        }
        if is_new || former_name.is_some() {
            self.plan.pupils.push((id.clone(), school, name.to_owned()));
        }
        if is_new {
            self.plan.new_pupils.insert(id.clone());
        }
        let former_name = former_name.map(str::to_owned);
        Some(Met { entry, id, is_new, name, former_name, former_school, class })
    }

    /// The schools in which the store has pupils of the roster's who come to another one.
    pub(super) fn left_schools(&self, known: &Known) -> HashSet<String> {
        let mut left = HashSet::new();
        for entry in &self.import.roster.pupils {
            let school = entry.school.as_ref().and_then(|key| self.school(key)).unwrap_or_default();
            let key = entry.key.as_ref();
            let id = key.and_then(|key| self.identities.of(Entity::Pupil, key, &school));
            let stored = id.and_then(|id| known.pupils.get(id));
            left.extend(stored.map(|(of, _)| of).filter(|of| **of != school).cloned());
        }
        left
    }

    /// Ours of the class that an entry names: of several, the one that the store keeps.
    fn home_class(&mut self, entry: &PupilEntry, school: Option<&str>) -> Option<String> {
        let school = school.unwrap_or_default();
        let kept = |key: &Key| {
            let of_roster = self.classes.get(key);
            of_roster.or_else(|| self.identities.of(Entity::Class, key, school)).cloned()
        };
        let mut classes: Vec<String> = entry.classes().iter().filter_map(kept).collect();
        classes.sort_unstable();
        classes.dedup();
        if classes.len() > 1 {
            let what = Said::new(
                "这个学生在两个行政班里：请去掉一个",
                "the pupil is in two home classes: take one of them out",
            );
            self.problems.push(entry.at.problem(None, what));
        }
        classes.pop()
    }

    /// Who has the entry's number in its class, if they have its name: a pupil who is known by no
    /// identity of that system. Within, `None`: somebody new. Outside, `None`: a problem, or nobody.
    fn by_place(
        &mut self,
        entry: &PupilEntry,
        class: Option<&str>,
        known: &Known,
        places: &Places,
        leaving: &HashSet<String>,
    ) -> Option<Option<String>> {
        let leaves = matches!(entry.placement, Placement::Out { .. });
        let place = class.zip(entry.number).map(|(class, number)| (class.to_owned(), number));
        let holder = place.and_then(|place| places.get(&place));
        let Some(holder) = holder.filter(|holder| !leaving.contains(*holder)) else {
            return Some(None);
        };
        let is_named = entry
            .key
            .as_ref()
            .is_some_and(|key| self.identities.is_named(Entity::Pupil, key.source, holder));
        let name = known.pupils.get(holder).map(|(_, name)| name.as_str());
        let names = [&entry.name, &entry.former_name];
        let is_theirs = name.is_some_and(|name| names.iter().any(|n| n.as_deref() == Some(name)));
        if is_theirs && !is_named {
            return Some(Some(holder.clone()));
        }
        if entry.key.is_none() && !leaves {
            let what = Said::new(
                "班里的这个号在系统里是另一个名字：如果那个学生离校了，请给那个学生也写一行，状态写“离校”；\
                 如果只是改了名，请加一列“曾用名”，写系统里原有的名字",
                "the store has another name for this number of the class: if that pupil left, give \
                 them a line with 状态 离校; if the name was corrected, add a column 曾用名 with the \
                 name that the store has",
            );
            self.problems.push(entry.at.problem("姓名", what));
            return None;
        }
        Some(None)
    }

    /// Puts everybody into their classes.
    fn place(&mut self, met: &[Met<'a>], known: &mut Known) {
        let at_ms = self.import.leaving_ms();
        let mut left: HashSet<&str> = HashSet::new();
        for one in met {
            let Placement::Out { class } = &one.entry.placement else { continue };
            let now = known.register.of_pupil(&one.id).and_then(|all| all.at(at_ms));
            let of_other = class.is_some()
                && now.is_some_and(|now| Some(now.class.as_str()) != one.class.as_deref());
            let before = now.map(|now| (now.class.to_string(), now.number));
            if of_other {
                continue;
            }
            match known.register.leave(&one.id, at_ms) {
                Ok(true) => {
                    left.insert(&one.id);
                    let (class, number) = before.unzip();
                    let class = class.and_then(|class| self.class_name(&class).map(str::to_owned));
                    self.plan.change(
                        ChangeOf::Pupil,
                        Becomes::Ended,
                        class.as_deref(),
                        number,
                        &name_of(one, known),
                    );
                }
                Ok(false) => {}
                Err(why) => self.refused(&one.entry.at, &why),
            }
        }
        let numbers = self.numbers(met, known);
        for one in met.iter().filter(|one| !left.contains(one.id.as_str())) {
            self.enrol(one, numbers.get(one.id.as_str()).copied(), known);
        }
        let by_id: HashMap<&str, &Met<'_>> = met.iter().map(|one| (one.id.as_str(), one)).collect();
        for clash in known.register.clashes() {
            let Some(one) = by_id.get(clash.pupil.as_str()) else { continue };
            let number = clash.number;
            let what = Said::new(
                format!(
                    "班里的 {number} 号也是另一个学生的：如果那个学生离校了，请在文件里写明；如果是同一个学生\
                     改了名，请加一列“曾用名”，写系统里原有的名字"
                ),
                format!(
                    "number {number} of the class is another pupil's too: if that pupil left, say \
                     so in the files; if it is the same pupil under another name, give the name \
                     that the store has in a column 曾用名"
                ),
            );
            self.problems.push(one.entry.at.problem(None, what));
        }
    }

    fn enrol(&mut self, one: &Met<'a>, number: Option<u32>, known: &mut Known) {
        let at_ms = self.import.leaving_ms();
        let changed = match (one.is_new, one.former_name.is_some()) {
            (true, _) => Becomes::New,
            (false, true) => Becomes::Changed,
            (false, false) => Becomes::Unchanged,
        };
        let class = match (&one.entry.placement, &one.class) {
            (Placement::In { .. }, Some(class)) => class,
            (placement, _) => {
                let kept_nowhere = matches!(placement, Placement::In { .. });
                self.plan.changes.elsewhere += usize::from(kept_nowhere);
                if one.former_school.is_none() {
                    return self.met(one, changed, None, None, known);
                }
                // They are in no class of the school that they leave.
                return match known.register.leave(&one.id, at_ms) {
                    Ok(_) => self.met(one, Becomes::Moved, None, None, known),
                    Err(why) => self.refused(&one.entry.at, &why),
                };
            }
        };
        // Given out above to everybody who has none.
        let Some(number) = number.or(one.entry.number) else { return };
        let before = known.register.of_pupil(&one.id);
        let since = before.and_then(|all| match all.at(at_ms) {
            None => all.iter().find(|later| later.period.from_ms() >= at_ms),
            Some(_) => None,
        });
        // They have been there since a later day than this roster is from.
        if since.is_some_and(|later| later.class.as_str() == class && later.number == number) {
            return self.met(one, changed, Some(class.clone()), Some(number), known);
        }
        let was_in_one = before.is_some_and(|all| all.iter().next().is_some());
        let from_ms = if was_in_one { at_ms } else { self.import.from_ms };
        let enrolled = ClassId::new(class.as_str())
            .map(|class| known.register.enrol(&one.id, &class, number, from_ms));
        let becomes = match enrolled {
            Ok(Ok(Change::Nothing)) => changed,
            Ok(Ok(Change::Renumber { .. })) => Becomes::Changed,
            Ok(Ok(Change::Begin { .. })) if was_in_one => Becomes::Moved,
            Ok(Ok(Change::Begin { .. })) => Becomes::New,
            Ok(Err(why)) => return self.refused(&one.entry.at, &why),
            Err(why) => return self.problems.push(one.entry.at.problem(None, no_id(&why))),
        };
        self.met(one, becomes, Some(class.clone()), Some(number), known);
    }

    fn met(
        &mut self,
        one: &Met<'_>,
        becomes: Becomes,
        class: Option<String>,
        number: Option<u32>,
        known: &Known,
    ) {
        if becomes == Becomes::Unchanged {
            self.plan.count(ChangeOf::Pupil, becomes);
            return;
        }
        let class = class.and_then(|class| self.class_name(&class).map(str::to_owned));
        let name = name_of(one, known);
        let school = one.former_school.as_ref().and_then(|id| self.school_names.get(id));
        let before = match (&one.former_name, school) {
            (Some(name), Some(school)) => Some(format!("{name}, {school}")),
            (name, school) => name.as_ref().or(school).cloned(),
        };
        let of = ChangeOf::Pupil;
        self.plan.note(RosterChange { of, becomes, class, number, name, role: None, before });
    }

    /// Numbers for those whom the roster gives none: the one that they have in the class, or the
    /// lowest that is free, in the order of their identities.
    fn numbers(&self, met: &'a [Met<'_>], known: &Known) -> BTreeMap<&'a str, u32> {
        let at_ms = self.import.leaving_ms();
        let wants = |one: &&Met<'_>| {
            matches!(one.entry.placement, Placement::In { .. }) && one.class.is_some()
        };
        let named: HashSet<&str> = met.iter().filter(wants).map(|one| one.id.as_str()).collect();
        let mut taken: HashMap<String, BTreeSet<u32>> = HashMap::new();
        let mut now: HashMap<&str, &Enrolment> = HashMap::new();
        for (pupil, enrolment) in known.register.at(at_ms) {
            if named.contains(pupil) {
                now.insert(pupil, enrolment);
            } else {
                taken.entry(enrolment.class.to_string()).or_default().insert(enrolment.number);
            }
        }
        let mut numbers = BTreeMap::new();
        let mut rest = Vec::new();
        for one in met.iter().filter(wants) {
            let class = one.class.as_deref().unwrap_or_default();
            let kept = now.get(one.id.as_str()).filter(|now| now.class.as_str() == class);
            match one.entry.number.or(kept.map(|now| now.number)) {
                Some(number) => {
                    taken.entry(class.to_owned()).or_default().insert(number);
                    numbers.insert(one.id.as_str(), number);
                }
                None => rest.push((one.id.as_str(), class)),
            }
        }
        let mut lowest: HashMap<&str, u32> = HashMap::new();
        for (id, class) in rest {
            let taken = taken.entry(class.to_owned()).or_default();
            let next = lowest.entry(class).or_insert(1);
            while taken.contains(next) {
                *next += 1;
            }
            taken.insert(*next);
            numbers.insert(id, *next);
        }
        numbers
    }

    fn refused(&mut self, at: &At, why: &EnrolmentError) {
        let named = |class: &ClassId| self.class_name(class.as_str()).unwrap_or("一个班");
        let what = match why {
            EnrolmentError::Later { class, .. } => Said::new(
                format!("这个学生到{}的日子不早于名册的日子：请把“从哪天起”改晚", named(class)),
                format!(
                    "the pupil came to {} on that day or later: give a later day with --from",
                    self.class_name(class.as_str()).unwrap_or("a class")
                ),
            ),
            EnrolmentError::TwoClasses { first, second, .. } => Said::new(
                format!("这个学生会同时在{}和{}：请改“从哪天起”", named(first), named(second)),
                why.to_string(),
            ),
            EnrolmentError::NumberTaken { class, number } => Said::new(
                format!("{}的 {number} 号那时是另一个学生的：请换一个号", named(class)),
                why.to_string(),
            ),
        };
        self.problems.push(at.problem(None, what));
    }

    /// Those in the roster's classes whom it does not name.
    fn missing_pupils(&mut self, known: &Known, seen: &HashMap<String, At>) {
        if !self.import.roster.whole || self.import.roster.pupils.is_empty() {
            return;
        }
        let of_pupils = self.import.roster.classes.iter().filter(|class| !class.only_known);
        let classes: HashSet<&str> = of_pupils
            .filter_map(|class| self.classes.get(&class.key))
            .map(String::as_str)
            .collect();
        let missing: Vec<(String, String, u32)> = known
            .register
            .at(self.import.leaving_ms())
            .filter(|(id, now)| !seen.contains_key(*id) && classes.contains(now.class.as_str()))
            .map(|(id, now)| (id.to_owned(), now.class.to_string(), now.number))
            .collect();
        for (id, class, number) in missing {
            let name = known.pupils.get(&id).map_or("", |(_, name)| name.as_str());
            let class = self.class_name(&class).map(str::to_owned);
            let (of, becomes) = (ChangeOf::Pupil, Becomes::Missing);
            self.plan.change(of, becomes, class.as_deref(), Some(number), name);
        }
    }
}

/// A pupil's name from now on.
fn name_of(one: &Met<'_>, known: &Known) -> String {
    match one.name {
        "" => known.pupils.get(&one.id).map(|(_, name)| name.clone()).unwrap_or_default(),
        name => name.to_owned(),
    }
}
