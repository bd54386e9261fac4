//! A class's evening as a whole: everything that is sent can be put together again, lies where
//! it should, and is told of in the manifest.
//!
//! A failure is ink that is lost, misplaced or untold, or an evening that differs from the one
//! before. How well it can be read is not asked here.

use std::collections::{BTreeMap, BTreeSet};

use firmware_protocol::{Frame, PenId, decode_frame};
use ink::{Assembly, Stroke};
use pen_sim::{
    Evening, Event, ExpectedVerdict, Handed, Holder, Setup, TRICKS, Truth, simulate, write_capture,
};
use worksheet::{Copies, Rect, Registration};

mod sample;

fn chunks(evening: &Evening) -> impl Iterator<Item = &[u8]> {
    evening.deliveries.iter().filter_map(|delivery| match &delivery.what {
        Handed::Chunk(bytes) => Some(bytes.as_slice()),
        Handed::State(_) => None,
    })
}

fn assembled(evening: &Evening) -> Assembly {
    Assembly::of_chunks(chunks(evening))
}

fn pens(evening: &Evening, marker: bool) -> BTreeMap<PenId, &str> {
    evening
        .leases
        .iter()
        .filter_map(|lease| match &lease.holder {
            Holder::Pupil(id) if !marker => Some((lease.pen, id.as_str())),
            Holder::Marker(id) if marker => Some((lease.pen, id.as_str())),
            _ => None,
        })
        .collect()
}

/// Centre of a stroke's bounds in page micrometres.
fn centre(stroke: &Stroke, registration: &Registration) -> (f64, f64) {
    let angle = f64::from(registration.rotation_urad) * 1e-6;
    let scale = 1.0 + f64::from(registration.scale_ppm) * 1e-6;
    let xs = || stroke.samples.iter().map(|sample| sample.x_um);
    let ys = || stroke.samples.iter().map(|sample| sample.y_um);
    let middle = |low: Option<i32>, high: Option<i32>| {
        (f64::from(low.unwrap_or(0)) + f64::from(high.unwrap_or(0))) / 2.0
    };
    let (x, y) = (middle(xs().min(), xs().max()), middle(ys().min(), ys().max()));
    (
        scale * (x * angle.cos() - y * angle.sin()) + f64::from(registration.dx_um),
        scale * (x * angle.sin() + y * angle.cos()) + f64::from(registration.dy_um),
    )
}

fn holds(rect: Rect, (x, y): (f64, f64), margin_um: f64) -> bool {
    let within = |at: f64, from: i32, length: i32| {
        at >= f64::from(from) - margin_um && at <= f64::from(from + length) + margin_um
    };
    within(x, rect.x_um, rect.width_um) && within(y, rect.y_um, rect.height_um)
}

#[test]
fn the_same_setup_gives_the_same_bytes() {
    let setup = sample::setup(6, 11, None);
    let (a, b) = (simulate(&setup), simulate(&setup.clone()));
    assert_eq!(write_capture(&setup, &a), write_capture(&setup, &b));
    let other = sample::setup(6, 12, None);
    assert_ne!(a.deliveries, simulate(&other).deliveries);
}

#[test]
fn every_response_of_every_pupil_is_in_the_manifest() {
    let setup = sample::setup(9, 4, None);
    let truth = simulate(&setup).truth;
    let mut wanted = BTreeSet::new();
    for plan in &setup.assignments {
        for pupil in &setup.class.pupils {
            for of in plan.worksheet.parts() {
                wanted.insert((plan.id.as_str(), pupil.id.as_str(), of.part.id.as_str()));
            }
        }
    }
    let told: Vec<_> = truth
        .responses
        .iter()
        .map(|r| (r.assignment.as_str(), r.pupil.as_str(), r.part.as_str()))
        .collect();
    assert_eq!(told.len(), wanted.len());
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), wanted);
    for response in &truth.responses {
        assert!(response.tricks.iter().all(|trick| TRICKS.contains(&trick.as_str())));
        let free = response.key.is_none();
        assert_eq!(free, response.verdict == ExpectedVerdict::None);
        assert!(free || response.meant.is_some() || response.verdict == ExpectedVerdict::Blank);
        assert!(response.writer.is_none());
    }
}

