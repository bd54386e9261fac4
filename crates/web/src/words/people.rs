//! What the pages say about a school's people.

use super::Locale;

words! {
    /// The texts of the pages about people.
    PeopleWords:
    title: "人员", "People";
    lead: "谁能登录，任什么课，做什么。", "Who can log in, whom they teach, what they do.";
    staff: "教职工", "Staff";
    staff_n: "{n} 人", "{n} {n:person|people}";
    add: "添加人员", "Add somebody";
    add_help: "添加以后会显示一个一次性链接，交给本人，由本人设密码。",
        "You are then shown a one-time link. Hand it to them: they set the password.";
    name: "姓名", "Name";
    login: "账号", "Login";
    login_help: "登录用，最多 64 个字符，没有空格，全校不重复。", "What they log in with: at most 64 characters, no spaces.";
    role: "角色", "Role";
    class: "班级", "Class";
    grade: "年级", "Grade";
    grade_n: "{n} 年级", "Grade {n}";
    subject: "学科", "Subject";
    subject_all: "全部学科", "all subjects";
    subject_math: "数学", "maths";
    subject_chinese: "语文", "Chinese";
    subject_english: "英语", "English";
    subject_science: "科学", "science";
    role_class_teacher: "班主任", "class teacher";
    role_teacher: "任课老师", "teacher";
    role_marker: "阅卷老师", "marker";
    role_head_of_year: "年级组长", "head of year";
    role_head: "校长", "head";
    role_administrator: "管理员", "administrator";
    role_district: "教研员", "district";
    role_help: "班主任和任课老师看见、批阅本班；阅卷老师只批阅；年级组长和校长只看不改；管理员管人员、笔和网关，看不见学生的作业。",
        "Class teachers and teachers see and mark their class; markers only mark; heads see and change nothing; administrators keep people, pens and gateways and see no pupil’s work.";
    no_class: "（不选）", "(none)";
    add_button: "添加并生成链接", "Add and make a link";
    no_role: "没有角色：登录后什么也看不到", "no role: they would see nothing";
    end_role: "结束", "End";
    end_role_of: "结束“{role}”", "End “{role}”";
    from_on: "{date} 起", "from {date}";
    until: "到 {date}", "until {date}";
    last_login: "上次登录 {date}", "last login {date}";
    never: "还没登录过", "never logged in";
    has_password: "已设密码", "has a password";
    no_password: "没有密码", "no password";
    invited: "链接 {date} 前有效", "link good until {date}";
    cannot_come: "没有密码，也没有有效的链接：请生成链接", "neither password nor link: make a link";
    disabled: "{date} 已停用", "shut out on {date}";
    codes_on: "两步验证已开启", "uses codes";
    codes_demanded: "要求两步验证，还没开启", "must turn on codes";
    actions: "操作", "Actions";
    invite: "生成一次性链接", "Make a one-time link";
    reset: "重置密码", "Reset password";
    reset_help: "密码和所有登录作废，并显示一个新的一次性链接。", "Password and sessions end, and a new one-time link is shown.";
    disable: "停用", "Shut out";
    disable_help: "立即退出，不能再登录；批过的都留着。", "Logged out at once; what they decided stays.";
    enable: "恢复", "Let in again";
    give_role: "加角色", "Give a role";
    demand: "要求两步验证", "Demand codes";
    demand_not: "不再要求两步验证", "Demand codes no longer";
    reset_codes: "重置两步验证", "Reset codes";
    reset_codes_help: "手机和备用码都丢了时用。", "For who lost phone and recovery codes.";
    you: "您自己", "you";
    done_disable: "已停用。点“恢复”可以撤销。", "Shut out. “Let in again” takes it back.";
    done_enable: "已恢复。", "Let in again.";
    done_give_role: "已加上角色。点它后面的“结束”可以撤销。", "The role is given. “End” beside it takes it back.";
    done_end_role: "角色已结束。要撤销，再加一次。", "The role has ended. Give it again to take that back.";
    done_demand: "已要求：下次打开页面时先要开启两步验证。", "Demanded: they turn codes on before anything else opens.";
    done_demand_not: "不再要求。", "No longer demanded.";
    done_reset_codes: "已重置：登录不再需要验证码。", "Reset: no code is asked for.";
    refused_name: "没有添加：姓名要填，最多 64 个字。", "Not added: give a name of at most 64 characters.";
    refused_login: "没有添加：账号要填，最多 64 个字符，中间不能有空格。", "Not added: give a login of at most 64 characters, without spaces.";
    refused_hidden: "没有添加：“{field}”里有一个看不见的字符（{code}）。请删掉，重新打一遍。",
        "Not added: “{field}” has a character in it that nobody sees ({code}). Type it again.";
    refused_taken: "没有添加：账号 {login} 已经有人用了，请换一个。只差大小写或全角半角的，算同一个。",
        "Not added: the login {login} is taken. Choose another; one that differs only in case or width is the same.";
    refused_class: "没有保存：这个角色要选班级。", "Not stored: this role needs a class.";
    refused_grade: "没有保存：年级组长要选年级。", "Not stored: a head of year needs a grade.";
    refused_role: "没有保存：请选一个角色。", "Not stored: choose a role.";
    refused_last: "没有改变：这是学校最后一位能登录的管理员。请先让另一位管理员设好密码。",
        "Nothing changed: this is the school’s last administrator who can log in. First let another set their password.";
    refused_gone: "没有改变：这个角色已经结束了。", "Nothing changed: this role has ended already.";
    slip_title: "一次性登录链接", "One-time login link";
    slip_for: "{name}（账号 {login}）", "{name} (login {login})";
    slip_once: "链接只显示这一次，请现在交给本人或打印。{date} 前有效，只能用一次；打开后由本人设密码。",
        "This link is shown only now: hand it over or print it. It works once, until {date}; its owner sets a password there.";
    slip_scan: "一次性登录的二维码", "QR code of the one-time login";
    slip_shut: "这个账号已停用：恢复以后链接才能用。", "This account is shut out: the link works once they are let in again.";
    slip_back: "回到人员", "Back to people";
    classes: "班级和学生", "Classes and pupils";
    classes_none: "还没有班级：先导入名册。", "There is no class yet: bring a roster in.";
    class_size: "{n} 名学生", "{n} {n:pupil|pupils}";
    class_help: "学生来自名册；名册变了，请再导入一次。", "Pupils come from the roster; when it changes, bring it in again.";
    roster: "导入名册", "Bring a roster in";
    class_empty: "这个班现在没有学生。", "This class has no pupils now.";
    number: "学号", "No.";
}
