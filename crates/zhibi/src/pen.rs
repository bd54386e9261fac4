//! `zhibi pen`: a school's pens, and who holds them.

use std::io::BufRead;

use anyhow::{Context, bail, ensure};
use attribution::Holder;
use firmware_protocol::PenId;
use serde_json::json;
use store::{ClassRow, Keeper, PenLine, PenRow, Store, StoreUrl};

use crate::cli::Pen;
use crate::say::{are, counted};
use crate::{Verdict, class_name, clock, local_time, store_file, user};

/// Pens in a set, at most.
const SET_MAX: usize = 1_000;

/// Runs the command. It works beside a running service.
pub(crate) fn run(
    database: &StoreUrl,
    school: Option<&str>,
    what: &Pen,
) -> anyhow::Result<Verdict> {
    store_file::with(database, async |store| {
        if let Pen::List { json } = what {
            let only = match school {
                Some(named) => Some(user::school_of(store, Some(named)).await?.id),
                None => None,
            };
            list(store, only.as_deref(), *json).await?;
            return Ok(Verdict::Clean);
        }
        let school = user::school_of(store, school).await?.id;
        let keeper = Keeper { school, staff: None, now_ms: clock::wall_ms() };
        match what {
            Pen::Add { set, pens, first } => add(store, keeper, set, pens, *first).await,
            Pen::Lend { what, to, from } => lend(store, keeper, what, to, since(from.from)).await,
            Pen::Return { what, from } => {
                give_back(store, keeper, what, since(from.from), false).await
            }
            Pen::Lost { pens, from } => {
                give_back(store, keeper, pens, since(from.from), true).await
            }
            Pen::Found { pens } => found(store, keeper, pens).await,
            Pen::Swap { one, other, from, until } => {
                let known = store.pens(Some(&keeper.school), clock::wall_ms()).await?;
                let pens = (pen(one, &known)?, pen(other, &known)?);
                ensure!(pens.0 != pens.1, "{one} and {other} are one pen");
                let from_ms = since(from.from);
                ensure!(until.is_none_or(|until_ms| until_ms > from_ms), "until is before from");
                store.swap_pens(keeper, pens, from_ms, *until, None).await?;
                tell!("{one} and {other} have exchanged their holders");
                Ok(())
            }
            Pen::List { .. } => Ok(()),
        }?;
        Ok(Verdict::Clean)
    })
}

fn since(from: Option<i64>) -> i64 {
    from.unwrap_or_else(clock::wall_ms)
}

