//! The worksheet file: TOML beside its artwork.

mod check;
mod write;

#[cfg(test)]
mod tests;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::template::{
    Bubble, Field, Kind, KnowledgePoint, NumberForm, Page, Question, Rect, Score, Worksheet,
    WorksheetId,
};

/// Why a worksheet was refused.
#[derive(Debug, thiserror::Error)]
pub enum WorksheetError {
    /// A file could not be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is no TOML of this form; the message names line and column.
    #[error("worksheet.toml: {0}")]
    Toml(#[from] toml::de::Error),
    /// A question contradicts itself or the rest of the worksheet.
    #[error("question {question}: {reason}")]
    Question {
        /// The question's id.
        question: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// The worksheet as a whole is wrong.
    #[error("{0}")]
    Worksheet(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    version: u32,
    title_zh: String,
    title_en: String,
    subject: String,
    grade: u8,
    page: Vec<FilePage>,
    knowledge_point: Vec<KnowledgePoint>,
    question: Vec<FileQuestion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePage {
    artwork: String,
    width_um: i32,
    height_um: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileQuestion {
    id: String,
    page: u32,
    label: String,
    prompt: String,
    points: f64,
    knowledge_points: Vec<String>,
    r#box: Option<Rect>,
    bubbles: Option<Vec<Bubble>>,
    answer: FileAnswer,
    model_answer: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum FileAnswer {
    Number {
        right: String,
        #[serde(default)]
        form: NumberForm,
    },
    Letter {
        right: char,
        options: String,
    },
    TrueFalse {
        right: bool,
    },
    Comparison {
        right: char,
    },
    Choice {
        right: char,
    },
    Free {
        score_box: Rect,
    },
}

impl Worksheet {
    /// Reads `worksheet.toml` and the artwork it names from a folder.
    ///
    /// # Errors
    /// Names the file, or the question and what is wrong with it.
    pub fn load(dir: &Path) -> Result<Self, WorksheetError> {
        let read = |path: PathBuf| {
            std::fs::read_to_string(&path).map_err(|source| WorksheetError::Io { path, source })
        };
        let toml = read(dir.join("worksheet.toml"))?;
        Self::parse(&toml, |name| read(dir.join(name)))
    }

    /// Parses a worksheet whose artwork `artwork` fetches by file name.
    ///
    /// # Errors
    /// Names the question and what is wrong with it.
    pub fn parse(
        toml: &str,
        mut artwork: impl FnMut(&str) -> Result<String, WorksheetError>,
    ) -> Result<Self, WorksheetError> {
        let file: File = toml::from_str(toml)?;
        let mut pages = Vec::new();
        for (number, page) in (1..).zip(&file.page) {
            if page.artwork.contains(['/', '\\']) {
                let reason = format!("page {number}: its artwork lies in the worksheet's folder");
                return Err(WorksheetError::Worksheet(reason));
            }
            pages.push(Page {
                number,
                width_um: page.width_um,
                height_um: page.height_um,
                artwork: artwork(&page.artwork)?,
            });
        }
        let questions =
            file.question.into_iter().map(FileQuestion::check).collect::<Result<Vec<_>, _>>()?;
        let worksheet = Self {
            id: WorksheetId { id: file.id, version: file.version },
            title_zh: file.title_zh,
            title_en: file.title_en,
            subject: file.subject,
            grade: file.grade,
            pages,
            questions,
            knowledge_points: file.knowledge_point,
        };
        worksheet.check()?;
        Ok(worksheet)
    }

    /// The file names of the artwork that a worksheet file names, in page order.
    ///
    /// # Errors
    /// When the text is no worksheet file.
    pub fn artwork_names(toml: &str) -> Result<Vec<String>, WorksheetError> {
        let file: File = toml::from_str(toml)?;
        Ok(file.page.into_iter().map(|page| page.artwork).collect())
    }
}

impl FileQuestion {
    fn check(self) -> Result<Question, WorksheetError> {
        let refuse = |reason: &str| {
            Err(WorksheetError::Question { question: self.id.clone(), reason: reason.to_owned() })
        };
        let (kind, key, score_box) = match self.answer {
            FileAnswer::Number { right, form } => (Kind::Number(form), Some(right), None),
            FileAnswer::Letter { right, options } => {
                (Kind::Letter(options), Some(right.to_string()), None)
            }
            FileAnswer::TrueFalse { right } => {
                (Kind::TrueFalse, Some(true_false(right).to_owned()), None)
            }
            FileAnswer::Comparison { right } => (Kind::Comparison, Some(right.to_string()), None),
            FileAnswer::Choice { right } => (Kind::Choice, Some(right.to_string()), None),
            FileAnswer::Free { score_box } => (Kind::Free, None, Some(score_box)),
        };
        let field = match (self.r#box, self.bubbles, &kind) {
            (None, Some(bubbles), Kind::Choice) => Field::Bubbles(bubbles),
            (_, _, Kind::Choice) => return refuse("a choice has `bubbles` and no `box`"),
            (Some(rect), None, _) => Field::Box(rect),
            _ => return refuse("it has one `box` and no `bubbles`"),
        };
        let tenths = (self.points * 10.0).round();
        if !(1.0..=10_000.0).contains(&tenths) || (tenths - self.points * 10.0).abs() > 1e-6 {
            return refuse("its points are no tenths between 0.1 and 1000");
        }
        Ok(Question {
            id: self.id,
            page: self.page,
            label: self.label,
            prompt: self.prompt,
            // Checked above: a whole number of tenths in range.
            points: Score(tenths as u32),
            knowledge_points: self.knowledge_points,
            field,
            kind,
            key,
            score_box,
            model_answer: self.model_answer,
        })
    }
}

/// The key of a statement, as it is written.
pub(crate) fn true_false(right: bool) -> &'static str {
    if right { "√" } else { "×" }
}
