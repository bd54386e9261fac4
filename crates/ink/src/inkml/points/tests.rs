use super::super::format::{Channel, Format, Plan, Source};
use super::*;

/// A plan of X and Y and further regular channels, then intermittent ones; every default is 9.
fn plan(further: &[&str], intermittent: &[&str]) -> Plan {
    let names = ["X", "Y"].iter().chain(further).chain(intermittent);
    let channel = |name: &&str| Channel {
        name: (*name).to_owned(),
        units: Some("mm".to_owned()),
        min: None,
        max: None,
        default: 9.0,
        negative: false,
        respect_to: None,
    };
    let format = Format { channels: names.map(channel).collect(), regular: 2 + further.len() };
    Plan::new(&format, &Source::default(), None).expect("X and Y are there")
}

/// All points, or the fault, of which the words are compared.
#[track_caller]
fn check(plan: &Plan, text: &str, expected: Result<&[&[f64]], &str>) {
    let mut points = Points::new(text, plan);
    let (mut all, mut values) = (Vec::new(), Vec::new());
    let read = loop {
        match points.next(&mut values) {
            Ok(true) => {
                all.push(values.iter().map(|value| value.unwrap_or(f64::INFINITY)).collect());
            }
            Ok(false) => break Ok(all),
            Err(fault) => break Err(fault.to_string()),
        }
    };
    let expected = expected.map(|points| points.iter().map(|point| point.to_vec()).collect());
    assert_eq!(read, expected.map_err(str::to_owned), "{text}");
}

/// No value.
const NONE: f64 = f64::INFINITY;

#[test]
fn the_recommendations_example_is_read() {
    // X and Y, and two buttons that speak when they change.
    let text = r#"1125 18432,'23'43,"7"-8,3-5,7 -3,+6+2,6 8,3 6 T,2 4 *T,3 6,3-6 FF"#;
    let expected: &[&[f64]] = &[
        &[1125.0, 18432.0, NONE, NONE],
        &[1148.0, 18475.0, NONE, NONE],
        &[1178.0, 18510.0, NONE, NONE],
        &[1211.0, 18540.0, NONE, NONE],
        &[1251.0, 18567.0, NONE, NONE],
        &[1297.0, 18596.0, NONE, NONE],
        &[1349.0, 18633.0, NONE, NONE],
        &[1404.0, 18676.0, 1.0, NONE],
        &[1461.0, 18723.0, 1.0, 1.0],
        &[1521.0, 18776.0, 1.0, 1.0],
        &[1584.0, 18823.0, 0.0, 0.0],
    ];
    check(&plan(&[], &["B1", "B2"]), text, Ok(expected));
}

#[test]
fn space_is_needed_only_between_numbers_that_would_run_together() {
    let two: &[&[f64]] = &[&[1.0, -2.0], &[3.5, 0.25]];
    for text in
        ["1-2,3.5.25", " 1 -2 , 3.5 .25 ", "1\n-2\t,\r3.5 .25,", "1 - 2,+3.5+.25", "!1!-2,3.5!.25"]
    {
        check(&plan(&[], &[]), text, Ok(two));
    }
    check(&plan(&[], &[]), "", Ok(&[]));
    check(&plan(&[], &[]), " \n ", Ok(&[]));
}

#[test]
fn numbers_may_be_hexadecimal_or_have_an_exponent() {
    check(
        &plan(&[], &[]),
        "#ff#1F,-#A 1e3,2E-1-1.5e+2",
        Ok(&[&[255.0, 31.0], &[-10.0, 1000.0], &[0.2, -150.0]]),
    );
    // What looks like an exponent and is none, is nothing.
    check(&plan(&[], &[]), "1e 2", Err(r#"point 1, value 2: "e 2" is no value"#));
}

#[test]
fn an_order_holds_for_its_channel_until_the_next() {
    let expected: &[&[f64]] =
        &[&[10.0, 10.0], &[11.0, 20.0], &[12.0, 21.0], &[5.0, 23.0], &[6.0, 26.0]];
    check(&plan(&[], &[]), "10 10,'1 20,1'1,!5\"1,6 1", Ok(expected));
}

#[test]
fn a_star_goes_on_as_before() {
    check(
        &plan(&[], &[]),
        "5 7,**,'1'2,**,*-1",
        Ok(&[&[5.0, 7.0], &[5.0, 7.0], &[6.0, 9.0], &[7.0, 11.0], &[8.0, 10.0]]),
    );
    check(
        &plan(&[], &[]),
        "0 0,'1'1,\"1\"0,**,**",
        Ok(&[&[0.0, 0.0], &[1.0, 1.0], &[3.0, 2.0], &[6.0, 3.0], &[10.0, 4.0]]),
    );
}

#[test]
fn no_value_is_none_and_what_follows_differs_from_the_last_one() {
    check(
        &plan(&["F"], &[]),
        "5 7 1,? '1 ?,6 1 2",
        Ok(&[&[5.0, 7.0, 1.0], &[NONE, 8.0, NONE], &[6.0, 9.0, 2.0]]),
    );
    // An intermittent channel falls back to its default.
    check(
        &plan(&[], &["F"]),
        "5 7 1,5 7 ?,5 7",
        Ok(&[&[5.0, 7.0, 1.0], &[5.0, 7.0, 9.0], &[5.0, 7.0, 1.0]]),
    );
}

#[test]
fn what_is_no_point_is_told_where_it_lies() {
    let two = plan(&[], &[]);
    check(&two, "1 2,3", Err("point 2 has 1 values, but the trace format 2"));
    check(&two, "1 2 3", Err("point 1 has 3 values, but the trace format 2"));
    check(&two, "1 2,,3 4", Err("point 2 has 0 values, but the trace format 2"));
    check(&plan(&[], &["F"]), "1", Err("point 1 has 1 values, but the trace format 2 to 3"));
    check(&two, "1 2,'3 x4", Err(r#"point 2, value 2: "x4" is no value"#));
    check(&two, "'1 2", Err("point 1, value 1: a difference, but no value before it"));
    check(&two, "1 2,T 3", Err(r#"point 2, value 1: "T 3" is no value"#));
    check(&two, "1 -", Err(r#"point 1, value 2: "-" is no value"#));
    check(&two, "1 '", Err(r#"point 1, value 2: "'" is no value"#));
    check(&two, "1 .", Err(r#"point 1, value 2: "." is no value"#));
    check(&two, "1 1e999", Err(r#"point 1, value 2: "1e999" is no value"#));
    check(&two, "1 笔", Err(r#"point 1, value 2: "笔" is no value"#));
    check(&two, "1 #", Err(r##"point 1, value 2: "#" is no value"##));
    check(
        &two,
        &format!("1 #{}", "f".repeat(17)),
        Err(r##"point 1, value 2: "#fffffffffffffff" is no value"##),
    );
    check(
        &two,
        &format!("1 {}", "9".repeat(65)),
        Err(r#"point 1, value 2: "9999999999999999" is no value"#),
    );
}
