//! Arguments of the commands that make worksheets and look at them.

use std::path::PathBuf;

use ::store::StoreUrl;
use clap::{Args, Subcommand};

#[derive(Subcommand, Debug)]
pub(crate) enum WorksheetCommand {
    /// Lay a text out: artwork, fields and key in a folder
    Build(BuildArgs),
    /// Make up a sheet of mental arithmetic by the rules of a grade, as text
    New(NewArgs),
    /// Say what is wrong with a worksheet, and where
    Check(CheckWorksheetArgs),
    /// The worksheets that a store holds, by school
    List(ListWorksheetArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "\
The text, a line a question with each key in its place:

  标题：三年级口算
  年级：三
  科目：数学

  一、直接写出得数。（每题 2 分，两栏）  #两位数加法（进位）
  36 + 47 = [83]
  82 − 45 = [37]  #两位数减法（退位）
  （ B ）哪个数最接近 500？
    A. 489  B. 503  C. 510

crates/worksheet/TEXT.md has all of it. Every fault is told with line and column, in Chinese and in
English, and then nothing is written (exit code 1).

The folder holds worksheet.toml, page-1.svg onwards, and worksheet.txt with its pictures: the text
stays the source. Raise its version when it was printed before.")]
pub(crate) struct BuildArgs {
    /// The text; pictures that it names lie beside it
    pub(crate) file: PathBuf,
    /// The folder to write; without it, a folder beside FILE named after the worksheet's id, or
    /// FILE's own if FILE is a folder's worksheet.txt
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) framework: FrameworkArgs,
}

/// Where knowledge points come from.
#[derive(Args, Debug)]
pub(crate) struct FrameworkArgs {
    /// Knowledge points: a table with id, parent, 名称 and name, or CASE 1.0 in JSON; without it, a
    /// tree of primary mathematics and English that this project made up
    #[arg(long, value_name = "FILE")]
    pub(crate) framework: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The same kind, grade, seed and count give the same sheet; no sum stands twice on it.

Examples:
  zhibi worksheet new 口算 --grade 3 --seed 7 > 口算.txt    change it, then build it
  zhibi worksheet new 口算 --grade 3 --seed 7 --out 口算    the folder at once")]
pub(crate) struct NewArgs {
    /// What is practised: 口算 (mental-arithmetic)
    #[arg(value_parser = ["口算", "mental-arithmetic"])]
    pub(crate) kind: String,
    /// School grade
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=6))]
    pub(crate) grade: u8,
    /// Chooses the sums
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many sums
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) count: u16,
    /// Build the sheet into this folder; without it, its text goes to standard output
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
A line for each thing that is wrong: overlapping fields, fields off the page or too small to write
in, missing keys, keys that are not what their sums come to, knowledge points that no framework has,
points that do not add up, and with --against whatever differs although the version is the same. Exit
code 3 if there is any.

Examples:
  zhibi worksheet check 口算.txt
  zhibi worksheet check sheets/review-g3 --against printed/review-g3")]
pub(crate) struct CheckWorksheetArgs {
    /// A worksheet's folder, or a text
    pub(crate) path: PathBuf,
    /// The folder of an earlier build, such as the one that was printed
    #[arg(long, value_name = "DIR")]
    pub(crate) against: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) framework: FrameworkArgs,
}

#[derive(Args, Debug)]
pub(crate) struct ListWorksheetArgs {
    /// The store: its database file, or postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument)]
    pub(crate) database: StoreUrl,
    /// Of this school alone, by name or id
    #[arg(long, value_name = "NAME")]
    pub(crate) school: Option<String>,
    /// Print a JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
FOLDER is what zhibi worksheet build writes: worksheet.toml, its artwork, and the text with its
pictures where it was made from one. Teachers of the school then find it on their page of worksheets.
A version that is stored never changes: the same folder once more does nothing, and another one needs
a higher version.

Example:
  zhibi import worksheet zhibi.db sheets/fractions --school 示例小学")]
pub(crate) struct ImportWorksheetArgs {
    /// The store: its database file, or postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument)]
    pub(crate) database: StoreUrl,
    /// The worksheet's folder
    pub(crate) folder: PathBuf,
    /// The school, by name or id, if the store has not one alone
    #[arg(long, value_name = "NAME")]
    pub(crate) school: Option<String>,
}
