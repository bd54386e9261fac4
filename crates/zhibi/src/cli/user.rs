//! `zhibi user`.

use clap::{Args, Subcommand};

/// What is done with those who sign in.
#[derive(Subcommand, Debug)]
pub(crate) enum User {
    /// Add a member of staff, and print a link by which they come in
    #[command(after_help = "\
Roles:
  administrator          keeps people, pens and paper in order; sees no pupil's work
  head                   sees the school's classes and changes nothing
  head-of-year:GRADE     sees the classes of a grade and changes nothing
  class-teacher:CLASS    班主任: sees and decides all of the class
  teacher:CLASS          the same; teacher:CLASS:SUBJECT says which subject
  marker:CLASS           marks the class's papers; sees no profile
  district:DISTRICT      sees papers of the district's schools

CLASS is a class's name, Chinese or English, or its id; a name may hold colons.

Examples:
  zhibi user zhibi.db add zhou --name 周敏 --role administrator
  zhibi user zhibi.db add wang --name 王丽华 --role class-teacher:三（1）班")]
    Add {
        /// What they sign in with: at most 64 characters, no spaces
        login: String,
        /// Their name
        #[arg(long)]
        name: String,
        /// What they are; may be said several times
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<String>,
        /// Their school: its name or id. Needed where the store holds several
        #[arg(long)]
        school: Option<String>,
        /// The language of their pages
        #[arg(long, value_parser = ["zh", "en"], default_value = "zh")]
        locale: String,
        #[command(flatten)]
        link: LinkArgs,
    },
    /// Print a new link for somebody, and let them in again if they were shut out
    Invite {
        /// What they sign in with
        login: String,
        #[command(flatten)]
        link: LinkArgs,
    },
    /// Shut somebody out at once; what they decided stays, and `invite` lets them in again
    Disable {
        /// What they sign in with
        login: String,
    },
    /// Give somebody roles and end others, from now on
    #[command(after_help = "\
Roles are named as for `zhibi user add`; `zhibi user list` shows those that somebody holds. The last
administrator of a school who can sign in keeps the role.

Examples:
  zhibi user zhibi.db role wang --give marker:三（2）班
  zhibi user zhibi.db role wang --end class-teacher:三（1）班 --give class-teacher:三（2）班")]
    Role {
        /// What they sign in with
        login: String,
        /// A role to give; may be said several times
        #[arg(long, value_name = "ROLE", required_unless_present = "end")]
        give: Vec<String>,
        /// A role to end; may be said several times
        #[arg(long, value_name = "ROLE")]
        end: Vec<String>,
    },
    /// Demand of somebody that they sign in with a code of their phone too
    Demand {
        /// What they sign in with
        login: String,
        /// Demand it no longer
        #[arg(long)]
        not: bool,
    },
    /// Take a forgotten password and all sessions away, and print a link to set a new one
    Reset {
        /// What they sign in with
        login: String,
        /// Leave the password as it is, and turn off the codes of a phone that is lost
        #[arg(long)]
        totp: bool,
        #[command(flatten)]
        link: LinkArgs,
    },
    /// Who there is, and what they are
    List {
        /// Print a JSON object a line
        #[arg(long)]
        json: bool,
    },
}

/// A link works once.
#[derive(Args, Debug)]
pub(crate) struct LinkArgs {
    /// Where browsers reach the teacher's view; the link begins with it
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub(crate) at: String,
    /// How many days the link is good for
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=30))]
    pub(crate) days: u32,
}
