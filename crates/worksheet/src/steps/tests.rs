use super::*;

fn steps(text: &str) -> Steps {
    Steps::parse(text).expect("plain arithmetic")
}

fn outcome_of(written: &str, key: &str) -> StepsOutcome {
    assert!(steps(key).is_key(), "{key}");
    steps(written).against(&steps(key)).outcome
}

#[test]
fn steps_that_follow_are_right_however_many_they_are() {
    let key = "25×4+36=136";
    for written in [
        "=100+36=136",
        "25×4+36=100+36=136",
        "4 × 25 ＋ 36 = 100 + 36 = 136",
        "36+25*4=36+100=136.0",
        "=100+36=36+100=136",
    ] {
        assert_eq!(outcome_of(written, key), StepsOutcome::Right, "{written}");
    }
    assert_eq!(outcome_of("=136", "25×4+36=136"), StepsOutcome::Right, "of a sum that is printed");
    assert_eq!(outcome_of("=12×(3+4)=12×7=84", "12×(4+3)=84"), StepsOutcome::Right);
    assert_eq!(outcome_of("1-1/4=3/4", "1-1/4=0.75"), StepsOutcome::Right);
}

#[test]
fn a_result_without_its_working_is_told_apart() {
    let key = "25×4+36=100+36=136";
    for written in ["=136", "25×4+36=136", "36+4*25=136.0"] {
        assert_eq!(outcome_of(written, key), StepsOutcome::Unworked, "{written}");
    }
    assert_eq!(outcome_of("=137", key), StepsOutcome::Slips(1));
    let two = outcome_of("3×4=12;12+5-1=16", "3×4=12;12+5-1=17-1=16");
    assert_eq!(two, StepsOutcome::Unworked);
}

/// Failure: the step after a slip, which follows from it, is a second slip.
#[test]
fn a_slip_is_found_where_it_happened_and_counted_once() {
    let judged = steps("=100+46=146").against(&steps("25×4+36=136"));
    assert_eq!(judged.outcome, StepsOutcome::Slips(1));
    assert_eq!(judged.steps[0].should_be.as_deref(), Some("136"));
    assert_eq!((judged.steps[0].from.as_str(), judged.steps[0].to.as_str()), ("25×4+36", "100+46"));
    assert_eq!(judged.steps[1].should_be, None);
    let last = steps("=100+36=146").against(&steps("25×4+36=136"));
    let slips: Vec<bool> = last.steps.iter().map(|step| step.should_be.is_some()).collect();
    assert_eq!((slips, last.outcome), (vec![false, true], StepsOutcome::Slips(1)));
    assert_eq!(outcome_of("3×12=35", "3×12=36"), StepsOutcome::Slips(1));
}

#[test]
fn what_a_person_must_see_is_told_apart() {
    let key = "3×12=36";
    assert_eq!(outcome_of("30+6=36", key), StepsOutcome::AnotherWay);
    assert_eq!(outcome_of("3×13=39", key), StepsOutcome::AnotherWay);
    assert_eq!(outcome_of("36", key), StepsOutcome::AnotherWay);
    assert_eq!(outcome_of("3×12", key), StepsOutcome::Unfinished);
    assert_eq!(outcome_of("=100+36", "25×4+36=136"), StepsOutcome::Unfinished);
    assert_eq!(outcome_of("=100+38=136", "25×4+36=136"), StepsOutcome::Unclear);
    assert_eq!(outcome_of("3×4=12;12+5=17", "3×4+5=17"), StepsOutcome::AnotherWay);
    assert_eq!(outcome_of("3×4=12;12+5=17", "3×4=12;12+5=17"), StepsOutcome::Right);
}

#[test]
fn what_is_no_arithmetic_is_no_steps() {
    for text in ["", "=", "3×12=", "3+=7", "3 个", "(3+4=7", "3<4", "1÷0=1", "3=3;", ";3=3", "3==3"]
    {
        assert_eq!(Steps::parse(text), None, "{text}");
    }
    for no_key in ["=136", "136", "3×12=35", "3×12=6×6"] {
        assert!(!steps(no_key).is_key(), "{no_key}");
    }
}

#[test]
fn a_sum_is_worked_out_an_operation_at_a_time() {
    let of = |asked: &str| Steps::of(asked).expect("a sum").to_string();
    assert_eq!(of("25×4+36"), "25×4+36=100+36=136");
    assert_eq!(of("100-(3+4)×5"), "100-(3+4)×5=100-7×5=100-35=65");
    assert_eq!(of("84÷(4×3)"), "84÷(4×3)=84÷12=7");
    assert_eq!(of("20-8.5-1.5"), "20-8.5-1.5=11.5-1.5=10");
    assert!(Steps::of("3+4=7").is_none() && Steps::of("x+1").is_none());
    assert!(steps("100+36=136").agree() && steps("=100+36=136").agree());
    assert!(!steps("=136").agree() && !steps("=100+36=146").agree());
}

#[test]
fn one_operation_is_worked_out_in_figures_under_each_other() {
    let of = |asked: &str| Steps::of(asked)?.in_columns().map(|steps| steps.to_string());
    let check = |asked, expected: &str| assert_eq!(of(asked).as_deref(), Some(expected));
    check("36+47", "36+47=83");
    check("403-178", "403-178=225");
    check("126×4", "126×4=504");
    check("24×13", "24×13=72+240=312");
    check("24×30", "24×30=720");
    check("84÷4", "84÷4=21");
    for none in ["24×130", "1+2+3", "2×(3+4)", "7"] {
        assert_eq!(of(none), None, "{none}");
    }
}
