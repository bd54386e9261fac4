//! The worksheet file: TOML beside its artwork.

mod check;
mod question;
mod write;

#[cfg(test)]
mod tests;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{KnowledgePoint, Page, Worksheet, WorksheetId};
use question::FileQuestion;

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
            file.question.into_iter().map(FileQuestion::question).collect::<Result<Vec<_>, _>>()?;
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
