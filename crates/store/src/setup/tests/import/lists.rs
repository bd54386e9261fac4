//! A school's own lists.

use school::{ClassId, Grant, Period, Role, StaffId};

use super::*;
use crate::{RosterChange, StaffRow};

const LIST: &str = "姓名,班级,学号\n王小明,三1班,1\n李雷,三1班,2\n李雷,三2班,1\n";

fn teachers(rows: &str) -> Roster {
    list(&format!("工号,姓名,登录名,任教班级,学科,是否班主任\n{rows}"))
}

#[tokio::test]
async fn the_same_list_twice_changes_nothing() {
    let empty = Empty::new().await;
    let first = empty.import(list(LIST), 10).await.unwrap();
    assert_eq!(counts(&first, ChangeOf::Pupil), [(Becomes::New, 3)].into());
    assert_eq!(counts(&first, ChangeOf::Class), [(Becomes::New, 2)].into());
    for day in [10, 40] {
        let again = empty.import(list(LIST), day).await.unwrap();
        assert!(again.is_nothing(), "{again:?}");
        assert_eq!(counts(&again, ChangeOf::School), [(Becomes::Unchanged, 1)].into());
    }
    let turned = "姓名,班级,学号\n李雷,三2班,1\n李雷,三1班,2\n王小明,三1班,1\n";
    assert!(empty.import(list(turned), 10).await.unwrap().is_nothing());
}

/// Failure: the number in class counts as an identity, and one child gets another's papers.
#[tokio::test]
async fn a_number_in_class_hands_nobody_anothers_papers() {
    let empty = Empty::new().await;
    empty.import(list(LIST), 10).await.unwrap();
    let before = empty.all().await;
    let other = "姓名,班级,学号\n王小明,三1班,1\n赵云,三1班,2\n李雷,三2班,1\n";
    let refused = empty.import(list(other), 20).await.unwrap_err().to_string();
    assert!(
        refused.contains("a.csv, line 3, column 姓名: the store has another name"),
        "{refused}"
    );
    assert!(!refused.contains("李雷") && !refused.contains("赵云"), "{refused}");
    assert_eq!(empty.all().await, before);
    let left =
        "姓名,班级,学号,状态\n王小明,三1班,1,\n赵云,三1班,2,\n李雷,三1班,2,离校\n李雷,三2班,1,\n";
    let changes = empty.import(list(left), 20).await.unwrap();
    let expected = [(Becomes::New, 1), (Becomes::Ended, 1), (Becomes::Unchanged, 2)];
    assert_eq!(counts(&changes, ChangeOf::Pupil), expected.into());
    let again = empty.import(list(left), 20).await.unwrap();
    assert!(again.is_nothing(), "{again:?}");
    assert!(empty.import(list(left), 25).await.unwrap().is_nothing());
}

#[tokio::test]
async fn who_has_an_identity_is_the_same_in_another_class_under_another_name() {
    let empty = Empty::new().await;
    let first = "姓名,班级,学籍号,学号\n王小明,三1班,G1,1\n李雷,三1班,G2,2\n";
    empty.import(list(first), 10).await.unwrap();
    let next = "姓名,班级,学籍号,学号\n王晓明,三2班,g1,4\n李雷,三1班,G2,1\n";
    let changes = empty.import(list(next), 20).await.unwrap();
    let expected = [(Becomes::Changed, 1), (Becomes::Moved, 1)];
    assert_eq!(counts(&changes, ChangeOf::Pupil), expected.into());
    let before: Vec<_> = changes.list.iter().filter_map(|c| c.before.as_deref()).collect();
    assert_eq!(before, ["王小明"], "the dry run says who was called otherwise");
    let all = empty.all().await;
    assert!(all.contains(&"G1 王晓明 三年级（1）班 1 864000000 1728000000".to_owned()), "{all:#?}");
    assert!(all.contains(&"G1 王晓明 三年级（2）班 4 1728000000 -1".to_owned()), "{all:#?}");
}

/// Somebody known by class, number and name gets an identity, and no second self.
#[tokio::test]
async fn an_identity_that_comes_later_is_of_the_same_pupil() {
    let empty = Empty::new().await;
    empty.import(list(LIST), 10).await.unwrap();
    let with = "姓名,班级,学号,学籍号\n王小明,三1班,1,G1\n李雷,三1班,2,G2\n李雷,三2班,1,G3\n";
    let changes = empty.import(list(with), 20).await.unwrap();
    assert_eq!(counts(&changes, ChangeOf::Pupil), [(Becomes::Unchanged, 3)].into());
    let moved = "姓名,班级,学号,学籍号\n王小明,三2班,9,G1\n";
    let changes = empty.import(list(moved), 30).await.unwrap();
    assert_eq!(changes.count(ChangeOf::Pupil, Becomes::Moved), 1);
}

#[tokio::test]
async fn a_class_is_the_same_one_in_its_next_year() {
    let empty = Empty::new().await;
    empty.import(list(LIST), 10).await.unwrap();
    let text = LIST.replace("三1班", "四1班").replace("三2班", "四2班");
    let next = Told { from: school::roster::date("2027-08-25").unwrap(), ..told() };
    let roster = read([("a.csv".to_owned(), text.into_bytes())].into(), &next).unwrap();
    let changes = empty.import(roster, 400).await.unwrap();
    assert_eq!(counts(&changes, ChangeOf::Class), [(Becomes::Changed, 2)].into());
    assert_eq!(counts(&changes, ChangeOf::Pupil), [(Becomes::Unchanged, 3)].into());
    assert!(empty.all().await.contains(&format!("四年级（1）班 4 {SCHOOL}")));
}

