//! The kinds of ink.

use crate::variants::page::{Area, Page};

/// What was meant in each part that the kind is about; `None`: nothing.
pub type Meant = Vec<(String, Option<String>)>;

/// A kind of ink.
#[derive(Clone, Copy, Debug)]
pub struct Of {
    /// What is drawn.
    pub name: &'static str,
    /// On the English sheet, else on the numbers.
    pub english: bool,
    /// Per cent that may be decided and not as meant.
    pub silent_max: f64,
    /// Per cent that must be decided as meant.
    pub right_min: f64,
    /// Writes it, and says what it means.
    pub write: fn(&mut Page) -> Meant,
}

const fn numbers(name: &'static str, write: fn(&mut Page) -> Meant) -> Of {
    Of { name, english: false, silent_max: 4.0, right_min: 0.0, write }
}

const fn english(name: &'static str, write: fn(&mut Page) -> Meant) -> Of {
    Of { english: true, ..numbers(name, write) }
}

/// All kinds, the plain ones among them.
pub const KINDS: &[Of] = &[
    Of { right_min: 90.0, silent_max: 2.0, ..numbers("plain numbers", plain) },
    Of { right_min: 80.0, silent_max: 2.0, ..numbers("plain numbers, leaning more", leaning) },
    Of { right_min: 90.0, ..numbers("crossed 7", crossed_seven) },
    Of { right_min: 90.0, ..numbers("slashed 0", slashed_zero) },
    Of { right_min: 90.0, ..english("bubbles filled", filled) },
    english("bubble ringed", |page| {
        bubble(page, |p, b, _| {
            p.ring(b, 0.9);
        })
    }),
    english("bubble ringed wide", |page| {
        bubble(page, |p, b, _| {
            p.ring(b, 2.2);
        })
    }),
    english("bubble ticked beside", |page| {
        bubble(page, |p, _, text| {
            p.tick(text.left + 3.0, text.bottom, 4.0);
        })
    }),
    english("bubble ticked over", |page| {
        bubble(page, |p, b, _| {
            p.tick((b.left + b.right) / 2.0, b.bottom - 0.5, 5.0);
        })
    }),
    english("option underlined", |page| {
        bubble(page, |p, _, text| {
            p.line(&[(text.left, text.bottom + 0.8), (text.right, text.bottom + 0.6)]);
        })
    }),
    english("option's text circled", |page| {
        bubble(page, |p, _, text| {
            p.ring(text, 0.8);
        })
    }),
    english("bubble and text circled", |page| {
        bubble(page, |p, b, text| {
            p.ring(b.union(text), 0.6);
        })
    }),
    english("bubble underlined", |page| {
        bubble(page, |p, b, _| {
            p.line(&[(b.left - 0.5, b.bottom + 1.0), (b.right + 0.5, b.bottom + 0.9)]);
        })
    }),
    english("letter beside bubbles", |page| {
        bubble(page, |p, b, _| {
            p.size = 4.5;
            p.write("B", b.left + 1.0, b.bottom + 2.0);
        })
    }),
    english("letter beside its bracket", letter_beside),
    english("letter's option circled", letter_circled),
    numbers("right of its box", |page| beside(page, |r, a| (r.right + 1.5, mid(r, a)))),
    numbers("far right of its box", |page| beside(page, |r, a| (r.right + 6.0, mid(r, a)))),
    numbers("left of its box", |page| beside(page, |r, a| (r.left - 2.0 - a.width(), mid(r, a)))),
    numbers("above its box", |page| beside(page, |r, a| (r.left + 3.0, r.top - 0.8 - a.height()))),
    numbers("under its box", |page| beside(page, |r, _| (r.left + 3.0, r.bottom + 0.8))),
    numbers("across its box's edge", |page| {
        beside(page, |r, a| (r.left + 4.0, r.bottom - 0.4 * a.height()))
    }),
    Of { right_min: 80.0, ..numbers("one slash over all", |page| deleted(page, slash_over)) },
    numbers("falling slash over all", |page| {
        deleted(page, |p, a| {
            p.line(&[(a.left - 0.6, a.top - 0.4), (a.right + 0.5, a.bottom + 0.4)]);
        })
    }),
    numbers("a slash over each digit", |page| deleted(page, slash_each)),
    numbers("two slashes over all", |page| {
        deleted(page, |p, a| {
            slash(p, a);
            slash(p, Area { left: a.left + 1.0, right: a.right + 1.0, ..a });
        })
    }),
    numbers("a line", |page| deleted(page, |p, a| line_through(p, a, 0.5))),
    numbers("two lines", |page| {
        deleted(page, |p, a| {
            line_through(p, a, 0.4);
            line_through(p, a, 0.65);
        })
    }),
    numbers("three lines", |page| {
        deleted(page, |p, a| {
            line_through(p, a, 0.25);
            line_through(p, a, 0.5);
            line_through(p, a, 0.75);
        })
    }),
    numbers("a wavy line", |page| {
        deleted(page, |p, a| {
            let (w, y) = (a.width() + 1.2, (a.top + a.bottom) / 2.0);
            let wave: Vec<(f64, f64)> = (0..=24)
                .map(|i| (a.left - 0.6 + w * f64::from(i) / 24.0, y + (f64::from(i) * 0.9).sin()))
                .collect();
            p.line(&wave);
        })
    }),
    numbers("a zig-zag of three", |page| {
        deleted(page, |p, a| {
            p.line(&[
                (a.left - 0.3, a.top),
                (a.right + 0.3, a.top + 0.3 * a.height()),
                (a.left - 0.3, a.top + 0.6 * a.height()),
                (a.right + 0.3, a.bottom),
            ]);
        })
    }),
    numbers("a zig-zag of six", |page| {
        deleted(page, |p, a| {
            let corners: Vec<(f64, f64)> = (0..7)
                .map(|i| {
                    let y = if i % 2 == 0 { a.bottom + 0.2 } else { a.top - 0.2 };
                    (a.left + a.width() * f64::from(i) / 6.0, y)
                })
                .collect();
            p.line(&corners);
        })
    }),
    Of { right_min: 80.0, ..numbers("a blot", |page| deleted(page, blot)) },
    numbers("a cross over all", |page| {
        deleted(page, |p, a| {
            p.line(&[(a.left - 0.4, a.top - 0.3), (a.right + 0.4, a.bottom + 0.3)]);
            slash(p, a);
        })
    }),
    numbers("a cross over each digit", |page| {
        deleted(page, |p, a| {
            let half = (a.left + a.right) / 2.0;
            for (left, right) in [(a.left, half), (half, a.right)] {
                p.line(&[(left - 0.2, a.top - 0.3), (right, a.bottom + 0.3)]);
                p.line(&[(right, a.top - 0.3), (left - 0.2, a.bottom + 0.3)]);
            }
        })
    }),
    Of { right_min: 80.0, ..numbers("brackets around", |page| deleted(page, brackets)) },
    numbers("slash, new one above", |page| deleted_to(page, slash_over, Above)),
    numbers("slash, new one under", |page| deleted_to(page, slash_over, Under)),
    numbers("line, new one above", |page| deleted_to(page, |p, a| line_through(p, a, 0.5), Above)),
    numbers("slash, new one outside", |page| deleted_to(page, slash_over, Outside)),
    numbers("one digit slashed", |page| one_digit(page, slash_over)),
    numbers("one digit, a line", |page| one_digit(page, |p, a| line_through(p, a, 0.5))),
    numbers("one digit crossed", |page| {
        one_digit(page, |p, a| {
            p.line(&[(a.left - 0.4, a.top - 0.3), (a.right + 0.4, a.bottom + 0.3)]);
            slash(p, a);
        })
    }),
    numbers("a short line through one of three", |page| {
        let (part, rect) = field(page);
        page.size = page.size.min(5.4);
        let (x, y) = in_box(page, rect);
        let digit = |page: &mut Page| ["2", "3", "5", "6", "8", "9"][page.chance.below(6) as usize];
        let texts = [digit(page), digit(page), digit(page)];
        let first = page.write(texts[0], x, y);
        let struck = page.write(texts[1], first.right + 0.9, y);
        let middle = (struck.left + struck.right) / 2.0;
        let (half, at) = (page.chance.between(0.5, 1.4), page.chance.between(0.4, 0.6));
        let (y_middle, tilt) = (struck.top + at * struck.height(), page.chance.between(-0.3, 0.3));
        page.wait(700);
        page.line(&[(middle - half, y_middle + tilt), (middle + half, y_middle - tilt)]);
        page.wait(700);
        page.write(texts[2], struck.right + 1.2, y);
        vec![(part, Some(format!("{}{}", texts[0], texts[2])))]
    }),
    english("letter struck out", |page| {
        let (part, rect) = letter_field(page);
        let letter = ["A", "B", "C", "D"][page.chance.below(4) as usize];
        let area = page.write(letter, rect.left + 4.0, rect.top + 1.0);
        page.wait(900);
        let at = page.chance.between(0.35, 0.65);
        line_through(page, area, at);
        vec![(part, Some("none".to_owned()))]
    }),
    numbers("slashed and nothing instead", |page| {
        let (part, rect) = field(page);
        let (x, y) = in_box(page, rect);
        let area = page.write("38", x, y);
        page.wait(900);
        slash(page, area);
        vec![(part, Some("none".to_owned()))]
    }),
    numbers("last digit slashed and replaced", |page| {
        let (part, rect) = field(page);
        let (x, y) = in_box(page, rect);
        let first = page.write("3", x, y);
        let last = page.write("6", first.right + 0.8, y);
        page.wait(900);
        slash(page, last);
        page.wait(900);
        page.write("8", last.right + 1.5, y);
        vec![(part, Some("38".to_owned()))]
    }),
    numbers("one of two slashed, another above it", |page| {
        let (part, rect) = field(page);
        page.size = page.size.min(5.0);
        let texts = ["3", "6", "8", "5", "9", "2", "4", "7"];
        let (a, b, new) = (page.chance.below(8), page.chance.below(8), page.chance.below(8));
        let top = rect.top + 6.2;
        let first = page.write(texts[a as usize], rect.left + 3.0, top);
        let last = page.write(texts[b as usize], first.right + 0.9, top);
        page.wait(900);
        let at_last = page.chance.below(2) == 0;
        let old = if at_last { last } else { first };
        slash(page, old);
        page.wait(900);
        page.size *= 0.8;
        let high = page.size;
        let new = texts[new as usize];
        page.write(new, old.left, old.top - high - 0.9);
        let number = match at_last {
            true => format!("{}{new}", texts[a as usize]),
            false => format!("{new}{}", texts[b as usize]),
        };
        vec![(part, Some(number))]
    }),
    numbers("a digit put in with a caret", |page| {
        let (part, rect) = field(page);
        page.size = page.size.min(5.0);
        let top = rect.top + 6.0;
        let first = page.write("3", rect.left + 3.0, top);
        let last = page.write("8", first.right + 1.2, top);
        page.wait(1_500);
        let (x, y) = ((first.right + last.left) / 2.0, first.bottom + 0.3);
        page.line(&[(x - 0.9, y + 0.4), (x, y - 1.6), (x + 0.9, y + 0.4)]);
        let new = ["2", "4", "5", "6", "7", "9", "0", "1"][page.chance.below(8) as usize];
        page.size *= 0.75;
        let high = page.size;
        page.write(new, x - 0.3 * high, first.top - 0.6 * high);
        vec![(part, Some(format!("3{new}8")))]
    }),
    numbers("a fraction with a stroke", |page| {
        let (part, rect) = field(page);
        let (x, y) = in_box(page, rect);
        let (over, under) = (1 + page.chance.below(9), 2 + page.chance.below(8));
        let over = page.write(&over.to_string(), x, y);
        let bar = page.line(&[
            (over.right + 0.6, over.bottom + 0.3),
            (over.right + 0.6 + 0.45 * page.size, over.top - 0.3),
        ]);
        page.write(&under.to_string(), bar.right + 0.6, y);
        vec![(part, Some("a fraction".to_owned()))]
    }),
    numbers("a fraction with a bar", |page| {
        let (part, rect) = field(page);
        page.size = page.chance.between(3.6, 4.6);
        let (x, high) = (rect.left + page.chance.between(3.0, 12.0), page.size);
        let (a, b) = (1 + page.chance.below(9), 2 + page.chance.below(8));
        let over = page.write(&a.to_string(), x, rect.top + 0.6);
        let y = rect.top + 0.6 + high + page.chance.between(0.4, 0.9);
        page.line(&[(over.left - 0.9, y), (over.right + 0.9, y - 0.1)]);
        let gap = page.chance.between(0.4, 0.9);
        page.write(&b.to_string(), x, y + gap);
        vec![(part, Some("a fraction".to_owned()))]
    }),
    english("A filled, B slashed", |page| {
        let (part, _, bubble, _) = option(page);
        fill(page, bubble);
        page.wait(2_000);
        // The next option, or the one before the last.
        let next = if bubble.left > 80.0 && bubble.left < 100.0 || bubble.left > 165.0 {
            -20.75
        } else {
            20.75
        };
        let other = Area { left: bubble.left + next, right: bubble.right + next, ..bubble };
        slash(page, other);
        vec![(part, Some("unclear".to_owned()))]
    }),
    english("filled, then blackened far beyond", |page| {
        bubble(page, |page, b, _| {
            let out = Area {
                left: b.left - 1.6,
                right: b.right + 1.6,
                top: b.top - 1.5,
                bottom: b.bottom + 1.5,
            };
            for area in [b, out] {
                let corners: Vec<(f64, f64)> = (0..=14)
                    .map(|i| {
                        let y = area.top + area.height() * f64::from(i) / 14.0;
                        (if i % 2 == 0 { area.left } else { area.right }, y)
                    })
                    .collect();
                page.line(&corners);
                page.wait(1_500);
            }
        })
        .into_iter()
        .map(|(part, _)| (part, Some("unclear".to_owned())))
        .collect()
    }),
    numbers("stem overwritten, later", |page| over_stem(page, 2_500)),
    numbers("stem overwritten, at once", |page| over_stem(page, 350)),
    numbers("digit overwritten, later", |page| over_digit(page, 2_500)),
    numbers("digit overwritten, at once", |page| over_digit(page, 350)),
    numbers("second of two overwritten", |page| {
        let (part, rect) = field(page);
        let (x, y) = in_box(page, rect);
        let first = page.write("3", x, y);
        let old = stem_or_digit(page);
        let last = page.write(old, first.right + 0.9, y);
        page.wait(2_500);
        let over = ["7", "8", "4", "9", "6", "0"][page.chance.below(6) as usize];
        let off = page.chance_off();
        page.write(over, last.left - 0.3, y + off);
        vec![(part, Some(format!("3{over}")))]
    }),
    numbers("first of two overwritten", |page| {
        let (part, rect) = field(page);
        let (x, y) = in_box(page, rect);
        let first = page.write("3", x + 1.0, y);
        page.write("6", first.right + 0.9, y);
        page.wait(2_500);
        let over = ["7", "8", "4", "9", "6", "0"][page.chance.below(6) as usize];
        let off = page.chance_off();
        page.write(over, first.left, y + off);
        vec![(part, Some(format!("{over}6")))]
    }),
    numbers("another after a wide gap", |page| tail(page, 2_000, 1.6, false)),
    numbers("another after minutes, near", |page| tail(page, 240_000, 0.5, false)),
    numbers("another by another pen", |page| tail(page, 240_000, 0.5, true)),
    numbers("a flat slash", |page| {
        deleted(page, |p, a| {
            let rise = p.chance.between(1.0, 2.4);
            let y = (a.top + a.bottom) / 2.0;
            p.line(&[(a.left - 0.6, y + rise / 2.0), (a.right + 0.6, y - rise / 2.0)]);
        })
    }),
    numbers("falling slashes over each digit", |page| {
        deleted(page, |p, a| {
            let half = (a.left + a.right) / 2.0;
            for (left, right) in [(a.left, half), (half, a.right)] {
                p.line(&[(left - 0.2, a.top - 0.4), (right + 0.2, a.bottom + 0.4)]);
            }
        })
    }),
    numbers("a spiral", |page| {
        deleted(page, |p, a| {
            let (w, h) = (a.width() / 2.0, a.height() / 2.0);
            let turns: Vec<(f64, f64)> = (0..=60)
                .map(|i| f64::from(i) / 60.0)
                .map(|t| {
                    let angle = t * 4.5 * std::f64::consts::TAU;
                    let x = a.left + t * a.width();
                    (x + 0.5 * w * angle.cos(), a.top + h + h * angle.sin())
                })
                .collect();
            p.line(&turns);
        })
    }),
    numbers("another outside, nothing deleted", |page| {
        let (part, rect) = field(page);
        let (x, y) = in_box(page, rect);
        page.write("38", x, y);
        page.wait(9_000);
        page.write("47", rect.right + 1.5, y);
        vec![(part, Some("47".to_owned()))]
    }),
    english("letter, another beside it", |page| {
        let (part, rect) = letter_field(page);
        page.size = page.size.min(4.6);
        let old = page.write("A", rect.left + 1.0, rect.top + 2.0);
        page.wait(4_000);
        page.write("C", old.right + 1.5, rect.top + 2.0);
        vec![(part, Some("C".to_owned()))]
    }),
    english("letter overwritten", |page| {
        let (part, rect) = letter_field(page);
        let letters = ["A", "B", "C", "D"];
        let (old, new) = (page.chance.below(4) as usize, page.chance.below(3) as usize);
        let area = page.write(letters[old], rect.left + 4.0, rect.top + 1.2);
        page.wait(2_500);
        let new = letters[(old + 1 + new) % 4];
        let off = page.chance_off();
        page.write(new, area.left + off, rect.top + 1.2);
        vec![(part, Some(new.to_owned()))]
    }),
    english("letter slashed and replaced", |page| {
        let (part, rect) = letter_field(page);
        page.size = page.size.min(5.0);
        let letters = ["A", "B", "C", "D"];
        let (old, new) = (page.chance.below(4) as usize, page.chance.below(3) as usize);
        let area = page.write(letters[old], rect.left + 1.0, rect.top + 1.5);
        page.wait(900);
        slash(page, area);
        page.wait(900);
        let new = letters[(old + 1 + new) % 4];
        page.write(new, area.right + 1.8, rect.top + 1.5);
        vec![(part, Some(new.to_owned()))]
    }),
    english("tick, then a cross over it", |page| tick_and_cross(page, true, 0.0)),
    english("cross, then a tick over it", |page| tick_and_cross(page, false, 0.0)),
    english("tick, then a cross beside it", |page| tick_and_cross(page, true, 5.5)),
    english("plain letters", |page| {
        let (part, rect) = letter_field(page);
        let letter = ["A", "B", "C", "D"][page.chance.below(4) as usize];
        page.write(letter, rect.left + 4.0, rect.top + 1.0);
        vec![(part, Some(letter.to_owned()))]
    }),
    english("plain ticks and crosses", |page| {
        let (part, rect) = sign_field(page);
        let tick = page.chance.below(2) == 0;
        sign(page, tick, rect.left + 4.0, rect.top + 1.5);
        vec![(part, Some(if tick { "√" } else { "×" }.to_owned()))]
    }),
    numbers("another under it in the box", |page| {
        let (part, rect) = field(page);
        page.size = 4.6;
        page.write("38", rect.left + 3.0, rect.top + 0.8);
        page.wait(30_000);
        page.write("47", rect.left + 3.0, rect.top + 6.4);
        vec![(part, Some("47".to_owned()))]
    }),
];

