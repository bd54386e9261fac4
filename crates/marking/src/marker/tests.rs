use proptest::prelude::*;

use super::*;
use crate::hand::{Hand, PLAIN, mark, numbers, response, sheet};

mod laws;
mod parts;

const POINTS: Score = Score(50);

/// A pupil's strokes on an otherwise empty sheet.
fn marked(write: impl FnOnce(&mut Hand) -> &mut Hand) -> MarkedPaper {
    let mut hand = Hand::new(1);
    write(&mut hand);
    mark(&hand, &Hand::new(2))
}

/// A pupil's and a teacher's.
fn marked_in_red(
    write: impl FnOnce(&mut Hand) -> &mut Hand,
    correct: impl FnOnce(&mut Hand) -> &mut Hand,
) -> MarkedPaper {
    let (mut pupil, mut red) = (Hand::new(1), Hand::new(2));
    write(&mut pupil);
    red.wait(600_000);
    correct(&mut red);
    mark(&pupil, &red)
}

#[test]
fn an_empty_page_is_blank_but_for_what_has_no_key() {
    let paper = marked(|h| h);
    assert_eq!(paper.responses.len(), 6);
    for response in &paper.responses {
        let free = response.part == "free";
        let blank = MarkOf { verdict: Verdict::Blank, score: Score(0) };
        assert_eq!(response.machine, (!free).then_some(blank));
        assert_eq!(response.review, free.then_some(Review::NoKey));
        assert_eq!((response.first_ms, response.last_ms, response.writing_ms), (None, None, 0));
    }
    assert_eq!(paper.versions.worksheet, sheet().id);
    assert_eq!(paper.versions.registration, PLAIN.version);
}

#[test]
fn a_tap_is_no_answer() {
    let paper = marked(|h| h.dot(25.0, 25.0));
    let response = response(&paper, "q47");
    assert_eq!(response.machine.map(|m| m.verdict), Some(Verdict::Blank));
    assert_eq!(numbers(&response.live), [0]);
}

#[test]
fn writing_too_small_to_read_is_not_blank() {
    let paper = marked(|h| h.dot(25.0, 25.0).dot(25.5, 25.0).dot(26.0, 25.0));
    assert_eq!(response(&paper, "q47").review, Some(Review::OutOfAlphabet));
    let paper = marked(|h| h.scribble(25.0, 25.0, 0.5, 0.4));
    assert_eq!(response(&paper, "q47").review, Some(Review::OutOfAlphabet));
}

#[test]
fn an_answer_is_read_and_judged() {
    let paper = marked(|h| h.one(25.0, 42.0));
    let response = response(&paper, "q1");
    let reading = response.reading.as_ref().expect("it is read");
    assert_eq!(reading.written.to_string(), "1");
    assert_eq!(reading.reader, Recognizer::MODEL_VERSION);
    if reading.probability >= Thresholds::STANDARD.decide_number_min {
        assert_eq!(response.machine, Some(MarkOf { verdict: Verdict::Right, score: POINTS }));
        assert_eq!(response.review, None);
    } else {
        assert_eq!((response.machine, response.review), (None, Some(Review::LowConfidence)));
    }
}

#[test]
fn below_the_threshold_the_reading_is_kept_and_nothing_decided() {
    let mut hand = Hand::new(1);
    hand.four(24.0, 22.0).seven(29.0, 22.0);
    let marker = Marker::new(Thresholds {
        decide_min: 1.01,
        decide_number_min: 1.01,
        ..Thresholds::STANDARD
    });
    let ink = PageInk { pupil: hand.strokes.clone(), red: Vec::new() };
    let paper = marker.mark(&sheet(), 1, &PLAIN, &ink, &mut Scratch::new());
    let response = response(&paper, "q47");
    assert_eq!((response.machine, response.review), (None, Some(Review::LowConfidence)));
    assert_eq!(response.reading.as_ref().map(|r| r.written.to_string()).as_deref(), Some("47"));
}

