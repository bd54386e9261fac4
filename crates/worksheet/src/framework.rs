//! Knowledge points: a tree that is kept in a file.

mod case;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::KnowledgePoint;

/// The tree that comes with Zhibi. It says of itself that this project made it up.
const OWN: &str = include_str!("../knowledge/shanghai-primary.csv");

/// A tree of knowledge points: parents stand before their children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framework {
    points: Vec<KnowledgePoint>,
    /// Other names by which a point is found, such as the code that CASE calls human.
    codes: BTreeMap<String, String>,
}

/// Why a file is no framework.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameworkError {
    /// A line of the table is wrong.
    #[error("line {line}: {reason}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong and what to do.
        reason: String,
    },
    /// The file is no JSON of CASE 1.0.
    #[error("no CASE 1.0 framework: {0}")]
    Case(String),
    /// The points are no tree.
    #[error("knowledge point {id}: {reason}")]
    Point {
        /// Whose.
        id: String,
        /// What is wrong.
        reason: &'static str,
    },
}

/// Why a name is not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// No point is called so; the nearest name, if one is near.
    Unknown(Option<String>),
    /// Several are; their ids.
    Ambiguous(Vec<String>),
}

impl Framework {
    /// The tree that comes with Zhibi: Shanghai's primary mathematics and English to grade 5, and
    /// the roots of other subjects. Made up by this project from what schools teach; it is no
    /// official document.
    pub fn own() -> Self {
        // Unwrap safety: a test reads the file that is compiled in.
        #[expect(clippy::expect_used, reason = "the file is part of the program")]
        Self::read(OWN).expect("the tree of this crate")
    }

    /// Reads a framework: a CASE 1.0 package in JSON, or a table with the columns `id`, `parent`,
    /// `名称` and `name`, told apart by the first character.
    ///
    /// # Errors
    /// Names the line, or the point, and what is wrong with it.
    pub fn read(text: &str) -> Result<Self, FrameworkError> {
        let text = text.trim_start_matches('\u{feff}');
        match text.trim_start().starts_with('{') {
            true => case::read(text),
            false => Self::of(table(text)?, BTreeMap::new()),
        }
    }

    /// Its points, parents before children.
    pub fn points(&self) -> &[KnowledgePoint] {
        &self.points
    }

    /// The id of the point with this id, code, 名称 or name.
    ///
    /// # Errors
    /// When there is none, or several.
    pub fn find(&self, name: &str) -> Result<&str, NotFound> {
        if let Some(point) = self.points.iter().find(|point| point.id == name) {
            return Ok(&point.id);
        }
        if let Some(id) = self.codes.get(name) {
            return Ok(id);
        }
        let lower = name.to_lowercase();
        let is_called =
            |point: &&KnowledgePoint| point.zh == name || point.en.to_lowercase() == lower;
        let found: Vec<&KnowledgePoint> = self.points.iter().filter(is_called).collect();
        match found.as_slice() {
            [one] => Ok(&one.id),
            [] => Err(NotFound::Unknown(self.nearest(name))),
            several => {
                Err(NotFound::Ambiguous(several.iter().map(|point| point.id.clone()).collect()))
            }
        }
    }

