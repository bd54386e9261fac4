//! Reading a text line by line.

use std::collections::BTreeSet;

use crate::compute::amounts;
use crate::framework::{Framework, NotFound};
use crate::{Score, Steps};

use super::fault::{Fault, Place, Wrong};
use super::head::{self, Head};
use super::inline::{self, Reading};
use super::note::{self, Note};
use super::{
    BlankKey, Draft, Option_, Picture, Piece, QUESTIONS_MAX, Question, Section, Space, SpaceForm,
    TEXT_MAX, Worth,
};

/// The most options that have letters which are read.
const OPTIONS_MAX: usize = 7;
/// The most things on a side that are matched: each has a figure, or a letter.
const PAIRS_MAX: usize = 9;
/// The most faults that are told of one text.
const FAULTS_MAX: usize = 100;
/// The most ruled lines, or rows of squares, of one question.
const LINES_MAX: u32 = 20;
/// Lines where a question has a rubric or a model answer and says no more.
const LINES: u32 = 4;
/// How wide a picture is that does not say so, and the widest.
const PICTURE_MM: u32 = 40;
const PICTURE_MAX_MM: u32 = 178;

/// Lines that belong to the question above: in Chinese, in English.
const ATTRIBUTES: [(&str, &str); 9] = [
    ("横线", "lines"),
    ("算式", "steps"),
    ("竖式", "column"),
    ("连线", "pair"),
    ("排序", "order"),
    ("田字格", "squares"),
    ("评分", "rubric"),
    ("答案", "answer"),
    ("图", "picture"),
];

/// Those of them that say where the answer is written.
const PLACES: [&str; 6] = ["lines", "steps", "column", "pair", "order", "squares"];

impl Draft {
    /// Reads a text; knowledge points are those of `framework`.
    ///
    /// # Errors
    /// Every fault of the text, in the order of their places; at least one.
    pub fn parse(text: &str, framework: &Framework) -> Result<Self, Vec<Fault>> {
        if text.len() > TEXT_MAX {
            let place = Place { line: 1, column: 1 };
            return Err(vec![Fault { place, wrong: Wrong::TooLong }]);
        }
        let mut reader = Reader { framework, faults: Vec::new(), raw: Vec::new() };
        let mut head = Head::default();
        let mut last = 1;
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            let chars: Vec<char> = line.trim_end().chars().collect();
            if !chars.is_empty() {
                last = number;
            }
            reader.line(&chars, number, &mut head);
        }
        let head_sound = head.sound(&mut reader.faults);
        let place = Place { line: last, column: 1 };
        if reader.raw.is_empty() {
            reader.fault(place, Wrong::NoQuestions);
        }
        let subject = head_sound.as_ref().map(|head| head.subject.clone()).unwrap_or_default();
        let raw = std::mem::take(&mut reader.raw);
        let fractions = head.has_fractions();
        let sections: Vec<Section> =
            raw.into_iter().map(|raw| reader.section(raw, &subject, fractions)).collect();
        if sections.iter().map(|section| section.questions.len()).sum::<usize>() > QUESTIONS_MAX {
            reader.fault(place, Wrong::TooLong);
        }
        if let Some((stated, place)) = head_sound.as_ref().and_then(|head| head.total) {
            reader.total(stated, sections.iter().flat_map(|s| &s.questions), place);
        }
        let mut faults = reader.faults;
        faults.sort_by_key(|fault| fault.place);
        faults.truncate(FAULTS_MAX);
        match head_sound {
            Some(head) if faults.is_empty() => Ok(Self {
                id: head.id,
                title_zh: head.title_zh,
                title_en: head.title_en,
                subject: head.subject,
                grade: head.grade,
                school: head.school,
                motto: head.motto,
                sections,
            }),
            _ => Err(faults),
        }
    }
}

struct Reader<'a> {
    framework: &'a Framework,
    faults: Vec<Fault>,
    raw: Vec<RawSection>,
}

/// A line and where its first character stands.
type Line = (Vec<char>, Place);

struct RawSection {
    heading: Line,
    passage: Vec<String>,
    questions: Vec<RawQuestion>,
}

