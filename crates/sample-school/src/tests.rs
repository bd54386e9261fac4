use firmware_protocol::PageAddress;
use school::Right;

use super::*;

/// A class for the pages to show: every name that is hard to bear is in it.
const PUPILS: u32 = 6;

/// Failure: what is read back of the school is not what was put there.
#[tokio::test]
async fn the_school_is_there_for_whoever_opens_its_store() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("zhibi.db").display());
    let given = Given::new("a-1", "r-1", 100).times(0, 1_000, 500);
    let elsewhere = Given::new("a-2", "r-2", 200).to("c-2");
    let sheet = Given::new("a-3", "r-3", 300).shared().sheet("english-g3");
    SampleSchool::of(PUPILS).with(given).with(elsewhere).with(sheet).put_at(&url).await;

    let store = Store::connect(&url.parse().unwrap()).await.unwrap();
    let scope = store.scope_of("t-wang", 0).await.unwrap();
    let pupils = store.pupils_of(&scope, Right::Know, "c-1").await.unwrap();
    let name = |number: usize| pupils[number - 1].name.as_str();
    assert_eq!(pupils.len(), PUPILS as usize);
    assert_eq!(name(1), name(5), "namesakes");
    assert!(name(2).contains('·') && name(4).chars().any(|char| char > '\u{ffff}'));
    assert!(store.pupils_of(&scope, Right::Know, "c-2").await.unwrap().is_empty());
    let run = store.load_print_run("r-1").await.unwrap();
    assert_eq!(run, super::run("r-1", 100, worksheet::Copies::PerCopy(PUPILS)));
    assert_eq!(store.load_print_run("r-3").await.unwrap().worksheet.id, "english-g3");
    assert_eq!(store.load_worksheet("mixed", 1).await.unwrap().pages[1].artwork, artwork()[1]);
}

/// Failure: a pen writes at another time or place than the test says.
#[test]
fn a_pen_writes_where_and_when_it_is_told() {
    let at = PageAddress { section: 3, owner: 27, book: 5, page: 100 };
    let mut pen = Pen::started(7, 2);
    pen.stroke(at, START_MS, &[(62_000, 51_000), (62_200, 51_010), (62_400, 51_040)]);
    let arrivals = pen.arrivals(START_MS + 1_000);
    let [arrival] = arrivals.as_slice() else { panic!("one chunk") };
    assert_eq!((arrival.key.pen, arrival.key.boot_counter, arrival.key.number), (7, 2, 1));
    let touch = store::Touch {
        folio: store::folio(3, 27, 5),
        page: 100,
        first_ms: START_MS,
        last_ms: START_MS + 20,
    };
    assert_eq!((arrival.touches.as_slice(), arrival.received_ms), (&[touch][..], START_MS + 1_000));
    assert!(pen.arrivals(START_MS).is_empty(), "each chunk comes once");
}
