//! Which elements are read, and how they refer to each other.

use super::*;

/// A file whose format is in millimetres and whose root and content are given.
fn rooted(root: &str, content: &str) -> String {
    let name = root.split(' ').next().unwrap_or_default();
    let prefix = name.strip_suffix("ink").unwrap_or_default();
    let channels = MM.replace('<', &format!("<{prefix}"));
    format!("<{root}><{prefix}traceFormat>{channels}</{prefix}traceFormat>{content}</{name}>")
}

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
