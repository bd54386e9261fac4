//! Texts about what is taken away.

use super::Locale;

words! {
    /// Texts about what is taken away.
    ExportWords:
    take_away: "带走", "Take away";
    results_xlsx: "成绩 Excel", "Results (Excel)";
    results_csv: "成绩 CSV", "Results (CSV)";
    pages_pdf: "答卷 PDF", "Papers (PDF)";
    own_pages_pdf: "这份答卷 PDF", "This paper (PDF)";
    period: "布置日期", "Given";
    period_from: "从", "from";
    period_to: "到", "to";
    period_help: "不填“到”，就到今天为止。错题只取已定的答卷。",
        "Leave “to” empty for all until today. Notebooks hold settled papers alone.";
    class_notebook: "班级错题 PDF", "What many missed (PDF)";
    notebooks: "每人错题本 PDF", "A notebook per pupil (PDF)";
    notebook: "错题本 PDF", "Wrong-answer notebook (PDF)";
}
