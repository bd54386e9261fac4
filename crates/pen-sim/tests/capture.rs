//! The committed capture is what the simulation gives today, and holds what its manifest says.
//!
//! A failure after a change of the simulation or of the wire format is cured by
//! `cargo run --release -p pen-sim --example capture`.

use firmware_protocol::{Bundle, Capture, Frame};
use ink::Assembly;
use pen_sim::{Manifest, simulate, write_capture};

mod sample;

/// Chosen so that most of what goes wrong happens to three pupils; the same in test and example.
const CAPTURE_SEED: u64 = 4;

#[test]
fn the_committed_capture_is_up_to_date() {
    let dir = sample::samples().join("captures/three-pupils");
    let setup = sample::setup(3, CAPTURE_SEED, None);
    let (capture, manifest) = write_capture(&setup, &simulate(&setup));
    let committed = std::fs::read(dir.join("evening.zcap")).expect("the capture");
    let committed_manifest =
        std::fs::read_to_string(dir.join("manifest.json")).expect("the manifest");
    assert!(committed == capture, "evening.zcap is out of date: run the example `capture`");
    assert!(
        committed_manifest == manifest,
        "manifest.json is out of date: run the example `capture`"
    );
    assert!(capture.len() + manifest.len() <= 300_000);
}

#[test]
fn a_capture_holds_what_its_manifest_says() {
    let setup = sample::setup(3, CAPTURE_SEED, None);
    let (capture, manifest) = write_capture(&setup, &simulate(&setup));
    // What marking reads of it is what stands in it.
    let read: worksheet::Manifest = serde_json::from_str(&manifest).expect("a manifest");
    let manifest: Manifest = serde_json::from_str(&manifest).expect("a manifest");
    let Manifest { pupils, assignments, leases, .. } = manifest.clone();
    assert_eq!(read, worksheet::Manifest { pupils, assignments, leases });
    let bundles: Vec<&[u8]> = Capture::parse(&capture)
        .expect("a capture")
        .bundles()
        .collect::<Result<_, _>>()
        .expect("whole bundles");
    assert_eq!(bundles.len(), manifest.bundles as usize);
    let (mut frames, mut states, mut chunks) = (0, 0, Vec::new());
    for bundle in bundles {
        for raw in Bundle::parse(bundle).expect("a bundle").frames() {
            frames += 1;
            match raw.frame.expect("a sound frame") {
                Frame::PenState(_) => states += 1,
                _ => chunks.push(raw.bytes),
            }
        }
    }
    assert_eq!(frames, manifest.frames);
    assert!(states > 0);
    let ink = Assembly::of_chunks(chunks);
    assert!(ink.errors.is_empty(), "{:?}", ink.errors);
    let samples: usize = ink.strokes.iter().map(|stroke| stroke.samples.len()).sum();
    assert_eq!(samples as u64, manifest.samples);
}
