//! Things matched by lines: from the text form by way of the sheet and a simulated class to marks. All
//! ink is synthetic.
//!
//! Failure: a page is decided otherwise than its pupil meant, or fewer than nine in ten are decided.

use marking::{Marker, Scratch, Thresholds, Verdict};
use pen_sim::simulate;
use report::evening::{papers, setup};
use worksheet::text::Draft;
use worksheet::{Framework, Written};

const TEXT: &str = "标题：连线\n编号：pairs\n年级：三\n科目：英语\n\n\
    一、连一连。（每题 4 分）\n\
    动物\n  连线：cat | 猫\n  连线：dog | 狗\n  连线：bird | 鸟\n  连线：horse | 马\n\
    数\n  连线：3 × 4 | 12\n  连线：2 × 6 | 12\n  连线：5 × 6 | 30\n";

#[test]
fn lines_between_two_columns_are_judged() {
    let sheet = Draft::build(TEXT, &Framework::own(), |_| None).expect("a sheet");
    let marker = Marker::new(Thresholds::STANDARD);
    let mut scratch = Scratch::new();
    let (mut all, mut decided, mut partly) = (0, 0, 0);
    let setup = setup(std::slice::from_ref(&sheet), 3, 45, None);
    let evening = simulate(&setup);
    for paper in papers(&setup, &evening) {
        let registration = &setup.assignments[paper.assignment].run.registration;
        let marked = marker.mark(&sheet, paper.page, registration, &paper.ink, &mut scratch);
        for response in &marked.responses {
            let part = sheet.part(&response.part).expect("of the sheet").part;
            let mut expected = evening.truth.responses.iter();
            let expected = expected.find(|e| e.pupil == paper.pupil && e.part == part.id);
            let meant = expected.expect("one per part").meant.as_ref();
            let meant = meant.map(|text| Written::parse(&part.kind, text).expect("pairs"));
            all += 1;
            let Some(mark) = response.machine else { continue };
            decided += 1;
            assert_eq!(response.reading.as_ref().map(|r| &r.written), meant.as_ref());
            let right =
                meant.as_ref().is_some_and(|meant| part.accepted().is_some_and(|k| k.holds(meant)));
            assert_eq!(mark.verdict == Verdict::Right, right);
            partly += usize::from(mark.verdict == Verdict::Partly);
        }
    }
    println!("{decided} of {all} decided, {partly} of them partly right");
    assert!(decided * 10 >= all * 9 && partly > 0);
}
