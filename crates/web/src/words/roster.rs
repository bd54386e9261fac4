//! What the page says on which a roster is brought in.

use super::Locale;

words! {
    /// The texts of that page.
    RosterWords:
    title: "导入名册", "Bring a roster in";
    lead: "先看会改什么，再导入。文件里只能是本校的人。",
        "See first what would change, then bring it in. The file may have people of this school alone.";
    file: "名册文件", "Roster file";
    file_help: "学生或教师名单（xlsx 或 CSV，一行一人，有表头），或者 OneRoster 的 zip；最大 {mb} MB。",
        "A list of pupils or teachers (xlsx or CSV, a row per person, with headers), or a zip of OneRoster; {mb} MB at most.";
    from: "从哪天起", "It holds from";
    look: "先看会改什么", "See what would change";
    shown: "{file}：从 {date} 起会这样改", "{file}: what would change from {date} on";
    nothing: "{file}：什么都不用改，名册和现在的一样。", "{file}: nothing changes; it is as it is here already.";
    take: "导入", "Bring it in";
    taken: "名册已导入。", "The roster is in.";
    back: "回到人员", "Back to people";
    school: "学校", "Schools";
    class: "班级", "Classes";
    pupil: "学生", "Pupils";
    staff: "教师", "Teachers";
    role: "任教", "Roles";
    new: "新的", "New";
    changed: "改的", "Changed";
    moved: "换班", "Moved";
    ended: "结束", "Ended";
    missing: "名册里没有", "Not in the file";
    unchanged: "不变", "Unchanged";
    missing_help: "名册里没有的人留着不动；名册里没有的任教会结束。",
        "Who is not in the file stays as they are; roles that it no longer says end.";
    before: "原来是{before}", "before: {before}";
    more: "另外还有 {n} 项。", "There {n:is|are} {n} more.";
    passed_over: "跳过：{n} 项（{what}）", "Passed over: {n} {what}";
    is_role: "（{role}）", ", {role}";
    elsewhere: "跳过：{n} 项，所在的班这里没有", "Passed over: {n} in classes that are not kept here";
    problems: "没有导入，什么都没有改：文件里有 {n} 处不对", "Nothing was changed: {n} {n:thing is|things are} wrong in the file";
    place: "文件", "File";
    line: "行", "Line";
    column: "列", "Column";
    what: "哪里不对", "What is wrong";
    no_file: "没有选文件。", "No file was chosen.";
    large: "没有导入：文件最大 {mb} MB。", "Nothing was changed: a file has {mb} MB at most.";
    late: "没有导入：文件传得太慢，断了。请再传一次。", "Nothing was changed: the file came too slowly. Send it again.";
    bad_date: "没有导入：请填从哪天起，例如 2026-09-01。", "Nothing was changed: say from which day on, such as 2026-09-01.";
    gone: "没有导入：这份名册看过太久，或者已经导入过。请再传一次。",
        "Nothing was changed: it is too long since this roster was shown, or it is in already. Send it again.";
    differs: "还没有导入：看过以后，这里的人员又改过。请再看一遍会改什么。",
        "Not yet in: people were changed here since you looked. See once more what would change.";
}
