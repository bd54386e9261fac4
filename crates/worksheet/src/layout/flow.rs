//! Breaking pieces into lines of a width.

use crate::measure::{is_square, width_um};
use crate::text::{Blank, Piece};

/// Signs that no line begins with.
const CLOSING: &str = "，。、；：？！）》〉】」』”’…—～％℃°,.;:?!)]}%";
/// Signs that no line ends with.
const OPENING: &str = "（《〈【「『“‘([{";

/// What a line is made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Atom<'a> {
    /// A word, or one character that fills a square.
    Text(String),
    /// Where a line may end and nothing is seen then.
    Space,
    /// Numerator over denominator.
    Fraction(&'a str, &'a str),
    /// A blank, and its place among the question's blanks.
    Blank(&'a Blank, usize),
}

/// An atom with its width.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measured<'a> {
    pub(super) atom: Atom<'a>,
    pub(super) width_um: i32,
}

/// Atoms of one line, and how wide they are together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line<'a> {
    pub(super) atoms: Vec<Measured<'a>>,
    pub(super) width_um: i32,
}

/// The atoms of pieces up to each forced break. `blank_um` says how wide a blank is, gaps included.
pub(super) fn atoms<'a>(
    pieces: &'a [Piece],
    size_um: i32,
    mut blank_um: impl FnMut(&Blank) -> i32,
) -> Vec<Vec<Measured<'a>>> {
    let mut paragraphs = vec![Vec::new()];
    let mut blanks = 0;
    for piece in pieces {
        let mut push = |measured| {
            // There is always one.
            if let Some(last) = paragraphs.last_mut() {
                last.push(measured);
            }
        };
        match piece {
            Piece::Text(text) => words(text, size_um).for_each(push),
            Piece::Fraction(over, under) => {
                let width_um = fraction_um(over, under, size_um);
                push(Measured { atom: Atom::Fraction(over, under), width_um });
            }
            Piece::Blank(blank) => {
                let width_um = blank_um(blank);
                push(Measured { atom: Atom::Blank(blank, blanks), width_um });
                blanks += 1;
            }
            Piece::Break => paragraphs.push(Vec::new()),
        }
    }
    paragraphs
}

/// The width of a printed fraction, with a little room on both sides.
pub(super) fn fraction_um(over: &str, under: &str, size_um: i32) -> i32 {
    let small_um = size_um * 4 / 5;
    width_um(over, small_um).max(width_um(under, small_um)) + size_um / 2
}

/// Text as words, single square characters and spaces.
fn words<'a>(text: &str, size_um: i32) -> impl Iterator<Item = Measured<'a>> {
    let chars: Vec<char> = text.chars().collect();
    let runs: Vec<String> = chars
        .chunk_by(|a, b| {
            let joins = |c: &char| *c != ' ' && !is_square(*c);
            joins(a) && joins(b)
        })
        .map(|run| run.iter().collect())
        .collect();
    runs.into_iter().map(move |run| {
        let width_um = width_um(&run, size_um);
        let atom = if run == " " { Atom::Space } else { Atom::Text(run) };
        Measured { atom, width_um }
    })
}

/// Breaks one paragraph into lines of at most `room_um`; `None` where something is wider.
pub(super) fn lines(paragraph: Vec<Measured<'_>>, room_um: i32) -> Option<Vec<Line<'_>>> {
    let mut lines = vec![Line::default()];
    for cluster in clusters(paragraph, room_um) {
        let is_space = cluster.iter().all(|measured| measured.atom == Atom::Space);
        let width_um: i32 = cluster.iter().map(|measured| measured.width_um).sum();
        if width_um > room_um {
            return None;
        }
        // There is always one.
        let line = lines.last_mut()?;
        if line.width_um + width_um <= room_um {
            // A line does not begin with a space.
            if !(is_space && line.atoms.is_empty()) {
                line.width_um += width_um;
                line.atoms.extend(cluster);
            }
        } else if !is_space {
            lines.push(Line { atoms: cluster, width_um });
        }
    }
    Some(lines)
}

/// Atoms between which no line may break stay together.
fn clusters(paragraph: Vec<Measured<'_>>, room_um: i32) -> Vec<Vec<Measured<'_>>> {
    let ends_with = |measured: &Measured<'_>, signs: &str| match &measured.atom {
        Atom::Text(text) => text.chars().next_back().is_some_and(|c| signs.contains(c)),
        _ => false,
    };
    let begins_with = |measured: &Measured<'_>, signs: &str| match &measured.atom {
        Atom::Text(text) => text.chars().next().is_some_and(|c| signs.contains(c)),
        _ => false,
    };
    let mut clusters: Vec<Vec<Measured<'_>>> = Vec::new();
    for atom in paragraph {
        let before = clusters.last().and_then(|cluster| cluster.last());
        let together = before.is_some_and(|before| {
            ends_with(before, OPENING)
                || (begins_with(&atom, CLOSING) && before.atom != Atom::Space)
        });
        // A row of dots may be longer than a line.
        let fits = |cluster: &&mut Vec<Measured<'_>>| {
            let width_um: i32 = cluster.iter().map(|measured| measured.width_um).sum();
            together && width_um + atom.width_um <= room_um
        };
        match clusters.last_mut().filter(fits) {
            Some(cluster) => cluster.push(atom),
            None => clusters.push(vec![atom]),
        }
    }
    clusters
}
