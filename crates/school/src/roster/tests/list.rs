//! Lists as CSV.

use proptest::prelude::*;

use super::*;

const LIST: &str = "示例小学学生名单,,,,\n\
                    打印日期：2026年9月1日,,,,\n\
                    姓名,性别,学号,班级,年级\n\
                    王小明,男,1,2班,三年级\n\
                    \u{20b9f}\u{4dae}·阿卜杜拉,女,2,三（2）班,3\n\
                    \u{3000}李 雷 ,男,１2,２,三\n";

fn is_list(roster: &Roster) {
    let class = Some("三年级（2）班");
    let expected = [
        (None, class, Some(1), "王小明"),
        (None, class, Some(2), "\u{20b9f}\u{4dae}·阿卜杜拉"),
        (None, class, Some(12), "李 雷"),
    ];
    assert_eq!(pupils(roster), expected);
    assert_eq!((roster.classes.len(), roster.whole), (1, true));
    assert_eq!(roster.classes[0].key.value, "2024/2");
    assert_eq!(roster.classes[0].name_en, "Grade 3, class 2");
    assert_eq!(roster.schools[0].name, "示例小学");
}

#[test]
fn a_list_reads_the_same_in_every_encoding() {
    let (gb18030, _, lost) = encoding_rs::GB18030.encode(LIST);
    assert!(!lost);
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(LIST.replace(',', "\t").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [
        LIST.as_bytes().to_vec(),
        format!("\u{feff}{LIST}").into_bytes(),
        gb18030.into_owned(),
        utf16,
        LIST.replace('\n', "\r\n").into_bytes(),
        LIST.replace(',', ";").into_bytes(),
    ] {
        is_list(&file("名单.csv", bytes).unwrap());
    }
}

#[test]
fn columns_that_are_not_asked_for_are_kept_nowhere() {
    let text = "身份证号,姓名,班级,学号,家长电话\n310101201701011234,王小明,三1班,1,13800000000\n";
    let roster = file("a.csv", text).unwrap();
    let all = format!("{roster:?}{:?}", pupils(&roster));
    assert!(!all.contains("310101") && !all.contains("1380000"), "{all}");
    assert!(!format!("{roster:?}").contains("王小明"), "a name reaches a log");
}

#[test]
fn a_number_that_is_the_schools_tells_pupils_apart() {
    let check = |text: &str, expected: &[(Option<&str>, Option<u32>)]| {
        let roster = file("a.csv", text).unwrap();
        let keys: Vec<_> = pupils(&roster).into_iter().map(|(key, _, n, _)| (key, n)).collect();
        assert_eq!(keys, expected, "{text}");
    };
    check(
        "姓名,班级,学号\n王,三1班,20240301\n李,三1班,0302\n",
        &[(Some("20240301"), Some(20_240_301)), (None, Some(302))],
    );
    check("姓名,班级,学号,座号\n王,三1班,A-17,5\n", &[(Some("A-17"), Some(5))]);
    check(
        "姓名,班级,学籍号,学号\n王,三1班,g310101201701011234,7\n",
        &[(Some("G310101201701011234"), Some(7))],
    );
    check(
        "姓名,班级,学籍号\n王,三1班,G310101201701011234\n",
        &[(Some("G310101201701011234"), None)],
    );
}

/// Excel ends lines in CR LF, and old programs in CR.
#[test]
fn no_line_is_lost_whatever_lines_end_in() {
    let text = "班级,学号,姓名\n三1班,1,甲\n三1班,2,乙\n\n三1班,3,丙\n三1班,x9,丁丁\n";
    for (ending, title) in [("\n", ""), ("\r\n", ""), ("\r", ""), ("\r\n", "名单\n")] {
        let right = text.replace("三1班,x9,丁丁\n", "");
        let roster = file("a.csv", format!("{title}{right}").replace('\n', ending)).unwrap();
        let names: Vec<_> = roster.pupils.iter().filter_map(|pupil| pupil.name.clone()).collect();
        assert_eq!(names, ["甲", "乙", "丙"], "{ending:?} {title:?}");
        // A fault stands where an editor shows it.
        let wrong = text.replace("三1班,x9,丁丁", "三1班,4,");
        let problems = file("a.csv", format!("{title}{wrong}").replace('\n', ending)).unwrap_err();
        let line = 6 + title.len().min(1);
        assert!(problems[0].contains(&format!("line {line},")), "{ending:?}: {problems:?}");
    }
}

#[test]
fn grades_and_classes_are_read_as_schools_write_them() {
    let check = |header: &str, cells: &str, expected: Option<&str>| {
        let text = format!("姓名,学号,{header}\n王,1,{cells}\n");
        let read = file("a.csv", text);
        let class = read.as_ref().ok().and_then(|roster| pupils(roster)[0].1.map(str::to_owned));
        assert_eq!(class.as_deref(), expected, "{cells}: {read:?}");
    };
    for text in [
        "三（2）班",
        "三(2)班",
        "三年级2班",
        "三年级（2）班",
        "3.2班",
        "2024级2班",
        "三年级二班",
        "３－２",
    ] {
        check("班级", text, Some("三年级（2）班"));
    }
    check("班级", "初一（3）班", Some("七年级（3）班"));
    check("班级", "六年级实验班", Some("六年级（实验）班"));
    check("班级", "2班", None);
    check("班级", "十三（2）班", None);
    for cells in ["三,2", "三年级,02", "3,二班", "2024级,2班", "三,302", "小三,三（2）班"]
    {
        check("年级,班级", cells, Some("三年级（2）班"));
    }
    check("年级,班级", "四,三（2）班", None);
    check("年级,班级", "幼儿园,2班", None);
    check("年级,班级", "九,12班", Some("九年级（12）班"));
}

#[test]
fn every_problem_of_a_list_has_its_place() {
    let check = |text: &str, expected: &[&str]| {
        let problems = file("a.csv", text).unwrap_err();
        assert_eq!(problems.len(), expected.len(), "{problems:#?}");
        for (problem, expected) in problems.iter().zip(expected) {
            assert!(problem.starts_with(expected), "{problem}, not {expected}");
        }
    };
    // All of them in one run.
    check(
        "标题\n姓名,班级,学号,状态\n,三1班,1,\n王,1班,2,\n李,三1班,x1,\n赵,三1班,,\n钱,三1班,5,走了\n孙,三1班,6,\n周,三1班,6,\n",
        &[
            "a.csv, line 3, column 姓名: it is empty",
            "a.csv, line 4, column 班级: it says no grade",
            // A text is a number of the school's: it stands for itself.
            "a.csv, line 6, column 学号: it is empty",
            "a.csv, line 7, column 状态: it is none of",
            "a.csv, line 9, column 学号: another pupil of the class has it, on line 8",
        ],
    );
    check("姓名,学号\n王,1\n", &["a.csv, line 1, column 班级: there is no such column"]);
    check("姓名,班级\n王,三1班\n", &["a.csv, line 1, column 学号: there is no such column"]);
    check("姓名,班级,学号,学号\n王,三1班,1,2\n", &["a.csv, line 1, column 学号: two columns"]);
    check("a,b\n1,2\n", &["a.csv: no line has the headers of a list"]);
    check("", &["a.csv: no line has the headers of a list"]);
    // Failure: the pupil gets the lowest number that is free.
    check(
        "姓名,班级,学籍号,学号,座号\n王,三1班,G1,-3,\n李,三1班,G2,abc,\n赵,三1班,G3,1.5,\n\
         钱,三1班,G4,0,\n孙,三1班,G5,7,-1\n周,三1班,G6,,x\n吴,三1班,G7,8,\n",
        &[
            "a.csv, line 2, column 学号: it is neither a number in class",
            "a.csv, line 3, column 学号: it is neither",
            "a.csv, line 4, column 学号: it is neither",
            "a.csv, line 5, column 学号: it is neither",
            "a.csv, line 6, column 座号: it is no whole number",
            "a.csv, line 7, column 座号: it is no whole number",
        ],
    );
    check(
        "姓名,班级,学籍号,学号\n王,三1班,G1,1\n李,三1班,g1,2\n赵,三1班,G3,2\n",
        &[
            "a.csv, line 3, column 学籍号: another pupil has it, on line 2",
            "a.csv, line 4, column 学号: another pupil of the class has it, on line 3",
        ],
    );
    check(
        "姓名,班级,座号\n王,三1班,1\n李,三1班,1\n",
        &["a.csv, line 3, column 座号: another pupil of the class has it, on line 2"],
    );
    check(
        "姓名,班级,学号\n王,三1班,20240301\n李,三2班,20240301\n",
        &["a.csv, line 3, column 学号: another pupil has it, on line 2"],
    );
    let long = format!("姓名,班级,学号\n{},三1班,1\n", "王".repeat(VALUE_CHARS_MAX + 1));
    check(&long, &["a.csv, line 2, column 姓名: it has more than 128 characters"]);
    check(
        "姓名,班级,学号\n\"王\n明\",三1班,1\n",
        &["a.csv, line 2, column 姓名: it has a line break"],
    );
    // A mark that is never closed takes in what follows: a single cell, which is passed over.
    check(
        "姓名,班级,学号\n王,三1班,1\n\"李,三1班,2\n赵,三1班,3\n",
        &["a.csv, line 3: a quotation mark is opened here and never closed"],
    );
    check(
        "姓名,班级,学号\n\"王\"\"明\",三1班,1\n李\"雷,三1班,\"2\n",
        &["a.csv, line 3: a quotation mark is opened here"],
    );
    let mut damaged = "姓名,班级,学号\n王,三1班,1\n".as_bytes().to_vec();
    damaged.extend([0xff, 0xff, b'\n']);
    let problems = file("a.csv", damaged).unwrap_err();
    assert!(
        problems[0].starts_with("a.csv, line 3: its bytes are neither UTF-8 nor"),
        "{problems:?}"
    );
    let no_school = read(
        [("a.csv".to_owned(), LIST.as_bytes().to_vec())].into(),
        &Told { school: None, from: date!(2026 - 09 - 01) },
    );
    assert!(no_school.unwrap_err().to_string().contains("--school"));
}

/// Failure: a page in Chinese says in English, or not at all, what is wrong.
#[test]
fn what_is_wrong_is_said_in_chinese_too() {
    let text = "名单\n年级,班级,学号,姓名,状态\n三,1,,甲,\n大班,1,2,乙,\n三,1,3,丙,\n三,1,3,丁,\n\
                三,1,4,戊\u{200b},走了\n";
    let told = Told { school: Some("示例小学"), from: date!(2026 - 09 - 01) };
    let problems = read([("a.csv".to_owned(), text.into())].into(), &told).unwrap_err();
    let said: Vec<(u64, &str, &str)> = problems
        .iter()
        .map(|problem| (problem.at.line, problem.column.unwrap_or_default(), &*problem.what.zh))
        .collect();
    let expected = [
        (3, "学号", "这一格是空的：请给每个学生填上学号"),
        (4, "年级", "看不出是几年级：请写 三、三年级、3、初一 或 2024级"),
        (6, "学号", "与第 5 行的本班学生重复：请改其中一个"),
        (7, "姓名", "里面有一个看不见的字符（U+200B）：请重新输入"),
        (
            7,
            "状态",
            "看不懂这个状态：请写 在读、在校、在籍、在职、正常、转出、转学、离校、毕业、休学、退学、\
             离职、调出、退休 之一",
        ),
    ];
    assert_eq!(said, expected);
}

/// Failure: a name that looks like another one, or turns what is written after it.
#[test]
fn what_nobody_sees_in_a_value_is_refused() {
    for (hidden, code) in [
        ('\u{202e}', "U+202E"),
        ('\u{200b}', "U+200B"),
        ('\u{ad}', "U+00AD"),
        ('\u{2028}', "U+2028"),
        ('\u{7f}', "U+007F"),
        ('\u{fffe}', "U+FFFE"),
        ('\u{e0041}', "U+E0041"),
    ] {
        let text = format!("姓名,班级,学号\n王{hidden}明,三1班,1\n李,三1{hidden}班,2\n");
        let problems = file("a.csv", text).unwrap_err();
        for (problem, place) in problems.iter().zip(["line 2, column 姓名", "line 3, column 班级"])
        {
            let expected = format!("a.csv, {place}: it has a character in it that nobody sees");
            assert!(problem.starts_with(&expected) && problem.contains(code), "{problem}");
        }
        assert_eq!(problems.len(), 2);
    }
    // Which form of a rare character is meant.
    assert!(file("a.csv", "姓名,班级,学号\n葛\u{e0100},三1班,1\n").is_ok());
}

#[test]
fn many_problems_are_counted_and_the_first_are_told() {
    let rows: String = (0..250).map(|_| "王,1班,1\n").collect();
    let files = [("a.csv".to_owned(), format!("姓名,班级,学号\n{rows}").into_bytes())].into();
    let told = Told { school: Some("示例小学"), from: date!(2026 - 09 - 01) };
    let problems = read(files, &told).unwrap_err();
    assert_eq!((problems.count(), problems.iter().count()), (250, 100));
}

#[test]
fn titles_sums_and_headers_of_further_pages_are_passed_over() {
    let text = "三年级名单\n姓名（必填）,*班级,学号\n王,三1班,1\n,,\n姓名,班级,学号\n李,三1班,2\n合计2人,,\n";
    let roster = file("a.csv", text).unwrap();
    assert_eq!(roster.pupils.len(), 2);
    assert_eq!(passed_over(&roster), [("lines with a single cell", 1)]);
}

#[test]
fn a_list_of_august_is_the_next_years() {
    let entered = |from| {
        let told = Told { school: Some("示例小学"), from };
        let files = [("a.csv".to_owned(), "姓名,班级,学号\n王,四2班,1\n".into())].into();
        read(files, &told).unwrap().classes[0].key.value.clone()
    };
    assert_eq!(entered(date!(2026 - 07 - 31)), "2022/2");
    assert_eq!(entered(date!(2026 - 08 - 20)), "2023/2");
    assert_eq!(entered(date!(2027 - 01 - 31)), "2023/2");
}

#[test]
fn who_left_is_told_by_the_status() {
    let text = "姓名,班级,学号,状态\n王,三1班,20240301,离校\n李,三1班,7,转出\n赵,三1班,7,在读\n";
    let roster = file("a.csv", text).unwrap();
    assert_eq!(roster.pupils[0].placement, Placement::Out { class: None });
    assert!(matches!(roster.pupils[1].placement, Placement::Out { class: Some(_) }));
    assert!(matches!(roster.pupils[2].placement, Placement::In { .. }));
}

#[test]
fn teachers_have_a_form_of_their_own() {
    let text = "工号,姓名,登录名,任教班级,学科,是否班主任\n\
                007,沈静秋,shen,三（1）班、三（2）班,数学,三（1）班\n\
                008,顾明德,gu,三（2）班,语文,是\n\
                009,方校长,fang,,,否\n";
    let roster = file("教师.csv", text).unwrap();
    let of = |staff: &StaffEntry| {
        let role = |role: &RoleEntry| {
            let subject = role.subject.as_ref().map_or("", |subject| subject.as_str()).to_owned();
            (role.class.value.clone(), role.class_teacher, subject)
        };
        let login = staff.login.clone().unwrap();
        (staff.key.value.clone(), login, staff.roles.iter().map(role).collect::<Vec<_>>())
    };
    let role = |class: &str, is, subject: &str| (class.to_owned(), is, subject.to_owned());
    let all: Vec<_> = roster.staff.iter().map(of).collect();
    assert_eq!(
        all[0],
        (
            "7".into(),
            "shen".into(),
            vec![
                role("2024/1", false, "math"),
                role("2024/2", false, "math"),
                role("2024/1", true, ""),
            ]
        )
    );
    assert_eq!(all[1].2, [role("2024/2", false, "chinese"), role("2024/2", true, "")]);
    assert_eq!(all[2].2, []);
    assert!(roster.classes.iter().all(|class| class.only_known));
    let problems = file("教师.csv", "工号,姓名,登录名,任教班级,学科,班主任\n1,王,w,三1班,数学,\n2,李,Ｗ,三1班,,\n3,赵,z z,三1班,,\n4,钱,q,1班,,\n5,孙,s,,书法,\n6,周,u,三1班；三2班,,是\n").unwrap_err();
    for (problem, expected) in problems.iter().zip([
        "教师.csv, line 3, column 登录名: another teacher has it, on line 2",
        "教师.csv, line 4, column 登录名: it has a space",
        "教师.csv, line 5, column 任教班级: it says no grade",
        "教师.csv, line 6, column 学科: it is none of",
        "教师.csv, line 7, column 是否班主任: write the class here",
    ]) {
        assert!(problem.starts_with(expected), "{problem}");
    }
    assert_eq!(problems.len(), 5);
}

proptest! {
    /// A name with a letter comes out as it was written, but for spaces at its ends.
    #[test]
    fn names_stay_as_they_are(name in "[\u{4e00}-\u{9fa5}\u{20000}-\u{2a6d6}·e\u{301} a-z]{1,20}") {
        prop_assume!(name.chars().any(char::is_alphabetic));
        let roster = file("a.csv", format!("姓名,班级,学号\n{name},三1班,1\n")).unwrap();
        prop_assert_eq!(roster.pupils[0].name.as_deref(), Some(name.trim()));
    }

    /// Whatever bytes come, there is an answer.
    #[test]
    fn any_bytes_have_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = file("a.csv", bytes.clone());
        let mut zip = b"PK\x03\x04".to_vec();
        zip.extend(bytes);
        let _ = file("a.zip", zip);
    }
}

#[test]
fn classes_are_written_in_many_ways() {
    for text in ["三（6）班", "三6班", "三年6班", "三年级六班", "3年级6班", "306", "306班"]
    {
        let roster = file("a.csv", format!("姓名,班级,学号\n王,{text},1\n")).unwrap();
        assert_eq!(roster.classes[0].name_zh, "三年级（6）班", "{text}");
    }
    for text in ["6班", "36", "1306"] {
        assert!(file("a.csv", format!("姓名,班级,学号\n王,{text},1\n")).is_err(), "{text}");
    }
}
