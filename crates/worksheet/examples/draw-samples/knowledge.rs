//! The knowledge points of all sample sheets: one tree, so that a skill has one id everywhere.

use worksheet::KnowledgePoint;
use worksheet::draw::Section;

/// Each after its parent; the parent is the id up to its last dot.
const TREE: [(&str, &str, &str); 32] = [
    ("math", "数学", "Mathematics"),
    ("math.whole", "整数四则运算", "Operations on whole numbers"),
    ("math.whole.add-carry", "两位数加法（进位）", "Adding two-digit numbers with carrying"),
    (
        "math.whole.subtract-borrow",
        "两位数减法（退位）",
        "Subtracting two-digit numbers with borrowing",
    ),
    ("math.whole.times-tables", "表内乘法", "Multiplication tables"),
    ("math.whole.table-division", "表内除法", "Division within the tables"),
    ("math.whole.multiply-by-digit", "两位数乘一位数", "Two-digit times one-digit numbers"),
    ("math.whole.divide-by-digit", "除数是一位数的除法", "Division by a one-digit number"),
    ("math.decimal", "小数的初步认识", "First decimals"),
    ("math.decimal.add", "一位小数加法", "Adding decimals with one place"),
    ("math.decimal.subtract", "一位小数减法", "Subtracting decimals with one place"),
    ("math.decimal.compare", "一位小数的大小比较", "Comparing decimals with one place"),
    ("math.measure", "量与计量", "Measures"),
    ("math.measure.money", "元、角的换算", "Converting yuan and jiao"),
    ("math.measure.length", "长度单位的换算", "Converting units of length"),
    ("math.measure.mass", "质量单位的换算", "Converting units of mass"),
    ("math.compare", "整数的大小比较", "Comparing whole numbers"),
    ("math.problem", "解决问题", "Word problems"),
    ("math.problem.two-step", "两步计算的应用题", "Word problems in two steps"),
    ("math.problem.money", "购物中的小数问题", "Shopping with decimals"),
    ("english", "英语", "English"),
    ("english.grammar", "语法", "Grammar"),
    ("english.grammar.articles", "冠词与数词", "Articles"),
    ("english.grammar.be", "be 动词", "The verb be"),
    ("english.grammar.plurals", "名词复数", "Plural nouns"),
    ("english.grammar.can", "情态动词 can", "The verb can"),
    ("english.grammar.possessives", "形容词性物主代词", "Possessives"),
    ("english.grammar.questions", "特殊疑问句", "Questions"),
    ("english.vocabulary", "词汇", "Vocabulary"),
    ("english.conversation", "情景交际", "Everyday conversation"),
    ("english.reading", "阅读", "Reading"),
    ("english.reading.detail", "获取细节信息", "Finding details in a text"),
];

/// The points that these sections name, and all above them.
pub(crate) fn named_in(pages: &[Vec<Section>]) -> Vec<KnowledgePoint> {
    let items = pages.iter().flatten().flat_map(|section| &section.items);
    let named: Vec<&str> =
        items.flat_map(|item| &item.knowledge_points).map(String::as_str).collect();
    let is_wanted = |id: &str| {
        named.iter().any(|n| *n == id || n.strip_prefix(id).is_some_and(|r| r.starts_with('.')))
    };
    let point = |(id, zh, en): &(&str, &str, &str)| KnowledgePoint {
        id: (*id).to_owned(),
        parent: id.rsplit_once('.').map(|(parent, _)| parent.to_owned()),
        zh: (*zh).to_owned(),
        en: (*en).to_owned(),
    };
    TREE.iter().filter(|(id, ..)| is_wanted(id)).map(point).collect()
}
