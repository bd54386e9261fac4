//! What can be taken away from a page.

/// Files of a time, each with its button.
#[derive(Clone)]
pub(crate) struct TakeAway {
    /// The first day that the form proposes, `2026-09-01`.
    pub(crate) from: String,
    /// At least one.
    pub(crate) forms: Vec<TakeForm>,
}

/// A button and where it leads.
#[derive(Clone)]
pub(crate) struct TakeForm {
    pub(crate) path: String,
    pub(crate) words: &'static str,
}

impl TakeForm {
    pub(crate) fn new(path: String, words: &'static str) -> Self {
        Self { path, words }
    }
}

#[cfg(test)]
impl TakeAway {
    pub(crate) fn sample() -> Self {
        let form = |file: &str, words| TakeForm::new(format!("/c/c-3-1/{file}"), words);
        Self {
            from: "2025-09-01".into(),
            forms: vec![form("results.xlsx", "成绩 Excel"), form("notebook.pdf", "班级错题 PDF")],
        }
    }
}
