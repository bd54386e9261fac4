//! What must hold for any ink.

use ink::Sample;

use super::*;

fn samples(reach: std::ops::Range<i32>) -> impl Strategy<Value = Vec<Sample>> {
    let sample = (reach.clone(), reach, any::<u16>(), any::<u32>());
    let sample = sample.prop_map(|(x_um, y_um, force, t_ms)| Sample { x_um, y_um, force, t_ms });
    prop::collection::vec(sample, 1..24)
}

fn strokes(reach: std::ops::Range<i32>) -> impl Strategy<Value = Vec<Stroke>> {
    let stroke = (samples(reach), any::<i64>(), any::<bool>());
    prop::collection::vec(stroke, 0..20).prop_map(|drawn| {
        let mut hand = Hand::new(1);
        for (samples, start_ms, complete) in drawn {
            hand.push(samples);
            if let Some(last) = hand.strokes.last_mut() {
                last.start_ms = start_ms;
                last.complete = complete;
            }
        }
        hand.strokes
    })
}

fn registration() -> impl Strategy<Value = Registration> {
    (any::<[i32; 4]>()).prop_map(|[dx_um, dy_um, rotation_urad, scale_ppm]| Registration {
        version: 1,
        dx_um,
        dy_um,
        rotation_urad,
        scale_ppm,
    })
}

fn marks(marker: &Marker, registration: &Registration, ink: &PageInk) -> MarkedPaper {
    marker.mark(&sheet(), 1, registration, ink, &mut Scratch::new())
}

/// Every stroke is in a list, the pupil's in one, red ones perhaps beside several answers; every
/// response is decided or has a reason not to be.
fn check(paper: &MarkedPaper, ink: &PageInk) {
    let mut kept: Vec<StrokeKey> = paper.loose.iter().chain(&paper.total_red).copied().collect();
    let mut red: Vec<StrokeKey> = Vec::new();
    for response in &paper.responses {
        kept.extend(response.live.iter().chain(&response.superseded));
        red.extend(&response.red);
        let decided = response.machine.is_some() || response.red_mark.is_some();
        assert!(decided || response.review.is_some(), "{response:?}");
    }
    red.sort_unstable();
    red.dedup();
    kept.extend(red);
    let mut all: Vec<StrokeKey> = ink.pupil.iter().chain(&ink.red).map(|s| s.key).collect();
    kept.sort_unstable();
    all.sort_unstable();
    assert_eq!(kept, all);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_ink_makes_marking_fail(
        pupil in strokes(i32::MIN..i32::MAX), red in strokes(i32::MIN..i32::MAX),
        registration in registration(),
    ) {
        let ink = PageInk { pupil, red };
        check(&marks(&Marker::new(Thresholds::STANDARD), &registration, &ink), &ink);
    }

    #[test]
    fn neither_order_nor_repetition_matters(
        pupil in strokes(15_000..160_000), red in strokes(15_000..160_000),
    ) {
        let marker = Marker::new(Thresholds::STANDARD);
        let ink = PageInk { pupil, red };
        let paper = marks(&marker, &PLAIN, &ink);
        check(&paper, &ink);
        prop_assert_eq!(&marks(&marker, &PLAIN, &ink), &paper);
        let mut turned = ink.clone();
        turned.pupil.reverse();
        turned.red.reverse();
        prop_assert_eq!(&marks(&marker, &PLAIN, &turned), &paper);
        // A scratch that has been used before leaves nothing behind.
        let mut scratch = Scratch::new();
        for _ in 0..2 {
            prop_assert_eq!(&marker.mark(&sheet(), 1, &PLAIN, &ink, &mut scratch), &paper);
        }
    }
}
