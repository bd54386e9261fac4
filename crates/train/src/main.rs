//! Trains the recognizer.
fn main() {}
