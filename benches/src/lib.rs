//! What the benches share: data, made the same way every time.

pub mod ink_corpus;
