use super::*;

#[test]
fn every_symbol_of_a_sheet_has_a_skeleton() {
    let skeletons = Skeletons::own();
    for symbol in "0123456789ABCDEFG√×+-=<>./÷%✓✗~元本".chars() {
        assert!(!skeletons.forms(symbol).is_empty(), "{symbol}");
    }
}

#[test]
fn what_people_write_differently_has_two_forms() {
    let skeletons = Skeletons::own();
    for symbol in "0123456789ABDEFG√×.÷✓✗".chars() {
        assert!(skeletons.forms(symbol).len() >= 2, "{symbol}");
    }
}

#[test]
fn skeletons_lie_in_their_box() {
    let skeletons = Skeletons::own();
    for symbol in skeletons.symbols() {
        for knot in skeletons.forms(symbol).iter().flat_map(|form| form.strokes.iter().flatten()) {
            let Point { x, y } = knot.at;
            assert!((-0.1..=1.3).contains(&x) && (-0.1..=1.1).contains(&y), "{symbol}: {x},{y}");
        }
    }
}

#[test]
fn digits_are_as_high_as_a_digit() {
    let skeletons = Skeletons::own();
    for symbol in ('0'..='9').chain('A'..='G') {
        for form in skeletons.forms(symbol) {
            let points: Vec<Point> = form.strokes.iter().flatten().map(|knot| knot.at).collect();
            let bounds = crate::path::Bounds::of(&points).unwrap();
            assert!((0.94..=1.06).contains(&bounds.height()), "{symbol}: {bounds:?}");
        }
    }
}

#[test]
fn a_bad_knot_is_named() {
    let file = "[[glyph]]\nsymbol = \"1\"\nform = \"x\"\nshare = 1\nstrokes = [\"0,0 0;1\"]\n";
    let error = Skeletons::parse(file).unwrap_err().to_string();
    assert_eq!(error, "skeletons.toml: symbol 1: \"0;1\" is no knot \"x,y\"");
}
