//! Pieces of a page.

use worksheet::Rect;

use super::Sheet;
use super::line::Bounds;
use super::svg::ink_svg;

/// A piece of a page, cut out around one question.
#[derive(Clone, Debug)]
pub struct Crop {
    /// The whole page.
    pub sheet: Sheet,
    /// Left edge, in drawing units.
    pub x: i32,
    /// Top edge, in drawing units.
    pub y: i32,
    /// Width, in drawing units.
    pub width: i32,
    /// Height, in drawing units.
    pub height: i32,
}

/// Air around what is cut out, in drawing units.
const CROP_AIR: i32 = 300;
/// Words this close to what is cut out belong to it.
const CROP_REACH: i32 = 900;
/// An option's word begins this close to its bubble.
const CROP_OPTION_REACH: i32 = 300;
/// The narrowest piece, and the widest for the sake of a word: with its air it fits one column.
const CROP_WIDTH_MIN: i32 = 4_400;
const CROP_WIDTH_MAX: i32 = 6_900;
const CROP_OPEN_WIDTH_MIN: i32 = 12_000;
/// CSS pixels per page millimetre. All pieces have this one scale, so that large writing looks
/// large and small writing small; a screen that is narrower than a piece reduces it.
const CROP_PX_PER_MM: i32 = 4;
/// Columns of a list of cards in CSS pixels, and the gap between two; the style sheet has the same.
const CARD_COLUMN_PX: i32 = 300;
const CARD_GAP_PX: i32 = 24;
/// Air around a field alone: less than there is to the print before it.
const CROP_BARE_AIR: i32 = 200;

impl Crop {
    /// Cuts out a field with the ink that answers it and the words beside it, as far as there is
    /// room for whole words.
    pub fn new(sheet: Sheet, field: &Rect, printed: &[Bounds]) -> Self {
        let mut bounds = answered(&sheet, field);
        // What is asked stands before the field or behind it, in pieces.
        while let Some(with_word) = printed
            .iter()
            .filter(|word| bounds.is_beside(word, CROP_REACH))
            .map(|word| bounds.with(word))
            .filter(|with_word| *with_word != bounds)
            .find(|with_word| with_word.x1 - with_word.x0 <= CROP_WIDTH_MAX)
        {
            bounds = with_word;
        }
        Self::around(sheet, &bounds, CROP_AIR, CROP_WIDTH_MIN)
    }

    /// Cuts out bubbles with the ink that answers and the word beside each, the last one's too.
    pub fn of_choices(sheet: Sheet, bubbles: &[Rect], printed: &[Bounds]) -> Self {
        let is_option = |word: &&Bounds| {
            bubbles.iter().any(|bubble| Bounds::of(bubble).is_beside(word, CROP_OPTION_REACH))
        };
        let field = bubbles.iter().map(Bounds::of).reduce(|a, b| a.with(&b));
        let bounds = sheet.marks.iter().filter(|mark| mark.question.is_some());
        let bounds = bounds.map(|mark| mark.line.bounds).chain(field);
        let bounds = bounds.chain(printed.iter().filter(is_option).copied());
        let bounds = bounds.reduce(|a, b| a.with(&b));
        // A question without a bubble has no place of its own.
        let whole = Bounds { x0: 0, y0: 0, x1: sheet.width(), y1: sheet.height() };
        Self::around(sheet, &bounds.unwrap_or(whole), CROP_BARE_AIR, 0)
    }

    /// Cuts out a field with the ink that answers it and no word, where what is asked stands above
    /// all the pieces.
    pub fn bare(sheet: Sheet, field: &Rect) -> Self {
        let bounds = answered(&sheet, field);
        Self::around(sheet, &bounds, CROP_BARE_AIR, 0)
    }

    /// Cuts out what was written in a large field, and no more of its empty lines than must be.
    pub fn of_ink(sheet: Sheet, field: &Rect) -> Self {
        let ink = sheet.marks.iter().map(|mark| mark.line.bounds);
        let bounds = ink.reduce(|a, b| a.with(&b)).unwrap_or_else(|| Bounds::of(field));
        Self::around(sheet, &bounds, CROP_AIR, CROP_OPEN_WIDTH_MIN)
    }

    /// Missing width is taken from both sides; what one side does not have comes from the other.
    fn around(sheet: Sheet, bounds: &Bounds, air: i32, width_min: i32) -> Self {
        let (page_width, page_height) = (sheet.width(), sheet.height());
        let width = (bounds.x1 - bounds.x0 + 2 * air).max(width_min).min(page_width);
        let x0 = ((bounds.x0 + bounds.x1 - width) / 2).clamp(0, page_width - width);
        let x1 = x0 + width;
        let y0 = (bounds.y0 - air).max(0);
        let y1 = (bounds.y1 + air).min(page_height);
        Self { sheet, x: x0, y: y0, width: (x1 - x0).max(1), height: (y1 - y0).max(1) }
    }

    /// How large it is drawn, in CSS pixels.
    pub fn width_px(&self) -> i32 {
        px(self.width)
    }

    /// See [`Self::width_px`].
    pub fn height_px(&self) -> i32 {
        px(self.height)
    }

    /// The class of its card by how many columns it needs: none for one, `wide` for two, `full`
    /// for the whole row.
    pub fn span(&self) -> &'static str {
        match self.width_px() {
            ..=CARD_COLUMN_PX => "",
            width if width <= 2 * CARD_COLUMN_PX + CARD_GAP_PX => "wide",
            _ => "full",
        }
    }

    /// The strokes as SVG elements.
    pub fn ink(&self) -> String {
        ink_svg(&self.sheet.marks)
    }
}

/// Drawing units in CSS pixels, rounded up.
pub(super) fn px(units: i32) -> i32 {
    units.saturating_mul(CROP_PX_PER_MM).saturating_add(99) / 100
}

/// A field with the ink that answers it.
fn answered(sheet: &Sheet, field: &Rect) -> Bounds {
    sheet
        .marks
        .iter()
        .filter(|mark| mark.question.is_some())
        .fold(Bounds::of(field), |bounds, mark| bounds.with(&mark.line.bounds))
}