/// Numbers' fields of the mental arithmetic sheet: two columns, two blocks.
fn field(page: &mut Page) -> (String, Area) {
    let n = page.chance.below(20);
    let (block, row, column) = (n / 10, n % 10 / 2, n % 2);
    let top = if block == 0 { 66.5 } else { 180.0 } + 20.0 * row as f64;
    let left = if column == 0 { 59.0 } else { 148.0 };
    let part = format!("{}-{}", block + 1, n % 10 + 1);
    (part, Area { left, top, right: left + 26.0, bottom: top + 12.0 })
}

fn in_box(page: &mut Page, rect: Area) -> (f64, f64) {
    let room = (12.0 - page.size).max(0.5);
    (rect.left + page.chance.between(1.0, 4.0), rect.top + page.chance.between(0.3, 0.9) * room)
}

fn mid(rect: Area, ink: Area) -> f64 {
    (rect.top + rect.bottom - ink.height()) / 2.0
}

fn number(page: &mut Page) -> String {
    let most = if page.chance.below(4) == 0 { 9 } else { 199 };
    (1 + page.chance.below(most)).to_string()
}

fn plain(page: &mut Page) -> Meant {
    let mut meant = Vec::new();
    for _ in 0..6 {
        let (part, rect) = field(page);
        if meant.iter().any(|(other, _)| *other == part) {
            continue;
        }
        let (x, y) = in_box(page, rect);
        let text = number(page);
        page.write(&text, x, y);
        page.wait(4_000);
        meant.push((part, Some(text)));
    }
    meant
}

