//! The roster file: schools, classes and who is in them.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use serde::Deserialize;

/// A school with its staff and classes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Roster {
    pub(crate) school: School,
    pub(crate) staff: Vec<Staff>,
    #[serde(rename = "class")]
    pub(crate) classes: Vec<Class>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct School {
    pub(crate) id: String,
    pub(crate) name_zh: String,
    pub(crate) name_en: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Staff {
    /// A pseudonym.
    pub(crate) id: String,
    pub(crate) login: String,
    pub(crate) name: String,
    /// `zh` or `en`.
    pub(crate) locale: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Class {
    pub(crate) id: String,
    pub(crate) grade: u8,
    pub(crate) name_zh: String,
    pub(crate) name_en: String,
    /// Ids of staff, at least one.
    pub(crate) teachers: Vec<String>,
    pub(crate) pupils: Vec<Pupil>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pupil {
    /// A pseudonym.
    pub(crate) id: String,
    /// The number in class.
    pub(crate) number: u32,
    pub(crate) name: String,
}

impl Roster {
    /// Parses a roster; errors name line and column, or the entry that contradicts another.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let roster: Self = toml::from_str(text).context("roster")?;
        let mut ids = BTreeSet::new();
        for class in &roster.classes {
            let known = |id: &String| roster.staff.iter().any(|staff| staff.id == *id);
            if let Some(stranger) = class.teachers.iter().find(|id| !known(id)) {
                bail!("roster: class {} names teacher {stranger}, who is not staff", class.id);
            }
            if class.teachers.is_empty() {
                bail!("roster: class {} has no teacher", class.id);
            }
            let mut numbers = BTreeSet::new();
            for pupil in &class.pupils {
                if !ids.insert(pupil.id.as_str()) {
                    bail!("roster: pupil id {} stands twice", pupil.id);
                }
                if !numbers.insert(pupil.number) {
                    bail!("roster: class {} has number {} twice", class.id, pupil.number);
                }
            }
        }
        Ok(roster)
    }
}
