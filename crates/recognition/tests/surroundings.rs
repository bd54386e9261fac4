//! Reads numbers with what pupils write around and into them (synthetic: the project's made-up
//! hand, and signs drawn here in several sizes and slants).
//!
//! Failure is a sure reading of another number than the digits, or punctuation after which fewer
//! than half of the numbers are still sure. Not failure: doubt about a single one.

use ink::{Handwriting, Sample};
use recognition::{Alphabet, Context, Recognizer, SYMBOL_HEIGHT_UM, Scratch, samples};

/// Micrometres, y down.
type Strokes = Vec<Vec<[f32; 2]>>;

/// From this probability on, a reading counts as sure.
const SURE: f32 = 0.9;
const NUMBERS: [&str; 8] = ["83", "17", "4", "602", "95", "1240", "37", "258"];

/// The digits of `number` side by side, each on the line y = 0; returns the right edge too.
fn written(number: &str, from: f32) -> (Strokes, f32) {
    let file: &[u8] = include_bytes!("synthetic.jsonl");
    let items: Vec<Handwriting> =
        Handwriting::read(file).map(|item| item.expect("a readable line")).collect();
    let mut right = from;
    let mut strokes = Vec::new();
    for (at, digit) in number.chars().enumerate() {
        let of = items.iter().filter(|item| item.label == digit.to_string());
        let forms: Vec<&Handwriting> = of.collect();
        let form = samples(forms[at % forms.len()], 10.0);
        let points = form.iter().flatten();
        let left = points.clone().map(|s| s.x_um).min().expect("points") as f32;
        let bottom = points.clone().map(|s| s.y_um).max().expect("points") as f32;
        let width = points.map(|s| s.x_um).max().expect("points") as f32 - left;
        let place = |s: &Sample| [s.x_um as f32 - left + right, s.y_um as f32 - bottom];
        strokes.extend(form.iter().map(|stroke| stroke.iter().map(place).collect()));
        right += width + 900.0;
    }
    (strokes, right)
}

fn line(from: [f32; 2], to: [f32; 2]) -> Vec<[f32; 2]> {
    let at = |i: i32| [0, 1].map(|k| from[k] + (to[k] - from[k]) * i as f32 / 12.0);
    (0..=12).map(at).collect()
}

/// Part of a circle, angles in degrees, clockwise from the right.
fn arc(centre: [f32; 2], radius: [f32; 2], from: f32, to: f32) -> Vec<[f32; 2]> {
    let at = |i: i32| {
        let (sin, cos) = (from + (to - from) * i as f32 / 24.0).to_radians().sin_cos();
        [centre[0] + radius[0] * cos, centre[1] + radius[1] * sin]
    };
    (0..=24).map(at).collect()
}

fn equals(width: f32, gap: f32, slope: f32) -> Strokes {
    let level = |y: f32| line([0.0, y], [width, y - slope * width]);
    vec![level(-2_500.0 - gap / 2.0), level(-2_500.0 + gap / 2.0)]
}

/// What each number with something added is read as: how many are sure of another number, and how
/// many are sure of the digits.
fn count(numbers: &[&str], alphabet: Alphabet, add: impl Fn(&str) -> Vec<Strokes>) -> [usize; 3] {
    let (recognizer, mut scratch) = (Recognizer::embedded(), Scratch::new());
    let context = Context { symbol_height_um: Some(SYMBOL_HEIGHT_UM), only: None };
    let mut counts = [0; 3];
    for number in numbers {
        for strokes in add(number) {
            let sample = |p: &[f32; 2]| Sample {
                x_um: p[0] as i32,
                y_um: p[1] as i32,
                force: 20_000,
                t_ms: 0,
            };
            let strokes: Vec<Vec<Sample>> =
                strokes.iter().map(|s| s.iter().map(sample).collect()).collect();
            let strokes: Vec<&[Sample]> = strokes.iter().map(Vec::as_slice).collect();
            let reading = recognizer.read(&strokes, alphabet, &context, &mut scratch);
            let reading = reading.expect("there is ink");
            let sure = reading.probability >= SURE;
            let right = reading.text == number.replace(',', "");
            if sure && !right {
                println!("{number} as {alphabet:?}: {reading:?}");
            }
            counts[0] += 1;
            counts[1] += usize::from(sure && right);
            counts[2] += usize::from(sure && !right);
        }
    }
    counts
}

/// Checks that no number with something added is surely read as another one, and that at least
/// `right_min` percent are still surely read.
fn check(numbers: &[&str], right_min: usize, add: impl Fn(&str) -> Vec<Strokes>) {
    for alphabet in [Alphabet::Number, Alphabet::Decimal] {
        let [all, right, wrong] = count(numbers, alphabet, &add);
        println!("{alphabet:?}: {right} of {all} surely right, {wrong} surely wrong");
        assert_eq!(wrong, 0, "{alphabet:?}: surely read as other numbers");
        assert!(100 * right >= right_min * all, "{alphabet:?}: {right} of {all}");
    }
}

#[test]
fn numbers_alone_are_sure() {
    check(&NUMBERS, 90, |number| vec![written(number, 0.0).0]);
}

#[test]
fn an_equals_sign_before_a_number_is_no_digit() {
    check(&NUMBERS, 50, |number| {
        let with = |(width, gap, slope)| {
            let mut strokes = equals(width, gap, slope);
            strokes.extend(written(number, width + 800.0).0);
            strokes
        };
        [(2_600.0, 1_300.0, 0.0), (3_400.0, 1_800.0, 0.12), (2_000.0, 900.0, -0.08)]
            .map(with)
            .to_vec()
    });
}

#[test]
fn a_full_stop_after_a_number_is_no_zero() {
    check(&NUMBERS, 50, |number| {
        let (digits, right) = written(number, 0.0);
        let with = |(radius, turn): (f32, f32)| {
            let mut strokes = digits.clone();
            let centre = [right + radius - 300.0, -0.7 * radius];
            strokes.push(arc(centre, [radius, 0.95 * radius], -80.0, -80.0 - turn));
            strokes
        };
        [(400.0, 360.0), (550.0, 390.0), (700.0, 350.0)].map(with).to_vec()
    });
}

#[test]
fn a_comma_at_the_thousands_is_no_point_and_no_digit() {
    check(&["2,000", "12,450", "3,718", "961,305"], 50, |number| {
        let (before, after) = number.split_once(',').expect("a comma");
        let (digits, right) = written(before, 0.0);
        let with = |(length, slant): (f32, f32)| {
            let mut strokes = digits.clone();
            let from = [right - 300.0, -250.0];
            strokes.push(line(from, [from[0] - slant * length, from[1] + length]));
            strokes.extend(written(after, right + 300.0).0);
            strokes
        };
        [(900.0, 0.4), (1_300.0, 0.5), (1_100.0, 0.2)].map(with).to_vec()
    });
}

#[test]
fn a_carry_above_a_number_is_no_digit_of_it() {
    check(&NUMBERS, 0, |number| {
        let with = |(carry, scale, rise): (&str, f32, f32)| {
            let (mut strokes, right) = written(number, 0.0);
            let small = |p: &[f32; 2]| [p[0] * scale + right - 400.0, p[1] * scale - rise];
            let carry = written(carry, 0.0).0;
            strokes.extend(carry.iter().map(|s| s.iter().map(small).collect()));
            strokes
        };
        [("1", 0.4, 3_200.0), ("2", 0.45, 3_500.0), ("3", 0.35, 3_800.0), ("5", 0.5, 4_200.0)]
            .map(with)
            .to_vec()
    });
}