fn leaning(page: &mut Page) -> Meant {
    page.slant = 0.4;
    plain(page)
}

fn crossed_seven(page: &mut Page) -> Meant {
    let (part, rect) = field(page);
    let (x, y) = in_box(page, rect);
    let first = page.write("2", x, y);
    let (left, size, slant) = (first.right + 0.9, page.size, page.slant);
    let at = |u: f64, v: f64| (left + u * size + slant * (1.0 - v) * size, y + v * size);
    page.line(&[at(0.0, 0.02), at(0.55, 0.0), at(0.2, 1.0)]);
    let wait = page.chance.below(400) as i64;
    page.wait(wait);
    page.line(&[at(0.1, 0.52), at(0.55, 0.48)]);
    vec![(part, Some("27".to_owned()))]
}

fn slashed_zero(page: &mut Page) -> Meant {
    let (part, rect) = field(page);
    let (x, y) = in_box(page, rect);
    let first = page.write("2", x, y);
    let zero = page.write("0", first.right + 0.8, y);
    let wait = page.chance.below(300) as i64;
    page.wait(wait);
    page.line(&[
        (zero.left + 0.1 * zero.width(), zero.bottom - 0.05 * zero.height()),
        (zero.right - 0.05 * zero.width(), zero.top + 0.05 * zero.height()),
    ]);
    vec![(part, Some("20".to_owned()))]
}

