//! The online model: pupils, items and knowledge points fitted together.

use std::collections::{BTreeMap, HashMap};

use crate::step::{Pupil, share};
use crate::{Belief, Credit, Priors};

/// Fits pupils, items and knowledge points together, answer by answer.
///
/// Its numbers depend on the order of the answers of all pupils, so it serves to evaluate and to
/// calibrate; a profile that people look at is folded ([`crate::fold`]).
///
/// ```
/// # use learning::{Credit, Model, Priors};
/// let mut model = Model::new(Priors::STANDARD);
/// let first = model.update("pupil", "item", &["fractions"], Credit::FULL, 0);
/// let second = model.update("pupil", "item", &["fractions"], Credit::FULL, 0);
/// assert_eq!(first, 0.5); // nothing is known yet
/// assert!(second > first);
/// ```
#[derive(Clone, Debug)]
pub struct Model {
    priors: Priors,
    students: Names,
    items: Names,
    skills: Names,
    pupils: Vec<Pupil<u32>>,
    item_beliefs: Vec<Belief>,
    skill_beliefs: Vec<Belief>,
    scratch: Vec<u32>,
}

impl Model {
    /// A model that knows nothing.
    pub fn new(priors: Priors) -> Self {
        Self {
            priors,
            students: Names::default(),
            items: Names::default(),
            skills: Names::default(),
            pupils: Vec::new(),
            item_beliefs: Vec::new(),
            skill_beliefs: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// Learns from one answer, and returns the probability of full credit that was expected before
    /// it was known. A knowledge point named twice counts once. `day` counts from any origin.
    ///
    /// With h = p(1−p) and g = (credit − p)/(1 + hv), each belief of variance V that the answer
    /// depends on with loading a (θ 1, b −1, δ 1/m, β −1/m) moves by aVg, and its variance falls by
    /// (aV)² h/(1 + hv).
    pub fn update(
        &mut self,
        student: &str,
        item: &str,
        skills: &[&str],
        credit: Credit,
        day: i32,
    ) -> f64 {
        let pupil = self.students.index(student, &mut self.pupils, || Pupil::new(&self.priors));
        let item = self
            .items
            .index(item, &mut self.item_beliefs, || Belief::around_zero(self.priors.item));
        self.scratch.clear();
        for skill in skills {
            let index = self.skills.index(skill, &mut self.skill_beliefs, || {
                Belief::around_zero(self.priors.skill_difficulty)
            });
            if !self.scratch.contains(&index) {
                self.scratch.push(index);
            }
        }
        let step = self.pupils[pupil as usize].answer(
            &self.scratch,
            self.item_beliefs[item as usize],
            |skill| self.skill_beliefs[skill as usize],
            credit,
            day,
            &self.priors,
        );
        step.teach(&mut self.item_beliefs[item as usize], -1.0);
        let loading = share(self.scratch.len());
        for &skill in &self.scratch {
            step.teach(&mut self.skill_beliefs[skill as usize], -loading);
        }
        step.predicted
    }

    /// What is believed of each item and of each knowledge point.
    pub(crate) fn beliefs(&self) -> (BTreeMap<String, Belief>, BTreeMap<String, Belief>) {
        (self.items.named(&self.item_beliefs), self.skills.named(&self.skill_beliefs))
    }
}

/// Names to places in a vector.
#[derive(Clone, Debug, Default)]
struct Names(HashMap<String, u32>);

impl Names {
    fn index<T>(&mut self, name: &str, all: &mut Vec<T>, new: impl FnOnce() -> T) -> u32 {
        if let Some(&index) = self.0.get(name) {
            return index;
        }
        // Four billion names do not fit in memory.
        let index = all.len() as u32;
        all.push(new());
        self.0.insert(name.to_owned(), index);
        index
    }

    fn named(&self, all: &[Belief]) -> BTreeMap<String, Belief> {
        self.0.iter().map(|(name, &index)| (name.clone(), all[index as usize])).collect()
    }
}
