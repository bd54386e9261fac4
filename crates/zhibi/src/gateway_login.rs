//! `zhibi gateway`: a school's gateways, and how the broker knows them.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use firmware_protocol::GatewayId;
use serde_json::json;
use store::{DoneBy, GatewayLine, GatewayLogin, GatewayRow, Store, StoreUrl};

use crate::authority::{self, Authority, Holder, Issued, RENEW_MS};
use crate::cli::{AuthorityArgs, Gateway};
use crate::{Verdict, clock, local_time, mosquitto, service, store_file, user};

/// Characters of a classroom's name.
const CHARS_MAX: usize = 64;

/// The service's own user name at the broker.
pub(crate) const SERVICE: &str = "zhibi";

/// Runs the command. It works beside a running service.
pub(crate) fn run(database: &StoreUrl, what: &Gateway) -> anyhow::Result<Verdict> {
    let now_ms = clock::wall_ms();
    let user = who();
    let done = DoneBy { at_ms: now_ms, user: &user };
    store_file::with(database, async |store| {
        match what {
            Gateway::Enrol { id, classroom, school, out, authority, json } => {
                let school = user::school_of(store, school.school.as_deref()).await?;
                let new = New { id, classroom, school: school.id, json: *json };
                new.check()?;
                new.check_classroom_of(store).await?;
                match out {
                    None => new.with_password(store, done).await,
                    Some(out) => {
                        new.with_certificate(
                            store,
                            &signer(store, authority, database).await?,
                            out,
                            done,
                        )
                        .await
                    }
                }
            }
            Gateway::Renew { id, out, revoke_old, authority } => {
                check_renewable(store, id).await?;
                authority::make_ready(out)?;
                let authority = signer(store, authority, database).await?;
                let issued = authority.issue(&Holder::Client(id), now_ms)?;
                store.renew_gateway(issued.row.clone(), *revoke_old, done).await?;
                authority::carry(out, &authority, &issued)?;
                told_of(id, out, &issued);
                match revoke_old {
                    true => tell!("{AFTER_REVOKING}"),
                    false => tell!("its former certificate stays good until its end"),
                }
                Ok(())
            }
            Gateway::List { school, json } => {
                let only = match &school.school {
                    Some(named) => Some(user::school_of(store, Some(named)).await?.id),
                    None => None,
                };
                list(store, only.as_deref(), *json, now_ms).await
            }
            Gateway::Revoke { id } => {
                store.revoke_gateway(id, done).await?;
                tell!("{id} is revoked. {AFTER_REVOKING}");
                Ok(())
            }
            // They need no store.
            Gateway::Init { .. } | Gateway::Status { .. } => Ok(()),
            Gateway::Passwords => {
                for (id, hash) in store.gateway_passwords().await? {
                    put!("{id}:{hash}")?;
                }
                tell!("add the line of the service's own user: `mosquitto_passwd FILE zhibi`");
                Ok(())
            }
            Gateway::Mosquitto { out, hosts, listen, service, authority } => {
                let place = mosquitto::Place::of(out, *listen, *service)?;
                place.check(hosts)?;
                let authority = signer(store, authority, database).await?;
                place.write(store, &authority, hosts, done).await
            }
            Gateway::Service { out, revoke_old, authority } => {
                authority::make_ready(out)?;
                let authority = signer(store, authority, database).await?;
                let issued = authority.issue(&Holder::Client(SERVICE), now_ms)?;
                store.note_certificate(issued.row.clone(), *revoke_old, done).await?;
                authority::carry(out, &authority, &issued)?;
                told_of("the service", out, &issued);
                of_service(out)
            }
        }?;
        Ok(Verdict::Clean)
    })
}

/// What is left to do at the broker.
const AFTER_REVOKING: &str = "The broker lets it in until it is told: write its revocation list \
    anew (zhibi gateway DATABASE mosquitto --out DIR) or its password file (passwords), and restart \
    it; a reload leaves open connections";

/// Who does it: the user of the machine, for the record.
fn who() -> String {
    let named = |name| std::env::var(name).ok().filter(|user| !user.is_empty());
    let user = named("SUDO_USER").or_else(|| named("USER")).or_else(|| named("LOGNAME"));
    let user = user.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()));
    user.chars().filter(|char| !char.is_control()).take(CHARS_MAX).collect()
}

