//! Working that is shown step by step.

use worksheet::Framework;
use worksheet::text::Draft;

use crate::routes::paper::slips;
use crate::words::Locale;

#[test]
fn the_step_that_slipped_is_named_beside_its_question() {
    let text =
        "标题：递等式\n年级：四\n科目：数学\n一、算。（每题 6 分）\n25 × 4 + 36\n  算式：3 行\n";
    let sheet = Draft::build(text, &Framework::own(), |_| None).expect("a sheet");
    let of = sheet.parts().next().expect("a part");
    let told = |reading: &str| slips(of, Some(reading), Locale::Zh.words());
    assert_eq!(told("=100+36=136"), [""; 0]);
    assert_eq!(told("=100+36=146"), ["第 2 步有错：100+36 = 146，应得 136"]);
    assert_eq!(told("=100+46=146"), ["第 1 步有错：25×4+36 = 100+46，应得 136"]);
    assert!(slips(of, None, Locale::En.words()).is_empty());
}
