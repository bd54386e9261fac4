//! What is wrong with a worksheet's folder: all of it at once, with its place.

#[cfg(test)]
mod tests;

use std::path::Path;

use crate::compute;
use crate::file::{Folder, OnDisk};
use crate::text::{Draft, Fault};
use crate::{
    Framework, Key, Kind, Mismatch, NotFound, Part, Question, Rect, Worksheet, WorksheetError,
};

/// Something wrong with a worksheet.
#[derive(Debug, thiserror::Error)]
pub enum Finding {
    /// In the text that it is built from.
    #[error("worksheet.txt:{0}")]
    Text(#[from] Fault),
    /// Likely in the text, of which a sheet is built all the same.
    #[error("worksheet.txt:{fault}")]
    Doubt {
        /// What it is, and where.
        fault: Fault,
        /// The question's id.
        question: String,
    },
    /// In what was built or drawn.
    #[error(transparent)]
    Sheet(#[from] WorksheetError),
    /// In one part of it.
    #[error(transparent)]
    Part(#[from] PartFlaw),
}

/// What is wrong with one part of a worksheet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("question {question}: {}", flaw.texts(part, *page).1)]
pub struct PartFlaw {
    /// The question's id.
    pub question: String,
    /// The part's id.
    pub part: String,
    /// The page that it stands on, from 1.
    pub page: u32,
    /// What it is.
    pub flaw: Flaw,
}

/// What can be wrong with a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Its field is too small to write in.
    Small {
        /// The field.
        field: Rect,
        /// What it needs at least, in micrometres: width and height.
        least_um: (i32, i32),
    },
    /// It is read, and nothing says what is right.
    NoKey,
    /// No framework has a knowledge point of its question.
    UnknownPoint {
        /// The point's id.
        id: String,
        /// The nearest that there is.
        nearest: Option<String>,
    },
    /// Its key is not what the question computes.
    Computes(Mismatch),
    /// It differs from an earlier build.
    Changed {
        /// How.
        change: Change,
        /// The version of both, where it is one: sheets of it may be in pupils' hands.
        still: Option<u32>,
    },
}

/// How a part differs from what it was in an earlier build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Its field lies elsewhere, or is of another size.
    Moved {
        /// Where it was: the bounds, and the page.
        from: (Option<Rect>, u32),
        /// Where it is.
        to: (Option<Rect>, u32),
    },
    /// Something else is right, or may be written.
    Key,
    /// It is worth more or less.
    Points,
    /// It is there no longer.
    Gone,
    /// It was not there.
    New,
}

impl Finding {
    /// What is wrong and what to do: in Chinese, and in English.
    pub fn texts(&self) -> (String, String) {
        match self {
            Self::Text(fault) | Self::Doubt { fault, .. } => {
                let (zh, en) = fault.wrong.texts();
                let place = fault.place;
                (
                    format!("第 {} 行第 {} 个字：{zh}", place.line, place.column),
                    format!("line {}, column {}: {en}", place.line, place.column),
                )
            }
            Self::Sheet(error) => (format!("练习文件有错（{error}）"), error.to_string()),
            Self::Part(flaw) => flaw.flaw.texts(&flaw.part, flaw.page),
        }
    }

    /// The question that it is about, if it is about one.
    pub fn question(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Doubt { question, .. } => Some(question),
            Self::Sheet(WorksheetError::Question { question, .. }) => Some(question),
            Self::Sheet(_) => None,
            Self::Part(flaw) => Some(&flaw.question),
        }
    }
}