/// The folder of the authority that signs for a store.
fn folder(args: &AuthorityArgs, database: &StoreUrl) -> anyhow::Result<PathBuf> {
    let beside = || database.path().map(|file| file.with_file_name("authority"));
    args.authority
        .clone()
        .or_else(beside)
        .context("--authority says where the certificates of this store's gateways are signed")
}

/// Refuses to renew what has no certificate, before anything is made for it.
async fn check_renewable(store: &Store, id: &str) -> anyhow::Result<()> {
    let lines = store.gateways().await?;
    let enrolled = lines.iter().find(|line| line.id == id && line.enrolled_ms.is_some());
    let anew = format!("`zhibi gateway DATABASE enrol {id} CLASSROOM --out DIR`");
    match enrolled {
        None => bail!("no gateway {id} is enrolled: {anew} does that"),
        Some(line) if line.revoked_ms.is_some() => {
            bail!("gateway {id} is revoked: {anew} lets it in again")
        }
        Some(line) if line.certificate_until_ms.is_none() => bail!(
            "gateway {id} has a password and no certificate that could be renewed: {anew} gives it \
             one, and ends the password"
        ),
        Some(_) => Ok(()),
    }
}

/// The authority that signs for a store. It is made for the first certificate, and not again: what
/// another one signs, the broker lets nobody in with.
async fn signer(
    store: &Store,
    args: &AuthorityArgs,
    database: &StoreUrl,
) -> anyhow::Result<Authority> {
    let folder = folder(args, database)?;
    if !Authority::is_in(&folder) {
        let mut has_signed =
            store.gateways().await?.iter().any(|line| line.certificate_until_ms.is_some());
        for holder in [authority::BROKER, SERVICE] {
            has_signed |= store.certificate_until_ms(holder).await?.is_some();
        }
        ensure!(
            !has_signed,
            "{} holds no authority, and this store's certificates have one: name its folder with \
             --authority, or put it back from a copy",
            folder.display()
        );
    }
    let now_ms = clock::wall_ms();
    let authority = Authority::open_or_make(&folder, now_ms)?;
    let known = store.certificate_serials(authority::AUTHORITY).await?;
    ensure!(
        known.is_empty() || known.contains(&authority.id),
        "{} is another authority than the one that signed this store's certificates: the broker \
         would let nobody in with what it signs. Name the other one with --authority",
        folder.display()
    );
    if known.is_empty() {
        let user = who();
        let done = DoneBy { at_ms: now_ms, user: &user };
        store.note_certificate(authority.row(now_ms), false, done).await?;
    }
    Ok(authority)
}

/// Says where somebody's new certificate lies and until when it is good.
fn told_of(whose: &str, out: &Path, issued: &Issued) {
    let until = local_time::text(issued.row.until_ms);
    let [ca, certificate, key] = authority::CARRIED;
    tell!(
        "{whose} has a certificate until {until}: {ca}, {certificate} and {key} are in {}",
        out.display()
    );
}

/// The lines of the configuration that name the service's own certificate.
fn of_service(out: &Path) -> anyhow::Result<()> {
    let out = out.canonicalize().with_context(|| format!("cannot find {}", out.display()))?;
    let [ca, certificate, key] = authority::CARRIED.map(|name| out.join(name));
    put!(
        "# [broker] of zhibi.toml\nport = 8884    # or what `mosquitto --service` was given\nca = {ca:?}\ncertificate = {certificate:?}\nkey = \
         {key:?}"
    )?;
    tell!("the service must be able to read them: chown them to its user");
    Ok(())
}

/// A gateway to be enrolled.
struct New<'a> {
    id: &'a str,
    classroom: &'a str,
    school: String,
    json: bool,
}

