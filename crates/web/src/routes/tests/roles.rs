//! Who may use which route on what: every role, every route, every kind of object.

mod done;
mod shown;
mod time;

use std::collections::BTreeSet;

use axum::http::Method;
use sample_school::{MIXED, artwork, assignment, class, holds, pupil, run, staff};
use school::{ClassId, DistrictId, Grade, Period, Role, SchoolId, SubjectId};
use store::{AssignmentRow, NewWorksheet, PupilRow};
use worksheet::{Copies, PrintRun, WorksheetId};

use crate::router::{ASSETS, GUARDED, OPEN, WATCHED};
use crate::school::{Browser, School};

/// What a route asks for, and what it answers to somebody who has it.
enum Asks {
    /// The right over a class, by its letter: see, decide, know, give, assign, o for keep, c to correct
    /// a key of mathematics. p is assign or keep, and w is that over any class of the school.
    Right(char, u16),
    /// A session, and nothing more.
    Session(u16),
    /// Nothing.
    Nothing(u16),
}
use Asks::{Nothing, Right, Session};

/// Forms here name nothing that exists: a request that is allowed changes nothing and is a bad
/// request, and one that is not allowed is not found, whatever the form says.
const ROUTES: &[(&str, &str, Asks)] = &[
    ("get", "/login", Nothing(303)),
    ("post", "/login", Nothing(403)),
    ("get", "/login/code", Nothing(303)),
    ("post", "/login/code", Nothing(303)),
    ("get", "/link/{token}", Nothing(410)),
    ("post", "/link/{token}", Nothing(410)),
    ("get", "/setup/{token}", Nothing(410)),
    ("post", "/setup/{token}", Nothing(410)),
    ("get", "/p/{token}", Nothing(410)),
    ("post", "/p/{token}", Nothing(410)),
    ("get", "/p/{token}/sheet/{page}", Nothing(404)),
    ("post", "/locale", Nothing(303)),
    ("get", "/livez", Nothing(200)),
    ("get", "/readyz", Nothing(200)),
    ("get", "/assets/{build}/{file}", Nothing(404)),
    ("get", "/", Session(200)),
    ("get", "/events", Session(200)),
    ("get", "/password", Session(200)),
    ("post", "/password", Session(422)),
    ("get", "/account/codes", Session(200)),
    ("post", "/account/codes/begin", Session(303)),
    ("post", "/account/codes/confirm", Session(422)),
    ("post", "/account/codes/off", Session(303)),
    ("get", "/c/{class}", Right('s', 200)),
    ("get", "/c/{class}/ink", Right('g', 200)),
    ("post", "/c/{class}/ink", Right('g', 400)),
    ("post", "/c/{class}/ink/undo", Right('g', 400)),
    ("get", "/c/{class}/results.xlsx", Right('s', 200)),
    ("get", "/c/{class}/notebook.pdf", Right('s', 200)),
    ("get", "/c/{class}/notebooks.pdf", Right('k', 200)),
    ("get", "/a/{assignment}/results.xlsx", Right('s', 200)),
    ("get", "/a/{assignment}/results.csv", Right('s', 200)),
    ("get", "/a/{assignment}/pages.pdf", Right('s', 200)),
    ("get", "/a/{assignment}/{pupil}/pages.pdf", Right('s', 200)),
    ("get", "/pupil/{pupil}/notebook.pdf", Right('k', 200)),
    ("get", "/a/{assignment}", Right('s', 200)),
    ("post", "/a/{assignment}/collect", Right('d', 303)),
    ("post", "/a/{assignment}/give-back", Right('d', 400)),
    ("get", "/a/{assignment}/decide", Right('d', 200)),
    ("post", "/a/{assignment}/decide", Right('d', 400)),
    ("post", "/a/{assignment}/undo", Right('d', 400)),
    ("get", "/a/{assignment}/q/{question}", Right('s', 200)),
    ("get", "/a/{assignment}/q/{question}/key", Right('c', 200)),
    ("post", "/a/{assignment}/q/{question}/key", Right('c', 400)),
    ("get", "/a/{assignment}/{pupil}/{page}", Right('s', 200)),
    ("post", "/a/{assignment}/{pupil}/{page}/hand-in", Right('d', 303)),
    ("post", "/a/{assignment}/{pupil}/{page}/give-back", Right('d', 400)),
    ("get", "/school/{school}/worksheets/pdf", Right('w', 200)),
    ("post", "/school/{school}/worksheets/pdf", Right('w', 400)),
    ("get", "/school/{school}/worksheets/pdf/{drawing}", Right('w', 200)),
    ("post", "/school/{school}/worksheets/pdf/{drawing}", Right('w', 400)),
    ("get", "/school/{school}/worksheets/pdf/{drawing}/{page}", Right('w', 200)),
    ("get", "/school/{school}", Right('o', 200)),
    ("post", "/a/{assignment}/due", Right('a', 400)),
    ("post", "/a/{assignment}/withdraw", Right('a', 400)),
    ("get", "/school/{school}/worksheets", Right('w', 200)),
    ("get", "/school/{school}/worksheets/new", Right('w', 200)),
    ("post", "/school/{school}/worksheets/new", Right('w', 400)),
    ("get", "/school/{school}/sheet/{worksheet}/{version}", Right('w', 200)),
    ("get", "/school/{school}/sheet/{worksheet}/{version}/page/{page}", Right('w', 200)),
    ("get", "/school/{school}/sheet/{worksheet}/{version}/text", Right('w', 200)),
    ("get", "/school/{school}/sheet/{worksheet}/{version}/folder", Right('w', 200)),
    ("post", "/school/{school}/sheet/{worksheet}/{version}/print", Right('w', 400)),
    ("get", "/school/{school}/run/{run}", Right('p', 200)),
    ("post", "/school/{school}/run/{run}/give", Right('p', 400)),
    ("get", "/school/{school}/pens", Right('o', 200)),
    ("post", "/school/{school}/pens/add", Right('o', 400)),
    ("post", "/school/{school}/pens/lend-set", Right('o', 400)),
    ("post", "/school/{school}/pens/lend", Right('o', 400)),
    ("post", "/school/{school}/pens/return", Right('o', 400)),
    ("post", "/school/{school}/pens/swap", Right('o', 400)),
    ("post", "/school/{school}/pens/lost", Right('o', 400)),
    ("post", "/school/{school}/pens/found", Right('o', 400)),
    ("post", "/school/{school}/pens/undo", Right('o', 400)),
    ("get", "/school/{school}/gateways", Right('o', 200)),
    ("get", "/school/{school}/people", Right('o', 200)),
    ("post", "/school/{school}/people", Right('o', 422)),
    ("get", "/school/{school}/people/roster", Right('o', 200)),
    ("post", "/school/{school}/people/roster", Right('o', 400)),
    ("post", "/school/{school}/people/roster/apply", Right('o', 400)),
    ("post", "/school/{school}/people/invite", Right('o', 400)),
    ("post", "/school/{school}/people/reset", Right('o', 400)),
    ("post", "/school/{school}/people/disable", Right('o', 400)),
    ("post", "/school/{school}/people/enable", Right('o', 400)),
    ("post", "/school/{school}/people/give-role", Right('o', 400)),
    ("post", "/school/{school}/people/end-role", Right('o', 400)),
    ("post", "/school/{school}/people/demand", Right('o', 400)),
    ("post", "/school/{school}/people/reset-codes", Right('o', 400)),
    ("get", "/school/{school}/class/{class}", Right('o', 200)),
    ("post", "/a/{assignment}/{pupil}/{page}/pens", Right('g', 400)),
    ("post", "/a/{assignment}/{pupil}/{page}/pens/undo", Right('g', 400)),
    ("get", "/a/{assignment}/parents", Right('a', 200)),
    ("post", "/a/{assignment}/parents", Right('a', 400)),
    ("post", "/a/{assignment}/parents/revoke", Right('a', 400)),
    ("get", "/a/{assignment}/parents/{pupil}", Right('a', 200)),
    ("get", "/pupil/{pupil}", Right('k', 200)),
    ("get", "/artwork/{worksheet}/{version}/{page}", Right('s', 200)),
    // Last: it ends the session.
    ("post", "/logout", Session(303)),
];

