use super::{mismatch, without_unit};

/// What is said of an equation; empty where nothing is.
fn check(equation: &str, said: &str) {
    let found = mismatch(equation).map_or(String::new(), |found| found.to_string());
    assert_eq!(found, said, "{equation}");
}

#[test]
fn what_does_not_compute_is_found() {
    check("3 + 4 = 8", "7 = 8");
    check("36 ＋ 47 ＝ 84", "83 = 84");
    check("3 + (5) = 7", "8 = 7");
    check("(1/5) + 3/5 = (3/5)", "0.8 = 0.6");
    check("1/3 + 1/3 = 1/3", "2/3 = 1/3");
    check("2 ÷ 1/2 = 1", "4 = 1");
    check("25 × 4 = 100 = 10 × 11", "100 = 110");
    check("4.2 < 3.9", "4.2 < 3.9");
    check("17 ÷ 5 = 3……1", "17 = 16");
    check("50% × 8 = 5", "4 = 5");
    check("(3 − 5) × 2 = 4", "-4 = 4");
}

#[test]
fn what_computes_or_is_no_plain_arithmetic_is_left_alone() {
    for equation in [
        "3 + 4 = 7",
        "0.1 + 0.2 = 0.3",
        "1/5 + 3/5 = (4/5)",
        "4.2 > 3.9",
        "17 ÷ 5 = 3……2",
        "2 × (3 + 4) = 14",
        "3.50 = 3.5",
        "4.5 元 = 5 元",
        "x + 3 = 8",
        "10 ÷ 3 ≈ 4",
        "2, 4, 6, 9",
        "3 4 = 34",
        "1 ÷ 0 = 1",
        "= 3",
        "3 =",
        "1.2.3 = 4",
        "",
    ] {
        check(equation, "");
    }
    check(&format!("{} = 1", "(".repeat(10_000)), "");
    check(&format!("{0} × {0} = 1", "9".repeat(39)), "");
}

#[test]
fn the_one_unit_of_an_equation_is_left_out() {
    let plain = |equation: &str| without_unit(equation).map(|plain| plain.replace(' ', ""));
    for (equation, expected) in [
        ("3 + 9 = (13 厘米)", "3+9=(13)"),
        ("3 cm + 9 cm = (12) cm", "3+9=(12)"),
        ("3 米 = 2 米", "3=2"),
    ] {
        assert_eq!(plain(equation).as_deref(), Some(expected));
    }
    for none in
        ["3 米 = (300 厘米)", "1 km = (1000)", "x + 3 = 8", "一共 3 + 9 = 12", "3 + 9 = 12", ""]
    {
        assert_eq!(plain(none), None, "{none}");
    }
}
