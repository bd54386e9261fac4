use super::*;

fn lines(prompt: &str, slips: usize) -> Vec<String> {
    working(prompt, slips, &mut Random::stream(1, &["test"])).lines
}

#[test]
fn three_numbers_are_taken_away_one_after_the_other() {
    let prompt = "小明带了 20 元钱，买了一个 8.5 元的文具盒和一支 3.2 元的钢笔，还剩多少元？";
    assert_eq!(lines(prompt, 0), ["20-8.5=11.5", "11.5-3.2=8.3", "8.3元"]);
}

#[test]
fn two_numbers_give_two_sums() {
    let prompt = "故事书 128 本，科技书比故事书少 39 本。科技书有多少本？一共有多少本？";
    assert_eq!(lines(prompt, 0), ["128-39=89", "128+89=217", "217本"]);
}

#[test]
fn slips_are_counted_and_carried_on() {
    let prompt = "20 8.5 3.2";
    let right = lines(prompt, 0);
    let slipped = working(prompt, 1, &mut Random::stream(1, &["test"]));
    assert_eq!(slipped.slips, 1);
    assert_ne!(slipped.lines[0], right[0]);
    // The second sum is right for the wrong first result.
    let result = slipped.lines[0].split('=').nth(1).unwrap();
    assert!(slipped.lines[1].starts_with(&format!("{result}-")), "{:?}", slipped.lines);
}

#[test]
fn a_prompt_without_numbers_gets_lines_that_nobody_can_read() {
    assert_eq!(lines("为什么？", 1), [WAVES, WAVES]);
}