#[test]
fn the_same_ink_reads_the_same_under_every_key() {
    let mut hand = Hand::new(1);
    hand.four(24.0, 22.0).dot(28.0, 26.8).seven(29.0, 22.0);
    hand.one(25.0, 42.0).line(&[(130.0, 42.0), (127.0, 47.0)]).tick(125.0, 27.0);
    hand.scribble(32.0, 60.0, 5.0, 4.0);
    let ink = PageInk { pupil: hand.strokes.clone(), red: Vec::new() };
    let readings = |keys: &[(&str, &str)]| {
        let mut sheet = sheet();
        for (part, key) in keys {
            let mut parts = sheet.questions.iter_mut().flat_map(|question| &mut question.parts);
            let part = parts.find(|other| other.id == *part).expect("a part of the sheet");
            // Of another form too: reading must not care.
            let any = match &part.kind {
                Kind::Number(_) => &Kind::Number(worksheet::NumberForm::Decimal),
                kind => kind,
            };
            let key = Written::parse(any, key).expect("a key");
            part.key = worksheet::Key::Accepted(worksheet::Accepted::one(key));
        }
        let marker = Marker::new(Thresholds::STANDARD);
        let paper = marker.mark(&sheet, 1, &PLAIN, &ink, &mut Scratch::new());
        let of = |r: Response| (r.part, r.reading, r.review, r.live, r.superseded);
        paper.responses.into_iter().map(of).collect::<Vec<_>>()
    };
    let first = readings(&[]);
    assert!(first.iter().filter(|(_, reading, ..)| reading.is_some()).count() >= 3, "{first:?}");
    for keys in [
        [("q47", "4.7"), ("q1", "0.1"), ("choice", "A"), ("true", "×"), ("letter", "A")],
        [("q47", "-3"), ("q1", "2000"), ("choice", "C"), ("true", "√"), ("letter", "D")],
    ] {
        assert_eq!(readings(&keys), first, "{keys:?}");
    }
}

#[test]
fn process_figures_count_crossed_out_ink_too() {
    let paper =
        marked(|h| h.seven(24.0, 22.0).scribble(23.5, 22.0, 4.0, 5.0).wait(5_000).one(32.0, 22.0));
    let response = response(&paper, "q47");
    assert_eq!((numbers(&response.live), numbers(&response.superseded)), (vec![2], vec![0, 1]));
    assert_eq!(response.rewrites, 1);
    assert_eq!(response.first_ms, Some(1_700_000_000_000));
    let pauses_ms = 200 + 200 + 5_000;
    let all_ms = response.last_ms.expect("ink") - response.first_ms.expect("ink");
    assert_eq!(response.writing_ms, all_ms - pauses_ms);
}

#[test]
fn an_answer_crossed_out_and_not_replaced_is_for_a_person() {
    let paper = marked(|h| h.seven(24.0, 22.0).scribble(23.5, 22.0, 4.0, 5.0));
    let response = response(&paper, "q47");
    assert_eq!((response.machine, response.review), (None, Some(Review::CrossedOut)));
}

#[test]
fn ink_between_two_fields_sends_both_to_review() {
    // A loop from between them through both.
    let through = [(30.0, 35.0), (30.0, 23.0), (33.0, 47.0), (33.0, 36.0)];
    let paper = marked(|h| h.line(&through));
    for question in ["q47", "q1"] {
        let response = response(&paper, question);
        assert_eq!(response.review, Some(Review::AmbiguousField), "{question}");
        assert_eq!(response.machine, None);
    }
}

#[test]
fn a_stroke_that_has_not_come_whole_decides_nothing() {
    let mut hand = Hand::new(1);
    hand.one(25.0, 42.0);
    hand.strokes[0].complete = false;
    let paper = mark(&hand, &Hand::new(2));
    assert_eq!(response(&paper, "q1").review, Some(Review::IncompleteInk));
}

/// A stranger's pen on the pupil's copy: what the two wrote together is nobody's answer.
#[test]
fn what_two_pens_wrote_in_one_field_is_for_a_person() {
    let mut hand = Hand::new(1);
    hand.one(25.0, 42.0).one(35.0, 42.0);
    let both = mark(&hand, &Hand::new(2));
    hand.strokes[1].key.pen = Hand::new(3).one(0.0, 0.0).strokes[0].key.pen;
    let paper = mark(&hand, &Hand::new(2));
    assert_ne!(response(&both, "q1").review, Some(Review::SeveralPens));
    let response = response(&paper, "q1");
    assert_eq!((response.review, response.machine), (Some(Review::SeveralPens), None));
}

#[test]
fn a_page_full_of_ink_is_not_read() {
    let paper = marked(|h| {
        for i in 0..=cross_out::STROKES_MAX {
            h.one(21.0 + 0.1 * i as f64, 42.0);
        }
        h
    });
    let response = response(&paper, "q1");
    assert_eq!((response.review, response.machine), (Some(Review::Crowded), None));
}

