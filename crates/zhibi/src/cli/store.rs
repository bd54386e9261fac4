//! `zhibi store`, `zhibi check` and `zhibi quarantine`.

use std::path::PathBuf;

use ::store::StoreUrl;
use clap::{Args, Subcommand};

#[derive(Args, Debug)]
#[command(after_help = "\
Each chunk is decoded and held against its checksum, whose its ink is is decided anew, and papers,
answers, drawings and profiles are held against that: what is other than the ink makes it, or is
not there, is a finding. Nothing is read or judged again: `zhibi remark --dry-run` does that. What
is gone without a trace in any other row, as a pupil who never wrote, cannot be missed.

The service may run meanwhile; what it writes then may be told although nothing is wrong. Two
cores look at about a thousand papers a second.

Exit code 3: something is wrong. Put a backup back (`zhibi store restore`). Where only roles,
answers, drawings or profiles are told, `zhibi remark --all` makes them again.

Example:
  zhibi check /var/lib/zhibi/zhibi.db")]
pub(crate) struct CheckArgs {
    /// The store: its database file, or postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument)]
    pub(crate) database: StoreUrl,
    /// Print JSON Lines, one object a finding
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Erased are the pupil's name, enrolments, numbers of other systems, pens held, papers, answers,
marks and profile, and every chunk that holds ink by the pupil's hand or on the pupil's own
copies. Lines of the log of pens and of corrections that name the pupil go too, and can no longer
be taken back. What stays names nobody: figures that were worked out over many pupils, and the
numbers of the erased chunks, by which a gateway that sends them again is told that they are
erased; it frees them, and so does the pen.

Before it: let gateways send what they hold (`zhibi gateway status` says what waits), since ink
of an unfinished start of a pen that comes later can no longer be told to be this pupil's, and is
nobody's. Frames in the quarantine go by their pen; damaged ones name none, and are deleted by
`zhibi quarantine DATABASE discard` or when their time is over. After it: backups made before hold
the pupil until they are deleted.

The store's file is then written anew, so that its unused parts and its log hold no pieces
either. That takes as much room again as the file, and the service's writes wait meanwhile;
where it fails, exit code 3 says so, and --for-good without a pupil does it later. On
PostgreSQL run VACUUM FULL where the disk itself must forget.

Examples:
  zhibi erase zhibi.db '三（1）班:7'
  zhibi erase zhibi.db --left
  zhibi erase zhibi.db '三（1）班:7' --for-good")]
pub(crate) struct EraseArgs {
    /// The store: its database file, or postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument)]
    pub(crate) database: StoreUrl,
    /// The pupil: CLASS:NUMBER as of now, or their id
    #[arg(required_unless_present_any = ["left", "for_good"])]
    pub(crate) pupil: Option<String>,
    /// List the pupils who are in no class any more, with their ids
    #[arg(long, conflicts_with_all = ["pupil", "for_good"])]
    pub(crate) left: bool,
    /// The school of the class, if several have one of that name; with --left, only its pupils
    #[arg(long, value_name = "NAME")]
    pub(crate) school: Option<String>,
    /// Erase; without this nothing is changed, and what would be erased is counted. Without a pupil:
    /// write the file anew, without what was erased before
    #[arg(long)]
    pub(crate) for_good: bool,
}

/// What is done with a store as a whole.
#[derive(Subcommand, Debug)]
pub(crate) enum StoreCommand {
    /// Make a store, or bring one up to date
    #[command(after_help = "\
A file needs no more than a service that opens it. On PostgreSQL it is run once by who may make roles
in the database, and again with each new version:

  zhibi_ingest     stores ink; cannot read people, answers or marks
  zhibi_pipeline   marks it; cannot read logins or write ink
  zhibi_web        the teacher's view; cannot write ink
  zhibi_migrate    owns the tables; only zhibi store init needs it

A service's login is made a member of what its roles need:

  CREATE ROLE zhibi LOGIN PASSWORD '…' IN ROLE zhibi_ingest, zhibi_pipeline, zhibi_web;

These roles are of the whole server, and a member of one may do in each of its stores what the role may.
Where one server has several, say who may connect to which:

  REVOKE CONNECT ON DATABASE zhibi FROM PUBLIC; GRANT CONNECT ON DATABASE zhibi TO zhibi;

check, learn, pen and user need a member of zhibi_migrate; quarantine does with zhibi_ingest,
and remark with zhibi_pipeline. Once the roles are there, a member of zhibi_migrate may bring the store
up to date.

Example:
  zhibi store init postgres://postgres@db.example/zhibi")]
    Init {
        /// Its database file, or postgres://user@host/database
        #[arg(value_parser = StoreUrl::from_argument)]
        database: StoreUrl,
    },
    /// Copy a store's file, as it is at one moment; the service may run meanwhile
    #[command(after_help = "\
The copy is one file, for its owner alone, and on the disk before the command ends. It holds names,
ink and marks of children, and the secrets of authenticator apps: keep it as safe as the store, and
delete it after a time that you have said.

A store of PostgreSQL is copied by PostgreSQL's own pg_dump.

Example:
  zhibi store backup /var/lib/zhibi/zhibi.db /backup/zhibi-$(date +%F).db")]
    Backup {
        /// Its database file
        #[arg(value_parser = StoreUrl::from_argument)]
        database: StoreUrl,
        /// Where the copy goes; nothing may be there yet
        file: PathBuf,
    },
    /// Make a store's file from a backup, and check it
    #[command(after_help = "\
What came after the backup is not in it: pens and gateways have erased what had its receipt. The
store is brought up to date for this version; the backup stays as it is.

Exit code 3: it is restored, and something is wrong with it, as zhibi check tells.

Example:
  zhibi store restore /backup/zhibi-2026-11-30.db /var/lib/zhibi/zhibi.db")]
    Restore {
        /// The backup
        file: PathBuf,
        /// The store's database file; nothing may be there yet
        #[arg(value_parser = StoreUrl::from_argument)]
        database: StoreUrl,
    },
}

/// What is done with what could not be stored as ink.
#[derive(Subcommand, Debug)]
pub(crate) enum Quarantine {
    /// Rows, the newest first, and how many there are by reason
    List {
        /// Only of this reason
        #[arg(long, value_parser = [
            "damaged", "malformed", "not_a_bundle", "oversized", "bad_topic", "unknown_version",
            "unknown_kind", "misplaced", "conflict",
        ])]
        reason: Option<String>,
        /// Only of this gateway
        #[arg(long)]
        gateway: Option<String>,
        /// Rows at most
        #[arg(long, default_value_t = 50)]
        most: u32,
        /// Print a JSON object a row
        #[arg(long)]
        json: bool,
    },
    /// A row's bytes with what they mean
    Show {
        /// The row's number, from `list`
        id: i64,
    },
    /// Delete rows whose ink nobody can store; what can be stored stays, and is named
    #[command(after_help = "\
For rows that `release` refuses: damaged bytes, and other bytes than those stored under their
key. A row that can be released stays and is named, and the exit code is 3. It cannot be undone.

Example:
  zhibi quarantine zhibi.db discard 12 13")]
    Discard {
        /// The rows' numbers, from `list`
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// Store the ink of rows as if it had come now; what cannot be stays, and is named
    #[command(after_help = "\
A row can be released where its bytes are one sound frame for this version: one of a version or kind
that an older service did not know. Damaged bytes never become sound, and a
conflict is never stored over the bytes that hold its key. Rows released are told apart by number;
a row that stays is named with its reason, and the exit code is 3.")]
    Release {
        /// The rows' numbers, from `list`
        #[arg(required = true)]
        ids: Vec<i64>,
    },
}
