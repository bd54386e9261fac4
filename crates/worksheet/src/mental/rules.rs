//! The rules of each grade: a knowledge point and how a sum of it is made up.

use super::Random;

/// Makes up a sum with its key in place.
type Sum = fn(&mut Random) -> String;

/// A kind of sum.
pub(super) struct Rule {
    /// The id of its knowledge point in the tree that comes with Zhibi.
    pub(super) point: &'static str,
    /// Makes one up.
    pub(super) sum: Sum,
}

/// The rules of a grade; none for a grade that is none of 1–6.
pub(super) fn rules(grade: u8) -> Vec<Rule> {
    let rules: &[(&str, Sum)] = match grade {
        1 => &[
            ("math.whole.add-10", add_10),
            ("math.whole.subtract-10", subtract_10),
            ("math.whole.add-20", add_20),
            ("math.whole.subtract-20", subtract_20),
            ("math.whole.three-numbers", three_numbers),
            ("math.whole.tens", tens),
            ("math.whole.add-plain", add_plain),
            ("math.whole.subtract-plain", subtract_plain),
        ],
        2 => &[
            ("math.whole.times-tables", times_table),
            ("math.whole.table-division", table_division),
            ("math.whole.add-carry", add_carry),
            ("math.whole.subtract-borrow", subtract_borrow),
            ("math.whole.multiply-add", multiply_add),
        ],
        3 => &[
            ("math.whole.add-carry", add_carry),
            ("math.whole.subtract-borrow", subtract_borrow),
            ("math.whole.multiply-by-digit", multiply_by_digit),
            ("math.whole.divide-by-digit", divide_by_digit),
            ("math.whole.multiply-tens", multiply_tens),
            ("math.whole.divide-tens", divide_tens),
            ("math.whole.three-digit", three_digit),
        ],
        4 => &[
            ("math.decimal.add", decimal_add),
            ("math.decimal.subtract", decimal_subtract),
            ("math.whole.laws", laws),
            ("math.whole.two-digit-divide", two_digit_divide),
            ("math.whole.order", order),
            ("math.fraction.add-same", fraction_add),
        ],
        5 => &[
            ("math.decimal.multiply", decimal_multiply),
            ("math.decimal.divide", decimal_divide),
            ("math.decimal.add-two", decimal_two),
            ("math.decimal.shift", decimal_shift),
            ("math.algebra.equations", equation),
        ],
        6 => &[
            ("math.fraction.add-same", fraction_add),
            ("math.fraction.of-number", fraction_of),
            ("math.decimal.percent", percent),
            ("math.decimal.multiply", decimal_multiply),
            ("math.decimal.divide", decimal_divide),
            ("math.algebra.equations", equation),
        ],
        _ => &[],
    };
    rules.iter().map(|(point, sum)| Rule { point, sum: *sum }).collect()
}

fn add_10(random: &mut Random) -> String {
    let a = random.of(1, 9);
    let b = random.of(1, 10 - a);
    format!("{a} + {b} = [{}]", a + b)
}

fn subtract_10(random: &mut Random) -> String {
    let a = random.of(2, 10);
    let b = random.of(1, a);
    format!("{a} − {b} = [{}]", a - b)
}

fn add_20(random: &mut Random) -> String {
    let a = random.of(2, 9);
    let b = random.of(11 - a, 9);
    format!("{a} + {b} = [{}]", a + b)
}

fn subtract_20(random: &mut Random) -> String {
    let a = random.of(11, 18);
    let b = random.of(a - 9, 9);
    format!("{a} − {b} = [{}]", a - b)
}

/// Within 20, never below 0.
fn three_numbers(random: &mut Random) -> String {
    let a = random.of(3, 10);
    let b = random.of(1, 9);
    if random.of(0, 1) == 0 {
        let c = random.of(1, (20 - a - b).max(1));
        format!("{a} + {b} + {c} = [{}]", a + b + c)
    } else {
        let c = random.of(1, a + b);
        format!("{a} + {b} − {c} = [{}]", a + b - c)
    }
}

fn tens(random: &mut Random) -> String {
    let a = random.of(1, 9) * 10;
    if random.of(0, 1) == 0 && a < 90 {
        let b = random.of(1, 10 - a / 10) * 10;
        format!("{a} + {b} = [{}]", a + b)
    } else {
        let b = random.of(1, a / 10) * 10;
        format!("{a} − {b} = [{}]", a - b)
    }
}