impl New<'_> {
    fn check(&self) -> anyhow::Result<()> {
        let id = self.id;
        GatewayId::parse(id).map_err(|error| anyhow::anyhow!("gateway {id}: {error}"))?;
        // It would have the service's rights at the broker.
        ensure!(id != SERVICE, "gateway {id}: that is the service's own name at the broker");
        check_classroom(self.classroom)
    }

    /// Refuses an id that serves another classroom: a slip of the pen would shut that one out.
    async fn check_classroom_of(&self, store: &Store) -> anyhow::Result<()> {
        let lines = store.gateways().await?;
        let serves = lines
            .iter()
            .find(|line| {
                line.id == self.id && line.enrolled_ms.is_some() && line.revoked_ms.is_none()
            })
            .and_then(|line| line.classroom.as_deref());
        match serves.filter(|classroom| *classroom != self.classroom) {
            Some(classroom) => bail!(
                "gateway {id} is enrolled for {classroom}: name that classroom to give it a new \
                 login, or move it by `zhibi gateway DATABASE revoke {id}` first",
                id = self.id
            ),
            None => Ok(()),
        }
    }

    fn row(&self, login: GatewayLogin) -> GatewayRow {
        GatewayRow {
            id: self.id.to_owned(),
            school: self.school.clone(),
            classroom: self.classroom.to_owned(),
            login,
        }
    }

    async fn with_password(&self, store: &Store, done: DoneBy<'_>) -> anyhow::Result<()> {
        let random = service::random_bits();
        let (salt, secret) = random.split_at(mosquitto::SALT_BYTES);
        let password = mosquitto::password(secret);
        let hash = mosquitto::hash(&password, salt);
        let row = self.row(GatewayLogin::Password(hash.clone()));
        let again = store.enrol_gateway(row, done).await?;
        let (id, classroom, access) = (self.id, self.classroom, mosquitto::ACCESS);
        let line = format!("{id}:{hash}");
        if self.json {
            let object = json!({"id": id, "classroom": classroom, "username": id,
                                "password": password, "password_line": line, "access": access});
            put!("{object}")?;
        } else {
            put!("username  {id}\npassword  {password}\n")?;
            put!("# mosquitto's password_file\n{line}\n")?;
            put!("# mosquitto's acl_file, once for all gateways\n{access}")?;
        }
        if again {
            tell!("{id} was enrolled before: its former password and certificates no longer count");
        }
        tell!("{id} is enrolled for {classroom}; the password is not shown again");
        Ok(())
    }

    async fn with_certificate(
        &self,
        store: &Store,
        authority: &Authority,
        out: &Path,
        done: DoneBy<'_>,
    ) -> anyhow::Result<()> {
        authority::make_ready(out)?;
        let issued = authority.issue(&Holder::Client(self.id), done.at_ms)?;
        // Noted first: a certificate that nobody knows of could not be revoked.
        let row = self.row(GatewayLogin::Certificate(issued.row.clone()));
        let again = store.enrol_gateway(row, done).await?;
        authority::carry(out, authority, &issued)?;
        let (id, classroom) = (self.id, self.classroom);
        if self.json {
            let object = json!({"id": id, "classroom": classroom, "folder": out,
                                "serial": issued.row.serial,
                                "certificate_until_ms": issued.row.until_ms});
            put!("{object}")?;
        }
        tell!("{id} is enrolled for {classroom}");
        told_of(id, out, &issued);
        tell!("carry the folder to the gateway; {} is nowhere else", authority::CARRIED[2]);
        if again {
            tell!(
                "it was enrolled before, and its former password and certificates are revoked. \
                 {AFTER_REVOKING}"
            );
        }
        Ok(())
    }
}

fn check_classroom(name: &str) -> anyhow::Result<()> {
    let chars = name.chars().count();
    ensure!(
        (1..=CHARS_MAX).contains(&chars),
        "the classroom's name has {chars} characters: give it 1 to {CHARS_MAX}"
    );
    user::all_seen("the classroom's name", name)
}

async fn list(store: &Store, school: Option<&str>, json: bool, now_ms: i64) -> anyhow::Result<()> {
    let mut lines = store.gateways().await?;
    if let Some(school) = school {
        lines.retain(|line| line.school.as_deref() == Some(school));
    }
    for line in &lines {
        if json {
            put!(
                "{}",
                json!({"id": line.id, "school": line.school, "classroom": line.classroom,
                       "enrolled_ms": line.enrolled_ms, "revoked_ms": line.revoked_ms,
                       "online": line.online, "since_ms": line.since_ms,
                       "certificate_until_ms": line.certificate_until_ms,
                       "last_ink_ms": line.ink_ms, "pens": line.pens, "backlog": line.backlog})
            )?;
            continue;
        }
        put!("{}", words(line, now_ms))?;
    }
    for (holder, whose) in [(authority::BROKER, "the broker"), (SERVICE, "the service")] {
        if let Some(until_ms) = store.certificate_until_ms(holder).await?
            && let Some(ends) = ends(until_ms, now_ms)
        {
            tell!("{whose}: {ends}");
        }
    }
    if lines.is_empty() {
        tell!("no gateway is known yet: zhibi gateway enrol, or let one connect");
    }
    Ok(())
}

