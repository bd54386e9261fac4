//! One version of a worksheet: its pages, what is wrong with it, its versions, and its files.

use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use store::{KeyCorrected, PrintedOf, RunLine, WorksheetFiles, WorksheetSchool, WorksheetVersion};
use worksheet::{
    Change, Copies, Finding, Flaw, Framework, Key, PartFlaw, PartOf, Worksheet, examine_files,
};

use super::{crumbs, put, school_of};
use crate::dates;
use crate::failure::Failure;
use crate::page::sheets::{
    Changes, ClassChoice, FindingItem, PagePicture, PartMark, PrintForm, RunGivenItem, RunItem,
    SheetPage, VersionItem,
};
use crate::page::{html, tick};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::sheets::SheetsWords;
use crate::words::{self, Locale, fill, isolated};

/// Characters of a key that are written into its field.
const KEY_CHARS_MAX: usize = 40;
/// Differences that are listed.
const CHANGES_MAX: usize = 30;
/// When what is given tomorrow is due, unless somebody says otherwise: eight in the evening.
const DAY_MS: i64 = 86_400_000;
const EVENING_MS: i64 = 20 * 3_600_000;

/// School, worksheet and version.
pub(crate) type SheetPath = Path<(String, String, u32)>;

/// What a page says beside what it shows, and what a form on it keeps.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) good: Option<String>,
    /// The first copy that was added to a run, and the run.
    pub(crate) later: Option<(u32, String)>,
    pub(crate) said: Option<String>,
    pub(crate) class: String,
    pub(crate) kind: Option<&'static str>,
    pub(crate) copies: Option<String>,
    /// A run, and the time that was typed for it.
    pub(crate) due: Option<(String, String)>,
}

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path((school, id, version)): SheetPath,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let school = school_of(&web, &teacher, &school).await?;
    let keys = web.store.worksheet_keys(&school.id, &id).await?;
    let origin = KeyCorrected::origin(&keys, version);
    if origin != version {
        // A version that differs in its keys alone stands on the page of the one that was put in.
        return Ok(Redirect::to(&path(&school, &id, origin)).into_response());
    }
    let w = SheetsWords::of(teacher.visitor.locale);
    let query = query.as_deref().unwrap_or_default();
    let later: Option<(u32, String)> = query.strip_prefix("later=").and_then(|later| {
        let (first, run) = later.split_once("&run=")?;
        Some((first.parse().ok()?, run.to_owned()))
    });
    let good = match query {
        "saved" => Some(fill(w.one_saved, &[("n", &version)])),
        "printed" => Some(w.print_done.to_owned()),
        "again" => Some(w.print_again.to_owned()),
        "given" => Some(w.given_given.to_owned()),
        _ => None,
    };
    let told = Told { good, later, ..Told::default() };
    respond(&web, &teacher, &school, (&id, version), told).await
}

/// The page, with what is to be said of what was just sent.
pub(crate) async fn respond(
    web: &Web,
    teacher: &Teacher,
    school: &WorksheetSchool,
    (id, version): (&str, u32),
    told: Told,
) -> Result<Response, Failure> {
    let locale = teacher.visitor.locale;
    let w = SheetsWords::of(locale);
    let keys = web.store.worksheet_keys(&school.id, id).await?;
    let keyed = KeyCorrected::later(&keys, version);
    let files = files_of(web, school, id, keyed).await?;
    let sheet = web.worksheet(id, keyed).await?;
    let classes = web.store.printable_classes(school).await?;
    let shows_keys = classes.iter().any(|(_, assigns)| *assigns);
    let choice = |class: &store::ClassRow| ClassChoice {
        id: class.id.clone(),
        name: locale.pick(&class.name_zh, &class.name_en).to_owned(),
    };
    let give_to: Vec<ClassChoice> =
        classes.iter().filter(|(_, assigns)| *assigns).map(|(class, _)| choice(class)).collect();
    let versions = web.store.worksheet_versions(school, id).await?;
    let lines = web.store.print_runs(school, PrintedOf::Version(id, version)).await?;
    let later = told.later.as_ref().and_then(|later| later_copies(later, &lines, school, w));
    let due = dates::field(next_evening(web.now_ms()));
    let runs: Vec<RunItem> =
        lines.into_iter().map(|line| run(line, &give_to, &due, &told, locale)).collect();
    let has_text = files.sources.iter().any(|(name, _)| name == "worksheet.txt");
    let drawing = crate::routes::drawings::draft_of(web, school, id).await?;
    let findings = findings(web, files).await?;
    let title = locale.pick(&sheet.title_zh, &sheet.title_en).to_owned();
    let mut layout = teacher.visitor.layout(&title, crumbs(school, locale, &title));
    layout.here = path(school, id, version);
    let changes = changes(web, &sheet, (version, &versions, &keys), locale).await;
    let corrected = |version: u32| match shows_keys {
        true => corrections(&keys, version, &sheet, locale),
        false => Vec::new(),
    };
    let page = SheetPage {
        layout,
        w,
        school: school.id.clone(),
        id: id.to_owned(),
        version,
        keyed,
        facts: facts(&sheet, w),
        newer: versions.first().map(|last| last.version).filter(|last| *last > version),
        good: told.good,
        later,
        said: told.said,
        pages: pictures(school, &sheet, &findings, shows_keys, locale),
        findings: findings.iter().map(|finding| finding_item(finding, locale)).collect(),
        shows_keys,
        has_text,
        drawing,
        versions: (versions.iter())
            .map(|version| version_item(version, corrected(version.version), locale))
            .collect(),
        changes,
        print: PrintForm {
            classes: classes.iter().map(|(class, _)| choice(class)).collect(),
            class: told.class,
            kind: told.kind.unwrap_or("named"),
            copies: told.copies.unwrap_or_else(|| "30".to_owned()),
            seen: runs.len(),
        },
        runs,
        title,
    };
    let status = if page.said.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    Ok((status, html(&page)?).into_response())
}