/// A question's lines, sorted by what they are.
struct RawQuestion {
    stem: Vec<Line>,
    options: Vec<Line>,
    attributes: Vec<(&'static str, String, Place)>,
}

/// What holds for the questions of a section unless they say otherwise.
struct Usual {
    worth: Worth,
    bubbles: bool,
    points: Vec<String>,
    subject: String,
    fractions: bool,
}

impl Reader<'_> {
    fn fault(&mut self, place: Place, wrong: Wrong) {
        self.faults.push(Fault { place, wrong });
    }

    /// Sorts a line to where it belongs.
    fn line(&mut self, line: &[char], number: usize, head: &mut Head) {
        let indent = line.iter().take_while(|c| c.is_whitespace()).count();
        let text = &line[indent..];
        let place = Place { line: number, column: indent + 1 };
        if text.is_empty() || text.starts_with(&['/', '/']) {
            return;
        }
        let unprintable = line.iter().position(|c| !crate::is_printable(*c));
        if let Some(at) = unprintable {
            self.fault(Place { line: number, column: at + 1 }, Wrong::Character(line[at]));
        }
        if let Some(skip) = section_mark(text).filter(|_| indent == 0) {
            let place = Place { column: place.column + skip, ..place };
            let heading = (text[skip..].to_vec(), place);
            self.raw.push(RawSection { heading, passage: Vec::new(), questions: Vec::new() });
            return;
        }
        let Some(section) = self.raw.last_mut() else {
            return head.take(text, place, &mut self.faults);
        };
        if let Some(('>' | '＞', passage)) = text.split_first().map(|(c, rest)| (*c, rest)) {
            section.passage.push(passage.iter().collect::<String>().trim().to_owned());
            return;
        }
        let line = (text.to_vec(), place);
        let attribute = attribute(text);
        let is_option = option_mark(text, 0).is_some();
        if indent == 0 && attribute.is_none() && !is_option {
            let skip = question_mark(text);
            let stem = (text[skip..].to_vec(), Place { column: place.column + skip, ..place });
            let question =
                RawQuestion { stem: vec![stem], options: Vec::new(), attributes: Vec::new() };
            section.questions.push(question);
            return;
        }
        let Some(question) = section.questions.last_mut() else {
            return self.fault(place, Wrong::NoQuestionAbove);
        };
        match attribute {
            Some((name, value, before)) => {
                let place = Place { column: place.column + before, ..place };
                question.attributes.push((name, value, place));
            }
            None if is_option => question.options.push(line),
            None => question.stem.push(line),
        }
    }

    fn section(&mut self, raw: RawSection, subject: &str, fractions: bool) -> Section {
        let (line, place) = &raw.heading;
        let (text, points) = self.tags(line, *place);
        let (heading, notes) = note::take(&text, *place, &mut self.faults);
        let (mut worth, mut columns, mut bubbles, mut total) = (Worth::Stated, 1, false, None);
        for note::Found { note, text, place } in notes {
            match note {
                Note::Each(score) => worth = Worth::Question(score),
                Note::EachBlank(score) => worth = Worth::Blank(score),
                Note::Columns(count) => columns = count,
                Note::Bubbles => bubbles = true,
                Note::Total(score) | Note::Points(score) => total = Some((score, place)),
                Note::AnyOrder | Note::AllOrNothing => self.fault(place, Wrong::Note(text)),
            }
        }
        if raw.questions.is_empty() {
            self.fault(*place, Wrong::NoQuestions);
        }
        let subject = subject.to_owned();
        let usual = Usual { worth, bubbles, points, subject, fractions };
        let heading = heading.iter().collect::<String>();
        let questions: Vec<Question> =
            raw.questions.into_iter().map(|raw| self.question(raw, &usual)).collect();
        if let Some((stated, place)) = total {
            self.total(stated, questions.iter(), place);
        }
        Section { place: *place, heading, worth, passage: raw.passage, columns, questions }
    }

