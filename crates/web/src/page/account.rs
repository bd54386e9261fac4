//! Login, one-time link, password.

use askama::Template;

use super::Chrome;

/// The login form.
#[derive(Template)]
#[template(path = "login.html")]
pub(crate) struct LoginPage {
    pub(crate) chrome: Chrome,
    pub(crate) error: Option<String>,
    /// What was typed last time.
    pub(crate) login: String,
    /// Where to go afterwards: a path of this site.
    pub(crate) next: String,
}

/// A one-time link, before it is used.
#[derive(Template)]
#[template(path = "link.html")]
pub(crate) struct LinkPage {
    pub(crate) chrome: Chrome,
    /// Whose link it is.
    pub(crate) name: String,
    pub(crate) login: String,
    pub(crate) token: String,
    pub(crate) error: Option<String>,
}

/// The change of a password.
#[derive(Template)]
#[template(path = "password.html")]
pub(crate) struct PasswordPage {
    pub(crate) chrome: Chrome,
    pub(crate) login: String,
    /// Whether there is a password to be typed first.
    pub(crate) has_password: bool,
    pub(crate) error: Option<String>,
    pub(crate) saved: bool,
}

#[cfg(test)]
impl LoginPage {
    pub(crate) fn sample(chrome: Chrome) -> Self {
        let error = Some(chrome.w.log_in_wrong.to_owned());
        Self { chrome, error, login: "wang".into(), next: "/".into() }
    }
}

#[cfg(test)]
impl LinkPage {
    pub(crate) fn sample(chrome: Chrome) -> Self {
        let token = "0123456789abcdef".repeat(4);
        Self { chrome, name: "王丽华".into(), login: "wang".into(), token, error: None }
    }
}

#[cfg(test)]
impl PasswordPage {
    pub(crate) fn sample(chrome: Chrome) -> Self {
        let error = Some(chrome.w.password_common.to_owned());
        Self { chrome, login: "wang".into(), has_password: true, error, saved: false }
    }
}
