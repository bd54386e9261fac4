//! A log of answers as CSV.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, bail};
use csv::{ReaderBuilder, StringRecord, Trim};
use learning::{Credit, Histories, Observation, Outcome};

use crate::excerpt;
use crate::service::UTC_OFFSET_MS;

const DAY_S: f64 = 86_400.0;
/// Far more than a question carries; a fold compares each with each.
const SKILLS_MAX: usize = 64;
/// The most bytes read of one line, or of all the lines that a quotation mark joins.
const LINE_BYTES_MAX: usize = 1 << 20;
/// Columns of a header that a message names.
const COLUMNS_SHOWN: usize = 8;
/// Days from any origin: no difference of two overflows.
const DAY_MAX: f64 = 1e9;
/// The year 5138; milliseconds of our days lie beyond.
const TS_S_MAX: f64 = 1e11;
/// Days begin at the school's midnight.
const UTC_OFFSET_S: f64 = UTC_OFFSET_MS as f64 / 1_000.0;

/// Each pupil's answers, oldest first.
pub(super) struct Log {
    pub(super) pupils: BTreeMap<String, Vec<Observation>>,
}

/// Where the columns are.
struct Columns {
    student: usize,
    /// Without it answers are in the order of the file.
    seq: Option<usize>,
    skills: usize,
    item: usize,
    earned: Earned,
    written: Option<Written>,
}

/// What tells the credit.
enum Earned {
    /// A share of the points.
    Correct(usize),
    /// Points, and how many there were.
    Score(usize, usize),
}

/// What tells the day.
enum Written {
    Seconds(usize),
    Day(usize),
}

impl Log {
    /// Reads a file; errors name it, and the line and column of what is wrong.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display();
        let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
        Self::parse(file).with_context(|| format!("{name} is no log of answers"))
    }

    pub(super) fn parse(input: impl Read) -> anyhow::Result<Self> {
        let left = Rc::new(Cell::new(LINE_BYTES_MAX));
        let input = Limited { input, left: Rc::clone(&left) };
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(input);
        let whole = |read: csv::Result<bool>, line: u64| match read {
            Err(_) if left.get() == 0 => {
                bail!("line {line}: it has no end within {LINE_BYTES_MAX} bytes")
            }
            read => Ok(read?),
        };
        whole(reader.headers().map(|_| true), 1)?;
        let columns = Columns::of(reader.headers()?)?;
        let mut answers: BTreeMap<String, Vec<(f64, Observation)>> = BTreeMap::new();
        let mut record = StringRecord::new();
        loop {
            left.set(LINE_BYTES_MAX);
            let line = reader.position().line();
            if !whole(reader.read_record(&mut record), line)? {
                break;
            }
            let (seq, observation) = columns.answer(&record)?;
            let student = record.get(columns.student).unwrap_or_default().to_owned();
            answers.entry(student).or_default().push((seq, observation));
        }
        let pupils = answers.into_iter().map(|(student, mut answers)| {
            // Stable: answers of one number stay in the order of the file.
            answers.sort_by(|a, b| a.0.total_cmp(&b.0));
            (student, answers.into_iter().map(|(_, answer)| answer).collect())
        });
        Ok(Self { pupils: pupils.collect() })
    }

    /// The answers as a fit takes them.
    pub(super) fn histories(&self) -> Histories<'_> {
        self.pupils.iter().map(|(pupil, history)| (pupil.as_str(), &history[..])).collect()
    }
}

/// Input that fails where more is asked of it than is left.
struct Limited<R> {
    input: R,
    left: Rc<Cell<usize>>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let room = buffer.len().min(self.left.get());
        if room == 0 && !buffer.is_empty() {
            return Err(std::io::Error::other("the line is too long"));
        }
        let read = self.input.read(&mut buffer[..room])?;
        self.left.set(self.left.get() - read);
        Ok(read)
    }
}

