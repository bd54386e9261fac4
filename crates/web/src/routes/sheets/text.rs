//! A worksheet from a text that is written in the browser.

use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use store::{NewWorksheet, StoreError, WorksheetSchool};
use worksheet::text::{Draft, Fault, with_version};
use worksheet::{Framework, Mental, Worksheet};

use super::one::path;
use super::{crumbs, school_of};
use crate::failure::Failure;
use crate::page::html;
use crate::page::sheets::{FaultItem, Preview, SheetTextPage};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::sheets::SheetsWords;
use crate::words::{Locale, fill};

/// A sheet to begin with, in each language.
const EXAMPLE_ZH: &str = include_str!("text/example.zh.txt");
const EXAMPLE_EN: &str = include_str!("text/example.en.txt");

/// As the pages' own policy, but for previews: pictures that are in the page's text. A picture runs
/// nothing and loads nothing.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    object-src 'none'; frame-ancestors 'none'";

/// What to begin with: a stored version, or a sheet of mental arithmetic.
#[derive(Deserialize, Default)]
pub(crate) struct Begin {
    from: Option<String>,
    version: Option<String>,
    grade: Option<String>,
    seed: Option<String>,
    count: Option<String>,
}

impl Begin {
    /// The version that it names.
    fn stored(&self) -> Option<(String, u32)> {
        Some((self.from.clone()?, self.version.as_ref()?.parse().ok()?))
    }

    fn mental(&self) -> Option<String> {
        let number = |text: &Option<String>| text.as_ref()?.trim().parse::<u32>().ok();
        let grade = u8::try_from(number(&self.grade)?).ok()?;
        let seed = number(&self.seed)?.into();
        let count = usize::try_from(number(&self.count)?).ok()?;
        Mental { grade, seed, count }.text()
    }
}

#[derive(Deserialize)]
pub(crate) struct Written {
    #[serde(default)]
    text: String,
    /// `save`; anything else checks.
    #[serde(rename = "do", default)]
    act: String,
    #[serde(flatten)]
    begin: Begin,
}

/// Names and bytes of files beside a text.
type Sources = Vec<(String, Vec<u8>)>;

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Query(begin): Query<Begin>,
) -> Result<Response, Failure> {
    let school = school_of(&web, &teacher, &school).await?;
    let locale = teacher.visitor.locale;
    let mut page = page(&teacher, &school, locale.pick(EXAMPLE_ZH, EXAMPLE_EN).to_owned());
    if let Some(from) = begin.stored() {
        let sources = sources(&web, &school, &from).await?;
        match sources.into_iter().find(|(name, _)| name == "worksheet.txt") {
            Some((_, text)) => {
                page.text = String::from_utf8_lossy(&text).into_owned();
                page.from = Some(from);
            }
            None => page.said = Some(page.w.text_none),
        }
    } else if let Some(text) = begin.mental() {
        page.text = text;
    }
    answer(StatusCode::OK, &page)
}

fn page(teacher: &Teacher, school: &WorksheetSchool, text: String) -> SheetTextPage {
    let locale = teacher.visitor.locale;
    let w = SheetsWords::of(locale);
    let mut layout = teacher.visitor.layout(w.text_title, crumbs(school, locale, w.text_title));
    layout.here = format!("/school/{}/worksheets/new", school.id);
    let (faults, doubts) = (Vec::new(), Vec::new());
    let school = school.id.clone();
    SheetTextPage { layout, w, school, text, from: None, said: None, faults, doubts, preview: None }
}

