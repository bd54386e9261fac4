//! XML as tags and text, within limits; what is wrong with it ends the reading.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::errors::SyntaxError;
use quick_xml::escape::{EscapeError, resolve_predefined_entity};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::error::{Error, Fault};
use super::{
    ATTRIBUTE_BYTES_MAX, ATTRIBUTES_MAX, BYTE_ORDER_MARK, DEPTH_MAX, FILE_BYTES_MAX, TAG_BYTES_MAX,
};

/// Characters of an element's name that an error repeats.
const NAME_CHARS_MAX: usize = 32;

/// The attributes that are kept.
const KNOWN: &[&str] = &[
    "channel",
    "contextRef",
    "continuation",
    "default",
    "duration",
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
pub(super) struct Tag<'a> {
    /// The name without its prefix; empty where the prefix is not the outermost element's, so that
    /// what is not InkML is not taken for it.
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
    reader: Reader<&'a [u8]>,
    text: &'a str,
    /// Bytes of the file before `text`.
    skipped: usize,
    /// The prefix of the outermost element.
    prefix: Option<&'a str>,
    /// The names of the open elements, outermost first.
    open: Vec<&'a str>,
    /// An offset in `text`, and the line that it lies in.
    mark: (usize, usize),
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
        let text = std::str::from_utf8(content).map_err(|error| {
            let sound = &content[..error.valid_up_to()];
            whole(skipped + sound.len(), 1 + newlines(sound), Fault::NotUtf8)
        })?;
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Ok(Self { reader, text, skipped, prefix: None, open: Vec::new(), mark: (0, 1) })
    }

    /// An error at an offset of the file, which lies behind those of the errors before it.
    pub(super) fn error(&mut self, offset: usize, element: &str, fault: Fault) -> Error {
        let at = offset.saturating_sub(self.skipped).min(self.text.len());
        let (marked, line) = self.mark;
        if let Some(between) = self.text.as_bytes().get(marked..at) {
            self.mark = (at, line + newlines(between));
        }
        let element = element.chars().take(NAME_CHARS_MAX).collect();
        Error { line: self.mark.1, offset, element, fault }
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
        let (prefix, name) = name.split_once(':').unwrap_or(("", name));
        if self.open.is_empty() && self.prefix.is_none() {
            self.prefix = Some(prefix);
        }
        let name = if self.prefix == Some(prefix) { name } else { "" };
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
