use calamine::{Data, Reader, Xlsx};

use super::*;

/// What a spreadsheet would calculate, or turn into something else.
const HOSTILE: [&str; 8] =
    ["=1+1", "+5", "-5", "@SUM(A1)", "\tx", "\rx", "＝1+1", "=HYPERLINK(\"http://x\",\"y\")"];

fn table() -> Table {
    let mut rows: Vec<Vec<Cell>> = HOSTILE
        .iter()
        .map(|text| vec![Cell::text(*text), Cell::Number(-5.0), Cell::Moment(1_763_915_400_000)])
        .collect();
    rows.push(vec![Cell::text("阿卜杜拉·买买提𠮷"), Cell::Points(75), Cell::Empty]);
    let columns = vec![
        Column::of("第 1 题", "作答", 12),
        Column::of("第 1 题", "得分", 8),
        Column::new("时间", 18),
    ];
    Table { columns, rows, frozen: 1 }
}

#[test]
fn an_xlsx_reads_back_with_its_types_and_without_formulas() {
    let mut book = Book::new("成绩");
    let first = book.add("a/b:[c]").unwrap();
    let second = book.add("A b").unwrap();
    book.fill(second, &table()).unwrap();
    book.fill(first, &table()).unwrap();
    let bytes = book.finish().unwrap();
    let mut read: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    assert_eq!(read.sheet_names(), ["abc", "A b"]);
    let formulas = read.worksheet_formula("abc").unwrap();
    assert!(formulas.used_cells().all(|(.., formula)| formula.is_empty()), "{formulas:?}");
    let range = read.worksheet_range("abc").unwrap();
    let at = |row, column| range.get_value((row, column)).cloned().unwrap_or_default();
    assert_eq!((at(0, 0), at(1, 1)), (Data::String("第 1 题".into()), Data::String("得分".into())));
    for (row, text) in (2..).zip(HOSTILE) {
        // XML knows one kind of line end.
        let text = text.replace('\r', "\n");
        assert_eq!(at(row, 0).to_string().replace('\r', "\n"), text);
        assert_eq!(at(row, 1), Data::Float(-5.0));
    }
    assert_eq!(at(10, 0), Data::String("阿卜杜拉·买买提𠮷".into()));
    assert_eq!(at(10, 1), Data::Float(7.5));
    let Data::DateTime(time) = at(2, 2) else { panic!("{:?}", at(2, 2)) };
    assert_eq!(time.to_ymd_hms_milli(), (2025, 11, 24, 0, 30, 0, 0), "Shanghai's time");
}

#[test]
fn sheets_have_names_of_their_own_that_excel_takes() {
    let mut book = Book::new("x");
    let long = "三年级上册第一单元综合练习与自我评价测试卷（二）第三部分";
    for name in [long, long, "", "'quoted'"] {
        let sheet = book.add(name).unwrap();
        book.fill(sheet, &table()).unwrap();
    }
    let read: Xlsx<_> = Xlsx::new(std::io::Cursor::new(book.finish().unwrap())).unwrap();
    let names = read.sheet_names();
    assert!(names.iter().all(|name| name.chars().count() <= 31), "{names:?}");
    assert_eq!((names[2].as_str(), names[3].as_str()), ("-", "quoted"));
    assert_ne!(names[0], names[1]);
}

#[test]
fn a_csv_is_what_excel_opens_right() {
    let bytes = csv(&table()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let body = text.strip_prefix('\u{feff}').expect("a byte order mark");
    assert!(body.starts_with("第 1 题 作答,第 1 题 得分,时间\r\n"), "{body}");
    assert!(body.contains(",-5,2025-11-24 00:30\r\n"), "negative numbers stay numbers: {body}");
    let mut reader = ::csv::Reader::from_reader(body.as_bytes());
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    for (row, text) in rows.iter().zip(HOSTILE) {
        let read = &row[0];
        assert!(!read.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']), "{read:?}");
        assert_eq!(read.trim_start_matches('\u{200b}'), text, "it looks the same");
    }
    assert_eq!(&rows[8][0], "阿卜杜拉·买买提𠮷");
    for text in ["007", "3/4", "1-2", "1e5", "12:30", "2026年3月"] {
        let one = Table { rows: vec![vec![Cell::text(text), Cell::Empty, Cell::Empty]], ..table() };
        let text = format!("\r\n\u{200b}{text},,");
        let written = String::from_utf8(csv(&one).unwrap()).unwrap();
        assert!(written.contains(&text), "{written}");
    }
}

#[test]
fn a_number_is_one_where_it_says_the_same_as_its_text() {
    for (text, number) in [("83", 83.0), ("-5", -5.0), ("3.5", 3.5), ("0", 0.0)] {
        assert_eq!(Cell::number_or_text(text), Cell::Number(number));
    }
    for text in ["3.50", "007", "+5", "1e5", "inf", "NaN", "", "B", "12345678901234567"] {
        assert_eq!(Cell::number_or_text(text), Cell::text(text));
    }
}

#[test]
fn a_provisional_total_is_a_number_that_says_so() {
    let columns = vec![Column::new("姓名", 12), Column::new("得分", 12).of_totals(Language::Zh)];
    let rows = [Cell::Points(200), Cell::Provisional(75), Cell::Empty]
        .map(|total| vec![Cell::text("陈"), total]);
    let mut table = Table { columns, rows: rows.to_vec(), frozen: 1 };
    let written = String::from_utf8(csv(&table).unwrap()).unwrap();
    let lines: Vec<&str> = written.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines, ["姓名,得分,得分 状态", "陈,20,已定", "陈,7.5,暂定", "陈,,"]);
    let range = |table: &Table| {
        let mut book = Book::new("成绩");
        let sheet = book.add("a").unwrap();
        book.fill(sheet, table).unwrap();
        let bytes = book.finish().unwrap();
        let mut read: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        read.worksheet_range("a").unwrap()
    };
    let read = range(&table);
    assert_eq!(read.get_value((2, 1)), Some(&Data::Float(7.5)), "sums still work");
    let note = read.get_value((5, 0)).unwrap().to_string();
    assert!(note.starts_with("“暂定”"), "{note}");
    table.columns[1].totals = Some(Language::En);
    assert_eq!(range(&table).get_value((2, 1)), Some(&Data::Float(7.5)), "and no date");
    table.rows.remove(1);
    assert_eq!(range(&table).get_size(), (3, 2), "no note without need");
}