#[test]
fn bubbles_are_judged() {
    let paper = marked(|h| h.scribble(32.6, 60.5, 3.8, 3.0).scribble(33.0, 60.8, 3.0, 2.4));
    let response = response(&paper, "choice");
    assert_eq!(response.machine, Some(MarkOf { verdict: Verdict::Right, score: POINTS }));
}

#[test]
fn an_answer_beside_its_empty_field_is_not_blank() {
    let paper = marked(|h| h.four(47.5, 42.0).seven(51.5, 42.0));
    let beside = response(&paper, "q1");
    assert_eq!((beside.review, beside.machine), (Some(Review::BesideField), None));
    assert_eq!(numbers(&beside.live), [0, 1, 2]);
    if let Some(reading) = &beside.reading {
        assert_eq!(reading.written.to_string(), "47");
    }
    // In the middle between two empty fields it may be either's.
    let paper = marked(|h| h.line(&[(60.0, 32.6), (63.0, 32.6), (61.2, 37.4)]));
    let either = ["q47", "q1"].map(|part| response(&paper, part).review);
    assert_eq!(either, [Some(Review::BesideField); 2]);
    assert_eq!(paper.loose.len(), 1);
    // Where something is answered, ink beside it leaves the other one blank only if it is far.
    let paper = marked(|h| h.one(25.0, 42.0).zero(60.0, 200.0));
    assert_eq!(response(&paper, "q47").machine.map(|m| m.verdict), Some(Verdict::Blank));
}

#[test]
fn a_mark_by_an_option_is_not_blank() {
    let paper = marked(|h| h.tick(41.0, 63.0));
    let choice = response(&paper, "choice");
    assert_eq!((choice.review, choice.machine), (Some(Review::MarkedOtherwise), None));
    let ringed = marked(|h| h.ellipse(34.5, 62.0, 3.5, 3.0));
    let right = MarkOf { verdict: Verdict::Right, score: POINTS };
    assert_eq!(response(&ringed, "choice").machine, Some(right));
}

#[test]
fn an_answer_with_another_beside_it_is_for_a_person() {
    let paper = marked(|h| h.four(24.0, 22.0).wait(5_000).seven(49.0, 22.0));
    let first = response(&paper, "q47");
    let other = paper.loose.len() == 1;
    assert!(!other || first.review.is_some(), "{first:?}");
    assert_eq!(first.machine, None);
}

#[test]
fn a_digit_just_before_an_answer_outside_its_field_is_for_a_person() {
    // So far from it that it is not taken along.
    let paper = marked(|hand| hand.zero(12.5, 41.5).one(20.2, 41.5));
    assert_eq!(response(&paper, "q1").review, Some(Review::BesideField), "{paper:?}");
}

#[test]
fn two_pens_that_answered_the_same_questions_make_all_answers_doubtful() {
    let mut hand = Hand::new(1);
    hand.one(25.0, 22.0).one(25.0, 42.0).tick(125.0, 27.0);
    let mut other = Hand::new(3);
    other.wait(3_600_000).one(35.0, 22.0).one(35.0, 42.0);
    hand.strokes.extend(other.strokes);
    let paper = mark(&hand, &Hand::new(2));
    for part in ["q47", "q1", "true"] {
        assert_eq!(response(&paper, part).review, Some(Review::SeveralPens), "{part}");
    }
}

#[test]
fn ink_outside_every_field_is_kept() {
    let paper = marked_in_red(|h| h.one(60.0, 200.0), |red| red.tick(180.0, 250.0));
    assert_eq!(paper.loose.len(), 2);
}

#[test]
fn the_red_pen_decides_and_the_later_mark_wins_on_a_corrected_answer() {
    let paper = marked_in_red(
        |h| h.line(&[(25.0, 42.0), (27.0, 44.0), (25.0, 45.0), (28.0, 47.0)]),
        |red| red.cross(47.0, 45.0),
    );
    let wrong = MarkOf { verdict: Verdict::Wrong, score: Score(0) };
    assert_eq!(response(&paper, "q1").red_mark, Some(wrong));
    assert_eq!(response(&paper, "q1").review, None);
    // Another mark, after the pupil has corrected the answer.
    let (mut pupil, mut red) = (Hand::new(1), Hand::new(2));
    pupil.one(25.0, 42.0).wait(3_600_000).one(30.0, 42.0);
    red.wait(600_000).cross(47.0, 45.0).wait(7_200_000).tick(49.0, 45.0);
    let paper = mark(&pupil, &red);
    let right = MarkOf { verdict: Verdict::Right, score: POINTS };
    assert_eq!(response(&paper, "q1").red_mark, Some(right));
    assert_eq!(numbers(&response(&paper, "q1").red), [0, 1, 2]);
}

