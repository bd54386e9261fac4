//! What makers of pens and gateways need to look at their bytes: frames as JSON and back, frames
//! explained bit by bit, files of frames, and the rules that a conforming encoder keeps.
//!
//! This crate owns the JSON form of a frame, the text form of a golden vector and the conformance
//! rules of PROTOCOL.md, section 17. Every function takes bytes or text and returns values: it must
//! never know a path, a clock, a network or what a page means.

pub mod conformance;
pub mod explain;
pub mod frame_file;
pub mod frame_json;
