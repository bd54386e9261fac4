//! XML as tags and text, within limits; what is wrong with it ends the reading.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::errors::SyntaxError;
use quick_xml::escape::{EscapeError, resolve_predefined_entity};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

use super::error::{Error, Fault};
use super::{
    ATTRIBUTE_BYTES_MAX, ATTRIBUTES_MAX, BYTE_ORDER_MARK, DEPTH_MAX, FILE_BYTES_MAX, TAG_BYTES_MAX,
};

/// The namespace of InkML's elements.
const NAMESPACE: Namespace<'static> = Namespace("http://www.w3.org/2003/InkML");

/// Characters of an element's name that an error repeats.
const NAME_CHARS_MAX: usize = 32;

/// The attributes that are kept.
const KNOWN: &[&str] = &[
    "channel",
    "contextRef",
    "continuation",
    "default",
    "duration",
    "from",
    "id",
    "inkSourceRef",
    "max",
    "min",
    "name",
    "orientation",
    "priorRef",
    "respectTo",
    "time",
    "timeOffset",
    "timeString",
    "timestampRef",
    "to",
    "traceDataRef",
    "traceFormatRef",
    "type",
    "units",
    "value",
    "xml:id",
];

/// What comes next in a file.
pub(super) enum Token<'a> {
    /// An element begins; its end comes as [`Token::Close`], even where it is empty.
    Open(Tag<'a>),
    /// Text, its references resolved. It may come in pieces.
    Text(Cow<'a, str>),
    /// The innermost element ends.
    Close,
    /// The file ends, with every element closed.
    End,
}

/// An element's beginning.
#[derive(Clone, Debug)]
pub(super) struct Tag<'a> {
    /// The name without its prefix; empty where the element is of another namespace, so that what is
    /// not InkML is not taken for it. An element of no namespace counts as InkML: many programs
    /// declare none.
    pub(super) name: &'a str,
    /// Where it begins in the file.
    pub(super) offset: usize,
    attributes: Vec<(&'static str, String)>,
}

impl Tag<'_> {
    /// An attribute; one of [`KNOWN`].
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a file's tokens one by one.
pub(super) struct Scanner<'a> {
    reader: NsReader<&'a [u8]>,
    text: &'a str,
    /// Bytes of the file before `text`.
    skipped: usize,
    /// The names of the open elements, outermost first.
    open: Vec<&'a str>,
    /// An offset in `text`, and the line that it lies in.
    mark: (usize, usize),
    /// The traces that were met but not [taken](Self::take_trace): those in an element that holds
    /// no ink.
    passed_traces: PassedTraces,
}

/// Traces that stand where InkML has none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PassedTraces {
    pub(super) count: usize,
    /// Where the first of them begins in the file.
    pub(super) first: usize,
}

