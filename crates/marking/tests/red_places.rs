//! Red marks where teachers put them: far right of an answer, in the margin, beside a question with
//! several blanks, over a whole order, two at one answer. All ink is made of straight lines.
//!
//! Failure: a mark is dropped while what the machine thinks stands, or a mark counts that another one
//! contradicts. No failure: that a person must look, where a person could not be sure either.

use firmware_protocol::{BootId, PenId, StrokeEnd};
use ink::{Sample, Stroke, StrokeKey};
use marking::{MarkedPaper, Marker, PageInk, Scratch, Thresholds, Verdict};
use worksheet::text::Draft;
use worksheet::{Framework, Rect, Registration, Worksheet};

const PLAIN: Registration =
    Registration { version: 1, dx_um: 0, dy_um: 0, rotation_urad: 0, scale_ppm: 0 };

const TEXT: &str = "标题：红笔\n编号：red-places\n年级：三\n科目：数学\n\n\
    一、算。（每题 5 分，两栏）\n36 + 47 = [83]\n48 + 52 = [100]\n7 × 8 = [56]\n9 × 9 = [81]\n\
    二、填。（每题 4 分）\n4.5 元 = [4] 元 [5] 角\n1/5 + 3/5 = [4/5]\n\
    三、排一排，从小到大。（每题 4 分）\n从小到大。\n  排序：0.3 | 0.52 | 1.1 | 2\n";

fn sheet() -> Worksheet {
    Draft::build(TEXT, &Framework::own(), |_| None).expect("a sheet")
}

/// A red pen: strokes at 100 Hz, a third of a millimetre between two samples.
struct Red {
    now_ms: i64,
    strokes: Vec<Stroke>,
}

impl Red {
    fn new() -> Self {
        Self { now_ms: 1_700_000_000_000, strokes: Vec::new() }
    }

    fn wait(&mut self, ms: i64) -> &mut Self {
        self.now_ms += ms;
        self
    }

    /// One stroke through corners given in millimetres.
    fn line(&mut self, corners: &[(f64, f64)]) -> &mut Self {
        let mut points = vec![corners[0]];
        for pair in corners.windows(2) {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            let steps = ((bx - ax).hypot(by - ay) / 0.3).ceil().max(1.0) as usize;
            points.extend((1..=steps).map(|i| {
                let t = i as f64 / steps as f64;
                (ax + t * (bx - ax), ay + t * (by - ay))
            }));
        }
        let um = |mm: f64| (mm * 1_000.0).round() as i32;
        let sample = |((x, y), i): (&(f64, f64), u32)| Sample {
            x_um: um(*x),
            y_um: um(*y),
            force: 30_000,
            t_ms: i * 10,
        };
        let samples: Vec<Sample> = points.iter().zip(0..).map(sample).collect();
        let boot = BootId { counter: 1, random: 7 };
        let number = self.strokes.len() as u32;
        let duration_ms = samples.last().map_or(0, |s| i64::from(s.t_ms));
        self.strokes.push(Stroke {
            key: StrokeKey { pen: PenId(9), boot, number },
            address: None,
            start_ms: self.now_ms,
            start_ticks: 0,
            end: StrokeEnd::Up,
            complete: true,
            samples,
            orientation: Vec::new(),
        });
        self.now_ms += duration_ms + 200;
        self
    }

    /// A tick, its vertex at (x, y).
    fn tick(&mut self, (x, y): (f64, f64)) -> &mut Self {
        self.wait(2_000).line(&[(x - 1.5, y - 1.8), (x, y), (x + 3.5, y - 5.0)])
    }

    /// A cross around (x, y).
    fn cross(&mut self, (x, y): (f64, f64)) -> &mut Self {
        self.wait(2_000)
            .line(&[(x - 2.0, y - 2.0), (x + 2.0, y + 2.0)])
            .line(&[(x + 2.0, y - 2.0), (x - 2.0, y + 2.0)])
    }

    /// `-4`, the minus beginning at (x, y).
    fn minus_four(&mut self, (x, y): (f64, f64)) -> &mut Self {
        let (left, top) = (x + 4.0, y - 2.6);
        self.wait(400)
            .line(&[(x, y), (x + 2.4, y - 0.1)])
            .line(&[(left + 1.2, top), (left, top + 3.2), (left + 3.0, top + 3.2)])
            .line(&[(left + 2.2, top + 1.5), (left + 2.1, top + 5.0)])
    }
}

