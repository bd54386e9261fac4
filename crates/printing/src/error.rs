//! Why something cannot be printed.

use std::path::PathBuf;

/// Why something cannot be printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintingError {
    /// The pattern has no patch for such an address.
    #[error("page address {address}: its {part} is {value}, and this pattern has {limit}")]
    Address {
        /// Section, owner, book and page with dots between them.
        address: String,
        /// Which of the four.
        part: &'static str,
        /// Its value.
        value: u32,
        /// What would do.
        limit: String,
    },
    /// The pages of the run were not made for this paper.
    #[error("print run {run}: {reason}")]
    Run {
        /// The print run's id.
        run: String,
        /// What is wrong.
        reason: String,
    },
    /// A drawing cannot be printed.
    #[error("artwork: {0}")]
    Artwork(String),
    /// No font has a character.
    #[error(
        "no font has a glyph for {text} ({}): name a file of one that has with --font",
        code_points(text)
    )]
    NoGlyph {
        /// What is not to be had.
        text: String,
    },
    /// The machine has no fonts.
    #[error("this machine has no fonts: install one with Chinese (fonts-noto-cjk), or name a file")]
    NoFont,
    /// A file is no font.
    #[error("{}: {reason}", file.display())]
    Font {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A font cannot be cut to what a file needs.
    #[error("font {font}: {reason}")]
    Subset {
        /// Its name.
        font: String,
        /// What is wrong with it.
        reason: String,
    },
}

fn code_points(text: &str) -> String {
    let points: Vec<String> = text.chars().map(|c| format!("U+{:04X}", u32::from(c))).collect();
    points.join(" ")
}