/// What is said of copies that were added to a run, and where their PDF is.
fn later_copies(
    (first, run): &(u32, String),
    lines: &[RunLine],
    school: &WorksheetSchool,
    w: &SheetsWords,
) -> Option<(String, String)> {
    let line = lines.iter().find(|line| line.run.id == *run)?;
    let Copies::PerCopy(copies) = line.run.copies else { return None };
    let added = copies.checked_sub(*first).filter(|added| *added > 0)?;
    let said = fill(w.print_later, &[("n", &added)]);
    Some((said, format!("/school/{}/run/{run}?from={first}", school.id)))
}

pub(crate) fn path(school: &WorksheetSchool, id: &str, version: u32) -> String {
    format!("/school/{}/sheet/{id}/{version}", school.id)
}

fn next_evening(now_ms: i64) -> i64 {
    // Days of Shanghai begin 8 h before those of UTC.
    let offset_ms = 8 * 3_600_000;
    let day = (now_ms + offset_ms).div_euclid(DAY_MS) + 1;
    day * DAY_MS - offset_ms + EVENING_MS
}

async fn files_of(
    web: &Web,
    school: &WorksheetSchool,
    id: &str,
    version: u32,
) -> Result<WorksheetFiles, Failure> {
    web.store.worksheet_files(school, id, version).await?.ok_or(Failure::NotFound)
}

fn facts(sheet: &Worksheet, w: &SheetsWords) -> String {
    fill(
        w.one_facts,
        &[
            ("subject", &w.subject(&sheet.subject)),
            ("grade", &sheet.grade),
            ("questions", &sheet.questions.len()),
            ("points", &sheet.points()),
            ("pages", &sheet.pages.len()),
        ],
    )
}

/// What the worksheet's folder is found to have wrong, off the async threads.
async fn findings(web: &Web, files: WorksheetFiles) -> Result<Vec<Finding>, Failure> {
    web.apart(move || {
        let folder = folder(files);
        examine_files(&folder, &Framework::own(), None).unwrap_or_else(|error| vec![error.into()])
    })
    .await
}

/// The files of a worksheet's folder, by name.
fn folder(files: WorksheetFiles) -> Vec<(String, Vec<u8>)> {
    let names = Worksheet::artwork_names(&files.toml).unwrap_or_default();
    let artwork = names.into_iter().zip(files.artwork.into_iter().map(String::into_bytes));
    let toml = ("worksheet.toml".to_owned(), files.toml.into_bytes());
    std::iter::once(toml).chain(artwork).chain(files.sources).collect()
}

fn finding_item(finding: &Finding, locale: Locale) -> FindingItem {
    let (zh, en) = finding.texts();
    let what = locale.pick(&zh, &en).to_owned();
    FindingItem { what, question: finding.question().map(ToOwned::to_owned) }
}

/// What was corrected in the keys with which a version is given, the latest first, in words.
fn corrections(
    keys: &[KeyCorrected],
    version: u32,
    sheet: &Worksheet,
    locale: Locale,
) -> Vec<String> {
    let said = |key: &&KeyCorrected| {
        let part = sheet.part(&key.part);
        let part = part.map_or_else(|| key.part.clone(), |of| words::part(&of, locale.words()));
        let values: [(&str, &dyn std::fmt::Display); 5] = [
            ("date", &dates::minute(key.at_ms, locale)),
            ("name", &isolated(&key.by_name)),
            ("part", &part),
            ("was", &tick(&key.was)),
            ("becomes", &tick(&key.becomes)),
        ];
        fill(SheetsWords::of(locale).one_corrected, &values)
    };
    KeyCorrected::made(keys, KeyCorrected::later(keys, version)).iter().map(said).collect()
}