/// The bubbles and the text of one option of the English sheet's third block.
fn option(page: &mut Page) -> (String, char, Area, Area) {
    let (n, at) = (page.chance.below(4), page.chance.below(4));
    let top = if n < 2 { 260.9 } else { 276.5 };
    let left = if n.is_multiple_of(2) { 22.0 } else { 111.0 } + 20.75 * at as f64;
    let bubble = Area { left, top, right: left + 5.2, bottom: top + 3.6 };
    let text = Area { left: left + 6.5, top, right: left + 6.5 + 9.0, bottom: top + 3.6 };
    (format!("3-{}", n + 1), ['A', 'B', 'C', 'D'][at as usize], bubble, text)
}

fn bubble(page: &mut Page, mark: fn(&mut Page, Area, Area)) -> Meant {
    let (part, letter, bubble, text) = option(page);
    mark(page, bubble, text);
    vec![(part, Some(letter.to_string()))]
}

fn filled(page: &mut Page) -> Meant {
    bubble(page, |page, b, _| fill(page, b))
}

/// Blackens a bubble in one zigzag within its border.
fn fill(page: &mut Page, b: Area) {
    let corners: Vec<(f64, f64)> = (0..=12)
        .map(|i| {
            let y = b.top + 0.5 + (b.height() - 1.0) * f64::from(i) / 12.0;
            (if i % 2 == 0 { b.left + 1.0 } else { b.right - 1.0 }, y)
        })
        .collect();
    page.line(&corners);
}

