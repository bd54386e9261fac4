//! Red ink on shared sheets goes to the pupil whose name label the pen touched.

use attribution::Hand;
use sample_school::{holder, lease, marker};
use worksheet::{Copies, PrintRun};

use crate::PaperChunks;
use crate::fixture::{Fixture, chunk, key};
use crate::sql::query;

/// The book of the labels.
const BOOK: (u8, u32, u32) = (3, 27, 99);

/// A class of three with labels, of whom the third has a pen, and a teacher with a red one, pen 9.
async fn fixture() -> (Fixture, Vec<u32>) {
    let fixture = Fixture::new().await;
    let leases = vec![lease(3, holder(3), 0, None), lease(9, marker(), 0, None)];
    fixture.store.insert_leases(leases).await.unwrap();
    let labels = fixture.store.name_labels("c-1", 0, BOOK).await.unwrap();
    assert_eq!(labels.len(), 3);
    let pages = labels.iter().map(|label| label.page).collect();
    (fixture, pages)
}

/// Stores a chunk in which the red pen touches a label.
async fn touch(fixture: &Fixture, number: u32, label: u32, at_ms: i64) {
    let (section, owner, book) = BOOK;
    let mut arrival = chunk(9, number, label, at_ms);
    arrival.touches[0].folio = crate::folio(section, owner, book);
    arrival.touches[0].last_ms = at_ms + 50;
    fixture.store.store_chunks(vec![arrival]).await.unwrap();
}

fn names(papers: &[(&str, i64)]) -> Vec<(String, String, i64)> {
    papers.iter().map(|(pupil, page)| ("a-all".to_owned(), (*pupil).to_owned(), *page)).collect()
}

/// What a pupil's paper is marked with, if it waits for that.
async fn paper(fixture: &Fixture, pupil: &str) -> Option<PaperChunks> {
    let jobs = fixture.store.claim(i64::MAX / 2, 0, 0, 100).await.unwrap();
    let job = jobs.iter().find(|job| job.pupil == pupil)?;
    let paper = fixture.store.paper_chunks(job).await.unwrap();
    fixture.store.release_claims().await.unwrap();
    Some(paper)
}

/// The chunks of the red pen that a paper is marked with.
async fn red(fixture: &Fixture, pupil: &str) -> Vec<u32> {
    let Some(paper) = paper(fixture, pupil).await else { return Vec::new() };
    let red = paper.ink.chunks.iter().filter(|chunk| chunk.key.pen == 9);
    red.map(|chunk| chunk.key.number).collect()
}

async fn nobodys(fixture: &Fixture) -> Vec<String> {
    let sql = "SELECT nobody FROM ink WHERE nobody IS NOT NULL ORDER BY 1";
    query(sql).scalars(fixture.store.readers()).await.unwrap()
}

#[tokio::test]
async fn red_ink_goes_to_whose_label_was_touched() {
    let (fixture, labels) = fixture().await;
    fixture.write(3, 1, 900, 1_000).await;
    touch(&fixture, 1, labels[2], 20_000).await;
    fixture.write(9, 2, 900, 22_000).await;
    touch(&fixture, 3, labels[0], 40_000).await;
    fixture.write(9, 4, 901, 42_000).await;
    assert_eq!(fixture.stale_papers().await, names(&[("p-1", 2), ("p-3", 1)]));
    assert_eq!(red(&fixture, "p-3").await, [2]);
    assert_eq!(red(&fixture, "p-1").await, [4]);
    let paper = paper(&fixture, "p-3").await.unwrap();
    let teacher = marker();
    let hand = paper.ink.evidence.hand(key(9, 2).start(), 22_000);
    assert_eq!(hand, Hand::Labelled { pupil: &paper.pupil, marker: Some(&teacher) });
    assert_eq!(nobodys(&fixture).await, Vec::<String>::new(), "a label is no page that waits");
}

/// Failure: marks that may be another pupil's are this pupil's, or stay nobody's once all is known.
#[tokio::test]
async fn what_follows_a_gap_waits_for_it() {
    let (fixture, labels) = fixture().await;
    touch(&fixture, 1, labels[2], 20_000).await;
    fixture.write(9, 3, 900, 22_000).await;
    assert_eq!(fixture.stale_papers().await, []);
    assert_eq!(nobodys(&fixture).await, ["red_on_shared_sheet"]);
    touch(&fixture, 2, labels[1], 21_000).await;
    assert_eq!(fixture.stale_papers().await, names(&[("p-2", 1)]));
    assert_eq!(red(&fixture, "p-2").await, [3]);
}

#[tokio::test]
async fn a_touch_that_comes_late_moves_what_was_marked_after_it() {
    let (fixture, labels) = fixture().await;
    fixture.write(9, 1, 900, 22_000).await;
    assert_eq!(fixture.stale_papers().await, []);
    touch(&fixture, 0, labels[0], 20_000).await;
    assert_eq!(fixture.stale_papers().await, names(&[("p-1", 1)]));
    // A pupil's pen says nothing by touching a label.
    let mut arrival = chunk(3, 1, labels[1], 30_000);
    arrival.touches[0].folio = crate::folio(BOOK.0, BOOK.1, BOOK.2);
    fixture.store.store_chunks(vec![arrival]).await.unwrap();
    fixture.write(3, 2, 900, 32_000).await;
    assert_eq!(fixture.stale_papers().await, names(&[("p-1", 1), ("p-3", 1)]));
}

#[tokio::test]
async fn a_label_is_a_pupils_for_good_and_no_sheets() {
    let (fixture, labels) = fixture().await;
    let again = fixture.store.name_labels("c-1", 0, BOOK).await.unwrap();
    assert_eq!(again.iter().map(|row| row.page).collect::<Vec<_>>(), labels);
    assert_eq!(labels, [1, 2, 3]);
    let run = PrintRun { book: BOOK.2, ..sample_school::run("x", 40, Copies::Shared) };
    let refused = fixture.store.insert_print_run("s", run, vec![]).await.unwrap_err().to_string();
    assert!(refused.contains("name labels"), "{refused}");
    let printed = (3, 27, 5);
    let refused = fixture.store.name_labels("c-1", 0, printed).await.unwrap_err().to_string();
    assert!(refused.contains("it uses the book of the name labels"), "{refused}");
}
