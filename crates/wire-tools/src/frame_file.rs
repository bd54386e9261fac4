//! Files of frames: a capture, a bundle, bare frames one behind another, or any of these as
//! hexadecimal text with comments, told apart by content; and the way from JSON to such a file.

use std::ops::Range;

use firmware_protocol::{
    BUNDLE_BYTES_MAX, BufferFull, Bundle, BundleError, BundleWriter, CAPTURE_HEADER, Capture,
    CaptureError, RawFrame, bare_frames, capture_length,
};

use crate::frame_json::{EncodeError, Line};

/// What a file holds.
#[derive(Clone, Debug)]
pub struct FrameFile {
    bytes: Vec<u8>,
    /// Where its bundles lie in `bytes`.
    bundles: Vec<Range<usize>>,
    form: Form,
    /// Why the rest of a capture holds no bundle.
    broken: Option<FrameFileError>,
}

/// What stands around the frames of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Bundles, each behind its length.
    Capture,
    /// What a gateway publishes.
    Bundle,
    /// What a pen sends over a link.
    Bare,
}

/// Why bytes are no file of frames.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameFileError {
    /// A capture that ends within its header.
    #[error(
        "truncated: a capture's header takes {header} bytes, {have} are there",
        header = CAPTURE_HEADER.len()
    )]
    Truncated {
        /// How many bytes there are.
        have: usize,
    },
    /// A capture's header that cannot be read.
    #[error("{0}")]
    Capture(CaptureError),
    /// A bundle that the capture does not hold whole.
    #[error("bundle {number} of the capture: {error}")]
    CaptureBundle {
        /// The bundle's number, from 0.
        number: usize,
        /// What is wrong.
        error: CaptureError,
    },
    /// A bundle's header that cannot be read.
    #[error("bundle {number}, at byte {at}: {error}")]
    Bundle {
        /// The bundle's number, from 0.
        number: usize,
        /// Where it begins in the file.
        at: usize,
        /// What is wrong.
        error: BundleError,
    },
    /// Hexadecimal text that breaks off within a byte.
    #[error("line {line}: an odd number of hexadecimal digits")]
    OddDigits {
        /// The line, from 1.
        line: usize,
    },
    /// Anything else.
    #[error("neither a capture (ZCAP), a bundle (ZBND), frames (5A 1…), nor these in hexadecimal")]
    Unknown,
}

/// Why JSON objects are no file of frames.
#[derive(Debug, thiserror::Error)]
pub enum EncodeFileError {
    /// Text that is no object, or an object that is no frame.
    #[error("the object that begins in line {line}")]
    Json {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A frame that cannot be written.
    #[error("line {line}")]
    Frame {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: EncodeError,
    },
    /// No object at all.
    #[error("no line holds a frame")]
    Empty,
    /// Frames that are too long for a bundle.
    #[error("frame {position} does not fit: a bundle is at most {BUNDLE_BYTES_MAX} bytes")]
    Full {
        /// The frame's position in its bundle, from 0.
        position: usize,
        /// What is wrong.
        source: BufferFull,
    },
    /// A bundle that cannot be written.
    #[error("bundle {number}")]
    Bundle {
        /// The bundle's number, or that it has none.
        number: String,
        /// What is wrong.
        source: Box<EncodeFileError>,
    },
}

impl FrameFile {
    /// Takes the bytes of a file.
    ///
    /// # Errors
    /// Where the bytes are none of the known forms. Bundles and frames are read later.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, FrameFileError> {
        let bytes = of_hex(&bytes)?.unwrap_or(bytes);
        let begins = |magic: &[u8]| {
            let len = bytes.len().min(magic.len());
            len > 1 && bytes[..len] == magic[..len]
        };
        if begins(b"ZCAP") {
            if bytes.len() < CAPTURE_HEADER.len() {
                return Err(FrameFileError::Truncated { have: bytes.len() });
            }
            let capture = Capture::parse(&bytes).map_err(FrameFileError::Capture)?;
            let (mut bundles, mut broken) = (Vec::new(), None);
            for (number, bundle) in capture.bundles().enumerate() {
                match bundle {
                    Ok(bundle) => {
                        let from = bundle.as_ptr().addr() - bytes.as_ptr().addr();
                        bundles.push(from..from + bundle.len());
                    }
                    Err(error) => {
                        broken = Some(FrameFileError::CaptureBundle { number, error });
                        break;
                    }
                }
            }
            return Ok(Self { bytes, bundles, form: Form::Capture, broken });
        }
        let all = std::iter::once(0..bytes.len()).collect();
        if begins(b"ZBND") {
            return Ok(Self { bytes, bundles: all, form: Form::Bundle, broken: None });
        }
        match bytes[..] {
            [b'Z', version, ..] if version >> 4 != 0 => {
                Ok(Self { bytes, bundles: all, form: Form::Bare, broken: None })
            }
            _ => Err(FrameFileError::Unknown),
        }
    }

