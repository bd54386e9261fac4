//! Whose pen wrote, and how it is put right.

use super::Locale;

words! {
    /// The texts about the pens of a paper.
    HandsWords:
    title: "用的笔", "Pens";
    none: "这页现在没有笔迹。", "There is no ink on this page now.";
    pen_of_set: "{set} 套 {n} 号", "set {set}, no. {n}";
    pen_by_id: "笔 {pen}", "pen {pen}";
    red: "红笔", "red pen";
    nobody: "没有借给任何人", "lent to nobody";
    no_clock: "笔的时钟没有校准", "its clock was not set";
    foreign: "不是本人的笔", "not this pupil’s pen";
    moved: "老师从别的答卷移来的", "moved here from another paper";
    owner_wrote: "这是{name}写的", "{name} wrote this";
    owner_wrote_why: "答卷不变，那段时间这支笔算在{name}名下。",
        "The paper stays; the pen counts as {name}’s for that time.";
    swapped_with: "和{name}互换了笔", "Exchanged pens with {name}";
    wrote: "这页是别人写的……", "Somebody else wrote this page …";
    wrote_shared: "选真正写的人。那段时间这支笔的笔迹都改归那位学生，两份答卷重新批改；老师给的判分保留。",
        "Choose who wrote it. What this pen wrote in that time goes to that pupil, and both papers are marked again; marks that a teacher gave stay.";
    wrote_copy: "这张纸是{name}的。选真正写的人，这页的笔迹（连同红笔）就移到那位学生的答卷上，两份都重新批改；老师给的判分保留。",
        "This sheet is {name}’s. Choose who wrote on it: the ink of this page, the red ink with it, moves to that pupil’s paper, and both are marked again; marks that a teacher gave stay.";
    swap: "和别人拿错了笔……", "Took each other’s pens …";
    swap_why: "选和{name}拿错笔的那位，两支笔对调，笔迹重新归到两个人。",
        "Choose who took {name}’s pen: the two pens change places, and their ink is attributed again.";
    when: "从什么时候到什么时候？", "For how long?";
    evening: "只是这一次", "Only this once";
    evening_at: "只是这一次（{from} 到 {until} 前后）", "Only this once (around {from} to {until})";
    from: "从这天起一直", "From this day on";
    only_pen: "哪支笔", "Which pen";
    whole_page: "整页", "The whole page";
    lately: "更正过的", "Put right";
    said_wrote: "{date}，{staff}：{name}的第 {page} 页是{to}写的。", "{staff} on {date}: {to} wrote page {page} of {name}.";
    said_swapped: "{date}，{staff}：{name}和{to}拿错了笔。", "{staff} on {date}: {name} and {to} had each other’s pens.";
    since: "{date} 起", "from {date} on";
    to_paper: "看{name}的答卷", "{name}’s paper";
    no_ink: "没有更正：这页上没有这支笔的笔迹，可能已经移走了。",
        "Nothing was changed: there is no ink of this pen on the page. It may have moved already.";
    no_pen: "没有更正：那时两个人里有一位没有借到笔。请选“这页是别人写的”。",
        "Nothing was changed: one of the two had no pen then. Choose “Somebody else wrote this page” instead.";
    others_pen: "没有更正：那时这支笔借给了别班的学生或老师。请管理员在“笔”里更正。",
        "Nothing was changed: the pen was lent to a pupil of another class or to a teacher then. Ask your administrator to put it right.";
    stranger: "没有更正：这份作业没有布置给那位学生。", "Nothing was changed: this worksheet was not given to that pupil.";
    onto_ink: "还没有移：{name}的第 {page} 页上已经有笔迹。移过去以后，两份笔迹在同一张答卷上，一起重新批改，同一题写了两次的要老师来看；可以撤销。",
        "Not moved yet: {name}’s page {page} has ink already. Both inks would lie on one paper and be marked together; what is then written twice comes to you to decide. It can be undone.";
    onto_ink_do: "照样移到{name}的答卷", "Move it to {name}’s paper all the same";
    onto_ink_not: "不移", "Leave it";
    bad_date: "没有更正：请填写从哪天起，不晚于今天，例如 2026-11-23。",
        "Nothing was changed: say from which day on, such as 2026-11-23.";
    undone_since: "没有撤销：这支笔或这些笔迹后来又改过（借出、归还或别的更正）。请在下面重新更正。",
        "Nothing was undone: the pen or the ink was changed again since then, lent, given back or put right. Put it right anew below.";
}
