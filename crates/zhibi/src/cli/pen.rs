//! `zhibi pen`.

use clap::Subcommand;

/// What is done with a school's pens.
#[derive(Subcommand, Debug)]
pub(crate) enum Pen {
    /// Put pens into a set, each under the number that stands on it
    #[command(after_help = "\
Examples:
  zhibi pen zhibi.db add A 0011223344aa 0011223344ab     numbers 1 and 2 of set A
  zhibi pen zhibi.db add A --first 46 - < more-pens.txt  one id a line, from number 46 on

A pen that is in another place leaves it, and one that was lost is found.")]
    Add {
        /// The set: what is carried into a class together
        set: String,
        /// The pens' ids, 12 hexadecimal digits, in the order of their numbers; `-` reads one a line
        /// from standard input
        #[arg(required = true)]
        pens: Vec<String>,
        /// The number of the first
        #[arg(long, default_value_t = 1)]
        first: u32,
    },
    /// Lend a set to a class by number, or a pen to a pupil or a teacher
    #[command(after_help = "\
Examples:
  zhibi pen zhibi.db lend A 三（1）班               pen 1 of set A to pupil 1, and so on
  zhibi pen zhibi.db lend A:12 三（1）班:7          one pen to one pupil
  zhibi pen zhibi.db lend B:1 staff:wang           a red pen to a teacher, by login
  zhibi pen zhibi.db lend A 三（1）班 --from 2026-09-01

A lease counts from its start on, whoever held the pen before. Ink that was written since is
attributed again.")]
    Lend {
        /// A set, or a pen: SET:NUMBER or its id
        what: String,
        /// CLASS, CLASS:NUMBER or staff:LOGIN; CLASS is a class's name or id
        to: String,
        #[command(flatten)]
        from: FromArgs,
    },
    /// End what pens or sets are lent for
    Return {
        /// Sets, or pens: SET:NUMBER or an id
        #[arg(required = true)]
        what: Vec<String>,
        #[command(flatten)]
        from: FromArgs,
    },
    /// Exchange the holders of two pens: the wrong pupil took one
    #[command(after_help = "\
Examples:
  zhibi pen zhibi.db swap A:3 A:4 --from 2026-11-28 --until 2026-11-29    for one day
  zhibi pen zhibi.db swap A:3 A:4                                         from now on")]
    Swap {
        /// A pen: SET:NUMBER or its id
        one: String,
        /// The other
        other: String,
        #[command(flatten)]
        from: FromArgs,
        /// When each has their own pen again; without it, not
        #[arg(long, value_name = "TIME", value_parser = crate::local_time::parse_near)]
        until: Option<i64>,
    },
    /// Note that pens are missing: nobody holds them any more
    Lost {
        /// Pens: SET:NUMBER or an id
        #[arg(required = true)]
        pens: Vec<String>,
        #[command(flatten)]
        from: FromArgs,
    },
    /// Note that pens are no longer missing; nobody holds them until they are lent
    Found {
        /// Pens: SET:NUMBER or an id
        #[arg(required = true)]
        pens: Vec<String>,
    },
    /// Every pen, who holds it, when its last ink came, and whose ink is nobody's
    List {
        /// Print a JSON object a line
        #[arg(long)]
        json: bool,
    },
}

/// From when on something holds.
#[derive(clap::Args, Debug)]
pub(crate) struct FromArgs {
    /// From then on, in Shanghai: 2026-11-28 or 2026-11-28T18:30; now, if it is left out
    #[arg(long, value_name = "TIME", value_parser = crate::local_time::parse_near)]
    pub(crate) from: Option<i64>,
}
