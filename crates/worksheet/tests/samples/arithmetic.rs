//! Works out what a prompt asks, so that a key is checked against something else than itself.

/// The answers to `36 + 47 =`, `3 元 5 角 = ( ) 元`, `4.5 元 = ( ) 元 ( ) 角` or `6 × 7 ○ 40`.
pub(crate) fn answers(prompt: &str) -> Vec<String> {
    if let Some((left, right)) = prompt.split_once('○') {
        let difference = value(left) - value(right);
        let sign = if difference.abs() < 1e-9 {
            "="
        } else if difference < 0.0 {
            "<"
        } else {
            ">"
        };
        return vec![sign.to_owned()];
    }
    let (left, rest) = prompt.split_once('=').expect("an equals sign or a circle");
    let units: Vec<&str> = rest.split("( )").map(str::trim).filter(|u| !u.is_empty()).collect();
    let mut left = value(left);
    let Some((last, before)) = units.split_last() else { return vec![decimal(left)] };
    let mut answers = Vec::new();
    for unit in before {
        let whole = (left / size(unit)).floor();
        left -= whole * size(unit);
        answers.push(decimal(whole));
    }
    answers.push(decimal(left / size(last)));
    answers
}

/// Six decimals, then without the zeros at the end: 3.8, 40.
fn decimal(value: f64) -> String {
    format!("{value:.6}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The value of `2 元 3 角` in the smallest unit, or of `81 ÷ 9`.
fn value(text: &str) -> f64 {
    let tokens: Vec<&str> = text.split_whitespace().collect();
    match tokens[..] {
        [one] => number(one),
        [left, "+", right] => number(left) + number(right),
        [left, "−", right] => number(left) - number(right),
        [left, "×", right] => number(left) * number(right),
        [left, "÷", right] => number(left) / number(right),
        _ => {
            let (pairs, rest) = tokens.as_chunks::<2>();
            assert!(rest.is_empty(), "not understood: {text}");
            pairs.iter().map(|[count, unit]| number(count) * size(unit)).sum()
        }
    }
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("no number: {text}"))
}

/// A unit in the smallest of its kind: jiao, gram, centimetre.
fn size(unit: &str) -> f64 {
    match unit {
        "角" | "克" | "厘米" => 1.0,
        "元" | "分米" => 10.0,
        "米" => 100.0,
        "千克" => 1000.0,
        _ => panic!("unknown unit: {unit}"),
    }
}
