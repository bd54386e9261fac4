//! `zhibi import roster`.

use std::path::PathBuf;

use ::store::StoreUrl;
use clap::Args;

use crate::local_time;

#[derive(Args, Debug)]
#[command(after_help = "\
SOURCE is one of these, told apart by content:

  OneRoster   the CSV files of an export, 1.1 or 1.2, bulk or delta, in a folder or a zip: manifest,
              orgs, courses, classes, users, roles, enrollments. Home classes are those of type
              homeroom, or all where none is. The number in class is a user's identifier where
              that is a number; others get the lowest that is free.
  a list      the school's own, as xlsx or as CSV (UTF-8, UTF-16 or GB18030): a line with the
              headers 年级 班级 学号 姓名 in any order, titles above it, merged cells, and any
              other columns, which are not looked at. 班级 may hold the grade: 三（2）班.
              With 学籍号, or a 学号 of four digits or more, a pupil stays the same in another
              class. A column 曾用名 has the names that were wrong before. A shorter 学号 is a number in class, by which nobody is known who changes
              it. A column 状态 (离校, 转出, …) tells who left. Teachers have a sheet or file of
              their own: 工号 姓名 登录名 任教班级 学科 是否班主任. From August on a list is taken
              to be the new school year's.

Names stay as they are written. Nothing is changed unless all of it is right: everything that is
wrong is told with file, line and column, and the exit code is 3. The same files twice change
nothing. Who is missing in a list or a bulk export stays, and is listed; what teachers of it are
to classes ends where it no longer says so. A delta ends what it says is tobedeleted. Whoever the
store has under another name by the same identity is renamed, and a pupil whom it has in another
school moves: the enrolment there ends, and their papers stay there. Printed are counts, and the
first of each change with names: read them before you import.

Teachers get an account without a password: zhibi user invite prints a link that lets one in.
On PostgreSQL this takes a login that may write people, which the services' own may not.

Examples:
  zhibi import roster zhibi.db 名单.xlsx --dry-run
  zhibi import roster zhibi.db 名单.xlsx --from 2026-09-01
  zhibi import roster postgres://admin@db.example/zhibi oneroster.zip --json")]
pub(crate) struct ImportRosterArgs {
    /// The store: its database file, or postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument)]
    pub(crate) database: StoreUrl,
    /// A folder or zip of OneRoster, or a list as xlsx or CSV
    pub(crate) source: PathBuf,
    /// The school of a list, by name, if the store has not one alone; it may be new
    #[arg(long, value_name = "NAME")]
    pub(crate) school: Option<String>,
    /// The day on which enrolments and roles begin and end, such as 2026-09-01; today without it
    #[arg(long, value_name = "DATE", value_parser = local_time::parse_near)]
    pub(crate) from: Option<i64>,
    /// Only say what would change
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print one JSON object with every change
    #[arg(long)]
    pub(crate) json: bool,
}
