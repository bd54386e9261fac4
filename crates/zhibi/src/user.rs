//! `zhibi user`: who may sign in.

mod role;

use anyhow::{Context, bail, ensure};
use school::{Grant, Period, StaffId};
use serde_json::json;
use store::{SchoolRow, StaffLine, StaffRow, Store, StoreError, StoreUrl, TokenHash};

use crate::cli::{LinkArgs, User};
use crate::{Verdict, clock, service, store_file};

const DAY_MS: i64 = 86_400_000;
/// Characters of a login or a name.
const CHARS_MAX: usize = 64;

/// Runs the command. It works beside a running service.
pub(crate) fn run(database: &StoreUrl, what: &User) -> anyhow::Result<Verdict> {
    store_file::with(database, async |store| {
        match what {
            User::Add { login, name, roles, school, locale, link } => {
                let school = school_of(store, school.as_deref()).await?;
                let row = staff(login, name, &school, locale)?;
                add(store, row, roles, link).await
            }
            User::Invite { login, link } => {
                let (token, hash) = token();
                store.invite_staff(login, hash, expires_ms(link)).await?;
                show(login, &token, link)
            }
            User::Role { login, give, end } => roles(store, login, give, end).await,
            User::Demand { login, not } => {
                store.demand_totp(login, !not, clock::wall_ms()).await?;
                let said = if *not { "need not" } else { "must" };
                tell!("{login} {said} sign in with a code of their phone");
                Ok(())
            }
            User::Reset { login, totp: true, .. } => {
                store.reset_totp(login).await?;
                tell!("{login} signs in without a code of a phone");
                Ok(())
            }
            User::Reset { login, link, totp: false } => {
                let (token, hash) = token();
                store.reset_staff(login, hash, expires_ms(link)).await?;
                show(login, &token, link)
            }
            User::Disable { login } => {
                store.disable_staff(login, clock::wall_ms()).await?;
                tell!("{login} is shut out");
                Ok(())
            }
            User::List { json } => list(store, *json).await,
        }?;
        Ok(Verdict::Clean)
    })
}

/// A fresh token, and what is stored of it.
fn token() -> (String, TokenHash) {
    web::link_token(service::random_bits())
}

fn expires_ms(link: &LinkArgs) -> i64 {
    clock::wall_ms() + i64::from(link.days) * DAY_MS
}

fn show(login: &str, token: &str, link: &LinkArgs) -> anyhow::Result<()> {
    put!("{}/link/{token}", link.at.trim_end_matches('/'))?;
    tell!("{login} signs in with it once, within {} days, and can set a password there", link.days);
    tell!("browsers must reach the view at {}: --at names another address", link.at);
    Ok(())
}

/// The school of that name or id; the only one where none is named.
pub(crate) async fn school_of(store: &Store, named: Option<&str>) -> anyhow::Result<SchoolRow> {
    let mut schools = store.schools().await?;
    ensure!(!schools.is_empty(), "the store holds no school: zhibi import roster brings one in");
    if let Some(named) = named {
        schools.retain(|row| [&row.id, &row.name_zh, &row.name_en].into_iter().any(|n| n == named));
    }
    ensure!(schools.len() < 2, "the store holds several schools: say which by --school");
    schools.pop().with_context(|| format!("there is no school {}", named.unwrap_or_default()))
}

fn staff(login: &str, name: &str, school: &SchoolRow, locale: &str) -> anyhow::Result<StaffRow> {
    let sound = |text: &str| (1..=CHARS_MAX).contains(&text.chars().count());
    all_seen("the login", login)?;
    all_seen("the name", name)?;
    ensure!(
        sound(login) && !login.contains(char::is_whitespace),
        "a login has 1 to {CHARS_MAX} characters and no spaces"
    );
    ensure!(sound(name) && name.trim() == name, "a name has 1 to {CHARS_MAX} characters");
    // An identity is made up, so that it says nothing of anybody.
    let (id, _) = token();
    Ok(StaffRow {
        id: format!("t-{}", &id[..12]),
        school: school.id.clone(),
        login: login.to_owned(),
        name: name.to_owned(),
        locale: locale.to_owned(),
    })
}