#[test]
fn everything_sent_decodes_and_lies_on_a_known_page() {
    let setup = sample::setup(9, 4, None);
    let evening = simulate(&setup);
    let ink = assembled(&evening);
    assert!(ink.errors.is_empty(), "{:?}", ink.errors);
    let samples: usize = ink.strokes.iter().map(|stroke| stroke.samples.len()).sum();
    assert_eq!(samples as u64, evening.samples);
    for stroke in &ink.strokes {
        assert!(stroke.complete, "{:?}", stroke.key);
        let address = stroke.address.expect("coded paper");
        let plan = &setup.assignments[address.book as usize - 1];
        let (_, page) = plan.run.locate(address.page).expect("an address of the run");
        let sheet = &plan.worksheet.pages[page as usize - 1];
        let (x, y) = centre(stroke, &plan.run.registration);
        assert!((0.0..f64::from(sheet.width_um)).contains(&x), "{x}");
        assert!((0.0..f64::from(sheet.height_um)).contains(&y), "{y}");
    }
}

#[test]
fn pupils_write_on_their_own_papers_but_for_the_lent_pen() {
    let setup = sample::setup(9, 4, None);
    let evening = simulate(&setup);
    let holders = pens(&evening, false);
    let mut foreign = BTreeSet::new();
    for stroke in &assembled(&evening).strokes {
        let (Some(holder), Some(address)) = (holders.get(&stroke.key.pen), stroke.address) else {
            continue;
        };
        let plan = &setup.assignments[address.book as usize - 1];
        let (copy, page) = plan.run.locate(address.page).expect("an address of the run");
        let owner = setup.class.pupils[copy as usize].id.as_str();
        if matches!(plan.run.copies, Copies::PerCopy(_)) && owner != *holder {
            foreign.insert((holder.to_string(), owner.to_owned(), plan.id.clone(), page));
        }
    }
    let lent: BTreeSet<_> = evening
        .truth
        .events
        .iter()
        .filter_map(|event| match event {
            Event::PenLent { owner, borrower, assignment, page, .. } => {
                Some((owner.clone(), borrower.clone(), assignment.clone(), *page))
            }
            _ => None,
        })
        .collect();
    assert_eq!(lent.len(), 1);
    assert_eq!(foreign, lent);
    let (_, borrower, assignment, page) = lent.first().expect("one");
    for response in &evening.truth.responses {
        let of_it = (&response.pupil, &response.assignment, &response.page);
        let told = response.tricks.iter().any(|trick| trick == "lent_pen");
        assert_eq!(told, of_it == (borrower, assignment, page), "{response:?}");
    }
}

/// Every answer without tricks has ink in its field, every blank has none, and nothing lies
/// between fields that no event tells of.
#[test]
fn answers_lie_in_their_fields() {
    let setup = sample::setup(9, 4, None);
    let evening = simulate(&setup);
    let ink = assembled(&evening);
    let holders = pens(&evening, false);
    let mut checked = 0;
    for (pupil, assignment, page) in papers(&setup) {
        let plan = &setup.assignments[assignment];
        let copy = setup.class.pupils.iter().position(|p| p.id == pupil).expect("a pupil") as u32;
        let shared = plan.run.copies == Copies::Shared;
        let address_page = plan.run.address_page(copy, page);
        let centres: Vec<(f64, f64)> = ink
            .strokes
            .iter()
            .filter(|stroke| {
                stroke.address.is_some_and(|address| {
                    address.book == plan.run.book && Some(address.page) == address_page
                }) && holders.get(&stroke.key.pen).is_some_and(|h| !shared || *h == pupil)
            })
            .map(|stroke| centre(stroke, &plan.run.registration))
            .collect();
        let beside = evening.truth.responses.iter().any(|response| {
            response.pupil == pupil
                && response.assignment == plan.id
                && response.page == page
                && response.tricks.iter().any(|trick| trick == "beside")
        });
        for response in &evening.truth.responses {
            if response.pupil != pupil || response.assignment != plan.id || response.page != page {
                continue;
            }
            let part = plan.worksheet.part(&response.part).expect("a part").part;
            let inside =
                centres.iter().filter(|at| part.rects().any(|rect| holds(rect, **at, 0.0))).count();
            let crossed = response.tricks.iter().any(|trick| trick == "crossed_out");
            match &response.meant {
                Some(_) => assert!(inside > 0, "{response:?}"),
                None if !crossed && !beside => assert_eq!(inside, 0, "{response:?}"),
                None => {}
            }
            checked += 1;
        }
    }
    assert_eq!(checked, evening.truth.responses.len());
}

