//! Marked pages as they stand, as PDF: one page of paper per page, pupil by pupil.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use attribution::Roles;
use printing::{Booklet, Drawing, Fonts, Piece};
use store::{AssignmentHead, PaperView, PupilName, Source, Store};
use worksheet::{Page, Part, Question, Rect, Score, Worksheet};

use crate::paper::{Anchor, DARK, MM, MUTED, Overlay, UM, Written, lacking_line};
use crate::sheet::{Asked, GLYPH, Glyph, Sheet, plain_ink};
use crate::strokes::{PageRoles, marks};
use crate::{ExportError, Language, Sign, Told, moment};

/// The marked pages of an assignment, read from the store and ready to be drawn.
pub struct MarkedPages {
    head: AssignmentHead,
    worksheet: Arc<Worksheet>,
    language: Language,
    pupils: Vec<Marked>,
    /// Pupils who wrote nothing.
    missing: usize,
}

impl std::fmt::Debug for MarkedPages {
    /// Leaves names and ink out, so that they reach no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MarkedPages").field("assignment", &self.head.id).finish_non_exhaustive()
    }
}

/// One pupil's pages.
struct Marked {
    pupil: PupilName,
    pages: Vec<(u32, PaperView, Written)>,
}

impl MarkedPages {
    /// Reads the pages of all pupils who wrote, or those of one; `None` where the assignment does not
    /// concern that one. What is read is as large as the class and its pages.
    ///
    /// # Errors
    /// Where the store refuses.
    pub async fn load(
        store: &Store,
        head: AssignmentHead,
        worksheet: Arc<Worksheet>,
        pupil: Option<&str>,
        language: Language,
    ) -> Result<Option<Self>, ExportError> {
        let view = store.matrix(&head).await?;
        let mut pupils = Vec::new();
        let mut missing = 0;
        for name in view.pupils {
            let wrote = view.papers.iter().any(|paper| paper.pupil == name.id);
            match pupil {
                Some(wanted) if wanted != name.id => continue,
                None if !wrote => {
                    missing += 1;
                    continue;
                }
                _ => {}
            }
            let marked = Marked::load(store, &head, &worksheet, name).await?;
            pupils.extend(marked);
        }
        let found = pupil.is_none() || !pupils.is_empty();
        Ok(found.then_some(Self { head, worksheet, language, pupils, missing }))
    }

    /// Pupils of the class who wrote nothing and have no page.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// The name of the file: class, title and day, and one pupil's number, but no name.
    #[must_use]
    pub fn file_name(&self) -> String {
        let language = self.language;
        let number = match self.pupils.as_slice() {
            [only] if self.missing == 0 => match language {
                Language::Zh => format!("{} 号", only.pupil.number),
                Language::En => format!("No. {}", only.pupil.number),
            },
            _ => String::new(),
        };
        let title = language.pick(&self.worksheet.title_zh, &self.worksheet.title_en);
        let class = language.pick(&self.head.class_zh, &self.head.class_en);
        let day = moment::day(self.head.assigned_ms);
        crate::file_name(&[class, title, &day, &number, language.pick("答卷", "papers")], "pdf")
    }

    /// The file. It takes its time: not for an async thread.
    ///
    /// # Errors
    /// Where artwork cannot be drawn, or has a character that no font has.
    pub fn pdf(&self, fonts: &Fonts) -> Result<Told, ExportError> {
        let names: String = self.pupils.iter().map(|marked| marked.pupil.name.as_str()).collect();
        let texts = [&names, &self.head.class_zh, &self.worksheet.title_zh];
        let lacking = fonts.lacking(&texts.map(String::as_str).concat());
        let mut booklet = Booklet::new(fonts);
        let mut artwork: HashMap<u32, Drawing> = HashMap::new();
        for page in &self.worksheet.pages {
            let size = (page.width_um, page.height_um);
            artwork.insert(page.number, booklet.shared(&page.artwork, size)?);
        }
        for marked in &self.pupils {
            for (number, view, written) in &marked.pages {
                let page = self.worksheet.pages.iter().find(|page| page.number == *number);
                let (Some(page), Some(artwork)) = (page, artwork.get(number)) else { continue };
                let size = (page.width_um, page.height_um);
                let mut overlay = Overlay::new(size, fonts, &lacking);
                self.draw(&mut overlay, page, &marked.pupil, view, written);
                let own: Vec<char> =
                    lacking.iter().copied().filter(|c| marked.pupil.name.contains(*c)).collect();
                let line = lacking_line(&own, self.language);
                let (right, low) = (size.0 / UM - 11 * MM, size.1 / UM - 4 * MM);
                overlay.text((right, low), 2 * MM + 20, Anchor::End, MUTED, right, &line);
                let overlay = booklet.drawing(&overlay.finish(), size)?;
                let piece = |drawing| Piece { drawing, cut_um: None, at_um: (0, 0) };
                booklet.page(size, &[piece(artwork), piece(&overlay)])?;
            }
        }
        if booklet.pages() == 0 {
            nobody(&mut booklet, fonts, self.language)?;
        }
        let pages = booklet.pages();
        let title = self.language.pick(&self.worksheet.title_zh, &self.worksheet.title_en);
        Ok(Told { bytes: booklet.finish(title)?, pages, lacking })
    }

