//! `zhibi print`.

use std::path::PathBuf;

use ::store::StoreUrl;
use clap::Args;
use firmware_protocol::PageAddress;

use super::ink::page_address;

#[derive(Args, Debug)]
#[command(after_help = "\
Each pupil of the class gets a copy with addresses of its own, and name and number on it; --shared
makes one copy for the copier, --copies copies without names. What was printed is recorded under the
run's name. The same name again gives the same copies for the same pupils, on the same addresses.

The dots are this project's own pattern: no pen on sale reads them. Where pens and their paper are
bought, --address-range says which pages the maker coded, or --address-file lists what a school has
of them; artwork and names alone are then printed. The file is CSV, a line per range, of which each
run takes the first pages that are free:

  section,owner,book,first_page,pages
  3,27,168,1,400
  3,27,169,1,400

--missing adds copies for who came later to a run that was printed, behind its other addresses, and
prints them alone: they belong to whatever the run was given as.

--labels makes name labels (姓名贴), 24 on a sheet of A4, for shared sheets: a red pen that touches a
pupil's label marks that pupil's sheets until it touches another. A pupil keeps their label.

Print at full size and 600 dpi or more, as PDF, in colour: artwork is of cyan, magenta and yellow, and
black is the dots' alone. A black-and-white laser prints artwork in carbon too, and pens lose their
place on it. zhibi print --test-page shows what a printer does.

Examples:
  zhibi print zhibi.db --worksheet sheets/fractions --class 三(2)班 --out fractions.pdf
  zhibi print zhibi.db --worksheet sheets/fractions --class 三(2)班 --address-range 3.27.168.1 --out a.pdf
  zhibi print zhibi.db --worksheet sheets/fractions --class 三(2)班 --address-file paper.csv --out a.pdf
  zhibi print zhibi.db --worksheet sheets/fractions --class 三(2)班 --missing
  zhibi print zhibi.db --labels --class 三(2)班 --out labels.pdf
  zhibi print --test-page --out test.pdf")]
pub(crate) struct PrintArgs {
    /// The store: its database file, or postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument, required_unless_present = "test_page")]
    pub(crate) database: Option<StoreUrl>,
    /// The worksheet's folder: worksheet.toml and its artwork
    #[arg(long, value_name = "DIR", required_unless_present_any = ["test_page", "labels"])]
    pub(crate) worksheet: Option<PathBuf>,
    /// For whom: the id or name of a class
    #[arg(long, required_unless_present = "test_page")]
    pub(crate) class: Option<String>,
    /// The school of the class, if several have one of that name
    #[arg(long, value_name = "NAME")]
    pub(crate) school: Option<String>,
    /// One copy whose addresses the whole class shares
    #[arg(long, conflicts_with = "copies")]
    pub(crate) shared: bool,
    /// So many copies without names, each with addresses of its own
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) copies: Option<u32>,
    /// The run's name; worksheet, version and class without it
    #[arg(long, value_name = "NAME")]
    pub(crate) run: Option<String>,
    /// The book of our own pattern that the run takes addresses of
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "address_range")]
    pub(crate) book: u32,
    /// The first page of a maker's coded paper, SECTION.OWNER.BOOK.PAGE: no dots are printed
    #[arg(long, value_name = "ADDRESS", value_parser = page_address)]
    pub(crate) address_range: Option<PageAddress>,
    /// A CSV of a maker's coded pages, of which the run takes the first that are free
    #[arg(long, value_name = "FILE.csv", conflicts_with_all = ["address_range", "book"])]
    pub(crate) address_file: Option<PathBuf>,
    /// Name labels for the class, instead of a worksheet
    #[arg(long, conflicts_with_all = ["worksheet", "shared", "copies", "run", "book", "address_range", "address_file"])]
    pub(crate) labels: bool,
    /// A font's file for names, and for what other fonts lack
    #[arg(long, value_name = "FILE")]
    pub(crate) font: Option<PathBuf>,
    /// A page that shows what a printer does to coded paper, and nothing else
    #[arg(long, conflicts_with_all = ["database", "worksheet", "class", "shared", "copies", "run", "labels"])]
    pub(crate) test_page: bool,
    /// Copies alone for pupils who came after the run was printed; the others' stay as they are
    #[arg(long, conflicts_with_all = ["shared", "copies", "book", "address_range", "address_file", "labels", "test_page"])]
    pub(crate) missing: bool,
    /// The PDF to write; here, named after title, class and day, without it
    #[arg(long, value_name = "FILE.pdf")]
    pub(crate) out: Option<PathBuf>,
}
