//! Codes of a phone beside the password: to turn on and off, and to sign in with.

use askama::Template;

use super::Layout;
use crate::words::account::AccountWords;

/// Where somebody stands with codes.
pub(crate) enum CodesState {
    /// Nothing is begun.
    Off,
    /// A phone is to scan the secret and to show a code.
    Begun {
        /// A QR code as SVG; `None` where the login is too long for one.
        picture: Option<String>,
        /// The secret as it is typed.
        key: String,
    },
    /// Logins need a code.
    On {
        /// Recovery codes that are left.
        left: u32,
    },
}

/// Fewer recovery codes than this are few.
const FEW: u32 = 4;

/// The page on which codes are turned on and off.
#[derive(Template)]
#[template(path = "codes.html")]
pub(crate) struct CodesPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static AccountWords,
    pub(crate) state: CodesState,
    pub(crate) login: String,
    /// Whether there is a password to be typed too.
    pub(crate) has_password: bool,
    /// Whether nothing else opens until codes are on.
    pub(crate) must: bool,
    pub(crate) error: Option<String>,
}

impl CodesPage {
    pub(crate) fn is_few(&self, left: &u32) -> bool {
        *left < FEW
    }
}

/// The recovery codes, shown once.
#[derive(Template)]
#[template(path = "recovery.html")]
pub(crate) struct RecoveryPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static AccountWords,
    pub(crate) login: String,
    pub(crate) codes: Vec<String>,
}

/// The second page of a login.
#[derive(Template)]
#[template(path = "login_code.html")]
pub(crate) struct LoginCodePage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static AccountWords,
    pub(crate) error: Option<String>,
    /// Where to go afterwards: a path of this site.
    pub(crate) next: String,
}

#[cfg(test)]
impl CodesPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = AccountWords::of(layout.locale);
        let key = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ".to_owned();
        let picture = crate::qr::svg("otpauth://totp/x", w.scan_label);
        let state = CodesState::Begun { picture, key };
        let error = Some(w.code_wrong.into());
        Self { layout, w, state, login: "wang".into(), has_password: true, must: true, error }
    }

    pub(crate) fn on_sample(layout: Layout) -> Self {
        let page = Self::sample(layout);
        Self { state: CodesState::On { left: 3 }, must: false, error: None, ..page }
    }
}

#[cfg(test)]
impl RecoveryPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = AccountWords::of(layout.locale);
        let codes = (0..10).map(|n| format!("{n}a2b3-c4d5e")).collect();
        Self { layout, w, login: "wang".into(), codes }
    }
}

#[cfg(test)]
impl LoginCodePage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = AccountWords::of(layout.locale);
        Self { layout, w, error: Some(w.code_wrong.into()), next: "/c/c-3-1".into() }
    }
}
