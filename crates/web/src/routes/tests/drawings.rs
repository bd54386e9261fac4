use axum::http::{Method, StatusCode};
use school::{Grant, Period, Role, SchoolId, Scope, StaffId};
use store::{DrawingPage, NewDrawing};

use crate::school::{Answer, Browser, School};

const LIST: &str = "/school/s/worksheets/pdf";

/// A page of A4 with one box, 60 mm from the left and 19 mm from the top, 30 by 12 mm.
const PDF: &str = "%PDF-1.4\n\
    1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n\
    2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj\n\
    3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 595.276 841.89] /Contents 4 0 R>> endobj\n\
    4 0 obj <</Length 40>> stream\n\
    170.079 754.016 85.039 34.016 re S\n     \n\
    endstream endobj\n\
    trailer <</Root 1 0 R>>\n";

/// Puts a draft of one page into a school.
pub(super) async fn put(school: &School, of: &str, id: &str) {
    let staff = StaffId::new("t-wang").unwrap();
    let role = Role::Administrator { school: SchoolId::new(of).unwrap() };
    let grant = Grant { staff: staff.clone(), role, period: Period::from(0) };
    let scope = Scope::of(staff, &[grant], 1);
    let own = school.store.worksheet_school(&scope, of).await.unwrap().unwrap();
    let page = DrawingPage {
        width_um: 210_000,
        height_um: 297_000,
        svg: "<svg xmlns=\"http://www.w3.org/2000/svg\"/>".into(),
        found: "{\"spots\":[],\"notes\":[]}".into(),
    };
    let new = NewDrawing {
        id: id.into(),
        staff: "t-wang".into(),
        title: "单元练习".into(),
        content: "{\"title\":\"\",\"grade\":\"\",\"subject\":\"math\",\"fields\":[]}".into(),
        worksheet: format!("pdf-{id}"),
        pages: vec![page],
        at_ms: 1,
    };
    assert!(school.store.begin_drawing(&own, new).await.unwrap());
}

async fn upload(browser: &mut Browser, name: &str, file: &str) -> Answer {
    let body = format!(
        "--line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/pdf\r\n\r\n{file}\r\n--line--\r\n"
    );
    let kind = [("content-type", "multipart/form-data; boundary=line")];
    browser.send(Method::POST, LIST, &body, &kind).await
}

/// The address of a new draft of [`PDF`].
async fn draft(browser: &mut Browser) -> String {
    let answer = upload(browser, "单元 练习.pdf", PDF).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header("location").to_owned()
}

/// A form with one field over the box.
fn form(revision: u32, key: &str, more: &str) -> String {
    format!(
        "revision={revision}&title=单元练习&grade=3&subject=math&number=1&kind=whole&key={key}&options=\
         &points=2&point=math.count.to-20&page=1&x=60&y=19&width=30&height=12&bracket={more}"
    )
}

#[tokio::test]
async fn a_pdf_becomes_a_worksheet_and_a_changed_one_a_new_version() {
    let school = School::new().await;
    let mut teacher = school.logged_in("t-wang").await;
    let path = draft(&mut teacher).await;
    let page = teacher.get(&path).await.body;
    assert!(page.contains("value=\"单元 练习\""), "the file's name is the title: {page}");
    assert!(
        page.contains("class=\"spot box\" x=\"60\" y=\"19\" width=\"30\" height=\"12\""),
        "{page}"
    );
    let artwork = teacher.get(&format!("{path}/1.svg")).await;
    assert_eq!(artwork.header("content-type"), "image/svg+xml");
    assert!(artwork.header("content-security-policy").contains("sandbox"));
    assert!(artwork.body.contains("<path"), "{}", artwork.body);
    assert_eq!(teacher.get(&format!("{path}/2.svg")).await.status, 404);

    // What is typed stays, sound or not.
    let kept = teacher.post(&path, &form(1, "3.5", "&do=save")).await;
    assert_eq!(kept.status, 303, "{}", kept.body);
    let page = teacher.get(&path).await.body;
    assert!(page.contains("value=\"3.5\"") && page.contains("应是一个整数"), "{page}");
    let refused = teacher.post(&path, &form(2, "3.5", "&do=make")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("value=\"3.5\""));

    let made = teacher.post(&path, &form(3, "7", "&do=make")).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert!(made.body.contains("第 1 版"), "{}", made.body);
    let id = path.rsplit('/').next().unwrap();
    let sheet = school.store.load_worksheet(&format!("pdf-{id}"), 1).await.unwrap();
    assert_eq!(sheet.parts().map(|of| of.answer().unwrap()).collect::<Vec<_>>(), ["7"]);
    assert_eq!(sheet.pages[0].artwork, artwork.body);

    let again = teacher.post(&path, &form(4, "7", "&do=make")).await;
    assert!(again.body.contains("和第 1 版一样"), "{}", again.body);
    let moved = form(5, "7", "&do=make").replace("x=60", "x=70");
    let moved = teacher.post(&path, &moved).await;
    assert!(moved.body.contains("第 2 版") && moved.body.contains("移动了"), "{}", moved.body);
    assert!(teacher.get(LIST).await.body.contains("已存为第 2 版"));
}

