//! Writes the sample capture anew: `sample-strokes/captures/three-pupils`.
//!
//! `cargo run --release -p pen-sim --example capture`

use pen_sim::{simulate, write_capture};

#[path = "../tests/sample/mod.rs"]
mod sample;

/// Chosen so that most of what goes wrong happens to three pupils; the same in test and example.
const CAPTURE_SEED: u64 = 4;

fn main() -> std::io::Result<()> {
    let setup = sample::setup(3, CAPTURE_SEED, None);
    let (capture, manifest) = write_capture(&setup, &simulate(&setup));
    let dir = sample::samples().join("captures/three-pupils");
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join("evening.zcap"), &capture)?;
    std::fs::write(dir.join("manifest.json"), &manifest)?;
    println!("{}: {} and {} bytes", dir.display(), capture.len(), manifest.len());
    Ok(())
}
