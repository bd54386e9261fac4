//! What parents see of their child's paper, behind a link that opens on one device.
//!
//! Looking at a link binds it to nothing, so that a preview in a chat does not use it up; the button
//! on the page does. Nothing here needs a script, and nothing names another pupil.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use export::sheet::{Asked, Sheet};
use export::{Sign, strokes};
use ink::drawn::DrawnStroke;
use store::{AssignmentHead, PaperView, ParentView, ResponseView, Source, TokenHash};
use worksheet::{Page, PartOf, Question, Worksheet};

use super::{artwork, decide, paper, parents};
use crate::auth::limit::Try;
use crate::auth::token;
use crate::client::ClientKey;
use crate::failure::Failure;
use crate::page::parents::{AgainItem, ParentGate, ParentPage, ParentSheet};
use crate::page::{html, tick};
use crate::session::{Visitor, cookie};
use crate::sign::SignWord;
use crate::state::Web;
use crate::words::parents::ParentsWords;
use crate::words::{self, Locale, fill};

/// What a browser may do here: show, and send the two forms.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
    base-uri 'none'; object-src 'none'; frame-ancestors 'none'";
/// How long a device is known, seconds: longer than any link works.
const DEVICE_S: i64 = 180 * 86_400;

/// The cookie by which a device is known. It opens nothing without a link.
fn cookie_name(web: &Web) -> &'static str {
    if web.config.secure_cookies { "__Host-zhibi-home" } else { "zhibi-home" }
}

/// No search engine keeps these pages, and no script runs on them.
fn closed(answer: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow, noarchive"),
    ];
    (headers, answer).into_response()
}