/// Every (pupil, assignment's position, page).
fn papers(setup: &Setup) -> Vec<(String, usize, u32)> {
    let mut papers = Vec::new();
    for (assignment, plan) in setup.assignments.iter().enumerate() {
        for pupil in &setup.class.pupils {
            for page in &plan.worksheet.pages {
                papers.push((pupil.id.clone(), assignment, page.number));
            }
        }
    }
    papers
}

#[test]
fn red_marks_touch_the_questions_they_mark() {
    let setup = sample::setup(9, 4, None);
    let evening = simulate(&setup);
    let red_pens = pens(&evening, true);
    let red: Vec<Stroke> = assembled(&evening)
        .strokes
        .into_iter()
        .filter(|stroke| red_pens.contains_key(&stroke.key.pen))
        .collect();
    let marked: Vec<_> = evening.truth.responses.iter().filter(|r| r.red.is_some()).collect();
    assert!(!marked.is_empty());
    for response in marked {
        let plan = setup.assignments.iter().find(|p| p.id == response.assignment).expect("a plan");
        assert!(matches!(plan.run.copies, Copies::PerCopy(_)));
        let copy = setup.class.pupils.iter().position(|p| p.id == response.pupil).expect("a pupil");
        let address_page = plan.run.address_page(copy as u32, response.page);
        let part = plan.worksheet.part(&response.part).expect("a part").part;
        let boxes = part.criteria().iter().filter_map(|criterion| criterion.score_box);
        let boxes: Vec<Rect> = part.score_box.into_iter().chain(boxes).collect();
        let rects = if boxes.is_empty() { part.rects().collect() } else { boxes };
        let touches = red.iter().any(|stroke| {
            stroke.address.is_some_and(|a| a.book == plan.run.book && Some(a.page) == address_page)
                && rects.iter().any(|r| holds(*r, centre(stroke, &plan.run.registration), 4_000.0))
        });
        assert!(touches, "{response:?}");
        let red = response.red.as_ref().expect("marked");
        assert_eq!(red.score.is_some(), response.key.is_none(), "{response:?}");
    }
}

#[test]
fn copies_are_flagged_and_the_first_of_each_is_not() {
    let evening = simulate(&sample::setup(12, 4, None));
    let mut seen = BTreeSet::new();
    let mut copies = 0;
    for delivery in &evening.deliveries {
        let Handed::Chunk(bytes) = &delivery.what else { continue };
        let key = match decode_frame(bytes).expect("a frame").0 {
            Frame::Chunk(chunk) => chunk.key,
            Frame::Hello(hello) => hello.key,
            other => panic!("{other:?}"),
        };
        assert_eq!(delivery.copy, !seen.insert(key), "{key:?}");
        copies += u32::from(delivery.copy);
    }
    let told: u32 = evening
        .truth
        .events
        .iter()
        .map(|event| match event {
            Event::HandedOverAgain { copies, .. } => *copies,
            _ => 0,
        })
        .sum();
    assert!(copies > 0);
    assert_eq!(copies, told);
    assert!(evening.deliveries.is_sorted_by_key(|delivery| delivery.at_ms));
}

#[test]
fn every_kind_of_fault_happens_in_a_class() {
    let evening = simulate(&sample::setup(45, 1, None));
    let has = |wanted: fn(&Event) -> bool| evening.truth.events.iter().any(wanted);
    assert!(has(|event| matches!(event, Event::LinkLost { chunks, .. } if *chunks > 0)));
    assert!(has(|event| matches!(event, Event::HandedOverAgain { .. })));
    assert!(has(|event| matches!(event, Event::PenLent { .. })));
    assert!(has(|event| matches!(event, Event::WrongClock { .. })));
    assert!(has(|event| matches!(event, Event::Restarted { .. })));
    assert!(has(|event| matches!(event, Event::NoPenUp { end, .. } if end == "power_lost")));
    assert!(has(|event| matches!(event, Event::NoPenUp { end, .. } if end == "link_lost")));
    assert!(has(|event| matches!(event, Event::LooseInk { .. })));
    assert!(has(|event| matches!(event, Event::TeacherDiffers { .. })));
    for trick in TRICKS {
        let tricked = evening.truth.responses.iter().any(|r| r.tricks.iter().any(|t| t == trick));
        assert!(tricked, "{trick}");
    }
}

