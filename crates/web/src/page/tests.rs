use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use askama::Template;

use super::account::{LinkPage, LoginPage, PasswordPage, SetupPage};
use super::assignment::{AssignmentPage, AssignmentPart, Matrix};
use super::classes::{ClassPage, ClassesPage};
use super::codes::{CodesPage, LoginCodePage, RecoveryPage};
use super::decide::{DecidePage, DecidePart};
use super::drawings::{DrawingPage, DrawingsPage};
use super::gateways::GatewaysPage;
use super::keys::KeyPage;
use super::message::MessagePage;
use super::nobodys::NobodysPage;
use super::paper::{PaperPage, PaperPart};
use super::parents::{ParentGate, ParentPage, ParentsPage, SlipsPage};
use super::pens::PensPage;
use super::people::{PeoplePage, RollPage, SlipPage};
use super::pupil::{PupilPage, PupilPart};
use super::question::{QuestionPage, QuestionPart};
use super::roster::RosterPage;
use super::school::SchoolPage;
use super::sheets::{SheetPage, SheetTextPage, SheetsPage};
use super::*;

/// Numbers and names as a class has them: long ones, rare characters, two alike.
pub(crate) fn names() -> impl Iterator<Item = (u32, String)> {
    const NAMES: [&str; 15] = [
        "陈一诺",
        "王梓涵",
        "李沐宸",
        "张雨桐",
        "刘子睿",
        "杨思琪",
        "阿卜杜拉·买买提",
        "欧阳思源",
        "黄芊羽",
        "周煜㬢",
        "吴语嫣",
        "徐睿泽",
        "孙若曦",
        "王梓涵",
        "迪丽热巴·迪力木拉提江",
    ];
    (1..=45).map(|n| (n, NAMES[n as usize % NAMES.len()].to_owned()))
}

fn layout(locale: Locale) -> Layout {
    let w = locale.words();
    Layout {
        locale,
        w,
        title: "三年级口算练习(八)".into(),
        staff: Some("王丽华".into()),
        school: None,
        crumbs: vec![
            Crumb::new(w.classes, "/"),
            Crumb::new("三年级(1)班", "/c/c-3-1"),
            Crumb::here("三年级口算练习(八)"),
        ],
        here: "/a/a-arithmetic".into(),
        simulated: true,
        trouble: None,
        may_decide: true,
        assets: "/assets/0123456789ab",
    }
}

/// Every template, written out from its sample.
fn gallery(locale: Locale) -> Vec<(&'static str, String)> {
    let c = || layout(locale);
    let page = |page: &dyn askama::DynTemplate| page.dyn_render().expect("a sample renders");
    vec![
        ("login", page(&LoginPage::sample(c()))),
        ("link", page(&LinkPage::sample(c()))),
        ("setup", page(&SetupPage::sample(c()))),
        ("password", page(&PasswordPage::sample(c()))),
        ("message", page(&MessagePage::sample(c()))),
        ("classes", page(&ClassesPage::sample(c()))),
        ("class", page(&ClassPage::sample(c()))),
        ("sheets", page(&SheetsPage::sample(c()))),
        ("sheet_text", page(&SheetTextPage::sample(c()))),
        ("sheet", page(&SheetPage::sample(c()))),
        ("nobodys", page(&NobodysPage::sample(c()))),
        ("pens", page(&PensPage::sample(c()))),
        ("gateways", page(&GatewaysPage::sample(c()))),
        ("login_code", page(&LoginCodePage::sample(c()))),
        ("codes", page(&CodesPage::sample(c()))),
        ("codes_on", page(&CodesPage::on_sample(c()))),
        ("recovery", page(&RecoveryPage::sample(c()))),
        ("people", page(&PeoplePage::sample(c()))),
        ("roster", page(&RosterPage::sample(c()))),
        ("slip", page(&SlipPage::sample(c()))),
        ("roll", page(&RollPage::sample(c()))),
        ("school", page(&SchoolPage::sample(c()))),
        ("drawings", page(&DrawingsPage::sample(c()))),
        ("drawing", page(&DrawingPage::sample(c()))),
        ("assignment", page(&AssignmentPage::sample(c()))),
        ("assignment_wide", page(&AssignmentPage::wide_sample(c()))),
        ("assignment_part", page(&AssignmentPart::sample(c()))),
        ("paper", page(&PaperPage::sample(c()))),
        ("paper_part", page(&PaperPart::sample(c()))),
        ("parents", page(&ParentsPage::sample(c()))),
        ("slips", page(&SlipsPage::sample(c()))),
        ("parent_gate", page(&ParentGate::sample(c()))),
        ("parent", page(&ParentPage::sample(c()))),
        ("decide", page(&DecidePage::sample(c()))),
        ("decide_part", page(&DecidePart::sample(c()))),
        ("question", page(&QuestionPage::sample(c()))),
        ("question_part", page(&QuestionPart::sample(c()))),
        ("key", page(&KeyPage::sample(c()))),
        ("pupil", page(&PupilPage::sample(c()))),
        ("pupil_part", page(&PupilPart::sample(c()))),
    ]
}

#[test]
fn every_template_renders() {
    for locale in [Locale::Zh, Locale::En] {
        for (name, html) in gallery(locale) {
            assert!(html.len() > 200, "{name} is empty");
            let whole = !name.ends_with("_part");
            assert_eq!(html.starts_with("<!doctype html>"), whole, "{name}");
            // What the content policy would block.
            for inline in ["<style", " style=", " onclick=", "javascript:", "<script>"] {
                assert!(!html.contains(inline), "{name} holds {inline}");
            }
        }
    }
}

