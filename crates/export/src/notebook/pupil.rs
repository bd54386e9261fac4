//! A notebook per pupil.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use attribution::Roles;
use printing::{Booklet, Drawing, Fonts};
use school::{Right, Scope};
use store::{AssignmentHead, PupilName, Store, WrongAnswer};
use worksheet::{Field, Page, Question, Worksheet};

use super::layout::{Block, Flow};
use super::piece::piece;
use super::{ASSIGNMENTS_MAX, ENTRIES_MAX};
use crate::paper::{Worksheets, Written, lacking_line};
use crate::results::{key, points_of};
use crate::sheet::{Bounds, Mark, plain_ink};
use crate::strokes::{PageRoles, marks};
use crate::words::blank;
use crate::{ExportError, Language, Told, moment};

/// The notebooks of one pupil or of each pupil of a class, read from the store and ready to be drawn.
pub struct Notebook {
    /// The class's name.
    class: String,
    /// Unix milliseconds: the first, and the first that is not of it.
    period_ms: (i64, i64),
    language: Language,
    pupils: Vec<PupilNotebook>,
    /// Entries that were left out: there were too many.
    left_out: usize,
    /// Whether it is about one pupil alone.
    one: bool,
}

/// One pupil's.
pub struct PupilNotebook {
    pupil: PupilName,
    entries: Vec<Entry>,
}

/// A question that a pupil did not get right.
struct Entry {
    worksheet: Arc<Worksheet>,
    /// Where among the worksheet's questions it stands.
    question: usize,
    at_ms: i64,
    parts: Vec<WrongAnswer>,
    written: Written,
}

impl std::fmt::Debug for Notebook {
    /// Leaves names and ink out, so that they reach no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notebook").field("pupils", &self.pupils.len()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for PupilNotebook {
    /// Leaves names and ink out, so that they reach no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PupilNotebook")
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}

impl Notebook {
    /// One pupil's, of what was given in a time, if `scope` may know the pupil; with the assignments
    /// of former classes as far as it may know those. `None` where it may not.
    ///
    /// # Errors
    /// Where the store refuses.
    pub async fn of_pupil(
        store: &Store,
        scope: &Scope,
        pupil: &str,
        period_ms: (i64, i64),
        language: Language,
    ) -> Result<Option<Self>, ExportError> {
        let Some(view) = store.pupil_of(scope, pupil, ASSIGNMENTS_MAX).await? else {
            return Ok(None);
        };
        let class = language.pick(&view.class_zh, &view.class_en).to_owned();
        let mut heads = Vec::new();
        for paper in view.papers.iter().rev().filter(|paper| paper.written > 0) {
            let head = store.assignment_of(scope, Right::Know, &paper.assignment).await?;
            let during =
                |head: &AssignmentHead| (period_ms.0..period_ms.1).contains(&head.assigned_ms);
            heads.extend(head.filter(during));
        }
        let name = PupilName { id: view.id, number: view.number, name: view.name };
        let mut book = Self::empty(class, period_ms, language, vec![name]);
        book.one = true;
        book.fill(store, &heads, Some(pupil)).await?;
        Ok(Some(book))
    }

    /// One for each pupil who is in a class now, if `scope` may know the class's pupils. `None` where
    /// it may not.
    ///
    /// # Errors
    /// Where the store refuses.
    pub async fn of_class(
        store: &Store,
        scope: &Scope,
        class: &str,
        period_ms: (i64, i64),
        language: Language,
    ) -> Result<Option<Self>, ExportError> {
        let Some(view) = store.class_of(scope, Right::Know, class).await? else { return Ok(None) };
        let names = store.pupils_of(scope, Right::Know, class).await?;
        let heads =
            store.assignment_heads(scope, Right::Know, class, period_ms, ASSIGNMENTS_MAX).await?;
        let name = language.pick(&view.name_zh, &view.name_en).to_owned();
        let mut book = Self::empty(name, period_ms, language, names);
        book.fill(store, &heads, None).await?;
        Ok(Some(book))
    }

    fn empty(
        class: String,
        period_ms: (i64, i64),
        language: Language,
        names: Vec<PupilName>,
    ) -> Self {
        let own = |pupil| PupilNotebook { pupil, entries: Vec::new() };
        let pupils = names.into_iter().map(own).collect();
        Self { class, period_ms, language, pupils, left_out: 0, one: false }
    }

