//! A key that is corrected: on the page of a question, and before it happens.

use super::Locale;

words! {
    /// The texts about the key of a question.
    KeysWords:
    correct: "更正答案", "Correct the key";
    correct_of: "更正{question}的答案", "Correct the key of {question}";
    lead: "先看会改变什么，再决定。", "Look at what would change first.";
    right_is: "算对的答案", "Right answers";
    typed_help: "几种写法都算对时用 | 隔开，例如 {example}", "Divide several right ones by |, such as {example}";
    any_help: "可以选几个，选了的都算对", "Choose several where each of them is right";
    look: "看看会改变什么", "See what would change";
    accept: "“{answer}”也算对", "Accept “{answer}” too";
    overruled: "{part}读作“{reading}”的 {n} 次，老师改判了 {m} 次：答案对吗？", "{part}: “{reading}” read {n} {n:time|times}, {m} overruled: is the key right?";
    now: "现在的答案", "Key now";
    becomes: "改成", "Becomes";
    nothing_yet: "还没有改动任何东西。", "Nothing is changed yet.";
    changes: "{n} 处判分会改变", "{n} {n:mark|marks} would change";
    changes_none: "没有判分会改变", "No mark would change";
    kept: "{n} 处老师已经判过，保持不变", "{n} decided by teachers {n:stays|stay} as {n:it is|they are}";
    waiting: "{n} 处待确认，仍然待确认", "{n} to decide {n:stays|stay} to decide";
    points: "{before} → {after} 分", "{before} → {after} points";
    pupil: "学生", "Pupil";
    class: "班级", "Class";
    read_as: "读作", "Read as";
    before: "之前", "Before";
    after: "之后", "After";
    scored: "这题得分", "Points of the question";
    own_classes: "{classes}用的是同一份练习，由您来判，一起更正。", "The same worksheet was given to {classes}, and you decide there: the key is corrected in all of them.";
    other_classes: "{classes}也用这份练习，由别的老师判：那里的答案不变，老师会在题目页上看到您的更正。", "The same worksheet was given to {classes}, where other teachers decide: the key stays there, and they see your correction on the question’s page.";
    paper_stays: "已经印好的纸照样能用。练习会多出一个新版本，只有这个答案不同。", "Printed sheets stay good. The worksheet gets a new version that differs in this key alone.";
    confirm: "更正，重新批改 {n} 份", "Correct it and mark {n} {n:paper|papers} again";
    back: "不改，回到题目", "Leave it";
    another: "改成别的答案", "Another key";
    changed: "没有改：您看过以后有了变化。这是现在会改变的，请再看一次。", "Nothing was changed: something is different since you looked. This is what would change now.";
    bad_answer: "“{answer}”不是这一空能写的答案。", "“{answer}” cannot be an answer here.";
    no_answer: "至少要有一个算对的答案。", "At least one answer must be right.";
    same: "和现在的答案一样。", "That is the key already.";
    history: "更正过的答案", "Corrected keys";
    said: "{date}，{staff}：{part}“{was}”改成“{becomes}”（第 {version} 版）", "{staff} on {date}: {part} “{was}” became “{becomes}” (version {version})";
    done: "重新批改了 {done} / {n} 份", "{done} of {n} papers marked again";
    done_all: "{n} 份都重新批改了", "all {n} {n:paper|papers} marked again";
    changed_n: "{n} 处判分变了", "{n} {n:mark|marks} changed";
    changed_none: "没有判分改变", "no mark changed";
    undo: "改回“{was}”", "Put “{was}” back";
    begun: "布置时已经是更正后的答案", "it was corrected before this was given";
    begun_n: "布置前更正过{question}的答案", "The key of {question} was corrected before this was given";
    later: "以后在本校布置这份练习，也从更正后的答案开始。", "What the school is given of this worksheet later begins with the corrected key too.";
    elsewhere: "{date}，{staff}在{class}把{part}的答案改成了“{becomes}”。这里没有改。", "{staff} on {date}: in {class} the key of {part} became “{becomes}”. It is as it was here.";
}
