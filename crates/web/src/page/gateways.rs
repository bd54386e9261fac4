//! A school's gateways, for who keeps them.

use askama::Template;

use super::Layout;
use super::school::SchoolNav;
use crate::words::pens::PensWords;

/// The gateways of a school.
#[derive(Template)]
#[template(path = "gateways.html")]
pub(crate) struct GatewaysPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static PensWords,
    pub(crate) nav: SchoolNav,
    pub(crate) gateways: Vec<GatewayItem>,
    /// Lines to be typed on the server.
    pub(crate) enrol: String,
    pub(crate) revoke: String,
}

impl GatewaysPage {
    /// Whether a gateway sends that nobody enrolled.
    pub(crate) fn has_strangers(&self) -> bool {
        self.gateways.iter().any(|gateway| gateway.classroom.is_none())
    }
}

/// A gateway.
pub(crate) struct GatewayItem {
    pub(crate) id: String,
    /// `None`: nobody enrolled it.
    pub(crate) classroom: Option<String>,
    /// When it was revoked.
    pub(crate) revoked: Option<String>,
    /// That its certificate has ended, or soon will.
    pub(crate) certificate: Option<String>,
    /// The class of its state: `online`, `offline` or `never`.
    pub(crate) class: &'static str,
    pub(crate) state: String,
    pub(crate) waiting: String,
    pub(crate) ink: String,
}

#[cfg(test)]
impl GatewaysPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        use super::school::SchoolTab;

        let w = PensWords::of(layout.locale);
        let nav = SchoolNav::of("s", SchoolTab::Gateways, layout.locale);
        let gateway = |id: &str, classroom: Option<&str>, class| GatewayItem {
            id: id.into(),
            classroom: classroom.map(Into::into),
            revoked: (class == "offline").then(|| "11 月 28 日 18:30 停用".into()),
            certificate: (class == "online").then(|| "证书 12 月 3 日 18:30 到期：请续期".into()),
            class,
            state: "在线，11 月 28 日 07:30 起".into(),
            waiting: "45 支笔里还有 3 块".into(),
            ink: "11 月 28 日 20:04".into(),
        };
        Self {
            layout,
            w,
            nav,
            gateways: vec![
                gateway("room-12", Some("三年级（1）班教室"), "online"),
                gateway("room-13", Some("三年级（2）班教室"), "offline"),
                gateway("box-7", None, "never"),
            ],
            enrol: "zhibi gateway zhibi.db enrol room-14 三年级（3）班教室 --out room-14".into(),
            revoke: "zhibi gateway zhibi.db revoke room-14".into(),
        }
    }
}