    /// Ink, signs, and above all of it whose page it is and what it earned.
    fn draw(
        &self,
        overlay: &mut Overlay<'_>,
        page: &Page,
        pupil: &PupilName,
        view: &PaperView,
        written: &Written,
    ) {
        let strokes = written.strokes();
        let none = Roles::default();
        let parts = view.responses.iter().map(|r| (r.part.as_str(), &r.strokes));
        let roles = PageRoles::new(parts, view.paper.as_ref().map_or(&none, |facts| &facts.loose));
        let marks = marks(&strokes, &roles, None);
        let sheet = Sheet::new(page, String::new(), marks, self.asked(page, view));
        overlay.put(&plain_ink(&sheet.marks));
        for glyph in &sheet.glyphs {
            overlay.put(&sign(glyph));
        }
        self.heading(overlay, page, pupil, view);
    }

    fn heading(&self, overlay: &mut Overlay<'_>, page: &Page, pupil: &PupilName, view: &PaperView) {
        let language = self.language;
        let (left, right) = (11 * MM, page.width_um / UM - 11 * MM);
        let bearer = match language {
            Language::Zh => format!("{} 号　{}", pupil.number, pupil.name),
            Language::En => format!("No. {}  {}", pupil.number, pupil.name),
        };
        let half = (right - left) / 2;
        overlay.text((left, 8 * MM + 50), 3 * MM + 80, Anchor::Start, DARK, half, &bearer);
        let class = language.pick(&self.head.class_zh, &self.head.class_en);
        let mut note = format!("{class}　{}", moment::day(self.head.assigned_ms));
        let state = match &view.paper {
            None => language.pick("未交", "missing"),
            Some(facts) if facts.handed_in_ms.is_some() => language.pick("已交", "handed in"),
            Some(facts) if facts.handed_in => language.pick("已收", "settled"),
            Some(_) => language.pick("暂定", "provisional"),
        };
        let _ = write!(note, "　{state}");
        overlay.text((left, 12 * MM + 20), 2 * MM + 30, Anchor::Start, MUTED, half, &note);
        let points = self.points(page, view);
        let colour = "#c8102e";
        overlay.text((right, 9 * MM), 4 * MM + 60, Anchor::End, colour, half, &points);
        if self.worksheet.pages.len() > 1 {
            let whole = self.worksheet.earned(|part| of_part(view, part));
            let whole = whole.map_or_else(|| "–".to_owned(), |score| score.to_string());
            let all = self.worksheet.points();
            let (n, pages) = (page.number, self.worksheet.pages.len());
            let whole = match language {
                Language::Zh => format!("第 {n} / {pages} 页　整份 {whole} / {all} 分"),
                Language::En => format!("page {n} of {pages}  in all {whole} / {all}"),
            };
            overlay.text((right, 12 * MM + 20), 2 * MM + 30, Anchor::End, MUTED, half, &whole);
        }
    }

    /// `35 / 60 分`: what the page earned.
    fn points(&self, page: &Page, view: &PaperView) -> String {
        let on_page = || self.worksheet.questions_on(page.number);
        let earned = on_page().filter_map(|q| q.earned(|part| of_part(view, part)));
        let earned = earned.reduce(|a, b| Score(a.0 + b.0));
        let earned = earned.map_or_else(|| "–".to_owned(), |score| score.to_string());
        let all = Score(on_page().map(|question| question.points().0).sum());
        let waits = view.responses.iter().filter(|response| response.wanted.is_some()).count();
        match (self.language, waits) {
            (Language::Zh, 0) => format!("{earned} / {all} 分"),
            (Language::En, 0) => format!("{earned} / {all}"),
            (Language::Zh, n) => format!("{earned} / {all} 分，另有 {n} 处待定"),
            (Language::En, n) => format!("{earned} / {all} with {n} undecided"),
        }
    }

