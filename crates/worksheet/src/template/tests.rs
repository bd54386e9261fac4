use super::Score;

#[test]
fn score_shows_tenths_only_where_there_are_some() {
    for (tenths, shown) in
        [(0, "0"), (5, "0.5"), (10, "1"), (35, "3.5"), (60, "6"), (1_005, "100.5")]
    {
        assert_eq!(Score(tenths).to_string(), shown);
    }
}