#[test]
fn red_marks_that_contradict_each_other_are_for_a_person() {
    let of = |red: fn(&mut Hand) -> &mut Hand| {
        let paper = marked_in_red(|h| h.one(25.0, 42.0), red);
        let response = response(&paper, "q1");
        assert!(response.review.is_none() || response.machine.is_none());
        (response.red_mark.map(|mark| mark.score), response.review)
    };
    let contradicts = (None, Some(Review::RedContradicts));
    assert_eq!(of(|red| red.cross(47.0, 45.0).wait(5_000).tick(49.0, 45.0)), contradicts);
    assert_eq!(of(|red| red.tick(49.0, 45.0).wait(5_000).cross(47.0, 45.0)), contradicts);
    // ✓ −4: right but for 4 points of 5. ✗ −4: wrong, and yet worth a point.
    fn minus_four(red: &mut Hand) -> &mut Hand {
        red.wait(400).line(&[(56.0, 44.6), (58.4, 44.5)]).four(60.0, 42.0)
    }
    assert_eq!(of(|red| minus_four(red.tick(49.0, 45.0))), (Some(Score(10)), None));
    assert_eq!(of(|red| minus_four(red.cross(50.0, 45.0))), contradicts);
}

#[test]
fn a_mark_that_may_be_of_either_matters_where_it_changes_a_verdict() {
    // Between the number and the √ beside it: the number is blank, the √ is right.
    let of = |red: fn(&mut Hand) -> &mut Hand| {
        let paper = marked_in_red(|h| h.tick(125.0, 27.0), red);
        assert!(paper.loose.is_empty());
        ["q47", "true"].map(|part| response(&paper, part).review)
    };
    assert_eq!(of(|red| red.tick(85.0, 26.0)), [Some(Review::RedUnplaced), None]);
    assert_eq!(of(|red| red.cross(85.0, 25.0)), [None, Some(Review::RedUnplaced)]);
    assert_eq!(of(|red| red.zero(85.0, 22.0)), [Some(Review::RedUnplaced); 2]);
}

#[test]
fn a_red_mark_far_right_of_its_answer_or_in_the_left_margin_counts() {
    let of = |x: f64| {
        let paper = marked_in_red(|h| h.one(25.0, 42.0), |red| red.cross(x, 45.0));
        response(&paper, "q1").red_mark.map(|mark| mark.verdict)
    };
    assert_eq!([56.0, 61.0, 8.0].map(of), [Some(Verdict::Wrong); 3]);
}

#[test]
fn a_remark_in_red_far_from_its_answer_is_shown_where_nothing_else_is_red() {
    let of = |red: fn(&mut Hand) -> &mut Hand| {
        let paper = marked_in_red(|h| h.one(25.0, 42.0), red);
        let response = response(&paper, "q1");
        (response.red_mark.map(|mark| mark.verdict), response.review)
    };
    assert_eq!(of(|red| red.zero(60.0, 42.0)), (None, Some(Review::RedUnclear)));
    assert_eq!(
        of(|red| red.cross(40.0, 45.0).wait(3_000).zero(60.0, 42.0)),
        (Some(Verdict::Wrong), None)
    );
}

#[test]
fn half_a_tick_is_half_the_points() {
    let paper =
        marked_in_red(|h| h, |red| red.tick(47.0, 45.0).line(&[(47.8, 41.5), (50.2, 43.2)]));
    let partly = MarkOf { verdict: Verdict::Partly, score: Score(25) };
    assert_eq!(response(&paper, "q1").red_mark, Some(partly));
}

