//! `zhibi gateway`.

use clap::Subcommand;

/// What is done with a school's gateways.
#[derive(Subcommand, Debug)]
pub(crate) enum Gateway {
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