/// Refuses what has a character in it that nobody sees. `what` begins the sentence.
pub(crate) fn all_seen(what: &str, text: &str) -> anyhow::Result<()> {
    let Some(hidden) = school::hidden_char(text) else { return Ok(()) };
    let code = u32::from(hidden);
    bail!("{what} has a character in it that nobody sees, U+{code:04X}: type it again")
}

async fn add(
    store: &Store,
    row: StaffRow,
    roles: &[String],
    link: &LinkArgs,
) -> anyhow::Result<()> {
    let classes = store.classes(&row.school).await?;
    let period = Period::from(clock::wall_ms());
    let staff = StaffId::new(&*row.id)?;
    let grants: Vec<Grant> = roles
        .iter()
        .map(|text| {
            let role = role::parse(text, &row.school, &classes)?;
            Ok(Grant { staff: staff.clone(), role, period })
        })
        .collect::<anyhow::Result<_>>()?;
    let login = row.login.clone();
    let (token, hash) = token();
    match store.add_staff(row, grants, hash, expires_ms(link)).await {
        Err(StoreError::LoginTaken { login: held }) if held == login => {
            bail!("the login {login} is taken: choose another, or `zhibi user invite {login}`")
        }
        Err(StoreError::LoginTaken { login: held }) => {
            bail!("the login {login} is too like {held}, which is taken: choose another")
        }
        added => added?,
    }
    show(&login, &token, link)
}

/// Ends roles and gives others, once all of them are understood.
async fn roles(store: &Store, login: &str, give: &[String], end: &[String]) -> anyhow::Result<()> {
    let now_ms = clock::wall_ms();
    let lines = store.staff_list(now_ms).await?;
    let line = lines.into_iter().find(|line| line.login == login);
    let line = line.with_context(|| format!("there is no login {login}"))?;
    let classes = store.classes(&line.school).await?;
    let staff = StaffId::new(&*line.id)?;
    let read = |texts: &[String]| {
        let read = texts.iter().map(|text| role::parse(text, &line.school, &classes));
        read.collect::<anyhow::Result<Vec<_>>>()
    };
    let (give, end) = (read(give)?, read(end)?);
    let period = Period::from(now_ms);
    let grants = give.into_iter().map(|role| Grant { staff: staff.clone(), role, period });
    // First of all: who hands a school over gives the role before it ends.
    store.insert_grants(grants.collect()).await?;
    for role in end {
        let text = role::text(&role, &classes);
        ensure!(store.end_role(staff.clone(), role, now_ms).await?, "{login} is not {text}");
    }
    tell!("the roles of {login} are as you said from now on");
    Ok(())
}

async fn list(store: &Store, json: bool) -> anyhow::Result<()> {
    let now_ms = clock::wall_ms();
    let lines = store.staff_list(now_ms).await?;
    let mut classes = Vec::new();
    for school in store.schools().await? {
        classes.append(&mut store.classes(&school.id).await?);
    }
    for line in &lines {
        let roles: Vec<String> =
            line.grants.iter().map(|grant| role::text(&grant.role, &classes)).collect();
        let StaffLine { id, school, login, name, has_password, disabled_ms, .. } = line;
        if json {
            put!(
                "{}",
                json!({"id": id, "school": school, "login": login, "name": name, "roles": roles,
                       "has_password": has_password, "disabled_ms": disabled_ms,
                       "login_ms": line.login_ms, "invited_until_ms": line.invited_until_ms,
                       "has_totp": line.has_totp, "must_totp": line.must_totp})
            )?;
            continue;
        }
        let state = match (disabled_ms, has_password, line.invited_until_ms) {
            (Some(_), ..) => "shut out",
            (None, true, _) => "password set",
            (None, false, Some(_)) => "invited",
            (None, false, None) => "no password",
        };
        put!("{login}  {name}  {state}  {}", roles.join(", "))?;
    }
    if lines.is_empty() {
        tell!("nobody can sign in yet: zhibi user add, or the link that zhibi serve prints");
    }
    Ok(())
}

/// Made-up classes of grade 3, by id and Chinese name.
#[cfg(test)]
pub(crate) fn classes(named: &[(&str, &str)]) -> Vec<store::ClassRow> {
    let row = |(id, name_zh): &(&str, &str)| store::ClassRow {
        id: (*id).into(),
        school: "s".into(),
        grade: 3,
        name_zh: (*name_zh).into(),
        name_en: format!("Class {id}"),
    };
    named.iter().map(row).collect()
}
