//! Classes.

use std::collections::HashSet;

use super::super::super::source::Entity;
use super::super::known::Known;
use super::super::{Becomes, ChangeOf};
use super::Planning;
use school::roster::{ClassEntry, Said, Source};

impl<'a> Planning<'a> {
    pub(super) fn classes(&mut self, known: &Known) {
        for (id, class) in &known.classes {
            self.class_names.insert(id.clone(), class.name_zh.clone());
        }
        let mut entries: Vec<&'a ClassEntry> = self.import.roster.classes.iter().collect();
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        for entry in entries {
            self.class(entry, known);
        }
        self.missing_classes(known);
    }

    fn class(&mut self, entry: &'a ClassEntry, known: &Known) {
        let Some(school) = self.school(&entry.school) else {
            let what = Said::new("系统里没有这所学校：请核对", "the store has no such school");
            self.problems.push(entry.at.problem("schoolSourcedId", what));
            return;
        };
        let by_key = self.identities.of(Entity::Class, &entry.key, &school).cloned();
        // Another system may have named it first.
        let alike = known.classes.iter().filter(|(id, class)| {
            class.school == school
                && class.grade == i64::from(entry.grade.number())
                && class.name_zh == entry.name_zh
                && !self.identities.is_named(Entity::Class, entry.key.source, id)
        });
        let mut alike: Vec<String> = alike.map(|(id, _)| id.clone()).collect();
        alike.sort_unstable();
        let is_known = by_key.is_some();
        let found = by_key.or(if alike.len() == 1 { alike.pop() } else { None });
        if found.is_none() && entry.only_known && entry.key.source != Source::List {
            return;
        }
        if found.is_none() && entry.only_known {
            let what = Said::new(
                "名单里和系统里都没有这个班的学生：请先导入学生名单，或改正班名",
                "neither the list nor the store has pupils of it",
            );
            self.problems.push(entry.at.problem("任教班级", what));
            return;
        }
        let before = found.as_ref().and_then(|id| known.classes.get(id));
        let is_same = before.is_some_and(|class| {
            class.grade == i64::from(entry.grade.number())
                && class.name_zh == entry.name_zh
                && class.name_en == entry.name_en
        });
        if before.is_some_and(|class| class.school != school) {
            let what = Said::new(
                "这个班在系统里是另一所学校的：请核对",
                "the store has the class in another school",
            );
            self.problems.push(entry.at.problem("schoolSourcedId", what));
            return;
        }
        let becomes = match before {
            None => Becomes::New,
            Some(_) if is_same || entry.key.source == Source::List && !is_known => {
                Becomes::Unchanged
            }
            Some(_) => Becomes::Changed,
        };
        let id = found.unwrap_or_else(|| self.fresh("c"));
        if becomes == Becomes::Unchanged {
            self.plan.count(ChangeOf::Class, becomes);
        } else {
            let row = (
                id.clone(),
                school.clone(),
                entry.grade.number(),
                entry.name_zh.clone(),
                entry.name_en.clone(),
            );
            self.plan.classes.push(row);
            self.plan.change(ChangeOf::Class, becomes, None, None, &entry.name_zh);
        }
        if !is_known {
            self.identify(Entity::Class, &entry.key, &school, &id);
        }
        self.class_names.insert(id.clone(), entry.name_zh.clone());
        self.classes.insert(&entry.key, id);
    }

    /// An export of everything names every class; a list may be one of a single grade.
    fn missing_classes(&mut self, known: &Known) {
        let roster = &self.import.roster;
        if !roster.whole || roster.classes.iter().any(|c| c.key.source != Source::OneRoster) {
            return;
        }
        let named: HashSet<&String> = self.classes.values().collect();
        let missing: Vec<&String> = known
            .classes
            .keys()
            .filter(|id| self.identities.is_named(Entity::Class, Source::OneRoster, id))
            .filter(|id| !named.contains(id))
            .collect();
        for id in missing {
            let name = known.classes[id].name_zh.as_str();
            self.plan.change(ChangeOf::Class, Becomes::Missing, None, None, name);
        }
    }
}