/// A live page whose part is missing could only show what happened by loading itself again.
#[test]
fn every_live_page_has_the_part_that_changes() {
    let mut live = 0;
    for (name, html) in gallery(Locale::Zh) {
        if html.contains(" data-live=\"") {
            live += 1;
            assert!(html.contains("<div id=\"part\""), "{name} is live and has no part");
        }
    }
    assert_eq!(live, 8);
}

/// The HTML of every page in Chinese, and of the one with most words in English.
///
/// Failure: HTML that differs from what was looked at last, a page without its snapshot, a snapshot
/// without its page. Not failure: the words of the other pages in English.
#[test]
fn pages_are_as_they_were_looked_at() {
    let mut pages: Vec<(String, String)> = gallery(Locale::Zh)
        .into_iter()
        // The same template with more columns.
        .filter(|(name, _)| *name != "assignment_wide")
        .map(|(name, html)| (name.to_owned(), html))
        .collect();
    let english = gallery(Locale::En).into_iter().filter(|(name, _)| *name == "decide");
    pages.extend(english.map(|(name, html)| (format!("{name}-en"), html)));
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, html) in &pages {
            insta::assert_snapshot!(name.as_str(), html);
        }
    });
    let names: BTreeSet<String> = pages.into_iter().map(|(name, _)| name).collect();
    assert_eq!(file_stems("src/page/snapshots", "snap"), names);
}

/// A page that nobody renders here would be one that no test looks at.
#[test]
fn every_template_of_a_page_is_in_the_gallery() {
    let names: BTreeSet<&str> = gallery(Locale::Zh).into_iter().map(|(name, _)| name).collect();
    let templates = file_stems("templates", "html");
    // What another template takes in is no page.
    let sources: Vec<String> = (templates.iter())
        .map(|name| std::fs::read_to_string(in_crate(&format!("templates/{name}.html"))).unwrap())
        .collect();
    let taken_in = |name: &str| {
        let file = format!("\"{name}.html\"");
        sources.iter().any(|source| source.contains(&file))
    };
    let missing: Vec<&String> = (templates.iter())
        .filter(|name| !names.contains(name.as_str()) && !taken_in(name))
        .collect();
    assert_eq!(missing, Vec::<&String>::new());
}

fn in_crate(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The names of the files in a folder of this crate that end in `extension`, without it.
fn file_stems(folder: &str, extension: &str) -> BTreeSet<String> {
    let files = std::fs::read_dir(in_crate(folder)).unwrap().map(|file| file.unwrap().path());
    files
        .filter(|file| file.extension().is_some_and(|found| found == extension))
        .filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned()))
        .collect()
}

#[test]
fn ids_stand_once_on_a_page() {
    for (name, html) in gallery(Locale::Zh) {
        let mut ids: Vec<&str> =
            html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name} has an id twice");
    }
}

#[test]
fn text_of_others_is_escaped() {
    let mut layout = layout(Locale::Zh);
    layout.title = "<script>alert(1)</script>".into();
    layout.crumbs.push(Crumb::here("<b>\"&'"));
    let html = MessagePage::sample(layout).render().unwrap();
    assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
}

#[test]
fn says_what_it_costs() {
    let w = Locale::Zh.words();
    let costs = |decide, score| Todo { decide, score }.costs(w);
    assert_eq!(costs(12, 0), ["待确认 12 题，约 1 分钟"]);
    assert_eq!(costs(30, 90), ["待确认 30 题，约 3 分钟", "待给分 90 题，约 23 分钟"]);
    assert_eq!(costs(1, 0), ["待确认 1 题，约 1 分钟"]);
    assert!(costs(0, 0).is_empty());
    let grouped = Todo { decide: 54, score: 1 }.costs_in(20, w);
    let expected =
        ["待确认 54 题，合成 20 组，约 2 分钟（每组按 5 秒估计）", "待给分 1 题，约 1 分钟"];
    assert_eq!(grouped, expected);
}

#[test]
fn who_rests_does_not_write() {
    let paper = |stale, handed_in| PaperState {
        pupil: "p-1".into(),
        page: 1,
        marked: true,
        stale,
        ink_ms: 1_000_000,
        settled: handed_in,
        handed_in,
        handed_in_ms: None,
    };
    let (fresh, marked, given) = (paper(true, false), paper(false, false), paper(false, true));
    let now_ms = 1_005_000;
    assert_eq!(State::of(&[], now_ms), State::Missing);
    assert_eq!(State::of(&[&fresh, &marked], now_ms), State::Writing);
    assert_eq!(State::of(&[&marked, &given], now_ms), State::Begun);
    assert_eq!(State::of(&[&given], now_ms), State::Settled, "nobody said so");
    let said = PaperState { handed_in_ms: Some(1), ..given.clone() };
    assert_eq!(State::of(&[&given, &said], now_ms), State::HandedIn);
    // Where the machine cannot mark it, ink stays newer than the marking for ever.
    assert_eq!(State::of(&[&fresh], now_ms + 600_000), State::Begun);
}

/// More columns than a sheet holds were once squeezed until their signs could not be told apart.
#[test]
fn a_wide_matrix_is_printed_in_several_tables() {
    assert!(Matrix::sample().print_groups().is_empty(), "twenty columns need no second table");
    let matrix = Matrix::wide_sample();
    assert_eq!(matrix.print_groups(), [0..34, 34..68, 68..100]);
    let html = AssignmentPart { layout: layout(Locale::Zh), matrix }.render().unwrap();
    assert_eq!(html.matches("on-paper").count(), 3);
    assert_eq!(html.matches(" on-screen").count(), 1, "the one table is for screens");
}
