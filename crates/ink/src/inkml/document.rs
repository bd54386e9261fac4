//! A file as a whole: which element holds which.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::annotation::{self, Named};
use super::definitions::{Context, Definition};
use super::error::{Error, Fault};
use super::format::{Format, Plan, Source};
use super::scan::{Scanner, Tag, Token};
use super::{Defaults, ERRORS_MAX, Reading};
use crate::StrokeKey;

/// Each plan, or why there is none, by format and source.
type Plans = HashMap<(Option<usize>, Option<usize>), Result<Rc<Plan>, Fault>>;

/// A file being read. Whatever returns an [`Error`] ends the reading; what does not is reported.
pub(super) struct Document<'a> {
    pub(super) scanner: Scanner<'a>,
    pub(super) defaults: Defaults,
    pub(super) formats: Vec<Format>,
    pub(super) sources: Vec<Source>,
    /// By id.
    pub(super) definitions: HashMap<String, Definition>,
    /// Elements that can be referred to, with or without an id.
    pub(super) defined: usize,
    pub(super) plans: Plans,
    /// What holds for traces that refer to nothing.
    pub(super) current: Context,
    pub(super) traces: usize,
    pub(super) points: usize,
    /// By a trace's id, the stroke that waits for its continuation.
    pub(super) waiting: HashMap<String, usize>,
    pub(super) keys: HashSet<StrokeKey>,
    /// The number of the next stroke that has no name of its own.
    pub(super) number: u32,
    /// Unix milliseconds before which no stroke without a clock begins.
    pub(super) free_ms: i64,
    pub(super) reading: Reading,
}

/// Reads a file.
pub(super) fn read(bytes: &[u8], defaults: &Defaults) -> Reading {
    let scanner = match Scanner::new(bytes) {
        Ok(scanner) => scanner,
        Err(error) => return Reading { errors: vec![error], ..Reading::default() },
    };
    let mut document = Document {
        scanner,
        defaults: *defaults,
        formats: Vec::new(),
        sources: Vec::new(),
        definitions: HashMap::new(),
        defined: 0,
        plans: HashMap::new(),
        current: Context::default(),
        traces: 0,
        points: 0,
        waiting: HashMap::new(),
        keys: HashSet::new(),
        number: 0,
        free_ms: defaults.start_ms,
        reading: Reading::default(),
    };
    if let Err(error) = document.read() {
        document.reading.errors.push(error);
    }
    document.reading
}

impl<'a> Document<'a> {
    fn read(&mut self) -> Result<(), Error> {
        loop {
            match self.scanner.next()? {
                Token::Open(tag) if tag.name == "ink" => break,
                Token::Open(tag) => return Err(self.error(&tag, Fault::NotInk)),
                Token::Text(text) if text.trim().is_empty() => {}
                _ => return Err(self.scanner.error(self.scanner.offset(), "", Fault::NotInk)),
            }
        }
        self.ink()?;
        loop {
            let offset = self.scanner.offset();
            match self.scanner.next()? {
                Token::End => return Ok(()),
                Token::Text(text) if text.trim().is_empty() => {}
                _ => return Err(self.scanner.error(offset, "ink", Fault::BehindEnd)),
            }
        }
    }

    /// What stands in `ink`. Definitions outside `definitions` hold from where they stand.
    fn ink(&mut self) -> Result<(), Error> {
        while let Some(tag) = self.child()? {
            match tag.name {
                "definitions" => self.definitions()?,
                "context" => self.current = self.context(&tag)?,
                "inkSource" => self.current.source = Some(self.source(&tag)?),
                "traceFormat" => self.current.format = Some(self.format(&tag)?),
                "timestamp" => self.current.clock_ms = self.timestamp(&tag)?,
                "traceGroup" => self.trace_group(&tag, self.current)?,
                "trace" => self.trace(&tag, self.current, None)?,
                _ => self.pass_over(&tag)?,
            }
        }
        Ok(())
    }

    fn trace_group(&mut self, tag: &Tag<'a>, inherited: Context) -> Result<(), Error> {
        let context = self.context_of(tag, inherited)?;
        // What an annotation says of the next trace; nothing where it says nothing sound.
        let mut named: Option<Option<Named>> = None;
        while let Some(tag) = self.child()? {
            match tag.name {
                "trace" => match named.take() {
                    Some(None) => self.scanner.skip()?,
                    Some(Some(of_next)) => self.trace(&tag, context, Some(of_next))?,
                    None => self.trace(&tag, context, None)?,
                },
                "annotation" if tag.get("type") == Some(annotation::TYPE) => {
                    let (text, _) = self.scanner.text()?;
                    named = Some(annotation::parse(&text));
                    if named == Some(None) {
                        let said = text.chars().take(64).collect();
                        self.report(&tag, Fault::Annotation(said))?;
                    }
                }
                "traceGroup" => self.trace_group(&tag, context)?,
                _ => self.pass_over(&tag)?,
            }
        }
        Ok(())
    }

    fn pass_over(&mut self, tag: &Tag<'a>) -> Result<(), Error> {
        self.reading.passed_over.trace_views += usize::from(tag.name == "traceView");
        self.scanner.skip()
    }

    /// The next element in the innermost one; `None` at its end. Text is passed over.
    pub(super) fn child(&mut self) -> Result<Option<Tag<'a>>, Error> {
        loop {
            match self.scanner.next()? {
                Token::Open(tag) => return Ok(Some(tag)),
                Token::Close | Token::End => return Ok(None),
                Token::Text(_) => {}
            }
        }
    }

    /// An error in an element, which costs that element alone.
    ///
    /// # Errors
    /// Where there were too many.
    pub(super) fn report(&mut self, tag: &Tag<'a>, fault: Fault) -> Result<(), Error> {
        self.report_at(tag, tag.offset, fault)
    }

    /// An error in an element, at an offset.
    ///
    /// # Errors
    /// Where there were too many.
    pub(super) fn report_at(
        &mut self,
        tag: &Tag<'a>,
        offset: usize,
        fault: Fault,
    ) -> Result<(), Error> {
        if self.reading.errors.len() == ERRORS_MAX {
            return Err(self.error(tag, Fault::TooManyErrors));
        }
        let error = self.scanner.error(offset, tag.name, fault);
        self.reading.errors.push(error);
        Ok(())
    }

    pub(super) fn error(&mut self, tag: &Tag<'a>, fault: Fault) -> Error {
        self.scanner.error(tag.offset, tag.name, fault)
    }
}