/// Two tens and two ones, none of which carries.
fn plain(random: &mut Random) -> (i64, i64) {
    let (a_tens, a_ones) = (random.of(1, 8), random.of(1, 8));
    let (b_tens, b_ones) = (random.of(1, 9 - a_tens), random.of(1, 9 - a_ones));
    (a_tens * 10 + a_ones, b_tens * 10 + b_ones)
}

fn add_plain(random: &mut Random) -> String {
    let (a, b) = plain(random);
    format!("{a} + {b} = [{}]", a + b)
}

fn subtract_plain(random: &mut Random) -> String {
    let (a, b) = plain(random);
    format!("{} − {b} = [{a}]", a + b)
}

/// Two-digit numbers whose ones carry, within 100.
fn carrying(random: &mut Random) -> (i64, i64) {
    let (a_tens, a_ones) = (random.of(1, 7), random.of(2, 9));
    let (b_tens, b_ones) = (random.of(1, 8 - a_tens), random.of(11 - a_ones, 9));
    (a_tens * 10 + a_ones, b_tens * 10 + b_ones)
}

fn add_carry(random: &mut Random) -> String {
    let (a, b) = carrying(random);
    format!("{a} + {b} = [{}]", a + b)
}

fn subtract_borrow(random: &mut Random) -> String {
    let (a, b) = carrying(random);
    format!("{} − {b} = [{a}]", a + b)
}

fn times_table(random: &mut Random) -> String {
    let (a, b) = (random.of(2, 9), random.of(2, 9));
    format!("{a} × {b} = [{}]", a * b)
}

fn table_division(random: &mut Random) -> String {
    let (a, b) = (random.of(2, 9), random.of(2, 9));
    format!("{} ÷ {b} = [{a}]", a * b)
}

fn multiply_add(random: &mut Random) -> String {
    let (a, b) = (random.of(2, 9), random.of(2, 9));
    if random.of(0, 1) == 0 {
        let c = random.of(1, 9);
        format!("{a} × {b} + {c} = [{}]", a * b + c)
    } else {
        let c = random.of(1, (a * b).min(9));
        format!("{a} × {b} − {c} = [{}]", a * b - c)
    }
}

fn multiply_by_digit(random: &mut Random) -> String {
    let b = random.of(2, 9);
    let a = random.of(11, (199 / b).min(49));
    format!("{a} × {b} = [{}]", a * b)
}

fn divide_by_digit(random: &mut Random) -> String {
    let b = random.of(2, 9);
    let a = random.of(11, (99 / b).max(12));
    format!("{} ÷ {b} = [{a}]", a * b)
}

fn multiply_tens(random: &mut Random) -> String {
    let (a, b) = (random.of(2, 9), random.of(2, 9));
    match random.of(0, 2) {
        0 => format!("{}0 × {b} = [{}]", a, a * b * 10),
        1 => format!("{}00 × {b} = [{}]", a, a * b * 100),
        _ => format!("{}0 × {b}0 = [{}]", a, a * b * 100),
    }
}

fn divide_tens(random: &mut Random) -> String {
    let (a, b) = (random.of(2, 9), random.of(2, 9));
    match random.of(0, 1) {
        0 => format!("{} ÷ {b} = [{}]", a * b * 10, a * 10),
        _ => format!("{} ÷ {b} = [{}]", a * b * 100, a * 100),
    }
}

/// Whole tens within 1000.
fn three_digit(random: &mut Random) -> String {
    let a = random.of(11, 79);
    let b = random.of(11, 99 - a);
    if random.of(0, 1) == 0 {
        format!("{} + {} = [{}]", a * 10, b * 10, (a + b) * 10)
    } else {
        format!("{} − {} = [{}]", (a + b) * 10, b * 10, a * 10)
    }
}

