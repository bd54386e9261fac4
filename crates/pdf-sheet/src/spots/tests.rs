use super::*;

const A4_UM: (i32, i32) = (210_000, 297_000);

fn level(marks: &mut Marks, y: f64, from: f64, to: f64) {
    marks.straight(Point::new(from, y), Point::new(to, y));
}

fn upright(marks: &mut Marks, x: f64, from: f64, to: f64) {
    marks.straight(Point::new(x, from), Point::new(x, to));
}

fn found(marks: &Marks) -> Vec<(Shape, [i32; 4])> {
    let mm = |um: i32| (um + 500) / 1_000;
    let spot = |spot: Spot| {
        let worksheet::Rect { x_um, y_um, width_um, height_um } = spot.rect;
        (spot.shape, [mm(x_um), mm(y_um), mm(width_um), mm(height_um)])
    };
    spots(marks, 1.0, A4_UM).into_iter().map(spot).collect()
}

/// A table of two by two cells, one of them divided, drawn in pieces and in no order.
#[test]
fn a_table_is_its_smallest_cells() {
    let mut marks = Marks::default();
    for y in [60.0, 40.0, 50.0] {
        level(&mut marks, y, 50.0, 80.0);
        level(&mut marks, y + 0.1, 20.0, 50.2);
    }
    for x in [20.0, 80.0, 50.0] {
        upright(&mut marks, x, 40.0, 60.0);
    }
    upright(&mut marks, 65.0, 50.0, 60.0);
    let boxes = [
        (Shape::Box, [20, 40, 30, 10]),
        (Shape::Box, [50, 40, 30, 10]),
        (Shape::Box, [20, 50, 30, 10]),
        (Shape::Box, [50, 50, 15, 10]),
        (Shape::Box, [65, 50, 15, 10]),
    ];
    assert_eq!(found(&marks), boxes);
}

/// Three sides are no box, nor are lines that end before they meet, nor a frame around the page.
#[test]
fn what_is_not_closed_is_no_box() {
    let mut marks = Marks::default();
    level(&mut marks, 40.0, 20.0, 50.0);
    upright(&mut marks, 20.0, 40.0, 60.0);
    upright(&mut marks, 50.0, 40.0, 58.0);
    level(&mut marks, 60.0, 20.0, 48.0);
    for y in [10.0, 290.0] {
        level(&mut marks, y, 10.0, 200.0);
    }
    for x in [10.0, 200.0] {
        upright(&mut marks, x, 10.0, 290.0);
    }
    assert_eq!(found(&marks), []);
}

/// A line with room above it is written on; one under print is not, nor one across the whole page.
#[test]
fn a_line_is_written_on_where_nothing_is_printed() {
    let mut marks = Marks::default();
    let print = |marks: &mut Marks, x: f64, y: f64, width: f64| {
        for at in 0..(width / 4.0) as u32 {
            let x = x + f64::from(at) * 4.0;
            marks.letter(Letter { letter: '字', bounds: Rect::new(x, y - 4.0, x + 3.8, y) });
        }
    };
    level(&mut marks, 50.0, 60.0, 100.0);
    print(&mut marks, 20.0, 49.5, 40.0);
    level(&mut marks, 80.0, 20.0, 60.0);
    print(&mut marks, 20.0, 79.5, 40.0);
    level(&mut marks, 110.0, 5.0, 205.0);
    // Under other print the room is lower.
    level(&mut marks, 130.0, 20.0, 60.0);
    print(&mut marks, 20.0, 123.0, 40.0);
    let lines = [(Shape::Line, [60, 40, 40, 10]), (Shape::Line, [20, 123, 40, 7])];
    assert_eq!(found(&marks), lines);
}

#[test]
fn room_between_brackets_is_found_on_their_line_alone() {
    let mut marks = Marks::default();
    let letter =
        |letter, x: f64, y: f64| Letter { letter, bounds: Rect::new(x, y, x + 1.0, y + 4.0) };
    for (sign, x, y) in
        [('（', 30.0, 20.0), ('）', 45.0, 20.2), ('(', 30.0, 40.0), ('x', 36.0, 40.0)]
    {
        marks.letter(letter(sign, x, y));
    }
    // An empty space between them is no print; a bracket on the next line closes nothing.
    marks.letter(letter('　', 35.0, 20.0));
    marks.letter(letter(')', 45.0, 40.0));
    marks.letter(letter('（', 60.0, 60.0));
    marks.letter(letter('）', 20.0, 70.0));
    assert_eq!(found(&marks), [(Shape::Bracket, [31, 18, 14, 9])]);
}
