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

/// What a list says of a worksheet.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Summary {
    /// Title in Chinese.
    pub title_zh: String,
    /// Title in English.
    pub title_en: String,
    /// `math`, `english`, …
    pub subject: String,
    /// School grade, 1–12.
    pub grade: u8,
}

impl Summary {
    /// Of a worksheet file, of which the lines above the first page are enough; `None` where they
    /// are none.
    pub fn of_head(toml: &str) -> Option<Self> {
        let head = toml.split("\n[").next().unwrap_or(toml);
        toml::from_str(head).ok()
    }
}

impl Worksheet {
    /// Reads `worksheet.toml` and the artwork it names from a folder.
    ///
    /// # Errors
    /// Names the file, or the question and what is wrong with it.
    pub fn load(dir: &Path) -> Result<Self, WorksheetError> {
        let toml = read(dir, "worksheet.toml")?;
        Self::parse(&toml, |name| read(dir, name))
    }

    /// Parses a worksheet whose artwork `artwork` fetches by file name.
    ///
    /// # Errors
    /// Names the question and what is wrong with it.
    pub fn parse(
        toml: &str,
        artwork: impl FnMut(&str) -> Result<String, WorksheetError>,
    ) -> Result<Self, WorksheetError> {
        let (worksheet, refused) = Self::parse_unchecked(toml, artwork)?;
        match refused.into_iter().next() {
            Some(error) => Err(error),
            None => worksheet.check().map(|()| worksheet),
        }
    }

    /// Parses a worksheet whose parts may contradict each other, with every question that is none.
    pub(crate) fn parse_unchecked(
        toml: &str,
        mut artwork: impl FnMut(&str) -> Result<String, WorksheetError>,
    ) -> Result<(Self, Vec<WorksheetError>), WorksheetError> {
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
        let (mut questions, mut refused) = (Vec::new(), Vec::new());
        for question in file.question.into_iter().map(FileQuestion::question) {
            match question {
                Ok(question) => questions.push(question),
                Err(error) => refused.push(error),
            }
        }
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
        Ok((worksheet, refused))
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

/// A text file of a worksheet's folder.
pub(crate) fn read(dir: &Path, name: &str) -> Result<String, WorksheetError> {
    let path = dir.join(name);
    std::fs::read_to_string(&path).map_err(|source| WorksheetError::Io { path, source })
}

/// Where the files of a worksheet are.
pub(crate) trait Folder {
    /// Whether there is a file of that name.
    fn has(&self, name: &str) -> bool;
    /// Its bytes.
    fn bytes(&self, name: &str) -> Result<Vec<u8>, WorksheetError>;
    /// Its text.
    fn text(&self, name: &str) -> Result<String, WorksheetError> {
        let no_text = |_| WorksheetError::Worksheet(format!("{name} is not UTF-8"));
        String::from_utf8(self.bytes(name)?).map_err(no_text)
    }
}

/// A folder of the file system.
pub(crate) struct OnDisk<'a>(pub(crate) &'a Path);

impl Folder for OnDisk<'_> {
    fn has(&self, name: &str) -> bool {
        self.0.join(name).exists()
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, WorksheetError> {
        let path = self.0.join(name);
        std::fs::read(&path).map_err(|source| WorksheetError::Io { path, source })
    }

    fn text(&self, name: &str) -> Result<String, WorksheetError> {
        read(self.0, name)
    }
}

impl Folder for &[(String, Vec<u8>)] {
    fn has(&self, name: &str) -> bool {
        self.iter().any(|(of, _)| of == name)
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, WorksheetError> {
        let found = self.iter().find(|(of, _)| of == name).map(|(_, bytes)| bytes.clone());
        found.ok_or_else(|| WorksheetError::Worksheet(format!("{name} is missing")))
    }
}
