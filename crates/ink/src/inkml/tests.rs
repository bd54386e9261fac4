use firmware_protocol::{Orientation, StrokeEnd};

use super::*;
use crate::{Sample, StrokeKey};

mod elements;
mod hostile;
mod round_trip;
mod times;

const DEFAULTS: Defaults = Defaults {
    pen: PenId(7),
    boot: BootId { counter: 1, random: 2 },
    address: None,
    start_ms: 1_000,
    rate_hz: 100.0,
    device_unit_nm: None,
};

fn file(content: &str) -> String {
    format!(r#"<ink xmlns="http://www.w3.org/2003/InkML">{content}</ink>"#)
}

/// A file of one source whose channels are `channels`, and then `content`.
fn with_channels(channels: &str, content: &str) -> String {
    file(&format!("<inkSource><traceFormat>{channels}</traceFormat></inkSource>{content}"))
}

const MM: &str = r#"<channel name="X" units="mm"/><channel name="Y" units="mm"/>"#;

/// A reading without errors.
#[track_caller]
fn sound(file: &str) -> Reading {
    let reading = read(file.as_bytes(), &DEFAULTS);
    assert_eq!(reading.errors, []);
    reading
}

fn samples(reading: &Reading) -> Vec<Vec<(i32, i32, u16, u32)>> {
    let sample = |s: &Sample| (s.x_um, s.y_um, s.force, s.t_ms);
    reading.strokes.iter().map(|stroke| stroke.samples.iter().map(sample).collect()).collect()
}

/// How many strokes are read, and what is said of the rest.
#[track_caller]
fn check_errors(file: &str, strokes: usize, expected: &[&str]) {
    let reading = read(file.as_bytes(), &DEFAULTS);
    let said: Vec<String> = reading.errors.iter().map(ToString::to_string).collect();
    assert_eq!(said, expected);
    assert_eq!(reading.strokes.len(), strokes);
}

#[test]
fn a_trace_becomes_a_stroke_in_physical_units() {
    let reading = sound(&with_channels(MM, "<trace>10 20,10.5 20.25</trace>"));
    assert_eq!(samples(&reading), [[(10_000, 20_000, 0, 0), (10_500, 20_250, 0, 10)]]);
    let stroke = &reading.strokes[0];
    assert_eq!(stroke.key, StrokeKey { pen: PenId(7), boot: DEFAULTS.boot, number: 0 });
    assert_eq!((stroke.start_ms, stroke.end, stroke.complete), (1_000, StrokeEnd::Up, true));
    assert_eq!(reading.passed_over.traces_without_times, 1);
}

#[test]
fn what_office_writes_is_read() {
    let file = r##"<?xml version="1.0" encoding="utf-8"?>
<inkml:ink xmlns:emma="http://www.w3.org/2003/04/emma" xmlns:inkml="http://www.w3.org/2003/InkML">
<inkml:definitions><inkml:context xml:id="ctx0"><inkml:inkSource xml:id="src0">
<inkml:traceFormat><inkml:channel name="X" type="integer" max="3000" units="cm"/>
<inkml:channel name="Y" type="integer" max="3000" units="cm"/>
<inkml:channel name="F" type="integer" max="1023" units="dev"/>
<inkml:channel name="OTx" type="integer" min="-90" max="90" units="deg"/></inkml:traceFormat>
<inkml:channelProperties>
<inkml:channelProperty channel="X" name="resolution" value="1000" units="1/cm"/>
<inkml:channelProperty channel="Y" name="resolution" value="1000" units="1/cm"/>
<inkml:channelProperty channel="F" name="resolution" value="0" units="1/dev"/>
</inkml:channelProperties></inkml:inkSource>
<inkml:timestamp xml:id="ts0" timeString="1970-01-01T00:00:05.250"/></inkml:context>
<inkml:brush xml:id="br0"><inkml:brushProperty name="width" value="0.035" units="cm"/></inkml:brush>
</inkml:definitions>
<inkml:traceGroup><inkml:annotationXML><emma:emma><emma:trace>no ink</emma:trace></emma:emma>
</inkml:annotationXML>
<inkml:trace contextRef="#ctx0" brushRef="#br0">0 0 1023 5,'1270'0'0'1,"-1270"1270"-1023"0</inkml:trace>
</inkml:traceGroup></inkml:ink>"##;
    let reading = sound(file);
    let expected = [(0, 0, 65_535, 0), (12_700, 0, 65_535, 10), (12_700, 12_700, 0, 20)];
    assert_eq!(samples(&reading), [expected]);
    assert_eq!(reading.strokes[0].start_ms, 5_250);
    assert_eq!(reading.passed_over.orientation_values, 3);
    assert_eq!(reading.passed_over.other_values, 0);
}

#[test]
fn tilt_and_rotation_are_read_in_counts_of_all_points_or_of_none() {
    let turned = |names: &str, points: &str| {
        let channels =
            names.split(' ').map(|name| format!(r#"<channel name="{name}" units="dev"/>"#));
        let channels = format!("{MM}{}", channels.collect::<String>());
        sound(&with_channels(&channels, &format!("<trace>{points}</trace>")))
    };
    let reading = turned("OTx OTy OR", "1 1 90 80 359,1 2'1'-1 \"2");
    let held = |tilt_x, tilt_y, twist| Orientation { tilt_x, tilt_y, twist };
    assert_eq!(reading.strokes[0].orientation, [held(90, 80, 359), held(91, 79, 361)]);
    assert_eq!(reading.passed_over.orientation_values, 0);
    // The second point's is none, or no count.
    for second in ["1 1 ? 80 359", "1 1 90 256 359", "1 1 90 80 -1", "1 1 90.5 80 1"] {
        let reading = turned("OTx OTy OR", &format!("1 1 90 80 359,{second}"));
        assert_eq!(reading.strokes[0].orientation, []);
        assert_eq!(reading.passed_over.orientation_values, 6, "{second}");
    }
    let reading = turned("OTx OR", "1 1 90 359");
    assert_eq!(reading.strokes[0].orientation, []);
    assert_eq!(reading.passed_over.orientation_values, 2);
}

const NS: &str = "http://www.w3.org/2003/InkML";

#[test]
fn files_are_told_apart_by_their_first_bytes() {
    for xml in ["<ink/>", "\u{feff}\n <?xml version='1.0'?>"] {
        assert!(is_xml(xml.as_bytes()), "{xml}");
    }
    for utf_16 in [&b"\xff\xfe<\0i\0n\0k\0"[..], b"<\0i\0n\0k\0", b"\0<\0i\0n\0k"] {
        assert!(is_xml(utf_16));
        let said = read(utf_16, &DEFAULTS).errors[0].to_string();
        assert!(said.ends_with("the text is not UTF-8; convert it first"), "{said}");
    }
    for other in [&b"ZCAP\x01\0\0\0"[..], b"ZBND", b"{\"label\":\"<\"}", b"", b"\xff\xfe"] {
        assert!(!is_xml(other));
    }
}

#[test]
fn what_crohme_writes_needs_a_unit() {
    let content = r#"<traceFormat><channel name="X" type="decimal"/>
<channel name="Y" type="decimal"/></traceFormat><annotation type="UI">2011_x</annotation>
<trace id="0">1 2, 3 4</trace><traceGroup><traceView traceDataRef="0"/></traceGroup>"#;
    let said = "line 3, byte 180, <trace>: channel X counts in no unit: \
                no length without a resolution; say its size";
    check_errors(&file(content), 0, &[said]);
    let defaults = Defaults { device_unit_nm: Some(100_000.0), ..DEFAULTS };
    let reading = read(file(content).as_bytes(), &defaults);
    assert_eq!(samples(&reading), [[(100, 200, 0, 0), (300, 400, 0, 10)]]);
    assert_eq!(reading.passed_over.trace_views, 1);
}

#[test]
fn channels_may_stand_in_any_order_grow_the_other_way_and_mean_nothing_to_us() {
    let channels = r#"<channel name="W"/><channel name="F" min="100" max="300"/>
<channel name="Y" units="mm" orientation="-ve"/><channel name="X" units="in"/>
<intermittentChannels><channel name="B1" type="boolean"/></intermittentChannels>"#;
    let reading = sound(&with_channels(channels, "<trace>7 200 1 1,7 300 -1 .5 T</trace>"));
    let expected = [(25_400, -1_000, 32_768, 0), (12_700, 1_000, 65_535, 10)];
    assert_eq!(samples(&reading), [expected]);
    assert_eq!(reading.passed_over.other_values, 4);
}

#[test]
fn force_without_a_full_scale_is_none_and_counted() {
    let channels = format!(r#"{MM}<channel name="F"/>"#);
    let reading = sound(&with_channels(&channels, "<trace>1 1 500</trace>"));
    assert_eq!(samples(&reading), [[(1_000, 1_000, 0, 0)]]);
    assert_eq!(reading.passed_over.traces_without_force_scale, 1);
}

#[test]
fn continuations_are_one_stroke() {
    let content = r##"<trace xml:id="a" continuation="begin">1 1,2 2</trace>
<trace>9 9</trace>
<trace xml:id="b" continuation="middle" priorRef="#a">3 3</trace>
<trace continuation="end" priorRef="#b">4 4</trace>
<trace xml:id="c" continuation="begin">5 5</trace>"##;
    let reading = sound(&with_channels(MM, content));
    let x_um: Vec<Vec<i32>> = reading
        .strokes
        .iter()
        .map(|stroke| stroke.samples.iter().map(|sample| sample.x_um).collect())
        .collect();
    assert_eq!(x_um, [vec![1_000, 2_000, 3_000, 4_000], vec![9_000], vec![5_000]]);
    let ends: Vec<_> = reading.strokes.iter().map(|s| (s.end, s.complete)).collect();
    let expected = [(StrokeEnd::Up, true), (StrokeEnd::Up, true), (StrokeEnd::Continued, false)];
    assert_eq!(ends, expected);
}

#[test]
fn a_bad_trace_costs_one_error_and_the_rest_is_read() {
    let content = "<trace>1 1</trace>\n<trace>1 x</trace>\n<trace></trace>\n<trace>1 1,2</trace>\n\
                   <trace>1e9 1</trace>\n<trace type=\"penUp\">5 5</trace>\n<trace>2 2</trace>";
    check_errors(
        &with_channels(MM, content),
        2,
        &[
            "line 2, byte 180, <trace>: point 1, value 2: \"x\" is no value",
            "line 3, byte 190, <trace>: the trace has no point with a position",
            "line 4, byte 218, <trace>: point 2 has 1 values, but the trace format 2",
            "line 5, byte 239, <trace>: point 1: channel X is out of range",
        ],
    );
}

#[test]
fn references_to_characters_are_characters() {
    let content = "<trace>1 1,&apos;1&#39;1<!-- no ink -->,<![CDATA[2 2]]></trace>";
    let reading = sound(&with_channels(MM, content));
    let x_um: Vec<i32> = reading.strokes[0].samples.iter().map(|sample| sample.x_um).collect();
    assert_eq!(x_um, [1_000, 2_000, 4_000]);
}
