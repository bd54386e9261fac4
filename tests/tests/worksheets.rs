//! A worksheet from text, with the real binary: built, written on by simulated pupils, marked.
//!
//! Failure: a built sheet differs from what is committed; of the responses that the machine reads,
//! fewer than nine in ten are decided, or fewer than 97 in 100 of those decided are what the pupil
//! meant; a kind of answer is never decided; a fault of a text or a folder without its place and exit
//! code. Not failure: a single wrong reading. Deterministic.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Output;

use pen_sim::{AssignmentPlan, Class, Pupil, Setup, simulate, write_capture};
use serde_json::Value;
use worksheet::{Copies, Kind, PrintRun, Registration, Worksheet};
use zhibi_tests::Zhibi;

const PUPILS: u32 = 6;

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample-strokes/texts/review-g3")
}

fn zhibi(args: &[&str], code: i32) -> Output {
    let output = Zhibi::run(args);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {output:?}");
    output
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of the tests")
}

fn build(folder: &Path) -> PathBuf {
    let sheet = folder.join("sheet");
    let source = sample().join("worksheet.txt");
    zhibi(&["worksheet", "build", text(&source), "--out", text(&sheet)], 0);
    sheet
}

/// An evening of a class with this one sheet.
fn setup(worksheet: Worksheet) -> Setup {
    let run = PrintRun {
        id: "run".into(),
        worksheet: worksheet.id.clone(),
        section: 3,
        owner: 0x5A42,
        book: 9,
        first_page: 1,
        pages: worksheet.pages.len() as u32,
        copies: Copies::PerCopy(PUPILS),
        registration: Registration {
            version: 1,
            dx_um: 420,
            dy_um: -280,
            rotation_urad: 900,
            scale_ppm: 250,
        },
    };
    Setup {
        class: Class {
            id: "class".into(),
            pupils: (1..=PUPILS).map(|n| Pupil { id: format!("p-{n}"), number: n }).collect(),
            teacher: "t-1".into(),
        },
        assignments: vec![AssignmentPlan { id: "a".into(), worksheet, run }],
        evening_start_ms: 1_795_431_600_000,
        handwriting: None,
        seed: 11,
        run: 0,
        marked_by_teacher: 0.0,
        known: None,
    }
}

#[test]
fn a_built_sheet_is_written_on_and_marked() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sheet = build(folder.path());
    for file in ["worksheet.txt", "worksheet.toml", "page-1.svg", "parts.svg"] {
        let read = |dir: &Path| std::fs::read(dir.join(file)).expect("a file of the folder");
        assert!(read(&sheet) == read(&sample()), "{file} is not what is committed");
    }
    let worksheet = Worksheet::load(&sheet).expect("the built sheet");
    let setup = setup(worksheet.clone());
    let evening = simulate(&setup);
    let (capture, manifest) = write_capture(&setup, &evening);
    let ink = folder.path().join("evening.zcap");
    std::fs::write(&ink, capture).expect("a writable folder");
    std::fs::write(folder.path().join("manifest.json"), manifest).expect("a writable folder");
    let output = Zhibi::run(&["mark", "--worksheet", text(&sheet), "--ink", text(&ink), "--json"]);
    let marked: BTreeMap<(u64, String), Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("an object a line"))
        .filter_map(|object| {
            let part = object["part"].as_str()?.to_owned();
            Some(((object["copy"].as_u64()?, part), object))
        })
        .collect();
    let (mut read, mut decided, mut agreed) = (0, 0, 0);
    let mut kinds = BTreeSet::new();
    for expected in &evening.truth.responses {
        let kind = &worksheet.part(&expected.part).expect("a part").part.kind;
        let name = match kind {
            Kind::Number(_) => "number",
            Kind::Letter(_) => "letter",
            Kind::TrueFalse => "true or false",
            Kind::Comparison => "comparison",
            Kind::Choice => "choice",
            Kind::Choices => "choices",
            // A person judges these.
            Kind::Digits | Kind::Expression | Kind::Character | Kind::Free => continue,
            // Some of the points are neither right nor wrong.
            Kind::Steps | Kind::Column | Kind::Pairs => continue,
        };
        let copy = expected.pupil.trim_start_matches("p-").parse::<u64>().expect("a number") - 1;
        // A page without ink has no responses.
        let Some(response) = marked.get(&(copy, expected.part.clone())) else { continue };
        read += 1;
        let Some(verdict) = response["machine"]["verdict"].as_str() else { continue };
        decided += 1;
        kinds.insert(name);
        let meant = serde_json::to_value(expected.verdict).expect("a verdict");
        agreed += usize::from(meant == verdict);
    }
    println!("{read} to be read, {decided} decided, {agreed} as meant");
    assert!(read > 200 && decided * 10 >= read * 9 && agreed * 100 >= decided * 97);
    let all = ["choice", "choices", "comparison", "letter", "number", "true or false"];
    assert_eq!(kinds, all.into(), "of each kind some are decided");
}

