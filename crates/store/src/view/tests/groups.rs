//! Answers that are alike, decided at once.

use super::*;

/// p-1, p-2 and p-3 wrote on page 1 of their own copies: the machine read these and is not sure.
async fn doubted(readings: [&str; 3]) -> (Fixture, AssignmentHead) {
    let fixture = Fixture::new().await;
    for (pen, page) in [(1, 100), (2, 102), (3, 104)] {
        let lent = lease(pen, holder(u32::try_from(pen).unwrap()), 0, None);
        fixture.store.insert_leases(vec![lent]).await.unwrap();
        fixture.write(pen, 1, page, 1_000).await;
    }
    mark(&fixture, readings).await;
    let scope = fixture.scope("t-wang", 0).await;
    let head = fixture.store.assignment_of(&scope, Right::See, "a-own").await.unwrap().unwrap();
    (fixture, head)
}

async fn mark(fixture: &Fixture, readings: [&str; 3]) {
    fixture.attribute().await;
    for job in fixture.store.claim(i64::MAX / 2, 0, 0, 9).await.unwrap() {
        let ink_rev = fixture.store.paper_chunks(&job).await.unwrap().ink_rev;
        let mut outcome = outcome(ink_rev, None, None);
        outcome.responses[0].review = Some("low_confidence".into());
        let which = job.pupil.strip_prefix("p-").unwrap().parse::<usize>().unwrap() - 1;
        outcome.responses[0].reading = Some(readings[which].into());
        fixture.store.save(&job, outcome, 2_000).await.unwrap();
    }
}

fn name(pupil: &str) -> ResponseName {
    ResponseName { pupil: pupil.into(), part: "q1".into(), criterion: None }
}

/// What each of them got.
async fn decide(
    (fixture, head): &(Fixture, AssignmentHead),
    pupils: &[&str],
    mark: MarkRow,
    now_ms: i64,
) -> Option<Vec<Decided>> {
    let of = |pupil: &&str| {
        (Decision { response: name(pupil), staff: "t-wang".into(), mark }, NONE_SEEN)
    };
    fixture.store.decide_each(head, pupils.iter().map(of).collect(), now_ms).await.unwrap()
}

/// The pupils of each group on the page.
async fn groups(
    (fixture, head): &(Fixture, AssignmentHead),
    since: Option<i64>,
) -> Vec<Vec<String>> {
    let view = fixture.store.undecided(head, sitting(since), 9).await.unwrap();
    let pupils = |group: &Vec<Undecided>| group.iter().map(|u| u.pupil.clone()).collect();
    view.groups.iter().map(pupils).collect()
}

#[tokio::test]
async fn the_same_reading_stands_together_and_the_largest_group_first() {
    let school = doubted(["8", "7", "7"]).await;
    assert_eq!(groups(&school, None).await, [vec!["p-2", "p-3"], vec!["p-1"]]);
    let view = school.0.store.undecided(&school.1, sitting(None), 1).await.unwrap();
    assert_eq!(view.groups.len(), 1, "a limit of groups");
    assert_eq!(view.to_decide, Waiting { responses: 3, groups: 2 }, "and a count of all");
    decide(&school, &["p-2"], RIGHT, 3_000).await.unwrap();
    let since = Some(view.since);
    let apart = [vec!["p-2"], vec!["p-3"], vec!["p-1"]];
    assert_eq!(groups(&school, since).await, apart, "one of two, in its place");
    decide(&school, &["p-3"], WRONG, 4_000).await.unwrap();
    assert_eq!(groups(&school, since).await, apart, "what was not decided at once");
}

#[tokio::test]
async fn what_was_not_read_is_like_nothing() {
    let (fixture, head) = doubted(["", "", ""]).await;
    let school = (fixture, head);
    assert_eq!(groups(&school, None).await, [["p-1"], ["p-2"], ["p-3"]]);
}

