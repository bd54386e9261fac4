//! One frame: any bytes, as they are and with magic, length and checksum made good.
#![no_main]

use firmware_protocol_fuzz::{check_frame, mended};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    check_frame(bytes);
    if let Some(frame) = mended(bytes) {
        check_frame(&frame);
    }
});