/// Two windows: the second is told, keeps what was typed in it, and may put it in the other's place.
#[tokio::test]
async fn another_windows_words_are_not_written_over_unseen() {
    let school = School::new().await;
    let mut teacher = school.logged_in("t-wang").await;
    let path = draft(&mut teacher).await;
    assert_eq!(teacher.post(&path, &form(1, "7", "")).await.status, 303);
    let json = [("accept", "application/json")];
    let late = teacher.send(Method::POST, &path, &form(1, "8", ""), &json).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("\"revision\":null"), "{}", late.body);
    let late = teacher.post(&path, &form(1, "8", "")).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.body.contains("value=\"8\"") && late.body.contains("name=\"revision\" value=\"2\"")
    );
    let saved = teacher.send(Method::POST, &path, &form(2, "", ""), &json).await;
    assert_eq!(saved.status, 200);
    assert!(
        saved.body.contains("\"revision\":3") && saved.body.contains("缺少答案"),
        "{}",
        saved.body
    );
}

#[tokio::test]
async fn rows_are_added_and_removed_without_script_and_a_draft_deleted() {
    let school = School::new().await;
    let mut teacher = school.logged_in("t-wang").await;
    let path = draft(&mut teacher).await;
    let added = teacher.post(&path, &form(1, "7", "&do=add")).await;
    assert_eq!(added.header("location"), format!("{path}#field-1"));
    assert_eq!(
        teacher.get(&path).await.body.matches("name=\"number\"").count(),
        3,
        "and the template"
    );
    let two = form(2, "7", "") + "&number=2&kind=free";
    assert_eq!(teacher.post(&path, &(two + "&remove=0")).await.status, 303);
    let page = teacher.get(&path).await.body;
    assert!(
        page.contains("name=\"number\" value=\"2\"")
            && !page.contains("name=\"number\" value=\"1\"")
    );
    let gone = teacher.post(&path, &form(3, "7", "&do=drop")).await;
    assert_eq!(gone.header("location"), LIST);
    assert_eq!(teacher.get(&path).await.status, 404);
}

#[tokio::test]
async fn what_is_no_pdf_is_refused_with_words_and_stored_nowhere() {
    let school = School::new().await;
    let mut teacher = school.logged_in("t-wang").await;
    let before = school.store.outbox_last().await.unwrap();
    for (file, said) in [("", "没有选文件"), ("PK\u{3}\u{4}", "不是能读的 PDF")] {
        let answer = upload(&mut teacher, "x.pdf", file).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains(said), "{}", answer.body);
        assert!(!answer.body.contains("drafts-"));
    }
    let large = "x".repeat((20 << 20) + (80 << 10));
    let answer = upload(&mut teacher, "x.pdf", &large).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("最多 20 MB"), "{}", answer.body);
    assert_eq!(school.store.outbox_last().await.unwrap(), before);
}

/// Failure: a draft keeps a key that was corrected in the worksheet made of it, and nobody is told.
#[tokio::test]
async fn a_draft_tells_of_keys_that_were_corrected_since() {
    let school = School::new().await;
    let mut teacher = school.logged_in("t-wang").await;
    let path = draft(&mut teacher).await;
    let made = teacher.post(&path, &form(1, "7", "&do=make")).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let id = made.body.split("/school/s/sheet/").nth(1).expect("a worksheet");
    let id = id.split('/').next().unwrap();
    let run = worksheet::PrintRun {
        worksheet: worksheet::WorksheetId { id: id.into(), version: 1 },
        pages: 1,
        ..sample_school::run("r-pdf", 5_000, worksheet::Copies::Shared)
    };
    school.store.insert_print_run("s", run, Vec::new()).await.unwrap();
    let given = sample_school::assignment("a-pdf", "c-1", "r-pdf");
    school.store.insert_assignment(given).await.unwrap();
    assert!(!teacher.get(&path).await.body.contains("在批改时更正成了"));
    let page = teacher.get("/a/a-pdf").await.body;
    let question = page.split("/a/a-pdf/q/").nth(1).expect("a question").split('"').next().unwrap();
    let key = format!("/a/a-pdf/q/{question}/key");
    let page = teacher.get(&format!("{key}?answer=8")).await.body;
    let field = |name: &str| {
        let value = page.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("a field");
        value.split('"').next().unwrap().to_owned()
    };
    let sent = format!("part={}&answer=8&seen={}", field("part"), field("seen"));
    assert_eq!(teacher.post(&key, &sent).await.status, StatusCode::SEE_OTHER);
    let told = "在批改时更正成了“8”，这份草稿里还是“7”";
    let page = teacher.get(&path).await.body;
    assert!(page.contains(told), "{page}");
    let revision =
        page.split("name=\"revision\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let made = teacher.post(&path, &form(revision.parse().unwrap(), "8", "&do=make")).await;
    assert!(!made.body.contains(told), "{}", made.body);
}
