//! zhibi
fn main() {}
