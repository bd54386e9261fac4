//! What the pages say on which pens and gateways are kept.

use super::Locale;

words! {
    /// The texts of the pages about pens and gateways.
    PensWords:
    pens: "智能笔", "Pens";
    gateways: "网关", "Gateways";

    // What was done
    undo: "撤销", "Undo";
    undone: "已撤销：{what}", "Undone: {what}";
    lately: "最近做的", "What was done lately";
    by: "{date}，{name}", "{date}, {name}";
    by_command: "命令行", "the command line";
    by_nobody: "已不在校的人", "somebody who left";
    done_added: "{set} 套登记了 {n} 支笔：{pens}", "Set {set} has {n} more {n:pen|pens}: {pens}";
    done_lent_set: "{set} 套从 {date} 起借给{class}：{n} 名学生有笔",
        "Set {set} is lent to {class} from {date} on: {n} {n:pupil has a pen|pupils have pens}";
    done_without: "没有笔的学号：{numbers}", "without a pen: {numbers}";
    done_lent: "笔 {pens} 从 {date} 起借给{name}", "Pen {pens} is lent to {name} from {date} on";
    done_returned_set: "{set} 套在 {date} 还了：{n} 支笔", "Set {set} came back on {date}: {n} {n:pen|pens}";
    done_returned: "笔 {pens} 在 {date} 还了", "Pen {pens} came back on {date}";
    done_swapped: "笔 {pens} 从 {date} 起对换了主人", "Pens {pens} have exchanged their holders from {date} on";
    done_swapped_until: "笔 {pens} 从 {date} 到 {until} 对换主人", "Pens {pens} exchange their holders from {date} until {until}";
    done_lost: "笔 {pens} 从 {date} 起记为丢失", "Pen {pens} is noted as missing since {date}";
    done_found: "笔 {pens} 找到了，现在没有借给谁", "Pen {pens} is found; nobody holds it";

    // What was refused
    no_class: "没有做：请选一个班。", "Not done: choose a class.";
    no_holder: "没有做：请选一名学生或老师。", "Not done: choose a pupil or a teacher.";
    no_other: "没有做：请选另一支笔，来和这支对换。", "Not done: choose another pen to exchange with.";
    no_set: "没有登记：请给这套笔起个名字，1 到 20 个字，不带冒号。",
        "Not stored: give the set a name of 1 to 20 characters without a colon.";
    set_hidden: "没有登记：套名里有一个看不见的字符（{code}）。请删掉，重新打一遍。",
        "Not stored: the set’s name has a character in it that nobody sees ({code}). Type it again.";
    no_ids: "没有登记：请填笔的编号，一行一个。", "Not stored: fill in the pens’ ids, one a line.";
    too_many: "没有登记：一套最多 {n} 支笔。", "Not stored: a set has {n} pens at most.";
    no_number: "没有登记：第一支笔的号码是 1 到 9999 的整数，不是“{text}”。",
        "Not stored: the first pen’s number is a whole number from 1 to 9999, not “{text}”.";
    no_id: "没有登记：第 {n} 行的“{text}”不是笔的编号。编号是 12 位，只有 0–9 和 a–f，印在笔或包装上。",
        "Not stored: “{text}” in line {n} is no pen’s id, which has 12 digits of 0–9 and a–f and stands on the pen or its box.";
    id_twice: "没有登记：编号 {text} 写了两次，又在第 {n} 行。", "Not stored: id {text} is there twice, again in line {n}.";
    place_taken: "没有登记：{set} 套的 {number} 号已经是笔 {pen}。请换个号码，或先把那支笔登记到别处。",
        "Not stored: number {number} of set {set} is pen {pen}. Choose another number, or put that pen elsewhere first.";
    elsewhere: "没有做：笔 {pen} 是别的学校的。请系统管理员用 zhibi pen --school 转过来。",
        "Not done: pen {pen} is another school’s. Ask who runs the server to move it with zhibi pen --school.";
    no_time: "没有做：看不懂时间“{text}”。请写成 2026-11-28 18:30。",
        "Not done: “{text}” is no time. Write it as 2026-11-28 18:30.";
    time_far: "没有做：时间“{text}”不会是对的：最早到 2020 年，最晚到从今天起 400 天。请看看年份。",
        "Not done: “{text}” is before 2020 or more than 400 days ahead. Look at the year.";
    swapped_since: "没有再对换：打开这一页以后，笔 {pen} 已经改过了。请看现在谁拿着；还要对换，再按一次。",
        "Nothing more was exchanged: pen {pen} was changed since this page was opened. See who holds it now, and press again if they are still to be exchanged.";
    until_before: "没有做：结束的时间要晚于开始的时间。", "Not done: the end must be later than the beginning.";
    nobody_holds: "没有做：那时笔 {pen} 没有借给谁，没法对换。请先把笔借出去。",
        "Not done: nobody holds pen {pen} then, so there is nothing to exchange. Lend it first.";
    changed_since: "没有撤销：笔 {pen} 之后又改过。请先撤销后来的那一步。",
        "Not undone: pen {pen} was changed since. Undo that first.";

    // Pens that nobody knows
    strangers: "没有主人的笔", "Pens without a holder";
    strangers_lead: "这些笔写过字，或者报到过，但没有借给谁。给一名学生，等着的笔迹就归到他的答卷。这里只有页数，看不到笔迹。",
        "These pens wrote or said hello, and nobody holds them. Give one to a pupil, and the ink that waits goes to their papers. Only pages are counted here; no ink is shown.";
    stranger_ink: "{n} 页笔迹，从 {date} 起", "ink on {n} {n:page|pages}, since {date}";
    stranger_waits: "其中 {n} 页还不知道是谁的", "{n} of them nobody’s yet";
    stranger_on: "{class}《{title}》{n} 页", "{n} {n:page|pages} of {title}, {class}";
    stranger_on_none: "{n} 页不在本校印的作业上", "{n} {n:page|pages} not on paper that the school printed";
    stranger_no_ink: "还没有写过字", "wrote nothing yet";
    stranger_owner: "写在{name}的那份上", "on {name}’s copy";
    stranger_give: "从第一笔起给", "Give it, from its first stroke on, to";
    stranger_do: "给这个人", "Give";
    more_strangers: "另外还有 {n} 支。", "There are {n} more.";
    names_of: "列出哪个班的学生", "Whose pupils are listed";
    names_show: "换班", "Show";
    staff_group: "老师（红笔）", "Teachers (red pens)";
    choose: "—", "—";

    // Sets
    sets: "成套的笔", "Sets";
    set_named: "{set} 套", "Set {set}";
    set_pens: "{n} 支", "{n} {n:pen|pens}";
    rest: "不在套里的笔", "Pens in no set";
    none: "还没有登记笔", "No pen is registered yet";
    none_help: "在下面登记一套。笔的编号印在笔或包装上；从文件里复制，一行一个。",
        "Register a set below. A pen’s id stands on it or on its box; paste them from a file, one a line.";
    number: "号码", "Number";
    holder: "谁拿着", "Held by";
    battery: "电量", "Battery";
    seen: "最近一次", "Last seen";
    model: "型号", "Model";
    loose: "没归属的笔迹", "Nobody’s ink";
    loose_pages: "{n} 页", "{n} {n:page|pages}";
    nobody: "没有借出", "nobody";
    red: "红笔", "red pen";
    lost_since: "{date} 起丢失", "missing since {date}";
    charging: "充电中", "charging";
    percent: "{n}%", "{n}%";
    never_seen: "还没有报到", "not seen yet";
    keeps: "笔里还有 {n} 块没传完", "keeps {n} {n:chunk|chunks} that did not come yet";

    // Forms
    lend_set: "按学号借给一个班", "Lend it to a class by number";
    lend_set_why: "1 号笔给 1 号学生，2 号给 2 号，依此类推；学号较长的，看最后两位。", "Pen 1 to pupil 1, pen 2 to pupil 2, and so on; of a longer number, its last two digits count.";
    class: "班级", "Class";
    from: "从", "From";
    from_now: "不填就是现在", "now, if it is empty";
    until: "到", "Until";
    until_open: "不填就一直换下去", "for good, if it is empty";
    preview: "先看看", "Look first";
    preview_all: "{class} {n} 名学生都会有笔。", "{n:The|All} {n} {n:pupil|pupils} of {class} {n:gets|get} a pen.";
    preview_some: "{class} {all} 名学生里，{n} 名会有笔。没有笔的：{names}。",
        "{n} of the {all} {all:pupil|pupils} of {class} {n:gets|get} a pen. Without one: {names}.";
    preview_moves: "其中 {n} 支现在由别人拿着，从那时起换人。", "{n} of these {n:pen is|pens are} held by others now and change hands then.";
    preview_spare: "用不上的笔：{numbers} 号。", "Pens that nobody gets: {numbers}.";
    preview_in_order: "这个班学号的最后两位有重复，按学号从小到大依次给：最小的拿 1 号笔。",
        "The last two digits of this class’s numbers are not all different: pens go by the order of the numbers, pen 1 to the lowest.";
    preview_nobody: "{class}在那时没有学生。请先导入名册。", "{class} has no pupils. Bring a roster in first.";
    preview_do: "借出", "Lend";
    return_set: "整套还回", "The set came back";
    return_set_why: "之后写的笔迹不再算他们的。", "What is written later is no longer theirs.";
    pen_named: "笔 {pen}", "Pen {pen}";
    lend_pen: "借给一个人", "Lend it to one person";
    lend_pen_do: "借出", "Lend";
    to: "给", "To";
    return_pen: "还回", "It came back";
    swap: "和另一支对换主人", "Exchange its holder with another’s";
    swap_why: "拿错了笔：这段时间的笔迹跟着换过来，重新批阅。",
        "The wrong pupil took one: the ink of that time moves along and is marked again.";
    swap_with: "另一支笔", "The other pen";
    swap_do: "对换", "Exchange";
    lost_do: "记为丢失", "It is missing";
    found_do: "找到了", "It is found";
    add: "登记一套笔", "Register a set of pens";
    add_set: "套名", "Set";
    add_first: "第一支的号码", "Number of the first";
    add_ids: "编号，一行一个", "Ids, one a line";
    add_why: "按顺序编号。笔原来在别的套里的，会移过来；丢失的算找到了。",
        "They are numbered in order. A pen of another set moves here, and one that was missing is found.";
    add_do: "登记", "Register";

    // Gateways
    gateways_lead: "网关是放在教室里、替笔传送笔迹的盒子。", "A gateway is the box in a classroom that passes the pens’ ink on.";
    gateways_none: "还没有网关", "No gateway yet";
    gateways_none_help: "在服务器上登记一个，把打印出来的用户名和密码填进网关。",
        "Enrol one on the server, and put the user name and password that are printed into the gateway.";
    classroom: "教室", "Classroom";
    gateway: "网关", "Gateway";
    state: "状态", "State";
    waiting: "等着传的", "Waiting";
    last_ink: "最近的笔迹", "Last ink";
    online_since: "在线，{date} 起", "online since {date}";
    offline_since: "离线，{date} 起", "offline since {date}";
    never_online: "没有消息", "never heard of";
    not_enrolled: "没有登记", "not enrolled";
    not_enrolled_why: "有网关在用这个编号传送，但没有人登记过它。是本校的就登记；不是，就在服务器上查它从哪里来。",
        "A gateway sends under this id, and nobody enrolled it. If it is the school’s, enrol it; if not, find out on the server where it comes from.";
    revoked: "{date} 停用", "revoked {date}";
    pens_keep: "{pens} 支笔里还有 {n} 块", "{n} {n:chunk|chunks} in {pens} {pens:pen|pens}";
    pens_empty: "{pens} 支笔，都传完了", "nothing, in {pens} {pens:pen|pens}";
    pens_no: "还没有笔", "no pen yet";
    backlog_why: "笔自己说的，几分钟前的数；网关里还存着多少，协议没有说。",
        "As pens said some minutes ago. How much a gateway itself keeps, the protocol does not say.";
    no_ink: "还没有", "none yet";
    enrol: "登记网关", "Enrol a gateway";
    enrol_why: "在服务器上运行，再把文件夹带到网关上：里面是它的证书和密钥。不带 --out，就只打印一次用户名和密码，用于可信的网络。",
        "Run this on the server, and carry the folder to the gateway: its certificate and key are in it. Without --out, a user name and a password for a trusted network are printed once.";
    certificate_ends: "证书 {date} 到期：请续期", "certificate ends {date}: renew it";
    revoke_why: "停用一个网关：", "To revoke one:";
}