impl Columns {
    fn of(header: &StringRecord) -> anyhow::Result<Self> {
        // The reader passes over a byte order mark.
        let find = |name: &str| header.iter().position(|column| column == name);
        let need = |name: &str| {
            find(name).with_context(|| {
                let found: Vec<&str> = header.iter().collect();
                match found[..] {
                    [] => "it is empty: the first line names the columns".to_owned(),
                    [one] if one.contains([';', '\t']) => format!(
                        "line 1: columns are separated by commas, and this is one: {}",
                        excerpt::value(one)
                    ),
                    _ => {
                        let shown = found.iter().take(COLUMNS_SHOWN);
                        let shown: Vec<_> = shown.map(|name| excerpt::value(name)).collect();
                        let more = match found.len().saturating_sub(COLUMNS_SHOWN) {
                            0 => String::new(),
                            more => format!(" and {more} more"),
                        };
                        format!("line 1: no column \"{name}\" among {}{more}", shown.join(","))
                    }
                }
            })
        };
        let scores = find("score").zip(find("max_score"));
        Ok(Self {
            student: need("student")?,
            seq: find("seq"),
            skills: need("skills")?,
            item: need("item")?,
            earned: match (find("correct"), scores) {
                (None, Some((score, max))) => Earned::Score(score, max),
                _ => Earned::Correct(need("correct")?),
            },
            written: find("ts_s").map(Written::Seconds).or(find("day").map(Written::Day)),
        })
    }

    fn answer(&self, record: &StringRecord) -> anyhow::Result<(f64, Observation)> {
        let line = record.position().map_or(0, csv::Position::line);
        let text = |at: usize, name: &str| match record.get(at) {
            Some(text) if !text.is_empty() => Ok(text),
            _ => bail!("line {line}, column {name}: empty"),
        };
        let number = |at: usize, name: &str| {
            let text = text(at, name)?;
            match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(number),
                _ => {
                    let text = excerpt::value(text);
                    bail!("line {line}, column {name}: \"{text}\" is no number")
                }
            }
        };
        text(self.student, "student")?;
        let credit = match self.earned {
            Earned::Correct(at) => {
                let correct = number(at, "correct")?;
                Credit::new(correct).with_context(|| {
                    format!("line {line}, column correct: {correct:?} is not between 0 and 1")
                })?
            }
            Earned::Score(score, max) => {
                let (score, max) = (number(score, "score")?, number(max, "max_score")?);
                Credit::new(score / max).with_context(|| {
                    format!("line {line}, column score: {score:?} is no share of max_score {max:?}")
                })?
            }
        };
        let given = |at: usize| record.get(at).is_some_and(|text| !text.is_empty());
        let day = match self.written {
            Some(Written::Seconds(at)) if given(at) => {
                let ts_s = number(at, "ts_s")?;
                if ts_s.abs() > TS_S_MAX {
                    bail!("line {line}, column ts_s: {ts_s:?} is no Unix time in seconds");
                }
                ((ts_s + UTC_OFFSET_S) / DAY_S).floor()
            }
            Some(Written::Day(at)) if given(at) => {
                let day = number(at, "day")?;
                if day.abs() > DAY_MAX {
                    bail!("line {line}, column day: {day:?} is beyond {DAY_MAX:?} days");
                }
                day.floor()
            }
            _ => 0.0,
        };
        let skills = record.get(self.skills).unwrap_or_default();
        let skills: Vec<String> = (skills.split(';').map(str::trim))
            .filter(|skill| !skill.is_empty())
            .map(str::to_owned)
            .collect();
        if skills.len() > SKILLS_MAX {
            bail!("line {line}, column skills: {} of them, at most {SKILLS_MAX}", skills.len());
        }
        let observation = Observation {
            item: text(self.item, "item")?.to_owned(),
            skills,
            outcome: Outcome::Answered(credit),
            day: day as i32,
            process: None,
        };
        let seq = self.seq.map_or(Ok(0.0), |at| number(at, "seq"))?;
        Ok((seq, observation))
    }
}
