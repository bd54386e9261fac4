//! Worksheets of a school.

use askama::Template;

use super::Layout;
use super::school::SchoolNav;
use crate::words::sheets::SheetsWords;

/// All worksheets of a school.
#[derive(Template)]
#[template(path = "sheets.html")]
pub(crate) struct SheetsPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static SheetsWords,
    pub(crate) school: String,
    pub(crate) name: String,
    /// The pages about the school, for who keeps it.
    pub(crate) nav: Option<SchoolNav>,
    pub(crate) items: Vec<SheetItem>,
    /// A number that the form of mental arithmetic begins with.
    pub(crate) seed: u32,
}

/// A worksheet in the list.
pub(crate) struct SheetItem {
    pub(crate) id: String,
    pub(crate) version: u32,
    pub(crate) versions: u32,
    pub(crate) title: String,
    pub(crate) grade: String,
    pub(crate) subject: String,
    /// When it was put in, and by whom.
    pub(crate) put: String,
    pub(crate) given: Option<String>,
}

/// A text that a worksheet is made from.
#[derive(Template)]
#[template(path = "sheet_text.html")]
pub(crate) struct SheetTextPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static SheetsWords,
    pub(crate) school: String,
    pub(crate) text: String,
    /// The version that it was taken from: worksheet and version.
    pub(crate) from: Option<(String, u32)>,
    /// Why there is no text to begin with.
    pub(crate) said: Option<&'static str>,
    /// What must be changed.
    pub(crate) faults: Vec<FaultItem>,
    /// What should be looked at again.
    pub(crate) doubts: Vec<FaultItem>,
    /// How it looks, if it can be laid out.
    pub(crate) preview: Option<Preview>,
}

/// Something wrong at a place of a text.
pub(crate) struct FaultItem {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) place: String,
    pub(crate) what: String,
}

/// A sheet before it is saved.
pub(crate) struct Preview {
    /// That nothing is wrong, and how much it is.
    pub(crate) sound: String,
    /// Each page as the source of a picture.
    pub(crate) pages: Vec<String>,
}

/// One version of a worksheet.
#[derive(Template)]
#[template(path = "sheet.html")]
pub(crate) struct SheetPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static SheetsWords,
    pub(crate) school: String,
    pub(crate) id: String,
    pub(crate) version: u32,
    /// The version with the corrected keys with which it is given; itself where there are none.
    pub(crate) keyed: u32,
    pub(crate) title: String,
    pub(crate) facts: String,
    /// The latest version, if this is another.
    pub(crate) newer: Option<u32>,
    /// What has just been done.
    pub(crate) good: Option<String>,
    /// What is said of copies that were added to a run, and where they are.
    pub(crate) later: Option<(String, String)>,
    /// Why what was asked for was not done.
    pub(crate) said: Option<String>,
    pub(crate) findings: Vec<FindingItem>,
    pub(crate) pages: Vec<PagePicture>,
    /// Whether keys are shown.
    pub(crate) shows_keys: bool,
    pub(crate) has_text: bool,
    /// The draft over a PDF that it was made of, if that is still there.
    pub(crate) drawing: Option<String>,
    pub(crate) versions: Vec<VersionItem>,
    pub(crate) changes: Option<Changes>,
    pub(crate) print: PrintForm,
    pub(crate) runs: Vec<RunItem>,
}

/// Something to look at.
pub(crate) struct FindingItem {
    pub(crate) what: String,
    /// The question whose mark on the page it leads to.
    pub(crate) question: Option<String>,
}

/// A page as it is drawn, and what is asked on it. Lengths are hundredths of a millimetre.
pub(crate) struct PagePicture {
    pub(crate) number: u32,
    pub(crate) href: String,
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) marks: Vec<PartMark>,
}

/// A field and what is right in it.
pub(crate) struct PartMark {
    /// The question, on its first field.
    pub(crate) anchor: Option<String>,
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
    /// The height of the key's letters.
    pub(crate) size: i32,
    /// The key; empty on further fields of a part, and for who may not see it.
    pub(crate) key: String,
    pub(crate) points: String,
    pub(crate) title: String,
    /// Whether something is to be looked at.
    pub(crate) wrong: bool,
}

impl PartMark {
    /// The middle of the field, where its key is written.
    pub(crate) fn middle(&self) -> (i32, i32) {
        (self.x + self.width / 2, self.y + self.height / 2 + self.size * 35 / 100)
    }
}

/// A version in the list of all.
pub(crate) struct VersionItem {
    pub(crate) version: u32,
    pub(crate) put: String,
    pub(crate) printed: String,
    /// What was corrected in the keys with which it is given, the latest first.
    pub(crate) corrected: Vec<String>,
}

/// What changed since the version before.
pub(crate) struct Changes {
    pub(crate) since: u32,
    /// A warning that sheets of that version lie otherwise.
    pub(crate) warning: Option<String>,
    pub(crate) items: Vec<String>,
    /// How many more there are.
    pub(crate) more: usize,
}

/// For whom can be printed.
pub(crate) struct PrintForm {
    pub(crate) classes: Vec<ClassChoice>,
    /// What was chosen last: a class, a kind and a number of copies.
    pub(crate) class: String,
    pub(crate) kind: &'static str,
    pub(crate) copies: String,
    /// How many runs the page shows, so that a second press makes no second run.
    pub(crate) seen: usize,
}

/// A class to choose.
#[derive(Clone)]
pub(crate) struct ClassChoice {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// Something that was printed.
pub(crate) struct RunItem {
    pub(crate) id: String,
    pub(crate) what: String,
    pub(crate) at: Option<String>,
    pub(crate) given: Vec<RunGivenItem>,
    /// To which classes it can be given.
    pub(crate) classes: Vec<ClassChoice>,
    /// What was typed last, or a time that is likely.
    pub(crate) due: String,
}

/// A class that has it.
pub(crate) struct RunGivenItem {
    pub(crate) assignment: String,
    pub(crate) said: String,
}

#[cfg(test)]
mod samples;