fn letter_field(page: &mut Page) -> (String, Area) {
    let n = page.chance.below(4);
    let top = if n < 2 { 63.9 } else { 100.8 };
    let left = if n.is_multiple_of(2) { 16.0 } else { 105.0 };
    let part = format!("1-{}", [1, 2, 5, 6][n as usize]);
    (part, Area { left, top, right: left + 14.0, bottom: top + 8.6 })
}

/// Fields for √ or ×.
fn sign_field(page: &mut Page) -> (String, Area) {
    let n = page.chance.below(6);
    let left = if n.is_multiple_of(2) { 16.0 } else { 105.0 };
    let top = 205.5 + 11.0 * (n / 2) as f64;
    (format!("2-{}", n + 1), Area { left, top, right: left + 14.0, bottom: top + 8.6 })
}

fn sign(page: &mut Page, tick: bool, x: f64, y: f64) {
    if tick {
        page.tick(x + 1.2, y + 4.0, 4.2);
    } else {
        page.line(&[(x, y), (x + 3.6, y + 4.2)]);
        page.line(&[(x + 3.8, y + 0.2), (x - 0.2, y + 4.4)]);
    }
}

fn tick_and_cross(page: &mut Page, tick_first: bool, apart: f64) -> Meant {
    let (part, rect) = sign_field(page);
    let (x, y) = (rect.left + 2.5, rect.top + 1.5);
    sign(page, tick_first, x, y);
    page.wait(3_000);
    let off = page.chance_off();
    sign(page, !tick_first, x + apart + off, y);
    vec![(part, Some(if tick_first { "×" } else { "√" }.to_owned()))]
}

