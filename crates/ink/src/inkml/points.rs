//! The notation of trace data (section 3.2.1 of the Recommendation).
//!
//! ```text
//! trace ::= point ("," point)* ","?          point ::= value+
//! value ::= order? "-"? number | "T" | "F" | "*" | "?"
//! order ::= "!" explicit | "'" first difference | '"' second difference
//! number ::= digits with "." and exponent | "#" hexadecimal digits
//! ```
//!
//! White space may stand between any of these and is needed only where two numbers would run into
//! one. An order holds for its channel until the next one. `*` goes on as before: the same value,
//! first difference or second difference again. `?` is no value. Intermittent channels may be left
//! off from the end of a point, and keep their values.

use super::error::Fault;
use super::format::Plan;

/// Longest number, in characters.
const NUMBER_CHARS_MAX: usize = 64;
/// Longest hexadecimal number, in digits.
const HEX_DIGITS_MAX: usize = 16;

/// Which difference a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Explicit,
    First,
    Second,
}

/// What a channel remembers from point to point.
#[derive(Clone, Copy, Debug)]
struct Memory {
    order: Order,
    value: Option<f64>,
    /// The value less the one before.
    first: f64,
    /// The first difference less the one before.
    second: f64,
}

/// One value as written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Written {
    Number(Option<Order>, f64),
    Boolean(bool),
    Again,
    Absent,
}

/// Reads the points of a trace one by one.
pub(super) struct Points<'t, 'p> {
    text: &'t str,
    plan: &'p Plan,
    at: usize,
    /// Points begun, so the number of the current one from 1.
    point: usize,
    memory: Vec<Memory>,
}

impl<'t, 'p> Points<'t, 'p> {
    pub(super) fn new(text: &'t str, plan: &'p Plan) -> Self {
        let fresh = Memory { order: Order::Explicit, value: None, first: 0.0, second: 0.0 };
        Self { text, plan, at: 0, point: 0, memory: vec![fresh; plan.roles.len()] }
    }

    /// Where reading stands in the text.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The number of the point read last, from 1.
    pub(super) fn point(&self) -> usize {
        self.point
    }

    /// Reads the next point into `values`, one place per channel, `None` where it has no value.
    /// Returns whether there was a point.
    ///
    /// # Errors
    /// Where the text is no point of the format; nothing more can be read then.
    pub(super) fn next(&mut self, values: &mut Vec<Option<f64>>) -> Result<bool, Fault> {
        values.clear();
        self.skip_space();
        if self.at == self.text.len() {
            return Ok(false);
        }
        self.point += 1;
        loop {
            self.skip_space();
            match self.peek() {
                None => break,
                Some(b',') => {
                    self.at += 1;
                    break;
                }
                Some(_) => {
                    let channel = values.len();
                    if channel == self.memory.len() {
                        return Err(self.miscounted(channel + 1));
                    }
                    let begins = self.at;
                    let value = self.value(channel).inspect_err(|_| self.at = begins)?;
                    values.push(value);
                }
            }
        }
        if values.len() < self.plan.regular {
            return Err(self.miscounted(values.len()));
        }
        values.extend(self.memory[values.len()..].iter().map(|memory| memory.value));
        Ok(true)
    }

    fn miscounted(&self, found: usize) -> Fault {
        let (least, most) = (self.plan.regular, self.memory.len());
        let expected = if least == most { most.to_string() } else { format!("{least} to {most}") };
        Fault::ValueCount { point: self.point, found, expected }
    }

    fn value(&mut self, channel: usize) -> Result<Option<f64>, Fault> {
        let (point, value) = (self.point, channel + 1);
        let begins = self.at;
        let written = self.written().filter(|written| {
            !(matches!(written, Written::Boolean(_)) && self.plan.roles[channel].is_number())
        });
        let Some(written) = written else {
            let found = self.text.get(begins..).unwrap_or_default().chars().take(16).collect();
            return Err(Fault::Value { point, value, found });
        };
        let memory = &mut self.memory[channel];
        let before = memory.value;
        if let Written::Number(Some(order), _) = written {
            memory.order = order;
        }
        let of_nothing = || Fault::DifferenceOfNothing { point, value };
        let now = match (written, memory.order) {
            (Written::Absent, _) if channel >= self.plan.regular => {
                return Ok(Some(self.plan.defaults[channel]));
            }
            (Written::Absent, _) => return Ok(None),
            (Written::Boolean(truth), _) => f64::from(u8::from(truth)),
            (Written::Number(_, number), Order::Explicit) => number,
            (Written::Number(_, number), Order::First) => before.ok_or_else(of_nothing)? + number,
            (Written::Number(_, number), Order::Second) => {
                before.ok_or_else(of_nothing)? + memory.first + number
            }
            (Written::Again, Order::Explicit) => before.unwrap_or(self.plan.defaults[channel]),
            (Written::Again, Order::First) => before.ok_or_else(of_nothing)? + memory.first,
            (Written::Again, Order::Second) => {
                before.ok_or_else(of_nothing)? + memory.first + memory.second
            }
        };
        if !now.is_finite() {
            return Err(Fault::Value { point, value, found: now.to_string() });
        }
        let first = before.map_or(0.0, |before| now - before);
        *memory = Memory { value: Some(now), second: first - memory.first, first, ..*memory };
        Ok(Some(now))
    }

    /// The next value as written; `None` where it is none.
    fn written(&mut self) -> Option<Written> {
        let bare = match self.peek()? {
            b'T' => Some(Written::Boolean(true)),
            b'F' => Some(Written::Boolean(false)),
            b'*' => Some(Written::Again),
            b'?' => Some(Written::Absent),
            _ => None,
        };
        if let Some(bare) = bare {
            self.at += 1;
            return Some(bare);
        }
        let order = match self.peek()? {
            b'!' => Some(Order::Explicit),
            b'\'' => Some(Order::First),
            b'"' => Some(Order::Second),
            _ => None,
        };
        self.at += usize::from(order.is_some());
        self.skip_space();
        let negative = self.peek()? == b'-';
        self.at += usize::from(negative || self.peek()? == b'+');
        self.skip_space();
        let size = self.number()?;
        Some(Written::Number(order, if negative { -size } else { size }))
    }

    fn number(&mut self) -> Option<f64> {
        if self.peek()? == b'#' {
            self.at += 1;
            let digits = self.run(|byte| byte.is_ascii_hexdigit());
            if digits.len() > HEX_DIGITS_MAX {
                return None;
            }
            return u64::from_str_radix(digits, 16).ok().map(|number| number as f64);
        }
        let begins = self.at;
        self.run(|byte| byte.is_ascii_digit());
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.run(|byte| byte.is_ascii_digit());
        }
        // An E that no digits follow is no exponent, and no value either.
        let rest = &self.text.as_bytes()[self.at..];
        if let [b'e' | b'E', b'0'..=b'9', ..] | [b'e' | b'E', b'+' | b'-', b'0'..=b'9', ..] = rest {
            self.at += 2;
            self.run(|byte| byte.is_ascii_digit());
        }
        let written = self.text.get(begins..self.at)?;
        if written.len() > NUMBER_CHARS_MAX {
            return None;
        }
        written.parse().ok().filter(|number: &f64| number.is_finite())
    }

    fn run(&mut self, of: impl Fn(u8) -> bool) -> &'t str {
        let text = self.text;
        let rest = text.as_bytes().get(self.at..).unwrap_or_default();
        let len = rest.iter().position(|byte| !of(*byte)).unwrap_or(rest.len());
        let begins = self.at;
        self.at += len;
        text.get(begins..self.at).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        self.run(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

#[cfg(test)]
mod tests;
