//! What parents read, and what the teacher does to let them.

use super::Locale;

words! {
    /// The texts of the pages for parents.
    ParentsWords:
    // For the teacher
    title: "给家长看", "For parents";
    lead: "每位学生一个链接，打开只看到这一份答卷：练了什么、批好的页面、可以再看看的题。没有分数排名，也不和别人比。",
        "One link per pupil. It shows this paper alone: what was practised, the marked page, what to look at again. No rank and no comparison.";
    once: "“一次性”的意思：链接在第一台打开它的设备上一直有效，直到 {n} 天后到期或您撤销；别的设备打不开。重新打印会换掉还没打开过的旧链接。",
        "“One-time” means: a link belongs to the first device that opens it, and works there for {n} days or until you take it back; no other device can open it. Printing again replaces links that nobody has opened yet.";
    make_all: "给全班打印单子", "Print slips for the class";
    make_missing: "给还没有链接的打印", "Print for those without a link";
    make_one: "打印一张", "Print one";
    preview: "看家长看到的", "See what parents see";
    revoke_all: "全部撤销", "Take all back";
    revoke_one: "撤销", "Take back";
    pupil: "学生", "Pupil";
    state: "链接", "Link";
    state_none: "没有", "none";
    state_alive: "{date} 打印，还没打开", "printed on {date}, not opened yet";
    state_opened: "{date} 打开过", "opened on {date}";
    state_more: "，共 {n} 个有效", ", {n} in force";
    until: "有效到 {date}", "good until {date}";
    state_ended: "已到期或撤销", "expired or taken back";
    count: "{n} 个有效，其中 {m} 个打开过", "{n} in force, {m} of them opened";
    nobody: "这份作业还没有学生。", "This assignment concerns no pupil yet.";
    bad_choice: "没有打印：请选全班或一位学生。", "Nothing was printed: choose the class or one pupil.";
    // Slips
    slips_title: "家长单子", "Slips for parents";
    slips_now: "二维码只在这一页出现，服务器上不留。请现在打印（一页 8 张），或把链接发给家长；关掉以后要重新打印。",
        "These codes appear on this page alone; the server keeps none. Print now (8 on a page), or send the links; once it is closed they must be printed again.";
    slips_print: "按 Ctrl+P 打印，剪开后发给学生。", "Press Ctrl+P to print, cut, and hand out.";
    slips_back: "回到链接列表", "Back to the links";
    slip_line: "请扫码看看孩子这次的作业", "Scan to see this homework";
    slip_until: "有效到 {date}，只在第一台打开的手机上能看。", "Good until {date}, on the first phone that opens it.";
    slip_code: "{name}的二维码", "code for {name}";
    // For parents
    gate_title: "孩子的一份作业", "A piece of homework";
    gate_help: "点下面的按钮，就在这台设备上打开。以后这个链接只能在这台设备上看，到期为止；请在您自己的手机上点。",
        "The button opens it on this device. From then on the link works on this device alone, until it ends, so press it on your own phone.";
    gate_open: "在这台设备上打开", "Open on this device";
    void: "这个链接打不开", "This link does not open";
    void_help: "链接可能已到期、被老师收回，或者地址不完整。想再看，请和老师说一声。",
        "It may have ended, been taken back by the teacher, or be incomplete. Ask the teacher if you would like to see it again.";
    other_device: "这个链接已在另一台设备上打开", "This link was opened on another device";
    other_device_help: "为了保护孩子，一个链接只在第一台打开它的设备上能看。请用那台设备；或请老师再给一张单子。",
        "To protect the child, a link works only on the first device that opened it. Use that device, or ask the teacher for another slip.";
    wait: "请稍等再试", "Please wait a moment";
    wait_help: "刚才打开的次数太多，请 {n} 秒后再试。", "There were too many tries. Wait {n} {n:second|seconds} and try again.";
    heading: "{name}的作业", "{name}’s homework";
    practised: "这次练了什么", "What was practised";
    page: "批好的作业", "The marked page";
    page_n: "批好的作业，第 {n} 页", "The marked page, page {n}";
    no_ink: "这一页没有收到笔迹。如果孩子写了，请和老师说一声。",
        "No ink came in for this page. If your child wrote on it, please tell the teacher.";
    looking: "老师还在看", "The teacher is still looking at this";
    looking_n: "还有 {n} 处，老师还在看。", "The teacher is still looking at {n} {n:place|places}.";
    again: "可以再看看", "Worth another look";
    again_none: "批好的题都对了。", "Everything that is marked is right.";
    again_wait: "等老师看完，这里会有。", "This comes when the teacher has looked.";
    right_answer: "正确的是", "The right answer";
    example: "可以这样写", "It can be written like this";
    left_blank: "这里空着", "Left empty";
    written: "孩子写的", "What your child wrote";
    next: "下一步", "A next step";
    next_point: "找五分钟，请孩子边做边讲一道“{point}”的题：先听孩子怎么想，再一起看上面的正确写法。",
        "Take five minutes: let your child work one task on “{point}” aloud. Listen first, then look at the right answer above together.";
    next_any: "找五分钟，请孩子把上面的一道题再做一遍，边做边讲。", "Take five minutes: let your child do one of the tasks above again, explaining it aloud.";
    next_right: "请孩子挑一道题，讲给您听是怎么想的。讲得清楚，就学牢了。",
        "Let your child choose one task and explain how they thought. What is explained is learnt.";
    next_wait: "老师看完以后，在这台设备上再打开这个链接看看。", "When the teacher has looked, open this link on this device again.";
    note: "这一页只有这份作业，只给您看。有效到 {date}。有疑问请直接问老师。",
        "This page holds this homework alone, and is for you. Good until {date}. Ask the teacher about anything.";
    preview_note: "这是预览：家长打开链接后看到的就是下面这样。", "A preview: this is what parents see when they open a link.";
}
