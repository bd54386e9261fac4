//! Fractions in one box, put together from real digits of writers whom the reader has not seen, with
//! a real `-` as the bar and a real `/` as the stroke, of any writer.
//!
//! Failure: an answer is decided and is not what was written, more than once in fifty; or too few are
//! decided. Some real `/` stand as upright as a 1. No failure: that a person must look.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use firmware_protocol::{BootId, PenId, StrokeEnd};
use ink::{Handwriting, Sample, Stroke, StrokeKey};
use marking::{Marker, PageInk, Scratch, Thresholds, Verdict};
use recognition::{Alphabet, Split, symbol_heights};
use report::doubtful::is_listed;
use worksheet::text::Draft;
use worksheet::{Framework, Rect, Registration, Worksheet};

/// What is right, as it is asked for and as it is written: before, over and under the bar.
const ANSWERS: [(&str, [&str; 3]); 8] = [
    ("0.5", ["", "1", "2"]),
    ("0.25", ["", "2", "8"]),
    ("0.75", ["", "3", "4"]),
    ("0.4", ["", "4", "10"]),
    ("0.6", ["", "9", "15"]),
    ("0.7", ["", "7", "10"]),
    ("1.5", ["1", "1", "2"]),
    ("2.2", ["2", "1", "5"]),
];

const PLAIN: Registration =
    Registration { version: 1, dx_um: 0, dy_um: 0, rotation_urad: 0, scale_ppm: 0 };

type Strokes = Vec<Vec<[f32; 2]>>;

/// Real symbols by writer, as tall as 1 where they are as tall as their writer's digits.
struct Hands(BTreeMap<String, BTreeMap<char, Vec<Strokes>>>);

impl Hands {
    fn load(dir: &Path, file: &str, alphabet: Alphabet) -> Self {
        let opened = BufReader::new(File::open(dir.join(file)).expect("a file of the set"));
        let items: Vec<Handwriting> =
            Handwriting::read(opened).collect::<Result<_, _>>().expect("handwriting");
        let heights = symbol_heights(&items, alphabet);
        let mut hands: BTreeMap<String, BTreeMap<char, Vec<Strokes>>> = BTreeMap::new();
        let sound = items.iter().enumerate().filter(|(line, _)| !is_listed(file, *line));
        for (_, item) in sound {
            let height = heights[item.writer.as_str()];
            let point = |p: &Vec<f64>| [p[0] as f32 / height, p[1] as f32 / height];
            let strokes = item.strokes.iter().map(|s| s.iter().map(point).collect()).collect();
            let label = item.label.chars().next().expect("a label");
            let of = hands.entry(item.writer.clone()).or_default();
            of.entry(label).or_default().push(strokes);
        }
        Self(hands)
    }
}

/// One answer as it is written.
struct Pen {
    strokes: Vec<Stroke>,
    now_ms: i64,
}

impl Pen {
    /// Lays strokes with their upper left corner at a place, in millimetres, so many tall or wide as
    /// `scale` makes of them; returns their box.
    fn write(&mut self, of: &Strokes, at: [f32; 2], scale: [f32; 2]) -> [f32; 4] {
        let all = || of.iter().flatten();
        let low = [0, 1].map(|k| all().map(|p| p[k]).fold(f32::MAX, f32::min));
        let high = [0, 1].map(|k| all().map(|p| p[k]).fold(f32::MIN, f32::max));
        for stroke in of {
            let sample = |(i, p): (usize, &[f32; 2])| {
                let um = |k: usize| (1_000.0 * (at[k] + (p[k] - low[k]) * scale[k])) as i32;
                Sample { x_um: um(0), y_um: um(1), force: 0, t_ms: 10 * i as u32 }
            };
            let samples: Vec<Sample> = stroke.iter().enumerate().map(sample).collect();
            let number = self.strokes.len() as u32;
            let lasts_ms = 10 * samples.len() as i64;
            self.strokes.push(Stroke {
                key: StrokeKey { pen: PenId(1), boot: BootId { counter: 1, random: 1 }, number },
                address: None,
                start_ms: self.now_ms,
                start_ticks: 0,
                end: StrokeEnd::Up,
                complete: true,
                samples,
                orientation: Vec::new(),
            });
            self.now_ms += lasts_ms + 150;
        }
        let size = [0, 1].map(|k| (high[k] - low[k]) * scale[k]);
        [at[0], at[1], at[0] + size[0], at[1] + size[1]]
    }

