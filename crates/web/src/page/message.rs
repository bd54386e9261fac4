//! A page that says one thing.

use askama::Template;

use super::Chrome;

/// An error, or anything else that is one sentence and a way on.
#[derive(Template)]
#[template(path = "message.html")]
pub(crate) struct MessagePage {
    pub(crate) chrome: Chrome,
    pub(crate) heading: String,
    pub(crate) help: String,
    pub(crate) action: String,
    pub(crate) href: String,
}

#[cfg(test)]
impl MessagePage {
    pub(crate) fn sample(chrome: Chrome) -> Self {
        let w = chrome.w;
        Self {
            chrome,
            heading: w.error_404.into(),
            help: w.error_404_help.into(),
            action: w.home.into(),
            href: "/".into(),
        }
    }
}
