use super::*;

#[test]
fn a_label_is_of_a_section_where_it_says_so() {
    assert_eq!(parts("三(2)"), ("三", "2"));
    assert_eq!(parts("二（10）"), ("二", "10"));
    for alone in ["7", "(3)", "三()", "一(2", "1(a) or 2"] {
        assert_eq!(parts(alone), ("", alone));
    }
}
