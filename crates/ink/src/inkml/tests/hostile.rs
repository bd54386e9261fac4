//! Files that were made to hurt.

use super::*;

#[test]
fn hostile_files_end_with_a_name() {
    #[track_caller]
    fn check(file: &str, expected: &str) {
        let reading = read(file.as_bytes(), &DEFAULTS);
        let [error] = reading.errors.as_slice() else { panic!("{:?}", reading.errors) };
        assert!(error.ends_reading());
        assert_eq!(error.to_string(), expected);
    }
    let laughs = r#"<!DOCTYPE ink [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><ink>&b;</ink>"#;
    check(laughs, "line 1, byte 0: a DOCTYPE is not taken; delete it");
    check(
        &file("<trace>&b;</trace>"),
        "line 1, byte 49, <trace>: the entity &b; is not one of XML's five",
    );
    check(
        &file(r#"<trace type="&b;">1 1</trace>"#),
        "line 1, byte 42, <trace>: the entity &b; is not one of XML's five",
    );
    check(
        &"<ink>".repeat(100_000),
        "line 1, byte 320, <ink>: elements stand in each other more than 64 deep",
    );
    check(
        &file(&format!(r#"<trace type="{}">1 1</trace>"#, "x".repeat(5_000))),
        "line 1, byte 42, <trace>: attribute type is longer than 4096 bytes",
    );
    check(
        &file(&format!(r#"<trace {}>1 1</trace>"#, "x".repeat(50_000))),
        "line 1, byte 42, <trace>: a tag longer than 32768 bytes",
    );
    let many: String = (0..33).map(|i| format!(r#" a{i}="""#)).collect();
    check(&file(&format!("<trace{many}/>")), "line 1, byte 42, <trace>: more than 32 attributes");
    check(
        &file(r#"<trace type="a" type="b"/>"#),
        "line 1, byte 42, <trace>: attribute type stands twice",
    );
    check(
        "<ink>\n<trace>1 1",
        "line 2, byte 16, <trace>: the file ends before this element does: it was cut off",
    );
    check(
        "<ink><trace type=\"pe",
        "line 1, byte 5, <ink>: the file ends before this element does: it was cut off",
    );
    check(
        "<ink></trace>",
        "line 1, byte 5, <ink>: no sound XML: ill-formed document: expected `</ink>`, but `</trace>` was found",
    );
    check(
        "<svg/>",
        "line 1, byte 0, <svg>: the outermost element is not ink of the namespace http://www.w3.org/2003/InkML",
    );
    check(
        "",
        "line 1, byte 0: the outermost element is not ink of the namespace http://www.w3.org/2003/InkML",
    );
    check("<ink/><ink/>", "line 1, byte 6, <ink>: something stands behind the end of ink");
    let channels = r#"<channel name="W"/>"#.repeat(65);
    check_errors(
        &with_channels(&channels, ""),
        0,
        &["line 1, byte 53, <traceFormat>: more than 64 channels"],
    );
}

#[test]
fn what_is_no_utf8_or_too_long_is_said_so() {
    let reading = read(b"<ink>\n\xff</ink>", &DEFAULTS);
    assert_eq!(
        reading.errors[0].to_string(),
        "line 2, byte 6: the text is not UTF-8; convert it first"
    );
    let long = vec![b' '; FILE_BYTES_MAX + 1];
    let reading = read(&long, &DEFAULTS);
    assert_eq!(reading.errors[0].fault, Fault::FileTooLong);
}

#[test]
fn counts_have_their_limits() {
    let traces = "<trace/>".repeat(ERRORS_MAX + 5);
    let reading = read(with_channels(MM, &traces).as_bytes(), &DEFAULTS);
    assert_eq!(reading.errors.len(), ERRORS_MAX + 1);
    assert_eq!(reading.errors[ERRORS_MAX].fault, Fault::TooManyErrors);
    let traces = r#"<trace type="penUp"/>"#.repeat(TRACES_MAX + 1);
    let reading = read(file(&traces).as_bytes(), &DEFAULTS);
    assert_eq!(reading.errors[0].fault, Fault::TooManyTraces);
    let points = "1 1,".repeat(POINTS_MAX);
    let reading =
        read(with_channels(MM, &format!("<trace>{points}</trace>")).as_bytes(), &DEFAULTS);
    assert_eq!(reading.errors[0].fault, Fault::TooManyPoints);
    let contexts = "<context/>".repeat(DEFINITIONS_MAX + 1);
    let reading = read(file(&contexts).as_bytes(), &DEFAULTS);
    assert_eq!(reading.errors[0].fault, Fault::TooManyDefinitions);
}
