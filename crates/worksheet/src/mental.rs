//! Sheets of mental arithmetic (口算) by rule: what each grade practises, made up from a seed.
//!
//! The rules follow what primary schools in Shanghai usually practise in each grade. The same grade,
//! seed and count give the same text, and no sum stands twice on a sheet.

mod rules;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt::Write;

use rules::{Rule, rules};

/// What a sheet of mental arithmetic is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mental {
    /// 1–6.
    pub grade: u8,
    /// Chooses the sums.
    pub seed: u64,
    /// How many sums: 1–100.
    pub count: usize,
}

/// How many sums a rule may be asked for before another takes its place.
const TRIES: usize = 200;

/// SplitMix64 (Steele, Lea and Flood, 2014): numbers for sums, the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    fn of(&mut self, low: i64, high: i64) -> i64 {
        let span = (high - low + 1).max(1) as u64;
        low + (self.next() % span) as i64
    }
}

impl Mental {
    /// The sheet in the plain text form; `None` for a grade or a count that there is no rule for.
    pub fn text(&self) -> Option<String> {
        let rules = rules(self.grade);
        if rules.is_empty() || !(1..=100).contains(&self.count) {
            return None;
        }
        let Self { grade, seed, .. } = *self;
        let grade_zh = ["一", "二", "三", "四", "五", "六"][usize::from(grade) - 1];
        let mut text = format!(
            "标题：{grade_zh}年级数学口算练习\n英文标题：Grade {grade} mental arithmetic\n\
             编号：mental-g{grade}-s{seed}\n年级：{grade_zh}年级\n科目：数学\n\
             寄语：看清符号，细心计算，写完检查一遍。\n\n一、直接写出得数。（每题 1 分，{}栏）\n",
            if grade <= 2 { "三" } else { "两" }
        );
        for (point, sum) in self.sums(&rules) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{sum}  #{point}");
        }
        Some(text)
    }

    /// Rules in turn, so that all of them are practised, each sum once.
    fn sums(&self, rules: &[Rule]) -> Vec<(&'static str, String)> {
        let seed = self.seed ^ u64::from(self.grade).wrapping_mul(0x2545_f491_4f6c_dd1d);
        let mut random = Random(seed);
        let mut seen = BTreeSet::new();
        let mut sums = Vec::with_capacity(self.count);
        let mut tries = 0;
        while sums.len() < self.count && tries < self.count * TRIES {
            let rule = &rules[(sums.len() + tries) % rules.len()];
            let sum = (rule.sum)(&mut random);
            if seen.insert(sum.clone()) {
                sums.push((rule.point, sum));
            } else {
                tries += 1;
            }
        }
        // In no order that tells what comes next.
        for at in (1..sums.len()).rev() {
            sums.swap(at, random.of(0, at as i64) as usize);
        }
        sums
    }
}
