//! What is wrong with a worksheet's folder: all of it at once, with its place.

#[cfg(test)]
mod tests;

use std::path::Path;

use crate::file::read;
use crate::text::{Draft, Fault};
use crate::{Framework, Key, Kind, NotFound, Part, Question, Worksheet, WorksheetError};

/// Something wrong with a worksheet.
#[derive(Debug, thiserror::Error)]
pub enum Finding {
    /// In the text that it is built from.
    #[error("worksheet.txt:{0}")]
    Text(#[from] Fault),
    /// In what was built or drawn.
    #[error(transparent)]
    Sheet(#[from] WorksheetError),
}

/// Looks at a folder: the text if there is one, the worksheet file, its fields and keys, its
/// knowledge points. `before` is an earlier build: with the same version nothing may have moved.
///
/// # Errors
/// When a file cannot be read, or the worksheet file is no TOML of its form.
pub fn examine(
    dir: &Path,
    framework: &Framework,
    before: Option<&Worksheet>,
) -> Result<Vec<Finding>, WorksheetError> {
    let mut found = Vec::new();
    let (sheet, refused) =
        Worksheet::parse_unchecked(&read(dir, "worksheet.toml")?, |name| read(dir, name))?;
    if dir.join("worksheet.txt").exists() {
        let text = read(dir, "worksheet.txt")?;
        let picture = |name: &str| std::fs::read(dir.join(name)).ok();
        match Draft::build(&text, framework, picture) {
            Ok(built) if built != sheet => {
                let reason = "the folder is not what worksheet.txt builds: build it again";
                found.push(WorksheetError::Worksheet(reason.to_owned()).into());
            }
            Ok(_) => {}
            Err(faults) => found.extend(faults.into_iter().map(Finding::Text)),
        }
    }
    let mut sheets: Vec<WorksheetError> = refused;
    sheets.extend(sheet.contradictions());
    sheets.extend(sheet.unusable());
    sheets.extend(sheet.unknown_points(framework));
    if let Some(before) = before {
        sheets.extend(sheet.moved(before));
    }
    found.extend(sheets.into_iter().map(Finding::Sheet));
    Ok(found)
}

/// Width and height that a field needs, in micrometres.
pub(crate) fn least_um(kind: &Kind) -> (i32, i32) {
    match kind {
        Kind::Number(_) | Kind::Digits => (18_000, 10_000),
        Kind::Letter(_) | Kind::TrueFalse => (12_000, 8_000),
        Kind::Comparison => (9_000, 9_000),
        Kind::Choice | Kind::Choices => (5_000, 3_500),
        Kind::Character => (12_000, 12_000),
        Kind::Expression => (30_000, 10_000),
        Kind::Free => (50_000, 10_000),
    }
}

fn refuse(question: &Question, reason: String) -> WorksheetError {
    WorksheetError::Question { question: question.id.clone(), reason }
}

impl Worksheet {
    /// Fields too small to write in, and blanks that are read and have no key.
    fn unusable(&self) -> impl Iterator<Item = WorksheetError> {
        self.parts().flat_map(|of| {
            let (width_um, height_um) = least_um(&of.part.kind);
            let is_comb = matches!(of.part.field, crate::Field::Comb(_));
            let small =
                of.part.field.rects().into_iter().find(|rect| {
                    !is_comb && (rect.width_um < width_um || rect.height_um < height_um)
                });
            let small = small.map(|rect| {
                let (width, height) = (width_um / 1000, height_um / 1000);
                let page = of.question.page;
                let least = format!("at least {width} × {height} mm are needed");
                let reason = format!(
                    "the field of {}, {rect} on page {page}, is too small to write in: {least}",
                    of.part.id
                );
                refuse(of.question, reason)
            });
            let no_key = of.part.key == Key::None && of.part.kind != Kind::Free;
            let no_key = no_key.then(|| {
                let page = of.question.page;
                refuse(of.question, format!("{} on page {page} has no key", of.part.id))
            });
            small.into_iter().chain(no_key)
        })
    }

    /// Knowledge points that the framework does not have.
    fn unknown_points(&self, framework: &Framework) -> impl Iterator<Item = WorksheetError> {
        self.questions.iter().flat_map(move |question| {
            let unknown = question.knowledge_points.iter().filter_map(|id| {
                let nearest = match framework.find(id) {
                    Ok(found) if found == id => return None,
                    Ok(found) => Some(found.to_owned()),
                    Err(NotFound::Unknown(nearest)) => nearest,
                    Err(NotFound::Ambiguous(_)) => None,
                };
                let mut reason = format!("no framework has the knowledge point {id}");
                if let Some(nearest) = nearest {
                    reason.push_str(&format!(": {nearest} is the nearest"));
                }
                Some(refuse(question, reason))
            });
            unknown.collect::<Vec<_>>()
        })
    }

    /// What differs from an earlier build of the same version, whose sheets may be in pupils' hands;
    /// nothing where the version is another.
    pub fn moved(&self, before: &Self) -> Vec<WorksheetError> {
        if before.id != self.id {
            return Vec::new();
        }
        let version = self.id.version;
        let same = format!("and the version is still {version}: raise it");
        let mut found = Vec::new();
        for earlier in before.parts() {
            let reason = match self.part(&earlier.part.id) {
                None => Some(format!("{} is gone, {same}", earlier.part.id)),
                Some(now) => difference(earlier.part, now.part, earlier.question, now.question)
                    .map(|what| format!("{} {what}, {same}", earlier.part.id)),
            };
            found.extend(reason.map(|reason| refuse(earlier.question, reason)));
        }
        for now in self.parts().filter(|now| before.part(&now.part.id).is_none()) {
            found.push(refuse(now.question, format!("{} is new, {same}", now.part.id)));
        }
        found
    }
}

/// What of a part differs.
fn difference(earlier: &Part, now: &Part, from: &Question, to: &Question) -> Option<String> {
    let place = |part: &Part, question: &Question| {
        let rect = part.field.bounds().map_or(String::new(), |rect| rect.to_string());
        format!("{rect} on page {}", question.page)
    };
    let rects = |part: &Part| part.rects().collect::<Vec<_>>();
    if from.page != to.page || rects(earlier) != rects(now) {
        return Some(format!("has moved from {} to {}", place(earlier, from), place(now, to)));
    }
    if earlier.kind != now.kind || earlier.key != now.key {
        return Some("has another key".to_owned());
    }
    (earlier.points != now.points).then(|| "has other points".to_owned())
}
