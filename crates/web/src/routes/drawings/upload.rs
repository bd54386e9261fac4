//! The upload of a PDF: read off the async threads, a few at a time, and within a time.

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pdf_sheet::{BYTES_MAX, PdfFault, PdfPage, Stop};
use store::{DrawingPage, NewDrawing};
use tokio::sync::{Semaphore, oneshot};
use worksheet::drawn::Drawing;
use worksheet::is_printable;

use super::show::Found;
use crate::auth::token;
use crate::failure::Failure;
use crate::page::html;
use crate::routes::sheets::school_of;
use crate::session::Teacher;
use crate::state::Web;
use crate::words::drawing::{DrawingWords, fault};

/// Files that are read at the same time; each may take some hundred megabytes.
static READERS: Semaphore = Semaphore::const_new(2);
/// How long a file may take to come in.
const SENT_WITHIN: Duration = Duration::from_secs(120);
/// How long an upload waits until one of them is done.
const TURN_WITHIN: Duration = Duration::from_secs(20);
/// How long reading may take; then it is stopped.
const READ_WITHIN: Duration = Duration::from_secs(60);
/// Bytes of a request: more than a file may have, so that a larger one is refused with words.
pub(crate) const REQUEST_MAX: usize = 3 * BYTES_MAX;

/// Takes a file, and shows its draft.
pub(crate) async fn upload(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
    mut request: Request,
) -> Result<Response, Failure> {
    let school = school_of(&web, &teacher, &school).await?;
    DefaultBodyLimit::max(REQUEST_MAX).apply(&mut request);
    let form = Multipart::from_request(request, &()).await.map_err(|_| Failure::BadRequest)?;
    let locale = teacher.visitor.locale;
    let w = DrawingWords::of(locale);
    let sent = tokio::time::timeout(SENT_WITHIN, file(form)).await;
    let read = match sent {
        Err(_) => Err(w.late.to_owned()),
        Ok(Ok((_, bytes))) if bytes.is_empty() => Err(w.no_file.to_owned()),
        Ok(Ok((name, bytes))) => match read(bytes).await {
            Ok(pages) => Ok((name, pages)),
            Err(Unread::Busy) => Err(w.busy.to_owned()),
            Err(Unread::Slow) => Err(w.slow.to_owned()),
            Err(Unread::Fault(why)) => Err(fault(&why, locale)),
        },
        Ok(Err(why)) => Err(fault(&why, locale)),
    };
    let refused = match read {
        Ok((name, pages)) => {
            let drawing = new(&web, &teacher, &name, &pages)?;
            let path = format!("{}/{}", super::path(&school), drawing.id);
            if web.store.begin_drawing(&school, drawing).await? {
                return Ok(Redirect::to(&path).into_response());
            }
            w.full.to_owned()
        }
        Err(said) => said,
    };
    let page = html(&super::list_page(&web, &teacher, &school, Some(refused)).await?)?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// The name and bytes of the file of a form; nothing where none was chosen. A file that is too large
/// is read to its end, so that the browser hears why it was refused.
async fn file(mut form: Multipart) -> Result<(String, Vec<u8>), PdfFault> {
    let mb = |bytes: usize| bytes.div_ceil(1 << 20);
    let large = |bytes| PdfFault::TooLarge { mb: mb(bytes), limit_mb: mb(BYTES_MAX) };
    while let Some(mut field) = form.next_field().await.map_err(|_| large(REQUEST_MAX))? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let (mut bytes, mut size) = (Vec::new(), 0);
        while let Some(part) = field.chunk().await.map_err(|_| large(REQUEST_MAX))? {
            size += part.len();
            if size <= BYTES_MAX {
                bytes.extend_from_slice(&part);
            }
        }
        return if size > BYTES_MAX { Err(large(size)) } else { Ok((name, bytes)) };
    }
    Ok((String::new(), Vec::new()))
}

/// Why a file was not read.
enum Unread {
    Busy,
    Slow,
    Fault(PdfFault),
}

/// Stops a reading when nobody waits for it any longer.
struct Left(Stop);

impl Drop for Left {
    fn drop(&mut self) {
        self.0.stop();
    }
}

async fn read(bytes: Vec<u8>) -> Result<Vec<PdfPage>, Unread> {
    let turn = tokio::time::timeout(TURN_WITHIN, READERS.acquire()).await;
    let Ok(Ok(turn)) = turn else { return Err(Unread::Busy) };
    let stop = Stop::default();
    let _left = Left(stop.clone());
    let (told, reading) = oneshot::channel();
    // A thread that nobody joins: the service's end waits for those of the runtime.
    let reader = std::thread::Builder::new().name("pdf-turn".to_owned()).spawn(move || {
        let pages = pdf_sheet::read(bytes, stop);
        drop(turn);
        // Nobody hears it where the browser has left.
        drop(told.send(pages));
    });
    if reader.is_err() {
        return Err(Unread::Busy);
    }
    match tokio::time::timeout(READ_WITHIN, reading).await {
        Err(_) => Err(Unread::Slow),
        Ok(Err(_)) => Err(Unread::Fault(PdfFault::Broken)),
        Ok(Ok(pages)) => pages.map_err(Unread::Fault),
    }
}

/// A draft of these pages. The file's name is its title, until somebody types another.
fn new(web: &Web, teacher: &Teacher, name: &str, pages: &[PdfPage]) -> Result<NewDrawing, Failure> {
    let stem = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = stem.strip_suffix(".pdf").or_else(|| stem.strip_suffix(".PDF")).unwrap_or(stem);
    let title: String =
        stem.chars().filter(|c| !c.is_control() && is_printable(*c)).take(60).collect();
    let drawing =
        Drawing { title: title.clone(), subject: "math".to_owned(), ..Drawing::default() };
    let page = |page: &PdfPage| {
        let found = Found { spots: page.spots.clone(), notes: page.notes.clone() };
        Ok(DrawingPage {
            width_um: page.width_um,
            height_um: page.height_um,
            svg: page.artwork.clone(),
            found: json(&found)?,
        })
    };
    let id = token::text((web.sources.random)())[..16].to_owned();
    Ok(NewDrawing {
        staff: teacher.staff.id.clone(),
        title,
        content: json(&drawing)?,
        worksheet: format!("{}{id}", super::WORKSHEET),
        id,
        pages: pages.iter().map(page).collect::<Result<_, Failure>>()?,
        at_ms: web.wall_ms(),
    })
}

/// A value as it is stored.
pub(super) fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| {
        tracing::error!(%error, "a drawing cannot be written");
        Failure::Internal
    })
}
