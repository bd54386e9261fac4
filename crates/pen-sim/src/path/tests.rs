use super::*;

fn knot(x: f64, y: f64, corner: bool) -> Knot {
    Knot { at: Point::new(x, y), corner }
}

#[test]
fn a_curve_goes_through_its_knots() {
    let knots =
        [knot(0.0, 0.0, false), knot(1.0, 2.0, false), knot(3.0, 1.0, true), knot(0.0, 1.0, false)];
    let path = curve(&knots);
    for knot in knots {
        assert!(path.iter().any(|point| point.distance(knot.at) < 1e-9), "{knot:?}");
    }
}

#[test]
fn a_corner_breaks_the_curve() {
    let turn = |corner| {
        let path =
            curve(&[knot(0.0, 0.0, false), knot(10.0, 0.0, corner), knot(10.0, 10.0, false)]);
        // How far the path strays beyond the knot's x.
        path.iter().map(|point| point.x).fold(0.0, f64::max)
    };
    assert_eq!(turn(true), 10.0);
    assert!(turn(false) > 10.05);
}

#[test]
fn resampled_points_lie_at_equal_distances_and_keep_the_ends() {
    let path = [Point::new(0.0, 0.0), Point::new(30.0, 0.0), Point::new(30.0, 71.0)];
    let points = resample(&path, 10.0);
    assert_eq!((points[0], points[points.len() - 1]), (path[0], path[2]));
    assert_eq!(points.len(), 11);
    for pair in points.windows(2) {
        // Only over the corner is the straight line shorter than the path.
        let d = pair[0].distance(pair[1]);
        assert!(d <= 10.11 && d > 7.0, "{d}");
    }
}

#[test]
fn a_path_without_length_is_one_point() {
    let point = Point::new(1.0, 2.0);
    assert_eq!(resample(&[point, point], 10.0), [point]);
    assert_eq!(resample(&[], 10.0), []);
}

#[test]
fn rounding_keeps_the_ends() {
    let path: Vec<Point> = (0..9).map(|i| Point::new(f64::from(i), f64::from(i % 2))).collect();
    let round = rounded(&path, 3);
    assert_eq!((round[0], round[8]), (path[0], path[8]));
    assert!(round[4].y > 0.2 && round[4].y < 0.8);
}
