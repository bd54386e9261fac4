//! Labelled handwriting, JSON Lines: any bytes are read; what was read is written and read again.
#![no_main]

use ink::Handwriting;

/// Equal but for the last bit of a number, which `serde_json` may read wrong.
fn is_same(a: &Handwriting, b: &Handwriting) -> bool {
    let numbers = |item: &Handwriting| -> Vec<f64> {
        item.strokes.iter().flatten().flatten().copied().collect()
    };
    let shape = |item: &Handwriting| -> Vec<Vec<usize>> {
        item.strokes.iter().map(|stroke| stroke.iter().map(Vec::len).collect()).collect()
    };
    let is_near = |(a, b): (&f64, &f64)| (a - b).abs() <= 2.0 * f64::EPSILON * a.abs();
    let bare = |item: &Handwriting| Handwriting { strokes: Vec::new(), ..item.clone() };
    shape(a) == shape(b) && numbers(a).iter().zip(&numbers(b)).all(is_near) && bare(a) == bare(b)
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for item in Handwriting::read(bytes) {
        let item = match item {
            Ok(item) => item,
            Err(error) => {
                assert!(error.to_string().starts_with("line "));
                continue;
            }
        };
        let line = serde_json::to_string(&item).expect("it is plain data");
        let again: Vec<_> = Handwriting::read(line.as_bytes()).collect();
        assert!(matches!(again.as_slice(), [Ok(again)] if is_same(again, &item)), "{line}");
    }
});