impl Flaw {
    /// What is wrong with the part of that id, which stands on that page: in Chinese, and in
    /// English.
    pub fn texts(&self, part: &str, page: u32) -> (String, String) {
        match self {
            Self::Small { field, least_um: (width, height) } => {
                let (width, height) = (width / 1000, height / 1000);
                (
                    format!(
                        "第 {page} 页 {part} 的作答框太小，写不下（{field}）：至少要 {width} × \
                         {height} 毫米"
                    ),
                    format!(
                        "the field of {part}, {field} on page {page}, is too small to write in: at \
                         least {width} × {height} mm are needed"
                    ),
                )
            }
            Self::NoKey => (
                format!("第 {page} 页 {part} 没有答案"),
                format!("{part} on page {page} has no key"),
            ),
            Self::UnknownPoint { id, nearest } => {
                let mut zh = format!("知识点里没有 {id}");
                let mut en = format!("no framework has the knowledge point {id}");
                if let Some(nearest) = nearest {
                    zh.push_str(&format!("：最接近的是 {nearest}"));
                    en.push_str(&format!(": {nearest} is the nearest"));
                }
                (zh, en)
            }
            Self::Computes(mismatch) => (
                format!("第 {page} 页 {part}：算一算，{mismatch} 不成立，请核对答案"),
                format!("{part} on page {page}: {mismatch} does not hold, look at its key again"),
            ),
            Self::Changed { change, still } => {
                let (mut zh, mut en) = change.texts();
                if let Some(version) = still {
                    zh.push_str(&format!("，版本却仍是 {version}：请把版本加一"));
                    en.push_str(&format!(", and the version is still {version}: raise it"));
                }
                (format!("{part} {zh}"), format!("{part} {en}"))
            }
        }
    }
}

impl Change {
    /// What follows the part's name: in Chinese, and in English.
    pub fn texts(&self) -> (String, String) {
        let same = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
        let place = |(rect, page): &(Option<Rect>, u32)| {
            let rect = rect.map_or(String::new(), |rect| rect.to_string());
            (format!("第 {page} 页 {rect}"), format!("{rect} on page {page}"))
        };
        match self {
            Self::Moved { from, to } => {
                let ((from_zh, from), (to_zh, to)) = (place(from), place(to));
                (
                    format!("的作答框移动了：从{from_zh} 到{to_zh}"),
                    format!("has moved from {from} to {to}"),
                )
            }
            Self::Key => same("的答案改了", "has another key"),
            Self::Points => same("的分数改了", "has other points"),
            Self::Gone => same("没有了", "is gone"),
            Self::New => same("是新的", "is new"),
        }
    }
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
    examine_folder(&OnDisk(dir), framework, before)
}

/// Looks at the files of a folder, by name, as [`examine`] does.
///
/// # Errors
/// When a file that the worksheet names is not among them, or the worksheet file is no TOML of its
/// form.
pub fn examine_files(
    files: &[(String, Vec<u8>)],
    framework: &Framework,
    before: Option<&Worksheet>,
) -> Result<Vec<Finding>, WorksheetError> {
    examine_folder(&files, framework, before)
}

fn examine_folder(
    folder: &impl Folder,
    framework: &Framework,
    before: Option<&Worksheet>,
) -> Result<Vec<Finding>, WorksheetError> {
    let mut found = Vec::new();
    let toml = folder.text("worksheet.toml")?;
    let (sheet, refused) = Worksheet::parse_unchecked(&toml, |name| folder.text(name))?;
    let mut has_text = false;
    if folder.has("worksheet.txt") {
        let text = folder.text("worksheet.txt")?;
        let picture = |name: &str| folder.bytes(name).ok();
        let built = Draft::parse(&text, framework)
            .and_then(|draft| Ok((draft.lay_out(framework, picture)?, draft)));
        match built {
            Ok((built, draft)) => {
                if built != sheet {
                    let reason = "the folder is not what worksheet.txt builds: build it again";
                    found.push(WorksheetError::Worksheet(reason.to_owned()).into());
                }
                // Questions are built in the order of the text.
                found.extend(draft.doubts_by_question().map(|(at, fault)| {
                    match built.questions.get(at) {
                        Some(question) => Finding::Doubt { fault, question: question.id.clone() },
                        None => Finding::Text(fault),
                    }
                }));
                has_text = true;
            }
            Err(faults) => found.extend(faults.into_iter().map(Finding::Text)),
        }
    }
    let sheets = refused.into_iter().chain(sheet.contradictions());
    found.extend(sheets.map(Finding::Sheet));
    found.extend(sheet.unusable().map(Finding::Part));
    found.extend(sheet.unknown_points(framework).map(Finding::Part));
    // A text has told it already, with its line.
    if !has_text {
        found.extend(sheet.uncomputed().map(Finding::Part));
    }
    if let Some(before) = before {
        found.extend(sheet.moved(before).into_iter().map(Finding::Part));
    }
    Ok(found)
}

