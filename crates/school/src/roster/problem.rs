//! What is wrong with a file, and where.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Problems that are kept; more are only counted.
const KEPT_MAX: usize = 100;

/// A sentence in both languages, side by side, so that neither can lack what the other says. The
/// command line prints the English one, and a page the one of its reader. It sorts by the English.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// In English.
    pub en: Cow<'static, str>,
    /// In Chinese.
    pub zh: Cow<'static, str>,
}

impl Said {
    /// In Chinese, and in English.
    #[must_use]
    pub fn new(zh: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }
}

/// A line of a file. A sheet of a workbook is named with it, and its rows are the lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The file.
    pub file: Arc<str>,
    /// The line, from 1; 0: the file as a whole.
    pub line: u64,
}

impl At {
    pub(super) fn new(file: &Arc<str>, line: u64) -> Self {
        Self { file: Arc::clone(file), line }
    }

    /// The file as a whole.
    pub(super) fn file(name: &str) -> Self {
        Self { file: name.into(), line: 0 }
    }

    /// Something that is wrong here.
    #[must_use]
    pub fn problem(&self, column: impl Into<Option<&'static str>>, what: Said) -> Problem {
        Problem { at: self.clone(), column: column.into(), what }
    }
}

/// One thing that is wrong: where, what, and what to do about it. It names no person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where.
    pub at: At,
    /// In which column, by its header.
    pub column: Option<&'static str>,
    /// What is wrong, and what to do.
    pub what: Said,
}

impl fmt::Display for Problem {
    /// In English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.at.file)?;
        if self.at.line > 0 {
            write!(f, ", line {}", self.at.line)?;
        }
        if let Some(column) = self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.what.en)
    }
}

/// Everything that is wrong, up to a limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    kept: Vec<Problem>,
    more: usize,
}

impl Problems {
    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        if self.kept.len() < KEPT_MAX {
            self.kept.push(problem);
        } else {
            self.more += 1;
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// How many there are, those that were not kept too.
    #[must_use]
    pub fn count(&self) -> usize {
        self.kept.len() + self.more
    }

    /// Those that were kept, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.kept.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} things are wrong", self.count())?;
        self.kept.iter().try_for_each(|problem| write!(f, "; {problem}"))
    }
}