fn answer(status: StatusCode, page: &SheetTextPage) -> Result<Response, Failure> {
    let policy = (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok((status, [policy], html(page)?).into_response())
}

/// What a stored version was made from.
async fn sources(
    web: &Web,
    school: &WorksheetSchool,
    (id, version): &(String, u32),
) -> Result<Sources, Failure> {
    let files = web.store.worksheet_files(school, id, *version).await?;
    Ok(files.ok_or(Failure::NotFound)?.sources)
}

/// What was made of a text.
struct Built {
    sheet: Worksheet,
    doubts: Vec<Fault>,
    /// The files that it was made from.
    sources: Sources,
}

pub(crate) async fn write(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    Form(written): Form<Written>,
) -> Result<Response, Failure> {
    let school = school_of(&web, &teacher, &school).await?;
    if written.text.trim().is_empty() {
        return Err(Failure::BadRequest);
    }
    // Browsers end the lines of a form's field with two characters.
    let text = written.text.replace("\r\n", "\n").replace('\0', "");
    let from = written.begin.stored();
    let beside = match &from {
        Some(from) => sources(&web, &school, from).await?,
        None => Vec::new(),
    };
    let locale = teacher.visitor.locale;
    let mut page = page(&teacher, &school, text.clone());
    page.from = from;
    let built = match build(&web, text.clone(), beside.clone()).await? {
        Ok(built) => built,
        Err(faults) => {
            page.faults = faults.iter().map(|fault| fault_item(fault, locale)).collect();
            return answer(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    if written.act == "save" {
        let id = save(&web, &teacher, &school, text, beside, built).await?;
        let path = path(&school, &id.id, id.version);
        return Ok(Redirect::to(&format!("{path}?saved")).into_response());
    }
    page.doubts = built.doubts.iter().map(|doubt| fault_item(doubt, locale)).collect();
    page.preview = Some(preview(&built.sheet, page.w));
    answer(StatusCode::OK, &page)
}

/// Lays a text out, off the async threads.
async fn build(
    web: &Web,
    text: String,
    beside: Sources,
) -> Result<Result<Built, Vec<Fault>>, Failure> {
    web.apart(move || {
        let framework = Framework::own();
        let draft = Draft::parse(&text, &framework)?;
        let bytes =
            |name: &str| beside.iter().find(|(of, _)| of == name).map(|(_, bytes)| bytes.clone());
        let sheet = draft.lay_out(&framework, bytes)?;
        let pictures = draft.pictures();
        let pictures = beside.iter().filter(|(name, _)| pictures.contains(name.as_str()));
        let mut sources: Sources = pictures.cloned().collect();
        sources.push(("worksheet.txt".to_owned(), text.into_bytes()));
        Ok(Built { sheet, doubts: draft.doubts(), sources })
    })
    .await
}

/// Stores a sheet; under the next version where another one is stored under that of the text.
async fn save(
    web: &Web,
    teacher: &Teacher,
    school: &WorksheetSchool,
    text: String,
    beside: Sources,
    built: Built,
) -> Result<worksheet::WorksheetId, Failure> {
    match store(web, teacher, school, built).await {
        Err(StoreError::WorksheetChanged { id, .. }) => {
            let text = with_version(&text, web.store.next_version(&id).await?);
            let built = build(web, text, beside).await?;
            let built = built.map_err(|faults| {
                tracing::error!(count = faults.len(), "a text with another version is not sound");
                Failure::Internal
            })?;
            Ok(store(web, teacher, school, built).await?)
        }
        stored => Ok(stored?),
    }
}

async fn store(
    web: &Web,
    teacher: &Teacher,
    school: &WorksheetSchool,
    built: Built,
) -> Result<worksheet::WorksheetId, StoreError> {
    let mut files = built.sheet.files().into_iter().map(|(_, text)| text);
    let new = NewWorksheet {
        school: school.id.clone(),
        // The first of a worksheet's files, before its artwork.
        toml: files.next().unwrap_or_default(),
        artwork: files.collect(),
        sources: built.sources,
        staff: Some(teacher.staff.id.clone()),
        at_ms: web.now_ms(),
    };
    let id = web.store.put_worksheet(new).await?;
    let staff = &teacher.staff.id;
    tracing::info!(staff, school = school.id, worksheet = id.id, id.version, "saved a worksheet");
    Ok(id)
}

fn fault_item(fault: &Fault, locale: Locale) -> FaultItem {
    let w = SheetsWords::of(locale);
    let (zh, en) = fault.wrong.texts();
    let (line, column) = (fault.place.line, fault.place.column);
    let place = fill(w.text_place, &[("line", &line), ("column", &column)]);
    FaultItem { line, column, place, what: locale.pick(&zh, &en).to_owned() }
}

fn preview(sheet: &Worksheet, w: &SheetsWords) -> Preview {
    let sound = fill(
        w.text_sound,
        &[
            ("questions", &sheet.questions.len()),
            ("points", &sheet.points()),
            ("pages", &sheet.pages.len()),
        ],
    );
    Preview { sound, pages: sheet.pages.iter().map(|page| picture(&page.artwork)).collect() }
}

/// Artwork as the source of a picture.
fn picture(svg: &str) -> String {
    let mut source = String::with_capacity(svg.len() * 2);
    source.push_str("data:image/svg+xml,");
    for byte in svg.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'-'
            | b'_'
            | b'.'
            | b'/'
            | b' '
            | b'='
            | b':'
            | b';'
            | b','
            | b'('
            | b')' => source.push(char::from(byte)),
            byte => source.push_str(&format!("%{byte:02X}")),
        }
    }
    source
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_are_sound() {
        for text in [EXAMPLE_ZH, EXAMPLE_EN] {
            let draft = Draft::parse(text, &Framework::own()).unwrap();
            assert_eq!(draft.doubts(), []);
            draft.lay_out(&Framework::own(), |_| None).unwrap();
        }
    }

    #[test]
    fn a_picture_is_its_artwork() {
        assert_eq!(picture("<a b=\"三%\"/>"), "data:image/svg+xml,%3Ca b=%22%E4%B8%89%25%22/%3E");
    }
}
