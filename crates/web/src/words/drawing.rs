//! The pages on which a school's own PDF becomes a worksheet.

use pdf_sheet::{Note, PdfFault};
use worksheet::drawn::DrawnKind;

use super::{Locale, fill};

words! {
    /// The texts of drawings over a PDF.
    DrawingWords:
    title: "用自己的 PDF", "From your own PDF";
    worksheets: "练习", "Worksheets";
    lead: "把学校已有的练习变成可以用智能笔写的练习：上传 PDF，在页面上框出作答的地方，写上答案。",
        "Turn a sheet that your school has into one for smart pens: upload the PDF, mark where answers \
         are written, and give the key.";
    file: "PDF 文件", "PDF file";
    file_help: "A4 纵向，最多 20 页、20 MB。导出时请嵌入字体；图片可以有。",
        "A4 upright, at most 20 pages and 20 MB. Embed the fonts when you export; pictures are fine.";
    upload: "上传", "Upload";
    no_file: "没有选文件：请选一个 PDF。", "No file was chosen: choose a PDF.";
    busy: "现在读 PDF 的人太多，请过一会儿再传。", "Too many PDFs are being read. Upload it again in a moment.";
    late: "上传太慢，两分钟没有传完：请换个网络再试，或把图片压小。",
        "The upload was too slow: two minutes were not enough. Try another network, or make the pictures smaller.";
    slow: "这个 PDF 太复杂，一分钟也没读完：请换一个程序重新导出。",
        "The PDF is too complex: a minute was not enough to read it. Export it again from another program.";
    full: "学校的草稿太多了：请先删去一些。", "The school has too many drafts: delete some first.";
    drafts: "草稿", "Drafts";
    untitled: "（没有标题）", "(no title)";
    changed: "{date} 改过 · {name}", "changed {date} · {name}";
    made: "已存为第 {version} 版", "saved as version {version}";
    not_made: "还没有存为练习", "not a worksheet yet";

    sheet_title: "标题", "Title";
    grade: "年级", "Grade";
    subject: "科目", "Subject";
    subject_math: "数学", "Mathematics";
    subject_english: "英语", "English";
    subject_chinese: "语文", "Chinese";
    subject_science: "科学", "Science";
    page_n: "第 {page} 页", "Page {page}";
    hint: "点一下浅色的框，或在页面上拖出一个；方向键移动，Shift 加方向键改大小，Delete 删除。",
        "Click on a faint box, or draw one over the page. Arrow keys move it, with Shift they resize it, \
         Delete removes it.";
    fields: "作答框", "Fields";
    no_fields: "还没有作答框。", "No fields yet.";
    number: "题号", "No.";
    kind: "题型", "Kind";
    key: "答案", "Key";
    key_help: "几种写法用 | 隔开", "separate right answers by |";
    options: "选项", "Options";
    points: "分值", "Points";
    point: "知识点（可不填）", "Knowledge point (optional)";
    place: "位置（毫米）", "Place (mm)";
    page: "页", "Page";
    left: "左", "Left";
    top: "上", "Top";
    width: "宽", "Width";
    height: "高", "Height";
    remove: "删除", "Delete";
    remove_field: "删除第 {number} 题的作答框", "Delete the field of question {number}";
    add: "加一个作答框", "Add a field";
    save: "存草稿", "Save draft";
    make: "存为练习", "Save as worksheet";
    undo: "撤销", "Undo";
    redo: "重做", "Redo";
    drop: "删除草稿", "Delete draft";
    drop_help: "删除后找不回来；已经存成的练习不受影响。", "It cannot be brought back. Worksheets that were saved stay.";
    saving: "正在保存…", "Saving…";
    saved: "草稿已保存", "Draft saved";
    not_saved: "没有存上：网络或服务不通，改动还在这一页，会再试。",
        "Not saved: the network or the service is down. Your changes are still on this page; it will try again.";
    elsewhere: "没有存上：这份草稿在另一个窗口改过。请记下这里的改动，再重新打开这一页。",
        "Not saved: the draft was changed in another window. Note what you changed here, then open this page again.";
    overwrite: "没有存上：这份草稿在另一个窗口改过。下面是您这里的内容；再存一次，就以它为准。",
        "Not saved: the draft was changed in another window. What you have here stands below; saving it \
         once more puts it in the other's place.";
    ready: "没有发现问题，可以存为练习。", "No faults: it can be saved as a worksheet.";
    ready_advice: "可以存为练习；{n} 处建议看一看。", "It can be saved as a worksheet; {n} {n:thing|things} to look at.";
    faults: "{n} 处要改", "{n} {n:thing|things} to mend";
    sheet: "整份练习", "The whole sheet";
    field_of: "第 {number} 题（第 {page} 页）", "Question {number} (page {page})";
    field_unnumbered: "第 {page} 页一个没有题号的框", "A field without a number on page {page}";
    made_now: "已存为练习《{title}》第 {version} 版。", "Saved as version {version} of the worksheet {title}.";
    same_again: "和第 {version} 版一样，没有另存。", "It is the same as version {version}; nothing new was saved.";
    corrected: "{part}的答案在批改时更正成了“{becomes}”，这份草稿里还是“{was}”：请在这里也改，不然再存的练习又用旧答案。",
        "The key of {part} was corrected to “{becomes}”; here it is still “{was}”. Change it here too, or the worksheet gets the former key again.";
    changes: "和第 {version} 版相比：", "Compared with version {version}:";
    printed_before: "第 {version} 版已经印过：已印出的卷子仍按旧版批改，新版要重新印。",
        "Version {version} was printed: sheets that are printed are marked by the old version, and the new \
         one must be printed again.";
    spot_box: "框", "box";
    spot_line: "横线", "line";
    spot_bracket: "括号", "brackets";
    spot: "可作答的{shape}，第 {page} 页", "A {shape} to write in, page {page}";
    spots: "找到的框：方向键选，回车使用", "Boxes found: arrows choose, Enter uses";
    field_label: "第 {number} 题作答框", "Field of question {number}";

    kind_number: "数", "Number";
    kind_whole: "整数", "Whole number";
    kind_digits: "逐位数字", "Digits";
    kind_letter: "选项字母", "Letter";
    kind_true_false: "判断 √ ×", "True or false √ ×";
    kind_comparison: "比较 < > =", "Comparison < > =";
    kind_expression: "词句", "Words";
    kind_steps: "算式（逐步判）", "Sum, step by step";
    kind_character: "汉字", "Chinese character";
    kind_free: "老师批", "Judged by a person";

    note_empty: "第 {page} 页是空白的：如果原来有内容，请重新导出 PDF。",
        "Page {page} is blank: if it should not be, export the PDF again.";
    note_font_missing: "第 {page} 页用了没有嵌入的字体，可能缺字或变样：导出 PDF 时请选“嵌入字体”。",
        "Page {page} uses a font that is not in the file, so characters may be missing: embed fonts when you export.";
    note_plain_colour: "第 {page} 页的渐变或图案填充印成单色。", "Gradients and patterns on page {page} are printed in one colour.";
    note_picture_lost: "第 {page} 页有一幅图读不出来，已略去。", "A picture on page {page} cannot be read and is left out.";
    note_plain_mixing: "第 {page} 页的阴影或混合效果印得简单些。", "Shadows and mixed colours on page {page} are printed plainly.";
    note_shrunk: "第 {page} 页比 A4 大，已缩小到 A4。", "Page {page} is larger than A4 and was made smaller.";
    note_under_head: "第 {page} 页顶上 13 毫米内有内容，可能和印在那里的姓名、页码重叠。",
        "Page {page} has print within 13 mm of its top, where names and addresses are printed.";

    fault_too_large: "文件有 {mb} MB，最多 {limit} MB：请把图片压小。", "The file has {mb} MB and {limit} MB are read: make its pictures smaller.";
    fault_no_pdf: "这个文件不是能读的 PDF：请从原来的程序重新导出为 PDF。",
        "This file is no PDF that can be read: export it again from the program it was made with.";
    fault_locked: "这个 PDF 有密码：请去掉密码后重新导出。", "The PDF is locked with a password: export it again without one.";
    fault_empty: "这个 PDF 没有页面。", "The PDF has no pages.";
    fault_too_many_pages: "这个 PDF 有 {pages} 页，最多 {limit} 页：请分成几份。", "The PDF has {pages} pages and {limit} are read: split it.";
    fault_too_wide: "第 {page} 页是 {width} × {height} 毫米：请做成 A4 纵向。", "Page {page} is {width} × {height} mm: make it A4 upright.";
    fault_too_much: "第 {page} 页的线条或图片太多：请导出得简单些，或整页转成图片。",
        "Page {page} has more lines and pictures than are read: export it simpler, or as a picture.";
    fault_swollen: "这个 PDF 解压后超过 {limit} MB：请把图片压小，或导出得简单些。",
        "The PDF unpacks to more than {limit} MB: make its pictures smaller, or export it simpler.";
    fault_too_many_steps: "这个 PDF 里有一幅图画得太细：请导出得简单些，或整页转成图片。",
        "A drawing in the PDF has too many steps: export it simpler, or as a picture.";
    fault_cut_off: "这个 PDF 不完整，有一部分没有传到或没有存好：请重新拷贝或导出后再传。",
        "A part of the PDF is missing: copy it or export it once more, then upload it again.";
    fault_broken: "这个 PDF 读不出来：请换一个程序重新导出。", "The PDF cannot be read: export it again from another program.";
}

