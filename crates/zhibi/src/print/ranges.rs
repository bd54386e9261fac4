//! The pages of a maker's coded paper that a school has, as a CSV.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use printing::{OWNER, SECTION};
use serde::Deserialize;
use store::AddressRange;

/// Ranges of one file.
const RANGES_MAX: usize = 10_000;
/// An owner has 24 bits.
const OWNER_MAX: u32 = (1 << 24) - 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    section: u8,
    owner: u32,
    book: u32,
    first_page: u32,
    pages: u32,
}

/// Reads ranges, each with its line. What is wrong is told with it; no page may stand in two.
pub(super) fn read(file: &Path) -> anyhow::Result<Vec<AddressRange>> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    parse(text.trim_start_matches('\u{feff}')).with_context(|| format!("{name}"))
}

fn parse(text: &str) -> anyhow::Result<Vec<AddressRange>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().context("its first line cannot be read")?.clone();
    for column in ["section", "owner", "book", "first_page", "pages"] {
        ensure!(
            header.iter().any(|name| name == column),
            "its first line names no column {column}: it is section,owner,book,first_page,pages"
        );
    }
    let mut ranges: Vec<(u64, AddressRange)> = Vec::new();
    for record in reader.records() {
        let record = record.context("it is no CSV")?;
        let line = record.position().map_or(0, csv::Position::line);
        let range = range(&record, &header).with_context(|| format!("line {line}"))?;
        if let Some((other, at)) =
            ranges.iter().find_map(|(at, other)| Some((common(other, &range)?, at)))
        {
            let AddressRange { section, owner, book, .. } = range;
            bail!(
                "line {line} overlaps line {at}: both have page {other} of {section}.{owner}.{book}"
            );
        }
        ensure!(ranges.len() < RANGES_MAX, "it has more than {RANGES_MAX} ranges");
        ranges.push((line, range));
    }
    ensure!(!ranges.is_empty(), "it has no range: write one a line");
    Ok(ranges.into_iter().map(|(_, range)| range).collect())
}

fn range(record: &csv::StringRecord, header: &csv::StringRecord) -> anyhow::Result<AddressRange> {
    let line: Line = record.deserialize(Some(header)).map_err(|error| match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => {
            let column = err.field().and_then(|at| header.get(usize::try_from(at).ok()?));
            anyhow::anyhow!("column {}: {}", column.unwrap_or("?"), err.kind())
        }
        _ => anyhow::Error::new(error),
    })?;
    let Line { section, owner, book, first_page, pages } = line;
    ensure!(owner <= OWNER_MAX, "column owner: an address has 0 to {OWNER_MAX}");
    ensure!(
        (section, owner) != (SECTION, OWNER),
        "section {SECTION} of owner {OWNER} is our own pattern, which takes no file"
    );
    ensure!(pages > 0, "column pages: a range has one at least");
    let last = first_page.checked_add(pages - 1);
    ensure!(last.is_some(), "column pages: a book ends at page {}", u32::MAX);
    Ok(AddressRange { section, owner, book, first_page, pages })
}

/// A page that two ranges have.
fn common(one: &AddressRange, other: &AddressRange) -> Option<u32> {
    let of = |range: &AddressRange| (range.section, range.owner, range.book);
    let end = |range: &AddressRange| u64::from(range.first_page) + u64::from(range.pages);
    let first = one.first_page.max(other.first_page);
    (of(one) == of(other) && u64::from(first) < end(one).min(end(other))).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "section,owner,book,first_page,pages\n";

    #[test]
    fn ranges_stand_in_their_order() {
        let text = format!("{HEAD}3, 27,168,1,400\n\n3,27,168,401,1\n");
        let ranges = parse(&text).unwrap();
        let range = AddressRange { section: 3, owner: 27, book: 168, first_page: 1, pages: 400 };
        assert_eq!(ranges, [range, AddressRange { first_page: 401, pages: 1, ..range }]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (lines, expected) in [
            (
                "3,27,168,1,400\n3,27,168,400,2\n",
                "line 3 overlaps line 2: both have page 400 of 3.27.168",
            ),
            ("3,27,168,5,1\n3,27,168,1,400\n", "line 3 overlaps line 2: both have page 5"),
            ("3,27,168,1,0\n", "line 2: column pages: a range has one"),
            ("3,27,168,1,x\n", "line 2: column pages: invalid digit"),
            ("300,27,168,1,1\n", "line 2: column section: number too large"),
            ("3,16777216,168,1,1\n", "line 2: column owner: an address has"),
            ("3,27,168,4294967295,2\n", "line 2: column pages: a book ends"),
            ("3,23106,1,1,1\n", "line 2: section 3 of owner 23106 is our own"),
            ("3,27,168\n", "it is no CSV"),
            ("", "it has no range"),
        ] {
            let told = format!("{:#}", parse(&format!("{HEAD}{lines}")).unwrap_err());
            assert!(told.starts_with(expected), "{told}, not {expected}");
        }
        let told = parse("section,owner,book,page\n3,27,168,1\n").unwrap_err().to_string();
        assert!(told.contains("no column first_page"), "{told}");
    }
}
