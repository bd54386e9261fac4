//! Login, one-time link, password.

use askama::Template;
use serde::Deserialize;

use super::Layout;

/// The login form.
#[derive(Template)]
#[template(path = "login.html")]
pub(crate) struct LoginPage {
    pub(crate) layout: Layout,
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
    pub(crate) layout: Layout,
    /// Whose link it is.
    pub(crate) name: String,
    pub(crate) login: String,
    pub(crate) token: String,
    pub(crate) error: Option<String>,
}

/// What the page of the first start asks for.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SetupEntry {
    /// The school's name.
    pub(crate) school: String,
    /// The administrator's name.
    pub(crate) name: String,
    pub(crate) login: String,
    pub(crate) password: String,
}

/// The first start.
#[derive(Template)]
#[template(path = "setup.html")]
pub(crate) struct SetupPage {
    pub(crate) layout: Layout,
    pub(crate) token: String,
    /// What was typed last time.
    pub(crate) entry: SetupEntry,
    pub(crate) error: Option<&'static str>,
}

/// The change of a password.
#[derive(Template)]
#[template(path = "password.html")]
pub(crate) struct PasswordPage {
    pub(crate) layout: Layout,
    pub(crate) login: String,
    /// Whether there is a password to be typed first.
    pub(crate) has_password: bool,
    pub(crate) error: Option<String>,
    pub(crate) saved: bool,
    /// Whether logins need a code of their phone too.
    pub(crate) codes: String,
}

#[cfg(test)]
impl LoginPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let error = Some(layout.w.log_in_wrong.to_owned());
        Self { layout, error, login: "wang".into(), next: "/".into() }
    }
}

#[cfg(test)]
impl LinkPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let token = "0123456789abcdef".repeat(4);
        Self { layout, name: "王丽华".into(), login: "wang".into(), token, error: None }
    }
}

#[cfg(test)]
impl SetupPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let (school, name) = ("实验小学".into(), "周敏".into());
        let entry = SetupEntry { school, name, ..SetupEntry::default() };
        let error = Some(layout.w.setup_login);
        Self { layout, token: "0123456789abcdef".repeat(4), entry, error }
    }
}

#[cfg(test)]
impl PasswordPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let error = Some(layout.w.password_common.to_owned());
        let codes = "两步验证：未开启".into();
        Self { layout, login: "wang".into(), has_password: true, error, saved: false, codes }
    }
}