/// Why a file was refused.
pub(crate) fn fault(fault: &PdfFault, locale: Locale) -> String {
    let w = DrawingWords::of(locale);
    match fault {
        PdfFault::TooLarge { mb, limit_mb } => {
            fill(w.fault_too_large, &[("mb", mb), ("limit", limit_mb)])
        }
        PdfFault::NoPdf => w.fault_no_pdf.to_owned(),
        PdfFault::Locked => w.fault_locked.to_owned(),
        PdfFault::Empty => w.fault_empty.to_owned(),
        PdfFault::TooManyPages { pages, limit } => {
            fill(w.fault_too_many_pages, &[("pages", pages), ("limit", limit)])
        }
        PdfFault::TooWide { page, width_mm, height_mm } => {
            fill(w.fault_too_wide, &[("page", page), ("width", width_mm), ("height", height_mm)])
        }
        PdfFault::TooMuch { page } => fill(w.fault_too_much, &[("page", page)]),
        PdfFault::Swollen { limit_mb } => fill(w.fault_swollen, &[("limit", limit_mb)]),
        PdfFault::TooManySteps => w.fault_too_many_steps.to_owned(),
        PdfFault::CutOff => w.fault_cut_off.to_owned(),
        PdfFault::Stopped => w.slow.to_owned(),
        PdfFault::Broken => w.fault_broken.to_owned(),
    }
}

