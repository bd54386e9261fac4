//! The gateways of a school, for who keeps it.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use store::GatewayLine;

use crate::dates;
use crate::failure::Failure;
use crate::page::gateways::{GatewayItem, GatewaysPage};
use crate::page::school::{SchoolNav, SchoolTab};
use crate::page::{Crumb, html};
use crate::routes::school::kept;
use crate::session::Teacher;
use crate::state::Web;
use crate::words::pens::PensWords;
use crate::words::{Locale, fill};

/// From when before its end a gateway's certificate is to be renewed: 60 days.
const RENEW_MS: i64 = 60 * 24 * 3_600_000;

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
) -> Result<Response, Failure> {
    let school = kept(&web, &teacher, &school).await?;
    let locale = teacher.visitor.locale;
    let w = PensWords::of(locale);
    let now_ms = web.wall_ms();
    let lines = web.store.gateways_kept(&school).await?;
    let name = locale.pick(&school.name_zh, &school.name_en).to_owned();
    let crumbs = vec![
        Crumb::new(locale.words().classes, "/"),
        Crumb::new(name, format!("/school/{}", school.id)),
        Crumb::here(w.gateways),
    ];
    let page = GatewaysPage {
        layout: teacher.visitor.layout(w.gateways, crumbs),
        w,
        nav: SchoolNav::of(&school.id, SchoolTab::Gateways, locale),
        gateways: lines.iter().map(|line| item(line, now_ms, w, locale)).collect(),
        enrol: "zhibi gateway zhibi.db enrol room-12 三年级（1）班教室 --out room-12".into(),
        revoke: "zhibi gateway zhibi.db revoke room-12".into(),
    };
    Ok(html(&page)?.into_response())
}

fn item(line: &GatewayLine, now_ms: i64, w: &PensWords, locale: Locale) -> GatewayItem {
    let date = |ms: Option<i64>| ms.map(|ms| dates::minute(ms, locale)).unwrap_or_default();
    let (class, text) = match line.online {
        Some(true) => ("online", w.online_since),
        Some(false) => ("offline", w.offline_since),
        None => ("never", w.never_online),
    };
    let waiting = match (line.pens, line.backlog) {
        (0, _) => w.pens_no,
        (_, 0) => w.pens_empty,
        _ => w.pens_keep,
    };
    GatewayItem {
        id: line.id.clone(),
        classroom: line.classroom.clone(),
        revoked: line.revoked_ms.map(|ms| fill(w.revoked, &[("date", &date(Some(ms)))])),
        certificate: (line.certificate_until_ms)
            .filter(|until_ms| until_ms - now_ms < RENEW_MS)
            .map(|until_ms| fill(w.certificate_ends, &[("date", &date(Some(until_ms)))])),
        class,
        state: fill(text, &[("date", &date(line.since_ms))]),
        waiting: fill(waiting, &[("pens", &line.pens), ("n", &line.backlog)]),
        ink: if line.ink_ms.is_some() { date(line.ink_ms) } else { w.no_ink.to_owned() },
    }
}