impl<'a> Scanner<'a> {
    /// # Errors
    /// Where the file is too long, or is no UTF-8.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let whole = |offset, line, fault| Error { line, offset, element: String::new(), fault };
        if bytes.len() > FILE_BYTES_MAX {
            return Err(whole(0, 1, Fault::FileTooLong));
        }
        let content = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let skipped = bytes.len() - content.len();
        // Without a byte-order mark, it is UTF-8 of a kind.
        if content.iter().take(2).any(|byte| *byte == 0) {
            return Err(whole(skipped, 1, Fault::NotUtf8));
        }
        let text = std::str::from_utf8(content).map_err(|error| {
            let sound = &content[..error.valid_up_to()];
            whole(skipped + sound.len(), 1 + newlines(sound), Fault::NotUtf8)
        })?;
        let mut reader = NsReader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let passed_traces = PassedTraces::default();
        Ok(Self { reader, text, skipped, open: Vec::new(), mark: (0, 1), passed_traces })
    }

    /// An error at an offset of the file. Counting lines goes on from the error before, and begins
    /// again at the top only where this one lies further up.
    pub(super) fn error(&mut self, offset: usize, element: &str, fault: Fault) -> Error {
        let at = offset.saturating_sub(self.skipped).min(self.text.len());
        let (marked, line) = if self.mark.0 <= at { self.mark } else { (0, 1) };
        self.mark = (at, line + newlines(&self.text.as_bytes()[marked..at]));
        let element = element.chars().take(NAME_CHARS_MAX).collect();
        Error { line: self.mark.1, offset, element, fault }
    }

    /// Takes the trace that was met last: it is not passed over.
    pub(super) fn take_trace(&mut self) {
        self.passed_traces.count = self.passed_traces.count.saturating_sub(1);
    }

    /// The traces that nothing took.
    pub(super) fn passed_traces(&self) -> PassedTraces {
        self.passed_traces
    }

    /// Where the next token begins in the file.
    pub(super) fn offset(&self) -> usize {
        self.skipped + self.at()
    }

    /// # Errors
    /// Where the file is no sound XML, or is beyond a limit: nothing more can be read then.
    pub(super) fn next(&mut self) -> Result<Token<'a>, Error> {
        loop {
            let at = self.at();
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let fault = match error {
                        quick_xml::Error::Syntax(SyntaxError::InvalidBangMarkup) => {
                            Fault::Xml(SyntaxError::InvalidBangMarkup.to_string())
                        }
                        quick_xml::Error::Syntax(_) => Fault::CutOff,
                        other => Fault::Xml(other.to_string()),
                    };
                    return Err(self.error_here(at, fault));
                }
            };
            return Ok(match event {
                Event::Start(start) => {
                    let tag = self.tag(at, &start).map_err(|fault| {
                        let name = raw_name(self.text, at);
                        self.error(self.skipped + at, name, fault)
                    })?;
                    self.open.push(tag.name);
                    Token::Open(tag)
                }
                Event::End(_) => {
                    self.open.pop();
                    Token::Close
                }
                Event::Text(text) => Token::Text(text.into_inner()),
                Event::CData(text) => Token::Text(text.into_inner()),
                Event::GeneralRef(reference) => {
                    let resolved = resolve(&reference);
                    Token::Text(resolved.map_err(|fault| self.error_here(at, fault))?)
                }
                Event::DocType(_) => return Err(self.error_here(at, Fault::Doctype)),
                Event::Eof if self.open.is_empty() => Token::End,
                Event::Eof => return Err(self.error_here(at, Fault::CutOff)),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::Empty(_) => continue,
            });
        }
    }

    /// Passes over everything up to the end of the innermost element.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub(super) fn skip(&mut self) -> Result<(), Error> {
        let depth = self.open.len();
        while self.open.len() >= depth {
            self.next()?;
        }
        Ok(())
    }

    /// The text up to the end of the innermost element, elements in it passed over, and where it
    /// begins in the file.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub(super) fn text(&mut self) -> Result<(Cow<'a, str>, usize), Error> {
        let mut all = Cow::Borrowed("");
        let mut begins = self.offset();
        loop {
            let offset = self.offset();
            match self.next()? {
                Token::Text(piece) if all.is_empty() => (all, begins) = (piece, offset),
                Token::Text(piece) => all.to_mut().push_str(&piece),
                Token::Open(_) => self.skip()?,
                Token::Close | Token::End => return Ok((all, begins)),
            }
        }
    }

    fn at(&self) -> usize {
        // A file is at most 64 MiB long.
        self.reader.buffer_position() as usize
    }

    fn error_here(&mut self, at: usize, fault: Fault) -> Error {
        let element = self.open.last().copied().unwrap_or("");
        self.error(self.skipped + at, element, fault)
    }

    fn tag(&mut self, at: usize, start: &BytesStart<'_>) -> Result<Tag<'a>, Fault> {
        if self.open.len() == DEPTH_MAX {
            return Err(Fault::TooDeep);
        }
        if start.len() > TAG_BYTES_MAX {
            return Err(Fault::TagTooLong);
        }
        let name = raw_name(self.text, at);
        let name = name.split_once(':').map_or(name, |(_, local)| local);
        let (namespace, _) = self.reader.resolver().resolve_element(start.name());
        let (ours, undeclared) = match namespace {
            ResolveResult::Bound(namespace) => (namespace == NAMESPACE, false),
            ResolveResult::Unbound => (true, false),
            ResolveResult::Unknown(_) => (false, true),
        };
        let mut attributes = Vec::new();
        for (index, attribute) in start.attributes().with_checks(false).enumerate() {
            let attribute = attribute.map_err(|error| Fault::Xml(error.to_string()))?;
            let name = attribute.key.as_ref();
            if index == ATTRIBUTES_MAX {
                return Err(Fault::TooManyAttributes);
            }
            if attribute.value.len() > ATTRIBUTE_BYTES_MAX {
                return Err(Fault::AttributeTooLong(shortened(name)));
            }
            let Some(known) = KNOWN.iter().find(|known| **known == name) else { continue };
            if attributes.iter().any(|(found, _)| found == known) {
                return Err(Fault::AttributeTwice(shortened(name)));
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|error| match error {
                quick_xml::Error::Escape(EscapeError::UnrecognizedEntity(_, name)) => {
                    Fault::Entity(shortened(&name))
                }
                other => Fault::Xml(other.to_string()),
            })?;
            attributes.push((*known, value.into_owned()));
        }
        // A prefix that nothing declares may have been meant for InkML: such a trace is reported.
        if name == "trace" && (ours || undeclared) {
            if self.passed_traces.count == 0 {
                self.passed_traces.first = self.skipped + at;
            }
            self.passed_traces.count += 1;
        }
        let name = if ours { name } else { "" };
        Ok(Tag { name, offset: self.skipped + at, attributes })
    }
}

/// A character reference or one of XML's five entities.
fn resolve(reference: &BytesRef<'_>) -> Result<Cow<'static, str>, Fault> {
    if reference.is_char_ref() {
        let found = reference.resolve_char_ref();
        let character = found.map_err(|error| Fault::Xml(error.to_string()))?;
        return Ok(Cow::Owned(character.map(String::from).unwrap_or_default()));
    }
    match resolve_predefined_entity(reference) {
        Some(text) => Ok(Cow::Borrowed(text)),
        None => Err(Fault::Entity(shortened(reference))),
    }
}

/// The name of the element that begins at `at`.
fn raw_name(text: &str, at: usize) -> &str {
    let rest = text.get(at + 1..).unwrap_or_default();
    let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>');
    &rest[..end.unwrap_or(rest.len())]
}

fn shortened(name: &str) -> String {
    name.chars().take(NAME_CHARS_MAX).collect()
}

fn newlines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}
