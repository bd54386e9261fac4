//! Sums worked out step by step: from the text form by way of the sheet, a simulated class and its
//! pages to marks.
//!
//! Failure: of the workings decided, more than one in a hundred is not what its pupil wrote, or a step
//! that slipped is not the one that is named; or too few are decided. No failure: that a person must
//! look. With skeletons all ink is synthetic; of real hands, `×` and `÷` are.

use marking::{MarkedPaper, Marker, Scratch, Thresholds, Verdict};
use pen_sim::{HandwritingPool, simulate};
use report::evening::{papers, setup};
use worksheet::text::Draft;
use worksheet::{Framework, Worksheet, Written};

const TEXT: &str = "标题：递等式\n编号：steps\n年级：四\n科目：数学\n\n\
    一、递等式计算。（每题 6 分）\n\
    25 × 4 + 36\n  算式：3 行\n\
    480 ÷ 8 − 17\n  算式：3 行\n\
    12.5 + 7.5 × 4\n  算式：3 行\n\
    二、列式计算。（每题 3 分，两栏）\n\
    3 个 12 是多少？[3 × 12 = 36]\n\
    比 40 少 17 的数：[40 − 17 = 23]\n";

/// What became of the workings of some evenings.
#[derive(Debug, Default)]
struct Count {
    all: usize,
    decided: usize,
    misread: Vec<String>,
    slips: usize,
    slips_found: usize,
}

fn marked(
    sheet: &Worksheet,
    pool: Option<&HandwritingPool>,
    mut look: impl FnMut(&MarkedPaper),
) -> Count {
    let marker = Marker::new(Thresholds::STANDARD);
    let mut scratch = Scratch::new();
    let mut count = Count::default();
    for seed in [1, 2] {
        let setup = setup(std::slice::from_ref(sheet), seed, 45, pool.cloned());
        let evening = simulate(&setup);
        for paper in papers(&setup, &evening) {
            let plan = &setup.assignments[paper.assignment];
            let registration = &plan.run.registration;
            let marked = marker.mark(sheet, paper.page, registration, &paper.ink, &mut scratch);
            look(&marked);
            for response in &marked.responses {
                let part = sheet.part(&response.part).expect("of the sheet").part;
                let expected = evening.truth.responses.iter();
                let mut expected = expected.filter(|e| e.pupil == paper.pupil && e.part == part.id);
                let meant = expected.next_back().expect("one per part").meant.as_ref();
                let meant = meant.map(|text| Written::parse(&part.kind, text).expect("steps"));
                count.all += 1;
                let Some(mark) = response.machine else { continue };
                count.decided += 1;
                let read = response.reading.as_ref().map(|reading| reading.written.clone());
                if read != meant {
                    count.misread.push(format!("{} {meant:?} {read:?}", paper.pupil));
                }
                let Some(meant) = meant else { continue };
                let slip = |steps: Vec<worksheet::Step>| {
                    steps.iter().position(|step| step.should_be.is_some())
                };
                let (is, read) =
                    (slip(part.steps(&meant)), read.and_then(|r| slip(part.steps(&r))));
                count.slips += usize::from(is.is_some());
                count.slips_found += usize::from(is.is_some() && is == read);
                assert_eq!(mark.verdict == Verdict::Right, read.is_none());
            }
        }
    }
    println!(
        "{} workings, {:.1} % decided, misread {:?}, {} slips of which {} found",
        count.all,
        100.0 * count.decided as f64 / count.all as f64,
        count.misread,
        count.slips,
        count.slips_found
    );
    count
}

fn sheet() -> Worksheet {
    Draft::build(TEXT, &Framework::own(), |_| None).expect("a sheet")
}

#[test]
fn a_class_that_writes_skeletons_has_its_steps_judged() {
    let mut partly = 0;
    let count = marked(&sheet(), None, |paper| {
        let marks = paper.responses.iter().filter_map(|response| response.machine);
        partly += marks.filter(|mark| mark.verdict == Verdict::Partly).count();
    });
    assert!(partly > 0, "a slip leaves the points of the other steps");
    assert!(
        count.misread.len() * 100 <= count.decided && count.slips_found * 100 >= count.slips * 95
    );
    assert!(count.decided * 2 >= count.all);
}

#[test]
fn a_class_that_writes_real_hands_has_its_steps_judged() {
    let Some(dir) = test_needs::data("handwriting") else { return };
    let pool = HandwritingPool::load(&dir).expect("handwriting files");
    let count = marked(&sheet(), Some(&pool), |_| {});
    assert!(
        count.misread.len() * 100 <= count.decided && count.slips_found * 100 >= count.slips * 95
    );
    assert!(count.decided * 4 >= count.all);
}