    /// Questions in it.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.pupils.iter().map(|pupil| pupil.entries.len()).sum()
    }

    /// Questions that there was no room for.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Reads the wrong answers of assignments, and the ink of those alone.
    async fn fill(
        &mut self,
        store: &Store,
        heads: &[AssignmentHead],
        pupil: Option<&str>,
    ) -> Result<(), ExportError> {
        let mut worksheets = Worksheets::default();
        let mut count = 0;
        for head in heads {
            let worksheet = worksheets.of(store, head).await?;
            let mut by_question: BTreeMap<(usize, usize), Vec<WrongAnswer>> = BTreeMap::new();
            for answer in store.wrong_answers(head, pupil).await? {
                let of = |q: &Question| q.parts.iter().any(|part| part.id == answer.part);
                let question = worksheet.questions.iter().position(of);
                let whose = self.pupils.iter().position(|own| own.pupil.id == answer.pupil);
                if let (Some(question), Some(whose)) = (question, whose) {
                    by_question.entry((whose, question)).or_default().push(answer);
                }
            }
            let papers: HashSet<(&str, u32)> =
                by_question.values().flatten().map(|a| (a.pupil.as_str(), a.page)).collect();
            let papers: Vec<(&str, u32)> = papers.into_iter().collect();
            let drawn = store.drawn_ink(head, &papers).await?;
            for ((whose, question), parts) in by_question {
                if count >= ENTRIES_MAX {
                    self.left_out += 1;
                    continue;
                }
                count += 1;
                let place = (parts[0].pupil.clone(), parts[0].page);
                let written = match drawn.get(&place) {
                    Some(strokes) => {
                        let keys: HashSet<_> = parts
                            .iter()
                            .flat_map(|a| a.strokes.iter())
                            .map(|(key, _)| key)
                            .collect();
                        let own = strokes.iter().filter(|stroke| keys.contains(&stroke.key));
                        Written::Drawn(own.cloned().collect())
                    }
                    // It was marked before its strokes were kept.
                    None => chunks(store, head, (&place.0, place.1)).await?,
                };
                let at_ms = parts.iter().find_map(|a| a.first_ms).unwrap_or(head.assigned_ms);
                let worksheet = worksheet.clone();
                let entry = Entry { worksheet, question, at_ms, parts, written };
                self.pupils[whose].entries.push(entry);
            }
        }
        Ok(())
    }

    /// The name of the file: the class and the time, and one pupil's number, but no name.
    #[must_use]
    pub fn file_name(&self) -> String {
        let language = self.language;
        let number = match self.pupils.as_slice() {
            [only] if self.one => match language {
                Language::Zh => format!("{} 号", only.pupil.number),
                Language::En => format!("No. {}", only.pupil.number),
            },
            _ => String::new(),
        };
        let kind = language.pick("错题本", "wrong-answer notebook");
        crate::file_name(&[&self.class, &number, kind, &last_day(self.period_ms)], "pdf")
    }

    /// The file. It takes its time: not for an async thread.
    ///
    /// # Errors
    /// Where artwork cannot be drawn, or has a character that no font has.
    pub fn pdf(&self, fonts: &Fonts) -> Result<Told, ExportError> {
        let names: String = self.pupils.iter().map(|own| own.pupil.name.as_str()).collect();
        let lacking = fonts.lacking(&(names + &self.class));
        let mut booklet = Booklet::new(fonts);
        let entries = || self.pupils.iter().flat_map(|own| &own.entries);
        let artwork = Artwork::of(&booklet, entries().map(|entry| &entry.worksheet))?;
        let mut flow = Flow::new(&mut booklet, fonts, &lacking, self.language);
        for own in &self.pupils {
            // A class's file has no page for a pupil who got everything right.
            if own.entries.is_empty() && !self.one {
                continue;
            }
            self.chapter(&mut flow, own, &lacking)?;
            for entry in &own.entries {
                if let Some(block) = entry.block(&artwork, self.language) {
                    flow.entry(&block)?;
                }
            }
        }
        if entries().next().is_none() && !self.one {
            let none = self.language.pick("这段时间没有错题。", "Nothing was wrong in this time.");
            let title = self.language.pick("错题本", "Wrong-answer notebook");
            flow.chapter(title, &self.class, &[none.to_owned()])?;
        }
        flow.finish()?;
        let pages = booklet.pages();
        let title = self.language.pick("错题本", "Wrong-answer notebook");
        Ok(Told { bytes: booklet.finish(title)?, pages, lacking })
    }

    fn chapter<'f: 'b, 'b>(
        &self,
        flow: &mut Flow<'f, 'b>,
        own: &PupilNotebook,
        lacking: &[char],
    ) -> Result<(), ExportError> {
        let language = self.language;
        let PupilName { number, name, .. } = &own.pupil;
        let whose = match language {
            Language::Zh => format!("{}　{number} 号　{name}", self.class),
            Language::En => format!("{}  No. {number}  {name}", self.class),
        };
        let n = own.entries.len();
        let count = match (language, n) {
            (Language::Zh, 0) => "这段时间没有错题。".to_owned(),
            (Language::En, 0) => "Nothing was wrong in this time.".to_owned(),
            (Language::Zh, _) => format!("共 {n} 题。先盖住原来的答案，在虚线框里再做一次。"),
            (Language::En, _) => {
                format!("{n} questions. Cover the old answer and try again in the dashed box.")
            }
        };
        let has: Vec<char> = lacking.iter().copied().filter(|c| name.contains(*c)).collect();
        let left_out = match (language, self.left_out) {
            (_, 0) => String::new(),
            (Language::Zh, n) => format!("还有 {n} 题没有放进来：请选短一些的时间。"),
            (Language::En, n) => format!("{n} more are left out: choose a shorter time."),
        };
        let lines =
            [period(self.period_ms, language), count, left_out, lacking_line(&has, language)];
        flow.chapter(language.pick("错题本", "Wrong-answer notebook"), &whose, &lines)
    }
}