/// Where the field of a part ends on the right, in millimetres, and the middle of its height.
fn end(sheet: &Worksheet, part: &str) -> (f64, f64) {
    let field = field(sheet, part);
    let mm = |um: i32| f64::from(um) / 1_000.0;
    (mm(field.x_um + field.width_um), mm(field.y_um + field.height_um / 2))
}

fn field(sheet: &Worksheet, part: &str) -> Rect {
    sheet.part(part).and_then(|of| of.part.field.bounds()).expect("a part of the sheet")
}

fn marked(sheet: &Worksheet, red: &Red) -> MarkedPaper {
    let ink = PageInk { pupil: Vec::new(), red: red.strokes.clone() };
    Marker::new(Thresholds::STANDARD).mark(sheet, 1, &PLAIN, &ink, &mut Scratch::new())
}

/// What became of some parts: a verdict in red, or why a person must look, or nothing.
fn became(sheet: &Worksheet, red: &Red, parts: &[&str]) -> Vec<String> {
    let paper = marked(sheet, red);
    let of = |part: &&str| {
        let response = paper.responses.iter().find(|r| r.part == **part).expect("its response");
        match (response.red_mark, response.review) {
            (Some(mark), None) => format!("{} {}", mark.verdict.code(), mark.score),
            (None, Some(review)) => review.code().to_owned(),
            (None, None) => "machine".to_owned(),
            both => panic!("{both:?}"),
        }
    };
    parts.iter().map(of).collect()
}

/// The ids of all parts, in printed order.
fn parts(sheet: &Worksheet) -> Vec<String> {
    sheet.parts().map(|of| of.part.id.clone()).collect()
}

#[test]
fn a_mark_right_of_its_answer_or_in_the_left_margin_is_its() {
    let sheet = sheet();
    let ids = parts(&sheet);
    let (first, second) = (ids[0].as_str(), ids[1].as_str());
    let (x, y) = end(&sheet, first);
    for away in [2.0, 6.0, 9.0, 12.0, 16.0] {
        let got = became(&sheet, Red::new().tick((x + away, y + 1.0)), &[first, second]);
        assert_eq!(got, ["right 5", "machine"], "{away} mm right");
        let got = became(&sheet, Red::new().cross((x + away, y)), &[first, second]);
        assert_eq!(got, ["wrong 0", "machine"], "{away} mm right");
    }
    let got = became(&sheet, Red::new().tick((9.0, y + 1.0)), &[first, second]);
    assert_eq!(got, ["right 5", "machine"], "in the left margin");
    let (x, y) = end(&sheet, second);
    let got = became(&sheet, Red::new().cross(((x + 200.0) / 2.0, y)), &[first, second]);
    assert_eq!(got, ["machine", "wrong 0"], "in the right margin");
}

#[test]
fn a_mark_between_two_questions_is_shown_at_what_it_would_change() {
    let sheet = sheet();
    let ids = parts(&sheet);
    let (first, second) = (ids[0].as_str(), ids[1].as_str());
    let left = field(&sheet, second).x_um as f64 / 1_000.0;
    let (x, y) = end(&sheet, first);
    let between = (x + (left - x) * 0.45, y + 1.0);
    // Both are blank: either may be the one that is ticked, and a cross changes neither.
    let got = became(&sheet, Red::new().tick(between), &[first, second]);
    assert_eq!(got, ["red_unplaced"; 2]);
    let paper = marked(&sheet, Red::new().tick(between));
    let machine = paper.responses.iter().filter(|r| r.review.is_some() && r.machine.is_some());
    assert_eq!(machine.count(), 0, "what the machine thinks does not count meanwhile");
    let got = became(&sheet, Red::new().cross(between), &[first, second]);
    assert_eq!(got, ["machine"; 2]);
}

