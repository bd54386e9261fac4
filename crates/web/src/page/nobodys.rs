//! Ink that is nobody's.

use askama::Template;

use super::Layout;

/// The ink of a class that nobody can be named for.
#[derive(Template)]
#[template(path = "nobodys.html")]
pub(crate) struct NobodysPage {
    pub(crate) layout: Layout,
    pub(crate) class: String,
    /// Why what was just sent is not stored.
    pub(crate) said: Option<String>,
    /// What was given lately, latest first.
    pub(crate) given: Vec<GivenItem>,
    pub(crate) items: Vec<NobodysItem>,
    /// Whether there are more than are shown.
    pub(crate) more: bool,
}

impl NobodysPage {
    /// What the key for undoing takes back: the latest that the teacher gave themselves.
    pub(crate) fn is_last(&self, item: &GivenItem) -> bool {
        self.given.iter().find(|other| other.own).is_some_and(|last| std::ptr::eq(last, item))
    }
}

/// Ink that was given to somebody, and can be taken back.
pub(crate) struct GivenItem {
    /// Names it in a form.
    pub(crate) key: String,
    /// When it was given, Unix milliseconds: names what is taken back.
    pub(crate) of: i64,
    /// Who gave it to whom, and when.
    pub(crate) said: String,
    pub(crate) place: String,
    pub(crate) pen: String,
    /// Whether the teacher gave it themselves.
    pub(crate) own: bool,
}

/// Ink of one start of a pen on one page face.
#[derive(Clone)]
pub(crate) struct NobodysItem {
    /// Names it in a form.
    pub(crate) key: String,
    pub(crate) pen: String,
    pub(crate) place: String,
    /// The name on the copy.
    pub(crate) owner: Option<String>,
    pub(crate) received: String,
    pub(crate) why: &'static str,
    /// A drawing as SVG.
    pub(crate) picture: String,
    /// Whether a person's word can help.
    pub(crate) givable: bool,
    /// Whether it may be the teacher's red ink. On a sheet whose copies share their addresses
    /// nothing would tell whose paper it marks.
    pub(crate) red: bool,
    /// A warning that giving it changes work that is handed in.
    pub(crate) settled: Option<&'static str>,
    /// Pupils who held the pen.
    pub(crate) holders: Vec<PupilItem>,
    /// The class's pupils.
    pub(crate) pupils: Vec<PupilItem>,
}

/// A pupil to choose.
#[derive(Clone)]
pub(crate) struct PupilItem {
    pub(crate) id: String,
    pub(crate) number: u32,
    pub(crate) name: String,
    /// Whether the ink would change work of theirs that is handed in.
    pub(crate) handed_in: bool,
}

#[cfg(test)]
impl NobodysPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let pupils: Vec<PupilItem> = super::tests::names()
            .map(|(number, name)| PupilItem {
                id: format!("p-{number:03}"),
                number,
                name,
                handed_in: number % 2 == 1,
            })
            .collect();
        let first = NobodysItem {
            key: "216172897819885569 1 170 1 7".into(),
            pen: "0000000000aa".into(),
            place: "《三年级口算练习(八)》第 1 页".into(),
            owner: Some("迪丽热巴·迪力木拉提江".into()),
            received: "11月23日 20:04".into(),
            why: layout.w.why_no_time,
            picture: r#"<svg class="nobodys-ink" viewBox="0 0 400 200" role="img" aria-label="笔迹"><g class="fresh"><path class="w2" d="M50 150l80 40 200 -170"/></g></svg>"#.into(),
            givable: true,
            red: true,
            settled: Some(layout.w.nobodys_settled_some),
            holders: pupils.iter().take(2).cloned().collect(),
            pupils,
        };
        let second = NobodysItem {
            place: "页码地址 3.27.5.777".into(),
            owner: None,
            why: layout.w.why_not_printed,
            givable: false,
            ..first.clone()
        };
        let given = |own, name: &str| GivenItem {
            key: "216172897819885569 2 170 1 7".into(),
            of: 1_763_890_800_000,
            said: format!("11月23日 20:10，王丽华给了{name}"),
            place: "《三年级口算练习(八)》第 1 页".into(),
            pen: "0000000000aa".into(),
            own,
        };
        Self {
            layout,
            class: "c-3-1".into(),
            said: Some("没有存下：这处笔迹已经有主了。".into()),
            given: vec![given(false, "欧阳思源"), given(true, "陈一诺"), given(true, "红笔")],
            items: vec![first, second],
            more: true,
        }
    }
}