/// A class of each kind, by its number: 1 and 2 in grade 3 and 4 in grade 4 of one school, 5 in
/// grade 3 of another school of the district, 6 in grade 3 of a school elsewhere, and 7, which is
/// made up. Class n has the assignment `b-n` (1 has `a-1`), the pupil `p-n` (2 has `p-22`) and version
/// 10 + n of the worksheet.
const OBJECTS: [u32; 6] = [1, 2, 4, 5, 6, 7];

/// Who asks, and their rights over each of [`OBJECTS`].
fn roles() -> Vec<(&'static str, Vec<Role>, [&'static str; 6])> {
    let class = |id: &str| ClassId::new(id).unwrap();
    let school = |id: &str| SchoolId::new(id).unwrap();
    let grade = |grade| Grade::new(grade).unwrap();
    let teacher = |id| Role::Teacher { class: class(id), subject: None };
    let subject = Some(SubjectId::new("english").unwrap());
    let english = Role::Teacher { class: class("c-1"), subject };
    vec![
        ("nothing", vec![], ["", "", "", "", "", ""]),
        ("teacher", vec![teacher("c-1")], ["sdkgac", "", "", "", "", ""]),
        ("of-two", vec![teacher("c-1"), teacher("c-4")], ["sdkgac", "", "sdkgac", "", "", ""]),
        ("of-english", vec![english], ["sdkga", "", "", "", "", ""]),
        (
            "class-teacher",
            vec![Role::ClassTeacher { class: class("c-2") }],
            ["", "sdkga", "", "", "", ""],
        ),
        ("marker", vec![Role::Marker { class: class("c-1") }], ["sd", "", "", "", "", ""]),
        (
            "head-of-year",
            vec![Role::HeadOfYear { school: school("s"), grade: grade(3) }],
            ["sk", "sk", "", "", "", ""],
        ),
        ("head", vec![Role::Head { school: school("s") }], ["sk", "sk", "sk", "", "", ""]),
        (
            "district",
            vec![Role::District { district: DistrictId::new("d").unwrap() }],
            ["s", "s", "s", "s", "", ""],
        ),
        (
            "administrator",
            vec![Role::Administrator { school: school("s") }],
            ["o", "o", "o", "", "", ""],
        ),
    ]
}

