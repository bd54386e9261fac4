use super::*;
use crate::page::school::SchoolTab;
use crate::words::fill;

impl SheetsPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = SheetsWords::of(layout.locale);
        let item = |id: &str, title: &str, given: Option<&str>| SheetItem {
            id: id.into(),
            version: 2,
            versions: 2,
            title: title.into(),
            grade: fill(w.grade_n, &[("n", &3)]),
            subject: w.subject("math"),
            put: "11 月 23 日 18:30 王丽华".into(),
            given: given.map(Into::into),
        };
        let items = vec![
            item("fractions", "分数的初步认识（一）", Some("11 月 24 日 16:00")),
            item("mental-g3-s7", "三年级数学口算练习", None),
        ];
        let nav = Some(SchoolNav::of("s", SchoolTab::Worksheets, layout.locale));
        Self { layout, w, school: "s".into(), name: "示例小学".into(), nav, items, seed: 7 }
    }
}

impl SheetTextPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = SheetsWords::of(layout.locale);
        let fault = |line, what: &str| FaultItem {
            line,
            column: 8,
            place: fill(w.text_place, &[("line", &line), ("column", &8)]),
            what: what.into(),
        };
        Self {
            layout,
            w,
            school: "s".into(),
            text: "标题：练习\n</textarea><b>".into(),
            from: Some(("fractions".into(), 2)),
            said: Some(w.text_none),
            faults: vec![fault(3, "这个空没有答案")],
            doubts: vec![fault(4, "算一算，7 = 8 不成立")],
            preview: Some(Preview {
                sound: w.text_sound.into(),
                pages: vec!["data:image/svg+xml,%3Csvg/%3E".into()],
            }),
        }
    }
}

impl SheetPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = SheetsWords::of(layout.locale);
        let class = |id: &str, name: &str| ClassChoice { id: id.into(), name: name.into() };
        let classes = vec![class("c-1", "三年级（1）班"), class("c-2", "三年级（2）班")];
        let mark = |anchor: Option<&str>, x, key: &str| PartMark {
            anchor: anchor.map(Into::into),
            x,
            y: 6_000,
            width: 2_000,
            height: 1_100,
            size: 400,
            key: key.into(),
            points: "2".into(),
            title: "一(1)：83".into(),
            wrong: anchor.is_none(),
        };
        let run = RunItem {
            id: "fractions-v2-c-1".into(),
            what: fill(w.run_named, &[("class", &"三年级（1）班"), ("n", &45)]),
            at: Some("11 月 23 日 18:30 印".into()),
            given: vec![RunGivenItem {
                assignment: "a-1".into(), said: "三年级（1）班".into()
            }],
            classes: classes.clone(),
            due: "2026-12-01T20:00".into(),
        };
        Self {
            w,
            school: "s".into(),
            id: "fractions".into(),
            version: 2,
            keyed: 4,
            title: "分数的初步认识（一）".into(),
            facts: "数学 · 3 年级".into(),
            newer: Some(3),
            good: Some(fill(w.one_saved, &[("n", &2)])),
            later: Some((fill(w.print_later, &[("n", &1)]), "/school/s/run/r?from=45".into())),
            said: Some(w.print_wrong.into()),
            findings: vec![FindingItem { what: "1-1 太小".into(), question: Some("1-1".into()) }],
            pages: vec![PagePicture {
                number: 1,
                href: "/school/s/sheet/fractions/2/page/1".into(),
                width: 21_000,
                height: 29_700,
                marks: vec![mark(Some("1-1"), 5_000, "83"), mark(None, 8_000, "")],
            }],
            shows_keys: true,
            has_text: true,
            drawing: Some("0a1b2c3d".into()),
            versions: vec![VersionItem {
                version: 2,
                put: "11 月 23 日".into(),
                printed: w.one_unprinted.into(),
                corrected: vec!["11月30日 17:20，王丽华：第 7 题“63”改成“63 | 56”".into()],
            }],
            changes: Some(Changes {
                since: 1,
                warning: Some(fill(w.one_moved_printed, &[("n", &1)])),
                items: vec!["1-1 的作答框移动了".into()],
                more: 3,
            }),
            print: PrintForm {
                classes,
                class: "c-2".into(),
                kind: "nameless",
                copies: "30".into(),
                seen: 1,
            },
            runs: vec![run],
            layout,
        }
    }
}
