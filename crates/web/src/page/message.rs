//! A page that says one thing.

use askama::Template;

use super::Layout;

/// An error, or anything else that is one sentence and a way on.
#[derive(Template)]
#[template(path = "message.html")]
pub(crate) struct MessagePage {
    pub(crate) layout: Layout,
    pub(crate) heading: String,
    pub(crate) help: String,
    pub(crate) action: String,
    pub(crate) href: String,
}

#[cfg(test)]
impl MessagePage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = layout.w;
        Self {
            layout,
            heading: w.error_404.into(),
            help: w.error_404_help.into(),
            action: w.home.into(),
            href: "/".into(),
        }
    }
}
