use firmware_protocol::{GatewayState, RawFrame, decode_frame, encode_gateway_state};

use super::*;
use crate::conformance::Conformance;
use crate::explain;
use crate::frame_json::to_json;

fn frame(session: u64) -> Vec<u8> {
    let mut buffer = [0; 256];
    let state = GatewayState { online: true, session, unix_ms: 2 };
    let len = encode_gateway_state(&state, &mut buffer).unwrap();
    buffer[..len].to_vec()
}

fn line(bundle: Option<usize>, offset: Option<usize>, bytes: &[u8]) -> String {
    let frame = decode_frame(bytes).map(|(frame, _)| frame);
    let raw = RawFrame { offset: 0, bytes, frame };
    let line = Line { bundle, offset, frame: to_json(&raw), bytes: None };
    serde_json::to_string(&line).unwrap()
}

/// Reads what `text` encodes to: its form, the frames with their bundles, and the count of lines
/// that tell what stands around them.
fn read(text: &str) -> (Form, Vec<(usize, Vec<u8>)>, usize) {
    let file = FrameFile::parse(encode(text).unwrap()).unwrap();
    let (mut frames, mut around) = (Vec::new(), 0);
    file.frames::<FrameFileError>(|bundle, raw| {
        if frames.last().is_none_or(|(last, _)| *last != bundle) {
            around += explain::before_frames(&file, bundle).len();
        }
        frames.push((bundle, raw.bytes.to_vec()));
        Ok(())
    })
    .unwrap();
    (file.form(), frames, around)
}

#[test]
fn frames_come_back_in_the_form_that_their_lines_say() {
    let (one, two) = (frame(1), frame(2));
    let bare = [line(None, Some(0), &one), line(None, Some(one.len()), &two)].join("\n");
    let both = vec![(0, one.clone()), (0, two.clone())];
    assert_eq!(read(&bare), (Form::Bare, both.clone(), 0));
    let bundle = [line(None, None, &one), line(None, None, &two)].join("\n");
    assert_eq!(read(&bundle), (Form::Bundle, both, 2));
    let capture = [line(Some(0), None, &one), line(Some(1), None, &two)].join("\n");
    // Magic, length and a header of two lines; then length and header.
    assert_eq!(read(&capture), (Form::Capture, vec![(0, one), (1, two)], 7));
}

#[test]
fn what_is_wrong_names_its_place() {
    let said = |bytes: &[u8]| FrameFile::parse(bytes.to_vec()).unwrap_err().to_string();
    assert_eq!(said(b"ZCA"), "truncated: a capture's header takes 8 bytes, 3 are there");
    assert_eq!(said(b"5a # Z\n1"), "line 2: an odd number of hexadecimal digits");
    assert!(said(b"ink").starts_with("neither a capture"));
    let file = FrameFile::parse(b"ZBND".to_vec()).unwrap();
    let error = file.frames::<FrameFileError>(|_, _| Ok(())).unwrap_err().to_string();
    assert!(error.starts_with("bundle 0, at byte 0: "), "{error}");
    assert_eq!(encode("\n").unwrap_err().to_string(), "no line holds a frame");
    let text = format!("{}\n\n{{", line(None, None, &frame(1)));
    assert_eq!(encode(&text).unwrap_err().to_string(), "the object that begins in line 3");
}

/// A cut file, or one broken bundle, does not take the other bundles with it.
#[test]
fn what_is_whole_is_read_before_the_word_on_what_is_not() {
    let lines: Vec<String> = (0..3).map(|n| line(Some(n), None, &frame(n as u64 + 1))).collect();
    let capture = encode(&lines.join("\n")).unwrap();
    let length = (capture.len() - CAPTURE_HEADER.len()) / 3;
    let read = |bytes: Vec<u8>| {
        let mut bundles = Vec::new();
        let read = FrameFile::parse(bytes).unwrap().frames::<FrameFileError>(|bundle, _| {
            bundles.push(bundle);
            Ok(())
        });
        (bundles, read.unwrap_err().to_string())
    };
    let (bundles, error) = read(capture[..capture.len() - 1].to_vec());
    assert_eq!(bundles, [0, 1]);
    assert!(error.starts_with("bundle 2 of the capture: "), "{error}");
    let mut broken = capture;
    broken[CAPTURE_HEADER.len() + length + 4] = b'X';
    let (bundles, error) = read(broken);
    assert_eq!(bundles, [0, 2]);
    assert!(error.starts_with("bundle 1, at byte "), "{error}");
}

/// A bundle's count is judged from the file, and bare frames have none.
#[test]
fn findings_of_bundles_come_from_their_headers() {
    let findings = |bytes: Vec<u8>| {
        let file = FrameFile::parse(bytes).unwrap();
        let mut conformance = Conformance::remembering(10);
        file.frames::<FrameFileError>(|bundle, raw| {
            conformance.frame(bundle, &raw);
            Ok(())
        })
        .unwrap();
        file.bundles().for_each(|(number, bundle)| conformance.bundle_end(number, &bundle));
        conformance.take_findings().iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    let mut bundle = encode(&line(None, None, &frame(1))).unwrap();
    assert_eq!(findings(bundle.clone()), [""; 0]);
    bundle[6] = 2;
    assert_eq!(findings(bundle), ["bundle-count"]);
    assert_eq!(findings(frame(1)), [""; 0]);
}

#[test]
fn hexadecimal_text_may_begin_with_a_byte_order_mark() {
    let digits: String = frame(7).iter().map(|byte| format!("{byte:02x} ")).collect();
    for text in [digits.clone(), format!("\u{feff}{digits}"), format!("\u{feff}# ours\r\n{digits}")]
    {
        let file = FrameFile::parse(text.into_bytes()).unwrap();
        assert!(file.form() == Form::Bare);
        let mut frames = Vec::new();
        file.frames::<FrameFileError>(|_, raw| {
            frames.push(raw.bytes.to_vec());
            Ok(())
        })
        .unwrap();
        assert_eq!(frames, [frame(7)]);
    }
}