#[test]
fn faults_are_told_with_their_places() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wrong = folder.path().join("wrong.txt");
    let lines = "标题：练习\n年级：三\n科目：数学\n\n一、算。（每题 2 分，共 5 分）\n\
                 36 + 47 = [ ]\n7 × 8 = [56]  #没有的知识点\n";
    std::fs::write(&wrong, lines).expect("a writable folder");
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let built = zhibi(&["worksheet", "build", text(&wrong)], 1);
    let checked = zhibi(&["worksheet", "check", text(&wrong)], 3);
    for told in [told(&built.stderr), told(&checked.stdout)] {
        for place in ["wrong.txt:5:13: ", "wrong.txt:6:11: ", "wrong.txt:7:15: "] {
            assert!(told.contains(place), "{place}: {told}");
        }
    }
    let entries = std::fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(entries, 1, "nothing is written");
}

#[test]
fn a_moved_field_is_caught_against_what_was_printed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sheet = build(folder.path());
    let printed = sample();
    let args = ["worksheet", "check", text(&sheet), "--against", text(&printed)];
    zhibi(&args, 0);
    let source = std::fs::read_to_string(sheet.join("worksheet.txt")).expect("the text");
    let changed = source.replace("82 − 45 = [37]", "82 − 46 = [36]");
    std::fs::write(sheet.join("worksheet.txt"), &changed).expect("a writable folder");
    let stale = zhibi(&["worksheet", "check", text(&sheet)], 3);
    assert!(String::from_utf8_lossy(&stale.stdout).contains("build it again"), "{stale:?}");
    let source = sheet.join("worksheet.txt");
    zhibi(&["worksheet", "build", text(&source)], 0);
    let found = zhibi(&args, 3);
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    assert!(found.contains("question 1-2: 1-2 has another key"), "{found}");
    let raised = changed.replace("编号：", "版本：2\n编号：");
    std::fs::write(&source, raised).expect("a writable folder");
    zhibi(&["worksheet", "build", text(&source)], 0);
    zhibi(&args, 0);
}

#[test]
fn mental_arithmetic_is_made_up_by_seed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sheet = folder.path().join("sheet");
    let new = |more: &[&str]| {
        let args = ["worksheet", "new", "口算", "--grade", "3", "--seed", "7"];
        let args = [args.as_slice(), more].concat();
        zhibi(&args, 0).stdout
    };
    let lines = new(&[]);
    assert_eq!(lines, new(&[]));
    new(&["--out", text(&sheet)]);
    assert_eq!(std::fs::read(sheet.join("worksheet.txt")).expect("the text"), lines);
    assert_eq!(Worksheet::load(&sheet).expect("a sheet").questions.len(), 40);
    zhibi(&["worksheet", "check", text(&sheet)], 0);
    zhibi(&["worksheet", "new", "口算", "--grade", "7"], 2);
}
