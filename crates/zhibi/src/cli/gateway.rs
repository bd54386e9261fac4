//! `zhibi gateway`.

use std::net::SocketAddr;
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
    /// The store, to keep its gateways: its database file, or postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument)]
    pub(crate) database: Option<StoreUrl>,
    /// The configuration of the gateway that runs
    #[arg(long, value_name = "FILE")]
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
            None if has_store && !has_config => Some(
                "say what is to be done with the gateways of this store, for example list: zhibi \
                 gateway zhibi.db list. A gateway runs by its configuration alone: zhibi gateway \
                 --config gateway.toml",
            ),
            None if !has_config => {
                Some("name the gateway's configuration: zhibi gateway --config gateway.toml")
            }
            Some(_) if has_config => Some(
                "--config before a command says which gateway runs, and no command needs it there: \
                 leave it out; status has its own: zhibi gateway status --config gateway.toml",
            ),
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
Exit code 3: it runs, and something needs a person or the network: no connection, a refused
login, another gateway under its id, chunks that nobody accepts, a full or failing spool, chunks
that the server does not take.
Those lie in dead-letters.zcap in the spool's folder: `zhibi decode` prints them; move the file
away when you have looked at it, or have it replayed ([pens] replay) once the service takes them.

--json prints one object: since_ms are Unix milliseconds since when it is connected or is not,
oldest_s the seconds that the oldest chunk without a receipt has waited.")]
    Status {
        /// The configuration of the gateway that runs
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Enrol a gateway for a classroom, with a certificate of its own or with a password
    #[command(after_help = "\
With --out it gets a certificate: the hardened way. The folder then holds ca.pem, cert.pem and
key.pem; carry it to the gateway, and keep no copy of key.pem. The broker is set up once by
`zhibi gateway DATABASE mosquitto`.

Without --out it gets a password: the simple way, for a network that you trust. Printed are the user
name, the password and, for mosquitto, the line of its password file and the lines of its access
list. The password is stored hashed and cannot be shown again. `zhibi gateway DATABASE passwords`
writes the whole password file; mosquitto reads it again on SIGHUP.

A gateway that is enrolled again gets a new login, and its former password and certificates no longer
count. The broker that `zhibi serve` embeds asks for neither: there a gateway only needs its id.

Examples:
  zhibi gateway zhibi.db enrol room-12 三年级（1）班教室 --out room-12
  zhibi gateway zhibi.db enrol room-13 三年级（2）班教室
  zhibi gateway zhibi.db passwords > /etc/mosquitto/zhibi.passwords")]
    Enrol {
        /// Its id, which is its client id and user name at the broker: 1 to 32 of a-z, 0-9 and -
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// Where it stands
        classroom: String,
        #[command(flatten)]
        school: OfSchool,
        /// Issue a certificate instead of a password, into this folder
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[command(flatten)]
        authority: AuthorityArgs,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Give a gateway a new certificate before its old one ends
    #[command(after_help = "\
The old certificate stays good until its end, so that the gateway works until the new files are there;
with --revoke-old it is revoked, for the broker's next revocation list.

Example:
  zhibi gateway zhibi.db renew room-12 --out room-12-new")]
    Renew {
        /// Its id
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// The folder that the new files go into
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Revoke its former certificates
        #[arg(long)]
        revoke_old: bool,
        #[command(flatten)]
        authority: AuthorityArgs,
    },
    /// Every gateway: where it stands, whether it is online, what waits, when its certificate ends
    List {
        #[command(flatten)]
        school: OfSchool,
        /// Print a JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Take a gateway's login away; what it brought stays
    #[command(after_help = "\
Its certificates and its password no longer count once the broker knows: write the revocation list
anew with `zhibi gateway DATABASE mosquitto --out DIR`, or the password file with `passwords`, and
restart the broker. A mere reload would leave the connection that the gateway has.")]
    Revoke {
        /// Its id
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
    /// Print mosquitto's password file of all gateways that are enrolled with a password
    Passwords,
    /// Write what a hardened mosquitto needs, or its revocation list anew
    #[command(after_help = "\
With --host, the folder gets mosquitto.conf, the access list, the authority's certificate, the
revocation list, and a certificate and key for the broker under these names; localhost and
127.0.0.1 are among them. Every client has a certificate and is known by its name alone; gateways
dial --listen, and the service --service. Run it again with --host before the broker's
certificate ends: the names and listeners of before stay unless you say others, and names that
you add join them. A new folder begins anew.

Without --host, only the revocation list of that folder is written anew: after each `revoke`.

mosquitto's user must be able to read the folder, and nobody else: broker-key.pem is for the folder's
group too, so that the folder can be made for that user.

Examples:
  install -d -o zhibi -g mosquitto -m 2750 /etc/mosquitto/zhibi
  zhibi gateway zhibi.db mosquitto --out /etc/mosquitto/zhibi --host mqtt.school.example
  ln -s /etc/mosquitto/zhibi/mosquitto.conf /etc/mosquitto/conf.d/zhibi.conf
  zhibi gateway zhibi.db mosquitto --out /etc/mosquitto/zhibi")]
    Mosquitto {
        /// The folder that mosquitto reads
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// A name or address at which clients dial the broker; may be given several times
        #[arg(long = "host", value_name = "HOST")]
        hosts: Vec<String>,
        /// Where the broker listens for gateways; as before, or at first 0.0.0.0:8883
        #[arg(long, value_name = "ADDRESS:PORT", requires = "hosts")]
        listen: Option<SocketAddr>,
        /// Where it listens for the service; as before, or at first 127.0.0.1:8884
        #[arg(long, value_name = "ADDRESS:PORT", requires = "hosts")]
        service: Option<SocketAddr>,
        #[command(flatten)]
        authority: AuthorityArgs,
    },
    /// Give the service a certificate for its connection to the broker
    #[command(after_help = "\
Prints the lines for [broker] of zhibi.toml. With --revoke-old its former certificates are revoked, for
the broker's next revocation list; otherwise they stay good until their end.

Example:
  zhibi gateway zhibi.db service --out broker-login")]
    Service {
        /// The folder that ca.pem, cert.pem and key.pem go into; the service reads them there
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Revoke its former certificates
        #[arg(long)]
        revoke_old: bool,
        #[command(flatten)]
        authority: AuthorityArgs,
    },
}

/// Whose gateways.
#[derive(Args, Debug)]
pub(crate) struct OfSchool {
    /// The school whose gateways they are: its name or id. Needed where the store holds several
    #[arg(long, value_name = "NAME")]
    pub(crate) school: Option<String>,
}

/// Who signs certificates.
#[derive(Args, Debug)]
pub(crate) struct AuthorityArgs {
    /// The folder of the authority that signs certificates, made at its first use; `authority`
    /// beside the store's file unless given
    #[arg(long, value_name = "DIR")]
    pub(crate) authority: Option<PathBuf>,
}