    /// The questions of a page that have a sign.
    fn asked(&self, page: &Page, view: &PaperView) -> Vec<Asked> {
        let settled = view.paper.as_ref().is_some_and(|facts| facts.settled);
        let parts = self.worksheet.questions_on(page.number).flat_map(Question::each);
        let asked = parts.filter_map(|of| {
            let response = view.responses.iter().find(|r| r.part == of.part.id)?;
            let sign = Sign::of(response.verdict, response.wanted);
            // Where somebody still writes, an empty field says nothing.
            if sign == Sign::Blank && !settled && response.source == Some(Source::Machine) {
                return None;
            }
            Some(Asked {
                question: of.part.id.clone(),
                sign,
                provisional: !settled && !sign.waits(),
                title: String::new(),
                field: Rect::around(of.part.rects())?,
            })
        });
        asked.collect()
    }
}

impl Marked {
    /// `None` where the assignment does not concern the pupil any more.
    async fn load(
        store: &Store,
        head: &AssignmentHead,
        worksheet: &Worksheet,
        pupil: PupilName,
    ) -> Result<Option<Self>, ExportError> {
        let numbers: Vec<u32> = worksheet.pages.iter().map(|page| page.number).collect();
        let papers: Vec<(&str, u32)> = numbers.iter().map(|page| (&*pupil.id, *page)).collect();
        let mut drawn = store.drawn_ink(head, &papers).await?;
        let mut pages = Vec::new();
        for page in numbers {
            let Some(view) = store.paper(head, &pupil.id, page).await? else { return Ok(None) };
            let written = match &view.paper {
                Some(facts) => {
                    let drawn = drawn.remove(&(pupil.id.clone(), page));
                    Written::load(store, head, (&pupil.id, page), facts, drawn).await?
                }
                None => Written::nothing(),
            };
            pages.push((page, view, written));
        }
        Ok(Some(Self { pupil, pages }))
    }
}

fn of_part(view: &PaperView, part: &Part) -> Option<Score> {
    view.scores.iter().find(|(id, _)| *id == part.id).map(|(_, tenths)| Score(*tenths))
}

/// A sign on its square; dashed where the paper may still change.
fn sign(glyph: &Glyph) -> String {
    let (colour, tint) = glyph.sign.colours();
    let Glyph { x, y, .. } = *glyph;
    let dashed = if glyph.provisional {
        format!("stroke=\"{colour}\" stroke-width=\"22\" stroke-dasharray=\"60 45\"")
    } else {
        String::new()
    };
    let solid = format!("fill=\"{colour}\" stroke=\"none\"");
    let drawing = glyph.sign.drawing().replace("class=\"solid\"", &solid);
    let scale = f64::from(GLYPH - 120) / 16.0;
    format!(
        "<rect x=\"{x}\" y=\"{y}\" width=\"{GLYPH}\" height=\"{GLYPH}\" rx=\"90\" fill=\"{tint}\" {dashed}/>\
         <g transform=\"translate({} {}) scale({scale})\" fill=\"none\" stroke=\"{colour}\" \
         stroke-width=\"2.2\" stroke-linecap=\"round\" stroke-linejoin=\"round\">{drawing}</g>",
        x + 60,
        y + 60,
    )
}

/// The page of a file that would have none.
fn nobody(booklet: &mut Booklet<'_>, fonts: &Fonts, language: Language) -> Result<(), ExportError> {
    let size = (210_000, 297_000);
    let mut overlay = Overlay::new(size, fonts, &[]);
    let text = language.pick("还没有人写这份作业。", "Nobody has written on this assignment yet.");
    overlay.text((105 * MM, 60 * MM), 5 * MM, Anchor::Middle, DARK, 180 * MM, text);
    let drawing = booklet.drawing(&overlay.finish(), size)?;
    booklet.page(size, &[Piece { drawing: &drawing, cut_um: None, at_um: (0, 0) }])?;
    Ok(())
}

#[cfg(test)]
mod tests;