/// A warning about a certificate that has ended or will soon.
fn ends(until_ms: i64, now_ms: i64) -> Option<String> {
    let at = local_time::text(until_ms);
    match until_ms - now_ms {
        ..=0 => Some(format!("the certificate ended {at}: enrol or renew it")),
        left if left < RENEW_MS => Some(format!("the certificate ends {at}: renew it")),
        _ => None,
    }
}

/// A line of the list for people.
fn words(line: &GatewayLine, now_ms: i64) -> String {
    let place = match (&line.classroom, line.revoked_ms) {
        (None, _) => "not enrolled".to_owned(),
        (Some(classroom), None) => classroom.clone(),
        (Some(classroom), Some(_)) => format!("{classroom} (revoked)"),
    };
    let since = line.since_ms.map(local_time::text).unwrap_or_default();
    let online = match line.online {
        Some(true) => format!("online since {since}"),
        Some(false) => format!("offline since {since}"),
        None => "never said that it is there".to_owned(),
    };
    let ink = line
        .ink_ms
        .map_or_else(|| "no ink yet".to_owned(), |ms| format!("ink {}", local_time::text(ms)));
    let pens = match (line.pens, line.backlog) {
        (0, _) => String::new(),
        (pens, 0) => format!("  {pens} pens"),
        (pens, backlog) => format!("  {pens} pens, which keep {backlog} chunks"),
    };
    let certificate = line.certificate_until_ms.map_or_else(String::new, |until_ms| {
        let good = || format!("certificate until {}", local_time::text(until_ms));
        format!("  {}", ends(until_ms, now_ms).unwrap_or_else(good))
    });
    format!("{}  {place}  {online}  {ink}{pens}{certificate}", line.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_classrooms_name_is_told() {
        let told = |name: &str| check_classroom(name).map_err(|error| error.to_string());
        assert_eq!(told("三（1）班教室"), Ok(()));
        for (name, said) in [
            ("", "has 0 characters: give it 1 to 64"),
            (&*"x".repeat(65), "has 65 characters: give it 1 to 64"),
            ("room\n12", "a character in it that nobody sees, U+000A"),
            ("room\u{202e}12", "U+202E"),
        ] {
            let error = told(name).unwrap_err();
            assert!(error.contains(said), "{name:?}: {error}");
        }
    }

    #[test]
    fn a_gateway_is_told_in_a_line() {
        let line = GatewayLine {
            id: "room-12".into(),
            school: Some("s".into()),
            classroom: Some("三（1）班教室".into()),
            enrolled_ms: Some(0),
            revoked_ms: None,
            certificate_until_ms: None,
            online: Some(false),
            since_ms: Some(0),
            ink_ms: None,
            pens: 45,
            backlog: 3,
        };
        let told = words(&line, 0);
        let want = "room-12  三（1）班教室  offline since 1970-01-01 08:00:00+08:00  no ink yet  \
                    45 pens, which keep 3 chunks";
        assert_eq!(told, want);
        let with = GatewayLine { certificate_until_ms: Some(RENEW_MS), ..line.clone() };
        for (now_ms, said) in [
            (0, "  certificate until 1970-03-02 08:00:00+08:00"),
            (1, "  the certificate ends 1970-03-02 08:00:00+08:00: renew it"),
            (RENEW_MS, "  the certificate ended 1970-03-02 08:00:00+08:00: enrol or renew it"),
        ] {
            assert_eq!(words(&with, now_ms), format!("{want}{said}"));
        }
        let stranger = GatewayLine { classroom: None, online: None, pens: 0, ..line };
        let told = words(&stranger, 0);
        assert!(told.contains("not enrolled  never said"), "{told}");
    }
}
