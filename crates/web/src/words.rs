//! What the pages say, in Chinese and English.
//!
//! Both languages stand side by side, so that neither can lack a word that the other has. `{name}`
//! in a text is filled in by [`fill`].

use worksheet::{PartOf, Review};

/// The languages of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Locale {
    Zh,
    En,
}

impl Locale {
    /// The locale of a code such as `zh`, `zh-CN` or `en-GB`.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        match code.split(['-', '_']).next() {
            Some("zh") => Some(Self::Zh),
            Some("en") => Some(Self::En),
            _ => None,
        }
    }

    /// The first language of an `Accept-Language` header that the pages speak.
    pub(crate) fn accepted(header: &str) -> Option<Self> {
        header.split(',').find_map(|item| Self::parse(item.split(';').next()?.trim()))
    }

    /// As it is stored and sent in forms.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// As HTML names it.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    pub(crate) fn words(self) -> &'static Words {
        Words::of(self)
    }

    /// The one of two texts that is in this language.
    pub(crate) fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// A question by its printed number: `7` needs the word, `三(2)` is clear by itself.
pub(crate) fn question(label: &str, w: &Words) -> String {
    if label.chars().all(|c| c.is_ascii_digit()) {
        fill(w.question_n, &[("n", &label)])
    } else {
        label.to_owned()
    }
}

/// A part by its question's printed number and, where it is one of several blanks, its own: `三(2)②`.
pub(crate) fn part(of: &PartOf<'_>, w: &Words) -> String {
    question(&of.question.label, w) + &blank(of)
}

/// Which of several blanks a part is: `②`; nothing where its question has one.
pub(crate) fn blank(of: &PartOf<'_>) -> String {
    // Circled numbers go from 1 to 20.
    match of.number() {
        None => String::new(),
        Some(number @ 1..=20) => {
            char::from_u32('①' as u32 + number as u32 - 1).map_or_else(String::new, String::from)
        }
        Some(number) => format!("({number})"),
    }
}