fn gate(
    visitor: &Visitor,
    status: StatusCode,
    (heading, help): (&'static str, String),
    open: Option<(String, &'static str)>,
) -> Result<Response, Failure> {
    let layout = visitor.layout(heading, Vec::new());
    let page = html(&ParentGate { layout, heading, help, open })?;
    Ok(closed((status, page)))
}

/// What became of a link's token.
enum Found {
    Link(ParentView),
    /// Unknown, ended, taken back: one answer for all.
    Not(Response),
}

async fn find(
    web: &Web,
    visitor: &Visitor,
    client: Option<Extension<ClientKey>>,
    token: &str,
) -> Result<Found, Failure> {
    let w = ParentsWords::of(visitor.locale);
    let tried = Try::link(client.map(|Extension(client)| client));
    let now_ms = web.wall_ms();
    let limiter = || web.limiter.lock().unwrap_or_else(PoisonError::into_inner);
    let taken = limiter().take(&tried, now_ms);
    if let Err(wait_ms) = taken {
        let wait_s = (wait_ms + 999) / 1_000;
        let help = fill(w.wait_help, &[("n", &wait_s)]);
        return gate(visitor, StatusCode::TOO_MANY_REQUESTS, (w.wait, help), None).map(Found::Not);
    }
    match web.store.parent_view(token::hash(token), now_ms).await? {
        Some(view) => {
            limiter().take_back(&tried);
            Ok(Found::Link(view))
        }
        None => {
            let words = (w.void, w.void_help.to_owned());
            gate(visitor, StatusCode::GONE, words, None).map(Found::Not)
        }
    }
}

/// The token of the device that asks, and its hash.
fn device(web: &Web, headers: &HeaderMap) -> Option<(String, TokenHash)> {
    let token = cookie::read(headers, cookie_name(web))?;
    let is_ours = token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_ours.then(|| (token.to_owned(), token::hash(token)))
}

fn other_device(visitor: &Visitor) -> Result<Response, Failure> {
    let w = ParentsWords::of(visitor.locale);
    let words = (w.other_device, w.other_device_help.to_owned());
    gate(visitor, StatusCode::FORBIDDEN, words, None)
}

pub(crate) async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    client: Option<Extension<ClientKey>>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    let view = match find(&web, &visitor, client, &token).await? {
        Found::Link(view) => view,
        Found::Not(answer) => return Ok(answer),
    };
    let w = ParentsWords::of(visitor.locale);
    match view.device {
        None => {
            let open = Some((format!("/p/{token}"), w.gate_open));
            gate(&visitor, StatusCode::OK, (w.gate_title, w.gate_help.to_owned()), open)
        }
        Some(bound) if device(&web, &headers).is_some_and(|(_, own)| own == bound) => {
            let ParentView { head, pupil, expires_ms, .. } = view;
            page(&web, &visitor, Shown { head, pupil, expires_ms, token: Some(token) }).await
        }
        Some(_) => other_device(&visitor),
    }
}

pub(crate) async fn open(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    client: Option<Extension<ClientKey>>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    if let Found::Not(answer) = find(&web, &visitor, client, &token).await? {
        return Ok(answer);
    }
    let (device, hash) = device(&web, &headers).unwrap_or_else(|| {
        let token = token::text((web.sources.random)());
        let hash = token::hash(&token);
        (token, hash)
    });
    if !web.store.open_parent_link(token::hash(&token), hash, web.wall_ms()).await? {
        return other_device(&visitor);
    }
    let cookie = cookie::set(&web, cookie_name(&web), &device, DEVICE_S);
    let to = [(header::LOCATION, format!("/p/{token}"))];
    Ok((StatusCode::SEE_OTHER, AppendHeaders([cookie]), to).into_response())
}

/// The artwork of a page, for the device that opened the link.
pub(crate) async fn sheet(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    client: Option<Extension<ClientKey>>,
    headers: HeaderMap,
    Path((token, page)): Path<(String, u32)>,
) -> Result<Response, Failure> {
    let Found::Link(view) = find(&web, &visitor, client, &token).await? else {
        return Err(Failure::NotFound);
    };
    let own = device(&web, &headers).map(|(_, own)| own);
    if view.device.is_none() || view.device != own {
        return Err(Failure::NotFound);
    }
    artwork::of_page(&web, &view.head.worksheet, view.head.version, page).await
}

/// What is shown of a paper.
pub(super) struct Shown {
    pub(super) head: AssignmentHead,
    pub(super) pupil: String,
    pub(super) expires_ms: i64,
    /// Of the link; `None`: the teacher looks.
    pub(super) token: Option<String>,
}

/// The page for parents.
pub(super) async fn page(web: &Web, visitor: &Visitor, shown: Shown) -> Result<Response, Failure> {
    let Shown { head, pupil, expires_ms, token } = shown;
    let locale = visitor.locale;
    let w = ParentsWords::of(locale);
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let (mut pages, mut again, mut name) = (Vec::new(), Vec::new(), String::new());
    let (mut looking, mut marked) = (0, 0);
    for size in &worksheet.pages {
        let view = web.store.paper(&head, &pupil, size.number).await?.ok_or(Failure::NotFound)?;
        name.clone_from(&view.pupil.name);
        let drawn = match &view.paper {
            Some(facts) => paper::strokes_of(web, &head, &pupil, size.number, facts).await?,
            None => Vec::new(),
        };
        let artwork = match &token {
            Some(token) => format!("/p/{token}/sheet/{}", size.number),
            None => artwork::href(&head.worksheet, head.version, size.number),
        };
        let of = OfPage { worksheet: &worksheet, size, view: &view, artwork, drawn };
        let read = of.read(locale);
        looking += read.looking;
        marked += read.marked;
        again.extend(read.again);
        pages.push(read.sheet);
    }
    let ink = pages.iter().any(|page| page.has_ink);
    let next = next(&worksheet, &again, (ink && looking == 0 && marked > 0, ink), locale);
    let title = locale.pick(&worksheet.title_zh, &worksheet.title_en).to_owned();
    let class = locale.pick(&head.class_zh, &head.class_en).to_owned();
    let page = ParentPage {
        w,
        practised: practised(&worksheet, locale),
        again_none: if ink && looking == 0 && marked > 0 { w.again_none } else { w.again_wait },
        again: again.into_iter().map(|(_, item)| item).collect(),
        next,
        preview: token.is_none(),
        pages,
        note: fill(w.note, &[("date", &parents::until(expires_ms, locale))]),
        layout: visitor.layout(fill(w.heading, &[("name", &name)]), Vec::new()),
        name,
        title,
        class,
    };
    Ok(closed(html(&page)?))
}

/// The knowledge points that the sheet asks for, in printed order.
fn practised(worksheet: &Worksheet, locale: Locale) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for id in worksheet.questions.iter().flat_map(|question| &question.knowledge_points) {
        let point = worksheet.knowledge_points.iter().find(|point| point.id == *id);
        let Some(point) = point else { continue };
        let name = locale.pick(&point.zh, &point.en);
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// One friendly step: the knowledge point that most of what is worth another look belongs to.
fn next(
    worksheet: &Worksheet,
    again: &[(String, AgainItem)],
    (all_right, ink): (bool, bool),
    locale: Locale,
) -> String {
    let w = ParentsWords::of(locale);
    if again.is_empty() {
        let words = if all_right { w.next_right } else { w.next_wait };
        return if ink { words } else { w.no_ink }.to_owned();
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (question, _) in again {
        let points = worksheet.question(question).map_or(&[][..], |q| &q.knowledge_points[..]);
        for point in points {
            *counts.entry(point.as_str()).or_default() += 1;
        }
    }
    // Of several the first of the sheet.
    let points = worksheet.knowledge_points.iter().rev();
    let most = points.max_by_key(|point| counts.get(point.id.as_str()));
    match most.filter(|point| counts.contains_key(point.id.as_str())) {
        Some(point) => fill(w.next_point, &[("point", &locale.pick(&point.zh, &point.en))]),
        None => w.next_any.to_owned(),
    }
}

/// A page of a paper with its ink.
struct OfPage<'a> {
    worksheet: &'a Worksheet,
    size: &'a Page,
    view: &'a PaperView,
    artwork: String,
    drawn: Vec<DrawnStroke>,
}

/// What is made of a page.
struct Read {
    sheet: ParentSheet,
    /// Parts at which the teacher is still looking, and those that are marked.
    looking: u32,
    marked: u32,
    /// What is worth another look, by question.
    again: Vec<(String, AgainItem)>,
}

impl OfPage<'_> {
    fn read(&self, locale: Locale) -> Read {
        let (w, common) = (ParentsWords::of(locale), locale.words());
        let settled = self.view.paper.as_ref().is_some_and(|facts| facts.settled);
        let (mut asked, mut again) = (Vec::new(), Vec::new());
        let (mut looking, mut marked) = (0, 0);
        for of in self.worksheet.questions_on(self.size.number).flat_map(Question::each) {
            let response = self.view.responses.iter().find(|r| r.part == of.part.id);
            let Some(response) = response else { continue };
            let Some(sign) = told(response, settled) else {
                // Where nothing is written yet, there is nothing to look at.
                looking += u32::from(!response.strokes.is_empty());
                continue;
            };
            marked += 1;
            let label = words::part(&of, common);
            asked.push(Asked {
                question: of.part.id.clone(),
                sign,
                provisional: false,
                title: format!("{label} · {}", sign.word(common)),
                field: paper::field(of),
            });
            if sign != Sign::Right {
                again.push((of.question.id.clone(), self.again(of, response, sign, label)));
            }
        }
        let marks = strokes::marks(&self.drawn, &paper::roles(self.view), None);
        let has_ink = !marks.is_empty();
        let several = self.worksheet.pages.len() > 1;
        let heading =
            if several { fill(w.page_n, &[("n", &self.size.number)]) } else { w.page.to_owned() };
        // Ink that nobody has marked yet is looked at too.
        let unmarked = has_ink && self.view.responses.is_empty();
        let looking_words = match looking {
            0 => unmarked.then(|| w.looking.to_owned()),
            n => Some(fill(w.looking_n, &[("n", &n)])),
        };
        looking += u32::from(unmarked);
        let sheet = Sheet::new(self.size, self.artwork.clone(), marks, asked);
        let sheet = ParentSheet { heading, sheet, has_ink, looking: looking_words };
        Read { sheet, looking, marked, again }
    }

    fn again(
        &self,
        of: PartOf<'_>,
        response: &ResponseView,
        sign: Sign,
        label: String,
    ) -> AgainItem {
        let written = sign != Sign::Blank && !response.strokes.is_empty();
        let crop = written.then(|| {
            let artwork = self.artwork.clone();
            decide::cut((self.size, artwork), &self.drawn, (of, &response.strokes), true)
        });
        let answer = of.answer().as_deref().map(tick);
        AgainItem {
            label,
            prompt: tick(&of.question.prompt),
            sign,
            crop,
            example: answer.is_none(),
            answer: answer.or_else(|| of.part.model_answer.clone()),
        }
    }
}

/// The sign of what is certain: settled, or decided by a person. `None`: somebody still looks.
fn told(response: &ResponseView, settled: bool) -> Option<Sign> {
    let by_person = matches!(response.source, Some(Source::Screen | Source::Red));
    let sign = Sign::of(response.verdict, response.wanted);
    ((settled || by_person) && !sign.waits()).then_some(sign)
}
