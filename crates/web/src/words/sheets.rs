//! Worksheets of a school: their list, one of them, a text to make one from, printing and giving.

use super::Locale;

words! {
    /// The texts of the pages of worksheets.
    SheetsWords:
    title: "练习", "Worksheets";
    lead: "学校的练习：写一份，印出来，布置给班级。", "The school's worksheets: write one, print it, give it to a class.";
    none: "还没有练习。", "There is no worksheet yet.";
    none_help: "点“写一份新练习”，从例子开始改；或先用口算题试一试。", "Write one from the example, or begin with mental arithmetic.";
    new: "写一份新练习", "Write a worksheet";
    from_pdf: "用自己的 PDF", "From your own PDF";
    one_edit_drawing: "修改作答框", "Change the fields";
    column_title: "标题", "Title";
    column_grade: "年级", "Grade";
    column_subject: "科目", "Subject";
    column_versions: "版本", "Versions";
    column_put: "放入", "Put in";
    column_given: "最近布置", "Last given";
    grade_n: "{n} 年级", "Grade {n}";
    never: "没布置过", "Never";
    by: "{date} {name}", "{date}, {name}";
    unreadable: "{id}（练习文件读不出）", "{id} (its file cannot be read)";
    math: "数学", "Mathematics";
    english: "英语", "English";
    chinese: "语文", "Chinese";
    science: "科学", "Science";

    // Mental arithmetic
    mental: "口算题", "Mental arithmetic";
    mental_lead: "按年级出题；同样的编号出同样的题。", "By the rules of a grade; the same number gives the same sheet.";
    mental_grade: "年级", "Grade";
    mental_seed: "编号", "Number";
    mental_count: "题数", "How many";
    mental_make: "出题", "Make it";

    // A text
    text_title: "写练习", "Write a worksheet";
    text_lead: "一题写一行，答案写在它该写的地方；排版、作答框和答案表都由文字算出。", "A line per question, each key where it is written; layout, fields and key follow from the text.";
    text_form: "写法", "The form";
    text_form_blanks: "空：36 + 47 = [83]　选择、判断：（ B ）（ √ ）　比较：4.2 ○[>] 3.9　分数：[4/5]　田字格：[春天 chūn tiān]", "Blanks: 36 + 47 = [83]; choices and true or false: ( B ) ( √ ); comparisons: 4.2 ○[>] 3.9; fractions: [4/5]";
    text_form_lines: "行首写“一、”开始一个大题，括号里写分数和栏数；题目下面缩进的行写选项、横线：5 行、算式：3 行（递等式，逐步判）、评分：列式 2 分，计算 2 分、答案：……；#知识点 写在行末。", "A line that begins with `# ` begins a section, with points and columns in brackets; indented lines hold options, `lines: 5`, `steps: 3` (sums judged step by step), `rubric: method 2, result 2` and `answer: …`; #points stand at a line's end.";
    text_label: "练习的文字", "The worksheet's text";
    text_check: "检查并预览", "Check and preview";
    text_save: "存为新版本", "Save as a new version";
    text_faults: "有 {n} 处要改，改好才能排版", "{n} {n:thing is|things are} to be changed before it can be laid out";
    text_doubts: "有 {n} 处请再看一看，不改也可以存", "Look again at {n} {n:place|places}; it can be saved as it is";
    text_place: "第 {line} 行第 {column} 个字", "Line {line}, column {column}";
    text_sound: "没有发现问题。{questions} 题，{points} 分，{pages} 页。", "Nothing is wrong: {questions} {questions:question|questions}, {points} points in all, {pages} {pages:page|pages}.";
    text_preview: "预览", "Preview";
    text_page: "第 {n} 页", "Page {n}";
    text_none: "这份练习不是用文字写的，不能在这里改；可以从例子写一份新的。", "This worksheet was not made from a text and cannot be changed here. Begin a new one from the example.";
    text_kept: "上次没有存下的文字还在：", "Text that was not saved last time is still here:";
    text_restore: "放回来", "Put it back";

    // One worksheet
    one_facts: "{subject} · {grade} 年级 · {questions} 题 {points} 分 · {pages} 页", "{subject} · grade {grade} · {questions} {questions:question|questions}, {points} points in all · {pages} {pages:page|pages}";
    one_version: "第 {n} 版", "Version {n}";
    one_id: "编号 {id}", "Id {id}";
    one_newer: "这不是最新的一版：最新是第 {n} 版", "This is not the latest version: version {n} is";
    one_saved: "已存为第 {n} 版。", "Saved as version {n}.";
    one_edit: "修改文字", "Change the text";
    one_text: "下载文字", "Download the text";
    one_folder: "下载全部文件（zip）", "Download all files (zip)";
    one_findings: "请看一看（{n} 处）", "Look at this ({n} {n:place|places})";
    one_sound: "检查过了，没有发现问题。", "Checked: nothing is wrong.";
    one_keys: "蓝色的是答案和分数，印出来没有。", "Keys and points are in blue; they are not printed.";
    one_pages: "页面", "Pages";
    one_keyed: "答案更正过：以后布置从更正后的答案开始。要改回，布置以后在那一题的页面上点“改回”。", "Its keys were corrected: what is given from now on begins with them. To put one back, use the page of its question once it is given.";
    one_keyed_which: "看更正", "What was corrected";
    one_corrected: "{date}，{name}：{part}“{was}”改成“{becomes}”", "{name} on {date}: {part} “{was}” became “{becomes}”";
    one_corrected_n: "更正过 {n} 处答案", "{n} corrected {n:key|keys}";
    one_versions: "各版", "Versions";
    one_runs: "印过 {n} 次", "printed {n} {n:time|times}";
    one_unprinted: "没印过", "not printed";
    one_changes: "和第 {n} 版相比", "What changed since version {n}";
    one_changes_none: "题目、作答框和答案都一样。", "Questions, fields and keys are the same.";
    one_moved_printed: "第 {n} 版已经印过，而这一版有作答框移动了：已经印出的卷子仍按第 {n} 版批改，不能和这一版混用。", "Version {n} was printed, and fields have moved since: sheets in pupils' hands are marked by version {n}, and cannot be mixed with this one.";
    one_more: "还有 {n} 处", "{n} more";
    part_title: "{question}：答案 {key}，{points} 分", "{question}: key {key}, points {points}";
    part_free: "老师批", "a person judges";

    // Printing
    print: "打印", "Print";
    print_lead: "印在普通纸上的点阵是本项目自己的，市面上的笔认不出；请用 600 dpi 以上的彩色打印机按原大打印。", "The dots are this project's own pattern, which no pen on sale reads. Print at full size, in colour, at 600 dpi or more.";
    print_class: "班级", "Class";
    print_kind: "每份", "Copies";
    print_named: "每个学生一份，印姓名和各自的页码地址；印过的班只补印缺的",
        "One per pupil, with name and addresses of its own; where the class has copies, those that are missing";
    print_shared: "全班共用一份，拿去复印", "One for the copier, whose addresses all share";
    print_nameless: "不印姓名，份数：", "Without names, so many:";
    print_do: "生成 PDF", "Make the PDF";
    print_none: "还没有可以打印的班级：先导入名单。", "There is no class to print for yet: a roster brings classes in.";
    print_done: "PDF 已经做好，页码地址已登记。", "The PDF is made, and its addresses are recorded.";
    print_again: "这一份以前印过，姓名和地址和上次一样。", "It was printed before: names and addresses are the same again.";
    print_later: "为后来的 {n} 名学生补印了：同一份作业，每人有自己的页码地址，别人的份不变。这里只有补印的份：",
        "Made for the {n} {n:pupil|pupils} who came later: {n:a copy with addresses of its own|copies with addresses of their own}, of the same assignment; the others’ copies stay. Only what was added:";
    print_wrong: "没有打印：请选班级和份数（1 到 500）。", "Nothing was printed: choose a class, and 1 to 500 copies.";
    print_no_pupils: "没有打印：{class} 还没有学生。", "Nothing was printed: {class} has no pupils yet.";
    print_no_font: "没有打印：服务器上没有中文字体。请管理员安装 fonts-noto-cjk，再试一次。", "Nothing was printed: the server has no Chinese font. Have fonts-noto-cjk installed and try again.";
    print_no_glyph: "没有打印：服务器上的字体里都没有“{text}”这个字。请管理员装一种有它的字体，再试一次。", "Nothing was printed: no font of the server has {text}. Have one installed that does, and try again.";
    print_failed: "没有打印：{why}", "Nothing was printed: {why}";
    print_busy: "别人正在打印，请稍后再按一次。", "Somebody else is printing. Press again in a moment.";
    runs: "印过的", "What was printed";
    runs_none: "还没有印过这一版。", "This version was not printed yet.";
    run_named: "{class} · 每人一份，共 {n} 份", "{class} · one per pupil, {n} {n:copy|copies}";
    run_nameless: "{class} · 不印姓名，共 {n} 份", "{class} · without names, {n} {n:copy|copies}";
    run_shared: "{class} · 全班共用一份", "{class} · one that all share";
    run_nobody: "没有记下班级", "no class noted";
    run_at: "{date} 印", "Printed {date}";
    run_later: "补印", "later copies";
    run_pdf: "下载 PDF", "Download the PDF";
    run_given: "{class} · {date} 交", "{class} · due {date}";

    // Giving
    give: "布置给", "Give to";
    give_due: "截止", "Due";
    give_do: "布置", "Give";
    give_past: "没有改动：这个截止时间已经过了，请选一个还没到的时间。", "Nothing was changed: that time is over. Choose one that is to come.";
    give_far: "没有布置：截止时间在 400 天以后，请看一看年份。", "It was not given: that is more than 400 days ahead. Look at the year.";
    give_time: "没有布置：截止时间要写成 2026-12-01T20:00 这样。", "It was not given: write the time as 2026-12-01T20:00.";
    give_class: "没有布置：这些卷子印的是别的班学生的姓名。", "It was not given: these copies bear the names of another class.";
    given: "布置和收回", "Given work";
    given_lead: "改截止时间、全部收齐、收回布置。", "Change when it is due, or take it back.";
    given_earlier: "更早布置的 {n} 份", "{n} given earlier";
    given_none: "这个班还没有布置练习。", "Nothing is given to this class yet.";
    given_sheets: "学校的练习", "The school's worksheets";
    given_due: "截止时间", "Due";
    given_change: "改时间", "Change";
    given_changed: "截止时间改好了。已经交的不变。", "The time is changed. What is handed in stays so.";
    given_given: "已布置。", "It is given.";
    given_withdraw: "收回布置", "Take it back";
    given_withdraw_why: "学生写的笔迹不会丢，再布置时会回到各自的卷子上；已有人批阅的收不回。", "No ink is lost: it finds its papers again once the sheet is given again. What a person has marked cannot be taken back.";
    given_withdrawn: "已收回。笔迹都还在。", "It is taken back. All ink is still there.";
    given_again: "撤销：再布置", "Undo: give it again";
    given_marked: "没有收回：有 {n} 页已有人批阅。先撤销那些批阅，再收回。", "It was not taken back: a person has marked {n} {n:page|pages}. Take those marks back first.";
    given_collect: "全部收齐", "Collect all";
}

impl SheetsWords {
    /// A subject as it is read; of one that nobody knows, its code.
    pub(crate) fn subject(&self, code: &str) -> String {
        match code {
            "math" => self.math,
            "english" => self.english,
            "chinese" => self.chinese,
            "science" => self.science,
            other => other,
        }
        .to_owned()
    }
}
