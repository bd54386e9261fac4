//! An evening as a capture: the bundles that a gateway would send, and the manifest beside them.

use firmware_protocol::{
    BUNDLE_BYTES_MAX, BundleWriter, CAPTURE_HEADER, CHUNK_BYTES_MAX, capture_length,
    encode_pen_state,
};
use serde::{Deserialize, Serialize};
use worksheet::{ManifestAssignment, ManifestLease};

use crate::evening::{Delivery, Evening, Handed, Holder};
use crate::setup::Setup;
use crate::truth::Truth;

/// How long a gateway gathers frames for one bundle, in the evening's milliseconds.
const GATHER_MS: i64 = 500;

/// What stands beside a simulated capture; [`worksheet::Manifest`] is the part that marking needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// What the capture is and where it came from, in a sentence.
    pub about: String,
    /// The class's id.
    pub class: String,
    /// The pupils' ids in the order of their copies.
    pub pupils: Vec<String>,
    /// Bundles in the capture.
    pub bundles: u32,
    /// Frames in them: chunks, hellos and states, copies too.
    pub frames: u32,
    /// Copies among them of frames that stand in it already.
    pub copies: u32,
    /// Samples in it, copies not counted.
    pub samples: u64,
    /// What was written, on which addresses.
    pub assignments: Vec<ManifestAssignment>,
    /// Who held which pen.
    pub leases: Vec<ManifestLease>,
    /// The expected result of every response, and what went wrong on purpose.
    pub truth: Truth,
}

/// Packs an evening's deliveries into bundles as one gateway would, copies included, and writes
/// the manifest: the bytes of a capture and of a JSON file.
pub fn write_capture(setup: &Setup, evening: &Evening) -> (Vec<u8>, String) {
    let mut capture = CAPTURE_HEADER.to_vec();
    let mut bundles = 0;
    let mut rest = evening.deliveries.as_slice();
    while let Some(first) = rest.first() {
        let in_time = |delivery: &Delivery| delivery.at_ms < first.at_ms + GATHER_MS;
        let gathered = rest.iter().take_while(|delivery| in_time(delivery)).count();
        let taken = bundle(&rest[..gathered], &mut capture);
        bundles += 1;
        rest = &rest[taken..];
    }
    let manifest = manifest(setup, evening, bundles);
    // Unwrap safety: the manifest has no map with keys that are not text, and no failing writer.
    #[expect(clippy::expect_used, reason = "see above")]
    let json = serde_json::to_string_pretty(&manifest).expect("a manifest as JSON");
    (capture, json + "\n")
}

/// Appends one bundle of as many deliveries as fit, at least one; returns how many it holds.
fn bundle(deliveries: &[Delivery], capture: &mut Vec<u8>) -> usize {
    let mut buffer = vec![0; BUNDLE_BYTES_MAX];
    // Unwrap safety: the buffer has room for the header, and for one frame at least.
    #[expect(clippy::expect_used, reason = "see above")]
    let mut writer = BundleWriter::new(&mut buffer).expect("room for a header");
    let mut taken = 0;
    for delivery in deliveries {
        let mut state_bytes = [0; CHUNK_BYTES_MAX];
        let frame = match &delivery.what {
            Handed::Chunk(chunk) => chunk.as_slice(),
            Handed::State(state) => {
                let len = encode_pen_state(state, &mut state_bytes).unwrap_or(0);
                &state_bytes[..len]
            }
        };
        if writer.push(frame).is_err() {
            break;
        }
        taken += 1;
    }
    let bytes = writer.finish();
    // A bundle is at most 64 KiB.
    capture.extend(capture_length(bytes.len() as u32));
    capture.extend(bytes);
    taken
}

fn manifest(setup: &Setup, evening: &Evening, bundles: u32) -> Manifest {
    let leases = evening.leases.iter().map(|lease| ManifestLease {
        pen: format!("{:012x}", lease.pen.0),
        pupil: match &lease.holder {
            Holder::Pupil(id) => Some(id.clone()),
            Holder::Marker(_) => None,
        },
        marker: match &lease.holder {
            Holder::Pupil(_) => None,
            Holder::Marker(id) => Some(id.clone()),
        },
        from_ms: lease.from_ms,
        until_ms: lease.until_ms,
    });
    let assignments = setup
        .assignments
        .iter()
        .map(|plan| ManifestAssignment { id: plan.id.clone(), run: plan.run.clone() });
    Manifest {
        about: "A simulated evening: made-up pupils, no child's writing. \
                Written by pen-sim's write_capture; see sample-strokes/README.md."
            .to_owned(),
        class: setup.class.id.clone(),
        pupils: setup.class.pupils.iter().map(|pupil| pupil.id.clone()).collect(),
        bundles,
        frames: evening.deliveries.len() as u32,
        copies: evening.deliveries.iter().filter(|delivery| delivery.copy).count() as u32,
        samples: evening.samples,
        assignments: assignments.collect(),
        leases: leases.collect(),
        truth: evening.truth.clone(),
    }
}
