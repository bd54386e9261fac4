use attribution::Role;
use firmware_protocol::{BootId, PenId, StrokeEnd};
use ink::Sample;

use super::*;

fn stroke(number: u32, x_um: i32, y_um: i32) -> Stroke {
    let sample = |t_ms: u32| Sample { x_um: x_um + 100 * t_ms as i32, y_um, force: 30_000, t_ms };
    Stroke {
        key: StrokeKey { pen: PenId(1), boot: BootId { counter: 1, random: 1 }, number },
        address: None,
        start_ms: 0,
        start_ticks: 0,
        end: StrokeEnd::Up,
        complete: true,
        samples: (0..=10).map(sample).collect(),
        orientation: Vec::new(),
    }
}

#[test]
fn a_page_by_itself_strikes_what_was_superseded_once_a_question() {
    let registration =
        Registration { version: 1, dx_um: 0, dy_um: 0, rotation_urad: 0, scale_ppm: 0 };
    let page = worksheet::Page {
        number: 1,
        width_um: 210_000,
        height_um: 297_000,
        artwork: "<svg></svg>".into(),
    };
    let pupil = [stroke(1, 20_000, 50_000), stroke(2, 150_000, 90_000), stroke(3, 20_000, 120_000)];
    let superseded = BTreeMap::from([(pupil[0].key, "q1".into()), (pupil[1].key, "q2".into())]);
    let svg = page_svg(
        &page,
        &registration,
        &PageInk { pupil: &pupil, red: &[], superseded: &superseded },
    );
    assert_eq!(
        svg.matches("stroke-opacity=\"0.55\"").count(),
        2,
        "none from one question to the other"
    );
    assert!(svg.contains("M1940 5000H2160"), "{svg}");
}

#[test]
fn a_pause_is_the_pupils_and_inside_an_answer_or_not() {
    let mut clocks = ReplayClocks::default();
    // A stroke lasts 10 ms.
    let mut at = |at_ms, ink, question| clocks.at((at_ms, 10), ink, question);
    let pause = |length_ms, inside| Some(Pause { length_ms, inside });
    assert_eq!(at(0, Ink::Live, Some("q1")), (0, 0, None));
    assert_eq!(at(2_000, Ink::Live, Some("q1")), (1_210, 1_210, None), "too short for a mark");
    assert_eq!(at(7_010, Ink::Live, Some("q1")), (2_420, 2_420, pause(5_000, true)));
    assert_eq!(at(11_020, Ink::Live, Some("q2")), (3_630, 0, pause(4_000, false)));
    assert_eq!(at(14_030, Ink::Live, Some("q1")), (4_840, 3_630, pause(3_000, false)));
    assert_eq!(at(9_000_000, Ink::Red, Some("q1")).2, None, "the teacher's pen comes later");
}

#[test]
fn red_ink_outside_every_field_is_red_and_counted_by_itself() {
    let of = |number, red| {
        DrawnStroke::new(&stroke(number, 20_000, 50_000), red, |at| at).expect("it has samples")
    };
    let strokes = [of(1, false), of(2, false), of(3, true), of(4, true)];
    let keys = |numbers: &[usize], role| {
        Roles::new(numbers.iter().map(|at| (strokes[*at].key, role)).collect::<Vec<_>>())
    };
    let loose = keys(&[1, 2], Role::Loose);
    let answer = Roles::new([(strokes[0].key, Role::Live), (strokes[3].key, Role::Red)]);
    let roles = PageRoles::new([("q1", &answer)], &loose);
    let inks: Vec<Ink> = marks(&strokes, &roles, None).into_iter().map(|mark| mark.ink).collect();
    assert_eq!(inks, [Ink::Live, Ink::Loose, Ink::Red, Ink::Red]);
    assert_eq!(roles.loose_count(&strokes), (1, 1));
}