    /// What stands around the frames.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Gives every frame in order, with its bundle's number.
    ///
    /// # Errors
    /// The first error of `each`, at once. Once every frame was given that can be read: the first
    /// bundle whose header is bad, or where a capture breaks off.
    pub fn frames<E: From<FrameFileError>>(
        &self,
        mut each: impl FnMut(usize, RawFrame<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut bad = None;
        for (number, range) in self.bundles.iter().enumerate() {
            let bytes = &self.bytes[range.clone()];
            if self.form == Form::Bare {
                bare_frames(bytes).try_for_each(|raw| each(number, raw))?;
                continue;
            }
            let at = range.start;
            match Bundle::parse(bytes) {
                Ok(bundle) => bundle.frames().try_for_each(|raw| each(number, raw))?,
                Err(error) => {
                    bad.get_or_insert(FrameFileError::Bundle { number, at, error });
                }
            }
        }
        match bad.or_else(|| self.broken.clone()) {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }

    /// Every bundle whose header can be read, with its number; none of bare frames.
    pub fn bundles(&self) -> impl Iterator<Item = (usize, Bundle<'_>)> {
        let bundles = if self.form == Form::Bare { &[][..] } else { &self.bundles[..] };
        let read = |range: &Range<usize>| Bundle::parse(&self.bytes[range.clone()]).ok();
        bundles.iter().enumerate().filter_map(move |(number, range)| Some((number, read(range)?)))
    }

    /// The bytes before a bundle, from the end of the one before it, and those from its beginning to
    /// the file's end.
    pub(crate) fn around(&self, bundle: usize) -> Option<(&[u8], &[u8])> {
        let from = self.bundles.get(bundle)?.start;
        let before = bundle.checked_sub(1).map_or(0, |before| self.bundles[before].end);
        Some((&self.bytes[before..from], &self.bytes[from..]))
    }
}

/// The file that JSON objects, one behind another, describe: bare frames where the first says that
/// it stands at offset 0, a capture where they name bundles, a bundle otherwise.
///
/// # Errors
/// Where text is no such object, or what it says cannot be written.
pub fn encode(text: &str) -> Result<Vec<u8>, EncodeFileError> {
    // Frames of each bundle, in the order of the lines.
    let mut bundles: Vec<(Option<usize>, Vec<Vec<u8>>)> = Vec::new();
    let mut bare = None;
    // Some editors begin a file with a byte-order mark.
    let text = text.trim_start_matches('\u{feff}');
    // Objects one behind another, each on a line of its own or over several.
    let mut objects = serde_json::Deserializer::from_str(text).into_iter::<Line>();
    loop {
        let from = objects.byte_offset();
        let Some(object) = objects.next() else { break };
        let gap = text[from..].len() - text[from..].trim_start().len();
        let line = 1 + text[..from + gap].bytes().filter(|byte| *byte == b'\n').count();
        let object = object.map_err(|source| EncodeFileError::Json { line, source })?;
        let bytes = object.to_bytes().map_err(|source| EncodeFileError::Frame { line, source })?;
        bare.get_or_insert(object.bundle.is_none() && object.offset == Some(0));
        match bundles.last_mut() {
            Some((bundle, frames)) if *bundle == object.bundle => frames.push(bytes),
            _ => bundles.push((object.bundle, vec![bytes])),
        }
    }
    match &bundles[..] {
        [] => Err(EncodeFileError::Empty),
        [(None, frames)] if bare == Some(true) => Ok(frames.concat()),
        [(None, frames)] => bundle(frames),
        _ => {
            let mut capture = CAPTURE_HEADER.to_vec();
            for (number, frames) in &bundles {
                let number = number.map_or("without a number".to_owned(), |n| n.to_string());
                let bundle = bundle(frames).map_err(|source| EncodeFileError::Bundle {
                    number,
                    source: Box::new(source),
                })?;
                capture.extend_from_slice(&capture_length(bundle.len() as u32));
                capture.extend_from_slice(&bundle);
            }
            Ok(capture)
        }
    }
}

fn bundle(frames: &[Vec<u8>]) -> Result<Vec<u8>, EncodeFileError> {
    let mut buffer = vec![0; BUNDLE_BYTES_MAX];
    let full = |position| move |source| EncodeFileError::Full { position, source };
    let mut writer = BundleWriter::new(&mut buffer).map_err(full(0))?;
    for (position, frame) in frames.iter().enumerate() {
        writer.push(frame).map_err(full(position))?;
    }
    Ok(writer.finish().to_vec())
}

/// The bytes of hexadecimal text, in which `#` begins a comment; `None` where it is no such text.
fn of_hex(text: &[u8]) -> Result<Option<Vec<u8>>, FrameFileError> {
    let Ok(text) = std::str::from_utf8(text) else { return Ok(None) };
    // Some editors begin a file with a byte-order mark.
    let text = text.trim_start_matches('\u{feff}');
    let mut bytes = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let digits: String = text.split('#').next().unwrap_or("").split_whitespace().collect();
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Ok(None);
        }
        if digits.len() % 2 == 1 {
            return Err(FrameFileError::OddDigits { line });
        }
        let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        bytes.extend((0..digits.len()).step_by(2).filter_map(byte));
    }
    Ok((!bytes.is_empty()).then_some(bytes))
}

#[cfg(test)]
mod tests;