/// A number of tenths or hundredths without useless zeros.
fn decimal(units: i64, places: u32) -> String {
    let one = 10_i64.pow(places);
    let text = format!("{}.{:0width$}", units / one, units % one, width = places as usize);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Tenths that are no whole number.
fn tenths(random: &mut Random, most: i64) -> i64 {
    random.of(0, most) * 10 + random.of(1, 9)
}

fn decimal_add(random: &mut Random) -> String {
    let (a, b) = (tenths(random, 8), tenths(random, 8));
    format!("{} + {} = [{}]", decimal(a, 1), decimal(b, 1), decimal(a + b, 1))
}

fn decimal_subtract(random: &mut Random) -> String {
    let (a, b) = (tenths(random, 8), tenths(random, 8));
    format!("{} − {} = [{}]", decimal(a + b, 1), decimal(b, 1), decimal(a, 1))
}

/// Products that are round: 25 × 4, 125 × 8 and their like.
fn laws(random: &mut Random) -> String {
    let (a, b) = [(25, 4), (125, 8), (5, 2), (50, 2), (15, 4), (35, 2)][random.of(0, 5) as usize];
    let c = random.of(3, 19);
    match random.of(0, 2) {
        0 => format!("{a} × {c} × {b} = [{}]", a * b * c),
        1 => format!("{c} × {a} + {c} × {} = [{}]", 100 - a.min(99), c * (a + 100 - a.min(99))),
        _ => format!("{} + {} + {} = [{}]", a, c, 100 - a.min(99), c + a + 100 - a.min(99)),
    }
}

fn two_digit_divide(random: &mut Random) -> String {
    let (a, b) = (random.of(2, 9), random.of(2, 9) * 10);
    format!("{} ÷ {b} = [{a}]", a * b)
}

/// Brackets, or a product before a sum.
fn order(random: &mut Random) -> String {
    let (a, b, c) = (random.of(2, 9), random.of(2, 9), random.of(2, 9));
    match random.of(0, 2) {
        0 => format!("{a} + {b} × {c} = [{}]", a + b * c),
        1 => format!("({a} + {b}) × {c} = [{}]", (a + b) * c),
        _ => format!("{} − {b} × {c} = [{a}]", a + b * c),
    }
}

/// One denominator, and a key that cannot be shortened: it is right as written.
fn fraction_add(random: &mut Random) -> String {
    let under = [5, 7, 11, 13][random.of(0, 3) as usize];
    let sum = random.of(2, under - 1);
    let a = random.of(1, sum - 1);
    if random.of(0, 1) == 0 {
        format!("{a}/{under} + {}/{under} = [{sum}/{under}]", sum - a)
    } else {
        format!("{sum}/{under} − {a}/{under} = [{}/{under}]", sum - a)
    }
}

fn fraction_of(random: &mut Random) -> String {
    let under = random.of(2, 9);
    let over = random.of(1, under - 1);
    let times = random.of(2, 9);
    format!("{} × {over}/{under} = [{}]", under * times, over * times)
}

fn percent(random: &mut Random) -> String {
    let hundredths = random.of(1, 99);
    match random.of(0, 1) {
        0 => format!("{} = [{hundredths}] %", decimal(hundredths, 2)),
        _ => format!("{hundredths} % = [{}]", decimal(hundredths, 2)),
    }
}

fn decimal_multiply(random: &mut Random) -> String {
    let (a, b) = (random.of(1, 12) * 10 + random.of(1, 5), random.of(2, 9));
    let a = if a > 60 { a % 10 + 10 } else { a };
    match random.of(0, 1) {
        0 => format!("{} × {b} = [{}]", decimal(a, 1), decimal(a * b, 1)),
        _ => format!(
            "{} × {} = [{}]",
            decimal(a % 10 + 1, 1),
            decimal(b, 1),
            decimal((a % 10 + 1) * b, 2)
        ),
    }
}

fn decimal_divide(random: &mut Random) -> String {
    let (a, b) = (random.of(1, 9) * 10 / random.of(1, 2), random.of(2, 9));
    let a = a + random.of(1, 9);
    match random.of(0, 1) {
        0 => format!("{} ÷ {b} = [{}]", decimal(a * b, 1), decimal(a, 1)),
        _ => format!("{} ÷ {} = [{a}]", decimal(a * b, 1), decimal(b, 1)),
    }
}

fn decimal_two(random: &mut Random) -> String {
    let (a, b) = (random.of(11, 499), random.of(11, 499));
    if random.of(0, 1) == 0 {
        format!("{} + {} = [{}]", decimal(a, 2), decimal(b, 2), decimal(a + b, 2))
    } else {
        format!("{} − {} = [{}]", decimal(a + b, 2), decimal(b, 2), decimal(a, 2))
    }
}

fn decimal_shift(random: &mut Random) -> String {
    let a = random.of(1, 99) * 10 + random.of(1, 9);
    let power = [10, 100][random.of(0, 1) as usize];
    match random.of(0, 1) {
        0 => format!("{} × {power} = [{}]", decimal(a, 2), decimal(a * power, 2)),
        _ => format!("{} ÷ {power} = [{}]", decimal(a, 1), decimal(a * 100 / power, 3)),
    }
}

fn equation(random: &mut Random) -> String {
    let (x, a) = (random.of(2, 20), random.of(2, 9));
    match random.of(0, 2) {
        0 => format!("x + {a} = {}，x = [{x}]", x + a),
        1 => format!("{a}x = {}，x = [{x}]", a * x),
        _ => format!("x − {a} = {x}，x = [{}]", x + a),
    }
}
