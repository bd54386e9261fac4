//! Questions with several blanks, rubrics, and kinds that nothing reads.

use worksheet::{Credit, Criterion, Field, Key, NumberForm, Part};

use super::*;
use crate::hand::{question, rect};

/// Two blanks at (20, 20) and (60, 20), right are 1 and 7 in any order; a comb at (100, 20), right
/// is 47; a rubric of two criteria at (20, 80) with boxes at (100, 66) and (150, 66); a character
/// at (20, 160), right is 大.
fn sheet_of_parts() -> Worksheet {
    let whole = || Kind::Number(NumberForm::Whole);
    let mut pair = question("pair", Field::Box(rect(20, 20, 26, 10)), whole(), Some("1"));
    let second = question("pair", Field::Box(rect(60, 20, 26, 10)), whole(), Some("7"));
    let second = second.parts.into_iter().map(|part| Part { id: "pair.2".into(), ..part });
    pair.parts.extend(second);
    pair.credit = Credit { unordered: vec![vec![0, 1]], ..Credit::default() };
    let cells = vec![rect(100, 20, 8, 10), rect(108, 20, 8, 10), rect(116, 20, 8, 10)];
    let comb = question("comb", Field::Comb(cells), Kind::Digits, Some("47"));
    let mut rubric = question("rubric", Field::Area(rect(20, 80, 170, 60)), Kind::Free, None);
    let criterion = |(at, x)| Criterion {
        id: Criterion::id_of(at),
        text: "idea".into(),
        points: Score(70),
        score_box: Some(rect(x, 66, 14, 10)),
    };
    rubric.parts[0].key = Key::Rubric([(0, 100), (1, 150)].map(criterion).to_vec());
    rubric.parts[0].points = Score(140);
    let hanzi = question("hanzi", Field::Box(rect(20, 160, 20, 20)), Kind::Character, Some("大"));
    Worksheet { questions: vec![pair, comb, rubric, hanzi], ..sheet() }
}

fn mark_parts(pupil: &Hand, red: &Hand) -> MarkedPaper {
    let ink = PageInk { pupil: pupil.strokes.clone(), red: red.strokes.clone() };
    // The hand's figures are plain: what is read, not how surely, matters here.
    let thresholds = Thresholds { decide_min: 0.3, decide_number_min: 0.3, ..Thresholds::STANDARD };
    Marker::new(thresholds).mark(&sheet_of_parts(), 1, &PLAIN, &ink, &mut Scratch::new())
}

fn written(write: impl FnOnce(&mut Hand) -> &mut Hand) -> MarkedPaper {
    let mut hand = Hand::new(1);
    write(&mut hand);
    mark_parts(&hand, &Hand::new(2))
}

fn verdict(paper: &MarkedPaper, part: &str) -> Option<Verdict> {
    response(paper, part).machine.map(|mark| mark.verdict)
}

#[test]
fn each_blank_has_its_response_and_blanks_may_change_places() {
    let paper = written(|h| h.one(25.0, 22.0).seven(65.0, 22.0));
    let pair = ["pair", "pair.2"];
    assert_eq!(pair.map(|part| verdict(&paper, part)), [Some(Verdict::Right); 2]);
    assert!(pair.iter().all(|part| response(&paper, part).question == "pair"));
    let swapped = written(|h| h.seven(25.0, 22.0).one(65.0, 22.0));
    assert_eq!(pair.map(|part| verdict(&swapped, part)), [Some(Verdict::Right); 2]);
    let twice = written(|h| h.seven(25.0, 22.0).seven(65.0, 22.0));
    let once = [Some(Verdict::Wrong), Some(Verdict::Right)];
    assert_eq!(pair.map(|part| verdict(&twice, part)), once, "one key, given once");
    let one = written(|h| h.seven(25.0, 22.0));
    let half = [Some(Verdict::Right), Some(Verdict::Blank)];
    assert_eq!(pair.map(|part| verdict(&one, part)), half);
}

#[test]
fn a_comb_is_read_box_by_box() {
    let paper = written(|h| h.four(102.0, 22.0).seven(110.0, 22.0));
    assert_eq!(verdict(&paper, "comb"), Some(Verdict::Right));
    let gap = written(|h| h.four(102.0, 22.0).seven(118.0, 22.0));
    assert_eq!(response(&gap, "comb").review, Some(Review::OutOfAlphabet));
}

