use worksheet::text::Draft;

use super::*;

/// What a look at a corrected key says of answers to `25 × 4 + 36`: reading, verdict and points in
/// force, and the verdict that would be.
#[test]
fn a_share_of_the_points_stays_one_under_another_key() {
    let text =
        "标题：递等式\n年级：四\n科目：数学\n一、算。（每题 6 分）\n25 × 4 + 36\n  算式：3 行\n";
    let sheet = Draft::build(text, &Framework::own(), |_| None).expect("a sheet");
    let part = sheet.parts().next().expect("a part").part;
    let key = part.typed_key("25×4+36=136").expect("a key without steps");
    let sheet = sheet.with_key(&part.id, key).expect("a sheet");
    let answer = |(number, (reading, verdict, score)): (u32, (&str, Verdict, u32))| KeyAnswer {
        assignment: "a-1".into(),
        pupil: format!("p-{number}"),
        number,
        name: "—".into(),
        page: 1,
        part: part.id.clone(),
        reading: Some(reading.into()),
        review: None,
        source: Some(Source::Machine),
        verdict: Some(verdict),
        score: Some(score),
        wanted: None,
    };
    let changed = |given: &[(&str, Verdict, u32)]| {
        let answers = (1..).zip(given.iter().copied()).map(answer);
        let lines = answers.flat_map(|answer| lines(&sheet.questions[0], &[answer]));
        lines.map(|line| (line.reading, line.after, line.points_after)).collect::<Vec<_>>()
    };
    let stays = [("=100+36=136", Verdict::Right, 60), ("=100+36=146", Verdict::Partly, 30)];
    assert_eq!(changed(&stays), []);
    let changes = [("=100+36=146", Verdict::Wrong, 0), ("=100+36", Verdict::Wrong, 0)];
    let expected = [
        ("=100+36=146".to_owned(), Some(Verdict::Partly), Some(30)),
        ("=100+36".to_owned(), None, None),
    ];
    assert_eq!(changed(&changes), expected);
}