fn letter_beside(page: &mut Page) -> Meant {
    let (part, rect) = letter_field(page);
    let letter = ["A", "B", "C", "D"][page.chance.below(4) as usize];
    let size = page.size;
    match page.chance.below(3) {
        0 => page.write(letter, rect.left + 4.0, rect.top - size - 0.5),
        1 => page.write(letter, rect.left + 4.0, rect.bottom + 0.8),
        _ => page.write(letter, rect.left - size, rect.top + 1.0),
    };
    vec![(part, Some(letter.to_owned()))]
}

/// The options stand in a line under the question.
fn letter_circled(page: &mut Page) -> Meant {
    let (part, rect) = letter_field(page);
    let at = page.chance.below(4);
    let left = rect.left + 22.0 + 16.0 * at as f64;
    let text = Area { left, top: rect.bottom - 0.4, right: left + 3.0, bottom: rect.bottom + 3.0 };
    if page.chance.below(2) == 0 {
        page.ring(text, 0.8);
    } else {
        page.tick(text.left + 1.0, text.bottom, 4.0);
    }
    vec![(part, Some(["A", "B", "C", "D"][at as usize].to_owned()))]
}

fn beside(page: &mut Page, place: fn(Area, Area) -> (f64, f64)) -> Meant {
    let (part, rect) = field(page);
    let text = number(page);
    let mut trial = Page::new(0);
    (trial.hand, trial.size, trial.slant) = (page.hand, page.size, page.slant);
    let area = trial.write(&text, 0.0, 0.0);
    let (x, y) = place(rect, area);
    page.write(&text, x, y);
    vec![(part, Some(text))]
}