/// Width and height that a field needs, in micrometres.
pub(crate) fn least_um(kind: &Kind) -> (i32, i32) {
    match kind {
        Kind::Number(_) | Kind::Digits => (18_000, 10_000),
        Kind::Letter(_) | Kind::TrueFalse => (12_000, 8_000),
        Kind::Comparison => (9_000, 9_000),
        Kind::Choice | Kind::Choices => (5_000, 3_500),
        Kind::Pairs => (3_000, 3_000),
        Kind::Character => (12_000, 12_000),
        Kind::Expression | Kind::Steps => (30_000, 10_000),
        Kind::Column => (30_000, 30_000),
        Kind::Free => (50_000, 10_000),
    }
}

fn flaw(question: &Question, part: &str, flaw: Flaw) -> PartFlaw {
    PartFlaw { question: question.id.clone(), part: part.to_owned(), page: question.page, flaw }
}

impl Worksheet {
    /// Fields too small to write in, and blanks that are read and have no key.
    fn unusable(&self) -> impl Iterator<Item = PartFlaw> {
        self.parts().flat_map(|of| {
            let (width_um, height_um) = least_um(&of.part.kind);
            let is_comb = matches!(of.part.field, crate::Field::Comb(_));
            let small =
                of.part.field.rects().into_iter().find(|rect| {
                    !is_comb && (rect.width_um < width_um || rect.height_um < height_um)
                });
            let named = |what| flaw(of.question, &of.part.id, what);
            let small =
                small.map(|field| named(Flaw::Small { field, least_um: (width_um, height_um) }));
            let no_key = of.part.key == Key::None && of.part.kind != Kind::Free;
            let no_key = no_key.then(|| named(Flaw::NoKey));
            small.into_iter().chain(no_key)
        })
    }

    /// Knowledge points that the framework does not have.
    fn unknown_points(&self, framework: &Framework) -> impl Iterator<Item = PartFlaw> {
        self.questions.iter().flat_map(move |question| {
            let unknown = question.knowledge_points.iter().filter_map(|id| {
                let nearest = match framework.find(id) {
                    Ok(found) if found == id => return None,
                    Ok(found) => Some(found.to_owned()),
                    Err(NotFound::Unknown(nearest)) => nearest,
                    Err(NotFound::Ambiguous(_)) => None,
                };
                let what = Flaw::UnknownPoint { id: id.clone(), nearest };
                Some(flaw(question, &question.id, what))
            });
            unknown.collect::<Vec<_>>()
        })
    }

    /// Keys that are not what their questions compute.
    fn uncomputed(&self) -> impl Iterator<Item = PartFlaw> {
        self.questions.iter().filter_map(|question| {
            let mismatch = compute::of_question(question)?;
            Some(flaw(question, &question.id, Flaw::Computes(mismatch)))
        })
    }

    /// What differs from an earlier build of the same version, whose sheets may be in pupils' hands;
    /// nothing where the version is another.
    pub fn moved(&self, before: &Self) -> Vec<PartFlaw> {
        if before.id != self.id {
            return Vec::new();
        }
        self.changes(before, Some(self.id.version))
    }

    /// What differs from another version.
    pub fn changed_since(&self, before: &Self) -> Vec<PartFlaw> {
        self.changes(before, None)
    }

    fn changes(&self, before: &Self, still: Option<u32>) -> Vec<PartFlaw> {
        let changed = |question: &Question, part: &Part, change: Change| {
            flaw(question, &part.id, Flaw::Changed { change, still })
        };
        let mut found = Vec::new();
        for earlier in before.parts() {
            let change = match self.part(&earlier.part.id) {
                None => Some(Change::Gone),
                Some(now) => difference(earlier.part, now.part, earlier.question, now.question),
            };
            found.extend(change.map(|change| changed(earlier.question, earlier.part, change)));
        }
        for now in self.parts().filter(|now| before.part(&now.part.id).is_none()) {
            found.push(changed(now.question, now.part, Change::New));
        }
        found
    }
}

/// What of a part differs.
fn difference(earlier: &Part, now: &Part, from: &Question, to: &Question) -> Option<Change> {
    let place = |part: &Part, question: &Question| (part.field.bounds(), question.page);
    let rects = |part: &Part| part.rects().collect::<Vec<_>>();
    if from.page != to.page || rects(earlier) != rects(now) {
        return Some(Change::Moved { from: place(earlier, from), to: place(now, to) });
    }
    if earlier.kind != now.kind || earlier.key != now.key {
        return Some(Change::Key);
    }
    (earlier.points != now.points).then_some(Change::Points)
}
