use super::{Coverage, RasterError, png, png_rgba};

fn picture() -> Coverage {
    Coverage { width: 3, height: 2, data: vec![0, 128, 255, 0, 0, 64] }
}

#[test]
fn gray_is_black_ink_on_white_paper() {
    let bytes = png(&picture()).expect("a picture with pixels");
    let read = image::load_from_memory(&bytes).expect("a PNG").to_luma8();
    assert_eq!(read.dimensions(), (3, 2));
    assert_eq!(read.into_raw(), [255, 127, 0, 255, 255, 191]);
}

#[test]
fn ink_lies_over_paper() {
    let pixels = |paper| {
        let bytes = png_rgba(&picture(), [10, 20, 200], paper).expect("a picture with pixels");
        image::load_from_memory(&bytes).expect("a PNG").to_rgba8().into_raw()
    };
    let opaque = pixels([255, 255, 255, 255]);
    assert_eq!(opaque[0..4], [255, 255, 255, 255]);
    assert_eq!(opaque[4..8], [132, 137, 227, 255]);
    assert_eq!(opaque[8..12], [10, 20, 200, 255]);
    let layer = pixels([0, 0, 0, 0]);
    assert_eq!(layer[0..4], [10, 20, 200, 0]);
    assert_eq!(layer[4..8], [10, 20, 200, 128]);
}

#[test]
fn no_pixels_is_an_error() {
    let empty = png(&Coverage::new());
    assert!(matches!(empty, Err(RasterError::Empty { width: 0, height: 0 })));
}
