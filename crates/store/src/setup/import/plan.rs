//! What there is to do.

mod classes;
mod pupils;
mod staff;

use std::collections::{BTreeSet, HashMap, HashSet};

use school::Grant;
use school::roster::{Key, Problems, Said, Source};

use super::super::enrolment::Register;
use super::super::source::Entity;
use super::known::{self, Identities, Known};
use super::{Becomes, ChangeOf, RosterChange, RosterChanges, RosterImport};
use crate::StoreError;
use crate::database::Connection;
use crate::sql::query;

/// Rows to write, and what they change.
#[derive(Default)]
pub(super) struct Plan {
    /// Identity, name.
    pub(super) schools: Vec<(String, String)>,
    /// Identity, school, grade, name in Chinese and English.
    pub(super) classes: Vec<(String, String, u8, String, String)>,
    /// Identity, school, name.
    pub(super) pupils: Vec<(String, String, String)>,
    /// Pupils who come from another school: identity, the school that they come to.
    pub(super) moved: Vec<(String, String)>,
    /// Identity, school, login, name.
    pub(super) staff: Vec<(String, String, String, String)>,
    /// Of what, source, value, ours.
    pub(super) identities: Vec<(&'static str, &'static str, String, String)>,
    pub(super) register: Register,
    pub(super) new_pupils: HashSet<String>,
    /// Roles that begin.
    pub(super) granted: Vec<Grant>,
    /// Roles that end.
    pub(super) ended: Vec<known::Grant>,
    changes: RosterChanges,
}

impl Plan {
    pub(super) fn into_changes(mut self) -> RosterChanges {
        self.changes.list.sort_unstable();
        self.changes
    }

    fn count(&mut self, of: ChangeOf, becomes: Becomes) {
        *self.changes.counts.entry((of, becomes)).or_default() += 1;
    }

    fn change(
        &mut self,
        of: ChangeOf,
        becomes: Becomes,
        class: Option<&str>,
        number: Option<u32>,
        name: &str,
    ) {
        let (class, name) = (class.map(str::to_owned), name.to_owned());
        self.note(RosterChange { of, becomes, class, number, name, role: None, before: None });
    }

    fn note(&mut self, change: RosterChange) {
        self.count(change.of, change.becomes);
        self.changes.list.push(change);
    }
}

/// Works out what a roster changes. Reads, and writes nothing.
///
/// # Errors
/// [`StoreError::Roster`] with everything that the store contradicts.
pub(super) async fn plan(tx: &mut Connection, import: &RosterImport) -> Result<Plan, StoreError> {
    let mut planning = Planning {
        import,
        identities: Identities::load(tx).await?,
        schools: HashMap::new(),
        school_names: HashMap::new(),
        classes: HashMap::new(),
        class_names: HashMap::new(),
        problems: Problems::default(),
        plan: Plan::default(),
    };
    let stored: Vec<(String, String)> =
        query("SELECT id, name_zh FROM school ORDER BY id").fetch_all(&mut *tx).await?;
    planning.schools(&stored);
    if !planning.problems.is_empty() {
        // What is wrong with a school would be told again of everybody in it.
        return Err(planning.problems.into());
    }
    let concerned: BTreeSet<&str> = match import.roster.whole {
        true => planning.schools.values().map(String::as_str).collect(),
        // A delta may be about anybody whom the store knows.
        false if import.only.is_some() => import.only.iter().map(String::as_str).collect(),
        false => stored.iter().map(|(id, _)| id.as_str()).collect(),
    };
    let mut known = Known::load(tx, &concerned, import.from_ms).await?;
    let left = planning.left_schools(&known);
    let enrolling = concerned.into_iter().chain(left.iter().map(String::as_str)).collect();
    known.register = Register::of_schools(tx, &enrolling).await?;
    planning.school_names = stored.into_iter().collect();
    planning.classes(&known);
    planning.pupils(&mut known);
    planning.staff(&known);
    if !planning.problems.is_empty() {
        return Err(planning.problems.into());
    }
    let mut plan = planning.plan;
    plan.register = known.register;
    Ok(plan)
}

/// An identity of a class or teacher in the store that is none. The reason is in English.
fn no_id(why: &school::IdError) -> Said {
    Said::new(format!("系统里的编号坏了，请告诉管理服务器的人（{why}）"), why.to_string())
}

