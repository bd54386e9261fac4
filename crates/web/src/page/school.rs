//! A school, for who keeps it: what it has, and what is to be done next.

use askama::Template;
use school::{Reach, Right};

use super::Layout;
use crate::session::Visitor;
use crate::words::Locale;
use crate::words::pens::PensWords;
use crate::words::school::SchoolWords;
use crate::words::sheets::SheetsWords;

/// A page of the area about a school.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SchoolTab {
    Overview,
    People,
    Worksheets,
    Pens,
    Gateways,
}

/// The pages about a school, beside each other. To add one: a tab, a line in [`SchoolNav::of`].
#[derive(Clone)]
pub(crate) struct SchoolNav {
    /// What the navigation is, for who hears the page.
    pub(crate) label: &'static str,
    pub(crate) entries: Vec<SchoolEntry>,
}

/// A page in the navigation.
#[derive(Clone)]
pub(crate) struct SchoolEntry {
    pub(crate) label: &'static str,
    pub(crate) href: String,
    /// Whether it is the page that is shown.
    pub(crate) here: bool,
}

impl SchoolNav {
    /// The pages about a school that its keeper may open, on one of them.
    pub(crate) fn of(school: &str, here: SchoolTab, locale: Locale) -> Self {
        let w = SchoolWords::of(locale);
        let entry = |tab: SchoolTab, label: &'static str, path: &str| SchoolEntry {
            label,
            href: format!("/school/{school}{path}"),
            here: tab == here,
        };
        let pens = PensWords::of(locale);
        let entries = vec![
            entry(SchoolTab::Overview, w.overview, ""),
            entry(SchoolTab::People, w.people, "/people"),
            entry(SchoolTab::Worksheets, SheetsWords::of(locale).title, "/worksheets"),
            entry(SchoolTab::Pens, pens.pens, "/pens"),
            entry(SchoolTab::Gateways, pens.gateways, "/gateways"),
        ];
        Self { label: w.nav, entries }
    }
}

impl Visitor {
    /// Where the visitor keeps a school: its page, or the list where they keep several.
    pub(crate) fn school_href(&self) -> Option<String> {
        let mut kept = self.scope.iter().flat_map(|scope| scope.reach(Right::Keep));
        match (kept.next()?, kept.next()) {
            (Reach::School(school), None) => Some(format!("/school/{school}")),
            _ => Some("/".into()),
        }
    }
}

/// A school that the visitor keeps, on the first page.
pub(crate) struct SchoolItem {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// The page of a school.
#[derive(Template)]
#[template(path = "school.html")]
pub(crate) struct SchoolPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static SchoolWords,
    pub(crate) name: String,
    pub(crate) nav: SchoolNav,
    pub(crate) steps: Vec<Step>,
}

impl SchoolPage {
    /// Whether nothing is left to be done.
    pub(crate) fn is_done(&self) -> bool {
        self.steps.iter().all(|step| step.done)
    }
}

/// Something that a school needs before pupils can write.
pub(crate) struct Step {
    pub(crate) title: &'static str,
    pub(crate) done: bool,
    /// What there is, as links to where it is; or why there is nothing.
    pub(crate) counts: Vec<Count>,
    /// What to do.
    pub(crate) help: Option<&'static str>,
    /// Lines to be typed on the server.
    pub(crate) commands: Vec<String>,
}

/// How much there is of something.
pub(crate) struct Count {
    pub(crate) text: String,
    /// Where it can be seen; `None` where no page shows it.
    pub(crate) href: Option<String>,
}

impl Count {
    /// A count that leads nowhere.
    pub(crate) fn bare(text: impl Into<String>) -> Self {
        Self { text: text.into(), href: None }
    }
}

#[cfg(test)]
impl SchoolPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = SchoolWords::of(layout.locale);
        let steps = vec![
            Step {
                title: w.classes,
                done: true,
                counts: vec![
                    Count::bare(layout.n(w.classes_n, 12)),
                    Count::bare(layout.n(w.pupils_n, 540)),
                ],
                help: Some(w.classes_again),
                commands: vec!["zhibi import roster zhibi.db 名册.xlsx --dry-run".into()],
            },
            Step {
                title: w.pens,
                done: false,
                counts: vec![Count::bare(w.pens_none)],
                help: Some(w.pens_none_help),
                commands: vec!["zhibi pen zhibi.db lend A --class 三（1）班".into()],
            },
        ];
        let nav = SchoolNav::of("s", SchoolTab::Overview, layout.locale);
        Self { layout, w, name: "实验小学".into(), nav, steps }
    }
}