/// The school with every object of [`OBJECTS`] but the last.
async fn district() -> School {
    let school = School::new().await;
    let store = &school.store;
    for (id, district) in [("s", Some("d")), ("s-5", Some("d")), ("s-6", None)] {
        store.insert_school(sample_school::school(id, district)).await.unwrap();
    }
    for (n, of, grade) in [(1, "s", 3), (2, "s", 3), (4, "s", 4), (5, "s-5", 3), (6, "s-6", 3)] {
        let class_id = format!("c-{n}");
        store.insert_class(class(&class_id, of, grade)).await.unwrap();
        let number = if n == 2 { 22 } else { n };
        let row = PupilRow { school: of.into(), number: 30, ..pupil(&class_id, number) };
        let owner = row.id.clone();
        store.insert_pupils(vec![row]).await.unwrap();
        let sheet = MIXED.replacen("version = 1", &format!("version = {}", 10 + n), 1);
        let new = NewWorksheet {
            school: of.into(),
            toml: sheet,
            artwork: artwork(),
            sources: vec![("worksheet.txt".into(), b"text".into())],
            staff: None,
            at_ms: 0,
        };
        store.put_worksheet(new).await.unwrap();
        let (id, run_id) =
            (WorksheetId { id: "mixed".into(), version: 10 + n }, format!("run-{n}"));
        let run = PrintRun { worksheet: id, ..run(&run_id, 1_000 * n, Copies::PerCopy(1)) };
        store.insert_print_run(of, run, vec![owner]).await.unwrap();
        let given = AssignmentRow {
            school: of.into(),
            ..assignment(&format!("b-{n}"), &class_id, &run_id)
        };
        store.insert_assignment(given).await.unwrap();
        super::drawings::put(&school, of, &format!("d-{n}")).await;
    }
    school
}

/// Somebody new with these roles for a time, in a browser.
async fn enter(school: &School, id: &str, roles: &[Role], period: Period) -> Browser {
    school.store.insert_staff(staff(id)).await.unwrap();
    let grants = roles.iter().map(|role| holds(id, role.clone(), period));
    school.store.insert_grants(grants.collect()).await.unwrap();
    school.logged_in(id).await
}

fn path(route: &str, n: u32) -> String {
    let (assignment, pupil) = match n {
        1 => ("a-1".to_owned(), "p-1".to_owned()),
        2 => ("b-2".to_owned(), "p-22".to_owned()),
        _ => (format!("b-{n}"), format!("p-{n}")),
    };
    let school = if [1, 2, 4].contains(&n) { "s".to_owned() } else { format!("s-{n}") };
    let path = route
        .replace("{school}", &school)
        .replace("{class}", &format!("c-{n}"))
        .replace("{assignment}", &assignment)
        .replace("{pupil}", &pupil)
        .replace("{question}", "q1")
        .replace("{worksheet}/{version}/{page}", &format!("mixed/{}/1.svg", 10 + n))
        .replace("{worksheet}/{version}", &format!("mixed/{}", 10 + n))
        .replace("{run}", &format!("run-{n}"))
        .replace("{drawing}/{page}", &format!("d-{n}/1.svg"))
        .replace("{drawing}", &format!("d-{n}"))
        .replace("{page}", "1")
        .replace("{token}", "0123")
        .replace("{build}/{file}", "x/nothing");
    // One class's events are an object of their own.
    if path == "/events" { format!("/events?class=c-{n}") } else { path }
}