fn slash(page: &mut Page, a: Area) -> Area {
    let (below, above) = (page.chance.between(0.1, 0.8), page.chance.between(0.1, 0.8));
    let (left, right) = (page.chance.between(-0.2, 0.9), page.chance.between(-0.3, 0.7));
    page.line(&[(a.left - left, a.bottom + below), (a.right + right, a.top - above)])
}

fn slash_over(page: &mut Page, a: Area) {
    slash(page, a);
}

fn slash_each(page: &mut Page, a: Area) {
    let half = (a.left + a.right) / 2.0;
    slash(page, Area { right: half - 0.2, ..a });
    slash(page, Area { left: half + 0.2, ..a });
}

fn line_through(page: &mut Page, a: Area, at: f64) {
    let tilt = page.chance.between(-0.4, 0.4);
    let y = a.top + at * a.height();
    let (left, right) = (page.chance.between(0.0, 1.5), page.chance.between(0.0, 1.5));
    page.line(&[(a.left - left, y + tilt), (a.right + right, y - tilt)]);
}

fn blot(page: &mut Page, a: Area) {
    let turns = 40;
    let corners: Vec<(f64, f64)> = (0..=turns)
        .map(|i| {
            let (x, y) = (f64::from(i * 7 % turns), f64::from(i * 11 % turns));
            let n = f64::from(turns);
            (a.left + a.width() * x / n, a.top + a.height() * y / n)
        })
        .collect();
    page.line(&corners);
}

fn brackets(page: &mut Page, a: Area) {
    let (h, bow) = (a.height(), page.chance.between(0.12, 0.3));
    for (x, way) in [(a.left - 0.9, -1.0), (a.right + 0.9, 1.0)] {
        let arc: Vec<(f64, f64)> = (0..=12)
            .map(|i| f64::from(i) / 12.0)
            .map(|t| {
                let off = 4.0 * t * (1.0 - t) * bow * h * way;
                (x + off + 0.2 * way, a.top - 0.1 * h + 1.2 * h * t)
            })
            .collect();
        page.line(&arc);
    }
}

