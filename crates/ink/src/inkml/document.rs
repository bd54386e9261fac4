//! A file as a whole: which element holds which.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::annotation::{self, Named};
use super::definitions::{Context, Definition};
use super::error::{Error, Fault};
use super::format::{Format, Plan, Source};
use super::scan::{Scanner, Tag, Token};
use super::view::{Item, Later};
use super::{Defaults, ERRORS_MAX, Reading};
use crate::{StrokeKey, order};

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
    /// Traces and groups that a view can show.
    pub(super) items: Vec<Item<'a>>,
    /// Their places by id.
    pub(super) ids: HashMap<String, usize>,
    /// Parts of traces that views have shown: place of the trace, first and last point.
    pub(super) shown: HashSet<(usize, usize, usize)>,
    /// Visits of views to items.
    pub(super) visits: usize,
    /// What refers to something that did not stand before it.
    pub(super) later: Vec<Later<'a>>,
    /// Places of the strokes that have no name of their own.
    pub(super) nameless: Vec<usize>,
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
        items: Vec::new(),
        ids: HashMap::new(),
        shown: HashSet::new(),
        visits: 0,
        later: Vec::new(),
        nameless: Vec::new(),
        waiting: HashMap::new(),
        keys: HashSet::new(),
        number: 0,
        free_ms: defaults.start_ms,
        reading: Reading::default(),
    };
    let ended = document.read();
    document.tell_passed_traces();
    let order = order::put_in_order(&mut document.reading.strokes, &document.nameless);
    document.reading.passed_over.traces_sorted = order.sorted;
    document.reading.passed_over.traces_delayed = order.delayed;
    document.reading.errors.sort_by_key(|error| error.offset);
    document.reading.errors.extend(ended.err());
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
        let read = self.ink();
        // What breaks off a file does not undo what stands before.
        self.show_later()?;
        read?;
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
                "traceView" => self.trace_view(&tag, self.current)?,
                _ => self.pass_over(&tag)?,
            }
        }
        Ok(())
    }

    /// Reports the traces that were passed over, as two errors at the most.
    fn tell_passed_traces(&mut self) {
        let passed = self.scanner.passed_traces();
        if passed.count > 0 {
            let fault = Fault::TracesMisplaced(passed.count);
            let error = self.scanner.error(passed.first, "trace", fault);
            self.reading.errors.push(error);
        }
        let mut unseen = self.items.iter().filter_map(|item| match item {
            Item::Trace(trace) if !trace.shown => Some(trace.tag.offset),
            _ => None,
        });
        if let Some(first) = unseen.next() {
            let fault = Fault::TracesUnseen(1 + unseen.count());
            let error = self.scanner.error(first, "trace", fault);
            self.reading.errors.push(error);
        }
    }

    fn trace_group(&mut self, tag: &Tag<'a>, inherited: Context) -> Result<(), Error> {
        let context = self.context_of(tag, inherited)?;
        self.identify(tag, Item::Read)?;
        // What an annotation says of the next trace; nothing where it says nothing sound.
        let mut named: Option<Option<Named>> = None;
        while let Some(tag) = self.child()? {
            match tag.name {
                "trace" => match named.take() {
                    // Its annotation was reported, and the trace with it.
                    Some(None) => {
                        self.scanner.take_trace();
                        self.scanner.skip()?;
                    }
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
                "traceView" => self.trace_view(&tag, context)?,
                _ => self.pass_over(&tag)?,
            }
        }
        Ok(())
    }

    /// Passes over an element, and counts what may matter of it.
    pub(super) fn pass_over(&mut self, tag: &Tag<'a>) -> Result<(), Error> {
        let passed_over = &mut self.reading.passed_over;
        match tag.name {
            "" => passed_over.foreign_elements += 1,
            "canvasTransform" => passed_over.mappings += 1,
            "mapping" if tag.get("type") != Some("identity") => passed_over.mappings += 1,
            _ => {}
        }
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
