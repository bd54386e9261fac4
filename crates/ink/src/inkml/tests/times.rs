//! When strokes and their samples were written.

use super::*;

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
