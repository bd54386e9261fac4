//! What a verdict rests on.

use super::Locale;

words! {
    /// The texts about what a verdict rests on.
    EvidenceWords:
    title: "依据", "Evidence";
    read: "读到", "Read";
    read_as: "{text}，把握 {p}%", "{text}, {p}% sure";
    read_nothing: "没有读出答案", "no answer";
    second: "另一种读法", "Other readings";
    second_as: "{text} {p}%", "{text} {p}%";
    second_none: "没有", "none";
    line: "机判线", "Decided from";
    line_met: "{min}%：够了", "{min}%: reached";
    line_missed: "{min}%：不够，所以请老师定", "{min}%: not reached, so a person decides";
    line_doubted: "{min}%：够了，但笔画有疑点，所以请老师定", "{min}%: reached, but the strokes are in doubt, so a person decides";
    line_reason: "{min}%；{because}，所以请老师定", "{min}%; a person decides: {because}";
    strokes: "笔画", "Strokes";
    strokes_n: "作答 {n} 笔", "{n} of the answer";
    strokes_superseded: "划掉或改掉 {n} 笔", "{n} crossed out or written over";
    strokes_red: "红笔 {n} 笔", "{n} in red";
    strokes_none: "没有", "none";
    versions: "版本", "Versions";
    versions_of: "练习第 {worksheet} 版，铺码位置第 {registration} 版，识别模型 {model}，判定规则第 {thresholds} 版", "worksheet {worksheet}, registration {registration}, model {model}, rules {thresholds}";
    given: "判分经过", "Given";
    given_as: "{date} {source}{by}：{verdict} {points} 分", "{date} {source}{by}: {verdict}, {points} points";
    unsure: "把握 {p}%，要 {min}% 才机判", "{p}% sure, {min}% is needed";
    doubted: "读数有把握（{p}%），笔画有疑点", "sure of the reading ({p}%), not of the strokes";
    doubted_all: "读数有把握，笔画有疑点", "sure of the reading, not of the strokes";
}