fn version_item(version: &WorksheetVersion, corrected: Vec<String>, locale: Locale) -> VersionItem {
    let w = SheetsWords::of(locale);
    let printed = match version.runs {
        0 => w.one_unprinted.to_owned(),
        runs => fill(w.one_runs, &[("n", &runs)]),
    };
    VersionItem {
        version: version.version,
        put: put(version.at_ms, version.by.as_deref(), locale),
        printed,
        corrected,
    }
}

/// What changed since the version before, with its corrected keys, if the school has one that can be
/// read.
async fn changes(
    web: &Web,
    sheet: &Worksheet,
    (version, versions, keys): (u32, &[WorksheetVersion], &[KeyCorrected]),
    locale: Locale,
) -> Option<Changes> {
    let w = SheetsWords::of(locale);
    let before = versions.iter().find(|other| other.version < version)?;
    let earlier = KeyCorrected::later(keys, before.version);
    let earlier = web.worksheet(&sheet.id.id, earlier).await.ok()?;
    let found = sheet.changed_since(&earlier);
    let moved = |found: &PartFlaw| {
        matches!(
            found.flaw,
            Flaw::Changed { change: Change::Moved { .. } | Change::Gone | Change::New, .. }
        )
    };
    let warns = before.runs > 0 && found.iter().any(moved);
    let items = found.iter().take(CHANGES_MAX).map(|found| {
        let (zh, en) = found.flaw.texts(&found.part, found.page);
        locale.pick(&zh, &en).to_owned()
    });
    Some(Changes {
        since: before.version,
        warning: warns.then(|| fill(w.one_moved_printed, &[("n", &before.version)])),
        items: items.collect(),
        more: found.len().saturating_sub(CHANGES_MAX),
    })
}

fn pictures(
    school: &WorksheetSchool,
    sheet: &Worksheet,
    findings: &[Finding],
    shows_keys: bool,
    locale: Locale,
) -> Vec<PagePicture> {
    let wrong = |question: &str| findings.iter().any(|found| found.question() == Some(question));
    let of_page = |page: &worksheet::Page| PagePicture {
        number: page.number,
        href: format!("{}/page/{}", path(school, &sheet.id.id, sheet.id.version), page.number),
        width: page.width_um / 10,
        height: page.height_um / 10,
        marks: (sheet.parts().filter(|of| of.question.page == page.number))
            .flat_map(|of| marks(&of, wrong(&of.question.id), shows_keys, locale))
            .collect(),
    };
    sheet.pages.iter().map(of_page).collect()
}

/// The fields of a part; the first has its key and points.
fn marks(of: &PartOf<'_>, wrong: bool, shows_keys: bool, locale: Locale) -> Vec<PartMark> {
    let w = SheetsWords::of(locale);
    let answer = match (&of.part.key, of.part.accepted()) {
        (_, Some(accepted)) => accepted.answers.first().map(ToString::to_string),
        (Key::Rubric(_) | Key::None, _) => of.part.model_answer.clone(),
        (Key::Accepted(_), None) => None,
    };
    let key = answer.unwrap_or_else(|| w.part_free.to_owned());
    let points = of.part.points.to_string();
    let question = words::part(of, locale.words());
    let title = if shows_keys {
        let key = of.answer().unwrap_or_else(|| key.clone());
        fill(w.part_title, &[("question", &question), ("key", &key), ("points", &points)])
    } else {
        question
    };
    let key = match key.char_indices().nth(KEY_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &key[..end]),
        None => key,
    };
    let rects = of.part.field.rects();
    let rects = rects.into_iter().enumerate();
    rects
        .map(|(at, rect)| {
            let (width, height) = (rect.width_um / 10, rect.height_um / 10);
            let letters = i32::try_from(key.chars().count().max(1)).unwrap_or(i32::MAX);
            PartMark {
                anchor: (at == 0 && of.at == 0).then(|| of.question.id.clone()),
                x: rect.x_um / 10,
                y: rect.y_um / 10,
                width,
                height,
                // As large as it fits, and a hand's size at most.
                size: (height * 6 / 10).min(width * 15 / 10 / letters).clamp(160, 480),
                key: if at == 0 && shows_keys { key.clone() } else { String::new() },
                points: if at == 0 && shows_keys { points.clone() } else { String::new() },
                title: title.clone(),
                wrong,
            }
        })
        .collect()
}