/// What is drawn otherwise than it was made.
pub(crate) fn note(note: Note, page: u32, w: &DrawingWords) -> String {
    let text = match note {
        Note::Empty => w.note_empty,
        Note::FontMissing => w.note_font_missing,
        Note::PlainColour => w.note_plain_colour,
        Note::PictureLost => w.note_picture_lost,
        Note::PlainMixing => w.note_plain_mixing,
        Note::Shrunk => w.note_shrunk,
        Note::UnderHead => w.note_under_head,
    };
    fill(text, &[("page", &page)])
}

/// The name of a kind.
pub(crate) fn kind(kind: DrawnKind, w: &DrawingWords) -> &'static str {
    match kind {
        DrawnKind::Number => w.kind_number,
        DrawnKind::Whole => w.kind_whole,
        DrawnKind::Digits => w.kind_digits,
        DrawnKind::Letter => w.kind_letter,
        DrawnKind::TrueFalse => w.kind_true_false,
        DrawnKind::Comparison => w.kind_comparison,
        DrawnKind::Expression => w.kind_expression,
        DrawnKind::Steps => w.kind_steps,
        DrawnKind::Character => w.kind_character,
        DrawnKind::Free => w.kind_free,
    }
}

/// The name of a subject, as worksheet files have it.
pub(crate) fn subject(subject: &str, w: &DrawingWords) -> &'static str {
    match subject {
        "english" => w.subject_english,
        "chinese" => w.subject_chinese,
        "science" => w.subject_science,
        _ => w.subject_math,
    }
}
