//! Numbers of questions as they are printed: `7`, `一.3`, `三(2)`.

/// The most characters of a number.
pub(super) const CHARS_MAX: usize = 12;

const FIGURES: &str = "〇一二三四五六七八九";

/// The whole numbers and other letters of a number as printed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token {
    Number(u32),
    Letters(String),
}

/// What a number is sorted by: figures by value, Chinese ones too, and the rest as letters.
pub(super) fn order(label: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest: Vec<char> = label.trim().chars().collect();
    while let Some(first) = rest.first() {
        let is_like = |c: &char| match first {
            c0 if c0.is_ascii_digit() => c.is_ascii_digit(),
            c0 if is_chinese(*c0) => is_chinese(*c),
            _ => !c.is_ascii_digit() && !is_chinese(*c),
        };
        let end = rest.iter().position(|c| !is_like(c)).unwrap_or(rest.len());
        let run: String = rest.drain(..end).collect();
        let number = run.parse().ok().or_else(|| chinese(&run));
        match number {
            Some(number) => tokens.push(Token::Number(number)),
            None => {
                let letters: String = run.chars().filter(|c| c.is_alphanumeric()).collect();
                if !letters.is_empty() {
                    tokens.push(Token::Letters(letters.to_lowercase()));
                }
            }
        }
    }
    tokens
}

fn is_chinese(c: char) -> bool {
    c == '十' || FIGURES.contains(c)
}

/// 一 to 九十九.
fn chinese(text: &str) -> Option<u32> {
    let digit = |text: &str| {
        let mut chars = text.chars();
        let first = chars.next()?;
        let at = FIGURES.chars().position(|figure| figure == first)?;
        chars.next().is_none().then_some(at as u32)
    };
    match text.split_once('十') {
        None => digit(text),
        Some((tens, ones)) => {
            let tens = if tens.is_empty() { 1 } else { digit(tens)? };
            let ones = if ones.is_empty() { 0 } else { digit(ones)? };
            Some(tens * 10 + ones)
        }
    }
}

/// The id of the question with that number: `7`, `1-3`, `3-2`.
pub(super) fn id(label: &str) -> String {
    let text = |token: Token| match token {
        Token::Number(number) => number.to_string(),
        // Letters that no address needs to escape stay; the rest become their code points.
        Token::Letters(letters) => letters
            .chars()
            .map(|c| match c {
                'a'..='z' => c.to_string(),
                c => format!("u{:x}", u32::from(c)),
            })
            .collect(),
    };
    let parts: Vec<String> = order(label).into_iter().map(text).collect();
    parts.join("-")
}
