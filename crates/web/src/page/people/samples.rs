use super::*;
use crate::page::school::SchoolTab;

impl PeoplePage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = PeopleWords::of(layout.locale);
        let person = |id: &str, name: &str, login: &str| PersonItem {
            id: id.into(),
            name: name.into(),
            login: login.into(),
            own: false,
            is_disabled: false,
            has_codes: false,
            must_codes: false,
            facts: vec![(w.has_password.into(), false), (w.never.into(), false)],
            roles: vec![RoleItem {
                text: "班主任 三（1）班".into(),
                key: "class_teacher c-1".into(),
            }],
            said: None,
        };
        let staff = vec![
            PersonItem {
                own: true,
                has_codes: true,
                said: Some((w.refused_last.into(), true)),
                ..person("t-1", "周敏", "zhou")
            },
            PersonItem {
                is_disabled: true,
                must_codes: true,
                roles: Vec::new(),
                facts: vec![(w.cannot_come.into(), true)],
                said: Some((w.done_disable.into(), false)),
                ..person("t-2", "迪丽热巴·迪力木拉提江", "dilireba")
            },
            person("t-3", "王丽华", "wang"),
        ];
        let choices = RoleChoices {
            kinds: vec![("teacher", w.role_teacher), ("head", w.role_head)],
            classes: vec![("c-1".into(), "三（1）班".into())],
            grades: vec![("3".into(), "3 年级".into())],
            subjects: vec![("", w.subject_all), ("math", w.subject_math)],
        };
        let role =
            RoleEntry { role: "teacher".into(), class: "c-1".into(), ..RoleEntry::default() };
        Self {
            nav: SchoolNav::of("s", SchoolTab::People, layout.locale),
            layout,
            w,
            school: "s".into(),
            staff,
            choices,
            entry: PersonEntry { name: "李明".into(), login: "wang".into(), role },
            error: Some(w.refused_login.into()),
            classes: vec![ClassRoll { id: "c-1".into(), name: "三（1）班".into(), pupils: 45 }],
        }
    }
}

impl SlipPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = PeopleWords::of(layout.locale);
        let link = format!("https://zhibi.school.example/link/{}", "0123456789abcdef".repeat(4));
        Self {
            layout,
            w,
            school: "s".into(),
            school_name: "实验小学".into(),
            staff: "t-1".into(),
            whose: "王丽华（账号 wang）".into(),
            once: w.slip_once.into(),
            picture: crate::qr::svg(&link, w.slip_scan),
            link,
            is_disabled: true,
        }
    }
}

impl RollPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = PeopleWords::of(layout.locale);
        let nav = SchoolNav::of("s", SchoolTab::People, layout.locale);
        let pupils = crate::page::tests::names().collect();
        Self { layout, w, nav, name: "三（1）班".into(), pupils }
    }
}
