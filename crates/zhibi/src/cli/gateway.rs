//! `zhibi gateway`.

use std::path::PathBuf;

use ::store::StoreUrl;
use clap::error::ErrorKind;
use clap::{Args, Subcommand};

#[derive(Args, Debug)]
#[command(after_help = concat!("\
With --config alone it runs the reference gateway until it is told to stop: takes chunks from pens,
keeps each on disk until the server's receipt, and passes the receipt on. It may be killed, or lose
its power, at any moment. The configuration file, as `zhibi gateway init` writes it, with every key:

", include_str!("../gateway_run/gateway.toml"), "
Examples:
  zhibi gateway init && zhibi gateway --config gateway.toml
  zhibi gateway status --config gateway.toml
  zhibi gateway zhibi.db enrol room-12 三年级（1）班教室
  zhibi gateway zhibi.db list"))]
pub(crate) struct GatewayArgs {
    /// The store, for enrol, list, revoke and passwords: its database file, or
    /// postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument)]
    pub(crate) database: Option<StoreUrl>,
    /// The school whose gateways they are: its name or id. Needed where the store holds several
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) school: Option<String>,
    /// The configuration of the gateway that runs, or is asked for its status
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What to do; with --config and without any of these, the gateway runs
    #[command(subcommand)]
    pub(crate) what: Option<Gateway>,
}

impl GatewayArgs {
    /// Refuses a command whose store or configuration is not named.
    pub(crate) fn check(&self) -> Result<(), clap::Error> {
        let (has_store, has_config) = (self.database.is_some(), self.config.is_some());
        let wrong = match &self.what {
            None if !has_config => {
                Some("name the gateway's configuration: zhibi gateway --config gateway.toml")
            }
            Some(Gateway::Status { .. }) if !has_config => {
                Some("name the gateway's configuration: zhibi gateway status --config gateway.toml")
            }
            None | Some(Gateway::Status { .. } | Gateway::Init { .. }) if has_store => {
                Some("a store is named, and this works without one: leave it out")
            }
            None | Some(Gateway::Status { .. } | Gateway::Init { .. }) => None,
            Some(_) if !has_store => {
                Some("name the store before the command: zhibi gateway zhibi.db list")
            }
            Some(_) => None,
        };
        let error =
            |said| clap::Error::raw(ErrorKind::MissingRequiredArgument, format!("{said}\n"));
        wrong.map_or(Ok(()), |said| Err(error(said)))
    }
}

/// What is done with a school's gateways.
#[derive(Subcommand, Debug)]
pub(crate) enum Gateway {
    /// Write a gateway's configuration file with a comment on every key
    Init {
        /// Where it goes; nothing may be there yet
        #[arg(default_value = "gateway.toml")]
        file: PathBuf,
    },
    /// Ask a running gateway how it is: pens, what waits and for how long, the broker, the spool
    #[command(after_help = "\
Exit code 3: it runs, and something needs a person or the network: no connection, a refused login,
chunks that nobody accepts, a full or failing spool, dead letters.

--json prints one object: since_ms are Unix milliseconds since when it is connected or is not,
oldest_s the seconds that the oldest chunk without a receipt has waited.")]
    Status {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Enrol a gateway for a classroom, and print its login at the broker, once
    #[command(after_help = "\
Printed are the user name, a password and, for mosquitto, the line of its password file and the
lines of its access list. The password is stored as that line has it, hashed, and cannot be shown
again: enrol the gateway again for a new one. `zhibi gateway DATABASE passwords` writes the whole
password file; mosquitto reads it again on SIGHUP.

The broker that `zhibi serve` embeds knows no passwords: there a gateway only needs its id.

Examples:
  zhibi gateway zhibi.db enrol room-12 三年级（1）班教室
  zhibi gateway zhibi.db passwords > /etc/mosquitto/zhibi.passwords
  kill -HUP $(pidof mosquitto)")]
    Enrol {
        /// Its id, which is its client id and user name at the broker: 1 to 32 of a-z, 0-9 and -
        id: String,
        /// Where it stands
        classroom: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Every gateway: where it stands, whether it is online, what waits, when its last ink came
    List {
        /// Print a JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Take a gateway's login away, for the next password file; what it brought stays
    Revoke {
        /// Its id
        id: String,
    },
    /// Print mosquitto's password file of all gateways that are enrolled
    Passwords,
}
