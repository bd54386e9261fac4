//! A log of answers as CSV.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use csv::{ReaderBuilder, StringRecord, Trim};
use learning::{Credit, Observation};

const DAY_S: f64 = 86_400.0;

/// Each pupil's answers, oldest first.
pub(super) struct Log {
    pub(super) pupils: BTreeMap<String, Vec<Observation>>,
}

/// Where the columns are.
struct Columns {
    student: usize,
    seq: usize,
    skills: usize,
    item: usize,
    correct: usize,
    ts_s: Option<usize>,
}

impl Log {
    /// Reads a file; errors name it, and the line and column of what is wrong.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display();
        let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
        Self::parse(file).with_context(|| format!("{name} is no log of answers"))
    }

    pub(super) fn parse(input: impl Read) -> anyhow::Result<Self> {
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(input);
        let columns = Columns::of(reader.headers()?)?;
        let mut answers: BTreeMap<String, Vec<(f64, Observation)>> = BTreeMap::new();
        for record in reader.records() {
            let record = record?;
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
    pub(super) fn histories(&self) -> BTreeMap<&str, Vec<Observation>> {
        self.pupils.iter().map(|(pupil, history)| (pupil.as_str(), history.clone())).collect()
    }
}

impl Columns {
    fn of(header: &StringRecord) -> anyhow::Result<Self> {
        // The reader passes over a byte order mark.
        let find = |name: &str| header.iter().position(|column| column == name);
        let need = |name: &str| {
            find(name).with_context(|| {
                let found: Vec<&str> = header.iter().collect();
                format!("line 1: no column \"{name}\" among {}", found.join(","))
            })
        };
        Ok(Self {
            student: need("student")?,
            seq: need("seq")?,
            skills: need("skills")?,
            item: need("item")?,
            correct: need("correct")?,
            ts_s: find("ts_s"),
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
                _ => bail!("line {line}, column {name}: \"{text}\" is no number"),
            }
        };
        text(self.student, "student")?;
        let correct = number(self.correct, "correct")?;
        let Some(credit) = Credit::new(correct) else {
            bail!("line {line}, column correct: {correct} is not between 0 and 1");
        };
        let written_s = match self.ts_s {
            Some(at) if record.get(at).is_some_and(|text| !text.is_empty()) => number(at, "ts_s")?,
            _ => 0.0,
        };
        let skills = record.get(self.skills).unwrap_or_default();
        let observation = Observation {
            item: text(self.item, "item")?.to_owned(),
            skills: (skills.split(';').map(str::trim).filter(|skill| !skill.is_empty()))
                .map(str::to_owned)
                .collect(),
            credit,
            day: (written_s / DAY_S).floor() as i32,
        };
        Ok((number(self.seq, "seq")?, observation))
    }
}
