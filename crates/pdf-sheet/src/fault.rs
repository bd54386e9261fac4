//! Why a PDF is refused, and what of one is drawn otherwise than it was made.

/// Why a PDF cannot become a worksheet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfFault {
    /// The file has more bytes than are read.
    #[error("the file has {mb} MB, and {limit_mb} MB are read: make its pictures smaller")]
    TooLarge {
        /// Its size in megabytes, rounded up.
        mb: usize,
        /// The limit in megabytes.
        limit_mb: usize,
    },
    /// The file is no PDF, or broken.
    #[error(
        "the file is no PDF that can be read: export it again as PDF from the program it was made with"
    )]
    NoPdf,
    /// The file opens with a password alone.
    #[error("the file is locked with a password: export it again without one")]
    Locked,
    /// The file has no pages.
    #[error("the file has no pages")]
    Empty,
    /// The file has more pages than are read.
    #[error("the file has {pages} pages, and {limit} are read: split it")]
    TooManyPages {
        /// How many it has.
        pages: usize,
        /// How many are read.
        limit: usize,
    },
    /// A page is wider than a page of coded paper.
    #[error("page {page} is {width_mm} × {height_mm} mm: make it A4 upright")]
    TooWide {
        /// Which page, from 1.
        page: u32,
        /// Its width in millimetres.
        width_mm: i32,
        /// Its height in millimetres.
        height_mm: i32,
    },
    /// A page draws more than a sheet can hold.
    #[error(
        "page {page} has more lines and pictures than are read: export it simpler, or as a picture"
    )]
    TooMuch {
        /// Which page, from 1.
        page: u32,
    },
    /// A stream of the file, or all of them, unpack to more than is read.
    #[error(
        "the file unpacks to more than {limit_mb} MB: export it simpler, or make its pictures smaller"
    )]
    Swollen {
        /// The limit in megabytes.
        limit_mb: usize,
    },
    /// A drawing in the file has more steps than are read.
    #[error("a drawing in the file has too many steps: export it simpler, or as a picture")]
    TooManySteps,
    /// The end of the file is missing, or pages that it speaks of.
    #[error("a part of the file is missing: copy it, or export it, once more")]
    CutOff,
    /// Whoever waited for the pages waits no longer.
    #[error("reading the file was given up")]
    Stopped,
    /// Reading the file failed in a way that nobody foresaw.
    #[error("the file cannot be read: export it again from another program")]
    Broken,
}

/// What of a page is drawn otherwise than it was made.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// Nothing is drawn on the page.
    Empty,
    /// A font is not in the file, so that another one stands in.
    FontMissing,
    /// A gradient or a pattern is drawn in one colour.
    PlainColour,
    /// A picture could not be read and is left out.
    PictureLost,
    /// Shadows, masks or mixed colours are drawn plainly.
    PlainMixing,
    /// The page was larger than A4 and is drawn smaller.
    Shrunk,
    /// The page has print where names and the page's address are printed.
    UnderHead,
}