    /// Digits of one hand in a row, and its right edge; `pick` chooses among its samples.
    fn number(
        &mut self,
        hand: &BTreeMap<char, Vec<Strokes>>,
        (text, pick): (&str, usize),
        [x, y]: [f32; 2],
        high: f32,
    ) -> f32 {
        let mut right = x - 0.5;
        for digit in text.chars() {
            let samples = &hand[&digit];
            let box_ = self.write(&samples[pick % samples.len()], [right + 0.5, y], [high; 2]);
            right = box_[2];
        }
        right
    }
}

/// How a fraction is written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Stacked,
    Slashed,
}

/// The sheet, with a box for each of the answers.
fn sheet(keys: &[&str]) -> Worksheet {
    let lines: Vec<String> = keys.iter().map(|key| format!("写成分数 [{key}]\n")).collect();
    let questions = format!("一、填。（每题 2 分）\n{}", lines.concat());
    let text = format!("标题：练习\n编号：fractions\n年级：五\n科目：数学\n\n{questions}");
    Draft::build(&text, &Framework::own(), |_| None).expect("a sheet")
}

fn rect_of(sheet: &Worksheet, at: usize) -> Rect {
    *sheet.questions[at].parts[0].field.rects().first().expect("a box")
}

/// What became of the answers of all writers, if `keys` are right: decided as right and as wrong.
fn marked(dir: &Path, form: Form, keys: &[&str]) -> (usize, usize, usize) {
    let digits = Hands::load(dir, "unipen-digits.jsonl", Alphabet::Digits);
    let signs = Hands::load(dir, "unipen-symbols.jsonl", Alphabet::Operators);
    let sign = |label: char, pick: usize| {
        let all: Vec<&Strokes> = signs
            .0
            .values()
            .filter_map(|of| of.get(&label)?.iter().find(|s| s.len() == 1))
            .collect();
        all[pick % all.len()].clone()
    };
    let sheet = sheet(keys);
    let is_whole = |of: &&BTreeMap<char, Vec<Strokes>>| ('0'..='9').all(|d| of.contains_key(&d));
    let unseen = digits.0.iter().filter(|(writer, _)| Split::of(writer) == Split::Test);
    let marker = Marker::new(Thresholds::STANDARD);
    let mut scratch = Scratch::new();
    let (mut all, mut right, mut wrong) = (0, 0, 0);
    for (nth, hand) in unseen.map(|(_, hand)| hand).filter(is_whole).enumerate() {
        let mut pen = Pen { strokes: Vec::new(), now_ms: 0 };
        let mut written = Vec::new();
        for (at, (_, [whole, over, under])) in ANSWERS.iter().enumerate() {
            let rect = rect_of(&sheet, at);
            let [x, y] = [rect.x_um, rect.y_um].map(|um| um as f32 / 1_000.0 + 0.6);
            let (pick, begins) = (nth + at, pen.strokes.len());
            let high = match form {
                Form::Stacked => 2.9,
                Form::Slashed => 4.5,
            };
            let mut left = x;
            if !whole.is_empty() {
                let down = if form == Form::Stacked { 1.6 } else { 0.6 };
                left = pen.number(hand, (whole, pick), [x, y + down], high * 1.2) + 1.0;
                if form == Form::Slashed {
                    left += 4.0;
                }
            }
            match form {
                Form::Stacked => {
                    let from = pen.strokes.len();
                    let right = pen.number(hand, (over, pick), [left + 0.8, y], high);
                    let low = pen.strokes[from..].iter().flat_map(|s| &s.samples);
                    let low = low.map(|s| s.y_um).max().expect("ink") as f32 / 1_000.0;
                    // A minus is as wide as its fraction asks for.
                    let bar = sign('-', pick);
                    let long = bar[0].last().expect("ink")[0] - bar[0][0][0];
                    let wide = (right - left + 0.8).max(3.6 * under.len() as f32) / long.abs();
                    let bar = pen.write(&bar, [left, low + 0.4], [wide, wide.min(4.0)]);
                    pen.number(hand, (under, pick + 1), [left + 0.6, bar[3] + 0.4], high);
                }
                Form::Slashed => {
                    let right = pen.number(hand, (over, pick), [left, y + 0.8], high);
                    let slash = sign('/', pick);
                    let tall = slash[0].iter().map(|p| p[1]).fold(f32::MIN, f32::max)
                        - slash[0].iter().map(|p| p[1]).fold(f32::MAX, f32::min);
                    let scale = (high + 1.6) / tall;
                    let box_ = pen.write(&slash, [right + 0.3, y], [scale; 2]);
                    pen.number(hand, (under, pick + 1), [box_[2] + 0.3, y + 0.8], high);
                }
            }
            pen.now_ms += 1_500;
            // What is too wide for its box is not written.
            let samples = pen.strokes[begins..].iter().flat_map(|s| &s.samples);
            let fits = |s: &Sample| {
                s.x_um <= rect.x_um + rect.width_um + 800
                    && s.y_um <= rect.y_um + rect.height_um + 800
            };
            if samples.clone().all(fits) {
                written.push(at);
            } else {
                pen.strokes.truncate(begins);
            }
        }
        let ink = PageInk { pupil: pen.strokes, red: Vec::new() };
        let paper = marker.mark(&sheet, 1, &PLAIN, &ink, &mut scratch);
        for at in written {
            let (response, (_, [whole, over, under])) = (&paper.responses[at], ANSWERS[at]);
            all += 1;
            let space = if whole.is_empty() { "" } else { " " };
            let meant = format!("{whole}{space}{over}/{under}");
            let read = response.reading.as_ref().map(|r| r.written.to_string());
            match response.machine.map(|mark| mark.verdict) {
                Some(Verdict::Right) => right += 1,
                Some(_) => {
                    println!("{meant} read {read:?} {:?}", response.reading);
                    wrong += 1;
                }
                None => {}
            }
        }
    }
    println!("{form:?}: {right} of {all} decided as right, {wrong} as wrong");
    (all, right, wrong)
}

#[test]
fn fractions_by_real_hands_are_judged_by_their_value() {
    let Some(dir) = test_needs::data("handwriting") else { return };
    let keys = ANSWERS.map(|(key, _)| key);
    for (form, least) in [(Form::Stacked, 0.6), (Form::Slashed, 0.35)] {
        let (all, right, wrong) = marked(&dir, form, &keys);
        assert!(wrong * 50 <= all, "{form:?}: {wrong} of {all}");
        assert!(right as f64 >= least * all as f64, "{form:?}: {right} of {all}");
    }
}

#[test]
fn fractions_that_are_not_right_are_for_a_person_where_none_is_asked_for() {
    let Some(dir) = test_needs::data("handwriting") else { return };
    let keys = ["0.51", "0.27", "0.76", "0.3", "0.55", "0.65", "1.4", "2.6"];
    for form in [Form::Stacked, Form::Slashed] {
        let (all, right, wrong) = marked(&dir, form, &keys);
        assert_eq!(right, 0, "{form:?}");
        assert!(wrong * 50 <= all, "{form:?}: {wrong} of {all}");
    }
}
