//! 三年级英语: letters in brackets, √ and × in brackets, bubbles to fill, on one page.

use worksheet::WorksheetId;
use worksheet::draw::{Ask, Section, Sheet};

use crate::{SCHOOL, item, knowledge, lines};

pub(crate) fn sheet() -> Sheet {
    let pages = vec![vec![letters(), statements(), bubbles()]];
    Sheet {
        id: WorksheetId { id: "english-g3".into(), version: 1 },
        title_zh: "三年级英语单元练习（一）".into(),
        title_en: "Grade 3 English, sheet 1".into(),
        subject: "english".into(),
        grade: 3,
        school: SCHOOL.into(),
        motto: "先读一读，再选一选。".into(),
        knowledge_points: knowledge::named_in(&pages),
        pages,
    }
}

fn letters() -> Section {
    let items: [(&str, &[&str], [&str; 4], char); 10] = [
        (
            "grammar.articles",
            &["I have ____ apple and two pears."],
            ["a", "an", "two", "some"],
            'B',
        ),
        ("grammar.be", &["These ____ my new pencils."], ["am", "is", "are", "be"], 'C'),
        (
            "grammar.plurals",
            &["I can see five ____ in the tree."],
            ["birds", "bird", "a bird", "the bird"],
            'A',
        ),
        (
            "grammar.questions",
            &["— ____ is that girl?", "— She is my sister."],
            ["How", "Why", "Can", "Who"],
            'D',
        ),
        ("grammar.can", &["Tom ____ swim, but he can run."], ["can", "can't", "is", "isn't"], 'B'),
        ("vocabulary", &["It is very cold ____ winter."], ["in", "on", "at", "to"], 'A'),
        ("vocabulary", &["____ is a colour."], ["Sunday", "Milk", "Yellow", "Rice"], 'C'),
        (
            "vocabulary",
            &["Ants and bees are ____."],
            ["fruits", "shapes", "colours", "insects"],
            'D',
        ),
        (
            "grammar.possessives",
            &["This is Anna. ____ hair is long."],
            ["Her", "His", "He", "She"],
            'A',
        ),
        (
            "conversation",
            &["— Do you like grapes?", "— Yes, I ____."],
            ["am", "do", "can", "have"],
            'B',
        ),
    ];
    let ask = |(point, stem, options, right): (&str, &[&str], [&str; 4], char)| {
        let ask = Ask::Letter { stem: lines(stem), options: lines(&options), right };
        item(4, &format!("english.{point}"), ask)
    };
    Section {
        heading: "选择正确的答案，把字母写在括号里。".into(),
        passage: Vec::new(),
        columns: 2,
        gap_um: 2_800,
        items: items.into_iter().map(ask).collect(),
    }
}

fn statements() -> Section {
    let statements = [
        ("Lily is nine years old.", true),
        ("Lily has a little sister.", false),
        ("The cat is black.", true),
        ("They go to the park on Sundays.", false),
        ("Tom likes to ride a bicycle.", false),
        ("Coco likes to sleep under the tree.", true),
    ];
    Section {
        heading: "读短文，判断对错，对的写“√”，错的写“×”。".into(),
        passage: lines(&[
            "My name is Lily. I am nine years old. I live in Shanghai with my parents and",
            "my little brother Tom. We have a black cat. Its name is Coco. On Saturdays, we go",
            "to the park near our home. Tom likes to fly his kite, and I like to ride my bicycle.",
            "Coco likes to sleep under the big tree.",
        ]),
        columns: 2,
        gap_um: 2_400,
        items: statements
            .map(|(statement, right)| {
                let ask = Ask::TrueFalse { statement: statement.into(), right };
                item(6, "english.reading.detail", ask)
            })
            .into(),
    }
}

fn bubbles() -> Section {
    let items = [
        ("vocabulary", "Which one is a fruit?", ["pear", "milk", "rice", "tea"], 'A'),
        ("vocabulary", "How many legs does a bee have?", ["four", "six", "eight", "ten"], 'B'),
        ("vocabulary", "Which animal can fly?", ["pig", "horse", "bird", "cow"], 'C'),
        ("conversation", "— Happy birthday! — ____", ["Sorry", "Hello", "Bye", "Thanks"], 'D'),
    ];
    Section {
        heading: "选择正确的答案，把字母所在的圆圈涂满。".into(),
        passage: Vec::new(),
        columns: 2,
        gap_um: 2_000,
        items: items
            .map(|(point, stem, options, right)| {
                let ask = Ask::Choice { stem: lines(&[stem]), options: lines(&options), right };
                item(6, &format!("english.{point}"), ask)
            })
            .into(),
    }
}