/// p-2 wrote on and a colleague decided p-3 while the page showed all three.
#[tokio::test]
async fn who_changed_meanwhile_is_left_out_and_the_others_are_decided() {
    let school = doubted(["7", "7", "7"]).await;
    let (fixture, head) = &school;
    let since = fixture.store.undecided(head, sitting(None), 9).await.unwrap().since;
    fixture
        .execute(
            "INSERT INTO staff (id, school, login, name)
             SELECT 't2', school, 'second', 'B' FROM staff WHERE id = 't-wang'",
        )
        .await;
    fixture.write(2, 2, 102, 3_000).await;
    mark(fixture, ["7", "7", "7"]).await;
    let colleague = Decision { response: name("p-3"), staff: "t2".into(), mark: WRONG };
    fixture.store.decide(head, colleague, NONE_SEEN, 4_000).await.unwrap().unwrap();
    let before = fixture.store.outbox_last().await.unwrap();

    let decided = decide(&school, &["p-1", "p-2", "p-3"], RIGHT, 5_000).await.unwrap();
    let [Decided::Stored(mark), Decided::Rewritten(_), Decided::Contested(theirs)] = &decided[..]
    else {
        panic!("{decided:?}")
    };
    assert_eq!((theirs.name.as_str(), theirs.verdict), ("B", Verdict::Wrong));
    assert_eq!(fixture.store.outbox_last().await.unwrap(), before + 1, "p-1 is told of");
    let verdicts = || async {
        let mut rows = fixture.store.matrix(head).await.unwrap().responses;
        rows.sort_by_key(|row| row.pupil.clone());
        rows.into_iter().map(|row| row.verdict).collect::<Vec<_>>()
    };
    assert_eq!(verdicts().await, [Some(Verdict::Right), None, Some(Verdict::Wrong)]);
    let mut seen = groups(&school, Some(since)).await;
    seen.sort();
    assert_eq!(seen, [["p-1"], ["p-2"], ["p-3"]], "what a colleague decided stays too");
    let again = decide(&school, &["p-1"], RIGHT, 6_000).await.unwrap();
    assert_eq!(again, [Decided::Stored(*mark)], "sent twice, stored once");

    let nobody = decide(&school, &["p-2", "p-9"], RIGHT, 7_000).await;
    assert_eq!(nobody, None, "of another class: nothing is stored");
    assert_eq!(verdicts().await, [Some(Verdict::Right), None, Some(Verdict::Wrong)]);
}

#[tokio::test]
async fn one_undo_takes_a_group_back_but_not_what_was_decided_since() {
    let school = doubted(["7", "7", "7"]).await;
    let (fixture, head) = &school;
    let since = fixture.store.undecided(head, sitting(None), 9).await.unwrap().since;
    let all = ["p-1", "p-2", "p-3"];
    let decided = decide(&school, &all, WRONG, 3_000).await.unwrap();
    assert_eq!(groups(&school, Some(since)).await, [all], "decided at once");
    let marks: Vec<_> = (all.iter().zip(&decided))
        .map(|(pupil, decided)| match decided {
            Decided::Stored(mark) => (name(pupil), *mark),
            other => panic!("{other:?}"),
        })
        .collect();
    decide(&school, &["p-2"], RIGHT, 4_000).await.unwrap();
    let mut foreign = marks.clone();
    foreign[2].1 = marks[0].1;
    assert!(!fixture.store.undo_each(head, foreign, 5_000).await.unwrap());
    assert_eq!(groups(&school, Some(since)).await, [vec!["p-1", "p-3"], vec!["p-2"]]);
    for now_ms in [6_000, 7_000] {
        assert!(fixture.store.undo_each(head, marks.clone(), now_ms).await.unwrap());
        let view = fixture.store.undecided(head, sitting(None), 9).await.unwrap();
        let left: Vec<_> = responses(&view).iter().map(|u| u.pupil.clone()).collect();
        assert_eq!(left, ["p-1", "p-3"], "p-2 keeps what was decided since");
    }
}
