//! What the pages say on which a school is kept in order.

use super::Locale;

words! {
    /// The texts of the pages about a school.
    SchoolWords:
    keep_lead: "您是这所学校的管理员。", "You are this school’s administrator.";
    nav: "学校管理", "Keeping the school";
    people: "人员", "People";
    overview: "概览", "Overview";
    next_title: "接下来做什么", "What to do next";
    all_done: "都准备好了", "Everything is in place";
    done: "好了", "done";
    open: "还没做", "to do";
    classes: "班级和学生", "Classes and pupils";
    classes_n: "{n} 个班，", "{n} {n:class|classes}, ";
    pupils_n: "{n} 名学生", "{n} {n:pupil|pupils}";
    classes_none: "还没有班级。请在“人员”页导入名单，或在服务器上导入：", "There is no class yet. Bring a roster in on the page of people, or on the server:";
    classes_again: "名册变了，再导入一次就行；先加 --dry-run 看会改什么。",
        "When the roster changes, import it again; --dry-run shows first what would change.";
    teachers: "老师", "Teachers";
    teachers_n: "{n} 位老师有任课班级", "{n} {n:teacher has|teachers have} a class";
    teachers_add: "到人员页添加", "Add them";
    staff_n: "，共 {n} 个账号", ", {n} {n:account|accounts} in all";
    teachers_none: "还没有老师任课。请添加老师，选好班级，把一次性链接发给本人。",
        "Nobody teaches a class yet. Add teachers with their classes, and hand each their one-time link.";
    pens: "智能笔", "Pens";
    pens_n: "{n} 支笔已借出", "{n} {n:pen is|pens are} lent";
    pens_none: "还没有借出的笔。", "No pen is lent yet.";
    pens_none_help: "先登记一套笔，再按学号借给一个班：", "Add a set, then lend it to a class by number:";
    assignments: "作业", "Assignments";
    assignments_n: "布置过 {n} 次", "given {n} {n:time|times}";
    assignments_none: "还没有布置作业。作业由任课老师布置。",
        "No worksheet was given yet. Teachers give them to their classes.";
}
