use std::path::Path;

use learning::Agreement;

use super::log::Log;
use super::{held_out, with_items_of};

fn fault(text: &str) -> String {
    let error = Log::parse(text.as_bytes()).err().map(|error| format!("{error:#}"));
    error.unwrap_or_else(|| "read".to_owned())
}

#[test]
fn columns_come_in_any_order_with_others_between() {
    let text = "\u{feff}correct,item,\"class\",skills,student,seq\r\n\
                0.5,q1,\"3, east\",a;b,s1,2\r\n1,q2,,\"a\",s1,1\r\n";
    let log = Log::parse(text.as_bytes()).unwrap();
    let history = &log.pupils["s1"];
    assert_eq!(history[0].item, "q2"); // in the order of seq
    assert_eq!((history[1].credit.share(), history[1].skills.len()), (0.5, 2));
}

#[test]
fn faults_name_line_and_column() {
    let head = "student,seq,skills,item,correct\n";
    let with = |row: &str| fault(&format!("{head}s,1,a,q,1\n{row}\n"));
    assert!(with("s,2,a,q,1.5").contains("line 3, column correct: 1.5 is not between 0 and 1"));
    assert!(with("s,x,a,q,1").contains("line 3, column seq: \"x\" is no number"));
    assert!(with("s,2,a,,1").contains("line 3, column item: empty"));
    assert!(with("s,2,a,q,NaN").contains("line 3, column correct"));
    assert!(with("s,2,a").contains("line: 3"), "{}", with("s,2,a"));
    assert!(fault("student,seq,skills,item\n").contains("no column \"correct\""));
}

/// Items fitted on the other pupils tell far more of a pupil whom nobody has seen than items of
/// which nothing is known, which reached .762 on this log.
#[test]
fn items_of_other_pupils_tell_of_pupils_never_seen() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/learning/spanish_37stu.csv");
    if !path.exists() {
        println!("spanish_37stu.csv is not beside this repository: not evaluated");
        return;
    }
    let log = Log::read(&path).unwrap();
    let told = Agreement::of(&held_out(&log)).unwrap();
    println!("{told:?}");
    assert!(told.auc.unwrap() >= 0.835 && told.ece <= 0.017, "{told:?}");
    assert_eq!(told, Agreement::of(&held_out(&log)).unwrap());
    // A log that trains itself has seen its pupils, and so knows at least as much.
    let seen = Agreement::of(&with_items_of(&log, &log)).unwrap();
    assert!(seen.auc > told.auc, "{seen:?} {told:?}");
}
