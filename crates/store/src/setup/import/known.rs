//! What the store holds of the schools that a roster is about.

use std::collections::{BTreeSet, HashMap};

use school::roster::{Key, Source};

use super::super::enrolment::Register;
use super::super::source::Entity;
use crate::StoreError;
use crate::database::Connection;
use crate::sql::query;

/// A class.
pub(super) struct Class {
    pub(super) school: String,
    pub(super) grade: i64,
    pub(super) name_zh: String,
    pub(super) name_en: String,
}

/// A member of staff.
pub(super) struct Staff {
    pub(super) school: String,
    pub(super) login: String,
    pub(super) name: String,
}

/// A role as a row: who, `teacher` or `class_teacher`, class, subject.
pub(super) type Grant = (String, String, String, Option<String>);

/// Identities of every system, by ours and by theirs.
#[derive(Default)]
pub(super) struct Identities {
    ours: HashMap<(Entity, Source, String), String>,
    theirs: HashMap<(Entity, Source, String), String>,
}

impl Identities {
    pub(super) async fn load(tx: &mut Connection) -> Result<Self, StoreError> {
        let mut all = Self::default();
        for source in [Source::OneRoster, Source::Xueji, Source::List] {
            let rows: Vec<(Entity, String, String)> =
                query("SELECT entity, value, id FROM source_identity WHERE source = $1")
                    .bind(source.code())
                    .fetch_all(&mut *tx)
                    .await?;
            for (entity, value, id) in rows {
                all.add(entity, source, value, id);
            }
        }
        Ok(all)
    }

    pub(super) fn add(&mut self, entity: Entity, source: Source, value: String, id: String) {
        self.theirs.insert((entity, source, id.clone()), value.clone());
        self.ours.insert((entity, source, value), id);
    }

    /// Ours of what a system calls so. A list's identities mean something in their school alone.
    pub(super) fn of(&self, entity: Entity, key: &Key, school: &str) -> Option<&String> {
        self.ours.get(&(entity, key.source, value_of(entity, key, school)))
    }

    /// Whether a system has an identity of one of ours.
    pub(super) fn is_named(&self, entity: Entity, source: Source, id: &str) -> bool {
        self.theirs.contains_key(&(entity, source, id.to_owned()))
    }
}

/// An identity as it is kept.
pub(super) fn value_of(entity: Entity, key: &Key, school: &str) -> String {
    match (key.source, entity) {
        (Source::List, Entity::Class | Entity::Pupil | Entity::Staff) => {
            format!("{school}/{}", key.value)
        }
        _ => key.value.clone(),
    }
}

/// Everything of some schools.
pub(super) struct Known {
    pub(super) classes: HashMap<String, Class>,
    /// School and name.
    pub(super) pupils: HashMap<String, (String, String)>,
    pub(super) staff: HashMap<String, Staff>,
    /// Whose each login is, of every school, by [`school::login_key`].
    pub(super) logins: HashMap<String, String>,
    pub(super) register: Register,
    /// Roles over classes that are in force.
    pub(super) grants: BTreeSet<Grant>,
}

impl Known {
    pub(super) async fn load(
        tx: &mut Connection,
        schools: &BTreeSet<&str>,
        from_ms: i64,
    ) -> Result<Self, StoreError> {
        // Filled in once it is known from which other schools pupils come.
        let mut known = Self {
            classes: HashMap::new(),
            pupils: HashMap::new(),
            staff: HashMap::new(),
            logins: HashMap::new(),
            register: Register::default(),
            grants: BTreeSet::new(),
        };
        for school in schools {
            let classes: Vec<(String, i64, String, String)> =
                query("SELECT id, grade, name_zh, name_en FROM class WHERE school = $1")
                    .bind(school)
                    .fetch_all(&mut *tx)
                    .await?;
            for (id, grade, name_zh, name_en) in classes {
                let school = (*school).to_owned();
                known.classes.insert(id, Class { school, grade, name_zh, name_en });
            }
            let grants: Vec<Grant> = query(
                "SELECT g.staff, g.role, g.class, g.subject
                 FROM class c JOIN role_grant g ON g.class = c.id
                 WHERE c.school = $1 AND g.role IN ('teacher', 'class_teacher')
                   AND g.from_ms <= $2 AND (g.until_ms IS NULL OR g.until_ms > $2)",
            )
            .bind(school)
            .bind(from_ms)
            .fetch_all(&mut *tx)
            .await?;
            known.grants.extend(grants);
        }
        // A pupil or teacher may be known in another school than the roster says.
        let pupils: Vec<(String, String, String)> =
            query("SELECT id, school, name FROM pupil").fetch_all(&mut *tx).await?;
        known.pupils = pupils.into_iter().map(|(id, school, name)| (id, (school, name))).collect();
        let staff: Vec<(String, String, String, String)> =
            query("SELECT id, school, login, name FROM staff").fetch_all(&mut *tx).await?;
        for (id, school, login, name) in staff {
            known.logins.insert(school::login_key(&login), id.clone());
            known.staff.insert(id, Staff { school, login, name });
        }
        Ok(known)
    }
}
