//! `zhibi gateway`: a school's gateways, and their logins at the broker.

use anyhow::ensure;
use firmware_protocol::{GatewayId, RESERVED_PREFIX};
use serde_json::json;
use store::{GatewayLine, GatewayRow, Store, StoreUrl};

use crate::cli::Gateway;
use crate::{Verdict, clock, local_time, mosquitto, service, store_file, user};

/// Characters of a classroom's name.
const CHARS_MAX: usize = 64;

/// Lines of mosquitto's access list: what PROTOCOL.md asks for, for all gateways at once.
const ACCESS: &str = "\
user zhibi
topic read zhibi/v1/+/+/up/#
topic write zhibi/v1/+/+/down/#
pattern write zhibi/v1/+/%u/up/#
pattern read zhibi/v1/+/%u/down/#";

/// Runs the command. It works beside a running service.
pub(crate) fn run(
    database: &StoreUrl,
    school: Option<&str>,
    what: &Gateway,
) -> anyhow::Result<Verdict> {
    store_file::with(database, async |store| {
        match what {
            Gateway::Enrol { id, classroom, json } => {
                let school = user::school_of(store, school).await?;
                enrol(store, id, classroom, school.id, *json).await
            }
            Gateway::List { json } => {
                let only = match school {
                    Some(named) => Some(user::school_of(store, Some(named)).await?.id),
                    None => None,
                };
                list(store, only.as_deref(), *json).await
            }
            Gateway::Revoke { id } => {
                store.revoke_gateway(id, clock::wall_ms()).await?;
                tell!("{id} is revoked: give the broker a new password file (`passwords`)");
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
        }?;
        Ok(Verdict::Clean)
    })
}

async fn enrol(
    store: &Store,
    id: &str,
    classroom: &str,
    school: String,
    json: bool,
) -> anyhow::Result<()> {
    GatewayId::parse(id).map_err(|error| anyhow::anyhow!("gateway {id}: {error}"))?;
    ensure!(
        !id.starts_with(RESERVED_PREFIX),
        "gateway {id}: ids that begin with {RESERVED_PREFIX} are the service's own"
    );
    check_classroom(classroom)?;
    let random = service::random_bits();
    let (salt, secret) = random.split_at(mosquitto::SALT_BYTES);
    let password = mosquitto::password(secret);
    let hash = mosquitto::hash(&password, salt);
    let row = GatewayRow {
        id: id.to_owned(),
        school,
        classroom: classroom.to_owned(),
        password: hash.clone(),
    };
    let again = store.enrol_gateway(row, clock::wall_ms()).await?;
    let line = format!("{id}:{hash}");
    if json {
        let object = json!({"id": id, "classroom": classroom, "username": id,
                            "password": password, "password_line": line, "access": ACCESS});
        put!("{object}")?;
    } else {
        put!("username  {id}\npassword  {password}\n")?;
        put!("# mosquitto's password_file\n{line}\n")?;
        put!("# mosquitto's acl_file, once for all gateways\n{ACCESS}")?;
    }
    if again {
        tell!("{id} was enrolled before: its old password no longer counts");
    }
    tell!("{id} is enrolled for {classroom}; the password is not shown again");
    Ok(())
}

fn check_classroom(name: &str) -> anyhow::Result<()> {
    let chars = name.chars().count();
    ensure!(
        (1..=CHARS_MAX).contains(&chars),
        "the classroom's name has {chars} characters: give it 1 to {CHARS_MAX}"
    );
    user::all_seen("the classroom's name", name)
}

async fn list(store: &Store, school: Option<&str>, json: bool) -> anyhow::Result<()> {
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
                       "last_ink_ms": line.ink_ms, "pens": line.pens, "backlog": line.backlog})
            )?;
            continue;
        }
        put!("{}", words(line))?;
    }
    if lines.is_empty() {
        tell!("no gateway is known yet: zhibi gateway enrol, or let one connect");
    }
    Ok(())
}

/// A line of the list for people.
fn words(line: &GatewayLine) -> String {
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
    format!("{}  {place}  {online}  {ink}{pens}", line.id)
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
            online: Some(false),
            since_ms: Some(0),
            ink_ms: None,
            pens: 45,
            backlog: 3,
        };
        let told = words(&line);
        let want = "room-12  三（1）班教室  offline since 1970-01-01 08:00:00+08:00  no ink yet  \
                    45 pens, which keep 3 chunks";
        assert_eq!(told, want);
        let stranger = GatewayLine { classroom: None, online: None, pens: 0, ..line };
        assert!(words(&stranger).contains("not enrolled  never said"), "{}", words(&stranger));
    }
}