#[test]
fn pens_move_as_fast_as_children_write() {
    let evening = simulate(&sample::setup(9, 4, None));
    let mut speeds_mm_s: Vec<f64> = Vec::new();
    for stroke in &assembled(&evening).strokes {
        let length_um: f64 = stroke
            .samples
            .windows(2)
            .map(|w| f64::from(w[1].x_um - w[0].x_um).hypot(f64::from(w[1].y_um - w[0].y_um)))
            .sum();
        let ms = stroke.samples.last().map_or(0, |sample| sample.t_ms);
        if length_um > 3_000.0 {
            speeds_mm_s.push(length_um / f64::from(ms));
        }
    }
    speeds_mm_s.sort_by(f64::total_cmp);
    let at = |part: f64| speeds_mm_s[(speeds_mm_s.len() as f64 * part) as usize];
    assert!((20.0..45.0).contains(&at(0.5)), "{}", at(0.5));
    assert!(at(0.01) > 8.0 && at(0.99) < 150.0, "{} {}", at(0.01), at(0.99));
}

/// Answers are right as often as the manifest says they would be.
#[test]
fn pupils_err_as_often_as_they_are_said_to() {
    let setup = sample::setup(45, 2, None);
    let truth = simulate(&setup).truth;
    let (mut expected, mut right, mut answered) = (0.0, 0.0, 0.0);
    for response in &truth.responses {
        let plan = setup.assignments.iter().find(|p| p.id == response.assignment).expect("a plan");
        let question = plan.worksheet.question(&response.question).expect("a question");
        let pupil = truth.pupils.iter().find(|p| p.pupil == response.pupil).expect("a pupil");
        if response.key.is_some() && response.meant.is_some() {
            let known = question.knowledge_points.iter().map(|k| pupil.right_probability[k]);
            expected += known.fold(1.0, f64::min);
            right += f64::from(u8::from(response.verdict == ExpectedVerdict::Right));
            answered += 1.0;
        }
    }
    let (expected, right) = (expected / answered, right / answered);
    // A wrong answer is a little likelier to be left out.
    assert!((right - expected).abs() < 0.03, "{right} against {expected}");
    assert!((0.75..0.95).contains(&right), "{right}");
}

#[test]
fn the_manifest_is_json_and_says_that_it_is_synthetic() {
    let truth = simulate(&sample::setup(3, 1, None)).truth;
    let json = serde_json::to_string(&truth).expect("JSON");
    assert!(json.contains("synthetic: zhibi pen-sim"), "{json}");
    assert_eq!(serde_json::from_str::<Truth>(&json).expect("the same"), truth);
}

#[test]
fn real_handwriting_is_named_where_it_is_used() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut file = String::new();
    for symbol in "0123456789.".chars() {
        file += &format!(
            "{{\"label\":\"{symbol}\",\"writer\":\"w1\",\"strokes\":[[[0,0],[30,90]]],\"source\":\"test\"}}\n"
        );
    }
    std::fs::write(dir.path().join("digits.jsonl"), file).expect("written");
    let pool = pen_sim::HandwritingPool::load(dir.path()).expect("a pool");
    let truth = simulate(&sample::setup(3, 1, Some(pool))).truth;
    assert!(truth.handwriting.contains("digits.jsonl"), "{}", truth.handwriting);
    for response in truth.responses.iter().filter(|r| r.meant.is_some()) {
        let number = response.assignment == "a-mental-arithmetic-g3";
        let letter = response.question.starts_with("1-") && response.assignment == "a-english-g3";
        if number {
            assert_eq!(response.writer.as_deref(), Some("w1"), "{response:?}");
        } else if letter {
            assert_eq!(response.writer, None, "{response:?}");
        }
    }
}