use Place::{Above, After, Outside, Under};

enum Place {
    After,
    Above,
    Under,
    Outside,
}

fn deleted(page: &mut Page, delete: fn(&mut Page, Area)) -> Meant {
    deleted_to(page, delete, After)
}

/// A number, taken back, and another in its stead.
fn deleted_to(page: &mut Page, delete: fn(&mut Page, Area), place: Place) -> Meant {
    let (part, rect) = field(page);
    page.size = page.size.min(5.4);
    let (old, new) = (10 + page.chance.below(90), 10 + page.chance.below(90));
    let top = rect.top
        + match place {
            After | Outside => 3.0,
            Above => 5.8,
            Under => 0.8,
        };
    let left = rect.left + 1.2 + if matches!(place, Outside) { 14.0 } else { 0.0 };
    let area = page.write(&old.to_string(), left, top);
    let wait = 400 + page.chance.below(2_000) as i64;
    page.wait(wait);
    delete(page, area);
    let wait = 500 + page.chance.below(3_000) as i64;
    page.wait(wait);
    let new = new.to_string();
    let size = page.size;
    match place {
        After => page.write(&new, area.right + 3.0, top),
        Above => page.write(&new, area.left + 1.0, area.top - size - 1.2),
        Under => page.write(&new, area.left + 1.0, area.bottom + 1.2),
        Outside => page.write(&new, rect.right + 1.5, top),
    };
    vec![(part, Some(new))]
}

fn one_digit(page: &mut Page, delete: fn(&mut Page, Area)) -> Meant {
    let (part, rect) = field(page);
    let (old, new) = (1 + page.chance.below(9), 1 + page.chance.below(9));
    let (x, y) = in_box(page, rect);
    let area = page.write(&old.to_string(), x, y);
    page.wait(900);
    delete(page, area);
    page.wait(900);
    page.write(&new.to_string(), area.right + 2.5, y);
    vec![(part, Some(new.to_string()))]
}

fn stem_or_digit(page: &mut Page) -> &'static str {
    ["1", "1", "7", "3", "5"][page.chance.below(5) as usize]
}

fn over_stem(page: &mut Page, wait_ms: i64) -> Meant {
    let (part, rect) = field(page);
    let (x, y) = in_box(page, rect);
    let one = page.line(&[(x + 3.0 + page.slant * page.size, y), (x + 3.0, y + page.size)]);
    page.wait(wait_ms);
    let over = ["7", "8", "4", "9", "6", "3", "0", "2"][page.chance.below(8) as usize];
    let left = one.left - page.chance.between(0.0, 1.2);
    let off = page.chance_off();
    page.write(over, left, y + off);
    vec![(part, Some(over.to_owned()))]
}

fn over_digit(page: &mut Page, wait_ms: i64) -> Meant {
    let (part, rect) = field(page);
    let (x, y) = in_box(page, rect);
    let old = ["2", "3", "5", "7", "4", "9", "6"][page.chance.below(7) as usize];
    let area = page.write(old, x + 3.0, y);
    page.wait(wait_ms);
    let over = ["7", "8", "4", "9", "6", "3", "0", "2"][page.chance.below(8) as usize];
    let (across, down) = (page.chance_off(), page.chance_off());
    page.write(over, area.left + across, y + down);
    vec![(part, Some(over.to_owned()))]
}

fn tail(page: &mut Page, wait_ms: i64, gap: f64, other_pen: bool) -> Meant {
    let (part, rect) = field(page);
    page.size = page.size.min(5.0);
    let (old, new) = (10 + page.chance.below(90), 10 + page.chance.below(90));
    let top = rect.top + 3.0;
    let area = page.write(&old.to_string(), rect.left + 1.5, top);
    page.wait(wait_ms);
    if other_pen {
        page.pen = 2;
    }
    let new = new.to_string();
    page.write(&new, area.right + gap * page.size, top);
    vec![(part, Some(new))]
}

impl Page {
    fn chance_off(&mut self) -> f64 {
        self.chance.between(-0.4, 0.4)
    }
}