fn run(line: RunLine, classes: &[ClassChoice], due: &str, told: &Told, locale: Locale) -> RunItem {
    let w = SheetsWords::of(locale);
    let class = match &line.class {
        Some(class) => locale.pick(&class.name_zh, &class.name_en),
        None => w.run_nobody,
    };
    let text = match line.run.copies {
        Copies::Shared => w.run_shared,
        Copies::PerCopy(_) if line.named => w.run_named,
        Copies::PerCopy(_) => w.run_nameless,
    };
    let copies = match line.run.copies {
        Copies::Shared => 1,
        Copies::PerCopy(copies) => copies,
    };
    let given = line.given.iter().map(|given| RunGivenItem {
        assignment: given.assignment.clone(),
        said: fill(
            w.run_given,
            &[
                ("class", &locale.pick(&given.class_zh, &given.class_en)),
                ("date", &dates::minute(given.due_ms, locale)),
            ],
        ),
    });
    // Copies with names are given to the class whose names they bear.
    let own = line.class.as_ref().filter(|_| line.named).map(|class| class.id.clone());
    let has = |class: &ClassChoice| {
        line.given
            .iter()
            .any(|given| given.assignment == store::AssignmentRow::id_of(&line.run.id, &class.id))
    };
    let classes = classes.iter().filter(|class| own.as_ref().is_none_or(|own| *own == class.id));
    let typed = told.due.as_ref().filter(|(run, _)| *run == line.run.id);
    RunItem {
        what: fill(text, &[("class", &class), ("n", &copies)]),
        at: line.printed_ms.map(|at| fill(w.run_at, &[("date", &dates::minute(at, locale))])),
        given: given.collect(),
        classes: classes.filter(|class| !has(class)).cloned().collect(),
        due: typed.map_or_else(|| due.to_owned(), |(_, due)| due.clone()),
        id: line.run.id,
    }
}

/// The artwork of a page, as a picture.
pub(crate) async fn page(
    State(web): State<Web>,
    teacher: Teacher,
    Path((school, id, version, page)): Path<(String, String, u32, u32)>,
) -> Result<Response, Failure> {
    let school = school_of(&web, &teacher, &school).await?;
    let mut files = files_of(&web, &school, &id, version).await?;
    let at = usize::try_from(page).ok().and_then(|page| page.checked_sub(1));
    let at = at.filter(|at| *at < files.artwork.len()).ok_or(Failure::NotFound)?;
    Ok(crate::routes::artwork::picture(files.artwork.swap_remove(at)))
}

/// The text that it was made from, as a file.
pub(crate) async fn text(
    State(web): State<Web>,
    teacher: Teacher,
    Path((school, id, version)): SheetPath,
) -> Result<Response, Failure> {
    let school = school_of(&web, &teacher, &school).await?;
    let files = files_of(&web, &school, &id, version).await?;
    let text = files.sources.into_iter().find(|(name, _)| name == "worksheet.txt");
    let (_, text) = text.ok_or(Failure::NotFound)?;
    let (name, ascii) = names(&web, &teacher, (&id, version), "txt").await?;
    Ok(file(&name, &ascii, "text/plain; charset=utf-8", text))
}

/// All files, as an archive.
pub(crate) async fn archive(
    State(web): State<Web>,
    teacher: Teacher,
    Path((school, id, version)): SheetPath,
) -> Result<Response, Failure> {
    let school = school_of(&web, &teacher, &school).await?;
    let files = files_of(&web, &school, &id, version).await?;
    let (name, ascii) = names(&web, &teacher, (&id, version), "zip").await?;
    let bytes = web.apart(move || zipped(&id, &folder(files))).await?.map_err(|error| {
        tracing::error!(%error, "an archive could not be written");
        Failure::Internal
    })?;
    Ok(file(&name, &ascii, "application/zip", bytes))
}

/// The names of a file of a version, for people and in ASCII.
async fn names(
    web: &Web,
    teacher: &Teacher,
    (id, version): (&str, u32),
    ending: &str,
) -> Result<(String, String), Failure> {
    let sheet = web.worksheet(id, version).await?;
    let title = teacher.visitor.locale.pick(&sheet.title_zh, &sheet.title_en);
    let name = export::file_name(&[title, &format!("v{version}")], ending);
    Ok((name, format!("worksheet-v{version}.{ending}")))
}

/// A folder of files as an archive; the same files give the same bytes.
fn zipped(folder: &str, files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, zip::result::ZipError> {
    use std::io::{Cursor, Write};
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in files {
        archive.start_file(format!("{folder}/{name}"), options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// A file to be kept by who asked for it, with a name for people and one in ASCII.
pub(crate) fn file(name: &str, ascii: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    let disposition = export::disposition(name, ascii);
    let headers =
        [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, bytes).into_response()
}