#[test]
fn a_deduction_in_red_takes_points_off() {
    let deducted = |write: fn(&mut Hand) -> &mut Hand| {
        let paper = marked_in_red(|h| h, |red| write(red.line(&[(47.0, 44.6), (49.4, 44.5)])));
        let response = response(&paper, "q1");
        (response.red_mark, response.review)
    };
    let partly = MarkOf { verdict: Verdict::Partly, score: Score(10) };
    assert_eq!(deducted(|red| red.four(51.0, 42.0)), (Some(partly), None));
    // More than the question has, and a line alone.
    assert_eq!(deducted(|red| red.seven(51.0, 42.0)), (None, Some(Review::RedUnclear)));
    assert_eq!(deducted(|red| red), (None, Some(Review::RedUnclear)));
    // So far behind that it is a mark of its own.
    let (mark, _) = deducted(|red| red.wait(3_000).tick(56.0, 45.0));
    assert_ne!(mark, Some(partly));
}

#[test]
fn red_ink_that_says_nothing_clear_is_for_a_person() {
    let paper = marked_in_red(|h| h, |red| red.zero(47.0, 42.0));
    let response = response(&paper, "q1");
    assert_eq!((response.red_mark, response.review), (None, Some(Review::RedUnclear)));
}

#[test]
fn a_score_in_red_marks_a_free_answer() {
    let paper = marked_in_red(|h| h.one(60.0, 100.0), |red| red.one(156.0, 68.0));
    let response_ = response(&paper, "free");
    if let Some(mark) = response_.red_mark {
        assert_eq!(mark, MarkOf { verdict: Verdict::Partly, score: Score(10) });
        assert_eq!(response_.review, None);
    } else {
        assert_eq!(response_.review, Some(Review::RedUnclear));
    }
    // More than the question has.
    let paper = marked_in_red(|h| h, |red| red.seven(156.0, 68.0));
    assert_eq!(response(&paper, "free").red_mark, None);
    assert_eq!(response(&paper, "free").review, Some(Review::RedUnclear));
    // A tick inside is a remark on a line of it.
    let paper = marked_in_red(|h| h, |red| red.tick(100.0, 100.0));
    assert_eq!(response(&paper, "free").red_mark, None);
    assert_eq!(response(&paper, "free").review, Some(Review::NoKey));
    assert_eq!(numbers(&response(&paper, "free").red), [0]);
}

#[test]
fn the_registration_moves_ink_into_its_field() {
    let mut hand = Hand::new(1);
    hand.one(25.0, 22.0);
    let down = Registration { dy_um: 20_000, ..PLAIN };
    let ink = PageInk { pupil: hand.strokes.clone(), red: Vec::new() };
    let marker = Marker::new(Thresholds::STANDARD);
    let paper = marker.mark(&sheet(), 1, &down, &ink, &mut Scratch::new());
    assert_eq!(numbers(&response(&paper, "q1").live), [0]);
    assert!(marker.mark(&sheet(), 9, &PLAIN, &ink, &mut Scratch::new()).responses.is_empty());
}

#[test]
fn a_ring_in_red_changes_no_other_mark_and_sets_none_in_silence() {
    let check = |red: fn(&mut Hand) -> &mut Hand| {
        let paper = marked_in_red(|h| h.one(25.0, 42.0), |hand| red(hand));
        let response = response(&paper, "q1");
        (response.red_mark.map(|mark| mark.verdict), response.review, response.red.len())
    };
    assert_eq!(check(|red| red.ellipse(25.2, 44.5, 3.5, 4.2)).1, Some(Review::RedUnclear));
    let crossed = check(|red| red.cross(34.0, 45.0).wait(3_000).ellipse(25.2, 44.5, 3.5, 4.2));
    assert_eq!(crossed, (Some(Verdict::Wrong), None, 3));
    let before = check(|red| red.ellipse(25.2, 44.5, 3.5, 4.2).wait(3_000).cross(34.0, 45.0));
    assert_eq!(before, crossed, "whichever came first");
}

#[test]
fn points_at_the_head_of_the_page_are_those_of_all_of_it() {
    let total = |red: fn(&mut Hand) -> &mut Hand| {
        let paper = marked_in_red(|h| h, red);
        assert_eq!(paper.total.is_some(), !paper.total_red.is_empty());
        paper.total
    };
    // 20 points in all, and something larger than that.
    assert_eq!(
        total(|red| red.line(&[(150.0, 6.0), (153.0, 5.0), (150.0, 11.0), (154.0, 11.0)])),
        Some(Score(20))
    );
    assert_eq!(total(|red| red.tick(150.0, 8.0)), None);
    assert_eq!(total(|red| red), None);
}
