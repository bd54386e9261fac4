use firmware_protocol::{Orientation, StrokeEnd};

use super::*;
use crate::{Sample, StrokeKey};

mod hostile;
mod round_trip;

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

/// A file whose format is in millimetres and whose root and content are given.
fn rooted(root: &str, content: &str) -> String {
    let name = root.split(' ').next().unwrap_or_default();
    let prefix = name.strip_suffix("ink").unwrap_or_default();
    let channels = MM.replace('<', &format!("<{prefix}"));
    format!("<{root}><{prefix}traceFormat>{channels}</{prefix}traceFormat>{content}</{name}>")
}

const NS: &str = "http://www.w3.org/2003/InkML";

fn x_mm(reading: &Reading) -> Vec<i32> {
    reading.strokes.iter().map(|stroke| stroke.samples[0].x_um / 1_000).collect()
}

#[test]
fn elements_are_known_by_namespace_whatever_their_prefix() {
    let check = |root: &str, content: &str, expected: &[i32]| {
        assert_eq!(x_mm(&sound(&rooted(root, content))), expected, "{root}");
    };
    let two = "<trace>1 1</trace><k:trace>2 2</k:trace>";
    check(&format!(r#"ink xmlns="{NS}" xmlns:k="{NS}""#), two, &[1, 2]);
    let inner = format!(r#"<trace xmlns="{NS}">1 1</trace><i:trace>2 2</i:trace>"#);
    check(&format!(r#"i:ink xmlns:i="{NS}""#), &inner, &[1, 2]);
    // Bound again inside: the same prefix means something else, and the other way round.
    let rebound = r#"<g xmlns="urn:x"><trace>9 9</trace></g><trace>1 1</trace>"#;
    let reading = sound(&rooted(&format!(r#"ink xmlns="{NS}""#), rebound));
    assert_eq!((x_mm(&reading), reading.passed_over.foreign_elements), (vec![1], 1));
    let regained = format!(r#"<k:trace>9 9</k:trace><k:trace xmlns:k="{NS}">1 1</k:trace>"#);
    check(&format!(r#"ink xmlns="{NS}" xmlns:k="urn:x""#), &regained, &[1]);
    // No namespace at all.
    check("ink", "<trace>1 1</trace>", &[1]);
    check(&format!(r#"i:ink xmlns:i="{NS}""#), "<trace>1 1</trace>", &[1]);
    check(&format!(r#"ink xmlns="{NS}""#), r#"<trace xmlns="">1 1</trace>"#, &[1]);
    let other = read(rooted(r#"ink xmlns="urn:x""#, "<trace>1 1</trace>").as_bytes(), &DEFAULTS);
    assert_eq!(other.errors[0].fault, Fault::NotInk);
}

#[test]
fn a_trace_that_is_passed_over_is_counted_and_said() {
    let content = "<annotationXML><trace>1 1</trace></annotationXML>\n<trace>2 2</trace>\n\
                   <y:trace>3 3</y:trace><trace>4 4<trace>5 5</trace></trace>\n\
                   <e:emma xmlns:e='urn:e'><e:trace>6 6</e:trace></e:emma>";
    let said = "line 1, byte 167, <trace>: 3 traces passed over, the first here: they stand in an \
                element that holds no ink";
    check_errors(&with_channels(MM, content), 2, &[said]);
}

#[test]
fn a_view_shows_what_is_defined() {
    let content = r##"<definitions>
<trace xml:id="a">1 1,2 2,3 3</trace>
<traceGroup xml:id="g"><trace>4 4</trace><traceGroup><trace>5 5,6 6</trace><trace>7 7</trace></traceGroup></traceGroup>
<traceView xml:id="v" traceDataRef="#a" from="3"/>
<trace xml:id="unseen">9 9</trace>
</definitions>
<traceView traceDataRef="#a" from="2" to="2"/>
<traceView traceDataRef="#a" from="2" to="2"/>
<traceView><traceView traceDataRef="#g" from="2:1:2" to="2:2"/></traceView>
<traceGroup><traceView traceDataRef="#v"/></traceGroup>
<trace id="8">8 8</trace><traceView traceDataRef="8"/>
<traceView traceDataRef="#later"/><traceView traceDataRef="#nothing"/><traceView traceDataRef="#a" from="0"/>
<definitions><trace xml:id="later">10 10</trace></definitions>"##;
    let reading = read(with_channels(MM, content).as_bytes(), &DEFAULTS);
    assert_eq!(x_mm(&reading), [2, 6, 7, 3, 8, 10]);
    assert_eq!(reading.passed_over.trace_views, 2);
    let said: Vec<String> = reading.errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "line 3, byte 227, <trace>: 2 traces passed over, the first here: they are definitions \
             that no traceView shows",
            "line 12, byte 740, <traceView>: traceDataRef names \"#nothing\", which no fitting \
             element that can be found has as its id",
            "line 12, byte 776, <traceView>: from is \"0\", but should be numbers from 1 with \
             colons between them",
        ]
    );
}

#[test]
fn views_of_views_end() {
    let mut content = String::from(r#"<trace xml:id="0">1 1</trace>"#);
    for number in 1..200 {
        let below = number - 1;
        content += &format!(
            r##"<traceGroup xml:id="{number}"><traceView traceDataRef="#{below}"/><traceView traceDataRef="#{below}"/></traceGroup>"##
        );
    }
    let content = format!(
        r##"<definitions>{content}<traceView xml:id="x" traceDataRef="#x"/></definitions>
<traceView traceDataRef="#20"/><traceView traceDataRef="#199"/>"##
    );
    let reading = read(with_channels(MM, &content).as_bytes(), &DEFAULTS);
    assert_eq!(x_mm(&reading), [1]);
    assert!(matches!(reading.errors.last().unwrap().fault, Fault::TooManyTraces));
}

#[test]
fn files_are_told_apart_by_their_first_bytes() {
    for xml in ["<ink/>", "\u{feff}\n <?xml version='1.0'?>"] {
        assert!(is_xml(xml.as_bytes()), "{xml}");
    }
    assert!(is_xml(b"\xff\xfe<\0i\0n\0k\0"));
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
fn times_come_from_a_channel_a_rate_or_a_duration() {
    let t = r#"<channel name="T" units="s"/>"#;
    let reading = sound(&with_channels(&format!("{MM}{t}"), "<trace>0 0 5,1 1 5.5,2 2 6</trace>"));
    let times = |reading: &Reading| -> Vec<u32> {
        reading.strokes[0].samples.iter().map(|sample| sample.t_ms).collect()
    };
    assert_eq!(times(&reading), [0, 500, 1_000]);
    let source = format!(
        r#"<inkSource><sampleRate uniform="true" value="200"/><traceFormat>{MM}</traceFormat></inkSource>"#
    );
    let trace = r#"<trace duration="100">0 0,1 1,2 2</trace>"#;
    assert_eq!(times(&sound(&file(&format!("{source}{trace}")))), [0, 5, 10]);
    assert_eq!(times(&sound(&with_channels(MM, trace))), [0, 50, 100]);
}

#[test]
fn strokes_begin_when_their_clock_says_and_otherwise_one_after_another() {
    let starts = |reading: &Reading| -> Vec<i64> {
        reading.strokes.iter().map(|stroke| stroke.start_ms).collect()
    };
    let content = r#"<timestamp time="1788258600000"/><trace timeOffset="500">1 1</trace>
<trace timeOffset="-20">2 2</trace>"#;
    assert_eq!(starts(&sound(&with_channels(MM, content))), [1_788_258_599_980, 1_788_258_600_500]);
    let respecting = format!(
        r##"<timestamp xml:id="t" time="90000"/><traceFormat>{MM}
        <channel name="T" units="ms" respectTo="#t"/></traceFormat>
        <trace>1 1 10,1 1 20</trace><trace>1 1 60</trace>"##
    );
    assert_eq!(starts(&sound(&file(&respecting))), [90_010, 90_060]);
    let silent = "<trace>1 1,2 2,3 3</trace><trace>4 4</trace>";
    assert_eq!(starts(&sound(&with_channels(MM, silent))), [1_000, 1_120]);
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
fn definitions_refer_backwards_and_traces_both_ways() {
    let content = format!(
        r##"
<context xml:id="a" contextRef="#b"/><context xml:id="b" contextRef="#a"/>
<trace contextRef="#c">1 1</trace>
<definitions><context xml:id="c"><traceFormat>{MM}</traceFormat></context></definitions>
<trace contextRef="#d">1 1</trace><trace contextRef="#c">2 1</trace>
<trace xml:id="x" continuation="middle" priorRef="#x">1 1</trace>
<trace contextRef="other.inkml#c">1 1</trace>"##
    );
    let unknown = "which no fitting element that can be found has as its id";
    check_errors(
        &file(&content),
        2,
        &[
            &format!("line 2, byte 43, <context>: contextRef names \"#b\", {unknown}"),
            &format!("line 5, byte 298, <trace>: contextRef names \"#d\", {unknown}"),
            "line 6, byte 367, <trace>: priorRef names \"#x\", which is no trace before that waits for \
         a continuation",
            &format!("line 7, byte 433, <trace>: contextRef names \"other.inkml#c\", {unknown}"),
        ],
    );
}

#[test]
fn times_that_one_pen_cannot_have_are_put_one_after_another() {
    let spans = |channels: &str, content: &str| -> (Vec<(i64, u32)>, PassedOver) {
        let reading = sound(&with_channels(&format!("{MM}{channels}"), content));
        let last = |stroke: &Stroke| stroke.samples.last().unwrap().t_ms;
        (reading.strokes.iter().map(|s| (s.start_ms, last(s))).collect(), reading.passed_over)
    };
    let stamp = r#"<timestamp time="5000"/>"#;
    // One timestamp for all.
    let (found, passed_over) = spans(
        "",
        &format!("{stamp}<trace>1 1,2 2</trace><trace>1 1,2 2</trace><trace>3 3</trace>"),
    );
    assert_eq!(found, [(5_000, 10), (5_110, 10), (5_220, 0)]);
    assert_eq!(passed_over.traces_delayed, 2);
    // Times that restart in each trace.
    let restarting = format!("{stamp}<trace>1 1 0,2 2 40</trace><trace>1 1 0,2 2 30</trace>");
    let t = r#"<channel name="T" units="ms"/>"#;
    assert_eq!(spans(t, &restarting).0, [(5_000, 40), (5_140, 30)]);
    // One time for all points of each trace: they are spaced by the rate.
    let same = "<trace>1 1 90,2 2 90,3 3 90</trace><trace>1 1 90,2 2 90</trace>";
    let (found, passed_over) = spans(t, same);
    assert_eq!(found, [(1_090, 20), (1_210, 10)]);
    assert_eq!(passed_over.traces_without_times, 2);
    // Times that go back.
    let (found, passed_over) = spans(t, "<trace>1 1 50,2 2 20,3 3 80</trace>");
    assert_eq!((found, passed_over.times_going_back), (vec![(1_050, 30)], 1));
    // A continuation whose times restart.
    let content = format!(
        r##"{stamp}<trace xml:id="a" continuation="begin">1 1 0,2 2 40</trace>
<trace continuation="end" priorRef="#a">3 3 0,4 4 30</trace>"##
    );
    assert_eq!(spans(t, &content).0, [(5_000, 80)]);
}

#[test]
fn unix_times_are_taken_in_every_unit_and_notation() {
    let check = |channel: &str, first: &str, second: &str| {
        let channels = format!("{MM}{channel}");
        let trace = format!("<trace>1 1 {first},2 2 {second}</trace>");
        let reading = sound(&with_channels(&channels, &trace));
        let stroke = &reading.strokes[0];
        let found = (stroke.start_ms, stroke.samples[1].t_ms);
        assert_eq!(found, (1_795_345_300_000, 143), "{channel} {first}");
    };
    check(r#"<channel name="T" units="ms"/>"#, "1795345300000", "1795345300143");
    check(r#"<channel name="T"/>"#, "1.7953453e12", "'143");
    check(r#"<channel name="T" units="s"/>"#, "1795345300", "1795345300.143");
    check(r#"<channel name="T" units="us"/>"#, "1795345300000000", "1795345300143000");
    check(r#"<channel name="T" type="double" units="ns"/>"#, "1.7953453e18", "1.795345300143e18");
    let stamp = |time: &str| {
        let content = format!(r#"<timestamp time="{time}"/><trace>1 1</trace>"#);
        sound(&with_channels(MM, &content)).strokes[0].start_ms
    };
    assert_eq!(stamp("1795345300000"), 1_795_345_300_000);
    assert_eq!(stamp("1.7953453E12"), 1_795_345_300_000);
    assert_eq!(stamp("-5000.4"), -5_000);
}

#[test]
fn a_context_says_what_it_says_over_what_is_inherited() {
    let content = format!(
        r##"<definitions><traceFormat xml:id="f">{MM}</traceFormat>
<timestamp xml:id="t" time="5000"/><timestamp xml:id="u" timestampRef="#t" timeOffset="7"/>
<context xml:id="a" traceFormatRef="#f" timestampRef="#t"/>
<context xml:id="b" timestampRef="#u"/>
</definitions>
<traceGroup contextRef="#a"><trace>1 1</trace><trace contextRef="#b">1 1</trace></traceGroup>"##
    );
    let reading = sound(&file(&content));
    let starts: Vec<i64> = reading.strokes.iter().map(|stroke| stroke.start_ms).collect();
    assert_eq!(starts, [5_000, 5_007]);
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
fn times_that_do_not_fit_are_told() {
    let times = format!(r#"{MM}<channel name="T" units="ms"/>"#);
    let content = "<trace>1 1 0,2 2 5e9</trace>\n<trace>1 1 1e300</trace>\n\
                   <trace timeOffset=\"-1e300\">1 1 5</trace>\n<trace>2 2 0,3 3 4294967295</trace>";
    let reading = read(with_channels(&times, content).as_bytes(), &DEFAULTS);
    let said: Vec<String> = reading.errors.iter().map(|error| error.fault.to_string()).collect();
    let expected = [
        "point 2 comes more than 2^32 ms after the first of its stroke",
        "point 1: channel T is out of range",
        "timeOffset is \"-1e300\", but should be milliseconds, at most 2^53",
    ];
    assert_eq!(said, expected);
    assert_eq!(reading.strokes.len(), 1);
    assert_eq!(reading.strokes[0].samples[1].t_ms, u32::MAX);
}

#[test]
fn references_to_characters_are_characters() {
    let content = "<trace>1 1,&apos;1&#39;1<!-- no ink -->,<![CDATA[2 2]]></trace>";
    let reading = sound(&with_channels(MM, content));
    let x_um: Vec<i32> = reading.strokes[0].samples.iter().map(|sample| sample.x_um).collect();
    assert_eq!(x_um, [1_000, 2_000, 4_000]);
}
