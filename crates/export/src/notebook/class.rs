//! What many of a class missed, with counts and no names.

use std::sync::Arc;

use printing::{Booklet, Fonts};
use school::{Right, Scope};
use store::Store;
use worksheet::{Question, Worksheet};

use super::layout::{Block, Flow};
use super::piece::piece;
use super::pupil::{Artwork, answer_line, is_open, last_day, period};
use super::{ASSIGNMENTS_MAX, ENTRIES_MAX};
use crate::paper::Worksheets;
use crate::results::{Results, Went, points_of};
use crate::{ExportError, Language, Told, moment};

/// A question is of the notebook where so many missed it,
const MISSED_MIN: usize = 2;
/// and so many in a hundred of those who answered.
const MISSED_PERCENT_MIN: usize = 20;

/// The questions of a time that many of a class missed.
#[derive(Debug)]
pub struct ClassNotebook {
    class: String,
    period_ms: (i64, i64),
    language: Language,
    entries: Vec<Entry>,
    left_out: usize,
}

#[derive(Debug)]
struct Entry {
    worksheet: Arc<Worksheet>,
    /// Where among the worksheet's questions it stands.
    question: usize,
    given_ms: i64,
    went: Went,
}

impl ClassNotebook {
    /// Looks at the settled papers of what a class was given in a time, if `scope` may see the class.
    /// `None` where it may not.
    ///
    /// # Errors
    /// Where the store refuses.
    pub async fn load(
        store: &Store,
        scope: &Scope,
        class: &str,
        period_ms: (i64, i64),
        language: Language,
    ) -> Result<Option<Self>, ExportError> {
        let Some(view) = store.class_of(scope, Right::See, class).await? else { return Ok(None) };
        let heads =
            store.assignment_heads(scope, Right::See, class, period_ms, ASSIGNMENTS_MAX).await?;
        let class = language.pick(&view.name_zh, &view.name_en).to_owned();
        let mut book = Self { class, period_ms, language, entries: Vec::new(), left_out: 0 };
        let mut worksheets = Worksheets::default();
        for head in &heads {
            let worksheet = worksheets.of(store, head).await?;
            let mut sheet = store.result_sheet(head).await?;
            sheet.answers.retain(|answer| answer.settled);
            let results = Results { worksheet: &worksheet, sheet: &sheet, language };
            let mut missed: Vec<(usize, Went)> = worksheet
                .questions
                .iter()
                .map(|question| Went::of(&results, question))
                .enumerate()
                .filter(|(_, went)| is_missed(went))
                .collect();
            missed.sort_by_key(|(at, went)| (std::cmp::Reverse(missed_by(went)), *at));
            for (question, went) in missed {
                if book.entries.len() >= ENTRIES_MAX {
                    book.left_out += 1;
                    continue;
                }
                let (worksheet, given_ms) = (worksheet.clone(), head.assigned_ms);
                book.entries.push(Entry { worksheet, question, given_ms, went });
            }
        }
        Ok(Some(book))
    }

    /// Questions in it.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// The name of the file: the class and the time.
    #[must_use]
    pub fn file_name(&self) -> String {
        let kind = self.language.pick("班级错题", "class notebook");
        crate::file_name(&[&self.class, kind, &last_day(self.period_ms)], "pdf")
    }

    /// The file. It takes its time: not for an async thread.
    ///
    /// # Errors
    /// Where artwork cannot be drawn, or has a character that no font has.
    pub fn pdf(&self, fonts: &Fonts) -> Result<Told, ExportError> {
        let language = self.language;
        let lacking = fonts.lacking(&self.class);
        let mut booklet = Booklet::new(fonts);
        let artwork = Artwork::of(&booklet, self.entries.iter().map(|entry| &entry.worksheet))?;
        let mut flow = Flow::new(&mut booklet, fonts, &lacking, language);
        let title = language.pick("班级错题", "What many missed");
        let n = self.entries.len();
        let count = match (language, n) {
            (Language::Zh, 0) => "这段时间没有很多人做错的题。".to_owned(),
            (Language::En, 0) => "No question was missed by many in this time.".to_owned(),
            (Language::Zh, n) => {
                format!("{n} 题，每题有 {MISSED_PERCENT_MIN}% 以上的人没有全对；只计已定的答卷。")
            }
            (Language::En, n) => format!(
                "{n} questions that {MISSED_PERCENT_MIN} % or more missed, of settled papers alone."
            ),
        };
        let left_out = match (language, self.left_out) {
            (_, 0) => String::new(),
            (Language::Zh, n) => format!("还有 {n} 题没有放进来：请选短一些的时间。"),
            (Language::En, n) => format!("{n} more are left out: choose a shorter time."),
        };
        flow.chapter(title, &self.class, &[period(self.period_ms, language), count, left_out])?;
        for entry in &self.entries {
            if let Some(block) = entry.block(&artwork, language) {
                flow.entry(&block)?;
            }
        }
        flow.finish()?;
        let pages = booklet.pages();
        Ok(Told { bytes: booklet.finish(title)?, pages, lacking })
    }
}

/// Pupils who did not get all points.
fn missed_by(went: &Went) -> usize {
    went.wrong + went.partly + went.blank
}

fn is_missed(went: &Went) -> bool {
    let missed = missed_by(went);
    missed >= MISSED_MIN && missed * 100 >= went.n * MISSED_PERCENT_MIN
}

impl Entry {
    fn block<'a>(&self, artwork: &'a Artwork, language: Language) -> Option<Block<'a>> {
        let worksheet = &self.worksheet;
        let question: &Question = worksheet.questions.get(self.question)?;
        let page = worksheet.pages.iter().find(|page| page.number == question.page)?;
        let title = language.pick(&worksheet.title_zh, &worksheet.title_en);
        let points = language.list(&points_of(worksheet, question, language));
        let (day, label) = (moment::day(self.given_ms), language.question(&question.label));
        Some(Block {
            about: format!("{day}　{title}　{label}　{points}"),
            artwork: artwork.page(worksheet, page)?,
            piece: piece(worksheet, page, question, None)?,
            ink: String::new(),
            found: self.found(language),
            answer: answer_line(question, language),
            open: is_open(question),
        })
    }

    /// How many missed it, and with what.
    fn found(&self, language: Language) -> String {
        let Went { n, wrong, partly, blank, .. } = self.went;
        let mut found = match language {
            Language::Zh => format!("{n} 人：错 {wrong}"),
            Language::En => format!("of {n}: {wrong} wrong"),
        };
        if partly > 0 {
            found += &match language {
                Language::Zh => format!("，半对 {partly}"),
                Language::En => format!(", {partly} partly"),
            };
        }
        if blank > 0 {
            found += &match language {
                Language::Zh => format!("，空 {blank}"),
                Language::En => format!(", {blank} blank"),
            };
        }
        let common = self.went.common(language);
        if !common.is_empty() {
            found += &format!("　{common}");
        }
        found
    }
}
