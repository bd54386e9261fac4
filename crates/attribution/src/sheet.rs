//! From a hand on a page face to a paper.

use std::collections::BTreeSet;

use ink::Stroke;
use school::PupilId;

use crate::evidence::{Evidence, Receipt, Start};
use crate::hand::{Hand, Holder, Told, Unknown};

/// The printed identity of one page face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Face {
    /// 8 bits.
    pub section: u8,
    /// 24 bits.
    pub owner: u32,
    /// The book.
    pub book: u32,
    /// The page.
    pub page: u32,
}

impl Face {
    /// Whether a stroke was written on it.
    pub fn holds(&self, stroke: &Stroke) -> bool {
        let Self { section, owner, book, page } = *self;
        stroke
            .address
            .is_some_and(|a| (a.section, a.owner, a.book, a.page) == (section, owner, book, page))
    }
}

/// What is printed on a page face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet<'a> {
    /// A copy with addresses of its own.
    Copy {
        /// The pupil whose name it bears, if it bears one.
        owner: Option<&'a PupilId>,
    },
    /// A sheet whose addresses all copies share.
    Shared,
}

/// What leads a stroke to its paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum By {
    /// The address: the copy has an owner.
    Address,
    /// A lease of the pen.
    Lease,
    /// The pupil's name label, which the red pen had touched.
    Label,
    /// A person's word.
    Word,
}

/// To which paper a stroke belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Belongs<'a> {
    /// The pupil.
    pub pupil: &'a PupilId,
    /// Whether it is red ink.
    pub red: bool,
    /// What tells.
    pub by: By,
    /// Whether the pen was another pupil's.
    pub foreign: bool,
}

/// Why a stroke is nobody's. The least of several is the one to name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Nobody {
    /// It names no page.
    NoPage,
    /// No print run holds its address.
    NotPrinted,
    /// Nobody can say who wrote it.
    Hand(Unknown),
    /// The copy bears no pupil's name.
    NoPupil,
    /// A marker's pen on a shared sheet, where nothing says which paper is meant.
    RedOnShared,
    /// The worksheet is not given to the pupil.
    NotAssigned,
}

impl Nobody {
    const ALL: [Self; 8] = [
        Self::NoPage,
        Self::NotPrinted,
        Self::Hand(Unknown::NeverLent),
        Self::Hand(Unknown::NotLentThen),
        Self::Hand(Unknown::NoTime),
        Self::NoPupil,
        Self::RedOnShared,
        Self::NotAssigned,
    ];

    /// A code of lower-case letters and underscores.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoPage => "no_page",
            Self::NotPrinted => "not_printed",
            Self::Hand(why) => why.code(),
            Self::NoPupil => "no_pupil",
            Self::RedOnShared => "red_on_shared_sheet",
            Self::NotAssigned => "not_assigned",
        }
    }

    /// The inverse of [`Self::code`].
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.code() == code)
    }

    /// Whether the reason is a stroke's own: other strokes on the same page face may be somebody's.
    pub fn is_of_hand(self) -> bool {
        matches!(self, Self::Hand(_) | Self::RedOnShared)
    }
}

/// The paper that ink of a hand belongs to on a sheet.
///
/// On a copy, the address owns the paper: ink of a pen that a marker held is red, ink that may be
/// red is nobody's, and all other ink is the owner's, whoever held the pen. On a shared sheet, ink
/// of a pen that a pupil held is that pupil's, a marker's is of the pupil whose name label the pen
/// had touched, and no other ink is anybody's.
///
/// A person who says that ink is another pupil's, `moved`, is believed on both: the sheets of two
/// pupils were exchanged, or the pen's clock is wrong. Ink of a marker stays red.
///
/// # Errors
/// Why it is nobody's.
pub fn whose<'a>(
    sheet: Sheet<'a>,
    hand: Hand<'a>,
    moved: Option<&'a PupilId>,
) -> Result<Belongs<'a>, Nobody> {
    if let Some(pupil) = moved {
        let red = matches!(hand, Hand::Holder(Holder::Marker(_), _) | Hand::SomeMarker(_));
        return Ok(Belongs { pupil, red, by: By::Word, foreign: false });
    }
    match sheet {
        Sheet::Copy { owner } => {
            let (red, holder) = match hand {
                Hand::Holder(Holder::Marker(_), _)
                | Hand::SomeMarker(_)
                | Hand::Labelled { .. } => (true, None),
                Hand::Holder(Holder::Pupil(id), _) => (false, Some(id)),
                Hand::SomePupil(_) => (false, None),
                Hand::Anybody(why) => return Err(Nobody::Hand(why)),
            };
            let pupil = owner.ok_or(Nobody::NoPupil)?;
            let foreign = holder.is_some_and(|holder| holder != pupil);
            Ok(Belongs { pupil, red, by: By::Address, foreign })
        }
        Sheet::Shared => match hand {
            Hand::Holder(Holder::Pupil(pupil), told) => {
                let by = match told {
                    Told::Lease => By::Lease,
                    Told::Word => By::Word,
                };
                Ok(Belongs { pupil, red: false, by, foreign: false })
            }
            Hand::Labelled { pupil, .. } => {
                Ok(Belongs { pupil, red: true, by: By::Label, foreign: false })
            }
            Hand::Holder(Holder::Marker(_), _) | Hand::SomeMarker(_) => Err(Nobody::RedOnShared),
            Hand::SomePupil(why) | Hand::Anybody(why) => Err(Nobody::Hand(why)),
        },
    }
}

/// Whose the strokes of some ink may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MayBelong<'a> {
    /// The pupils whose papers may hold some of it.
    pub pupils: BTreeSet<&'a PupilId>,
    /// Why some of it may be nobody's.
    pub nobody: Option<Nobody>,
}

/// Whose the strokes on one page face of `sheet` may be, if only the receipts of their chunks are
/// known: at least everybody whose strokes they are.
pub fn may_belong<'a>(
    sheet: Sheet<'a>,
    evidence: &'a Evidence,
    ink: impl IntoIterator<Item = (Start, Receipt)>,
) -> MayBelong<'a> {
    let mut may = MayBelong::default();
    for (start, receipt) in ink {
        for hand in evidence.hands(start, &receipt) {
            match whose(sheet, hand, evidence.moved.get(&start)) {
                Ok(belongs) => drop(may.pupils.insert(belongs.pupil)),
                Err(why) => may.nobody = Some(may.nobody.map_or(why, |known| known.min(why))),
            }
        }
    }
    may
}

#[cfg(test)]
mod tests;