#[test]
fn the_red_pen_gives_each_criterion_its_points() {
    let mut pupil = Hand::new(1);
    pupil.one(60.0, 100.0);
    let red = |write: fn(&mut Hand) -> &mut Hand| {
        let mut hand = Hand::new(2);
        hand.wait(600_000);
        write(&mut hand);
        let paper = mark_parts(&pupil, &hand);
        let response = response(&paper, "rubric").clone();
        let given = response.red_criteria.iter().map(|c| (c.criterion.clone(), c.mark.score.0));
        (given.collect::<Vec<_>>(), response.review, response.red_mark)
    };
    let (a, b) = (("a".to_owned(), 70), ("b".to_owned(), 40));
    let both = red(|h| h.seven(105.0, 68.0).four(155.0, 68.0));
    assert_eq!(both, (vec![a.clone(), b], None, None));
    let one = red(|h| h.seven(105.0, 68.0));
    assert_eq!(one, (vec![a.clone()], Some(Review::NoKey), None), "the other waits for a person");
    let unclear = red(|h| h.seven(105.0, 68.0).scribble(153.0, 68.0, 8.0, 6.0));
    assert_eq!(unclear, (vec![a], Some(Review::RedUnclear), None));
    let tick = red(|h| h.tick(100.0, 100.0));
    assert_eq!(tick, (Vec::new(), Some(Review::NoKey), None), "a remark on a line");
}

#[test]
fn what_nothing_can_read_goes_to_a_person_unless_it_is_blank() {
    let paper = written(|h| h.cross(30.0, 170.0));
    let response_ = response(&paper, "hanzi");
    assert_eq!((response_.machine, response_.review), (None, Some(Review::StrokesUnclear)));
    assert_eq!(verdict(&written(|h| h), "hanzi"), Some(Verdict::Blank));
}

/// 大 as it is taught and as it is not, and 木, which has a stroke more.
#[test]
fn a_character_is_read_by_its_strokes() {
    fn bar(h: &mut Hand) -> &mut Hand {
        h.line(&[(24.0, 167.0), (36.0, 166.0)])
    }
    fn left(h: &mut Hand) -> &mut Hand {
        h.line(&[(30.0, 162.0), (29.6, 167.0), (28.0, 172.0), (23.5, 176.5)])
    }
    fn right(h: &mut Hand) -> &mut Hand {
        h.line(&[(30.0, 167.0), (32.0, 171.5), (36.5, 176.5)])
    }
    let read = |paper: &MarkedPaper| {
        let response = response(paper, "hanzi").clone();
        (response.reading.map(|reading| reading.written.to_string()), response.review)
    };
    let big = written(|h| right(left(bar(h))));
    assert_eq!(read(&big), (Some("大".into()), None));
    assert_eq!(verdict(&big, "hanzi"), Some(Verdict::Right));
    // A speck of the pen beside it.
    let speck = written(|h| right(left(bar(h))).dot(39.0, 178.0));
    assert_eq!(read(&speck), (Some("大".into()), None));
    // One stroke that no teacher lets pass.
    let slanted = written(|h| right(left(h.line(&[(24.0, 172.0), (35.0, 162.0)]))));
    assert_eq!(read(&slanted), (Some("大".into()), Some(Review::LowConfidence)));
    // The same strokes in another order: the character is there, and a person is told.
    let odd = written(|h| left(right(bar(h))));
    assert_eq!(read(&odd), (Some("大".into()), Some(Review::StrokeOrder)));
    // Two strokes joined.
    let joined = written(|h| {
        bar(h).line(&[(30.0, 162.0), (28.0, 172.0), (23.5, 176.5), (30.0, 167.0), (36.5, 176.5)])
    });
    assert_eq!(verdict(&joined, "hanzi"), None, "{:?}", read(&joined));
    // Another character is not called wrong by a reader that no handwriting was measured with.
    let tree = written(|h| {
        bar(h)
            .line(&[(30.0, 161.0), (30.0, 178.0)])
            .line(&[(30.0, 167.0), (27.0, 172.0), (23.5, 175.5)])
            .line(&[(30.0, 167.0), (32.5, 171.5), (36.5, 175.5)])
    });
    assert_eq!(read(&tree), (Some("木".into()), Some(Review::AnotherCharacter)));
    assert_eq!(response(&tree, "hanzi").machine, None);
}

#[test]
fn every_kind_has_a_reader_or_a_person() {
    for (kind, person) in [
        (Kind::Digits, None),
        (Kind::Number(NumberForm::Whole), None),
        (Kind::Number(NumberForm::Decimal), None),
        (Kind::Letter("AB".into()), None),
        (Kind::TrueFalse, None),
        (Kind::Comparison, None),
        (Kind::Choice, None),
        (Kind::Choices, None),
        (Kind::Steps, None),
        (Kind::Pairs, None),
        (Kind::Expression, Some(Review::NoReader)),
        (Kind::Character, None),
        (Kind::Free, Some(Review::NoKey)),
    ] {
        let found = match ReadBy::of(&kind) {
            ReadBy::Person(review) => Some(review),
            ReadBy::Symbols(..)
            | ReadBy::Steps
            | ReadBy::Column
            | ReadBy::Character
            | ReadBy::Pairs
            | ReadBy::Bubbles => None,
        };
        assert_eq!(found, person, "{kind:?}");
    }
}
