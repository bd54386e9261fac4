use super::{GLOBALS, Glyph, LEN, MAP_LEN, PLANES, SIDE, extract};

fn features(strokes: &[&[[f32; 2]]], size: f32) -> Vec<f32> {
    let mut glyph = Glyph::new(size);
    strokes.iter().for_each(|s| glyph.push(s.iter().copied()));
    let mut out = vec![9.0; LEN];
    extract(&glyph, &mut Vec::new(), &mut out);
    out
}

fn plane(features: &[f32], plane: usize) -> f32 {
    features[..MAP_LEN].iter().skip(plane).step_by(PLANES).sum()
}

#[test]
fn no_points_give_zeros() {
    assert!(features(&[], 1.0).iter().all(|f| *f == 0.0));
}

#[test]
fn directions_lie_in_their_planes() {
    let right = features(&[&[[0.0, 0.0], [10.0, 0.0]]], 10.0);
    let down = features(&[&[[0.0, 0.0], [0.0, 10.0]]], 10.0);
    let (east, south) = (plane(&right, 0), plane(&down, 2));
    assert!(east > 15.0 && south > 15.0, "{east} {south}");
    assert!(plane(&right, 2) < 0.01 && plane(&down, 0) < 0.01);
}

#[test]
fn place_unit_and_density_do_not_matter() {
    let few: Vec<[f32; 2]> = vec![[0.0, 0.0], [4.0, 8.0], [9.0, 1.0]];
    let mut many = Vec::new();
    for w in few.windows(2) {
        for i in 0..50 {
            let t = i as f32 / 50.0;
            let x = w[0][0] + (w[1][0] - w[0][0]) * t;
            many.push([(x + 3.0) * 70.0, (w[0][1] + (w[1][1] - w[0][1]) * t - 5.0) * 70.0]);
        }
    }
    many.push([12.0 * 70.0, -4.0 * 70.0]);
    let (a, b) = (features(&[&few], 10.0), features(&[&many], 700.0));
    let worst = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 0.05, "worst difference {worst}");
}

#[test]
fn a_dot_stays_small() {
    let dot = features(&[&[[0.0, 0.0], [0.3, 0.2]]], 10.0);
    let inked = dot[..MAP_LEN].iter().skip(8).step_by(PLANES).filter(|v| **v > 0.0).count();
    assert!(inked < SIDE, "{inked} pixels");
    let globals = &dot[LEN - GLOBALS..];
    assert!(globals[2] < -3.0, "{globals:?}");
    assert!(features(&[&[[5.0, 5.0]]], 10.0).iter().all(|f| f.is_finite()));
}