    /// Says where points do not add up.
    fn total<'q>(
        &mut self,
        stated: Score,
        questions: impl Iterator<Item = &'q Question>,
        place: Place,
    ) {
        let scores: Vec<u32> = questions.map(|question| question.points.0).collect();
        let sum = Score(scores.iter().fold(0, |sum, score| sum.saturating_add(*score)));
        // A question without points has said so already.
        if sum != stated && !scores.contains(&0) {
            self.fault(place, Wrong::Total { stated, sum });
        }
    }

    fn question(&mut self, raw: RawQuestion, usual: &Usual) -> Question {
        let place = raw.stem.first().map(|(_, place)| *place).unwrap_or_default();
        let options = self.options(&raw.options);
        let reading = Reading { fractions: usual.fractions, options: !options.is_empty() };
        let (mut stem, mut notes, mut points) = (Vec::new(), Vec::new(), Vec::new());
        for (line, at) in &raw.stem {
            let (line, tags) = self.tags(line, *at);
            let (line, found) = note::take(&line, *at, &mut self.faults);
            if !stem.is_empty() {
                stem.push(Piece::Break);
            }
            let line = inline::pieces(line, *at, reading, &mut self.faults);
            stem.extend(line);
            points.extend(tags);
            notes.extend(found);
        }
        if points.is_empty() {
            points.clone_from(&usual.points);
        }
        if points.is_empty() {
            points.push(usual.subject.clone());
        }
        let mut question = Question {
            place,
            stem,
            options,
            bubbles: None,
            points: Score(0),
            prints_points: false,
            knowledge_points: points,
            any_order: false,
            all_or_nothing: false,
            picture: None,
            space: None,
        };
        let mut stated = None;
        let mut bubbles = usual.bubbles;
        for note::Found { note, text, place } in notes {
            match note {
                Note::Points(score) | Note::Each(score) => stated = Some(score),
                Note::AnyOrder => question.any_order = true,
                Note::AllOrNothing => question.all_or_nothing = true,
                Note::Bubbles => bubbles = true,
                Note::EachBlank(_) | Note::Total(_) | Note::Columns(_) => {
                    self.fault(place, Wrong::Note(text));
                }
            }
        }
        self.attributes(&raw.attributes, &mut question);
        self.bubbles(bubbles, &mut question);
        self.check_blanks(&question);
        self.worth(stated, usual.worth, &mut question);
        question
    }

    /// What the question is worth, and whether that can be shared out.
    fn worth(&mut self, stated: Option<Score>, worth: Worth, question: &mut Question) {
        let things = question.space.as_ref().map_or(0, |space| space.order.len());
        let blanks = question.blanks().count().max(things).max(1) as u32;
        let usual = match worth {
            Worth::Question(score) => Some(score),
            Worth::Blank(score) => Some(Score(score.0.saturating_mul(blanks))),
            Worth::Stated => None,
        };
        let Some(points) = stated.or(usual) else {
            return self.fault(question.place, Wrong::NoPoints);
        };
        question.points = points;
        question.prints_points = usual != Some(points);
        let parts: u32 = question.blanks().map(|blank| blank.key.fields() as u32).sum();
        let uneven = question.any_order && parts > 0 && points.0 % parts != 0;
        let least = points.0 / blanks;
        let small = question.blanks().any(|blank| least < blank.key.fields() as u32) || least == 0;
        if points.0 > 10_000 || small || uneven {
            self.fault(question.place, Wrong::Share);
        }
        let Some(space) = &question.space else { return };
        let sum: u32 = space.rubric.iter().map(|(_, score)| score.0).sum();
        if !space.rubric.is_empty() && sum != points.0 {
            let wrong = Wrong::Total { stated: points, sum: Score(sum) };
            self.fault(question.place, wrong);
        }
    }

    /// Takes `#…` off the end of a line; the ids of the points that they name.
    fn tags(&mut self, line: &[char], at: Place) -> (Vec<char>, Vec<String>) {
        let is_mark = |index: &usize| matches!(line[*index], '#' | '＃');
        let is_tag =
            |index: &usize| is_mark(index) && (*index == 0 || line[index - 1].is_whitespace());
        // Only what names a knowledge point was meant as one.
        let is_close = |index: &usize| {
            let name = line[index + 1..].split(|c| matches!(c, '#' | '＃')).next();
            let name: String = name.into_iter().flatten().collect();
            is_mark(index) && !matches!(self.framework.find(name.trim()), Err(NotFound::Unknown(_)))
        };
        let tag = (0..line.len()).find(is_tag);
        let Some(first) = (0..tag.unwrap_or(line.len())).find(is_close).or(tag) else {
            return (line.to_vec(), Vec::new());
        };
        if Some(first) != tag {
            let name: String = line[first..].iter().collect();
            let place = Place { column: at.column + first, ..at };
            self.fault(place, Wrong::NoSpace(name.trim_end().to_owned()));
        }
        let mut points = Vec::new();
        let mut column = at.column + first;
        for tag in line[first + 1..].split(|c| matches!(c, '#' | '＃')) {
            if self.faults.len() > FAULTS_MAX {
                break;
            }
            let name: String = tag.iter().collect();
            let place = Place { column, ..at };
            match self.framework.find(name.trim()) {
                Ok(id) => points.push(id.to_owned()),
                Err(NotFound::Unknown(nearest)) => {
                    self.fault(place, Wrong::UnknownPoint(name.trim().to_owned(), nearest));
                }
                Err(NotFound::Ambiguous(ids)) => {
                    self.fault(place, Wrong::AmbiguousPoint(name.trim().to_owned(), ids));
                }
            }
            column += tag.len() + 1;
        }
        (line[..first].to_vec(), points)
    }

    fn options(&mut self, lines: &[Line]) -> Vec<Option_> {
        let mut options: Vec<Option_> = Vec::new();
        for (line, at) in lines {
            let mut index = 0;
            while let Some((letter, skip)) = option_mark(line, index) {
                let expected = ('A'..).nth(options.len());
                let place = Place { column: at.column + index, ..*at };
                if Some(letter) != expected {
                    self.fault(place, Wrong::Options);
                }
                let from = index + skip;
                let following = ('A'..).nth(options.len() + 1);
                let next = (from..line.len()).find(|i| {
                    let mark = option_mark(line, *i).filter(|_| line[i - 1].is_whitespace());
                    // `B.B.` is an option where a B is due, and else somebody's name.
                    mark.is_some_and(|(letter, skip)| Some(letter) == following || skip > 2)
                });
                let text = line[from..next.unwrap_or(line.len())].iter().collect::<String>();
                options.push(Option_ { text: text.trim().to_owned(), place });
                match next {
                    Some(next) => index = next,
                    None => break,
                }
            }
        }
        if let Some(first) = options.first()
            && !(2..=OPTIONS_MAX).contains(&options.len())
        {
            self.fault(first.place, Wrong::Options);
        }
        options
    }

    fn attributes(
        &mut self,
        attributes: &[(&'static str, String, Place)],
        question: &mut Question,
    ) {
        self.no_second(attributes);
        let (mut form, mut rubric, mut model_answer) = (None, Vec::new(), None);
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut order: Vec<String> = Vec::new();
        // A line that is wrong asks for space all the same.
        let asks = attributes.iter().any(|(name, ..)| *name != "picture");
        for (name, value, place) in attributes {
            match *name {
                "lines" | "squares" | "steps" | "column" => {
                    let plain = value.trim_end_matches(['行', ' ']);
                    match note::whole(plain).filter(|lines| (1..=LINES_MAX).contains(lines)) {
                        Some(lines) if *name == "lines" => form = Some(SpaceForm::Lines(lines)),
                        Some(lines) if *name == "steps" => form = Some(SpaceForm::Steps(lines)),
                        Some(rows) if *name == "column" => form = Some(SpaceForm::Column(rows)),
                        Some(rows) => form = Some(SpaceForm::Squares(rows)),
                        None => self.fault(*place, Wrong::Value("1 到 20 行", "1 to 20 lines")),
                    }
                }
                "pair" => {
                    form = Some(SpaceForm::Pairs);
                    pairs.extend(self.pair(value, *place));
                }
                "order" => {
                    form = Some(SpaceForm::Order);
                    order.extend(value.split(['|', '｜']).map(|thing| thing.trim().to_owned()));
                }
                "rubric" => rubric = self.rubric(value, *place),
                "answer" if value.is_empty() => self.fault(*place, Wrong::NoKey),
                "answer" => model_answer = Some(value.clone()),
                _ => question.picture = self.picture(value, *place),
            }
        }
        if !asks {
            return;
        }
        if question.blanks().next().is_some() || !question.options.is_empty() {
            return self.fault(question.place, Wrong::NotFree);
        }
        let form = form.unwrap_or(SpaceForm::Lines(LINES));
        let mut space = Space { form, rubric, model_answer, steps: None, pairs, order };
        if form == SpaceForm::Pairs && (!is_matching(&space.pairs) || !space.rubric.is_empty()) {
            self.fault(question.place, Wrong::Pairs);
        }
        if form == SpaceForm::Order && (!is_order(&space.order) || !space.rubric.is_empty()) {
            self.fault(question.place, Wrong::Order);
        } else if let Some((one, other)) = equal_things(&space.order) {
            self.fault(question.place, Wrong::OrderEqual(one, other));
        }
        if matches!(form, SpaceForm::Steps(_)) {
            space.steps = steps(question, space.model_answer.take());
            if space.steps.is_none() || !space.rubric.is_empty() {
                self.fault(question.place, Wrong::Steps);
            }
        }
        if matches!(form, SpaceForm::Column(_)) {
            let asked = steps(question, None).filter(|steps| steps.below_zero().is_none());
            space.steps = asked.as_ref().and_then(Steps::in_columns);
            if space.steps.is_none() || !space.rubric.is_empty() || space.model_answer.is_some() {
                self.fault(question.place, Wrong::Column);
            }
        }
        question.space = Some(space);
    }

    /// Refuses what would take the place of a line above it without a word.
    fn no_second(&mut self, attributes: &[(&'static str, String, Place)]) {
        let form = |name: &str| PLACES.contains(&name);
        let both = |name: &str| ATTRIBUTES.iter().find(|(_, en)| *en == name).copied();
        for (at, (name, _, place)) in attributes.iter().enumerate() {
            let before = || attributes[..at].iter().map(|(before, ..)| *before);
            let first = before().find(|before| form(name) && form(before) && before != name);
            let wrong = match (both(name), first.and_then(both)) {
                (Some(second), Some(first)) => Wrong::TwoPlaces([second, first]),
                (Some((zh, en)), None) if *name != "pair" && before().any(|b| b == *name) => {
                    Wrong::TwiceInQuestion(zh, en)
                }
                _ => continue,
            };
            self.fault(*place, wrong);
        }
    }

    /// `apple | 苹果`
    fn pair(&mut self, value: &str, place: Place) -> Option<(String, String)> {
        let ends = value.split_once(['|', '｜']).map(|(from, to)| (from.trim(), to.trim()));
        match ends.filter(|(from, to)| !from.is_empty() && !to.is_empty()) {
            Some((from, to)) => Some((from.to_owned(), to.to_owned())),
            None => {
                let (zh, en) =
                    ("连起来的两样，如 apple | 苹果", "two things, as in `apple | 苹果`");
                self.fault(place, Wrong::Value(zh, en));
                None
            }
        }
    }

    /// `列式 2 分，计算 2 分`
    fn rubric(&mut self, value: &str, place: Place) -> Vec<(String, Score)> {
        let mut rubric = Vec::new();
        for item in value.split(['，', ',', '；', ';']).map(str::trim) {
            let plain = ["分", "points", "point"].iter().find_map(|unit| item.strip_suffix(unit));
            let plain = plain.unwrap_or(item).trim_end();
            let figures = |c: char| c.is_ascii_digit() || c == '.';
            let text = plain.trim_end_matches(figures);
            match note::score(&plain[text.len()..]) {
                Some(score) if !text.trim().is_empty() && rubric.len() < 6 => {
                    rubric.push((text.trim().to_owned(), score));
                }
                _ => {
                    let (zh, en) = (
                        "每项文字和分数，如“列式 2 分，计算 2 分”，不超过 6 项",
                        "words and points for each, as in `method 2, result 2`, at most 6",
                    );
                    self.fault(place, Wrong::Value(zh, en));
                    break;
                }
            }
        }
        rubric
    }

    /// `apple.png 40 毫米`
    fn picture(&mut self, value: &str, place: Place) -> Option<Picture> {
        let mut words = value.split_whitespace();
        let file = words.next().unwrap_or_default().to_owned();
        let rest: String = words.collect();
        let plain = ["毫米", "mm"].iter().find_map(|unit| rest.strip_suffix(unit));
        let width_mm = match plain.unwrap_or(&rest) {
            "" => Some(PICTURE_MM),
            width => note::whole(width).filter(|mm| (5..=PICTURE_MAX_MM).contains(mm)),
        };
        let beside = !file.is_empty() && !file.contains(['/', '\\']) && !file.starts_with('.');
        match width_mm.filter(|_| beside) {
            Some(width_mm) => Some(Picture { file, width_mm, place }),
            None => {
                let (zh, en) = (
                    "旁边的一个文件名和宽度，如 apple.png 40 毫米",
                    "the name of a file beside the text and a width, as in apple.png 40 mm",
                );
                self.fault(place, Wrong::Value(zh, en));
                None
            }
        }
    }

    /// Options whose letters are filled and not written: where the section says so, and where
    /// several are right.
    fn bubbles(&mut self, by_note: bool, question: &mut Question) {
        let is_letters = |key: &BlankKey| match key {
            BlankKey::Letter(letter) if by_note => Some(BTreeSet::from([*letter])),
            BlankKey::Words { right, also } if also.is_empty() => {
                let letters: BTreeSet<char> = right.chars().collect();
                let sound = letters.iter().all(|letter| ('A'..='G').contains(letter));
                (sound && letters.len() == right.chars().count()).then_some(letters)
            }
            _ => None,
        };
        if question.options.is_empty() {
            return;
        }
        let blanks: Vec<&BlankKey> = question.blanks().map(|blank| &blank.key).collect();
        let [only] = blanks.as_slice() else { return };
        let Some(letters) = is_letters(only) else { return };
        for piece in &mut question.stem {
            if matches!(piece, Piece::Blank(_)) {
                *piece = Piece::Text("（　　）".to_owned());
            }
        }
        question.bubbles = Some(letters);
    }

    /// There is something to write, letters are those of options, and blanks in any order are alike.
    fn check_blanks(&mut self, question: &Question) {
        let blanks: Vec<_> = question.blanks().cloned().collect();
        if blanks.is_empty() && question.bubbles.is_none() && question.space.is_none() {
            // A blank that is wrong has said so already.
            let line = question.place.line;
            if !self.faults.iter().any(|fault| fault.place.line == line) {
                self.fault(question.place, Wrong::NoBlank);
            }
        }
        let has = |letter: char| ('A'..).take(question.options.len()).any(|l| l == letter);
        let letters = question.bubbles.iter().flatten().map(|letter| (*letter, question.place));
        let written = blanks.iter().filter_map(|blank| match blank.key {
            BlankKey::Letter(letter) => Some((letter, blank.place)),
            _ => None,
        });
        if !question.options.is_empty() {
            for (letter, place) in letters.chain(written) {
                if !has(letter) {
                    self.fault(place, Wrong::NoSuchOption(letter));
                }
            }
        }
        let alike = blanks.windows(2).all(|pair| {
            std::mem::discriminant(&pair[0].key) == std::mem::discriminant(&pair[1].key)
                && pair[0].key.fields() == 1
        });
        if question.any_order && (blanks.len() < 2 || !alike) {
            self.fault(question.place, Wrong::AnyOrder);
        }
    }
}

/// Whether there is something to be matched: two things or more on both sides, no pair twice, and no
/// more than have figures and letters.
fn is_matching(pairs: &[(String, String)]) -> bool {
    let [from, to] = [0, 1].map(|side| {
        let all = pairs.iter().map(|(from, to)| if side == 0 { from } else { to });
        all.collect::<BTreeSet<_>>().len()
    });
    let all = pairs.iter().collect::<BTreeSet<_>>().len();
    let sides = 2..=PAIRS_MAX;
    all == pairs.len() && sides.contains(&from) && sides.contains(&to)
}

/// Whether there is something to be put in order, and no two things are alike.
fn is_order(things: &[String]) -> bool {
    let all = things.iter().collect::<BTreeSet<_>>().len();
    (2..=PAIRS_MAX).contains(&all) && all == things.len() && !things.iter().any(String::is_empty)
}

/// Two of these things that are numbers, or measures in one unit, and as much as each other.
fn equal_things(things: &[String]) -> Option<(String, String)> {
    let values = amounts(things)?;
    let is_equal = |at: &usize, other: &usize| {
        values[*at].compare(values[*other]).is_some_and(|order| order.is_eq())
    };
    let second = (0..values.len()).find_map(|at| {
        let first = (0..at).find(|first| is_equal(first, &at))?;
        Some((first, at))
    });
    second.map(|(one, other)| (things[one].clone(), things[other].clone()))
}

/// The key of a question in which arithmetic is worked out: what its stem computes, or what is stated.
fn steps(question: &Question, stated: Option<String>) -> Option<Steps> {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Fraction(over, under) => format!("{over}/{under}"),
        Piece::Blank(_) | Piece::Break => " ".to_owned(),
    };
    let stem: String = question.stem.iter().map(piece).collect();
    let asked = Steps::of(stem.trim().trim_end_matches(['=', '＝']));
    let key = match (asked, stated) {
        (asked, None) => asked,
        (asked, Some(stated)) => {
            let stated = without_unit(&stated);
            let first = asked.map(|asked| asked.to_string());
            let first = first.as_deref().and_then(|asked| asked.split('=').next());
            match first.filter(|_| !stated.contains(['=', '＝'])) {
                Some(first) => Steps::parse(&format!("{first}={stated}")),
                None => Steps::parse(stated),
            }
        }
    };
    key.filter(Steps::is_key)
}

/// `11.5（元）` without its unit.
fn without_unit(text: &str) -> &str {
    let text = text.trim();
    let open = text.rfind(['(', '（']).filter(|_| text.ends_with([')', '）']));
    match open.map(|open| text.split_at(open)) {
        Some((before, unit)) if !unit.contains(|c: char| c.is_ascii_digit()) => before.trim_end(),
        _ => text,
    }
}

/// `一、` or `# ` at the beginning of a heading: how many characters it takes.
fn section_mark(text: &[char]) -> Option<usize> {
    let spaces = |from: usize| text[from..].iter().take_while(|c| c.is_whitespace()).count();
    match text {
        ['#' | '＃', c, ..] if c.is_whitespace() => Some(1 + spaces(1)),
        _ => {
            let ordinal = text.iter().take_while(|c| "一二三四五六七八九十".contains(**c)).count();
            let marked =
                (1..=3).contains(&ordinal) && matches!(text.get(ordinal), Some('、' | '．'));
            marked.then(|| ordinal + 1 + spaces(ordinal + 1))
        }
    }
}

/// `1.`, `1、`, `(1)` before a question: how many characters it takes. Questions are numbered anew.
fn question_mark(text: &[char]) -> usize {
    let digits = |from: usize| text[from..].iter().take_while(|c| c.is_ascii_digit()).count();
    let spaces = |from: usize| text[from..].iter().take_while(|c| c.is_whitespace()).count();
    let plain = digits(0);
    let mark = if (1..=3).contains(&plain) {
        match (text.get(plain), text.get(plain + 1)) {
            (Some('、' | '．'), _) => plain + 1,
            (Some('.'), Some(c)) if c.is_whitespace() => plain + 1,
            _ => return 0,
        }
    } else if matches!(text.first(), Some('(' | '（')) {
        let digits = digits(1);
        match text.get(1 + digits) {
            Some(')' | '）') if (1..=3).contains(&digits) => digits + 2,
            _ => return 0,
        }
    } else {
        return 0;
    };
    mark + spaces(mark)
}

/// `A.` before an option: its letter, and how many characters it takes.
fn option_mark(text: &[char], at: usize) -> Option<(char, usize)> {
    match text.get(at..)? {
        [letter @ 'A'..='Z', '.' | '．' | '、' | ')' | '）', rest @ ..] => {
            Some((*letter, 2 + rest.iter().take_while(|c| c.is_whitespace()).count()))
        }
        _ => None,
    }
}

/// `横线：4 行`: the attribute's English name, its value, and what stands before the value.
pub(super) fn attribute(text: &[char]) -> Option<(&'static str, String, usize)> {
    let (name, value, before) = head::named(text)?;
    let (_, english) = ATTRIBUTES.iter().find(|(zh, en)| name == *zh || name == *en)?;
    Some((english, value, before))
}
