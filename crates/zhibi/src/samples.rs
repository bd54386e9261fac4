//! The sample worksheets and roster, carried in the binary so that the demo needs no files.

use anyhow::Context;
use worksheet::{Worksheet, WorksheetError};

use crate::roster::Roster;

/// A worksheet file with its artwork.
pub(crate) struct Sample {
    /// `worksheet.toml`.
    pub(crate) toml: &'static str,
    /// (file name, SVG).
    pub(crate) artwork: &'static [(&'static str, &'static str)],
}

macro_rules! sample {
    ($folder:literal, $($page:literal),+) => {
        Sample {
            toml: include_str!(concat!(
                "../../../sample-strokes/worksheets/", $folder, "/worksheet.toml"
            )),
            artwork: &[$((
                $page,
                include_str!(concat!("../../../sample-strokes/worksheets/", $folder, "/", $page)),
            )),+],
        }
    };
}

/// In the order in which the class gets them.
pub(crate) const WORKSHEETS: [Sample; 3] = [
    sample!("mental-arithmetic-g3", "page-1.svg"),
    sample!("english-g3", "page-1.svg"),
    sample!("mixed-g3", "page-1.svg", "page-2.svg"),
];

impl Sample {
    /// The worksheet.
    pub(crate) fn parse(&self) -> Result<Worksheet, WorksheetError> {
        Worksheet::parse(self.toml, |name| {
            self.artwork
                .iter()
                .find(|(file, _)| *file == name)
                .map(|(_, svg)| (*svg).to_owned())
                .ok_or_else(|| WorksheetError::Worksheet(format!("artwork {name} is missing")))
        })
    }
}

/// The sample school: fictional.
pub(crate) fn roster() -> anyhow::Result<Roster> {
    Roster::parse(include_str!("../../../sample-strokes/roster.toml"))
        .context("the sample roster in this binary")
}
