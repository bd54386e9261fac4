use store::Verdict;

use super::*;
use crate::Language;
use crate::evening::{Evening, SETTLED_MS, fonts};

const ALWAYS: (i64, i64) = (0, i64::MAX);

async fn notebook(evening: &Evening, period_ms: (i64, i64)) -> Notebook {
    let Evening { store, scope, .. } = evening;
    let book = Notebook::of_class(store, scope, "c-1", period_ms, Language::Zh).await;
    book.unwrap().unwrap()
}

#[tokio::test]
async fn a_notebook_has_what_was_wrong_and_settled_with_the_right_answer() {
    let evening = Evening::new(Verdict::Wrong, true).await;
    let book = notebook(&evening, ALWAYS).await;
    assert_eq!((book.entries(), book.left_out()), (2, 0));
    assert_eq!(notebook(&evening, (SETTLED_MS, i64::MAX)).await.entries(), 0, "given before");
    let Evening { store, scope, .. } = &evening;
    let own = Notebook::of_pupil(store, scope, "p-2", ALWAYS, Language::Zh).await.unwrap().unwrap();
    assert_eq!(own.entries(), 1);
    assert_eq!(own.file_name(), "三（1）班 2 号 错题本.pdf", "no name");
    let nobody = school::Scope::nothing(0);
    let refused = Notebook::of_pupil(store, &nobody, "p-2", ALWAYS, Language::Zh).await.unwrap();
    assert!(refused.is_none());
    let Some(fonts) = fonts() else { return };
    let told = book.pdf(&fonts).unwrap();
    assert_eq!(told.pages, 2, "a page for each of two, none for who has nothing wrong");
    let Some(text) = evening.text(&told.bytes) else { return };
    for said in ["错题本", "三（1）班1号陈一诺", "读作：-5", "正确答案：7", "加法", "再做一次"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    let text = evening.text(&own.pdf(&fonts).unwrap().bytes).unwrap();
    assert!(text.contains("阿卜杜拉") && !text.contains("陈一诺"), "{text}");
}

#[tokio::test]
async fn what_may_still_change_is_in_no_notebook() {
    let evening = Evening::new(Verdict::Wrong, false).await;
    assert_eq!(notebook(&evening, ALWAYS).await.entries(), 0);
    let evening = Evening::new(Verdict::Right, true).await;
    let book = notebook(&evening, ALWAYS).await;
    assert_eq!(book.entries(), 0);
    let Some(fonts) = fonts() else { return };
    let told = book.pdf(&fonts).unwrap();
    assert_eq!(told.pages, 1);
    let Some(text) = evening.text(&told.bytes) else { return };
    assert!(text.contains("没有错题"), "{text}");
}

#[tokio::test]
async fn what_many_missed_is_told_with_counts_and_no_names() {
    let evening = Evening::new(Verdict::Wrong, true).await;
    let Evening { store, scope, .. } = &evening;
    let book = ClassNotebook::load(store, scope, "c-1", ALWAYS, Language::Zh).await;
    let book = book.unwrap().unwrap();
    assert_eq!(book.entries(), 2, "q1 was wrong, and q2 left blank, by both");
    let other = ClassNotebook::load(store, scope, "c-2", ALWAYS, Language::Zh).await.unwrap();
    assert!(other.is_none(), "it is another's class");
    let Some(fonts) = fonts() else { return };
    let Some(text) = evening.text(&book.pdf(&fonts).unwrap().bytes) else { return };
    for said in ["2人：错2", "-5（2人）", "2人：错0，空2", "正确答案：9"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    for name in ["陈一诺", "阿卜杜拉"] {
        assert!(!text.contains(name), "{text}");
    }
}