/// The days of a period; empty where it has no end.
pub(super) fn period((from_ms, until_ms): (i64, i64), language: Language) -> String {
    let from = if from_ms > 0 { moment::day(from_ms) } else { String::new() };
    let until = if until_ms < i64::MAX { moment::day(until_ms - 1) } else { String::new() };
    match (from.is_empty(), until.is_empty()) {
        (true, true) => String::new(),
        (false, true) => format!("{} {from}", language.pick("从", "from")),
        (true, false) => format!("{} {until}", language.pick("到", "until")),
        (false, false) => format!("{from} – {until}"),
    }
}

/// The last day of a period, for a file's name.
pub(super) fn last_day((_, until_ms): (i64, i64)) -> String {
    if until_ms < i64::MAX { moment::day(until_ms - 1) } else { String::new() }
}

/// The strokes of a paper whose marking kept none.
async fn chunks(
    store: &Store,
    head: &AssignmentHead,
    (pupil, page): (&str, u32),
) -> Result<Written, ExportError> {
    let facts = store.paper(head, pupil, page).await?.and_then(|view| view.paper);
    match facts {
        Some(facts) => Written::load(store, head, (pupil, page), &facts, None).await,
        None => Ok(Written::nothing()),
    }
}

/// The artwork of worksheets, each page parsed once for a file.
pub(super) struct Artwork(HashMap<(String, u32, u32), Drawing>);

impl Artwork {
    pub(super) fn of<'w>(
        booklet: &Booklet<'_>,
        worksheets: impl Iterator<Item = &'w Arc<Worksheet>>,
    ) -> Result<Self, ExportError> {
        let mut drawings = HashMap::new();
        for worksheet in worksheets {
            for page in &worksheet.pages {
                let key = (worksheet.id.id.clone(), worksheet.id.version, page.number);
                if let std::collections::hash_map::Entry::Vacant(vacant) = drawings.entry(key) {
                    let size = (page.width_um, page.height_um);
                    vacant.insert(booklet.drawing(&page.artwork, size)?);
                }
            }
        }
        Ok(Self(drawings))
    }

    pub(super) fn page(&self, worksheet: &Worksheet, page: &Page) -> Option<&Drawing> {
        self.0.get(&(worksheet.id.id.clone(), worksheet.id.version, page.number))
    }
}

/// Whether a question takes more than a line to answer.
pub(super) fn is_open(question: &Question) -> bool {
    let large = |field: &Field| matches!(field, Field::Lines { .. } | Field::Area(_));
    question.parts.iter().any(|part| large(&part.field))
}

/// What is right: the key, or a model answer, or that a person judges.
pub(super) fn answer_line(question: &Question, language: Language) -> String {
    let model = || question.parts.iter().find_map(|part| part.model_answer.clone());
    match key(question).or_else(model) {
        Some(key) => format!("{}{key}", language.pick("正确答案：", "Right answer: ")),
        None => language.pick("由老师评分", "A teacher gives the points").to_owned(),
    }
}

impl Entry {
    fn block<'a>(&self, artwork: &'a Artwork, language: Language) -> Option<Block<'a>> {
        let worksheet = &self.worksheet;
        let question = worksheet.questions.get(self.question)?;
        let page = worksheet.pages.iter().find(|page| page.number == question.page)?;
        let marks = self.marks();
        let ink = marks.iter().map(|mark| mark.line.bounds).reduce(|a: Bounds, b| a.with(&b));
        let piece = piece(worksheet, page, question, ink)?;
        let title = language.pick(&worksheet.title_zh, &worksheet.title_en);
        let points = language.list(&points_of(worksheet, question, language));
        let label = language.question(&question.label);
        let day = moment::day(self.at_ms);
        Some(Block {
            about: format!("{day}　{title}　{label}　{points}"),
            artwork: artwork.page(worksheet, page)?,
            piece,
            ink: plain_ink(&marks),
            found: self.found(question, language),
            answer: answer_line(question, language),
            open: is_open(question),
        })
    }

    /// The pupil's own ink in the question.
    fn marks(&self) -> Vec<Mark> {
        let parts = self.parts.iter().map(|answer| (answer.part.as_str(), &answer.strokes));
        let roles = PageRoles::new(parts, &Roles::default());
        let own = |mark: &Mark| mark.question.is_some();
        marks(&self.written.strokes(), &roles, None).into_iter().filter(own).collect()
    }

    /// What was read of it.
    fn found(&self, question: &Question, language: Language) -> String {
        let read = question.each().filter_map(|of| {
            let answer = self.parts.iter().find(|answer| answer.part == of.part.id)?;
            let reading = answer.reading.as_deref().filter(|text| !text.is_empty())?;
            Some(format!("{}{reading}", blank(&of)))
        });
        let read: Vec<String> = read.collect();
        if read.is_empty() {
            return String::new();
        }
        format!("{}{}", language.pick("读作：", "Read as: "), read.join("  "))
    }
}