#[test]
fn a_mark_that_names_no_blank_is_that_of_all_of_them() {
    let sheet = sheet();
    let ids = parts(&sheet);
    let (yuan, jiao, over, under) = (&*ids[4], &*ids[5], &*ids[6], &*ids[7]);
    // At the end of the line. The blanks are empty: a tick contradicts that, and a cross does not.
    let (x, y) = end(&sheet, jiao);
    let at = (x + 14.0, y + 1.0);
    let got = became(&sheet, Red::new().tick(at), &[yuan, jiao]);
    assert_eq!(got, ["red_unplaced", "right 2"]);
    let got = became(&sheet, Red::new().cross(at), &[yuan, jiao]);
    assert_eq!(got, ["machine", "wrong 0"]);
    // In each of them, each has its own.
    let (yuan_end, jiao_end) = (end(&sheet, yuan), end(&sheet, jiao));
    let own = |end: (f64, f64)| (end.0 - 4.0, end.1 + 1.0);
    let got = became(&sheet, Red::new().tick(own(yuan_end)).cross(own(jiao_end)), &[yuan, jiao]);
    assert_eq!(got, ["right 2", "wrong 0"]);
    // Two boxes of a fraction are one answer, whichever of them a mark touches.
    let (x, top) = end(&sheet, over);
    let middle = (top + end(&sheet, under).1) / 2.0;
    for at in [(x + 3.0, middle), (x + 12.0, middle), (x - 3.0, top + 1.0)] {
        assert_eq!(became(&sheet, Red::new().tick(at), &[over, under]), ["right 2"; 2], "{at:?}");
        assert_eq!(became(&sheet, Red::new().cross(at), &[over, under]), ["wrong 0"; 2], "{at:?}");
    }
}

#[test]
fn a_mark_for_an_order_reaches_all_of_it() {
    let sheet = sheet();
    let ids = parts(&sheet);
    let order: Vec<&str> = ids[8..].iter().map(String::as_str).collect();
    assert_eq!(order.len(), 4);
    let row = field(&sheet, order[0]).y_um;
    let last = order.iter().rev().find(|id| field(&sheet, id).y_um == row).expect("in a row");
    let (x, y) = end(&sheet, last);
    let (first_x, _) = end(&sheet, order[0]);
    // At the end of the row, over what stands between two brackets, in the left margin.
    for at in [(x + 16.0, y + 1.0), (first_x + 3.0, y + 1.0), (9.0, y + 1.0)] {
        assert_eq!(became(&sheet, Red::new().tick(at), &order), ["right 1"; 4], "{at:?}");
        assert_eq!(became(&sheet, Red::new().cross(at), &order), ["wrong 0"; 4], "{at:?}");
    }
    // In one bracket, it may be that of one or of all.
    let got = became(&sheet, Red::new().tick((first_x - 6.0, y + 1.0)), &order);
    assert_eq!(got, ["right 1", "red_unplaced", "red_unplaced", "red_unplaced"]);
}

#[test]
fn marks_at_one_answer_are_read_together() {
    let sheet = sheet();
    let ids = parts(&sheet);
    let first = ids[0].as_str();
    let (x, y) = end(&sheet, first);
    let (tick, cross) = ((x - 2.0, y + 1.0), (x + 3.0, y));
    let minus = |red: &mut Red, gap: f64| became(&sheet, red.minus_four((x + gap, y)), &[first]);
    assert_eq!(minus(Red::new().tick(tick), 4.0), ["partly 1"], "a tick, and 4 points of 5 off");
    assert_eq!(minus(Red::new().tick(tick), 0.0), ["partly 1"], "under the tick's arm");
    assert_eq!(minus(Red::new().cross(tick), 6.0), ["red_contradicts"]);
    let both = became(&sheet, Red::new().tick(tick).cross(cross), &[first]);
    assert_eq!(both, ["red_contradicts"]);
    let twice = became(&sheet, Red::new().tick(tick).tick((x + 1.0, y + 1.0)), &[first]);
    assert_eq!(twice, ["right 5"]);
}

#[test]
fn red_ink_is_never_lost() {
    let sheet = sheet();
    let all = |red: &Red| {
        let paper = marked(&sheet, red);
        let bound: usize = paper.responses.iter().map(|response| response.red.len()).sum();
        bound + paper.loose.len() >= red.strokes.len()
    };
    for (x, y) in [(9.0, 20.0), (60.0, 70.0), (105.0, 150.0), (200.0, 290.0)] {
        assert!(all(Red::new().tick((x, y)).cross((x, y + 5.0)).minus_four((x, y + 9.0))));
    }
    // What nobody can place is loose, and decides nothing.
    let paper = marked(&sheet, Red::new().tick((100.0, 280.0)));
    assert_eq!(paper.loose.len(), 1);
    assert!(paper.responses.iter().all(|r| r.red_mark.is_none() && r.red.is_empty()));
    assert!(paper.responses.iter().all(|r| r.machine.is_none_or(|m| m.verdict == Verdict::Blank)));
}