    /// The points of these ids and all above them, in the order of the tree.
    pub fn with_parents<'a>(&self, ids: impl Iterator<Item = &'a str>) -> Vec<KnowledgePoint> {
        let mut wanted: BTreeSet<&str> = ids.collect();
        for point in self.points.iter().rev() {
            if wanted.contains(point.id.as_str()) {
                wanted.extend(point.parent.as_deref());
            }
        }
        self.points.iter().filter(|point| wanted.contains(point.id.as_str())).cloned().collect()
    }

    /// The name that shares the most characters with `name`, at least half of them.
    fn nearest(&self, name: &str) -> Option<String> {
        let wanted: BTreeSet<char> = name.chars().collect();
        let near = |candidate: &str| {
            let has: BTreeSet<char> = candidate.chars().collect();
            let shared = wanted.intersection(&has).count();
            (shared * 2 > wanted.len())
                .then_some((shared * 100) / wanted.union(&has).count().max(1))
        };
        let names = self.points.iter().flat_map(|point| [&point.zh, &point.en, &point.id]);
        let scored = names.filter_map(|candidate| Some((near(candidate)?, candidate)));
        // The first of those that are equally near.
        let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, name)| name.clone())
    }

    /// Orders points so that parents stand first.
    fn of(
        points: Vec<KnowledgePoint>,
        codes: BTreeMap<String, String>,
    ) -> Result<Self, FrameworkError> {
        let refuse = |id: &str, reason| FrameworkError::Point { id: id.to_owned(), reason };
        let mut ids = BTreeSet::new();
        for point in &points {
            if !ids.insert(point.id.clone()) {
                return Err(refuse(&point.id, "it stands twice"));
            }
        }
        for point in &points {
            if point.parent.as_ref().is_some_and(|parent| !ids.contains(parent)) {
                return Err(refuse(&point.id, "its parent is not in the file"));
            }
        }
        // Depth first from the roots, children in the order of the file.
        let mut children: BTreeMap<Option<&str>, Vec<&KnowledgePoint>> = BTreeMap::new();
        for point in points.iter().rev() {
            children.entry(point.parent.as_deref()).or_default().push(point);
        }
        let mut stack = children.get(&None).cloned().unwrap_or_default();
        let mut ordered = Vec::with_capacity(points.len());
        while let Some(point) = stack.pop() {
            stack.extend(children.get(&Some(point.id.as_str())).into_iter().flatten());
            ordered.push(point.clone());
        }
        if ordered.len() < points.len() {
            let reached: BTreeSet<&str> = ordered.iter().map(|point| point.id.as_str()).collect();
            let lost = points.iter().find(|point| !reached.contains(point.id.as_str()));
            return Err(refuse(lost.map_or("", |p| p.id.as_str()), "it stands above itself"));
        }
        Ok(Self { points: ordered, codes })
    }
}

/// The columns of a table, and what else each may be called.
const COLUMNS: [[&str; 2]; 4] =
    [["id", "编号"], ["parent", "上级"], ["名称", "zh"], ["name", "en"]];

/// A table: a heading, then a point per line; lines that begin with `#` are remarks.
fn table(text: &str) -> Result<Vec<KnowledgePoint>, FrameworkError> {
    let refuse = |line, reason: &str| FrameworkError::Line { line, reason: reason.to_owned() };
    let lines = (1..).zip(text.lines());
    let mut lines = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let Some((number, heading)) = lines.next() else {
        return Err(refuse(1, "the file is empty: a heading and a point per line"));
    };
    let heading = cells(heading).ok_or_else(|| refuse(number, "a quotation mark is not closed"))?;
    let column = |names: [&str; 2]| {
        heading.iter().position(|cell| names.contains(&cell.trim().to_lowercase().as_str()))
    };
    let [Some(id), Some(parent), Some(zh), Some(en)] = COLUMNS.map(column) else {
        return Err(refuse(number, "the heading is no `id,parent,名称,name`"));
    };
    let mut points = Vec::new();
    for (number, line) in lines {
        let cells = cells(line).ok_or_else(|| refuse(number, "a quotation mark is not closed"))?;
        let cell = |at: usize| cells.get(at).map(|cell| cell.trim().to_owned()).unwrap_or_default();
        let name = |first: String, other: String| if first.is_empty() { other } else { first };
        let point = KnowledgePoint {
            id: cell(id),
            parent: Some(cell(parent)).filter(|parent| !parent.is_empty()),
            zh: name(cell(zh), cell(en)),
            en: name(cell(en), cell(zh)),
        };
        if point.id.is_empty() || point.zh.is_empty() {
            return Err(refuse(number, "a point has an id and a name"));
        }
        points.push(point);
    }
    Ok(points)
}

/// The cells of a line of CSV (RFC 4180, without line breaks in a cell).
fn cells(line: &str) -> Option<Vec<String>> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                cell.push('"');
                chars.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            _ => cell.push(c),
        }
    }
    cells.push(cell);
    (!quoted).then_some(cells)
}
