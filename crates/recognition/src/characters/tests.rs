use super::*;

fn ink(strokes: &[&[[i32; 2]]]) -> Vec<Vec<Sample>> {
    let sample = |p: &[i32; 2]| Sample { x_um: p[0], y_um: p[1], force: 1, t_ms: 0 };
    strokes.iter().map(|stroke| stroke.iter().map(sample).collect()).collect()
}

fn read(strokes: &[&[[i32; 2]]]) -> Option<CharacterReading> {
    let ink = ink(strokes);
    let strokes: Vec<&[Sample]> = ink.iter().map(Vec::as_slice).collect();
    Characters::embedded().read(&strokes)
}

#[test]
fn lengths_tell_characters_of_the_same_strokes_apart() {
    let bars = |first: i32, second: i32| {
        read(&[
            &[[-first, -2_000], [first, -2_100]],
            &[[0, -5_000], [0, 4_000]],
            &[[-second, 4_000], [second, 3_900]],
        ])
        .expect("three strokes")
    };
    assert_eq!(bars(2_400, 5_000).character, '土');
    assert_eq!(bars(5_000, 2_400).character, '士');
}

#[test]
fn what_has_no_extent_or_too_many_strokes_is_not_read() {
    assert_eq!(read(&[]), None);
    assert_eq!(read(&[&[]]), None);
    assert_eq!(read(&[&[[5, 5]]]), None);
    assert_eq!(read(&[&[[i32::MIN, i32::MAX]], &[[i32::MIN, i32::MAX]]]), None);
    let strokes = vec![&[[0, 0], [5, 5]][..]; STROKES_MAX + 1];
    assert_eq!(read(&strokes), None);
    let far = read(&[&[[i32::MIN, i32::MIN], [i32::MAX, i32::MIN + 1]]]).expect("a bar");
    assert_eq!(far.character, '一');
    assert!(far.probability.is_finite());
}

#[test]
fn a_model_is_whole_or_none() {
    let bytes =
        to_bytes(&[('十', vec![vec![[0.0, 5.0], [10.0, 5.0]], vec![[5.0, 0.0], [5.0, 10.0]]])]);
    let one = Characters::from_bytes(&bytes).expect("a model of one");
    assert!(one.knows('十') && !one.knows('一'));
    assert!(Characters::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    assert!(Characters::from_bytes(&bytes[1..]).is_err());
    assert_eq!(Characters::embedded().by_count.iter().flatten().count(), 3_755);
}
