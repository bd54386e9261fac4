//! What was printed and given to a class.

use store::{AssignmentRow, Store};
use worksheet::{Copies, PrintRun, Registration, WorksheetId};

use crate::START_MS;
use crate::sheet::{put_sample_sheet, sample_sheet};

const HOUR_MS: i64 = 3_600_000;

/// A print run of `mixed`, under a pattern that lies a little off the artwork.
#[must_use]
pub fn run(id: &str, first_page: u32, copies: Copies) -> PrintRun {
    PrintRun {
        id: id.into(),
        worksheet: WorksheetId { id: "mixed".into(), version: 1 },
        section: 3,
        owner: 27,
        book: 5,
        first_page,
        pages: 2,
        copies,
        registration: Registration {
            version: 1,
            dx_um: -1_000,
            dy_um: 2_000,
            rotation_urad: 3,
            scale_ppm: -4,
        },
    }
}

/// A print run given to a class of the sample school at [`START_MS`], due in an hour and handed in
/// after half an hour's rest.
#[must_use]
pub fn assignment(id: &str, class: &str, print_run: &str) -> AssignmentRow {
    AssignmentRow {
        id: id.into(),
        school: "s".into(),
        class: class.into(),
        print_run: print_run.into(),
        assigned_ms: START_MS,
        due_ms: START_MS + HOUR_MS,
        quiet_ms: HOUR_MS / 2,
    }
}

/// A print run and the assignment in which a class got it.
#[derive(Clone, Debug)]
pub struct Given {
    assignment: AssignmentRow,
    /// Each pupil has addresses of their own, or all share them.
    run: PrintRun,
    /// The worksheet of the sample strokes that was printed; `None` is `mixed`.
    sheet: Option<&'static str>,
}

impl Given {
    /// [`assignment`] of `mixed` to `c-1`, with a copy per pupil from `first_page` on.
    #[must_use]
    pub fn new(id: &str, print_run: &str, first_page: u32) -> Self {
        let assignment = assignment(id, "c-1", print_run);
        // How many pupils there are is known when it is put into a store.
        let run = run(print_run, first_page, Copies::PerCopy(0));
        Self { assignment, run, sheet: None }
    }

    /// To another class.
    #[must_use]
    pub fn to(mut self, class: &str) -> Self {
        self.assignment.class = class.into();
        self
    }

    /// All copies share one set of addresses.
    #[must_use]
    pub fn shared(mut self) -> Self {
        self.run.copies = Copies::Shared;
        self
    }

    /// Given at another time, and due and handed in at others, milliseconds.
    #[must_use]
    pub fn times(mut self, assigned_ms: i64, due_ms: i64, quiet_ms: i64) -> Self {
        let given = &mut self.assignment;
        (given.assigned_ms, given.due_ms, given.quiet_ms) = (assigned_ms, due_ms, quiet_ms);
        self
    }

    /// A worksheet of the sample strokes instead, by its folder's name, under a pattern that lies
    /// exactly on the artwork.
    ///
    /// # Panics
    /// Where there is no such worksheet.
    #[must_use]
    pub fn sheet(mut self, name: &'static str) -> Self {
        let sheet = sample_sheet(name);
        self.run.pages = sheet.pages.len().try_into().expect("few pages");
        self.run.worksheet = sheet.id;
        self.run.registration =
            Registration { version: 1, dx_um: 0, dy_um: 0, rotation_urad: 0, scale_ppm: 0 };
        self.sheet = Some(name);
        self
    }

    pub(crate) fn class(&self) -> &str {
        &self.assignment.class
    }

    /// Puts it into a store; each of `pupils` gets a copy, unless all share their addresses.
    ///
    /// # Panics
    /// Where the store refuses something.
    pub async fn put(&self, store: &Store, pupils: Vec<String>) {
        if let Some(name) = self.sheet {
            put_sample_sheet(store, name).await;
        }
        let mut run = self.run.clone();
        let owners = match &mut run.copies {
            Copies::Shared => Vec::new(),
            Copies::PerCopy(copies) => {
                *copies = pupils.len().try_into().expect("few pupils");
                pupils
            }
        };
        store.insert_print_run("s", run, owners).await.expect("the print run is stored");
        let given = self.assignment.clone();
        store.insert_assignment(given).await.expect("the assignment is stored");
    }
}
