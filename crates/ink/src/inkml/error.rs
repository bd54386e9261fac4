//! What can be wrong in an InkML file.

use super::{
    ATTRIBUTE_BYTES_MAX, ATTRIBUTES_MAX, CHANNELS_MAX, DEFINITIONS_MAX, DEPTH_MAX, ERRORS_MAX,
    FILE_BYTES_MAX, POINTS_MAX, TAG_BYTES_MAX, TRACES_MAX,
};
use crate::StrokeKey;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("line {line}, byte {offset}{}: {fault}", within(element))]
pub struct Error {
    /// Counts from 1.
    pub line: usize,
    /// Bytes from the file's start.
    pub offset: usize,
    /// The innermost element there, its name cut to 32 characters; empty outside of all.
    pub element: String,
    /// What is wrong.
    pub fault: Fault,
}

fn within(element: &str) -> String {
    if element.is_empty() { String::new() } else { format!(", <{element}>") }
}

impl Error {
    /// Whether the reading ended here.
    pub fn ends_reading(&self) -> bool {
        !matches!(
            self.fault,
            Fault::TooManyChannels
                | Fault::MissingAttribute(_)
                | Fault::BadAttribute { .. }
                | Fault::Reference { .. }
                | Fault::IdTwice(_)
                | Fault::NoChannel(_)
                | Fault::UnitUnknown { .. }
                | Fault::NoPriorTrace(_)
                | Fault::NoPoints
                | Fault::Value { .. }
                | Fault::ValueCount { .. }
                | Fault::DifferenceOfNothing { .. }
                | Fault::OutOfRange { .. }
                | Fault::TooLate { .. }
                | Fault::Annotation(_)
                | Fault::KeyTwice(_)
                | Fault::TracesMisplaced(_)
                | Fault::TracesUnseen(_)
                | Fault::ViewsTooDeep
        )
    }
}

/// A fault of a file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "each says itself")]
pub enum Fault {
    #[error("the file is longer than {FILE_BYTES_MAX} bytes; split it")]
    FileTooLong,
    #[error("the text is not UTF-8; convert it first")]
    NotUtf8,
    #[error("no sound XML: {0}")]
    Xml(String),
    #[error("a DOCTYPE is not taken; delete it")]
    Doctype,
    #[error("the entity &{0}; is not one of XML's five")]
    Entity(String),
    #[error("elements stand in each other more than {DEPTH_MAX} deep")]
    TooDeep,
    #[error("a tag longer than {TAG_BYTES_MAX} bytes")]
    TagTooLong,
    #[error("more than {ATTRIBUTES_MAX} attributes")]
    TooManyAttributes,
    #[error("attribute {0} is longer than {ATTRIBUTE_BYTES_MAX} bytes")]
    AttributeTooLong(String),
    #[error("attribute {0} stands twice")]
    AttributeTwice(String),
    #[error("the file ends before this element does: it was cut off")]
    CutOff,
    #[error("the outermost element is not ink of the namespace http://www.w3.org/2003/InkML")]
    NotInk,
    #[error("something stands behind the end of ink")]
    BehindEnd,
    #[error("more than {DEFINITIONS_MAX} contexts, sources, formats and timestamps")]
    TooManyDefinitions,
    #[error("more than {TRACES_MAX} traces; split the file")]
    TooManyTraces,
    #[error("more than {POINTS_MAX} points; split the file")]
    TooManyPoints,
    #[error("more than {ERRORS_MAX} errors: given up here")]
    TooManyErrors,
    #[error("more than {CHANNELS_MAX} channels")]
    TooManyChannels,
    #[error("attribute {0} is missing")]
    MissingAttribute(&'static str),
    #[error("{name} is {value:?}, but should be {expected}")]
    BadAttribute { name: &'static str, value: String, expected: &'static str },
    #[error("{name} names {value:?}, which no fitting element that can be found has as its id")]
    Reference { name: &'static str, value: String },
    #[error("the id {0:?} is taken already")]
    IdTwice(String),
    #[error("the trace format has no channel {0}")]
    NoChannel(&'static str),
    #[error("channel {channel} counts in {units}: no length without a resolution; say its size")]
    UnitUnknown { channel: &'static str, units: String },
    #[error("priorRef names {0:?}, which is no trace before that waits for a continuation")]
    NoPriorTrace(String),
    #[error("the trace has no point with a position")]
    NoPoints,
    #[error("point {point}, value {value}: {found:?} is no value")]
    Value { point: usize, value: usize, found: String },
    #[error("point {point} has {found} values, but the trace format {expected}")]
    ValueCount { point: usize, found: usize, expected: String },
    #[error("point {point}, value {value}: a difference, but no value before it")]
    DifferenceOfNothing { point: usize, value: usize },
    #[error("point {point}: channel {channel} is out of range")]
    OutOfRange { point: usize, channel: &'static str },
    #[error("point {point} comes more than 2^32 ms after the first of its stroke")]
    TooLate { point: usize },
    #[error("{0:?} names no stroke: expected key, page, start_ms, ticks, end and complete")]
    Annotation(String),
    #[error("stroke {0} was read already")]
    KeyTwice(StrokeKey),
    #[error("{0} traces passed over, the first here: they stand in an element that holds no ink")]
    TracesMisplaced(usize),
    #[error("{0} traces passed over, the first here: they are definitions that no traceView shows")]
    TracesUnseen(usize),
    #[error("views show views more than {DEPTH_MAX} deep")]
    ViewsTooDeep,
}