#[tokio::test]
async fn teachers_come_after_their_classes() {
    let empty = Empty::new().await;
    let rows = "1,沈静秋,shen,三1班、三2班,数学,三1班\n2,顾明德,gu,三1班,语文,\n";
    let early = empty.import(teachers(rows), 10).await.unwrap_err().to_string();
    assert!(early.contains("column 任教班级: neither the list nor the store"), "{early}");
    empty.import(list(LIST), 10).await.unwrap();
    let changes = empty.import(teachers(rows), 10).await.unwrap();
    assert_eq!(counts(&changes, ChangeOf::Staff), [(Becomes::New, 2)].into());
    assert_eq!(counts(&changes, ChangeOf::Role), [(Becomes::New, 4)].into());
    let role = |change: &RosterChange| {
        let role = change.role.as_ref()?;
        Some(format!("{} {} {}", change.name, role.zh, role.en))
    };
    let roles: Vec<String> = changes.list.iter().filter_map(role).collect();
    let expected = [
        "沈静秋 班主任 class teacher",
        "沈静秋 数学任课老师 teacher of math",
        "顾明德 语文任课老师 teacher of chinese",
        "沈静秋 数学任课老师 teacher of math",
    ];
    assert_eq!(roles, expected);
    assert_eq!(counts(&changes, ChangeOf::Pupil), BTreeMap::new());
    assert!(empty.import(teachers(rows), 11).await.unwrap().is_nothing());
    assert!(empty.import(list(LIST), 11).await.unwrap().is_nothing());
    let gone = rows.replace("2,顾明德,gu,三1班,语文,\n", "");
    let changes = empty.import(teachers(&gone), 12).await.unwrap();
    assert_eq!(changes.count(ChangeOf::Staff, Becomes::Missing), 1);
    assert_eq!(changes.count(ChangeOf::Role, Becomes::Ended), 1);
    // Whom a list names is to classes what it says, and no more.
    let fewer = gone.replace("三1班、三2班", "三1班");
    let changes = empty.import(teachers(&fewer), 13).await.unwrap();
    assert_eq!(changes.count(ChangeOf::Role, Becomes::Ended), 1);
    assert!(empty.import(teachers(&fewer), 13).await.unwrap().is_nothing());
}

/// Failure: what a person gave to somebody whom no roster knows ends because a roster is taken in.
#[tokio::test]
async fn roles_given_by_hand_stay() {
    let empty = Empty::new().await;
    empty.import(list(LIST), 10).await.unwrap();
    let ids: Vec<(String, String)> = query("SELECT id, school FROM class ORDER BY name_zh")
        .fetch_all(empty.store.readers())
        .await
        .unwrap();
    let (class, school) = ids[0].clone();
    let (id, login, name, locale) = ("t-x", "xu", "徐", "zh");
    let row = StaffRow {
        id: id.into(),
        school,
        login: login.into(),
        name: name.into(),
        locale: locale.into(),
    };
    empty.store.insert_staff(row).await.unwrap();
    let class = ClassId::new(class).unwrap();
    let role = Role::ClassTeacher { class };
    let grant = Grant { staff: StaffId::new(id).unwrap(), role, period: Period::from(0) };
    empty.store.insert_grants(vec![grant]).await.unwrap();
    let changes = empty.import(teachers("1,沈静秋,shen,三1班,数学,三1班\n"), 10).await.unwrap();
    assert_eq!(counts(&changes, ChangeOf::Role), [(Becomes::New, 2)].into());
}

/// Failure: a corrected name needs two imports, or makes a second pupil.
#[tokio::test]
async fn a_corrected_name_takes_one_import() {
    for (columns, numbers) in
        [("姓名,班级,学号,曾用名", ""), ("姓名,班级,学号,曾用名,学籍号", ",G1")]
    {
        let empty = Empty::new().await;
        empty.import(list(LIST), 10).await.unwrap();
        let without = format!("{columns}\n王晓明,三1班,1,{numbers}\n");
        let refused = empty.import(list(&without), 20).await.unwrap_err().to_string();
        assert!(refused.contains("曾用名"), "{refused}");
        let with = format!("{columns}\n王晓明,三1班,1,王小明{numbers}\n");
        let changes = empty.import(list(&with), 20).await.unwrap();
        assert_eq!(changes.count(ChangeOf::Pupil, Becomes::Changed), 1);
        let renamed = changes.list.iter().find(|c| c.becomes == Becomes::Changed).unwrap();
        assert_eq!((&*renamed.name, renamed.before.as_deref()), ("王晓明", Some("王小明")));
        assert!(empty.import(list(&with), 20).await.unwrap().is_nothing());
    }
}

/// What a list made is what an export of another system means, and the other way round.
#[tokio::test]
async fn an_export_names_whom_a_list_made() {
    let empty = Empty::new().await;
    empty.import(list("姓名,班级,学号\n王小明,三1班,1\n王雷,三2班,5\n"), 10).await.unwrap();
    empty.import(teachers("1,李明,shen,三1班,,三1班\n"), 10).await.unwrap();
    let pupils = [("u1", "小明", "1", "1"), ("u3", "雷", "5", "2")];
    let roster = oneroster(&export(&pupils, &TEACHERS[..1]));
    let changes = empty.import(roster.clone(), 20).await.unwrap();
    assert!(changes.count(ChangeOf::Class, Becomes::New) == 0, "{changes:?}");
    for of in [ChangeOf::School, ChangeOf::Pupil, ChangeOf::Staff] {
        assert_eq!(changes.count(of, Becomes::New), 0, "{of:?} {changes:?}");
    }
    let moved = [("u1", "小明", "9", "2")];
    let changes = empty.import(delta(export(&moved, &[])), 30).await.unwrap();
    assert_eq!(changes.count(ChangeOf::Pupil, Becomes::Moved), 1);
}
