//! Figures under each other, numbers with a percent sign or a unit, and things put in order: from the
//! text form by way of the sheet and a simulated class to marks. With skeletons all ink is synthetic.
//!
//! Failure: an answer is decided and is not what its pupil meant, more than once in a hundred; a unit
//! is judged; or too few are decided. No failure: that a person must look, with the reason.

use marking::{Marker, Response, Scratch, Thresholds, Verdict};
use pen_sim::{HandwritingPool, simulate};
use report::evening::{papers, setup};
use worksheet::text::Draft;
use worksheet::{Framework, Part, Review, Score, Written};

/// Looks at every answer of a class: the part, what was meant, and what was made of it.
fn marked(
    questions: &str,
    pool: Option<&HandwritingPool>,
    mut look: impl FnMut(&Part, Option<&Written>, &Response),
) {
    let text = format!("标题：练习\n编号：kinds\n年级：四\n科目：数学\n\n{questions}");
    let sheet = Draft::build(&text, &Framework::own(), |_| None).expect("a sheet");
    let marker = Marker::new(Thresholds::STANDARD);
    let mut scratch = Scratch::new();
    let mut setup = setup(std::slice::from_ref(&sheet), 5, 45, pool.cloned());
    // A red mark would decide what the machine leaves open.
    setup.marked_by_teacher = 0.0;
    let evening = simulate(&setup);
    for paper in papers(&setup, &evening) {
        let registration = &setup.assignments[paper.assignment].run.registration;
        let marked = marker.mark(&sheet, paper.page, registration, &paper.ink, &mut scratch);
        for response in &marked.responses {
            let part = sheet.part(&response.part).expect("of the sheet").part;
            let mut expected = evening.truth.responses.iter();
            let expected = expected.find(|e| e.pupil == paper.pupil && e.part == part.id);
            let meant = expected.expect("one per part").meant.as_ref();
            let meant = meant.map(|text| Written::parse(&part.kind, text).expect("of its kind"));
            look(part, meant.as_ref(), response);
        }
    }
}

/// What became of answers.
#[derive(Debug, Default)]
struct Count {
    all: usize,
    decided: usize,
    right: usize,
    misread: Vec<String>,
}

impl Count {
    fn add(&mut self, part: &Part, meant: Option<&Written>, response: &Response) {
        self.all += 1;
        let Some(mark) = response.machine else { return };
        self.decided += 1;
        self.right += usize::from(mark.verdict == Verdict::Right);
        let read = response.reading.as_ref().map(|reading| &reading.written);
        let is_right = |written: Option<&Written>| {
            written.zip(part.accepted()).is_some_and(|(written, key)| key.holds(written))
        };
        if read != meant || is_right(meant) != (mark.verdict == Verdict::Right) {
            self.misread.push(format!("{meant:?} {read:?} {mark:?}"));
        }
    }

    fn check(&self, decided: f64) {
        println!(
            "{} of {} decided, {} right, misread {:?}",
            self.decided, self.all, self.right, self.misread
        );
        assert!(self.misread.len() * 100 <= self.decided, "{:?}", self.misread);
        assert!(self.decided as f64 >= decided * self.all as f64, "{self:?}");
        assert!(self.right > 0);
    }
}

const COLUMNS: &str = "一、列竖式计算。（每题 4 分）\n36 + 47\n  竖式：5 行\n403 − 178\n  竖式：5 行\n\
    126 × 4\n  竖式：5 行\n24 × 13\n  竖式：6 行\n84 ÷ 4\n  竖式：6 行\n";

fn columns(pool: Option<&HandwritingPool>) -> Count {
    let (mut count, mut slips) = (Count::default(), 0);
    marked(COLUMNS, pool, |part, meant, response| {
        if part.id.ends_with("-5") {
            let shown = response.review == Some(Review::NoReader);
            assert!(shown || response.live.is_empty(), "a division is shown: {response:?}");
            assert!(response.machine.is_none_or(|mark| mark.verdict == Verdict::Blank));
            return;
        }
        count.add(part, meant, response);
        slips += usize::from(response.machine.is_some_and(|mark| {
            matches!(mark.verdict, Verdict::Wrong | Verdict::Partly) && meant.is_some()
        }));
    });
    assert!(slips > 0, "slips are found");
    count
}

#[test]
fn figures_under_each_other_are_judged_by_rows() {
    columns(None).check(0.4);
}

#[test]
fn figures_under_each_other_by_real_hands_are_judged_by_rows() {
    let Some(dir) = test_needs::data("handwriting") else { return };
    columns(Some(&HandwritingPool::load(&dir).expect("handwriting files"))).check(0.2);
}

#[test]
fn a_percent_sign_is_read_and_a_unit_is_left_to_a_person() {
    let mut count = Count::default();
    let percent = "一、填。（每题 2 分）\n0.25 写成百分数是 [25%]\n0.6 写成百分数是 [60%]\n\
        0.07 写成百分数是 [7%]\n1 写成百分数是 [100%]\n";
    marked(percent, None, |part, meant, response| count.add(part, meant, response));
    count.check(0.7);
    let (mut units, mut unread) = (0, 0);
    let unit = "一、填。（每题 2 分）\n2 支 6 元的笔要多少钱？[12 元]\n一半是多少钱？[3.5 元]\n";
    marked(unit, None, |_, meant, response| {
        if meant.is_none() {
            return;
        }
        units += 1;
        unread += usize::from(response.review == Some(Review::UnitUnread));
        assert_eq!(response.machine, None, "{meant:?} {response:?}");
    });
    println!("{units} with a unit, {unread} for what follows the number");
    assert!(unread * 2 >= units);
}

#[test]
fn things_put_in_order_earn_their_shares() {
    let mut count = Count::default();
    let order = "一、从小到大排一排。（每题 4 分）\n小数\n  排序：0.3 | 0.52 | 1.1 | 2\n";
    marked(order, None, |part, meant, response| {
        assert_eq!(part.points, Score(10));
        count.add(part, meant, response);
    });
    count.check(0.8);
}