/// Why a person must decide, in words; of a reason that this version does not know, that it is one.
pub(crate) fn because(code: &str, w: &'static Words) -> &'static str {
    let Some(review) = Review::parse(code) else { return w.because_other };
    match review {
        Review::LowConfidence => w.because_low_confidence,
        Review::AmbiguousField => w.because_ambiguous_field,
        Review::TwoBubbles => w.because_two_bubbles,
        Review::LightBubble => w.because_light_bubble,
        Review::OutOfAlphabet => w.because_out_of_alphabet,
        Review::CrossedOut => w.because_crossed_out,
        Review::Overwritten => w.because_overwritten,
        Review::TwoAnswers => w.because_two_answers,
        Review::BesideField => w.because_beside_field,
        Review::MarkedOtherwise => w.because_marked_otherwise,
        Review::Misplaced => w.because_misplaced,
        Review::AnotherWay => w.because_another_way,
        Review::Unfinished => w.because_unfinished,
        Review::NoWorking => w.because_no_working,
        Review::RowsUnclear => w.because_rows_unclear,
        Review::AnotherCharacter => w.because_another_character,
        Review::StrokesUnclear => w.because_strokes_unclear,
        Review::StrokeOrder => w.because_stroke_order,
        Review::UnitUnread => w.because_unit_unread,
        Review::NoUnit => w.because_no_unit,
        Review::Crowded => w.because_crowded,
        Review::IncompleteInk => w.because_incomplete_ink,
        Review::SeveralPens => w.because_several_pens,
        Review::NoKey => w.because_no_key,
        Review::NoReader => w.because_no_reader,
        Review::RedUnclear => w.because_red_unclear,
        Review::RedContradicts => w.because_red_contradicts,
        Review::RedUnplaced => w.because_red_unplaced,
    }
}

/// A name between isolation marks, so that the direction of its characters does not turn the text
/// around it.
pub(crate) fn isolated(name: impl std::fmt::Display) -> String {
    format!("\u{2068}{name}\u{2069}")
}

/// How a character that nobody sees is named.
pub(crate) fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// Puts values in the place of `{name}`s. `{name:one|many}` chooses a word by the value instead:
/// "1 pupil", "2 pupils".
pub(crate) fn fill(text: &str, values: &[(&str, &dyn std::fmt::Display)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else { return filled + "{" + after };
        let (name, forms) = name.split_once(':').unwrap_or((name, ""));
        if let Some((_, value)) = values.iter().find(|(key, _)| *key == name) {
            let value = value.to_string();
            match forms.split_once('|') {
                Some((one, many)) => filled.push_str(if value == "1" { one } else { many }),
                None => filled.push_str(&value),
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// Makes a struct of texts, and the struct in both languages.
macro_rules! words {
    ($(#[$doc:meta])* $words:ident: $($name:ident: $zh:literal, $en:literal;)*) => {
        $(#[$doc])*
        pub(crate) struct $words { $(pub(crate) $name: &'static str,)* }
        static ZH: $words = $words { $($name: $zh,)* };
        static EN: $words = $words { $($name: $en,)* };

        impl $words {
            /// The texts in a language.
            pub(crate) fn of(locale: Locale) -> &'static Self {
                match locale {
                    Locale::Zh => &ZH,
                    Locale::En => &EN,
                }
            }
        }

        /// Name, Chinese, English.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $zh, $en),)*];
    };
}

pub(crate) mod drawing;

words! {
    /// The texts around every page, and of the pages of marked homework.
    Words:
    product: "智笔", "Zhibi";
    skip: "跳到正文", "Skip to content";
    other_language: "English", "中文";
    log_out: "退出", "Log out";
    account: "账号", "Account";
    school: "学校", "School";
    simulated: "演示 · 模拟数据", "Demo · simulated data";
    simulated_help: "学生、姓名和作答都是模拟的，不是真人。", "Pupils, names and answers are simulated; nobody here exists.";
    you_are_here: "当前位置", "You are here";

    // Login
    log_in: "登录", "Log in";
    log_in_title: "老师登录", "Teacher login";
    login_name: "账号", "Login";
    password: "密码", "Password";
    log_in_wrong: "账号或密码不对。", "Login or password is wrong.";
    log_in_wait_s: "尝试次数太多，请 {n} 秒后再试。", "Too many attempts. Wait {n} {n:second|seconds} and try again.";
    log_in_wait_min: "尝试次数太多，请 {n} 分钟后再试。", "Too many attempts. Wait {n} {n:minute|minutes} and try again.";
    log_in_busy: "现在登录的人太多，请 {n} 秒后再试。", "Too many people are logging in. Wait {n} {n:second|seconds} and try again.";
    log_in_help: "没有密码或忘了密码？请管理员发一个一次性链接。",
        "No password, or forgotten? Ask your administrator for a one-time link.";
    link_title: "一次性登录", "One-time login";
    link_greeting: "{name}，您好", "Hello, {name}";
    link_once: "这个链接只能用一次。", "This link works once.";
    link_password: "设一个密码（可以不设）", "Set a password (optional)";
    link_password_help: "至少 8 个字符，用一句话也行。设了密码，下次不用链接也能登录。",
        "At least 8 characters; a phrase is fine. With a password you can log in without a link.";
    link_enter: "进入", "Enter";
    link_void: "这个链接已经用过、过期或不存在", "This link was used, has expired or does not exist";
    link_void_help: "请管理员重新发一个。如果已经设过密码，可以直接登录。",
        "Ask your administrator for a new one. If you have set a password, log in with it.";
    setup_title: "首次设置", "First start";
    setup_intro: "这里还没有学校。填好学校和管理员，就可以开始。",
        "There is no school here yet. Name the school and its administrator to begin.";
    setup_school: "学校名称", "Name of the school";
    setup_name: "管理员姓名", "Name of the administrator";
    setup_begin: "开始使用", "Begin";
    setup_names: "学校名称和姓名都要填，最多 64 个字。",
        "Give the school and the administrator a name of at most 64 characters.";
    setup_login: "账号要填，最多 64 个字符，中间不能有空格。",
        "Give a login name of at most 64 characters, without spaces.";
    password_title: "修改密码", "Change password";
    password_set_title: "设置密码", "Set a password";
    password_current_wrong: "现在的密码不对。", "The current password is wrong.";
    password_current: "现在的密码", "Current password";
    password_new: "新密码", "New password";
    password_save: "保存", "Save";
    password_saved: "新密码已保存，其他设备上的登录已退出。",
        "The new password is saved. Other devices were logged out.";
    password_short: "密码至少要 8 个字符。", "A password has at least 8 characters.";
    password_long: "密码最多 128 个字符。", "A password has at most 128 characters.";
    password_common: "这个密码太常见，容易被猜到，请换一个。",
        "This password is too common and easily guessed. Choose another.";
    password_context: "密码里不要只是账号、姓名或产品名。",
        "Do not build a password from your login, name or the product's name.";

    // Classes
    classes: "班级", "Classes";
    classes_none: "您还没有任教的班级", "You teach no class yet";
    classes_none_help: "请管理员把您加到班级里。管理员用 zhibi import roster 导入名册。",
        "Ask your administrator to add you to a class. An administrator brings classes in with \
         zhibi import roster.";
    class_pupils: "{n} 人", "{n} {n:pupil|pupils}";
    months_earlier: "更早的 {n} 份", "{n} earlier";
    class_all: "全部作业和学生", "All assignments and pupils";
    nobodys_title: "谁的笔迹？", "Whose ink?";
    nobodys_lead: "这些笔迹收到了，也存好了，但不知道是谁写的。选定以后，相关作业会重新批改。",
        "This ink has arrived and is stored, but nobody can be named for it. Once you say whose it is, its paper is marked again.";
    nobodys_count: "{n} 处笔迹不知是谁的", "Ink in {n} {n:place|places} is nobody's";
    nobodys_none: "没有无主的笔迹", "No ink without an owner";
    nobodys_more: "只显示最近的 {n} 处。", "Only the latest {n} are shown.";
    nobodys_pen: "笔 {pen}", "Pen {pen}";
    nobodys_received: "{date} 收到", "received {date}";
    nobodys_page: "《{title}》第 {page} 页", "{title}, page {page}";
    nobodys_copy: "姓名：{name}", "copy of {name}";
    nobodys_address: "页码地址 {address}", "address {address}";
    nobodys_picture: "这处笔迹的图", "The ink in question";
    nobodys_give: "是谁写的？", "Who wrote it?";
    nobodys_red: "我的红笔", "My red pen";
    nobodys_lately: "最近给出的", "Given lately";
    nobodys_given: "{date}，{giver}给了{name}。", "{giver} gave it to {name} on {date}.";
    nobodys_own_red: "自己的红笔", "their own red pen";
    nobodys_taken: "没有存下：{giver}在 {date} 已把这处笔迹给了{name}。要改，请先在下面撤销。",
        "Not stored: {giver} gave this ink to {name} on {date}. To change that, undo it below first.";
    nobodys_given_since: "没有撤销：{giver}在 {date} 又把这处笔迹给了{name}。",
        "Not undone: {giver} has since given this ink to {name} ({date}).";
    nobodys_owned: "没有存下：这处笔迹已经有主了。", "Not stored: this ink is somebody’s already.";
    nobodys_no_red: "没有存下：共用页码的作业上，红笔归不到哪份答卷。请选学生。",
        "Not stored: on a shared sheet nothing says whose paper red ink marks. Choose a pupil.";
    nobodys_red_nowhere: "如果是您的红笔：共用页码的作业上，红笔归不到哪份答卷，请在屏幕上批。",
        "If it is your red pen: on a shared sheet nothing says whose paper it marks. Mark on the screen instead.";
    nobodys_closed: "已收", "collected";
    nobodys_settled: "这份答卷已收：给出后会重新批改，已定的得分和掌握度可能改变。",
        "This paper is collected: once the ink is given, it is marked again, and settled scores and mastery may change.";
    nobodys_settled_some: "标“已收”的学生：给出后会重新批改，已定的得分和掌握度可能改变。",
        "Where it says “collected”: once the ink is given, that pupil’s work is marked again, and settled scores and mastery may change.";
    nobodys_other: "本班其他学生", "Another pupil of the class";
    nobodys_choose: "就是这位", "Give it to this pupil";
    why_never_lent: "这支笔没有借给任何人。", "The pen was never lent to anybody.";
    why_not_lent_then: "书写的时候，这支笔没有借给任何人。", "The pen was lent to nobody at that time.";
    why_no_time: "笔的时钟没有校准，而且不止一人用过这支笔。",
        "The pen's clock was never set, and several people held the pen.";
    why_not_printed: "这个页码地址没有印过作业。", "No worksheet is printed at this address.";
    why_no_pupil: "这一份没有登记学生姓名。", "This copy bears no pupil's name.";
    why_not_assigned: "这份作业没有布置给写字的学生。", "This worksheet was not assigned to who wrote.";
    why_red_on_shared: "共用页码的作业上的红笔，不知道批的是谁的。请在屏幕上批。",
        "Red ink on a shared sheet: nothing says whose paper is meant. Mark on the screen instead.";
    why_fault: "系统出错，没能归到作业。", "A fault kept it from its paper.";
    assignments: "作业", "Assignments";
    assignments_none: "还没有布置作业", "No assignment yet";
    assignments_none_help: "作业发下去以后会出现在这里。", "Assignments appear here once handed out.";
    pupils: "学生", "Pupils";
    assigned_on: "{date} 布置", "given {date}";
    due_on: "{date} 截止", "due {date}";

    // States
    handed_in: "已交", "handed in";
    settled_alone: "自动收", "auto-collected";
    settled_rest_min: "自动收（停笔 {n} 分钟）", "auto-collected ({n} {n:minute|minutes} without ink)";
    settled_rest_h: "自动收（停笔 {n} 小时）", "auto-collected ({n} {n:hour|hours} without ink)";
    settled_due: "自动收（到截止时间）", "auto-collected (it was due)";
    writing: "书写中", "writing";
    begun: "已动笔", "begun";
    begun_to: "写到{question}", "up to {question}";
    missing: "未交", "missing";
    everybody: "全部", "all";
    states: "按交作业的情况筛选", "Filter by state";
    nobody: "没有这样的学生。", "No pupil is in this state.";
    provisional: "暂定", "provisional";

    // Verdicts
    right: "对", "right";
    wrong: "错", "wrong";
    partly: "半对", "partly";
    blank: "空", "blank";
    to_decide: "待确认", "to decide";
    to_score: "待给分", "to score";
    pending: "批阅中", "being marked";
    nothing: "没有笔迹", "no ink";
    machine: "机判", "machine";
    red_pen: "红笔", "red pen";
    screen: "屏幕", "screen";

    // The assignment
    decide_cost: "待确认 {n} 题，约 {m} 分钟", "{n} to decide, about {m} min";
    decide_cost_in: "待确认 {n} 题，合成 {g} 组，约 {m} 分钟（每组按 {s} 秒估计）",
        "{n} to decide in {g} {g:group|groups}, about {m} min (at {s} s per group)";
    score_cost: "待给分 {n} 题，约 {m} 分钟", "{n} to score, about {m} min";
    question_n: "第 {n} 题", "Question {n}";
    pupil: "学生", "Pupil";
    score: "得分", "Score";
    facility: "得分率", "Facility";
    mean: "平均分", "Mean";
    section: "{name}、", "{name}.";
    facility_why: "得分率 {p}%（{n} 份）", "facility {p}% ({n} {n:response|responses})";
    collect: "收作业", "Collect";
    collect_why: "现在写好的都标为已交：暂定的批阅变成已定，记入学生的掌握度。之后再写的会重新批阅。",
        "What is written now counts as handed in: provisional marks settle and reach the pupils' profiles. Later ink is marked again.";
    collect_title: "收 {n} 人的作业？", "Collect from {n} {n:pupil|pupils}?";
    collect_confirm: "收作业", "Collect";
    collect_cancel: "再等等", "Not yet";
    give_all_back: "撤回收作业", "Take collection back";
    give_all_back_title: "撤回哪一次收的作业？", "Which collection is taken back?";
    give_all_back_why: "那一次标为已交的答卷变回暂定：学生可以接着写，掌握度里也先不算。很久没有动笔的，仍算已定。",
        "The papers that it handed in are provisional again: pupils may go on writing, and their profiles leave them out for now. What has rested for long stays settled.";
    give_back_of: "{date} 收的 {n} 人", "{n} {n:pupil|pupils}, collected {date}";
    give_all_back_cancel: "不撤回", "Keep it";
    ink_none: "还没有收到笔迹", "No ink yet";
    ink_none_help: "学生一落笔，这里就会出现。如果已经写了，请检查笔和网关是否开机。",
        "It appears here as soon as a pupil writes. If they have, check that pens and gateway are on.";
    legend: "图例", "Key";
    page_n: "第 {n} 页", "Page {n}";
    live_on: "实时", "Live";
    live_off: "连接中断，正在重连…", "Disconnected, reconnecting…";
    live_ended: "这一页不再更新：登录已结束，或者本站有了新版本。",
        "This page is no longer updated: your login has ended, or the site has a new version.";
    live_again: "重新打开", "Open it again";
    store_full: "服务器的磁盘满了，新的笔迹和判分暂时存不下来。腾出空间后会自动继续，笔里的内容没有丢。请告诉信息老师。",
        "The server's disk is full: new ink and marks cannot be stored for now. It goes on by itself once there is room, and nothing in the pens is lost. Please tell your IT person.";
    store_read_only: "数据库现在只能读，新的笔迹和判分暂时存不下来。能写之后会自动继续，笔里的内容没有丢。请告诉信息老师。",
        "The database can only be read: new ink and marks cannot be stored for now. It goes on by itself once it can be written, and nothing in the pens is lost. Please tell your IT person.";
    store_fails: "数据库现在写不进去，新的笔迹和判分暂时存不下来。恢复后会自动继续，笔里的内容没有丢。",
        "The database takes no writes at the moment: new ink and marks cannot be stored for now. It goes on by itself, and nothing in the pens is lost.";

    // Deciding
    decide_title: "待确认", "To decide";
    decide_lead: "机器没有把握的作答，看笔迹点一下就好；读出来一样的放在一组，一次确认。开放题请给分。",
        "The machine is not sure of these: look at the ink and tap. Equal readings stand in a group and are decided at once. Open questions need points.";
    together: "一起确认的学生：取消勾选就单独确认", "Pupils decided at once: untick one to decide it alone";
    put_back: "放回本组", "Back into the group";
    nobody_chosen: "没有存下：没有勾选学生。", "Not stored: no pupil is ticked.";
    left_contested: "没有存下{name}的：{staff}刚判了“{verdict}”，{points} 分。",
        "Not stored for {name}: {staff} has just decided “{verdict}”, {points} {points:point|points}.";
    left_rewritten: "没有存下{name}的：显示之后又写过，请看新的笔迹。",
        "Not stored for {name}, who wrote on after this was shown: look at the new ink.";
    decide_done: "都确认完了", "All decided";
    decide_done_help: "谢谢！新的作答没有把握时会再出现在这里。",
        "Thank you. New responses the machine is unsure of will appear here.";
    back_to_assignment: "回到作业", "Back to the assignment";
    decide_more: "还有 {n} 题，确认完这些会接着出现。", "{n} more {n:follows|follow} once these are decided.";
    reads_as: "读作 {text}", "reads {text}";
    reads_nothing: "没有认出", "not readable";
    or_as: "或 {text} {p}%", "or {text} {p}%";
    decided_by_other: "{name}已经判了：再按一次才改判。", "{name} has decided it: press once more to overrule.";
    written_since: "{pupil} {part}：判过以后又写过，请再看一眼", "{pupil}, {part}: written on after it was decided, look once more";
    certainty: "把握 {p}%", "{p}% sure";
    answer_is: "答案 {text}", "answer {text}";
    model_answer: "参考答案", "Model answer";
    undo: "撤销", "Undo";
    give_back: "撤回“已交”", "Take back “handed in”";
    contested: "没有存下：{name}刚判了“{verdict}”，{points} 分。再按一次就按您的存。",
        "Not stored: {name} has just decided “{verdict}”, {points} {points:point|points}. Press again to store yours.";
    rewritten: "没有存下：这题显示之后，学生又写过。请看新的笔迹；再按一次就按您的存。",
        "Not stored: the pupil wrote on after this was shown. Look at the new ink; press again to store yours.";
    send_over: "按我的存", "Store mine";
    refused: "没有存下：请给 0 到 {max} 分，最多一位小数。", "Not stored: give 0 to {max} points, at most one decimal.";
    refused_title: "没有存下", "Not stored";
    refused_help: "请只给一个判定：对、错、半对，或 0 到满分之间的分数（最多一位小数）。",
        "Give one verdict: right, wrong, partly, or points from 0 to the maximum with at most one decimal.";
    refused_back: "回去再给", "Go back and give it";
    lost: "没有存下：网络断了或太慢。", "Not stored: the network is down or too slow.";
    lost_session: "没有存下：登录已过期。请在另一个标签页重新登录，再试一次。",
        "Not stored: you were logged out. Log in again in another tab, then try again.";
    lost_gone: "没有存下：这份作答已不在这里。", "Not stored: this response is no longer here.";
    lost_failed: "没有存下：服务器出错。", "Not stored: the server failed.";
    send_again: "再试一次", "Try again";
    keys_card: "下一张 / 上一张", "next / previous card";
    keys_on: "使用单键快捷键", "Use single-key shortcuts";
    this_page: "本页", "This page";
    whole_paper: "整份 {score} / {points} 分", "Whole paper {score} / {points}";
    points_max: "/ {points} 分", "/ {points}";
    give_points: "给分", "Give points";
    because_low_confidence: "笔迹没有把握", "ink is unclear";
    because_ambiguous_field: "笔迹跨了两个答题处", "ink spans two fields";
    because_two_bubbles: "涂了不止一个", "more than one bubble filled";
    because_light_bubble: "涂得太浅", "a bubble is barely filled";
    because_out_of_alphabet: "写的不是要求的符号", "not one of the expected symbols";
    because_crossed_out: "都划掉了，没有另写", "crossed out, nothing instead";
    because_overwritten: "在旧答案上改写", "written over another answer";
    because_two_answers: "像是写了两个答案", "perhaps two answers";
    because_beside_field: "写在答题处旁边", "written beside the field";
    because_marked_otherwise: "没有涂，用了别的记号", "marked, but not filled";
    because_misplaced: "整页笔迹与答题处错位", "the page’s ink is off its fields";
    because_another_way: "列式与答案不同", "another sum than the key's";
    because_unfinished: "没有算到得数", "not worked out to a number";
    because_no_working: "得数对，没有过程", "the right result without its working";
    because_another_character: "像是别的字", "it looks like another character";
    because_strokes_unclear: "笔画合不上：连笔、缺笔、多笔或涂改",
        "its strokes fit no character: joined, missing, too many or corrected";
    because_stroke_order: "笔顺和规范的不同", "its strokes came in another order than is taught";
    because_rows_unclear: "竖式的行没有认清", "its rows are unclear";
    because_unit_unread: "数后面写的单位要看", "please look at what follows the number";
    because_no_unit: "数对，没有写单位", "the number is right, its unit is missing";
    because_crowded: "笔迹比答案多", "more ink than an answer";
    because_incomplete_ink: "有一笔还没传完", "part of a stroke is missing";
    because_several_pens: "不止一支笔写过", "more than one pen wrote here";
    because_no_key: "开放题，请给分", "open question, please score";
    because_no_reader: "这类答案还不能机判", "answers of this kind are not read yet";
    because_red_unclear: "红笔批改没有认清", "red pen is unclear";
    because_red_contradicts: "红笔的几处批改不一致", "red marks contradict each other";
    because_red_unplaced: "旁边有红笔，看不出批的是哪一题", "a red mark nearby, and it is unclear which answer it marks";
    because_other: "需要看一下", "needs a look";

    // The paper
    responses: "作答", "Responses";
    previous_pupil: "上一位", "Previous";
    next_pupil: "下一位", "Next";
    paper_of: "{name}的答卷", "{name}’s paper";
    paper_empty: "这一页还没有笔迹", "No ink on this page yet";
    paper_empty_help: "写了却没出现？检查笔是否开机、是否借给了别人。",
        "Written but not here? Check that the pen is on and was not lent.";
    foreign_pen: "有别人的笔在这页写过", "Somebody else’s pen wrote here";
    foreign_pen_why: "这份答卷属于纸上姓名的学生。笔迹照常批阅；若是代写或借笔，请核对。",
        "The paper belongs to the pupil named on it. It was marked as usual; check if the pen was lent.";
    loose_ink: "答题处之外有 {n} 笔", "{n} {n:stroke|strokes} outside the answer fields";
    loose_red: "红笔有 {n} 笔不在哪一题旁边", "{n} red {n:stroke|strokes} beside no question";
    late_ink: "批阅之后又写了，马上重新批阅", "New ink since marking; it will be marked again";
    fault: "批阅没有完成，笔迹都在。稍后会再试。", "Marking failed; all ink is safe. It will be tried again.";
    with_undecided: "，另有 {n} 处待定", " with {n} undecided";
    red_total_open: "红笔写的总分是 {total}，已判的各题相加是 {sum}，还有 {n} 处待定", "the total in red is {total}; what is decided adds up to {sum}, with {n} undecided";
    red_total: "红笔写的总分是 {total}，各题相加是 {sum}", "the total in red is {total}; the questions add up to {sum}";
    decided_before_ink: "判过之后又写过", "written on after it was decided";
    replay_pause: "暂停", "Pause";
    replay: "笔迹回放", "Replay";
    replay_at: "回放位置", "Replay position";
    replay_one: "回放这一题", "Replay this question";
    replay_page: "整页", "Whole page";
    pauses: "停顿", "Pauses";
    pause_s: "停顿 {n} 秒", "pause of {n} {n:second|seconds}";
    step_slipped: "第 {n} 步有错：{from} = {to}，应得 {value}", "step {n} is wrong: {from} = {to}; it should be {value}";
    rewrote: "涂改 {n} 次", "rewritten {n}×";
    time_writing: "书写 {n} 秒", "{n} s writing";
    hand_in_one: "标为已交", "Mark as handed in";

    // Keys
    keys: "快捷键", "Keys";
    keys_pupil: "下一位 / 上一位学生", "next / previous pupil";
    keys_next: "下一个待确认", "next to decide";
    keys_verdict: "对 / 错 / 半对", "right / wrong / partly";
    keys_score: "开放题：给几分", "open question: points";
    keys_pull: "把一位学生移出本组 / 放回（← → 选学生）", "pull a pupil out of the group / back (← → chooses)";
    keys_undo: "撤销", "undo";
    keys_help: "显示这张表", "show this table";
    close: "关闭", "Close";

    // The pupil
    mastery: "掌握度", "Mastery";
    mastery_why: "点：接下来 {n} 次作答里答对中等难度题的可能；横线：九成把握的区间。越长，越要再看几次作业；好久没写，也会变长。",
        "Dot: chance of a right answer on a middling item over {n} {n:answer|answers} to come; bar: 90 % interval. A long bar asks for more homework; it grows while nothing is written.";
    mastery_history: "变化", "Over time";
    mastery_interval: "{low}–{high}%", "{low}–{high}%";
    answers: "作答次数", "Answers";
    answers_n: "{n} 次作答", "{n} {n:answer|answers}";
    too_few: "证据不够", "not enough evidence";
    too_few_why: "不到 {n} 次已定的作答，先不下结论", "fewer than {n} settled {n:answer|answers}: no conclusion yet";
    mastery_none: "还没有已定的作答", "No settled answers yet";
    mastery_none_help: "作业收上来以后，掌握度会出现在这里。", "Mastery appears once homework is handed in.";
    knowledge_point: "知识点", "Knowledge point";
    papers: "答卷", "Papers";
    papers_none: "还没有答卷", "No papers yet";
    writing_process: "书写过程", "How it was written";
    writing_process_why: "笔记录的事实，不是评价。停顿：上一题写完到这一题动笔。",
        "Facts that the pen recorded, no judgement. Pause: from the end of the question before to the first stroke.";
    writing_question: "题", "Question";
    writing_verdict: "批阅", "Mark";
    writing_order: "第几个写", "Order";
    writing_pause: "停顿", "Pause";
    writing_time: "落笔", "Pen down";
    writing_rewrites: "涂改", "Rewrites";
    skipped: "跳过", "skipped";
    not_reached: "没做到", "not reached";

    // Questions seen across the class
    groups_lead: "同样的答案放在一起。点笔迹看原卷。", "The same answers side by side. Tap the ink for the paper.";
    group_of: "{n} 人", "{n} {n:pupil|pupils}";
    nothing_written: "没有写", "nothing written";
    points_of: "{points} 分", "{points} {points:point|points}";

    // Errors
    error_404: "没有这一页", "There is no such page";
    error_404_help: "地址可能不完整，或者它不属于您任教的班级。",
        "The address may be incomplete, or belong to a class you do not teach.";
    error_403: "这个请求不是从本站发出的", "This request did not come from this site";
    error_403_help: "为了安全没有执行。请从页面上再操作一次。",
        "To be safe it was not carried out. Please do it again from the page.";
    error_400: "请求不完整", "The request is incomplete";
    error_400_help: "请回到上一页再试一次。", "Go back and try again.";
    error_408: "请求来得太慢", "The request came too slowly";
    error_408_help: "什么也没有改变。请检查网络，再试一次。",
        "Nothing was changed. Check the network and try again.";
    error_413: "内容太大", "Too much was sent";
    error_413_help: "什么也没有改变。请缩短内容，或清除本站的 Cookie，再试一次。",
        "Nothing was changed. Send less, or clear this site's cookies, and try again.";
    error_421: "这个地址不是本站的", "This address is not this site's";
    error_421_help: "请核对地址栏。管理员：在配置文件 [web] 的 hosts 中写上浏览器所用的名称。",
        "Check the address. Administrator: add the name that browsers use to hosts in [web] of the configuration.";
    error_busy: "现在太忙", "Too busy just now";
    error_busy_help: "笔迹和批阅都没有丢。请过几秒再试。",
        "No ink and no mark is lost. Try again in a few seconds.";
    error_500: "出了点问题", "Something went wrong";
    error_500_help: "笔迹和批阅都没有丢。请稍后再试；如果一直这样，请告诉管理员。",
        "No ink and no mark is lost. Try again in a moment; if it stays, tell your administrator.";
    unstored_title: "没有成功", "It did not work";
    unstored_help: "服务器出错。{what}之前存好的笔迹和批阅都在。请回去再试一次；如果一直这样，请告诉管理员。",
        "The server failed. {what} Ink and marks stored before are safe. Go back and try again; if it stays, tell your administrator.";
    unstored_back: "回去再试", "Go back and try again";
    unstored: "刚才的操作没有存下。", "What you just did is not stored.";
    unstored_mark: "刚才给的判分没有存下。", "The mark you just gave is not stored.";
    unstored_hand_in: "“已交”没有存下。", "“Handed in” is not stored.";
    unstored_give_back: "“已交”没有撤回。", "“Handed in” is not taken back.";
    unstored_undo: "没有撤销，之前的仍然算数。", "Nothing is undone: what was there still counts.";
    unstored_ink: "这处笔迹给了谁，没有存下。", "Whose ink it is, is not stored.";
    unstored_password: "新密码没有存下，原来的照旧。", "The new password is not stored; the old one still holds.";
    unstored_login: "您没有登录；不是账号或密码的问题。", "You are not logged in; your login and password are not the reason.";
    unstored_link: "您没有登录。如果这个链接已失效，请管理员重新发一个。",
        "You are not logged in. If the link no longer works, ask your administrator for a new one.";
    unstored_logout: "没有退出：这台设备上您仍登录着。", "You are not logged out: this device is still logged in.";
    unstored_locale: "语言没有换。", "The language is not changed.";
    worksheet_unreadable: "这份作业的内容读不出来", "This worksheet cannot be read";
    worksheet_unreadable_help: "学生的笔迹和已有的批阅都在。请告诉管理员。",
        "The pupils’ ink and the marks so far are safe. Tell your administrator.";
    worksheet_unreadable_title: "作业 {id}（内容读不出来）", "Assignment {id} (its worksheet cannot be read)";
    worksheet_unreadable_page: "作业内容读不出来，第 {page} 页", "a worksheet that cannot be read, page {page}";
    home: "回到班级", "Back to classes";
}

pub(crate) mod account;
pub(crate) mod evidence;
pub(crate) mod exports;
pub(crate) mod hands;
pub(crate) mod keys;
pub(crate) mod parents;
pub(crate) mod pens;
pub(crate) mod people;
pub(crate) mod roster;
pub(crate) mod school;
pub(crate) mod sheets;

#[cfg(test)]
mod tests;
