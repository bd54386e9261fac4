//! Ink that is nobody's.

use askama::Template;

use super::Chrome;

/// The ink of a class that nobody can be named for.
#[derive(Template)]
#[template(path = "nobodys.html")]
pub(crate) struct NobodysPage {
    pub(crate) chrome: Chrome,
    pub(crate) class: String,
    /// What the teacher said last.
    pub(crate) last: Option<Given>,
    pub(crate) items: Vec<NobodysItem>,
    /// Whether there are more than are shown.
    pub(crate) more: bool,
    /// The class's pupils: id, number and name.
    pub(crate) pupils: Vec<(String, u32, String)>,
}

/// Ink that was given to somebody, and can be taken back.
pub(crate) struct Given {
    /// Names it in a form.
    pub(crate) key: String,
    /// Who has it now.
    pub(crate) name: String,
    pub(crate) pen: String,
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
    /// Pupils who held the pen: id and name.
    pub(crate) holders: Vec<(String, String)>,
}

#[cfg(test)]
impl NobodysPage {
    pub(crate) fn sample(chrome: Chrome) -> Self {
        let pupils = super::tests::names().map(|(n, name)| (format!("p-{n:03}"), n, name));
        let first = NobodysItem {
            key: "216172897819885569 1 170 1 7".into(),
            pen: "0000000000aa".into(),
            place: "《三年级口算练习(八)》第 1 页".into(),
            owner: Some("迪丽热巴·迪力木拉提江".into()),
            received: "11月23日 20:04".into(),
            why: chrome.w.why_no_time,
            picture: r#"<svg class="nobodys-ink" viewBox="0 0 400 200" role="img" aria-label="笔迹"><g class="fresh"><path class="w2" d="M50 150l80 40 200 -170"/></g></svg>"#.into(),
            givable: true,
            holders: vec![("p-001".into(), "陈一诺".into()), ("p-014".into(), "王梓涵".into())],
        };
        let second = NobodysItem {
            place: "页码地址 3.27.5.777".into(),
            owner: None,
            why: chrome.w.why_not_printed,
            givable: false,
            ..first.clone()
        };
        let class = "c-3-1".into();
        let last = Some(Given {
            key: "216172897819885569 2 170 1 7".into(),
            name: "陈一诺".into(),
            pen: "0000000000aa".into(),
        });
        let items = vec![first, second];
        Self { chrome, class, last, items, more: true, pupils: pupils.collect() }
    }
}