/// Whether a route is about a class or what belongs to one.
fn names_object(route: &str) -> bool {
    let named = ["{school}", "{class}", "{assignment}", "{pupil}", "{worksheet}", "/events"];
    named.iter().any(|named| route.contains(named))
}

/// The status; bodies are not read, since streams of events never end.
async fn status(browser: &mut Browser, method: &str, path: &str) -> u16 {
    let method: Method = method.to_uppercase().parse().unwrap();
    let form = "question=q1&locale=zh&login=nobody&password=x";
    browser.call(method, path, form, &[]).await.status().as_u16()
}

#[test]
fn no_route_is_without_a_row() {
    let rows: BTreeSet<(&str, &str)> = ROUTES.iter().map(|(m, path, _)| (*m, *path)).collect();
    let all: Vec<(&str, &str)> = [OPEN, GUARDED, WATCHED, ASSETS].concat();
    assert_eq!(all.iter().copied().collect::<BTreeSet<_>>(), rows);
    assert_eq!(all.len(), ROUTES.len());
    // A route that names an object asks for a right over it; the events of all classes name none.
    for (method, path, asks) in ROUTES {
        let right = matches!(asks, Right(..)) || *path == "/events";
        assert_eq!(right, names_object(path), "{method} {path}");
    }
    // And no route is served that its lists do not name.
    let router = include_str!("../../router.rs");
    for (part, times) in [(".route(", 1), (".merge(", 3), (".nest(", 0), ("_service(", 0)] {
        assert_eq!(router.matches(part).count(), times, "{part}");
    }
}

/// The first page names every class that may be seen, and no other.
#[tokio::test]
async fn the_first_page_shows_the_classes_of_a_role_alone() {
    let school = district().await;
    for (id, roles, rights) in roles() {
        let mut browser = enter(&school, id, &roles, Period::from(0)).await;
        let page = browser.get("/").await.body;
        for (n, rights) in OBJECTS.into_iter().zip(rights) {
            let seen = rights.contains('s');
            let assignment = path("/a/{assignment}", n);
            assert_eq!(page.contains(&format!("\"/c/c-{n}\"")), seen, "{id} {n}: {page}");
            assert_eq!(page.contains(&format!("\"{assignment}\"")), seen, "{id} {n}: {page}");
        }
    }
}

/// What a route answers to somebody with `rights` over the object.
fn expected(path: &str, asks: &Asks, rights: &str) -> u16 {
    match *asks {
        Right(letter, status) => {
            let held = match letter {
                'p' | 'w' => rights.contains(['a', 'o']),
                letter => rights.contains(letter),
            };
            if held { status } else { 404 }
        }
        Session(_) if path.contains('?') && !rights.contains('s') => 404,
        Session(status) | Nothing(status) => status,
    }
}

/// The rights over any class of the school of an object.
fn of_school(n: u32, rights: &[&str; 6]) -> String {
    let same = |other: &u32| *other == n || [1, 2, 4].contains(&n) && [1, 2, 4].contains(other);
    OBJECTS.iter().zip(rights).filter(|(other, _)| same(other)).map(|(_, held)| *held).collect()
}

#[tokio::test]
async fn every_role_gets_from_every_route_what_the_table_says() {
    let school = district().await;
    let mut asked = 0;
    for ((id, roles, all), client) in roles().into_iter().zip(1..) {
        let mut browser = enter(&school, id, &roles, Period::from(0)).await;
        // Failed logins from one address are limited.
        browser.client = [10, 0, 1, client];
        for (method, route, asks) in ROUTES {
            for (n, rights) in OBJECTS.into_iter().zip(all) {
                let path = path(route, n);
                // A route that is about no object is asked once.
                if !names_object(route) && n != OBJECTS[0] {
                    continue;
                }
                let status = status(&mut browser, method, &path).await;
                let said = match asks {
                    Right('w', _) => expected(&path, asks, &of_school(n, &all)),
                    _ => expected(&path, asks, rights),
                };
                assert_eq!(status, said, "{id}, {rights:?}: {method} {path}");
                asked += 1;
            }
        }
    }
    println!("{asked} answers");
    assert_eq!(asked, 10 * (75 * 6 + 23));
}