struct Planning<'a> {
    import: &'a RosterImport,
    identities: Identities,
    /// Ours of the roster's schools.
    schools: HashMap<&'a Key, String>,
    /// What schools are called before the roster.
    school_names: HashMap<String, String>,
    /// Ours of the roster's classes.
    classes: HashMap<&'a Key, String>,
    /// What classes are called from now on.
    class_names: HashMap<String, String>,
    problems: Problems,
    plan: Plan,
}

impl<'a> Planning<'a> {
    /// A new identity, made of nothing personal.
    fn fresh(&self, prefix: &str) -> String {
        format!("{prefix}-{:016x}", (self.import.fresh)())
    }

    /// Whether the import may be about a school.
    fn may(&self, school: &str) -> bool {
        self.import.only.as_ref().is_none_or(|only| only == school)
    }

    /// Whether it may be about a class, of the schools that it concerns or of the roster.
    fn may_class(&self, class: &str, known: &Known) -> bool {
        let here = known.classes.contains_key(class);
        self.import.only.is_none() || here || self.classes.values().any(|id| id == class)
    }

    /// Notes what a system calls one of ours.
    fn identify(&mut self, entity: Entity, key: &Key, school: &str, id: &str) {
        let value = known::value_of(entity, key, school);
        self.identities.add(entity, key.source, value.clone(), id.to_owned());
        self.plan.identities.push((entity.code(), key.source.code(), value, id.to_owned()));
    }

    fn schools(&mut self, stored: &[(String, String)]) {
        for entry in &self.import.roster.schools {
            let source = entry.key.source;
            let by_key = self.identities.of(Entity::School, &entry.key, "").cloned();
            let mut named: Vec<String> = stored
                .iter()
                .filter(|(_, name)| *name == entry.name)
                .map(|(id, _)| id.clone())
                .collect();
            // A list knows its school by name alone. A system may name one that is there already.
            let alike = self.import.roster.schools.iter().filter(|other| other.name == entry.name);
            let is_one = named.len() == 1 && alike.count() == 1;
            let is_told = self.import.only.is_some();
            if source == Source::List && by_key.is_none() && named.len() > 1 && !is_told {
                let what = Said::new(
                    "系统里有几所学校都叫这个名字：请先改其中一所的名字",
                    "the store has several schools of this name: rename one",
                );
                self.problems.push(entry.at.problem(None, what));
            }
            named.retain(|id| is_one && !self.identities.is_named(Entity::School, source, id));
            let is_known = by_key.is_some();
            // What somebody brings for their school is of that one, whatever others are called.
            let own = self.import.only.clone().filter(|_| source == Source::List);
            let id = by_key.or(own).or_else(|| named.pop());
            if self.import.only.is_some() && id.as_ref().is_none_or(|id| !self.may(id)) {
                let what = Said::new(
                    "这是另一所学校，或在系统里叫别的名字：请管理服务器的人来导入",
                    "this school is another one, or has another name here: whoever runs the server \
                     brings it in",
                );
                self.problems.push(entry.at.problem(None, what));
                continue;
            }
            let name = id.as_ref().and_then(|id| stored.iter().find(|(known, _)| known == id));
            let becomes = match name {
                None => Becomes::New,
                // What a list is told to be of is no other name for it.
                Some((_, name)) if *name != entry.name && source != Source::List => {
                    Becomes::Changed
                }
                Some(_) => Becomes::Unchanged,
            };
            let id = id.unwrap_or_else(|| self.fresh("s"));
            if becomes == Becomes::Unchanged {
                self.plan.count(ChangeOf::School, becomes);
            } else {
                self.plan.schools.push((id.clone(), entry.name.clone()));
                self.plan.change(ChangeOf::School, becomes, None, None, &entry.name);
            }
            if !is_known {
                self.identify(Entity::School, &entry.key, "", &id);
            }
            self.schools.insert(&entry.key, id);
        }
    }

    /// Ours of a school that something names.
    fn school(&self, key: &Key) -> Option<String> {
        let of_roster = self.schools.get(key).cloned();
        of_roster.or_else(|| self.identities.of(Entity::School, key, "").cloned())
    }

    fn class_name(&self, id: &str) -> Option<&str> {
        self.class_names.get(id).map(String::as_str)
    }
}
