//! Items of the shared sets that are not what their label says: looked at one by one where the
//! recognizer was surest of something else.
//!
//! Whoever writes with the hands of these sets does not write what they mean where an item is one of
//! these, and reading it as what it shows is no error.

/// Of each file, the lines (counting from 0) whose drawing shows another symbol or a part of one.
const LISTED: [(&str, &[usize]); 4] = [
    ("pendigits-train.jsonl", &[44, 437, 443, 858, 1469, 5207]),
    ("unipen-digits.jsonl", &[88, 1390, 4477, 4481, 4482, 4851, 5079, 5492, 5494]),
    ("unipen-upper.jsonl", &[8183, 8188, 8630, 10211, 10221]),
    ("unipen-symbols.jsonl", &[29]),
];

/// Whether the item at `line` of `file` is among those that were looked at.
pub fn is_listed(file: &str, line: usize) -> bool {
    LISTED.iter().any(|(name, lines)| *name == file && lines.contains(&line))
}