/// The pen of an id: 12 hexadecimal digits.
fn id(text: &str) -> Option<u64> {
    let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

/// The pen that SET:NUMBER or an id names.
fn pen(text: &str, known: &[PenLine]) -> anyhow::Result<u64> {
    if let Some(pen) = id(text) {
        return Ok(pen);
    }
    let place = text.rsplit_once(':').and_then(|(set, number)| Some((set, number.parse().ok()?)));
    let (set, number): (&str, u32) =
        place.with_context(|| format!("{text} is no pen: SET:NUMBER, or 12 hexadecimal digits"))?;
    let found = known
        .iter()
        .find(|line| line.place.as_ref().is_some_and(|(of, at)| of == set && *at == number));
    Ok(found.with_context(|| format!("set {set} has no pen {number}"))?.pen)
}

/// The pens that a set, SET:NUMBER or an id names.
fn pens(text: &str, known: &[PenLine]) -> anyhow::Result<Vec<u64>> {
    let in_set = |line: &&PenLine| line.place.as_ref().is_some_and(|(set, _)| set == text);
    let set: Vec<u64> = known.iter().filter(in_set).map(|line| line.pen).collect();
    if set.is_empty() { Ok(vec![pen(text, known)?]) } else { Ok(set) }
}

async fn add(
    store: &Store,
    keeper: Keeper,
    set: &str,
    named: &[String],
    first: u32,
) -> anyhow::Result<()> {
    ensure!(
        !set.is_empty() && !set.contains(':') && id(set).is_none(),
        "set {set}: its name has no colon, and is no pen's id"
    );
    user::all_seen("the set's name", set)?;
    let mut ids = Vec::new();
    for text in named {
        if text == "-" {
            for line in std::io::stdin().lock().lines() {
                let line = line.context("standard input")?;
                ids.extend(Some(line.trim().to_owned()).filter(|id| !id.is_empty()));
                ensure!(ids.len() <= SET_MAX, "more than {SET_MAX} pens in a set");
            }
        } else {
            ids.push(text.clone());
        }
    }
    let mut rows: Vec<PenRow> = Vec::with_capacity(ids.len());
    let last = u32::try_from(ids.len()).ok().and_then(|pens| first.checked_add(pens));
    ensure!(last.is_some(), "--first {first}: there are no such numbers for {} pens", ids.len());
    for (text, number) in ids.iter().zip(first..=u32::MAX) {
        let pen = id(text).with_context(|| {
            format!("{text} is no pen's id, which is 12 hexadecimal digits; nothing was stored")
        })?;
        ensure!(rows.iter().all(|row| row.pen != pen), "pen {text} is named twice");
        rows.push(PenRow { pen, set: set.to_owned(), number });
    }
    let count = rows.len();
    store.insert_pens(keeper, rows).await?;
    tell!("{} {} in set {set}, from number {first} on", counted(count, "pen", "pens"), are(count));
    Ok(())
}

/// The class of a name or id, of any school.
pub(crate) async fn class(store: &Store, named: &str) -> anyhow::Result<ClassRow> {
    let mut classes = Vec::new();
    for school in store.schools().await? {
        classes.append(&mut store.classes(&school.id).await?);
    }
    Ok(class_name::find(&classes, named)?.clone())
}

/// The class of a name or id, of one school.
async fn class_of(store: &Store, school: &str, named: &str) -> anyhow::Result<ClassRow> {
    let classes = store.classes(school).await?;
    Ok(class_name::find(&classes, named)?.clone())
}

async fn lend(
    store: &Store,
    keeper: Keeper,
    what: &str,
    to: &str,
    from_ms: i64,
) -> anyhow::Result<()> {
    let known = store.pens(Some(&keeper.school), clock::wall_ms()).await?;
    let whole = known.iter().any(|line| line.place.as_ref().is_some_and(|(set, _)| set == what));
    if whole {
        let class = class_of(store, &keeper.school, to).await?;
        let lent = store.lend_set(keeper, what, &class.id, from_ms).await?;
        let count = lent.pens.len();
        let (pupils, have) =
            (counted(count, "pupil", "pupils"), if count == 1 { "has" } else { "have" });
        tell!("{pupils} of {} {have} a pen of set {what}", class.name_zh);
        if !lent.without.is_empty() {
            let numbers: Vec<String> = lent.without.iter().map(u32::to_string).collect();
            tell!("the set has no pen for number {}", numbers.join(", "));
        }
        return Ok(());
    }
    let pen = pen(what, &known)?;
    let holder = match to.strip_prefix("staff:") {
        Some(login) => {
            let staff = store.staff_of_login(login).await?;
            Holder::marker(staff.with_context(|| format!("nobody has the login {login}"))?.id)?
        }
        None => {
            let Some((of, number)) = place_in_class(to) else {
                bail!("{to}: a pen is lent to CLASS:NUMBER or staff:LOGIN, a set to a class")
            };
            let class = class_of(store, &keeper.school, of).await?;
            let pupil = store.pupil_numbered(&class.id, number, from_ms).await?;
            let pupil = pupil.with_context(|| format!("{of} has no pupil {number} then"))?;
            Holder::pupil(pupil)?
        }
    };
    store.lend_pen(keeper, pen, holder, Some(from_ms)).await?;
    tell!("{what} is lent to {to}");
    Ok(())
}

/// The class and the number of CLASS:NUMBER. A class's name may have a colon itself, and the number may
/// be in full-width figures, as a Chinese keyboard writes them.
pub(crate) fn place_in_class(text: &str) -> Option<(&str, u32)> {
    let (class, number) = text.rsplit_once([':', '：'])?;
    let half_width = |c: char| {
        let figure = u32::from(c).checked_sub(u32::from('０')).filter(|figure| *figure < 10);
        figure.and_then(|figure| char::from_digit(figure, 10)).unwrap_or(c)
    };
    let number: String = number.trim().chars().map(half_width).collect();
    Some((class, number.parse().ok()?))
}

async fn found(store: &Store, keeper: Keeper, what: &[String]) -> anyhow::Result<()> {
    let known = store.pens(Some(&keeper.school), clock::wall_ms()).await?;
    let all: Vec<u64> = what.iter().map(|text| pen(text, &known)).collect::<Result<_, _>>()?;
    for pen in &all {
        store.find_pen(keeper.clone(), *pen).await?;
    }
    let (pens, them) =
        (counted(all.len(), "pen", "pens"), if all.len() == 1 { "it" } else { "them" });
    tell!("{pens} {} found; nobody holds {them}", are(all.len()));
    Ok(())
}

async fn give_back(
    store: &Store,
    keeper: Keeper,
    what: &[String],
    at_ms: i64,
    lost: bool,
) -> anyhow::Result<()> {
    let known = store.pens(Some(&keeper.school), at_ms).await?;
    let mut all = Vec::new();
    for text in what {
        if lost {
            all.push(pen(text, &known)?);
        } else {
            all.append(&mut pens(text, &known)?);
        }
    }
    let count = all.len();
    let holds = |line: &&PenLine| all.contains(&line.pen) && line.holder.is_some();
    let held = known.iter().filter(holds).count();
    // What one set is called tells more than its pens.
    let set = match what {
        [only] if known.iter().any(|line| line.place.as_ref().is_some_and(|at| at.0 == *only)) => {
            Some(only.clone())
        }
        _ => None,
    };
    store.return_pens(keeper, set, all, at_ms, lost).await?;
    let state = if lost { "missing" } else { "back" };
    let somebody = match (count, held) {
        (1, 0) => "nobody held it".to_owned(),
        (1, _) => "somebody held it".to_owned(),
        (_, held) => format!("somebody held {held} of them"),
    };
    tell!("{} {} {state}; {somebody}", counted(count, "pen", "pens"), are(count));
    Ok(())
}

async fn list(store: &Store, school: Option<&str>, json: bool) -> anyhow::Result<()> {
    let lines = store.pens(school, clock::wall_ms()).await?;
    for line in &lines {
        let id = PenId(line.pen);
        if json {
            let (set, number) = line.place.clone().unzip();
            let (class, pupil_number) = line.class.clone().unzip();
            put!(
                "{}",
                json!({"pen": id.to_string(), "set": set, "number": number, "model": line.model,
                       "school": line.school, "battery_percent": line.battery_percent,
                       "last_seen_ms": line.seen_ms, "gateway": line.gateway,
                       "lost_ms": line.lost_ms, "name": line.name, "class": class,
                       "pupil_number": pupil_number, "last_ink_ms": line.received_ms,
                       "faces_with_nobodys_ink": line.nobodys})
            )?;
            continue;
        }
        put!("{}", words(line))?;
    }
    if lines.is_empty() {
        tell!("no pen is known yet: zhibi pen add, or let one write");
    }
    Ok(())
}

/// A line of the list for people.
fn words(line: &PenLine) -> String {
    let place = line.place.as_ref().map_or("-".into(), |(set, number)| format!("{set}:{number}"));
    let holder = match (&line.lost_ms, &line.name, &line.class) {
        (Some(_), ..) => "missing".to_owned(),
        (None, Some(name), Some((class, number))) => format!("{class}:{number} {name}"),
        (None, Some(name), None) => name.clone(),
        (None, None, _) => "nobody".to_owned(),
    };
    let ink = line.received_ms.map_or_else(|| "never wrote".to_owned(), local_time::text);
    let waiting = match line.nobodys {
        0 => String::new(),
        faces => format!("  ink on {faces} pages is nobody's"),
    };
    let model = line.model.as_deref().unwrap_or("no hello yet");
    let battery = line.battery_percent.map_or(String::new(), |percent| format!("  {percent} %"));
    format!("{}  {place}  {holder}  {model}{battery}  {ink}{waiting}", PenId(line.pen))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(pen: u64, place: Option<(&str, u32)>) -> PenLine {
        PenLine {
            pen,
            model: None,
            place: place.map(|(set, number)| (set.to_owned(), number)),
            school: None,
            lost_ms: None,
            holder: None,
            name: None,
            class: None,
            was_lent: false,
            received_ms: None,
            nobodys: 0,
            battery_percent: None,
            charging: false,
            backlog: 0,
            seen_ms: None,
            gateway: None,
        }
    }

    #[test]
    fn a_class_may_have_a_colon_in_its_name() {
        assert_eq!(place_in_class("三（1）班:7"), Some(("三（1）班", 7)));
        assert_eq!(place_in_class("3:1班:12"), Some(("3:1班", 12)));
        assert_eq!(
            place_in_class("三（1）班：7"),
            Some(("三（1）班", 7)),
            "as it is typed in Chinese"
        );
        assert_eq!(place_in_class("3:1班"), None);
    }

    #[test]
    fn pens_are_named_by_place_or_id() {
        let known = [line(0xab, Some(("A", 1))), line(0xac, Some(("A", 12))), line(7, None)];
        assert_eq!(pen("A:12", &known).unwrap(), 0xac);
        assert_eq!(pen("0000000000Ab", &known).unwrap(), 0xab);
        assert_eq!(pens("A", &known).unwrap(), [0xab, 0xac]);
        assert_eq!(pens("000000000007", &known).unwrap(), [7]);
        for (text, said) in [
            ("A:2", "set A has no pen 2"),
            ("B:1", "set B has no pen 1"),
            ("B", "B is no pen"),
            ("A:", "A: is no pen"),
            ("00000000000g", "is no pen"),
            ("ab", "is no pen"),
        ] {
            let error = pens(text, &known).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
