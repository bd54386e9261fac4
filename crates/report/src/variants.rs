//! Ink as pupils produce it besides plain answers, by kinds. All of it is synthetic: made-up hands of
//! several sizes and slants, on the sample worksheets.

use std::collections::BTreeMap;

use marking::{MarkedPaper, Marker, Scratch};
use worksheet::{Registration, Worksheet};

mod kinds;
mod page;

pub use kinds::{KINDS, Meant, Of};
use page::Page;

const PLAIN: Registration =
    Registration { version: 1, dx_um: 0, dy_um: 0, rotation_urad: 0, scale_ppm: 0 };

/// What became of the answers of one kind.
#[derive(Clone, Debug, Default)]
pub struct Tried {
    /// Answers.
    pub all: usize,
    /// Decided as meant.
    pub right: usize,
    /// Decided, and not as meant.
    pub silent: usize,
    /// Of these, decided blank where something was meant.
    pub blank: usize,
    /// Why the others go to a person: how often for which reason.
    pub reviews: BTreeMap<&'static str, usize>,
    /// Those that are silently wrong, in words.
    pub examples: Vec<String>,
}

impl Tried {
    /// A count as per cent of the answers.
    pub fn percent(&self, n: usize) -> f64 {
        100.0 * n as f64 / self.all.max(1) as f64
    }

    fn add(&mut self, seed: u64, paper: &MarkedPaper, meant: &Meant) {
        for (part, text) in meant {
            let Some(response) = paper.responses.iter().find(|r| r.part == *part) else { continue };
            let read = response.reading.as_ref().map(|r| r.written.to_string());
            self.all += 1;
            match (response.machine, response.review) {
                (Some(_), _) if read.as_deref() == text.as_deref() => self.right += 1,
                (Some(_), _) => {
                    self.silent += 1;
                    self.blank += usize::from(read.is_none());
                    let p = response.reading.as_ref().map_or(0.0, |r| r.probability);
                    self.examples.push(format!("{seed} {part} {text:?} {read:?} {p:.3}"));
                }
                (None, review) => {
                    *self.reviews.entry(review.map_or("?", |r| r.code())).or_default() += 1;
                }
            }
        }
    }
}

/// Marks some pages of a kind. The sheets are those of the samples: mental arithmetic, and English.
pub fn tried(
    marker: &Marker,
    kind: &Of,
    [numbers, english]: [&Worksheet; 2],
    pages: u64,
    scratch: &mut Scratch,
) -> Tried {
    let mut tried = Tried::default();
    for seed in 0..pages {
        let mut page = Page::new(seed * 7_919 + 13);
        let meant = (kind.write)(&mut page);
        let sheet = if kind.english { english } else { numbers };
        tried.add(seed, &marker.mark(sheet, 1, &PLAIN, &page.ink(), scratch), &meant);
    }
    tried
}
